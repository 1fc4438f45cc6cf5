// The log's texts: signed notes, checkpoints, cosignatures, verifier keys and tlog-proofs, as C2SP
// writes them (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof). Standard base64 here.
import { type Bytes, concat, decode, equal, utf8 } from "../crypto/base64url.ts";
import { sha256 } from "../crypto/hash.ts";
import { ShapeError } from "../crypto/shape.ts";
import { verifyEd25519 } from "./ed25519.ts";

/** Standard base64 with padding (RFC 4648 §4), strict. */
export function decode64(text: string): Bytes {
  const bare = text.replace(/={1,2}$/, "");
  if (text.length % 4 !== 0 || /[-_=]/.test(bare)) throw new ShapeError("not base64");
  return decode(bare.replace(/\+/g, "-").replace(/\//g, "_"));
}

/** A key that signs notes: 0x01 a log's, 0x04 a witness's. */
export interface VerifierKey {
  name: string;
  /** The first four bytes of SHA-256(name ‖ LF ‖ type ‖ key). */
  id: Bytes;
  key: Bytes;
}

/** Throws ShapeError or EncodingError on anything but `NAME+8 hex+base64` of this type. */
export async function verifierKey(text: string, type: 1 | 4): Promise<VerifierKey> {
  const [, name, hex, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text) ?? [];
  if (name === undefined || hex === undefined || encoded === undefined)
    throw new ShapeError("no verifier key");
  const bytes = decode64(encoded);
  if (bytes.length !== 33 || bytes[0] !== type) throw new ShapeError("a verifier key of another kind");
  const id = (await sha256(concat(utf8(`${name}\n`), bytes))).slice(0, 4);
  const said = Uint8Array.from({ length: 4 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  if (!equal(id, said)) throw new ShapeError("a verifier key with a wrong id");
  return { name, id, key: bytes.slice(1) };
}

export interface NoteSignature {
  name: string;
  id: Bytes;
  signature: Bytes;
}

export interface Checkpoint {
  /** What is signed: origin, size, root, extension lines. */
  body: string;
  origin: string;
  size: number;
  root: Bytes;
  signatures: NoteSignature[];
}

/** Throws ShapeError or EncodingError. */
export function readCheckpoint(note: string): Checkpoint {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n")) throw new ShapeError("no signed note");
  const body = note.slice(0, cut + 1);
  const [origin = "", size = "", root = "", ...more] = body.slice(0, -1).split("\n");
  if (origin === "" || more.includes("") || !/^(0|[1-9]\d{0,15})$/.test(size)) {
    throw new ShapeError("no checkpoint");
  }
  const bytes = decode64(root);
  if (bytes.length !== 32 || !Number.isSafeInteger(Number(size))) throw new ShapeError("no checkpoint");
  const lines = note.slice(cut + 2, -1).split("\n");
  return { body, origin, size: Number(size), root: bytes, signatures: lines.map(signatureLine) };
}

function signatureLine(line: string): NoteSignature {
  const [, name, encoded] = /^\u2014 ([^\s+]+) (\S+)$/.exec(line) ?? [];
  if (name === undefined || encoded === undefined) throw new ShapeError("no signature line");
  const bytes = decode64(encoded);
  if (bytes.length < 5) throw new ShapeError("a signature line too short");
  return { name, id: bytes.slice(0, 4), signature: bytes.slice(4) };
}

export interface Proof {
  index: number;
  path: Bytes[];
  checkpoint: Checkpoint;
}

/** A tlog-proof. Throws ShapeError or EncodingError. */
export function readProof(text: string): Proof {
  const cut = text.indexOf("\n\n");
  if (cut < 0) throw new ShapeError("no proof");
  const [head, ...lines] = text.slice(0, cut).split("\n");
  if (head !== "c2sp.org/tlog-proof@v1") throw new ShapeError("no proof");
  const [index = "", ...path] = lines.filter((line) => !line.startsWith("extra "));
  const hit = /^index (0|[1-9]\d{0,15})$/.exec(index);
  if (!hit || !Number.isSafeInteger(Number(hit[1])) || path.length > 63) throw new ShapeError("no proof");
  const hashes = path.map(decode64);
  if (hashes.some((hash) => hash.length !== 32)) throw new ShapeError("no proof");
  return { index: Number(hit[1]), path: hashes, checkpoint: readCheckpoint(text.slice(cut + 2)) };
}

/** The lines of a checkpoint that carry this key's name and id. */
export function linesOf(checkpoint: Checkpoint, key: VerifierKey): NoteSignature[] {
  return checkpoint.signatures.filter(({ name, id }) => name === key.name && equal(id, key.id));
}

export function logSigned(checkpoint: Checkpoint, key: VerifierKey, line: NoteSignature): Promise<boolean> {
  return verifyEd25519(key.key, line.signature, utf8(checkpoint.body));
}

/** The time of a witness's cosignature in seconds since 1970; null where it does not verify. */
export async function cosignedAt(
  checkpoint: Checkpoint,
  key: VerifierKey,
  line: NoteSignature,
): Promise<number | null> {
  if (line.signature.length !== 72) return null;
  const view = new DataView(line.signature.buffer, line.signature.byteOffset, 8);
  const at = view.getUint32(0) * 2 ** 32 + view.getUint32(4);
  if (!Number.isSafeInteger(at)) return null;
  const said = utf8(`cosignature/v1\ntime ${at}\n${checkpoint.body}`);
  return (await verifyEd25519(key.key, line.signature.slice(8), said)) ? at : null;
}
