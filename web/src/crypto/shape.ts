// Reading JSON of an exact shape: every member there, no others, each of its kind. What is signed
// leaves no room for "ignored".
import { decode } from "./base64url.ts";

/** The JSON is not what the format says. */
export class ShapeError extends Error {}

export type Members = Record<string, unknown>;

/** An object with exactly these members. */
export function exact(value: unknown, names: readonly string[]): Members {
  const object = members(value);
  const found = Object.keys(object);
  if (found.length !== names.length || !names.every((name) => found.includes(name))) {
    throw new ShapeError(`members are not ${names.join(", ")}`);
  }
  return object;
}

/** An object, whatever it holds. */
export function members(value: unknown): Members {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ShapeError("not an object");
  return value as Members;
}

export function list<T>(value: unknown, item: (value: unknown) => T): T[] {
  if (!Array.isArray(value)) throw new ShapeError("not a list");
  return value.map(item);
}

export function text(value: unknown): string {
  if (typeof value !== "string") throw new ShapeError("not a text");
  return value;
}

/** These members of an object, all texts; what else it holds is left alone. */
export function texts<N extends string>(value: unknown, names: readonly N[]): Record<N, string> {
  const object = members(value);
  return Object.fromEntries(names.map((name) => [name, text(object[name])])) as Record<N, string>;
}

export function one<T extends string>(value: unknown, of: readonly T[]): T {
  if (!of.includes(value as T)) throw new ShapeError(`not one of ${of.join(", ")}`);
  return value as T;
}

export function flag(value: unknown): boolean {
  if (typeof value !== "boolean") throw new ShapeError("neither true nor false");
  return value;
}

/** An integer that JSON keeps exactly, within these bounds. */
export function integer(
  value: unknown,
  least = Number.MIN_SAFE_INTEGER,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const good = Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
  if (!good) throw new ShapeError("not such an integer");
  return value as number;
}

/** The largest count of versions, and of key manifests. */
export const MOST_U32 = 2 ** 32 - 1;

/** Base64url of exactly `length` bytes; the text is returned. */
export function b64u(value: unknown, length: number): string {
  if (decode(text(value)).length !== length) throw new ShapeError(`not ${length} bytes`);
  return value as string;
}

export function orNull<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null ? null : read(value);
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A real day, `YYYY-MM-DD`. */
export function day(value: unknown): string {
  const hit = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text(value));
  const [year, month, of] = [Number(hit?.[1]), Number(hit?.[2]), Number(hit?.[3])];
  const leap = month === 2 && ((year % 4 === 0 && year % 100 !== 0) || year % 400 === 0);
  if (!hit || !(of >= 1 && of <= (MONTH_DAYS[month - 1] ?? 0) + (leap ? 1 : 0))) {
    throw new ShapeError("not a day");
  }
  return value as string;
}
