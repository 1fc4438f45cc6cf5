// The state of the room in one band on top: the private talk from inside and outside, the return from
// it, a broken or weak connection, a silenced microphone, an echo. Never by colour alone.
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { span } from "../i18n/dates";
import type { View } from "../protocol/types";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import type { Room } from "./room";
import { whyUnsigned } from "./unsigned";

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
      <SwitchedBand room={room} />
      <EchoBand room={room} view={view} />
      <UnsignedBand room={room} view={view} />
      <FailureBand room={room} />
    </div>
  );
}

function LinkBand({ room }: { room: Room }) {
  const says = lineWords(room);
  if (!says) return null;
  const broken = says === "link-broken" || says === "media-broken";
  return (
    <div class={`band ${broken ? "band--warn" : ""}`} role="status">
      <Icon name={broken ? "warn" : "signal"} />
      <span>{t(says)}</span>
    </div>
  );
}

/** What is to be said of my own line, the worst first. */
function lineWords(room: Room): string | null {
  const line = room.session.line.value;
  if (room.session.link.value === "broken") return "link-broken";
  if (room.peer.state.value === "broken" || line?.grade === "lost") return "media-broken";
  if (line?.video === "off") return "line-off";
  return line?.grade === "poor" ? "line-poor" : null;
}

/** For how long an echo is worth telling. */
const ECHO_MS = 60_000;
const SWITCHED_MS = 8_000;

/** Sets a signal back to null some time after it was set. */
function useFading<T>(what: Signal<T | null>, after: number): T | null {
  const { value } = what;
  useEffect(() => {
    if (value === null) return;
    const timer = setTimeout(() => {
      what.value = null;
    }, after);
    return () => clearTimeout(timer);
  }, [value]);
  return value;
}

/** A microphone gives back what the loudspeaker beside it says: told to its owner and to the mediator. */
function EchoBand({ room, view }: { room: Room; view: View }) {
  const { echo } = room.session;
  const of = useFading(echo, ECHO_MS)?.of;
  const person = view.people.find((one) => one.person === of);
  if (!person) return null;
  const mine = person.person === view.me.person;
  if (mine ? room.capture.muted.value : person.muted || !person.with_me) return null;
  const silence = () => {
    echo.value = null;
    if (mine) room.capture.setMuted(true);
    else void room.send({ do: "mute_person", person: person.person, muted: true });
  };
  return (
    <Told
      text={mine ? t("echo-mine") : t("echo-of", { name: person.name })}
      warn={mine}
      close={() => {
        echo.value = null;
      }}
    >
      {room.session.may(mine ? "mute" : "mute_person") && (
        <Button kind={mine ? "primary" : "plain"} icon="mic-off" onClick={silence}>
          {t("echo-mute")}
        </Button>
      )}
    </Told>
  );
}

/** Another microphone or camera took over by itself. */
function SwitchedBand({ room }: { room: Room }) {
  const { switched } = room.capture;
  const now = useFading(switched, SWITCHED_MS);
  if (!now) return null;
  return (
    <Told
      text={t(`switched-${now.kind}`, { label: now.label })}
      close={() => {
        switched.value = null;
      }}
    />
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
      <div class="band band--asking band--warn" role="alert">
        <Icon name="warn" />
        <span class="grow">{t("device-interrupted")}</span>
        <Button kind="primary" onClick={() => void room.carryOn()}>
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

function UnsignedBand({ room, view }: { room: Room; view: View }) {
  if (!room.unsigned.value) return null;
  return (
    <Told
      text={whyUnsigned(view)}
      close={() => {
        room.unsigned.value = false;
      }}
    />
  );
}

function FailureBand({ room }: { room: Room }) {
  const failure = room.failure.value;
  if (!failure) return null;
  return (
    <Told
      text={t(`refusal-${failure.error}`)}
      warn
      close={() => {
        room.failure.value = null;
      }}
    />
  );
}

/** A band that can be put away, with something to do about it perhaps. */
function Told(props: { text: string; warn?: boolean; close: () => void; children?: ComponentChildren }) {
  return (
    <div class={`band band--asking ${props.warn ? "band--warn" : ""}`} role={props.warn ? "alert" : "status"}>
      <Icon name={props.warn ? "warn" : "info"} />
      <span class="grow">{props.text}</span>
      {props.children}
      <Button kind="plain" aria-label={t("close")} onClick={props.close}>
        <Icon name="close" />
      </Button>
    </div>
  );
}
