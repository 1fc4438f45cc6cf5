//! Terms on their way to agreement: a working copy, versions put to the parties, their assents.
//!
//! Pure. What always holds: an assent is to the newest version and to exactly its bytes; any edit
//! empties the assents; a version never changes once made.

use crate::canon;
use crate::clock::Time;
use crate::ids::PersonId;
use crate::settlement::terms::{self, BadTerms, Term};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A session proposes at most this many versions.
pub const MAX_VERSIONS: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Draft {
    /// Grows with every edit.
    pub rev: u32,
    pub terms: Vec<Term>,
    /// Oldest first; version `n` stands at `n - 1`.
    pub versions: Vec<Version>,
    /// Who agrees to the newest version, since when.
    pub assents: BTreeMap<PersonId, Time>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub version: u32,
    pub hash: String,
    pub at: Time,
    pub terms: Vec<Term>,
}

/// Why a step of drafting was refused; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// Made on an older working copy or version.
    #[error("made on an older draft; the current one is rev {0}")]
    Stale(u32),
    #[error(transparent)]
    Terms(#[from] BadTerms),
    #[error("there is no version to agree to, or the terms were edited after it")]
    NothingProposed,
    #[error("the hash is not that of the version")]
    OtherBytes,
    #[error("{MAX_VERSIONS} versions are the limit")]
    TooManyVersions,
}

impl Draft {
    /// Replaces the working copy made on `rev`.
    pub fn edit(&mut self, rev: u32, terms: Vec<Term>) -> Result<(), DraftError> {
        self.on(rev)?;
        terms::check_draft(&terms)?;
        self.terms = terms::normalised(terms);
        self.rev += 1;
        self.assents.clear();
        Ok(())
    }

    /// Makes the working copy the next version.
    pub fn propose(&mut self, rev: u32, today: Date, now: Time) -> Result<&Version, DraftError> {
        self.on(rev)?;
        terms::check(&self.terms, today)?;
        if self.versions.len() >= MAX_VERSIONS {
            return Err(DraftError::TooManyVersions);
        }
        self.assents.clear();
        self.versions.push(Version {
            version: self.versions.len() as u32 + 1,
            hash: hash(&self.terms),
            at: now,
            terms: self.terms.clone(),
        });
        Ok(self.versions.last().expect("just pushed"))
    }

    /// The newest version, while the working copy still is what it says.
    pub fn proposed(&self) -> Option<&Version> {
        self.versions.last().filter(|version| version.terms == self.terms)
    }

    /// `person` agrees to exactly these bytes. Saying it twice changes nothing.
    pub fn assent(
        &mut self,
        person: &PersonId,
        version: u32,
        hash: &str,
        now: Time,
    ) -> Result<(), DraftError> {
        let proposed = self.proposed_as(version)?;
        if proposed.hash != hash {
            return Err(DraftError::OtherBytes);
        }
        self.assents.entry(person.clone()).or_insert(now);
        Ok(())
    }

    /// Takes an assent back; having none is no error.
    pub fn withdraw(&mut self, person: &PersonId, version: u32) -> Result<(), DraftError> {
        self.proposed_as(version)?;
        self.assents.remove(person);
        Ok(())
    }

    /// The proposed version, if it is the one meant.
    pub fn proposed_as(&self, version: u32) -> Result<&Version, DraftError> {
        let proposed = self.proposed().ok_or(DraftError::NothingProposed)?;
        if proposed.version == version { Ok(proposed) } else { Err(DraftError::Stale(self.rev)) }
    }

    fn on(&self, rev: u32) -> Result<(), DraftError> {
        if rev == self.rev { Ok(()) } else { Err(DraftError::Stale(self.rev)) }
    }
}

/// SHA-256 of the terms' canonical JSON, base64url.
pub fn hash(terms: &[Term]) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(canon::bytes(&terms)))
}

/// How a version differs from the one before it, term by term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// `0` is the index in the newer list.
    Added(usize),
    Changed(usize),
    /// `0` is the index in the older list.
    Removed(usize),
}

