//! The document that everyone signs: built once, the same bytes on every device.

use crate::canon;
use crate::ids::{OutcomeId, SessionId};
use crate::random::Random;
use crate::settlement::terms::Term;
use crate::signing::disclosure;
use crate::signing::keys::{self, Jwk};
pub use crate::signing::payload::{Anchor, Head, Mode, Role};
use crate::signing::payload::{One, Payload, PayloadParty, PayloadTerm, SdAlg};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Everything that goes into a document.
#[derive(Debug, Clone)]
pub struct DocumentInput {
    pub oid: OutcomeId,
    /// 1 for the first document of an outcome; a later one names the one before in `prev`.
    pub ver: u32,
    /// SHA-256 of the payload of version `ver` − 1.
    pub prev: Option<[u8; 32]>,
    pub mode: Mode,
    pub parties: Vec<PartyInput>,
    pub terms: Vec<Term>,
    pub complaint_number: String,
    pub session: SessionId,
    pub subject: String,
    /// The body that mediates.
    pub agency: String,
    /// The issuer as configured (`agency.issuer`), such as `hejie.example`.
    pub issuer: String,
    /// Consumer and merchant both agreed that the redacted document is public.
    pub publication: bool,
    pub anchor: Anchor,
    pub journal: Head,
}

/// One who signs.
#[derive(Debug, Clone)]
pub struct PartyInput {
    pub role: Role,
    pub jwk: Jwk,
    /// The person's own name.
    pub name: String,
    /// Whom they sign for, where that is not themselves: the merchant's registered name.
    pub party: Option<String>,
    /// How their identity was checked, as journalled.
    pub identity: Option<String>,
    pub address: Option<String>,
}

/// Payload and disclosures: what a device is given to show and to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The canonical bytes, base64url: the JWS payload as it is signed.
    pub payload: String,
    /// One for every digest in the payload.
    pub disclosures: Vec<String>,
}

/// Input that makes no sound document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDocument {
    #[error("a key is not a P-256 public key")]
    Key,
    #[error("one key for two signers")]
    SharedKey,
    #[error("a role that has to sign is missing")]
    RoleMissing,
    #[error("the first version has no predecessor, every later one has")]
    Chain,
    #[error("an amount beyond what JSON keeps exact")]
    Amount,
    #[error("the anchor or the journal's head is not one")]
    Head,
}

/// Builds the document. The same input and randomness give the same bytes.
pub fn build(input: DocumentInput, random: &Random) -> Result<Document, BadDocument> {
    if (input.ver == 1) != input.prev.is_none() || input.ver == 0 {
        return Err(BadDocument::Chain);
    }
    if input
        .terms
        .iter()
        .filter_map(|term| term.amount_fen)
        .any(|fen| !(-canon::MAX_INT..=canon::MAX_INT).contains(&fen))
    {
        return Err(BadDocument::Amount);
    }
    let mut disclosures = Disclosures { random, all: Vec::new() };
    let top = [
        ("agency", Some(input.agency)),
        ("complaint_number", Some(input.complaint_number)),
        ("session", Some(input.session.to_string())),
        ("subject", Some(input.subject)),
    ];
    let top = disclosures.object(top);
    let parties = parties(input.parties, input.mode, &mut disclosures)?;
    let terms = input.terms.into_iter().map(|term| self::term(term, &mut disclosures)).collect();
    let payload = Payload {
        _sd: top,
        _sd_alg: SdAlg::Sha256,
        anchor: input.anchor,
        iss: input.issuer,
        journal: input.journal,
        mode: input.mode,
        oid: input.oid,
        parties,
        prev: input.prev.map(|hash| URL_SAFE_NO_PAD.encode(hash)),
        publication: input.publication,
        recordings: [],
        terms,
        v: One,
        ver: input.ver,
    };
    let bytes = canon::bytes(&payload);
    Payload::parse(&bytes).map_err(|_| BadDocument::Head)?;
    Ok(Document { payload: URL_SAFE_NO_PAD.encode(bytes), disclosures: disclosures.all })
}

impl Document {
    /// SHA-256 of the payload's bytes, base64url: what `prev` of a later version names.
    pub fn payload_hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.payload_bytes()))
    }

    pub fn payload_bytes(&self) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(&self.payload).expect("made by `build`")
    }

    pub(crate) fn parsed(&self) -> Payload {
        Payload::parse(&self.payload_bytes()).expect("made by `build`")
    }
}

fn parties(
    mut people: Vec<PartyInput>,
    mode: Mode,
    disclosures: &mut Disclosures<'_>,
) -> Result<Vec<PayloadParty>, BadDocument> {
    let required = |role: &Role| mode.requires(*role);
    if !Role::ALL.iter().filter(|role| required(role)).all(|role| people.iter().any(|p| p.role == *role)) {
        return Err(BadDocument::RoleMissing);
    }
    let mut keyed = Vec::new();
    for person in people.drain(..) {
        keyed.push((person.role, keys::thumbprint(&person.jwk).map_err(|_| BadDocument::Key)?, person));
    }
    if keyed.iter().map(|(_, jkt, _)| jkt).collect::<BTreeSet<_>>().len() < keyed.len() {
        return Err(BadDocument::SharedKey);
    }
    keyed.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    let party = |(role, jkt, person): (Role, String, PartyInput)| {
        let members = [
            ("address", person.address),
            ("identity", person.identity),
            ("name", Some(person.name)),
            ("party", person.party),
        ];
        PayloadParty { _sd: disclosures.object(members), jkt, role }
    };
    Ok(keyed.into_iter().map(party).collect())
}

fn term(term: Term, disclosures: &mut Disclosures<'_>) -> PayloadTerm {
    PayloadTerm {
        _sd: disclosures.object([("text", Some(term.text))]),
        amount_fen: term.amount_fen,
        by: term.by,
        due: term.due,
        kind: term.kind,
    }
}

struct Disclosures<'a> {
    random: &'a Random,
    all: Vec<String>,
}

impl Disclosures<'_> {
    /// Salts the members of one object; gives its `_sd`, sorted, so that its order tells nothing.
    fn object<const N: usize>(&mut self, members: [(&str, Option<String>); N]) -> Vec<String> {
        let mut digests = Vec::new();
        for (name, value) in members {
            let Some(value) = value else { continue };
            let (text, digest) = disclosure::make(name, &value, self.random);
            self.all.push(text);
            digests.push(digest);
        }
        digests.sort();
        digests
    }
}
