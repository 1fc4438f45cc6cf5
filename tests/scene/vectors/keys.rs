//! Keys that come late, end early, or that nobody introduced.

use super::{Vector, before, document_hash, honest, invalid, scene, vector};
use crate::scene::{ISSUER, NOW, Scene};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hejie::signing::bundle::Bundle;
use hejie::signing::envelope::Jws;
use hejie::signing::keys::Es256Key;
use hejie::signing::manifest::{self, KeyAlgorithm, Manifest, ManifestKey, Purpose};
use hejie::signing::payload::One;

/// The next manifest of a scene's server: the old key ends at `until`, `new` begins at `from`.
pub(super) fn next_manifest(scene: &Scene, new: &Es256Key, from: u64, until: Option<u64>) -> Jws {
    let before = &scene.manifests[0].0;
    let bytes = URL_SAFE_NO_PAD.decode(&before.payload).unwrap();
    let old = Manifest::parse(&bytes).unwrap();
    let added = ManifestKey {
        alg: KeyAlgorithm::Es256,
        from,
        jwk: new.jwk().clone(),
        kid: new.kid().to_owned(),
        until: None,
        purpose: Purpose::Outcome,
    };
    let prev = document_hash(&bytes);
    let manifest = Manifest {
        iss: ISSUER.into(),
        keys: vec![ManifestKey { until, ..old.keys[0].clone() }, added],
        log: scene.log.verifier().to_string(),
        prev: Some(prev),
        seq: 2,
        v: One,
    };
    manifest::signed(&manifest, &[&scene.server, new], NOW.plus_ms(-3_600_000))
}

pub(super) fn all() -> Vec<Vector> {
    let mut late = scene();
    let new = Es256Key::generate(&late.random);
    let document = late.document();
    // After the document's anchor a key appears that claims to be older.
    let manifest = next_manifest(&late, &new, before(86_400), None);
    late.publish(manifest);
    late.server = new;
    let jws = late.sealed(&document);
    let bundle = late.logged(jws);
    let backdated = vector(
        "backdated-key",
        "The server's key was published only after the checkpoint that the document names.",
        &late,
        &bundle,
        invalid(&[("keys", "failed", "key_after_anchor")]),
    );

    let mut early = scene();
    let new = Es256Key::generate(&early.random);
    let manifest = next_manifest(&early, &new, before(-86_400), None);
    early.publish(manifest);
    early.server = new;
    let jws = early.sealed(&early.document());
    let bundle = early.logged(jws);
    let not_yet = vector(
        "key-not-yet-valid",
        "The server signed with a key before the time from which it counts.",
        &early,
        &bundle,
        invalid(&[("keys", "failed", "key_not_yet_valid")]),
    );

    let mut expired = scene();
    let new = Es256Key::generate(&expired.random);
    let manifest = next_manifest(&expired, &new, before(3_600), Some(before(3_600)));
    expired.publish(manifest);
    let jws = expired.sealed(&expired.document());
    let bundle = expired.logged(jws);
    let expired = vector(
        "key-expired",
        "The server signed with its old key after a manifest had ended it.",
        &expired,
        &bundle,
        invalid(&[("keys", "failed", "key_expired")]),
    );

    let mut unchained = scene();
    let new = Es256Key::generate(&unchained.random);
    let mut manifest = next_manifest(&unchained, &new, before(3_600), None);
    manifest.signatures.remove(0);
    unchained.publish(manifest);
    unchained.server = new;
    let jws = unchained.sealed(&unchained.document());
    let bundle = unchained.logged(jws);
    let unchained = vector(
        "key-not-introduced",
        "A second manifest that no key of the first one signed.",
        &unchained,
        &bundle,
        invalid(&[("keys", "failed", "manifest_chain")]),
    );

    let mut unknown = scene();
    unknown.server = Es256Key::generate(&unknown.random);
    let jws = unknown.sealed(&unknown.document());
    let bundle = unknown.logged(jws);
    let unknown = vector(
        "unknown-server-key",
        "The server signed with a key that no manifest lists.",
        &unknown,
        &bundle,
        invalid(&[
            ("signature:server", "failed", "server_key_unknown"),
            ("keys", "failed", "server_key_unknown"),
        ]),
    );

    let (scene, mut bundle) = honest();
    bundle.key_manifests.clear();
    let missing = vector(
        "no-key-manifest",
        "The bundle came without the issuer's keys.",
        &scene,
        &bundle,
        invalid(&[
            ("signature:server", "failed", "server_key_unknown"),
            ("keys", "failed", "manifest_missing"),
        ]),
    );
    vec![backdated, not_yet, expired, unchained, unknown, missing, unopened(), unsigned(), anothers()]
}

fn unopened() -> Vector {
    let (scene, mut bundle) = honest();
    bundle.key_manifests[0].salt = URL_SAFE_NO_PAD.encode([9; 32]);
    let expected = invalid(&[("keys", "failed", "manifest_opening")]);
    vector("manifest-not-opened", "The manifest is not the one in the log.", &scene, &bundle, expected)
}

/// A scene whose log begins with another manifest than it should.
fn beginning_with(make: impl FnOnce(&Scene) -> Jws) -> (Scene, Bundle) {
    let mut scene = scene();
    (scene.leaves, scene.manifests) = (Vec::new(), Vec::new());
    let manifest = make(&scene);
    scene.publish(manifest);
    scene.strangers(4);
    let jws = scene.sealed(&scene.document());
    let bundle = scene.logged(jws);
    (scene, bundle)
}

fn unsigned() -> Vector {
    let (scene, bundle) = beginning_with(|scene| {
        let mut manifest = manifest::first(ISSUER, &scene.log.verifier(), &scene.server, NOW.plus_ms(-1000));
        let stranger = Es256Key::generate(&scene.random);
        manifest.signatures[0].signature = URL_SAFE_NO_PAD.encode(stranger.sign(b"something else"));
        manifest
    });
    let expected = invalid(&[("keys", "failed", "manifest_signature")]);
    vector("manifest-not-signed", "The manifest's own signature does not verify.", &scene, &bundle, expected)
}

fn anothers() -> Vector {
    let (scene, bundle) = beginning_with(|scene| {
        manifest::first("another.example", &scene.log.verifier(), &scene.server, NOW.plus_ms(-1000))
    });
    let expected = invalid(&[("keys", "failed", "manifest_issuer")]);
    vector(
        "manifest-of-another-issuer",
        "The key was published by another issuer.",
        &scene,
        &bundle,
        expected,
    )
}
