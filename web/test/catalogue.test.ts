// Chinese and English have the same keys with the same arguments; every key that a page asks for
// exists, and every key is asked for by some page.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = join(__dirname, "../src");

function files(dir: string, end: RegExp): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) return files(path, end);
    return end.test(entry.name) ? [path] : [];
  });
}

/** Arguments that only one language's grammar needs. */
const GRAMMAR = ["many", "by"];

/** key → its arguments. */
function keys(language: "zh" | "en"): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of files(join(SRC, "i18n", language), /\.ftl$/)) {
    const text = readFileSync(file, "utf8");
    for (const part of text.split(/^(?=[a-z])/m)) {
      const hit = /^([a-z][\w-]*) =/.exec(part);
      if (!hit?.[1]) continue;
      expect(found.has(hit[1]), `${hit[1]} twice in ${language}`).toBe(false);
      const args = [...new Set([...part.matchAll(/\$([a-z_]+)/g)].map((m) => m[1] ?? ""))]
        .filter((arg) => !GRAMMAR.includes(arg))
        .sort();
      found.set(hit[1], args.join(" "));
    }
  }
  return found;
}

describe("catalogue", () => {
  const zh = keys("zh");
  const en = keys("en");
  const source = files(SRC, /\.tsx?$/)
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");

  test("both languages have the same keys", () => {
    expect([...zh.keys()].filter((key) => !en.has(key))).toEqual([]);
    expect([...en.keys()].filter((key) => !zh.has(key))).toEqual([]);
  });

  test("both languages use the same arguments", () => {
    expect([...zh].filter(([key, args]) => en.get(key) !== args).map(([key]) => key)).toEqual([]);
  });

  test("every key asked for exists", () => {
    const asked = [...source.matchAll(/\bt\(\s*"([a-z][\w-]*)"/g)].map((m) => m[1] ?? "");
    expect([...new Set(asked)].filter((key) => !zh.has(key))).toEqual([]);
    // t(`role-${role}`): at least one key begins so.
    const prefixes = [...source.matchAll(/\bt\(\s*`([a-z][\w-]*[a-z0-9]-)\$\{/g)].map((m) => m[1] ?? "");
    expect(prefixes.filter((prefix) => ![...zh.keys()].some((key) => key.startsWith(prefix)))).toEqual([]);
  });

  test("every key is asked for", () => {
    const literal = new Set([...source.matchAll(/["'`]([a-z][\w-]*)["'`]/g)].map((m) => m[1]));
    const prefixes = [...source.matchAll(/`([a-z][\w-]*[a-z0-9]-)\$\{/g)].map((m) => m[1] ?? "");
    const unused = [...zh.keys()].filter(
      (key) => !literal.has(key) && !prefixes.some((prefix) => key.startsWith(prefix)),
    );
    expect(unused).toEqual([]);
  });
});
