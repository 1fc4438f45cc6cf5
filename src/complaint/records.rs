//! Keeping and finding complaint records.

use super::check::Checks;
use super::error::ComplaintError;
use super::history::{Event, record_event};
use super::record::{NewComplaint, Record};
use super::state::State;
use crate::audit;
use crate::clock::Time;
use crate::ids::{ComplaintId, StaffId};
use crate::random::Random;
use crate::store::{StoreError, Tx, execute, fetch_all, fetch_one, fetch_optional};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::tz::TimeZone;
use serde::Serialize;
use std::str::FromStr;

/// A record as staff see it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Complaint {
    pub id: ComplaintId,
    /// The registration number, for people to quote.
    pub number: String,
    pub state: State,
    /// A made-up case for trying things out.
    pub sample: bool,
    pub created_at: Time,
    pub subject: String,
    pub record: Record,
}

/// What a record is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody complained.
    Case,
    /// A made-up case for people to try things out with.
    Sample,
    /// A made-up case for a machine to try the server out with. It stands in no list.
    Rehearsal,
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Summary {
    pub id: ComplaintId,
    pub number: String,
    pub state: State,
    pub sample: bool,
    pub created_at: Time,
    pub subject: String,
    pub consumer: String,
    pub merchant: String,
    pub amount_fen: Option<i64>,
    pub currency: Option<String>,
}

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Page {
    pub items: Vec<Summary>,
    /// Where the next page begins; absent on the last.
    #[schema(value_type = Option<String>)]
    pub next: Option<Cursor>,
}

/// A place in the list. Opaque to clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Cursor {
    at: Time,
    id: String,
}

impl Cursor {
    /// Before everything.
    pub fn newest() -> Self {
        Self { at: Time(i64::MAX), id: String::new() }
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        URL_SAFE_NO_PAD.encode(format!("{} {}", cursor.at.0, cursor.id))
    }
}

impl FromStr for Cursor {
    type Err = crate::ids::BadId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| crate::ids::BadId)?;
        let text = String::from_utf8(bytes).map_err(|_| crate::ids::BadId)?;
        let (at, id) = text.split_once(' ').ok_or(crate::ids::BadId)?;
        let id: ComplaintId = id.parse()?;
        Ok(Self { at: Time(at.parse().map_err(|_| crate::ids::BadId)?), id: id.into() })
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ComplaintId,
    number: String,
    state: String,
    sample: bool,
    created_at: Time,
    record: String,
}

const INSERT: &str = "
    insert into complaint (id, number, state, sample, created_at, created_by, found_by, record, rehearsal)
    values ($1, $2, 'registered', $3, $4, $5, $6, $7, $8)
    on conflict (number) do nothing";
const NEXT_NUMBER: &str = "
    insert into complaint_number (year, last) values ($1, 1)
    on conflict (year) do update set last = complaint_number.last + 1
    returning last";
const OPEN: &str = "select id, number, state, sample, created_at, record from complaint where id = $1";
const NEWEST_SAMPLE: &str = "
    select id, number, state, sample, created_at, record from complaint
    where sample and not rehearsal order by created_at desc, id desc limit 1";
const LIST: &str = "
    select id, number, state, sample, created_at, record from complaint
    where (created_at, id) < ($1, $2) and found_by like $3 escape '\\' and not rehearsal
    order by created_at desc, id desc limit $4";

/// Checks and stores a new record.
pub async fn create(
    tx: &mut Tx,
    now: Time,
    zone: &TimeZone,
    random: &Random,
    by: &StaffId,
    new: NewComplaint,
    purpose: Purpose,
) -> Result<Complaint, ComplaintError> {
    let today = now.day(zone);
    let number = checked_number(new.number)?;
    let record = new.record.checked(today).map_err(ComplaintError::Invalid)?;
    let id = ComplaintId::random(random);
    let number = match number {
        Some(number) => {
            if !insert(tx, now, &id, &number, by, &record, purpose).await? {
                return Err(ComplaintError::NumberTaken);
            }
            number
        }
        None => loop {
            let number = next_number(tx, i64::from(today.year())).await?;
            if insert(tx, now, &id, &number, by, &record, purpose).await? {
                break number;
            }
        },
    };
    record_event(tx, now, &id, &Event::Registered).await?;
    audit::record(tx, now, by.as_str(), "complaint.create", id.as_str(), &serde_json::json!({})).await?;
    let (subject, sample) = (record.subject(), purpose != Purpose::Case);
    Ok(Complaint { id, number, state: State::Registered, sample, created_at: now, subject, record })
}

