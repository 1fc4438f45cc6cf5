//! The tool against a real server: one room, played to the signature.

#[path = "../../../tests/support/mod.rs"]
mod support;

use hejie::rehearsal::key;
use serde_json::Value;
use std::process::Output;
use support::app::App;
use tokio::process::Command;

/// Runs the tool with this secret.
async fn load(app: &App, secret: &str, arguments: &[&str]) -> Output {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{secret}\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_hejie-load"));
    command.args(["--server", &app.base, "--json", "--key"]).arg(file.path()).args(arguments);
    command.kill_on_drop(true).output().await.unwrap()
}

async fn operators_key(app: &App) -> String {
    let state = &app.server.state;
    let mut tx = state.store.begin().await.unwrap();
    let (_, secret) = key::add(&mut tx, app.clock.now(), &state.random, "ops", 1).await.unwrap();
    tx.commit().await.unwrap();
    secret
}

fn report(output: &Output) -> Value {
    let told = || String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", told()))
}

both! {
    async fn one_room_is_played_to_the_signature_and_its_numbers_add_up(db: Database) {
        let app = App::start_now(db).await;
        let secret = operators_key(&app).await;
        // Other tests run beside this one: a busy machine may drop packets.
        let output = load(&app, &secret, &["--rooms", "1", "--seconds", "5", "--loss", "20"]).await;
        let report = report(&output);
        assert!(output.status.success(), "{report:#}");
        let number = |pointer: &str| report.pointer(pointer).and_then(Value::as_u64).unwrap();
        assert_eq!((number("/rooms"), number("/finished"), number("/failures")), (1, 1, 0));
        assert!(number("/packets/sent") >= 3 * 200 * 4, "three people for about five seconds: {report:#}");
        assert_eq!(number("/packets/expected"), number("/packets/sent") * 2);
        assert_eq!(number("/packets/expected"), number("/packets/received") + number("/packets/lost"));
        assert_eq!(number("/one_way_ms/count"), number("/packets/received"));
        assert_eq!(number("/join_ms/count"), 2);
        assert!(number("/reply_ms/count") >= 15);
        for what in ["join_ms", "one_way_ms", "reply_ms"] {
            let [p50, p95, p99] = ["p50", "p95", "p99"].map(|p| report[what][p].as_f64().unwrap());
            assert!(0.0 < p50 && p50 <= p95 && p95 <= p99, "{what}: {report:#}");
        }
        let progress = String::from_utf8(output.stderr).unwrap();
        assert!(progress.contains("rooms settled: 1 of 1\n"), "{progress}");
        assert!(!progress.contains('\r'), "plain lines where there is no terminal");
    }

    async fn what_failed_is_told_and_fails_the_run(db: Database) {
        let app = App::start_now(db).await;
        let output = load(&app, "hejie-operator-of-somebody-else", &["--rooms", "2", "--seconds", "1"]).await;
        assert_eq!(output.status.code(), Some(1));
        let report = report(&output);
        assert_eq!((report["failures"].as_u64(), report["finished"].as_u64()), (Some(2), Some(0)));
        assert!(report["reasons"][0].as_str().unwrap().contains("401 not_an_operator"), "{report:#}");
        assert!(report["one_way_ms"]["p50"].is_null());
    }
}

#[tokio::test]
async fn no_server_is_told_apart_from_a_bad_one() {
    let output = Command::new(env!("CARGO_BIN_EXE_hejie-load"))
        .args(["--server", "http://127.0.0.1:1"])
        .env("HEJIE_OPERATOR_KEY", "hejie-operator-x")
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("hejie-load: the ground rules"));
}
