//! The door: links, knocking, admitting, coming back; and everything that people try at a door.

#[path = "support/room.rs"]
mod room;

use hejie::session::command::{Command, Ground};
use hejie::session::drops::Cause;
use hejie::session::event::{Answer, Bye, Refusal};
use hejie::session::journal::Entry;
use hejie::session::party::{IdentityCheck, Language, Role, Surface};
use hejie::session::phase::Phase;
use hejie::session::presence::Contact;
use hejie::session::step::Effects;
use hejie::session::view::{InvitationState, Place, Presence};
use room::{Room, refund};

const DAY_MS: i64 = 24 * 3600 * 1000;

#[test]
fn a_link_lets_one_device_knock() {
    let (mut room, mediator) = Room::open(1);
    let token = room.invite(&mediator, Role::Consumer, "李女士");
    let device = room.join(&token, false).unwrap();
    assert_eq!(room.view(&device).me.place, Place::Waiting);
    let second = room.join(&token, false).unwrap_err();
    assert_eq!((second.error, second.detail.as_str()), (Refusal::Closed, "used"));
    assert_eq!(room.view(&mediator).invitations[0].state, InvitationState::Used);
}

#[test]
fn who_waits_sees_and_does_nothing_but_leave() {
    let (mut room, mediator) = Room::open(1);
    let device = room.knock(&mediator, Role::Consumer, "李女士");
    let view = room.view(&device);
    assert!(view.people.is_empty() && view.documents.is_empty() && view.draft.is_none());
    assert_eq!(view.me.may, ["leave"]);
    assert_eq!(
        room.command(&device, Command::Say { text: "喂".into() }).unwrap_err().error,
        Refusal::NotAdmitted
    );
    room.must(&device, Command::Leave);
    assert_eq!(room.view(&device).me.place, Place::Out);
}

#[test]
fn links_expire_and_are_revoked() {
    let (mut room, mediator) = Room::open(1);
    let token = room.invite(&mediator, Role::Consumer, "李女士");
    room.now = room.now.plus_ms(3 * DAY_MS);
    assert_eq!(room.join(&token, false).unwrap_err().detail, "expired");
    let token = room.invite(&mediator, Role::Merchant, "陈店员");
    let invitation = room.state.invitations.last().unwrap().id.clone();
    room.must(&mediator, Command::RevokeInvitation { invitation: invitation.clone() });
    assert_eq!(room.join(&token, false).unwrap_err().detail, "revoked");
    let again = room.command(&mediator, Command::RevokeInvitation { invitation }).unwrap_err();
    assert_eq!(again.error, Refusal::Closed);
}

#[test]
fn a_new_link_for_the_same_person_ends_the_older_one() {
    let (mut room, mediator) = Room::open(1);
    let older = room.invite(&mediator, Role::Consumer, "李女士");
    let newer = room.invite(&mediator, Role::Consumer, "李女士");
    assert_eq!(room.join(&older, false).unwrap_err().detail, "revoked");
    room.join(&newer, false).unwrap();
    assert_eq!(room.state.people.len(), 2, "one mediator, one consumer");
}

#[test]
fn a_forged_link_leads_nowhere() {
    let (mut room, _) = Room::open(1);
    assert_eq!(room.join("not-a-token", false).unwrap_err().error, Refusal::Unknown);
    assert_eq!(room.join("not-a-token", true).unwrap_err().error, Refusal::Unknown);
}

#[test]
fn a_locked_room_hears_no_knock() {
    let (mut room, mediator) = Room::open(1);
    let token = room.invite(&mediator, Role::Consumer, "李女士");
    room.must(&mediator, Command::Lock { locked: true });
    assert_eq!(room.join(&token, false).unwrap_err().detail, "locked");
    room.must(&mediator, Command::Lock { locked: false });
    room.join(&token, false).unwrap();
}

