//! A leaf of the public log: what kind of thing was committed to, and a salted commitment to its bytes.
//!
//! Always true: a leaf tells nothing about what it stands for to somebody without salt and bytes, and
//! once they are deleted nothing ever will.

use crate::canon;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeafKind {
    /// A signed outcome.
    Outcome,
    /// A key manifest.
    Key,
    /// The last journal head of a session.
    Journal,
    /// An outcome was erased.
    Erase,
    /// A term was performed.
    Performance,
}

/// An entry before it has a place in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    pub kind: LeafKind,
    pub salt: [u8; 32],
    /// The canonical JSON that the tree holds.
    pub text: String,
}

/// A leaf's members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafText {
    /// The commitment, base64url.
    pub c: String,
    pub t: LeafKind,
}

impl Leaf {
    /// Commits to `bytes` under a fresh `salt`.
    pub fn new(kind: LeafKind, bytes: &[u8], salt: [u8; 32]) -> Self {
        let leaf = LeafText { c: commitment(bytes, &salt), t: kind };
        let text = String::from_utf8(canon::bytes(&leaf)).expect("canonical JSON is UTF-8");
        Self { kind, salt, text }
    }
}

impl Leaf {
    /// Commits to where a session's journal ended. `session` and `root` are base64url.
    pub fn journal_end(session: &str, size: u64, root: &str, salt: [u8; 32]) -> Self {
        let record = json!({ "journal": { "root": root, "size": size }, "session": session, "v": 1 });
        Self::new(LeafKind::Journal, &canon::bytes(&record), salt)
    }
}

impl LeafText {
    /// A leaf's text must be its own canonical form.
    pub fn parse(text: &str) -> Option<Self> {
        let leaf: Self = serde_json::from_value(canon::parse(text.as_bytes()).ok()?).ok()?;
        URL_SAFE_NO_PAD.decode(&leaf.c).is_ok_and(|c| c.len() == 32).then_some(leaf)
    }
}

/// b64u(H("med-commit/v1" 0x00 ‖ salt ‖ H(bytes))).
pub fn commitment(bytes: &[u8], salt: &[u8; 32]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"med-commit/v1\0");
    hash.update(salt);
    hash.update(Sha256::digest(bytes));
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_canonical_and_opens_only_with_its_salt_and_bytes() {
        let leaf = Leaf::new(LeafKind::Outcome, b"bytes", [1; 32]);
        // printf 'med-commit/v1\0' | cat - <(printf '\1%.0s' {1..32}) <(printf bytes | openssl sha256 -binary) | openssl sha256
        assert_eq!(leaf.text, "{\"c\":\"ThLxoqphduErWBJnmq2AuPBxkeZLz0xz7vrfJ-_7-Xo\",\"t\":\"outcome\"}");
        let parsed = LeafText::parse(&leaf.text).unwrap();
        assert_eq!(parsed.c, commitment(b"bytes", &[1; 32]));
        assert_ne!(parsed.c, commitment(b"bytes", &[2; 32]));
        assert_eq!(LeafText::parse(&leaf.text.replace(',', ", ")), None);
        assert_eq!(LeafText::parse(&leaf.text.replace("outcome", "other")), None);
    }

    #[test]
    fn the_end_of_a_journal_is_written_as_the_format_says() {
        let bytes = br#"{"journal":{"root":"cm9vdA","size":7},"session":"c2Vzc2lvbg","v":1}"#;
        let leaf = Leaf::journal_end("c2Vzc2lvbg", 7, "cm9vdA", [1; 32]);
        assert_eq!(leaf, Leaf::new(LeafKind::Journal, bytes, [1; 32]));
    }
}
