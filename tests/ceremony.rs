//! The signing ceremony, step by step: one result for everything that can happen in it.

#[path = "support/room.rs"]
mod room;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hejie::ids::DeviceId;
use hejie::session::command::Command;
use hejie::session::event::{Answer, Refusal};
use hejie::session::party::{IdentityCheck, Role};
use hejie::session::phase::Phase;
use hejie::session::step::{Effects, Refused};
use hejie::session::view::{SigningBroken, Unsigned};
use hejie::settlement::terms::Term;
use hejie::signing::envelope;
use hejie::signing::keys::Es256Key;
use room::{Room, refund};
use serde_json::json;

struct Table {
    room: Room,
    mediator: DeviceId,
    consumer: DeviceId,
    merchant: DeviceId,
}

impl Table {
    /// Both parties agreed to version 1.
    fn agreed() -> Self {
        let (mut room, mediator, consumer, merchant) = Room::joint(7);
        room.must(&mediator, Command::DraftOpen);
        room.must(&mediator, Command::DraftEdit { rev: 0, terms: vec![refund()] });
        room.must(&mediator, Command::DraftPropose { rev: 1 });
        let mut table = Self { room, mediator, consumer, merchant };
        let (consumer, merchant) = (table.consumer.clone(), table.merchant.clone());
        for device in [consumer, merchant] {
            table.assent(&device);
        }
        table
    }

    fn signing() -> Self {
        let mut table = Self::agreed();
        table.room.must(&table.mediator.clone(), Command::SigningOpen { version: 1 });
        table
    }

    fn assent(&mut self, device: &DeviceId) {
        let draft = self.room.view(device).draft.unwrap();
        let newest = draft.versions.last().unwrap();
        let (version, hash) = (newest.version, newest.hash.clone());
        self.room.must(device, Command::Assent { version, hash });
    }

    /// What a browser does: rebuilds nothing here, but signs the payload that it was shown.
    fn signature(
        &self,
        device: &DeviceId,
        key: &Es256Key,
        change: impl FnOnce(&mut serde_json::Value),
    ) -> Command {
        let view = self.room.view(device);
        let signing = view.signing.expect("a ceremony");
        let mut header = json!({
            "alg": "ES256", "iat": self.room.now.seconds(), "jh": signing.journal, "jwk": key.jwk(), "kid": key.kid(),
            "role": view.me.role.as_str(), "typ": envelope::TYP,
        });
        change(&mut header);
        let signed = envelope::sign(&header, &signing.payload, key);
        Command::Sign { version: signing.version, protected: signed.protected, signature: signed.signature }
    }

    fn sign(&mut self, device: &DeviceId) -> Result<(Answer, Effects), Refused> {
        let command = self.signature(device, &self.room.keys[device], |_| {});
        self.room.step(|step| step.command(device, &format!("sign-{device}"), command))
    }

    fn refused(&mut self, device: &DeviceId, command: Command) -> Refusal {
        let before = serde_json::to_string(&self.room.state).unwrap();
        let error = self.room.command(device, command).unwrap_err().error;
        assert_eq!(serde_json::to_string(&self.room.state).unwrap(), before, "a refusal changes nothing");
        error
    }
}

#[test]
fn everyone_signs_and_it_is_sealed_once() {
    let mut table = Table::signing();
    let (mediator, consumer, merchant) =
        (table.mediator.clone(), table.consumer.clone(), table.merchant.clone());
    let (answer, effects) = table.sign(&merchant).unwrap();
    assert_eq!(answer, Answer::Done);
    assert!(effects.seal.is_none());
    table.sign(&mediator).unwrap();
    let (answer, effects) = table.sign(&consumer).unwrap();
    let Answer::Sealed { outcome } = answer else { panic!("{answer:?}") };
    assert_eq!(effects.seal.unwrap().len(), 3);
    assert_eq!(table.room.state.phase, Phase::Agreed);
    assert_eq!(table.room.state.wake_at(), None, "the ceremony's clock stops with it");
    assert_eq!(table.room.view(&merchant).outcome.unwrap().outcome, outcome);
    // The same command again, as after a lost answer.
    let (again, effects) = table.sign(&consumer).unwrap();
    assert_eq!(again, Answer::Sealed { outcome });
    assert!(effects.seal.is_none() && effects.journal.is_empty());
}

#[test]
fn signing_twice_is_signing_once() {
    let mut table = Table::signing();
    let consumer = table.consumer.clone();
    table.sign(&consumer).unwrap();
    let size = table.room.state.journal.head().size;
    let again = table.signature(&consumer, &table.room.keys[&consumer], |_| {});
    assert_eq!(table.room.must(&consumer, again), Answer::Done);
    assert_eq!(table.room.state.journal.head().size, size);
}

