// The document as a person reads it, and the proof that its bytes say the same. `readDocument` opens the
// payload and every disclosure; the page shows what comes out, all of it. `checkDocument` builds the
// payload's bytes anew from what was shown and compares; only what it approves can be signed.
//
// What always holds: nothing stands in the signed bytes that was not shown, no digest without its
// disclosure, and this device's key stands there once, under its own role.
import type { IdentityCheck, SigningView, Term, View } from "../protocol/types.ts";
import { type Bytes, decode, EncodingError, encode, equal, utf8 } from "./base64url.ts";
import { canonBytes, type Json } from "./canon.ts";
import { type Disclosure, digestOf, NAMES, openDisclosure } from "./disclosure.ts";
import { publicKey, sign } from "./keys.ts";
import {
  NotCanonicalError,
  type Payload,
  type PayloadParty,
  type PayloadTerm,
  readPayload,
  type SignerRole,
  type TreeHead,
} from "./payload.ts";
import { ShapeError } from "./shape.ts";
import { thumbprint } from "./thumbprint.ts";

export interface DocumentParty {
  role: SignerRole;
  /** The thumbprint of the key that signs for this person. */
  jkt: string;
  name: string;
  /** Whom they sign for, where that is not themselves: a merchant's registered name. */
  party: string | null;
  /** How the mediator made sure who they are, where that was said. */
  identity: IdentityCheck | null;
  address: string | null;
}

/** Everything that a signature covers, to be shown. */
export interface ReadableDocument {
  oid: string;
  ver: number;
  prev: string | null;
  mode: Payload["mode"];
  iss: string;
  number: string;
  session: string;
  subject: string;
  agency: string;
  parties: DocumentParty[];
  terms: Term[];
  /** Both parties let anybody see it without names. */
  publication: boolean;
  anchor: Payload["anchor"];
  journal: TreeHead;
}

/** Why a device does not sign. */
export type DocumentFault =
  /** Not of the format. */
  | "malformed"
  /** Something stands in it that can't be shown. */
  | "hidden"
  /** Its terms, people or case are not those on screen. */
  | "differs"
  /** My key is not listed, or under another role, or a required role is missing. */
  | "parties";

/** This document must not be signed. Nothing was signed. */
export class DocumentError extends Error {
  constructor(
    readonly fault: DocumentFault,
    detail: string,
  ) {
    super(detail);
  }
}

/** A document that was held against what was shown. Made by `checkDocument` alone. */
export interface Approved {
  readonly payload: string;
  readonly role: SignerRole;
  readonly jkt: string;
  readonly journal: TreeHead;
}

/** Opens the document for reading. Throws DocumentError. */
export async function readDocument(signing: SigningView): Promise<ReadableDocument> {
  const payload = decoded(signing.payload);
  const open = await disclosures(signing.disclosures);
  const top = take(open, payload._sd, NAMES.payload, []);
  const parties = payload.parties.map((party) => {
    const said = take(open, party._sd, NAMES.party, ["party", "identity", "address"]);
    return {
      role: party.role,
      jkt: party.jkt,
      name: value(said, "name"),
      party: said.get("party")?.value ?? null,
      identity: checked(said.get("identity")?.value ?? null),
      address: said.get("address")?.value ?? null,
    };
  });
  const terms = payload.terms.map((term) => {
    const said = take(open, term._sd, NAMES.term, []);
    const { kind, by, amount_fen, due } = term;
    return { kind, by, amount_fen, due, text: value(said, "text") };
  });
  if (open.size > 0) throw new DocumentError("hidden", "a disclosure without its digest");
  return {
    oid: payload.oid,
    ver: payload.ver,
    prev: payload.prev,
    mode: payload.mode,
    iss: payload.iss,
    number: value(top, "complaint_number"),
    session: value(top, "session"),
    subject: value(top, "subject"),
    agency: value(top, "agency"),
    parties,
    terms,
    publication: payload.publication,
    anchor: payload.anchor,
    journal: payload.journal,
  };
}

