// SHA-256 by WebCrypto. Needs a secure context (HTTPS or localhost).

import { type Bytes, encode } from "./base64url.ts";

export async function sha256(bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Bytes));
}

export async function sha256Text(bytes: Uint8Array): Promise<string> {
  return encode(await sha256(bytes));
}
