//! What became of a complaint: its sessions, the settlements proposed in them, the signed outcomes.
//!
//! Sessions write events here in the transaction of the deed itself. Ids, codes and hashes only.

use super::state::State;
use crate::clock::Time;
use crate::ids::{ComplaintId, OutcomeId, SessionId};
use crate::store::{StoreError, Tx, execute, fetch_all};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Registered,
    SessionOpened {
        session: SessionId,
    },
    /// Terms were put to the parties. `hash` names exactly which.
    SettlementProposed {
        session: SessionId,
        version: u32,
        hash: String,
    },
    OutcomeAttached {
        session: SessionId,
        outcome: OutcomeId,
    },
    SessionEnded {
        session: SessionId,
        end: SessionEnd,
    },
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum SessionEnd {
    Agreed,
    /// `ground` of Order 121 art. 23, as its code.
    Terminated {
        ground: String,
    },
    Adjourned {
        next_at: Option<Time>,
    },
}

/// Everything that became of a record, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct History {
    pub sessions: Vec<SessionEntry>,
    pub settlements: Vec<SettlementEntry>,
    pub outcomes: Vec<OutcomeEntry>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SessionEntry {
    pub session: SessionId,
    pub opened_at: Time,
    pub ended_at: Option<Time>,
    pub end: Option<SessionEnd>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SettlementEntry {
    pub session: SessionId,
    pub version: u32,
    /// SHA-256 of the terms' canonical JSON, base64url.
    pub hash: String,
    pub at: Time,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OutcomeEntry {
    pub outcome: OutcomeId,
    pub session: SessionId,
    pub at: Time,
}

const APPEND: &str =
    "insert into complaint_event (complaint, at, kind, session, detail) values ($1, $2, $3, $4, $5)";
const MOVE: &str = "update complaint set state = $2 where id = $1";
const EVENTS: &str = "select at, detail from complaint_event where complaint = $1 order by seq limit 5000";
const ATTACH: &str =
    "insert into complaint_outcome (outcome, complaint, session, at, digest) values ($1, $2, $3, $4, $5)";

impl Event {
    fn kind(&self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::SessionOpened { .. } => "session_opened",
            Self::SettlementProposed { .. } => "settlement_proposed",
            Self::OutcomeAttached { .. } => "outcome_attached",
            Self::SessionEnded { .. } => "session_ended",
        }
    }

    fn session(&self) -> Option<&SessionId> {
        match self {
            Self::Registered => None,
            Self::SessionOpened { session }
            | Self::SettlementProposed { session, .. }
            | Self::OutcomeAttached { session, .. }
            | Self::SessionEnded { session, .. } => Some(session),
        }
    }

    /// Where the case stands after it.
    fn moves_to(&self) -> Option<State> {
        match self {
            Self::SessionOpened { .. } => Some(State::Mediating),
            Self::OutcomeAttached { .. } | Self::SessionEnded { end: SessionEnd::Agreed, .. } => {
                Some(State::Agreed)
            }
            Self::SessionEnded { end: SessionEnd::Terminated { .. }, .. } => Some(State::NotAgreed),
            Self::SessionEnded { end: SessionEnd::Adjourned { .. }, .. } => Some(State::Adjourned),
            Self::Registered | Self::SettlementProposed { .. } => None,
        }
    }
}

/// Writes an event, and moves the case to where it then stands.
pub async fn record_event(
    tx: &mut Tx,
    now: Time,
    complaint: &ComplaintId,
    event: &Event,
) -> Result<(), StoreError> {
    let detail = serde_json::to_string(event).expect("an event is plain data");
    execute!(tx, APPEND, complaint, now, event.kind(), event.session(), detail)?;
    if let Some(state) = event.moves_to() {
        execute!(tx, MOVE, complaint, state.as_str())?;
    }
    Ok(())
}

/// Attaches a signed outcome. `digest` is the SHA-256 of the signed document, base64url.
pub async fn attach_outcome(
    tx: &mut Tx,
    now: Time,
    complaint: &ComplaintId,
    session: &SessionId,
    outcome: &OutcomeId,
    digest: &str,
) -> Result<(), StoreError> {
    execute!(tx, ATTACH, outcome, complaint, session, now, digest)?;
    let event = Event::OutcomeAttached { session: session.clone(), outcome: outcome.clone() };
    record_event(tx, now, complaint, &event).await
}

/// What became of `complaint`.
pub async fn history(tx: &mut Tx, complaint: &ComplaintId) -> Result<History, StoreError> {
    let rows: Vec<(Time, String)> = fetch_all!(tx, EVENTS, complaint)?;
    let mut history = History::default();
    for (at, detail) in rows {
        history.take(at, serde_json::from_str(&detail).expect("stored events are readable"));
    }
    Ok(history)
}

impl History {
    fn take(&mut self, at: Time, event: Event) {
        match event {
            Event::Registered => {}
            Event::SessionOpened { session } => {
                self.sessions.push(SessionEntry { session, opened_at: at, ended_at: None, end: None });
            }
            Event::SettlementProposed { session, version, hash } => {
                self.settlements.push(SettlementEntry { session, version, hash, at });
            }
            Event::OutcomeAttached { session, outcome } => {
                self.outcomes.push(OutcomeEntry { outcome, session, at });
            }
            Event::SessionEnded { session, end } => {
                if let Some(entry) = self.sessions.iter_mut().find(|entry| entry.session == session) {
                    entry.ended_at = Some(at);
                    entry.end = Some(end);
                }
            }
        }
    }
}
