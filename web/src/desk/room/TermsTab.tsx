// The settlement at the mediator's desk: the draft as it is typed and seen live by both sides, what was
// put to them, who agrees, and the way to signing.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { clock } from "../../i18n/dates";
import { figures, parse } from "../../i18n/money";
import type { Performer, Term, TermKind, VersionView, View } from "../../protocol/types";
import { nameOf } from "../../room/names";
import { sentence, totals } from "../../room/sentence";
import { Sentences } from "../../room/Terms";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Money } from "../../ui/Money";
import { openDraft, propose } from "./actions";
import type { Desk } from "./desk";
import { faultOf, KINDS, performer, type Row, sameTerms, termOf, termsOf } from "./draft";

export function TermsTab({ desk }: { desk: Desk }) {
  const view = desk.room.view.value;
  if (!view) return null;
  const { session } = desk.room;
  const editing = session.may("draft_edit");
  return (
    <div class="stack">
      {editing && <EditTerms desk={desk} view={view} />}
      {!editing && session.may("draft_open") && (
        <div class="empty stack-2">
          <p>{t(view.draft ? "desk-draft-kept" : "desk-draft-none")}</p>
          <Button kind="primary" icon="letter" onClick={() => void openDraft(desk)}>
            {t("desk-do-draft")}
          </Button>
        </div>
      )}
      {!editing && !session.may("draft_open") && !view.draft && (
        <p class="quiet">{t("desk-draft-not-now")}</p>
      )}
      <Versions view={view} />
      <Standing desk={desk} view={view} />
    </div>
  );
}

function EditTerms({ desk, view }: { desk: Desk; view: View }) {
  const { editor, room } = desk;
  const rows = editor.rows.value;
  const today = editor.today();
  const faulty = rows.filter((row) => faultOf(row, today) !== null).length;
  const newest = view.draft?.versions[view.draft.versions.length - 1];
  const same = newest !== undefined && sameTerms(newest.terms, termsOf(rows, today));
  const next = (newest?.version ?? 0) + 1;
  return (
    <section class="stack" aria-label={t("desk-draft")}>
      <div class="row between">
        <h2>{t("desk-draft")}</h2>
        <Saved desk={desk} faulty={faulty} />
      </div>
      <ol class="rows">
        {rows.map((row, i) => (
          <RowEditor key={row.id} desk={desk} row={row} index={i} count={rows.length} />
        ))}
      </ol>
      <Totals terms={termsOf(rows, today)} />
      <Button icon="plus" onClick={() => editor.add()}>
        {t("desk-add-term")}
      </Button>
      {room.session.may("draft_propose") && (
        <div class="stack-2">
          <Button
            kind="primary"
            icon="send"
            disabled={rows.length === 0 || faulty > 0 || same}
            onClick={() => void propose(desk)}
          >
            {t("desk-propose", { version: next })}
          </Button>
          <p class="small quiet">
            {same ? t("desk-propose-same") : faulty > 0 ? t("desk-propose-faulty") : t("desk-propose-what")}
          </p>
        </div>
      )}
    </section>
  );
}

/** What each side pays in all, once it is more than one amount. */
function Totals({ terms }: { terms: Term[] }) {
  const sums = totals(terms);
  const sides = (["merchant", "consumer"] as const).filter(
    (side) => terms.filter((term) => term.by === side && term.amount_fen !== null).length > 1,
  );
  if (sides.length === 0) return null;
  return (
    <p class="small quiet">
      {sides
        .map((side) => t("desk-total", { who: t(`desk-by-${side}`), money: figures(sums[side]) }))
        .join(t("list-comma"))}
    </p>
  );
}

function Saved({ desk, faulty }: { desk: Desk; faulty: number }) {
  const state = desk.editor.state.value;
  if (state === "failed") {
    return (
      <button type="button" class="saved saved--failed" onClick={() => void desk.editor.flush()}>
        <Icon name="warn" />
        {t("desk-edit-failed")}
      </button>
    );
  }
  return (
    <span class="saved" role="status">
      {state === "saved" ? <Icon name="check" /> : <span class="saved__dot" />}
      {state === "saved" ? t(faulty > 0 ? "desk-edit-partly" : "desk-edit-live") : t("desk-edit-sending")}
    </span>
  );
}

