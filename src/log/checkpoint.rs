//! A checkpoint (c2sp.org/tlog-checkpoint): the log's name, size and root, as the text that is signed.

use crate::log::merkle::Head;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub origin: String,
    pub head: Head,
}

/// The text is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint")]
pub struct BadCheckpoint;

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.head.size, STANDARD.encode(self.head.root))
    }
}

impl FromStr for Checkpoint {
    type Err = BadCheckpoint;
    /// Extension lines are allowed, and signed, but mean nothing here.
    fn from_str(text: &str) -> Result<Self, BadCheckpoint> {
        let text = text.strip_suffix('\n').ok_or(BadCheckpoint)?;
        let mut lines = text.split('\n');
        let mut next = || lines.next().filter(|line| !line.is_empty()).ok_or(BadCheckpoint);
        let (origin, size, root) = (next()?, next()?, next()?);
        if lines.any(str::is_empty) {
            return Err(BadCheckpoint);
        }
        let root = STANDARD.decode(root).map_err(|_| BadCheckpoint)?;
        let head = Head {
            size: decimal(size).ok_or(BadCheckpoint)?,
            root: root.try_into().map_err(|_| BadCheckpoint)?,
        };
        Ok(Self { origin: origin.to_owned(), head })
    }
}

/// A number without sign or leading zeros, at most 2^53 − 1, so that every implementation reads it alike.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text && number < 1 << 53).then_some(number)
}
