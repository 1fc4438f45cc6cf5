//! A session's state: everything that must survive the process, and nothing else.
//!
//! Owned by the session's task, stored whole with every command (`records`), changed only by
//! [`decide`](super::decide). Who is connected is forgotten with the process, on purpose.

use super::command::Ground;
use super::drops::Drops;
use super::event::Answer;
use super::journal::Journal;
use super::party::{IdentityCheck, Language, Role, Side, Surface};
use super::phase::Phase;
use super::view::{Head, Unsigned};
use crate::clock::Time;
use crate::complaint::Complaint;
use crate::ids::{ComplaintId, DeviceId, DocumentId, InvitationId, OutcomeId, PersonId, SessionId, StaffId};
use crate::settlement::draft::Draft;
use crate::signing::document;
use crate::signing::envelope::PartySignature;
use crate::signing::keys::Jwk;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeSet, VecDeque};

/// Seats in a room.
pub const SEATS: u8 = 8;
pub const MAX_PEOPLE: usize = 24;
pub const MAX_DEVICES: usize = 64;
pub const MAX_INVITATIONS: usize = 64;
pub const MAX_DOCUMENTS: usize = 60;
pub const MAX_CHAT: usize = 2_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    pub id: SessionId,
    pub facts: Facts,
    /// The account that presides.
    pub staff: StaffId,
    pub opened_at: Time,
    pub phase: Phase,
    pub phase_since: Time,
    /// Nobody new may knock.
    pub locked: bool,
    /// In the order in which they were invited; the mediator first.
    pub people: Vec<Person>,
    pub devices: Vec<Device>,
    pub invitations: Vec<Invitation>,
    pub caucus: Option<Caucus>,
    pub draft: Draft,
    pub ceremony: Option<Ceremony>,
    /// How the last ceremony ended without its signatures, until the next opens.
    #[serde(default)]
    pub broken: Option<Broken>,
    pub outcome: Option<Sealed>,
    pub ended: Option<Ended>,
    pub documents: Vec<Document>,
    pub journal: Journal,
    /// The journal's head at the last event that everyone may know of.
    pub shown_head: Head,
    /// Who could receive whom, as last journalled.
    pub reach: BTreeSet<(PersonId, PersonId)>,
    /// Answers to the newest commands, so that a repeated one changes nothing. Links are never stored: an
    /// invitation repeated after a restart makes a new link, which ends the one that nobody got.
    #[serde(serialize_with = "without_links")]
    pub answers: VecDeque<Answered>,
    /// Loaded beside the state; kept in its own table.
    #[serde(skip)]
    pub chat: Vec<Said>,
}

/// What a session knows of its complaint; copied when it opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub complaint: ComplaintId,
    pub number: String,
    pub subject: String,
    pub sample: bool,
    pub consumer: PartyFacts,
    pub merchant: PartyFacts,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyFacts {
    pub name: String,
    pub address: String,
}

