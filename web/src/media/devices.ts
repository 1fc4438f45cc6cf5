// Whether a microphone or camera should be opened anew because what is plugged in changed.
//
// Pure.

/** A device of one kind, as the browser lists it. Without permission, ids and labels are empty. */
export interface Device {
  deviceId: string;
  label: string;
}

export interface InUse extends Device {
  /** The track ended: its device is gone. */
  ended: boolean;
}

/**
 * True when the device in use is gone, when the preferred one is back, or when the machine's default, in
 * use now, is another device than before (somebody plugged a headset in).
 */
export function outdated(list: Device[], inUse: InUse, preferred: string | null): boolean {
  const named = list.filter((one) => one.deviceId !== "");
  if (inUse.ended) return list.length > 0;
  if (named.length === 0 || inUse.deviceId === "") return false;
  const current = named.find((one) => one.deviceId === inUse.deviceId);
  if (!current) return true;
  if (preferred !== null && preferred !== inUse.deviceId && named.some((one) => one.deviceId === preferred))
    return true;
  return current.deviceId === "default" && current.label !== "" && current.label !== inUse.label;
}
