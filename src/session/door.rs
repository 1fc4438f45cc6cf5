//! The door: invitations, joining, admitting, refusing, leaving, coming back.
//!
//! What always holds: a link lets one device knock; nobody is in whom the mediator didn't admit (the
//! mediator's own devices apart, which a staff account vouches for); one device speaks for a person.

use super::drops::Drops;
use super::event::{Answer, Bye, Refusal};
use super::journal::Journal;
use super::party::{IdentityCheck, Language, Role, Side, Surface};
use super::phase::Phase;
use super::state::{
    Device, Facts, Invitation, MAX_DEVICES, MAX_INVITATIONS, MAX_PEOPLE, Person, SEATS, Standing, State,
};
use super::step::{Actor, Context, Effects, Refused, Step};
use super::view::InvitationState;
use crate::complaint::Event;
use crate::ids::{DeviceId, InvitationId, PersonId, SessionId, StaffId};
use crate::signing::keys::{self, Jwk};
use crate::token::Token;
use serde_json::json;

/// A link works for three days.
pub const LINK_MS: i64 = 3 * 24 * 3600 * 1000;
const MAX_NAME_CHARS: usize = 80;
const MAX_REASON_CHARS: usize = 500;

/// A device that asks to join.
#[derive(Debug, Clone)]
pub struct Joining {
    pub jwk: Jwk,
    pub surface: Surface,
    pub language: Language,
    pub browser: String,
    /// SHA-256 of the cookie's secret.
    pub secret_hash: String,
    /// `version:hash` of what was accepted; empty for staff.
    pub ground_rules: String,
    pub publication: bool,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub session: SessionId,
    pub device: DeviceId,
    pub person: PersonId,
}

/// Who presides.
#[derive(Debug, Clone)]
pub struct Presiding {
    pub staff: StaffId,
    pub name: String,
}

/// Somebody to be invited.
#[derive(Debug, Clone)]
pub struct Guest {
    pub role: Role,
    pub name: String,
    pub side: Option<Side>,
    pub surface: Surface,
    pub language: Language,
}

/// A new session, nobody inside yet.
pub fn open<'a>(id: SessionId, facts: Facts, presiding: Presiding, context: &'a Context<'a>) -> Step<'a> {
    let now = context.now;
    let mediator = person(PersonId::random(context.random), Role::Mediator, None, presiding.name);
    let state = State {
        id,
        facts,
        staff: presiding.staff,
        opened_at: now,
        phase: Phase::Verifying,
        phase_since: now,
        locked: false,
        people: vec![mediator],
        devices: Vec::new(),
        invitations: Vec::new(),
        caucus: None,
        draft: Default::default(),
        ceremony: None,
        broken: None,
        outcome: None,
        ended: None,
        documents: Vec::new(),
        journal: Journal::default(),
        shown_head: Journal::default().head(),
        reach: Default::default(),
        answers: Default::default(),
        chat: Vec::new(),
    };
    let mut step = Step { state, context, effects: Effects::default() };
    let complaint = json!({ "complaint": step.state.facts.complaint, "number": step.state.facts.number });
    let mediator = step.state.mediator().id.clone();
    step.journal(
        Actor::Person(&mediator),
        "session.opened",
        json!({ "sample": step.state.facts.sample }),
        Some(complaint),
    );
    step.effects.history.push(Event::SessionOpened { session: step.state.id.clone() });
    step
}

