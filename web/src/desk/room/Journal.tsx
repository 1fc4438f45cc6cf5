// The journal: every step of the session in words, newest first, and its fingerprint, which this page
// computes itself from the events.
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { clock } from "../../i18n/dates";
import { Problem } from "../../protocol/api";
import type { View } from "../../protocol/types";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Progress } from "../../ui/Progress";
import { holds, more, NONE, named, type Trail, type TrailEvent } from "./trail";

const KINDS = [
  "caucus.ended",
  "caucus.started",
  "document.shown",
  "draft.assent_withdrawn",
  "draft.assented",
  "draft.assents_voided",
  "draft.closed",
  "draft.opened",
  "draft.proposed",
  "invitation.made",
  "invitation.revoked",
  "outcome.sealed",
  "person.admitted",
  "person.connected",
  "person.dropped",
  "person.identified",
  "person.knocked",
  "person.left",
  "person.muted",
  "person.refused",
  "person.removed",
  "room.locked",
  "routing.changed",
  "screen.shared",
  "session.adjourned",
  "session.opened",
  "session.resumed",
  "session.terminated",
  "signing.broken_off",
  "signing.declined",
  "signing.opened",
  "signing.signed",
];

export function Journal({ view }: { view: View }) {
  const [trail, setTrail] = useState<Trail>(NONE);
  const [sound, setSound] = useState<boolean | null>(null);
  const [failed, setFailed] = useState(false);
  const { size, root } = view.journal;
  useEffect(() => {
    let current = true;
    more(view.session, trail)
      .then(async (got) => {
        const good = await holds(got.texts, view.journal);
        if (!current) return;
        setTrail(got);
        setSound(good);
        setFailed(false);
      })
      .catch((error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        if (current) setFailed(true);
      });
    return () => {
      current = false;
    };
  }, [view.session, root]);
  return (
    <div class="stack">
      <p class="quiet">{t("desk-journal-what")}</p>
      <div class="fingerprint">
        <span class="small quiet">{t("desk-journal-root", { size })}</span>
        <span class="mono">{root}</span>
        {sound !== null && (
          <span class={`small ${sound ? "quiet" : "warn-text"} fingerprint__check`}>
            <Icon name={sound ? "check" : "warn"} />
            {t(sound ? "desk-journal-sound" : "desk-journal-unsound")}
          </span>
        )}
      </div>
      {failed && <Notice kind="error" title={t("desk-load-failed")} />}
      {!failed && trail.events.length === 0 && <Progress label={t("desk-journal-loading")} />}
      <ol class="trail">
        {[...trail.events].reverse().map((event) => (
          <li key={event.seq}>
            <span class="small faint">{clock(event.at)}</span>
            <span>
              <span class="strong">{actor(view, event)}</span> {words(event)}
              {about(view, event)}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** Who did it; of what the server noted about a person, that person. */
function actor(view: View, { actor, public: of }: TrailEvent): string {
  const who = actor === "server" ? of.person : actor;
  if (who === undefined) return t("desk-ev-server");
  return named(view, who) ?? t("somebody");
}

function words({ kind }: TrailEvent): string {
  return KINDS.includes(kind) ? t(`desk-ev-${kind.replace(/[._]/g, "-")}`) : kind;
}

/** Whom or which version it is about, where that isn't the actor. */
function about(view: View, { actor, public: of }: TrailEvent): string {
  const people = [...(of.with ?? []), ...(of.person ? [of.person] : [])].filter(
    (one) => one !== actor && actor !== "server",
  );
  const names = people.map((one) => named(view, one)).filter((one): one is string => one !== null);
  const parts = [...names, ...(of.version ? [t("desk-version", { version: of.version })] : [])];
  return parts.length > 0 ? ` · ${parts.join(t("list-comma"))}` : "";
}
