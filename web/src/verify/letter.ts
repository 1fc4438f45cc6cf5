// What a letter's QR code says, and whether a document or the log agrees with it
// (docs/OUTCOME-FORMAT.md §9). The fragment stays in the browser.
import { encode } from "../crypto/base64url.ts";
import type { Checkpoint } from "./note.ts";

/** From `#HASH.SIZE.ROOT`. */
export interface LetterCode {
  fingerprint: string;
  size: number;
  rootPrefix: string;
}

/** `agrees` or `differs`; `other_head`: the log has another size now, so its head can't be held against it. */
export type Agreement = "agrees" | "differs" | "other_head";

/** Null where the address carries no such code. */
export function letterCode(hash: string): LetterCode | null {
  const hit = /^#([\w-]{22})\.(\d{1,15})\.([\w-]{11})$/.exec(hash);
  return hit ? { fingerprint: hit[1] ?? "", size: Number(hit[2]), rootPrefix: hit[3] ?? "" } : null;
}

export function documentAgrees(code: LetterCode, fingerprint: string): Agreement {
  return code.fingerprint === fingerprint ? "agrees" : "differs";
}

export function headAgrees(code: LetterCode, checkpoint: Checkpoint): Agreement {
  if (checkpoint.size < code.size) return "differs";
  if (checkpoint.size !== code.size) return "other_head";
  return encode(checkpoint.root.slice(0, 8)) === code.rootPrefix ? "agrees" : "differs";
}
