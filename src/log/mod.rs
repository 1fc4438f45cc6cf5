//! The public log: a Merkle tree of commitments that anybody can follow and nobody can rewrite.
//!
//! C2SP's tlog-tiles, tlog-checkpoint, signed-note and tlog-proof, unmodified. A domain writes a
//! [`Leaf`] by [`append`] in its own transaction; the sequencer behind [`Log`] numbers it, signs a
//! checkpoint and only then lets it be seen; [`Resource`]s are what the edge serves below `/log/`.

pub mod checkpoint;
pub mod edge;
pub mod leaf;
pub mod merkle;
pub mod proof;
mod read;
mod records;
mod sequencer;

pub use leaf::{Leaf, LeafKind};
pub use read::Resource;
pub use records::{Entry, EntryId, append, entry};
pub use sequencer::{Log, LogError, Published};
