// Ed25519 by WebCrypto where the browser has it (Chromium 137, Safari 17, Firefox 129); elsewhere by
// @noble/ed25519, audited, loaded only then. Never a false yes: what can't be checked is no.
import type { Bytes } from "../crypto/base64url.ts";

export async function verifyEd25519(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  if (signature.length !== 64) return false;
  if (await native()) {
    const held = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]).catch(() => null);
    return held !== null && crypto.subtle.verify("Ed25519", held, signature, message);
  }
  return byScript(key, signature, message);
}

/** Exported for the tests, which hold it against WebCrypto. */
export async function byScript(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  const noble = await import("@noble/ed25519");
  return noble.verifyAsync(signature, message, key, { zip215: false }).catch(() => false);
}

/** RFC 8032 §7.1, test 1's public key: a browser that can't import it has no Ed25519. */
const KNOWN = Uint8Array.of(
  0xd7,
  0x5a,
  0x98,
  0x01,
  0x82,
  0xb1,
  0x0a,
  0xb7,
  0xd5,
  0x4b,
  0xfe,
  0xd3,
  0xc9,
  0x64,
  0x07,
  0x3a,
  0x0e,
  0xe1,
  0x72,
  0xf3,
  0xda,
  0xa6,
  0x23,
  0x25,
  0xaf,
  0x02,
  0x1a,
  0x68,
  0xf7,
  0x07,
  0x51,
  0x1a,
);
let known: Promise<boolean> | undefined;

function native(): Promise<boolean> {
  known ??= crypto.subtle.importKey("raw", KNOWN, "Ed25519", false, ["verify"]).then(
    () => true,
    () => false,
  );
  return known;
}
