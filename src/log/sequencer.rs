//! Numbers entries, moves the head, signs checkpoints: one task, `run`, started by the server.
//!
//! Always true: the head moves by compare-and-swap only; a checkpoint is signed only if it continues
//! the last signed one, which is also kept in a file outside the database, so that an old backup can't
//! fork the log; the file is durable before anybody sees the checkpoint; a crash leaves work to resume.

use crate::log::checkpoint::Checkpoint;
use crate::log::merkle::Head;
use crate::log::records::{self, EntryId, Numbered, StoredHead, Tree};
use crate::note::{Note, NoteSigner, VerifierKey};
use crate::store::{Store, StoreError, Tx};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

/// Entries numbered in one transaction.
const BATCH: usize = 256;
/// Entries whose appender did not call wait at most this long.
const INTERVAL: Duration = Duration::from_millis(500);

/// The log can't go on, or can't begin.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// The database is older than what was signed: a backup was put back. Restore a newer one, or begin
    /// a new log under a new key and origin.
    #[error("the database holds a log of {stored} entries, but one of {signed} was signed already: {file}", file = path.display())]
    Behind { stored: u64, signed: u64, path: PathBuf },
    /// The database holds another history than what was signed.
    #[error("the database's log does not continue the one signed before: {}", path.display())]
    Forked { path: PathBuf },
    /// The file with the last signed checkpoint is not one of this log.
    #[error("{}: not a checkpoint signed by this log's key", path.display())]
    AnotherLog { path: PathBuf },
}

/// A checkpoint that is signed and may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub checkpoint: Checkpoint,
    pub note: Note,
}

/// The log, cheap to clone.
#[derive(Clone)]
pub struct Log {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    signer: NoteSigner,
    /// Holds the last signed checkpoint, outside the database.
    file: PathBuf,
    /// Somebody appended.
    wake: Notify,
    published: watch::Sender<Option<Published>>,
    /// It was opened: a missing file now means that another node signed first, not that ours was lost.
    is_open: AtomicBool,
    /// The last round went well.
    is_working: AtomicBool,
}

impl Log {
    /// Opens the log and signs what a crash left unsigned. Refuses a database that would fork it.
    pub async fn open(store: Store, signer: NoteSigner, file: PathBuf) -> Result<Self, LogError> {
        let shared = Shared {
            store,
            signer,
            file,
            wake: Notify::new(),
            published: watch::Sender::new(None),
            is_open: AtomicBool::new(false),
            is_working: AtomicBool::new(true),
        };
        let log = Self { shared: Arc::new(shared) };
        let mut tx = log.shared.store.begin().await?;
        records::first_head(&mut tx).await?;
        tx.commit().await?;
        log.publish().await?;
        log.shared.is_open.store(true, Ordering::Release);
        Ok(log)
    }

