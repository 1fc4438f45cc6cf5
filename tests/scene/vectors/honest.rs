//! Outcomes as they should be.

use super::keys::next_manifest;
use super::{Vector, before, build, expect, honest, scene, set_disclosures, vector};
use crate::scene::Scene;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hejie::signing::bundle::Bundle;
use hejie::signing::document::{Document, Mode, Role};
use hejie::signing::keys::Es256Key;
use serde_json::Value;

pub(super) fn all() -> Vec<Vector> {
    let (scene, bundle) = honest();
    let full = vector("valid-full", "Everything as it should be.", &scene, &bundle, expect("valid", &[]));
    let redacted = vector(
        "valid-redacted",
        "The same outcome with nothing personal disclosed.",
        &scene,
        &bundle.redacted(),
        expect("valid", &[("disclosures", "ok", "redacted")]),
    );
    let mut partly = bundle.redacted();
    let shown = bundle.outcome.as_ref().unwrap().disclosures()[1].clone();
    set_disclosures(&mut partly, vec![shown]);
    let partly = vector(
        "valid-partly-redacted",
        "Only the complaint number is disclosed.",
        &scene,
        &partly,
        expect("valid", &[("disclosures", "ok", "redacted")]),
    );
    vec![full, redacted, partly, direct(), second_version(), second_version_alone(), rotated_key()]
}

fn direct() -> Vector {
    let mut scene = scene();
    let document = build(&scene, |input| {
        input.mode = Mode::Direct;
        input.parties.retain(|party| party.role != Role::Mediator);
    });
    let signed = scene.signatures(&document, &[Role::Consumer, Role::Merchant]);
    let jws = scene.sealed_with(&document, &signed);
    let bundle = scene.logged(jws);
    let expected = expect("valid", &[("signature:mediator", "absent", "not_required")]);
    vector(
        "valid-direct",
        "Settled by the parties themselves: no mediator has to sign.",
        &scene,
        &bundle,
        expected,
    )
}

pub(super) fn second(scene: &mut Scene) -> (Document, Bundle) {
    let first = scene.document();
    let oid = serde_json::from_slice::<Value>(&first.payload_bytes()).unwrap()["oid"].clone();
    let prev = URL_SAFE_NO_PAD.decode(first.payload_hash()).unwrap().try_into().unwrap();
    let document = build(scene, |input| {
        input.oid = serde_json::from_value(oid).unwrap();
        input.ver = 2;
        input.prev = Some(prev);
        input.terms[0].amount_fen = Some(100_000);
    });
    let jws = scene.sealed(&document);
    (first, scene.logged(jws))
}

fn second_version() -> Vector {
    let mut scene = scene();
    let (first, mut bundle) = second(&mut scene);
    bundle.previous = vec![first.payload];
    let expected = expect("valid", &[("prev", "ok", "chained")]);
    vector("valid-second-version", "Version 2, with the payload of version 1.", &scene, &bundle, expected)
}

fn second_version_alone() -> Vector {
    let mut scene = scene();
    let (_, bundle) = second(&mut scene);
    let expected = expect("valid", &[("prev", "unchecked", "previous_not_given")]);
    vector(
        "valid-previous-not-given",
        "Version 2, without the payload of version 1.",
        &scene,
        &bundle,
        expected,
    )
}

fn rotated_key() -> Vector {
    let mut scene = scene();
    let new = Es256Key::generate(&scene.random);
    let manifest = next_manifest(&scene, &new, before(3_600), Some(before(0)));
    scene.publish(manifest);
    scene.server = new;
    let jws = scene.sealed(&scene.document());
    let bundle = scene.logged(jws);
    vector(
        "valid-rotated-key",
        "Signed by the issuer's second key, which the first one introduced.",
        &scene,
        &bundle,
        expect("valid", &[]),
    )
}
