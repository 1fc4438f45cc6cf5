// The phone page's script, gzipped: everything j.html reaches, in the larger of its languages. Over 60 kB fails.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const DIST = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const LIMIT = 60_000;

/** Every script that a page loads or may load, by path under dist. */
function scripts(page) {
  const html = readFileSync(join(DIST, page), "utf8");
  const seen = new Set([...html.matchAll(/"\/(assets\/[^"]+\.js)"/g)].map((m) => m[1]));
  for (const file of seen) {
    const text = readFileSync(join(DIST, file), "utf8");
    for (const m of text.matchAll(/["'`](?:\.\/|assets\/|\/assets\/)([\w.-]+\.js)["'`]/g))
      seen.add(`assets/${m[1]}`);
  }
  return [...seen];
}

let failed = false;
for (const page of ["index.html", "j.html", "station.html", "desk.html", "verify.html"]) {
  const sizes = scripts(page).map((file) => [file, gzipSync(readFileSync(join(DIST, file))).length]);
  const sum = (which) => sizes.filter(([file]) => which(file)).reduce((all, [, size]) => all + size, 0);
  const texts = /^assets\/(zh|en)-/;
  const total =
    sum((file) => !texts.test(file)) +
    Math.max(...["zh", "en"].map((language) => sum((file) => file.startsWith(`assets/${language}-`))));
  const over = page === "j.html" && total > LIMIT;
  failed ||= over;
  console.log(
    `${page.padEnd(13)} ${(total / 1000).toFixed(1).padStart(6)} kB gzip${over ? `, over ${LIMIT / 1000}` : ""}`,
  );
  if (process.argv.includes("--files")) for (const [file, size] of sizes) console.log(`    ${file} ${size}`);
}
process.exit(failed ? 1 : 0);
