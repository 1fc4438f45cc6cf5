//! The public log: what is appended is in it exactly if it was committed, and it can't be rewritten.

mod support;

use ed25519_dalek::SigningKey;
use hejie::clock::Time;
use hejie::log::{self, EntryId, Leaf, LeafKind, Log, LogError, Published, Resource};
use hejie::note::NoteSigner;
use hejie::random::Random;
use hejie::store::{Store, execute, fetch_all};
use signed_note::{Note as OtherNote, StandardVerifier, VerifierList};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tlog_tiles::{Error, Hash, HashReader, Tile, TileHashReader, TileReader};
use tokio_util::sync::CancellationToken;

const ORIGIN: &str = "hejie.example/log";

fn signer() -> NoteSigner {
    NoteSigner::new(ORIGIN, SigningKey::from_bytes(&[3; 32])).unwrap()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

async fn open(store: &Store, file: &Path) -> Result<Log, LogError> {
    Log::open(store.clone(), signer(), file.to_owned()).await
}

async fn append(store: &Store, random: &Random, count: usize) -> Vec<EntryId> {
    let mut tx = store.begin().await.unwrap();
    let mut ids = Vec::new();
    for _ in 0..count {
        let leaf = Leaf::new(LeafKind::Outcome, &random.bytes::<8>(), random.bytes());
        ids.push(log::append(&mut tx, &leaf, Time(1)).await.unwrap());
    }
    tx.commit().await.unwrap();
    ids
}

async fn position(store: &Store, id: EntryId) -> Option<u64> {
    let mut tx = store.read().await.unwrap();
    log::entry(&mut tx, id).await.unwrap().and_then(|entry| entry.position)
}

fn size(log: &Log) -> u64 {
    log.published().map_or(0, |now| now.checkpoint.head.size)
}

both! {
    async fn an_entry_is_in_the_log_exactly_if_its_transaction_was_committed(db: Database) {
        let (folder, random) = (Folder::new(), Random::seeded(1));
        let log = open(&db.store, &folder.file("checkpoint")).await.unwrap();
        assert!(log.published().is_none());

        let mut tx = db.store.begin().await.unwrap();
        let leaf = Leaf::new(LeafKind::Outcome, b"never", random.bytes());
        log::append(&mut tx, &leaf, Time(1)).await.unwrap();
        tx.rollback().await.unwrap();
        log.sequence().await.unwrap();
        assert!(log.published().is_none());

        let ids = append(&db.store, &random, 3).await;
        log.sequence().await.unwrap();
        assert_eq!(size(&log), 3);
        for (number, id) in ids.into_iter().enumerate() {
            assert_eq!(log.wait_included(id).await.unwrap(), number as u64);
        }
    }

    async fn the_task_includes_what_is_appended_while_it_runs(db: Database) {
        let (folder, random, stop) = (Folder::new(), Random::seeded(1), CancellationToken::new());
        let log = open(&db.store, &folder.file("checkpoint")).await.unwrap();
        let task = tokio::spawn(log.clone().run(stop.clone()));
        for expected in 0..4 {
            let id = append(&db.store, &random, 1).await[0];
            let included = tokio::time::timeout(Duration::from_secs(10), log.wait_included(id)).await;
            assert_eq!(included.expect("in time").unwrap(), expected);
        }
        stop.cancel();
        task.await.unwrap();
    }

    async fn another_implementation_verifies_every_checkpoint_tile_and_proof(db: Database) {
        let (folder, random) = (Folder::new(), Random::seeded(2));
        let log = open(&db.store, &folder.file("checkpoint")).await.unwrap();
        let mut before: Option<Published> = None;
        for count in [1, 1, 2, 3, 248, 2, 300, 17] {
            append(&db.store, &random, count).await;
            log.sequence().await.unwrap();
            let now = log.published().unwrap();
            let head = now.checkpoint.head;
            is_signed(&log, &now);
            if let Some(before) = before {
                let proof = log.consistency(&now, before.checkpoint.head.size).await.unwrap().unwrap();
                let old = before.checkpoint.head;
                let proof = proof.into_iter().map(Hash).collect();
                tlog_tiles::check_tree(&proof, head.size, Hash(head.root), old.size, Hash(old.root)).unwrap();
            }
            for index in [0, 1, head.size / 2, head.size - 1].into_iter().filter(|index| *index < head.size) {
                let proof = log.proof(&now, index).await.unwrap().unwrap();
                let leaf = Hash(hejie::log::merkle::leaf_hash(leaf(&log, index).await.as_bytes()));
                let hashes = proof.hashes.into_iter().map(Hash).collect();
                tlog_tiles::check_record(&hashes, head.size, Hash(head.root), index, leaf).unwrap();
            }
            before = Some(now);
        }
        let now = before.unwrap().checkpoint.head;
        assert_eq!(now.size, 574);
        // Their reader checks every tile that it loads against the root.
        let tiles = Tiles::load(&log, now.size).await;
        let reader = TileHashReader::new(now.size, Hash(now.root), &tiles);
        for index in 0..now.size {
            let stored = tlog_tiles::stored_hash_index(0, index);
            let hash = reader.read_hashes(&[stored]).unwrap()[0];
            assert_eq!(hash.0, hejie::log::merkle::leaf_hash(leaf(&log, index).await.as_bytes()));
        }
        assert!(log.resource(Resource::parse("tile/0/002.p/63").unwrap()).await.unwrap().is_none());
        assert!(log.resource(Resource::parse("tile/entries/002.p/63").unwrap()).await.unwrap().is_none());
        assert!(log.proof(&log.published().unwrap(), 574).await.unwrap().is_none());
    }

    async fn a_crash_after_numbering_leaves_signing_to_the_next_start(db: Database) {
        let (folder, random) = (Folder::new(), Random::seeded(3));
        let log = open(&db.store, &folder.file("no-folder/checkpoint")).await.unwrap();
        let id = append(&db.store, &random, 1).await[0];
        let failed = log.sequence().await.unwrap_err();
        assert!(matches!(failed, LogError::File { .. }), "{failed}");
        assert_eq!(position(&db.store, id).await, Some(0));
        assert!(log.published().is_none(), "what is not kept outside the database is not shown");

        let log = open(&db.reopened().await, &folder.file("checkpoint")).await.unwrap();
        assert_eq!(size(&log), 1);
        assert_eq!(log.wait_included(id).await.unwrap(), 0);
    }

    async fn a_crash_after_signing_is_noticed_and_nothing_is_signed_again(db: Database) {
        let (folder, random) = (Folder::new(), Random::seeded(3));
        let file = folder.file("checkpoint");
        let log = open(&db.store, &file).await.unwrap();
        append(&db.store, &random, 2).await;
        log.sequence().await.unwrap();
        let signed = std::fs::read(&file).unwrap();
        // The file was written, the database did not learn of it.
        let mut tx = db.store.begin().await.unwrap();
        execute!(tx, "update log_head set signed_size = 0, checkpoint = ''").unwrap();
        tx.commit().await.unwrap();

        let log = open(&db.reopened().await, &file).await.unwrap();
        assert_eq!(size(&log), 2);
        assert_eq!(std::fs::read(&file).unwrap(), signed);
    }

    async fn an_old_backup_does_not_fork_the_log(db: Database) {
        let (folder, random) = (Folder::new(), Random::seeded(4));
        let (newest, other) = (folder.file("newest"), folder.file("other"));
        // Another database in which the same log went on further.
        let ahead = support::Database::sqlite().await;
        let log = open(&ahead.store, &newest).await.unwrap();
        append(&ahead.store, &random, 5).await;
        log.sequence().await.unwrap();

        append(&db.store, &Random::seeded(5), 3).await;
        open(&db.store, &other).await.unwrap().sequence().await.unwrap();
        let behind = open(&db.store, &newest).await.err().unwrap();
        assert!(matches!(behind, LogError::Behind { stored: 3, signed: 5, .. }), "{behind}");

        append(&db.store, &random, 4).await;
        open(&db.store, &other).await.unwrap().sequence().await.unwrap();
        let forked = open(&db.store, &newest).await.err().unwrap();
        assert!(matches!(forked, LogError::Forked { .. }), "{forked}");
    }

    async fn without_its_last_checkpoint_a_log_does_not_go_on(db: Database) {
        let (folder, random) = (Folder::new(), Random::seeded(6));
        let file = folder.file("checkpoint");
        append(&db.store, &random, 1).await;
        open(&db.store, &file).await.unwrap().sequence().await.unwrap();
        std::fs::rename(&file, folder.file("gone")).unwrap();
        let missing = open(&db.store, &file).await.err().unwrap();
        assert!(matches!(missing, LogError::File { .. }), "{missing}");

        let other = NoteSigner::new(ORIGIN, SigningKey::from_bytes(&[4; 32])).unwrap();
        let another = Log::open(db.store.clone(), other, folder.file("gone")).await.err().unwrap();
        assert!(matches!(another, LogError::AnotherLog { .. }), "{another}");
    }

    async fn two_sequencers_give_each_number_once(db: Database) {
        let (folder, random, stop) = (Folder::new(), Random::seeded(7), CancellationToken::new());
        let mut tasks = Vec::new();
        for name in ["one", "two"] {
            let log = open(&db.store, &folder.file(name)).await.unwrap();
            tasks.push((log.clone(), tokio::spawn(log.run(stop.clone()))));
        }
        let mut ids = Vec::new();
        for _ in 0..20 {
            ids.extend(append(&db.store, &random, 3).await);
            tasks.iter().for_each(|(log, _)| log.nudge());
        }
        let mut numbers = Vec::new();
        for id in ids {
            let included = tokio::time::timeout(Duration::from_secs(20), tasks[0].0.wait_included(id)).await;
            numbers.push(included.expect("in time").unwrap());
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (0..60).collect::<Vec<_>>());
        stop.cancel();
        for (log, task) in tasks {
            task.await.unwrap();
            log.sequence().await.unwrap();
            let now = log.published().unwrap();
            assert_eq!(now.checkpoint.head.size, 60);
            Tiles::load(&log, 60).await;
        }
    }

    async fn entries_are_not_changed_moved_or_deleted(db: Database) {
        let (folder, random) = (Folder::new(), Random::seeded(8));
        append(&db.store, &random, 2).await;
        open(&db.store, &folder.file("checkpoint")).await.unwrap().sequence().await.unwrap();
        for change in [
            "update log_entry set leaf = 'x'",
            "update log_entry set position = position + 10",
            "delete from log_entry",
        ] {
            let mut tx = db.store.begin().await.unwrap();
            execute!(tx, change).unwrap_err();
        }
        // What erasure does.
        let mut tx = db.store.begin().await.unwrap();
        execute!(tx, "update log_entry set salt = null where position = 0").unwrap();
        let rows: Vec<(String,)> = fetch_all!(tx, "select leaf from log_entry").unwrap();
        assert_eq!(rows.len(), 2);
    }
}

fn is_signed(log: &Log, now: &Published) {
    let note = OtherNote::from_bytes(now.note.to_string().as_bytes()).unwrap();
    let key = StandardVerifier::new(&log.verifier().to_string()).unwrap();
    let (verified, unverified) = note.verify(&VerifierList::new(vec![Box::new(key)])).unwrap();
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!(checkpoint.origin(), ORIGIN);
    assert_eq!(checkpoint.size(), now.checkpoint.head.size);
    assert_eq!(checkpoint.hash().0, now.checkpoint.head.root);
}

/// A leaf from its entry bundle, as it is served.
async fn leaf(log: &Log, index: u64) -> String {
    let width = (log.published().unwrap().checkpoint.head.size - (index & !0xff)).min(256);
    let partial = if width == 256 { String::new() } else { format!(".p/{width}") };
    let path = format!("tile/entries/{:03}{partial}", index >> 8);
    let bundle = log.resource(Resource::parse(&path).unwrap()).await.unwrap().expect(&path);
    let (mut rest, mut leaves) = (bundle.as_slice(), Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (leaf, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
        leaves.push(String::from_utf8(leaf.to_vec()).unwrap());
        rest = after;
    }
    assert_eq!(leaves.len() as u64, width);
    leaves.swap_remove((index & 0xff) as usize)
}

/// Every tile of a small log, as it is served.
struct Tiles(Vec<(String, Vec<u8>)>);

impl Tiles {
    async fn load(log: &Log, size: u64) -> Self {
        let mut all = Vec::new();
        for tile in Tile::new_tiles(8, 0, size) {
            // Their paths name the height; tlog-tiles does not.
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            let bytes = log.resource(Resource::parse(&path).unwrap()).await.unwrap().expect(&path);
            assert_eq!(bytes.len(), tile.width() as usize * 32);
            all.push((tile.path(), bytes));
        }
        Self(all)
    }
}

impl TileReader for Tiles {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let find = |tile: &Tile| self.0.iter().find(|(path, _)| *path == tile.path());
        Ok(tiles.iter().map(|tile| find(tile).expect("a tile of this tree").1.clone()).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}
