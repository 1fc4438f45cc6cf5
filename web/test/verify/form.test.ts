// A stranger's file: what is wrong with its form is said before anything in it is believed. The same
// reasons as `hejie verify`, found by running both on a thousand spoilt bundles.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FormError, readBundle } from "../../src/verify/bundle";

const VALID = readFileSync(join(__dirname, "../../../tests/vectors/valid-full/bundle.json"), "utf8");

function reason(text: string): string {
  try {
    readBundle(new TextEncoder().encode(text));
    return "well_formed";
  } catch (error) {
    if (error instanceof FormError) return error.reason;
    throw error;
  }
}

describe("a bundle", () => {
  // biome-ignore lint/suspicious/noExplicitAny: it writes what the format forbids
  test.each<[string, string, (bundle: any) => void]>([
    ["with a member that is nobody's", "well_formed", (b) => Object.assign(b, { more: [1] })],
    ["without a header to disclose in", "well_formed", (b) => delete b.outcome.signatures[0].header],
    [
      "with a header that is null",
      "well_formed",
      (b) => Object.assign(b.outcome.signatures[0], { header: null }),
    ],
    [
      "with a list for a header",
      "bundle_malformed",
      (b) => Object.assign(b.outcome.signatures[1], { header: [] }),
    ],
    ["with a manifest without its salt", "bundle_malformed", (b) => delete b.keyManifests[0].salt],
    [
      "with a manifest whose salt is short",
      "manifest_malformed",
      (b) => Object.assign(b.keyManifests[0], { salt: "AA" }),
    ],
    [
      "with an unsigned manifest's text missing",
      "bundle_malformed",
      (b) => delete b.keyManifests[0].manifest.payload,
    ],
    ["with a full view and no document", "bundle_malformed", (b) => Object.assign(b, { outcome: null })],
    ["with a short hash", "bundle_malformed", (b) => Object.assign(b, { anchorConsistency: ["AA"] })],
    ["of another kind", "media_type", (b) => Object.assign(b, { mediaType: "text/plain" })],
    ["with nesting without end", "not_json", (b) => Object.assign(b, { more: nest(200) })],
  ])("%s", (_name, expected, spoil) => {
    const bundle = JSON.parse(VALID);
    spoil(bundle);
    expect(reason(JSON.stringify(bundle))).toBe(expected);
  });

  test.each<[string, string]>([
    ["", "not_json"],
    ["[]", "not_json"],
    ["\ufeff{}", "not_json"],
    ['{"mediaType":"\\ud800"}', "not_json"],
    ['{"mediaType":1e999}', "not_json"],
    ["{}", "media_type"],
    [" ".repeat((1 << 20) + 1), "too_large"],
  ])("that is %j", (text, expected) => expect(reason(text)).toBe(expected));
});

function nest(depth: number): unknown {
  return depth === 0 ? 0 : [nest(depth - 1)];
}
