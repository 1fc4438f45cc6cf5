// Disclosures of RFC 9901 (SD-JWT), for object members only: base64url of the JSON array
// [salt, name, value]. The digest is over the base64url text, so nothing is re-encoded to check one.

import { decode, fromUtf8, utf8 } from "./base64url.ts";
import type { Json } from "./canon.ts";
import { sha256Text } from "./hash.ts";

export interface Disclosure {
  /** As it travels. */
  text: string;
  /** SHA-256 of `text`, base64url: what stands in `_sd`. */
  digest: string;
  salt: string;
  name: string;
  value: Json;
}

export class DisclosureError extends Error {}

/** Names a disclosure must never carry (RFC 9901 §7.1). */
const RESERVED = ["_sd", "..."];

export async function openDisclosure(text: string): Promise<Disclosure> {
  const digest = await sha256Text(utf8(text));
  let array: unknown;
  try {
    array = JSON.parse(fromUtf8(decode(text)));
  } catch {
    throw new DisclosureError("a disclosure that cannot be read");
  }
  if (!Array.isArray(array) || array.length !== 3)
    throw new DisclosureError("a disclosure of the wrong form");
  const [salt, name, value] = array as [unknown, unknown, Json];
  if (typeof salt !== "string" || typeof name !== "string" || RESERVED.includes(name)) {
    throw new DisclosureError("a disclosure of the wrong form");
  }
  return { text, digest, salt, name, value };
}
