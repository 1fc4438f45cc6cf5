//! Who somebody of the agency is, and what their role lets them do.

use crate::ids::StaffId;
use serde::{Deserialize, Serialize};

/// What somebody of the agency may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    /// Takes complaints in and mediates.
    Mediator,
    /// Takes complaints in.
    Officer,
    /// Everything.
    Admin,
}

impl StaffRole {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mediator => "mediator",
            Self::Officer => "officer",
            Self::Admin => "admin",
        }
    }

    pub(super) fn parse(text: &str) -> Self {
        match text {
            "admin" => Self::Admin,
            "mediator" => Self::Mediator,
            _ => Self::Officer,
        }
    }

    /// Whether this role opens sessions and presides over them.
    pub fn mediates(self) -> bool {
        matches!(self, Self::Mediator | Self::Admin)
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Staff {
    #[serde(rename = "staff")]
    pub id: StaffId,
    pub name: String,
    pub display_name: String,
    pub role: StaffRole,
}
