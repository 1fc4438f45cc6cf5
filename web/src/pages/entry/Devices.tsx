// Step 3: see myself, see that I am heard. Without a camera or a microphone one goes on with what
// there is; what was refused can be asked again.
import { t } from "../../i18n";
import { Picture } from "../../room/Picture";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Meter } from "../../ui/Meter";
import { Notice } from "../../ui/Notice";
import { Progress } from "../../ui/Progress";
import type { Entry } from "./entry";
import { Frame } from "./Frame";
import { Problem } from "./Problem";

export function Devices({ entry }: { entry: Entry }) {
  const { capture } = entry;
  if (!capture) return null;
  const audio = capture.audio.value;
  const video = capture.video.value;
  const asking = !audio && !video && !capture.audioTrouble.value && !capture.videoTrouble.value;
  return (
    <Frame
      step={3}
      title={t("devices-title")}
      actions={
        <Button
          kind="primary"
          wide
          busy={entry.busy.value}
          disabled={asking}
          onClick={() => void entry.join()}
        >
          {t(
            audio && video
              ? "devices-go"
              : audio
                ? "devices-go-sound"
                : video
                  ? "devices-go-picture"
                  : "devices-go-none",
          )}
        </Button>
      }
    >
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
          <Meter level={capture.level.value} label={t("devices-meter")} />
        </div>
      )}
      {(["audio", "video"] as const).map((kind) => {
        const why = kind === "audio" ? capture.audioTrouble.value : capture.videoTrouble.value;
        if (!why) return null;
        return (
          <Notice
            key={kind}
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
      })}
      <p class="small quiet">{t("devices-recording")}</p>
      <Problem entry={entry} />
    </Frame>
  );
}
