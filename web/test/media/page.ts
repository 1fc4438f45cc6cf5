// The little of a page that the media layer touches, for tests that run without one.
import { vi } from "vitest";

export class Page extends EventTarget {
  visibilityState: "visible" | "hidden" = "visible";
  turn(to: "visible" | "hidden"): void {
    this.visibilityState = to;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

export interface Stage {
  page: Page;
  window: EventTarget;
  storage: Map<string, string>;
}

/** Stands in for document, window, location and localStorage until `vi.unstubAllGlobals`. */
export function stage(): Stage {
  const made: Stage = { page: new Page(), window: new EventTarget(), storage: new Map() };
  vi.stubGlobal("document", made.page);
  vi.stubGlobal("window", made.window);
  vi.stubGlobal("location", { search: "" });
  vi.stubGlobal("localStorage", { getItem: (name: string) => made.storage.get(name) ?? null });
  return made;
}

/** Lets everything that waits for a promise go on. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}
