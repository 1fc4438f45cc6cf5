//! What the document says of itself: its disclosures, the journal heads, the times, its predecessors.

use super::verdict::{Finding, absent, failed, ok, unchecked};
use crate::log::proof::Proof;
use crate::signing::bundle::{ReadableOutcome, View};
use crate::signing::disclosure::{self, BadDisclosure};
use crate::signing::payload::{Head, Payload};
use crate::signing::policy::Policy;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A person's clock may be ahead of the server's by this much, and a witness's behind it (seconds).
const AHEAD: u64 = 600;
/// A ceremony does not last longer than this (seconds).
const BEFORE: u64 = 86_400;

pub(super) fn disclosures(outcome: &ReadableOutcome, view: View) -> Finding {
    match disclosure::check(&outcome.payload, outcome.jws.disclosures()) {
        Err(BadDisclosure::DigestDoubled) => failed("digest_doubled"),
        Err(BadDisclosure::Malformed) => failed("disclosure_malformed"),
        Err(BadDisclosure::Doubled) => failed("disclosure_doubled"),
        Err(BadDisclosure::Forged) => failed("disclosure_forged"),
        Err(BadDisclosure::Misplaced) => failed("disclosure_misplaced"),
        Ok(shown) if shown.hidden == 0 => ok("complete"),
        Ok(_) if view == View::Full => failed("undisclosed"),
        Ok(_) => ok("redacted"),
    }
}

/// People may have been shown a later head than the document names, the server signs the latest.
pub(super) fn journal(outcome: &ReadableOutcome) -> Finding {
    let first = &outcome.payload.journal;
    let people: Vec<&Head> = outcome.people().map(|(header, _)| &header.jh).collect();
    let mut pairs: Vec<(&Head, &Head)> = people.iter().map(|head| (first, *head)).collect();
    if let Some(server) = outcome.server() {
        pairs.push((first, &server.jh));
        pairs.extend(people.iter().map(|head| (*head, &server.jh)));
    }
    if pairs.iter().any(|(earlier, later)| later.size < earlier.size) {
        return failed("journal_backwards");
    }
    let people_differ = people.iter().any(|a| people.iter().any(|b| a.size == b.size && a.root != b.root));
    if people_differ || pairs.iter().any(|(a, b)| a.size == b.size && a.root != b.root) {
        return failed("journal_differs");
    }
    ok("consistent")
}

pub(super) fn times(outcome: &ReadableOutcome, proof: &Proof, policy: Option<&Policy>) -> Finding {
    let Some(server) = outcome.server() else { return absent("signature_absent") };
    let window = server.iat.saturating_sub(BEFORE)..=server.iat.saturating_add(AHEAD);
    if !outcome.people().all(|(header, _)| window.contains(&header.iat)) {
        return failed("iat_out_of_window");
    }
    let cosigned = policy.map_or_else(Vec::new, |policy| policy.cosigned_at(proof));
    if cosigned.iter().any(|at| *at < server.iat.saturating_sub(AHEAD)) {
        return failed("cosigned_before_signing");
    }
    ok("plausible")
}

/// The chain of versions, as far as it is given.
pub(super) fn prev(payload: &Payload, previous: &[(Vec<u8>, Payload)]) -> Finding {
    let mut newer = payload;
    for (bytes, older) in previous {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
        let follows = newer.prev.as_ref() == Some(&hash)
            && older.oid == newer.oid
            && u64::from(older.ver) + 1 == u64::from(newer.ver);
        if !follows {
            return failed("prev_mismatch");
        }
        newer = older;
    }
    match (newer.ver, &newer.prev) {
        (1, None) if previous.is_empty() => ok("first"),
        (1, None) => ok("chained"),
        (1, Some(_)) | (_, None) => failed("prev_mismatch"),
        (_, Some(_)) => unchecked("previous_not_given"),
    }
}
