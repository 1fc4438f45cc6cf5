// One person: picture or initial, name and role, whether they speak, are muted, are away. A person who
// isn't in my room is covered at once, whatever the last picture was.
import { t } from "../i18n";
import type { PersonView } from "../protocol/types";
import { Avatar } from "../ui/Avatar";
import { Icon } from "../ui/Icon";
import { titleOf } from "./names";
import { Picture } from "./Picture";
import type { Room } from "./room";

export function Tile(props: { room: Room; person: PersonView; large?: boolean; onPick?: () => void }) {
  const { room, person } = props;
  const track = room.picture(person);
  const speaking = room.speaking.value.has(person.person);
  const classes = ["tile", props.large ? "tile--large" : "", speaking ? "tile--speaking" : ""];
  const inside = (
    <>
      {track ? (
        <Picture track={track} label={person.name} />
      ) : (
        <span class="tile__cover">
          <Avatar name={person.name} role={person.role} large={props.large === true} />
          <span class="tile__why">{cover(person)}</span>
        </span>
      )}
      <span class="tile__name">
        {person.muted || person.muted_by_mediator ? <Icon name="mic-off" /> : null}
        <span class="tile__who">{person.name}</span>
        <span class="tile__role">{titleOf(person)}</span>
        {speaking && <span class="visually-hidden">{t("speaks")}</span>}
      </span>
      {person.hand && (
        <span class="tile__hand">
          <Icon name="hand" />
          <span class="visually-hidden">{t("hand-up")}</span>
        </span>
      )}
    </>
  );
  return props.onPick ? (
    <button type="button" class={classes.join(" ")} data-person={person.person} onClick={props.onPick}>
      {inside}
    </button>
  ) : (
    <figure class={classes.join(" ")} data-person={person.person}>
      {inside}
    </figure>
  );
}

/** Why there is no picture, if that needs saying. */
function cover(person: PersonView): string {
  if (person.presence === "aside") return t("presence-aside");
  if (person.presence === "reconnecting") return t("presence-reconnecting");
  if (person.presence === "left") return t("presence-left");
  return person.with_me && !person.camera ? t("camera-is-off") : "";
}
