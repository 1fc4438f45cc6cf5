// A bundle's form: reads the whole file strictly before anything in it is believed
// (docs/OUTCOME-FORMAT.md §6). What comes out is typed; what does not come out has a reason.
import { type Bytes, decode, EncodingError } from "../crypto/base64url.ts";
import { canonicalJson, json, NotCanonicalError, type Payload, readPayload } from "../crypto/payload.ts";
import {
  b64u,
  exact,
  integer,
  list,
  members,
  one,
  orNull,
  ShapeError,
  text,
  texts,
} from "../crypto/shape.ts";
import {
  type PersonHeader,
  type RawJws,
  type RawSignature,
  rawJws,
  readHeader,
  type ServerHeader,
} from "./jws.ts";
import { type Leaf, type Logged, type LoggedTexts, readLeaf, readLogged, salt32 } from "./leaf.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { type Proof, readProof } from "./note.ts";

export const MEDIA_TYPE = "application/vnd.hejie.outcome-bundle.v1+json";
const MOST_BYTES = 1 << 20;
export interface Signature extends RawSignature {
  header: PersonHeader | ServerHeader;
}

export interface Outcome {
  encoded: string;
  payloadBytes: Bytes;
  payload: Payload;
  signatures: Signature[];
  disclosures: string[];
  salt: Bytes;
}

export interface Bundle {
  view: "full" | "redacted" | "erased";
  /** Null where it was erased. */
  outcome: Outcome | null;
  leaf: Leaf;
  proof: Proof;
  anchorConsistency: Bytes[];
  manifests: Manifest[];
  previous: { bytes: Bytes; payload: Payload }[];
  erasure: (Logged & { record: Bytes; erases: string }) | null;
}

/** The file is not a bundle; `reason` is the reason of the line `form`. */
export class FormError extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

export function readBundle(file: Uint8Array): Bundle {
  if (file.length > MOST_BYTES) throw new FormError("too_large");
  const said = told("not_json", () => members(json(file)));
  if (said.mediaType !== MEDIA_TYPE) throw new FormError("media_type");
  const raw = told("bundle_malformed", () => outer(said));
  const leaf = told("leaf_malformed", () => readLeaf(raw.leaf));
  const outcome = raw.outcome && readOutcome(raw.outcome);
  const proof = told("proof_malformed", () => readProof(raw.proof));
  const manifests = raw.keyManifests.map((item) => told("manifest_malformed", () => readManifest(item)));
  const gone = raw.erasure;
  const erasure = gone && told("erasure_malformed", () => readErasure(gone));
  const previous = raw.previous.map((encoded) =>
    told("previous_malformed", () => {
      const bytes = decode(encoded);
      return { bytes, payload: readPayload(bytes) };
    }),
  );
  const { view, anchorConsistency } = raw;
  return { view, outcome, leaf, proof, anchorConsistency, manifests, previous, erasure };
}

interface RawOutcome extends RawJws {
  salt: Bytes;
}

/** Members and their types; what is inside the texts comes later. */
function outer(said: Record<string, unknown>) {
  const view = one(said.view, ["full", "redacted", "erased"]);
  const salt = orNull(said.salt, salt32);
  const jws = orNull(said.outcome, rawJws);
  const erasure = orNull(said.erasure, (item) => texts(item, ["record", "salt", "leaf", "proof"]));
  const erased = view === "erased";
  if ((salt === null) !== erased || (jws === null) !== erased || (erasure !== null) !== erased) {
    throw new ShapeError("view and contents don't agree");
  }
  return {
    view,
    outcome: jws && salt ? { ...jws, salt } : null,
    leaf: text(said.leaf),
    proof: text(said.proof),
    anchorConsistency: list(said.anchorConsistency, (item) => decode(b64u(item, 32))),
    keyManifests: list(said.keyManifests, (item) => ({
      ...texts(item, ["salt", "leaf", "proof"]),
      manifest: rawJws(members(item).manifest),
    })),
    previous: list(said.previous, text),
    erasure,
  };
}

function readOutcome(raw: RawOutcome): Outcome {
  const payloadBytes = told("payload_malformed", () => decode(raw.payload));
  const payload = told("payload_malformed", () => readPayload(payloadBytes));
  const signatures = raw.signatures.map((one) => ({
    ...one,
    header: told("header_malformed", () => readHeader(one.protected)),
  }));
  const { payload: encoded, disclosures, salt } = raw;
  return { encoded, payloadBytes, payload, signatures, disclosures, salt };
}

function readErasure(raw: LoggedTexts & { record: string }): Bundle["erasure"] {
  const record = decode(raw.record);
  const of = exact(canonicalJson(record), ["at", "c", "v"]);
  if (of.v !== 1) throw new ShapeError("another version");
  integer(of.at, 0);
  return { ...readLogged(raw), record, erases: b64u(of.c, 32) };
}

/** Runs a reading; what it throws becomes the reason of the line `form`. */
function told<T>(reason: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotCanonicalError && /^(payload|header)_/.test(reason)) {
      throw new FormError("not_canonical");
    }
    if (
      error instanceof ShapeError ||
      error instanceof EncodingError ||
      error instanceof NotCanonicalError ||
      error instanceof SyntaxError
    ) {
      throw new FormError(reason);
    }
    throw error;
  }
}
