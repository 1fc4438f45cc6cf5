// Merkle trees against the known roots of Certificate Transparency's own test data.
import { expect, test } from "vitest";
import type { Bytes } from "../../src/crypto/base64url";
import { grewFrom, includes, leafHash, treeRoot } from "../../src/verify/merkle";

const hex = (text: string): Bytes =>
  Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
const LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map(hex);

test("roots, inclusion and growth", async () => {
  const hashes = await Promise.all(LEAVES.map(leafHash));
  const roots = await Promise.all(hashes.map((_, i) => treeRoot(hashes.slice(0, i + 1))));
  const [one, , , , , , , eight] = roots;
  if (!one || !eight) throw new Error("no roots");
  expect(one).toEqual(hex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));
  expect(eight).toEqual(hex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"));

  const [first, second] = hashes;
  const path = [second, await treeRoot(hashes.slice(2, 4)), await treeRoot(hashes.slice(4))] as Bytes[];
  expect(await includes(first as Bytes, 0, 8, path, eight)).toBe(true);
  expect(await includes(second as Bytes, 0, 8, path, eight)).toBe(false);
  expect(await includes(first as Bytes, 1, 8, path, eight)).toBe(false);
  expect(await includes(first as Bytes, 0, 8, path.slice(1), eight)).toBe(false);

  const growth = [await treeRoot(hashes.slice(4))];
  expect(await grewFrom(4, 8, growth, roots[3] as Bytes, eight)).toBe(true);
  expect(await grewFrom(4, 8, growth, one, eight)).toBe(false);
  expect(await grewFrom(8, 4, growth, eight, roots[3] as Bytes)).toBe(false);
  expect(await grewFrom(8, 8, [], eight, eight)).toBe(true);
});
