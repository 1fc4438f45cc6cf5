// A key's name: the thumbprint of RFC 7638, SHA-256 over the required members alone.

import { canonBytes } from "./canon.ts";
import { sha256Text } from "./hash.ts";

/** A public P-256 key, and nothing else. */
export interface PublicJwk {
  kty: "EC";
  crv: "P-256";
  x: string;
  y: string;
}

export function thumbprint(jwk: PublicJwk): Promise<string> {
  const { crv, kty, x, y } = jwk;
  return sha256Text(canonBytes({ crv, kty, x, y }));
}

/** A copy with the public members only; null where this is no P-256 key. */
export function publicPart(jwk: unknown): PublicJwk | null {
  const { kty, crv, x, y } = (jwk ?? {}) as Record<string, unknown>;
  if (kty !== "EC" || crv !== "P-256" || typeof x !== "string" || typeof y !== "string") return null;
  return { kty, crv, x, y };
}
