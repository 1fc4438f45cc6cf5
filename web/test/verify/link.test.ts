// The link that the receipt prints as a QR code is the one that the verify page reads.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifyLink } from "../../src/room/signing";
import { readBundle } from "../../src/verify/bundle";
import { documentAgrees, headAgrees, letterCode } from "../../src/verify/letter";
import { readable } from "../../src/verify/readable";

test("a receipt's link agrees with its document and with the log's head", async () => {
  const file = readFileSync(join(__dirname, "../../../tests/vectors/valid-full/bundle.json"));
  const bundle = readBundle(new Uint8Array(file));
  const document = await readable(bundle);
  const oid = document?.oid ?? "";
  const link = new URL(await verifyLink(oid, JSON.parse(file.toString()), "https://hejie.example"));
  expect(link.pathname).toBe(`/v/${oid}`);
  const code = letterCode(link.hash);
  if (!code) throw new Error(`unread: ${link.hash}`);
  expect(documentAgrees(code, document?.fingerprint ?? "")).toBe("agrees");
  expect(headAgrees(code, bundle.proof.checkpoint)).toBe("agrees");
});
