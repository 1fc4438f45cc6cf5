//! A backup is whole or says what is missing; a restore checks it first, the public log included, and
//! overwrites nothing.

mod support;

use hejie::backup;
use hejie::config::Config;
use hejie::log::{self, Leaf, LeafKind};
use hejie::random::Random;
use hejie::server;
use hejie::store::Store;
use serde_json::Value;
use std::path::{Path, PathBuf};
use support::Database;
use support::app::{App, NOON, PASSWORD, complaint};

/// A server that has stopped, with one complaint, in a folder of its own.
struct Stopped {
    folder: tempfile::TempDir,
    config: Config,
}

/// The configuration of a server whose data lives in `dir`.
fn config(dir: &Path) -> Config {
    let mut config = Config::default();
    config.server.data_dir = dir.to_path_buf();
    config
}

/// A server whose data lives in `dir`.
async fn server(dir: &Path) -> App {
    App::start_with(Database::sqlite().await, |config| {
        config.server.data_dir = dir.to_path_buf();
        config.store.url = None;
    })
    .await
}

impl Stopped {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("data");
        let app = server(&dir).await;
        let browser = app.mediator("li").await;
        assert_eq!(browser.post("/api/v1/complaints", &complaint()).await.status(), 201);
        app.server.stop().await;
        Self { config: config(&dir), folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// One more entry in the public log.
    async fn append(&self) {
        let store = Store::open(&self.config.store_url().unwrap()).await.unwrap();
        let (_, log) = server::open_log(&self.config, &store, &Random::os()).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        log::append(&mut tx, &Leaf::new(LeafKind::Journal, b"a session", [7; 32]), NOON).await.unwrap();
        tx.commit().await.unwrap();
        log.sequence().await.unwrap();
        store.close().await;
    }
}

#[tokio::test]
async fn what_was_backed_up_comes_back() {
    let before = Stopped::new().await;
    before.append().await;
    let copy = before.path("copy");
    let made = backup::make(&before.config, NOON, &copy).await.unwrap();
    let paths: Vec<&str> = made.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["keys/log-ed25519.pem", "keys/outcome-es256.pem", "log-checkpoint", "hejie.db"]);

    let dir = before.path("new");
    assert_eq!(backup::restore(&config(&dir), &copy).await.unwrap(), made);
    let app = server(&dir).await;
    let browser = app.browser();
    assert_eq!(browser.login("li", PASSWORD).await.status(), 200);
    let listed: Value = browser.get("/api/v1/complaints").await.json().await.unwrap();
    assert_eq!(listed["items"][0]["number"], "2026-000001");
}

#[tokio::test]
async fn a_backup_is_made_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("data");
    let app = server(&dir).await;
    let browser = app.mediator("li").await;
    let copy = folder.path().join("copy");
    backup::make(&config(&dir), NOON, &copy).await.unwrap();
    assert_eq!(browser.post("/api/v1/complaints", &complaint()).await.status(), 201);
    backup::restore(&config(&folder.path().join("new")), &copy).await.unwrap();
}

#[tokio::test]
async fn a_damaged_backup_is_refused_before_anything_is_written() {
    let before = Stopped::new().await;
    let copy = before.path("copy");
    backup::make(&before.config, NOON, &copy).await.unwrap();
    let target = config(&before.path("new"));

    let database = copy.join("hejie.db");
    let mut bytes = std::fs::read(&database).unwrap();
    bytes[5_000] ^= 1;
    std::fs::write(&database, &bytes).unwrap();
    let error = backup::restore(&target, &copy).await.unwrap_err().to_string();
    assert_eq!(error, "hejie.db: not what was backed up");
    bytes[5_000] ^= 1;
    std::fs::write(&database, &bytes).unwrap();
    backup::check(&copy).await.unwrap();

    std::fs::remove_file(copy.join("keys/log-ed25519.pem")).unwrap();
    backup::restore(&target, &copy).await.unwrap_err();
    assert!(!target.server.data_dir.exists());
}

#[tokio::test]
async fn an_old_backup_never_gives_the_log_two_histories() {
    let before = Stopped::new().await;
    let copy = before.path("copy");
    backup::make(&before.config, NOON, &copy).await.unwrap();
    before.append().await;

    let after = config(&before.path("new"));
    std::fs::create_dir(&after.server.data_dir).unwrap();
    let survived = after.server.data_dir.join("log-checkpoint");
    std::fs::copy(before.path("data/log-checkpoint"), &survived).unwrap();
    let error = format!("{:#}", backup::restore(&after, &copy).await.unwrap_err());
    assert!(error.starts_with("the public log: "), "{error}");
    assert!(survived.exists());
    assert!(!after.server.data_dir.join("hejie.db").exists());
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let before = Stopped::new().await;
    let copy = before.path("copy");
    backup::make(&before.config, NOON, &copy).await.unwrap();
    let error = backup::make(&before.config, NOON, &copy).await.unwrap_err().to_string();
    assert!(error.ends_with("is not empty"), "{error}");
    let error = backup::restore(&before.config, &copy).await.unwrap_err().to_string();
    assert!(error.contains("exists"), "{error}");
}

#[tokio::test]
async fn a_manifest_cannot_reach_outside_its_folder() {
    let before = Stopped::new().await;
    let copy = before.path("copy");
    backup::make(&before.config, NOON, &copy).await.unwrap();
    let manifest = copy.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("keys/log", "../data/keys/log")).unwrap();
    let error = backup::check(&copy).await.unwrap_err().to_string();
    assert!(error.ends_with("not a path below the backup"), "{error}");
}
