//! Staff: accounts, passwords, signed-in browsers, single-use sign-in links.
//!
//! `password` hashes on a few threads of its own, `account` keeps who there is, `signin` decides and
//! keeps who is signed in. The edge turns cookies into a [`Staff`].

mod account;
pub mod password;
mod signin;

pub use account::{Account, add, by_id, find, set_disabled, set_password};
pub use password::{Passwords, Strength};
pub use signin::{Attempt, SignedIn, login, make_link, sign_out, signed_in, use_link};

use crate::ids::StaffId;
use crate::store::StoreError;
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

    fn parse(text: &str) -> Self {
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

/// Why somebody was not signed in, or an account not made.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// No such account, a wrong password, or a disabled account: not told apart.
    #[error("name or password is wrong")]
    WrongCredentials,
    /// The link was used, has expired, or was never made: not told apart.
    #[error("this sign-in link does not work (any more)")]
    LinkClosed,
    /// Wait this many milliseconds.
    #[error("too many attempts")]
    TooMany(i64),
    #[error("there is no account of that name")]
    NoAccount,
    #[error("there is an account of that name")]
    NameTaken,
    #[error("a name is 1 to 60 letters, digits and . _ - @")]
    BadName,
    #[error("a display name is 1 to 100 characters, none of them control characters")]
    BadDisplayName,
    #[error("a password has at least {least} characters, at most 1,000", least = password::LEAST)]
    BadPassword,
    #[error(transparent)]
    Store(#[from] StoreError),
}
