// One catalogue, two languages. A page calls `start` with the catalogue files it needs, then `t`.
// Texts are Fluent; both languages have the same keys (test/catalogue.test.ts holds them to it).
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";
import { signal } from "@preact/signals";
import type { Language } from "../protocol/types";

export type { Language };
export type Args = Record<string, FluentVariable>;
/** Loads one .ftl file as text. */
export type Load = () => Promise<{ default: string }>;
export type Catalogue = Record<Language, Load[]>;

/** The language of the page. Reading it in a component makes the component follow. */
export const language = signal<Language>("zh");
const bundles = signal<Partial<Record<Language, FluentBundle>>>({});
let catalogue: Catalogue = { zh: [], en: [] };

const REMEMBERED = "hejie.language";

/** Loads the texts and sets the language: the one asked for, else the one chosen before, else the browser's. */
export async function start(files: Catalogue, wanted?: Language): Promise<void> {
  catalogue = files;
  await setLanguage(wanted ?? remembered() ?? fromBrowser());
}

/** Switches the page to another language, for as long as it is open. */
export async function setLanguage(to: Language): Promise<void> {
  if (!bundles.value[to]) {
    const texts = await Promise.all(catalogue[to].map((load) => load()));
    bundles.value = {
      ...bundles.value,
      [to]: bundle(
        to,
        texts.map((text) => text.default),
      ),
    };
  }
  language.value = to;
  if (typeof document !== "undefined") document.documentElement.lang = locale(to);
}

/** The reader's own choice: switches, and remembers it on this device. */
export async function chooseLanguage(to: Language): Promise<void> {
  await setLanguage(to);
  try {
    localStorage.setItem(REMEMBERED, to);
  } catch {
    // Private windows may refuse storage; the choice then lasts for this page.
  }
}

/** Only for tests and pages without a loader: a bundle from texts at hand. */
export function bundle(to: Language, texts: string[]): FluentBundle {
  const made = new FluentBundle(locale(to), { useIsolating: false });
  for (const text of texts) made.addResource(new FluentResource(text));
  return made;
}

/** The text of `key` in the page's language. A missing key shows itself, so that it is seen. */
export function t(key: string, args?: Args): string {
  const at = bundles.value[language.value];
  const pattern = at?.getMessage(key)?.value;
  // Errors are collected, not thrown: a missing argument must not empty the page.
  return at && pattern ? at.formatPattern(pattern, args ?? null, []) : key;
}

export function locale(of: Language): string {
  return of === "zh" ? "zh-CN" : "en-GB";
}

/** What the reader chose on this device before. */
export function remembered(): Language | undefined {
  try {
    const was = localStorage.getItem(REMEMBERED);
    return was === "zh" || was === "en" ? was : undefined;
  } catch {
    return undefined;
  }
}

function fromBrowser(): Language {
  return typeof navigator !== "undefined" && !/^zh/i.test(navigator.language) ? "en" : "zh";
}
