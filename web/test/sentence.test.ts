// Terms as sentences to their reader, in both languages, from the catalogue itself. Expected texts by hand.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { setLanguage, start } from "../src/i18n";
import type { Role, Term } from "../src/protocol/types";
import { dutyOf, earlier, sentence, totals } from "../src/room/sentence";

const load = (path: string) => async () => ({
  default: readFileSync(join(__dirname, "../src/i18n", path), "utf8"),
});
const year = new Date().getFullYear();
const term = (over: Partial<Term>): Term => ({
  kind: "refund",
  by: "merchant",
  amount_fen: 128000,
  due: `${year}-12-05`,
  text: "",
  ...over,
});

beforeAll(() => start({ zh: [load("zh/common.ftl")], en: [load("en/common.ftl")] }, "zh"));

const say = async (language: "zh" | "en", of: Partial<Term>, reader: Role) => {
  await setLanguage(language);
  return sentence(term(of), reader);
};

test("the reader is spoken to", async () => {
  expect(await say("zh", {}, "consumer")).toBe("商家向您退款 ¥1,280，于12月5日前完成。");
  expect(await say("zh", {}, "merchant")).toBe("您向消费者退款 ¥1,280，于12月5日前完成。");
  expect(await say("zh", {}, "mediator")).toBe("商家向消费者退款 ¥1,280，于12月5日前完成。");
  expect(await say("en", {}, "consumer")).toBe("The shop refunds you ¥1,280 by 5 December.");
  expect(await say("en", {}, "merchant")).toBe("You refund the consumer ¥1,280 by 5 December.");
});

test("without amount or day the sentence stands all the same", async () => {
  expect(await say("en", { kind: "apology", amount_fen: null, due: null }, "consumer")).toBe(
    "The shop apologises to you, done at signing.",
  );
  expect(await say("zh", { kind: "return", by: "consumer", amount_fen: null }, "consumer")).toBe(
    "您把商品退回给商家，于12月5日前完成。",
  );
});

test("an amount is never left out, whatever the kind", async () => {
  expect(await say("en", { kind: "repair", amount_fen: 5000 }, "consumer")).toBe(
    "The shop repairs the goods for you (¥50) by 5 December.",
  );
  expect(await say("zh", { kind: "free_text", by: "both", amount_fen: 5000, due: null }, "consumer")).toBe(
    "双方按以下约定办理（金额 ¥50），签署时即完成。",
  );
});

test("every kind has a sentence in both languages", async () => {
  const kinds: Term["kind"][] = [
    "repair",
    "redo",
    "replace",
    "return",
    "make_up_quantity",
    "refund",
    "compensation",
    "apology",
    "continue_performance",
    "return_prepayment",
    "punitive",
    "price_reduction",
    "rescission",
    "free_text",
  ];
  for (const language of ["zh", "en"] as const) {
    for (const kind of kinds) {
      for (const by of ["consumer", "merchant", "both"] as const) {
        const text = await say(language, { kind, by, amount_fen: 100 }, "consumer");
        expect(text).toContain("¥1");
        expect(text).not.toMatch(/term-|\{|\}|\s{2}/);
      }
    }
  }
});

test("duties and totals", () => {
  expect(dutyOf(term({}), "merchant")).toBe("mine");
  expect(dutyOf(term({}), "consumer")).toBe("theirs");
  expect(dutyOf(term({ by: "both" }), "consumer")).toBe("both");
  expect(totals([term({}), term({ by: "consumer", amount_fen: null }), term({ amount_fen: 50 })])).toEqual({
    consumer: 0,
    merchant: 128050,
  });
});

test("a changed term stands opposite what it was", () => {
  const one = term({ amount_fen: 1 });
  const two = term({ amount_fen: 2 });
  const three = term({ amount_fen: 3 });
  const nine = term({ amount_fen: 9 });
  // one | two→nine | three removed | one added
  const was = earlier(
    [one, two, three],
    [one, nine, one],
    [
      { what: "changed", index: 1 },
      { what: "added", index: 2 },
      { what: "removed", index: 2 },
    ],
  );
  expect([...was]).toEqual([[1, two]]);
  // one removed at the front shifts the rest
  const shifted = earlier(
    [one, two, three],
    [two, nine],
    [
      { what: "removed", index: 0 },
      { what: "changed", index: 1 },
    ],
  );
  expect([...shifted]).toEqual([[1, three]]);
});
