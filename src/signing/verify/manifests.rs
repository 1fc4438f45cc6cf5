//! Whether the server's key was one that the issuer had published before the document was made.

use super::verdict::{Finding, absent, failed, ok};
use crate::log::leaf::{LeafKind, commitment};
use crate::signing::bundle::{ReadableManifest, ReadableOutcome};
use crate::signing::envelope::{JwsSignature, signing_input};
use crate::signing::keys;
use crate::signing::manifest::{self, ManifestHeader};
use crate::signing::policy::Policy;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

pub(super) fn keys(
    outcome: &ReadableOutcome,
    manifests: &[ReadableManifest],
    policy: Option<&Policy>,
) -> Finding {
    if manifests.is_empty() {
        return failed("manifest_missing");
    }
    let mut before = None;
    for logged in manifests {
        if let Some(reason) = flaw(logged, before, &outcome.payload.iss, policy) {
            return failed(reason);
        }
        before = Some(logged);
    }
    server_key(outcome, manifests)
}

fn server_key(outcome: &ReadableOutcome, manifests: &[ReadableManifest]) -> Finding {
    let Some(server) = outcome.server() else { return absent("signature_absent") };
    let mut listing = manifests.iter().filter_map(|logged| Some((logged, logged.manifest.key(&server.kid)?)));
    let Some((logged, key)) = listing.next() else { return failed("server_key_unknown") };
    if server.iat < key.from {
        return failed("key_not_yet_valid");
    }
    if logged.leaf.proof.index >= outcome.payload.anchor.size {
        return failed("key_after_anchor");
    }
    let over = |until: Option<u64>| until.is_some_and(|until| server.iat >= until);
    if over(key.until) || listing.any(|(_, key)| over(key.until)) {
        return failed("key_expired");
    }
    ok("listed")
}

fn flaw(
    logged: &ReadableManifest,
    before: Option<&ReadableManifest>,
    issuer: &str,
    policy: Option<&Policy>,
) -> Option<&'static str> {
    let leaf = &logged.leaf;
    if leaf.members.t != LeafKind::Key || leaf.members.c != commitment(&logged.jws.bytes(), &logged.salt) {
        return Some("manifest_opening");
    }
    if !leaf.proof.includes(&leaf.text) {
        return Some("manifest_inclusion");
    }
    if logged.manifest.iss != issuer {
        return Some("manifest_issuer");
    }
    if policy.is_some_and(|policy| policy.log.to_string() != logged.manifest.log) {
        return Some("manifest_log");
    }
    if !follows(logged, before) {
        return Some("manifest_chain");
    }
    (!is_signed(logged, before)).then_some("manifest_signature")
}

fn follows(logged: &ReadableManifest, before: Option<&ReadableManifest>) -> bool {
    let manifest = &logged.manifest;
    let named = manifest.keys.iter().all(|key| key.kid == keys::thumbprint_of_form(&key.jwk));
    let chained = match before {
        None => manifest.seq == 1 && manifest.prev.is_none(),
        Some(before) => {
            u64::from(manifest.seq) == u64::from(before.manifest.seq) + 1
                && manifest.prev == Some(URL_SAFE_NO_PAD.encode(Sha256::digest(&before.bytes)))
                && logged.headers.iter().any(|header| before.manifest.key(&header.kid).is_some())
        }
    };
    named && chained
}

/// Every signature verifies, and every key that is new here has made one.
fn is_signed(logged: &ReadableManifest, before: Option<&ReadableManifest>) -> bool {
    let known = |kid: &str| before.and_then(|before| before.manifest.key(kid));
    let verifies = |header: &ManifestHeader, signature: &JwsSignature| {
        let Some(key) = logged.manifest.key(&header.kid).or_else(|| known(&header.kid)) else { return false };
        let input = signing_input(&signature.protected, &logged.jws.payload);
        let raw = URL_SAFE_NO_PAD.decode(&signature.signature);
        header.alg == "ES256"
            && header.typ == manifest::TYP
            && raw.is_ok_and(|raw| keys::verifies(&key.jwk, &input, &raw))
    };
    let signed = |kid: &str| logged.headers.iter().any(|header| header.kid == kid);
    logged.headers.iter().zip(&logged.jws.signatures).all(|(header, signature)| verifies(header, signature))
        && logged.manifest.keys.iter().all(|key| known(&key.kid).is_some() || signed(&key.kid))
}
