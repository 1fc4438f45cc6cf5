//! The key manifest: which keys sign for the issuer, itself signed and logged (`docs/OUTCOME-FORMAT.md` §4).

use crate::clock::Time;
use crate::note::VerifierKey;
use crate::signing::envelope::{Jws, JwsSignature, sign};
use crate::signing::keys::{Es256Key, Jwk};
use crate::signing::payload::{One, Unreadable, digest, digest_or_null, read};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

pub const TYP: &str = "mediation-keys+jws";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub iss: String,
    pub keys: Vec<ManifestKey>,
    /// The log's verifier key.
    pub log: String,
    #[serde(deserialize_with = "digest_or_null")]
    pub prev: Option<String>,
    pub seq: u32,
    pub v: One,
}

/// One key and the time in which its signatures count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestKey {
    pub alg: KeyAlgorithm,
    /// Seconds since 1970.
    pub from: u64,
    pub jwk: Jwk,
    #[serde(deserialize_with = "digest")]
    pub kid: String,
    /// From here on it signs no more.
    #[serde(deserialize_with = "Option::deserialize")]
    pub until: Option<u64>,
    #[serde(rename = "use")]
    pub purpose: Purpose,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyAlgorithm {
    #[serde(rename = "ES256")]
    Es256,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Countersigns outcomes.
    Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestHeader {
    pub alg: String,
    pub iat: u64,
    #[serde(deserialize_with = "digest")]
    pub kid: String,
    pub typ: String,
}

impl Manifest {
    pub fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        let manifest: Self = read(bytes)?;
        if manifest.keys.iter().all(|key| key.jwk.has_form()) {
            Ok(manifest)
        } else {
            Err(Unreadable::Malformed)
        }
    }

    pub fn key(&self, kid: &str) -> Option<&ManifestKey> {
        self.keys.iter().find(|key| key.kid == kid)
    }
}

/// The issuer's first manifest: one key, which signs it.
pub fn first(issuer: &str, log: &VerifierKey, key: &Es256Key, now: Time) -> Jws {
    let from = u64::try_from(now.seconds()).unwrap_or(0);
    let listed = ManifestKey {
        alg: KeyAlgorithm::Es256,
        from,
        jwk: key.jwk().clone(),
        kid: key.kid().to_owned(),
        until: None,
        purpose: Purpose::Outcome,
    };
    let manifest = Manifest {
        iss: issuer.to_owned(),
        keys: vec![listed],
        log: log.to_string(),
        prev: None,
        seq: 1,
        v: One,
    };
    signed(&manifest, &[key], now)
}

/// A manifest with the signatures of `keys`: those newly listed, and after the first one of those before.
pub fn signed(manifest: &Manifest, keys: &[&Es256Key], now: Time) -> Jws {
    let payload = URL_SAFE_NO_PAD.encode(crate::canon::bytes(manifest));
    let iat = u64::try_from(now.seconds()).unwrap_or(0);
    let signature = |key: &&Es256Key| {
        let header = ManifestHeader { alg: "ES256".into(), iat, kid: key.kid().to_owned(), typ: TYP.into() };
        let signed = sign(&header, &payload, key);
        JwsSignature { header: None, protected: signed.protected, signature: signed.signature }
    };
    let signatures = keys.iter().map(signature).collect();
    Jws { payload, signatures }
}