impl From<Complaint> for Facts {
    fn from(Complaint { id, number, subject, sample, record, .. }: Complaint) -> Self {
        let consumer = PartyFacts { name: record.consumer.name, address: record.consumer.address };
        let merchant = PartyFacts { name: record.merchant.name, address: record.merchant.address };
        Self { complaint: id, number, subject, sample, consumer, merchant }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    pub role: Role,
    pub side: Option<Side>,
    pub name: String,
    /// Taken while admitted.
    pub seat: Option<u8>,
    /// The device that speaks for this person.
    pub device: Option<DeviceId>,
    pub identity: IdentityCheck,
    /// Agreed to publication; asked apart from everything else.
    pub publication: bool,
    pub muted: bool,
    pub muted_by_mediator: bool,
    pub camera: bool,
    pub hand: bool,
    pub screen: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Device {
    pub id: DeviceId,
    pub person: PersonId,
    pub surface: Surface,
    pub language: Language,
    /// What the browser said of itself, shortened.
    pub browser: String,
    /// The public key made in that browser.
    pub jwk: Jwk,
    /// Its RFC 7638 thumbprint.
    pub jkt: String,
    /// SHA-256 of the cookie's secret.
    pub secret_hash: String,
    pub standing: Standing,
    pub since: Time,
    /// Version and hash of the ground rules that were shown and accepted.
    pub ground_rules: String,
    /// Agreed to publication when joining; the person's word once this device is let in.
    pub publication: bool,
    /// Its socket is up.
    #[serde(skip)]
    pub connected: bool,
    /// Its media was there, and is silent.
    #[serde(skip)]
    pub interrupted: bool,
    /// What the journal knows of that.
    #[serde(skip)]
    pub drops: Drops,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// At the door.
    Waiting,
    In,
    Refused,
    Removed,
    Replaced,
    Left,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    pub person: PersonId,
    /// SHA-256 of the link's token, base64url.
    pub token_hash: String,
    pub surface: Surface,
    pub language: Language,
    pub expires_at: Time,
    pub used: bool,
    pub revoked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caucus {
    /// The mediator included.
    pub inside: BTreeSet<PersonId>,
    pub since: Time,
    /// Joint or drafting: where to return to.
    pub from: Phase,
    pub joins_at: Option<Time>,
}

/// One document before its signers ([`ceremony`](super::ceremony)).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ceremony {
    pub version: u32,
    pub outcome: OutcomeId,
    pub document: document::Document,
    /// The head that people sign (`jh`).
    pub journal: Head,
    pub signers: Vec<Signer>,
    /// Both parties agreed to publication.
    pub publication: bool,
    pub expires_at: Time,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signer {
    pub person: PersonId,
    pub device: DeviceId,
    pub role: Role,
    pub name: String,
    pub jwk: Jwk,
    pub signed: Option<(Time, PartySignature)>,
}

/// A ceremony that ended without its signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    /// Because of whom, if of anybody.
    pub by: Option<PersonId>,
    pub why: Unsigned,
    pub reason: String,
    /// Who was to sign: they alone are told.
    pub told: BTreeSet<PersonId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    pub outcome: OutcomeId,
    pub at: Time,
    pub included: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    pub at: Time,
    pub ground: Option<Ground>,
    pub note: String,
    pub next_at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub id: DocumentId,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    pub hash: String,
    pub by: PersonId,
    pub at: Time,
    pub audience: Audience,
}

/// Who may see something said or shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everyone in the joint room, now and later.
    Joint,
    /// The people of one room while others were in another.
    Only(BTreeSet<PersonId>),
}

impl Audience {
    pub fn admits(&self, person: &PersonId) -> bool {
        match self {
            Self::Joint => true,
            Self::Only(people) => people.contains(person),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    pub at: Time,
    pub by: PersonId,
    pub text: String,
    pub audience: Audience,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answered {
    pub device: DeviceId,
    pub id: String,
    pub answer: Answer,
}

fn without_links<S: Serializer>(answers: &VecDeque<Answered>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(answers.iter().filter(|answered| !matches!(answered.answer, Answer::Invited { .. })))
}

/// An invitation's state for people: what its link would do at `now`.
impl Invitation {
    pub fn state(&self, now: Time) -> super::view::InvitationState {
        use super::view::InvitationState::{Expired, Open, Revoked, Used};
        match self {
            _ if self.used => Used,
            _ if self.revoked => Revoked,
            _ if now >= self.expires_at => Expired,
            _ => Open,
        }
    }
}

impl Device {
    /// As the others are told.
    pub fn is_here(&self) -> bool {
        self.connected && !self.interrupted
    }

    /// Was admitted at some time.
    pub fn was_in(&self) -> bool {
        !matches!(self.standing, Standing::Waiting | Standing::Refused)
    }
}

impl State {
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|person| &person.id == id)
    }

    pub fn person_mut(&mut self, id: &PersonId) -> Option<&mut Person> {
        self.people.iter_mut().find(|person| &person.id == id)
    }

    pub fn device(&self, id: &DeviceId) -> Option<&Device> {
        self.devices.iter().find(|device| &device.id == id)
    }

    pub fn device_mut(&mut self, id: &DeviceId) -> Option<&mut Device> {
        self.devices.iter_mut().find(|device| &device.id == id)
    }

    /// Everyone admitted and not gone.
    pub fn seated(&self) -> impl Iterator<Item = &Person> {
        self.people.iter().filter(|person| person.seat.is_some())
    }

    /// The device that speaks for a seated person.
    pub fn device_of(&self, person: &Person) -> Option<&Device> {
        person.device.as_ref().and_then(|id| self.device(id))
    }

    pub fn mediator(&self) -> &Person {
        &self.people[0]
    }

    /// Whether `person` has been taken aside (the mediator included).
    pub fn is_aside(&self, person: &PersonId) -> bool {
        self.caucus.as_ref().is_some_and(|caucus| caucus.inside.contains(person))
    }

    /// Whether two seated people are in the same room.
    pub fn together(&self, a: &PersonId, b: &PersonId) -> bool {
        self.is_aside(a) == self.is_aside(b)
    }

    /// Who may see what `person` says or shows now.
    pub fn audience_of(&self, person: &PersonId) -> Audience {
        if self.caucus.is_none() {
            return Audience::Joint;
        }
        let aside = self.is_aside(person);
        Audience::Only(
            self.seated().map(|p| &p.id).filter(|id| self.is_aside(id) == aside).cloned().collect(),
        )
    }

    /// Consumer and merchant, at least one of each, and the mediator: all who are in and sign.
    pub fn signers(&self) -> Vec<&Person> {
        self.seated().filter(|person| person.role.signs()).collect()
    }

    pub fn has_both_parties(&self) -> bool {
        [Role::Consumer, Role::Merchant].iter().all(|role| self.seated().any(|person| person.role == *role))
    }

    pub fn enter_phase(&mut self, phase: Phase, now: Time) {
        self.phase = phase;
        self.phase_since = now;
    }

    /// When something happens by itself next.
    pub fn wake_at(&self) -> Option<Time> {
        let joins = self.caucus.as_ref().and_then(|caucus| caucus.joins_at);
        let signing = self.ceremony.as_ref().filter(|_| self.phase == Phase::Signing);
        let expires = signing.map(|ceremony| ceremony.expires_at);
        let inside = self.devices.iter().filter(|device| device.standing == Standing::In);
        let drops = inside.filter_map(|device| device.drops.due());
        joins.into_iter().chain(expires).chain(drops).min()
    }
}
