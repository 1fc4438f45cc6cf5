// A bundle's document for reading: what was agreed, by whom, when. Nothing here decides; the lines do.

import { encode } from "../crypto/base64url.ts";
import { openDisclosure } from "../crypto/disclosure.ts";
import { sha256 } from "../crypto/hash.ts";
import type { PayloadTerm, SignerRole } from "../crypto/payload.ts";
import type { Bundle } from "./bundle.ts";
import { people, servers } from "./check-signatures.ts";
import { committedBytes } from "./jws.ts";

/** Null where a redacted copy keeps it back. */
type Shown = string | null;

export interface ReadableParty {
  role: SignerRole;
  name: Shown;
  /** Whom they sign for. */
  party: Shown;
  identity: Shown;
  address: Shown;
  /** Milliseconds since 1970, by the signer's header; null if they have not signed. */
  signedAt: number | null;
}

export interface Readable {
  oid: string;
  ver: number;
  issuer: string;
  number: Shown;
  subject: Shown;
  agency: Shown;
  mode: "mediated" | "direct";
  publication: boolean;
  parties: ReadableParty[];
  terms: (Omit<PayloadTerm, "_sd"> & { text: Shown })[];
  sealedAt: number | null;
  /** Half of the hash over the signed bytes: what the letter's QR code carries. */
  fingerprint: string;
}

/** Null for an erased document. */
export async function readable({ outcome }: Bundle): Promise<Readable | null> {
  if (!outcome) return null;
  const { payload } = outcome;
  const said = new Map<string, { name: string; value: string }>();
  for (const encoded of outcome.disclosures) {
    const open = await openDisclosure(encoded).catch(() => null);
    if (open) said.set(open.digest, open);
  }
  const find = (digests: string[], name: string): Shown => {
    const hit = digests.map((digest) => said.get(digest)).find((one) => one?.name === name);
    return hit?.value ?? null;
  };
  const signed = people(outcome);
  const [server] = servers(outcome);
  const bytes = committedBytes(outcome.encoded, outcome.signatures);
  return {
    oid: payload.oid,
    ver: payload.ver,
    issuer: payload.iss,
    number: find(payload._sd, "complaint_number"),
    subject: find(payload._sd, "subject"),
    agency: find(payload._sd, "agency"),
    mode: payload.mode,
    publication: payload.publication,
    parties: payload.parties.map(({ role, jkt, _sd }) => {
      const by = signed.find(({ header }) => header.kid === jkt);
      return {
        role,
        name: find(_sd, "name"),
        party: find(_sd, "party"),
        identity: find(_sd, "identity"),
        address: find(_sd, "address"),
        signedAt: by ? by.header.iat * 1000 : null,
      };
    }),
    terms: payload.terms.map(({ _sd, ...term }) => ({ ...term, text: find(_sd, "text") })),
    sealedAt: server ? server.header.iat * 1000 : null,
    fingerprint: encode((await sha256(bytes)).slice(0, 16)),
  };
}
