// The desk's addresses: /desk, /desk/complaints/new, /desk/complaints/ID, /desk/room/DEVICE. Going from
// one to another loads nothing anew.
import { signal } from "@preact/signals";
import type { ComplaintId, DeviceId } from "../protocol/types";

export const path = signal(typeof location === "undefined" ? "/desk" : location.pathname);

export function go(to: string): void {
  if (to === path.value) return;
  history.pushState(null, "", to);
  path.value = to;
  scrollTo(0, 0);
}

/** Follows the browser's back and forward. Called once. */
export function followHistory(): void {
  addEventListener("popstate", () => {
    path.value = location.pathname;
  });
}

export const CASES = "/desk";
export const NEW_CASE = "/desk/complaints/new";
export const caseAt = (id: ComplaintId) => `/desk/complaints/${id}`;
export const roomAt = (device: DeviceId) => `/desk/room/${device}`;

/** For links that stay in the page: a plain click goes there, anything else is the browser's. */
export function follow(to: string) {
  return {
    href: to,
    onClick: (event: MouseEvent) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      go(to);
    },
  };
}
