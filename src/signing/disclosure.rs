//! Fields that a holder may show or keep back (RFC 9901, SD-JWT): salted digests in the payload, the
//! values beside it. The same signatures verify with every choice of disclosures.

use crate::canon;
use crate::random::Random;
use crate::signing::payload::Payload;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Which object of the payload a disclosed member belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    Top,
    /// The index in `parties`.
    Party(usize),
    /// The index in `terms`.
    Term(usize),
}

impl Place {
    fn takes(self, name: &str) -> bool {
        match self {
            Self::Top => ["agency", "complaint_number", "session", "subject"].contains(&name),
            Self::Party(_) => ["address", "identity", "name", "party"].contains(&name),
            Self::Term(_) => name == "text",
        }
    }
}

/// A member made visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosed {
    pub place: Place,
    pub name: String,
    pub value: String,
}

/// Makes a disclosure with a fresh salt of 128 bits: its text, and its digest for `_sd`.
pub fn make(name: &str, value: &str, random: &Random) -> (String, String) {
    let salt = URL_SAFE_NO_PAD.encode(random.bytes::<16>());
    let text = URL_SAFE_NO_PAD.encode(canon::bytes(&[salt.as_str(), name, value]));
    let digest = digest(&text);
    (text, digest)
}

/// The digest under which a disclosure stands in `_sd`.
pub fn digest(disclosure: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(disclosure.as_bytes()))
}

/// A set of disclosures that doesn't fit a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadDisclosure {
    #[error("one digest stands twice in the payload")]
    DigestDoubled,
    #[error("a disclosure is not [salt, name, value]")]
    Malformed,
    #[error("a disclosure, or a name in one object, is given twice")]
    Doubled,
    #[error("a disclosure that the payload has no digest of")]
    Forged,
    #[error("a disclosed name does not belong where its digest stands")]
    Misplaced,
}

/// What disclosures show of a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub disclosed: Vec<Disclosed>,
    /// Digests that nothing was shown for.
    pub hidden: usize,
}

/// Holds disclosures against the payload they are said to belong to.
pub fn check(payload: &Payload, disclosures: &[String]) -> Result<Shown, BadDisclosure> {
    let places = places(payload)?;
    let (mut seen, mut names, mut disclosed) = (HashSet::new(), HashSet::new(), Vec::new());
    for text in disclosures {
        let (name, value) = parse(text).ok_or(BadDisclosure::Malformed)?;
        let digest = digest(text);
        if !seen.insert(digest.clone()) {
            return Err(BadDisclosure::Doubled);
        }
        let place = *places.get(digest.as_str()).ok_or(BadDisclosure::Forged)?;
        if !place.takes(&name) {
            return Err(BadDisclosure::Misplaced);
        }
        if !names.insert((place, name.clone())) {
            return Err(BadDisclosure::Doubled);
        }
        disclosed.push(Disclosed { place, name, value });
    }
    Ok(Shown { hidden: places.len() - disclosed.len(), disclosed })
}

fn places(payload: &Payload) -> Result<HashMap<&str, Place>, BadDisclosure> {
    let top = payload._sd.iter().map(|digest| (digest, Place::Top));
    let parties = payload
        .parties
        .iter()
        .enumerate()
        .flat_map(|(index, party)| party._sd.iter().map(move |digest| (digest, Place::Party(index))));
    let terms = payload
        .terms
        .iter()
        .enumerate()
        .flat_map(|(index, term)| term._sd.iter().map(move |digest| (digest, Place::Term(index))));
    let mut places = HashMap::new();
    for (digest, place) in top.chain(parties).chain(terms) {
        if places.insert(digest.as_str(), place).is_some() {
            return Err(BadDisclosure::DigestDoubled);
        }
    }
    Ok(places)
}

fn parse(text: &str) -> Option<(String, String)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let [salt, name, value]: [String; 3] = serde_json::from_value(canon::parse(&bytes).ok()?).ok()?;
    let salted = URL_SAFE_NO_PAD.decode(salt).is_ok_and(|salt| salt.len() == 16);
    salted.then_some((name, value))
}
