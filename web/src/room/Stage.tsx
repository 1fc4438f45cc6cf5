// The room's pictures: the person speaking (or the shared screen) large, the others in a strip, one's
// own small and movable.
import { t } from "../i18n";
import { Picture } from "./Picture";
import type { Room } from "./room";
import { SelfView } from "./SelfView";
import { Tile } from "./Tile";

export function Stage({ room }: { room: Room }) {
  const { main, presenter } = room;
  const shared = room.shared();
  const strip = shared ? room.others : room.others.filter((one) => one.person !== main?.person);
  return (
    <div class="stage">
      <div class="stage__main">
        {shared ? (
          <figure class="tile tile--large tile--screen">
            <Picture
              track={shared}
              label={t("screen-of", { name: presenter?.name ?? "" })}
              contain
              shown={room.shown}
              slot={room.screenSlot}
            />
            <span class="tile__name">{t("screen-of", { name: presenter?.name ?? "" })}</span>
          </figure>
        ) : main ? (
          <Tile room={room} person={main} large />
        ) : (
          <div class="stage__alone">
            <p class="lead">{t("room-alone")}</p>
            <p class="quiet">{t("room-alone-next")}</p>
          </div>
        )}
        <SelfView room={room} />
        {room.peer.speakers.blocked.value && (
          <button
            type="button"
            class="stage__tap button button--primary"
            onClick={() => void room.peer.speakers.play()}
          >
            {t("tap-for-sound")}
          </button>
        )}
      </div>
      {strip.length > 0 && (
        <div class="strip">
          {strip.map((one) => (
            <Tile
              key={one.person}
              room={room}
              person={one}
              onPick={() => {
                room.pinned.value = room.pinned.value === one.person ? null : one.person;
              }}
            />
          ))}
        </div>
      )}
    </div>
  );
}
