// Merkle trees of RFC 6962, from the verifying side: a leaf is in a tree, a tree has grown from another.
// Sizes go up to 2^53, so halving is by division, not by shifting.
import { type Bytes, concat, equal } from "../crypto/base64url.ts";
import { sha256 } from "../crypto/hash.ts";

export function leafHash(leaf: Uint8Array): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(0), leaf));
}

function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Bytes> {
  return sha256(concat(Uint8Array.of(1), left, right));
}

const half = (n: number) => Math.floor(n / 2);
const odd = (n: number) => n % 2 === 1;

/** RFC 9162 §2.1.3.2. */
export async function includes(
  leaf: Bytes,
  index: number,
  size: number,
  path: Bytes[],
  root: Bytes,
): Promise<boolean> {
  if (index >= size) return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const step of path) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      hash = await nodeHash(step, hash);
      while (!odd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = await nodeHash(hash, step);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(hash, root);
}

/** RFC 9162 §2.1.4.2: the tree of `size` began with the tree of `before`, which is at least 1. */
export async function grewFrom(
  before: number,
  size: number,
  path: Bytes[],
  rootBefore: Bytes,
  root: Bytes,
): Promise<boolean> {
  if (before < 1 || before > size) return false;
  if (before === size) return path.length === 0 && equal(rootBefore, root);
  let [at, last] = [before - 1, size - 1];
  while (odd(at)) [at, last] = [half(at), half(last)];
  // At a complete tree the path begins with that tree's own root, which is not sent.
  const steps = at === 0 ? [rootBefore, ...path] : path;
  const [first, ...rest] = steps;
  if (!first || path.length === 0) return false;
  let [old, now] = [first, first];
  for (const step of rest) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      old = await nodeHash(step, old);
      now = await nodeHash(step, now);
      while (!odd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else now = await nodeHash(now, step);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && equal(old, rootBefore) && equal(now, root);
}

/** The root over these leaf hashes (RFC 6962 §2.1). */
export async function treeRoot(leaves: Bytes[]): Promise<Bytes> {
  if (leaves.length === 0) return sha256(new Uint8Array(0));
  const [only] = leaves;
  if (leaves.length === 1 && only) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(await treeRoot(leaves.slice(0, split)), await treeRoot(leaves.slice(split)));
}
