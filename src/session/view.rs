//! What one person sees of a session, and nothing else. `state::view` makes it, and is the only
//! place that decides what leaves the session: a view of somebody outside a caucus doesn't change
//! with what happens inside.

use crate::clock::Time;
use crate::ids::{ComplaintId, DeviceId, DocumentId, InvitationId, OutcomeId, PersonId, SessionId};
use crate::session::command::Ground;
use crate::session::party::{IdentityCheck, Language, Role, Side, Surface};
use crate::session::phase::Phase;
use crate::settlement::terms::Term;
pub use crate::signing::payload::Head;
use serde::{Deserialize, Serialize};

/// A session as seen by the person behind one device.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct View {
    pub session: SessionId,
    pub complaint: ComplaintId,
    /// The complaint's registration number, for people to quote.
    pub number: String,
    /// What it is about, in a few words.
    pub subject: String,
    /// A made-up case for trying things out.
    pub sample: bool,
    pub phase: Phase,
    pub phase_since: Time,
    pub opened_at: Time,
    pub locked: bool,
    pub me: Me,
    /// Everyone admitted, in the order of their seats.
    pub people: Vec<PersonView>,
    /// Who waits to be let in (mediator only).
    pub door: Vec<Knock>,
    /// Links made and what became of them (mediator only).
    pub invitations: Vec<InvitationView>,
    pub caucus: Option<CaucusView>,
    pub draft: Option<DraftView>,
    pub signing: Option<SigningView>,
    /// Why the last signing came to nothing, for those who were to sign, until the next opens.
    pub signing_broken: Option<SigningBroken>,
    pub outcome: Option<OutcomeView>,
    pub ended: Option<EndedView>,
    pub documents: Vec<DocumentView>,
    /// The session's journal as of the last event that everyone may know of.
    pub journal: Head,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Me {
    pub person: PersonId,
    pub device: DeviceId,
    pub role: Role,
    pub name: String,
    pub place: Place,
    /// RFC 7638 thumbprint of this device's key, once enrolled.
    pub enrolled: Option<String>,
    /// The commands (`do`) that would be accepted now: pages show only these.
    pub may: Vec<String>,
}

/// Where this device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// At the door, waiting to be admitted.
    Waiting,
    /// In the joint room.
    Joint,
    /// Taken aside by the mediator.
    Caucus,
    /// Turned away, removed, replaced by another device, or left.
    Out,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct PersonView {
    pub person: PersonId,
    /// 0 to 7. The receiving slot for somebody in seat `s` on a device in seat `me` is
    /// `s < me ? s : s - 1`, for sound and for camera alike; slot 7 of video is the shared screen.
    pub seat: u8,
    pub role: Role,
    pub side: Option<Side>,
    pub name: String,
    /// Whether this person and I are in the same room; the fields below are only told then.
    pub with_me: bool,
    pub presence: Presence,
    /// What the mediator checked of them; told to everyone, so that all know who was checked how.
    pub identity: IdentityCheck,
    pub muted: bool,
    pub muted_by_mediator: bool,
    pub camera: bool,
    pub hand: bool,
    pub screen: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Here,
    /// The socket or the media is interrupted; they may come back.
    Reconnecting,
    /// In the caucus, as seen from outside: no more is told.
    Aside,
    Left,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Knock {
    pub device: DeviceId,
    pub person: PersonId,
    pub name: String,
    pub role: Role,
    pub surface: Surface,
    /// What the browser said of itself, shortened.
    pub browser: String,
    pub since: Time,
    /// Another device of this person is already in; admitting this one ends that one.
    pub replaces: bool,
    /// Still connected.
    pub here: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct InvitationView {
    pub invitation: InvitationId,
    pub person: PersonId,
    pub role: Role,
    pub name: String,
    pub surface: Surface,
    pub language: Language,
    pub state: InvitationState,
    pub expires_at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    Open,
    Used,
    Expired,
    Revoked,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct CaucusView {
    pub inside: bool,
    pub since: Time,
    /// Names of the people inside, the mediator apart; empty for those outside.
    pub with: Vec<String>,
    /// Phase `returning`: when the rooms join again.
    pub joins_at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct DraftView {
    /// The working copy, as the mediator types it.
    pub rev: u32,
    pub terms: Vec<Term>,
    /// What was put to the parties so far, oldest first.
    pub versions: Vec<VersionView>,
    /// Who agrees to the newest version. An edit empties this.
    pub assents: Vec<AssentView>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct VersionView {
    pub version: u32,
    /// SHA-256 of the terms' canonical JSON (RFC 8785), base64url.
    pub hash: String,
    pub at: Time,
    pub terms: Vec<Term>,
    /// Against the version before.
    pub changes: Vec<TermChange>,
}

/// One line of difference between two versions; `index` counts in the newer (for `removed`: the older).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct TermChange {
    pub what: ChangeKind,
    pub index: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Added,
    Changed,
    Removed,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct AssentView {
    pub person: PersonId,
    pub role: Role,
    pub version: u32,
    pub at: Time,
}

/// The ceremony: one document, the same bytes for everyone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct SigningView {
    pub version: u32,
    pub outcome: OutcomeId,
    /// The JWS payload, base64url. A device rebuilds it from what it shows and compares before signing.
    pub payload: String,
    /// Every disclosure of the payload's `_sd` digests, base64url (RFC 9901).
    pub disclosures: Vec<String>,
    pub signers: Vec<SignerView>,
    /// The journal head to sign (`jh`).
    pub journal: Head,
    pub expires_at: Time,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct SignerView {
    pub person: PersonId,
    pub role: Role,
    pub name: String,
    pub signed_at: Option<Time>,
}

/// A signing that came to nothing; the terms stay, to be changed and signed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct SigningBroken {
    /// Because of whom; nobody where time was up.
    pub by: Option<PersonId>,
    /// Their name, since they may have left.
    pub name: Option<String>,
    pub why: Unsigned,
    /// What they wrote on declining; may be empty.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Unsigned {
    Declined,
    /// A signer left, was removed, or came on another device.
    Gone,
    /// Time was up.
    Expired,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct OutcomeView {
    pub outcome: OutcomeId,
    pub at: Time,
    /// In the public log; the bundle can be fetched.
    pub included: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct EndedView {
    pub at: Time,
    pub ground: Option<Ground>,
    /// What the mediator wrote; for an adjournment the reason.
    pub note: String,
    pub next_at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct DocumentView {
    pub document: DocumentId,
    pub name: String,
    /// `image/jpeg`, `image/png`, `image/webp` or `application/pdf`.
    pub media_type: String,
    #[ts(as = "f64")]
    pub bytes: u64,
    /// SHA-256, base64url.
    pub hash: String,
    pub by: PersonId,
    pub at: Time,
    /// Shown in a caucus: only those who were inside see it.
    pub private: bool,
}

/// A line of chat. Sent once; on a clean rejoin all that this person may read are sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct ChatLine {
    /// Grows within what this person can see; not a count of what others wrote.
    pub at: Time,
    pub by: PersonId,
    pub text: String,
    /// Said in a caucus.
    pub private: bool,
}
