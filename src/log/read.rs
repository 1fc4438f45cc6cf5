//! What anybody may read of the log: the checkpoint, tiles, entry bundles (c2sp.org/tlog-tiles), proofs.

use crate::log::edge::{TileId, WIDTH};
use crate::log::merkle::{Hash, consistency_ranges, inclusion_ranges};
use crate::log::proof::Proof;
use crate::log::records::{self, Tree};
use crate::log::sequencer::{Log, LogError, Published};

/// A path below the log's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// `checkpoint`
    Checkpoint,
    /// `tile/LEVEL/NUMBER[.p/WIDTH]`
    Tile(TileId, usize),
    /// `tile/entries/NUMBER[.p/WIDTH]`
    Entries(u64, usize),
}

impl Resource {
    /// Whether it never changes: everything but the checkpoint.
    pub fn is_immutable(self) -> bool {
        self != Self::Checkpoint
    }

    pub fn parse(path: &str) -> Option<Self> {
        if path == "checkpoint" {
            return Some(Self::Checkpoint);
        }
        let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => {
                (number, whole(width).filter(|width| (1..WIDTH as u64).contains(width))?)
            }
            None => (rest, WIDTH as u64),
        };
        let (number, width) = (tile_number(number)?, width as usize);
        if kind == "entries" {
            return Some(Self::Entries(number, width));
        }
        let level = whole(kind).filter(|level| *level < 8)? as u8;
        Some(Self::Tile(TileId { level, number }, width))
    }
}

/// `x001/x234/067` is 1,234,067.
fn tile_number(text: &str) -> Option<u64> {
    let mut number = 0_u64;
    let mut groups = text.split('/').peekable();
    while let Some(group) = groups.next() {
        let digits = if groups.peek().is_some() { group.strip_prefix('x')? } else { group };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        number = number.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    // 2^53 leaves at most; and a leading `x000/` is another spelling of the same tile.
    (number < 1 << 45 && !text.starts_with("x000")).then_some(number)
}

fn whole(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl Log {
    /// The bytes of a resource, as far as the newest signed checkpoint reaches.
    pub async fn resource(&self, resource: Resource) -> Result<Option<Vec<u8>>, LogError> {
        let Some(published) = self.published() else { return Ok(None) };
        let size = published.checkpoint.head.size;
        match resource {
            Resource::Checkpoint => Ok(Some(published.note.to_string().into_bytes())),
            Resource::Tile(id, width) => {
                let end = ((id.number << 8) + width as u64).checked_mul(1 << (8 * u32::from(id.level)));
                if end.is_none_or(|end| end > size) {
                    return Ok(None);
                }
                let mut tx = self.store().read().await?;
                Ok(records::tile(&mut tx, id, width).await?.map(|hashes| hashes.concat()))
            }
            Resource::Entries(number, width) => {
                let (from, to) = (number << 8, (number << 8) + width as u64);
                if to > size {
                    return Ok(None);
                }
                let mut tx = self.store().read().await?;
                let leaves = records::leaves(&mut tx, from, to).await?;
                Ok(Some(leaves.iter().flat_map(|leaf| entry(leaf)).collect()))
            }
        }
    }

    /// Proves that number `index` is in the tree of `published`.
    pub async fn proof(&self, published: &Published, index: u64) -> Result<Option<Proof>, LogError> {
        let size = published.checkpoint.head.size;
        if index >= size {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        let hashes = Tree::new(&mut tx).roots(&inclusion_ranges(index, size)).await?;
        let (note, checkpoint) = (published.note.clone(), published.checkpoint.clone());
        Ok(Some(Proof { index, hashes, note, checkpoint }))
    }

    /// Proves that the tree of `old` entries begins that of `published`; `None` where it can't.
    pub async fn consistency(&self, published: &Published, old: u64) -> Result<Option<Vec<Hash>>, LogError> {
        let size = published.checkpoint.head.size;
        if old == 0 || old > size {
            return Ok(None);
        }
        let mut tx = self.store().read().await?;
        Ok(Some(Tree::new(&mut tx).roots(&consistency_ranges(old, size)).await?))
    }
}

/// An entry in an entry bundle: its length in two bytes, then itself.
fn entry(leaf: &str) -> Vec<u8> {
    let length = u16::try_from(leaf.len()).expect("a leaf is short");
    [length.to_be_bytes().as_slice(), leaf.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_spelling() {
        let tile = |level, number, width| Some(Resource::Tile(TileId { level, number }, width));
        assert_eq!(Resource::parse("checkpoint"), Some(Resource::Checkpoint));
        assert_eq!(Resource::parse("tile/0/000"), tile(0, 0, 256));
        assert_eq!(Resource::parse("tile/1/x001/x234/067.p/8"), tile(1, 1_234_067, 8));
        assert_eq!(Resource::parse("tile/entries/012.p/255"), Some(Resource::Entries(12, 255)));
        for bad in [
            "",
            "tile/0/0",
            "tile/8/000",
            "tile/00/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/08",
            "tile/0/x000/001",
            "tile/0/001/002",
            "tile/0/x001",
            "tile/0/+01",
            "tile/entries/../000",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
            "tile/-1/000",
        ] {
            assert_eq!(Resource::parse(bad), None, "{bad}");
        }
    }
}