/// The differences from `old` to `new`: equal terms are matched in order (longest common
/// subsequence); between matches, terms standing opposite each other count as changed.
pub fn differences(old: &[Term], new: &[Term]) -> Vec<Change> {
    let mut changes = Vec::new();
    let (mut from, mut to) = (0, 0);
    for (i, j) in common(old, new).into_iter().chain([(old.len(), new.len())]) {
        let paired = (i - from).min(j - to);
        changes.extend((to..to + paired).map(Change::Changed));
        changes.extend((to + paired..j).map(Change::Added));
        changes.extend((from + paired..i).map(Change::Removed));
        (from, to) = (i + 1, j + 1);
    }
    changes
}

/// Index pairs of a longest common subsequence. At most 30 × 30.
fn common(old: &[Term], new: &[Term]) -> Vec<(usize, usize)> {
    let mut length = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            length[i][j] = if old[i] == new[j] {
                length[i + 1][j + 1] + 1
            } else {
                length[i + 1][j].max(length[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[i + 1][j] >= length[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::settlement::terms::{Performer, TermKind};

    fn refund(fen: i64) -> Term {
        Term {
            kind: TermKind::Refund,
            by: Performer::Merchant,
            amount_fen: Some(fen),
            due: None,
            text: String::new(),
        }
    }

    fn today() -> Date {
        "2026-11-23".parse().unwrap()
    }

    #[test]
    fn an_edit_voids_the_assents() {
        let (mut draft, person) = (Draft::default(), PersonId::random(&Random::seeded(1)));
        draft.edit(0, vec![refund(128_000)]).unwrap();
        let hash = draft.propose(1, today(), Time(5)).unwrap().hash.clone();
        draft.assent(&person, 1, &hash, Time(6)).unwrap();
        assert_eq!(draft.assents.len(), 1);
        draft.edit(1, vec![refund(100_000)]).unwrap();
        assert!(draft.assents.is_empty());
        assert_eq!(draft.assent(&person, 1, &hash, Time(7)), Err(DraftError::NothingProposed));
    }

    #[test]
    fn nobody_agrees_to_other_bytes_or_an_older_version() {
        let (mut draft, person) = (Draft::default(), PersonId::random(&Random::seeded(1)));
        draft.edit(0, vec![refund(1)]).unwrap();
        let first = draft.propose(1, today(), Time(5)).unwrap().hash.clone();
        draft.edit(1, vec![refund(2)]).unwrap();
        draft.propose(2, today(), Time(6)).unwrap();
        assert_eq!(draft.assent(&person, 1, &first, Time(7)), Err(DraftError::Stale(2)));
        assert_eq!(draft.assent(&person, 2, &first, Time(7)), Err(DraftError::OtherBytes));
    }

    #[test]
    fn bad_money_and_days_are_named() {
        let mut draft = Draft::default();
        assert_eq!(draft.edit(0, vec![refund(-1)]), Err(BadTerms::Amount { index: 0 }.into()));
        assert_eq!(draft.edit(0, vec![refund(i64::MAX)]), Err(BadTerms::Amount { index: 0 }.into()));
        let odd = Term { due: Some("2026-2-30".into()), ..refund(1) };
        assert_eq!(draft.edit(0, vec![refund(1), odd]), Err(BadTerms::DueForm { index: 1 }.into()));
        let late = Term { due: Some("2026-11-22".into()), ..refund(1) };
        draft.edit(0, vec![late]).unwrap();
        assert_eq!(draft.propose(1, today(), Time(0)).unwrap_err(), BadTerms::DueRange { index: 0 }.into());
        let bell = Term { text: "\u{7}".into(), ..refund(1) };
        assert_eq!(draft.edit(1, vec![bell]), Err(BadTerms::TextControl { index: 0 }.into()));
    }

    #[test]
    fn differences_are_by_term() {
        let old = [refund(1), refund(2), refund(3)];
        assert_eq!(differences(&old, &[refund(1), refund(9), refund(3)]), [Change::Changed(1)]);
        assert_eq!(differences(&old, &[refund(1), refund(3)]), [Change::Removed(1)]);
        assert_eq!(differences(&old, &[refund(1), refund(2), refund(3), refund(4)]), [Change::Added(3)]);
        assert_eq!(differences(&[], &[refund(1)]), [Change::Added(0)]);
    }
}
