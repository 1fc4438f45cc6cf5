//! One step of a session: a copy of its state being changed, and what must follow from that.
//!
//! A step is pure: time, randomness and the log's newest checkpoint come in; records, journal
//! leaves, chat and closings come out. The task stores the whole of it in one transaction, or drops
//! it. The steps themselves stand in `door`, `floor`, `caucus`, `drafting`, `ceremony`, `closing`,
//! `presence`.

use super::event::{Bye, Refusal};
use super::journal::Entry;
use super::state::{Person, Said, State};
use crate::clock::Time;
use crate::complaint;
use crate::ids::{DeviceId, PersonId};
use crate::random::Random;
use crate::signing::document::Anchor;
use crate::signing::envelope::PartySignature;
use serde_json::Value;

/// What a step may know besides the state.
pub struct Context<'a> {
    pub now: Time,
    pub random: &'a Random,
    pub zone: &'a jiff::tz::TimeZone,
    /// `iss` of an outcome: the agency's address.
    pub issuer: &'a str,
    /// The body that mediates, by name.
    pub agency: &'a str,
    /// Links begin with it.
    pub public_url: &'a str,
    /// The log's newest checkpoint: an outcome can't be older.
    pub anchor: Option<&'a Anchor>,
}

/// Nothing was changed, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error:?}: {detail}")]
pub struct Refused {
    pub error: Refusal,
    pub detail: String,
}

impl Refused {
    pub fn because(error: Refusal, detail: impl Into<String>) -> Self {
        Self { error, detail: detail.into() }
    }
}

impl From<Refusal> for Refused {
    fn from(error: Refusal) -> Self {
        Self { error, detail: String::new() }
    }
}

/// What follows from a step, besides the state itself.
#[derive(Debug, Default)]
pub struct Effects {
    pub journal: Vec<Entry>,
    pub said: Vec<Said>,
    /// Devices whose connection ends once they have been told.
    pub closed: Vec<(DeviceId, Bye)>,
    /// For the complaint's history.
    pub history: Vec<complaint::Event>,
    /// The mediation record, where a session ended without agreement; both parties are told.
    pub record: Option<Value>,
    /// Everyone has signed.
    pub seal: Option<Vec<PartySignature>>,
}

pub struct Step<'a> {
    pub state: State,
    pub context: &'a Context<'a>,
    pub effects: Effects,
}

impl<'a> Step<'a> {
    pub fn on(state: &State, context: &'a Context<'a>) -> Self {
        Self { state: state.clone(), context, effects: Effects::default() }
    }

    pub fn now(&self) -> Time {
        self.context.now
    }

    pub fn today(&self) -> jiff::civil::Date {
        self.context.now.day(self.context.zone)
    }

    /// Adds an event to the journal. `private` enters as a salted commitment. The head that people see
    /// moves along only while nobody is aside: its growth must not betray a caucus.
    pub fn journal(&mut self, actor: Actor<'_>, kind: &'static str, public: Value, private: Option<Value>) {
        let actor = match &actor {
            Actor::Person(id) => id.as_str(),
            Actor::Server => "server",
        };
        let Context { now, random, .. } = *self.context;
        let event = (kind, public, private);
        let entry = self.state.journal.append(&self.state.id, now, random, actor, event);
        self.effects.journal.push(entry);
        if self.state.caucus.is_none() {
            self.state.shown_head = self.state.journal.head();
        }
    }

    /// Ends a device's part in the session.
    pub fn close(&mut self, device: &DeviceId, standing: super::state::Standing) {
        if let Some(device) = self.state.device_mut(device) {
            device.standing = standing;
            self.effects.closed.push((device.id.clone(), Bye::Out));
        }
    }

    pub fn known(&self, person: &PersonId) -> Result<&Person, Refused> {
        self.state.person(person).ok_or(Refusal::Unknown.into())
    }
}

/// Who did what the journal tells.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    Person(&'a PersonId),
    /// The server by itself: a clock ran out, a connection dropped.
    Server,
}