#[test]
fn it_opens_only_when_both_agreed_to_this_version() {
    let mut table = Table::agreed();
    let (mediator, consumer) = (table.mediator.clone(), table.consumer.clone());
    assert_eq!(table.refused(&mediator, Command::SigningOpen { version: 2 }), Refusal::Stale);
    table.room.must(&consumer, Command::WithdrawAssent { version: 1 });
    assert_eq!(table.refused(&mediator, Command::SigningOpen { version: 1 }), Refusal::NotNow);
    table.assent(&consumer);
    table.room.must(
        &mediator,
        Command::DraftEdit { rev: 1, terms: vec![Term { amount_fen: Some(1), ..refund() }] },
    );
    assert_eq!(table.refused(&mediator, Command::SigningOpen { version: 1 }), Refusal::Stale);
    assert!(table.room.view(&mediator).draft.unwrap().assents.is_empty(), "an edit voids the assents");
}

#[test]
fn it_does_not_open_on_a_day_that_has_passed_meanwhile() {
    let mut table = Table::agreed();
    let mediator = table.mediator.clone();
    table.room.now = table.room.now.plus_ms(30 * 24 * 3600 * 1000);
    assert_eq!(table.refused(&mediator, Command::SigningOpen { version: 1 }), Refusal::Invalid);
}

#[test]
fn bad_signatures_are_refused() {
    let mut table = Table::signing();
    let consumer = table.consumer.clone();
    let own = || -> Es256Key { Es256Key::generate(&hejie::random::Random::seeded(99)) };
    let stranger = table.signature(&consumer, &own(), |_| {});
    assert_eq!(table.refused(&consumer, stranger), Refusal::BadSignature, "a key that was not enrolled");
    for (what, change) in [
        ("alg", json!("none")),
        ("role", json!("merchant")),
        ("jh", json!({ "root": table.room.state.shown_head.root, "size": 0 })),
        ("iat", json!(1)),
        ("typ", json!("jws")),
    ] {
        let command = table.signature(&consumer, &table.room.keys[&consumer], |header| header[what] = change);
        assert_eq!(table.refused(&consumer, command), Refusal::BadSignature, "{what}");
    }
    let Command::Sign { version, protected, signature } =
        table.signature(&consumer, &table.room.keys[&consumer], |_| {})
    else {
        unreachable!()
    };
    let mut bytes = URL_SAFE_NO_PAD.decode(&signature).unwrap();
    bytes[5] ^= 1;
    let signature_off = URL_SAFE_NO_PAD.encode(bytes);
    let broken = Command::Sign { version, protected: protected.clone(), signature: signature_off };
    assert_eq!(table.refused(&consumer, broken), Refusal::BadSignature);
    let stale = Command::Sign { version: 2, protected: protected.clone(), signature: signature.clone() };
    assert_eq!(table.refused(&consumer, stale), Refusal::Stale);
    // The merchant can't put the consumer's signature forward as their own.
    let merchant = table.merchant.clone();
    let borrowed = Command::Sign { version, protected, signature };
    assert_eq!(table.refused(&merchant, borrowed), Refusal::BadSignature);
}

#[test]
fn declining_returns_everyone_to_the_draft_and_voids_every_signature() {
    let mut table = Table::signing();
    let (mediator, consumer, merchant) =
        (table.mediator.clone(), table.consumer.clone(), table.merchant.clone());
    table.sign(&merchant).unwrap();
    table.room.must(&consumer, Command::Decline { version: 1, reason: "金额不对".into() });
    assert_eq!(table.room.state.phase, Phase::Drafting);
    assert!(table.room.state.ceremony.is_none());
    let draft = table.room.view(&mediator).draft.unwrap();
    assert_eq!(draft.assents.len(), 1, "who declined agrees no more, the other still does");
    assert_eq!(table.refused(&mediator, Command::SigningOpen { version: 1 }), Refusal::NotNow);
}

