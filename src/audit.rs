//! The audit: who did what to which record, in the same transaction as the deed.
//!
//! Appended to only; triggers of both engines refuse the rest. Never names, words or terms: ids.

use crate::clock::Time;
use crate::store::{StoreError, Tx, execute};

const APPEND: &str = "insert into audit (at, actor, action, subject, detail) values ($1, $2, $3, $4, $5)";

/// `actor` is a staff, person or device id, or `system`; `subject` the id of the record; `action` a
/// verb with its noun (`complaint.create`).
pub async fn record(
    tx: &mut Tx,
    now: Time,
    actor: &str,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    execute!(tx, APPEND, now, actor, action, subject, detail.to_string())?;
    Ok(())
}
