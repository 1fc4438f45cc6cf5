//! Somebody got hold of a bundle and changed it; they have no keys.

use super::{Vector, encoded, honest, invalid, outcome, parsed, vector};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

pub(super) fn all() -> Vec<Vector> {
    let (scene, good) = honest();
    let mut stripped = good.clone();
    outcome(&mut stripped).signatures.remove(1);
    let stripped = vector(
        "stripped-role",
        "The merchant's signature was taken out. Ordinary JWS libraries accept what is left.",
        &scene,
        &stripped,
        invalid(&[
            ("signature:merchant", "absent", "signature_absent"),
            ("roles", "failed", "role_missing"),
            ("over", "failed", "over_mismatch"),
            ("opening", "failed", "opening_mismatch"),
        ]),
    );

    let mut no_server = good.clone();
    outcome(&mut no_server).signatures.pop();
    let no_server = vector(
        "stripped-server",
        "The server's signature was taken out.",
        &scene,
        &no_server,
        invalid(&[
            ("signature:server", "absent", "signature_absent"),
            ("roles", "failed", "role_missing"),
            ("over", "absent", "signature_absent"),
            ("opening", "failed", "opening_mismatch"),
            ("keys", "absent", "signature_absent"),
            ("times", "absent", "signature_absent"),
        ]),
    );

    let mut doubled = good.clone();
    let mut again = outcome(&mut doubled).signatures[0].clone();
    again.header = None;
    outcome(&mut doubled).signatures.insert(1, again);
    let doubled = vector(
        "doubled-role",
        "The consumer's signature stands there twice.",
        &scene,
        &doubled,
        invalid(&[
            ("roles", "failed", "role_doubled"),
            ("over", "failed", "over_mismatch"),
            ("opening", "failed", "opening_mismatch"),
        ]),
    );

    let mut altered = good.clone();
    let mut payload = parsed(&outcome(&mut altered).payload);
    payload["terms"][0]["amount_fen"] = json!(1_280);
    outcome(&mut altered).payload = encoded(&payload);
    let altered = vector(
        "altered-term",
        "The refund was changed from ¥1,280.00 to ¥12.80.",
        &scene,
        &altered,
        invalid(&[
            ("signature:consumer", "failed", "signature_invalid"),
            ("signature:merchant", "failed", "signature_invalid"),
            ("signature:mediator", "failed", "signature_invalid"),
            ("signature:server", "failed", "signature_invalid"),
            ("opening", "failed", "opening_mismatch"),
        ]),
    );

    let mut other_salt = good.clone();
    other_salt.salt = Some(URL_SAFE_NO_PAD.encode([9; 32]));
    let other_salt = vector(
        "wrong-salt",
        "The salt does not open the leaf.",
        &scene,
        &other_salt,
        invalid(&[("opening", "failed", "opening_mismatch")]),
    );
    vec![stripped, no_server, doubled, altered, other_salt]
}
