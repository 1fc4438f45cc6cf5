//! One outcome, different trust.

use super::{Vector, expect, honest, invalid, vector, written};
use crate::scene::ORIGIN;
use hejie::note::NoteSigner;
use hejie::signing::policy::Policy;

pub(super) fn all() -> Vec<Vector> {
    let (scene, good) = honest();
    let with = |name, story, policy: Option<Policy>, expected| Vector {
        policy: policy.map(|policy| written(&policy)),
        ..vector(name, story, &scene, &good, expected)
    };
    let pinned = scene.policy();
    let other = NoteSigner::new(ORIGIN, ed25519_dalek::SigningKey::from_bytes(&[6; 32])).unwrap();
    let elsewhere =
        NoteSigner::new("elsewhere.example/log", ed25519_dalek::SigningKey::from_bytes(&[6; 32])).unwrap();
    vec![
        with(
            "no-policy",
            "Nothing is known of whom to trust: anybody could have made this.",
            None,
            expect(
                "unpinned",
                &[
                    ("issuer", "unchecked", "no_policy"),
                    ("log", "unchecked", "no_policy"),
                    ("witnesses", "unchecked", "no_policy"),
                ],
            ),
        ),
        with(
            "no-witness-required",
            "The policy asks for no witness.",
            Some(Policy { quorum: 0, witnesses: Vec::new(), ..pinned.clone() }),
            expect("valid", &[("witnesses", "ok", "none_required")]),
        ),
        with(
            "wrong-log-key",
            "The policy pins another key of the log's name.",
            Some(Policy { log: other.verifier(), ..pinned.clone() }),
            invalid(&[("log", "failed", "log_signature_missing"), ("keys", "failed", "manifest_log")]),
        ),
        with(
            "another-log",
            "The policy pins another log.",
            Some(Policy { log: elsewhere.verifier(), ..pinned.clone() }),
            invalid(&[("log", "failed", "log_origin"), ("keys", "failed", "manifest_log")]),
        ),
        with(
            "another-issuer",
            "The policy pins another issuer.",
            Some(Policy { issuer: "another.example".into(), ..pinned }),
            invalid(&[("issuer", "failed", "issuer_differs")]),
        ),
    ]
}
