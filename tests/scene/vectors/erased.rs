//! Documents that are gone.

use super::{Difference, Vector, before, expect, honest, invalid, vector};
use crate::scene::Scene;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hejie::canon;
use hejie::log::leaf::LeafKind;
use hejie::signing::bundle::{Bundle, ErasureRecord, LoggedErasure, View};
use hejie::signing::payload::One;
use serde_json::Value;

pub(super) fn all() -> Vec<Vector> {
    let (mut scene, bundle) = honest();
    let c = serde_json::from_str::<Value>(&bundle.leaf).unwrap()["c"].as_str().unwrap().to_owned();
    let erase = |scene: &mut Scene, c: String| {
        let record = canon::bytes(&ErasureRecord { at: before(-86_400), c, v: One });
        let (salt, at) = scene.append(LeafKind::Erase, &record);
        scene.strangers(1);
        let note = scene.checkpoint();
        let index = scene.leaves.iter().position(|leaf| leaf == &bundle.leaf).unwrap() as u64;
        Bundle {
            view: View::Erased,
            outcome: None,
            salt: None,
            proof: scene.proof(index, &note),
            anchor_consistency: Vec::new(),
            key_manifests: Vec::new(),
            erasure: Some(LoggedErasure {
                record: URL_SAFE_NO_PAD.encode(record),
                salt: URL_SAFE_NO_PAD.encode(salt),
                leaf: scene.leaves[at as usize].clone(),
                proof: scene.proof(at, &note),
            }),
            ..bundle.clone()
        }
    };
    let gone = [
        "signature:consumer",
        "signature:merchant",
        "signature:mediator",
        "signature:server",
        "roles",
        "over",
        "disclosures",
        "opening",
        "keys",
        "anchor",
        "journal",
        "times",
        "prev",
    ];
    let mut lines: Vec<Difference> = gone.iter().map(|id| (*id, "absent", "erased")).collect();
    lines.push(("issuer", "unchecked", "erased"));
    lines.push(("erasure", "ok", "erased"));
    let good = erase(&mut scene, c);
    let good = vector(
        "erased",
        "The document was erased, and the log says so.",
        &scene,
        &good,
        expect("erased", &lines),
    );

    let (mut scene, _) = honest();
    let other = erase(&mut scene, URL_SAFE_NO_PAD.encode([7; 32]));
    lines.pop();
    lines.push(("erasure", "failed", "erasure_other"));
    let other = vector(
        "erased-another",
        "The record of erasure is another document's.",
        &scene,
        &other,
        invalid(&lines),
    );
    let (mut scene, bundle) = honest();
    let c = serde_json::from_str::<Value>(&bundle.leaf).unwrap()["c"].as_str().unwrap().to_owned();
    let mut unopened = erase(&mut scene, c);
    let mut missing = unopened.clone();
    unopened.erasure.as_mut().unwrap().salt = URL_SAFE_NO_PAD.encode([9; 32]);
    let with = |reason| {
        let line = ("erasure", "failed", reason);
        invalid(&lines.iter().filter(|line| line.0 != "erasure").copied().chain([line]).collect::<Vec<_>>())
    };
    let story = "The record of erasure is not the one in the log.";
    let unopened = vector("erasure-not-opened", story, &scene, &unopened, with("erasure_opening"));
    missing.erasure.as_mut().unwrap().proof = missing.proof.clone();
    let story = "The proof of the record of erasure is that of the document's own entry.";
    let missing = vector("erasure-not-included", story, &scene, &missing, with("erasure_inclusion"));
    vec![good, other, unopened, missing]
}
