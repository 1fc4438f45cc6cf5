// Making a link for somebody, and handing it on: a text to copy in their language, and a QR code. The
// link is told once; it stays in this page until the page is closed.
import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { moment } from "../../i18n/dates";
import type { Language, Role, Side, Surface } from "../../protocol/types";
import { Button } from "../../ui/Button";
import { Select, TextField } from "../../ui/Field";
import { Notice } from "../../ui/Notice";
import { QrCode } from "../../ui/QrCode";
import { SegmentedControl } from "../../ui/SegmentedControl";
import type { Desk, Link } from "./desk";
import { TaskFrame } from "./Tasks";

const ROLES: readonly Role[] = ["consumer", "merchant", "helper", "interpreter", "observer"];

export function InviteTask({ desk }: { desk: Desk }) {
  const [first] = useState(() => expected(desk));
  const [role, setRole] = useState<Role>(first.role);
  const [name, setName] = useState(first.name);
  const [side, setSide] = useState<Side>("consumer");
  const [surface, setSurface] = useState<Surface>(first.role === "merchant" ? "station" : "phone");
  const [lang, setLang] = useState<Language>("zh");
  const [busy, setBusy] = useState(false);
  const stands = role === "helper" || role === "interpreter";

  const choose = (to: Role) => {
    setRole(to);
    setSurface(to === "merchant" ? "station" : "phone");
    const named = nameFor(desk, to);
    if (named && (!name || name === nameFor(desk, role))) setName(named);
  };
  const invite = async () => {
    setBusy(true);
    const answer = await desk.room.send({
      do: "invite",
      role,
      name: name.trim(),
      side: stands ? side : null,
      surface,
      language: lang,
    });
    setBusy(false);
    if (answer?.is !== "invited") return;
    const { invitation, url, expires_at } = answer;
    const link = { invitation, url, expires_at, name: name.trim(), language: lang };
    desk.keepLink(link);
    desk.begin({ is: "link", link });
  };

  return (
    <TaskFrame desk={desk} title={t("desk-do-invite")} onSubmit={() => void invite()}>
      <Select
        label={t("desk-role")}
        value={role}
        options={ROLES.map((one) => [one, t(`role-${one}`)])}
        onChange={(event) => choose(event.currentTarget.value as Role)}
      />
      {stands && (
        <div class="field">
          <span class="field__label">{t("desk-side")}</span>
          <SegmentedControl<Side>
            label={t("desk-side")}
            value={side}
            options={[
              ["consumer", t("role-consumer")],
              ["merchant", t("role-merchant")],
            ]}
            onChange={setSide}
          />
        </div>
      )}
      <TextField
        label={t("desk-person-name")}
        hint={t("desk-person-name-hint")}
        maxLength={60}
        required
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <div class="field">
        <span class="field__label">{t("desk-surface")}</span>
        <SegmentedControl<Surface>
          label={t("desk-surface")}
          value={surface}
          options={[
            ["phone", t("desk-surface-phone")],
            ["station", t("desk-surface-station")],
          ]}
          onChange={setSurface}
        />
      </div>
      <div class="field">
        <span class="field__label">{t("desk-language")}</span>
        <SegmentedControl<Language>
          label={t("desk-language")}
          value={lang}
          options={[
            ["zh", "中文"],
            ["en", "English"],
          ]}
          onChange={setLang}
        />
      </div>
      <Button kind="primary" type="submit" busy={busy} disabled={!name.trim()}>
        {t("desk-make-link")}
      </Button>
    </TaskFrame>
  );
}

export function LinkTask({ desk, link }: { desk: Desk; link: Link }) {
  const [copied, setCopied] = useState<"text" | "link" | null>(null);
  const view = desk.room.view.value;
  const state = view?.invitations.find((one) => one.invitation === link.invitation)?.state ?? "open";
  const text = message(desk, link);
  const copy = async (what: "text" | "link") => {
    await navigator.clipboard.writeText(what === "text" ? text : link.url).then(
      () => setCopied(what),
      () => setCopied(null),
    );
  };
  return (
    <TaskFrame desk={desk} title={t("desk-link-for", { name: link.name })}>
      {state === "open" ? (
        <p class="small quiet">{t("desk-link-once", { time: moment(link.expires_at) })}</p>
      ) : (
        <Notice kind={state === "used" ? "done" : "info"} title={t(`desk-link-${state}`)} />
      )}
      {state === "open" && (
        <>
          <textarea
            class="input link-text"
            readOnly
            rows={6}
            aria-label={t("desk-link-text")}
            value={text}
            onFocus={(event) => event.currentTarget.select()}
          />
          <div class="row-wrap">
            <Button kind="primary" icon="copy" onClick={() => void copy("text")}>
              {t(copied === "text" ? "desk-copied" : "desk-copy-text")}
            </Button>
            <Button icon="copy" onClick={() => void copy("link")}>
              {t(copied === "link" ? "desk-copied" : "desk-copy-link")}
            </Button>
          </div>
          <QrCode text={link.url} label={t("desk-link-qr", { name: link.name })} />
        </>
      )}
      {state === "open" && desk.room.session.may("revoke_invitation") && (
        <Button
          icon="trash"
          onClick={() => void desk.room.send({ do: "revoke_invitation", invitation: link.invitation })}
        >
          {t("desk-link-revoke")}
        </Button>
      )}
      <Button onClick={() => desk.begin({ is: "invite" })}>{t("desk-link-another")}</Button>
    </TaskFrame>
  );
}

/** The text for an SMS or a chat, in the reader's language, not the desk's. */
function message(desk: Desk, link: Link): string {
  const view = desk.room.view.value;
  const words = {
    name: link.name,
    subject: view?.subject ?? "",
    mediator: view?.me.name ?? "",
    url: link.url,
  };
  return t(link.language === "zh" ? "desk-message-zh" : "desk-message-en", words);
}

/** Who is most likely missing: a party that is neither in, nor waiting, nor invited. */
function expected(desk: Desk): { role: Role; name: string } {
  const view = desk.room.view.value;
  const known = [
    ...(view?.people.filter((one) => one.presence !== "left") ?? []),
    ...(view?.door ?? []),
    ...(view?.invitations.filter((one) => one.state === "open") ?? []),
  ].map((one) => one.role);
  const role = (["consumer", "merchant"] as const).find((one) => !known.includes(one)) ?? "helper";
  return { role, name: nameFor(desk, role) };
}

function nameFor(desk: Desk, role: Role): string {
  const found = desk.record.value;
  if (found === null || found === "failed") return "";
  if (role === "consumer") return found.record.consumer.name;
  return role === "merchant" ? found.record.merchant.name : "";
}
