// A message with a sign and words. An error says what happened, what was kept, and what to do.
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./Icon";

const SIGNS: Record<Kind, IconName> = { info: "info", error: "warn", done: "check", caucus: "lock" };
type Kind = "info" | "error" | "done" | "caucus";

export function Notice(props: {
  kind?: Kind;
  /** What happened. */
  title: string;
  /** What was kept, if somebody could fear a loss. */
  kept?: string;
  /** What to do now. */
  todo?: string;
  actions?: ComponentChildren;
  children?: ComponentChildren;
}) {
  const kind = props.kind ?? "info";
  return (
    <div class={`notice notice--${kind}`} role={kind === "error" ? "alert" : "status"}>
      <Icon name={SIGNS[kind]} />
      <div class="notice__body">
        <span class="notice__title">{props.title}</span>
        {props.kept && <span>{props.kept}</span>}
        {props.todo && <span>{props.todo}</span>}
        {props.children}
        {props.actions && <div class="notice__actions">{props.actions}</div>}
      </div>
    </div>
  );
}
