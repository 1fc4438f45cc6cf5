// A station that nobody uses: its name and one invitation. After a while without a touch, whatever was
// typed is gone.
import { useEffect, useState } from "preact/hooks";
import { t } from "../../i18n";
import { about } from "../../protocol/api";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import icon from "../../ui/icon.svg";
import { Preferences } from "../../ui/prefs";
import type { Entry } from "../entry/entry";

const FORGET_MS = 60_000;

export function Idle({ entry }: { entry: Entry }) {
  const [name, setName] = useState("");
  const [link, setLink] = useState("");
  const [wrong, setWrong] = useState(false);
  const [typing, setTyping] = useState(false);
  useEffect(() => {
    void about().then(
      (told) => setName(told.name),
      () => undefined,
    );
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => {
      setLink("");
      setTyping(false);
      setWrong(false);
    }, FORGET_MS);
    return () => clearTimeout(timer);
  }, [link, typing]);

  const go = () => {
    const token = tokenOf(link);
    setWrong(token === null);
    if (token === null) return;
    setLink("");
    void entry.arrive(token);
  };

  return (
    <div class="idle">
      <header class="frame__top">
        <span class="brand">
          <img src={icon} alt="" width="40" height="40" />
          {t("brand")}
        </span>
        <Preferences />
      </header>
      <main class="idle__main">
        {name && <p class="idle__name">{name}</p>}
        <h1>{t("idle-title")}</h1>
        <p class="lead quiet">{t("idle-what")}</p>
        {typing ? (
          <form
            class="idle__form"
            onSubmit={(event) => {
              event.preventDefault();
              go();
            }}
          >
            <TextField
              label={t("idle-link")}
              hint={t("idle-link-hint")}
              error={wrong ? t("idle-link-wrong") : undefined}
              value={link}
              autoComplete="off"
              autoFocus
              onInput={(event) => setLink(event.currentTarget.value)}
            />
            <Button kind="primary" type="submit" wide>
              {t("idle-go")}
            </Button>
          </form>
        ) : (
          <Button kind="primary" class="idle__start" onClick={() => setTyping(true)}>
            {t("idle-start")}
          </Button>
        )}
        <p class="small faint">{t("idle-private")}</p>
      </main>
    </div>
  );
}

/** The token of a pasted or typed invitation: a whole address, or the part behind #. */
function tokenOf(text: string): string | null {
  const hit = /([A-Za-z0-9_-]{20,})\s*$/.exec(text.trim());
  return hit?.[1] ?? null;
}
