// What the verifier says: nineteen lines and a verdict over them (docs/OUTCOME-FORMAT.md §8).
// `hejie verify` says the same for the same bundle; tests/vectors hold both to it.

export const LINES = [
  "form",
  "issuer",
  "signature:consumer",
  "signature:merchant",
  "signature:mediator",
  "signature:server",
  "roles",
  "over",
  "disclosures",
  "opening",
  "inclusion",
  "log",
  "witnesses",
  "keys",
  "anchor",
  "journal",
  "times",
  "prev",
  "erasure",
] as const;

export type LineId = (typeof LINES)[number];
export type Status = "ok" | "failed" | "absent" | "unchecked";

export interface Line {
  id: LineId;
  status: Status;
  reason: string;
}

export type Verdict = "valid" | "invalid" | "unpinned" | "erased";

export interface Verification {
  verdict: Verdict;
  lines: Line[];
}

/** A line without its name, as the checks give it. */
export type Finding = Pick<Line, "status" | "reason">;

export const ok = (reason: string): Finding => ({ status: "ok", reason });
export const failed = (reason: string): Finding => ({ status: "failed", reason });
export const absent = (reason: string): Finding => ({ status: "absent", reason });
export const unchecked = (reason: string): Finding => ({ status: "unchecked", reason });

export function verdict(lines: Line[], pinned: boolean, erased: boolean): Verdict {
  if (lines.some((line) => line.status === "failed")) return "invalid";
  if (!pinned) return "unpinned";
  return erased ? "erased" : "valid";
}