fn checked_number(number: Option<String>) -> Result<Option<String>, ComplaintError> {
    let mut checks = Checks::new("");
    let mut number = number;
    checks.optional_line("number", &mut number, 60);
    checks.done(number).map_err(ComplaintError::Invalid)
}

/// `2026-000123`. A number that somebody has given by hand is passed over by the caller.
async fn next_number(tx: &mut Tx, year: i64) -> Result<String, StoreError> {
    let (last,): (i64,) = fetch_one!(tx, NEXT_NUMBER, year)?;
    Ok(format!("{year}-{last:06}"))
}

async fn insert(
    tx: &mut Tx,
    now: Time,
    id: &ComplaintId,
    number: &str,
    by: &StaffId,
    record: &Record,
    purpose: Purpose,
) -> Result<bool, StoreError> {
    let json = serde_json::to_string(record).expect("a record is plain data");
    let (sample, rehearsal) = (purpose != Purpose::Case, purpose == Purpose::Rehearsal);
    let found_by = found_by(number, record);
    Ok(execute!(tx, INSERT, id, number, sample, now, by, found_by, json, rehearsal)? == 1)
}

/// What a search looks through, in lower case.
fn found_by(number: &str, record: &Record) -> String {
    let (consumer, merchant) = (&record.consumer, &record.merchant);
    [number, &consumer.name, &consumer.phone, &merchant.name, &record.subject()].join("\n").to_lowercase()
}

pub async fn open(tx: &mut Tx, id: &ComplaintId) -> Result<Option<Complaint>, StoreError> {
    let row: Option<Row> = fetch_optional!(tx, OPEN, id)?;
    Ok(row.map(Complaint::from))
}

/// The newest made-up record.
pub async fn newest_sample(tx: &mut Tx) -> Result<Option<Complaint>, StoreError> {
    let row: Option<Row> = fetch_optional!(tx, NEWEST_SAMPLE)?;
    Ok(row.map(Complaint::from))
}

/// Records whose number, names, phone or subject contain `query`, newest first, after `cursor`.
pub async fn list(tx: &mut Tx, query: &str, cursor: &Cursor, limit: u32) -> Result<Page, StoreError> {
    let pattern = format!("%{}%", escaped(&query.trim().to_lowercase()));
    let more = i64::from(limit) + 1;
    let mut rows: Vec<Row> = fetch_all!(tx, LIST, cursor.at, &cursor.id, pattern, more)?;
    let is_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next =
        rows.last().filter(|_| is_more).map(|row| Cursor { at: row.created_at, id: row.id.clone().into() });
    Ok(Page { items: rows.into_iter().map(Summary::from).collect(), next })
}

/// A query's own `%` and `_` stand for themselves.
fn escaped(query: &str) -> String {
    query.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

impl From<Row> for Complaint {
    fn from(row: Row) -> Self {
        let record: Record = serde_json::from_str(&row.record).expect("stored records are readable");
        Self {
            id: row.id,
            number: row.number,
            state: State::parse(&row.state),
            sample: row.sample,
            created_at: row.created_at,
            subject: record.subject(),
            record,
        }
    }
}

impl From<Row> for Summary {
    fn from(row: Row) -> Self {
        let whole = Complaint::from(row);
        Self {
            id: whole.id,
            number: whole.number,
            state: whole.state,
            sample: whole.sample,
            created_at: whole.created_at,
            subject: whole.subject,
            consumer: whole.record.consumer.name,
            merchant: whole.record.merchant.name,
            amount_fen: whole.record.amount_fen,
            currency: whole.record.currency,
        }
    }
}
