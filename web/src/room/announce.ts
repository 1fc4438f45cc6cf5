// Tells people who listen instead of look what changed: who came and went, which phase it is, when the
// mediator takes somebody aside. Words only; the page shows the same in its own way.
import { effect } from "@preact/signals";
import { t } from "../i18n";
import type { Session } from "../protocol/session";
import type { Presence, View } from "../protocol/types";
import { say } from "../ui/live";

/** Begins to announce; the result ends it. */
export function announce(session: Session): () => void {
  let before: View | null = null;
  return effect(() => {
    const now = session.view.value;
    if (now && before) {
      const said = changes(before, now);
      if (said.length) say(said.join(" "));
    }
    before = now;
  });
}

function changes(before: View, now: View): string[] {
  const said: string[] = [];
  for (const one of now.people) {
    const was = before.people.find((other) => other.person === one.person);
    if (one.person === now.me.person) continue;
    const how = moved(was?.presence, one.presence);
    if (how) said.push(t(`said-${how}`, { name: one.name }));
    if (was && !was.hand && one.hand) said.push(t("said-hand", { name: one.name }));
  }
  if (before.phase !== now.phase) said.push(t(`phase-${now.phase}`));
  if ((now.draft?.versions.length ?? 0) > (before.draft?.versions.length ?? 0)) said.push(t("said-version"));
  if (now.door.length > before.door.length) said.push(t("said-door"));
  return said;
}

function moved(was: Presence | undefined, now: Presence): "came" | "back" | "lost" | "left" | null {
  if (was === now) return null;
  if (now === "here") return was === "reconnecting" ? "back" : "came";
  if (was === undefined) return "came";
  if (was === "here" && now === "reconnecting") return "lost";
  return now === "left" && was !== "aside" ? "left" : null;
}
