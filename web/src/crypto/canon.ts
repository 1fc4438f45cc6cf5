// Canonical JSON (RFC 8785) as far as this product signs it: objects, arrays, strings, booleans, null and
// integers within ±(2^53 − 1). Other numbers are refused, so no number formatting can ever differ between
// two languages.

import { type Bytes, utf8 } from "./base64url.ts";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export class CanonError extends Error {}

/** Half of a surrogate pair: no Unicode text. */
export const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?:[^\uD800-\uDBFF]|^)[\uDC00-\uDFFF]/;

/** The one text of this value. */
export function canonText(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return integer(value);
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(canonText).join(",")}]`;
  if (typeof value === "object") {
    // RFC 8785 §3.2.3 sorts by UTF-16 code units, which is how JavaScript compares strings.
    const members = Object.keys(value)
      .sort()
      .map((name) => `${quoted(name)}:${canonText(value[name] as Json)}`);
    return `{${members.join(",")}}`;
  }
  throw new CanonError(`no JSON value: ${typeof value}`);
}

export function canonBytes(value: Json): Bytes {
  return utf8(canonText(value));
}

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new CanonError("not an integer that JSON keeps exactly");
  return Object.is(value, -0) ? "0" : String(value);
}

/** ECMAScript's own quoting is RFC 8785's (§3.2.2.2); lone surrogates are no Unicode text. */
function quoted(text: string): string {
  if (LONE_SURROGATE.test(text)) throw new CanonError("a lone surrogate");
  return JSON.stringify(text);
}
