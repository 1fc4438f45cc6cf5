//! The log's rows: entries, the head, tiles. All effects of the sequencer on the database are here.

use crate::clock::Time;
use crate::log::edge::{Edge, TileId, complete, partial_tiles};
use crate::log::leaf::Leaf;
use crate::log::merkle::{Hash, Head, Node, cover, empty_root, join};
use crate::store::{StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional};
use std::collections::{BTreeMap, HashMap};

/// An entry's row, before and after it has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub i64);

/// One entry as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub leaf: String,
    /// Gone once what it stood for is erased.
    pub salt: Option<[u8; 32]>,
    pub position: Option<u64>,
}

/// The tree as stored, and what of it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoredHead {
    pub head: Head,
    pub signed_size: u64,
    /// The signed checkpoint; empty before the first.
    pub checkpoint: String,
}

const APPEND: &str = "insert into log_entry (at, leaf, salt) values ($1, $2, $3) returning id";
const ENTRY: &str = "select leaf, salt, position from log_entry where id = $1";
const PENDING: &str = "select id, leaf from log_entry where position is null order by id limit $1";
const NUMBER: &str = "update log_entry set position = $2 where id = $1 and position is null";
const RANGE: &str =
    "select leaf from log_entry where position >= $1 and position < $2 order by position limit 256";
const HEAD: &str = "select size, root, signed_size, checkpoint from log_head where id = 1";
const FIRST_HEAD: &str = "insert into log_head (id, size, root, signed_size, checkpoint) \
    values (1, 0, $1, 0, '') on conflict do nothing";
const SWAP: &str = "update log_head set size = $3, root = $4 where id = 1 and size = $1 and root = $2";
const SIGNED: &str =
    "update log_head set signed_size = $1, checkpoint = $2 where id = 1 and signed_size < $1 and size >= $1";
const TILE: &str = "select hashes from log_tile where level = $1 and number = $2";
const WRITE_TILE: &str = "insert into log_tile (level, number, hashes) values ($1, $2, $3) \
    on conflict (level, number) do update set hashes = excluded.hashes";

/// Writes an entry in the caller's transaction, so that it is in the log if and only if the rest is.
/// It is numbered once the transaction is committed: then call `Log::nudge`.
pub async fn append(tx: &mut Tx, leaf: &Leaf, now: Time) -> Result<EntryId, StoreError> {
    let (id,): (i64,) = fetch_one!(tx, APPEND, now, leaf.text.as_str(), leaf.salt.as_slice())?;
    Ok(EntryId(id))
}

/// Looks an entry up.
pub async fn entry(tx: &mut Tx, id: EntryId) -> Result<Option<Entry>, StoreError> {
    let row: Option<(String, Option<Vec<u8>>, Option<i64>)> = fetch_optional!(tx, ENTRY, id.0)?;
    Ok(row.map(|(leaf, salt, position)| Entry {
        leaf,
        salt: salt.and_then(|salt| salt.try_into().ok()),
        position: position.map(i64::cast_unsigned),
    }))
}

pub(super) async fn head(tx: &mut Tx) -> Result<Option<StoredHead>, StoreError> {
    let row: Option<(i64, Vec<u8>, i64, String)> = fetch_optional!(tx, HEAD)?;
    Ok(row.map(|(size, root, signed_size, checkpoint)| StoredHead {
        head: Head { size: size.cast_unsigned(), root: hash(&root) },
        signed_size: signed_size.cast_unsigned(),
        checkpoint,
    }))
}

pub(super) async fn first_head(tx: &mut Tx) -> Result<(), StoreError> {
    execute!(tx, FIRST_HEAD, empty_root().as_slice()).map(|_| ())
}

/// Remembers a checkpoint as signed. It never replaces a newer one.
pub(super) async fn signed(tx: &mut Tx, size: u64, checkpoint: &str) -> Result<(), StoreError> {
    execute!(tx, SIGNED, size.cast_signed(), checkpoint).map(|_| ())
}

/// Whether entries wait for a number.
pub(super) async fn is_waiting(tx: &mut Tx) -> Result<bool, StoreError> {
    let pending: Vec<(i64, String)> = fetch_all!(tx, PENDING, 1_i64)?;
    Ok(!pending.is_empty())
}

/// What one round of numbering did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbered {
    /// Nothing waited.
    Nothing,
    /// So many entries have a number now.
    Entries(usize),
    /// Somebody else moved the head: undo this transaction and look again.
    Lost,
}

