//! `Idempotency-Key`: the same request makes a thing once, however often it is sent.
//!
//! What was made is remembered by its id, in the transaction that makes it, for a day; the answer is
//! built from the thing itself. (IETF draft-ietf-httpapi-idempotency-key-header.)

use super::Problem;
use crate::clock::Time;
use crate::store::{Tx, execute, fetch_optional};
use axum::http::{HeaderMap, StatusCode};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const KEPT_MS: i64 = 24 * 3_600_000;

const FIND: &str = "select request_hash, made from idempotency where scope = $1 and key = $2 and at > $3";
const FORGET: &str = "delete from idempotency where at <= $1";
const REMEMBER: &str = "
    insert into idempotency (scope, key, request_hash, made, at) values ($1, $2, $3, $4, $5)
    on conflict (scope, key) do nothing";

/// One request that may be repeated.
pub struct Repeatable {
    scope: String,
    key: String,
    hash: String,
}

impl Repeatable {
    /// From the request's header, if it has one. `scope` is the operation and who asks for it;
    /// `request` what is asked for.
    pub fn from(headers: &HeaderMap, scope: String, request: &[u8]) -> Result<Option<Self>, Problem> {
        let Some(key) = headers.get("idempotency-key") else { return Ok(None) };
        let key = key.to_str().ok().filter(|key| (1..=200).contains(&key.len()));
        let key = key.ok_or_else(|| Problem::malformed("Idempotency-Key is 1 to 200 characters of ASCII"))?;
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(request));
        Ok(Some(Self { scope, key: key.to_owned(), hash }))
    }

    /// The id of what this request made before, if it did.
    pub async fn made(&self, tx: &mut Tx, now: Time) -> Result<Option<String>, Problem> {
        let after = now.plus_ms(-KEPT_MS);
        let found: Option<(String, String)> = fetch_optional!(tx, FIND, &self.scope, &self.key, after)?;
        match found {
            Some((hash, _)) if hash != self.hash => {
                let title = "This Idempotency-Key was used for another request";
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "key_reused", title))
            }
            found => Ok(found.map(|(_, made)| made)),
        }
    }

    /// Remembers what was made, in the transaction that makes it.
    pub async fn remember(&self, tx: &mut Tx, now: Time, made: &str) -> Result<(), Problem> {
        execute!(tx, FORGET, now.plus_ms(-KEPT_MS))?;
        match execute!(tx, REMEMBER, &self.scope, &self.key, &self.hash, made, now)? {
            0 => Err(Problem::conflict("in_progress", "The same request is being carried out")),
            _ => Ok(()),
        }
    }
}
