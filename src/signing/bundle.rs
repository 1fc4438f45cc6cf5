//! The bundle: one file that verifies offline (`docs/OUTCOME-FORMAT.md` §6).
//!
//! [`Bundle`] is how it is written; [`Readable`] is what came out of a stranger's file once every part
//! was found to be of the right form. Nothing in either is verified.

use crate::log::leaf::LeafText;
use crate::log::merkle::Hash;
use crate::log::proof::Proof;
use crate::signing::envelope::{Header, Jws};
use crate::signing::manifest::{Manifest, ManifestHeader};
use crate::signing::payload::{Payload, Unreadable, digest, read};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub const MEDIA_TYPE: &str = "application/vnd.hejie.outcome-bundle.v1+json";
pub const MAX_BYTES: usize = 1024 * 1024;

/// What a copy shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Everything: for the parties and the case file.
    Full,
    /// Personal fields and free text kept back.
    Redacted,
    /// The document is gone; the log still says that there was one.
    Erased,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    pub media_type: String,
    pub view: View,
    #[serde(deserialize_with = "Option::deserialize")]
    pub outcome: Option<Jws>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub salt: Option<String>,
    pub leaf: String,
    pub proof: String,
    /// From the anchor's size to the checkpoint's.
    pub anchor_consistency: Vec<String>,
    pub key_manifests: Vec<LoggedManifest>,
    /// Payloads of earlier versions, newest first.
    pub previous: Vec<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub erasure: Option<LoggedErasure>,
}

/// A key manifest with what opens its leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedManifest {
    pub manifest: Jws,
    pub salt: String,
    pub leaf: String,
    pub proof: String,
}

/// The record of an erasure with what opens its leaf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedErasure {
    pub record: String,
    pub salt: String,
    pub leaf: String,
    pub proof: String,
}

/// What is logged of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErasureRecord {
    /// Seconds since 1970.
    pub at: u64,
    /// The commitment of the erased leaf.
    #[serde(deserialize_with = "digest")]
    pub c: String,
    pub v: crate::signing::payload::One,
}

/// Which part of a file is not of the form; the reason of the verdict's `form` line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadForm(pub &'static str);

/// A bundle whose every part could be read.
#[derive(Debug)]
pub struct Readable {
    pub view: View,
    pub outcome: Option<ReadableOutcome>,
    pub leaf: ReadableLeaf,
    pub anchor_consistency: Vec<Hash>,
    pub manifests: Vec<ReadableManifest>,
    /// Each with its exact bytes.
    pub previous: Vec<(Vec<u8>, Payload)>,
    pub erasure: Option<ReadableErasure>,
}

#[derive(Debug)]
pub struct ReadableOutcome {
    pub jws: Jws,
    pub salt: [u8; 32],
    pub payload: Payload,
    /// Of each signature, in order.
    pub headers: Vec<Header>,
}

/// A leaf's text, its members, and the proof that it is in the log.
#[derive(Debug)]
pub struct ReadableLeaf {
    pub text: String,
    pub members: LeafText,
    pub proof: Proof,
}

#[derive(Debug)]
pub struct ReadableManifest {
    pub jws: Jws,
    pub bytes: Vec<u8>,
    pub manifest: Manifest,
    pub headers: Vec<ManifestHeader>,
    pub salt: [u8; 32],
    pub leaf: ReadableLeaf,
}

#[derive(Debug)]
pub struct ReadableErasure {
    pub bytes: Vec<u8>,
    pub record: ErasureRecord,
    pub salt: [u8; 32],
    pub leaf: ReadableLeaf,
}

impl Bundle {
    /// The redacted copy. An erased bundle stays what it is.
    pub fn redacted(&self) -> Self {
        let view = if self.view == View::Erased { View::Erased } else { View::Redacted };
        Self { view, outcome: self.outcome.as_ref().map(Jws::redacted), ..self.clone() }
    }

    fn parse(bytes: &[u8]) -> Result<Self, BadForm> {
        if bytes.len() > MAX_BYTES {
            return Err(BadForm("too_large"));
        }
        let value: serde_json::Value = serde_json::from_slice(bytes).map_err(|_| BadForm("not_json"))?;
        let members = value.as_object().ok_or(BadForm("not_json"))?;
        if members.get("mediaType").and_then(|given| given.as_str()) != Some(MEDIA_TYPE) {
            return Err(BadForm("media_type"));
        }
        if !has_objects(&value) {
            return Err(BadForm("bundle_malformed"));
        }
        serde_json::from_value(value).map_err(|_| BadForm("bundle_malformed"))
    }
}

/// Whether objects stand where they are meant: serde would take an array of their values as well.
fn has_objects(bundle: &Value) -> bool {
    let members =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let object = |value: &Value| value.is_object();
    let jws = |jws: &Value| {
        object(jws)
            && members(jws, "signatures")
                .iter()
                .all(|signature| object(signature) && signature.get("header").is_none_or(object))
    };
    let none_or = |name: &str, sound: &dyn Fn(&Value) -> bool| {
        bundle.get(name).is_none_or(|value| value.is_null() || sound(value))
    };
    let manifest = |logged: &Value| object(logged) && logged.get("manifest").is_none_or(jws);
    none_or("outcome", &jws)
        && none_or("erasure", &object)
        && members(bundle, "keyManifests").iter().all(manifest)
}

