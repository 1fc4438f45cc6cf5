//! An outcome from the document to the bundle: each signature against what was shown, one transaction,
//! and a file that anybody can verify.

mod scene;
mod support;

use hejie::ids::SessionId;
use hejie::log::Log;
use hejie::random::Random;
use hejie::signing::document::{self, BadDocument, Document, Mode, Role};
use hejie::signing::envelope::{self, MAX_CLOCK_DIFFERENCE, PersonHeader, SealError, SignatureError};
use hejie::signing::keyfile::ServerKeys;
use hejie::signing::keys::Es256Key;
use hejie::signing::payload::{Anchor, Head, Unreadable};
use hejie::signing::policy::Policy;
use hejie::signing::records::{self, OutcomeError};
use hejie::signing::verify::{self, Overall};
use hejie::store::Store;
use scene::{ISSUER, NOW, ORIGIN, Scene};
use std::path::Path;

struct House {
    log: Log,
    keys: ServerKeys,
    random: Random,
}

impl House {
    async fn open(store: &Store, folder: &Path) -> Self {
        let random = Random::seeded(1);
        let keys = ServerKeys::open(&folder.join("keys"), ORIGIN, &random).unwrap();
        let file = folder.join("checkpoint");
        let log = Log::open(store.clone(), keys.log.clone(), file).await.unwrap();
        records::publish_keys(store, &log, ISSUER, &keys.outcome, &random, NOW.plus_ms(-1000)).await.unwrap();
        log.sequence().await.unwrap();
        Self { log, keys, random }
    }

    /// Everyone signs a document anchored in this log.
    fn sealed(&self, people: &Scene) -> envelope::Jws {
        let mut input = people.input();
        input.anchor = Anchor::from(&self.log.published().unwrap().checkpoint);
        let document = document::build(input, &people.random).unwrap();
        let signatures = people.signatures(&document, &Role::ALL);
        envelope::seal(&document, &signatures, people.journal(44), &self.keys.outcome, NOW).unwrap()
    }

    fn policy(&self) -> Vec<u8> {
        let policy =
            Policy { issuer: ISSUER.into(), log: self.log.verifier(), witnesses: Vec::new(), quorum: 0 };
        serde_json::to_vec(&policy.to_json()).unwrap()
    }
}

fn oid(jws: &envelope::Jws) -> hejie::ids::OutcomeId {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let bytes = URL_SAFE_NO_PAD.decode(&jws.payload).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    payload["oid"].as_str().unwrap().parse().unwrap()
}

