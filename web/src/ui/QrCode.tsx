// A QR code as vector, so that it prints sharply. Always black on white, whatever the theme.
import { generate } from "lean-qr";
import { toSvgPath } from "lean-qr/extras/svg";
import { useMemo } from "preact/hooks";

export function QrCode({ text, label }: { text: string; label: string }) {
  const code = useMemo(() => generate(text), [text]);
  return (
    <div class="qr">
      <svg viewBox={`-2 -2 ${code.size + 4} ${code.size + 4}`} role="img" aria-label={label}>
        <path d={toSvgPath(code)} fill="#000" />
      </svg>
    </div>
  );
}