    /// Numbers and signs until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let done = self.sequence().await;
            self.shared.is_working.store(done.is_ok(), Ordering::Relaxed);
            if let Err(error) = done {
                tracing::error!(%error, "the log could not be extended; trying again");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.shared.wake.notified() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    /// Whether entries are being included. Ask before taking on what would have to wait for it.
    pub fn is_working(&self) -> bool {
        self.shared.is_working.load(Ordering::Relaxed)
    }

    /// An entry was appended and committed.
    pub fn nudge(&self) {
        self.shared.wake.notify_one();
    }

    /// The key that verifies its checkpoints; its name is the log's origin.
    pub fn verifier(&self) -> VerifierKey {
        self.shared.signer.verifier()
    }

    /// The newest signed checkpoint; `None` only before the first entry.
    pub fn published(&self) -> Option<Published> {
        self.shared.published.borrow().clone()
    }

    /// Waits until the entry is in the tree of a signed checkpoint; gives its number.
    pub async fn wait_included(&self, id: EntryId) -> Result<u64, LogError> {
        let mut published = self.shared.published.subscribe();
        self.nudge();
        loop {
            let size = published.borrow_and_update().as_ref().map_or(0, |now| now.checkpoint.head.size);
            let mut tx = self.shared.store.read().await?;
            let position = records::entry(&mut tx, id).await?.and_then(|entry| entry.position);
            drop(tx);
            match position {
                Some(position) if position < size => return Ok(position),
                _ => published.changed().await.expect("the sender is ours"),
            }
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Numbers everything that waits, then signs. Called by the task; tests may call it instead.
    pub async fn sequence(&self) -> Result<(), LogError> {
        while self.is_waiting().await? {
            let mut tx = self.shared.store.begin().await?;
            match records::number(&mut tx, BATCH).await? {
                Numbered::Entries(_) => tx.commit().await?,
                Numbered::Nothing | Numbered::Lost => tx.rollback().await?,
            }
            self.publish().await?;
        }
        Ok(())
    }

    /// Whether there is something to number. What was numbered and not yet signed is signed first.
    async fn is_waiting(&self) -> Result<bool, LogError> {
        let mut tx = self.shared.store.read().await?;
        let waiting = records::is_waiting(&mut tx).await?;
        let size = records::head(&mut tx).await?.map_or(0, |stored| stored.head.size);
        drop(tx);
        if size > self.published().map_or(0, |now| now.checkpoint.head.size) {
            self.publish().await?;
        }
        Ok(waiting)
    }

    /// Signs the head, if it moved and continues what was signed, and lets everybody see it.
    async fn publish(&self) -> Result<(), LogError> {
        // In this order: the stored tree may be newer than what is shown, never older.
        let shown = self.published();
        let mut tx = self.shared.store.read().await?;
        let Some(stored) = records::head(&mut tx).await? else { return Ok(()) };
        let signed = if shown.is_some() { shown } else { self.signed_before(&stored)? };
        let Some(signed) = signed else {
            drop(tx);
            return if stored.head.size > 0 { self.publish_new(stored.head).await } else { Ok(()) };
        };
        self.continues(&mut tx, &stored, &signed.checkpoint.head).await?;
        drop(tx);
        if signed.checkpoint.head.size < stored.head.size {
            return self.publish_new(stored.head).await;
        }
        if stored.signed_size < stored.head.size {
            self.remember(&signed).await?;
        }
        self.show(signed);
        Ok(())
    }

    /// First the file, then the database, then the world.
    async fn publish_new(&self, head: Head) -> Result<(), LogError> {
        let new = self.sign(head);
        let (path, text) = (self.shared.file.clone(), new.note.to_string());
        let kept = tokio::task::spawn_blocking(move || keep(&path, &text)).await;
        kept.expect("writing a file does not panic")?;
        self.remember(&new).await?;
        self.show(new);
        Ok(())
    }

    fn sign(&self, head: Head) -> Published {
        let checkpoint = Checkpoint { origin: self.verifier().name().to_owned(), head };
        let text = checkpoint.to_string();
        Published { checkpoint, note: Note { signatures: vec![self.shared.signer.sign(&text)], text } }
    }

    /// The last checkpoint signed before this start, from the file.
    fn signed_before(&self, stored: &StoredHead) -> Result<Option<Published>, LogError> {
        let path = &self.shared.file;
        let may_be_missing = stored.signed_size == 0 || self.shared.is_open.load(Ordering::Acquire);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_be_missing => return Ok(None),
            Err(source) => return Err(LogError::File { path: path.clone(), source }),
        };
        let another = || LogError::AnotherLog { path: path.clone() };
        let note: Note = text.parse().map_err(|_| another())?;
        let key = self.verifier();
        if !note.signatures.iter().any(|line| key.is_of(line) && key.verify(&note.text, line).is_some()) {
            return Err(another());
        }
        let checkpoint = note.text.parse().map_err(|_| another())?;
        Ok(Some(Published { checkpoint, note }))
    }

    /// Whether the stored tree begins with the signed one.
    async fn continues(&self, tx: &mut Tx, stored: &StoredHead, signed: &Head) -> Result<(), LogError> {
        let path = || self.shared.file.clone();
        if stored.head.size < signed.size {
            return Err(LogError::Behind { stored: stored.head.size, signed: signed.size, path: path() });
        }
        let root = if stored.head.size == signed.size {
            stored.head.root
        } else {
            Tree::new(tx).roots(&[(0, signed.size)]).await?[0]
        };
        if root == signed.root { Ok(()) } else { Err(LogError::Forked { path: path() }) }
    }

    async fn remember(&self, signed: &Published) -> Result<(), LogError> {
        let mut tx = self.shared.store.begin().await?;
        records::signed(&mut tx, signed.checkpoint.head.size, &signed.note.to_string()).await?;
        Ok(tx.commit().await?)
    }

    fn show(&self, signed: Published) {
        self.shared.published.send_if_modified(|shown| {
            let newer =
                shown.as_ref().is_none_or(|old| old.checkpoint.head.size < signed.checkpoint.head.size);
            if newer {
                *shown = Some(signed);
            }
            newer
        });
    }
}

/// Replaces the file in one step and makes it durable: first the new bytes, then the name, then the folder.
fn keep(path: &Path, text: &str) -> Result<(), LogError> {
    let write = || -> std::io::Result<()> {
        use std::io::Write;
        let beside = path.with_extension("new");
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        std::fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|source| LogError::File { path: path.to_owned(), source })
}
