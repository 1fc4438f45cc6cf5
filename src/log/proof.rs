//! A proof that something is in the log (c2sp.org/tlog-proof): its index, the hashes up to the root,
//! and the signed checkpoint that has this root.

use crate::log::checkpoint::{Checkpoint, decimal};
use crate::log::merkle::{self, Hash};
use crate::note::Note;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt;
use std::str::FromStr;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub index: u64,
    pub hashes: Vec<Hash>,
    /// The signed checkpoint, as it was given.
    pub note: Note,
    pub checkpoint: Checkpoint,
}

/// The text is no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a tlog-proof")]
pub struct BadProof;

impl Proof {
    pub fn new(index: u64, hashes: Vec<Hash>, note: Note) -> Result<Self, BadProof> {
        let checkpoint = note.text.parse().map_err(|_| BadProof)?;
        Ok(Self { index, hashes, note, checkpoint })
    }

    /// Whether it shows that the log holds `leaf` at its index. Says nothing about who signed.
    pub fn includes(&self, leaf: &str) -> bool {
        let leaf = merkle::leaf_hash(leaf.as_bytes());
        merkle::is_included(&leaf, self.index, &self.hashes, &self.checkpoint.head)
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}\nindex {}", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}

impl FromStr for Proof {
    type Err = BadProof;
    fn from_str(text: &str) -> Result<Self, BadProof> {
        let (head, note) = text.split_once("\n\n").ok_or(BadProof)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(BadProof);
        }
        if let Some(extra) = lines.peek().and_then(|line| line.strip_prefix("extra ")) {
            STANDARD.decode(extra).map_err(|_| BadProof)?;
            lines.next();
        }
        let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(BadProof)?;
        let index = decimal(index).ok_or(BadProof)?;
        let hashes = lines.map(hash).collect::<Option<Vec<_>>>().ok_or(BadProof)?;
        Self::new(index, hashes, note.parse().map_err(|_| BadProof)?)
    }
}

fn hash(line: &str) -> Option<Hash> {
    STANDARD.decode(line).ok()?.try_into().ok()
}
