//! Where a case stands; moved by sessions alone.

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

    pub(super) fn parse(text: &str) -> Self {
        [Self::Mediating, Self::Adjourned, Self::Agreed, Self::NotAgreed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .unwrap_or(Self::Registered)
    }
}
