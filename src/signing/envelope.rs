//! Many signatures over one document: general JWS (RFC 7515 §7.2.1), checked one by one as people
//! sign, sealed by the server's signature over all of theirs.

use crate::canon;
use crate::clock::Time;
use crate::signing::document::{Document, Head, Role};
use crate::signing::keys::{self, Es256Key, Jwk};
use crate::signing::payload::{Unreadable, digest, digests, read};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// `typ` of every signature under an outcome.
pub const TYP: &str = "mediation-settlement+jws";
/// How far a signature's `iat` may be from the server's clock, in seconds.
pub const MAX_CLOCK_DIFFERENCE: i64 = 600;
const MAX_HEADER: usize = 4_096;

/// A general JWS as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jws {
    pub payload: String,
    pub signatures: Vec<JwsSignature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwsSignature {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<Unprotected>,
    pub protected: String,
    pub signature: String,
}

/// The header that nobody signs: it carries what may be kept back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unprotected {
    #[serde(default)]
    pub disclosures: Vec<String>,
}

impl Jws {
    /// The fixed encoding that the log commits to: without the unprotected headers, so that full and
    /// redacted copies are one.
    pub fn bytes(&self) -> Vec<u8> {
        let signatures = self.signatures.iter().map(|s| JwsSignature { header: None, ..s.clone() }).collect();
        canon::bytes(&Self { payload: self.payload.clone(), signatures })
    }

    pub fn disclosures(&self) -> &[String] {
        let header = self.signatures.first().and_then(|first| first.header.as_ref());
        header.map_or(&[], |header| &header.disclosures)
    }

    /// A copy that shows nothing personal.
    pub fn redacted(&self) -> Self {
        let mut copy = self.clone();
        copy.set_disclosures(Vec::new());
        copy
    }

    fn set_disclosures(&mut self, disclosures: Vec<String>) {
        for signature in &mut self.signatures {
            signature.header = None;
        }
        if let Some(first) = self.signatures.first_mut() {
            first.header = Some(Unprotected { disclosures });
        }
    }
}

/// A person's protected header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonHeader {
    pub alg: String,
    /// Seconds since 1970.
    pub iat: u64,
    /// The journal's head that this person was shown.
    pub jh: Head,
    pub jwk: Jwk,
    #[serde(deserialize_with = "digest")]
    pub kid: String,
    pub role: Role,
    pub typ: String,
}

/// The server's protected header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerHeader {
    pub alg: String,
    pub iat: u64,
    pub jh: Head,
    #[serde(deserialize_with = "digest")]
    pub kid: String,
    #[serde(deserialize_with = "digests")]
    pub over: Vec<String>,
    pub role: ServerRole,
    pub typ: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerRole {
    Server,
}

/// A protected header of either kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Header {
    Person(Box<PersonHeader>),
    Server(ServerHeader),
}

impl Header {
    /// Reads a protected header from its base64url text: canonical, exactly the members it should have.
    pub fn parse(protected: &str) -> Result<Self, Unreadable> {
        let bytes = URL_SAFE_NO_PAD.decode(protected).map_err(|_| Unreadable::Malformed)?;
        if read::<serde_json::Value>(&bytes)?["role"] == "server" {
            return read(&bytes).map(Self::Server);
        }
        let person: PersonHeader = read(&bytes)?;
        if person.jwk.has_form() { Ok(Self::Person(Box::new(person))) } else { Err(Unreadable::Malformed) }
    }

    pub fn kid(&self) -> &str {
        match self {
            Self::Person(header) => &header.kid,
            Self::Server(header) => &header.kid,
        }
    }
}

/// A person's checked signature, both parts base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartySignature {
    pub protected: String,
    pub signature: String,
}

impl PartySignature {
    /// What the server's signature covers: b64u(H(protected "." signature)).
    pub fn over(&self) -> String {
        over(&self.protected, &self.signature)
    }
}

pub(crate) fn over(protected: &str, signature: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{protected}.{signature}").as_bytes()))
}

/// ASCII(protected "." payload).
pub(crate) fn signing_input(protected: &str, payload: &str) -> Vec<u8> {
    format!("{protected}.{payload}").into_bytes()
}

