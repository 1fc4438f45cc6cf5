// Who has the floor: the loudest for a while, held for a while; silence takes it from nobody.
import { expect, test } from "vitest";
import { hear, silence, type Voices } from "../../src/media/voices";

const LOOK = 200;

/** Plays one level per speaker and look; returns who had the floor after each look. */
function play(script: Record<string, number>[], from: Voices<string> = silence()) {
  let voices = from;
  let now = voices.at || 1_000_000;
  const mains = script.map((levels) => {
    now += LOOK;
    voices = hear(voices, new Map(Object.entries(levels)), now);
    return voices.main;
  });
  return { voices, mains };
}
const times = (n: number, levels: Record<string, number>) => Array.from({ length: n }, () => levels);

test("the first voice has the floor once it has lasted", () => {
  expect(play(times(4, { a: 0.3 })).mains).toEqual([null, null, "a", "a"]);
});

test("a cough takes the floor from nobody", () => {
  const { voices } = play(times(20, { a: 0.3, b: 0 }));
  const coughed = play([{ a: 0, b: 1 }, ...times(10, { a: 0.3, b: 0 })], voices);
  expect(new Set(coughed.mains)).toEqual(new Set(["a"]));
});

test("the floor passes to who goes on being louder, and not before it was held for a while", () => {
  const first = play(times(3, { a: 0.3 }));
  expect(first.voices.main).toBe("a");
  const { mains } = play(times(12, { a: 0, b: 0.5 }), first.voices);
  // 1.5 s after "a" took it: looks 1 to 7 are 0.2 to 1.4 s later.
  expect(mains.slice(0, 7)).toEqual(Array(7).fill("a"));
  expect(mains[7]).toBe("b");
});

test("two who talk at once don't flicker", () => {
  const { voices } = play(times(10, { a: 0.4, b: 0 }));
  const both = play(
    Array.from({ length: 40 }, (_, i) => (i % 2 ? { a: 0.4, b: 0.42 } : { a: 0.38, b: 0.36 })),
    voices,
  );
  expect(new Set(both.mains)).toEqual(new Set(["a"]));
});

test("silence keeps who spoke last, and empties who is heard now", () => {
  const { voices } = play(times(5, { a: 0.9 }));
  const quiet = play(times(8, { a: 0 }), voices).voices;
  expect(quiet.main).toBe("a");
  expect(quiet.levels.size).toBe(0);
});

test("a pause between two words is still speaking", () => {
  const { voices } = play(times(5, { a: 0.3 }));
  expect(play([{ a: 0 }], voices).voices.levels.has("a")).toBe(true);
});

test("who may not be heard any more is no speaker", () => {
  const { voices } = play(times(5, { a: 0.9 }));
  expect(play([{}], voices).voices.levels.size).toBe(0);
});
