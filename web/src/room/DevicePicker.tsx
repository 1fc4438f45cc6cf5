// Which microphone and which camera, where there is a choice and both have names.
import { t } from "../i18n";
import type { Capture, Kind } from "../media/capture";
import { Select } from "../ui/Field";

export function DevicePicker({ capture }: { capture: Capture }) {
  return (
    <>
      <Pick capture={capture} kind="audio" />
      <Pick capture={capture} kind="video" />
    </>
  );
}

function Pick({ capture, kind }: { capture: Capture; kind: Kind }) {
  const track = capture[kind].value;
  const options = capture.plugged.value
    .filter((one) => one.kind === `${kind}input` && one.deviceId && one.label)
    .map((one): [string, string] => [one.deviceId, one.label]);
  if (!track || options.length < 2) return null;
  return (
    <Select
      label={t(`pick-${kind}`)}
      value={track.getSettings().deviceId ?? ""}
      options={options}
      onChange={(event) => void capture.choose(kind, event.currentTarget.value)}
    />
  );
}
