//! The published vectors: what each is, how it comes about, and what a verifier must say, by hand.

mod altered;
mod content;
mod erased;
mod honest;
mod keys;
mod logs;
mod lying_server;
mod malformed;
mod policies;

use crate::scene::{NOW, Scene};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hejie::canon;
use hejie::signing::bundle::Bundle;
use hejie::signing::document::{self, Document, DocumentInput};
use hejie::signing::envelope::{Jws, Unprotected};
use hejie::signing::policy::Policy;
use serde_json::{Value, json};

pub struct Vector {
    pub name: &'static str,
    /// One sentence: what was done to it.
    pub story: &'static str,
    pub bundle: Vec<u8>,
    pub policy: Option<Vec<u8>>,
    pub expected: Value,
}

/// What a whole, honest, witnessed outcome gets.
const GOOD: [(&str, &str, &str); 19] = [
    ("form", "ok", "well_formed"),
    ("issuer", "ok", "pinned"),
    ("signature:consumer", "ok", "verified"),
    ("signature:merchant", "ok", "verified"),
    ("signature:mediator", "ok", "verified"),
    ("signature:server", "ok", "verified"),
    ("roles", "ok", "complete"),
    ("over", "ok", "covers_all"),
    ("disclosures", "ok", "complete"),
    ("opening", "ok", "opened"),
    ("inclusion", "ok", "included"),
    ("log", "ok", "signed"),
    ("witnesses", "ok", "quorum"),
    ("keys", "ok", "listed"),
    ("anchor", "ok", "consistent"),
    ("journal", "ok", "consistent"),
    ("times", "ok", "plausible"),
    ("prev", "ok", "first"),
    ("erasure", "absent", "not_erased"),
];

type Difference = (&'static str, &'static str, &'static str);

/// A verdict: as [`GOOD`], but for these lines.
fn expect(verdict: &str, differences: &[Difference]) -> Value {
    let lines = GOOD.map(|good| {
        let (id, status, reason) = differences.iter().find(|line| line.0 == good.0).unwrap_or(&good);
        json!({ "id": id, "status": status, "reason": reason })
    });
    json!({ "verdict": verdict, "lines": lines })
}

/// A file that can't be read: nothing else is looked at.
fn unreadable(reason: &'static str) -> Value {
    let lines = GOOD.map(|(id, ..)| match id {
        "form" => json!({ "id": id, "status": "failed", "reason": reason }),
        _ => json!({ "id": id, "status": "unchecked", "reason": "not_reached" }),
    });
    json!({ "verdict": "invalid", "lines": lines })
}

fn vector(
    name: &'static str,
    story: &'static str,
    scene: &Scene,
    bundle: &Bundle,
    expected: Value,
) -> Vector {
    let mut text = serde_json::to_vec_pretty(bundle).unwrap();
    text.push(b'\n');
    Vector { name, story, bundle: text, policy: Some(written(&scene.policy())), expected }
}

fn written(policy: &Policy) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(&policy.to_json()).unwrap();
    text.push(b'\n');
    text
}

fn invalid(differences: &[Difference]) -> Value {
    expect("invalid", differences)
}

/// All of them.
pub fn all() -> Vec<Vector> {
    let makers: [fn() -> Vec<Vector>; 9] = [
        honest::all,
        erased::all,
        altered::all,
        lying_server::all,
        content::all,
        logs::all,
        keys::all,
        policies::all,
        malformed::all,
    ];
    makers.iter().flat_map(|make| make()).collect()
}

fn scene() -> Scene {
    Scene::new(20_261_123)
}

fn honest() -> (Scene, Bundle) {
    let mut scene = scene();
    let jws = scene.sealed(&scene.document());
    let bundle = scene.logged(jws);
    (scene, bundle)
}

fn build(scene: &Scene, change: impl FnOnce(&mut DocumentInput)) -> Document {
    let mut input = scene.input();
    change(&mut input);
    document::build(input, &scene.random).unwrap()
}

fn outcome(bundle: &mut Bundle) -> &mut Jws {
    bundle.outcome.as_mut().unwrap()
}

fn set_disclosures(bundle: &mut Bundle, disclosures: Vec<String>) {
    outcome(bundle).signatures[0].header = Some(Unprotected { disclosures });
}

fn parsed(payload: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn encoded(payload: &Value) -> String {
    URL_SAFE_NO_PAD.encode(canon::of_value(payload).unwrap())
}

fn document_hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

fn before(seconds: i64) -> u64 {
    (NOW.seconds() - seconds) as u64
}
