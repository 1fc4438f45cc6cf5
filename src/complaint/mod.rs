//! The complaint record: the case file that every session, settlement and outcome hangs on.
//!
//! `record` is what is written down, `check` and `codes` whether it may be, `records` keeps and
//! finds it, `history` tells what became of it. Staff create and read records through the edge;
//! sessions tell their story by [`record_event`] and [`attach_outcome`], in their own transaction.

mod check;
mod codes;
pub mod ground_rules;
mod history;
mod record;
mod records;

pub use check::FieldError;
pub use history::{
    Event, History, OutcomeEntry, SessionEnd, SessionEntry, SettlementEntry, attach_outcome, history,
    record_event,
};
pub use record::{
    AgeGroup, Channel, Consumer, IdType, IssueType, Item, Merchant, NewComplaint, Record, SalesChannel,
    Source,
};
pub use records::{Complaint, Cursor, Page, Summary, create, list, newest_sample, open};

use crate::store::StoreError;
use serde::{Deserialize, Serialize};

/// Where a case stands, as far as sessions move it (DOMAIN.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Registered,
    /// A session is or was open.
    Mediating,
    /// A session stopped for the day.
    Adjourned,
    /// A signed outcome is attached.
    Agreed,
    /// A session ended on a ground of Order 121 art. 23.
    NotAgreed,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Mediating => "mediating",
            Self::Adjourned => "adjourned",
            Self::Agreed => "agreed",
            Self::NotAgreed => "not_agreed",
        }
    }

    fn parse(text: &str) -> Self {
        [Self::Mediating, Self::Adjourned, Self::Agreed, Self::NotAgreed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .unwrap_or(Self::Registered)
    }
}

/// Why nothing was done to a record.
#[derive(Debug, thiserror::Error)]
pub enum ComplaintError {
    /// Each field with what is wrong about it; nothing was stored.
    #[error("{} fields are not right", .0.len())]
    Invalid(Vec<FieldError>),
    /// Another record has this registration number.
    #[error("the registration number is taken")]
    NumberTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}
