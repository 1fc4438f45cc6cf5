// One case: what it is about, its clock, what happened in it, and the button that opens a session.
import { useEffect, useState } from "preact/hooks";
import { language, t } from "../../i18n";
import { clock, day, dayOf, moment } from "../../i18n/dates";
import { figures } from "../../i18n/money";
import { Problem } from "../../protocol/api";
import type { ComplaintId } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Progress } from "../../ui/Progress";
import {
  type Complaint,
  complaint,
  type MediationRecord,
  mediationRecord,
  type SessionEntry,
  type SettlementEntry,
} from "../rest";
import { CASES, follow } from "../route";
import { signedOut } from "../staff";
import { enterRoom, openRoom } from "./enter";
import { Facts } from "./Facts";
import { OutcomeCard } from "./OutcomeCard";
import { closed, procedureClock, stateName } from "./words";

export function CasePage({ id }: { id: ComplaintId }) {
  const [found, setFound] = useState<Complaint | "missing" | "failed" | null>(null);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    let current = true;
    complaint(id).then(
      (got) => current && setFound(got),
      (error: unknown) => {
        if (!current || signedOut(error)) return;
        setFound(error instanceof Problem && error.status === 404 ? "missing" : "failed");
      },
    );
    return () => {
      current = false;
    };
  }, [id, asked]);
  return (
    <div class="case">
      <a class="case__back" {...follow(CASES)}>
        <Icon name="back" />
        {t("desk-cases")}
      </a>
      {found === null && <Progress label={t("desk-loading-case")} />}
      {found === "missing" && <Notice kind="error" title={t("desk-case-missing")} />}
      {found === "failed" && (
        <Notice
          kind="error"
          title={t("desk-load-failed")}
          actions={<Button onClick={() => setAsked(asked + 1)}>{t("again")}</Button>}
        />
      )}
      {found !== null && typeof found === "object" && <Found found={found} />}
    </div>
  );
}

function Found({ found }: { found: Complaint }) {
  const due = closed(found.state) ? null : procedureClock(found.record, Date.now());
  return (
    <>
      <header class="case__head">
        <div class="stack-2 grow">
          <div class="row-wrap small">
            <span class="mono-figures quiet">{found.number}</span>
            <span class={`badge badge--${found.state}`}>{stateName(found.state)}</span>
            {found.sample && <span class="badge badge--sample">{t("sample-short")}</span>}
          </div>
          <h1>{found.subject}</h1>
          <p class="quiet">
            {found.record.consumer.name} <span class="faint">{t("desk-against")}</span>{" "}
            {found.record.merchant.name}
            {found.record.amount_fen ? ` · ${figures(found.record.amount_fen)}` : ""}
          </p>
        </div>
        {due && (
          <div class={`due ${due.pressing ? "pressing" : ""}`}>
            <Icon name="clock" />
            <span>{due.text}</span>
          </div>
        )}
      </header>
      <div class="case__body">
        <section class="case__facts stack">
          <h2>{t("desk-facts")}</h2>
          <Facts record={found.record} />
        </section>
        <section class="case__history stack">
          <Open found={found} />
          <History found={found} />
        </section>
      </div>
    </>
  );
}

function Open({ found }: { found: Complaint }) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const live = found.history.sessions.find((one) => one.ended_at === null)?.session;
  if (closed(found.state) && !live) return <p class="panel quiet">{t("desk-case-closed")}</p>;
  const run = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      await (live ? enterRoom(live, language.value) : openRoom(found.id, language.value));
    } catch (error) {
      if (!signedOut(error)) setTrouble(error instanceof Problem ? error.code : "key");
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class={`panel open-session ${live ? "open-session--live" : ""}`}>
      <div class="stack-2 grow">
        <h2>{t(live ? "desk-session-live" : "desk-session-open")}</h2>
        <p class="quiet small">{t(live ? "desk-session-live-what" : "desk-session-open-what")}</p>
      </div>
      <Button kind="primary" icon="camera" busy={busy} onClick={() => void run()}>
        {t(live ? "desk-session-enter" : "desk-session-start")}
      </Button>
      {trouble && (
        <Notice
          kind="error"
          title={t(
            trouble === "network" ? "desk-no-answer" : trouble === "key" ? "desk-no-key" : "desk-open-failed",
          )}
          todo={t("desk-try-again")}
        />
      )}
    </div>
  );
}

function History({ found }: { found: Complaint }) {
  const { sessions, settlements, outcomes } = found.history;
  return (
    <div class="stack">
      <h2>{t("desk-history")}</h2>
      {outcomes.map((one) => (
        <OutcomeCard key={one.outcome} complaint={found.id} number={found.number} outcome={one} />
      ))}
      <ol class="timeline">
        {[...sessions].reverse().map((one) => (
          <SessionLine
            key={one.session}
            one={one}
            versions={settlements.filter((settlement) => settlement.session === one.session)}
          />
        ))}
        <li class="timeline__item">
          <Moment at={found.created_at} />
          <span>{t("desk-registered")}</span>
        </li>
      </ol>
    </div>
  );
}

function SessionLine({ one, versions }: { one: SessionEntry; versions: SettlementEntry[] }) {
  const { end } = one;
  return (
    <li class="timeline__item" data-live={one.ended_at === null}>
      <Moment at={one.opened_at} until={one.ended_at} />
      <span class="stack-2">
        <span>
          <span class="strong">{t("desk-session")}</span> ·{" "}
          {end ? t(`phase-${end.is}`) : t("desk-session-running")}
        </span>
        {end?.is === "terminated" && (
          <>
            <span class="small quiet">{t(`ground-${end.ground}`)}</span>
            <KeptRecord session={one.session} />
          </>
        )}
        {end?.is === "adjourned" && end.next_at !== null && (
          <span class="small quiet">{t("desk-next-at", { time: moment(end.next_at) })}</span>
        )}
        {versions.map((version) => (
          <span key={version.version} class="small quiet">
            {t("desk-version-put", { version: version.version, time: clock(version.at) })}
          </span>
        ))}
      </span>
    </li>
  );
}

/** The mediation record, fetched when it is opened. */
function KeptRecord({ session }: { session: SessionEntry["session"] }) {
  const [kept, setKept] = useState<MediationRecord | "failed" | null>(null);
  const load = (open: boolean) => {
    if (!open || (kept !== null && kept !== "failed")) return;
    mediationRecord(session).then(setKept, () => setKept("failed"));
  };
  return (
    <details class="small" onToggle={(event) => load(event.currentTarget.open)}>
      <summary>{t("desk-note")}</summary>
      {kept === null && <Progress label={t("desk-loading-case")} />}
      {kept === "failed" && <p class="warn-text">{t("desk-load-failed")}</p>}
      {kept !== null && kept !== "failed" && (
        <div class="stack-2">
          {kept.ended?.note && <p class="prose">{kept.ended.note}</p>}
          <ul class="bullets">
            {kept.people.map((one) => (
              <li key={`${one.role} ${one.name}`}>
                {one.name} · {t(`role-${one.role}`)} · {t(`identity-${one.identity}`)}
              </li>
            ))}
          </ul>
          <p class="quiet">{t("desk-versions-put", { count: kept.versions_proposed })}</p>
        </div>
      )}
    </details>
  );
}

function Moment({ at, until }: { at: number; until?: number | null }) {
  return (
    <span class="timeline__when small quiet">
      {day(dayOf(at))}
      <br />
      {clock(at)}
      {until ? `–${clock(until)}` : ""}
    </span>
  );
}
