// What is signed: the payload of an outcome (docs/OUTCOME-FORMAT.md §1), read strictly. Used before
// signing and by the verifier.
import type { Performer, Role, TermKind } from "../protocol/types.ts";
import { type Bytes, equal, fromUtf8 } from "./base64url.ts";
import { CanonError, canonBytes, type Json, LONE_SURROGATE } from "./canon.ts";
import { b64u, day, exact, flag, integer, list, MOST_U32, one, orNull, ShapeError, text } from "./shape.ts";

export type SignerRole = Extract<Role, "consumer" | "merchant" | "mediator">;

/** A Merkle tree's size and root. */
export interface TreeHead {
  size: number;
  root: string;
}

export interface PayloadParty {
  role: SignerRole;
  jkt: string;
  _sd: string[];
}

export interface PayloadTerm {
  kind: TermKind;
  by: Performer;
  amount_fen: number | null;
  due: string | null;
  _sd: string[];
}

export interface Payload {
  v: 1;
  iss: string;
  oid: string;
  ver: number;
  prev: string | null;
  mode: "mediated" | "direct";
  parties: PayloadParty[];
  terms: PayloadTerm[];
  publication: boolean;
  anchor: TreeHead & { origin: string };
  journal: TreeHead;
  recordings: [];
  _sd_alg: "sha-256";
  _sd: string[];
}

/** It is JSON, but not in the one text that its value has. */
export class NotCanonicalError extends Error {}

export const SIGNERS: readonly SignerRole[] = ["consumer", "merchant", "mediator"];
const KINDS: readonly TermKind[] = [
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
const MEMBERS = [
  "v",
  "iss",
  "oid",
  "ver",
  "prev",
  "mode",
  "parties",
  "terms",
  "publication",
  "anchor",
  "journal",
  "recordings",
  "_sd_alg",
  "_sd",
];

/** Throws ShapeError where it is no payload, NotCanonicalError where the text is not the one of its value. */
export function readPayload(bytes: Bytes): Payload {
  return payloadOf(canonicalJson(bytes));
}

/** The value of a canonical JSON text. Throws ShapeError where it is no JSON, else NotCanonicalError. */
export function canonicalJson(bytes: Uint8Array): unknown {
  const value = json(bytes);
  let again: Uint8Array;
  try {
    again = canonBytes(value as Json);
  } catch (error) {
    if (error instanceof CanonError) throw new NotCanonicalError(error.message);
    throw error;
  }
  if (!equal(again, bytes)) throw new NotCanonicalError("not the one text of its value");
  return value;
}

/** Throws ShapeError, also for what other languages' readers refuse: see `plain`. */
export function json(bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new ShapeError("not JSON");
  }
  if (!plain(value, 0)) throw new ShapeError("JSON that can be read in two ways");
  return value;
}

const DEEPEST = 127;

/** No half of a surrogate pair, no number beyond all numbers, no endless nesting. */
function plain(value: unknown, depth: number): boolean {
  if (typeof value === "string") return !LONE_SURROGATE.test(value);
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  if (depth >= DEEPEST) return false;
  return Object.entries(value).every(([name, item]) => plain(name, 0) && plain(item, depth + 1));
}

export function treeHead(value: unknown): TreeHead {
  const head = exact(value, ["root", "size"]);
  return { size: integer(head.size, 0), root: b64u(head.root, 32) };
}

const digest = (value: unknown) => b64u(value, 32);

function payloadOf(value: unknown): Payload {
  const of = exact(value, MEMBERS);
  if (of.v !== 1) throw new ShapeError("another version of the format");
  const parties = list(of.parties, party);
  if (parties.length === 0) throw new ShapeError("nobody signs");
  if (list(of.recordings, text).length > 0) throw new ShapeError("recordings are not of this version");
  return {
    v: 1,
    iss: text(of.iss),
    oid: b64u(of.oid, 16),
    ver: integer(of.ver, 1, MOST_U32),
    prev: orNull(of.prev, digest),
    mode: one(of.mode, ["mediated", "direct"]),
    parties,
    terms: list(of.terms, term),
    publication: flag(of.publication),
    anchor: anchor(of.anchor),
    journal: treeHead(of.journal),
    recordings: [],
    _sd_alg: one(of._sd_alg, ["sha-256"]),
    _sd: list(of._sd, digest),
  };
}

function party(value: unknown): PayloadParty {
  const of = exact(value, ["_sd", "jkt", "role"]);
  return { role: one(of.role, SIGNERS), jkt: digest(of.jkt), _sd: list(of._sd, digest) };
}

function term(value: unknown): PayloadTerm {
  const of = exact(value, ["_sd", "amount_fen", "by", "due", "kind"]);
  return {
    kind: one(of.kind, KINDS),
    by: one(of.by, ["consumer", "merchant", "both"]),
    amount_fen: orNull(of.amount_fen, (amount) => integer(amount)),
    due: orNull(of.due, day),
    _sd: list(of._sd, digest),
  };
}

function anchor(value: unknown): Payload["anchor"] {
  const of = exact(value, ["origin", "root", "size"]);
  return { origin: text(of.origin), size: integer(of.size, 1), root: b64u(of.root, 32) };
}
