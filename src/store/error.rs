//! What can go wrong with a store, in terms of what a caller can do about it.

/// A failed statement. Its text may hold values of a row: log it, never show it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is such a row already. On PostgreSQL the transaction is over.
    #[error("a row with these values exists already")]
    Taken(#[source] sqlx::Error),
    /// The database can't be reached, or is too busy. Nothing is known to be written; try again.
    #[error("the database is not available: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// A mistake of ours, or a damaged database.
    #[error("the database refused: {0}")]
    Broken(#[source] sqlx::Error),
    #[error("the tables could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("a database address starts with `sqlite:` or `postgres://`")]
    UnknownUrl,
}

impl StoreError {
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Taken(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error::{Database, Io, PoolClosed, PoolTimedOut, Tls, WorkerCrashed};
        match &error {
            Database(cause) if cause.is_unique_violation() => Self::Taken(error),
            Database(cause) if cause.code().is_some_and(|code| passing(&code)) => Self::Unavailable(error),
            Io(_) | Tls(_) | PoolTimedOut | PoolClosed | WorkerCrashed => Self::Unavailable(error),
            _ => Self::Broken(error),
        }
    }
}

/// Codes of a state that passes: SQLite's busy (5), locked (6), I/O error (10) and full (13) with
/// their extended forms; PostgreSQL's classes 08 (connection), 53 (resources), 57 (operator), and
/// 40 (serialisation, deadlock).
fn passing(code: &str) -> bool {
    if code.len() == 5 && !code.starts_with('0') || code.starts_with("08") {
        return ["08", "53", "57", "40"].iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 10 | 13))
}
