// Somebody walked away from the screen: after three minutes without a touch everything of theirs goes,
// unless they are in a mediation that goes on.
import type { Entry } from "../entry/entry";
import { endingOf } from "../entry/Over";

const AWAY_MS = 180_000;

/** Watches for touches for as long as the page is open. */
export function forgetIdlers(entry: Entry): void {
  let touched = Date.now();
  for (const kind of ["pointerdown", "keydown"]) {
    window.addEventListener(kind, () => {
      touched = Date.now();
    });
  }
  setInterval(() => {
    if (Date.now() - touched < AWAY_MS) return;
    touched = Date.now();
    const step = entry.step.value;
    if (step.at === "idle" || step.at === "loading") return;
    if (step.at !== "room") {
      entry.clean();
      entry.step.value = { at: "idle" };
    } else if (step.room.view.value?.outcome || endingOf(step.room, true)) {
      void entry.leave(step.room).then(() => {
        entry.step.value = { at: "idle" };
      });
    }
  }, 5_000);
}
