//! Sealed outcomes and key manifests as they are kept, and the bundles made of them.
//!
//! Always true: an outcome's row and its log entry are written in one transaction, the caller's.

use crate::clock::Time;
use crate::ids::{OutcomeId, SessionId};
use crate::log::{self, EntryId, Leaf, LeafKind, Log, LogError, Published};
use crate::random::Random;
use crate::signing::bundle::{Bundle, LoggedManifest, MEDIA_TYPE, View};
use crate::signing::envelope::Jws;
use crate::signing::keys::Es256Key;
use crate::signing::manifest::{self, Manifest};
use crate::signing::payload::Payload;
use crate::store::{Store, StoreError, Tx, execute, fetch_all, fetch_optional};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const STORE: &str = "insert into outcome (oid, ver, session, sealed_at, publication, jws, entry) \
    values ($1, $2, $3, $4, $5, $6, $7)";
const FIND: &str = "select ver, jws, entry from outcome where oid = $1 order by ver desc limit 100";
const ENTRY_OF: &str = "select entry from outcome where oid = $1 order by ver desc limit 1";
const MANIFESTS: &str = "select jws, entry from key_manifest order by seq limit 1000";
const FIRST_MANIFEST: &str = "insert into key_manifest (seq, jws, entry) values (1, $1, $2)";

