// In how many sizes a camera is sent.
import { expect, test } from "vitest";
import { encodings } from "../../src/media/layers";

const rids = (height: number) => encodings(height, true).map((one) => one.rid);

test("without simulcast, and for small pictures, one size without a name", () => {
  expect(encodings(540, false)).toEqual([{ maxBitrate: 700_000 }]);
  expect(encodings(240, true)).toEqual([{ maxBitrate: 700_000 }]);
});

test("a phone sends two sizes, a desk three, the smallest first", () => {
  expect(rids(480)).toEqual(["0", "1"]);
  expect(rids(540)).toEqual(["0", "1", "2"]);
  for (const height of [480, 540]) {
    const made = encodings(height, true);
    expect(made.at(-1)?.scaleResolutionDownBy).toBe(1);
    for (const [i, one] of made.slice(1).entries()) {
      expect(one.maxBitrate).toBeGreaterThan(made[i]?.maxBitrate ?? 0);
      expect(one.scaleResolutionDownBy).toBe((made[i]?.scaleResolutionDownBy ?? 0) / 2);
    }
  }
});
