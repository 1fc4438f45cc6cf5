//! The Merkle tree of RFC 6962 §2.1: hashes, the growing right edge, and checks of proofs.
//!
//! Pure. The public log, the session's journal and the verifier stand on it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub type Hash = [u8; 32];

/// H(0x00 ‖ leaf).
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update([0]);
    hash.update(leaf);
    hash.finalize().into()
}

/// H(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

/// The root of a tree without leaves.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// How many leaves a tree has, and the root over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub size: u64,
    pub root: Hash,
}

/// A tree's right edge: the roots of its complete subtrees, largest first. Enough to grow it and to
/// tell its root; 64 hashes at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Frontier {
    pub fn new() -> Self {
        Self::default()
    }

    /// From the roots of the complete subtrees of `size` leaves, largest first: one per bit of `size`.
    pub fn from_subtrees(size: u64, subtrees: Vec<Hash>) -> Option<Self> {
        (subtrees.len() == size.count_ones() as usize).then_some(Self { size, subtrees })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        let mut before = self.size;
        while before & 1 == 1 {
            let left = self.subtrees.pop().expect("a subtree for each bit of the size");
            node = node_hash(&left, &node);
            before >>= 1;
        }
        self.subtrees.push(node);
        self.size += 1;
    }

    pub fn root(&self) -> Hash {
        let mut right_to_left = self.subtrees.iter().rev();
        let Some(last) = right_to_left.next() else { return empty_root() };
        right_to_left.fold(*last, |right, left| node_hash(left, &right))
    }

    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root() }
    }
}

/// How a frontier is kept in JSON.
#[derive(Serialize, Deserialize)]
struct Stored {
    size: u64,
    subtrees: Vec<String>,
}

impl From<Frontier> for Stored {
    fn from(frontier: Frontier) -> Self {
        let subtrees = frontier.subtrees.iter().map(|hash| URL_SAFE_NO_PAD.encode(hash)).collect();
        Self { size: frontier.size, subtrees }
    }
}

impl TryFrom<Stored> for Frontier {
    type Error = &'static str;
    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let hash = |text: &String| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok();
        let subtrees: Option<Vec<Hash>> = stored.subtrees.iter().map(hash).collect();
        Self::from_subtrees(stored.size, subtrees.ok_or("a subtree is no hash")?)
            .ok_or("the number of subtrees does not fit the size")
    }
}

