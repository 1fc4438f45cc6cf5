// One worker, no retries: the tests share two cores with three browsers, and a test that passes at the
// second try has failed.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  outputDir: join(tmpdir(), `hejie-browser-${process.pid}`),
  workers: 1,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  reporter: [["list"], ["./support/totals.ts"]],
});
