// The lines in words. A reason that means something else on another line has words of its own there.
import { t } from "../i18n";
import type { Line, LineId } from "./verdict.ts";

/** The lines as a reader asks: who signed, is it in the log, whose is it, does it fit together. */
export const GROUPS: readonly { name: "signed" | "logged" | "issued" | "fits"; lines: readonly LineId[] }[] =
  [
    {
      name: "signed",
      lines: [
        "signature:consumer",
        "signature:merchant",
        "signature:mediator",
        "signature:server",
        "roles",
        "over",
        "disclosures",
      ],
    },
    { name: "logged", lines: ["opening", "inclusion", "log", "witnesses", "anchor"] },
    { name: "issued", lines: ["issuer", "keys"] },
    { name: "fits", lines: ["form", "journal", "times", "prev", "erasure"] },
  ];

export function lineTitle(id: LineId): string {
  return t(`verify-line-${id.replace(":", "-")}`);
}

/** Reasons whose meaning depends on the line. */
const OWN = [
  "roles-complete",
  "anchor-consistent",
  "over-signature-absent",
  "keys-signature-absent",
  "times-signature-absent",
];

export function reasonText({ id, reason }: Pick<Line, "id" | "reason">): string {
  return t(reasonKey(id, reason));
}

/** The catalogue's key; exported for the test that every reason has words. */
export function reasonKey(id: LineId, reason: string): string {
  const plain = reason.replace(/_/g, "-");
  const own = `${id}-${plain}`;
  return OWN.includes(own) ? `verify-reason-${own}` : `verify-reason-${plain}`;
}
