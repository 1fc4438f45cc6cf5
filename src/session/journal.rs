//! The session's journal: an append-only list of events under a Merkle tree (OUTCOME.md).
//!
//! An event's public part names people by opaque ids only. Names and words live, with their salt, in
//! an erasable table and enter the tree as a commitment. What is said or seen is never an event.

use super::view::Head;
use crate::canon;
use crate::clock::Time;
use crate::ids::SessionId;
use crate::log::merkle::{self, Frontier};
use crate::random::Random;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The tree's right edge; enough to append and to tell the root.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Journal(Frontier);

/// One event as it is stored. `bytes` is what the leaf is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub seq: u64,
    pub bytes: Vec<u8>,
    pub private: Option<Private>,
}

/// What happened: its kind, what everyone may know, and what enters as a commitment.
pub(super) type Event = (&'static str, Value, Option<Value>);

/// The erasable part of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Private {
    pub salt: [u8; 32],
    /// Canonical JSON.
    pub value: Vec<u8>,
}

impl Journal {
    pub fn head(&self) -> Head {
        self.0.head().into()
    }

    /// Appends an event of `session` by `actor` (a person's id, or `server`).
    pub(super) fn append(
        &mut self,
        session: &SessionId,
        now: Time,
        random: &Random,
        actor: &str,
        (kind, public, private): Event,
    ) -> Entry {
        let private = private.map(|value| Private { salt: random.bytes(), value: canon::bytes(&value) });
        let seq = self.0.size();
        let event = json!({
            "session": session,
            "seq": seq,
            "at": now,
            "actor": actor,
            "kind": kind,
            "public": public,
            "private_commitment": private.as_ref().map(|private| URL_SAFE_NO_PAD.encode(private.commitment())),
        });
        let bytes = canon::bytes(&event);
        self.0.push(leaf(&bytes));
        Entry { seq, bytes, private }
    }
}

/// The tree's leaf for an event's stored bytes.
pub fn leaf(bytes: &[u8]) -> [u8; 32] {
    merkle::leaf_hash(&[b"med-ev/v1\0".as_slice(), bytes].concat())
}

impl Private {
    /// SHA-256 of a label, the salt and the value.
    pub fn commitment(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"med-priv/v1\0");
        hash.update(self.salt);
        hash.update(&self.value);
        hash.finalize().into()
    }
}
