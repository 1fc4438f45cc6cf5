// What the verifier trusts, got from somewhere else than the bundle (docs/OUTCOME-FORMAT.md §7).
import { json } from "../crypto/payload.ts";
import { exact, integer, list, ShapeError, text } from "../crypto/shape.ts";
import { type VerifierKey, verifierKey } from "./note.ts";

export interface Policy {
  issuer: string;
  /** The log's key as text, and read. */
  logText: string;
  log: VerifierKey;
  witnesses: VerifierKey[];
  quorum: number;
}

/** Throws ShapeError or EncodingError: a policy that can't be read is no verdict, but a mistake. */
export async function readPolicy(file: Uint8Array): Promise<Policy> {
  if (file.length > 65536) throw new ShapeError("a policy too large");
  const of = exact(json(file), ["v", "issuer", "log", "witnesses", "quorum"]);
  if (of.v !== 1) throw new ShapeError("another version of the policy");
  const logText = text(of.log);
  return {
    issuer: text(of.issuer),
    logText,
    log: await verifierKey(logText, 1),
    witnesses: await Promise.all(list(of.witnesses, (key) => verifierKey(text(key), 4))),
    quorum: integer(of.quorum, 0),
  };
}
