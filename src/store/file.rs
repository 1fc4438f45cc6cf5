//! SQLite's file itself: copied while it is in use, checked while it is not. For backups; the tables
//! stay as they are.

use super::StoreError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::time::Duration;

const INTEGRITY: &str = "pragma integrity_check(1)";
const REFERENCES: &str = "pragma foreign_key_check";

/// Copies the database in `from`, as it is at one moment, into a new file. A server may have it open.
pub async fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let options = SqliteConnectOptions::new().filename(from).busy_timeout(Duration::from_secs(30));
    let mut connection = options.connect().await?;
    sqlx::query("vacuum into $1").bind(to.to_string_lossy().into_owned()).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// What is wrong with the database in `file`, if anything. Nothing else may have it open.
pub async fn damage(file: &Path) -> Result<Option<String>, StoreError> {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
    let mut connection = options.connect().await?;
    let (integrity,): (String,) = sqlx::query_as(INTEGRITY).fetch_one(&mut connection).await?;
    let references = sqlx::query(REFERENCES).fetch_optional(&mut connection).await?;
    connection.close().await?;
    if integrity != "ok" {
        return Ok(Some(integrity));
    }
    Ok(references.map(|_| "a row refers to one that is not there".to_owned()))
}
