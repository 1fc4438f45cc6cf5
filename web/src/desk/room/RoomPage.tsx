// The mediator's room: people on the left, faces in the middle, the case on the right. A narrow screen
// shows one of the three at a time and keeps the faces on top.
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { span } from "../../i18n/dates";
import { Capture, DESK } from "../../media/capture";
import { Session } from "../../protocol/session";
import type { DeviceId, View } from "../../protocol/types";
import { useNow } from "../../room/Banner";
import { Room } from "../../room/room";
import { frameOf } from "../../room/Top";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Progress } from "../../ui/Progress";
import { Preferences } from "../../ui/prefs";
import { procedureClock } from "../cases/words";
import { CASES, caseAt, follow } from "../route";
import { CaseSide } from "./CaseSide";
import { Desk } from "./desk";
import { listenKeys } from "./keys";
import { Middle } from "./Middle";
import { PeopleSide } from "./PeopleSide";

export function RoomPage({ device }: { device: DeviceId }) {
  const [desk] = useState(() => new Desk(new Room(new Session(device), new Capture(DESK))));
  useEffect(() => {
    desk.room.session.start();
    void desk.room.capture.start();
    const stop = listenKeys(desk);
    return () => {
      stop();
      desk.close();
    };
  }, []);
  const view = desk.room.view.value;
  useEffect(() => void desk.load(), [view?.complaint]);
  // What was written before this page was opened is not news.
  useEffect(() => {
    desk.room.seen.value = desk.room.session.chat.value.length;
  }, [view !== null]);
  useEffect(() => ended(desk, view), [desk.room.capture.screen.value, view?.phase]);
  const over = desk.room.session.over.value;
  if (!view) {
    return (
      <main class="desk-center">
        {desk.room.session.link.value === "over" ? (
          <Gone why={over} />
        ) : (
          <Progress label={t("desk-entering")} />
        )}
      </main>
    );
  }
  return (
    <div class="droom" data-frame={frameOf(desk.room)} data-side={desk.side.value} data-phase={view.phase}>
      <TopBar desk={desk} view={view} />
      <PeopleSide desk={desk} />
      <Middle desk={desk} />
      <CaseSide desk={desk} />
      <Sides desk={desk} view={view} />
    </div>
  );
}

/** The browser's own "stop sharing" ends the sharing for everyone. */
function ended(desk: Desk, view: View | null): void {
  const { room } = desk;
  if (view && room.self?.screen && room.capture.screen.value === null && room.session.may("share_screen")) {
    void room.send({ do: "share_screen", on: false });
  }
}

function Gone({ why }: { why: string | null }) {
  return (
    <div class="stack gone">
      <Notice
        kind="error"
        title={t(why === "superseded" ? "desk-superseded" : "desk-room-gone")}
        todo={t("desk-room-gone-todo")}
        actions={<a {...follow(CASES)}>{t("desk-cases")}</a>}
      />
    </div>
  );
}

function TopBar({ desk, view }: { desk: Desk; view: View }) {
  const now = useNow(desk.room);
  const record = desk.record.value;
  // The ceremony's and the receipt's document is the page's heading while it stands.
  const Subject = view.outcome || view.phase === "signing" ? "p" : "h1";
  const over = view.phase === "agreed" || view.phase === "terminated";
  const due = record !== null && record !== "failed" && !over ? procedureClock(record.record, now) : null;
  return (
    <header class="droom__top">
      <a class="icon-button" title={t("desk-to-case")} {...follow(caseAt(view.complaint))}>
        <Icon name="back" />
        <span class="visually-hidden">{t("desk-to-case")}</span>
      </a>
      <div class="droom__subject">
        <Subject class="droom__title">{view.subject}</Subject>
        <span class="small quiet">
          {view.number}
          {view.sample && ` · ${t("sample-short")}`}
        </span>
      </div>
      <span class="badge phase" data-phase={view.phase}>
        {t(`phase-${view.phase}`)}
      </span>
      <span class="grow" />
      {due && (
        <span class={`clock ${due.pressing ? "pressing" : ""}`} title={t("desk-clock-procedure")}>
          <span class="clock__name">{t("desk-clock-procedure")}</span>
          {due.text}
        </span>
      )}
      <span class="clock" title={t("desk-clock-session")}>
        <span class="clock__name">{t("desk-clock-session")}</span>
        <span class="mono-figures">{span((view.ended?.at ?? view.outcome?.at ?? now) - view.opened_at)}</span>
      </span>
      <button
        type="button"
        class="palette-button"
        onClick={() => {
          desk.palette.value = true;
          desk.side.value = "case";
        }}
      >
        <Icon name="search" />
        <span>{t("desk-palette")}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <Preferences />
    </header>
  );
}

/** On narrow screens: which of the three is shown. */
function Sides({ desk, view }: { desk: Desk; view: View }) {
  const sides = ["people", "room", "case"] as const;
  return (
    <nav class="sides" aria-label={t("desk-sides")}>
      {sides.map((side) => (
        <button
          key={side}
          type="button"
          aria-pressed={desk.side.value === side}
          onClick={() => {
            desk.side.value = side;
          }}
        >
          {t(`desk-side-${side}`)}
          {side === "people" && view.door.length > 0 && (
            <span class="count count--new">{view.door.length}</span>
          )}
        </button>
      ))}
    </nav>
  );
}
