// What a page really receives, read from its own peer connection and its own picture elements: packets
// and decoded frames by slot, the pitch that comes out of a slot, the colour that stands in a tile.
import { expect, type Page } from "@playwright/test";
import { FAKES, type Who } from "./fakes";

export interface Slot {
  packets: number;
  /** Of the decoded sound, as getStats counts it. */
  energy: number;
  /** Decoded pictures. */
  frames: number;
}

export interface Received {
  audio: Slot[];
  video: Slot[];
}

/** The totals since the connection began, by slot. */
export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const { pc } = (globalThis as unknown as { hejieDebug: { pc: RTCPeerConnection } }).hejieDebug;
    const made: Received = { audio: [], video: [] };
    for (const one of pc.getTransceivers()) {
      if (one.direction !== "recvonly") continue;
      const slot = { packets: 0, energy: 0, frames: 0 };
      for (const told of (await one.receiver.getStats()).values()) {
        if (told.type !== "inbound-rtp") continue;
        slot.packets += told.packetsReceived ?? 0;
        slot.energy += told.totalAudioEnergy ?? 0;
        slot.frames += told.framesDecoded ?? 0;
      }
      made[one.receiver.track.kind as "audio" | "video"].push(slot);
    }
    return made;
  });
}

/** What came in during so many milliseconds. */
export async function during(page: Page, ms: number): Promise<Received> {
  const before = await received(page);
  await page.waitForTimeout(ms);
  const after = await received(page);
  const less = (kind: "audio" | "video") =>
    after[kind].map((slot, i) => ({
      packets: slot.packets - (before[kind][i]?.packets ?? 0),
      energy: slot.energy - (before[kind][i]?.energy ?? 0),
      frames: slot.frames - (before[kind][i]?.frames ?? 0),
    }));
  return { audio: less("audio"), video: less("video") };
}

/** The loudest pitch in a sound slot over a second and a half, in Hz; null when there is silence. */
export function pitch(page: Page, slot: number): Promise<number | null> {
  return page.evaluate(async (slot) => {
    const { pc } = (globalThis as unknown as { hejieDebug: { pc: RTCPeerConnection } }).hejieDebug;
    const slots = pc
      .getTransceivers()
      .filter((one) => one.direction === "recvonly" && one.receiver.track.kind === "audio");
    const track = slots[slot]?.receiver.track;
    if (!track) throw new Error(`no sound slot ${slot}`);
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    const best = { at: 0, loud: -200 };
    for (let i = 0; i < 15; i++) {
      await new Promise((next) => setTimeout(next, 100));
      analyser.getFloatFrequencyData(bins);
      bins.forEach((loud, bin) => {
        const at = (bin * context.sampleRate) / analyser.fftSize;
        if (at > 200 && at < 3000 && loud > best.loud) Object.assign(best, { at, loud });
      });
    }
    await context.close();
    return best.loud > -75 ? Math.round(best.at) : null;
  }, slot);
}

/** Waits until what comes out of a slot is this person's voice. */
export async function hears(page: Page, slot: number, who: Who): Promise<void> {
  const near = async () => {
    const heard = await pitch(page, slot);
    return heard !== null && Math.abs(heard - FAKES[who].tone) < 25 ? who : `${heard} Hz`;
  };
  await expect.poll(near, { timeout: 25_000, message: `slot ${slot} is the ${who}'s voice` }).toBe(who);
}

/** Waits until the tile with this name shows this person's camera, moving. */
export async function sees(page: Page, name: string, who: Who): Promise<void> {
  const look = () => backgroundOf(page, name);
  const same = async () => {
    const colour = await look();
    if (!colour) return "nothing";
    const far = Math.max(...colour.map((part, i) => Math.abs(part - (FAKES[who].colour[i] ?? 0))));
    return far < 45 ? who : `rgb(${colour})`;
  };
  await expect.poll(same, { timeout: 25_000, message: `${name}'s tile shows the ${who}'s camera` }).toBe(who);
}

/** The colour in the upper corners of the picture in a tile; null where there is none. */
function backgroundOf(page: Page, name: string): Promise<number[] | null> {
  return page.evaluate((name) => {
    const videos = [...document.querySelectorAll("video")].filter((one) => one.ariaLabel === name);
    const video = videos.find((one) => one.videoWidth > 0);
    if (!video) return null;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [32, 24];
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("no canvas");
    pen.drawImage(video, 0, 0, 32, 24);
    const sum = [0, 0, 0];
    for (const x of [2, 28]) {
      const { data } = pen.getImageData(x, 2, 2, 2);
      for (let i = 0; i < data.length; i += 4)
        for (const k of [0, 1, 2]) sum[k] = (sum[k] ?? 0) + (data[i + k] ?? 0);
    }
    return sum.map((part) => Math.round(part / 8));
  }, name);
}

/** Waits until pictures rise in exactly these slots; sound packets too. */
export async function receivesOnly(page: Page, slots: number[]): Promise<void> {
  const rising = async () => {
    const got = await during(page, 1_000);
    const list = (which: Slot[], by: (slot: Slot) => number) =>
      which.flatMap((slot, i) => (by(slot) > 0 ? [i] : [])).join();
    return `sound ${list(got.audio, (slot) => slot.packets)} pictures ${list(got.video, (slot) => slot.frames)}`;
  };
  await expect
    .poll(rising, { timeout: 30_000, message: "the slots in which something comes in" })
    .toBe(`sound ${slots.join()} pictures ${slots.join()}`);
}
