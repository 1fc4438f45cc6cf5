// Waiting. Nothing for 0.3 s, then a sign of life, and after 3 s also what is happening.
import { useEffect, useState } from "preact/hooks";

export function Progress({ label }: { label: string }) {
  const [stage, setStage] = useState(0);
  useEffect(() => {
    const timers = [setTimeout(() => setStage(1), 300), setTimeout(() => setStage(2), 3000)];
    return () => timers.forEach(clearTimeout);
  }, []);
  return (
    <div class="progress" role="status" aria-label={label}>
      {stage > 0 && (
        <span class="progress__dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
      )}
      {stage > 1 && <span>{label}</span>}
    </div>
  );
}

/** Where am I: `at` of `of`, with words for it. */
export function Steps({ at, of, label }: { at: number; of: number; label: string }) {
  return (
    <div class="steps">
      <span class="small quiet">{label}</span>
      <div class="steps__bar" aria-hidden="true">
        {Array.from({ length: of }, (_, i) => (
          <i key={i} data-done={i < at} />
        ))}
      </div>
    </div>
  );
}
