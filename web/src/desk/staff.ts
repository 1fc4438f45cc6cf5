// Who sits at this desk. `undefined` until the server has said, null when nobody is signed in.
import { signal } from "@preact/signals";
import { setZone } from "../i18n/dates";
import { about, Problem } from "../protocol/api";
import { type Staff, signIn, signInByLink, signOut, whoAmI } from "./rest";

export const me = signal<Staff | null | undefined>(undefined);
/** Whether this server shows a made-up case. */
export const sample = signal(false);
/** Why a sign-in failed: a problem's code. */
export const trouble = signal<string | null>(null);

/** Reads the address (`/desk#TOKEN` signs in once), else asks who is signed in. */
export async function begin(): Promise<void> {
  void about().then(
    (told) => {
      setZone(told.time_zone);
      sample.value = told.sample;
    },
    () => undefined,
  );
  const token = location.hash.slice(1);
  if (token) history.replaceState(null, "", location.pathname);
  if (token && (await attempt(() => signInByLink(token)))) return;
  await whoAmI().then(
    (staff) => {
      me.value = staff;
      trouble.value = null;
    },
    (error: unknown) => {
      me.value = null;
      if (error instanceof Problem && error.code === "network") trouble.value = "network";
    },
  );
}

export function enter(name: string, password: string): Promise<boolean> {
  return attempt(() => signIn(name, password));
}

export async function leave(): Promise<void> {
  await signOut().catch(() => null);
  me.value = null;
}

/** The server no longer knows this browser: asks to sign in again, keeping the page as it is. */
export function signedOut(error: unknown): boolean {
  const out = error instanceof Problem && error.status === 401;
  if (out) me.value = null;
  return out;
}

async function attempt(how: () => Promise<Staff>): Promise<boolean> {
  try {
    me.value = await how();
    trouble.value = null;
    return true;
  } catch (error) {
    trouble.value = error instanceof Problem ? error.code : "unknown";
    return false;
  }
}
