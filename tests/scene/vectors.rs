//! The published vectors: what each is, how it comes about, and what a verifier must say, by hand.

use crate::scene::{ISSUER, NOW, ORIGIN, Scene};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hejie::canon;
use hejie::log::checkpoint::Checkpoint;
use hejie::log::leaf::LeafKind;
use hejie::note::{Note, NoteSigner};
use hejie::signing::bundle::{Bundle, ErasureRecord, LoggedErasure, View};
use hejie::signing::document::{self, Document, DocumentInput, Mode, Role};
use hejie::signing::envelope::{
    self, Jws, JwsSignature, PartySignature, ServerHeader, ServerRole, TYP, Unprotected,
};
use hejie::signing::keys::Es256Key;
use hejie::signing::manifest::{self, KeyAlgorithm, Manifest, ManifestKey, Purpose};
use hejie::signing::payload::One;
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
    let makers: [fn() -> Vec<Vector>; 9] =
        [valid, erased, tampered_signatures, lying_server, tampered_content, log, keys, policies, malformed];
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

fn valid() -> Vec<Vector> {
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

fn second(scene: &mut Scene) -> (Document, Bundle) {
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

fn wrong_prev() -> Vector {
    let mut scene = scene();
    let (_, mut bundle) = second(&mut scene);
    bundle.previous = vec![scene.document().payload];
    let expected = invalid(&[("prev", "failed", "prev_mismatch")]);
    vector("wrong-prev", "The earlier version given is another document.", &scene, &bundle, expected)
}

/// The next manifest of a scene's server: the old key ends at `until`, `new` begins at `from`.
fn next_manifest(scene: &Scene, new: &Es256Key, from: u64, until: Option<u64>) -> Jws {
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

fn document_hash(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    URL_SAFE_NO_PAD.encode(Sha256::digest(bytes))
}

fn before(seconds: i64) -> u64 {
    (NOW.seconds() - seconds) as u64
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

fn keys() -> Vec<Vector> {
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
    vec![backdated, not_yet, expired, unchained, unknown, missing]
}

fn erased() -> Vec<Vector> {
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
    vec![good, other]
}

fn outcome(bundle: &mut Bundle) -> &mut Jws {
    bundle.outcome.as_mut().unwrap()
}

fn set_disclosures(bundle: &mut Bundle, disclosures: Vec<String>) {
    outcome(bundle).signatures[0].header = Some(Unprotected { disclosures });
}

/// Somebody got hold of a bundle and changed it; they have no keys.
fn tampered_signatures() -> Vec<Vector> {
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

fn parsed(payload: &str) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn encoded(payload: &Value) -> String {
    URL_SAFE_NO_PAD.encode(canon::of_value(payload).unwrap())
}

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

/// The server itself cheats: what it seals and logs is consistent, and still not what it should be.
fn lying_server() -> Vec<Vector> {
    let mut made = Vec::new();
    let mut scene = scene();
    let document = scene.document();
    let mut add = |name, story, people: &dyn Fn(&Scene) -> Vec<PartySignature>, lines: &[Difference]| {
        let mut scene = self::scene();
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

/// What the holder of a copy may do to its disclosures.
fn tampered_content() -> Vec<Vector> {
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
    let broken = with(&|all| all[0] = disclosure(json!(["salt", "agency"])));

    let mut misplacing = self::scene();
    let mut document = misplacing.document();
    // The salted name of the consumer's own object stands in the first term's instead.
    let mut payload = parsed(&document.payload);
    let (text, digest) = hejie::signing::disclosure::make("name", "别人", &misplacing.random);
    payload["terms"][0]["_sd"].as_array_mut().unwrap().push(json!(digest));
    document.disclosures.push(text);
    document.payload = encoded(&payload);
    let jws = misplacing.sealed(&document);
    let misplaced = misplacing.logged(jws);

    let mut doubling = self::scene();
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
        wrong_prev(),
    ]
}

fn replace_note(bundle: &mut Bundle, old: &Note, new: &Note) {
    let (old, new) = (old.to_string(), new.to_string());
    bundle.proof = bundle.proof.replace(&old, &new);
    for manifest in &mut bundle.key_manifests {
        manifest.proof = manifest.proof.replace(&old, &new);
    }
}

fn log() -> Vec<Vector> {
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
    let mut grown = self::scene();
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
    vec![wrong_witness, bad_cosignature, cosigned_early, unsigned, altered, two, forked(), moved()]
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

fn policies() -> Vec<Vector> {
    let (scene, good) = honest();
    let with = |name, story, policy: Option<Policy>, expected| Vector {
        policy: policy.map(|policy| written(&policy)),
        ..vector(name, story, &scene, &good, expected)
    };
    let honest = scene.policy();
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
            Some(Policy { quorum: 0, witnesses: Vec::new(), ..honest.clone() }),
            expect("valid", &[("witnesses", "ok", "none_required")]),
        ),
        with(
            "wrong-log-key",
            "The policy pins another key of the log's name.",
            Some(Policy { log: other.verifier(), ..honest.clone() }),
            invalid(&[("log", "failed", "log_signature_missing"), ("keys", "failed", "manifest_log")]),
        ),
        with(
            "another-log",
            "The policy pins another log.",
            Some(Policy { log: elsewhere.verifier(), ..honest.clone() }),
            invalid(&[("log", "failed", "log_origin"), ("keys", "failed", "manifest_log")]),
        ),
        with(
            "another-issuer",
            "The policy pins another issuer.",
            Some(Policy { issuer: "another.example".into(), ..honest }),
            invalid(&[("issuer", "failed", "issuer_differs")]),
        ),
    ]
}

fn malformed() -> Vec<Vector> {
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
