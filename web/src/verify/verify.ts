// The verifier: a bundle and a policy in, nineteen lines and a verdict out. WebCrypto alone; no server
// is asked. `hejie verify` must say the same (tests/vectors).
import type { Bundle } from "./bundle.ts";
import { FormError, readBundle } from "./bundle.ts";
import { disclosuresLine, journalLine, prevLine, timesLine } from "./check-document.ts";
import {
  anchorLine,
  cosignatures,
  erasureLine,
  inclusionLine,
  keysLine,
  logLine,
  openingLine,
  witnessesLine,
} from "./check-log.ts";
import { overLine, personLine, rolesLine, serverLine } from "./check-signatures.ts";
import type { Policy } from "./policy.ts";
import {
  absent,
  type Finding,
  failed,
  LINES,
  type Line,
  type LineId,
  ok,
  unchecked,
  type Verification,
  verdict,
} from "./verdict.ts";

/** `bundle` is null where the file is none. */
export interface Verified extends Verification {
  bundle: Bundle | null;
}

export async function verify(file: Uint8Array, policy: Policy | null): Promise<Verified> {
  let bundle: Bundle;
  try {
    bundle = readBundle(file);
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    const lines = LINES.map((id): Line => {
      return { id, ...(id === "form" ? failed(error.reason) : unchecked("not_reached")) };
    });
    return { verdict: "invalid", lines, bundle: null };
  }
  const findings = await (bundle.outcome ? document(bundle, policy) : erased(bundle, policy));
  const lines = LINES.map((id): Line => ({ id, ...findings[id] }));
  return { verdict: verdict(lines, policy !== null, bundle.view === "erased"), lines, bundle };
}

type Findings = Record<LineId, Finding>;

async function document(bundle: Bundle, policy: Policy | null): Promise<Findings> {
  const { outcome } = bundle;
  if (!outcome) throw new Error("an erased bundle has no document");
  const cosigned = policy ? (await cosignatures(bundle, policy)).times : [];
  return {
    form: ok("well_formed"),
    issuer: issuerLine(outcome.payload.iss, policy),
    "signature:consumer": await personLine(outcome, "consumer"),
    "signature:merchant": await personLine(outcome, "merchant"),
    "signature:mediator": await personLine(outcome, "mediator"),
    "signature:server": await serverLine(outcome, bundle.manifests),
    roles: rolesLine(outcome),
    over: await overLine(outcome),
    disclosures: await disclosuresLine(outcome, bundle.view),
    opening: await openingLine(outcome, bundle.leaf),
    ...(await logged(bundle, policy)),
    keys: await keysLine(bundle, outcome, policy),
    anchor: await anchorLine(bundle, outcome),
    journal: journalLine(outcome),
    times: timesLine(outcome, cosigned),
    prev: await prevLine(outcome, bundle.previous),
  };
}

async function erased(bundle: Bundle, policy: Policy | null): Promise<Findings> {
  const gone = absent("erased");
  return {
    form: ok("well_formed"),
    issuer: unchecked(policy ? "erased" : "no_policy"),
    "signature:consumer": gone,
    "signature:merchant": gone,
    "signature:mediator": gone,
    "signature:server": gone,
    roles: gone,
    over: gone,
    disclosures: gone,
    opening: gone,
    ...(await logged(bundle, policy)),
    keys: gone,
    anchor: gone,
    journal: gone,
    times: gone,
    prev: gone,
  };
}

/** The lines that an erased bundle has too. */
async function logged(bundle: Bundle, policy: Policy | null) {
  return {
    inclusion: await inclusionLine(bundle),
    log: await logLine(bundle, policy),
    witnesses: await witnessesLine(bundle, policy),
    erasure: await erasureLine(bundle),
  };
}

function issuerLine(issuer: string, policy: Policy | null): Finding {
  if (!policy) return unchecked("no_policy");
  return issuer === policy.issuer ? ok("pinned") : failed("issuer_differs");
}
