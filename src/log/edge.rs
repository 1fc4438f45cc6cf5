//! The growing edge of the log: the tiles that are not full yet, and the hashes they hold.
//!
//! Pure. Tile `(level, number)` holds up to 256 hashes, each over 256^level leaves (c2sp.org/tlog-tiles).

use crate::log::merkle::{Frontier, Hash, Head, node_hash};
use std::collections::BTreeMap;

/// Hashes in a full tile.
pub const WIDTH: usize = 256;

/// Where a tile stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    pub level: u8,
    pub number: u64,
}

/// For each level the hashes of its last, partial tile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

/// The partial tile of each level in a tree of `size`, and how many hashes it holds.
pub fn partial_tiles(size: u64) -> Vec<(TileId, usize)> {
    let levels = (0_u8..8).take_while(|level| size >> (8 * level) > 0);
    levels
        .map(|level| {
            let hashes = size >> (8 * level);
            (TileId { level, number: hashes >> 8 }, (hashes & 0xff) as usize)
        })
        .collect()
}

impl Edge {
    /// From the hashes of each level's partial tile, as [`partial_tiles`] counts them.
    pub fn new(size: u64, levels: Vec<Vec<Hash>>) -> Self {
        Self { size, levels }
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash; tiles that changed go to `changed`, whole.
    pub fn push(&mut self, leaf: Hash, changed: &mut BTreeMap<TileId, Vec<Hash>>) {
        let mut hash = leaf;
        for level in 0_u8.. {
            let at = usize::from(level);
            if self.levels.len() == at {
                self.levels.push(Vec::new());
            }
            let number = self.size >> (8 * (u32::from(level) + 1));
            let tile = &mut self.levels[at];
            tile.push(hash);
            changed.insert(TileId { level, number }, tile.clone());
            if tile.len() < WIDTH {
                break;
            }
            hash = complete(tile);
            tile.clear();
        }
        self.size += 1;
    }

    pub fn head(&self) -> Head {
        let subtrees = self.levels.iter().rev().flat_map(|tile| subtrees(tile)).collect();
        let frontier = Frontier::from_subtrees(self.size, subtrees);
        frontier.expect("one complete subtree for each bit of the size").head()
    }
}

/// The root over a power of two of neighbouring hashes.
pub fn complete(hashes: &[Hash]) -> Hash {
    match hashes {
        [one] => *one,
        many => {
            let (left, right) = many.split_at(many.len() / 2);
            node_hash(&complete(left), &complete(right))
        }
    }
}

/// The complete subtrees over a partial tile's hashes, largest first.
fn subtrees(mut hashes: &[Hash]) -> Vec<Hash> {
    let mut roots = Vec::new();
    while !hashes.is_empty() {
        let (left, rest) = hashes.split_at(1 << hashes.len().ilog2());
        roots.push(complete(left));
        hashes = rest;
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::merkle::leaf_hash;

    #[test]
    fn the_edge_has_the_root_of_the_tree_at_every_size() {
        let (mut edge, mut frontier, mut tiles) = (Edge::default(), Frontier::new(), BTreeMap::new());
        for n in 0..66_000_u32 {
            let leaf = leaf_hash(&n.to_be_bytes());
            frontier.push(leaf);
            edge.push(leaf, &mut tiles);
            if n % 997 == 0 || n % 256 > 253 || n % 256 < 2 {
                assert_eq!(edge.head(), frontier.head());
            }
        }
        let levels = partial_tiles(66_000)
            .into_iter()
            .map(|(id, width)| tiles.get(&id).map_or_else(Vec::new, |hashes| hashes[..width].to_vec()));
        assert_eq!(Edge::new(66_000, levels.collect()), edge);
        assert_eq!(tiles.values().filter(|tile| tile.len() == WIDTH).count(), 66_000 / 256 + 1);
    }
}
