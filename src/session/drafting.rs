//! Drafting in the room: the mediator writes, both sides see it live, each agrees to one version.

use super::event::{Answer, Refusal};
use super::phase::Phase;
use super::step::{Actor, Refused, Step};
use crate::complaint::Event;
use crate::ids::PersonId;
use crate::settlement::draft::DraftError;
use crate::settlement::terms::Term;
use serde_json::json;

impl From<DraftError> for Refused {
    fn from(error: DraftError) -> Self {
        let refusal = match &error {
            DraftError::Stale(_) | DraftError::NothingProposed | DraftError::OtherBytes => Refusal::Stale,
            DraftError::Terms(_) => Refusal::Invalid,
            DraftError::TooManyVersions => Refusal::Full,
        };
        Self::because(refusal, error.to_string())
    }
}

impl Step<'_> {
    pub(super) fn draft_open(&mut self, by: &PersonId) -> Answer {
        let now = self.now();
        self.state.enter_phase(Phase::Drafting, now);
        self.journal(Actor::Person(by), "draft.opened", json!({ "rev": self.state.draft.rev }), None);
        Answer::Done
    }

    pub(super) fn draft_edit(
        &mut self,
        by: &PersonId,
        rev: u32,
        terms: Vec<Term>,
    ) -> Result<Answer, Refused> {
        let voided = !self.state.draft.assents.is_empty();
        self.state.draft.edit(rev, terms)?;
        if voided {
            self.journal(
                Actor::Person(by),
                "draft.assents_voided",
                json!({ "rev": self.state.draft.rev }),
                None,
            );
        }
        Ok(Answer::Done)
    }

    pub(super) fn draft_propose(&mut self, by: &PersonId, rev: u32) -> Result<Answer, Refused> {
        let (today, now) = (self.today(), self.now());
        let version = self.state.draft.propose(rev, today, now)?;
        let public = json!({ "version": version.version, "hash": version.hash });
        let (version, hash) = (version.version, version.hash.clone());
        self.journal(Actor::Person(by), "draft.proposed", public, None);
        let session = self.state.id.clone();
        self.effects.history.push(Event::SettlementProposed { session, version, hash });
        Ok(Answer::Done)
    }

    pub(super) fn draft_close(&mut self, by: &PersonId) -> Answer {
        let now = self.now();
        self.state.enter_phase(Phase::Joint, now);
        self.journal(Actor::Person(by), "draft.closed", json!({ "rev": self.state.draft.rev }), None);
        Answer::Done
    }

    pub(super) fn assent(&mut self, by: &PersonId, version: u32, hash: &str) -> Result<Answer, Refused> {
        let now = self.now();
        let known = self.state.draft.assents.contains_key(by);
        self.state.draft.assent(by, version, hash, now)?;
        if !known {
            let public = json!({ "person": by, "version": version, "hash": hash });
            self.journal(Actor::Person(by), "draft.assented", public, None);
        }
        Ok(Answer::Done)
    }

    pub(super) fn withdraw_assent(&mut self, by: &PersonId, version: u32) -> Result<Answer, Refused> {
        let known = self.state.draft.assents.contains_key(by);
        self.state.draft.withdraw(by, version)?;
        if known {
            let public = json!({ "person": by, "version": version });
            self.journal(Actor::Person(by), "draft.assent_withdrawn", public, None);
        }
        Ok(Answer::Done)
    }
}
