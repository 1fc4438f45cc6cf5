// A microphone's level in eight bars. A level that comes as a signal moves the bars without drawing
// anything anew.
import { effect, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const BARS = 8;

/** `level` is 0 to 1. */
export function Meter({ level, label }: { level: number | ReadonlySignal<number>; label: string }) {
  const meter = useRef<HTMLDivElement>(null);
  const light = (value: number) => {
    const lit = Math.round(Math.min(1, value) * BARS);
    Array.from(meter.current?.children ?? []).forEach((bar, i) => {
      (bar as HTMLElement).dataset.on = String(i < lit);
    });
  };
  useEffect(() => (typeof level === "number" ? light(level) : effect(() => light(level.value))), [level]);
  return (
    <div ref={meter} class="meter" role="img" aria-label={label}>
      {Array.from({ length: BARS }, (_, i) => (
        <i key={i} />
      ))}
    </div>
  );
}
