//! Between a device and the server: how good the lines are and who may know, media that is restarted or
//! given up, sizes that are told, and what the journal says of those who drop out.

#[path = "support/client.rs"]
mod client;
mod support;

use client::{AGREES, Client, Mediation, Seen, bring, invite, knock, text};
use hejie::edge::wire::FromClient;
use hejie::ids::PersonId;
use hejie::media::Grade;
use hejie::session::command::Command;
use hejie::session::event::{Answer, Bye, Refusal};
use hejie::session::party::Role;
use hejie::session::phase::Phase;
use hejie::session::view::Presence;
use serde_json::Value;
use support::Database;
use support::app::App;
use tokio_tungstenite::tungstenite::Message;

async fn joint() -> (App, Mediation) {
    let app = App::start_now(Database::sqlite().await).await;
    let staff = app.mediator("li").await;
    let room = Mediation::joint(&app.base, staff).await;
    (app, room)
}

fn frames(seen: &Seen, kind: &str, of: Option<&PersonId>) -> usize {
    let is = |frame: &&String| {
        let frame: Value = serde_json::from_str(frame).unwrap();
        frame["type"] == kind && frame["of"] == of.map_or(Value::Null, |of| of.as_str().into())
    };
    seen.frames.iter().filter(is).count()
}

/// Every event that this session journalled: its kind, and what it tells openly.
async fn journal(room: &Mediation) -> Vec<(String, Value)> {
    let path = format!("/api/v1/sessions/{}/journal", room.mediator.id.session);
    let page: Value = room.staff.get(&path).await.json().await.unwrap();
    let event = |text: &Value| {
        let event: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
        (event["kind"].as_str().unwrap().to_owned(), event["public"].clone())
    };
    page["events"].as_array().unwrap().iter().map(event).collect()
}

async fn of_person(room: &Mediation, person: &PersonId, kind: &str) -> Vec<Value> {
    let all = journal(room).await;
    let theirs = |(found, public): &(String, Value)| found == kind && public["person"] == person.as_str();
    all.into_iter().filter(theirs).map(|(_, public)| public).collect()
}

// ---- lines ----------------------------------------------------------------------------------------------

#[tokio::test]
async fn one_is_told_of_ones_own_line_and_of_theirs_whom_one_hears() {
    let (app, mut room) = joint().await;
    room.open_media().await;
    let good = |seen: &Seen, of: Option<&PersonId>| {
        seen.lines.get(&of.cloned()).is_some_and(|quality| quality.grade == Grade::Good)
    };
    for to in room.clients() {
        for from in room.clients() {
            let of = Some(&from.id.person).filter(|person| **person != to.id.person);
            to.until("a line", |seen| good(seen, of)).await;
        }
    }
    // An observer is told; nobody hears an observer, so nobody is told of theirs. At the door one is
    // told nothing.
    let mut observer = bring(&mut room.mediator, Role::Observer, "实习生", AGREES).await;
    let token = invite(&mut room.mediator, Role::Helper, "小陈").await;
    let waiting = knock(&app.base, &token, AGREES).await;
    observer.open_media(9).await;
    observer.until("four lines", |seen| seen.lines.len() == 4).await;
    room.merchant.say("你好").await;
    observer.until("the line", |seen| seen.chat.len() == 1).await;
    for client in room.clients() {
        assert_eq!(frames(&client.seen(), "line", Some(&observer.id.person)), 0);
    }
    assert!(waiting.seen().lines.is_empty());
}

#[tokio::test]
async fn outside_a_caucus_nothing_is_told_of_the_lines_inside_until_the_rooms_join() {
    let (_app, mut room) = joint().await;
    room.open_media().await;
    let consumer = room.consumer.id.person.clone();
    let of = |seen: &Seen| frames(seen, "line", Some(&consumer));
    room.merchant.until("a line", |seen| of(seen) == 1).await;
    room.mediator.until("a line", |seen| of(seen) == 1).await;
    room.caucus().await;
    // Inside, the consumer's connection is replaced: it goes, and comes up anew.
    room.consumer.open_media(4).await;
    room.mediator.until("the line anew", |seen| of(seen) == 2).await;
    room.merchant.say("还在等").await;
    assert_eq!(of(&room.merchant.seen()), 1, "nothing of it came out");
    room.mediator.must(Command::ReturnJoint).await;
    room.merchant.until_phase(Phase::Joint).await;
    let seen = room.merchant.until("the present line", |seen| of(seen) == 2).await;
    assert_eq!(frames(&seen, "line", Some(&room.mediator.id.person)), 2, "and of both");
    assert_eq!(seen.gaps, 0, "lines are not in the sequence");
}

