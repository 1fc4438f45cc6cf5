//! Logs, checkpoints and witnesses that are not what they should be.

use super::{Vector, before, build, honest, invalid, scene, vector};
use hejie::log::checkpoint::Checkpoint;
use hejie::log::leaf::LeafKind;
use hejie::note::{Note, NoteSigner};
use hejie::signing::bundle::Bundle;

fn replace_note(bundle: &mut Bundle, old: &Note, new: &Note) {
    let (old, new) = (old.to_string(), new.to_string());
    bundle.proof = bundle.proof.replace(&old, &new);
    for manifest in &mut bundle.key_manifests {
        manifest.proof = manifest.proof.replace(&old, &new);
    }
}

pub(super) fn all() -> Vec<Vector> {
    let (scene, good) = honest();
    let note = scene.checkpoint();

    let other =
        NoteSigner::new("witness.example/association", ed25519_dalek::SigningKey::from_bytes(&[5; 32]))
            .unwrap();
    let mut wrong_witness = good.clone();
    let mut renoted = note.clone();
    renoted.signatures[1] = other.cosign(&note.text, before(-90));
    replace_note(&mut wrong_witness, &note, &renoted);
    let wrong_witness = vector(
        "wrong-witness-key",
        "Another key cosigned under the witness's name.",
        &scene,
        &wrong_witness,
        invalid(&[("witnesses", "failed", "quorum_missing")]),
    );

    let mut bad = good.clone();
    let mut renoted = note.clone();
    renoted.signatures[1].signature[20] ^= 1;
    replace_note(&mut bad, &note, &renoted);
    let bad_cosignature = vector(
        "bad-cosignature",
        "The witness's cosignature does not verify.",
        &scene,
        &bad,
        invalid(&[("witnesses", "failed", "cosignature_invalid")]),
    );

    let mut early = good.clone();
    let mut renoted = note.clone();
    renoted.signatures[1] = scene.witness.cosign(&note.text, before(86_400));
    replace_note(&mut early, &note, &renoted);
    let cosigned_early = vector(
        "cosigned-before-signing",
        "The cosignature is a day older than the signatures it is said to cover.",
        &scene,
        &early,
        invalid(&[("times", "failed", "cosigned_before_signing")]),
    );

    let mut unsigned = good.clone();
    let mut renoted = note.clone();
    renoted.signatures.remove(0);
    replace_note(&mut unsigned, &note, &renoted);
    let unsigned = vector(
        "log-signature-missing",
        "The checkpoint carries the witness's cosignature only.",
        &scene,
        &unsigned,
        invalid(&[("log", "failed", "log_signature_missing")]),
    );

    let mut altered = good.clone();
    let mut checkpoint: Checkpoint = note.text.parse().unwrap();
    checkpoint.head.root[0] ^= 1;
    replace_note(&mut altered, &note, &Note { text: checkpoint.to_string(), ..note.clone() });
    let altered = vector(
        "altered-root",
        "The root in the checkpoint was changed.",
        &scene,
        &altered,
        invalid(&[
            ("inclusion", "failed", "inclusion_failed"),
            ("log", "failed", "log_signature_invalid"),
            ("witnesses", "failed", "cosignature_invalid"),
            ("keys", "failed", "manifest_inclusion"),
            ("anchor", "failed", "anchor_inconsistent"),
            // A cosignature that does not verify says nothing about time.
        ]),
    );

    let mut two = good.clone();
    let mut grown = super::scene();
    let jws = grown.sealed(&grown.document());
    grown.logged(jws);
    grown.strangers(1);
    two.key_manifests[0].proof = grown.proof(0, &grown.checkpoint());
    let two = vector(
        "two-checkpoints",
        "The manifest is proved under a later checkpoint than the outcome.",
        &scene,
        &two,
        invalid(&[("inclusion", "failed", "checkpoint_differs")]),
    );
    vec![
        wrong_witness,
        bad_cosignature,
        cosigned_early,
        unsigned,
        altered,
        two,
        forked(),
        moved(),
        other_kind(),
        other_anchor(),
        late_anchor(),
    ]
}

fn forked() -> Vector {
    let mut scene = scene();
    let jws = scene.sealed(&scene.document());
    // The operator, witness in league, rewrites an entry from before the anchor.
    scene.leaves[2] = scene.leaves[3].clone();
    let bundle = scene.logged(jws);
    vector(
        "forked-root",
        "Log and witness signed a history that does not continue the one the document was anchored in.",
        &scene,
        &bundle,
        invalid(&[("anchor", "failed", "anchor_inconsistent")]),
    )
}

fn moved() -> Vector {
    let (scene, mut bundle) = honest();
    let leaf = scene.leaves[5].clone();
    bundle.proof = scene.proof(5, &scene.checkpoint());
    bundle.leaf = leaf;
    vector(
        "another-leaf",
        "Leaf and proof are those of another entry.",
        &scene,
        &bundle,
        invalid(&[("opening", "failed", "opening_mismatch")]),
    )
}

fn other_kind() -> Vector {
    let mut scene = scene();
    let jws = scene.sealed(&scene.document());
    let (salt, index) = scene.append(LeafKind::Performance, &jws.bytes());
    let bundle = scene.bundle(jws, salt, index);
    let expected = invalid(&[("opening", "failed", "leaf_type")]);
    vector("leaf-of-another-kind", "The document was logged as something else.", &scene, &bundle, expected)
}

fn other_anchor() -> Vector {
    let mut scene = scene();
    let document = build(&scene, |input| input.anchor.origin = "elsewhere.example/log".into());
    let jws = scene.sealed(&document);
    let bundle = scene.logged(jws);
    let expected = invalid(&[("anchor", "failed", "anchor_origin")]);
    vector("anchor-of-another-log", "The document names another log's checkpoint.", &scene, &bundle, expected)
}

fn late_anchor() -> Vector {
    let mut scene = scene();
    let document = build(&scene, |input| input.anchor.size = 9);
    let jws = scene.sealed(&document);
    let bundle = scene.logged(jws);
    let expected = invalid(&[("anchor", "failed", "anchor_after_leaf")]);
    let story = "The document names a checkpoint larger than its own entry's number.";
    vector("anchor-after-leaf", story, &scene, &bundle, expected)
}
