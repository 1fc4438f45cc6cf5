// A microphone's level in eight bars. `level` is 0 to 1.
export function Meter({ level, label }: { level: number; label: string }) {
  const lit = Math.round(Math.min(1, level) * 8);
  return (
    <div class="meter" role="img" aria-label={label}>
      {Array.from({ length: 8 }, (_, i) => (
        <i key={i} data-on={i < lit} />
      ))}
    </div>
  );
}
