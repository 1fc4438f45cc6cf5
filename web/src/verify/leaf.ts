// A leaf of the public log and what opens it. The log holds commitments only: SHA-256 over a salt and
// the digest of what was logged.
import { type Bytes, concat, decode, utf8 } from "../crypto/base64url.ts";
import { canonText } from "../crypto/canon.ts";
import { sha256, sha256Text } from "../crypto/hash.ts";
import { b64u, exact, one, ShapeError, text } from "../crypto/shape.ts";
import { type Proof, readProof } from "./note.ts";

const LEAF_TYPES = ["outcome", "key", "journal", "erase", "performance"] as const;

export interface Leaf {
  /** The exact bytes in the log. */
  bytes: Bytes;
  /** The commitment. */
  c: string;
  t: (typeof LEAF_TYPES)[number];
}

/** Something logged: what opens the leaf, and where the leaf is. */
export interface Logged {
  salt: Bytes;
  leaf: Leaf;
  proof: Proof;
}

export function readLeaf(of: unknown): Leaf {
  const said = exact(JSON.parse(text(of)), ["c", "t"]);
  const leaf = { c: b64u(said.c, 32), t: one(said.t, LEAF_TYPES) };
  if (canonText(leaf) !== of) throw new ShapeError("a leaf is canonical");
  return { ...leaf, bytes: utf8(canonText(leaf)) };
}

/** Something logged as it stands in the JSON. */
export interface LoggedTexts {
  salt: string;
  leaf: string;
  proof: string;
}

export function readLogged(raw: LoggedTexts): Logged {
  return { salt: salt32(raw.salt), leaf: readLeaf(raw.leaf), proof: readProof(raw.proof) };
}

export function salt32(value: unknown): Bytes {
  return decode(b64u(value, 32));
}

/** Whether the leaf commits to these bytes under this salt. */
export async function opens(leaf: Leaf, salt: Bytes, bytes: Bytes): Promise<boolean> {
  const label = utf8("med-commit/v1\0");
  return (await sha256Text(concat(label, salt, await sha256(bytes)))) === leaf.c;
}
