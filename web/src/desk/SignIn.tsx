// Signing in by name and password. What was typed stays when it fails.
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { Preferences } from "../ui/prefs";
import { enter, trouble } from "./staff";

const KNOWN = ["network", "wrong_credentials", "link_closed", "too_many_requests"];

export function SignIn() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const code = trouble.value;
  const submit = async () => {
    setBusy(true);
    await enter(name.trim(), password);
    setBusy(false);
  };
  return (
    <main class="desk-center">
      <form
        class="signin card stack"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div class="row between">
          <span class="brand">
            <span class="desk-mark" aria-hidden="true">
              和
            </span>
            {t("brand")}
          </span>
          <Preferences />
        </div>
        <div class="stack-2">
          <h1>{t("desk-title")}</h1>
          <p class="quiet">{t("desk-sign-in-lead")}</p>
        </div>
        {code && (
          <Notice
            kind="error"
            title={t(`desk-sign-in-${KNOWN.includes(code) ? code.replace(/_/g, "-") : "failed"}`)}
          />
        )}
        <TextField
          label={t("desk-name")}
          name="username"
          autoComplete="username"
          required
          autoFocus
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <TextField
          label={t("desk-password")}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
        <Button kind="primary" wide type="submit" busy={busy}>
          {t("desk-sign-in")}
        </Button>
        <p class="small quiet">{t("desk-sign-in-help")}</p>
      </form>
    </main>
  );
}
