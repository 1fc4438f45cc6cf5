// The keyboard in the room: Ctrl+K (or ⌘K) opens the palette, Escape closes what is open, and a single
// letter does what its action says, unless somebody is typing.
import { actions } from "./actions";
import type { Desk } from "./desk";

/** Begins to listen; the result ends it. */
export function listenKeys(desk: Desk): () => void {
  const key = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      desk.palette.value = !desk.palette.value;
      return;
    }
    if (event.key === "Escape") {
      close(desk);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const action = actions(desk).find((one) => one.key === event.key.toLowerCase());
    if (!action) return;
    event.preventDefault();
    action.run();
  };
  addEventListener("keydown", key);
  return () => removeEventListener("keydown", key);
}

function close(desk: Desk): void {
  if (desk.palette.value) desk.palette.value = false;
  else if (desk.help.value) desk.help.value = false;
  else desk.task.value = null;
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}
