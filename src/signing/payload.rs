//! What the signatures stand under: the payload's members, strictly typed (`docs/OUTCOME-FORMAT.md` §1).

use crate::canon;
use crate::ids::OutcomeId;
use crate::log::checkpoint::Checkpoint;
use crate::settlement::terms::{Performer, TermKind};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned, de::Error};

/// Who signs as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Consumer,
    Merchant,
    Mediator,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Consumer, Self::Merchant, Self::Mediator];
}

/// How the parties came to agree. It decides whose signatures are required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A mediator presided, and signs.
    Mediated,
    /// Settled by the parties themselves.
    Direct,
}

impl Mode {
    pub fn requires(self, role: Role) -> bool {
        self == Self::Mediated || role != Role::Mediator
    }
}

/// A Merkle tree's head: of the session's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Base64url.
    #[serde(deserialize_with = "digest")]
    pub root: String,
    #[ts(as = "f64")]
    pub size: u64,
}

impl From<crate::log::merkle::Head> for Head {
    fn from(head: crate::log::merkle::Head) -> Self {
        Self { root: URL_SAFE_NO_PAD.encode(head.root), size: head.size }
    }
}

/// The newest checkpoint of the log when a document was made: it can't be older than that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    pub origin: String,
    /// Base64url.
    #[serde(deserialize_with = "digest")]
    pub root: String,
    pub size: u64,
}

impl From<&Checkpoint> for Anchor {
    fn from(checkpoint: &Checkpoint) -> Self {
        let Head { root, size } = checkpoint.head.into();
        Self { origin: checkpoint.origin.clone(), root, size }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    #[serde(deserialize_with = "digests")]
    pub _sd: Vec<String>,
    pub _sd_alg: SdAlg,
    pub anchor: Anchor,
    pub iss: String,
    pub journal: Head,
    pub mode: Mode,
    pub oid: OutcomeId,
    pub parties: Vec<PayloadParty>,
    #[serde(deserialize_with = "digest_or_null")]
    pub prev: Option<String>,
    pub publication: bool,
    pub recordings: [(); 0],
    pub terms: Vec<PayloadTerm>,
    pub v: One,
    pub ver: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayloadParty {
    #[serde(deserialize_with = "digests")]
    pub _sd: Vec<String>,
    #[serde(deserialize_with = "digest")]
    pub jkt: String,
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayloadTerm {
    #[serde(deserialize_with = "digests")]
    pub _sd: Vec<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    pub amount_fen: Option<i64>,
    pub by: Performer,
    #[serde(deserialize_with = "day_or_null")]
    pub due: Option<String>,
    pub kind: TermKind,
}

/// The format's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct One;

impl From<One> for u8 {
    fn from(_: One) -> u8 {
        1
    }
}

impl TryFrom<u8> for One {
    type Error = &'static str;
    fn try_from(version: u8) -> Result<Self, Self::Error> {
        if version == 1 { Ok(Self) } else { Err("not version 1") }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SdAlg {
    #[serde(rename = "sha-256")]
    Sha256,
}

/// Signed JSON that can't be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("not JSON, or not the members it should have")]
    Malformed,
    #[error("not in canonical form")]
    NotCanonical,
}

impl Payload {
    pub fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        let payload: Self = read(bytes)?;
        let sound = payload.ver >= 1 && payload.anchor.size >= 1 && !payload.parties.is_empty();
        if sound { Ok(payload) } else { Err(Unreadable::Malformed) }
    }

    /// Every digest that stands for something undisclosed, wherever it is.
    pub fn digests(&self) -> impl Iterator<Item = &String> {
        let parties = self.parties.iter().flat_map(|party| &party._sd);
        let terms = self.terms.iter().flat_map(|term| &term._sd);
        self._sd.iter().chain(parties).chain(terms)
    }
}

/// Reads signed JSON: canonical, and exactly the members of `T`.
pub(crate) fn read<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, Unreadable> {
    let value = canon::parse(bytes).map_err(|bad| match bad {
        canon::NotCanonical::NotJson => Unreadable::Malformed,
        canon::NotCanonical::Number | canon::NotCanonical::OtherForm => Unreadable::NotCanonical,
    })?;
    let read: T = serde_json::from_value(value).map_err(|_| Unreadable::Malformed)?;
    // serde also takes an array of values where an object is meant; the format does not.
    if canon::bytes(&read) == bytes { Ok(read) } else { Err(Unreadable::Malformed) }
}

/// 32 bytes in base64url.
pub(crate) fn is_digest(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

pub(crate) fn digest<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if is_digest(&text) { Ok(text) } else { Err(D::Error::custom("not 32 bytes in base64url")) }
}

pub(crate) fn digests<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let all = Vec::<String>::deserialize(from)?;
    if all.iter().all(|text| is_digest(text)) {
        Ok(all)
    } else {
        Err(D::Error::custom("not 32 bytes in base64url"))
    }
}

pub(crate) fn digest_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    match &text {
        Some(text) if !is_digest(text) => Err(D::Error::custom("not 32 bytes in base64url")),
        _ => Ok(text),
    }
}

fn day_or_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let is_day = |text: &String| {
        let form = text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        form && text.len() == 10
    };
    if text.as_ref().is_none_or(is_day) { Ok(text) } else { Err(D::Error::custom("not YYYY-MM-DD")) }
}
