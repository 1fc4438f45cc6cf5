//! Passwords: Argon2id, off the async threads, never more than a few at once.
//!
//! Hashing takes tens of milliseconds and megabytes on purpose; the bound keeps a flood of sign-ins
//! from taking the machine.

use crate::random::Random;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The least number of characters (OWASP ASVS 5.0, 6.2.1: eight; longer is better).
pub const LEAST: usize = 8;
const MOST: usize = 1_000;
const AT_ONCE: usize = 2;

/// Too short or too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password has at least {LEAST} characters, at most 1,000")]
pub struct BadPassword;

/// How much work a hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// 19 MiB, two passes (OWASP password storage cheat sheet).
    Normal,
    /// For tests.
    Weak,
}

/// Hashes and verifies passwords.
pub struct Passwords {
    params: Params,
    turn: Arc<Semaphore>,
    /// Verified against when there is no such account, so that both answers take as long.
    nobody: String,
}

impl Passwords {
    pub fn new(strength: Strength, random: &Random) -> Self {
        let params = match strength {
            Strength::Normal => Params::new(19 * 1024, 2, 1, None),
            Strength::Weak => Params::new(8, 1, 1, None),
        }
        .expect("these are valid parameters");
        let nobody = hash(&params, b"nobody's", &random.bytes());
        Self { params, turn: Arc::new(Semaphore::new(AT_ONCE)), nobody }
    }

    /// The hash to store, as a PHC string.
    pub async fn hash(&self, password: &str, random: &Random) -> Result<String, BadPassword> {
        let length = password.chars().count();
        if !(LEAST..=MOST).contains(&length) {
            return Err(BadPassword);
        }
        let (params, password, salt) = (self.params.clone(), password.to_owned(), random.bytes::<16>());
        Ok(self.in_turn(move || hash(&params, password.as_bytes(), &salt)).await)
    }

    /// Whether `password` belongs to `stored`; with no stored hash it takes as long and says no.
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> bool {
        if password.chars().count() > MOST {
            return false;
        }
        let known = stored.is_some();
        let (stored, password) = (stored.unwrap_or(&self.nobody).to_owned(), password.to_owned());
        self.in_turn(move || verify(password.as_bytes(), &stored)).await && known
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let turn = Arc::clone(&self.turn).acquire_owned().await.expect("never closed");
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        work.await.expect("hashing does not panic")
    }
}

fn hash(params: &Params, password: &[u8], salt: &[u8; 16]) -> String {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let hash: PasswordHash = argon2.hash_password_with_salt(password, salt).expect("the lengths are valid");
    hash.to_string()
}

fn verify(password: &[u8], stored: &str) -> bool {
    PasswordHash::new(stored).is_ok_and(|stored| Argon2::default().verify_password(password, &stored).is_ok())
}
