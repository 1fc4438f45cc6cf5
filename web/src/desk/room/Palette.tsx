// The command palette and the help of keys. Both stand over the right side, never over a face.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "../../ui/Icon";
import { type Action, actions, matching } from "./actions";
import type { Desk } from "./desk";

export function Palette({ desk }: { desk: Desk }) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const found = matching(actions(desk), typed);
  const chosen = found[Math.min(at, found.length - 1)];

  useEffect(() => {
    const before = document.activeElement;
    input.current?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);

  const run = (action: Action | undefined) => {
    if (!action) return;
    desk.palette.value = false;
    action.run();
  };
  const key = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((at + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      run(chosen);
    }
  };

  return (
    <div class="palette" role="dialog" aria-label={t("desk-palette")}>
      <div class="palette__box">
        <Icon name="search" />
        <input
          ref={input}
          role="combobox"
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={chosen ? `palette-${chosen.id}` : undefined}
          aria-label={t("desk-palette")}
          placeholder={t("desk-palette-hint")}
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={key}
        />
        <kbd>Esc</kbd>
      </div>
      <div class="palette__list" id="palette-list" role="listbox" aria-label={t("desk-palette")}>
        {found.map((action) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: arrow keys and Enter are the input's
          <div
            key={action.id}
            id={`palette-${action.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={action === chosen}
            class="palette__one"
            onClick={() => run(action)}
          >
            <Icon name={action.icon} />
            <span class="grow">{action.label}</span>
            {action.key && <kbd>{action.key}</kbd>}
          </div>
        ))}
        {found.length === 0 && <p class="palette__none quiet">{t("desk-palette-none")}</p>}
      </div>
    </div>
  );
}

export function Help({ desk }: { desk: Desk }) {
  const all = actions(desk);
  const keyed = useMemo(() => all.filter((action) => action.key), [all]);
  return (
    <section class="task" aria-label={t("desk-do-help")}>
      <header class="task__head">
        <h2>{t("desk-do-help")}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={t("close")}
          onClick={() => {
            desk.help.value = false;
          }}
        >
          <Icon name="close" />
        </button>
      </header>
      <dl class="keys">
        <div>
          <dt>
            <kbd>Ctrl</kbd> <kbd>K</kbd>
          </dt>
          <dd>{t("desk-palette")}</dd>
        </div>
        {keyed.map((action) => (
          <div key={action.id}>
            <dt>
              <kbd>{action.key}</kbd>
            </dt>
            <dd>{action.label}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>{t("desk-key-escape")}</dd>
        </div>
      </dl>
    </section>
  );
}
