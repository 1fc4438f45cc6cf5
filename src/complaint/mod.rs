//! The complaint record: the case file that every session, settlement and outcome hangs on.
//!
//! `record` is what is written down, `check` and `codes` whether it may be, `records` keeps and
//! finds it, `history` tells what became of it. Staff create and read records through the edge;
//! sessions tell their story by [`record_event`] and [`attach_outcome`], in their own transaction.

mod check;
mod codes;
mod error;
pub mod ground_rules;
mod history;
mod record;
mod records;
mod state;

pub use check::FieldError;
pub use error::ComplaintError;
pub use history::{
    Event, History, OutcomeEntry, SessionEnd, SessionEntry, SettlementEntry, attach_outcome, history,
    record_event,
};
pub use record::{
    AgeGroup, Channel, Consumer, IdType, IssueType, Item, Merchant, NewComplaint, Record, SalesChannel,
    Source,
};
pub use records::{Complaint, Cursor, Page, Purpose, Summary, create, list, newest_sample, open};
pub use state::State;
