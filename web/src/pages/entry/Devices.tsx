// Step 3: see myself, see that I am heard. Without a camera or a microphone one goes on with what there
// is, and whoever wants to be seen or heard less says so with one tap. What was refused can be asked again.
import { t } from "../../i18n";
import { Picture } from "../../room/Picture";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Meter } from "../../ui/Meter";
import { Notice } from "../../ui/Notice";
import { Progress } from "../../ui/Progress";
import type { Entry } from "./entry";
import { Frame } from "./Frame";
import { NetworkBad, NetworkGood } from "./NetworkLine";
import { Problem } from "./Problem";

export function Devices({ entry }: { entry: Entry }) {
  const { capture } = entry;
  if (!capture) return null;
  const audio = capture.audio.value;
  const video = capture.video.value;
  const asking = !audio && !video && !capture.audioTrouble.value && !capture.videoTrouble.value;
  return (
    <Frame step={3} title={t("devices-title")} actions={<Ways entry={entry} asking={asking} />}>
      <NetworkBad entry={entry} />
      <div class={`preview ${video || asking ? "" : "preview--small"}`}>
        {video ? (
          <Picture track={video} mirrored={capture.mirrored} label={t("own-picture")} />
        ) : (
          <span class="preview__off">
            {asking ? <Progress label={t("devices-asking")} /> : <Icon name="camera-off" />}
          </span>
        )}
        {video && capture.canFlip.value && (
          <Button
            icon="flip"
            class="preview__flip"
            aria-label={t("flip")}
            onClick={() => void capture.flip()}
          />
        )}
      </div>
      {asking && <p class="center">{t("devices-allow")}</p>}
      {audio && (
        <div class="heard">
          <Icon name="mic" />
          <span class="grow">{t(capture.level.value > 0.08 ? "devices-heard" : "devices-say")}</span>
          <Meter level={capture.level} label={t("devices-meter")} />
        </div>
      )}
      <div class="tried">
        <NetworkGood entry={entry} />
        <Button
          kind="plain"
          class="tried__more"
          onClick={() => {
            entry.checking.value = true;
          }}
        >
          {t("check-title")}
        </Button>
      </div>
      <DeviceTrouble entry={entry} kind="audio" />
      <DeviceTrouble entry={entry} kind="video" />
      <p class="small quiet">{t("devices-recording")}</p>
      <Problem entry={entry} />
    </Frame>
  );
}

/** Going in with everything that is there, or with less. */
function Ways({ entry, asking }: { entry: Entry; asking: boolean }) {
  const audio = entry.capture?.audio.value != null;
  const video = entry.capture?.video.value != null;
  const busy = entry.busy.value;
  const go = (audio: boolean, video: boolean) => () => void entry.join({ audio, video });
  const all = audio && video ? "go" : audio ? "go-sound" : video ? "go-picture" : "go-text";
  return (
    <div class="ways">
      <Button kind="primary" wide busy={busy} disabled={asking} onClick={go(audio, video)}>
        {t(`devices-${all}`)}
      </Button>
      {audio && video && (
        <Button kind="plain" disabled={busy} onClick={go(true, false)}>
          {t("devices-less-sound")}
        </Button>
      )}
      {(audio || video || asking) && (
        <Button kind="plain" disabled={busy} onClick={go(false, false)}>
          {t("devices-less-text")}
        </Button>
      )}
    </div>
  );
}

/** Why there is no microphone or camera, what goes without, and how to get it. */
export function DeviceTrouble({ entry, kind }: { entry: Entry; kind: "audio" | "video" }) {
  const { capture } = entry;
  const why = kind === "audio" ? capture?.audioTrouble.value : capture?.videoTrouble.value;
  if (!capture || !why) return null;
  return (
    <Notice
      kind="error"
      title={t(`devices-no-${kind}`)}
      kept={t(`devices-no-${kind}-kept`)}
      todo={t(`devices-why-${why}`)}
      actions={
        <Button onClick={() => void (kind === "audio" ? capture.startAudio() : capture.startVideo())}>
          {t("again")}
        </Button>
      }
    />
  );
}
