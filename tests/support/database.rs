//! An empty, migrated database per test, on a real engine; gone when the test is over.

use hejie::store::Store;
use std::sync::atomic::{AtomicU32, Ordering};

/// A database of one test's own. Keep it as long as the store is used.
pub struct Database {
    pub store: Store,
    /// To open the same database again, as a restarted server does.
    pub url: String,
    folder: Option<tempfile::TempDir>,
}

impl Database {
    /// A SQLite file in a temporary folder.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("hejie.db").display());
        let store = Store::open(&url).await.expect("a fresh SQLite database opens");
        Self { store, url, folder: Some(folder) }
    }

    /// A fresh database on the server that `tests/support/postgres.sh` started.
    pub async fn postgres() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("HEJIE_TEST_POSTGRES").expect(
            "HEJIE_TEST_POSTGRES names no PostgreSQL server: run the tests by `cargo nextest run`, which \
             starts one, or set it to a postgres:// address whose user may create databases",
        );
        let name = format!("hejie_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&server)
            .await
            .expect("the PostgreSQL server of the tests answers");
        for statement in [format!("drop database if exists {name}"), format!("create database {name}")] {
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .execute(&mut connection)
                .await
                .expect("a new database");
        }
        let (before, after) = server.split_once('?').unwrap_or((&server, ""));
        let base = before.rsplit_once('/').expect("the address names a database").0;
        let url = format!("{base}/{name}?{after}");
        let store = Store::open(&url).await.expect("a fresh PostgreSQL database opens");
        Self { store, url, folder: None }
    }

    /// The same database through new connections, as after a restart.
    pub async fn reopened(&self) -> Store {
        Store::open(&self.url).await.expect("the database opens again")
    }
}
