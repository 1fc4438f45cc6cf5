// One person: picture or initial, name and role, whether they speak, are muted, are away. A person who
// isn't in my room is covered at once, whatever the last picture was.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import type { PersonView } from "../protocol/types";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import { titleOf } from "./names";
import { Picture } from "./Picture";
import type { Room } from "./room";
import { Voice } from "./Voice";

export function Tile(props: { room: Room; person: PersonView; large?: boolean; onPick?: () => void }) {
  const { room, person } = props;
  const track = room.picture(person);
  const speaking = room.speaking.value.has(person.person);
  const classes = ["tile", props.large ? "tile--large" : "", speaking ? "tile--speaking" : ""];
  return (
    <figure class={classes.join(" ")} data-person={person.person}>
      {track ? (
        <Picture track={track} label={person.name} shown={room.shown} slot={room.slot(person)} />
      ) : (
        <span class="tile__cover">
          <Avatar name={person.name} role={person.role} large={props.large === true} />
          <span class={`tile__why ${person.presence === "reconnecting" ? "tile__why--now" : ""}`}>
            {cover(person)}
          </span>
        </span>
      )}
      <figcaption class="tile__name">
        {speaking && <Voice level={() => room.voices.value.levels.get(person.person) ?? 0} />}
        {person.muted || person.muted_by_mediator ? <Icon name="mic-off" /> : null}
        <span class="tile__who">{person.name}</span>
        <span class="tile__role">{titleOf(person)}</span>
        {speaking && <span class="visually-hidden">{t("speaks")}</span>}
      </figcaption>
      {props.onPick && (
        <button
          type="button"
          class="tile__pick"
          aria-label={`${person.name} ${titleOf(person)}`}
          aria-pressed={room.pinned.value === person.person}
          onClick={props.onPick}
        />
      )}
      {person.hand && (
        <span class="tile__hand">
          <Icon name="hand" />
          <span class="visually-hidden">{t("hand-up")}</span>
        </span>
      )}
      <Weakness room={room} person={person} />
    </figure>
  );
}

/** A mark on those whose line is bad; a tap says why. */
function Weakness({ room, person }: { room: Room; person: PersonView }) {
  const [open, setOpen] = useState(false);
  const line = room.weakness(person);
  if (!line) return null;
  return (
    <>
      <button
        type="button"
        class="tile__line"
        aria-label={t("line-of", { name: person.name })}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="signal" />
      </button>
      {open && (
        <span class="tile__reason" role="status">
          {t(`line-why-${line.reason}`)}
          {line.video === "off" && t("line-sound-only")}
        </span>
      )}
    </>
  );
}

/** Why there is no picture, if that needs saying. */
function cover(person: PersonView): string {
  if (person.presence === "aside") return t("presence-aside");
  if (person.presence === "reconnecting") return t("presence-reconnecting");
  if (person.presence === "left") return t("presence-left");
  return person.with_me && !person.camera ? t("camera-is-off") : "";
}
