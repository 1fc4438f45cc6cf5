//! The signing ceremony: one document, everyone's signature over the same bytes, or none.
//!
//! What always holds: it opens only on the version that every party assented to; who signs is fixed
//! when it opens; a decline, a lost device, a signer who goes, or the clock ends it and every signature
//! in it is void; the last signature seals it, in the same transaction as the outcome itself.

use super::door::text;
use super::event::{Answer, Refusal};
use super::party::Role;
use super::phase::Phase;
use super::state::{Broken, Ceremony, Person, Sealed, Signer};
use super::step::{Actor, Refused, Step};
use super::view::Unsigned;
use crate::complaint::{Event, SessionEnd};
use crate::ids::{DeviceId, OutcomeId, PersonId};
use crate::signing::document::{self, DocumentInput, Mode, PartyInput};
use crate::signing::envelope;
use serde::Serialize;
use serde_json::json;

/// A ceremony that isn't finished by then is void.
pub const CEREMONY_MS: i64 = 30 * 60 * 1000;
const MAX_REASON_CHARS: usize = 500;

impl Step<'_> {
    pub(super) fn signing_open(&mut self, by: &PersonId, version: u32) -> Result<Answer, Refused> {
        let (now, today) = (self.now(), self.today());
        let proposed = self.state.draft.proposed_as(version)?;
        crate::settlement::terms::check(&proposed.terms, today)
            .map_err(|bad| Refused::because(Refusal::Invalid, bad.to_string()))?;
        if !self.state.has_both_parties() {
            return Err(Refused::because(Refusal::NotNow, "both parties have to be in the room"));
        }
        let parties = self.state.signers();
        if let Some(open) =
            parties.iter().find(|p| p.role.is_party() && !self.state.draft.assents.contains_key(&p.id))
        {
            return Err(Refused::because(Refusal::NotNow, format!("{} has not agreed", open.role.as_str())));
        }
        let anchor = self.context.anchor.ok_or(Refused::because(Refusal::Unavailable, "the public log"))?;
        let signers: Vec<_> = parties.iter().filter_map(|person| self.signer(person)).collect();
        let outcome = OutcomeId::random(self.context.random);
        let (facts, publication) = (&self.state.facts, self.publication());
        let input = DocumentInput {
            oid: outcome.clone(),
            ver: 1,
            prev: None,
            mode: Mode::Mediated,
            parties: signers.iter().map(|signer| self.party_input(signer)).collect(),
            terms: proposed.terms.clone(),
            complaint_number: facts.number.clone(),
            session: self.state.id.clone(),
            subject: facts.subject.clone(),
            agency: self.context.agency.to_owned(),
            publication,
            issuer: self.context.issuer.to_owned(),
            anchor: anchor.clone(),
            journal: self.state.journal.head(),
        };
        let document = document::build(input, self.context.random)
            .map_err(|bad| Refused::because(Refusal::Invalid, bad.to_string()))?;
        let public = json!({ "version": version, "payload_sha256": document.payload_hash() });
        self.state.enter_phase(Phase::Signing, now);
        self.journal(Actor::Person(by), "signing.opened", public, Some(json!({ "outcome": outcome })));
        let journal = self.state.journal.head();
        let expires_at = now.plus_ms(CEREMONY_MS);
        self.state.broken = None;
        self.state.ceremony =
            Some(Ceremony { version, outcome, document, journal, signers, publication, expires_at });
        Ok(Answer::Done)
    }

    /// Everyone who signs for a party agreed to publication.
    fn publication(&self) -> bool {
        self.state.signers().iter().filter(|person| person.role.is_party()).all(|person| person.publication)
    }

    fn signer(&self, person: &Person) -> Option<Signer> {
        let device = self.state.device_of(person)?;
        Some(Signer {
            person: person.id.clone(),
            device: device.id.clone(),
            role: person.role,
            name: person.name.clone(),
            jwk: device.jwk.clone(),
            signed: None,
        })
    }

    fn party_input(&self, signer: &Signer) -> PartyInput {
        let facts = match signer.role {
            Role::Consumer => Some(&self.state.facts.consumer),
            Role::Merchant => Some(&self.state.facts.merchant),
            _ => None,
        };
        PartyInput {
            role: signs_as(signer.role),
            jwk: signer.jwk.clone(),
            name: signer.name.clone(),
            party: facts.map(|facts| facts.name.clone()).filter(|party| *party != signer.name),
            identity: self.state.person(&signer.person).map(|person| word(&person.identity)),
            address: facts.map(|facts| facts.address.clone()),
        }
    }

    /// A signature over the document, by the key enrolled for the device that sends it. Signing twice is
    /// signing once.
    pub(super) fn sign(
        &mut self,
        by: &PersonId,
        device: &DeviceId,
        version: u32,
        protected: &str,
        signature: &str,
    ) -> Result<Answer, Refused> {
        let now = self.now();
        let ceremony = self.ceremony(version)?;
        let journal = ceremony.journal.clone();
        let document = ceremony.document.clone();
        let signer = ceremony
            .signers
            .iter_mut()
            .find(|signer| &signer.person == by && &signer.device == device)
            .ok_or(Refused::because(Refusal::BadSignature, "this device's key is not one of the signers'"))?;
        if signer.signed.is_some() {
            return Ok(Answer::Done);
        }
        let checked = envelope::check_signature(
            &document,
            signs_as(signer.role),
            &signer.jwk,
            &journal,
            now,
            protected,
            signature,
        )
        .map_err(|bad| Refused::because(Refusal::BadSignature, bad.to_string()))?;
        signer.signed = Some((now, checked));
        self.journal(Actor::Person(by), "signing.signed", json!({ "person": by, "version": version }), None);
        Ok(self.seal_if_complete())
    }

    fn seal_if_complete(&mut self) -> Answer {
        let now = self.now();
        let Some(ceremony) = &self.state.ceremony else { return Answer::Done };
        let signatures: Option<Vec<_>> = ceremony
            .signers
            .iter()
            .map(|s| s.signed.as_ref().map(|(_, signature)| signature.clone()))
            .collect();
        let Some(signatures) = signatures else { return Answer::Done };
        let outcome = ceremony.outcome.clone();
        let public =
            json!({ "version": ceremony.version, "payload_sha256": ceremony.document.payload_hash() });
        self.effects.seal = Some(signatures);
        self.state.outcome = Some(Sealed { outcome: outcome.clone(), at: now, included: false });
        self.state.enter_phase(Phase::Agreed, now);
        self.journal(Actor::Server, "outcome.sealed", public, Some(json!({ "outcome": outcome })));
        let session = self.state.id.clone();
        self.effects.history.push(Event::SessionEnded { session, end: SessionEnd::Agreed });
        super::door::close_door(self);
        Answer::Sealed { outcome }
    }

    pub(super) fn decline(&mut self, by: &PersonId, version: u32, reason: &str) -> Result<Answer, Refused> {
        let reason = text(reason, "reason", 0, MAX_REASON_CHARS)?;
        self.ceremony(version)?;
        self.state.draft.assents.remove(by);
        self.journal(
            Actor::Person(by),
            "signing.declined",
            json!({ "person": by }),
            Some(json!({ "reason": reason })),
        );
        self.back_to_draft(Some(by), Unsigned::Declined, reason);
        Ok(Answer::Done)
    }

    /// Ends the ceremony because of `by`, who left or came on another device. The assents stay; every
    /// signature is void.
    pub(super) fn break_off_signing(&mut self, by: &PersonId, why: &'static str) {
        if self.state.ceremony.is_some() {
            self.journal(Actor::Server, "signing.broken_off", json!({ "why": why }), None);
            self.back_to_draft(Some(by), Unsigned::Gone, String::new());
        }
    }

    pub(super) fn tick_ceremony(&mut self) {
        let now = self.now();
        if self.state.phase == Phase::Signing
            && self.state.ceremony.as_ref().is_some_and(|ceremony| ceremony.expires_at <= now)
        {
            self.journal(Actor::Server, "signing.broken_off", json!({ "why": "expired" }), None);
            self.back_to_draft(None, Unsigned::Expired, String::new());
        }
    }

    /// Those who were to sign are told why nobody did.
    fn back_to_draft(&mut self, by: Option<&PersonId>, why: Unsigned, reason: String) {
        let now = self.now();
        let Some(ceremony) = self.state.ceremony.take() else { return };
        let told = ceremony.signers.into_iter().map(|signer| signer.person).collect();
        self.state.broken = Some(Broken { by: by.cloned(), why, reason, told });
        self.state.enter_phase(Phase::Drafting, now);
    }

    fn ceremony(&mut self, version: u32) -> Result<&mut Ceremony, Refused> {
        let ceremony = self.state.ceremony.as_mut().ok_or(Refusal::NotNow)?;
        if ceremony.version == version {
            Ok(ceremony)
        } else {
            Err(Refused::because(Refusal::Stale, format!("version {} is being signed", ceremony.version)))
        }
    }
}

/// The role as the document names it.
fn signs_as(role: Role) -> document::Role {
    match role {
        Role::Consumer => document::Role::Consumer,
        Role::Merchant => document::Role::Merchant,
        _ => document::Role::Mediator,
    }
}

/// The word that stands for a value in JSON.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
