// The seat rule of the wire contract, by hand.
import { expect, test } from "vitest";
import { slotOf } from "../../src/media/slots";

test("each seat sees the seven others in slots 0 to 6", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((s) => slotOf(0, s))).toEqual([null, 0, 1, 2, 3, 4, 5, 6]);
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((s) => slotOf(2, s))).toEqual([0, 1, null, 2, 3, 4, 5, 6]);
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((s) => slotOf(7, s))).toEqual([0, 1, 2, 3, 4, 5, 6, null]);
});
