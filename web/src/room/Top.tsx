// What a room is about, how far it is, and how long it has lasted.
import { t } from "../i18n";
import { span } from "../i18n/dates";
import { Preferences } from "../ui/prefs";
import { useNow } from "./Banner";
import type { Room } from "./room";

/** The tone of the whole frame: private, outside of a private talk, or the ordinary one. */
export function frameOf(room: Room): "caucus" | "outside" | "joint" {
  const caucus = room.view.value?.caucus;
  if (!caucus || caucus.joins_at !== null) return "joint";
  return caucus.inside ? "caucus" : "outside";
}

export function Top({ room }: { room: Room }) {
  const view = room.view.value;
  const now = useNow(room);
  if (!view) return null;
  return (
    <header class="room__top">
      <span class="room__subject">
        <h1>
          {view.sample && <span class="room__sample">{t("sample-short")}</span>}
          {view.subject}
        </h1>
        <span class="small quiet">
          {t(`phase-${view.phase}`)} · {span(now - view.opened_at)}
        </span>
      </span>
      <Preferences />
    </header>
  );
}
