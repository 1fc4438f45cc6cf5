// The QR code of a letter, held against a document and against the log's head.
import { describe, expect, test } from "vitest";
import { encode } from "../../src/crypto/base64url";
import { documentAgrees, headAgrees, letterCode } from "../../src/verify/letter";
import type { Checkpoint } from "../../src/verify/note";

const HALF = encode(new Uint8Array(16).fill(3));
const ROOT = new Uint8Array(32).fill(7);
const HASH = `#${HALF}.12.${encode(ROOT.slice(0, 8))}`;
const head = (size: number, root = ROOT) => ({ size, root }) as Checkpoint;

describe("a letter's code", () => {
  test("is read, or is none", () => {
    expect(letterCode(HASH)).toEqual({ fingerprint: HALF, size: 12, rootPrefix: encode(ROOT.slice(0, 8)) });
    for (const other of ["", "#", "#a.b.c", `${HASH}x`, HASH.replace(".12.", ".-1.")])
      expect(letterCode(other)).toBeNull();
  });

  test("agrees with its document and head, and with no other", () => {
    const code = letterCode(HASH);
    if (!code) throw new Error("unread");
    expect(documentAgrees(code, HALF)).toBe("agrees");
    expect(documentAgrees(code, encode(new Uint8Array(16)))).toBe("differs");
    expect(headAgrees(code, head(12))).toBe("agrees");
    expect(headAgrees(code, head(12, new Uint8Array(32)))).toBe("differs");
    expect(headAgrees(code, head(11))).toBe("differs");
    expect(headAgrees(code, head(13))).toBe("other_head");
  });
});
