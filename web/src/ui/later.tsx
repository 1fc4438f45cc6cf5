// A page whose script is fetched when it is needed, or a little before. Until it is there a progress
// stands in its place; if it can't be had, a reload is offered, which loses nothing.
import { type Signal, signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "./Button";
import { Notice } from "./Notice";
import { Progress } from "./Progress";

export interface Later<P> {
  Page: ComponentType<P>;
  /** Fetches the script; harmless when called again. */
  prepare: () => void;
}

export function later<P extends object>(load: () => Promise<ComponentType<P>>): Later<P> {
  const there: Signal<{ Page: ComponentType<P> } | "failed" | null> = signal(null);
  let asked = false;
  const prepare = () => {
    if (asked) return;
    asked = true;
    load().then(
      (Page) => {
        there.value = { Page };
      },
      () => {
        asked = false;
        there.value = "failed";
      },
    );
  };
  const Page = (props: P) => {
    useEffect(prepare, []);
    const now = there.value;
    if (now === null) return <Progress label={t("later-loading")} />;
    if (now === "failed") return <Failed />;
    return <now.Page {...props} />;
  };
  return { Page, prepare };
}

function Failed() {
  return (
    <Notice
      kind="error"
      title={t("later-failed")}
      kept={t("later-kept")}
      actions={
        <Button kind="primary" onClick={() => location.reload()}>
          {t("again")}
        </Button>
      }
    />
  );
}