impl Step<'_> {
    /// The mediator's account enters from a browser: its key is enrolled, an older device ends.
    pub fn preside(&mut self, joining: Joining) -> Result<Joined, Refused> {
        let mediator = self.state.mediator().id.clone();
        let device = self.new_device(mediator.clone(), joining)?;
        self.seat(&device, IdentityCheck::Account)?;
        Ok(Joined { session: self.state.id.clone(), device, person: mediator })
    }

    /// Makes a single-use link, in the mediator's name.
    pub fn invite(&mut self, guest: Guest) -> Result<Answer, Refused> {
        let Guest { role, name, side, surface, language } = guest;
        let by = self.state.mediator().id.clone();
        let name = text(&name, "name", 1, MAX_NAME_CHARS)?;
        if role == Role::Mediator || surface == Surface::Desk {
            return Err(Refused::because(Refusal::Invalid, "role: a mediator comes by a staff account"));
        }
        if self.state.invitations.len() >= MAX_INVITATIONS || self.state.people.len() >= MAX_PEOPLE {
            return Err(Refused::because(Refusal::Full, "invitations"));
        }
        let person = self.person_called(role, side, name);
        for older in self.state.invitations.iter_mut().filter(|i| i.person == person && !i.used) {
            older.revoked = true;
        }
        let token = Token::random(self.context.random);
        let invitation = Invitation {
            id: InvitationId::random(self.context.random),
            person: person.clone(),
            token_hash: token.hash(),
            surface,
            language,
            expires_at: self.now().plus_ms(LINK_MS),
            used: false,
            revoked: false,
        };
        let page = if surface == Surface::Station { "station" } else { "j" };
        let answer = Answer::Invited {
            invitation: invitation.id.clone(),
            url: format!("{}/{page}#{}", self.context.public_url, token.reveal()),
            expires_at: invitation.expires_at,
        };
        let public = json!({ "invitation": invitation.id, "person": person, "role": role });
        self.state.invitations.push(invitation);
        self.journal(Actor::Person(&by), "invitation.made", public, None);
        Ok(answer)
    }

    /// The person of this role and name, if invited before; else a new one.
    fn person_called(&mut self, role: Role, side: Option<Side>, name: String) -> PersonId {
        let same = |p: &&Person| p.role == role && p.side == side && p.name == name;
        if let Some(known) = self.state.people.iter().find(same) {
            return known.id.clone();
        }
        let id = PersonId::random(self.context.random);
        self.state.people.push(person(id.clone(), role, side, name));
        id
    }

    pub(super) fn revoke(&mut self, by: &PersonId, id: &InvitationId) -> Result<Answer, Refused> {
        let now = self.now();
        let invitation = self.state.invitations.iter_mut().find(|i| &i.id == id).ok_or(Refusal::Unknown)?;
        if invitation.state(now) != InvitationState::Open {
            return Err(Refused::because(Refusal::Closed, "the link is not open any more"));
        }
        invitation.revoked = true;
        self.journal(Actor::Person(by), "invitation.revoked", json!({ "invitation": id }), None);
        Ok(Answer::Done)
    }

    /// A device knocks with a link. `again`: the link was used; ask the mediator to let this one in.
    /// The same device asking twice (its first answer was lost) is the same device.
    pub fn join(&mut self, token_hash: &str, again: bool, joining: Joining) -> Result<Joined, Refused> {
        let invitation = self
            .state
            .invitations
            .iter()
            .position(|i| i.token_hash == token_hash)
            .ok_or(Refused::because(Refusal::Unknown, "link"))?;
        let (person, state) = {
            let invitation = &self.state.invitations[invitation];
            (invitation.person.clone(), invitation.state(self.now()))
        };
        if state == InvitationState::Used
            && let Some(joined) = self.joined_before(&person, &joining)
        {
            return Ok(joined);
        }
        match state {
            InvitationState::Open => {}
            InvitationState::Used if again => {}
            InvitationState::Used => return Err(Refused::because(Refusal::Closed, "used")),
            InvitationState::Expired => return Err(Refused::because(Refusal::Closed, "expired")),
            InvitationState::Revoked => return Err(Refused::because(Refusal::Closed, "revoked")),
        }
        if self.state.phase.is_over() {
            return Err(Refused::because(Refusal::Closed, "over"));
        }
        if self.state.locked {
            return Err(Refused::because(Refusal::Closed, "locked"));
        }
        let public = json!({
            "person": person, "surface": joining.surface, "again": again, "ground_rules": joining.ground_rules,
            "publication": joining.publication,
        });
        let browser = json!({ "browser": joining.browser });
        let device = self.new_device(person.clone(), joining)?;
        self.state.invitations[invitation].used = true;
        self.journal(Actor::Person(&person), "person.knocked", public, Some(browser));
        Ok(Joined { session: self.state.id.clone(), device, person })
    }

    /// A waiting device whose first answer was lost: same key, and nobody ever used its cookie.
    fn joined_before(&mut self, person: &PersonId, joining: &Joining) -> Option<Joined> {
        let session = self.state.id.clone();
        let device = self.state.devices.iter_mut().find(|device| {
            &device.person == person
                && device.jwk == joining.jwk
                && device.standing == Standing::Waiting
                && !device.connected
        })?;
        device.secret_hash = joining.secret_hash.clone();
        Some(Joined { session, device: device.id.clone(), person: person.clone() })
    }

    fn new_device(&mut self, person: PersonId, joining: Joining) -> Result<DeviceId, Refused> {
        let jkt = keys::thumbprint(&joining.jwk)
            .map_err(|_| Refused::because(Refusal::Invalid, "jwk: not a P-256 public key"))?;
        if self.state.devices.iter().any(|device| device.jkt == jkt) {
            return Err(Refused::because(
                Refusal::Invalid,
                "jwk: this key is known already; make a fresh one",
            ));
        }
        if self.state.devices.len() >= MAX_DEVICES {
            return Err(Refused::because(Refusal::Full, "devices"));
        }
        // A newer knock of the same person takes the older one's place at the door.
        let older: Vec<_> = self
            .state
            .devices
            .iter()
            .filter(|d| d.person == person && d.standing == Standing::Waiting)
            .map(|d| d.id.clone())
            .collect();
        for device in older {
            self.close(&device, Standing::Replaced);
        }
        let id = DeviceId::random(self.context.random);
        self.state.devices.push(Device {
            id: id.clone(),
            person,
            surface: joining.surface,
            language: joining.language,
            browser: joining.browser.chars().filter(|c| !c.is_control()).take(120).collect(),
            jwk: joining.jwk,
            jkt,
            secret_hash: joining.secret_hash,
            standing: Standing::Waiting,
            since: self.now(),
            ground_rules: joining.ground_rules,
            publication: joining.publication,
            connected: false,
            interrupted: false,
            drops: Drops::default(),
        });
        Ok(id)
    }

    pub(super) fn admit(&mut self, device: &DeviceId, identity: IdentityCheck) -> Result<Answer, Refused> {
        self.waiting(device)?;
        if identity == IdentityCheck::Account {
            return Err(Refused::because(Refusal::Invalid, "identity: for staff accounts only"));
        }
        self.seat(device, identity)?;
        if self.state.phase == Phase::Verifying && self.state.has_both_parties() {
            let now = self.now();
            self.state.enter_phase(Phase::Joint, now);
        }
        Ok(Answer::Done)
    }

    /// Gives the device's person a seat, enrols its key, ends the device that spoke before.
    fn seat(&mut self, device: &DeviceId, identity: IdentityCheck) -> Result<(), Refused> {
        let entering = self.state.device(device).ok_or(Refusal::Unknown)?.clone();
        let person = self.known(&entering.person)?;
        let (older, signs) = (person.device.clone(), person.role.signs());
        let seat = match person.seat {
            Some(seat) => seat,
            None => free_seat(&self.state).ok_or(Refused::because(Refusal::Full, "eight seats"))?,
        };
        if let Some(older) = older.filter(|older| older != device) {
            self.close(&older, Standing::Replaced);
            if signs && self.state.phase == Phase::Signing {
                self.break_off_signing(&entering.person, "device_replaced");
            }
        }
        let mediator = self.state.mediator().id.clone();
        self.state.device_mut(device).expect("checked above").standing = Standing::In;
        let person = self.state.person_mut(&entering.person).expect("checked above");
        person.seat = Some(seat);
        person.device = Some(device.clone());
        person.publication = entering.publication;
        person.identity = identity;
        let public = json!({
            "person": person.id, "role": person.role, "side": person.side, "device": device, "jkt": entering.jkt,
            "identity": identity, "surface": entering.surface,
        });
        let private = json!({ "name": person.name });
        self.journal(Actor::Person(&mediator), "person.admitted", public, Some(private));
        Ok(())
    }

    pub(super) fn identify(
        &mut self,
        by: &PersonId,
        person: &PersonId,
        identity: IdentityCheck,
    ) -> Result<Answer, Refused> {
        self.seated_other(by, person)?;
        if identity == IdentityCheck::Account {
            return Err(Refused::because(Refusal::Invalid, "identity: for staff accounts only"));
        }
        self.state.person_mut(person).expect("seated").identity = identity;
        self.journal(
            Actor::Person(by),
            "person.identified",
            json!({ "person": person, "identity": identity }),
            None,
        );
        Ok(Answer::Done)
    }

    pub(super) fn refuse(
        &mut self,
        by: &PersonId,
        device: &DeviceId,
        reason: &str,
    ) -> Result<Answer, Refused> {
        self.waiting(device)?;
        let reason = text(reason, "reason", 0, MAX_REASON_CHARS)?;
        self.close(device, Standing::Refused);
        self.journal(
            Actor::Person(by),
            "person.refused",
            json!({ "device": device }),
            Some(json!({ "reason": reason })),
        );
        Ok(Answer::Done)
    }

    pub(super) fn remove(
        &mut self,
        by: &PersonId,
        person: &PersonId,
        reason: &str,
    ) -> Result<Answer, Refused> {
        self.seated_other(by, person)?;
        let reason = text(reason, "reason", 0, MAX_REASON_CHARS)?;
        self.unseat(person, Standing::Removed);
        self.journal(
            Actor::Person(by),
            "person.removed",
            json!({ "person": person }),
            Some(json!({ "reason": reason })),
        );
        Ok(Answer::Done)
    }

    /// Leaving for good; a dropped connection is not leaving.
    pub(super) fn leave(&mut self, person: &PersonId) -> Result<Answer, Refused> {
        self.journal(Actor::Person(person), "person.left", json!({ "person": person }), None);
        self.unseat(person, Standing::Left);
        Ok(Answer::Done)
    }

    /// A device at the door gives up.
    pub fn stop_waiting(&mut self, device: &DeviceId) -> Result<Answer, Refused> {
        self.waiting(device)?;
        let person = self.state.device(device).map(|d| d.person.clone()).ok_or(Refusal::Unknown)?;
        self.close(device, Standing::Left);
        self.journal(
            Actor::Person(&person),
            "person.left",
            json!({ "person": person, "waiting": true }),
            None,
        );
        Ok(Answer::Done)
    }

    pub(super) fn lock(&mut self, by: &PersonId, locked: bool) -> Answer {
        if self.state.locked != locked {
            self.state.locked = locked;
            self.journal(Actor::Person(by), "room.locked", json!({ "locked": locked }), None);
        }
        Answer::Done
    }

    /// Frees a person's seat. A signer who goes takes the ceremony with them.
    fn unseat(&mut self, id: &PersonId, standing: Standing) {
        let Some(person) = self.state.person_mut(id) else { return };
        person.seat = None;
        person.screen = false;
        person.hand = false;
        let (device, signs) = (person.device.take(), person.role.signs());
        if let Some(device) = device {
            self.close(&device, standing);
        }
        if let Some(caucus) = &mut self.state.caucus {
            caucus.inside.remove(id);
        }
        self.state.draft.assents.remove(id);
        if signs && self.state.phase == Phase::Signing {
            self.break_off_signing(id, "signer_left");
        }
    }

    fn waiting(&self, device: &DeviceId) -> Result<(), Refused> {
        let device = self.state.device(device).ok_or(Refusal::Unknown)?;
        if device.standing == Standing::Waiting {
            Ok(())
        } else {
            Err(Refused::because(Refusal::Unknown, "not waiting"))
        }
    }

    /// Somebody in the room, and not oneself.
    pub(super) fn seated_other(&self, by: &PersonId, person: &PersonId) -> Result<(), Refused> {
        let known = self.known(person)?;
        if known.seat.is_none() {
            return Err(Refused::because(Refusal::Unknown, "not in the room"));
        }
        if known.id == *by {
            return Err(Refused::because(Refusal::Invalid, "person: yourself"));
        }
        Ok(())
    }
}

