// Whether the parties have something new to read: a version that I have not answered yet.
import type { View } from "../protocol/types";
import type { Room } from "./room";

export function newVersion(room: Room, view: View): boolean {
  const newest = view.draft?.versions[view.draft.versions.length - 1];
  if (!newest || !room.session.may("assent")) return false;
  return !view.draft?.assents.some((one) => one.person === view.me.person && one.version === newest.version);
}