impl Readable {
    /// Reads a stranger's file. The order of the checks is part of the format: it decides the reason.
    pub fn parse(bytes: &[u8]) -> Result<Self, BadForm> {
        let bundle = Bundle::parse(bytes)?;
        let erased = bundle.view == View::Erased;
        let nulls = (bundle.outcome.is_none(), bundle.salt.is_none(), bundle.erasure.is_some());
        if nulls != (erased, erased, erased) {
            return Err(BadForm("bundle_malformed"));
        }
        let salt = bundle.salt.as_deref().map(|text| salt(text, "bundle_malformed")).transpose()?;
        let anchor_consistency = hashes(&bundle.anchor_consistency)?;
        let members = LeafText::parse(&bundle.leaf).ok_or(BadForm("leaf_malformed"))?;
        let outcome = match (bundle.outcome, salt) {
            (Some(jws), Some(salt)) => Some(outcome(jws, salt)?),
            _ => None,
        };
        let proof = bundle.proof.parse().map_err(|_| BadForm("proof_malformed"))?;
        let leaf = ReadableLeaf { text: bundle.leaf, members, proof };
        let manifests = bundle.key_manifests.into_iter().map(manifest).collect::<Result<_, _>>()?;
        let erasure = bundle.erasure.map(erasure).transpose()?;
        let previous = bundle.previous.iter().map(|text| previous(text)).collect::<Result<_, _>>()?;
        Ok(Self { view: bundle.view, outcome, leaf, anchor_consistency, manifests, previous, erasure })
    }
}

fn outcome(jws: Jws, salt: [u8; 32]) -> Result<ReadableOutcome, BadForm> {
    let reason = |malformed| {
        move |bad| match bad {
            Unreadable::Malformed => BadForm(malformed),
            Unreadable::NotCanonical => BadForm("not_canonical"),
        }
    };
    let bytes = decode(&jws.payload, "payload_malformed")?;
    let payload = Payload::parse(&bytes).map_err(reason("payload_malformed"))?;
    let headers = jws.signatures.iter().map(|signature| Header::parse(&signature.protected));
    let headers = headers.collect::<Result<_, _>>().map_err(reason("header_malformed"))?;
    Ok(ReadableOutcome { jws, salt, payload, headers })
}

fn manifest(logged: LoggedManifest) -> Result<ReadableManifest, BadForm> {
    const REASON: &str = "manifest_malformed";
    let bytes = decode(&logged.manifest.payload, REASON)?;
    let manifest = Manifest::parse(&bytes).map_err(|_| BadForm(REASON))?;
    let header = |protected: &str| read(&decode(protected, REASON)?).map_err(|_| BadForm(REASON));
    let headers = logged.manifest.signatures.iter().map(|signature| header(&signature.protected));
    let headers = headers.collect::<Result<_, _>>()?;
    let salt = salt(&logged.salt, REASON)?;
    let leaf = leaf(logged.leaf, &logged.proof, REASON)?;
    Ok(ReadableManifest { jws: logged.manifest, bytes, manifest, headers, salt, leaf })
}

fn erasure(logged: LoggedErasure) -> Result<ReadableErasure, BadForm> {
    const REASON: &str = "erasure_malformed";
    let bytes = decode(&logged.record, REASON)?;
    let record = read(&bytes).map_err(|_| BadForm(REASON))?;
    let salt = salt(&logged.salt, REASON)?;
    let leaf = leaf(logged.leaf, &logged.proof, REASON)?;
    Ok(ReadableErasure { bytes, record, salt, leaf })
}

fn previous(text: &str) -> Result<(Vec<u8>, Payload), BadForm> {
    let bytes = decode(text, "previous_malformed")?;
    let payload = Payload::parse(&bytes).map_err(|_| BadForm("previous_malformed"))?;
    Ok((bytes, payload))
}

fn leaf(text: String, proof: &str, reason: &'static str) -> Result<ReadableLeaf, BadForm> {
    let members = LeafText::parse(&text).ok_or(BadForm(reason))?;
    let proof = proof.parse().map_err(|_| BadForm(reason))?;
    Ok(ReadableLeaf { text, members, proof })
}

fn hashes(texts: &[String]) -> Result<Vec<Hash>, BadForm> {
    texts.iter().map(|text| salt(text, "bundle_malformed")).collect()
}

fn salt(text: &str, reason: &'static str) -> Result<[u8; 32], BadForm> {
    decode(text, reason)?.try_into().map_err(|_| BadForm(reason))
}

fn decode(text: &str, reason: &'static str) -> Result<Vec<u8>, BadForm> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| BadForm(reason))
}
