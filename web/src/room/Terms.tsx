// The terms on the table, read like a letter: a sentence per term, what changed against the version
// before, who agrees, and Agree or Not yet. The device computes the hash over what it shows; if that
// is not the version's, nothing can be agreed to here.
import { useEffect, useState } from "preact/hooks";
import { canonBytes, type Json } from "../crypto/canon";
import { sha256Text } from "../crypto/hash";
import { t } from "../i18n";
import { clock } from "../i18n/dates";
import type { Role, Term, VersionView, View } from "../protocol/types";
import { Button } from "../ui/Button";
import { Notice } from "../ui/Notice";
import { nameOf } from "./names";
import type { Room } from "./room";
import { earlier, sentence } from "./sentence";

export function Terms({ room, onClose }: { room: Room; onClose?: () => void }) {
  const view = room.view.value;
  if (!view) return null;
  const { draft } = view;
  const newest = draft?.versions[draft.versions.length - 1];
  if (!draft || (!newest && draft.terms.length === 0)) {
    return (
      <div class="stack">
        <p>{t("terms-none")}</p>
        <p class="quiet">{t("terms-none-next")}</p>
      </div>
    );
  }
  const edited = !newest || JSON.stringify(newest.terms) !== JSON.stringify(draft.terms);
  return (
    <div class="terms stack">
      {edited && <Working view={view} terms={draft.terms} />}
      {newest && (
        <Version
          room={room}
          view={view}
          version={newest}
          earlier={draft.versions}
          edited={edited}
          onClose={onClose}
        />
      )}
    </div>
  );
}

/** What the mediator is writing just now, live; not yet put to the parties. */
function Working({ view, terms }: { view: View; terms: Term[] }) {
  return (
    <section class="letter letter--working" aria-label={t("terms-working")}>
      <p class="small quiet">{t("terms-working")}</p>
      {terms.length === 0 ? (
        <p class="quiet">{t("terms-working-empty")}</p>
      ) : (
        <Sentences terms={terms} reader={view.me.role} />
      )}
    </section>
  );
}

function Version(props: {
  room: Room;
  view: View;
  version: VersionView;
  earlier: VersionView[];
  edited: boolean;
  onClose?: (() => void) | undefined;
}) {
  const { room, view, version } = props;
  const computed = useHash(version);
  const wrong = computed !== null && computed !== version.hash;
  const before = props.earlier[props.earlier.length - 2];
  const assents = view.draft?.assents.filter((one) => one.version === version.version) ?? [];
  const mine = assents.some((one) => one.person === view.me.person);
  return (
    <>
      <section class="letter" aria-label={t("terms-version", { version: version.version })}>
        <p class="small quiet">
          {t("terms-version", { version: version.version })} · {clock(version.at)}
        </p>
        <Sentences terms={version.terms} reader={view.me.role} version={version} before={before} />
      </section>
      {wrong && <Notice kind="error" title={t("terms-mismatch")} todo={t("terms-mismatch-todo")} />}
      {assents.length > 0 && (
        <ul class="stack-2">
          {assents.map((one) => (
            <li key={one.person} class="badge badge--done">
              ✓{" "}
              {t("terms-agreed-by", {
                name: one.person === view.me.person ? t("you") : nameOf(view, one.person),
              })}
            </li>
          ))}
        </ul>
      )}
      <Choice
        room={room}
        version={version.version}
        hash={wrong ? null : computed}
        mine={mine}
        onClose={props.onClose}
      />
      {props.edited && assents.length === 0 && <p class="small quiet">{t("terms-changing")}</p>}
    </>
  );
}

function Choice(props: {
  room: Room;
  version: number;
  hash: string | null;
  mine: boolean;
  onClose?: (() => void) | undefined;
}) {
  const { room, version, hash, mine } = props;
  const [busy, setBusy] = useState(false);
  const run = async (what: () => Promise<unknown>) => {
    setBusy(true);
    await what();
    setBusy(false);
  };
  if (mine) {
    return (
      <>
        <p>{t("terms-you-agreed")}</p>
        {room.session.may("withdraw_assent") && (
          <Button
            wide
            busy={busy}
            onClick={() => void run(() => room.send({ do: "withdraw_assent", version }))}
          >
            {t("terms-withdraw")}
          </Button>
        )}
      </>
    );
  }
  if (!room.session.may("assent") || hash === null) return null;
  return (
    <div class="choice">
      <Button wide onClick={() => props.onClose?.()}>
        {t("terms-not-yet")}
      </Button>
      <Button
        kind="primary"
        wide
        busy={busy}
        onClick={() => void run(() => room.send({ do: "assent", version, hash }))}
      >
        {t("terms-agree")}
      </Button>
      <p class="small quiet choice__note">{t("terms-agree-note")}</p>
    </div>
  );
}

export function Sentences(props: {
  terms: Term[];
  reader: Role;
  version?: VersionView;
  before?: VersionView | undefined;
  formal?: boolean;
}) {
  // Of the first version everything is new, which needs no marking.
  const changes = props.before ? (props.version?.changes ?? []) : [];
  const removed = changes.filter((one) => one.what === "removed");
  const was = earlier(props.before?.terms ?? [], props.terms, changes);
  return (
    <ol class="letter__terms">
      {props.terms.map((term, index) => {
        const change = changes.find((one) => one.index === index && one.what !== "removed");
        const old = was.get(index);
        return (
          <li key={index} class="letter__term" data-change={change?.what}>
            {change && <span class="badge badge--sample">{t(`change-${change.what}`)}</span>}
            <p class="letter__text">{sentence(term, props.reader, props.formal === true)}</p>
            {term.text && <p class="letter__own prose">{term.text}</p>}
            {old && (
              <p class="small quiet">
                {t("change-was")}
                <del>
                  {sentence(old, props.reader)}
                  {old.text !== term.text && ` ${old.text}`}
                </del>
              </p>
            )}
          </li>
        );
      })}
      {removed.map(({ index }) => {
        const term = props.before?.terms[index];
        return term ? (
          <li key={`r${index}`} class="letter__term" data-change="removed">
            <span class="badge badge--sample">{t("change-removed")}</span>
            <del class="letter__text">{sentence(term, props.reader)}</del>
          </li>
        ) : null;
      })}
    </ol>
  );
}

/** SHA-256 over the canonical JSON of the terms as shown; null while computing. */
function useHash(version: VersionView): string | null {
  const [hash, setHash] = useState<string | null>(null);
  useEffect(() => {
    let current = true;
    setHash(null);
    void sha256Text(canonBytes(version.terms as unknown as Json)).then((made) => current && setHash(made));
    return () => {
      current = false;
    };
  }, [version.version, version.hash, JSON.stringify(version.terms)]);
  return hash;
}
