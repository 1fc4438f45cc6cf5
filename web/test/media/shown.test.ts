// What the server is told of how large pictures are shown.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pictureHeight, Shown } from "../../src/media/shown";
import type { Shown as Entry } from "../../src/protocol/frames";
import { type Stage, stage } from "./page";

test("a picture that covers its box is as high as its wider side asks", () => {
  expect(pictureHeight(400, 300, 3 / 4, false, 1)).toBe(304);
  expect(pictureHeight(390, 700, 3 / 4, false, 1)).toBe(704);
  expect(pictureHeight(960, 400, 3 / 4, false, 1)).toBe(720);
  expect(pictureHeight(960, 400, 9 / 16, true, 2)).toBe(800);
  expect(pictureHeight(0, 0, 3 / 4, false, 3)).toBe(0);
});

/** A video element of 4:3 that covers a box of so many lines. */
class Box extends EventTarget {
  videoWidth = 640;
  videoHeight = 480;
  constructor(public clientHeight: number) {
    super();
  }
  get clientWidth() {
    return this.clientHeight;
  }
}

let set: Stage;
let told: Entry[][];
let shown: Shown;
const box = (height: number) => new Box(height) as unknown as HTMLVideoElement;
beforeEach(() => {
  vi.useFakeTimers();
  set = stage();
  vi.stubGlobal("devicePixelRatio", 1);
  vi.stubGlobal("getComputedStyle", () => ({ objectFit: "cover" }));
  told = [];
  shown = new Shown((slots) => told.push(slots));
});
afterEach(() => {
  shown.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a new connection is told all its slots, then only what changes", async () => {
  shown.watch(box(240), 1);
  shown.begin(3);
  await vi.advanceTimersByTimeAsync(100);
  expect(told).toEqual([
    [
      [0, 0],
      [1, 240],
      [2, 0],
    ],
  ]);
  shown.watch(box(480), 2);
  await vi.advanceTimersByTimeAsync(600);
  expect(told.slice(1)).toEqual([[[2, 480]]]);
});

test("tellings are half a second apart, and only the last state counts", async () => {
  shown.begin(1);
  await vi.advanceTimersByTimeAsync(100);
  const first = shown.watch(box(100), 0);
  await vi.advanceTimersByTimeAsync(300);
  first();
  shown.watch(box(200), 0);
  expect(told).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(told.slice(1)).toEqual([[[0, 200]]]);
});

test("a hidden page shows nothing, and everything again on its return", async () => {
  shown.watch(box(240), 0);
  shown.begin(1);
  await vi.advanceTimersByTimeAsync(100);
  set.page.turn("hidden");
  await vi.advanceTimersByTimeAsync(600);
  set.page.turn("visible");
  await vi.advanceTimersByTimeAsync(600);
  expect(told).toEqual([[[0, 240]], [[0, 0]], [[0, 240]]]);
});

test("a slot shown twice is told at its larger size", async () => {
  shown.watch(box(80), 0);
  shown.watch(box(400), 0);
  shown.begin(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(told).toEqual([[[0, 400]]]);
});
