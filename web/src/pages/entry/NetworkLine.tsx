// What came of trying the network. A good one is one green line; a bad one says what to do.
import { t } from "../../i18n";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import type { Entry } from "./entry";

/** The green line; nothing while it is not known, or where it is bad. */
export function NetworkGood({ entry }: { entry: Entry }) {
  if (entry.network.value?.verdict.value !== "good") return null;
  return (
    <p class="fine" role="status">
      <Icon name="check" />
      {t("network-good")}
    </p>
  );
}

/** The notice; nothing where the network is good. */
export function NetworkBad({ entry }: { entry: Entry }) {
  const said = entry.network.value?.verdict.value;
  if (said !== "fair" && said !== "sound" && said !== "none") return null;
  const blocked = said === "fair" && entry.network.value?.trials.value.udp?.is === "blocked";
  const mediator = entry.look.value?.mediator || entry.visit.value?.mediator || t("role-mediator");
  return (
    <Notice
      kind={said === "fair" ? "info" : "error"}
      title={t(`network-${said}`)}
      todo={blocked ? t("network-fair-blocked") : t(`network-${said}-todo`, { mediator })}
    />
  );
}
