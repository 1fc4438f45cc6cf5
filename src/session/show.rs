//! What one person sees: the only way from a session's state to a client.
//!
//! What always holds: the view of somebody outside a caucus is the same whatever happens inside.

use super::event::Refusal;
use super::party::Role;
use super::phase::Phase;
use super::rights;
use super::state::{Device, Document, Invitation, Person, Said, Standing, State};
use super::view::{
    AssentView, CaucusView, ChangeKind, ChatLine, DocumentView, DraftView, EndedView, InvitationView, Knock,
    Me, OutcomeView, PersonView, Place, Presence, SignerView, SigningBroken, SigningView, TermChange,
    VersionView, View,
};
use crate::clock::Time;
use crate::ids::DeviceId;
use crate::settlement::draft::{Change, differences};

/// The session as the person behind `device` sees it at `now`.
pub fn view(state: &State, device: &DeviceId, now: Time) -> Option<View> {
    let device = state.device(device)?;
    let viewer = state.person(&device.person)?;
    let inside = device.standing == Standing::In;
    let presides = inside && viewer.role == Role::Mediator;
    Some(View {
        session: state.id.clone(),
        complaint: state.facts.complaint.clone(),
        number: state.facts.number.clone(),
        subject: state.facts.subject.clone(),
        sample: state.facts.sample,
        phase: state.phase,
        phase_since: state.phase_since,
        opened_at: state.opened_at,
        locked: state.locked,
        me: me(state, viewer, device),
        people: people(state, viewer, inside),
        door: if presides { door(state) } else { Vec::new() },
        invitations: if presides { invitations(state, now) } else { Vec::new() },
        caucus: if inside { caucus(state, viewer) } else { None },
        draft: if inside { draft(state) } else { None },
        signing: if inside { signing(state) } else { None },
        signing_broken: if inside { signing_broken(state, viewer) } else { None },
        outcome: state.outcome.as_ref().filter(|_| inside).map(|sealed| OutcomeView {
            outcome: sealed.outcome.clone(),
            at: sealed.at,
            included: sealed.included,
        }),
        ended: state.ended.as_ref().filter(|_| device.was_in()).map(|ended| EndedView {
            at: ended.at,
            ground: ended.ground,
            note: ended.note.clone(),
            next_at: ended.next_at,
        }),
        documents: if inside { documents(state, viewer) } else { Vec::new() },
        journal: state.shown_head.clone(),
    })
}

/// A chat line as `device`'s person may read it, if they may.
pub fn chat_line(state: &State, device: &DeviceId, said: &Said) -> Option<ChatLine> {
    let device = state.device(device).filter(|device| device.standing == Standing::In)?;
    said.audience.admits(&device.person).then(|| ChatLine {
        at: said.at,
        by: said.by.clone(),
        text: said.text.clone(),
        private: matches!(said.audience, super::state::Audience::Only(_)),
    })
}

/// A document that `device`'s person may open.
pub fn document<'s>(
    state: &'s State,
    device: &DeviceId,
    id: &crate::ids::DocumentId,
) -> Result<&'s Document, Refusal> {
    let device = state.device(device).filter(|d| d.standing == Standing::In).ok_or(Refusal::NotAdmitted)?;
    let found = state.documents.iter().find(|document| &document.id == id);
    found.filter(|document| document.audience.admits(&device.person)).ok_or(Refusal::Unknown)
}

fn me(state: &State, viewer: &Person, device: &Device) -> Me {
    let inside = device.standing == Standing::In;
    let place = match device.standing {
        Standing::Waiting => Place::Waiting,
        Standing::In if state.is_aside(&viewer.id) => Place::Caucus,
        Standing::In => Place::Joint,
        _ => Place::Out,
    };
    let may = match device.standing {
        Standing::In => rights::of(viewer.role, state.phase)
            .filter(|command| makes_sense(state, viewer, command))
            .map(str::to_owned)
            .collect(),
        Standing::Waiting => vec!["leave".to_owned()],
        _ => Vec::new(),
    };
    Me {
        person: viewer.id.clone(),
        device: device.id.clone(),
        role: viewer.role,
        name: viewer.name.clone(),
        place,
        enrolled: inside.then(|| device.jkt.clone()),
        may,
    }
}

/// Narrows the rights to what would be accepted as things stand.
fn makes_sense(state: &State, viewer: &Person, command: &str) -> bool {
    let draft = &state.draft;
    let signed = || {
        let signers = state.ceremony.iter().flat_map(|ceremony| &ceremony.signers);
        signers.filter(|signer| signer.person == viewer.id).any(|signer| signer.signed.is_some())
    };
    match command {
        "assent" => draft.proposed().is_some() && !draft.assents.contains_key(&viewer.id),
        "withdraw_assent" => draft.assents.contains_key(&viewer.id),
        "sign" => !signed(),
        "signing_open" => {
            draft.proposed().is_some()
                && state.has_both_parties()
                && state.seated().filter(|p| p.role.is_party()).all(|p| draft.assents.contains_key(&p.id))
        }
        _ => true,
    }
}

fn people(state: &State, viewer: &Person, inside: bool) -> Vec<PersonView> {
    let mut people: Vec<_> =
        state.seated().filter(|_| inside).map(|person| person_view(state, viewer, person)).collect();
    people.sort_by_key(|person| person.seat);
    people
}

