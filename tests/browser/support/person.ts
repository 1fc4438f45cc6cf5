// Somebody at a browser of their own: a process with their microphone and camera, one page, and an ear
// for whatever the page complains about.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, type BrowserContext, chromium, expect, type Page } from "@playwright/test";
import { make, type Who } from "./fakes";

const AXE = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");
const PICTURES = resolve(__dirname, "../../../docs/pictures");

export const PHONE = { width: 390, height: 844 };
export const STATION = { width: 1280, height: 800 };
export const DESK = { width: 1440, height: 900 };

export interface Needs {
  fake: Who;
  size: { width: number; height: number };
  touch?: boolean;
  locale?: string;
  /** The browser's question for camera and microphone is answered with no. */
  refused?: boolean;
  /** There is no camera. */
  bare?: boolean;
  /** A camera of twice the usual size each way. */
  large?: boolean;
}

export class Person {
  /** What the page's console said in anger, apart from what was expected. */
  readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [/status of 401.*\/staff\/me/];

  private constructor(
    readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
    private readonly folder: string,
  ) {
    this.listen(page);
  }

  static async at(needs: Needs): Promise<Person> {
    const folder = mkdtempSync(join(tmpdir(), "hejie-fake-"));
    const { wav, y4m } = make(folder, needs.fake, needs.large ? 2 : 1);
    const device = needs.bare ? "=device-count=0" : "=fps=15";
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        `--use-fake-device-for-media-stream${device}`,
        `--use-fake-ui-for-media-stream${needs.refused ? "=deny" : ""}`,
        ...(needs.bare
          ? []
          : [`--use-file-for-fake-audio-capture=${wav}`, `--use-file-for-fake-video-capture=${y4m}`]),
      ],
    });
    const context = await browser.newContext({
      viewport: needs.size,
      hasTouch: needs.touch ?? false,
      isMobile: needs.size.width < 600,
      locale: needs.locale ?? "zh-CN",
      timezoneId: "Asia/Shanghai",
      acceptDownloads: true,
    });
    context.setDefaultTimeout(30_000);
    await prepare(context);
    return new Person(browser, context, await context.newPage(), folder);
  }

  /** Another tab of the same browser. */
  async tab(): Promise<Page> {
    const page = await this.context.newPage();
    this.listen(page);
    return page;
  }

  /** From now on this complaint is part of the story. */
  expects(what: RegExp): void {
    this.expected.push(what);
  }

  /** Nothing was said that nobody expected. */
  content(): void {
    expect(this.complaints.filter((one) => !this.expected.some((known) => known.test(one)))).toEqual([]);
  }

  async close(): Promise<void> {
    await this.browser.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private listen(page: Page): void {
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`${error.name}: ${error.message}`));
  }
}

/** Small pictures, a connection that can be looked at, and policy violations told aloud. */
async function prepare(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    try {
      localStorage.setItem("hejieDebug", "1");
      localStorage.setItem("hejieQuality", "low");
    } catch {
      // A page without storage, such as about:blank.
    }
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
}

/** What `look` found on pages so far; told at the end, so that a story is heard to its end. */
export const faulty: string[] = [];

/** A look at the page: a screenshot, and a search for serious faults for people who listen or use keys. */
export async function look(page: Page, name: string): Promise<void> {
  await shot(page, name);
  await page.evaluate(AXE);
  const faults = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: (what: unknown, how: unknown) => Promise<Found> };
    };
    type Found = {
      violations: { id: string; impact: string; nodes: { target: string[]; html: string }[] }[];
    };
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter((one) => one.impact === "serious" || one.impact === "critical")
      .map(
        (one) =>
          `${one.id}: ${one.nodes.map((node) => `${node.target.join(" ")} ${node.html.slice(0, 120)}`).join("; ")}`,
      );
  });
  faulty.push(...faults.map((fault) => `${name}: ${fault}`));
}

export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env.HEJIE_SHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`) });
}

/** One of the pictures in docs/pictures, renewed when asked for. */
export async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.HEJIE_PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** Presses the button and answers the browser's question for a file. */
export async function choose(
  page: Page,
  button: string,
  file: string | { name: string; mimeType: string; buffer: Buffer },
): Promise<void> {
  const asked = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: button }).click();
  await (await asked).setFiles(file);
}
