//! Stopping for today, or ending without agreement.

use super::command::Ground;
use super::door::{close_door, text};
use super::event::{Answer, Refusal};
use super::phase::Phase;
use super::state::Ended;
use super::step::{Actor, Refused, Step};
use crate::clock::Time;
use crate::complaint::{Event, SessionEnd};
use crate::ids::PersonId;
use serde_json::{Value, json};

const MAX_NOTE_CHARS: usize = 2_000;
/// The next date lies within a year.
const MAX_AHEAD_MS: i64 = 366 * 24 * 3600 * 1000;

impl Step<'_> {
    pub(super) fn adjourn(
        &mut self,
        by: &PersonId,
        reason: &str,
        next_at: Option<Time>,
    ) -> Result<Answer, Refused> {
        let note = text(reason, "reason", 0, MAX_NOTE_CHARS)?;
        let now = self.now();
        if next_at.is_some_and(|at| at <= now || at > now.plus_ms(MAX_AHEAD_MS)) {
            return Err(Refused::because(
                Refusal::Invalid,
                "next_at: in the past, or more than a year ahead",
            ));
        }
        let public = json!({ "next_at": next_at });
        let ended = Ended { at: now, ground: None, note, next_at };
        self.end(by, Phase::Adjourned, "session.adjourned", public, ended, SessionEnd::Adjourned { next_at });
        Ok(Answer::Done)
    }

    /// Ends without agreement (Order 121 art. 23). The mediation record goes to the complaint's history,
    /// and both parties are told.
    pub(super) fn terminate(&mut self, by: &PersonId, ground: Ground, note: &str) -> Result<Answer, Refused> {
        let note = text(note, "note", 0, MAX_NOTE_CHARS)?;
        let ended = Ended { at: self.now(), ground: Some(ground), note, next_at: None };
        let end = SessionEnd::Terminated { ground: ground.as_str().to_owned() };
        self.end(by, Phase::Terminated, "session.terminated", json!({ "ground": ground }), ended, end);
        self.effects.record = Some(self.mediation_record());
        Ok(Answer::Done)
    }

    fn end(
        &mut self,
        by: &PersonId,
        phase: Phase,
        kind: &'static str,
        public: Value,
        ended: Ended,
        end: SessionEnd,
    ) {
        self.end_caucus();
        self.state.ceremony = None;
        for person in &mut self.state.people {
            person.screen = false;
        }
        let now = self.now();
        self.state.enter_phase(phase, now);
        let private = json!({ "note": ended.note });
        self.effects.history.push(Event::SessionEnded { session: self.state.id.clone(), end });
        self.state.ended = Some(ended);
        self.journal(Actor::Person(by), kind, public, Some(private));
        close_door(self);
    }

    /// What is kept where there is no letter (Order 121 art. 24; form of the mediation record).
    fn mediation_record(&self) -> Value {
        let state = &self.state;
        let present: Vec<_> = state
            .people
            .iter()
            .filter(|person| state.devices.iter().any(|d| d.person == person.id && d.was_in()))
            .map(|person| json!({ "role": person.role, "name": person.name, "identity": person.identity }))
            .collect();
        json!({
            "session": state.id,
            "opened_at": state.opened_at,
            "ended": state.ended,
            "mediator": state.mediator().name,
            "people": present,
            "versions_proposed": state.draft.versions.len(),
            "journal": state.journal.head(),
        })
    }
}