#[test]
fn another_device_waits_for_the_mediator_and_replaces_the_first() {
    let (mut room, mediator) = Room::open(1);
    let token = room.invite(&mediator, Role::Consumer, "李女士");
    let first = room.join(&token, false).unwrap();
    let admit = |device: &hejie::ids::DeviceId| Command::Admit {
        device: device.clone(),
        identity: IdentityCheck::DetailsMatched,
    };
    room.must(&mediator, admit(&first));
    let second = room.join(&token, true).unwrap();
    assert_eq!(room.view(&first).me.place, Place::Joint, "until the mediator decides, nothing changes");
    let command = admit(&second);
    let (_, effects) = room.step(|step| step.command(&mediator, "x", command)).unwrap();
    assert!(effects.closed.contains(&(first.clone(), Bye::Out)));
    assert_eq!(room.view(&first).me.place, Place::Out);
    assert_eq!(room.view(&second).me.place, Place::Joint);
    assert_eq!(room.view(&second).people.len(), 2);
}

#[test]
fn refused_and_removed_are_out() {
    let (mut room, mediator, consumer, _) = Room::joint(1);
    let helper = room.knock(&mediator, Role::Helper, "王女士");
    room.must(&mediator, Command::Refuse { device: helper.clone(), reason: String::new() });
    assert_eq!(room.view(&helper).me.place, Place::Out);
    let admit = Command::Admit { device: helper, identity: IdentityCheck::NotChecked };
    assert_eq!(room.command(&mediator, admit).unwrap_err().error, Refusal::Unknown, "not waiting any more");
    let person = room.person(&consumer);
    room.must(&mediator, Command::Remove { person: person.clone(), reason: "辱骂".into() });
    assert_eq!(room.view(&consumer).me.place, Place::Out);
    let again = Command::Remove { person, reason: String::new() };
    assert_eq!(room.command(&mediator, again).unwrap_err().error, Refusal::Unknown);
}

#[test]
fn nobody_removes_or_mutes_themselves() {
    let (mut room, mediator, ..) = Room::joint(1);
    let person = room.person(&mediator);
    let remove = Command::Remove { person: person.clone(), reason: String::new() };
    assert_eq!(room.command(&mediator, remove).unwrap_err().error, Refusal::Invalid);
    let mute = Command::MutePerson { person, muted: true };
    assert_eq!(room.command(&mediator, mute).unwrap_err().error, Refusal::Invalid);
}

#[test]
fn eight_seats_and_no_ninth() {
    let (mut room, mediator, ..) = Room::joint(1);
    for n in 0..5 {
        room.bring(&mediator, Role::Observer, &format!("旁听{n}"));
    }
    let ninth = room.knock(&mediator, Role::Helper, "王女士");
    let admit = Command::Admit { device: ninth, identity: IdentityCheck::NotChecked };
    assert_eq!(room.command(&mediator, admit).unwrap_err().error, Refusal::Full);
}

#[test]
fn the_joint_room_opens_when_both_parties_are_in() {
    let (mut room, mediator) = Room::open(1);
    room.bring(&mediator, Role::Merchant, "陈店员");
    room.bring(&mediator, Role::Merchant, "黄店长");
    assert_eq!(room.state.phase, Phase::Verifying);
    room.bring(&mediator, Role::Consumer, "李女士");
    assert_eq!(room.state.phase, Phase::Joint);
}

#[test]
fn the_account_is_no_identity_check_for_others() {
    let (mut room, mediator) = Room::open(1);
    let device = room.knock(&mediator, Role::Consumer, "李女士");
    let admit = Command::Admit { device, identity: IdentityCheck::Account };
    assert_eq!(room.command(&mediator, admit).unwrap_err().error, Refusal::Invalid);
}

