// The state of the room in one band on top: the private talk from inside and outside, the return from
// it, a broken connection, a silenced microphone. Never by colour alone.
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { span } from "../i18n/dates";
import type { View } from "../protocol/types";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import type { Room } from "./room";

/** A clock that makes its reader draw itself once a second. */
export function useNow(room: Room): number {
  const [now, setNow] = useState(room.session.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(room.session.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

export function Banner({ room }: { room: Room }) {
  const view = room.view.value;
  if (!view) return null;
  return (
    <div class="banners">
      <LinkBand room={room} />
      <CaucusBand room={room} view={view} />
      <DeviceBand room={room} />
      <UnsignedBand room={room} />
      <FailureBand room={room} />
    </div>
  );
}

function LinkBand({ room }: { room: Room }) {
  const link = room.session.link.value;
  const media = room.peer.state.value;
  if (link !== "broken" && media !== "broken") {
    if (!room.peer.quality.weak.value) return null;
    return (
      <div class="band" role="status">
        <Icon name="info" />
        <span>{t("link-weak")}</span>
      </div>
    );
  }
  return (
    <div class="band band--warn" role="status">
      <Icon name="warn" />
      <span>{link === "broken" ? t("link-broken") : t("media-broken")}</span>
    </div>
  );
}

function CaucusBand({ room, view }: { room: Room; view: View }) {
  const now = useNow(room);
  const { caucus } = view;
  if (!caucus) return null;
  if (caucus.joins_at !== null) {
    const left = Math.max(0, Math.ceil((caucus.joins_at - now) / 1000));
    return (
      <div class="band band--return" role="alert">
        <Icon name="people" />
        <span>{t("caucus-returning", { seconds: left })}</span>
      </div>
    );
  }
  if (caucus.inside) {
    const others = view.people
      .filter((one) => one.with_me && one.person !== view.me.person)
      .map((one) => one.name)
      .join(t("list-comma"));
    return (
      <div class="band band--caucus" role="status">
        <Icon name="lock" />
        <span>
          <strong>{t("caucus-inside", { names: others })}</strong> {t(`caucus-deaf-${deaf(view)}`)}
        </span>
        <span class="band__clock">{span(now - caucus.since)}</span>
      </div>
    );
  }
  return (
    <div class="band band--outside" role="status">
      <Icon name="lock" />
      <span>{t("caucus-outside")}</span>
      <span class="band__clock">{span(now - caucus.since)}</span>
    </div>
  );
}

/** Who can't hear the private talk: the consumer, the merchant, or everyone else. */
function deaf(view: View): "consumer" | "merchant" | "others" {
  const outside = view.people.filter(
    (one) => !one.with_me && (one.role === "consumer" || one.role === "merchant"),
  );
  const [only] = outside;
  return outside.length === 1 && only ? (only.role as "consumer" | "merchant") : "others";
}

function DeviceBand({ room }: { room: Room }) {
  const { audioTrouble, videoTrouble } = room.capture;
  if (audioTrouble.value === "interrupted" || videoTrouble.value === "interrupted") {
    return (
      <div class="band band--warn" role="alert">
        <Icon name="warn" />
        <span class="grow">{t("device-interrupted")}</span>
        <Button kind="primary" onClick={() => void room.capture.reacquire()}>
          {t("device-again")}
        </Button>
      </div>
    );
  }
  if (room.self?.muted_by_mediator) {
    return (
      <div class="band" role="status">
        <Icon name="mic-off" />
        <span>{t("muted-by-mediator")}</span>
      </div>
    );
  }
  return null;
}

function UnsignedBand({ room }: { room: Room }) {
  if (!room.unsigned.value) return null;
  return (
    <div class="band" role="status">
      <Icon name="info" />
      <span class="grow">{t("signing-ended")}</span>
      <Button
        kind="plain"
        aria-label={t("close")}
        onClick={() => {
          room.unsigned.value = false;
        }}
      >
        <Icon name="close" />
      </Button>
    </div>
  );
}

function FailureBand({ room }: { room: Room }) {
  const failure = room.failure.value;
  if (!failure) return null;
  return (
    <div class="band band--warn" role="alert">
      <Icon name="warn" />
      <span class="grow">{t(`refusal-${failure.error}`)}</span>
      <Button
        kind="plain"
        aria-label={t("close")}
        onClick={() => {
          room.failure.value = null;
        }}
      >
        <Icon name="close" />
      </Button>
    </div>
  );
}
