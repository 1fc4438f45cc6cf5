//! Secrets that travel in a link's fragment or a cookie: told once, stored only as their hash.

use crate::random::Random;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// 192 random bits in base64url (32 characters). Has no `Debug` and no `Display`, to stay out of logs.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    pub fn random(random: &Random) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random.bytes::<24>()))
    }

    /// The secret itself, for the one answer that tells it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn hash(&self) -> String {
        hash(&self.0)
    }
}

/// The hash of whatever somebody presents as a token: SHA-256, base64url. Looking a token up by its
/// hash leaks nothing by timing, so no comparison needs care.
pub fn hash(presented: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(presented.as_bytes()))
}
