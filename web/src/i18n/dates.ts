// Days and times as people read them, in the agency's time zone wherever the reader is.
import { language, locale } from "./index";

let zone = "Asia/Shanghai";

/** The agency's time zone, as the server tells it (`/api/v1/about`). */
export function setZone(name: string): void {
  zone = name;
}

/** `12月5日` / `5 December`; with the year when it is not this year. `day` is `YYYY-MM-DD`. */
export function day(of: string): string {
  const noon = Date.parse(`${of}T12:00:00Z`);
  if (Number.isNaN(noon)) return of;
  const year = of.slice(0, 4) === String(new Date().getFullYear()) ? undefined : ("numeric" as const);
  return format(noon, { year, month: "long", day: "numeric", timeZone: "UTC" });
}

/** `2026年12月5日` / `5 December 2026`: where somebody signs. */
export function fullDay(of: string): string {
  const noon = Date.parse(`${of}T12:00:00Z`);
  if (Number.isNaN(noon)) return of;
  return format(noon, { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" });
}

/** `14:05`. */
export function clock(at: number): string {
  return format(at, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone });
}

/** `2026年11月23日 14:05` / `23 November 2026, 14:05`. */
export function moment(at: number): string {
  return format(at, {
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone: zone,
  });
}

/** The calendar day of an instant, `YYYY-MM-DD`, in the agency's time zone. */
export function dayOf(at: number): string {
  return new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).format(at);
}

/** `2:05`, `1:02:05`: how long something lasts. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function format(
  at: number,
  options: { [K in keyof Intl.DateTimeFormatOptions]?: Intl.DateTimeFormatOptions[K] | undefined },
): string {
  return new Intl.DateTimeFormat(locale(language.value), options as Intl.DateTimeFormatOptions).format(at);
}