both! {
    async fn a_sealed_outcome_is_bundled_once_it_is_in_the_log_and_verifies(db: Database) {
        let folder = tempfile::tempdir().unwrap();
        let house = House::open(&db.store, folder.path()).await;
        let people = Scene::new(7);
        let jws = house.sealed(&people);
        let (session, outcome) = (SessionId::random(&house.random), oid(&jws));

        let mut tx = db.store.begin().await.unwrap();
        let entry = records::store_outcome(&mut tx, &jws, &session, &house.random, NOW).await.unwrap();
        assert_eq!(records::entry_of(&mut tx, &outcome).await.unwrap(), Some(entry));
        tx.commit().await.unwrap();
        assert!(records::bundle(&db.store, &house.log, &outcome).await.unwrap().is_none(), "not before it is included");

        house.log.sequence().await.unwrap();
        let bundle = records::bundle(&db.store, &house.log, &outcome).await.unwrap().unwrap();
        let full = serde_json::to_vec(&bundle).unwrap();
        let verdict = verify::run(&full, Some(&house.policy())).unwrap();
        assert_eq!(verdict.verdict, Overall::Valid, "{verdict:#?}");
        let facts = verdict.facts.unwrap().outcome.unwrap();
        assert_eq!(facts.people[1].party.as_deref(), Some("样本电器有限公司"));
        assert_eq!(facts.terms[0].amount_fen, Some(128_000));

        let redacted = serde_json::to_vec(&bundle.redacted()).unwrap();
        let verdict = verify::run(&redacted, Some(&house.policy())).unwrap();
        assert_eq!(verdict.verdict, Overall::Valid);
        let facts = verdict.facts.unwrap().outcome.unwrap();
        assert!(facts.people.iter().all(|person| person.name.is_none() && person.address.is_none()));
        assert!(!String::from_utf8(redacted).unwrap().contains("disclosures\":[\""));
        assert_eq!(verify::run(&full, None).unwrap().verdict, Overall::Unpinned);
    }

    async fn an_outcome_whose_transaction_failed_left_nothing(db: Database) {
        let folder = tempfile::tempdir().unwrap();
        let house = House::open(&db.store, folder.path()).await;
        let jws = house.sealed(&Scene::new(7));
        let session = SessionId::random(&house.random);
        let mut tx = db.store.begin().await.unwrap();
        records::store_outcome(&mut tx, &jws, &session, &house.random, NOW).await.unwrap();
        drop(tx);
        house.log.sequence().await.unwrap();
        assert_eq!(house.log.published().unwrap().checkpoint.head.size, 1);
        assert!(records::bundle(&db.store, &house.log, &oid(&jws)).await.unwrap().is_none());
    }

    async fn one_outcome_is_stored_once(db: Database) {
        let folder = tempfile::tempdir().unwrap();
        let house = House::open(&db.store, folder.path()).await;
        let jws = house.sealed(&Scene::new(7));
        let session = SessionId::random(&house.random);
        let mut tx = db.store.begin().await.unwrap();
        records::store_outcome(&mut tx, &jws, &session, &house.random, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let again = records::store_outcome(&mut tx, &jws, &session, &house.random, NOW).await.unwrap_err();
        assert!(again.is_unique_violation());
        drop(tx);
        house.log.sequence().await.unwrap();
        assert_eq!(house.log.published().unwrap().checkpoint.head.size, 2, "the keys and one outcome");
    }

    async fn keys_are_published_once_and_others_are_refused(db: Database) {
        let folder = tempfile::tempdir().unwrap();
        House::open(&db.store, folder.path()).await;
        let house = House::open(&db.store, folder.path()).await;
        assert_eq!(house.log.published().unwrap().checkpoint.head.size, 1);
        let publish = async |issuer: &str, key: &Es256Key| {
            records::publish_keys(&db.store, &house.log, issuer, key, &house.random, NOW).await.unwrap_err()
        };
        let another = publish("another.example", &house.keys.outcome).await;
        assert!(matches!(another, OutcomeError::AnotherIssuer(_)), "{another}");
        let another = publish(ISSUER, &Es256Key::generate(&Random::seeded(99))).await;
        assert!(matches!(another, OutcomeError::AnotherIssuer(_)), "{another}");
    }
}

/// What the merchant's device sends after `change`, and what the server says to it.
fn sent(change: impl FnOnce(&mut PersonHeader)) -> Result<(), SignatureError> {
    let scene = Scene::new(7);
    let document = scene.document();
    let mut header = scene.header(Role::Merchant, &scene.merchant);
    change(&mut header);
    let signed = envelope::sign(&header, &document.payload, &scene.merchant);
    checked(&scene, &document, &signed.protected, &signed.signature)
}

fn checked(
    scene: &Scene,
    document: &Document,
    protected: &str,
    signature: &str,
) -> Result<(), SignatureError> {
    let (jwk, journal) = (scene.merchant.jwk(), scene.journal(41));
    envelope::check_signature(document, Role::Merchant, jwk, &journal, NOW, protected, signature).map(|_| ())
}

#[test]
fn a_signature_is_taken_only_as_it_was_asked_for() {
    assert_eq!(sent(|_| {}), Ok(()));
    assert_eq!(sent(|header| header.iat += MAX_CLOCK_DIFFERENCE as u64), Ok(()));
    assert_eq!(sent(|header| header.iat -= MAX_CLOCK_DIFFERENCE as u64 + 1), Err(SignatureError::Clock));
    assert_eq!(sent(|header| header.iat = u64::MAX >> 11), Err(SignatureError::Clock));
    assert_eq!(sent(|header| header.alg = "none".into()), Err(SignatureError::Algorithm));
    assert_eq!(sent(|header| header.alg = "ES384".into()), Err(SignatureError::Algorithm));
    assert_eq!(sent(|header| header.typ = "JWT".into()), Err(SignatureError::Type));
    assert_eq!(sent(|header| header.role = Role::Consumer), Err(SignatureError::Role));
    assert_eq!(sent(|header| header.jh.size -= 1), Err(SignatureError::Journal));
    assert_eq!(sent(|header| header.kid = Scene::new(7).consumer.kid().into()), Err(SignatureError::Key));
    assert_eq!(sent(|header| header.jwk = Scene::new(7).consumer.jwk().clone()), Err(SignatureError::Key));
    assert_eq!(
        sent(|header| header.jwk.x.push('=')),
        Err(SignatureError::Header(Unreadable::Malformed)),
        "a key that is not written as a JWK should be"
    );
}

#[test]
fn a_signature_over_other_bytes_is_refused() {
    let scene = Scene::new(7);
    let (document, other) = (scene.document(), scene.document());
    let signed = scene.signature(Role::Merchant, &other);
    let over_other = checked(&scene, &document, &signed.protected, &signed.signature);
    assert_eq!(over_other, Err(SignatureError::Signature));

    let good = scene.signature(Role::Merchant, &document);
    assert_eq!(checked(&scene, &document, &good.protected, ""), Err(SignatureError::Signature));
    assert_eq!(checked(&scene, &document, &good.protected, "!"), Err(SignatureError::Signature));
    let malformed = Err(SignatureError::Header(Unreadable::Malformed));
    assert_eq!(checked(&scene, &document, "!", &good.signature), malformed);
    assert_eq!(checked(&scene, &document, "", &good.signature), malformed);
    let long = "A".repeat(5_000);
    assert_eq!(checked(&scene, &document, &long, &good.signature), Err(SignatureError::TooLong));
}

#[test]
fn a_key_that_the_document_does_not_list_can_not_sign_it() {
    let (scene, stranger) = (Scene::new(7), Scene::new(8));
    let document = scene.document();
    let header = stranger.header(Role::Merchant, &stranger.merchant);
    let signed = envelope::sign(&header, &document.payload, &stranger.merchant);
    let refused = envelope::check_signature(
        &document,
        Role::Merchant,
        stranger.merchant.jwk(),
        &scene.journal(41),
        NOW,
        &signed.protected,
        &signed.signature,
    );
    assert_eq!(refused, Err(SignatureError::NotListed));
}

#[test]
fn a_document_is_sealed_when_everyone_has_signed_once() {
    let scene = Scene::new(7);
    let document = scene.document();
    let seal = |people: &[envelope::PartySignature]| {
        envelope::seal(&document, people, scene.journal(44), &scene.server, NOW)
    };
    let mut all = scene.signatures(&document, &Role::ALL);
    let in_order = seal(&all).unwrap();
    all.reverse();
    assert_eq!(seal(&all).unwrap(), in_order, "the document's order counts, not that of signing");
    assert_eq!(seal(&all[1..]), Err(SealError::Incomplete));
    all.push(all[0].clone());
    assert_eq!(seal(&all), Err(SealError::Incomplete));
}

#[test]
fn a_document_has_the_same_bytes_each_time_and_every_field_has_its_digest() {
    let (one, two) = (Scene::new(7), Scene::new(7));
    let (document, again) = (one.document(), two.document());
    assert_eq!(document, again);
    assert_eq!(document.disclosures.len(), 4 + 3 + 4 + 2 + 2);
    let payload = String::from_utf8(document.payload_bytes()).unwrap();
    for personal in ["王小明", "李店长", "SAMPLE-2026-000001", "原路退回", "洗衣机"] {
        assert!(!payload.contains(personal), "{personal}");
    }
    assert!(
        payload
            .contains("\"amount_fen\":128000,\"by\":\"merchant\",\"due\":\"2026-12-07\",\"kind\":\"refund\"")
    );
}

#[test]
fn unsound_documents_are_not_built() {
    let scene = Scene::new(7);
    let build = |change: &dyn Fn(&mut document::DocumentInput)| {
        let mut input = scene.input();
        change(&mut input);
        document::build(input, &scene.random).map(|_| ())
    };
    assert_eq!(build(&|_| {}), Ok(()));
    assert_eq!(build(&|input| input.ver = 2), Err(BadDocument::Chain));
    assert_eq!(build(&|input| input.ver = 0), Err(BadDocument::Chain));
    assert_eq!(build(&|input| input.prev = Some([0; 32])), Err(BadDocument::Chain));
    assert_eq!(build(&|input| input.parties.truncate(2)), Err(BadDocument::RoleMissing));
    let direct = |input: &mut document::DocumentInput| {
        input.mode = Mode::Direct;
        input.parties.truncate(2);
    };
    assert_eq!(build(&direct), Ok(()));
    assert_eq!(
        build(&|input| input.parties[1].jwk = input.parties[0].jwk.clone()),
        Err(BadDocument::SharedKey)
    );
    assert_eq!(
        build(&|input| input.parties[0].jwk.y = input.parties[0].jwk.x.clone()),
        Err(BadDocument::Key)
    );
    assert_eq!(build(&|input| input.terms[0].amount_fen = Some(i64::MIN)), Err(BadDocument::Amount));
    assert_eq!(build(&|input| input.anchor.size = 0), Err(BadDocument::Head));
    assert_eq!(build(&|input| input.journal = Head { size: 1, root: "x".into() }), Err(BadDocument::Head));
}
