//! A caucus is real: what is said, shown and done inside reaches nobody outside, proven on what a client
//! outside received that breaks every rule it can.

#[path = "support/client.rs"]
mod client;
mod support;

use client::peer::{Slot, within};
use client::{AGREES, Client, Mediation, SOON, bring, flows, picture};
use hejie::ids::DocumentId;
use hejie::random::Random;
use hejie::session::command::{Command, Ground};
use hejie::session::event::{Answer, Refusal};
use hejie::session::party::{IdentityCheck, Language, Role, Surface};
use hejie::session::phase::Phase;
use hejie::session::view::Place;
use serde_json::Value;
use std::time::Duration;
use support::app::{App, problem};
use tokio_tungstenite::tungstenite::Message;

/// What is said inside; nobody outside may ever receive these words.
const SECRET: &str = "我最低能接受八百元";
const SECRET_FILE: &str = "%E5%BA%95%E7%BA%BF.jpg";

/// Everything that only a mediator may do, tried by somebody else.
fn commands_of_the_mediator(room: &Mediation) -> Vec<Command> {
    let (person, device) = (room.consumer.id.person.clone(), room.consumer.id.device.clone());
    let me = room.merchant.id.person.clone();
    vec![
        Command::ReturnJoint,
        Command::Caucus { with: vec![me.clone()] },
        Command::Caucus { with: vec![me, room.mediator.id.person.clone()] },
        Command::Admit { device: device.clone(), identity: IdentityCheck::KnownInPerson },
        Command::Refuse { device, reason: String::new() },
        Command::MutePerson { person: person.clone(), muted: true },
        Command::Identify { person: person.clone(), identity: IdentityCheck::KnownInPerson },
        Command::Remove { person, reason: String::new() },
        Command::Lock { locked: true },
        Command::ShareScreen { on: true },
        Command::Invite {
            role: Role::Observer,
            name: "耳朵".into(),
            side: None,
            surface: Surface::Phone,
            language: Language::Zh,
        },
        Command::DraftOpen,
        Command::DraftEdit { rev: 0, terms: vec![] },
        Command::DraftPropose { rev: 0 },
        Command::DraftClose,
        Command::SigningOpen { version: 1 },
        Command::Adjourn { reason: String::new(), next_at: None },
        Command::Terminate { ground: Ground::Other, note: String::new() },
    ]
}

/// Waits until `inside` got so many more packets of `from`: so much time has passed for leaks.
async fn packets_pass_inside(room: &Mediation) {
    for _ in 0..3 {
        flows(&room.consumer, &room.mediator).await;
        flows(&room.mediator, &room.consumer).await;
    }
}

/// From now on nothing of those inside is counted at the merchant, and nothing of the merchant inside.
async fn settle(room: &Mediation) {
    // Packets that the server had sent before the table changed are on their way for a moment.
    let still = async {
        loop {
            let before = counts(room);
            tokio::time::sleep(Duration::from_millis(100)).await;
            if counts(room) == before {
                return;
            }
        }
    };
    tokio::time::timeout(SOON, still).await.expect("the flow across the wall ends");
    room.clients().iter().for_each(|client| client.media().forget_received());
}

/// Packets across the wall: (from inside to outside, from outside to inside).
fn counts(room: &Mediation) -> (u64, u64) {
    let outside = room.merchant.media();
    let out = outside.received_with(1) + outside.received_with(2);
    let into = room.mediator.media().received_with(3) + room.consumer.media().received_with(3);
    (out, into)
}

fn nothing_leaked(room: &Mediation, since: usize) {
    assert_eq!(counts(room), (0, 0), "not one packet crosses the wall");
    let merchant = room.merchant.media();
    for slot in (0..7).map(Slot::Audio).chain((0..8).map(Slot::Video)) {
        assert_eq!(merchant.received(slot).packets, 0, "{slot:?} is silent");
    }
    for frame in &room.merchant.seen().frames[since..] {
        assert!(!frame.contains("八百") && !frame.contains("底线"), "leaked: {frame}");
    }
}

async fn caucus_with_media(app: &App) -> Mediation {
    let staff = app.mediator("li").await;
    let mut room = Mediation::joint(&app.base, staff).await;
    room.open_media().await;
    room.caucus().await;
    settle(&room).await;
    room
}

