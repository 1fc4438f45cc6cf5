//! PostgreSQL: for several nodes. Transactions run at READ COMMITTED; compare-and-swap does the rest.

use super::{Store, StoreError};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::time::Duration;

pub(super) static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

const CONNECTIONS: u32 = 10;
const WAIT: Duration = Duration::from_secs(5);

pub(super) async fn open(url: &str) -> Result<Store, StoreError> {
    let options: PgConnectOptions = url.parse::<PgConnectOptions>()?.application_name("hejie").options([
        ("statement_timeout", "30s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ]);
    let pool =
        PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(WAIT).connect_with(options).await?;
    Ok(Store::Postgres(pool))
}
