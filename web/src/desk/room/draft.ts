// The settlement as the mediator types it. Rows hold what was typed, letter by letter; terms are what
// can be sent. Pure: no page, no session.
import { parse, typed } from "../../i18n/money";
import type { Performer, Term, TermKind } from "../../protocol/types";

export interface Row {
  /** Stays while the row lives, so that the page moves focus with it. */
  id: number;
  kind: TermKind;
  by: Performer;
  amount: string;
  due: string;
  text: string;
}

export type RowFault = "amount" | "past" | "text";

export const KINDS: readonly TermKind[] = [
  "refund",
  "return",
  "replace",
  "repair",
  "redo",
  "compensation",
  "price_reduction",
  "return_prepayment",
  "make_up_quantity",
  "continue_performance",
  "rescission",
  "punitive",
  "apology",
  "free_text",
];

/** Kinds that are about money: an empty amount there is most likely forgotten. */
const PAYS: readonly TermKind[] = [
  "refund",
  "compensation",
  "price_reduction",
  "return_prepayment",
  "punitive",
];

/** What a consumer usually performs. */
const BY_CONSUMER: readonly TermKind[] = ["return"];

let last = 0;

export function rowOf(term: Term): Row {
  const { kind, by, text } = term;
  const amount = term.amount_fen === null ? "" : typed(term.amount_fen);
  return { id: ++last, kind, by, amount, due: term.due ?? "", text };
}

export function newRow(kind: TermKind = "refund"): Row {
  const by = kind === "rescission" || kind === "free_text" ? "both" : performer(kind);
  return { id: ++last, kind, by, amount: "", due: "", text: "" };
}

export function performer(kind: TermKind): Performer {
  return BY_CONSUMER.includes(kind) ? "consumer" : "merchant";
}

/** Null where the row can be sent as it is. `today` is `YYYY-MM-DD`. */
export function faultOf(row: Row, today: string): RowFault | null {
  if (row.amount.trim() ? parse(row.amount) === null : PAYS.includes(row.kind)) return "amount";
  if (row.due && row.due < today) return "past";
  if (row.kind === "free_text" && !row.text.trim()) return "text";
  return null;
}

export function termOf(row: Row): Term {
  return {
    kind: row.kind,
    by: row.by,
    amount_fen: row.amount.trim() ? parse(row.amount) : null,
    due: row.due || null,
    text: row.text.trim(),
  };
}

/** The terms of all rows that can be sent. */
export function termsOf(rows: Row[], today: string): Term[] {
  return rows.filter((row) => faultOf(row, today) === null).map(termOf);
}

export function sameTerms(a: readonly Term[], b: readonly Term[]): boolean {
  const plain = (terms: readonly Term[]) =>
    JSON.stringify(terms.map(({ kind, by, amount_fen, due, text }) => [kind, by, amount_fen, due, text]));
  return plain(a) === plain(b);
}