function RowEditor(props: { desk: Desk; row: Row; index: number; count: number }) {
  const { desk, row, index, count } = props;
  const { editor } = desk;
  const fault = faultOf(row, editor.today());
  const change = (part: Partial<Row>) => editor.change(row.id, part);
  const fen = row.amount.trim() ? parse(row.amount) : null;
  const label = t("desk-term", { number: index + 1 });
  return (
    <li class="row-edit" aria-label={label}>
      <div class="row-edit__head">
        <span class="row-edit__number">{index + 1}</span>
        <select
          class="input"
          aria-label={t("desk-term-kind")}
          value={row.kind}
          onChange={(event) => {
            const kind = event.currentTarget.value as TermKind;
            change({ kind, by: kind === "free_text" ? row.by : performer(kind) });
          }}
        >
          {KINDS.map((kind) => (
            <option key={kind} value={kind} selected={kind === row.kind}>
              {t(`desk-kind-${kind.replace(/_/g, "-")}`)}
            </option>
          ))}
        </select>
        <select
          class="input"
          aria-label={t("desk-term-by")}
          value={row.by}
          onChange={(event) => change({ by: event.currentTarget.value as Performer })}
        >
          {(["merchant", "consumer", "both"] as const).map((by) => (
            <option key={by} value={by} selected={by === row.by}>
              {t(`desk-by-${by}`)}
            </option>
          ))}
        </select>
      </div>
      <div class="row-edit__two">
        <label class="money-input">
          <span aria-hidden="true">¥</span>
          <input
            class="input"
            inputMode="decimal"
            placeholder={t("desk-term-no-amount")}
            aria-label={t("desk-term-amount")}
            aria-invalid={fault === "amount" && row.amount.trim() !== "" ? true : undefined}
            value={row.amount}
            onInput={(event) => change({ amount: event.currentTarget.value })}
          />
        </label>
        <input
          class="input"
          type="date"
          min={editor.today()}
          aria-label={t("desk-term-due")}
          aria-invalid={fault === "past" ? true : undefined}
          value={row.due}
          onInput={(event) => change({ due: event.currentTarget.value })}
        />
      </div>
      <textarea
        class="input row-edit__text"
        rows={row.text.length > 60 ? 3 : 1}
        maxLength={2000}
        placeholder={t(row.kind === "free_text" ? "desk-term-free" : "desk-term-text")}
        aria-label={t("desk-term-text")}
        value={row.text}
        onInput={(event) => change({ text: event.currentTarget.value })}
      />
      <div class="row-edit__foot">
        <span class={`grow small ${fault ? "warn-text" : "quiet"}`}>
          {fault ? (
            t(`desk-row-${fault}`)
          ) : (
            <>
              {sentence(termOf(row), "mediator")}
              {fen !== null && (
                <span class="faint">
                  {" "}
                  <Money fen={fen} words />
                </span>
              )}
            </>
          )}
        </span>
        <button
          type="button"
          class="icon-button"
          aria-label={t("desk-term-up")}
          disabled={index === 0}
          onClick={() => editor.move(row.id, -1)}
        >
          ↑
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label={t("desk-term-down")}
          disabled={index === count - 1}
          onClick={() => editor.move(row.id, 1)}
        >
          ↓
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label={t("desk-term-remove", { number: index + 1 })}
          onClick={() => editor.remove(row.id)}
        >
          <Icon name="trash" />
        </button>
      </div>
    </li>
  );
}

function Versions({ view }: { view: View }) {
  const [all, setAll] = useState(false);
  const versions = view.draft?.versions ?? [];
  if (versions.length === 0) return null;
  const shown = all ? [...versions].reverse() : versions.slice(-1);
  return (
    <section class="stack" aria-label={t("desk-put")}>
      <h2>{t("desk-put")}</h2>
      {shown.map((one) => (
        <Version
          key={one.version}
          version={one}
          before={versions.find((other) => other.version === one.version - 1)}
        />
      ))}
      {versions.length > 1 && (
        <Button kind="plain" onClick={() => setAll(!all)}>
          {t(all ? "desk-versions-less" : "desk-versions-all", { count: versions.length })}
        </Button>
      )}
    </section>
  );
}

function Version(props: { version: VersionView; before: VersionView | undefined }) {
  const { version } = props;
  return (
    <article class="letter">
      <p class="small quiet">
        {t("desk-version", { version: version.version })} · {clock(version.at)}
      </p>
      <Sentences terms={version.terms} reader="mediator" version={version} before={props.before} />
    </article>
  );
}

/** Where the newest version stands, always in sight: who agrees, who is unchecked, and the way to sign. */
function Standing({ desk, view }: { desk: Desk; view: View }) {
  const [busy, setBusy] = useState(false);
  const versions = view.draft?.versions ?? [];
  const newest = versions[versions.length - 1];
  if (!newest || view.ended || view.outcome) return null;
  const unchecked = view.people.filter((one) => one.identity === "not_checked" && one.presence !== "left");
  const sign = async () => {
    setBusy(true);
    await desk.room.send({ do: "signing_open", version: newest.version });
    setBusy(false);
  };
  return (
    <section class="standing" aria-label={t("desk-version", { version: newest.version })}>
      <Assents view={view} version={newest.version} />
      {desk.room.session.may("signing_open") && (
        <>
          {unchecked.length > 0 && (
            <p class="small warn-text">
              {t("desk-unchecked", { names: unchecked.map((one) => one.name).join(t("list-comma")) })}
            </p>
          )}
          <Button kind="primary" icon="edit" busy={busy} onClick={() => void sign()}>
            {t("desk-do-sign", { version: newest.version })}
          </Button>
        </>
      )}
    </section>
  );
}

function Assents({ view, version }: { view: View; version: number }) {
  const assents = view.draft?.assents.filter((one) => one.version === version) ?? [];
  const parties = view.people.filter(
    (one) => (one.role === "consumer" || one.role === "merchant") && one.presence !== "left",
  );
  return (
    <ul class="assents">
      {parties.map((party) => {
        const given = assents.find((one) => one.person === party.person);
        return (
          <li key={party.person} class={`badge ${given ? "badge--done" : ""}`}>
            {given && <Icon name="check" />}
            {given
              ? t("desk-assented", { name: nameOf(view, party.person), time: clock(given.at) })
              : t("desk-not-assented", { name: party.name })}
          </li>
        );
      })}
    </ul>
  );
}
