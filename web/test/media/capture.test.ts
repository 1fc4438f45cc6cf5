// Microphone and camera through calls, naps and pulled plugs, with devices played by hand.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Capture } from "../../src/media/capture";
import { type Stage, settle, stage } from "./page";

class Track extends EventTarget {
  readyState: "live" | "ended" = "live";
  muted = false;
  enabled = true;
  contentHint = "";
  constructor(
    readonly kind: "audio" | "video",
    readonly device: Device,
    readonly facing: unknown,
  ) {
    super();
  }
  get label() {
    return this.device.label;
  }
  getSettings() {
    return { deviceId: this.device.deviceId, width: 640, height: 480 };
  }
  stop() {
    this.readyState = "ended";
  }
  /** The browser takes it away. */
  dies() {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
  mute(muted: boolean) {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }
}
interface Device {
  kind: "audioinput" | "videoinput";
  deviceId: string;
  label: string;
}

const device = (kind: "audio" | "video", deviceId: string): Device => ({
  kind: `${kind}input`,
  deviceId,
  label: deviceId,
});

class Machine extends EventTarget {
  list = [device("audio", "built-in"), device("video", "front"), device("video", "back")];
  refuses: string | null = null;
  asked = 0;
  async enumerateDevices() {
    return this.list;
  }
  async getUserMedia(want: Record<"audio" | "video", { deviceId?: { ideal: string }; facingMode?: string }>) {
    this.asked += 1;
    if (this.refuses) throw new DOMException("", this.refuses);
    const tracks = (["audio", "video"] as const)
      .filter((kind) => want[kind])
      .map((kind) => this.track(kind, want[kind]));
    return {
      getTracks: () => tracks,
      getAudioTracks: () => tracks.filter((one) => one.kind === "audio"),
      getVideoTracks: () => tracks.filter((one) => one.kind === "video"),
    };
  }
  private track(kind: "audio" | "video", want: { deviceId?: { ideal: string }; facingMode?: string }) {
    const of = this.list.filter((one) => one.kind === `${kind}input`);
    const facing = want.facingMode === "environment" ? "back" : "front";
    const found =
      of.find((one) => one.deviceId === want.deviceId?.ideal) ??
      of.find((one) => one.deviceId === facing) ??
      of[0];
    if (!found) throw new DOMException("", "NotFoundError");
    return new Track(kind, found, want.facingMode);
  }
  plug(list: Device[]) {
    this.list = list;
    this.dispatchEvent(new Event("devicechange"));
  }
}

let set: Stage;
let machine: Machine;
let capture: Capture;
const audio = () => capture.audio.value as unknown as Track;
const video = () => capture.video.value as unknown as Track;

beforeEach(async () => {
  vi.useFakeTimers();
  set = stage();
  machine = new Machine();
  vi.stubGlobal("navigator", { mediaDevices: machine });
  capture = new Capture();
  await capture.start();
});
afterEach(() => {
  capture.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a phone call that gives the tracks back is over without anybody's doing", async () => {
  audio().mute(true);
  video().mute(true);
  expect(capture.audioTrouble.value).toBe("interrupted");
  set.page.turn("hidden");
  await vi.advanceTimersByTimeAsync(60_000);
  audio().mute(false);
  video().mute(false);
  expect([capture.audioTrouble.value, capture.videoTrouble.value]).toEqual([null, null]);
  expect(machine.asked).toBe(1);
});

test("tracks that stay dead after a call are taken anew by themselves when the page is seen", async () => {
  const was = audio();
  set.page.turn("hidden");
  audio().dies();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(machine.asked).toBe(1);
  set.page.turn("visible");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(capture.audioTrouble.value).toBe(null);
  expect(audio()).not.toBe(was);
  expect(audio().readyState).toBe("live");
});

test("a microphone that was silenced comes back silenced", async () => {
  capture.setMuted(true);
  audio().dies();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(audio().readyState).toBe("live");
  expect(audio().enabled).toBe(false);
});

test("a browser that wants a gesture is asked a few times, then the tap is waited for", async () => {
  machine.refuses = "NotAllowedError";
  audio().dies();
  await vi.advanceTimersByTimeAsync(120_000);
  expect(machine.asked).toBe(4);
  expect(capture.audioTrouble.value).toBe("interrupted");
  machine.refuses = null;
  await capture.reacquire();
  expect(capture.audioTrouble.value).toBe(null);
  expect(audio().readyState).toBe("live");
  expect(video().readyState).toBe("live");
});

test("a headset pulled out gives way to the built-in microphone, is told, and is taken back", async () => {
  capture.stop();
  const headset = device("audio", "headset");
  const rest = machine.list;
  machine.list = [headset, ...rest];
  capture = new Capture();
  await capture.start();
  expect(audio().label).toBe("headset");
  expect(capture.switched.value).toBe(null);
  machine.list = rest;
  audio().dies();
  machine.plug(rest);
  await settle();
  expect(audio().label).toBe("built-in");
  expect(capture.switched.value).toEqual({ kind: "audio", label: "built-in" });
  machine.plug([headset, ...rest]);
  await settle();
  expect(capture.switched.value).toEqual({ kind: "audio", label: "headset" });
  expect(capture.audioTrouble.value).toBe(null);
});

test("a camera pulled out with none left is off, not forever interrupted", async () => {
  machine.list = machine.list.filter((one) => one.kind === "audioinput");
  video().dies();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(capture.video.value).toBe(null);
  expect(capture.videoTrouble.value).toBe("absent");
  expect(audio().readyState).toBe("live");
});

test("a chosen device is opened, kept after an interruption, and not told as news", async () => {
  await capture.choose("video", "back");
  expect(video().label).toBe("back");
  video().dies();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(video().readyState).toBe("live");
  expect(video().label).toBe("back");
  expect(capture.switched.value).toBe(null);
});

test("flipping never shows a camera that is off, and stops the one before first", async () => {
  const seen: unknown[] = [];
  const first = video();
  const unsubscribe = capture.video.subscribe((track) => seen.push(track));
  await capture.flip();
  unsubscribe();
  expect(first.readyState).toBe("ended");
  expect(video().label).toBe("back");
  expect(seen).not.toContain(null);
  expect(capture.mirrored).toBe(false);
  expect(capture.switched.value).toBe(null);
});

test("a flip that fails brings the camera before it back", async () => {
  const failing = vi
    .spyOn(machine, "getUserMedia")
    .mockRejectedValueOnce(new DOMException("", "NotReadableError"));
  await capture.flip();
  expect(failing).toHaveBeenCalledTimes(2);
  expect(video().label).toBe("front");
  expect(video().readyState).toBe("live");
  expect(capture.mirrored).toBe(true);
});

test("what is granted after the end is let go of", async () => {
  let grant: (stream: unknown) => void = () => undefined;
  const late = await machine.getUserMedia({ audio: {} } as never);
  vi.spyOn(machine, "getUserMedia").mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        grant = resolve as typeof grant;
      }) as never,
  );
  const starting = capture.startAudio();
  await settle();
  capture.stop();
  grant(late);
  await starting;
  expect(late.getTracks().every((track) => track.readyState === "ended")).toBe(true);
  expect(capture.audio.value).toBe(null);
});
