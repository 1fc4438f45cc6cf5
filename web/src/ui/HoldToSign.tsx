// Press and hold: a signature can't happen by a slip. Let go early and nothing is signed. By
// keyboard, Space or Enter is held the same way; a screen reader's click asks for a second one.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { say } from "./live";

const HOLD_MS = 1800;

export function HoldToSign(props: {
  label: string;
  holding: string;
  disabled?: boolean;
  onDone: () => void;
}) {
  const [holding, setHolding] = useState(false);
  const timer = useRef(0);
  const clicked = useRef(0);

  const begin = () => {
    if (props.disabled || timer.current) return;
    setHolding(true);
    timer.current = window.setTimeout(() => {
      stop();
      props.onDone();
    }, HOLD_MS);
  };
  const stop = () => {
    window.clearTimeout(timer.current);
    timer.current = 0;
    setHolding(false);
  };
  useEffect(() => stop, []);

  // A click without pointer or key (detail 0) comes from assistive technology.
  const click = (event: MouseEvent) => {
    if (event.detail !== 0 || props.disabled) return;
    const now = Date.now();
    if (now - clicked.current < 8000 && now - clicked.current > 400) props.onDone();
    else say(t("hold-again"));
    clicked.current = now;
  };
  const isHoldKey = (event: KeyboardEvent) => event.key === " " || event.key === "Enter";

  return (
    <button
      type="button"
      class="button button--primary hold"
      data-holding={holding}
      disabled={props.disabled}
      onPointerDown={begin}
      onPointerUp={stop}
      onPointerLeave={stop}
      onPointerCancel={stop}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (!isHoldKey(event)) return;
        event.preventDefault();
        if (!event.repeat) begin();
      }}
      onKeyUp={(event) => isHoldKey(event) && stop()}
      onBlur={stop}
      onClick={click}
    >
      <span class="hold__fill" aria-hidden="true" />
      <span class="hold__label">{holding ? props.holding : props.label}</span>
    </button>
  );
}
