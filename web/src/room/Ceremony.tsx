// Signing, slowed down: the document alone, my obligations first, the amount in words, what I give up,
// the seals as they arrive; decline as large as sign; press and hold. The device reads the document out
// of the very bytes that it will sign, and offers nothing to sign if they don't hold together.
import { useEffect, useState } from "preact/hooks";
import type { Approved, ReadableDocument } from "../crypto/document";
import { language, t } from "../i18n";
import { clock } from "../i18n/dates";
import { figures, words } from "../i18n/money";
import type { SigningView, Term, View } from "../protocol/types";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { HoldToSign } from "../ui/HoldToSign";
import { Notice } from "../ui/Notice";
import { Progress } from "../ui/Progress";
import { Seal } from "../ui/Seal";
import { useNow } from "./Banner";
import type { Room } from "./room";
import { dutyOf, totals } from "./sentence";
import { type Checked, checkShown, makeSignature } from "./signing";
import { Sentences } from "./Terms";

type Stage = "reading" | "declining" | "signing";

export function Ceremony({ room }: { room: Room }) {
  const view = room.view.value;
  const signing = view?.signing;
  const checked = useChecked(view);
  if (!view || !signing) return null;
  return (
    <article class="ceremony">
      {checked === null ? (
        <Progress label={t("signing-checking")} />
      ) : checked.ok ? (
        <>
          <Document view={view} signing={signing} shown={checked.shown} />
          <Seals view={view} signing={signing} />
          <Decision room={room} view={view} signing={signing} approved={checked.approved} />
        </>
      ) : (
        <Notice
          kind="error"
          title={t("signing-mismatch")}
          kept={t("signing-mismatch-kept")}
          todo={t("signing-mismatch-todo")}
          actions={
            room.session.may("decline") ? (
              <Button
                onClick={() =>
                  void room.send({ do: "decline", version: signing.version, reason: "mismatch" })
                }
              >
                {t("signing-decline")}
              </Button>
            ) : null
          }
        >
          <span class="small mono">{checked.why}</span>
        </Notice>
      )}
    </article>
  );
}

/** Everything that the signature covers, in reading order. */
function Document(props: { view: View; signing: SigningView; shown: ReadableDocument }) {
  const { view, shown } = props;
  const { role } = view.me;
  const party = role === "consumer" || role === "merchant";
  const mine = shown.terms.filter((term) => dutyOf(term, role) !== "theirs");
  const theirs = shown.terms.filter((term) => dutyOf(term, role) === "theirs");
  return (
    <section class="paper" aria-label={t("document-title")}>
      <header class="paper__head">
        <h1>{t("document-title")}</h1>
        <p>{shown.subject}</p>
        <p class="small quiet">
          {t("document-number", { number: shown.number })}
          <br />
          {t("document-version", { version: props.signing.version })}
        </p>
      </header>
      {party ? (
        <>
          <Group title={t("document-mine")} terms={mine} view={view} empty={t("document-mine-none")} />
          <Group title={t("document-theirs")} terms={theirs} view={view} empty={t("document-theirs-none")} />
        </>
      ) : (
        <Group title={t("document-terms")} terms={shown.terms} view={view} empty="" />
      )}
      <section class="paper__part">
        <h2>{t("document-gives-up")}</h2>
        <p>{t(party ? "document-gives-up-party" : "document-gives-up-mediator")}</p>
        <p class="small quiet">{t("document-force")}</p>
      </section>
      <section class="paper__part">
        <h2>{t("document-parties")}</h2>
        <ul class="stack-2">
          {shown.parties.map((one) => (
            <li key={one.jkt}>
              <span class="strong">{one.name}</span> · {t(`role-${one.role}`)}
              {one.party && one.party !== one.name && ` · ${one.party}`}
              <br />
              <span class="small quiet">
                {t(`identity-${one.identity ?? "not_checked"}`)}
                {one.address ? ` · ${one.address}` : ""}
              </span>
            </li>
          ))}
        </ul>
        <p class="small quiet">
          {t("document-agency", { agency: shown.agency })}{" "}
          {t(shown.publication ? "document-public" : "document-not-public")}
        </p>
      </section>
      <Technical shown={shown} />
    </section>
  );
}

