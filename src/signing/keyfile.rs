//! The server's private keys: PKCS#8 PEM files that only their owner may read, made on first start.
//!
//! Called once, at start, by the server.

use crate::note::{NoteError, NoteSigner};
use crate::random::Random;
use crate::signing::keys::Es256Key;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The keys can't be used. Each message names the file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{}: others may read it; make it its owner's alone (mode 600)", path.display())]
    Open { path: PathBuf },
    #[error("{}: not a private key in PKCS#8 PEM of the kind that belongs there", path.display())]
    NotAKey { path: PathBuf },
    #[error("the log's origin: {0}")]
    Origin(#[from] NoteError),
}

/// Everything the server signs with.
#[derive(Debug, Clone)]
pub struct ServerKeys {
    /// Countersigns outcomes.
    pub outcome: Es256Key,
    /// Signs the log's checkpoints, under the log's origin.
    pub log: NoteSigner,
}

impl ServerKeys {
    /// Reads `outcome-es256.pem` and `log-ed25519.pem` in `folder`; makes what is not there yet.
    pub fn open(folder: &Path, origin: &str, random: &Random) -> Result<Self, KeyFileError> {
        let file_error = |source| KeyFileError::File { path: folder.to_owned(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(file_error)?;
        let path = folder.join("outcome-es256.pem");
        let pem = read_or_make(&path, || Es256Key::generate(random).to_pem())?;
        let outcome = Es256Key::from_pem(&pem).map_err(|_| KeyFileError::NotAKey { path })?;
        let path = folder.join("log-ed25519.pem");
        let pem = read_or_make(&path, || {
            let key = SigningKey::from_bytes(&random.bytes());
            key.to_pkcs8_pem(LineEnding::LF).expect("an Ed25519 key encodes").to_string()
        })?;
        let log = SigningKey::from_pkcs8_pem(&pem).map_err(|_| KeyFileError::NotAKey { path })?;
        Ok(Self { outcome, log: NoteSigner::new(origin, log)? })
    }
}

fn read_or_make(path: &Path, make: impl FnOnce() -> String) -> Result<String, KeyFileError> {
    let error = |source| KeyFileError::File { path: path.to_owned(), source };
    match fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => {
            Err(KeyFileError::Open { path: path.to_owned() })
        }
        Ok(_) => fs::read_to_string(path).map_err(error),
        Err(missing) if missing.kind() == ErrorKind::NotFound => {
            let pem = make();
            write(path, &pem).map_err(error)?;
            Ok(pem)
        }
        Err(source) => Err(error(source)),
    }
}

/// Whole and durable under its name, or not there at all: a half-written key would be a lost one.
fn write(path: &Path, pem: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    fs::File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("keys");
        let random = Random::seeded(1);
        let first = ServerKeys::open(&folder, "hejie.example/log", &random).unwrap();
        let again = ServerKeys::open(&folder, "hejie.example/log", &random).unwrap();
        assert_eq!(first.outcome.kid(), again.outcome.kid());
        assert_eq!(first.log.verifier(), again.log.verifier());
        for file in ["outcome-es256.pem", "log-ed25519.pem"] {
            assert_eq!(fs::metadata(folder.join(file)).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_that_others_may_read_or_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, random) = (folder.path().join("outcome-es256.pem"), Random::seeded(1));
        ServerKeys::open(folder.path(), "log", &random).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let open = ServerKeys::open(folder.path(), "log", &random).unwrap_err();
        assert!(matches!(open, KeyFileError::Open { .. }), "{open}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::copy(folder.path().join("log-ed25519.pem"), &path).unwrap();
        let other = ServerKeys::open(folder.path(), "log", &random).unwrap_err();
        assert!(matches!(other, KeyFileError::NotAKey { .. }), "{other}");
    }
}
