//! The store's contract, the same on SQLite and PostgreSQL.

mod support;

use hejie::clock::Time;
use hejie::ids::StaffId;
use hejie::random::Random;
use hejie::store::{Engine, Store, StoreError, execute, fetch_all, fetch_one, fetch_optional};

const NOTE: &str = "insert into audit (at, actor, action, subject, detail) values ($1, $2, $3, $4, $5)";
const NOTES: &str = "select at, actor from audit where subject = $1 order by seq limit $2";

both! {
    async fn what_was_committed_is_there_after_a_restart(db: Database) {
        let actor = StaffId::random(&Random::seeded(1));
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(execute!(tx, NOTE, Time(5), &actor, "look", "case", "{}").unwrap(), 1);
        tx.commit().await.unwrap();
        db.store.close().await;

        let store = db.reopened().await;
        let mut tx = store.read().await.unwrap();
        let rows: Vec<(Time, StaffId)> = fetch_all!(tx, NOTES, "case", 10_i64).unwrap();
        assert_eq!(rows, [(Time(5), actor)]);
    }

    async fn what_was_not_committed_is_gone(db: Database) {
        let mut tx = db.store.begin().await.unwrap();
        execute!(tx, NOTE, Time(5), "somebody", "look", "case", "{}").unwrap();
        drop(tx);

        let mut tx = db.store.begin().await.unwrap();
        let found: Option<(Time, String)> = fetch_optional!(tx, NOTES, "case", 1_i64).unwrap();
        assert_eq!(found, None);
    }

    async fn the_audit_takes_no_update_and_no_delete(db: Database) {
        let mut tx = db.store.begin().await.unwrap();
        execute!(tx, NOTE, Time(5), "somebody", "look", "case", "{}").unwrap();
        tx.commit().await.unwrap();
        for change in ["update audit set actor = 'nobody'", "delete from audit"] {
            let mut tx = db.store.begin().await.unwrap();
            execute!(tx, change).unwrap_err();
        }
        let mut tx = db.store.read().await.unwrap();
        let (actor,): (String,) = fetch_one!(tx, "select actor from audit").unwrap();
        assert_eq!(actor, "somebody");
    }

    async fn a_row_that_is_there_already_is_told_apart(db: Database) {
        const MAKE: &str = "insert into complaint_number (year, last) values ($1, $2)";
        let mut tx = db.store.begin().await.unwrap();
        execute!(tx, MAKE, 2026_i64, 1_i64).unwrap();
        let error = execute!(tx, MAKE, 2026_i64, 2_i64).unwrap_err();
        assert!(error.is_unique_violation(), "{error}");
        tx.rollback().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let error = execute!(tx, "insert into nothing values (1)").unwrap_err();
        assert!(matches!(error, StoreError::Broken(_)), "{error}");
    }

    async fn of_two_that_swap_the_same_state_one_wins(db: Database) {
        const SWAP: &str = "update complaint_number set last = $3 where year = $1 and last = $2";
        let mut tx = db.store.begin().await.unwrap();
        execute!(tx, "insert into complaint_number (year, last) values (2026, 1)").unwrap();
        tx.commit().await.unwrap();
        let swap = async |to: i64| {
            let mut tx = db.store.begin().await.unwrap();
            let (seen,): (i64,) = fetch_one!(tx, "select last from complaint_number").unwrap();
            let swapped = if seen == 1 { execute!(tx, SWAP, 2026_i64, 1_i64, to).unwrap() } else { 0 };
            tx.commit().await.unwrap();
            swapped
        };
        let (a, b) = tokio::join!(swap(2), swap(3));
        assert_eq!(a + b, 1);
    }

    async fn readers_cannot_write(db: Database) {
        let mut tx = db.store.read().await.unwrap();
        execute!(tx, NOTE, Time(5), "somebody", "look", "case", "{}").unwrap_err();
    }

    async fn a_reader_does_not_wait_for_the_writer(db: Database) {
        let mut writing = db.store.begin().await.unwrap();
        execute!(writing, NOTE, Time(5), "somebody", "look", "case", "{}").unwrap();
        let mut reading = db.store.read().await.unwrap();
        let (count,): (i64,) = fetch_one!(reading, "select count(*) from audit").unwrap();
        assert_eq!(count, 0);
        writing.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_postgres_cuts_is_told_and_replaced() {
    let db = support::Database::postgres().await;
    let mut tx = db.store.begin().await.unwrap();
    execute!(tx, NOTE, Time(5), "somebody", "look", "case", "{}").unwrap();
    let (own,): (i32,) = fetch_one!(tx, "select pg_backend_pid()").unwrap();
    let mut other = db.store.begin().await.unwrap();
    execute!(other, "select pg_terminate_backend($1)", own).unwrap();
    let error = tx.commit().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    drop(other);

    let mut tx = db.store.begin().await.unwrap();
    let (count,): (i64,) = fetch_one!(tx, "select count(*) from audit").unwrap();
    assert_eq!(count, 0);
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine| -> Vec<(i64, String)> {
        let all = Store::migrations(engine).iter();
        all.map(|migration| (migration.version, migration.description.to_string())).collect()
    };
    assert_eq!(names(Engine::Sqlite), names(Engine::Postgres));
}

both! {
    async fn every_statement_in_the_source_is_understood(db: Database) {
        let statements = support::statements::all();
        assert!(statements.iter().any(|(place, _)| place.starts_with("src/store/")), "the scan finds SQL");
        let mut failures = Vec::new();
        for (place, sql) in statements {
            let mut tx = db.store.begin().await.unwrap();
            let sql = sqlx::AssertSqlSafe(sql);
            let prepared = match &mut tx {
                hejie::store::Tx::Sqlite(tx) => {
                    sqlx::Executor::prepare(&mut **tx, sqlx::SqlSafeStr::into_sql_str(sql)).await.err()
                }
                hejie::store::Tx::Postgres(tx) => {
                    sqlx::Executor::prepare(&mut **tx, sqlx::SqlSafeStr::into_sql_str(sql)).await.err()
                }
            };
            failures.extend(prepared.map(|error| format!("{place}: {error}")));
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}
