// The three questions about somebody's own device. Only they can answer two of them.
import type { ComponentChild, ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../../i18n";
import { Picture } from "../../../room/Picture";
import { Button } from "../../../ui/Button";
import { Icon } from "../../../ui/Icon";
import { Meter } from "../../../ui/Meter";
import { Notice } from "../../../ui/Notice";
import { chime } from "../chime";
import { DeviceTrouble } from "../Devices";
import type { Entry } from "../entry";
import { Frame } from "../Frame";

interface Props {
  /** Which question this is, and the way back. */
  where: ComponentChild;
  /** Whether it works; leads to the next question. */
  found: (good: boolean) => void;
}

export function CameraTrial({ entry, where, found }: Props & { entry: Entry }) {
  const { capture } = entry;
  const video = capture?.video.value;
  if (!capture || !video) {
    return (
      <Off entry={entry} kind="video" where={where} found={found} open={() => void capture?.startVideo()} />
    );
  }
  return (
    <Question name="camera" where={where} found={found}>
      <div class="preview">
        <Picture track={video} mirrored={capture.mirrored} label={t("own-picture")} />
        {capture.canFlip.value && (
          <Button
            icon="flip"
            class="preview__flip"
            aria-label={t("flip")}
            onClick={() => void capture.flip()}
          />
        )}
      </div>
    </Question>
  );
}

/** Loud enough for a voice, at the meter's scale. */
const VOICE = 0.08;
const QUIET_MS = 6_000;

export function MicrophoneTrial({ entry, where, found }: Props & { entry: Entry }) {
  const { capture } = entry;
  const audio = capture?.audio.value;
  const [heard, setHeard] = useState(false);
  const [quiet, setQuiet] = useState(false);
  useEffect(() => capture?.level.subscribe((level) => level > VOICE && setHeard(true)), [capture]);
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!capture || !audio) {
    return (
      <Off entry={entry} kind="audio" where={where} found={found} open={() => void capture?.startAudio()} />
    );
  }
  return (
    <Frame
      where={where}
      title={t("check-microphone")}
      actions={
        <Button kind={heard ? "primary" : "quiet"} wide onClick={() => found(heard)}>
          {t(heard ? "check-next" : "check-microphone-no")}
        </Button>
      }
    >
      <div class="level">
        <Icon name={capture.muted.value ? "mic-off" : "mic"} />
        <Meter level={capture.level} label={t("devices-meter")} />
      </div>
      {heard && <Fine text={t("devices-heard")} />}
      {!heard && capture.muted.value && <Notice title={t("check-microphone-muted")} />}
      {!heard && quiet && !capture.muted.value && <Help name="microphone" />}
    </Frame>
  );
}

export function SpeakerTrial({ where, found }: Props) {
  const [played, setPlayed] = useState(false);
  const play = () => {
    chime();
    setPlayed(true);
  };
  if (!played) {
    return (
      <Frame
        where={where}
        title={t("check-speaker-first")}
        actions={
          <Button kind="primary" icon="sound" wide onClick={play}>
            {t("waiting-chime")}
          </Button>
        }
      >
        <p class="quiet">{t("check-speaker-what")}</p>
        <div class="level">
          <Icon name="sound" />
        </div>
      </Frame>
    );
  }
  return (
    <Question name="speaker" where={where} found={found}>
      <Button icon="sound" onClick={play}>
        {t("waiting-chime-again")}
      </Button>
    </Question>
  );
}

/** Yes or no; after a no first what to do about it, then on without. */
function Question(props: Props & { name: "camera" | "speaker"; children: ComponentChildren }) {
  const { name, found } = props;
  const [no, setNo] = useState(false);
  return (
    <Frame
      where={props.where}
      title={t(`check-${name}`)}
      actions={
        <div class="choice choice--even">
          <Button onClick={() => (no ? found(false) : setNo(true))}>
            {t(no ? `check-${name}-still-no` : `check-${name}-no`)}
          </Button>
          <Button kind="primary" onClick={() => found(true)}>
            {t(`check-${name}-yes`)}
          </Button>
        </div>
      }
    >
      {no && <Help name={name} />}
      {props.children}
    </Frame>
  );
}

/** It is not open: refused, absent, or left off. */
function Off(props: Props & { entry: Entry; kind: "audio" | "video"; open: () => void }) {
  const { entry, kind } = props;
  const told = (kind === "audio" ? entry.capture?.audioTrouble : entry.capture?.videoTrouble)?.value;
  return (
    <Frame
      where={props.where}
      title={t(`devices-no-${kind}`)}
      actions={
        <Button kind="primary" wide onClick={() => props.found(false)}>
          {t(`check-without-${kind}`)}
        </Button>
      }
    >
      {told ? (
        <DeviceTrouble entry={entry} kind={kind} />
      ) : (
        <>
          <p>{t(`devices-no-${kind}-kept`)}</p>
          {entry.step.value.at === "room" && <p class="quiet">{t("check-live")}</p>}
          <Button icon={kind === "audio" ? "mic" : "camera"} onClick={props.open}>
            {t(`check-open-${kind}`)}
          </Button>
        </>
      )}
    </Frame>
  );
}

function Help({ name }: { name: "camera" | "microphone" | "speaker" }) {
  return (
    <Notice kind="info" title={t("check-help")}>
      <ul class="helps">
        {[1, 2, 3].map((one) => (
          <li key={one}>{t(`check-${name}-help-${one}`)}</li>
        ))}
      </ul>
    </Notice>
  );
}

function Fine({ text }: { text: string }) {
  return (
    <p class="fine" role="status">
      <Icon name="check" />
      {text}
    </p>
  );
}