/// Gives the next `limit` entries their numbers and moves the head from where it stands.
pub(super) async fn number(tx: &mut Tx, limit: usize) -> Result<Numbered, StoreError> {
    let pending: Vec<(i64, String)> = fetch_all!(tx, PENDING, limit.cast_signed() as i64)?;
    if pending.is_empty() {
        return Ok(Numbered::Nothing);
    }
    let Some(StoredHead { head: old, .. }) = head(tx).await? else { return Ok(Numbered::Lost) };
    let mut edge = edge(tx, old.size).await?;
    let mut tiles = BTreeMap::new();
    for (id, leaf) in &pending {
        let position = edge.size().cast_signed();
        if execute!(tx, NUMBER, id, position)? != 1 {
            return Ok(Numbered::Lost);
        }
        edge.push(super::merkle::leaf_hash(leaf.as_bytes()), &mut tiles);
    }
    for (id, hashes) in tiles {
        execute!(tx, WRITE_TILE, i64::from(id.level), id.number.cast_signed(), hashes.concat())?;
    }
    let new = edge.head();
    let moved = execute!(
        tx,
        SWAP,
        old.size.cast_signed(),
        old.root.as_slice(),
        new.size.cast_signed(),
        new.root.as_slice()
    )?;
    Ok(if moved == 1 { Numbered::Entries(pending.len()) } else { Numbered::Lost })
}

async fn edge(tx: &mut Tx, size: u64) -> Result<Edge, StoreError> {
    let mut levels = Vec::new();
    for (id, width) in partial_tiles(size) {
        // A level whose last tile is full has no partial one: nothing of it is read.
        let hashes = if width == 0 { Some(Vec::new()) } else { tile(tx, id, width).await? };
        levels.push(hashes.ok_or_else(damaged)?);
    }
    Ok(Edge::new(size, levels))
}

/// The first `width` hashes of a tile, if it has so many.
pub(super) async fn tile(tx: &mut Tx, id: TileId, width: usize) -> Result<Option<Vec<Hash>>, StoreError> {
    let row: Option<(Vec<u8>,)> = fetch_optional!(tx, TILE, i64::from(id.level), id.number.cast_signed())?;
    let hashes = row.map(|(bytes,)| bytes.chunks_exact(32).take(width).map(hash).collect::<Vec<_>>());
    Ok(hashes.filter(|hashes| hashes.len() == width))
}

/// The leaves from `from` up to `to`, at most 256.
pub(super) async fn leaves(tx: &mut Tx, from: u64, to: u64) -> Result<Vec<String>, StoreError> {
    let rows: Vec<(String,)> = fetch_all!(tx, RANGE, from.cast_signed(), to.cast_signed())?;
    Ok(rows.into_iter().map(|(leaf,)| leaf).collect())
}

/// Hashes anywhere in the stored tree, by way of its tiles: a proof reads a few of them, never the tree.
pub(super) struct Tree<'a> {
    tx: &'a mut Tx,
    tiles: HashMap<TileId, Vec<Hash>>,
}

impl<'a> Tree<'a> {
    pub fn new(tx: &'a mut Tx) -> Self {
        Self { tx, tiles: HashMap::new() }
    }

    /// The root over each run of leaves.
    pub async fn roots(&mut self, runs: &[(u64, u64)]) -> Result<Vec<Hash>, StoreError> {
        let mut roots = Vec::new();
        for (from, to) in runs {
            let mut nodes = Vec::new();
            for node in cover(*from, *to) {
                nodes.push(self.node(node).await?);
            }
            roots.push(join(&nodes));
        }
        Ok(roots)
    }

    async fn node(&mut self, node: Node) -> Result<Hash, StoreError> {
        let (level, height) = (node.level / 8, node.level % 8);
        let first = node.index << height;
        let id = TileId { level, number: first >> 8 };
        let (from, count) = ((first & 0xff) as usize, 1_usize << height);
        if self.tiles.get(&id).is_none_or(|hashes| hashes.len() < from + count) {
            let row: Option<(Vec<u8>,)> =
                fetch_optional!(self.tx, TILE, i64::from(id.level), id.number.cast_signed())?;
            let hashes: Vec<Hash> =
                row.map(|(bytes,)| bytes.chunks_exact(32).map(hash).collect()).unwrap_or_default();
            self.tiles.insert(id, hashes);
        }
        let hashes = self.tiles.get(&id).and_then(|hashes| hashes.get(from..from + count));
        hashes.map(complete).ok_or_else(damaged)
    }
}

fn hash(bytes: &[u8]) -> Hash {
    bytes.try_into().unwrap_or_default()
}

fn damaged() -> StoreError {
    StoreError::Broken(sqlx::Error::RowNotFound)
}
