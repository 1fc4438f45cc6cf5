// JWS signatures of people and of the server: their protected headers, read strictly, and ES256.
import { type Bytes, decode, EncodingError, utf8 } from "../crypto/base64url.ts";
import { canonBytes } from "../crypto/canon.ts";
import { sha256Text } from "../crypto/hash.ts";
import { canonicalJson, SIGNERS, type SignerRole, type TreeHead, treeHead } from "../crypto/payload.ts";
import { b64u, exact, integer, list, members, one, text, texts } from "../crypto/shape.ts";
import type { PublicJwk } from "../crypto/thumbprint.ts";

export const OUTCOME_TYP = "mediation-settlement+jws";
export const KEYS_TYP = "mediation-keys+jws";

interface Common {
  alg: string;
  iat: number;
  kid: string;
  typ: string;
}

export interface PersonHeader extends Common {
  role: SignerRole;
  jh: TreeHead;
  jwk: PublicJwk;
}

export interface ServerHeader extends Common {
  role: "server";
  jh: TreeHead;
  over: string[];
}

/** One signature as it stands in the JSON. */
export interface RawSignature {
  protected: string;
  signature: string;
}

/** A general JWS as it stands in the JSON. */
export interface RawJws {
  payload: string;
  signatures: RawSignature[];
  /** From the first signature's unprotected header, which carries them all. */
  disclosures: string[];
}

/** Members and their types alone; what is inside the texts is read later. Throws ShapeError. */
export function rawJws(value: unknown): RawJws {
  const said = members(value);
  const all = list(said.signatures, (one) => {
    const { header } = members(one);
    const open = header === undefined || header === null ? undefined : members(header).disclosures;
    const raw = texts(one, ["protected", "signature"]);
    return { ...raw, disclosures: open === undefined ? [] : list(open, text) };
  });
  const signatures = all.map((one) => ({ protected: one.protected, signature: one.signature }));
  return { payload: text(said.payload), signatures, disclosures: all[0]?.disclosures ?? [] };
}

/** Throws ShapeError or EncodingError where it is no such header, NotCanonicalError like `canonicalJson`. */
export function readHeader(encoded: string): PersonHeader | ServerHeader {
  const said = members(canonicalJson(decode(encoded)));
  const role = one(said.role, [...SIGNERS, "server"]);
  return role === "server" ? serverHeader(said) : personHeader(said, role);
}

/** A key manifest's protected header; throws like `readHeader`. */
export function readKeysHeader(encoded: string): Common {
  return common(exact(canonicalJson(decode(encoded)), ["alg", "iat", "kid", "typ"]));
}

function personHeader(said: unknown, role: SignerRole): PersonHeader {
  const of = exact(said, ["alg", "iat", "jh", "jwk", "kid", "role", "typ"]);
  return { ...common(of), role, jh: treeHead(of.jh), jwk: jwk(of.jwk) };
}

function serverHeader(said: unknown): ServerHeader {
  const of = exact(said, ["alg", "iat", "jh", "kid", "over", "role", "typ"]);
  const over = list(of.over, (item) => b64u(item, 32));
  return { ...common(of), role: "server", jh: treeHead(of.jh), over };
}

function common(of: Record<string, unknown>): Common {
  return { alg: text(of.alg), iat: integer(of.iat, 0), kid: b64u(of.kid, 32), typ: text(of.typ) };
}

export function jwk(value: unknown): PublicJwk {
  const of = exact(value, ["crv", "kty", "x", "y"]);
  return { kty: one(of.kty, ["EC"]), crv: one(of.crv, ["P-256"]), x: b64u(of.x, 32), y: b64u(of.y, 32) };
}

/** Whether this ES256 signature is that key's over `protected.payload`. */
export async function verifies(raw: RawSignature, payload: string, key: PublicJwk): Promise<boolean> {
  try {
    const signature = decode(raw.signature);
    if (signature.length !== 64) return false;
    const kind = { name: "ECDSA", namedCurve: "P-256" };
    const { kty, crv, x, y } = key;
    const held = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, kind, false, ["verify"]);
    const input = utf8(`${raw.protected}.${payload}`);
    return await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, held, signature, input);
  } catch (error) {
    // A key that is no point of the curve, a signature that is no base64url.
    if (error instanceof EncodingError || error instanceof DOMException) return false;
    throw error;
  }
}

/** What the server's `over` lists of one signature. */
export function overDigest(raw: RawSignature): Promise<string> {
  return sha256Text(utf8(`${raw.protected}.${raw.signature}`));
}

/** The fixed encoding of a JWS that the log commits to: without unprotected headers. */
export function committedBytes(payload: string, signatures: RawSignature[]): Bytes {
  const bare = signatures.map((one) => ({ protected: one.protected, signature: one.signature }));
  return canonBytes({ payload, signatures: bare });
}