/**
 * Holds the document against the page: `shown` is what the page displays (from `readDocument`), `view`
 * the session that the person has been looking at all along. Throws DocumentError.
 */
export async function checkDocument(
  signing: SigningView,
  shown: ReadableDocument,
  view: View,
): Promise<Approved> {
  const rebuilt = await rebuild(signing, shown);
  if (!equal(canonBytes(rebuilt as unknown as Json), bytesOf(signing.payload))) {
    throw new DocumentError("differs", "the bytes to sign are not those of the document shown");
  }
  agreesWithSession(signing, shown, view);
  const jkt = view.me.enrolled;
  const mine = shown.parties.filter((party) => party.jkt === jkt);
  const [me] = mine;
  if (jkt === null || me === undefined || mine.length !== 1 || me.role !== view.me.role) {
    throw new DocumentError("parties", "this device's key is not listed once under its own role");
  }
  const required: SignerRole[] =
    shown.mode === "mediated" ? ["consumer", "merchant", "mediator"] : ["consumer", "merchant"];
  if (!required.every((role) => shown.parties.some((party) => party.role === role))) {
    throw new DocumentError("parties", "a required role is missing");
  }
  return { payload: signing.payload, role: me.role, jkt, journal: signing.journal };
}

/**
 * Signs what was approved with this device's key. `now` is the server's time in milliseconds.
 * Throws NoKeyError where this browser holds no key, DocumentError where it is another one.
 */
export async function signDocument(
  device: string,
  approved: Approved,
  now: number,
): Promise<{ protected: string; signature: string }> {
  const jwk = await publicKey(device);
  const kid = await thumbprint(jwk);
  if (kid !== approved.jkt) throw new DocumentError("parties", "this browser's key is not the one listed");
  const { size, root } = approved.journal;
  const header = {
    alg: "ES256",
    iat: Math.floor(now / 1000),
    jh: { root, size },
    jwk: { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y },
    kid,
    role: approved.role,
    typ: "mediation-settlement+jws",
  };
  const head = encode(canonBytes(header));
  const signature = await sign(device, utf8(`${head}.${approved.payload}`));
  return { protected: head, signature: encode(signature) };
}

function bytesOf(payload: string): Bytes {
  try {
    return decode(payload);
  } catch {
    throw new DocumentError("malformed", "the payload is not base64url");
  }
}

function decoded(payload: string): Payload {
  try {
    return readPayload(bytesOf(payload));
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    if (error instanceof ShapeError || error instanceof EncodingError || error instanceof NotCanonicalError) {
      throw new DocumentError("malformed", error.message);
    }
    throw error;
  }
}

/** By digest. Throws where one can't be read or comes twice. */
async function disclosures(texts: string[]): Promise<Map<string, Disclosure>> {
  const open = new Map<string, Disclosure>();
  for (const text of texts) {
    const disclosure = await openDisclosure(text).catch(() => {
      throw new DocumentError("malformed", "a disclosure that can't be read");
    });
    if (open.has(disclosure.digest)) throw new DocumentError("malformed", "a disclosure twice");
    open.set(disclosure.digest, disclosure);
  }
  return open;
}

/** The disclosures of one object, removed from `open`: each digest opened, each name once, none missing. */
function take(
  open: Map<string, Disclosure>,
  digests: string[],
  names: readonly string[],
  optional: readonly string[],
): Map<string, Disclosure> {
  const said = new Map<string, Disclosure>();
  for (const digest of digests) {
    const disclosure = open.get(digest);
    if (!disclosure) throw new DocumentError("hidden", "a digest without its disclosure");
    open.delete(digest);
    if (!names.includes(disclosure.name) || said.has(disclosure.name)) {
      throw new DocumentError("hidden", "a disclosure where it does not belong");
    }
    said.set(disclosure.name, disclosure);
  }
  if (!names.every((name) => said.has(name) || optional.includes(name))) {
    throw new DocumentError("malformed", "a member without its digest");
  }
  return said;
}

