// What this device remembers of its visits, so that the link in the SMS leads back in: which device it
// became, and how the waiting page greets. Wiped when a station is left.
import { sha256Text } from "../../crypto/hash";
import type { Surface } from "../../protocol/types";

export interface Visit {
  device: string;
  surface: Surface;
  /** When it began, milliseconds since 1970, by this device's clock. */
  at: number;
  name: string;
  subject: string;
  mediator: string;
  /** What they chose to take part with; everything, if nothing is said. */
  takes?: Takes;
}

/** What somebody sends. With neither they read, hear and write. */
export interface Takes {
  audio: boolean;
  video: boolean;
}

const PREFIX = "hejie.visit.";

async function keyOf(token: string): Promise<string> {
  return PREFIX + (await sha256Text(new TextEncoder().encode(token))).slice(0, 16);
}

export async function remember(token: string, visit: Visit): Promise<void> {
  try {
    localStorage.setItem(await keyOf(token), JSON.stringify(visit));
  } catch {
    // The link then leads back only by the address.
  }
}

/** The visit that this link became on this device, if it did. */
export async function recall(token: string): Promise<Visit | null> {
  try {
    return JSON.parse(localStorage.getItem(await keyOf(token)) ?? "null") as Visit | null;
  } catch {
    return null;
  }
}

/** The visit of a device, by its address. */
export function recallDevice(device: string): Visit | null {
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i) ?? "";
      if (!key.startsWith(PREFIX)) continue;
      const visit = JSON.parse(localStorage.getItem(key) ?? "null") as Visit | null;
      if (visit?.device === device) return visit;
    }
  } catch {
    // Nothing to recall.
  }
  return null;
}

/** Everything that a station kept of its visitors. What other pages of the same browser remember of
 * their own (a phone's visit, the desk's drafts: all are tabs of one browser when somebody tries it out) is not theirs to wipe. */
export function wipe(): void {
  for (const store of [() => localStorage, () => sessionStorage]) {
    try {
      const held = store();
      const keys = Array.from({ length: held.length }, (_, i) => held.key(i) ?? "");
      for (const key of keys) if (/^hejie/.test(key) && !elsewhere(held, key)) held.removeItem(key);
    } catch {
      // Nothing was kept.
    }
  }
}

/** The devices of visits to this station that began before `at`: left behind by a power cut. */
export function leftBehind(at: number): string[] {
  try {
    return Array.from({ length: localStorage.length }, (_, i) => localStorage.key(i) ?? "")
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => JSON.parse(localStorage.getItem(key) ?? "null") as Visit | null)
      .filter((visit) => visit?.surface === "station" && visit.at < at)
      .map((visit) => visit?.device ?? "");
  } catch {
    return [];
  }
}

function elsewhere(held: Storage, key: string): boolean {
  if (/^hejie[-.]desk/.test(key)) return true;
  return key.startsWith(PREFIX) && /"surface":"phone"/.test(held.getItem(key) ?? "");
}
