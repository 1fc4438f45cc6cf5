//! A session's rows: the state as one document, the journal, chat, documents and the outcome.
//!
//! Every write carries the epoch under which this process took the session: a stale owner's writes are
//! refused. The journal's tables refuse update and delete.

use super::journal::Entry;
use super::state::{Audience, Said, State};
use crate::clock::Time;
use crate::ids::{ComplaintId, DeviceId, DocumentId, PersonId, SessionId};
use crate::store::{Store, StoreError, Tx, execute, fetch_all, fetch_optional};

#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The database failed or can't be reached. Whether the write was persisted is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Another process has taken the session since.
    #[error("another process has taken this session")]
    Stale,
    #[error("stored state: {0}")]
    State(#[from] serde_json::Error),
    /// Our bug: sealed without every signature.
    #[error("the outcome is not complete")]
    Incomplete,
}

const INSERT: &str = "insert into session (id, complaint, epoch, phase, opened_at, updated_at, state) \
    values ($1, $2, 1, $3, $4, $4, $5)";

/// Stores a new session under epoch 1.
pub async fn insert(tx: &mut Tx, state: &State) -> Result<(), RecordError> {
    let (id, complaint) = (&state.id, &state.facts.complaint);
    execute!(tx, INSERT, id, complaint, phase(state), state.opened_at, serde_json::to_string(state)?)?;
    Ok(())
}

const UPDATE: &str =
    "update session set state = $3, phase = $4, updated_at = $5 where id = $1 and epoch = $2";

/// Stores the state anew, if this process still owns the session.
pub async fn update(tx: &mut Tx, state: &State, epoch: i64, now: Time) -> Result<(), RecordError> {
    let text = serde_json::to_string(state)?;
    let changed = execute!(tx, UPDATE, &state.id, epoch, text, phase(state), now)?;
    if changed == 1 { Ok(()) } else { Err(RecordError::Stale) }
}

const CLAIM: &str = "update session set epoch = epoch + 1 where id = $1 returning epoch, state";
const SAID: &str = "select at, by_person, said, audience from chat where session = $1 order by n";

/// Takes a session over and loads it: its state, its chat, and the epoch to write under.
pub async fn claim(store: &Store, id: &SessionId) -> Result<Option<(State, i64)>, RecordError> {
    let mut tx = store.begin().await?;
    let row: Option<(i64, String)> = fetch_optional!(&mut tx, CLAIM, id)?;
    let Some((epoch, text)) = row else { return Ok(None) };
    let mut state: State = serde_json::from_str(&text)?;
    let lines: Vec<(Time, PersonId, String, String)> = fetch_all!(&mut tx, SAID, id)?;
    for (at, by, text, audience) in lines {
        let audience: Audience = serde_json::from_str(&audience)?;
        state.chat.push(Said { at, by, text, audience });
    }
    tx.commit().await?;
    Ok(Some((state, epoch)))
}

const JOURNAL: &str = "insert into journal (session, seq, event) values ($1, $2, $3)";
const PRIVATE: &str = "insert into journal_private (session, seq, salt, value) values ($1, $2, $3, $4)";

pub async fn append_journal(tx: &mut Tx, session: &SessionId, entries: &[Entry]) -> Result<(), RecordError> {
    for entry in entries {
        let seq = entry.seq as i64;
        execute!(tx, JOURNAL, session, seq, entry.bytes.clone())?;
        if let Some(private) = &entry.private {
            execute!(tx, PRIVATE, session, seq, private.salt.to_vec(), private.value.clone())?;
        }
    }
    Ok(())
}

const EVENTS: &str = "select seq, event from journal where session = $1 and seq >= $2 order by seq limit $3";

/// The journal's events from `seq` on, as they are hashed into its tree.
pub async fn journal(
    store: &Store,
    session: &SessionId,
    seq: i64,
    limit: i64,
) -> Result<Vec<(i64, Vec<u8>)>, RecordError> {
    Ok(fetch_all!(store.read().await?, EVENTS, session, seq, limit)?)
}

const CHAT: &str =
    "insert into chat (session, n, at, by_person, said, audience) values ($1, $2, $3, $4, $5, $6)";