/// Why a signature was not taken. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("protected: {0}")]
    Header(#[from] Unreadable),
    #[error("protected: longer than {MAX_HEADER} characters")]
    TooLong,
    #[error("protected.alg: only ES256")]
    Algorithm,
    #[error("protected.typ: only {TYP}")]
    Type,
    #[error("protected.role: not the role of this signer")]
    Role,
    #[error("protected.jwk, kid: not the key enrolled for this signer")]
    Key,
    #[error("the document does not list this key under this role")]
    NotListed,
    #[error("protected.jh: not the journal head that was shown")]
    Journal,
    #[error("protected.iat: more than {MAX_CLOCK_DIFFERENCE} seconds from the server's clock")]
    Clock,
    #[error("signature: does not verify over this document")]
    Signature,
}

/// Checks one person's signature against exactly what they were asked to sign.
pub fn check_signature(
    document: &Document,
    role: Role,
    jwk: &Jwk,
    journal: &Head,
    now: Time,
    protected: &str,
    signature: &str,
) -> Result<PartySignature, SignatureError> {
    if protected.len() > MAX_HEADER {
        return Err(SignatureError::TooLong);
    }
    let Header::Person(header) = Header::parse(protected)? else { return Err(SignatureError::Role) };
    if header.alg != "ES256" {
        return Err(SignatureError::Algorithm);
    }
    if header.typ != TYP {
        return Err(SignatureError::Type);
    }
    if header.role != role {
        return Err(SignatureError::Role);
    }
    if &header.jwk != jwk || header.kid != keys::thumbprint_of_form(jwk) {
        return Err(SignatureError::Key);
    }
    if !document.parsed().parties.iter().any(|party| party.jkt == header.kid && party.role == role) {
        return Err(SignatureError::NotListed);
    }
    if &header.jh != journal {
        return Err(SignatureError::Journal);
    }
    if now.seconds().abs_diff(i64::try_from(header.iat).unwrap_or(i64::MAX)) > MAX_CLOCK_DIFFERENCE as u64 {
        return Err(SignatureError::Clock);
    }
    let raw = URL_SAFE_NO_PAD.decode(signature).map_err(|_| SignatureError::Signature)?;
    if !keys::verifies(jwk, &signing_input(protected, &document.payload), &raw) {
        return Err(SignatureError::Signature);
    }
    Ok(PartySignature { protected: protected.to_owned(), signature: signature.to_owned() })
}

/// The signatures don't make the document complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("somebody whom the document lists has not signed, or signed twice")]
    Incomplete,
}

/// Completes an outcome: orders the people's signatures as the document lists them and adds the
/// server's over all of them. `journal` is the head now.
pub fn seal(
    document: &Document,
    signatures: &[PartySignature],
    journal: Head,
    key: &Es256Key,
    now: Time,
) -> Result<Jws, SealError> {
    let mut ordered = Vec::new();
    for party in document.parsed().parties {
        let mut of_party = signatures.iter().filter(|signature| {
            Header::parse(&signature.protected).is_ok_and(|header| header.kid() == party.jkt)
        });
        ordered.push(of_party.next().ok_or(SealError::Incomplete)?);
    }
    if ordered.len() != signatures.len() {
        return Err(SealError::Incomplete);
    }
    let header = ServerHeader {
        alg: "ES256".into(),
        iat: u64::try_from(now.seconds()).unwrap_or(0),
        jh: journal,
        kid: key.kid().to_owned(),
        over: ordered.iter().map(|signature| signature.over()).collect(),
        role: ServerRole::Server,
        typ: TYP.into(),
    };
    let own = sign(&header, &document.payload, key);
    let all = ordered.into_iter().chain([&own]).map(|s| JwsSignature {
        header: None,
        protected: s.protected.clone(),
        signature: s.signature.clone(),
    });
    let mut jws = Jws { payload: document.payload.clone(), signatures: all.collect() };
    jws.set_disclosures(document.disclosures.clone());
    Ok(jws)
}

/// Signs a payload under a protected header: what a browser does, here for the server and for tests.
pub fn sign<H: Serialize>(header: &H, payload: &str, key: &Es256Key) -> PartySignature {
    let protected = URL_SAFE_NO_PAD.encode(canon::bytes(header));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(&signing_input(&protected, payload)));
    PartySignature { protected, signature }
}
