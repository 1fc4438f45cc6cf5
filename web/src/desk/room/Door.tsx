// Who waits to be let in: one click admits. How the mediator made sure who it is can be said here or,
// once they see the person, in the list of people; it is never filled in for them.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { span } from "../../i18n/dates";
import type { IdentityCheck, Knock } from "../../protocol/types";
import { useNow } from "../../room/Banner";
import { Avatar } from "../../ui/Avatar";
import { Button } from "../../ui/Button";
import type { Desk } from "./desk";

/** The checks a mediator can choose, most telling first. */
export const CHECKS: readonly IdentityCheck[] = [
  "document_seen",
  "details_matched",
  "station_staff",
  "known_in_person",
  "not_checked",
];

export function Door({ desk }: { desk: Desk }) {
  const view = desk.room.view.value;
  if (!view || view.door.length === 0) return null;
  return (
    <section class="door" data-door aria-label={t("desk-door")}>
      <h2 class="side-title">
        {t("desk-door")}
        <span class="count">{view.door.length}</span>
      </h2>
      {view.door.map((knock) => (
        <Waiting key={knock.device} desk={desk} knock={knock} />
      ))}
    </section>
  );
}

function Waiting({ desk, knock }: { desk: Desk; knock: Knock }) {
  const { room } = desk;
  const now = useNow(room);
  const [identity, setIdentity] = useState<IdentityCheck>("not_checked");
  const [busy, setBusy] = useState(false);
  const admit = async () => {
    setBusy(true);
    await room.send({ do: "admit", device: knock.device, identity });
    setBusy(false);
  };
  return (
    <article class="knock" data-here={knock.here}>
      <div class="row">
        <Avatar name={knock.name} role={knock.role} />
        <div class="grow">
          <span class="strong">{knock.name}</span>
          <br />
          <span class="small quiet">
            {t(`role-${knock.role}`)} · {t(`desk-surface-${knock.surface}`)}
          </span>
        </div>
        <span class="small quiet mono-figures">{span(now - knock.since)}</span>
      </div>
      {knock.replaces && <p class="small warn-text">{t("desk-knock-replaces")}</p>}
      {!knock.here && <p class="small warn-text">{t("desk-knock-gone")}</p>}
      <p class="small faint knock__browser">{knock.browser}</p>
      {room.session.may("admit") && (
        <>
          <label class="mini-field">
            <span class="small quiet">{t("desk-identity")}</span>
            <select
              class="input"
              value={identity}
              onChange={(event) => setIdentity(event.currentTarget.value as IdentityCheck)}
            >
              {CHECKS.map((check) => (
                <option key={check} value={check} selected={check === identity}>
                  {t(`identity-${check}`)}
                </option>
              ))}
            </select>
          </label>
          <div class="knock__choice">
            <Button onClick={() => desk.begin({ is: "refuse", device: knock.device, name: knock.name })}>
              {t("desk-refuse")}
            </Button>
            <Button kind="primary" data-admit busy={busy} onClick={() => void admit()}>
              {t("desk-admit")}
            </Button>
          </div>
        </>
      )}
    </article>
  );
}
