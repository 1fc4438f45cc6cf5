// What needs a few words or a choice: inviting, taking aside, refusing, removing, adjourning, ending.
// Each stands on the right, above the tabs; the faces stay in sight, Escape closes it.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import type { Command, Ground, PersonId } from "../../protocol/types";
import { titleOf } from "../../room/names";
import { Button } from "../../ui/Button";
import { Checkbox, Select, TextArea, TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import type { Desk } from "./desk";
import { InviteTask, LinkTask } from "./Invite";

export function Tasks({ desk }: { desk: Desk }) {
  const task = desk.task.value;
  if (!task) return null;
  switch (task.is) {
    case "invite":
      return <InviteTask desk={desk} />;
    case "link":
      return <LinkTask key={task.link.invitation} desk={desk} link={task.link} />;
    case "caucus":
      return <CaucusTask desk={desk} chosen={task.chosen} />;
    case "refuse":
      return (
        <ReasonTask
          desk={desk}
          title={t("desk-refuse-title", { name: task.name })}
          hint={t("desk-refuse-hint")}
          action={t("desk-refuse")}
          command={(reason) => ({ do: "refuse", device: task.device, reason })}
        />
      );
    case "remove":
      return (
        <ReasonTask
          desk={desk}
          title={t("desk-remove-title", { name: task.name })}
          hint={t("desk-remove-hint")}
          action={t("desk-remove")}
          command={(reason) => ({ do: "remove", person: task.person, reason })}
        />
      );
    case "adjourn":
      return <AdjournTask desk={desk} />;
    default:
      return <TerminateTask desk={desk} />;
  }
}

export function TaskFrame(props: {
  desk: Desk;
  title: string;
  onSubmit?: () => void;
  children: ComponentChildren;
}) {
  const frame = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    frame.current?.querySelector<HTMLElement>("input, textarea, select, button.button")?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <form
      ref={frame}
      class="task"
      aria-label={props.title}
      onSubmit={(event) => {
        event.preventDefault();
        props.onSubmit?.();
      }}
    >
      <header class="task__head">
        <h2>{props.title}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={t("close")}
          onClick={() => {
            props.desk.task.value = null;
          }}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class="task__body stack">{props.children}</div>
    </form>
  );
}

/** Sends a task's command; the task closes when it was done. */
function useSend(desk: Desk): [boolean, (command: Command) => Promise<void>] {
  const [busy, setBusy] = useState(false);
  const send = async (command: Command) => {
    setBusy(true);
    const answer = await desk.room.send(command);
    setBusy(false);
    if (answer) desk.task.value = null;
  };
  return [busy, send];
}

function ReasonTask(props: {
  desk: Desk;
  title: string;
  hint: string;
  action: string;
  command: (reason: string) => Command;
}) {
  const [reason, setReason] = useState("");
  const [busy, send] = useSend(props.desk);
  return (
    <TaskFrame desk={props.desk} title={props.title} onSubmit={() => void send(props.command(reason.trim()))}>
      <TextField
        label={t("desk-reason")}
        hint={props.hint}
        maxLength={300}
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <Button kind="leave" type="submit" busy={busy}>
        {props.action}
      </Button>
    </TaskFrame>
  );
}

function CaucusTask({ desk, chosen }: { desk: Desk; chosen: PersonId[] }) {
  const [who, setWho] = useState<PersonId[]>(chosen);
  const [busy, send] = useSend(desk);
  const view = desk.room.view.value;
  const others = view?.people.filter((one) => one.person !== view.me.person && one.presence !== "left") ?? [];
  const out = others.filter((one) => !who.includes(one.person));
  return (
    <TaskFrame
      desk={desk}
      title={t("desk-caucus-title")}
      onSubmit={() => void send({ do: "caucus", with: who })}
    >
      <p class="quiet">{t("desk-caucus-what")}</p>
      {others.map((one) => (
        <Checkbox
          key={one.person}
          checked={who.includes(one.person)}
          onChange={(on) => setWho(on ? [...who, one.person] : who.filter((id) => id !== one.person))}
        >
          <span class="strong">{one.name}</span> <span class="quiet">{titleOf(one)}</span>
        </Checkbox>
      ))}
      {who.length > 0 && out.length > 0 && (
        <p class="small quiet">
          {t("desk-caucus-out", { names: out.map((one) => one.name).join(t("list-comma")) })}
        </p>
      )}
      <Button kind="primary" icon="lock" type="submit" busy={busy} disabled={who.length === 0}>
        {t("desk-caucus-begin")}
      </Button>
    </TaskFrame>
  );
}

function AdjournTask({ desk }: { desk: Desk }) {
  const [reason, setReason] = useState("");
  const [next, setNext] = useState("");
  const [busy, send] = useSend(desk);
  const at = next ? Date.parse(next) : Number.NaN;
  return (
    <TaskFrame
      desk={desk}
      title={t("desk-do-adjourn")}
      onSubmit={() =>
        void send({ do: "adjourn", reason: reason.trim(), next_at: Number.isNaN(at) ? null : at })
      }
    >
      <p class="quiet">{t("desk-adjourn-what")}</p>
      <TextArea
        label={t("desk-reason")}
        maxLength={500}
        value={reason}
        onInput={(event) => setReason(event.currentTarget.value)}
      />
      <TextField
        type="datetime-local"
        label={`${t("desk-next-date")} ${t("desk-optional")}`}
        value={next}
        onInput={(event) => setNext(event.currentTarget.value)}
      />
      <Button kind="primary" type="submit" busy={busy} disabled={!reason.trim()}>
        {t("desk-do-adjourn")}
      </Button>
    </TaskFrame>
  );
}

const GROUNDS: readonly Ground[] = [
  "no_agreement",
  "not_taking_part",
  "withdrawn",
  "appraisal_fees",
  "time_limit",
  "refusal_ground",
  "death_or_end",
  "other",
];

function TerminateTask({ desk }: { desk: Desk }) {
  const [ground, setGround] = useState<Ground>("no_agreement");
  const [note, setNote] = useState("");
  const [busy, send] = useSend(desk);
  return (
    <TaskFrame
      desk={desk}
      title={t("desk-do-terminate")}
      onSubmit={() => void send({ do: "terminate", ground, note: note.trim() })}
    >
      <p class="quiet">{t("desk-terminate-what")}</p>
      <Select
        label={t("desk-ground")}
        value={ground}
        options={GROUNDS.map((one) => [one, t(`ground-${one}`)])}
        onChange={(event) => setGround(event.currentTarget.value as Ground)}
      />
      <TextArea
        label={t("desk-note")}
        hint={t("desk-note-hint")}
        maxLength={2000}
        rows={5}
        value={note}
        onInput={(event) => setNote(event.currentTarget.value)}
      />
      <Button kind="leave" type="submit" busy={busy} disabled={ground === "other" && !note.trim()}>
        {t("desk-do-terminate")}
      </Button>
    </TaskFrame>
  );
}
