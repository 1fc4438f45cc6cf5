// The page's verifier gives the verdicts that `hejie verify` gives: both are held to tests/vectors.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPolicy } from "../../src/verify/policy";
import { verify } from "../../src/verify/verify";

const VECTORS = join(__dirname, "../../../tests/vectors");
const names = readdirSync(VECTORS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const bytes = (path: string) => new Uint8Array(readFileSync(path));

describe("vector", () => {
  test("there are many", () => expect(names.length).toBeGreaterThan(40));

  test.each(names)("%s", async (name) => {
    const at = (file: string) => join(VECTORS, name, file);
    const expected = JSON.parse(readFileSync(at("expected.json"), "utf8"));
    const policy = existsSync(at("policy.json")) ? await readPolicy(bytes(at("policy.json"))) : null;
    const { verdict, lines } = await verify(bytes(at("bundle.json")), policy);
    expect({ verdict, lines }).toEqual({ verdict: expected.verdict, lines: expected.lines });
  });
});