function value(said: Map<string, Disclosure>, name: string): string {
  return said.get(name)?.value ?? "";
}

const CHECKS: readonly IdentityCheck[] = [
  "document_seen",
  "known_in_person",
  "station_staff",
  "details_matched",
  "account",
  "not_checked",
];

function checked(identity: string | null): IdentityCheck | null {
  if (identity === null) return null;
  const hit = CHECKS.find((check) => check === identity);
  if (!hit) throw new DocumentError("malformed", "an unknown identity check");
  return hit;
}

/** The payload as it must be if it says exactly what was shown; only salts come from the given one. */
async function rebuild(signing: SigningView, shown: ReadableDocument): Promise<Payload> {
  const given = decoded(signing.payload);
  const open = await disclosures(signing.disclosures);
  const sd = async (digests: string[] | undefined, members: [string, string | null][]) => {
    const made: string[] = [];
    for (const [name, value] of members) {
      if (value === null) continue;
      const digest = (digests ?? []).find((digest) => open.get(digest)?.name === name);
      made.push(await digestOf(open.get(digest ?? "")?.salt ?? "", name, value));
    }
    return made.sort();
  };
  const parties: PayloadParty[] = [];
  for (const [i, party] of shown.parties.entries()) {
    const { role, jkt, name, identity, address } = party;
    const of = party.party;
    const _sd = await sd(given.parties[i]?._sd, [
      ["name", name],
      ["party", of],
      ["identity", identity],
      ["address", address],
    ]);
    parties.push({ role, jkt, _sd });
  }
  const terms: PayloadTerm[] = [];
  for (const [i, term] of shown.terms.entries()) {
    const { kind, by, amount_fen, due } = term;
    terms.push({ kind, by, amount_fen, due, _sd: await sd(given.terms[i]?._sd, [["text", term.text]]) });
  }
  const { iss, oid, ver, prev, mode, publication, anchor, journal } = shown;
  const _sd = await sd(given._sd, [
    ["complaint_number", shown.number],
    ["session", shown.session],
    ["subject", shown.subject],
    ["agency", shown.agency],
  ]);
  const rest = { v: 1, recordings: [], _sd_alg: "sha-256" } as const;
  return {
    ...rest,
    recordings: [],
    iss,
    oid,
    ver,
    prev,
    mode,
    parties,
    terms,
    publication,
    anchor,
    journal,
    _sd,
  };
}

/** The document says what this session has shown before: its terms, case and people. */
function agreesWithSession(signing: SigningView, shown: ReadableDocument, view: View): void {
  const differs = (what: string) => new DocumentError("differs", `${what} differ from the session's`);
  const version = view.draft?.versions.find(({ version }) => version === signing.version);
  if (!version || !sameTerms(version.terms, shown.terms)) throw differs("the terms");
  if (shown.oid !== signing.outcome || shown.session !== view.session) throw differs("the ids");
  if (nfc(shown.number) !== nfc(view.number) || nfc(shown.subject) !== nfc(view.subject)) {
    throw differs("number or subject");
  }
  const told = signing.signers.map(({ role, name }) => `${role} ${nfc(name)}`).sort();
  const said = shown.parties.map(({ role, name }) => `${role} ${nfc(name)}`).sort();
  if (told.length !== said.length || !told.every((who, i) => who === said[i])) throw differs("the people");
}

function sameTerms(a: Term[], b: Term[]): boolean {
  const plain = (terms: Term[]) =>
    canonBytes(
      terms.map(({ kind, by, amount_fen, due, text }) => ({
        kind,
        by,
        amount_fen,
        due,
        text: nfc(text),
      })),
    );
  return equal(plain(a), plain(b));
}

/** The signed text is NFC (docs/OUTCOME-FORMAT.md); what was typed need not be. */
function nfc(text: string): string {
  return text.normalize("NFC");
}