#[tokio::test]
async fn who_comes_back_is_told_the_lines_again() {
    let (_app, mut room) = joint().await;
    room.open_media().await;
    let all = |seen: &Seen| seen.up && seen.lines.len() == 3;
    room.merchant.until("three lines", all).await;
    let before = room.merchant.seen().frames.len();
    room.merchant.tear().await;
    room.merchant.come_back().await;
    let again = |seen: &Seen| {
        seen.frames[before..].iter().filter(|frame| frame.contains(r#""type":"line""#)).count() == 3
    };
    let seen = room.merchant.until("three lines", again).await;
    assert_eq!((seen.gaps, seen.welcomes.as_slice()), (0, [false, true].as_slice()));
}

// ---- media ----------------------------------------------------------------------------------------------

#[tokio::test]
async fn the_welcome_says_what_to_offer() {
    let (_app, room) = joint().await;
    let welcome: Value = serde_json::from_str(&room.consumer.seen().frames[0]).unwrap();
    let media = serde_json::json!({ "audio_slots": 7, "video_slots": 8, "simulcast": hejie::media::SIMULCAST, "ice_servers": [] });
    assert_eq!(welcome["media"], media);
}

#[tokio::test]
async fn only_a_running_connection_restarts() {
    let (app, mut room) = joint().await;
    let restart = |client: &Client, id: &str, sdp: &str| {
        client.send_raw(text(&FromClient::Offer { id: id.into(), sdp: sdp.into(), restart: true }));
    };
    let error = |answer| match answer {
        Answer::Refused { error, .. } => error,
        other => panic!("not refused: {other:?}"),
    };
    restart(&room.consumer, "none", "v=0");
    assert_eq!(error(room.consumer.answer("none").await), Refusal::Unknown);
    room.open_media().await;
    restart(&room.consumer, "bad", "v=0");
    assert_eq!(error(room.consumer.answer("bad").await), Refusal::Invalid);
    room.media_flows().await;
    // The page gives its connection up: the server has it no longer, and the person is still here.
    room.consumer.media.take().unwrap().close().await;
    let gone = async {
        while app.server.state.sessions.setting.media.stats().await.peers != 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(client::SOON, gone).await.expect("the server notices");
    restart(&room.consumer, "gone", "v=0");
    assert_eq!(error(room.consumer.answer("gone").await), Refusal::Unknown);
    assert_eq!(room.mediator.view().people[1].presence, Presence::Here);
    let token = invite(&mut room.mediator, Role::Helper, "小陈").await;
    let waiting = knock(&app.base, &token, AGREES).await;
    restart(&waiting, "out", "v=0");
    assert_eq!(error(waiting.answer("out").await), Refusal::NotAdmitted);
}

#[tokio::test]
async fn sizes_are_bounded_and_change_nothing_that_is_kept() {
    let (app, mut room) = joint().await;
    room.open_media().await;
    let (before, written) = (room.mediator.view(), journal(&room).await.len());
    let show = |slots: Vec<(u8, u16)>| text(&FromClient::Show { slots });
    let token = invite(&mut room.mediator, Role::Helper, "小陈").await;
    let waiting = knock(&app.base, &token, AGREES).await;
    for client in [&room.consumer, &waiting] {
        client.send_raw(show((0..8).map(|slot| (slot, 720)).collect()));
        client.send_raw(show(vec![]));
        client.send_raw(show(vec![(7, 0), (7, u16::MAX)]));
        for bad in [
            show((0..9).map(|slot| (slot % 8, 1)).collect()),
            show(vec![(8, 1)]),
            Message::text(r#"{"type":"show","slots":[[0,65536]]}"#),
            Message::text(r#"{"type":"show","slots":[[0,-1]]}"#),
            Message::text(r#"{"type":"show","slots":[[0]]}"#),
        ] {
            client.send_raw(bad);
        }
        let refused =
            |seen: &Seen| seen.frames.iter().filter(|frame| frame.contains("\"malformed\"")).count();
        let seen = client.until("five refusals", |seen| refused(seen) == 5).await;
        assert!(seen.up);
    }
    room.media_flows().await;
    assert_eq!(room.mediator.view().people, before.people);
    let kinds: Vec<_> = journal(&room).await[written..].iter().map(|(kind, _)| kind.clone()).collect();
    assert_eq!(kinds, ["invitation.made", "person.knocked"]);
}

#[tokio::test]
async fn sizes_without_end_end_the_connection() {
    let (_app, room) = joint().await;
    for height in 0..200 {
        room.consumer.send_raw(text(&FromClient::Show { slots: vec![(0, height)] }));
    }
    room.consumer.until_bye(Bye::Abuse).await;
}

// ---- dropping out ------------------------------------------------------------------------------------------

#[tokio::test]
async fn the_journal_tells_a_broken_line_a_closed_page_and_leaving_apart() {
    let (_app, mut room) = joint().await;
    let reconnecting = |seat: usize| {
        move |view: &hejie::session::view::View| view.people[seat].presence == Presence::Reconnecting
    };
    room.consumer.tear().await;
    room.mediator.until_view("the drop", reconnecting(1)).await;
    room.merchant.stop();
    room.mediator.until_view("the closed page", reconnecting(2)).await;
    let (consumer, merchant) = (room.consumer.id.person.clone(), room.merchant.id.person.clone());
    for (person, cause) in [(&consumer, "network"), (&merchant, "closed")] {
        let dropped = of_person(&room, person, "person.dropped").await;
        assert_eq!(dropped.len(), 1);
        assert_eq!((&dropped[0]["cause"], &dropped[0]["times"]), (&cause.into(), &1.into()));
    }
    room.consumer.come_back().await;
    room.consumer.send(Command::Leave);
    room.consumer.until_bye(Bye::Out).await;
    room.mediator.until_view("two people", |view| view.people.len() == 2).await;
    assert_eq!(of_person(&room, &consumer, "person.left").await.len(), 1);
    assert_eq!(of_person(&room, &merchant, "person.left").await.len(), 0);
    assert_eq!(of_person(&room, &consumer, "person.dropped").await.len(), 1, "leaving is no drop");
}

#[tokio::test]
async fn a_socket_that_flaps_is_seen_each_time_and_journalled_once() {
    let (_app, room) = joint().await;
    let is = |presence| move |view: &hejie::session::view::View| view.people[1].presence == presence;
    for _ in 0..4 {
        room.consumer.tear().await;
        room.mediator.until_view("away", is(Presence::Reconnecting)).await;
        room.consumer.come_back().await;
        room.mediator.until_view("back", is(Presence::Here)).await;
    }
    let consumer = room.consumer.id.person.clone();
    assert_eq!(of_person(&room, &consumer, "person.dropped").await.len(), 1);
    assert_eq!(of_person(&room, &consumer, "person.connected").await.len(), 1);
}
