//! Files that can't be read, or could be read in two ways.

use super::{Vector, honest, outcome, unreadable, vector};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hejie::canon;
use hejie::signing::bundle::Bundle;

pub(super) fn all() -> Vec<Vector> {
    let (scene, good) = honest();
    let bad = |name, story, change: &dyn Fn(&mut Bundle), reason| {
        let mut bundle = good.clone();
        change(&mut bundle);
        vector(name, story, &scene, &bundle, unreadable(reason))
    };
    let text = |encoded: &str| String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap();
    let respell = |encoded: &str, from: &str, to: &str| {
        let respelt = text(encoded).replacen(from, to, 1);
        assert_ne!(respelt, text(encoded));
        URL_SAFE_NO_PAD.encode(respelt)
    };
    let not_json = Vector {
        bundle: b"{\"mediaType\":\"application/vnd.hejie.outcome-bundle.v1+json\",".to_vec(),
        ..vector("not-json", "The file breaks off.", &scene, &good, unreadable("not_json"))
    };
    vec![
        not_json,
        bad(
            "another-media-type",
            "A bundle of a later version.",
            &|b| b.media_type = b.media_type.replace("v1", "v2"),
            "media_type",
        ),
        bad(
            "full-without-outcome",
            "A full copy without a document.",
            &|b| b.outcome = None,
            "bundle_malformed",
        ),
        bad(
            "spaced-payload",
            "The payload's JSON has a space in it.",
            &|b| {
                let o = outcome(b);
                o.payload = respell(&o.payload, ":", ": ");
            },
            "not_canonical",
        ),
        bad(
            "doubled-member",
            "A header names its algorithm twice.",
            &|b| {
                let s = &mut outcome(b).signatures[0];
                s.protected = respell(&s.protected, "{", "{\"alg\":\"none\",");
            },
            "not_canonical",
        ),
        bad(
            "critical-header",
            "A header demands an extension that nobody here knows.",
            &|b| {
                let s = &mut outcome(b).signatures[0];
                s.protected = respell(&s.protected, "\"iat\"", "\"crit\":[\"exp\"],\"iat\"");
            },
            "header_malformed",
        ),
        bad(
            "server-brings-its-key",
            "The server's header embeds a key instead of naming a published one.",
            &|b| {
                let jwk = String::from_utf8(canon::bytes(scene.server.jwk())).unwrap();
                let s = outcome(b).signatures.last_mut().unwrap();
                s.protected = respell(&s.protected, "\"kid\"", &format!("\"jwk\":{jwk},\"kid\""));
            },
            "header_malformed",
        ),
        bad(
            "unknown-term",
            "A term of a kind that this version does not have.",
            &|b| {
                let o = outcome(b);
                o.payload = respell(&o.payload, "\"refund\"", "\"ransom\"");
            },
            "payload_malformed",
        ),
        bad(
            "fractional-money",
            "An amount that is no integer.",
            &|b| {
                let o = outcome(b);
                o.payload = respell(&o.payload, "128000", "128000.5");
            },
            "not_canonical",
        ),
        bad(
            "leaf-with-more",
            "The leaf holds a member too many.",
            &|b| b.leaf = b.leaf.replace("{\"c\"", "{\"a\":1,\"c\""),
            "leaf_malformed",
        ),
        bad(
            "broken-proof",
            "The proof is another kind of text.",
            &|b| b.proof = b.proof.replace("index", "number"),
            "proof_malformed",
        ),
        bad(
            "broken-manifest",
            "A key manifest of another version.",
            &|b| {
                let m = &mut b.key_manifests[0].manifest;
                m.payload = respell(&m.payload, "\"v\":1", "\"v\":2");
            },
            "manifest_malformed",
        ),
        bad(
            "broken-previous",
            "The earlier version is no payload.",
            &|b| b.previous = vec!["AAAA".into()],
            "previous_malformed",
        ),
    ]
}
