// The room at a phone's width: faces, one band for what is going on, and a bar at thumb's reach. Terms,
// chat and files come up as a sheet that leaves the bar, and so the way out, in sight.
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Banner } from "../../room/Banner";
import { Chat } from "../../room/Chat";
import { Control, Controls } from "../../room/Controls";
import { Documents } from "../../room/Documents";
import { newVersion } from "../../room/offer";
import { People } from "../../room/People";
import { preparePapers } from "../../room/papers";
import type { Room } from "../../room/room";
import { Stage } from "../../room/Stage";
import { Terms } from "../../room/Terms";
import { frameOf, Top } from "../../room/Top";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Sheet } from "../../ui/Sheet";
import type { Entry } from "../entry/entry";

type Open = "terms" | "chat" | "more" | null;

export function PhoneRoom({ entry, room }: { entry: Entry; room: Room }) {
  const [open, setOpen] = useState<Open>(null);
  useEffect(preparePapers, []);
  const view = room.view.value;
  if (!view) return null;
  const close = () => setOpen(null);
  const toggle = (which: Open) => setOpen(open === which ? null : which);
  const unread = open === "chat" ? 0 : room.unread;
  const offer = newVersion(room, view);
  return (
    <main class="room" data-frame={frameOf(room)}>
      <Top room={room} />
      <Banner room={room} />
      <Stage room={room} />
      {offer && open !== "terms" && (
        <button type="button" class="offer" onClick={() => setOpen("terms")}>
          <Icon name="letter" />
          <span class="grow">{t("offer-new")}</span>
          <span class="strong">{t("offer-read")}</span>
        </button>
      )}
      <Outside room={room} onFiles={() => setOpen("more")} />
      {open && (
        <Sheet title={t(`sheet-${open}`)} onClose={close}>
          {open === "terms" && <Terms room={room} onClose={close} />}
          {open === "chat" && <Chat room={room} />}
          {open === "more" && <More entry={entry} room={room} />}
        </Sheet>
      )}
      <Controls room={room} onLeave={() => void entry.leave(room)}>
        <Control
          icon="letter"
          label={t("sheet-terms")}
          pressed={open === "terms"}
          count={offer ? 1 : 0}
          onClick={() => toggle("terms")}
        />
        <Control
          icon="chat"
          label={t("sheet-chat")}
          pressed={open === "chat"}
          count={unread}
          onClick={() => toggle("chat")}
        />
        <Control
          icon="menu"
          label={t("sheet-more")}
          pressed={open === "more"}
          onClick={() => toggle("more")}
        />
      </Controls>
    </main>
  );
}

/** Something useful to do while the mediator talks with the other side. */
function Outside({ room, onFiles }: { room: Room; onFiles: () => void }) {
  if (frameOf(room) !== "outside") return null;
  return (
    <div class="meanwhile">
      <span class="grow small">{t("caucus-meanwhile")}</span>
      <Button icon="photo" onClick={onFiles}>
        {t("documents")}
      </Button>
    </div>
  );
}

function More({ entry, room }: { entry: Entry; room: Room }) {
  const up = room.self?.hand ?? false;
  return (
    <div class="stack">
      <div class="row-wrap">
        {room.session.may("raise_hand") && (
          <Button icon="hand" aria-pressed={up} onClick={() => void room.send({ do: "raise_hand", up: !up })}>
            {t(up ? "hand-lower" : "hand-raise")}
          </Button>
        )}
        {room.capture.canFlip.value && room.capture.video.value && (
          <Button icon="flip" onClick={() => void room.capture.flip()}>
            {t("flip")}
          </Button>
        )}
        <Button
          icon="check"
          onClick={() => {
            entry.checking.value = true;
          }}
        >
          {t("check-title")}
        </Button>
      </div>
      <h2>{t("documents")}</h2>
      <Documents room={room} />
      <h2>{t("people")}</h2>
      <People room={room} />
    </div>
  );
}
