// One of a few. Arrow keys move, as in a group of radio buttons.
export function SegmentedControl<V extends string>(props: {
  label: string;
  options: readonly (readonly [V, string])[];
  value: V;
  onChange: (value: V) => void;
}) {
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = props.options.findIndex(([value]) => value === props.value);
    const next = props.options[(at + step + props.options.length) % props.options.length];
    if (next) props.onChange(next[0]);
  };
  return (
    <div class="segmented" role="radiogroup" aria-label={props.label} onKeyDown={move}>
      {props.options.map(([value, name]) => (
        // biome-ignore lint/a11y/useSemanticElements: a row of buttons reads better here than styled radio inputs
        <button
          key={value}
          type="button"
          role="radio"
          aria-checked={value === props.value}
          tabIndex={value === props.value ? 0 : -1}
          onClick={() => props.onChange(value)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
