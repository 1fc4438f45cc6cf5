// Step 1: who invites me, and to what. Nothing is consumed by looking.
import { t } from "../../i18n";
import { moment } from "../../i18n/dates";
import { Button } from "../../ui/Button";
import { Icon, type IconName } from "../../ui/Icon";
import type { Entry } from "./entry";
import { Frame } from "./Frame";
import { Problem } from "./Problem";

export function Invited({ entry }: { entry: Entry }) {
  const look = entry.look.value;
  if (!look) return null;
  return (
    <Frame
      step={1}
      sample={look.sample}
      title={t("invited-title", { name: look.name })}
      actions={
        <Button kind="primary" wide busy={entry.busy.value} onClick={() => void entry.showRules()}>
          {t("invited-go")}
        </Button>
      }
    >
      <dl class="facts">
        <Fact icon="people" name={t("invited-by")} value={look.mediator || t("role-mediator")} />
        <Fact icon="letter" name={t("invited-about")} value={look.subject} />
        <Fact icon="check" name={t("invited-as")} value={t(`role-${look.role}`)} />
        <Fact icon="clock" name={t("invited-until")} value={moment(look.expires_at)} />
      </dl>
      <p class="quiet">{t("invited-what")}</p>
      <p class="small quiet">{t("invited-not-you", { name: look.name })}</p>
      <Problem entry={entry} />
    </Frame>
  );
}

function Fact(props: { icon: IconName; name: string; value: string }) {
  return (
    <div class="facts__one">
      <dt class="small quiet">
        <Icon name={props.icon} />
        {props.name}
      </dt>
      <dd class="strong">{props.value}</dd>
    </div>
  );
}
