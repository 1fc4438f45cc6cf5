// The session is over for this device: adjourned, ended without agreement, turned away, opened
// elsewhere. What happened, what was kept, what to do.
import { t } from "../../i18n";
import { moment } from "../../i18n/dates";
import type { Room } from "../../room/room";
import { Button } from "../../ui/Button";
import type { IconName } from "../../ui/Icon";
import type { Entry } from "./entry";
import { Frame } from "./Frame";

export type Ending = "adjourned" | "terminated" | "superseded" | "refused" | "removed" | "gone";

/** How it ended for this device; null while it goes on. `wasIn` is whether it was ever admitted. */
export function endingOf(room: Room, wasIn: boolean): Ending | null {
  const view = room.view.value;
  if (view?.phase === "adjourned" && view.ended) return "adjourned";
  if (view?.phase === "terminated" && view.ended) return "terminated";
  const over = room.session.link.value === "over";
  if (over && room.session.over.value === "superseded") return "superseded";
  if (view?.me.place === "out" || (over && room.session.over.value === "out"))
    return wasIn ? "removed" : "refused";
  return over ? "gone" : null;
}

const SIGNS: Record<Ending, IconName> = {
  adjourned: "clock",
  terminated: "letter",
  superseded: "screen",
  refused: "people",
  removed: "people",
  gone: "leave",
};

export function Over({ entry, room, ending }: { entry: Entry; room: Room; ending: Ending }) {
  const ended = room.view.value?.ended;
  const station = entry.surface === "station";
  return (
    <Frame
      sign={SIGNS[ending]}
      title={t(`over-${ending}-title`)}
      actions={
        ending === "superseded" || ending === "gone" ? (
          <Button kind="primary" wide onClick={() => location.reload()}>
            {t(ending === "superseded" ? "over-here" : "again")}
          </Button>
        ) : station ? (
          <Button kind="primary" wide onClick={() => void entry.leave(room)}>
            {t("station-finish")}
          </Button>
        ) : null
      }
    >
      <p>{t(`over-${ending}`)}</p>
      {ended && (
        <div class="card stack-2">
          {ended.ground && (
            <p>
              <span class="small quiet">{t("over-ground")}</span>
              <br />
              {t(`ground-${ended.ground}`)}
            </p>
          )}
          {ended.note && <p class="prose">{ended.note}</p>}
          {ended.next_at !== null && (
            <p>
              <span class="small quiet">{t("over-next")}</span>
              <br />
              <span class="strong">{moment(ended.next_at)}</span>
            </p>
          )}
        </div>
      )}
      {(ending === "adjourned" || ending === "terminated") && <p class="quiet">{t(`over-${ending}-next`)}</p>}
    </Frame>
  );
}

export function Left({ entry }: { entry: Entry }) {
  const station = entry.surface === "station";
  return (
    <Frame
      sign="check"
      title={t("left-title")}
      actions={
        station ? (
          <Button
            kind="primary"
            wide
            onClick={() => {
              entry.step.value = { at: "idle" };
            }}
          >
            {t("station-next")}
          </Button>
        ) : null
      }
    >
      <p>{t(station ? "left-station" : "left-phone")}</p>
    </Frame>
  );
}
