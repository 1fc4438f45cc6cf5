//! The wall of a caucus, in the state itself: whatever happens inside, those outside see no change.

#[path = "support/room.rs"]
#[expect(dead_code, reason = "each test file uses its part")]
mod room;

use hejie::ids::DeviceId;
use hejie::media::{PeerId, Track};
use hejie::session::command::Command;
use hejie::session::drops::Cause;
use hejie::session::floor::Showing;
use hejie::session::party::{IdentityCheck, Role};
use hejie::session::phase::Phase;
use hejie::session::presence::Contact;
use hejie::session::view::{Place, Presence};
use hejie::session::{routes, show};
use proptest::prelude::*;
use room::Room;
use std::collections::HashMap;

const UP: Contact = Contact::Up { anew: true };

fn into_caucus(room: &mut Room, mediator: &DeviceId, with: &DeviceId) {
    let with = vec![room.person(with)];
    room.must(mediator, Command::Caucus { with });
}

fn peers(devices: &[&DeviceId]) -> HashMap<DeviceId, PeerId> {
    devices.iter().enumerate().map(|(n, device)| ((*device).clone(), PeerId(n as u64))).collect()
}

#[test]
fn a_caucus_parts_the_routing_table() {
    let (mut room, mediator, consumer, merchant) = Room::joint(1);
    let peers = peers(&[&mediator, &consumer, &merchant]);
    assert_eq!(routes::table(&room.state, &peers).len(), 12, "three people, voice and camera each way");
    into_caucus(&mut room, &mediator, &consumer);
    let table = routes::table(&room.state, &peers);
    assert_eq!(table.len(), 4);
    let outside = peers[&merchant];
    assert!(table.iter().all(|route| route.from != outside && route.to != outside));
}

#[test]
fn microphones_open_only_after_the_announcement() {
    let (mut room, mediator, consumer, merchant) = Room::joint(1);
    let peers = peers(&[&mediator, &consumer, &merchant]);
    into_caucus(&mut room, &mediator, &consumer);
    room.must(&mediator, Command::ReturnJoint);
    assert_eq!(room.view(&merchant).phase, Phase::Returning);
    assert!(room.view(&merchant).caucus.unwrap().joins_at.is_some());
    assert_eq!(routes::table(&room.state, &peers).len(), 4, "announced, not open");
    room.wait_ms(2_999);
    assert_eq!(routes::table(&room.state, &peers).len(), 4);
    room.wait_ms(1);
    assert_eq!(room.state.phase, Phase::Joint);
    assert_eq!(routes::table(&room.state, &peers).len(), 12);
}

#[test]
fn outside_one_sees_that_somebody_is_aside_and_no_more() {
    let (mut room, mediator, consumer, merchant) = Room::joint(1);
    into_caucus(&mut room, &mediator, &consumer);
    let view = room.view(&merchant);
    assert_eq!(view.me.place, Place::Joint);
    let caucus = view.caucus.unwrap();
    assert!(!caucus.inside && caucus.with.is_empty());
    assert!(
        view.people
            .iter()
            .filter(|p| p.role != Role::Merchant)
            .all(|p| p.presence == Presence::Aside && !p.with_me)
    );
    let inside = room.view(&consumer);
    assert_eq!(inside.me.place, Place::Caucus);
    assert_eq!(inside.caucus.unwrap().with, ["李女士"]);
}

#[test]
fn the_journal_tells_who_could_receive_whom() {
    let (mut room, mediator, consumer, _) = Room::joint(1);
    let with = vec![room.person(&consumer)];
    let (_, effects) = room.step(|step| step.command(&mediator, "x", Command::Caucus { with })).unwrap();
    let last: serde_json::Value = serde_json::from_slice(&effects.journal.last().unwrap().bytes).unwrap();
    assert_eq!(last["kind"], "routing.changed");
    let pairs = last["public"]["reach"].as_array().unwrap();
    let (m, c) = (room.person(&mediator), room.person(&consumer));
    assert_eq!(pairs.len(), 2);
    assert!(pairs.contains(&serde_json::json!([m, c])) && pairs.contains(&serde_json::json!([c, m])));
}

#[test]
fn an_observer_is_never_received() {
    let (mut room, mediator, consumer, merchant) = Room::joint(1);
    let observer = room.bring(&mediator, Role::Observer, "实习生");
    let peers = peers(&[&mediator, &consumer, &merchant, &observer]);
    let table = routes::table(&room.state, &peers);
    assert!(table.iter().all(|route| route.from != peers[&observer]));
    assert!(table.iter().any(|route| route.to == peers[&observer]));
}