fn person_view(state: &State, viewer: &Person, person: &Person) -> PersonView {
    let with_me = state.together(&viewer.id, &person.id);
    let here = state.device_of(person).is_some_and(Device::is_here);
    let presence = match (with_me, here) {
        (false, _) if state.is_aside(&person.id) => Presence::Aside,
        (_, true) => Presence::Here,
        (_, false) => Presence::Reconnecting,
    };
    // Those inside may know what goes on outside; never the other way round.
    let told = with_me || state.is_aside(&viewer.id);
    PersonView {
        person: person.id.clone(),
        seat: person.seat.unwrap_or_default(),
        role: person.role,
        side: person.side,
        name: person.name.clone(),
        with_me,
        presence,
        identity: person.identity,
        muted: told && person.muted,
        muted_by_mediator: told && person.muted_by_mediator,
        camera: told && person.camera,
        hand: told && person.hand,
        screen: told && person.screen,
    }
}

fn door(state: &State) -> Vec<Knock> {
    let waiting = state.devices.iter().filter(|device| device.standing == Standing::Waiting);
    waiting
        .filter_map(|device| {
            let person = state.person(&device.person)?;
            Some(Knock {
                device: device.id.clone(),
                person: person.id.clone(),
                name: person.name.clone(),
                role: person.role,
                surface: device.surface,
                browser: device.browser.clone(),
                since: device.since,
                replaces: person.device.is_some(),
                here: device.connected,
            })
        })
        .collect()
}

fn invitations(state: &State, now: Time) -> Vec<InvitationView> {
    let view = |invitation: &Invitation| {
        let person = state.person(&invitation.person)?;
        Some(InvitationView {
            invitation: invitation.id.clone(),
            person: person.id.clone(),
            role: person.role,
            name: person.name.clone(),
            surface: invitation.surface,
            language: invitation.language,
            state: invitation.state(now),
            expires_at: invitation.expires_at,
        })
    };
    state.invitations.iter().filter_map(view).collect()
}

fn caucus(state: &State, viewer: &Person) -> Option<CaucusView> {
    let caucus = state.caucus.as_ref()?;
    let inside = caucus.inside.contains(&viewer.id);
    let with = state
        .people
        .iter()
        .filter(|person| inside && person.role != Role::Mediator && caucus.inside.contains(&person.id))
        .map(|person| person.name.clone())
        .collect();
    Some(CaucusView { inside, since: caucus.since, with, joins_at: caucus.joins_at })
}

fn draft(state: &State) -> Option<DraftView> {
    let draft = &state.draft;
    if draft.rev == 0 && state.phase != Phase::Drafting {
        return None;
    }
    let before = std::iter::once([].as_slice()).chain(draft.versions.iter().map(|v| v.terms.as_slice()));
    let versions = draft.versions.iter().zip(before).map(|(version, before)| VersionView {
        version: version.version,
        hash: version.hash.clone(),
        at: version.at,
        terms: version.terms.clone(),
        changes: if version.version == 1 {
            Vec::new()
        } else {
            differences(before, &version.terms).into_iter().map(change).collect()
        },
    });
    let newest = draft.versions.len() as u32;
    let assents = draft.assents.iter().filter_map(|(id, at)| {
        let person = state.person(id)?;
        Some(AssentView { person: id.clone(), role: person.role, version: newest, at: *at })
    });
    Some(DraftView {
        rev: draft.rev,
        terms: draft.terms.clone(),
        versions: versions.collect(),
        assents: assents.collect(),
    })
}

fn change(change: Change) -> TermChange {
    let (what, index) = match change {
        Change::Added(index) => (ChangeKind::Added, index),
        Change::Changed(index) => (ChangeKind::Changed, index),
        Change::Removed(index) => (ChangeKind::Removed, index),
    };
    TermChange { what, index: index as u32 }
}

fn signing(state: &State) -> Option<SigningView> {
    let ceremony = state.ceremony.as_ref()?;
    let signers = ceremony.signers.iter().map(|signer| SignerView {
        person: signer.person.clone(),
        role: signer.role,
        name: signer.name.clone(),
        signed_at: signer.signed.as_ref().map(|(at, _)| *at),
    });
    Some(SigningView {
        version: ceremony.version,
        outcome: ceremony.outcome.clone(),
        payload: ceremony.document.payload.clone(),
        disclosures: ceremony.document.disclosures.clone(),
        signers: signers.collect(),
        journal: ceremony.journal.clone(),
        expires_at: ceremony.expires_at,
    })
}

/// Nobody is aside while a document is signed, so all who were to sign may know what became of it.
fn signing_broken(state: &State, viewer: &Person) -> Option<SigningBroken> {
    let broken = state.broken.as_ref().filter(|broken| broken.told.contains(&viewer.id))?;
    let by = broken.by.as_ref().and_then(|by| state.person(by));
    Some(SigningBroken {
        by: by.map(|person| person.id.clone()),
        name: by.map(|person| person.name.clone()),
        why: broken.why,
        reason: broken.reason.clone(),
    })
}

fn documents(state: &State, viewer: &Person) -> Vec<DocumentView> {
    let mine = state.documents.iter().filter(|document| document.audience.admits(&viewer.id));
    mine.map(|document| DocumentView {
        document: document.id.clone(),
        name: document.name.clone(),
        media_type: document.media_type.clone(),
        bytes: document.bytes,
        hash: document.hash.clone(),
        by: document.by.clone(),
        at: document.at,
        private: matches!(document.audience, super::state::Audience::Only(_)),
    })
    .collect()
}
