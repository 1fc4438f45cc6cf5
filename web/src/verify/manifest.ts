// Key manifests: which keys sign for the issuer, each manifest itself in the log
// (docs/OUTCOME-FORMAT.md §4).
import { type Bytes, decode } from "../crypto/base64url.ts";
import { canonicalJson } from "../crypto/payload.ts";
import { b64u, exact, integer, list, members, one, orNull, ShapeError, text } from "../crypto/shape.ts";
import type { PublicJwk } from "../crypto/thumbprint.ts";
import { jwk, type RawSignature, readKeysHeader } from "./jws.ts";
import { type Logged, readLogged } from "./leaf.ts";

export interface ServerKey {
  alg: "ES256";
  from: number;
  jwk: PublicJwk;
  kid: string;
  until: number | null;
  use: "outcome";
}

export interface Manifest extends Logged {
  encoded: string;
  payloadBytes: Bytes;
  iss: string;
  keys: ServerKey[];
  /** The log's verifier key. */
  log: string;
  prev: string | null;
  seq: number;
  signatures: (RawSignature & { header: ReturnType<typeof readKeysHeader> })[];
}

/** Throws ShapeError, EncodingError, SyntaxError or NotCanonicalError. */
export function readManifest(value: unknown): Manifest {
  const item = members(value);
  const jws = members(item.manifest);
  const encoded = text(jws.payload);
  const payloadBytes = decode(encoded);
  const of = exact(canonicalJson(payloadBytes), ["iss", "keys", "log", "prev", "seq", "v"]);
  const read = {
    iss: text(of.iss),
    keys: list(of.keys, serverKey),
    log: text(of.log),
    prev: orNull(of.prev, (prev) => b64u(prev, 32)),
    seq: integer(of.seq, 1),
  };
  if (of.v !== 1) throw new ShapeError("another version");
  const signatures = list(jws.signatures, members).map((one) => {
    const raw = { protected: text(one.protected), signature: text(one.signature) };
    return { ...raw, header: readKeysHeader(raw.protected) };
  });
  return { ...readLogged(item), encoded, payloadBytes, ...read, signatures };
}

function serverKey(value: unknown): ServerKey {
  const of = exact(value, ["alg", "from", "jwk", "kid", "until", "use"]);
  return {
    alg: one(of.alg, ["ES256"]),
    from: integer(of.from),
    jwk: jwk(of.jwk),
    kid: b64u(of.kid, 32),
    until: orNull(of.until, (until) => integer(until)),
    use: one(of.use, ["outcome"]),
  };
}
