// The session's journal as the desk reads it: the events behind the head that everybody signs, fetched as
// they come, and whether they do hash to that head.
import { concat, encode, utf8 } from "../../crypto/base64url";
import type { Head, PersonId, Time, View } from "../../protocol/types";
import { leafHash, treeRoot } from "../../verify/merkle";
import { journal } from "../rest";

/** One event: ids and codes, never words. */
export interface TrailEvent {
  seq: number;
  at: Time;
  actor: string;
  kind: string;
  public: { person?: PersonId; with?: PersonId[]; version?: number; on?: boolean; muted?: boolean };
}

export interface Trail {
  texts: string[];
  events: TrailEvent[];
}

export const NONE: Trail = { texts: [], events: [] };

/** The trail with everything that was written since. Throws `Problem`. */
export async function more(session: string, known: Trail): Promise<Trail> {
  const texts = [...known.texts];
  let from: number | null = texts.length;
  while (from !== null) {
    const page: Awaited<ReturnType<typeof journal>> = await journal(session, from);
    texts.push(...page.events);
    from = page.next ?? null;
  }
  const fresh = texts.slice(known.texts.length).map((text) => JSON.parse(text) as TrailEvent);
  return { texts, events: [...known.events, ...fresh] };
}

/** Whether the events up to the head hash to it. */
export async function holds(texts: string[], head: Head): Promise<boolean> {
  if (texts.length < head.size) return false;
  const leaves = texts.slice(0, head.size).map((text) => leafHash(concat(utf8("med-ev/v1\0"), utf8(text))));
  return encode(await treeRoot(await Promise.all(leaves))) === head.root;
}

/** A person's name as far as this page knows it. */
export function named(view: View, person: string): string | null {
  const known = [...view.people, ...view.door, ...view.invitations];
  return known.find((one) => one.person === person)?.name ?? null;
}
