// The middle: faces side by side (or the shared screen large with faces beside it), what is going on in
// one band, and the bar of what is done most.
import { t } from "../../i18n";
import { Banner } from "../../room/Banner";
import { Control } from "../../room/Controls";
import { Picture } from "../../room/Picture";
import { SelfView } from "../../room/SelfView";
import { Tile } from "../../room/Tile";
import { Button } from "../../ui/Button";
import { actions } from "./actions";
import type { Desk } from "./desk";

export function Middle({ desk }: { desk: Desk }) {
  const { room } = desk;
  const view = room.view.value;
  if (!view) return null;
  return (
    <main class="middle">
      <Banner room={room} />
      <Faces desk={desk} />
      <Bar desk={desk} />
    </main>
  );
}

function Faces({ desk }: { desk: Desk }) {
  const { room } = desk;
  const { presenter } = room;
  const shared = presenter?.person === room.self?.person ? room.capture.screen.value : room.shared();
  const pinned = room.pinned.value;
  // In a private talk only those in it have a place here; the others wait in the list of people.
  const apart = room.view.value?.caucus?.inside === true;
  const others = room.others.filter((one) => one.with_me || !apart);
  const large = shared ? null : others.find((one) => one.person === pinned);
  const rest = large ? others.filter((one) => one !== large) : others;
  const pick = (person: string) => {
    room.pinned.value = pinned === person ? null : person;
  };
  return (
    <div
      class="faces"
      data-large={shared !== null || large !== undefined ? "yes" : "no"}
      data-count={others.length}
    >
      {shared && (
        <figure class="tile tile--large tile--screen faces__large">
          <Picture
            track={shared}
            label={t("screen-of", { name: presenter?.name ?? "" })}
            contain
            shown={room.shown}
            slot={presenter?.person === room.self?.person ? null : room.screenSlot}
          />
          <span class="tile__name">{t("screen-of", { name: presenter?.name ?? "" })}</span>
        </figure>
      )}
      {large && (
        <div class="faces__large">
          <Tile room={room} person={large} large onPick={() => pick(large.person)} />
        </div>
      )}
      {others.length === 0 ? (
        <Alone desk={desk} />
      ) : (
        <div class="faces__rest">
          {rest.map((one) => (
            <Tile
              key={one.person}
              room={room}
              person={one}
              large={!shared && !large}
              onPick={() => pick(one.person)}
            />
          ))}
        </div>
      )}
      <SelfView room={room} />
      {room.peer.speakers.blocked.value && (
        <Button kind="primary" class="faces__tap" onClick={() => void room.peer.speakers.play()}>
          {t("tap-for-sound")}
        </Button>
      )}
    </div>
  );
}

function Alone({ desk }: { desk: Desk }) {
  const { session } = desk.room;
  const waiting = desk.room.view.value?.door.length ?? 0;
  return (
    <div class="faces__alone stack">
      <p class="lead">{t(waiting > 0 ? "desk-alone-door" : "desk-alone")}</p>
      <p class="quiet">{t(waiting > 0 ? "desk-alone-door-next" : "desk-alone-next")}</p>
      {waiting === 0 && session.may("invite") && (
        <Button kind="primary" icon="plus" onClick={() => desk.begin({ is: "invite" })}>
          {t("desk-do-invite")}
        </Button>
      )}
    </div>
  );
}

/** The frequent ones of all actions, in the order of the hand. */
const SHOWN = ["mute", "camera", "share", "caucus", "return", "draft-open", "adjourn", "terminate"];

function Bar({ desk }: { desk: Desk }) {
  const all = actions(desk);
  const { room } = desk;
  if (!all.some((one) => SHOWN.includes(one.id))) return null;
  const off: Record<string, boolean> = {
    mute: room.capture.muted.value || room.capture.audio.value === null,
    camera: room.capture.video.value === null,
  };
  return (
    <div class="bar" role="toolbar" aria-label={t("controls")}>
      {SHOWN.map((id) => {
        const action = all.find((one) => one.id === id);
        return action ? (
          <Control
            key={id}
            icon={action.icon}
            label={short(id, action.label)}
            off={off[id] ?? false}
            {...(id === "mute" && !off.mute ? { level: () => room.capture.level.value } : {})}
            pressed={id === "return" || (id === "share" && (room.self?.screen ?? false))}
            {...(id === "terminate" ? { kind: "leave" as const } : {})}
            onClick={action.run}
          />
        ) : null;
      })}
    </div>
  );
}

/** Labels of the bar are one word; the whole one is the palette's. */
function short(id: string, label: string): string {
  const words: Record<string, string> = {
    mute: t("desk-bar-mute"),
    camera: t("desk-bar-camera"),
    share: t("desk-bar-share"),
    caucus: t("desk-bar-caucus"),
    return: t("desk-bar-return"),
    "draft-open": t("desk-bar-draft"),
    adjourn: t("desk-bar-adjourn"),
    terminate: t("desk-bar-terminate"),
  };
  return words[id] ?? label;
}
