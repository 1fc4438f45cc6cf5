//! The caucus: the mediator takes people aside, and brings them back with a warning.
//!
//! The wall itself is `routes` and `show`, which ask [`State::together`](super::state::State::together).

use super::event::{Answer, Refusal};
use super::phase::Phase;
use super::state::Caucus;
use super::step::{Actor, Refused, Step};
use crate::ids::PersonId;
use serde_json::json;
use std::collections::BTreeSet;

/// Between the announcement and the opening of microphones.
pub const RETURN_MS: i64 = 3_000;

impl Step<'_> {
    pub(super) fn caucus(&mut self, by: &PersonId, with: &[PersonId]) -> Result<Answer, Refused> {
        if with.is_empty() {
            return Err(Refused::because(Refusal::Invalid, "with: nobody"));
        }
        let mut inside = BTreeSet::from([by.clone()]);
        for person in with {
            self.seated_other(by, person)?;
            inside.insert(person.clone());
        }
        if self.state.seated().all(|person| inside.contains(&person.id)) {
            return Err(Refused::because(Refusal::Invalid, "with: everyone; nobody would be apart"));
        }
        let now = self.now();
        self.journal(Actor::Person(by), "caucus.started", json!({ "with": inside }), None);
        let from = self.state.phase;
        self.state.caucus = Some(Caucus { inside, since: now, from, joins_at: None });
        self.state.enter_phase(Phase::Caucus, now);
        Ok(Answer::Done)
    }

    /// Announces the return; the rooms join when the countdown is over ([`Self::tick_caucus`]).
    pub(super) fn return_joint(&mut self) -> Result<Answer, Refused> {
        let now = self.now();
        let caucus = self.state.caucus.as_mut().ok_or(Refusal::NotNow)?;
        caucus.joins_at = Some(now.plus_ms(RETURN_MS));
        self.state.enter_phase(Phase::Returning, now);
        Ok(Answer::Done)
    }

    /// Joins the rooms once the countdown is over.
    pub(super) fn tick_caucus(&mut self) {
        let now = self.now();
        let due =
            self.state.caucus.as_ref().is_some_and(|caucus| caucus.joins_at.is_some_and(|at| at <= now));
        if due && let Some(caucus) = self.end_caucus() {
            self.state.enter_phase(caucus.from, now);
        }
    }

    /// Takes the wall down, and tells the journal. The caller sets the phase.
    pub(super) fn end_caucus(&mut self) -> Option<Caucus> {
        let caucus = self.state.caucus.take()?;
        let mediator = self.state.mediator().id.clone();
        self.journal(Actor::Person(&mediator), "caucus.ended", json!({ "with": caucus.inside }), None);
        Some(caucus)
    }
}
