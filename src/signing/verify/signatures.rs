//! Who signed: each signature by itself, whether every required role is there, and the server's over all.

use super::verdict::{Finding, absent, failed, ok};
use crate::signing::bundle::{ReadableManifest, ReadableOutcome};
use crate::signing::envelope::{self, Header, JwsSignature, PersonHeader, ServerHeader};
use crate::signing::keys::{self, Jwk};
use crate::signing::payload::Role;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::collections::HashSet;

impl ReadableOutcome {
    pub(super) fn people(&self) -> impl Iterator<Item = (&PersonHeader, &JwsSignature)> {
        self.headers.iter().zip(&self.jws.signatures).filter_map(|(header, signature)| match header {
            Header::Person(person) => Some((&**person, signature)),
            Header::Server(_) => None,
        })
    }

    fn servers(&self) -> impl Iterator<Item = (&ServerHeader, &JwsSignature)> {
        self.headers.iter().zip(&self.jws.signatures).filter_map(|(header, signature)| match header {
            Header::Server(server) => Some((server, signature)),
            Header::Person(_) => None,
        })
    }

    pub(super) fn server(&self) -> Option<&ServerHeader> {
        self.servers().next().map(|(server, _)| server)
    }
}

/// Every signature under `role`.
pub(super) fn person(outcome: &ReadableOutcome, role: Role) -> Finding {
    let mut seen = false;
    for (header, signature) in outcome.people().filter(|(header, _)| header.role == role) {
        seen = true;
        if let Some(reason) = flaw(&header.alg, &header.typ) {
            return failed(reason);
        }
        if header.kid != keys::thumbprint_of_form(&header.jwk) {
            return failed("kid_mismatch");
        }
        if !verifies(outcome, signature, &header.jwk) {
            return failed("signature_invalid");
        }
    }
    match seen {
        true => ok("verified"),
        false if outcome.payload.mode.requires(role) => absent("signature_absent"),
        false => absent("not_required"),
    }
}

/// The server's, by a key that a manifest lists.
pub(super) fn server(outcome: &ReadableOutcome, manifests: &[ReadableManifest]) -> Finding {
    let mut seen = false;
    for (header, signature) in outcome.servers() {
        seen = true;
        if let Some(reason) = flaw(&header.alg, &header.typ) {
            return failed(reason);
        }
        let Some(key) = manifests.iter().find_map(|logged| logged.manifest.key(&header.kid)) else {
            return failed("server_key_unknown");
        };
        if !verifies(outcome, signature, &key.jwk) {
            return failed("signature_invalid");
        }
    }
    if seen { ok("verified") } else { absent("signature_absent") }
}

/// Whether all who have to sign did, each once, each as what the document lists them.
pub(super) fn roles(outcome: &ReadableOutcome) -> Finding {
    let parties = &outcome.payload.parties;
    let (mut kids, mut jkts) = (HashSet::new(), HashSet::new());
    let doubled = !outcome.headers.iter().all(|header| kids.insert(header.kid()))
        || !parties.iter().all(|party| jkts.insert(&party.jkt))
        || outcome.servers().count() > 1;
    if doubled {
        return failed("role_doubled");
    }
    if !outcome.people().all(|(header, _)| jkts.contains(&header.kid)) {
        return failed("signer_unlisted");
    }
    let listed = |header: &PersonHeader| {
        parties.iter().any(|party| party.jkt == header.kid && party.role == header.role)
    };
    if !outcome.people().all(|(header, _)| listed(header)) {
        return failed("role_swapped");
    }
    let all_signed = parties.iter().all(|party| kids.contains(party.jkt.as_str()));
    let mut required = Role::ALL.iter().filter(|role| outcome.payload.mode.requires(**role));
    let all_listed = required.all(|role| parties.iter().any(|party| party.role == *role));
    if all_signed && all_listed && outcome.server().is_some() {
        ok("complete")
    } else {
        failed("role_missing")
    }
}

/// Whether the server signed over exactly these signatures.
pub(super) fn over(outcome: &ReadableOutcome) -> Finding {
    let Some(server) = outcome.server() else { return absent("signature_absent") };
    let all: Vec<_> =
        outcome.people().map(|(_, given)| envelope::over(&given.protected, &given.signature)).collect();
    if server.over == all { ok("covers_all") } else { failed("over_mismatch") }
}

/// The same for both kinds of header. Only what is named here is a signature: never `none`.
fn flaw(alg: &str, typ: &str) -> Option<&'static str> {
    if alg != "ES256" {
        return Some("alg_not_allowed");
    }
    (typ != envelope::TYP).then_some("typ_wrong")
}

fn verifies(outcome: &ReadableOutcome, signature: &JwsSignature, key: &Jwk) -> bool {
    let input = envelope::signing_input(&signature.protected, &outcome.jws.payload);
    URL_SAFE_NO_PAD.decode(&signature.signature).is_ok_and(|raw| keys::verifies(key, &input, &raw))
}
