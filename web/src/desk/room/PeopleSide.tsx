// The left side: the door, who is in, and the links made. A person opens in place to what can be done
// about them.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { clock } from "../../i18n/dates";
import type { IdentityCheck, InvitationView, PersonView, View } from "../../protocol/types";
import { DevicePicker } from "../../room/DevicePicker";
import { titleOf } from "../../room/names";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { CHECKS, Door } from "./Door";
import type { Desk } from "./desk";

export function PeopleSide({ desk }: { desk: Desk }) {
  const view = desk.room.view.value;
  if (!view) return null;
  const here = view.people.filter((one) => one.presence !== "left");
  return (
    <aside class="left" aria-label={t("people")}>
      <Door desk={desk} />
      <section>
        <h2 class="side-title">
          {t("people")}
          <span class="count">{here.length}</span>
          <span class="grow" />
          {desk.room.session.may("lock") && (
            <button
              type="button"
              class="icon-button"
              aria-pressed={view.locked}
              title={t(view.locked ? "desk-do-unlock" : "desk-do-lock")}
              aria-label={t(view.locked ? "desk-do-unlock" : "desk-do-lock")}
              onClick={() => void desk.room.send({ do: "lock", locked: !view.locked })}
            >
              <Icon name={view.locked ? "lock" : "unlock"} />
            </button>
          )}
        </h2>
        {view.locked && <p class="small quiet side-note">{t("desk-locked")}</p>}
        <ul class="persons">
          {here.map((one) => (
            <Person key={one.person} desk={desk} view={view} person={one} />
          ))}
        </ul>
      </section>
      <Invitations desk={desk} view={view} />
      <DevicePicker capture={desk.room.capture} />
    </aside>
  );
}

function Person({ desk, view, person }: { desk: Desk; view: View; person: PersonView }) {
  const [open, setOpen] = useState(false);
  const mine = person.person === view.me.person;
  const speaking = desk.room.speaking.value.has(person.person);
  const silent = person.muted || person.muted_by_mediator;
  return (
    <li class="person" data-speaking={speaking} data-apart={!person.with_me}>
      <button
        type="button"
        class="person__line"
        aria-expanded={open}
        disabled={mine}
        onClick={() => setOpen(!open)}
      >
        <Avatar name={person.name} role={person.role} />
        <span class="grow person__who">
          <span class="person__name">{person.name}</span>
          <span class="small quiet">
            {titleOf(person)}
            {mine && ` · ${t("you")}`}
          </span>
        </span>
        {person.hand && <Icon name="hand" />}
        {person.with_me && <Icon name={silent ? "mic-off" : "mic"} />}
        <span class="visually-hidden">
          {silent ? t("desk-is-muted") : ""} {person.hand ? t("hand-up") : ""} {speaking ? t("speaks") : ""}
        </span>
      </button>
      {view.caucus?.inside && !person.with_me && person.presence === "here" && (
        <p class="small quiet person__note">{t("desk-outside")}</p>
      )}
      {person.presence !== "here" && (
        <p class="small warn-text person__note">{t(`presence-${person.presence}`)}</p>
      )}
      {!mine && person.identity === "not_checked" && (
        <p class="small warn-text person__note">{t("identity-not_checked")}</p>
      )}
      {open && !mine && <PersonMenu desk={desk} person={person} done={() => setOpen(false)} />}
    </li>
  );
}

function PersonMenu({ desk, person, done }: { desk: Desk; person: PersonView; done: () => void }) {
  const { room } = desk;
  const { session } = room;
  const silenced = person.muted_by_mediator;
  return (
    <div class="person__menu">
      {session.may("identify") && (
        <label class="mini-field">
          <span class="small quiet">{t("desk-identity")}</span>
          <select
            class="input"
            value={person.identity}
            onChange={(event) =>
              void room.send({
                do: "identify",
                person: person.person,
                identity: event.currentTarget.value as IdentityCheck,
              })
            }
          >
            {CHECKS.map((check) => (
              <option key={check} value={check} selected={check === person.identity}>
                {t(`identity-${check}`)}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="row-wrap">
        {session.may("mute_person") && (
          <Button
            icon={silenced ? "mic" : "mic-off"}
            onClick={() => void room.send({ do: "mute_person", person: person.person, muted: !silenced })}
          >
            {t(silenced ? "desk-give-floor" : "desk-silence")}
          </Button>
        )}
        {session.may("caucus") && (
          <Button
            icon="lock"
            onClick={() => {
              done();
              desk.begin({ is: "caucus", chosen: [person.person] });
            }}
          >
            {t("desk-aside")}
          </Button>
        )}
        {session.may("remove") && (
          <Button
            icon="leave"
            onClick={() => {
              done();
              desk.begin({ is: "remove", person: person.person, name: person.name });
            }}
          >
            {t("desk-remove")}
          </Button>
        )}
      </div>
    </div>
  );
}

function Invitations({ desk, view }: { desk: Desk; view: View }) {
  const may = desk.room.session.may("invite");
  const shown = view.invitations.filter((one) => one.state !== "revoked");
  if (!may && shown.length === 0) return null;
  return (
    <section>
      <h2 class="side-title">{t("desk-invitations")}</h2>
      <ul class="invitations">
        {shown.map((one) => (
          <Invitation key={one.invitation} desk={desk} one={one} />
        ))}
      </ul>
      {may && (
        <Button wide icon="plus" onClick={() => desk.begin({ is: "invite" })}>
          {t("desk-do-invite")}
        </Button>
      )}
    </section>
  );
}

function Invitation({ desk, one }: { desk: Desk; one: InvitationView }) {
  const link = desk.links.value.find(({ invitation }) => invitation === one.invitation);
  return (
    <li class="invitation">
      <span class="grow">
        <span>{one.name}</span>
        <br />
        <span class="small quiet">
          {t(`role-${one.role}`)} ·{" "}
          {one.state === "open"
            ? t("desk-link-until", { time: clock(one.expires_at) })
            : t(`desk-link-${one.state}`)}
        </span>
      </span>
      {one.state === "open" && link && (
        <button
          type="button"
          class="icon-button"
          title={t("desk-link-show")}
          aria-label={t("desk-link-show")}
          onClick={() => desk.begin({ is: "link", link })}
        >
          <Icon name="copy" />
        </button>
      )}
      {one.state === "open" && desk.room.session.may("revoke_invitation") && (
        <button
          type="button"
          class="icon-button"
          title={t("desk-link-revoke")}
          aria-label={t("desk-link-revoke")}
          onClick={() => void desk.room.send({ do: "revoke_invitation", invitation: one.invitation })}
        >
          <Icon name="trash" />
        </button>
      )}
    </li>
  );
}
