// The right side: a task if one is open, else the tabs of the case. During signing the ceremony stands
// here, afterwards the outcome; the faces stay in the middle all the while.
import { t } from "../../i18n";
import { moment } from "../../i18n/dates";
import type { View } from "../../protocol/types";
import { Ceremony } from "../../room/Ceremony";
import { Chat } from "../../room/Chat";
import { Documents } from "../../room/Documents";
import { Receipt } from "../../room/Receipt";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Progress } from "../../ui/Progress";
import { Facts } from "../cases/Facts";
import { caseAt, go } from "../route";
import { type Desk, TABS, type Tab } from "./desk";
import { Journal } from "./Journal";
import { Help, Palette } from "./Palette";
import { Tasks } from "./Tasks";
import { TermsTab } from "./TermsTab";

export function CaseSide({ desk }: { desk: Desk }) {
  const view = desk.room.view.value;
  if (!view) return null;
  return (
    <aside class="right" aria-label={t("desk-case-side")}>
      {desk.palette.value && <Palette desk={desk} />}
      {desk.help.value && <Help desk={desk} />}
      {!desk.help.value && desk.task.value && <Tasks desk={desk} />}
      {!desk.help.value && !desk.task.value && <Main desk={desk} view={view} />}
    </aside>
  );
}

function Main({ desk, view }: { desk: Desk; view: View }) {
  if (view.phase === "signing" && view.signing) {
    return (
      <div class="right__body right__body--ceremony">
        <Ceremony room={desk.room} />
      </div>
    );
  }
  if (view.outcome) {
    return (
      <div class="right__body">
        <Receipt room={desk.room} />
        <Button wide icon="folder" onClick={() => go(caseAt(view.complaint))}>
          {t("desk-to-case")}
        </Button>
      </div>
    );
  }
  return (
    <>
      <Tabs desk={desk} view={view} />
      <div
        class="right__body"
        role="tabpanel"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard
        tabIndex={0}
        id="desk-panel"
        aria-labelledby={`desk-tab-${desk.tab.value}`}
      >
        {view.ended && <Ended view={view} />}
        <Panel desk={desk} view={view} tab={desk.tab.value} />
      </div>
    </>
  );
}

function Tabs({ desk, view }: { desk: Desk; view: View }) {
  const unread = desk.tab.value === "chat" ? 0 : desk.room.session.chat.value.length - desk.room.seen.value;
  const counts: Partial<Record<Tab, number>> = {
    chat: Math.max(0, unread),
    documents: view.documents.length,
  };
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = TABS.indexOf(desk.tab.value);
    const to = TABS[(at + step + TABS.length) % TABS.length];
    if (!to) return;
    desk.tab.value = to;
    document.getElementById(`desk-tab-${to}`)?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={t("desk-case-side")} onKeyDown={move}>
      {TABS.map((tab) => (
        <button
          key={tab}
          type="button"
          role="tab"
          id={`desk-tab-${tab}`}
          aria-controls="desk-panel"
          aria-selected={desk.tab.value === tab}
          tabIndex={desk.tab.value === tab ? 0 : -1}
          onClick={() => desk.show(tab)}
        >
          {t(`desk-tab-${tab}`)}
          {counts[tab] ? (
            <span class={`count ${tab === "chat" ? "count--new" : ""}`}>{counts[tab]}</span>
          ) : null}
        </button>
      ))}
    </div>
  );
}

function Panel({ desk, view, tab }: { desk: Desk; view: View; tab: Tab }) {
  switch (tab) {
    case "terms":
      return <TermsTab desk={desk} />;
    case "documents":
      return <Documents room={desk.room} />;
    case "chat":
      return <Chat room={desk.room} />;
    case "journal":
      return <Journal view={view} />;
    default:
      return <FactsTab desk={desk} view={view} />;
  }
}

function FactsTab({ desk, view }: { desk: Desk; view: View }) {
  const record = desk.record.value;
  if (record === null) return <Progress label={t("desk-loading-case")} />;
  if (record === "failed") {
    return (
      <Notice
        kind="error"
        title={t("desk-facts-failed")}
        kept={`${view.number} · ${view.subject}`}
        actions={<Button onClick={() => void desk.load()}>{t("again")}</Button>}
      />
    );
  }
  return <Facts record={record.record} />;
}

function Ended({ view }: { view: View }) {
  const { ended } = view;
  if (!ended) return null;
  return (
    <Notice
      kind="info"
      title={t(`phase-${view.phase}`)}
      actions={
        <Button icon="folder" onClick={() => go(caseAt(view.complaint))}>
          {t("desk-to-case")}
        </Button>
      }
    >
      {ended.ground && <span>{t(`ground-${ended.ground}`)}</span>}
      {ended.note && <span class="prose">{ended.note}</span>}
      {ended.next_at !== null && <span>{t("desk-next-at", { time: moment(ended.next_at) })}</span>}
      <span class="small quiet">{moment(ended.at)}</span>
    </Notice>
  );
}
