//! The session's journal: an append-only list of events under a Merkle tree (OUTCOME.md).
//!
//! An event's public part names people by opaque ids only. Names and words live, with their salt, in
//! an erasable table and enter the tree as a commitment. What is said or seen is never an event.

use super::state::State;
use super::step::{Actor, Context};
use super::view::Head;
use crate::canon;
use crate::log::merkle::{self, Frontier};
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

    /// Appends an event to `state`'s journal.
    pub(super) fn entry(
        state: &mut State,
        context: &Context<'_>,
        actor: Actor<'_>,
        kind: &'static str,
        public: Value,
        private: Option<Value>,
    ) -> Entry {
        let private =
            private.map(|value| Private { salt: context.random.bytes(), value: canon::bytes(&value) });
        let seq = state.journal.0.size();
        let event = json!({
            "session": state.id,
            "seq": seq,
            "at": context.now,
            "actor": match actor { Actor::Person(id) => id.as_str(), Actor::Server => "server" },
            "kind": kind,
            "public": public,
            "private_commitment": private.as_ref().map(|private| URL_SAFE_NO_PAD.encode(private.commitment())),
        });
        let bytes = canon::bytes(&event);
        state.journal.0.push(leaf(&bytes));
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
