//! The server itself cheats: what it seals and logs is consistent, and still not what it should be.

use super::{Difference, Vector, document_hash, encoded, invalid, parsed, scene, vector};
use crate::scene::{NOW, Scene};
use hejie::canon;
use hejie::signing::bundle::Bundle;
use hejie::signing::document::{Document, Role};
use hejie::signing::envelope::{
    self, Jws, JwsSignature, PartySignature, ServerHeader, ServerRole, TYP, Unprotected,
};
use hejie::signing::keys::Es256Key;
use serde_json::json;

/// The server seals whatever it likes over these signatures.
fn seal_anything(scene: &Scene, document: &Document, people: &[PartySignature], over: Vec<String>) -> Jws {
    let header = ServerHeader {
        alg: "ES256".into(),
        iat: (NOW.seconds() + 30) as u64,
        jh: scene.journal(44),
        kid: scene.server.kid().to_owned(),
        over,
        role: ServerRole::Server,
        typ: TYP.into(),
    };
    let own = envelope::sign(&header, &document.payload, &scene.server);
    let all = people.iter().chain([&own]);
    let mut signatures: Vec<_> = all
        .map(|s| JwsSignature {
            header: None,
            protected: s.protected.clone(),
            signature: s.signature.clone(),
        })
        .collect();
    signatures[0].header = Some(Unprotected { disclosures: document.disclosures.clone() });
    Jws { payload: document.payload.clone(), signatures }
}

fn collude(scene: &mut Scene, document: &Document, people: &[PartySignature]) -> Bundle {
    let over = people.iter().map(PartySignature::over).collect();
    let jws = seal_anything(scene, document, people, over);
    scene.logged(jws)
}

