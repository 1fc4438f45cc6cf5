// Each page's script, gzipped, in the larger of its languages: what it loads to open, and what it may fetch
// later. Over 60 kB to open the phone page fails.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const LIMIT = 60_000;

const TEXTS = /^assets\/(zh|en)-/;
const STATIC = /(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g;
const ANY = /["'`](?:\.\/|assets\/|\/assets\/)([\w.-]+\.js)["'`]/g;

/** Every script that a page loads to open (`first`) or may load at all, by path under dist. */
function scripts(page) {
  const html = readFileSync(join(DIST, page), "utf8");
  const entry = [...html.matchAll(/"\/(assets\/[^"]+\.js)"/g)].map((m) => m[1]);
  const reach = (pattern) => {
    const seen = new Set(entry);
    for (const file of seen)
      for (const m of readFileSync(join(DIST, file), "utf8").matchAll(pattern)) seen.add(`assets/${m[1]}`);
    return seen;
  };
  const all = reach(ANY);
  const first = new Set([...reach(STATIC), ...[...all].filter((file) => TEXTS.test(file))]);
  return { first: [...first], later: [...all].filter((file) => !first.has(file)) };
}

/** Octets of these files gzipped, of the texts only the larger language. */
function weigh(files) {
  const sum = (which) =>
    files.filter(which).reduce((all, file) => all + gzipSync(readFileSync(join(DIST, file))).length, 0);
  const language = (one) => sum((file) => file.startsWith(`assets/${one}-`));
  return sum((file) => !TEXTS.test(file)) + Math.max(language("zh"), language("en"));
}

let failed = false;
for (const page of ["index.html", "j.html", "station.html", "desk.html", "verify.html"]) {
  const { first, later } = scripts(page);
  const total = weigh(first);
  const over = page === "j.html" && total > LIMIT;
  failed ||= over;
  const kilo = (octets) => (octets / 1000).toFixed(1).padStart(6);
  console.log(
    `${page.padEnd(13)} ${kilo(total)} kB gzip, later ${kilo(weigh(later))} kB${over ? `, over ${LIMIT / 1000}` : ""}`,
  );
  if (process.argv.includes("--files"))
    for (const file of [...first, ...later])
      console.log(`    ${file} ${weigh([file])}${later.includes(file) ? " later" : ""}`);
}
process.exit(failed ? 1 : 0);
