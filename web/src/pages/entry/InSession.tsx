// Which page a joined device shows: the door, the room, the ceremony, the receipt, or the end.
import type { ComponentChild, ComponentType } from "preact";
import { useRef } from "preact/hooks";
import { t } from "../../i18n";
import { Banner } from "../../room/Banner";
import { Ceremony, Receipt } from "../../room/papers";
import type { Room } from "../../room/room";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Progress } from "../../ui/Progress";
import { Preferences } from "../../ui/prefs";
import { CheckPage } from "./check";
import type { Entry } from "./entry";
import { Frame } from "./Frame";
import { endingOf, Over } from "./Over";
import { Waiting } from "./Waiting";

export type Layout = ComponentType<{ entry: Entry; room: Room }>;

export function InSession(props: { entry: Entry; room: Room; layout: Layout }) {
  const { entry, room, layout: Layout } = props;
  const wasIn = useRef(false);
  const view = room.view.value;
  const place = view?.me.place;
  if (place === "joint" || place === "caucus") wasIn.current = true;
  const ending = view?.outcome && place !== "out" ? null : endingOf(room, wasIn.current);
  if (ending) return <Over entry={entry} room={room} ending={ending} />;
  if (!view) {
    return (
      <Frame title={t("link-connecting")}>
        <Progress label={t("link-connecting")} />
      </Frame>
    );
  }
  if (entry.checking.value) return <CheckPage entry={entry} />;
  if (place === "waiting") return <Waiting entry={entry} room={room} />;
  if (view.outcome) return <Quiet room={room} entry={entry} page={<Receipt room={room} />} finished />;
  if (view.phase === "signing" && view.signing)
    return <Quiet room={room} entry={entry} page={<Ceremony room={room} />} />;
  return <Layout entry={entry} room={room} />;
}

/** A page of paper alone, while the conversation goes on in the ear. */
function Quiet(props: { entry: Entry; room: Room; page: ComponentChild; finished?: boolean }) {
  const { room } = props;
  const silent = room.capture.muted.value || room.capture.audio.value === null;
  const over = room.session.link.value === "over";
  return (
    <div class="quietpage">
      <header class="frame__top no-print">
        {over ? (
          <span class="small quiet">{t("quiet-over")}</span>
        ) : (
          <button
            type="button"
            class="callchip"
            aria-pressed={!silent}
            onClick={() => void room.toggleMute()}
          >
            <Icon name={silent ? "mic-off" : "mic"} />
            {t(silent ? "quiet-muted" : "quiet-heard")}
          </button>
        )}
        <Preferences />
      </header>
      <div class="no-print">
        <Banner room={room} />
      </div>
      <main class="quietpage__main">{props.page}</main>
      {props.finished && (
        <footer class="frame__actions no-print">
          <Button kind="retreat" wide onClick={() => void props.entry.leave(room)}>
            {t(props.entry.surface === "station" ? "station-finish" : "receipt-leave")}
          </Button>
        </footer>
      )}
    </div>
  );
}
