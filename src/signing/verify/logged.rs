//! Whether the log holds what is shown: the leaf's opening, its inclusion, who signed and cosigned the
//! checkpoint, the anchor before it, an erasure after it.

use super::verdict::{Finding, absent, failed, ok, unchecked};
use crate::log::leaf::{LeafKind, commitment};
use crate::log::merkle::{self, Head};
use crate::log::proof::Proof;
use crate::signing::bundle::{Readable, ReadableLeaf, ReadableOutcome};
use crate::signing::payload::Anchor;
use crate::signing::policy::Policy;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

pub(super) fn opening(outcome: &ReadableOutcome, leaf: &ReadableLeaf) -> Finding {
    if leaf.members.t != LeafKind::Outcome {
        return failed("leaf_type");
    }
    if leaf.members.c == commitment(&outcome.jws.bytes(), &outcome.salt) {
        ok("opened")
    } else {
        failed("opening_mismatch")
    }
}

pub(super) fn inclusion(bundle: &Readable) -> Finding {
    let text = &bundle.leaf.proof.note.text;
    let manifests = bundle.manifests.iter().map(|logged| &logged.leaf);
    let mut others = manifests.chain(bundle.erasure.iter().map(|erasure| &erasure.leaf));
    if !others.all(|leaf| &leaf.proof.note.text == text) {
        return failed("checkpoint_differs");
    }
    if bundle.leaf.proof.includes(&bundle.leaf.text) { ok("included") } else { failed("inclusion_failed") }
}

pub(super) fn log(proof: &Proof, policy: Option<&Policy>) -> Finding {
    let Some(policy) = policy else { return unchecked("no_policy") };
    if proof.checkpoint.origin != policy.log.name() {
        return failed("log_origin");
    }
    let mut lines = proof.note.signatures.iter().filter(|line| policy.log.is_of(line)).peekable();
    if lines.peek().is_none() {
        return failed("log_signature_missing");
    }
    if lines.all(|line| policy.log.verify(&proof.note.text, line).is_some()) {
        ok("signed")
    } else {
        failed("log_signature_invalid")
    }
}

pub(super) fn witnesses(proof: &Proof, policy: Option<&Policy>) -> Finding {
    let Some(policy) = policy else { return unchecked("no_policy") };
    for line in &proof.note.signatures {
        let mut keys = policy.witnesses.iter().filter(|key| key.is_of(line));
        if keys.any(|key| key.verify(&proof.note.text, line).is_none()) {
            return failed("cosignature_invalid");
        }
    }
    if policy.quorum == 0 {
        return ok("none_required");
    }
    let cosigned =
        policy.witnesses.iter().filter(|key| proof.note.signatures.iter().any(|line| key.is_of(line)));
    if cosigned.count() >= policy.quorum { ok("quorum") } else { failed("quorum_missing") }
}

/// Whether the checkpoint that the document names is the beginning of this log, before its own entry.
pub(super) fn anchor(anchor: &Anchor, bundle: &Readable) -> Finding {
    let proof = &bundle.leaf.proof;
    if anchor.origin != proof.checkpoint.origin {
        return failed("anchor_origin");
    }
    if anchor.size > proof.index {
        return failed("anchor_after_leaf");
    }
    let root = URL_SAFE_NO_PAD.decode(&anchor.root).ok().and_then(|root| root.try_into().ok());
    let consistent = root.is_some_and(|root| {
        let old = Head { size: anchor.size, root };
        merkle::is_consistent(&old, &proof.checkpoint.head, &bundle.anchor_consistency)
    });
    if consistent { ok("consistent") } else { failed("anchor_inconsistent") }
}

pub(super) fn erasure(bundle: &Readable) -> Finding {
    let Some(erasure) = &bundle.erasure else { return absent("not_erased") };
    let leaf = &erasure.leaf;
    if leaf.members.t != LeafKind::Erase || leaf.members.c != commitment(&erasure.bytes, &erasure.salt) {
        return failed("erasure_opening");
    }
    if erasure.record.c != bundle.leaf.members.c {
        return failed("erasure_other");
    }
    if leaf.proof.includes(&leaf.text) && leaf.proof.index > bundle.leaf.proof.index {
        ok("erased")
    } else {
        failed("erasure_inclusion")
    }
}
