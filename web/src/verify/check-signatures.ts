// The lines about who signed: each role's signature, the required roles, the server's `over`.
import type { SignerRole } from "../crypto/payload.ts";
import { thumbprint } from "../crypto/thumbprint.ts";
import type { Outcome, Signature } from "./bundle.ts";
import { OUTCOME_TYP, overDigest, type PersonHeader, type ServerHeader, verifies } from "./jws.ts";
import type { Manifest, ServerKey } from "./manifest.ts";
import { absent, type Finding, failed, ok } from "./verdict.ts";

type PersonSignature = Signature & { header: PersonHeader };
type ServerSignature = Signature & { header: ServerHeader };

export const people = (outcome: Outcome) =>
  outcome.signatures.filter((one): one is PersonSignature => one.header.role !== "server");
export const servers = (outcome: Outcome) =>
  outcome.signatures.filter((one): one is ServerSignature => one.header.role === "server");

export async function personLine(outcome: Outcome, role: SignerRole): Promise<Finding> {
  const found = people(outcome).filter((one) => one.header.role === role);
  if (found.length === 0) {
    const optional = role === "mediator" && outcome.payload.mode === "direct";
    return absent(optional ? "not_required" : "signature_absent");
  }
  return worst(await Promise.all(found.map((one) => personFault(outcome, one))), [
    "alg_not_allowed",
    "typ_wrong",
    "kid_mismatch",
    "signature_invalid",
  ]);
}

async function personFault(outcome: Outcome, one: PersonSignature): Promise<string | null> {
  const { header } = one;
  if (header.alg !== "ES256") return "alg_not_allowed";
  if (header.typ !== OUTCOME_TYP) return "typ_wrong";
  if ((await thumbprint(header.jwk)) !== header.kid) return "kid_mismatch";
  return (await verifies(one, outcome.encoded, header.jwk)) ? null : "signature_invalid";
}

export async function serverLine(outcome: Outcome, manifests: Manifest[]): Promise<Finding> {
  const found = servers(outcome);
  if (found.length === 0) return absent("signature_absent");
  return worst(await Promise.all(found.map((one) => serverFault(outcome, one, manifests))), [
    "alg_not_allowed",
    "typ_wrong",
    "server_key_unknown",
    "signature_invalid",
  ]);
}

async function serverFault(
  outcome: Outcome,
  one: ServerSignature,
  manifests: Manifest[],
): Promise<string | null> {
  if (one.header.alg !== "ES256") return "alg_not_allowed";
  if (one.header.typ !== OUTCOME_TYP) return "typ_wrong";
  const [listed] = listings(one.header.kid, manifests);
  if (!listed) return "server_key_unknown";
  return (await verifies(one, outcome.encoded, listed.key.jwk)) ? null : "signature_invalid";
}

/** Where the manifests list this key, from the first manifest on. */
export function listings(kid: string, manifests: Manifest[]): { manifest: Manifest; key: ServerKey }[] {
  return manifests.flatMap((manifest) =>
    manifest.keys.filter((key) => key.kid === kid).map((key) => ({ manifest, key })),
  );
}

/** The first reason of the list that some signature gives; verified if none does. */
function worst(faults: (string | null)[], order: string[]): Finding {
  const first = order.find((reason) => faults.includes(reason));
  return first === undefined ? ok("verified") : failed(first);
}

export function rolesLine(outcome: Outcome): Finding {
  const { parties, mode } = outcome.payload;
  const signers = people(outcome).map(({ header }) => header);
  const kids = outcome.signatures.map(({ header }) => header.kid);
  const jkts = parties.map(({ jkt }) => jkt);
  if (doubled(kids) || doubled(jkts) || servers(outcome).length > 1) return failed("role_doubled");
  if (signers.some(({ kid }) => !jkts.includes(kid))) return failed("signer_unlisted");
  const listed = ({ kid, role }: PersonHeader) => parties.some((p) => p.jkt === kid && p.role === role);
  if (!signers.every(listed)) return failed("role_swapped");
  const required: SignerRole[] =
    mode === "mediated" ? ["consumer", "merchant", "mediator"] : ["consumer", "merchant"];
  const missing =
    jkts.some((jkt) => !signers.some(({ kid }) => kid === jkt)) ||
    required.some((role) => !parties.some((party) => party.role === role)) ||
    servers(outcome).length === 0;
  return missing ? failed("role_missing") : ok("complete");
}

function doubled(items: string[]): boolean {
  return new Set(items).size !== items.length;
}

export async function overLine(outcome: Outcome): Promise<Finding> {
  const found = servers(outcome);
  if (found.length === 0) return absent("signature_absent");
  const expected = (await Promise.all(people(outcome).map(overDigest))).join();
  return found.every(({ header }) => header.over.join() === expected)
    ? ok("covers_all")
    : failed("over_mismatch");
}
