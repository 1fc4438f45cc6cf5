// The pages for those who can't go in: a browser that can't, a link that no longer opens anything.
// Each says what happened, that nothing was used up, and what to do.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import type { Entry } from "./entry";
import { Frame } from "./Frame";
import { insideApp, type Missing } from "./fitness";
import { problemTitle } from "./Problem";

export function Unfit({ lacks }: { lacks: Missing[] }) {
  const app = insideApp();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
    } catch {
      select(document.getElementById("address"));
      document.execCommand("copy");
    }
    setCopied(true);
  };
  return (
    <Frame
      sign="out"
      title={app ? t("unfit-app-title", { app: t(`app-${app}`) }) : t("unfit-title")}
      actions={
        <Button kind="primary" wide icon="copy" onClick={() => void copy()}>
          {t(copied ? "unfit-copied" : "unfit-copy")}
        </Button>
      }
    >
      <Notice kind="info" title={t("unfit-kept")} />
      <ol class="next">
        {app ? (
          <>
            <li>{t("unfit-app-1", { app: t(`app-${app}`) })}</li>
            <li>{t("unfit-app-2")}</li>
            <li>{t("unfit-app-3")}</li>
          </>
        ) : (
          <>
            <li>{t("unfit-1")}</li>
            <li>{t("unfit-2")}</li>
          </>
        )}
      </ol>
      <p id="address" class="address mono">
        {location.href}
      </p>
      <p class="small quiet">
        {t("unfit-lacks", { lacks: lacks.map((one) => t(`lacks-${one}`)).join(t("list-comma")) })}
      </p>
    </Frame>
  );
}

function select(element: HTMLElement | null): void {
  if (!element) return;
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}

const LINKS = new Set([
  "invitation_used",
  "invitation_expired",
  "invitation_revoked",
  "invitation_locked",
  "invitation_over",
  "invitation_unknown",
  "no_link",
  "device_refused",
  "device_removed",
  "device_replaced",
]);

/** Other codes for the same thing. */
const SAME: Record<string, string> = {
  not_found: "invitation_unknown",
  session_over: "invitation_over",
  not_your_device: "device_gone",
};

export function Trouble({ entry, code }: { entry: Entry; code: string }) {
  const link = LINKS.has(code) ? code : (SAME[code] ?? null);
  const used = link === "invitation_used";
  if (link) {
    return (
      <Frame
        sign={link.startsWith("device") ? "people" : "lock"}
        title={t(`trouble-${link}-title`)}
        actions={
          used && entry.look.value ? (
            <Button kind="primary" wide onClick={() => entry.knockAgain()}>
              {t("trouble-used-me")}
            </Button>
          ) : (
            <Back entry={entry} />
          )
        }
      >
        <p>{t(`trouble-${link}`)}</p>
        <p class="quiet">{t(used ? "trouble-used-what" : "trouble-ask")}</p>
      </Frame>
    );
  }
  return (
    <Frame
      sign="warn"
      title={t("trouble-title")}
      actions={
        <Button kind="primary" wide onClick={() => location.reload()}>
          {t("again")}
        </Button>
      }
    >
      <Notice kind="error" title={problemTitle(code)} kept={t("trouble-kept")} todo={t("trouble-todo")} />
    </Frame>
  );
}

function Back({ entry }: { entry: Entry }) {
  if (entry.surface !== "station") return null;
  return (
    <Button
      kind="primary"
      wide
      onClick={() => {
        entry.clean();
        entry.step.value = { at: "idle" };
      }}
    >
      <Icon name="back" />
      {t("trouble-back")}
    </Button>
  );
}
