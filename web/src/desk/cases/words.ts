// How the codes of a complaint record are called, and how much time its procedure has left.
import { t } from "../../i18n";
import { day, dayOf } from "../../i18n/dates";
import type { Time } from "../../protocol/types";
import type { CaseState, ComplaintRecord } from "../rest";

export const CHANNELS = ["phone", "web", "app", "station", "letter", "visit"] as const;
export const SOURCES = [
  "centre12315",
  "association_branch",
  "complaint_station",
  "liaison_station",
  "service_station",
  "association",
  "hotline12345",
  "enterprise",
] as const;
export const SALES = ["shop", "online", "tv", "door_to_door", "phone", "mail_order", "other"] as const;
export const ISSUES = [
  "quality",
  "safety",
  "measure",
  "contract",
  "after_sales",
  "dignity",
  "advertising",
  "trademark",
  "price",
  "counterfeit",
  "false_claims",
  "other",
] as const;

/** The name of a record's state. */
export function stateName(state: CaseState): string {
  return t(`desk-state-${state.replace(/_/g, "-")}`);
}

/** Whether the procedure has ended: no clock runs, and nobody opens another session. */
export function closed(state: CaseState): boolean {
  return state === "agreed" || state === "not_agreed";
}

export function codeName(of: "channel" | "source" | "sales" | "issue", code: string): string {
  const known: Record<typeof of, readonly string[]> = {
    channel: CHANNELS,
    source: SOURCES,
    sales: SALES,
    issue: ISSUES,
  };
  const plain = code.replace(/_/g, "-");
  if (!known[of].includes(code)) return code;
  if (of === "channel") return t(`desk-channel-${plain}`);
  if (of === "source") return t(`desk-source-${plain}`);
  if (of === "sales") return t(`desk-sales-${plain}`);
  return t(`desk-issue-${plain}`);
}

const DAY_MS = 86_400_000;
const LIMIT_DAYS = 60;

/**
 * The 60 days of Order 121 art. 23, counted from registration: acceptance is not before it, so the time
 * ends then at the earliest. The first day does not count (art. 45).
 */
export function procedureClock(
  record: ComplaintRecord,
  now: Time,
): { text: string; pressing: boolean } | null {
  if (!record.registered_on) return null;
  const noon = (of: string) => Date.parse(`${of}T12:00:00Z`);
  const end = noon(record.registered_on) + LIMIT_DAYS * DAY_MS;
  const left = Math.round((end - noon(dayOf(now))) / DAY_MS);
  const until = day(new Date(end).toISOString().slice(0, 10));
  if (left < 0) return { text: t("desk-deadline-passed", { day: until }), pressing: true };
  return { text: t("desk-deadline", { days: left, day: until }), pressing: left <= 7 };
}
