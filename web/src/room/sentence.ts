// A term as a sentence to its reader: "The shop pays you ¥1,280 by 5 December". Pure but for the
// catalogue; the same sentences stand in the room, in the ceremony and on the receipt.
import { t } from "../i18n";
import { day, fullDay } from "../i18n/dates";
import { figures } from "../i18n/money";
import type { Performer, Role, Term, TermChange } from "../protocol/types";

/** Whose duty a term is, seen by a reader. */
export type Duty = "mine" | "theirs" | "both";

export function dutyOf(term: Term, reader: Role): Duty {
  if (term.by === "both") return "both";
  return term.by === reader ? "mine" : "theirs";
}

/** One full sentence, without the parties' own words (`term.text`). `formal` writes the year. */
export function sentence(term: Term, reader: Role, formal = false): string {
  const amount = term.amount_fen;
  const money = amount === null ? "none" : figures(amount);
  const text = t(`term-${term.kind}`, {
    who: party(term.by, reader, "who"),
    whom: party(other(term.by), reader, "whom"),
    many: term.by === "both" || term.by === reader ? "yes" : "no",
    by: term.by,
    money,
  });
  const extra = amount !== null && !PAYS.has(term.kind) ? t("term-amount", { money }) : "";
  const when = term.due ? t("term-by", { day: formal ? fullDay(term.due) : day(term.due) }) : t("term-now");
  return t("term-sentence", { text: text + extra, when });
}

/** Kinds whose sentence itself names the amount. */
const PAYS = new Set(["refund", "compensation", "return_prepayment", "punitive", "price_reduction"]);

function other(by: Performer): Performer {
  if (by === "both") return "both";
  return by === "consumer" ? "merchant" : "consumer";
}

function party(of: Performer, reader: Role, place: "who" | "whom"): string {
  const as = of === reader ? "you" : of;
  return place === "who" ? t(`who-${as}`) : t(`whom-${as}`);
}

/** What the parties owe in money, per performer, in fen. */
export function totals(terms: Term[]): Record<"consumer" | "merchant", number> {
  const sum = { consumer: 0, merchant: 0 };
  for (const term of terms) if (term.by !== "both") sum[term.by] += term.amount_fen ?? 0;
  return sum;
}

/** What each changed term of the newer version (by its index) was in the older one. Terms that were
 * neither added nor removed stand opposite each other in order. */
export function earlier(older: Term[], newer: Term[], changes: TermChange[]): Map<number, Term> {
  const of = (what: TermChange["what"]) =>
    new Set(changes.filter((one) => one.what === what).map((one) => one.index));
  const removed = of("removed");
  const added = of("added");
  const changed = of("changed");
  const kept = older.filter((_, i) => !removed.has(i));
  const was = new Map<number, Term>();
  newer.forEach((_, i) => {
    if (added.has(i)) return;
    const term = kept.shift();
    if (term && changed.has(i)) was.set(i, term);
  });
  return was;
}
