//! Rehearsals: whole mediations on made-up cases, opened by a machine that holds an operator's key, to
//! find out whether the server works and what it carries. The edge opens them, `hejie-load` plays them.
//!
//! What always holds: a rehearsal has a case, a session and people of its own, all marked as a sample;
//! nothing leads from it to another case. So many are open at once as `limits.rehearsals` says, and the
//! server ends those whose time is over.

pub mod key;

use crate::audit;
use crate::clock::{Clock, Time};
use crate::complaint::{self, Complaint, ComplaintError, NewComplaint, Purpose};
use crate::ids::{ComplaintId, DeviceId, SessionId};
use crate::random::Random;
use crate::session::door::{Guest, Joined, Joining, Presiding};
use crate::session::event::Answer;
use crate::session::party::{Language, Role, Surface};
use crate::session::registry::{SessionError, Sessions};
use crate::store::{Store, StoreError, execute, fetch_all, fetch_one};
use jiff::tz::TimeZone;
use key::OperatorKey;
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A rehearsal takes four hours at most.
pub const MAX_MINUTES: u32 = 240;
const CASE: &str = include_str!("case.json");
/// Between two looks for rehearsals whose time is over.
const EVERY: Duration = Duration::from_secs(60);

/// Why there was no rehearsal.
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// As many as may be are open. Try again when one has ended.
    #[error("too many rehearsals are open")]
    Full,
    #[error(transparent)]
    Complaint(#[from] ComplaintError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A rehearsal that has begun: the mediator is in, and links wait for the parties.
pub struct Opened {
    pub complaint: ComplaintId,
    pub joined: Joined,
    pub consumer: String,
    pub merchant: String,
    pub ends_at: Time,
}

/// What rehearsals stand on.
pub struct Stage<'a> {
    pub store: &'a Store,
    pub sessions: &'a Sessions,
    pub random: &'a Random,
    pub zone: &'a TimeZone,
    /// Rehearsals open at once.
    pub most: u32,
}

const OPEN: &str = "
    select count(*) from rehearsal as r left join session as s on s.id = r.session
    where r.closed_at is null and (s.id is null or s.phase not in ('agreed', 'terminated', 'adjourned'))";
const INSERT: &str = "insert into rehearsal (complaint, operator_key, ends_at) values ($1, $2, $3)";
const BEGIN: &str = "update rehearsal set session = $2, device = $3 where complaint = $1";
const OVERDUE: &str = "
    select complaint, session, device from rehearsal
    where closed_at is null and ends_at <= $1 order by ends_at limit 100";
const CLOSE: &str = "update rehearsal set closed_at = $2 where complaint = $1";

/// Makes a case and opens a session on it, in which the key's holder presides by `joining`.
pub async fn open(
    stage: &Stage<'_>,
    now: Time,
    key: &OperatorKey,
    minutes: u32,
    joining: Joining,
) -> Result<Opened, RehearsalError> {
    let ends_at = now.plus_ms(i64::from(minutes.min(MAX_MINUTES)) * 60_000);
    let case = make_case(stage, now, key, ends_at).await?;
    let complaint = case.id.clone();
    let guests = vec![
        guest(Role::Consumer, &case.record.consumer.name, Surface::Phone),
        guest(Role::Merchant, &case.record.merchant.name, Surface::Station),
    ];
    let presiding = Presiding { staff: key.presiding(), name: format!("演练 {}", key.name) };
    let opened = stage.sessions.open(case.into(), presiding, Some(joining), guests).await?;
    let joined = opened.joined.ok_or(SessionError::Unknown)?;
    let mut tx = stage.store.begin().await?;
    execute!(tx, BEGIN, &complaint, &joined.session, &joined.device)?;
    tx.commit().await?;
    let mut links = opened.links.into_iter().filter_map(|link| match link {
        Answer::Invited { url, .. } => Some(url),
        _ => None,
    });
    let (consumer, merchant) = links.next().zip(links.next()).ok_or(SessionError::Unknown)?;
    Ok(Opened { complaint, joined, consumer, merchant, ends_at })
}

/// Its number is its own: rehearsals leave no gaps in the register.
async fn make_case(
    stage: &Stage<'_>,
    now: Time,
    key: &OperatorKey,
    ends_at: Time,
) -> Result<Complaint, RehearsalError> {
    let number = format!("演练-{}", ComplaintId::random(stage.random));
    let record = serde_json::from_str(CASE).expect("the case is right");
    let new = NewComplaint { number: Some(number), record };
    let mut tx = stage.store.begin().await?;
    let (count,): (i64,) = fetch_one!(tx, OPEN)?;
    if count >= i64::from(stage.most) {
        return Err(RehearsalError::Full);
    }
    let (zone, random) = (stage.zone, stage.random);
    let (by, purpose) = (key.presiding(), Purpose::Rehearsal);
    let case = complaint::create(&mut tx, now, zone, random, &by, new, purpose).await?;
    execute!(tx, INSERT, &case.id, &key.id, ends_at)?;
    let detail = json!({ "complaint": case.id });
    audit::record(&mut tx, now, key.id.as_str(), "rehearsal.open", key.id.as_str(), &detail).await?;
    tx.commit().await?;
    Ok(case)
}

fn guest(role: Role, name: &str, surface: Surface) -> Guest {
    Guest { role, name: name.to_owned(), side: None, surface, language: Language::Zh }
}

/// Ends what is overdue, every minute, until the server stops.
pub async fn keep_time(store: Store, sessions: Sessions, clock: Clock, stop: CancellationToken) {
    let mut every = tokio::time::interval(EVERY);
    while stop.run_until_cancelled(every.tick()).await.is_some() {
        if let Err(error) = end_overdue(&store, &sessions, clock.now()).await {
            tracing::warn!(%error, "overdue rehearsals could not be ended; trying again");
        }
    }
}

/// Adjourns the rehearsals whose time is over, as their mediator would.
pub async fn end_overdue(store: &Store, sessions: &Sessions, now: Time) -> Result<(), StoreError> {
    let mut tx = store.read().await?;
    let overdue: Vec<(ComplaintId, Option<SessionId>, Option<DeviceId>)> = fetch_all!(tx, OVERDUE, now)?;
    drop(tx);
    for (complaint, session, device) in overdue {
        if let Some((session, device)) = session.zip(device) {
            sessions.adjourn(&session, &device).await;
        }
        let mut tx = store.begin().await?;
        execute!(tx, CLOSE, &complaint, now)?;
        tx.commit().await?;
    }
    Ok(())
}
