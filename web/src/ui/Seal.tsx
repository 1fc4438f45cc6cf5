// The seal: the only thing in the product that is cinnabar red. Empty, it is a dashed place; set,
// it carries the signer's name on the paper.
export function Seal({
  name,
  set,
  fresh,
  label,
}: {
  name: string;
  set: boolean;
  fresh?: boolean;
  label: string;
}) {
  const lines = split(name);
  return (
    <span
      class={`seal ${set ? "seal--set" : "seal--empty"} ${fresh ? "seal--fresh" : ""}`}
      role="img"
      aria-label={label}
    >
      <svg viewBox="0 0 72 72" aria-hidden="true">
        <rect
          x="4"
          y="4"
          width="64"
          height="64"
          rx="7"
          fill="none"
          stroke="currentColor"
          stroke-width={set ? 4 : 1.5}
          stroke-dasharray={set ? undefined : "5 5"}
        />
        {set && (
          <>
            <rect
              x="9.5"
              y="9.5"
              width="53"
              height="53"
              rx="3"
              fill="none"
              stroke="currentColor"
              stroke-width="1.2"
            />
            {lines.map((line, i) => (
              <text
                key={line + i}
                x="36"
                y={lines.length === 1 ? 44 : 32 + i * 22}
                text-anchor="middle"
                fill="currentColor"
                font-weight="700"
                font-size={Math.min(22, 50 / Math.max(1, width(line)))}
              >
                {line}
              </text>
            ))}
          </>
        )}
      </svg>
    </span>
  );
}

/** A name on at most two lines: Chinese names by character, others by word. */
function split(name: string): string[] {
  const plain = name.replace(/[（(].*?[)）]/g, "").trim() || name.trim();
  if (/[\u3400-\u9fff]/.test(plain)) {
    const short = [...plain.replace(/\s/g, "")].slice(0, 6);
    const half = short.length <= 2 ? short.length : Math.ceil(short.length / 2);
    return [short.slice(0, half).join(""), short.slice(half).join("")].filter(Boolean);
  }
  const [first = "", ...rest] = plain.split(/\s+/);
  return [first.slice(0, 9), rest.join(" ").slice(0, 9)].filter(Boolean);
}

function width(line: string): number {
  return [...line].reduce((sum, c) => sum + (c.charCodeAt(0) > 0x2e7f ? 1 : 0.6), 0);
}