/// A bundle can't be made, or the issuer's keys are not as they were.
#[derive(Debug, thiserror::Error)]
pub enum OutcomeError {
    #[error(transparent)]
    Log(#[from] LogError),
    /// The configuration or a key file is another one than the log's manifests tell.
    #[error("the log was begun by another issuer or key: {0}")]
    AnotherIssuer(&'static str),
}

impl From<StoreError> for OutcomeError {
    fn from(error: StoreError) -> Self {
        Self::Log(error.into())
    }
}

/// Keeps a sealed outcome and appends its log entry. Call `Log::nudge` after the commit.
pub async fn store_outcome(
    tx: &mut Tx,
    jws: &Jws,
    session: &SessionId,
    random: &Random,
    now: Time,
) -> Result<EntryId, StoreError> {
    let payload = payload(jws);
    let leaf = Leaf::new(LeafKind::Outcome, &jws.bytes(), random.bytes());
    let entry = log::append(tx, &leaf, now).await?;
    let (ver, text) = (i64::from(payload.ver), text(jws));
    execute!(tx, STORE, &payload.oid, ver, session, now, payload.publication, text, entry.0)?;
    Ok(entry)
}

/// The log entry of an outcome's newest version.
pub async fn entry_of(tx: &mut Tx, outcome: &OutcomeId) -> Result<Option<EntryId>, StoreError> {
    let row: Option<(i64,)> = fetch_optional!(tx, ENTRY_OF, outcome)?;
    Ok(row.map(|(entry,)| EntryId(entry)))
}

/// The full bundle of an outcome's newest version; `None` if there is no such outcome, or it is not
/// in a signed checkpoint yet, or it was erased.
pub async fn bundle(store: &Store, log: &Log, outcome: &OutcomeId) -> Result<Option<Bundle>, OutcomeError> {
    let mut tx = store.read().await?;
    let mut versions: Vec<(i64, Option<String>, i64)> = fetch_all!(tx, FIND, outcome)?;
    let manifests: Vec<(String, i64)> = fetch_all!(tx, MANIFESTS)?;
    drop(tx);
    if versions.is_empty() {
        return Ok(None);
    }
    let older = versions.split_off(1);
    let (_, Some(jws), entry) = versions.remove(0) else { return Ok(None) };
    let jws = parsed(&jws);
    let Some(published) = log.published() else { return Ok(None) };
    let Some(own) = logged(store, log, &published, EntryId(entry)).await? else { return Ok(None) };
    let mut key_manifests = Vec::new();
    for (manifest, entry) in manifests {
        let Some(logged) = logged(store, log, &published, EntryId(entry)).await? else { continue };
        let manifest = parsed(&manifest);
        key_manifests.push(LoggedManifest {
            manifest,
            salt: logged.salt,
            leaf: logged.leaf,
            proof: logged.proof,
        });
    }
    let hashes = log.consistency(&published, payload(&jws).anchor.size).await?.unwrap_or_default();
    let previous = older.iter().map_while(|(_, jws, _)| jws.as_deref().map(|jws| parsed(jws).payload));
    Ok(Some(Bundle {
        media_type: MEDIA_TYPE.into(),
        view: View::Full,
        outcome: Some(jws),
        salt: Some(own.salt),
        leaf: own.leaf,
        proof: own.proof,
        anchor_consistency: hashes.iter().map(|hash| URL_SAFE_NO_PAD.encode(hash)).collect(),
        key_manifests,
        previous: previous.collect(),
        erasure: None,
    }))
}

/// Publishes the server's key before its first signature, and at every start holds the key files and
/// the configuration against what was published.
pub async fn publish_keys(
    store: &Store,
    log: &Log,
    issuer: &str,
    key: &Es256Key,
    random: &Random,
    now: Time,
) -> Result<EntryId, OutcomeError> {
    let mut tx = store.begin().await?;
    let manifests: Vec<(String, i64)> = fetch_all!(tx, MANIFESTS)?;
    if let Some((newest, entry)) = manifests.last() {
        check_manifest(&parsed(newest), issuer, log, key)?;
        return Ok(EntryId(*entry));
    }
    let manifest = manifest::first(issuer, &log.verifier(), key, now);
    let leaf = Leaf::new(LeafKind::Key, &manifest.bytes(), random.bytes());
    let entry = log::append(&mut tx, &leaf, now).await?;
    execute!(tx, FIRST_MANIFEST, text(&manifest), entry.0)?;
    tx.commit().await?;
    log.nudge();
    Ok(entry)
}

fn check_manifest(jws: &Jws, issuer: &str, log: &Log, key: &Es256Key) -> Result<(), OutcomeError> {
    let bytes = URL_SAFE_NO_PAD.decode(&jws.payload).expect("stored by us");
    let manifest = Manifest::parse(&bytes).expect("stored by us");
    if manifest.iss != issuer {
        return Err(OutcomeError::AnotherIssuer("agency.issuer differs"));
    }
    if manifest.log != log.verifier().to_string() {
        return Err(OutcomeError::AnotherIssuer("the log's key differs"));
    }
    if manifest.key(key.kid()).is_none() {
        return Err(OutcomeError::AnotherIssuer("the outcome key is not a published one"));
    }
    Ok(())
}

struct Logged {
    salt: String,
    leaf: String,
    proof: String,
}

async fn logged(
    store: &Store,
    log: &Log,
    published: &Published,
    id: EntryId,
) -> Result<Option<Logged>, OutcomeError> {
    let mut tx = store.read().await?;
    let entry = log::entry(&mut tx, id).await?;
    drop(tx);
    let Some((entry, position)) = entry.and_then(|entry| entry.position.map(|at| (entry, at))) else {
        return Ok(None);
    };
    let (Some(salt), Some(proof)) = (entry.salt, log.proof(published, position).await?) else {
        return Ok(None);
    };
    let salt = URL_SAFE_NO_PAD.encode(salt);
    Ok(Some(Logged { salt, leaf: entry.leaf, proof: proof.to_string() }))
}

fn payload(jws: &Jws) -> Payload {
    let bytes = URL_SAFE_NO_PAD.decode(&jws.payload).expect("sealed by us");
    Payload::parse(&bytes).expect("sealed by us")
}

fn text(jws: &Jws) -> String {
    serde_json::to_string(jws).expect("plain data")
}

fn parsed(text: &str) -> Jws {
    serde_json::from_str(text).expect("stored by us")
}