/// Devices that must come back after the process stopped: none is connected, which the journal tells.
pub fn resumed(step: &mut Step<'_>) {
    step.journal(Actor::Server, "session.resumed", json!({}), None);
}

/// Everyone is sent away, because the session is over.
pub fn close_door(step: &mut Step<'_>) {
    let waiting: Vec<_> =
        step.state.devices.iter().filter(|d| d.standing == Standing::Waiting).map(|d| d.id.clone()).collect();
    for device in waiting {
        step.effects.closed.push((device.clone(), Bye::Ended));
        if let Some(device) = step.state.device_mut(&device) {
            device.standing = Standing::Refused;
        }
    }
}

fn person(id: PersonId, role: Role, side: Option<Side>, name: String) -> Person {
    Person {
        id,
        role,
        side,
        name,
        seat: None,
        device: None,
        identity: IdentityCheck::NotChecked,
        publication: false,
        muted: false,
        muted_by_mediator: false,
        camera: true,
        hand: false,
        screen: false,
    }
}

fn free_seat(state: &State) -> Option<u8> {
    (0..SEATS).find(|seat| !state.people.iter().any(|person| person.seat == Some(*seat)))
}

/// Bounded text without control characters (line breaks apart), in Unicode's composed form.
pub(super) fn text(text: &str, field: &str, least: usize, most: usize) -> Result<String, Refused> {
    use unicode_normalization::UnicodeNormalization;
    let text: String = text.trim().nfc().collect();
    let length = text.chars().count();
    if length < least || length > most {
        return Err(Refused::because(
            Refusal::Invalid,
            format!("{field}: from {least} to {most} characters"),
        ));
    }
    if text.chars().any(crate::settlement::terms::is_hidden) {
        return Err(Refused::because(Refusal::Invalid, format!("{field}: control characters")));
    }
    Ok(text)
}
