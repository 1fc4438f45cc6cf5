// What the verify page knows and does, apart from how it looks: the policy, the address, the file.
import { signal } from "@preact/signals";
import { setZone } from "../i18n/dates";
import { about, Problem, request } from "../protocol/api";
import { type Commitment, checkCommitment } from "./commitment.ts";
import { type Agreement, documentAgrees, headAgrees, type LetterCode, letterCode } from "./letter.ts";
import { type Policy, readPolicy } from "./policy.ts";
import { type Readable, readable } from "./readable.ts";
import { type Verified, verify } from "./verify.ts";

export interface Checked {
  verified: Verified;
  document: Readable | null;
  /** Against the QR code by which the page was opened, if it was. */
  letter: Agreement | null;
  /** Where the file came from. */
  from: "file" | "paste" | "public";
}

export type Step =
  | { at: "start" }
  | { at: "looking" }
  /** The outcome of the address, of which only the commitment is public. */
  | { at: "sealed"; commitment: Commitment; head: Agreement | null }
  | { at: "missing" }
  | { at: "offline" }
  | { at: "checked"; checked: Checked };

export const step = signal<Step>({ at: "start" });
export const policy = signal<Policy | null>(null);
/** Whose policy it is: this site's, or one that was brought along. */
export const policyFrom = signal<"site" | "file" | "none">("none");
export const code = signal<LetterCode | null>(null);
export const busy = signal(false);

interface PublicOutcome {
  leaf: string;
  proof: string;
  redacted: unknown;
}

/** Reads the address: `/verify`, or `/v/OID#…` from a letter. */
export async function begin(): Promise<void> {
  void about().then(
    (told) => setZone(told.time_zone),
    () => undefined,
  );
  const [, where, oid = ""] = location.pathname.split("/");
  code.value = letterCode(location.hash);
  const outcome = where === "v" && /^[\w-]{1,64}$/.test(oid) ? oid : null;
  if (outcome) step.value = { at: "looking" };
  await loadPolicy();
  if (outcome) await lookUp(outcome);
}

async function loadPolicy(): Promise<void> {
  try {
    policy.value = await readPolicy(bytesOf(await request<unknown>("GET", "/api/v1/policy")));
    policyFrom.value = "site";
  } catch {
    policyFrom.value = "none";
  }
}

async function lookUp(oid: string): Promise<void> {
  try {
    const found = await request<PublicOutcome>("GET", `/api/v1/outcomes/${oid}`);
    if (found.redacted) return await check(bytesOf(found.redacted), "public");
    if (!policy.value) throw new Problem("no_policy", 0, "");
    const commitment = await checkCommitment(found.leaf, found.proof, policy.value);
    const head = code.value ? headAgrees(code.value, commitment.proof.checkpoint) : null;
    step.value = { at: "sealed", commitment, head };
  } catch (error) {
    const missing = error instanceof Problem && error.status === 404;
    step.value = { at: missing ? "missing" : "offline" };
  }
}

/** Checks a bundle, whoever it is from. Asks no server. */
export async function check(file: Uint8Array, from: Checked["from"]): Promise<void> {
  busy.value = true;
  const verified = await verify(file, policy.value);
  const document = verified.bundle ? await readable(verified.bundle) : null;
  const letter = code.value && document ? documentAgrees(code.value, document.fingerprint) : null;
  step.value = { at: "checked", checked: { verified, document, letter, from } };
  busy.value = false;
}

/** Trusts another policy than this site's from now on. False where the file is none. */
export async function bringPolicy(file: Uint8Array): Promise<boolean> {
  try {
    policy.value = await readPolicy(file);
    policyFrom.value = "file";
    return true;
  } catch {
    return false;
  }
}

export function bytesOf(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
