// One's own picture: small, in a corner, dragged to another by finger or moved by arrow keys.
import { useRef, useState } from "preact/hooks";
import { t } from "../i18n";
import { Icon } from "../ui/Icon";
import { Picture } from "./Picture";
import type { Room } from "./room";

const CORNERS = ["bottom-right", "bottom-left", "top-left", "top-right"] as const;
type Corner = (typeof CORNERS)[number];

export function SelfView({ room }: { room: Room }) {
  const [corner, setCorner] = useState<Corner>("bottom-right");
  const box = useRef<HTMLButtonElement>(null);
  const from = useRef<{ x: number; y: number } | null>(null);
  const track = room.capture.video.value;
  const muted = room.capture.muted.value || room.self?.muted_by_mediator === true;

  const move = (event: PointerEvent) => {
    if (!from.current || !box.current) return;
    box.current.style.transform = `translate(${event.clientX - from.current.x}px, ${event.clientY - from.current.y}px)`;
  };
  const drop = (event: PointerEvent) => {
    const element = box.current;
    const stage = element?.parentElement?.getBoundingClientRect();
    if (from.current && element && stage) {
      element.style.transform = "";
      const far = Math.hypot(event.clientX - from.current.x, event.clientY - from.current.y) > 24;
      const side = event.clientX < stage.left + stage.width / 2 ? "left" : "right";
      const end = event.clientY < stage.top + stage.height / 2 ? "top" : "bottom";
      if (far) setCorner(`${end}-${side}`);
    }
    from.current = null;
  };
  const key = (event: KeyboardEvent) => {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    const [end, side] = corner.split("-");
    const to = {
      ArrowLeft: `${end}-left`,
      ArrowRight: `${end}-right`,
      ArrowUp: `top-${side}`,
      ArrowDown: `bottom-${side}`,
    };
    setCorner(to[event.key as keyof typeof to] as Corner);
  };

  return (
    <button
      type="button"
      ref={box}
      class="selfview"
      data-corner={corner}
      aria-label={t("own-picture")}
      onPointerDown={(event) => {
        from.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={drop}
      onPointerCancel={drop}
      onKeyDown={key}
    >
      {track ? (
        <Picture track={track} mirrored={room.capture.mirrored} label={t("own-picture")} />
      ) : (
        <span class="selfview__off">
          <Icon name="camera-off" />
        </span>
      )}
      {muted && (
        <span class="selfview__muted">
          <Icon name="mic-off" />
        </span>
      )}
    </button>
  );
}
