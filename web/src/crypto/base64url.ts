// Base64url without padding (RFC 4648 §5), strict: one text per byte string, so that a digest over the
// text is a digest over the bytes.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A byte array over its own buffer, as WebCrypto wants it. */
export type Bytes = Uint8Array<ArrayBuffer>;

export class EncodingError extends Error {}

export function encode(bytes: Uint8Array): string {
  let out = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const three = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out += ALPHABET.charAt(three >> 18) + ALPHABET.charAt((three >> 12) & 63);
    if (left > 1) out += ALPHABET.charAt((three >> 6) & 63);
    if (left > 2) out += ALPHABET.charAt(three & 63);
  }
  return out;
}

/** Throws EncodingError on anything but the one correct text: padding, white space, loose last bits. */
export function decode(text: string): Bytes {
  const rest = text.length % 4;
  if (rest === 1) throw new EncodingError("base64url of an impossible length");
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = ALPHABET.indexOf(text.charAt(i));
    if (value < 0) throw new EncodingError("not base64url");
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out[at++] = (bits >> count) & 255;
    }
  }
  if ((bits & ((1 << count) - 1)) !== 0) throw new EncodingError("base64url with loose last bits");
  return out;
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text) as Bytes;
}

/** Throws EncodingError where the bytes are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new EncodingError("not UTF-8");
  }
}

export function concat(...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
