//! The phases of a session (DOMAIN.md §3).

use serde::{Deserialize, Serialize};

/// Where a session stands (DOMAIN.md §3).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ts_rs::TS,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// People arrive; the mediator checks and admits them.
    Verifying,
    Joint,
    Caucus,
    /// A caucus has ended; microphones between the rooms open when the countdown is over.
    Returning,
    Drafting,
    Signing,
    Agreed,
    Terminated,
    Adjourned,
}

impl Phase {
    pub const ALL: [Self; 9] = [
        Self::Verifying,
        Self::Joint,
        Self::Caucus,
        Self::Returning,
        Self::Drafting,
        Self::Signing,
        Self::Agreed,
        Self::Terminated,
        Self::Adjourned,
    ];

    /// Nothing follows: the session's result stands.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Agreed | Self::Terminated | Self::Adjourned)
    }

    /// Some people are apart from the others.
    pub fn is_apart(self) -> bool {
        matches!(self, Self::Caucus | Self::Returning)
    }
}
