// Between the ceremony's page and the signing code: read the document out of its bytes, hold it against
// what the session has shown, sign. And the address under which a sealed outcome can be checked.
import { decode, encode } from "../crypto/base64url";
import { canonBytes, type Json } from "../crypto/canon";
import {
  type Approved,
  checkDocument,
  DocumentError,
  type ReadableDocument,
  readDocument,
  signDocument,
} from "../crypto/document";
import { sha256 } from "../crypto/hash";
import type { OutcomeId, View } from "../protocol/types";

/** `approved` is null for people who don't sign: they only read. */
export type Checked =
  | { ok: true; shown: ReadableDocument; approved: Approved | null }
  | { ok: false; why: string };

/** Reads the document to sign, and proves that its bytes say what is shown. */
export async function checkShown(view: View): Promise<Checked> {
  const { signing } = view;
  if (!signing) return { ok: false, why: "malformed" };
  try {
    const shown = await readDocument(signing);
    const signs = signing.signers.some((one) => one.person === view.me.person);
    return { ok: true, shown, approved: signs ? await checkDocument(signing, shown, view) : null };
  } catch (error) {
    return {
      ok: false,
      why: error instanceof DocumentError ? `${error.fault}: ${error.message}` : String(error),
    };
  }
}

/** Signs what was approved with this device's key. `now` is the server's time. */
export function makeSignature(view: View, approved: Approved, now: number) {
  return signDocument(view.me.device, approved, now);
}

/**
 * `https://HOST/v/OID#HASH.SIZE.ROOT`: half of the hash over the signed bytes, and the log's head with
 * the beginning of its root. What stands behind # never reaches the server.
 */
export async function verifyLink(
  outcome: OutcomeId,
  bundle: unknown,
  origin = location.origin,
): Promise<string> {
  const held = bundle as {
    outcome?: { payload: string; signatures: { protected: string; signature: string }[] };
    proof?: string;
  };
  const plain = `${origin}/v/${outcome}`;
  if (!held.outcome) return plain;
  const { payload, signatures } = held.outcome;
  const bare = signatures.map((one) => ({ protected: one.protected, signature: one.signature }));
  const hash = await sha256(canonBytes({ payload, signatures: bare } as Json));
  const [, size = "", root = ""] = (held.proof ?? "").split("\n\n")[1]?.split("\n") ?? [];
  const prefix = encode(decode(root.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")).slice(0, 8));
  return `${plain}#${encode(hash.slice(0, 16))}.${size}.${prefix}`;
}
