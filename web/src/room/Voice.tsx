// How loud somebody is, as three bars that move without anything else being drawn anew.
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

/** `level` reads a signal, 0 to 1. */
export function Voice({ level }: { level: () => number }) {
  const bars = useRef<HTMLSpanElement>(null);
  useEffect(
    () => effect(() => bars.current?.style.setProperty("--level", Math.min(1, level()).toFixed(2))),
    [],
  );
  return (
    <span ref={bars} class="voice" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
