// The page around one question: where am I on top, the question, and one main button at the bottom.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import { Icon, type IconName } from "../../ui/Icon";
import icon from "../../ui/icon.svg";
import { Steps } from "../../ui/Progress";
import { Preferences } from "../../ui/prefs";

export function Frame(props: {
  /** Which of the four steps this is. */
  step?: number;
  /** Where one is, on pages beside the way in. */
  where?: ComponentChildren;
  title: string;
  sample?: boolean;
  /** A sign above the title, on pages that only tell something. */
  sign?: IconName;
  children: ComponentChildren;
  actions?: ComponentChildren;
}) {
  // A new question is told to those who listen, and stands in the tab's title.
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${props.title} · ${t("brand")}`;
    heading.current?.focus({ preventScroll: true });
  }, [props.title]);
  return (
    <div class="frame">
      <header class="frame__top">
        <span class="brand">
          <img src={icon} alt="" width="28" height="28" />
          {t("brand")}
        </span>
        <Preferences />
      </header>
      <main class="frame__main">
        {props.step && <Steps at={props.step} of={4} label={t("step", { at: props.step, of: 4 })} />}
        {props.where}
        {props.sample && <p class="badge badge--sample frame__sample">{t("sample")}</p>}
        {props.sign && (
          <span class="frame__sign">
            <Icon name={props.sign} />
          </span>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {props.title}
        </h1>
        {props.children}
      </main>
      {props.actions && <footer class="frame__actions">{props.actions}</footer>}
    </div>
  );
}