#[test]
fn bad_names_are_refused() {
    let (mut room, mediator) = Room::open(1);
    let invite = |name: &str, role, surface| Command::Invite {
        role,
        name: name.into(),
        side: None,
        surface,
        language: Language::Zh,
    };
    for name in ["", "   ", "a\u{7}b", &"长".repeat(81)] {
        let refused = room.command(&mediator, invite(name, Role::Consumer, Surface::Phone)).unwrap_err();
        assert_eq!(refused.error, Refusal::Invalid, "{name:?}");
    }
    let second = room.command(&mediator, invite("赵", Role::Mediator, Surface::Phone)).unwrap_err();
    assert_eq!(second.error, Refusal::Invalid);
    let desk = room.command(&mediator, invite("赵", Role::Consumer, Surface::Desk)).unwrap_err();
    assert_eq!(desk.error, Refusal::Invalid);
}

#[test]
fn the_same_command_twice_is_one() {
    let (mut room, mediator) = Room::open(1);
    let invite = Command::Invite {
        role: Role::Consumer,
        name: "李女士".into(),
        side: None,
        surface: Surface::Phone,
        language: Language::Zh,
    };
    let (first, _) = room.step(|step| step.command(&mediator, "one", invite.clone())).unwrap();
    let (second, effects) = room.step(|step| step.command(&mediator, "one", invite)).unwrap();
    assert_eq!(first, second, "the very same link");
    assert!(effects.journal.is_empty());
    assert_eq!(room.state.invitations.len(), 1);
}

#[test]
fn a_lost_answer_to_joining_costs_nothing() {
    let (mut room, mediator) = Room::open(1);
    let token = room.invite(&mediator, Role::Consumer, "李女士");
    let device = room.join(&token, false).unwrap();
    let jwk = room.state.device(&device).unwrap().jwk.clone();
    let joining = hejie::session::door::Joining {
        jwk,
        surface: Surface::Phone,
        language: Language::Zh,
        browser: "test".into(),
        secret_hash: "fresh".into(),
        ground_rules: "1:test".into(),
        publication: false,
    };
    let hash = hejie::token::hash(&token);
    let (joined, _) = room.step(|step| step.join(&hash, false, joining)).unwrap();
    assert_eq!(joined.device, device);
    assert_eq!(room.state.device(&device).unwrap().secret_hash, "fresh");
}

#[test]
fn a_drop_is_not_leaving_and_the_journal_knows() {
    let (mut room, _, consumer, _) = Room::joint(1);
    room.step(|step| step.contact(&consumer, Contact::Up { anew: true })).unwrap();
    let down = Contact::Down(Cause::Network);
    let (_, dropped) = room.step(|step| step.contact(&consumer, down)).unwrap();
    let event: serde_json::Value = serde_json::from_slice(&dropped.journal[0].bytes).unwrap();
    assert_eq!(event["kind"], "person.dropped");
    assert_eq!((&event["public"]["cause"], &event["public"]["times"]), (&"network".into(), &1.into()));
    assert_eq!(room.view(&consumer).me.place, Place::Joint);
    let (_, left) = room.step(|step| step.command(&consumer, "x", Command::Leave)).unwrap();
    assert!(left.journal.iter().any(|entry| String::from_utf8_lossy(&entry.bytes).contains("person.left")));
    assert_eq!(room.view(&consumer).me.place, Place::Out);
}

/// Kind, cause and number of every event of these effects.
fn kinds(effects: &Effects) -> Vec<(String, String, u64)> {
    let event = |entry: &Entry| -> serde_json::Value { serde_json::from_slice(&entry.bytes).unwrap() };
    let told = |event: serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("").to_owned();
        let times = event["public"]["times"].as_u64().unwrap_or(0);
        (text(&event["kind"]), text(&event["public"]["cause"]), times)
    };
    effects.journal.iter().map(event).map(told).collect()
}

#[test]
fn a_page_that_was_closed_is_told_from_a_line_that_broke() {
    let (mut room, _, consumer, _) = Room::joint(1);
    let contact = |room: &mut Room, contact| room.step(|step| step.contact(&consumer, contact)).unwrap().1;
    contact(&mut room, Contact::Up { anew: true });
    let closed = contact(&mut room, Contact::Down(Cause::Closed));
    assert_eq!(kinds(&closed), [("person.dropped".into(), "closed".into(), 1)]);
    contact(&mut room, Contact::Up { anew: true });
    room.wait_ms(10_000);
    let silent = contact(&mut room, Contact::Interrupted);
    assert_eq!(kinds(&silent), [("person.dropped".into(), "network".into(), 1)]);
    assert_eq!(kinds(&contact(&mut room, Contact::Down(Cause::Closed))), [], "gone is gone");
    // A page that came anew knows nothing of the old one's media.
    let back = contact(&mut room, Contact::Up { anew: true });
    assert_eq!(kinds(&back), [("person.connected".into(), String::new(), 0)]);
}

