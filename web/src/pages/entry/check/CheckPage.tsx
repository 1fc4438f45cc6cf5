// "Check devices": camera, microphone, loudspeaker and network, one question at a time, each with what to
// do when it fails. It stands in front of whatever page it was asked for from, and goes when something
// happens there.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../../i18n";
import { Capture } from "../../../media/capture";
import { Button } from "../../../ui/Button";
import { Steps } from "../../../ui/Progress";
import type { Entry } from "../entry";
import { CameraTrial, MicrophoneTrial, SpeakerTrial } from "./DeviceTrials";
import { type Findings, NetworkTrial } from "./NetworkTrial";

const OF = 4;

export function CheckPage({ entry }: { entry: Entry }) {
  const [at, setAt] = useState(1);
  const [findings, setFindings] = useState<Findings>({});
  const close = () => {
    entry.checking.value = false;
  };
  useEffect(() => {
    entry.capture ??= new Capture();
    void entry.tryNetwork(true);
  }, []);
  useHappening(entry, close);
  useEffect(() => window.scrollTo(0, 0), [at]);
  const found = (thing: keyof Findings) => (good: boolean) => {
    setFindings({ ...findings, [thing]: good });
    setAt(at + 1);
  };
  const where = (
    <div class="check__where">
      <Steps at={at} of={OF} label={t("check-at", { at, of: OF })} />
      <Button kind="plain" icon="close" onClick={close}>
        {t("check-close")}
      </Button>
    </div>
  );
  if (at === 1) return <CameraTrial entry={entry} where={where} found={found("camera")} />;
  if (at === 2) return <MicrophoneTrial entry={entry} where={where} found={found("microphone")} />;
  if (at === 3) return <SpeakerTrial where={where} found={found("speaker")} />;
  return <NetworkTrial entry={entry} where={where} findings={findings} close={close} />;
}

/** Nobody misses being let in, a caucus or a ceremony because they were trying their microphone. */
function useHappening(entry: Entry, close: () => void): void {
  const step = entry.step.value;
  const view = step.at === "room" ? step.room.view.value : null;
  const now = `${step.at} ${view?.me.place} ${view?.phase}`;
  const before = useRef(now);
  useEffect(() => {
    if (before.current !== now) close();
  }, [now]);
}
