// The new case as typed: one flat set of texts under the record's own paths ("consumer.phone"), so that
// the server's field errors find their fields. Kept in this browser until the record exists.

import { dayOf } from "../../i18n/dates";
import { parse } from "../../i18n/money";

export type Path =
  | "item.category"
  | "item.brand"
  | "item.model"
  | "issue_type"
  | "amount_fen"
  | "region_code"
  | "channel"
  | "source"
  | "consumer.name"
  | "consumer.phone"
  | "consumer.address"
  | "consumer.id_number"
  | "merchant.name"
  | "merchant.address"
  | "merchant.credit_code"
  | "merchant.contact"
  | "purchased_on"
  | "sales_channel"
  | "order_number"
  | "facts"
  | "requests";

export interface Form {
  texts: Partial<Record<Path, string>>;
  publication: boolean;
  entrustment: boolean;
  /** Makes the request that creates this record one request, however often it is sent. */
  key: string;
}

/** Errors by path; `""` holds what belongs to no field. */
export type Faults = Record<string, string>;

export const REQUIRED: readonly Path[] = [
  "item.category",
  "region_code",
  "consumer.name",
  "consumer.phone",
  "consumer.address",
  "merchant.name",
  "merchant.address",
  "facts",
  "requests",
];

const KEPT = "hejie.desk.new-case";

export function empty(): Form {
  const key = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0"));
  return {
    texts: { channel: "phone", source: "centre12315", issue_type: "quality", sales_channel: "shop" },
    publication: false,
    entrustment: false,
    key: key.join(""),
  };
}

export function restore(): Form {
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Form | null;
    return kept?.texts && typeof kept.key === "string" ? kept : empty();
  } catch {
    return empty();
  }
}

export function keep(form: Form | null): void {
  try {
    if (form) localStorage.setItem(KEPT, JSON.stringify(form));
    else localStorage.removeItem(KEPT);
  } catch {
    // Then it lasts as long as the page.
  }
}

/** What can be seen to be wrong before asking the server; codes as the server's. */
export function faults(form: Form, today = dayOf(Date.now())): Faults {
  const found: Faults = {};
  const text = (path: Path) => form.texts[path]?.trim() ?? "";
  for (const path of REQUIRED) if (!text(path)) found[path] = "required";
  if (text("amount_fen") && parse(text("amount_fen")) === null) found.amount_fen = "amount";
  if (text("purchased_on") > today) found.purchased_on = "in_the_future";
  return found;
}

/** The record as the server takes it: nothing for what was left empty. */
export function record(form: Form): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  const put = (path: string, value: unknown) => {
    const [outer = "", inner] = path.split(".");
    if (inner === undefined) made[outer] = value;
    else made[outer] = { ...(made[outer] as object | undefined), [inner]: value };
  };
  for (const [path, typed] of Object.entries(form.texts)) {
    const text = typed.trim();
    if (!text) continue;
    if (path === "amount_fen") put(path, parse(text) ?? text);
    else if (path === "requests") put(path, lines(text));
    else put(path, text);
  }
  if (form.texts["consumer.id_number"]?.trim()) put("consumer.id_type", "resident_id");
  put("consumer.publication_consent", form.publication);
  put("consumer.entrustment_consent", form.entrustment);
  return made;
}

/** The field of the form that a path of the server's answer is about: `record.requests.0` is `requests`. */
export function fieldOf(path: string): string {
  const own = path.replace(/^record\./, "").replace(/^requests\..*/, "requests");
  return own === "consumer.id_type" ? "consumer.id_number" : own;
}

/** Requests are typed one to a line. */
function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
