// Browsers without Ed25519 in WebCrypto verify by script, with the same answers.
import { describe, expect, test } from "vitest";
import type { Bytes } from "../../src/crypto/base64url";
import { byScript, verifyEd25519 } from "../../src/verify/ed25519";

describe("Ed25519", () => {
  test("by script says what WebCrypto says", async () => {
    const pair = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
    const key: Bytes = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    const message: Bytes = new Uint8Array([1, 2, 3]);
    const signature: Bytes = new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, message));
    const bent: Bytes = signature.slice();
    bent[7] = (bent[7] ?? 0) ^ 1;
    for (const check of [verifyEd25519, byScript]) {
      expect(await check(key, signature, message)).toBe(true);
      expect(await check(key, bent, message)).toBe(false);
      expect(await check(key, signature, new Uint8Array([1, 2]))).toBe(false);
      expect(await check(new Uint8Array(32).fill(255), signature, message)).toBe(false);
    }
  });
});
