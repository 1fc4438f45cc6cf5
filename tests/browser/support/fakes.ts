// What each person's microphone and camera give: a tone of their own, spoken in syllables so that no noise
// suppression takes it for a hum, and a picture in a colour of their own.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Hz, and the camera's background. */
export interface Fake {
  tone: number;
  colour: [number, number, number];
}

export const FAKES = {
  mediator: { tone: 440, colour: [46, 92, 138] },
  consumer: { tone: 620, colour: [176, 122, 52] },
  merchant: { tone: 1010, colour: [52, 128, 70] },
} as const satisfies Record<string, Fake>;

export type Who = keyof typeof FAKES;

const RATE = 48_000;
const FPS = 15;

/** Writes both files into `folder`; the picture is 320 × 240, or `scale` times that. */
export function make(folder: string, who: Who, scale = 1): { wav: string; y4m: string } {
  mkdirSync(folder, { recursive: true });
  const files = { wav: join(folder, `${who}.wav`), y4m: join(folder, `${who}.y4m`) };
  writeFileSync(files.wav, wav(FAKES[who].tone));
  writeFileSync(files.y4m, y4m(FAKES[who].colour, scale));
  return files;
}

/** Three seconds: 420 ms of tone, 180 ms of silence. */
function wav(tone: number): Buffer {
  const samples = RATE * 3;
  const body = Buffer.alloc(44 + samples * 2);
  body.write("RIFF", 0);
  body.writeUInt32LE(36 + samples * 2, 4);
  body.write("WAVEfmt ", 8);
  body.writeUInt32LE(16, 16);
  body.writeUInt16LE(1, 20);
  body.writeUInt16LE(1, 22);
  body.writeUInt32LE(RATE, 24);
  body.writeUInt32LE(RATE * 2, 28);
  body.writeUInt16LE(2, 32);
  body.writeUInt16LE(16, 34);
  body.write("data", 36);
  body.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i++) {
    const at = (i / RATE) % 0.6;
    const loud = Math.max(0, Math.min(1, at / 0.02, (0.42 - at) / 0.02));
    body.writeInt16LE(Math.round(12_000 * loud * Math.sin((2 * Math.PI * tone * i) / RATE)), 44 + i * 2);
  }
  return body;
}

/** Two seconds of somebody who sways: head and shoulders in a paler tone of the background. */
function y4m(colour: readonly [number, number, number], scale: number): Buffer {
  const [width, height] = [320 * scale, 240 * scale];
  const frames: Buffer[] = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${FPS}:1 Ip A1:1 C420jpeg\n`)];
  const back = yuv(colour);
  const body = yuv(colour.map((part) => part * 0.55));
  const head = yuv(colour.map((part) => part * 0.35 + 150));
  const count = FPS * 2;
  for (let frame = 0; frame < count; frame++) {
    const sway = Math.sin((2 * Math.PI * frame) / count) * 8;
    const at = (column: number, row: number) => {
      const [x, y] = [column / scale, row / scale];
      const inside = (cx: number, cy: number, rx: number, ry: number) =>
        ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
      if (inside(160 + sway, 98, 36, 46)) return head;
      return inside(160 + sway * 0.4, 238, 92, 84) ? body : back;
    };
    const planes = Buffer.alloc(width * height * 1.5);
    let to = 0;
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) planes[to++] = at(x, y)[0];
    for (const part of [1, 2] as const)
      for (let y = 0; y < height; y += 2) for (let x = 0; x < width; x += 2) planes[to++] = at(x, y)[part];
    frames.push(Buffer.from("FRAME\n"), planes);
  }
  return Buffer.concat(frames);
}

/** Full-range BT.601. */
function yuv([r = 0, g = 0, b = 0]: readonly number[]): [number, number, number] {
  const y = 0.299 * r + 0.587 * g + 0.114 * b;
  return [Math.round(y), Math.round(128 + 0.564 * (b - y)), Math.round(128 + 0.713 * (r - y))];
}