/** What else the bytes say, for those who want to see it all. */
function Technical({ shown }: { shown: ReadableDocument }) {
  const rows: [string, string][] = [
    ["oid", shown.oid],
    ["ver", String(shown.ver)],
    ["prev", shown.prev ?? "null"],
    ["mode", shown.mode],
    ["iss", shown.iss],
    ["session", shown.session],
    ["anchor", `${shown.anchor.origin} ${shown.anchor.size} ${shown.anchor.root}`],
    ["journal", `${shown.journal.size} ${shown.journal.root}`],
    ...shown.parties.map((one): [string, string] => [`${one.role} jkt`, one.jkt]),
  ];
  return (
    <details class="paper__part small">
      <summary>{t("document-technical")}</summary>
      <dl class="technical">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt class="quiet">{name}</dt>
            <dd class="mono">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Group(props: { title: string; terms: Term[]; view: View; empty: string }) {
  const { role } = props.view.me;
  const sums = totals(props.terms);
  const amounts = [sums.consumer, sums.merchant].filter((fen) => fen > 0);
  return (
    <section class="paper__part">
      <h2>{props.title}</h2>
      {props.terms.length === 0 ? (
        <p class="quiet">{props.empty}</p>
      ) : (
        <Sentences terms={props.terms} reader={role} formal />
      )}
      {amounts.map((fen) => (
        <p key={fen} class="paper__amount">
          <span class="money--display">{figures(fen)}</span>
          <span class="money__words">{words(fen, language.value)}</span>
        </p>
      ))}
    </section>
  );
}

function Seals({ view, signing }: { view: View; signing: SigningView }) {
  return (
    <section class="seals" aria-label={t("seals")}>
      {signing.signers.map((one) => {
        const set = one.signed_at !== null;
        const state = set ? t("seal-set", { time: clock(one.signed_at ?? 0) }) : t("seal-awaited");
        return (
          <div key={one.person} class="seals__one">
            <Seal name={one.name} set={set} fresh={set} label={`${one.name}: ${state}`} />
            <span class="strong">{one.person === view.me.person ? t("you") : one.name}</span>
            <span class="small quiet">{t(`role-${one.role}`)}</span>
            <span class="small quiet">{state}</span>
          </div>
        );
      })}
    </section>
  );
}

function Decision(props: { room: Room; view: View; signing: SigningView; approved: Approved | null }) {
  const { room, signing } = props;
  const [stage, setStage] = useState<Stage>("reading");
  const [trouble, setTrouble] = useState<string | null>(null);
  const now = useNow(room);
  const me = signing.signers.find((one) => one.person === props.view.me.person);
  const { approved } = props;
  if (!me || !approved) return <p class="center quiet">{t("signing-watching")}</p>;
  if (me.signed_at !== null) {
    return (
      <div class="center stack-2">
        <p class="strong">{t("signing-done")}</p>
        <p class="quiet">{t("signing-waiting", { time: clock(signing.expires_at) })}</p>
        {room.session.may("decline") && stage !== "declining" && (
          <Button kind="plain" onClick={() => setStage("declining")}>
            {t("signing-take-back")}
          </Button>
        )}
        {stage === "declining" && <Decline room={room} signing={signing} back={() => setStage("reading")} />}
      </div>
    );
  }
  if (stage === "declining")
    return <Decline room={room} signing={signing} back={() => setStage("reading")} />;

  const sign = async () => {
    setStage("signing");
    setTrouble(null);
    try {
      const made = await makeSignature(props.view, approved, room.session.now());
      const answer = await room.send({ do: "sign", version: signing.version, ...made });
      if (!answer) setTrouble(t("signing-refused"));
    } catch {
      setTrouble(t("signing-no-key"));
    }
    setStage("reading");
  };
  return (
    <div class="stack">
      {trouble && <Notice kind="error" title={trouble} kept={t("signing-kept")} todo={t("signing-ask")} />}
      <p class="center small quiet">{t("signing-own", { time: clock(signing.expires_at) })}</p>
      <div class="choice choice--even">
        <Button wide disabled={stage === "signing"} onClick={() => setStage("declining")}>
          {t("signing-decline")}
        </Button>
        <HoldToSign
          label={stage === "signing" ? t("signing-now") : t("signing-hold")}
          holding={t("signing-holding")}
          disabled={stage === "signing" || now > signing.expires_at || !room.session.may("sign")}
          onDone={() => void sign()}
        />
      </div>
    </div>
  );
}

function Decline(props: { room: Room; signing: SigningView; back: () => void }) {
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const decline = async () => {
    setBusy(true);
    await props.room.send({ do: "decline", version: props.signing.version, reason: reason.trim() });
    setBusy(false);
  };
  return (
    <div class="stack">
      <p>{t("decline-what")}</p>
      <TextField
        label={t("decline-reason")}
        maxLength={500}
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <div class="choice choice--even">
        <Button wide onClick={props.back}>
          {t("decline-back")}
        </Button>
        <Button wide busy={busy} onClick={() => void decline()}>
          {t("decline-sure")}
        </Button>
      </div>
    </div>
  );
}

/** Checks the document against its bytes whenever they change; null while checking. */
function useChecked(view: View | null): Checked | null {
  const [checked, setChecked] = useState<Checked | null>(null);
  const what = view?.signing && `${view.signing.payload} ${view.signing.journal.root} ${view.me.enrolled}`;
  useEffect(() => {
    let current = true;
    setChecked(null);
    if (view?.signing) void checkShown(view).then((made) => current && setChecked(made));
    return () => {
      current = false;
    };
  }, [what]);
  return checked;
}
