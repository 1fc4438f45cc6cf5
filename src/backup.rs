//! Backups that say whether they are whole: a copy of the database and of the data folder, with a
//! manifest of every file's hash.
//!
//! `hejie backup` works while the server runs. `hejie restore` checks everything before it writes
//! anything, and never over existing data. For SQLite; PostgreSQL brings its own tools (`pg_dump`),
//! and the data folder with its keys is copied like any folder.

use crate::clock::Time;
use crate::config::Config;
use crate::log::Resource;
use crate::log::merkle::{Frontier, leaf_hash};
use crate::random::Random;
use crate::server::{self, CHECKPOINT};
use crate::store::{self, Store};
use anyhow::{Context, bail, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "hejie.db";
/// Entries in one bundle of the log (c2sp.org/tlog-tiles).
const BUNDLE: u64 = 256;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// 1.
    pub version: u32,
    pub made_at: Time,
    pub files: Vec<File>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Below the backup's folder, with `/`.
    pub path: String,
    pub bytes: u64,
    /// Base64url.
    pub sha256: String,
}

/// Copies database and data folder into `to`, a folder that is new or empty, and checks the copy.
pub async fn make(config: &Config, now: Time, to: &Path) -> anyhow::Result<Manifest> {
    let url = config.store_url()?;
    ensure!(
        url.starts_with("sqlite:"),
        "this server keeps its data in PostgreSQL: back that up with pg_dump, and the folder {} beside it",
        config.server.data_dir.display()
    );
    ensure!(is_empty(to)?, "{} is not empty", to.display());
    private_dir(to)?;
    let database = PathBuf::from(url.trim_start_matches("sqlite:"));
    let mut files = Vec::new();
    for path in below(&config.server.data_dir)? {
        let from = config.server.data_dir.join(&path);
        if is_part_of(&from, &database) {
            continue;
        }
        copy(&from, &to.join(&path))?;
        files.push(path);
    }
    // The database last: then the log in it is never behind the checkpoint beside it.
    store::file::copy(&database, &to.join(DATABASE)).await.context("the database could not be copied")?;
    files.push(DATABASE.to_owned());
    let files = files.into_iter().map(|path| described(to, path)).collect::<anyhow::Result<_>>()?;
    let manifest = Manifest { version: 1, made_at: now, files };
    write(&to.join(MANIFEST), &serde_json::to_vec_pretty(&manifest)?)?;
    check(to).await?;
    Ok(manifest)
}

/// Checks that every file is there as it was written, and that the database is whole.
pub async fn check(dir: &Path) -> anyhow::Result<Manifest> {
    let path = dir.join(MANIFEST);
    let text = std::fs::read(&path).with_context(|| format!("{}", path.display()))?;
    let manifest: Manifest = serde_json::from_slice(&text).with_context(|| format!("{}", path.display()))?;
    ensure!(manifest.version == 1, "this backup is of version {}, known is 1", manifest.version);
    ensure!(manifest.files.iter().any(|file| file.path == DATABASE), "the backup holds no database");
    for file in &manifest.files {
        ensure!(is_plain(&file.path), "{}: not a path below the backup", file.path);
        let found = described(dir, file.path.clone())?;
        ensure!(found == *file, "{}: not what was backed up", file.path);
    }
    if let Some(damage) = store::file::damage(&dir.join(DATABASE)).await? {
        bail!("{DATABASE}: {damage}");
    }
    Ok(manifest)
}

