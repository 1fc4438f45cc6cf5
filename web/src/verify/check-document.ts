// The lines about the document itself: disclosures, journal, times, earlier versions.
import { type Disclosure, NAMES, openDisclosure } from "../crypto/disclosure.ts";
import { sha256Text } from "../crypto/hash.ts";
import type { Payload } from "../crypto/payload.ts";
import type { Bundle, Outcome } from "./bundle.ts";
import { people, servers } from "./check-signatures.ts";
import { absent, type Finding, failed, ok, unchecked } from "./verdict.ts";

/** Each object of the payload that carries digests, with the names that may stand there. */
function places(payload: Payload): { digests: string[]; names: readonly string[] }[] {
  return [
    { digests: payload._sd, names: NAMES.payload },
    ...payload.parties.map(({ _sd }) => ({ digests: _sd, names: NAMES.party })),
    ...payload.terms.map(({ _sd }) => ({ digests: _sd, names: NAMES.term })),
  ];
}

export async function disclosuresLine(outcome: Outcome, view: Bundle["view"]): Promise<Finding> {
  const all = places(outcome.payload);
  const digests = all.flatMap((place) => place.digests);
  if (new Set(digests).size !== digests.length) return failed("digest_doubled");
  const opened = new Set<string>();
  const named = all.map(() => new Set<string>());
  for (const encoded of outcome.disclosures) {
    const one = await openDisclosure(encoded).catch((): Disclosure | null => null);
    if (!one) return failed("disclosure_malformed");
    if (opened.has(one.digest)) return failed("disclosure_doubled");
    const at = all.findIndex((place) => place.digests.includes(one.digest));
    if (at < 0) return failed("disclosure_forged");
    if (!all[at]?.names.includes(one.name)) return failed("disclosure_misplaced");
    if (named[at]?.has(one.name)) return failed("disclosure_doubled");
    named[at]?.add(one.name);
    opened.add(one.digest);
  }
  if (opened.size === digests.length) return ok("complete");
  return view === "redacted" ? ok("redacted") : failed("undisclosed");
}

export function journalLine(outcome: Outcome): Finding {
  const drawn = outcome.payload.journal;
  const seen = people(outcome).map(({ header }) => header.jh);
  const sealed = servers(outcome).map(({ header }) => header.jh);
  const backwards =
    seen.some((head) => head.size < drawn.size) ||
    sealed.some((head) => seen.some((before) => head.size < before.size));
  if (backwards) return failed("journal_backwards");
  const roots = new Map<number, string>();
  for (const { size, root } of [drawn, ...seen, ...sealed]) {
    if ((roots.get(size) ?? root) !== root) return failed("journal_differs");
    roots.set(size, root);
  }
  return ok("consistent");
}

const DAY = 86_400;
const SKEW = 600;

/** `cosigned`: the times of valid cosignatures by the policy's witnesses, seconds since 1970. */
export function timesLine(outcome: Outcome, cosigned: number[]): Finding {
  const [server] = servers(outcome);
  if (!server) return absent("signature_absent");
  const { iat } = server.header;
  const early = people(outcome).some(({ header }) => header.iat < iat - DAY || header.iat > iat + SKEW);
  if (early) return failed("iat_out_of_window");
  if (cosigned.some((at) => at < iat - SKEW)) return failed("cosigned_before_signing");
  return ok("plausible");
}

export async function prevLine(outcome: Outcome, previous: Bundle["previous"]): Promise<Finding> {
  let at = outcome.payload;
  for (const { bytes, payload } of previous) {
    const fits =
      at.ver > 1 &&
      at.prev === (await sha256Text(bytes)) &&
      payload.oid === at.oid &&
      payload.ver === at.ver - 1;
    if (!fits) return failed("prev_mismatch");
    at = payload;
  }
  if ((at.ver === 1) !== (at.prev === null)) return failed("prev_mismatch");
  if (at.ver > 1) return unchecked("previous_not_given");
  return ok(previous.length === 0 ? "first" : "chained");
}
