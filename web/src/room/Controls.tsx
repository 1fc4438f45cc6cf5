// The bar at the bottom of a room: microphone, camera, what the page adds, and leaving, which is always
// in sight. Leaving asks once, in place.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "../ui/Button";
import { Icon, type IconName } from "../ui/Icon";
import type { Room } from "./room";
import { Voice } from "./Voice";

export function Control(props: {
  icon: IconName;
  label: string;
  pressed?: boolean;
  off?: boolean;
  count?: number;
  kind?: "leave";
  /** How loud the microphone hears, 0 to 1. */
  level?: () => number;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      class={`control ${props.kind ? `control--${props.kind}` : ""}`}
      aria-pressed={props.pressed}
      data-off={props.off}
      onClick={props.onClick}
    >
      <span class="control__sign">
        <Icon name={props.icon} />
        {props.level && <Voice level={props.level} />}
        {props.count ? <span class="control__count">{props.count > 9 ? "9+" : props.count}</span> : null}
      </span>
      <span class="control__label">{props.label}</span>
    </button>
  );
}

export function Controls(props: { room: Room; onLeave: () => void; children?: ComponentChildren }) {
  const { room } = props;
  const [asking, setAsking] = useState(false);
  const silent = room.capture.muted.value || room.capture.audio.value === null;
  const dark = room.capture.video.value === null;
  if (asking) {
    return (
      <div class="bar bar--asking" role="alertdialog" aria-label={t("leave-sure")}>
        <span class="grow">
          <strong>{t("leave-sure")}</strong> <span class="small">{t("leave-what")}</span>
        </span>
        <Button onClick={() => setAsking(false)}>{t("leave-stay")}</Button>
        <Button kind="leave" onClick={props.onLeave}>
          {t("leave")}
        </Button>
      </div>
    );
  }
  return (
    <div class="bar" role="toolbar" aria-label={t("controls")}>
      {room.session.may("mute") && (
        <Control
          icon={silent ? "mic-off" : "mic"}
          label={silent ? t("mic-off") : t("mic-on")}
          off={silent}
          {...(silent ? {} : { level: () => room.capture.level.value })}
          onClick={() => void room.toggleMute()}
        />
      )}
      {room.session.may("camera") && (
        <Control
          icon={dark ? "camera-off" : "camera"}
          label={dark ? t("camera-off") : t("camera-on")}
          off={dark}
          onClick={() => void room.toggleCamera()}
        />
      )}
      {props.children}
      <Control icon="leave" kind="leave" label={t("leave")} onClick={() => setAsking(true)} />
    </div>
  );
}