/// Whether `proof` shows that `leaf` is number `index` of the tree `head` (RFC 9162 §2.1.3.2).
pub fn is_included(leaf: &Hash, index: u64, proof: &[Hash], head: &Head) -> bool {
    if index >= head.size {
        return false;
    }
    let (mut at, mut last, mut node) = (index, head.size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            node = node_hash(sibling, &node);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            node = node_hash(&node, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && node == head.root
}

/// Whether `proof` shows that the tree `old` is the beginning of the tree `new` (RFC 9162 §2.1.4.2).
pub fn is_consistent(old: &Head, new: &Head, proof: &[Hash]) -> bool {
    if old.size == 0 || old.size > new.size {
        return false;
    }
    if old.size == new.size {
        return proof.is_empty() && old.root == new.root;
    }
    let mut rest = proof.iter();
    let first = if old.size.is_power_of_two() { Some(&old.root) } else { rest.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (old.size - 1, new.size - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old_node, mut new_node) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            old_node = node_hash(sibling, &old_node);
            new_node = node_hash(sibling, &new_node);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new_node = node_hash(&new_node, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old_node == old.root && new_node == new.root
}

/// A run of leaves whose root a proof needs: `2^level` of them, from leaf `index · 2^level` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    pub level: u8,
    pub index: u64,
}

/// The complete subtrees that make up the leaves `from..to`, largest first; `from` is aligned, as it is
/// in every RFC 6962 recursion.
pub fn cover(from: u64, to: u64) -> Vec<Node> {
    let (mut from, mut nodes) = (from, Vec::new());
    while from < to {
        let level = u8::try_from((to - from).ilog2()).expect("at most 63");
        nodes.push(Node { level, index: from >> level });
        from += 1 << level;
    }
    nodes
}

/// The runs of leaves whose roots prove leaf `index` in a tree of `size`, leaf's sibling first.
pub fn inclusion_ranges(index: u64, size: u64) -> Vec<(u64, u64)> {
    let (mut from, mut to, mut ranges) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + split(to - from);
        if index < middle {
            ranges.push((middle, to));
            to = middle;
        } else {
            ranges.push((from, middle));
            from = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The runs of leaves whose roots prove that the tree of `old` leaves begins the one of `new` (RFC 6962 §2.1.2).
pub fn consistency_ranges(old: u64, new: u64) -> Vec<(u64, u64)> {
    let (mut from, mut to, mut ranges) = (0, new, Vec::new());
    while old != to {
        let middle = from + split(to - from);
        if old <= middle {
            ranges.push((middle, to));
            to = middle;
        } else {
            ranges.push((from, middle));
            from = middle;
        }
    }
    if from > 0 {
        ranges.push((from, to));
    }
    ranges.reverse();
    ranges
}

/// The root over neighbouring complete subtrees, largest first.
pub fn join(nodes: &[Hash]) -> Hash {
    let mut right_to_left = nodes.iter().rev();
    let Some(last) = right_to_left.next() else { return empty_root() };
    right_to_left.fold(*last, |right, left| node_hash(left, &right))
}

/// The largest power of two below `leaves`, which is at least 2.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    /// RFC 6962 §2.1, written as it is written there.
    fn root_of(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [one] => *one,
            many => {
                let (left, right) = many.split_at(split(many.len() as u64) as usize);
                node_hash(&root_of(left), &root_of(right))
            }
        }
    }

    fn roots(leaves: &[Hash], ranges: &[(u64, u64)]) -> Vec<Hash> {
        ranges.iter().map(|(from, to)| root_of(&leaves[*from as usize..*to as usize])).collect()
    }

    #[test]
    fn the_edge_gives_the_root_of_the_whole() {
        let all = leaves(70);
        let mut edge = Frontier::new();
        for (n, leaf) in all.iter().enumerate() {
            assert_eq!(edge.root(), root_of(&all[..n]));
            edge.push(*leaf);
        }
        let kept = serde_json::to_string(&edge).unwrap();
        assert_eq!(serde_json::from_str::<Frontier>(&kept).unwrap(), edge);
        assert!(serde_json::from_str::<Frontier>("{\"size\":3,\"subtrees\":[]}").is_err());
    }

    #[test]
    fn the_empty_root_is_the_one_of_the_standard() {
        assert_eq!(
            URL_SAFE_NO_PAD.encode(Frontier::new().root()),
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
        );
    }

    #[test]
    fn every_leaf_of_every_size_is_proved_and_no_other() {
        let all = leaves(33);
        for size in 1..=33 {
            let head = Head { size, root: root_of(&all[..size as usize]) };
            for index in 0..size {
                let proof = roots(&all, &inclusion_ranges(index, size));
                assert!(is_included(&all[index as usize], index, &proof, &head));
                assert!(!is_included(&all[(index as usize + 1) % 33], index, &proof, &head));
                assert!(!is_included(&all[index as usize], index + 1, &proof, &head) || size == 1);
                let longer = [proof.as_slice(), &[all[0]]].concat();
                assert!(!is_included(&all[index as usize], index, &longer, &head));
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(!is_included(&all[index as usize], index, shorter, &head));
                }
            }
        }
    }

    #[test]
    fn every_size_continues_every_smaller_one_and_no_other() {
        let all = leaves(33);
        let other = leaf_hash(b"other");
        for new in 1..=33_u64 {
            let now = Head { size: new, root: root_of(&all[..new as usize]) };
            for old in 1..=new {
                let then = Head { size: old, root: root_of(&all[..old as usize]) };
                let proof = roots(&all, &consistency_ranges(old, new));
                assert!(is_consistent(&then, &now, &proof), "{old} {new}");
                assert!(!is_consistent(&Head { root: other, ..then }, &now, &proof));
                assert!(!is_consistent(&then, &Head { root: other, ..now }, &proof));
                let longer = [proof.as_slice(), &[other]].concat();
                assert!(!is_consistent(&then, &now, &longer));
            }
        }
    }

    #[test]
    fn runs_are_covered_by_complete_subtrees() {
        let all = leaves(21);
        for to in 1..=21_u64 {
            let nodes: Vec<_> = cover(0, to)
                .iter()
                .map(|n| root_of(&all[(n.index << n.level) as usize..((n.index + 1) << n.level) as usize]))
                .collect();
            assert_eq!(join(&nodes), root_of(&all[..to as usize]));
        }
    }
}
