// Step 2: the ground rules, read and accepted as this exact text; publication is a choice of its own,
// not ticked, and nothing hangs on it.
import { useEffect } from "preact/hooks";
import { language, t } from "../../i18n";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Field";
import type { Entry } from "./entry";
import { Frame } from "./Frame";
import { Problem } from "./Problem";

export function Rules({ entry }: { entry: Entry }) {
  const rules = entry.rules.value;
  useEffect(() => {
    void entry.loadRules().catch(() => undefined);
  }, [language.value]);
  if (!rules) return null;
  return (
    <Frame
      step={2}
      title={t("rules-title")}
      actions={
        <>
          <Button
            kind="primary"
            wide
            disabled={!entry.accepted.value}
            busy={entry.busy.value}
            onClick={() => void entry.showDevices()}
          >
            {t("rules-go")}
          </Button>
          {!entry.accepted.value && <p class="small quiet center">{t("rules-tick")}</p>}
        </>
      }
    >
      <section
        class="rules"
        lang={rules.lang === "zh" ? "zh-CN" : "en"}
        aria-label={t("rules-title")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        tabIndex={0}
      >
        {rules.text
          .split(/\n\s*\n/)
          .filter(Boolean)
          .map((paragraph) => (
            <p key={paragraph} class="prose">
              {paragraph}
            </p>
          ))}
        <p class="small faint">
          {t("rules-version", { version: rules.version, hash: rules.hash.slice(0, 12) })}
        </p>
      </section>
      <Checkbox
        name="rules"
        checked={entry.accepted.value}
        onChange={(checked) => {
          entry.accepted.value = checked;
        }}
      >
        <span class="strong">{t("rules-accept")}</span>
      </Checkbox>
      <Checkbox
        name="publication"
        checked={entry.publication.value}
        onChange={(checked) => {
          entry.publication.value = checked;
        }}
      >
        {t("rules-publication")}
        <span class="small quiet check__more">{t("rules-publication-more")}</span>
      </Checkbox>
      <Problem entry={entry} />
    </Frame>
  );
}