/// Checks the backup in `from`, brings it back to where `config` says, and checks the public log from
/// its first entry on. Overwrites nothing; if anything fails, what it wrote is gone again.
///
/// A log checkpoint that survived is newer than the backup's and stays. If it names entries that the
/// backup doesn't have, the restore fails: going on from there would give the log two histories.
pub async fn restore(config: &Config, from: &Path) -> anyhow::Result<Manifest> {
    let manifest = check(from).await?;
    let url = config.store_url()?;
    let database = url.strip_prefix("sqlite:").context("store.url: a backup is restored to SQLite only")?;
    let data = &config.server.data_dir;
    let target = |path: &str| if path == DATABASE { PathBuf::from(database) } else { data.join(path) };
    let survived = data.join(CHECKPOINT).exists();
    let wanted = manifest.files.iter().filter(|file| !(survived && file.path == CHECKPOINT));
    let wanted: Vec<(PathBuf, PathBuf)> =
        wanted.map(|file| (from.join(&file.path), target(&file.path))).collect();
    for (_, to) in &wanted {
        ensure!(!to.exists(), "{} exists; restore into an empty folder", to.display());
    }
    private_dir(data)?;
    let restored = bring_back(config, &url, &wanted).await;
    if restored.is_err() {
        for (_, to) in &wanted {
            let _ = std::fs::remove_file(to);
        }
    }
    restored.map(|()| manifest)
}

async fn bring_back(config: &Config, url: &str, files: &[(PathBuf, PathBuf)]) -> anyhow::Result<()> {
    for (from, to) in files {
        copy(from, to)?;
    }
    let store = Store::open(url).await.context("the restored database could not be opened")?;
    let checked = check_log(config, &store).await;
    store.close().await;
    checked
}

/// Builds the log's tree anew from its entries and compares it with the last signed checkpoint.
async fn check_log(config: &Config, store: &Store) -> anyhow::Result<()> {
    let (_, log) = server::open_log(config, store, &Random::os()).await.context("the public log")?;
    let Some(published) = log.published() else { return Ok(()) };
    let signed = published.checkpoint.head;
    let mut tree = Frontier::new();
    while tree.size() < signed.size {
        let width = (signed.size - tree.size()).min(BUNDLE);
        let bundle = Resource::Entries(tree.size() / BUNDLE, usize::try_from(width)?);
        let bundle = log.resource(bundle).await?.context("the public log lacks entries")?;
        let mut rest = bundle.as_slice();
        while let Some((length, after)) = rest.split_first_chunk() {
            let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
            tree.push(leaf_hash(entry));
            rest = after;
        }
    }
    ensure!(tree.head() == signed, "the public log's entries don't give its signed root");
    Ok(())
}

/// The database's own files: itself, its write-ahead log, its index of that.
fn is_part_of(path: &Path, database: &Path) -> bool {
    let own = |suffix: &str| {
        let mut name = database.as_os_str().to_owned();
        name.push(suffix);
        path == Path::new(&name)
    };
    ["", "-wal", "-shm", "-journal"].into_iter().any(own)
}

/// Every file below `dir`, as paths with `/`, sorted.
fn below(dir: &Path) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(dir.join(&folder)).with_context(|| format!("{}", dir.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path.to_str().context("a file name is not text")?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_plain(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

fn is_empty(dir: &Path) -> anyhow::Result<bool> {
    if !dir.exists() {
        return Ok(true);
    }
    Ok(std::fs::read_dir(dir).with_context(|| format!("{}", dir.display()))?.next().is_none())
}

fn described(dir: &Path, path: String) -> anyhow::Result<File> {
    let open = dir.join(&path);
    let mut file = std::fs::File::open(&open).with_context(|| format!("{}", open.display()))?;
    let (mut hash, mut bytes, mut part) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            break;
        }
        bytes += read as u64;
        hash.update(&part[..read]);
    }
    Ok(File { path, bytes, sha256: URL_SAFE_NO_PAD.encode(hash.finalize()) })
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if let Some(folder) = to.parent() {
        private_dir(folder)?;
    }
    std::fs::copy(from, to).with_context(|| format!("{} to {}", from.display(), to.display()))?;
    std::fs::File::open(to)?.sync_all()?;
    Ok(())
}

fn write(to: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = std::fs::File::create(to).with_context(|| format!("{}", to.display()))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(())
}

fn private_dir(dir: &Path) -> anyhow::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).with_context(|| format!("{} can't be made", dir.display()))
}
