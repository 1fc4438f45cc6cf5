// Disclosures of RFC 9901 (SD-JWT) as this product has them: base64url of the canonical JSON
// ["salt","name","value"], all texts. The digest is over the base64url text, so nothing is re-encoded
// to check one.
import { decode, encode, equal, utf8 } from "./base64url.ts";
import { canonBytes } from "./canon.ts";
import { sha256Text } from "./hash.ts";
import { json } from "./payload.ts";
import { b64u, list, ShapeError, text } from "./shape.ts";

export interface Disclosure {
  salt: string;
  name: string;
  value: string;
  /** SHA-256 of its base64url text, base64url: what stands in `_sd`. */
  digest: string;
}

/** Throws ShapeError or EncodingError. */
export async function openDisclosure(encoded: string): Promise<Disclosure> {
  const bytes = decode(encoded);
  const [salt, name, value, ...rest] = list(json(bytes), text);
  if (salt === undefined || name === undefined || value === undefined || rest.length > 0) {
    throw new ShapeError("a disclosure has three texts");
  }
  b64u(salt, 16);
  if (!equal(canonBytes([salt, name, value]), bytes)) throw new ShapeError("a disclosure is canonical");
  return { salt, name, value, digest: await sha256Text(utf8(encoded)) };
}

/** The digest of this name and value under a salt, made anew from what they are. */
export function digestOf(salt: string, name: string, value: string): Promise<string> {
  return sha256Text(utf8(encode(canonBytes([salt, name, value]))));
}

/** What may be disclosed where (docs/OUTCOME-FORMAT.md §2). */
export const NAMES = {
  payload: ["agency", "complaint_number", "session", "subject"],
  party: ["address", "identity", "name", "party"],
  term: ["text"],
} as const;
