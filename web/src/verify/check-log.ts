// The lines about the public log: opening, inclusion, the log's signature, witnesses, key manifests,
// anchor, erasure.
import { type Bytes, decode } from "../crypto/base64url.ts";
import { sha256Text } from "../crypto/hash.ts";
import { thumbprint } from "../crypto/thumbprint.ts";
import type { Bundle, Outcome } from "./bundle.ts";
import { listings, servers } from "./check-signatures.ts";
import { committedBytes, KEYS_TYP, verifies } from "./jws.ts";
import { type Leaf, opens } from "./leaf.ts";
import type { Manifest } from "./manifest.ts";
import { grewFrom, includes, leafHash } from "./merkle.ts";
import { cosignedAt, linesOf, logSigned, type Proof } from "./note.ts";
import type { Policy } from "./policy.ts";
import { absent, type Finding, failed, ok, unchecked } from "./verdict.ts";

export async function openingLine(outcome: Outcome, leaf: Leaf): Promise<Finding> {
  if (leaf.t !== "outcome") return failed("leaf_type");
  const bytes = committedBytes(outcome.encoded, outcome.signatures);
  return (await opens(leaf, outcome.salt, bytes)) ? ok("opened") : failed("opening_mismatch");
}

export async function inclusionLine(bundle: Bundle): Promise<Finding> {
  const { body } = bundle.proof.checkpoint;
  const others = [...bundle.manifests, ...(bundle.erasure ? [bundle.erasure] : [])];
  if (others.some(({ proof }) => proof.checkpoint.body !== body)) return failed("checkpoint_differs");
  return (await included(bundle.leaf, bundle.proof)) ? ok("included") : failed("inclusion_failed");
}

async function included(leaf: Leaf, { index, path, checkpoint }: Proof): Promise<boolean> {
  return includes(await leafHash(leaf.bytes), index, checkpoint.size, path, checkpoint.root);
}

export async function logLine({ proof: { checkpoint } }: Bundle, policy: Policy | null): Promise<Finding> {
  if (!policy) return unchecked("no_policy");
  if (checkpoint.origin !== policy.log.name) return failed("log_origin");
  const lines = linesOf(checkpoint, policy.log);
  if (lines.length === 0) return failed("log_signature_missing");
  for (const line of lines) {
    if (!(await logSigned(checkpoint, policy.log, line))) return failed("log_signature_invalid");
  }
  return ok("signed");
}

/** Valid cosignatures by the policy's witnesses; `broken` if one of theirs does not verify. */
export async function cosignatures(
  { proof: { checkpoint } }: Bundle,
  policy: Policy,
): Promise<{ times: number[]; witnesses: number; broken: boolean }> {
  const found = { times: [] as number[], witnesses: 0, broken: false };
  for (const witness of policy.witnesses) {
    const times = await Promise.all(
      linesOf(checkpoint, witness).map((line) => cosignedAt(checkpoint, witness, line)),
    );
    const valid = times.filter((at): at is number => at !== null);
    found.broken ||= valid.length < times.length;
    if (valid.length > 0) found.witnesses += 1;
    found.times.push(...valid);
  }
  return found;
}

export async function witnessesLine(bundle: Bundle, policy: Policy | null): Promise<Finding> {
  if (!policy) return unchecked("no_policy");
  const { witnesses, broken } = await cosignatures(bundle, policy);
  if (broken) return failed("cosignature_invalid");
  if (policy.quorum === 0) return ok("none_required");
  return witnesses >= policy.quorum ? ok("quorum") : failed("quorum_missing");
}

export async function keysLine(bundle: Bundle, outcome: Outcome, policy: Policy | null): Promise<Finding> {
  if (bundle.manifests.length === 0) return failed("manifest_missing");
  let before: Manifest | null = null;
  for (const manifest of bundle.manifests) {
    const fault = await manifestFault(manifest, before, outcome, policy);
    if (fault) return failed(fault);
    before = manifest;
  }
  const [server] = servers(outcome);
  if (!server) return absent("signature_absent");
  const { kid, iat } = server.header;
  const listed = listings(kid, bundle.manifests);
  const [first] = listed;
  if (!first) return failed("server_key_unknown");
  if (iat < first.key.from) return failed("key_not_yet_valid");
  if (first.manifest.proof.index >= outcome.payload.anchor.size) return failed("key_after_anchor");
  if (listed.some(({ key }) => key.until !== null && iat >= key.until)) return failed("key_expired");
  return ok("listed");
}

async function manifestFault(
  manifest: Manifest,
  before: Manifest | null,
  outcome: Outcome,
  policy: Policy | null,
): Promise<string | null> {
  const bytes = committedBytes(manifest.encoded, manifest.signatures);
  const opened = manifest.leaf.t === "key" && (await opens(manifest.leaf, manifest.salt, bytes));
  if (!opened) return "manifest_opening";
  if (!(await included(manifest.leaf, manifest.proof))) return "manifest_inclusion";
  if (manifest.iss !== outcome.payload.iss) return "manifest_issuer";
  if (policy && manifest.log !== policy.logText) return "manifest_log";
  if (!(await follows(manifest, before))) return "manifest_chain";
  return (await manifestSigned(manifest, before)) ? null : "manifest_signature";
}

async function follows(manifest: Manifest, before: Manifest | null): Promise<boolean> {
  for (const key of manifest.keys) if ((await thumbprint(key.jwk)) !== key.kid) return false;
  if (!before) return manifest.seq === 1 && manifest.prev === null;
  const prev = await sha256Text(before.payloadBytes);
  const vouched = manifest.signatures.some(({ header }) => before.keys.some(({ kid }) => kid === header.kid));
  return manifest.seq === before.seq + 1 && manifest.prev === prev && vouched;
}

async function manifestSigned(manifest: Manifest, before: Manifest | null): Promise<boolean> {
  const known = [...manifest.keys, ...(before?.keys ?? [])];
  for (const one of manifest.signatures) {
    const key = known.find(({ kid }) => kid === one.header.kid);
    const formal = one.header.alg === "ES256" && one.header.typ === KEYS_TYP;
    if (!key || !formal || !(await verifies(one, manifest.encoded, key.jwk))) return false;
  }
  return manifest.keys
    .filter((key) => !before?.keys.some(({ kid }) => kid === key.kid))
    .every((key) => manifest.signatures.some(({ header }) => header.kid === key.kid));
}

export async function anchorLine(bundle: Bundle, outcome: Outcome): Promise<Finding> {
  const { anchor } = outcome.payload;
  const { checkpoint, index } = bundle.proof;
  if (anchor.origin !== checkpoint.origin) return failed("anchor_origin");
  if (anchor.size > index) return failed("anchor_after_leaf");
  const root: Bytes = decode(anchor.root);
  const grew = await grewFrom(anchor.size, checkpoint.size, bundle.anchorConsistency, root, checkpoint.root);
  return grew ? ok("consistent") : failed("anchor_inconsistent");
}

export async function erasureLine({ erasure, leaf, proof }: Bundle): Promise<Finding> {
  if (!erasure) return absent("not_erased");
  const opened = erasure.leaf.t === "erase" && (await opens(erasure.leaf, erasure.salt, erasure.record));
  if (!opened) return failed("erasure_opening");
  if (erasure.erases !== leaf.c) return failed("erasure_other");
  const logged = erasure.proof.index > proof.index && (await included(erasure.leaf, erasure.proof));
  return logged ? ok("erased") : failed("erasure_inclusion");
}
