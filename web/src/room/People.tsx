// Who is here, as a list: name, role, how they were checked, whether they are connected; and with what I
// take part.
import { t } from "../i18n";
import type { PersonView } from "../protocol/types";
import { Avatar } from "../ui/Avatar";
import { DevicePicker } from "./DevicePicker";
import { titleOf } from "./names";
import type { Room } from "./room";

export function People({ room }: { room: Room }) {
  const view = room.view.value;
  if (!view) return null;
  return (
    <div class="stack">
      <ul class="people">
        {view.people
          .filter((one) => one.presence !== "left")
          .map((one) => (
            <li key={one.person} class="row">
              <Avatar name={one.name} role={one.role} />
              <span class="grow">
                <span class="strong">{one.name}</span>
                {one.person === view.me.person && <span class="quiet"> ({t("you")})</span>}
                <br />
                <span class="small quiet">
                  {titleOf(one)} · {t(`identity-${one.identity}`)}
                </span>
              </span>
              <span class="small quiet">{presence(one)}</span>
            </li>
          ))}
      </ul>
      <DevicePicker capture={room.capture} />
    </div>
  );
}

function presence(one: PersonView): string {
  if (one.presence === "here") return "";
  return t(`presence-${one.presence}`);
}
