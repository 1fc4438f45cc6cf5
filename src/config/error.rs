//! Why a configuration can't be used; always with the key or the file that is to be put right.

use std::path::{Path, PathBuf};

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}: {source}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("not TOML: {0}")]
    Syntax(#[from] toml::de::Error),
    #[error("{key}: {message}")]
    Value { key: String, message: String },
}

impl ConfigError {
    pub(super) fn value(key: &str, message: impl Into<String>) -> Self {
        Self::Value { key: key.to_owned(), message: message.into() }
    }
}

pub(super) fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.into(), source })
}