/// Stores the newest lines of `state.chat`.
pub async fn append_chat(tx: &mut Tx, state: &State, new: &[Said]) -> Result<(), RecordError> {
    let first = state.chat.len() - new.len();
    for (n, said) in (first..).zip(new) {
        let audience = serde_json::to_string(&said.audience)?;
        execute!(tx, CHAT, &state.id, n as i64, said.at, &said.by, said.text.as_str(), audience)?;
    }
    Ok(())
}

const LINK: &str = "insert into invitation (token_hash, session) values ($1, $2) on conflict do nothing";
const DEVICE: &str = "insert into device (id, session) values ($1, $2) on conflict do nothing";

/// Where links and devices lead; `before` is the state that is stored already.
pub async fn append_ways(tx: &mut Tx, state: &State, before: Option<&State>) -> Result<(), RecordError> {
    let (links, devices) = before.map_or((0, 0), |before| (before.invitations.len(), before.devices.len()));
    for invitation in &state.invitations[links..] {
        execute!(tx, LINK, invitation.token_hash.as_str(), &state.id)?;
    }
    for device in &state.devices[devices..] {
        execute!(tx, DEVICE, &device.id, &state.id)?;
    }
    Ok(())
}

const BY_LINK: &str = "select session from invitation where token_hash = $1";
const BY_DEVICE: &str = "select session from device where id = $1";

pub async fn session_of_link(store: &Store, token_hash: &str) -> Result<Option<SessionId>, RecordError> {
    let row: Option<(SessionId,)> = fetch_optional!(store.read().await?, BY_LINK, token_hash)?;
    Ok(row.map(|(id,)| id))
}

pub async fn session_of_device(store: &Store, device: &DeviceId) -> Result<Option<SessionId>, RecordError> {
    let row: Option<(SessionId,)> = fetch_optional!(store.read().await?, BY_DEVICE, device)?;
    Ok(row.map(|(id,)| id))
}

const DOCUMENT: &str = "insert into document (id, session, body) values ($1, $2, $3)";
const BODY: &str = "select body from document where id = $1";

pub async fn insert_document(
    tx: &mut Tx,
    session: &SessionId,
    id: &DocumentId,
    body: &[u8],
) -> Result<(), RecordError> {
    execute!(tx, DOCUMENT, id, session, body.to_vec())?;
    Ok(())
}

pub async fn document_body(store: &Store, id: &DocumentId) -> Result<Option<Vec<u8>>, RecordError> {
    let row: Option<(Vec<u8>,)> = fetch_optional!(store.read().await?, BODY, id)?;
    Ok(row.map(|(body,)| body))
}

const RECORD: &str = "insert into mediation_record (session, complaint, at, record) values ($1, $2, $3, $4)";
const RECORD_OF: &str = "select complaint, record from mediation_record where session = $1";

pub async fn insert_mediation_record(
    tx: &mut Tx,
    state: &State,
    now: Time,
    record: &serde_json::Value,
) -> Result<(), RecordError> {
    execute!(tx, RECORD, &state.id, &state.facts.complaint, now, record.to_string())?;
    Ok(())
}

/// What was kept where there is no letter.
pub async fn mediation_record(
    store: &Store,
    session: &SessionId,
) -> Result<Option<(ComplaintId, serde_json::Value)>, RecordError> {
    let row: Option<(ComplaintId, String)> = fetch_optional!(store.read().await?, RECORD_OF, session)?;
    let Some((complaint, record)) = row else { return Ok(None) };
    Ok(Some((complaint, serde_json::from_str(&record)?)))
}

const OF_COMPLAINT: &str =
    "select id, phase, opened_at, updated_at from session where complaint = $1 order by opened_at desc";

/// A complaint's sessions, newest first: id, phase, opened, last changed.
pub async fn of_complaint(
    store: &Store,
    complaint: &ComplaintId,
) -> Result<Vec<(SessionId, String, Time, Time)>, RecordError> {
    Ok(fetch_all!(store.read().await?, OF_COMPLAINT, complaint)?)
}

fn phase(state: &State) -> String {
    serde_json::to_value(state.phase).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
