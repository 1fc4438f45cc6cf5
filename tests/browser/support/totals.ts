// The last line of a run: how many passed and how many failed. What never ran because an earlier chapter
// failed counts as failed.
import type { Reporter, Suite } from "@playwright/test/reporter";

export default class Totals implements Reporter {
  private suite: Suite | null = null;

  onBegin(_config: unknown, suite: Suite): void {
    this.suite = suite;
  }

  onEnd(): void {
    const tests = this.suite?.allTests() ?? [];
    const passed = tests.filter((one) => one.results.length > 0 && one.outcome() === "expected").length;
    const failed = tests.length - passed;
    console.log(`screenshots: ${process.env.HEJIE_SHOTS ?? "none"}`);
    console.log(`${passed} passed, ${failed} failed`);
  }

  printsToStdio(): boolean {
    return true;
  }
}
