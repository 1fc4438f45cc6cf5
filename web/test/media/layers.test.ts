// In how many sizes a camera is sent.
import { expect, test } from "vitest";
import { encodings } from "../../src/media/layers";

const rids = (width: number, height: number) => encodings(width * height, true).map((one) => one.rid);

test("without simulcast, and for small pictures, one size without a name", () => {
  expect(encodings(960 * 540, false)).toEqual([{ maxBitrate: 700_000 }]);
  expect(encodings(320 * 240, true)).toEqual([{ maxBitrate: 700_000 }]);
});

test("a phone sends two sizes, a desk three, the smallest first", () => {
  expect(rids(640, 480)).toEqual(["0", "1"]);
  expect(rids(720, 540)).toEqual(["0", "1"]);
  expect(rids(960, 540)).toEqual(["0", "1", "2"]);
  for (const pixels of [640 * 480, 960 * 540]) {
    const made = encodings(pixels, true);
    expect(made.at(-1)?.scaleResolutionDownBy).toBe(1);
    for (const [i, one] of made.slice(1).entries()) {
      expect(one.maxBitrate).toBeGreaterThan(made[i]?.maxBitrate ?? 0);
      expect(one.scaleResolutionDownBy).toBe((made[i]?.scaleResolutionDownBy ?? 0) / 2);
    }
  }
});
