// What a station wipes when somebody leaves, and what belongs to other pages of the same browser.
import { beforeEach, expect, test } from "vitest";
import { leftBehind, recall, recallDevice, remember, wipe } from "../src/pages/entry/memory";

class Kept {
  private held = new Map<string, string>();
  get length() {
    return this.held.size;
  }
  key(i: number) {
    return [...this.held.keys()][i] ?? null;
  }
  getItem(key: string) {
    return this.held.get(key) ?? null;
  }
  setItem(key: string, value: string) {
    this.held.set(key, value);
  }
  removeItem(key: string) {
    this.held.delete(key);
  }
  keys() {
    return [...this.held.keys()];
  }
}

let local: Kept;
let session: Kept;
beforeEach(() => {
  local = new Kept();
  session = new Kept();
  Object.assign(globalThis, { localStorage: local, sessionStorage: session });
});

const visit = (device: string, surface: "phone" | "station", at = 0) => ({
  device,
  surface,
  at,
  name: "n",
  subject: "s",
  mediator: "m",
});

test("the link leads back to the device that it became, and only it", async () => {
  await remember("token-a", visit("d1", "phone"));
  expect((await recall("token-a"))?.device).toBe("d1");
  expect(await recall("token-b")).toBeNull();
  expect(recallDevice("d1")?.mediator).toBe("m");
  expect(recallDevice("d2")).toBeNull();
  // The token itself is not kept.
  expect(local.keys().join()).not.toContain("token-a");
});

test("leaving a station leaves nothing of the visit, and nothing of others is touched", async () => {
  await remember("token-a", visit("d1", "station"));
  await remember("token-b", visit("d2", "phone"));
  local.setItem("hejie.language", "en");
  local.setItem("hejie.desk.new-case", "{}");
  local.setItem("somebody.else", "1");
  session.setItem("hejie.unsent.d1", "half a line");
  wipe();
  expect(session.keys()).toEqual([]);
  expect(recallDevice("d1")).toBeNull();
  expect(recallDevice("d2")?.device).toBe("d2");
  expect(local.keys()).toEqual(expect.arrayContaining(["hejie.desk.new-case", "somebody.else"]));
  expect(local.keys()).not.toContain("hejie.language");
});

test("only a station's own old visits count as left behind", async () => {
  await remember("a", visit("old", "station", 10));
  await remember("b", visit("new", "station", 1000));
  await remember("c", visit("phone", "phone", 10));
  expect(leftBehind(500)).toEqual(["old"]);
});
