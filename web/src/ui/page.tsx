// Starts a page: remembered text size, the catalogue, then the first render.
import type { ComponentType } from "preact";
import { render } from "preact";
import { type Catalogue, start } from "../i18n";
import { LiveRegion } from "./live";
import { restoreText } from "./prefs";

/** Renders `Page` into the document once its texts are there. Called once by each entry. */
export async function open(Page: ComponentType, texts: Catalogue): Promise<void> {
  if (import.meta.env.DEV && location.search.includes("mock=")) (await import("../protocol/mock")).play();
  restoreText();
  await start(texts);
  const root = document.getElementById("app");
  if (!root) throw new Error("the page has no #app");
  root.textContent = "";
  render(
    <>
      <Page />
      <LiveRegion />
    </>,
    root,
  );
}
