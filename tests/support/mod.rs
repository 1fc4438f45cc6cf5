//! What the tests share: a database of their own on each engine, and a running server.
//!
//! `mod support;` at the head of a test file, then `both! { async fn … (db: Database) { … } }`.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod app;
pub mod database;
pub mod statements;

pub use database::Database;

/// The same test on both engines: `NAME::sqlite` and `NAME::postgres`.
#[macro_export]
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: Database) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            use super::*;

            async fn story($db: $crate::support::Database) $body

            #[tokio::test]
            async fn sqlite() {
                story($crate::support::Database::sqlite().await).await;
            }

            #[tokio::test]
            async fn postgres() {
                story($crate::support::Database::postgres().await).await;
            }
        }
    )*};
}
