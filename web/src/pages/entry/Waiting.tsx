// Step 4: at the door. Never blank: who will let me in, what happens next, and my sound to be tried
// meanwhile.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { span } from "../../i18n/dates";
import { useNow } from "../../room/Banner";
import { Picture } from "../../room/Picture";
import type { Room } from "../../room/room";
import { Button } from "../../ui/Button";
import { Meter } from "../../ui/Meter";
import { chime } from "./chime";
import type { Entry } from "./entry";
import { Frame } from "./Frame";
import { NetworkBad } from "./NetworkLine";

export function Waiting({ entry, room }: { entry: Entry; room: Room }) {
  const view = room.view.value;
  const visit = entry.visit.value;
  const [since] = useState(() => Date.now());
  const [played, setPlayed] = useState(false);
  const now = useNow(room);
  const { capture } = room;
  const mediator = visit?.mediator || t("role-mediator");
  return (
    <Frame
      step={4}
      sample={view?.sample ?? false}
      title={t("waiting-title", { mediator })}
      actions={
        <Button kind="retreat" wide onClick={() => void entry.leave(room)}>
          {t("waiting-leave")}
        </Button>
      }
    >
      <p class="quiet">
        {t(room.session.link.value === "live" ? "waiting-known" : "link-connecting", { mediator })}{" "}
        <span class="faint">{span(now - room.session.now() + Date.now() - since)}</span>
      </p>
      <div class="waiting stack">
        <ol class="next">
          <li class="next__now">{t("waiting-next-1")}</li>
          <li>{t("waiting-next-2")}</li>
          <li>{t("waiting-next-3")}</li>
        </ol>
        <NetworkBad entry={entry} />
        <section class="card stack">
          <h2>{t("waiting-test")}</h2>
          <div class="trial">
            {capture.video.value ? (
              <Picture track={capture.video.value} mirrored={capture.mirrored} label={t("own-picture")} />
            ) : null}
            <div class="stack-2 grow">
              <span class="small">{capture.audio.value ? t("devices-say") : t("devices-no-audio")}</span>
              <Meter level={capture.level} label={t("devices-meter")} />
              <Button
                icon="sound"
                onClick={() => {
                  chime();
                  setPlayed(true);
                }}
              >
                {t(played ? "waiting-chime-again" : "waiting-chime")}
              </Button>
              <Button
                icon="check"
                onClick={() => {
                  entry.checking.value = true;
                }}
              >
                {t("check-title")}
              </Button>
            </div>
          </div>
        </section>
      </div>
    </Frame>
  );
}