#[test]
fn those_who_were_to_sign_learn_who_did_not_and_why_until_the_next_signing() {
    let mut table = Table::signing();
    let mediator = table.mediator.clone();
    let (consumer, merchant) = (table.consumer.clone(), table.merchant.clone());
    let broken = |table: &Table, device: &DeviceId| table.room.view(device).signing_broken;
    assert_eq!(broken(&table, &merchant), None);
    table.room.must(&consumer, Command::Decline { version: 1, reason: "金额不对".into() });
    let told = SigningBroken {
        by: Some(table.room.person(&consumer)),
        name: Some("李女士".into()),
        why: Unsigned::Declined,
        reason: "金额不对".into(),
    };
    for device in [&mediator, &consumer, &merchant] {
        assert_eq!(broken(&table, device), Some(told.clone()));
    }
    // Who was not to sign is not told, and a caucus changes nothing about it.
    let helper = table.room.bring(&mediator, Role::Helper, "王律师");
    assert_eq!(broken(&table, &helper), None);
    let with = vec![table.room.person(&consumer)];
    table.room.must(&mediator, Command::Caucus { with });
    assert_eq!(broken(&table, &merchant), Some(told));
    table.room.must(&mediator, Command::ReturnJoint);
    table.room.wait_ms(3_000);
    table.assent(&consumer);
    table.room.must(&mediator, Command::SigningOpen { version: 1 });
    assert_eq!(broken(&table, &merchant), None);
    // The clock, and somebody who goes.
    table.room.wait_ms(30 * 60 * 1000);
    let told = broken(&table, &merchant).unwrap();
    assert_eq!((told.by, told.why), (None, Unsigned::Expired));
    table.room.must(&mediator, Command::SigningOpen { version: 1 });
    table.room.must(&merchant, Command::Leave);
    let told = broken(&table, &consumer).unwrap();
    assert_eq!((told.name.as_deref(), told.why), (Some("陈店员"), Unsigned::Gone));
    assert_eq!(broken(&table, &merchant), None, "who is out is told nothing");
}

#[test]
fn whom_somebody_signs_for_is_told_only_where_that_is_another() {
    let table = Table::signing();
    let said: Vec<serde_json::Value> = table
        .room
        .state
        .ceremony
        .unwrap()
        .document
        .disclosures
        .iter()
        .map(|text| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap())
        .collect();
    let of = |name: &str| -> Vec<&str> {
        said.iter().filter(|one| one[1] == name).map(|one| one[2].as_str().unwrap()).collect()
    };
    assert_eq!(of("party"), ["某某手机店"]);
    assert_eq!(of("name").len(), 3);
    assert!(of("name").contains(&"李女士"), "the consumer signs for herself: {said:?}");
}

#[test]
fn the_clock_ends_it() {
    let mut table = Table::signing();
    let merchant = table.merchant.clone();
    table.sign(&merchant).unwrap();
    table.room.wait_ms(30 * 60 * 1000 - 1);
    assert_eq!(table.room.state.phase, Phase::Signing);
    table.room.wait_ms(1);
    assert_eq!(table.room.state.phase, Phase::Drafting);
    assert!(table.room.state.ceremony.is_none());
}

#[test]
fn another_device_of_a_signer_ends_it() {
    let mut table = Table::signing();
    let (mediator, consumer) = (table.mediator.clone(), table.consumer.clone());
    table.sign(&consumer).unwrap();
    let invitation = table.room.state.invitations[0].clone();
    // Its link was used: the new phone asks, and the mediator lets it in.
    let key = Es256Key::generate(&table.room.random);
    let joining = hejie::session::door::Joining {
        jwk: key.jwk().clone(),
        surface: hejie::session::party::Surface::Phone,
        language: hejie::session::party::Language::Zh,
        browser: "another".into(),
        secret_hash: "x".into(),
        ground_rules: "1:test".into(),
        publication: true,
    };
    let (joined, _) = table.room.step(|step| step.join(&invitation.token_hash, true, joining)).unwrap();
    assert!(table.room.view(&mediator).door[0].replaces);
    assert_eq!(table.room.state.phase, Phase::Signing, "knocking alone changes nothing");
    table
        .room
        .must(&mediator, Command::Admit { device: joined.device, identity: IdentityCheck::DocumentSeen });
    assert_eq!(table.room.state.phase, Phase::Drafting);
    assert_eq!(
        table.room.command(&consumer, Command::Mute { muted: true }).unwrap_err().error,
        Refusal::NotAdmitted
    );
}

#[test]
fn a_signer_who_leaves_ends_it() {
    let mut table = Table::signing();
    let merchant = table.merchant.clone();
    table.room.must(&merchant, Command::Leave);
    assert_eq!(table.room.state.phase, Phase::Drafting);
    assert!(table.room.state.ceremony.is_none());
}

#[test]
fn two_of_a_side_both_sign() {
    let mut table = Table::agreed();
    let mediator = table.mediator.clone();
    let second = table.room.bring(&mediator, Role::Consumer, "李先生");
    assert_eq!(
        table.refused(&mediator, Command::SigningOpen { version: 1 }),
        Refusal::NotNow,
        "he has not agreed"
    );
    table.assent(&second);
    table.room.must(&mediator, Command::SigningOpen { version: 1 });
    for device in [table.consumer.clone(), table.merchant.clone(), mediator] {
        assert_eq!(table.sign(&device).unwrap().0, Answer::Done);
    }
    assert!(matches!(table.sign(&second).unwrap().0, Answer::Sealed { .. }));
}
