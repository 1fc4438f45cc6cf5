//! One store, two engines: SQLite embedded by default, PostgreSQL for several nodes.
//!
//! Every domain keeps its SQL beside itself as one text in PostgreSQL's style (`$1`), and runs it
//! through the macros of [`statement`] on a [`Tx`]. What the engines share: BIGINT, TEXT, bytes and
//! boolean; time as epoch milliseconds; JSON as TEXT; `on conflict do nothing`; `returning`.
//! Serialise by compare-and-swap (`update … where version = $1`, then look at the rows affected).
//!
//! Always true: nothing a caller acknowledges was written outside a committed `Tx`; on SQLite one
//! writer runs at a time and readers never wait for it; a `Tx` dropped without `commit` undoes itself.

mod column;
mod error;
pub mod file;
mod postgres;
mod sqlite;
mod statement;

pub use crate::{execute, fetch_all, fetch_one, fetch_optional};
pub use error::StoreError;
#[doc(hidden)]
pub use sqlx;
use sqlx::migrate::Migrator;
use std::path::Path;

const PING: &str = "select cast(1 as bigint)";

/// The database, cheap to clone.
#[derive(Clone, Debug)]
pub enum Store {
    Sqlite { write: sqlx::SqlitePool, read: sqlx::SqlitePool },
    Postgres(sqlx::PgPool),
}

/// An open transaction. Dropping it without [`Tx::commit`] rolls it back.
#[derive(Debug)]
pub enum Tx {
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

/// Which engine runs underneath.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Store {
    /// Opens `sqlite:PATH` or `postgres://…`, and brings its tables up to date.
    ///
    /// A SQLite file is made where there is none; its folder must exist.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let store = if let Some(path) = url.strip_prefix("sqlite:") {
            sqlite::open(Path::new(path.strip_prefix("//").unwrap_or(path))).await?
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            postgres::open(url).await?
        } else {
            return Err(StoreError::UnknownUrl);
        };
        store.migrate().await?;
        Ok(store)
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { write, .. } => sqlite::MIGRATIONS.run(write).await?,
            Self::Postgres(pool) => postgres::MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// The tables' history that is built in, oldest first.
    pub fn migrations(engine: Engine) -> &'static Migrator {
        match engine {
            Engine::Sqlite => &sqlite::MIGRATIONS,
            Engine::Postgres => &postgres::MIGRATIONS,
        }
    }

    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// A transaction that writes. On SQLite it waits for the writer before it (at most 5 s).
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin_with("begin immediate").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// A transaction that only reads: one consistent picture, and it waits for no writer.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        Ok(match self {
            Self::Sqlite { read, .. } => Tx::Sqlite(read.begin().await?),
            Self::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("begin isolation level repeatable read, read only").await?)
            }
        })
    }

    /// Answers whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut tx = self.read().await?;
        let _: (i64,) = fetch_one!(tx, PING)?;
        Ok(())
    }

    /// Waits for what runs, then closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes everything durable. After an error nobody knows whether it is: a caller must then
    /// either look, or repeat something that may be repeated.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Undoes everything now, instead of some time after the drop.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await?,
            Self::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }

    /// For the macros: the same for an owned and a borrowed transaction.
    #[doc(hidden)]
    pub fn borrow(&mut self) -> &mut Self {
        self
    }
}
