// Key manifests: which keys sign for the issuer, each manifest itself in the log
// (docs/OUTCOME-FORMAT.md §4).
import { type Bytes, decode } from "../crypto/base64url.ts";
import { canonicalJson } from "../crypto/payload.ts";
import { b64u, exact, integer, list, MOST_U32, one, orNull, ShapeError, text } from "../crypto/shape.ts";
import type { PublicJwk } from "../crypto/thumbprint.ts";
import { jwk, type RawJws, type RawSignature, readKeysHeader } from "./jws.ts";
import { type Logged, type LoggedTexts, readLogged } from "./leaf.ts";

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
export function readManifest(raw: LoggedTexts & { manifest: RawJws }): Manifest {
  const encoded = raw.manifest.payload;
  const payloadBytes = decode(encoded);
  const of = exact(canonicalJson(payloadBytes), ["iss", "keys", "log", "prev", "seq", "v"]);
  const read = {
    iss: text(of.iss),
    keys: list(of.keys, serverKey),
    log: text(of.log),
    prev: orNull(of.prev, (prev) => b64u(prev, 32)),
    seq: integer(of.seq, 0, MOST_U32),
  };
  if (of.v !== 1) throw new ShapeError("another version");
  const signatures = raw.manifest.signatures.map((one) => ({
    ...one,
    header: readKeysHeader(one.protected),
  }));
  return { ...readLogged(raw), encoded, payloadBytes, ...read, signatures };
}

function serverKey(value: unknown): ServerKey {
  const of = exact(value, ["alg", "from", "jwk", "kid", "until", "use"]);
  return {
    alg: one(of.alg, ["ES256"]),
    from: integer(of.from, 0),
    jwk: jwk(of.jwk),
    kid: b64u(of.kid, 32),
    until: orNull(of.until, (until) => integer(until, 0)),
    use: one(of.use, ["outcome"]),
  };
}
