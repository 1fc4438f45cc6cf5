//! One mediation, from link to signed outcome, headless over the real protocol on both databases: what
//! `e2e` shows in browsers.

#[path = "support/client.rs"]
mod client;
mod support;

use client::{AGREES, Client, Joining, Mediation, invite, knock, picture, refund};
use hejie::ids::OutcomeId;
use hejie::session::command::{Command, Ground};
use hejie::session::event::{Answer, Refusal};
use hejie::session::party::Role;
use hejie::session::phase::Phase;
use hejie::settlement::terms::Term;
use hejie::signing::payload::Payload;
use hejie::signing::verify::{self, Overall};
use hejie::signing::{bundle::Bundle, disclosure};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command as Process, Output};
use support::app::{App, Browser, problem};

async fn json_of(browser: &Browser, path: &str) -> Value {
    let answer = browser.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

/// What a link leads to, without using it.
async fn look(base: &str, token: &str) -> Value {
    let answer = Browser::at(base).post("/api/v1/invitations/look", &json!({ "token": token })).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// The real binary's verdict.
fn hejie_verify(bundle: &Path, policy: Option<&Path>) -> Output {
    let mut command = Process::new(env!("CARGO_BIN_EXE_hejie"));
    command.arg("verify").arg(bundle).arg("--json");
    if let Some(policy) = policy {
        command.arg("--policy").arg(policy);
    }
    command.output().unwrap()
}

/// Rebuilds nothing, but reads what is signed: it has to say what was shown.
fn check_document(client: &Client, terms: &[Term]) {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let signing = client.view().signing.unwrap();
    let payload = Payload::parse(&URL_SAFE_NO_PAD.decode(&signing.payload).unwrap()).unwrap();
    disclosure::check(&payload, &signing.disclosures).unwrap();
    assert_eq!(payload.terms.len(), terms.len());
    assert_eq!(payload.terms[0].amount_fen, terms[0].amount_fen);
    assert_eq!(signing.signers.len(), 3);
}

/// Everyone signs; gives the outcome once it is in the public log.
async fn everyone_signs(room: &mut Mediation) -> OutcomeId {
    assert_eq!(room.merchant.sign().await, Answer::Done);
    let signed = |view: &hejie::session::view::View| {
        view.signing.as_ref().is_some_and(|s| s.signers.iter().filter(|s| s.signed_at.is_some()).count() == 1)
    };
    room.consumer.until_view("one signature", signed).await;
    assert_eq!(room.mediator.sign().await, Answer::Done);
    let Answer::Sealed { outcome } = room.consumer.sign().await else { panic!("not sealed") };
    for client in room.clients() {
        let included = |view: &hejie::session::view::View| {
            view.outcome.as_ref().is_some_and(|shown| shown.included && shown.outcome == outcome)
        };
        client.until_view("the outcome in the log", included).await;
        assert_eq!(client.phase(), Phase::Agreed);
    }
    outcome
}

/// From the joint room to the sealed outcome, at once.
async fn agree(room: &mut Mediation) -> OutcomeId {
    let terms = vec![refund(room.mediator.seen().now.unwrap())];
    room.propose(terms).await;
    room.assent().await;
    room.signing().await;
    everyone_signs(room).await
}

both! {
    async fn from_the_link_to_the_verified_outcome(db: Database) {
        let app = App::start_now(db).await;
        let staff = app.mediator("李调解员").await;
        let (staff, complaint, mut mediator) = Mediation::open(&app.base, staff).await;
        assert_eq!(mediator.phase(), Phase::Verifying);

        // Looking at a link does not use it.
        let token = invite(&mut mediator, Role::Consumer, "王小明").await;
        for _ in 0..2 {
            let seen = look(&app.base, &token).await;
            assert_eq!((seen["state"].as_str(), seen["role"].as_str()), (Some("open"), Some("consumer")));
            assert_eq!(seen["mediator"], "李调解员");
        }
        let consumer = knock(&app.base, &token, AGREES).await;
        assert_eq!(look(&app.base, &token).await["state"], "used");
        let waiting = consumer.view();
        assert!(waiting.people.is_empty() && waiting.draft.is_none(), "nothing is seen from the door");
        assert_eq!(waiting.me.may, ["leave"]);
        client::admit(&mut mediator, &consumer).await;
        let merchant = client::bring(&mut mediator, Role::Merchant, "陈店长", AGREES).await;
        let mut room = Mediation { staff, complaint, mediator, consumer, merchant };
        for client in room.clients() {
            client.until_phase(Phase::Joint).await;
        }

        // They see and hear each other.
        room.open_media().await;

        // Chat and documents.
        room.consumer.say("洗衣机还在漏水").await;
        for client in room.clients() {
            client.until("the line", |seen| seen.said() == ["洗衣机还在漏水"]).await;
        }
        let shown = room.consumer.id.upload("%E6%94%B6%E6%8D%AE.jpg", picture()).await;
        assert_eq!(shown.status(), 201);
        let document = shown.json::<Value>().await.unwrap()["document"].as_str().unwrap().to_owned();
        let seen = room.merchant.until_view("the document", |view| view.documents.len() == 1).await;
        let told = &seen.view().documents[0];
        assert_eq!((told.document.as_str(), told.name.as_str()), (document.as_str(), "收据.jpg"));
        let bytes = room.merchant.id.get(&format!("/documents/{document}")).await;
        assert_eq!(bytes.headers()["content-type"], "image/jpeg");
        assert_eq!(bytes.bytes().await.unwrap(), picture());

        // Terms: an edit voids the assents.
        let first = vec![refund(room.mediator.seen().now.unwrap())];
        room.propose(first.clone()).await;
        assert!(matches!(room.mediator.refused(Command::SigningOpen { version: 1 }).await, Refusal::NotNow));
        room.assent().await;
        let second = vec![Term { amount_fen: Some(150_000), ..first[0].clone() }];
        room.propose(second.clone()).await;
        let draft = room.consumer.view().draft.unwrap();
        assert!(draft.assents.is_empty(), "an edit voids the assents");
        assert_eq!((draft.versions.len(), draft.versions[1].changes.len()), (2, 1));
        assert!(matches!(room.mediator.refused(Command::SigningOpen { version: 2 }).await, Refusal::NotNow));
        let (version, hash) = (1, draft.versions[0].hash.clone());
        assert_eq!(room.consumer.refused(Command::Assent { version, hash }).await, Refusal::Stale);
        room.assent().await;

        // Declined, and back.
        room.signing().await;
        assert_eq!(room.merchant.sign().await, Answer::Done);
        room.consumer.must(Command::Decline { version: 2, reason: "再想想".into() }).await;
        for client in room.clients() {
            let seen = client.until_phase(Phase::Drafting).await;
            assert!(seen.view().signing.is_none());
        }
        assert!(matches!(room.mediator.refused(Command::SigningOpen { version: 2 }).await, Refusal::NotNow));
        assert_eq!(room.consumer.assent().await, Answer::Done);
        room.signing().await;
        for client in room.clients() {
            check_document(client, &second);
        }
        let outcome = everyone_signs(&mut room).await;

        // The bundle: on every device, on the record, and it verifies.
        let policy = json_of(&app.browser(), "/api/v1/policy").await.to_string();
        let staffs = format!("/api/v1/complaints/{}/outcomes/{outcome}/bundle", room.complaint);
        let bundle = room.staff.get(&staffs).await.bytes().await.unwrap();
        for client in room.clients() {
            let own = client.id.get("/bundle").await;
            assert_eq!(own.status(), 200);
            let own = own.bytes().await.unwrap();
            let verdict = verify::run(&own, Some(policy.as_bytes())).unwrap();
            assert_eq!(verdict.verdict, Overall::Valid, "{verdict:#?}");
        }
        problem(Browser::at(&app.base).get(&staffs).await, 401, "not_signed_in").await;
        assert_eq!(verify::run(&bundle, Some(policy.as_bytes())).unwrap().verdict, Overall::Valid);

        // The complaint's history has all of it.
        let record = json_of(&room.staff, &format!("/api/v1/complaints/{}", room.complaint)).await;
        assert_eq!(record["state"], "agreed");
        let history = &record["history"];
        assert_eq!(history["sessions"][0]["end"]["is"], "agreed");
        assert_eq!(history["settlements"].as_array().unwrap().len(), 2);
        assert_eq!(history["outcomes"][0]["outcome"], outcome.as_str());

        // Both agreed to publication: anybody may read the redacted document, and verify it.
        let public = json_of(&app.browser(), &format!("/api/v1/outcomes/{outcome}")).await;
        let redacted = public["redacted"].to_string();
        assert!(!redacted.contains("王小明") && !redacted.contains("一次付清"));
        let opened: Bundle = serde_json::from_str(&redacted).unwrap();
        let full: Bundle = serde_json::from_slice(&bundle).unwrap();
        assert_eq!(opened.leaf, full.leaf, "full and redacted open the same leaf");
        let verdict = verify::run(redacted.as_bytes(), Some(policy.as_bytes())).unwrap();
        assert_eq!(verdict.verdict, Overall::Valid, "{verdict:#?}");

        // The command line.
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            path
        };
        let (bundle_file, policy_file) = (file("bundle.json", &bundle), file("policy.json", policy.as_bytes()));
        let valid = hejie_verify(&bundle_file, Some(&policy_file));
        assert_eq!(valid.status.code(), Some(0), "{}", String::from_utf8_lossy(&valid.stderr));
        let told: Value = serde_json::from_slice(&valid.stdout).unwrap();
        assert_eq!(told["verdict"], "valid");
        let unpinned = hejie_verify(&bundle_file, None);
        assert_ne!(unpinned.status.code(), Some(0));
        assert_eq!(serde_json::from_slice::<Value>(&unpinned.stdout).unwrap()["verdict"], "unpinned");
        let tampered = file("tampered.json", &swap_signatures(&bundle));
        let invalid = hejie_verify(&tampered, Some(&policy_file));
        assert_ne!(invalid.status.code(), Some(0));
        assert_eq!(serde_json::from_slice::<Value>(&invalid.stdout).unwrap()["verdict"], "invalid");
    }

    async fn without_both_consents_nothing_but_the_commitment_is_public(db: Database) {
        let app = App::start_now(db).await;
        let staff = app.mediator("li").await;
        let keeps = Joining { publication: false, ..AGREES };
        let mut room = Mediation::joint_as(&app.base, staff, [AGREES, keeps]).await;
        let outcome = agree(&mut room).await;
        let public = json_of(&app.browser(), &format!("/api/v1/outcomes/{outcome}")).await;
        assert!(public["redacted"].is_null(), "{public}");
        let leaf: Value = serde_json::from_str(public["leaf"].as_str().unwrap()).unwrap();
        assert_eq!(leaf["t"], "outcome");
        assert!(public["proof"].as_str().unwrap().starts_with("c2sp.org/tlog-proof@v1"));
        problem(app.browser().get(&format!("/api/v1/outcomes/{}", room.complaint)).await, 404, "not_found").await;
        let own = room.consumer.id.get("/bundle").await.bytes().await.unwrap();
        let policy = json_of(&app.browser(), "/api/v1/policy").await.to_string();
        assert_eq!(verify::run(&own, Some(policy.as_bytes())).unwrap().verdict, Overall::Valid);
    }

    async fn ended_without_agreement_it_leaves_a_mediation_record(db: Database) {
        let app = App::start_now(db).await;
        let staff = app.mediator("li").await;
        let mut room = Mediation::joint(&app.base, staff).await;
        let session = room.mediator.id.session.clone();
        let path = format!("/api/v1/sessions/{session}/record");
        problem(room.staff.get(&path).await, 404, "not_found").await;
        room.open_media().await;
        let note = "双方差距过大".to_owned();
        room.mediator.must(Command::Terminate { ground: Ground::NoAgreement, note: note.clone() }).await;
        for client in room.clients() {
            let seen = client.until_phase(Phase::Terminated).await;
            assert_eq!(seen.view().ended.as_ref().unwrap().ground, Some(Ground::NoAgreement));
        }
        let record = json_of(&room.staff, &path).await;
        assert_eq!((record["ended"]["ground"].as_str(), record["ended"]["note"].as_str()),
            (Some("no_agreement"), Some(note.as_str())));
        assert_eq!(record["people"].as_array().unwrap().len(), 3);
        problem(Browser::at(&app.base).get(&path).await, 401, "not_signed_in").await;
        let history = json_of(&room.staff, &format!("/api/v1/complaints/{}", room.complaint)).await;
        assert_eq!(history["state"], "not_agreed");
        assert_eq!(history["history"]["sessions"][0]["end"], json!({ "is": "terminated", "ground": "no_agreement" }));
        assert_eq!(room.consumer.refused(Command::Say { text: "等等".into() }).await, Refusal::NotNow);
        problem(room.consumer.id.get("/bundle").await, 404, "not_found").await;
    }

    async fn adjourned_it_goes_on_another_day(db: Database) {
        let app = App::start_now(db).await;
        let staff = app.mediator("li").await;
        let mut room = Mediation::joint(&app.base, staff).await;
        let now = room.mediator.seen().now.unwrap();
        let yesterday = Command::Adjourn { reason: String::new(), next_at: Some(now.plus_ms(-86_400_000)) };
        assert_eq!(room.mediator.refused(yesterday).await, Refusal::Invalid);
        let next_at = Some(now.plus_ms(7 * 86_400_000));
        room.mediator.must(Command::Adjourn { reason: "等待鉴定".into(), next_at }).await;
        for client in room.clients() {
            let seen = client.until_phase(Phase::Adjourned).await;
            assert_eq!(seen.view().ended.as_ref().unwrap().next_at, next_at);
        }
        problem(room.staff.get(&format!("/api/v1/sessions/{}/record", room.mediator.id.session)).await, 404, "not_found").await;
        let case = format!("/api/v1/complaints/{}", room.complaint);
        assert_eq!(json_of(&room.staff, &case).await["state"], "adjourned");
        // The next session on the same complaint.
        let key = hejie::signing::keys::Es256Key::generate(&hejie::random::Random::os());
        let opened = room.staff.post(&format!("{case}/sessions"), &json!({ "jwk": key.jwk(), "language": "zh" })).await;
        assert_eq!(opened.status(), 201);
        let history = json_of(&room.staff, &case).await;
        assert_eq!(history["history"]["sessions"].as_array().unwrap().len(), 2);
    }
}

/// The bundle with the signatures of two people swapped.
fn swap_signatures(bundle: &[u8]) -> Vec<u8> {
    let mut bundle: Value = serde_json::from_slice(bundle).unwrap();
    let signatures = bundle["outcome"]["signatures"].as_array_mut().unwrap();
    let first = signatures[0]["signature"].take();
    signatures[0]["signature"] = signatures[1]["signature"].take();
    signatures[1]["signature"] = first;
    bundle.to_string().into_bytes()
}