#[test]
fn a_muted_voice_does_not_leave_the_server() {
    let (mut room, mediator, consumer, merchant) = Room::joint(1);
    let peers = peers(&[&mediator, &consumer, &merchant]);
    let person = room.person(&merchant);
    room.must(&mediator, Command::MutePerson { person, muted: true });
    let speaks = |room: &Room| {
        routes::table(&room.state, &peers)
            .iter()
            .any(|route| route.from == peers[&merchant] && route.track == Track::Microphone)
    };
    assert!(!speaks(&room));
    room.must(&merchant, Command::Mute { muted: true });
    room.must(&merchant, Command::Mute { muted: false });
    assert!(!speaks(&room), "one can't take back what the mediator took");
}

/// Something that somebody inside does.
#[derive(Debug, Clone)]
enum Inside {
    Do(bool, Command),
    Show(bool),
    Drop(bool),
}

fn inside() -> impl Strategy<Value = Inside> {
    let command = prop_oneof![
        "[a-z]{1,20}".prop_map(|text| Command::Say { text }),
        any::<bool>().prop_map(|muted| Command::Mute { muted }),
        any::<bool>().prop_map(|on| Command::Camera { on }),
        any::<bool>().prop_map(|up| Command::RaiseHand { up }),
        any::<bool>().prop_map(|on| Command::ShareScreen { on }),
    ];
    prop_oneof![
        4 => (any::<bool>(), command).prop_map(|(who, command)| Inside::Do(who, command)),
        1 => any::<bool>().prop_map(Inside::Show),
        1 => any::<bool>().prop_map(Inside::Drop),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn nothing_done_inside_changes_what_is_seen_outside(seed in 0_u64..1000, deeds in prop::collection::vec(inside(), 1..20)) {
        let (mut room, mediator, consumer, merchant) = Room::joint(seed);
        into_caucus(&mut room, &mediator, &consumer);
        let before = room.view(&merchant);
        for deed in deeds {
            room.now = room.now.plus_ms(1_000);
            let who = |mediates: bool| if mediates { &mediator } else { &consumer };
            match deed {
                Inside::Do(mediates, command) => {
                    let done = room.step(|step| step.command(who(mediates), &format!("{mediates}{:?}", step.now()), command));
                    if let Ok((_, effects)) = done {
                        for said in &effects.said {
                            prop_assert!(show::chat_line(&room.state, &merchant, said).is_none());
                            prop_assert!(show::chat_line(&room.state, &consumer, said).is_some());
                        }
                    }
                }
                Inside::Show(mediates) => {
                    let by = room.person(who(mediates));
                    let showing = Showing { name: "收据.jpg".into(), media_type: "image/jpeg".into(), bytes: 9, hash: "h".into() };
                    let (id, _) = room.step(|step| step.show(&by, showing)).unwrap();
                    prop_assert!(show::document(&room.state, &merchant, &id).is_err());
                    prop_assert!(show::document(&room.state, &consumer, &id).is_ok());
                }
                Inside::Drop(mediates) => {
                    let device = who(mediates).clone();
                    for contact in [UP, Contact::Interrupted, Contact::Resumed, Contact::Down(Cause::Network)] {
                        room.step(|step| step.contact(&device, contact)).unwrap();
                        prop_assert_eq!(&room.view(&merchant), &before);
                    }
                    room.wait_ms(11_000);
                }
            }
            prop_assert_eq!(&room.view(&merchant), &before);
        }
        // After the return, what was private stays private.
        room.must(&mediator, Command::ReturnJoint);
        room.wait_ms(3_000);
        let after = room.view(&merchant);
        prop_assert_eq!(after.phase, Phase::Joint);
        prop_assert!(after.documents.is_empty());
        for said in &room.state.chat {
            prop_assert!(show::chat_line(&room.state, &merchant, said).is_none());
        }
    }
}

#[test]
fn who_comes_in_later_knows_nothing_of_an_earlier_caucus() {
    let (mut room, mediator, consumer, _) = Room::joint(1);
    into_caucus(&mut room, &mediator, &consumer);
    room.must(&consumer, Command::Say { text: "我最低能接受八百".into() });
    let late = room.knock(&mediator, Role::Helper, "王女士");
    room.must(&mediator, Command::Admit { device: late.clone(), identity: IdentityCheck::KnownInPerson });
    assert_eq!(room.view(&late).me.place, Place::Joint, "admitted into the joint room, not into the caucus");
    let said = &room.state.chat[0];
    assert!(show::chat_line(&room.state, &late, said).is_none());
}
