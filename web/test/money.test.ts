// Amounts in figures, in words, and as typed. The expected words are written by hand.
import { expect, test } from "vitest";
import { capitals, english, figures, parse, typed } from "../src/i18n/money";

test("figures carry their unit", () => {
  expect(figures(128000)).toBe("¥1,280");
  expect(figures(5)).toBe("¥0.05");
  expect(figures(123456789050)).toBe("¥1,234,567,890.50");
});

test.each([
  [0, "零元整"],
  [5, "伍分"],
  [50, "伍角整"],
  [55, "伍角伍分"],
  [128000, "壹仟贰佰捌拾元整"],
  [100500, "壹仟零伍元整"],
  [100505, "壹仟零伍元零伍分"],
  [1000, "壹拾元整"],
  [1050000, "壹万零伍佰元整"],
  [10000000, "壹拾万元整"],
  [10000100000000, "壹仟亿零壹佰万元整"],
  [1000000100, "壹仟万零壹元整"],
  [10000000000, "壹亿元整"],
  [10000100000, "壹亿零壹仟元整"],
  [1680032, "壹万陆仟捌佰元零叁角贰分"],
])("%d fen in Chinese capital figures", (fen, text) => {
  // The rules allow "元叁角" and "元零叁角" alike; ours writes the shorter one.
  expect(capitals(fen)).toBe(text.replace("元零叁角", "元叁角"));
});

test.each([
  [0, "zero yuan"],
  [128000, "one thousand two hundred and eighty yuan"],
  [100550, "one thousand and five yuan and fifty fen"],
  [5, "five fen"],
  [2100000000, "twenty-one million yuan"],
])("%d fen in English", (fen, text) => {
  expect(english(fen)).toBe(text);
});

test("typed amounts", () => {
  expect(parse("1,280.5")).toBe(128050);
  expect(parse("¥ 1280")).toBe(128000);
  expect(parse("1280元")).toBe(128000);
  expect(parse("12.345")).toBeNull();
  expect(parse("-5")).toBeNull();
  expect(parse("")).toBeNull();
  expect(typed(128050)).toBe("1280.50");
  expect(typed(128000)).toBe("1280");
});
