//! Who there is: staff accounts.

use super::error::StaffError;
use super::member::{Staff, StaffRole};
use super::password::Passwords;
use crate::audit;
use crate::clock::Time;
use crate::ids::StaffId;
use crate::random::Random;
use crate::store::{StoreError, Tx, execute, fetch_optional};
use serde_json::json;
use unicode_normalization::UnicodeNormalization;

/// An account to be made.
#[derive(Debug, Clone)]
pub struct Account<'a> {
    /// What they sign in with; letters count the same, large or small.
    pub name: &'a str,
    pub display_name: &'a str,
    pub role: StaffRole,
    /// Without one they sign in by links only.
    pub password: Option<&'a str>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: StaffId,
    name: String,
    display_name: String,
    role: String,
    pub(super) password_hash: Option<String>,
    disabled: bool,
}

const INSERT: &str = "
    insert into staff (id, name, display_name, role, password_hash, disabled, created_at)
    values ($1, $2, $3, $4, $5, false, $6)
    on conflict (name) do nothing";
const BY_NAME: &str =
    "select id, name, display_name, role, password_hash, disabled from staff where name = $1";
const BY_ID: &str = "select id, name, display_name, role, password_hash, disabled from staff where id = $1";
const SET_PASSWORD: &str = "update staff set password_hash = $2 where name = $1 returning id";
const SET_DISABLED: &str = "update staff set disabled = $2 where name = $1 returning id";
const SIGN_OUT: &str = "update staff_session set revoked_at = $2 where staff = $1 and revoked_at is null";

impl Row {
    /// Who it is; `None` if the account is disabled.
    pub(super) fn active(self) -> Option<Staff> {
        let role = StaffRole::parse(&self.role);
        let staff = Staff { id: self.id, name: self.name, display_name: self.display_name, role };
        (!self.disabled).then_some(staff)
    }
}

/// Makes an account. `actor` is whoever asked for it, or `system`.
pub async fn add(
    tx: &mut Tx,
    now: Time,
    random: &Random,
    passwords: &Passwords,
    actor: &str,
    account: &Account<'_>,
) -> Result<Staff, StaffError> {
    let name = checked_name(account.name)?;
    let display_name = checked_display_name(account.display_name)?;
    let hash = match account.password {
        Some(password) => Some(passwords.hash(password, random).await?),
        None => None,
    };
    let id = StaffId::random(random);
    let role = account.role;
    if execute!(tx, INSERT, &id, &name, &display_name, role.as_str(), hash, now)? == 0 {
        return Err(StaffError::NameTaken);
    }
    audit::record(tx, now, actor, "staff.add", id.as_str(), &json!({ "role": role })).await?;
    Ok(Staff { id, name, display_name, role })
}

/// Gives the account a new password and signs it out everywhere.
pub async fn set_password(
    tx: &mut Tx,
    now: Time,
    random: &Random,
    passwords: &Passwords,
    name: &str,
    password: &str,
) -> Result<(), StaffError> {
    let hash = passwords.hash(password, random).await?;
    let found: Option<(StaffId,)> = fetch_optional!(tx, SET_PASSWORD, as_stored(name), hash)?;
    let (id,) = found.ok_or(StaffError::NoAccount)?;
    sign_out_everywhere(tx, now, &id, "staff.password").await
}

/// Closes or opens an account. A closed one is signed out everywhere at once.
pub async fn set_disabled(tx: &mut Tx, now: Time, name: &str, disabled: bool) -> Result<(), StaffError> {
    let found: Option<(StaffId,)> = fetch_optional!(tx, SET_DISABLED, as_stored(name), disabled)?;
    let (id,) = found.ok_or(StaffError::NoAccount)?;
    sign_out_everywhere(tx, now, &id, if disabled { "staff.disable" } else { "staff.enable" }).await
}

async fn sign_out_everywhere(tx: &mut Tx, now: Time, id: &StaffId, why: &str) -> Result<(), StaffError> {
    execute!(tx, SIGN_OUT, id, now)?;
    audit::record(tx, now, "system", why, id.as_str(), &json!({})).await?;
    Ok(())
}

/// The active account of that name.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Staff>, StoreError> {
    Ok(row_by_name(tx, name).await?.and_then(Row::active))
}

/// The active account with that id.
pub async fn by_id(tx: &mut Tx, id: &StaffId) -> Result<Option<Staff>, StoreError> {
    let row: Option<Row> = fetch_optional!(tx, BY_ID, id)?;
    Ok(row.and_then(Row::active))
}

pub(super) async fn row_by_name(tx: &mut Tx, name: &str) -> Result<Option<Row>, StoreError> {
    fetch_optional!(tx, BY_NAME, as_stored(name))
}

fn as_stored(name: &str) -> String {
    name.trim().to_lowercase()
}

fn checked_name(name: &str) -> Result<String, StaffError> {
    let name = as_stored(name);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if name.is_empty() || name.chars().count() > 60 || !name.chars().all(plain) {
        return Err(StaffError::BadName);
    }
    Ok(name)
}

fn checked_display_name(name: &str) -> Result<String, StaffError> {
    let name: String = name.trim().nfc().collect();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(StaffError::BadDisplayName);
    }
    Ok(name)
}
