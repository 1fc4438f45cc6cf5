// A sheet that comes up from below and leaves the rest of the page usable: it never hides a face
// for longer than its reader wants, nor the button to leave.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { Icon } from "./Icon";

export function Sheet(props: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  id?: string;
}) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    head.current?.focus();
    const key = (event: KeyboardEvent) => event.key === "Escape" && props.onClose();
    document.addEventListener("keydown", key);
    return () => {
      document.removeEventListener("keydown", key);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <section class="sheet" role="dialog" aria-label={props.title} id={props.id}>
      <div class="sheet__head">
        <h2 ref={head} tabIndex={-1}>
          {props.title}
        </h2>
        <button type="button" class="button button--plain" onClick={props.onClose} aria-label={t("close")}>
          <Icon name="close" />
        </button>
      </div>
      <div class="sheet__body">{props.children}</div>
    </section>
  );
}
