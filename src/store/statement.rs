//! The four ways to run a statement. Each expands its call once per driver; type inference does the rest.
//!
//! ```text
//! let changed: u64 = execute!(tx, CLOSE, id, now)?;
//! let found: Option<(StaffId, String)> = fetch_optional!(tx, BY_NAME, name)?;
//! let rows: Vec<Row> = fetch_all!(tx, LIST, after, limit)?;      // Row: sqlx::FromRow
//! let (count,): (i64,) = fetch_one!(tx, COUNT)?;
//! ```
//! `tx` is a `Tx` or a `&mut Tx`; the SQL is a `&'static str`; arguments are taken by value or by
//! reference, whole numbers as `i64`. All give `Result<_, StoreError>`. On PostgreSQL an error ends
//! the whole transaction: prefer `on conflict do nothing` to catching a unique violation.

/// Runs a statement; gives the number of rows affected.
#[macro_export]
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match $tx.borrow() {
            $crate::store::Tx::Sqlite(tx) => $crate::store::sqlx::query($sql)
                $(.bind($arg))*
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
            $crate::store::Tx::Postgres(tx) => $crate::store::sqlx::query($sql)
                $(.bind($arg))*
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err($crate::store::StoreError::from)
    };
}

/// Runs a query for at most one row: a tuple or a `FromRow` struct.
#[macro_export]
macro_rules! fetch_optional {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::__fetch!(fetch_optional, $tx, $sql $(, $arg)*)
    };
}

/// Runs a query for exactly one row: a tuple or a `FromRow` struct.
#[macro_export]
macro_rules! fetch_one {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::__fetch!(fetch_one, $tx, $sql $(, $arg)*)
    };
}

/// Runs a query for all its rows: bound them with `limit`.
#[macro_export]
macro_rules! fetch_all {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::__fetch!(fetch_all, $tx, $sql $(, $arg)*)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __fetch {
    ($how:ident, $tx:expr, $sql:expr $(, $arg:expr)*) => {
        match $tx.borrow() {
            $crate::store::Tx::Sqlite(tx) => $crate::store::sqlx::query_as($sql)
                $(.bind($arg))*
                .$how(&mut **tx)
                .await,
            $crate::store::Tx::Postgres(tx) => $crate::store::sqlx::query_as($sql)
                $(.bind($arg))*
                .$how(&mut **tx)
                .await,
        }
        .map_err($crate::store::StoreError::from)
    };
}
