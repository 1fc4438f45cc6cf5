//! Storing a step: everything that follows from it in one transaction, or nothing.

use super::records::{self, RecordError};
use super::setting::Setting;
use super::state::State;
use super::step::Effects;
use crate::audit;
use crate::clock::Time;
use crate::complaint;
use crate::ids::OutcomeId;
use crate::log::{self, EntryId, Leaf};
use crate::notify;
use crate::signing;
use crate::signing::envelope::{self, PartySignature};
use crate::store::{Store, StoreError, Tx};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Between looks, when the log or the store does not answer.
const AGAIN: Duration = Duration::from_millis(500);

/// Stores a new session.
pub async fn keep_new(setting: &Setting, state: &State, effects: &Effects) -> Result<(), RecordError> {
    let mut tx = setting.store.begin().await?;
    records::insert(&mut tx, state).await?;
    beside(setting, &mut tx, None, state, effects).await?;
    Ok(tx.commit().await?)
}

/// Stores a step of a session that is owned under `epoch`.
pub async fn keep(
    setting: &Setting,
    before: &State,
    state: &State,
    effects: &Effects,
    epoch: i64,
    body: Option<Bytes>,
) -> Result<(), RecordError> {
    let now = setting.clock.now();
    let mut tx = setting.store.begin().await?;
    records::update(&mut tx, state, epoch, now).await?;
    beside(setting, &mut tx, Some(before), state, effects).await?;
    if let (Some(body), Some(document)) = (body, state.documents.last()) {
        records::insert_document(&mut tx, &state.id, &document.id, &body).await?;
    }
    if let Some(signatures) = &effects.seal {
        seal(setting, &mut tx, state, signatures, now).await?;
    }
    tx.commit().await?;
    if effects.seal.is_some() {
        setting.log.nudge();
    }
    Ok(())
}

/// Writes to the audit alone; `who` is the device or link it is about.
pub async fn audit(
    store: &Store,
    now: Time,
    who: &str,
    action: &str,
    detail: &serde_json::Value,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    audit::record(&mut tx, now, who, action, who, detail).await?;
    tx.commit().await
}

/// Journal, chat, where links and devices lead, the complaint's history, notices.
async fn beside(
    setting: &Setting,
    tx: &mut Tx,
    before: Option<&State>,
    state: &State,
    effects: &Effects,
) -> Result<(), RecordError> {
    let (now, complaint) = (setting.clock.now(), &state.facts.complaint);
    records::append_journal(tx, &state.id, &effects.journal).await?;
    records::append_chat(tx, state, &effects.said).await?;
    records::append_ways(tx, state, before).await?;
    for event in &effects.history {
        complaint::record_event(tx, now, complaint, event).await?;
    }
    if let Some(record) = &effects.record {
        records::insert_mediation_record(tx, state, now, record).await?;
        let body = json!({ "session": state.id });
        notify::enqueue(tx, now, "mediation.terminated", complaint.as_str(), &body).await?;
        let head = state.journal.head();
        let leaf = Leaf::journal_end(state.id.as_str(), head.size, &head.root, setting.random.bytes());
        log::append(tx, &leaf, now).await?;
    }
    Ok(())
}

/// The outcome: countersigned, entered in the log, attached to the complaint, told.
async fn seal(
    setting: &Setting,
    tx: &mut Tx,
    state: &State,
    signatures: &[PartySignature],
    now: Time,
) -> Result<(), RecordError> {
    let ceremony = state.ceremony.as_ref().ok_or(RecordError::Incomplete)?;
    let jws = envelope::seal(&ceremony.document, signatures, state.journal.head(), &setting.server_key, now)
        .map_err(|_| RecordError::Incomplete)?;
    signing::records::store_outcome(tx, &jws, &state.id, &setting.random, now).await?;
    let (complaint, outcome) = (&state.facts.complaint, &ceremony.outcome);
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(jws.bytes()));
    complaint::attach_outcome(tx, now, complaint, &state.id, outcome, &digest).await?;
    let body = json!({ "outcome": outcome, "session": state.id });
    notify::enqueue(tx, now, "outcome.attached", complaint.as_str(), &body).await?;
    Ok(())
}

/// Resolves when the outcome is in the public log; asks again as long as something fails.
pub async fn included(setting: &Setting, outcome: &OutcomeId) {
    loop {
        match entry_of(setting, outcome).await {
            Ok(Some(entry)) => match setting.log.wait_included(entry).await {
                Ok(_) => return,
                Err(error) => tracing::warn!(%error, "waiting for the log"),
            },
            Ok(None) => tracing::error!(outcome.id = %outcome, "a sealed outcome is not stored"),
            Err(error) => tracing::warn!(%error, "waiting for the store"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

async fn entry_of(setting: &Setting, outcome: &OutcomeId) -> Result<Option<EntryId>, StoreError> {
    let mut tx = setting.store.read().await?;
    signing::records::entry_of(&mut tx, outcome).await
}
