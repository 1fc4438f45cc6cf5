// Into a room as its mediator: a new key in this browser, then the session, then the room's address. A
// browser that already holds the key of a session goes straight back.
import { holds, newKey } from "../../crypto/keys";
import type { ComplaintId, DeviceId, Language, SessionId } from "../../protocol/types";
import { type Entered, enterSession, openSession } from "../rest";
import { go, roomAt } from "../route";

const KEPT = "hejie.desk.rooms";

export async function openRoom(complaint: ComplaintId, language: Language): Promise<void> {
  await enter((jwk) => openSession(complaint, jwk, language));
}

export async function enterRoom(session: SessionId, language: Language): Promise<void> {
  const device = rooms()[session];
  if (device && (await holds(device).catch(() => false))) go(roomAt(device));
  else await enter((jwk) => enterSession(session, jwk, language));
}

async function enter(
  how: (jwk: Awaited<ReturnType<typeof newKey>>["jwk"]) => Promise<Entered>,
): Promise<void> {
  const key = await newKey();
  const { session, device } = await how(key.jwk);
  await key.store(device);
  try {
    localStorage.setItem(KEPT, JSON.stringify({ ...rooms(), [session]: device }));
  } catch {
    // Coming back then enters as a new device.
  }
  go(roomAt(device));
}

function rooms(): Record<SessionId, DeviceId> {
  try {
    return (JSON.parse(localStorage.getItem(KEPT) ?? "{}") ?? {}) as Record<SessionId, DeviceId>;
  } catch {
    return {};
  }
}
