// What can be checked of an outcome that is not public: that its commitment is in the log.
import { readLeaf } from "./leaf.ts";
import { includes, leafHash } from "./merkle.ts";
import { cosignedAt, linesOf, logSigned, type Proof, readProof } from "./note.ts";
import type { Policy } from "./policy.ts";

export interface Commitment {
  /** The commitment is in the log's tree, under a head that the log has signed. */
  holds: boolean;
  proof: Proof;
  cosigned: number;
}

/** Throws where leaf or proof can't be read. */
export async function checkCommitment(leaf: string, proof: string, policy: Policy): Promise<Commitment> {
  const read = readProof(proof);
  const { checkpoint, index, path } = read;
  const { bytes, t } = readLeaf(leaf);
  const lines = linesOf(checkpoint, policy.log);
  const signed =
    checkpoint.origin === policy.log.name &&
    lines.length > 0 &&
    (await Promise.all(lines.map((line) => logSigned(checkpoint, policy.log, line)))).every(Boolean);
  const inside = await includes(await leafHash(bytes), index, checkpoint.size, path, checkpoint.root);
  let cosigned = 0;
  for (const witness of policy.witnesses) {
    const times = linesOf(checkpoint, witness).map((line) => cosignedAt(checkpoint, witness, line));
    if ((await Promise.all(times)).some((at) => at !== null)) cosigned += 1;
  }
  return { holds: t === "outcome" && signed && inside && cosigned >= policy.quorum, proof: read, cosigned };
}