#[test]
fn silent_media_is_seen_as_reconnecting_and_a_flapping_line_does_not_flood_the_journal() {
    let (mut room, mediator, consumer, _) = Room::joint(1);
    for device in [&mediator, &consumer] {
        room.step(|step| step.contact(device, Contact::Up { anew: true })).unwrap();
    }
    room.wait_ms(60_000);
    let before = room.state.journal.head().size;
    for second in 0..30 {
        for contact in [Contact::Interrupted, Contact::Resumed] {
            room.step(|step| step.contact(&consumer, contact)).unwrap();
            let presence = room.view(&mediator).people[1].presence;
            let seen = if contact == Contact::Interrupted { Presence::Reconnecting } else { Presence::Here };
            assert_eq!(presence, seen, "{second}");
        }
        room.wait_ms(1_000);
    }
    // At once; then after 10, 20 and 30 seconds.
    assert_eq!(room.state.journal.head().size - before, 8);
    room.wait_ms(60_000);
    assert_eq!(room.state.journal.head().size - before, 8);
    assert_eq!(room.state.wake_at(), None);
}

#[test]
fn ending_without_agreement_leaves_a_record_and_closes_the_room() {
    let (mut room, mediator, consumer, _) = Room::joint(1);
    room.must(&mediator, Command::DraftOpen);
    room.must(&mediator, Command::DraftEdit { rev: 0, terms: vec![refund()] });
    let terminate = Command::Terminate { ground: Ground::NoAgreement, note: "分歧较大".into() };
    let (_, effects) = room.step(|step| step.command(&mediator, "x", terminate)).unwrap();
    let record = effects.record.expect("a mediation record");
    assert_eq!(record["people"].as_array().unwrap().len(), 3);
    assert_eq!(record["ended"]["ground"], "no_agreement");
    assert_eq!(room.view(&consumer).ended.unwrap().ground, Some(Ground::NoAgreement));
    assert_eq!(
        room.command(&consumer, Command::Say { text: "等等".into() }).unwrap_err().error,
        Refusal::NotNow
    );
    assert_eq!(room.must(&consumer, Command::Leave), Answer::Done);
}

#[test]
fn the_next_date_lies_ahead() {
    let (mut room, mediator, ..) = Room::joint(1);
    let adjourn = |next_at| Command::Adjourn { reason: "等检测结果".into(), next_at };
    let past = Some(room.now.plus_ms(-1));
    assert_eq!(room.command(&mediator, adjourn(past)).unwrap_err().error, Refusal::Invalid);
    let far = Some(room.now.plus_ms(400 * DAY_MS));
    assert_eq!(room.command(&mediator, adjourn(far)).unwrap_err().error, Refusal::Invalid);
    let soon = Some(room.now.plus_ms(7 * DAY_MS));
    room.must(&mediator, adjourn(soon));
    assert_eq!(room.state.phase, Phase::Adjourned);
    assert_eq!(room.view(&mediator).ended.unwrap().next_at, soon);
}

#[test]
fn a_link_is_never_stored() {
    let (mut room, mediator) = Room::open(1);
    let token = room.invite(&mediator, Role::Consumer, "李女士");
    let stored = serde_json::to_string(&room.state).unwrap();
    assert!(!stored.contains(&token));
    assert!(stored.contains(&hejie::token::hash(&token)));
    let loaded: hejie::session::state::State = serde_json::from_str(&stored).unwrap();
    assert!(loaded.answers.is_empty());
}
