//! A backup is whole or says what is missing; a restore checks it first and overwrites nothing.

mod support;

use hejie::backup;
use hejie::config::Config;
use reqwest::Method;
use serde_json::Value;
use std::path::Path;
use support::Database;
use support::app::{App, NOON, complaint};

/// The configuration of a server whose data lives in `dir`.
fn config(dir: &Path) -> Config {
    let mut config = Config::default();
    config.server.data_dir = dir.to_path_buf();
    config
}

/// A folder with a server's data in it: one complaint, one key file.
async fn data(dir: &Path) -> Config {
    let config = config(dir);
    std::fs::create_dir_all(dir.join("keys")).unwrap();
    std::fs::write(dir.join("keys/server.pem"), "a key").unwrap();
    let database = Database::sqlite().await;
    let app = App::start(database).await;
    let browser = app.mediator("li").await;
    let made = browser.request(Method::POST, "/api/v1/complaints").json(&complaint()).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let from = app.database.url.strip_prefix("sqlite:").unwrap();
    hejie::store::file::copy(Path::new(from), &dir.join("hejie.db")).await.unwrap();
    config
}

#[tokio::test]
async fn what_was_backed_up_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let config_before = data(&folder.path().join("data")).await;
    let copy = folder.path().join("copy");
    let made = backup::make(&config_before, NOON, &copy).await.unwrap();
    let paths: Vec<&str> = made.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["keys/server.pem", "hejie.db"]);

    let config_after = config(&folder.path().join("new"));
    assert_eq!(backup::restore(&config_after, &copy).await.unwrap(), made);
    assert_eq!(std::fs::read_to_string(folder.path().join("new/keys/server.pem")).unwrap(), "a key");
    let url = config_after.store_url().unwrap();
    let mut database = Database::sqlite().await;
    database.url = url;
    let app = App::start(database).await;
    let browser = app.browser();
    assert_eq!(browser.login("li", support::app::PASSWORD).await.status(), 200);
    let listed: Value = browser.get("/api/v1/complaints").await.json().await.unwrap();
    assert_eq!(listed["items"][0]["number"], "2026-000001");
}

#[tokio::test]
async fn a_damaged_backup_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let before = data(&folder.path().join("data")).await;
    let copy = folder.path().join("copy");
    backup::make(&before, NOON, &copy).await.unwrap();
    let target = config(&folder.path().join("new"));

    let database = copy.join("hejie.db");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes[5_000] ^= 1;
    std::fs::write(&database, &bytes).unwrap();
    let error = backup::restore(&target, &copy).await.unwrap_err().to_string();
    assert_eq!(error, "hejie.db: not what was backed up");
    bytes[5_000] ^= 1;
    std::fs::write(&database, &bytes).unwrap();
    backup::check(&copy).await.unwrap();

    std::fs::remove_file(copy.join("keys/server.pem")).unwrap();
    backup::restore(&target, &copy).await.unwrap_err();
    assert!(!target.server.data_dir.exists());
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let before = data(&folder.path().join("data")).await;
    let copy = folder.path().join("copy");
    backup::make(&before, NOON, &copy).await.unwrap();
    assert!(backup::make(&before, NOON, &copy).await.unwrap_err().to_string().ends_with("is not empty"));
    let error = backup::restore(&before, &copy).await.unwrap_err().to_string();
    assert!(error.contains("exists"), "{error}");
}

#[tokio::test]
async fn a_checkpoint_that_survived_stays() {
    let folder = tempfile::tempdir().unwrap();
    let before = data(&folder.path().join("data")).await;
    std::fs::write(before.server.data_dir.join("log-checkpoint"), "older").unwrap();
    let copy = folder.path().join("copy");
    backup::make(&before, NOON, &copy).await.unwrap();
    let after = config(&folder.path().join("new"));
    std::fs::create_dir_all(&after.server.data_dir).unwrap();
    let checkpoint = after.server.data_dir.join("log-checkpoint");
    std::fs::write(&checkpoint, "newer").unwrap();
    backup::restore(&after, &copy).await.unwrap();
    assert_eq!(std::fs::read_to_string(checkpoint).unwrap(), "newer");
}

#[tokio::test]
async fn a_manifest_cannot_reach_outside_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let before = data(&folder.path().join("data")).await;
    let copy = folder.path().join("copy");
    backup::make(&before, NOON, &copy).await.unwrap();
    let manifest = copy.join("manifest.json");
    let text =
        std::fs::read_to_string(&manifest).unwrap().replace("keys/server.pem", "../data/keys/server.pem");
    std::fs::write(&manifest, text).unwrap();
    let error = backup::check(&copy).await.unwrap_err().to_string();
    assert!(error.ends_with("not a path below the backup"), "{error}");
}
