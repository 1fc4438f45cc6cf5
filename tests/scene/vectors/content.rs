//! What the holder of a copy may do to its disclosures and its history.

use super::honest::second;
use super::{Vector, encoded, honest, invalid, parsed, scene, set_disclosures, vector};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hejie::canon;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Vector> {
    let (scene, good) = honest();
    let given = good.outcome.as_ref().unwrap().disclosures().to_vec();
    let with = |change: &dyn Fn(&mut Vec<String>)| {
        let (mut bundle, mut disclosures) = (good.clone(), given.clone());
        change(&mut disclosures);
        set_disclosures(&mut bundle, disclosures);
        bundle
    };
    let disclosure = |value: Value| URL_SAFE_NO_PAD.encode(canon::of_value(&value).unwrap());
    let failed = |reason| invalid(&[("disclosures", "failed", reason)]);
    let forged = with(&|all| {
        let mut value = parsed(&all[1]);
        value[2] = json!("SAMPLE-2026-000002");
        all[1] = disclosure(value);
    });
    let undisclosed = with(&|all| {
        all.remove(1);
    });
    let doubled = with(&|all| all.push(all[0].clone()));
    let spaced = with(&|all| all[0] = URL_SAFE_NO_PAD.encode(canon_text(&all[0]).replacen(',', ", ", 1)));
    let broken = with(&|all| all[0] = disclosure(json!(["salt", "agency"])));

    let mut misplacing = super::scene();
    let mut document = misplacing.document();
    // The salted name of the consumer's own object stands in the first term's instead.
    let mut payload = parsed(&document.payload);
    let (text, digest) = hejie::signing::disclosure::make("name", "别人", &misplacing.random);
    payload["terms"][0]["_sd"].as_array_mut().unwrap().push(json!(digest));
    document.disclosures.push(text);
    document.payload = encoded(&payload);
    let jws = misplacing.sealed(&document);
    let misplaced = misplacing.logged(jws);

    let mut doubling = super::scene();
    let mut document = doubling.document();
    let mut payload = parsed(&document.payload);
    let digest = payload["_sd"][0].clone();
    payload["terms"][0]["_sd"].as_array_mut().unwrap().push(digest);
    document.payload = encoded(&payload);
    let jws = doubling.sealed(&document);
    let twice = doubling.logged(jws);
    vec![
        vector(
            "forged-disclosure",
            "The complaint number shown is another one.",
            &scene,
            &forged,
            failed("disclosure_forged"),
        ),
        vector(
            "undisclosed-digest",
            "A copy that claims to be full keeps one field back.",
            &scene,
            &undisclosed,
            failed("undisclosed"),
        ),
        vector(
            "doubled-disclosure",
            "One disclosure is given twice.",
            &scene,
            &doubled,
            failed("disclosure_doubled"),
        ),
        vector(
            "broken-disclosure",
            "A disclosure of two members.",
            &scene,
            &broken,
            failed("disclosure_malformed"),
        ),
        vector(
            "misplaced-disclosure",
            "A person's name disclosed inside a term.",
            &misplacing,
            &misplaced,
            failed("disclosure_misplaced"),
        ),
        vector(
            "doubled-digest",
            "One digest stands in two places of the payload.",
            &doubling,
            &twice,
            failed("digest_doubled"),
        ),
        vector(
            "spaced-disclosure",
            "A disclosure's JSON has a space in it.",
            &scene,
            &spaced,
            failed("disclosure_malformed"),
        ),
        wrong_prev(),
    ]
}

fn wrong_prev() -> Vector {
    let mut scene = scene();
    let (_, mut bundle) = second(&mut scene);
    bundle.previous = vec![scene.document().payload];
    let expected = invalid(&[("prev", "failed", "prev_mismatch")]);
    vector("wrong-prev", "The earlier version given is another document.", &scene, &bundle, expected)
}

fn canon_text(disclosure: &str) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(disclosure).unwrap()).unwrap()
}