both! {
    async fn nobody_outside_receives_anything_of_it(db: Database) {
        let app = App::start_now(db).await;
        let mut room = caucus_with_media(&app).await;
        let since = room.merchant.seen().frames.len();
        let outside_before = room.merchant.view();

        // Inside they talk, write, show, raise hands, share the screen.
        packets_pass_inside(&room).await;
        room.mediator.media().send_screen();
        room.mediator.must(Command::ShareScreen { on: true }).await;
        room.consumer.say(SECRET).await;
        let shown = room.consumer.id.upload(SECRET_FILE, picture()).await;
        assert_eq!(shown.status(), 201);
        let document = shown.json::<Value>().await.unwrap()["document"].as_str().unwrap().to_owned();
        room.consumer.must(Command::RaiseHand { up: true }).await;
        room.consumer.must(Command::Mute { muted: true }).await;
        room.consumer.must(Command::Mute { muted: false }).await;
        let seen = room.mediator.until("the line inside", |seen| seen.said().contains(&SECRET)).await;
        assert!(seen.chat.last().unwrap().private);
        room.mediator.until_view("the document inside", |view| view.documents.len() == 1).await;

        // The merchant asks for the document by its id, and for one that does not exist: the same answer.
        for id in [document.clone(), DocumentId::random(&Random::os()).to_string()] {
            problem(room.merchant.id.get(&format!("/documents/{id}")).await, 404, "not_found").await;
        }
        assert_eq!(room.consumer.id.get(&format!("/documents/{document}")).await.status(), 200);

        // The merchant says something to the empty room, and tries whatever a mediator may do.
        room.merchant.say("有人吗").await;
        for command in commands_of_the_mediator(&room) {
            let name = command.name();
            let refusal = room.merchant.refused(command).await;
            assert_eq!(refusal, Refusal::NotYourRight, "{name}");
        }
        room.merchant.send_raw(Message::text(r#"{"type":"command","id":"x","command":{"do":"join_caucus"}}"#));
        room.merchant.until("a refusal", |seen| seen.answers.contains_key("")).await;

        packets_pass_inside(&room).await;
        nothing_leaked(&room, since);

        // A fresh peer connection, a torn socket, a rejoin: still outside.
        room.merchant.open_media(3).await;
        assert!(room.merchant.media().connected(SOON).await);
        room.merchant.tear().await;
        room.merchant.come_back().await;
        let page = Client::connect(room.merchant.id.clone()).await;
        assert_eq!(page.view().me.place, Place::Joint);
        assert!(page.view().documents.is_empty());
        assert!(!page.seen().said().contains(&SECRET), "the chat of a rejoin");

        packets_pass_inside(&room).await;
        nothing_leaked(&room, since);
        assert_eq!(page.view().journal, outside_before.journal, "not even the journal's growth is told");
        assert_eq!(page.view().phase, Phase::Caucus);
        let aside: Vec<_> = page.view().people.into_iter().filter(|p| !p.with_me).collect();
        assert!(aside.iter().all(|p| !p.hand && !p.screen && !p.muted));
        for frame in &room.consumer.seen().frames {
            assert!(!frame.contains("有人吗"), "those inside hear nothing from outside");
        }
    }

    async fn after_the_return_everyone_hears_everyone_again_by_itself(db: Database) {
        let app = App::start_now(db).await;
        let mut room = caucus_with_media(&app).await;
        let since = room.merchant.seen().frames.len();
        room.consumer.say(SECRET).await;
        packets_pass_inside(&room).await;
        nothing_leaked(&room, since);
        room.mediator.must(Command::ReturnJoint).await;
        let announced = room.merchant.until_phase(Phase::Returning).await;
        assert!(announced.view().caucus.as_ref().unwrap().joins_at.is_some());
        flows(&room.consumer, &room.mediator).await;
        if room.merchant.phase() == Phase::Returning {
            nothing_leaked(&room, since);
        }
        for client in room.clients() {
            client.until_phase(Phase::Joint).await;
        }
        room.media_flows().await;
        for to in room.clients() {
            for slot in [Slot::Video(0), Slot::Video(1)] {
                let decodes = || to.media().received(slot).began_with_key_frame == Some(true)
                    || to.media().received(slot).key_frames > 0;
                assert!(within(SOON, decodes).await, "pictures begin with a key frame");
            }
        }
        // What was said in private stays there; what is said now reaches everyone.
        room.mediator.say("我们继续").await;
        let seen = room.merchant.until("the line", |seen| seen.said().contains(&"我们继续")).await;
        assert!(!seen.said().contains(&SECRET) && seen.view().documents.is_empty());
    }

    async fn whoever_comes_during_a_caucus_stands_outside(db: Database) {
        let app = App::start_now(db).await;
        let mut room = caucus_with_media(&app).await;
        room.consumer.say(SECRET).await;
        let mut late = bring(&mut room.mediator, Role::Helper, "小陈", AGREES).await;
        late.open_media(4).await;
        flows(&late, &room.merchant).await;
        flows(&room.merchant, &late).await;
        packets_pass_inside(&room).await;
        let heard = late.media();
        assert_eq!((heard.received_with(1), heard.received_with(2)), (0, 0));
        assert_eq!(room.consumer.media().received_with(4), 0);
        assert!(late.seen().frames.iter().all(|frame| !frame.contains("八百")));
        // Nobody may be taken aside who would leave nobody apart, and a second caucus waits for the first.
        let with = vec![room.merchant.id.person.clone()];
        assert_eq!(room.mediator.refused(Command::Caucus { with }).await, Refusal::NotNow);
    }

    async fn one_who_leaves_or_is_removed_hears_nothing_more(db: Database) {
        let app = App::start_now(db).await;
        let staff = app.mediator("li").await;
        let mut room = Mediation::joint(&app.base, staff).await;
        room.open_media().await;
        let person = room.consumer.id.person.clone();
        assert_eq!(room.mediator.ask(Command::Remove { person, reason: "大声喧哗".into() }).await, Answer::Done);
        room.consumer.until_bye(hejie::session::event::Bye::Out).await;
        let media = room.consumer.media();
        assert!(media.ended(SOON).await, "the peer connection is closed");
        media.forget_received();
        flows(&room.mediator, &room.merchant).await;
        assert_eq!(media.received_with(1) + media.received_with(3), 0);
        assert!(room.consumer.id.socket().await.is_ok(), "its cookie still says who it is");
        let back = Client::connect_to_bye(room.consumer.id.clone()).await;
        assert_eq!(back, Some(hejie::session::event::Bye::Out));
    }
}
