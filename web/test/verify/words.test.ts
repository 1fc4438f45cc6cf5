// Every reason that the verifier can give has words in both languages.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LINES, type LineId } from "../../src/verify/verdict";
import { GROUPS, reasonKey } from "../../src/verify/words";

const SRC = join(__dirname, "../../src");
const FORMAT = readFileSync(join(__dirname, "../../../docs/OUTCOME-FORMAT.md"), "utf8");
const zh = readFileSync(join(SRC, "i18n/zh/verify.ftl"), "utf8");

/** Every reason that the format's table names, by line. */
function reasons(): [LineId, string][] {
  const verdict = FORMAT.slice(FORMAT.indexOf("## 8. Verdict"), FORMAT.indexOf("### Not proved"));
  return verdict.split("\n").flatMap((row) => {
    const [, ids = "", text = ""] = /^\| (`[^|]+`) \| (.*) \|$/.exec(row) ?? [];
    const named = [...text.matchAll(/\*([a-z]+(?:_[a-z]+)*)\*|`([a-z]+(?:_[a-z]+)+|redacted|erased)`/g)];
    return LINES.filter((id) => ids.includes(`\`${id}\``)).flatMap((id) =>
      named.map((hit): [LineId, string] => [id, hit[1] ?? hit[2] ?? ""]),
    );
  });
}

describe("words", () => {
  test("for every reason of the format", () => {
    const all = reasons().filter(([, reason]) => !/^(iss|anchor_size|view)$/.test(reason));
    expect(all.length).toBeGreaterThan(80);
    const missing = all
      .map(([id, reason]) => reasonKey(id, reason))
      .filter((key) => !zh.includes(`\n${key} = `));
    expect([...new Set(missing)]).toEqual([]);
  });

  test("for every reason of the vectors", () => {
    const vectors = join(__dirname, "../../../tests/vectors");
    for (const entry of readdirSync(vectors, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const expected = JSON.parse(readFileSync(join(vectors, entry.name, "expected.json"), "utf8"));
      for (const line of expected.lines) expect(zh).toContain(`\n${reasonKey(line.id, line.reason)} = `);
    }
  });

  test("every line is in one group", () => {
    expect(GROUPS.flatMap((group) => group.lines).sort()).toEqual([...LINES].sort());
  });
});
