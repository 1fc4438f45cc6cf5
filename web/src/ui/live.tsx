// One polite region for screen readers: who joined, who speaks, what changed.
import { signal } from "@preact/signals";

const said = signal("");

/** Says something to those who listen instead of look. The same text twice in a row is said once more. */
export function say(text: string): void {
  said.value = said.value === text ? `${text}\u00a0` : text;
}

export function LiveRegion() {
  return (
    <div class="visually-hidden" aria-live="polite">
      {said.value}
    </div>
  );
}
