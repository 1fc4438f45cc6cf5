// The bytes under every signature: strict base64url, canonical JSON, thumbprints, keys.
import { base64url, calculateJwkThumbprint, compactVerify, generateKeyPair, importJWK } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { decode, EncodingError, encode, utf8 } from "../../src/crypto/base64url";
import { CanonError, canonText } from "../../src/crypto/canon";
import { forget, forgetAll, holds, NoKeyError, newKey, publicKey, sign } from "../../src/crypto/keys";
import { thumbprint } from "../../src/crypto/thumbprint";
import { installStorage } from "./storage";

describe("base64url", () => {
  test("agrees with jose for every length", () => {
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 89 + length * 7) & 255);
      expect(encode(bytes)).toBe(base64url.encode(bytes));
      expect([...decode(encode(bytes))]).toEqual([...bytes]);
    }
  });

  test.each(["A", "AA=", "AA==", "A A", "AB", "AAB", "+/8", "AA\n", "é0"])("refuses %j", (text) => {
    expect(() => decode(text)).toThrow(EncodingError);
  });
});

describe("canonical JSON", () => {
  test("sorts, escapes and nothing else", () => {
    expect(canonText({ b: [1, null, true], a: 'é"\\\n\u001f/\u2028', "": -0 })).toBe(
      '{"":0,"a":"é\\"\\\\\\n\\u001f/\u2028","b":[1,null,true]}',
    );
  });

  test("sorts names by UTF-16 code units (RFC 8785 §3.2.3)", () => {
    const names = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"];
    const text = canonText(Object.fromEntries(names.map((name) => [name, 0])));
    expect(Object.keys(JSON.parse(text))).toEqual([
      "1",
      "\r",
      "\u0080",
      "\u00f6",
      "\u20ac",
      "\ud83d\ude00",
      "\ufb33",
    ]);
  });

  test.each([0.5, 2 ** 53, Number.NaN, "\ud800", "\udc00x"])("refuses %j", (value) => {
    expect(() => canonText({ value })).toThrow(CanonError);
  });
});

describe("thumbprint", () => {
  test("is RFC 7638's", async () => {
    const { publicKey } = await generateKeyPair("ES256", { extractable: true });
    const raw = await crypto.subtle.exportKey("jwk", publicKey as CryptoKey);
    const jwk = { kty: "EC", crv: "P-256", x: String(raw.x), y: String(raw.y) } as const;
    expect(await thumbprint(jwk)).toBe(await calculateJwkThumbprint(jwk));
  });
});

describe("keys", () => {
  beforeAll(installStorage);

  test("what they sign verifies with jose, and they can be forgotten", async () => {
    const key = await newKey();
    expect(Object.keys(key.jwk).sort()).toEqual(["crv", "kty", "x", "y"]);
    await key.store("dev_1");
    expect(await holds("dev_1")).toBe(true);
    expect(await publicKey("dev_1")).toEqual(key.jwk);

    const head = encode(utf8('{"alg":"ES256"}'));
    const body = encode(utf8("the terms"));
    const signature = await sign("dev_1", utf8(`${head}.${body}`));
    expect(signature).toHaveLength(64);
    const open = await compactVerify(
      `${head}.${body}.${encode(signature)}`,
      await importJWK(key.jwk, "ES256"),
    );
    expect(new TextDecoder().decode(open.payload)).toBe("the terms");

    await forget("dev_1");
    expect(await holds("dev_1")).toBe(false);
    await expect(sign("dev_1", utf8("x"))).rejects.toThrow(NoKeyError);
    await key.store("dev_2");
    await forgetAll();
    expect(await holds("dev_2")).toBe(false);
  });
});