pub(super) fn all() -> Vec<Vector> {
    let mut made = Vec::new();
    let mut scene = scene();
    let document = scene.document();
    let mut add = |name, story, people: &dyn Fn(&Scene) -> Vec<PartySignature>, lines: &[Difference]| {
        let mut scene = super::scene();
        let document = scene.document();
        let people = people(&scene);
        let bundle = collude(&mut scene, &document, &people);
        made.push(vector(name, story, &scene, &bundle, invalid(lines)));
    };
    let all = |scene: &Scene| scene.signatures(&document, &Role::ALL);

    add(
        "swapped-thumbprint",
        "Consumer and merchant each sign under the other's thumbprint.",
        &|scene| {
            let swapped = |role, key: &Es256Key, other: &Es256Key| {
                let mut header = scene.header(role, key);
                header.kid = other.kid().to_owned();
                envelope::sign(&header, &document.payload, key)
            };
            vec![
                swapped(Role::Consumer, &scene.consumer, &scene.merchant),
                swapped(Role::Merchant, &scene.merchant, &scene.consumer),
                scene.signature(Role::Mediator, &document),
            ]
        },
        &[
            ("signature:consumer", "failed", "kid_mismatch"),
            ("signature:merchant", "failed", "kid_mismatch"),
            ("roles", "failed", "role_swapped"),
        ],
    );
    add(
        "swapped-role",
        "The merchant's key signs as the consumer and the consumer's as the merchant.",
        &|scene| {
            let sign =
                |role, key: &Es256Key| envelope::sign(&scene.header(role, key), &document.payload, key);
            vec![
                sign(Role::Consumer, &scene.merchant),
                sign(Role::Merchant, &scene.consumer),
                scene.signature(Role::Mediator, &document),
            ]
        },
        &[("roles", "failed", "role_swapped")],
    );
    add(
        "alg-none",
        "The consumer's header says that there is no signature, and there is none.",
        &|scene| {
            let mut header = scene.header(Role::Consumer, &scene.consumer);
            header.alg = "none".into();
            let mut people = all(scene);
            people[0] = PartySignature {
                signature: String::new(),
                ..envelope::sign(&header, &document.payload, &scene.consumer)
            };
            people
        },
        &[("signature:consumer", "failed", "alg_not_allowed")],
    );
    add(
        "wrong-typ",
        "The mediator's signature was made for something else.",
        &|scene| {
            let mut header = scene.header(Role::Mediator, &scene.mediator);
            header.typ = "JWT".into();
            let mut people = all(scene);
            people[2] = envelope::sign(&header, &document.payload, &scene.mediator);
            people
        },
        &[("signature:mediator", "failed", "typ_wrong")],
    );
    add(
        "another-keys-signature",
        "The merchant's signature was made by another key than its header shows.",
        &|scene| {
            let mut people = all(scene);
            people[1] = envelope::sign(
                &scene.header(Role::Merchant, &scene.merchant),
                &document.payload,
                &scene.server,
            );
            people
        },
        &[("signature:merchant", "failed", "signature_invalid")],
    );
    add(
        "key-off-the-curve",
        "The consumer's header holds a point that is not on the curve, under its own thumbprint.",
        &|scene| {
            let mut header = scene.header(Role::Consumer, &scene.consumer);
            std::mem::swap(&mut header.jwk.x, &mut header.jwk.y);
            header.kid = document_hash(&canon::bytes(&header.jwk));
            let mut people = all(scene);
            people[0] = envelope::sign(&header, &document.payload, &scene.consumer);
            people
        },
        &[("signature:consumer", "failed", "signature_invalid"), ("roles", "failed", "signer_unlisted")],
    );
    add(
        "unlisted-signer",
        "A fourth person signed whom the document does not list.",
        &|scene| {
            let stranger = Es256Key::generate(&scene.random);
            let mut people = all(scene);
            people.push(envelope::sign(
                &scene.header(Role::Consumer, &stranger),
                &document.payload,
                &stranger,
            ));
            people
        },
        &[("roles", "failed", "signer_unlisted")],
    );
    add(
        "signed-long-ago",
        "The consumer's signature is two days older than the server's.",
        &|scene| {
            let mut header = scene.header(Role::Consumer, &scene.consumer);
            header.iat -= 2 * 86_400;
            let mut people = all(scene);
            people[0] = envelope::sign(&header, &document.payload, &scene.consumer);
            people
        },
        &[("times", "failed", "iat_out_of_window")],
    );
    add(
        "journal-backwards",
        "The merchant was shown a journal head from before the document was made.",
        &|scene| {
            let mut header = scene.header(Role::Merchant, &scene.merchant);
            header.jh = scene.journal(39);
            let mut people = all(scene);
            people[1] = envelope::sign(&header, &document.payload, &scene.merchant);
            people
        },
        &[("journal", "failed", "journal_backwards")],
    );
    add(
        "journal-differs",
        "Consumer and merchant were shown different journals of one length.",
        &|scene| {
            let mut header = scene.header(Role::Merchant, &scene.merchant);
            header.jh.root = scene.journal(99).root;
            let mut people = all(scene);
            people[1] = envelope::sign(&header, &document.payload, &scene.merchant);
            people
        },
        &[("journal", "failed", "journal_differs")],
    );

    let people = all(&scene);
    let over = people[..2].iter().map(PartySignature::over).collect();
    let jws = seal_anything(&scene, &document, &people, over);
    let bundle = scene.logged(jws);
    made.push(vector(
        "server-over-wrong",
        "The server's signature does not cover the mediator's.",
        &scene,
        &bundle,
        invalid(&[("over", "failed", "over_mismatch")]),
    ));
    made.push(unlisted_mediator());
    made
}

fn unlisted_mediator() -> Vector {
    let mut scene = scene();
    let honest = scene.document();
    let mut payload = parsed(&honest.payload);
    let without = payload["parties"].as_array().unwrap()[..2].to_vec();
    payload["parties"] = json!(without);
    let disclosures = honest.disclosures.into_iter().filter(|text| {
        let digest = document_hash(text.as_bytes());
        payload.to_string().contains(&digest)
    });
    let document = Document { disclosures: disclosures.collect(), payload: encoded(&payload) };
    let people = scene.signatures(&document, &[Role::Consumer, Role::Merchant]);
    let bundle = collude(&mut scene, &document, &people);
    vector(
        "mediator-not-listed",
        "A mediated outcome that lists no mediator.",
        &scene,
        &bundle,
        invalid(&[("signature:mediator", "absent", "signature_absent"), ("roles", "failed", "role_missing")]),
    )
}
