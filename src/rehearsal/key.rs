//! Operators' keys: bearer secrets that open rehearsals and nothing else.
//!
//! A key is shown once, when `hejie operator-key add` makes it, and stored by its hash. It expires, and
//! can be revoked. The edge asks [`holder`] at every use.

use crate::audit;
use crate::clock::Time;
use crate::ids::{OperatorKeyId, StaffId};
use crate::random::Random;
use crate::store::{StoreError, Tx, execute, fetch_all, fetch_optional};
use crate::token::{self, Token};
use serde_json::json;

/// By which people, and programs that look for secrets in the wrong place, know one.
const PREFIX: &str = "hejie-operator-";
/// No presented secret is longer.
const MAX_SECRET: usize = 64;
const MAX_NAME: usize = 60;
/// A key is good for a year at most.
pub const MAX_DAYS: u32 = 366;
const DAY_MS: i64 = 24 * 3_600_000;

/// A key as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OperatorKey {
    pub id: OperatorKeyId,
    pub name: String,
    pub created_at: Time,
    pub expires_at: Time,
    pub revoked_at: Option<Time>,
}

/// Why nothing was done to a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("a key's name is 1 to {MAX_NAME} letters, digits and . _ -")]
    BadName,
    #[error("a key is good for 1 to {MAX_DAYS} days")]
    BadDays,
    /// Revoke it first.
    #[error("there is a key of that name")]
    NameTaken,
    #[error("there is no key of that name")]
    NoKey,
    #[error(transparent)]
    Store(#[from] StoreError),
}

const INSERT: &str = "
    insert into operator_key (id, name, secret_hash, created_at, expires_at) values ($1, $2, $3, $4, $5)
    on conflict do nothing";
const REVOKE: &str =
    "update operator_key set revoked_at = $2 where name = $1 and revoked_at is null returning id";
const ALL: &str = "
    select id, name, created_at, expires_at, revoked_at from operator_key
    order by created_at desc, id limit 100";
const HOLDER: &str = "
    select id, name, created_at, expires_at, revoked_at from operator_key
    where secret_hash = $1 and expires_at > $2 and revoked_at is null";

impl OperatorKey {
    /// Who presides over this key's rehearsals. No account has this id, so nobody comes in by signing in.
    pub fn presiding(&self) -> StaffId {
        self.id.as_str().parse().expect("ids are of one form")
    }
}

/// Makes a key; the secret is told this once.
pub async fn add(
    tx: &mut Tx,
    now: Time,
    random: &Random,
    name: &str,
    days: u32,
) -> Result<(OperatorKey, String), KeyError> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.chars().count() > MAX_NAME || !name.chars().all(plain) {
        return Err(KeyError::BadName);
    }
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(KeyError::BadDays);
    }
    let secret = format!("{PREFIX}{}", Token::random(random).reveal());
    let key = OperatorKey {
        id: OperatorKeyId::random(random),
        name: name.to_owned(),
        created_at: now,
        expires_at: now.plus_ms(i64::from(days) * DAY_MS),
        revoked_at: None,
    };
    if execute!(tx, INSERT, &key.id, name, token::hash(&secret), now, key.expires_at)? == 0 {
        return Err(KeyError::NameTaken);
    }
    audit::record(tx, now, "system", "operator_key.add", key.id.as_str(), &json!({ "days": days })).await?;
    Ok((key, secret))
}

/// Makes a key worthless, from now on.
pub async fn revoke(tx: &mut Tx, now: Time, name: &str) -> Result<(), KeyError> {
    let found: Option<(OperatorKeyId,)> = fetch_optional!(tx, REVOKE, name, now)?;
    let (id,) = found.ok_or(KeyError::NoKey)?;
    audit::record(tx, now, "system", "operator_key.revoke", id.as_str(), &json!({})).await?;
    Ok(())
}

/// The hundred newest keys, those that are worth nothing any more included.
pub async fn list(tx: &mut Tx) -> Result<Vec<OperatorKey>, StoreError> {
    fetch_all!(tx, ALL)
}

/// The key of this secret, unless it expired or was revoked. It is looked up by its hash: how long that
/// takes tells nothing of the secret.
pub async fn holder(tx: &mut Tx, now: Time, presented: &str) -> Result<Option<OperatorKey>, StoreError> {
    if presented.len() > MAX_SECRET || !presented.starts_with(PREFIX) {
        return Ok(None);
    }
    fetch_optional!(tx, HOLDER, token::hash(presented), now)
}
