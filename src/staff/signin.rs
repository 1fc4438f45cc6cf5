//! Signing in and out: by password, or by a link that works once.
//!
//! A browser holds a token in a cookie, a link carries one in its fragment; only hashes are stored.

use super::account::{self, Row};
use super::error::StaffError;
use super::member::Staff;
use super::password::Passwords;
use crate::audit;
use crate::clock::Time;
use crate::ids::StaffId;
use crate::random::Random;
use crate::store::{Store, StoreError, Tx, execute, fetch_optional};
use crate::token::{self, Token};
use serde_json::json;

/// A browser that has just signed in.
pub struct SignedIn {
    pub staff: Staff,
    /// For its cookie.
    pub token: Token,
    pub expires_at: Time,
}

const START: &str = "
    insert into staff_session (token_hash, staff, created_at, expires_at) values ($1, $2, $3, $4)";
const CURRENT: &str = "
    select s.id, s.name, s.display_name, s.role, s.password_hash, s.disabled
    from staff_session as b join staff as s on s.id = b.staff
    where b.token_hash = $1 and b.expires_at > $2 and b.revoked_at is null";
const END: &str = "update staff_session set revoked_at = $2 where token_hash = $1 and revoked_at is null";
const MAKE_LINK: &str = "
    insert into staff_link (token_hash, staff, created_at, expires_at) values ($1, $2, $3, $4)";
const USE_LINK: &str = "
    update staff_link set used_at = $2
    where token_hash = $1 and used_at is null and expires_at > $2
    returning staff";

/// Somebody who wants in, and for how many minutes.
pub struct Attempt<'a> {
    pub name: &'a str,
    pub password: &'a str,
    pub minutes: u32,
}

/// Signs in by name and password. The caller has counted the attempt.
pub async fn login(
    store: &Store,
    now: Time,
    random: &Random,
    passwords: &Passwords,
    attempt: &Attempt<'_>,
) -> Result<SignedIn, StaffError> {
    let row = account::row_by_name(&mut store.read().await?, attempt.name).await?;
    let hash = row.as_ref().and_then(|row| row.password_hash.clone());
    let right = passwords.verify(attempt.password, hash.as_deref()).await;
    let tried = row.as_ref().map_or("unknown", |row| row.id.as_str()).to_owned();
    let staff = row.filter(|_| right).and_then(Row::active);
    let mut tx = store.begin().await?;
    let Some(staff) = staff else {
        audit::record(&mut tx, now, "unknown", "staff.login_failed", &tried, &json!({})).await?;
        tx.commit().await?;
        return Err(StaffError::WrongCredentials);
    };
    let signed_in = start(&mut tx, now, random, staff, "staff.login", attempt.minutes).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Makes a link's token for `staff`, good once and for `minutes`.
pub async fn make_link(
    tx: &mut Tx,
    now: Time,
    random: &Random,
    staff: &StaffId,
    minutes: u32,
) -> Result<Token, StoreError> {
    let token = Token::random(random);
    execute!(tx, MAKE_LINK, token.hash(), staff, now, now.plus_ms(i64::from(minutes) * 60_000))?;
    Ok(token)
}

/// Signs in by a link, which is then used up.
pub async fn use_link(
    store: &Store,
    now: Time,
    random: &Random,
    presented: &str,
    minutes: u32,
) -> Result<SignedIn, StaffError> {
    let mut tx = store.begin().await?;
    let used: Option<(StaffId,)> = fetch_optional!(tx, USE_LINK, token::hash(presented), now)?;
    let (id,) = used.ok_or(StaffError::LinkClosed)?;
    let staff = account::by_id(&mut tx, &id).await?.ok_or(StaffError::LinkClosed)?;
    let signed_in = start(&mut tx, now, random, staff, "staff.link", minutes).await?;
    tx.commit().await?;
    Ok(signed_in)
}

async fn start(
    tx: &mut Tx,
    now: Time,
    random: &Random,
    staff: Staff,
    how: &str,
    minutes: u32,
) -> Result<SignedIn, StoreError> {
    let token = Token::random(random);
    let expires_at = now.plus_ms(i64::from(minutes) * 60_000);
    execute!(tx, START, token.hash(), &staff.id, now, expires_at)?;
    audit::record(tx, now, staff.id.as_str(), how, staff.id.as_str(), &json!({})).await?;
    Ok(SignedIn { staff, token, expires_at })
}

/// Who holds this cookie, unless it expired, was signed out, or its account is disabled.
pub async fn signed_in(tx: &mut Tx, now: Time, presented: &str) -> Result<Option<Staff>, StoreError> {
    let row: Option<Row> = fetch_optional!(tx, CURRENT, token::hash(presented), now)?;
    Ok(row.and_then(Row::active))
}

/// Ends the session that this cookie belongs to.
pub async fn sign_out(tx: &mut Tx, now: Time, presented: &str) -> Result<(), StoreError> {
    execute!(tx, END, token::hash(presented), now)?;
    Ok(())
}
