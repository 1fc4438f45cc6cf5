//! What can go wrong with accounts and signing in.

use super::password::BadPassword;
use crate::store::StoreError;

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
    #[error(transparent)]
    BadPassword(#[from] BadPassword),
    #[error(transparent)]
    Store(#[from] StoreError),
}
