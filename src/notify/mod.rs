//! Notices to the world outside (SMS, mail, webhooks): the outbox they wait in.
//!
//! A notice is written in the transaction of what it tells about, so that neither is without the
//! other. What delivers them comes later; until then they wait.

use crate::clock::Time;
use crate::store::{StoreError, Tx, execute};
use serde_json::Value;

const ENQUEUE: &str = "insert into outbox (at, kind, subject, body) values ($1, $2, $3, $4)";

/// `kind` names the notice (`outcome.sealed`), `subject` the id of the record that it tells about.
/// `body` holds ids only; whoever delivers looks the rest up.
pub async fn enqueue(
    tx: &mut Tx,
    now: Time,
    kind: &str,
    subject: &str,
    body: &Value,
) -> Result<(), StoreError> {
    execute!(tx, ENQUEUE, now, kind, subject, body.to_string())?;
    Ok(())
}
