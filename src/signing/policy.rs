//! What a verifier trusts, from somewhere else than the bundle (`docs/OUTCOME-FORMAT.md` §7).
//!
//! Without it a self-made server with a self-made log would pass.

use crate::log::proof::Proof;
use crate::note::{COSIGNATURE, ED25519, VerifierKey};
use serde::{Deserialize, Serialize};
use serde_json::json;

const MAX_BYTES: usize = 64 * 1024;
const MAX_WITNESSES: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub issuer: String,
    pub log: VerifierKey,
    pub witnesses: Vec<VerifierKey>,
    /// How many of the witnesses must have cosigned.
    pub quorum: usize,
}

/// The policy file can't be used. That is the caller's mistake and no verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPolicy {
    #[error("policy: longer than 64 KiB")]
    TooLarge,
    #[error("policy: not the JSON object that it should be: {0}")]
    Form(String),
    #[error("policy.log: not an Ed25519 verifier key")]
    Log,
    #[error("policy.witnesses[{0}]: not a cosignature verifier key, or there already")]
    Witness(usize),
    #[error("policy.quorum: more than there are witnesses, or more than {MAX_WITNESSES} witnesses")]
    Quorum,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    v: super::payload::One,
    issuer: String,
    log: String,
    witnesses: Vec<String>,
    quorum: usize,
}

impl Policy {
    /// The times of its witnesses' valid cosignatures, seconds since 1970.
    pub fn cosigned_at(&self, proof: &Proof) -> Vec<u64> {
        let time = |line| {
            let of_this = self.witnesses.iter().filter(|key| key.is_of(line));
            of_this.map(|key| key.verify(&proof.note.text, line)).find_map(|time| time)
        };
        proof.note.signatures.iter().filter_map(time).collect()
    }

    pub fn parse(bytes: &[u8]) -> Result<Self, BadPolicy> {
        if bytes.len() > MAX_BYTES {
            return Err(BadPolicy::TooLarge);
        }
        let file: PolicyFile =
            serde_json::from_slice(bytes).map_err(|error| BadPolicy::Form(error.to_string()))?;
        let log: VerifierKey = file.log.parse().map_err(|_| BadPolicy::Log)?;
        if log.algorithm() != ED25519 {
            return Err(BadPolicy::Log);
        }
        let mut witnesses: Vec<VerifierKey> = Vec::new();
        for (index, text) in file.witnesses.iter().enumerate() {
            let key: VerifierKey = text.parse().map_err(|_| BadPolicy::Witness(index))?;
            if key.algorithm() != COSIGNATURE || witnesses.iter().any(|other| other.same_key(&key)) {
                return Err(BadPolicy::Witness(index));
            }
            witnesses.push(key);
        }
        if file.quorum > witnesses.len() || witnesses.len() > MAX_WITNESSES {
            return Err(BadPolicy::Quorum);
        }
        Ok(Self { issuer: file.issuer, log, witnesses, quorum: file.quorum })
    }

    /// The file that a server offers for download.
    pub fn to_json(&self) -> serde_json::Value {
        let witnesses: Vec<_> = self.witnesses.iter().map(ToString::to_string).collect();
        json!({ "v": 1, "issuer": self.issuer, "log": self.log.to_string(), "witnesses": witnesses, "quorum": self.quorum })
    }
}
