//! The people of a session: roles, sides, where they sit, what was checked of them.

use serde::{Deserialize, Serialize};

/// What somebody is in a session. Rights hang on it (`rights`).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Deserialize,
    Serialize,
    ts_rs::TS,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Consumer,
    Merchant,
    Mediator,
    /// Stands by one side: a relative, a colleague.
    Helper,
    Interpreter,
    /// Sees and hears; says and signs nothing.
    Observer,
}

impl Role {
    pub const ALL: [Self; 6] =
        [Self::Consumer, Self::Merchant, Self::Mediator, Self::Helper, Self::Interpreter, Self::Observer];

    /// Consumer, merchant and mediator sign (form 9 of Order 121 adds the mediator).
    pub fn signs(self) -> bool {
        matches!(self, Self::Consumer | Self::Merchant | Self::Mediator)
    }

    /// The two whose agreement it is.
    pub fn is_party(self) -> bool {
        matches!(self, Self::Consumer | Self::Merchant)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Consumer => "consumer",
            Self::Merchant => "merchant",
            Self::Mediator => "mediator",
            Self::Helper => "helper",
            Self::Interpreter => "interpreter",
            Self::Observer => "observer",
        }
    }
}

/// Whom a helper or interpreter stands by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Consumer,
    Merchant,
}

/// Which page a link opens: a phone's, or the shared screen's at a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    Phone,
    Station,
    Desk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Zh,
    En,
}

/// How the mediator made sure who this is. Journalled; evidence, never proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityCheck {
    /// An identity document held to the camera.
    DocumentSeen,
    /// Known to the mediator in person.
    KnownInPerson,
    /// The station's staff vouched.
    StationStaff,
    /// Phone number and case details matched.
    DetailsMatched,
    /// The staff account itself (mediators only).
    Account,
    NotChecked,
}
