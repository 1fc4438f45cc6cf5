//! The protocol under bad input, bad lines and bad faith: each gets its clear answer, and nothing is
//! lost or changed.

#[path = "support/client.rs"]
mod client;
mod support;

use client::{
    AGREES, Client, Identity, Joining, Mediation, SOON, admit, ask_to_join, invite, knock, next, refund, text,
};
use futures_util::{SinkExt, StreamExt};
use hejie::edge::wire::{FromClient, FromServer, Resume};
use hejie::random::Random;
use hejie::session::command::{Command, Ground};
use hejie::session::door::LINK_MS;
use hejie::session::event::{Answer, Bye, Refusal};
use hejie::session::party::{IdentityCheck, Role};
use hejie::session::phase::Phase;
use hejie::session::view::{Place, Presence};
use hejie::settlement::terms::Term;
use hejie::signing::keys::Es256Key;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use support::Database;
use support::app::{App, Browser, problem};
use tokio_tungstenite::tungstenite::{self, Message};

async fn app() -> App {
    App::start_now(Database::sqlite().await).await
}

async fn joint() -> (App, Mediation) {
    let app = app().await;
    let staff = app.mediator("li").await;
    let room = Mediation::joint(&app.base, staff).await;
    (app, room)
}

fn say(said: &str) -> Command {
    Command::Say { text: said.into() }
}

fn hello(resume: Option<Resume>) -> Message {
    text(&FromClient::Hello { resume })
}

// ---- the first frame ------------------------------------------------------------------------------------

#[tokio::test]
async fn hello_comes_first_and_soon() {
    let (_app, room) = joint().await;
    let who = &room.consumer.id;
    let late = async {
        let (mut socket, began) = (who.socket().await.unwrap(), Instant::now());
        let FromServer::Bye { why, again } = next(&mut socket).await.unwrap() else { panic!("no bye") };
        assert_eq!((why, again), (Bye::NoHello, true));
        assert!(began.elapsed() >= Duration::from_millis(1_900) && began.elapsed() < SOON);
        assert!(next(&mut socket).await.is_none(), "and closed");
    };
    let others = async {
        for first in [text(&FromClient::Ping), Message::text("{"), Message::binary(vec![1, 2, 3])] {
            let mut socket = who.socket().await.unwrap();
            socket.send(first).await.unwrap();
            let said = next(&mut socket).await;
            assert!(matches!(said, Some(FromServer::Bye { why: Bye::NoHello, .. })), "{said:?}");
        }
    };
    tokio::join!(late, others);
    assert!(room.consumer.seen().up, "none of them took the place of the real one");
}

#[tokio::test]
async fn a_socket_is_for_its_own_device_from_our_own_pages() {
    let (_app, room) = joint().await;
    let who = &room.consumer.id;
    let status = |error: tungstenite::Error| match error {
        tungstenite::Error::Http(response) => response.status().as_u16(),
        other => panic!("{other}"),
    };
    let foreign = who.socket_as(Some(&who.cookie), "https://evil.example").await.unwrap_err();
    assert_eq!(status(foreign), 403);
    for cookie in [None, Some("hejie_device=AAAA"), Some(room.merchant.id.cookie.as_str())] {
        let refused = who.socket_as(cookie, &who.base).await.unwrap_err();
        assert_eq!(status(refused), 401, "{cookie:?}");
    }
    for (cookie, below) in [("", ""), (room.merchant.id.cookie.as_str(), ""), ("hejie_device=x", "/bundle")] {
        let stranger = Identity { cookie: cookie.to_owned(), ..who.clone() };
        problem(stranger.get(below).await, 401, "not_your_device").await;
        problem(stranger.upload("a.jpg", client::picture()).await, 401, "not_your_device").await;
    }
    let unmarked = reqwest::Client::new()
        .post(format!("{}{}?name=a.jpg", who.base, who.path("/documents")))
        .header("cookie", &who.cookie)
        .body(client::picture());
    problem(unmarked.send().await.unwrap(), 403, "foreign_origin").await;
    assert!(room.mediator.view().documents.is_empty());
}

// ---- frames that are not of the protocol -------------------------------------------------------------------

#[tokio::test]
async fn malformed_frames_are_answered_and_change_nothing() {
    let (_app, mut room) = joint().await;
    let before = room.mediator.view();
    let long = "x".repeat(65);
    let cases = [
        "",
        "{",
        "null",
        "[]",
        r#"{"type":"dance"}"#,
        r#"{"type":"command","id":"a"}"#,
        r#"{"type":"command","id":"a","command":{"do":"fly"}}"#,
        r#"{"type":"command","id":"a","command":{"do":"say","text":7}}"#,
        r#"{"type":"command","id":"a","command":{"do":"say","text":"x","to":"all"}}"#,
    ];
    for case in cases {
        room.consumer.send_raw(Message::text(case));
    }
    let malformed = |seen: &client::Seen| {
        let replies = seen.frames.iter().filter(|frame| frame.contains("\"malformed\"")).count();
        replies == cases.len()
    };
    room.consumer.until("an answer to each", malformed).await;
    for id in ["", long.as_str()] {
        room.consumer.send_as(id, say("x"));
    }
    room.consumer
        .until("answers", |seen| seen.frames.iter().filter(|f| f.contains("64 characters")).count() == 2)
        .await;
    assert!(room.consumer.seen().up, "some mistakes are forgiven");
    room.consumer.say("weiter").await;
    let seen = room.mediator.until("the line", |seen| !seen.chat.is_empty()).await;
    assert_eq!(seen.said(), ["weiter"]);
    assert_eq!(room.mediator.view().journal, before.journal);
}

#[tokio::test]
async fn who_sends_nothing_but_nonsense_is_sent_away() {
    let (_app, room) = joint().await;
    for _ in 0..12 {
        room.consumer.send_raw(Message::binary(vec![0xff; 10]));
    }
    room.consumer.until_bye(Bye::Abuse).await;
    room.mediator.until_view("the drop", |v| v.people[1].presence == Presence::Reconnecting).await;
}

#[tokio::test]
async fn a_frame_that_is_too_large_is_refused_and_changes_nothing() {
    let (_app, mut room) = joint().await;
    let said = "长".repeat(30_000);
    room.consumer.send(say(&said));
    room.consumer.until_bye(Bye::Abuse).await;
    assert!(room.mediator.seen().chat.is_empty());
    // At the limit of the frame but over that of a line: an ordinary refusal.
    let almost = room.merchant.refused(say(&"y".repeat(60_000))).await;
    assert_eq!(almost, Refusal::Invalid);
    assert!(room.merchant.seen().up);
}

#[tokio::test]
async fn a_flood_ends_the_connection_and_nobody_elses() {
    let (_app, mut room) = joint().await;
    for up in 0..300 {
        room.consumer.send(Command::RaiseHand { up: up % 2 == 0 });
    }
    room.consumer.until_bye(Bye::Abuse).await;
    room.merchant.say("还在").await;
    room.mediator.until("the line", |seen| seen.said() == ["还在"]).await;
}

#[tokio::test]
async fn hello_twice_and_commands_out_of_order_are_refused() {
    let (_app, mut room) = joint().await;
    room.consumer.send_raw(hello(None));
    room.consumer.until("a refusal", |seen| seen.answers.contains_key("")).await;
    let before = room.mediator.view();
    for command in [
        Command::DraftPropose { rev: 0 },
        Command::DraftEdit { rev: 0, terms: vec![] },
        Command::SigningOpen { version: 1 },
        Command::ReturnJoint,
    ] {
        assert_eq!(room.mediator.refused(command).await, Refusal::NotNow);
    }
    let sign = Command::Sign { version: 1, protected: "a".into(), signature: "b".into() };
    assert_eq!(room.consumer.refused(sign).await, Refusal::NotNow);
    let assent = Command::Assent { version: 1, hash: "x".into() };
    assert_eq!(room.consumer.refused(assent).await, Refusal::NotNow);
    assert_eq!(room.mediator.view(), before);
}

#[tokio::test]
async fn the_same_command_again_gets_the_same_answer_and_is_done_once() {
    let (_app, room) = joint().await;
    let invite = Command::Invite {
        role: Role::Helper,
        name: "小陈".into(),
        side: None,
        surface: hejie::session::party::Surface::Phone,
        language: hejie::session::party::Language::Zh,
    };
    room.mediator.send_as("once", invite.clone());
    let first = room.mediator.answer("once").await;
    room.mediator.send_as("once", invite);
    let frames = |seen: &client::Seen| seen.frames.iter().filter(|f| f.contains("\"once\"")).count();
    let seen = room.mediator.until("the second answer", |seen| frames(seen) == 2).await;
    assert_eq!(seen.answers["once"], first);
    for _ in 0..3 {
        room.consumer.send_as("said", say("一次"));
    }
    let three = |seen: &client::Seen| seen.frames.iter().filter(|f| f.contains("\"said\"")).count() == 3;
    room.consumer.until("three answers", three).await;
    // The same id of another device is another command.
    room.merchant.send_as("said", say("另一句"));
    let seen = room.mediator.until("both lines", |seen| seen.chat.len() >= 2).await;
    assert_eq!(seen.said(), ["一次", "另一句"]);
    assert_eq!(seen.view().invitations.len(), 3);
}

// ---- bad lines ---------------------------------------------------------------------------------------------

#[tokio::test]
async fn a_dropped_socket_resumes_and_nothing_is_lost() {
    let (_app, mut room) = joint().await;
    room.merchant.say("第一句").await;
    room.consumer.until("the first line", |seen| seen.chat.len() == 1).await;
    room.consumer.tear().await;
    room.mediator.until_view("the drop", |v| v.people[1].presence == Presence::Reconnecting).await;
    for said in ["第二句", "第三句", "第四句"] {
        room.merchant.say(said).await;
    }
    room.mediator.must(Command::DraftOpen).await;
    // Asked for while away: sent on the way back.
    let id = room.consumer.send(say("我回来了"));
    room.consumer.come_back().await;
    assert_eq!(room.consumer.answer(&id).await, Answer::Done);
    let seen = room.consumer.until("everything", |seen| seen.chat.len() == 5).await;
    assert_eq!(seen.said(), ["第一句", "第二句", "第三句", "第四句", "我回来了"]);
    assert_eq!((seen.gaps, seen.welcomes.as_slice()), (0, [false, true].as_slice()));
    room.consumer.until_phase(Phase::Drafting).await;
    room.mediator.until_view("back", |v| v.people[1].presence == Presence::Here).await;
}

#[tokio::test]
async fn resuming_while_the_old_socket_still_stands_takes_its_place_for_good() {
    let (_app, mut room) = joint().await;
    let who = room.consumer.id.clone();
    room.consumer.stop();
    let mut old = who.socket().await.unwrap();
    old.send(hello(None)).await.unwrap();
    let Some(FromServer::Welcome { connection, .. }) = next(&mut old).await else { panic!("no welcome") };
    // The line is dead without anybody having noticed: the page comes on a new socket.
    let mut new = who.socket().await.unwrap();
    new.send(hello(Some(Resume { connection: connection.clone(), seq: 0 }))).await.unwrap();
    let Some(FromServer::Welcome { resumed: true, connection: same, .. }) = next(&mut new).await else {
        panic!("not resumed")
    };
    assert_eq!(same, connection);
    // The old one is told, and closes; the new one stays.
    loop {
        match next(&mut old).await {
            Some(FromServer::Bye { why, again }) => assert_eq!((why, again), (Bye::Superseded, false)),
            Some(_) => {}
            None => break,
        }
    }
    let _ = old.close(None).await;
    while let Some(Ok(_)) = old.next().await {}
    drop(old);
    for said in ["一", "二", "三"] {
        room.merchant.say(said).await;
        loop {
            let event = next(&mut new).await.expect("the new socket stays open");
            if matches!(&event, FromServer::Chat { line, .. } if line.text == said) {
                break;
            }
        }
    }
    assert_eq!(room.mediator.view().people[1].presence, Presence::Here);
}

#[tokio::test]
async fn who_missed_very_much_gets_all_of_it_too() {
    let (_app, mut room) = joint().await;
    room.consumer.tear().await;
    for at in 0..100 {
        room.merchant.say(&format!("第{at}句")).await;
        // As fast as a person may.
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    room.consumer.come_back().await;
    let seen = room.consumer.until("everything", |seen| seen.up && seen.chat.len() == 100).await;
    assert_eq!(seen.said()[99], "第99句");
    assert_eq!((seen.gaps, seen.welcomes.len()), (0, 2), "at one go");
}

#[tokio::test]
async fn an_unknown_connection_or_a_sequence_from_the_future_rejoins_cleanly() {
    let (_app, mut room) = joint().await;
    room.merchant.say("你好").await;
    let who = room.consumer.id.clone();
    let connection = room.consumer.until("the line", |s| s.chat.len() == 1).await.connection.unwrap();
    room.consumer.stop();
    for resume in [
        Resume { connection: "of another life".into(), seq: 3 },
        Resume { connection: connection.clone(), seq: 1_000_000 },
        Resume { connection, seq: u64::MAX },
    ] {
        let mut socket = who.socket().await.unwrap();
        socket.send(hello(Some(resume))).await.unwrap();
        let Some(FromServer::Welcome { resumed, seq, view, chat, .. }) = next(&mut socket).await else {
            panic!("no welcome")
        };
        assert_eq!((resumed, seq, chat.len()), (false, 0, 1));
        assert_eq!(view.unwrap().me.place, Place::Joint);
    }
}

#[tokio::test]
async fn after_thirty_seconds_it_rejoins_cleanly() {
    let app = App::start(Database::sqlite().await).await;
    let staff = app.mediator("li").await;
    let mut room = Mediation::joint(&app.base, staff).await;
    room.consumer.tear().await;
    room.mediator.until_view("the drop", |v| v.people[1].presence == Presence::Reconnecting).await;
    room.merchant.say("还在吗").await;
    app.clock.advance_ms(30_001);
    room.consumer.come_back().await;
    let seen = room.consumer.until("the line", |seen| seen.said() == ["还在吗"]).await;
    assert_eq!((seen.gaps, seen.welcomes.as_slice()), (0, [false, false].as_slice()));
}

#[tokio::test]
async fn a_new_connection_takes_the_place_of_its_ghost() {
    let (_app, mut room) = joint().await;
    let mut again = Client::connect(room.consumer.id.clone()).await;
    room.consumer.until_bye(Bye::Superseded).await;
    assert_eq!(room.consumer.seen().byes, [(Bye::Superseded, false)]);
    again.say("换了一个页面").await;
    room.merchant.until("the line", |seen| seen.chat.len() == 1).await;
    room.merchant.say("收到").await;
    again.until("the answer", |seen| seen.chat.len() == 2).await;
    assert_eq!(room.mediator.view().people.len(), 3, "one person, one seat");
    let seen = room.mediator.until_view("here", |v| v.people[1].presence == Presence::Here).await;
    assert_eq!(seen.view().people.len(), 3);
}

/// A socket that says hello and reads no more, with little room for what it is sent.
async fn deaf(app: &App, who: &Identity) -> tokio_tungstenite::WebSocketStream<tokio::net::TcpStream> {
    let address = app.server.http;
    let tcp = tokio::net::TcpSocket::new_v4().unwrap();
    tcp.set_recv_buffer_size(4_096).unwrap();
    let stream = tcp.connect(address).await.unwrap();
    let mut request = tungstenite::client::IntoClientRequest::into_client_request(format!(
        "ws://{address}{}",
        who.path("/ws")
    ))
    .unwrap();
    let headers = request.headers_mut();
    headers.insert("origin", who.base.parse().unwrap());
    headers.insert("cookie", who.cookie.parse().unwrap());
    headers.insert("sec-websocket-protocol", "hejie.v1".parse().unwrap());
    let (mut deaf, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    deaf.send(hello(None)).await.unwrap();
    deaf
}

#[tokio::test]
async fn who_reads_too_slowly_is_told_so_and_may_come_back() {
    let (app, mut room) = joint().await;
    let who = room.consumer.id.clone();
    room.consumer.stop();
    room.mediator.until_view("away", |v| v.people[1].presence == Presence::Reconnecting).await;
    let mut slow = deaf(&app, &who).await;
    // It takes a frame a second, until it is told to hurry.
    let (hurry, mut told) = tokio::sync::watch::channel(false);
    let reading = tokio::spawn(async move {
        let mut last = None;
        while let Some(event) = next(&mut slow).await {
            last = Some(event);
            if !*told.borrow() {
                let _ = tokio::time::timeout(Duration::from_secs(1), told.changed()).await;
            }
        }
        last
    });
    room.mediator.until_view("here", |v| v.people[1].presence == Presence::Here).await;
    room.mediator.must(Command::DraftOpen).await;
    let now = room.mediator.seen().now.unwrap();
    let terms = vec![Term { text: "长".repeat(1_900), ..refund(now) }; 10];
    let mut rev = 0;
    for edit in 0..140 {
        let mut terms = terms.clone();
        terms[0].amount_fen = Some(edit + 1);
        room.mediator.must(Command::DraftEdit { rev, terms }).await;
        rev += 1;
        // Versions make every view as large again.
        if edit < 4 {
            room.mediator.must(Command::DraftPropose { rev }).await;
        }
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    // All that had been queued comes, and then why no more does.
    hurry.send_replace(true);
    let last = reading.await.unwrap();
    assert_eq!(last, Some(FromServer::Bye { why: Bye::TooSlow, again: true }));
    let mut again = Client::connect(who).await;
    again.until_view("the newest draft", |v| v.draft.as_ref().is_some_and(|d| d.rev == rev)).await;
    again.say("又回来了").await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_while_the_others_go_on() {
    let (app, mut room) = joint().await;
    let who = room.consumer.id.clone();
    room.consumer.stop();
    let _deaf = deaf(&app, &who).await;
    room.mediator.until_view("here", |v| v.people[1].presence == Presence::Here).await;

    // Large views pile up: a long draft, changed again and again.
    room.mediator.must(Command::DraftOpen).await;
    let now = room.mediator.seen().now.unwrap();
    let terms = vec![Term { text: "长".repeat(1_900), ..refund(now) }; 10];
    let (mut rev, mut cut) = (0, false);
    let deadline = Instant::now() + Duration::from_secs(40);
    while !cut && Instant::now() < deadline {
        let began = Instant::now();
        let mut terms = terms.clone();
        terms[0].amount_fen = Some(i64::from(rev) + 1);
        room.mediator.must(Command::DraftEdit { rev, terms }).await;
        assert!(began.elapsed() < Duration::from_secs(2), "nobody waits for the deaf one");
        rev += 1;
        cut = room.mediator.view().people[1].presence == Presence::Reconnecting;
        tokio::time::sleep(Duration::from_millis(55)).await;
    }
    assert!(cut, "it was cut");
    room.merchant.until_view("the newest draft", |v| v.draft.as_ref().is_some_and(|d| d.rev == rev)).await;
    assert_eq!(room.merchant.seen().gaps, 0);
}

// ---- links -----------------------------------------------------------------------------------------------

#[tokio::test]
async fn links_that_are_not_open_say_why() {
    let app = App::start(Database::sqlite().await).await;
    let staff = app.mediator("li").await;
    let (_staff, _, mut mediator) = Mediation::open(&app.base, staff).await;
    let key = || Es256Key::generate(&Random::os());
    let base = app.base.as_str();
    let look = async |token: &str| {
        Browser::at(base).post("/api/v1/invitations/look", &json!({ "token": token })).await
    };

    // Forged, of every form.
    for forged in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "", "../../etc", &"A".repeat(1_000)] {
        problem(ask_to_join(base, forged, &key(), AGREES).await, 404, "not_found").await;
        problem(look(forged).await, 404, "not_found").await;
    }
    // Used.
    let token = invite(&mut mediator, Role::Consumer, "王小明").await;
    let _first = knock(base, &token, AGREES).await;
    problem(ask_to_join(base, &token, &key(), AGREES).await, 409, "invitation_used").await;
    // Revoked.
    let token = invite(&mut mediator, Role::Merchant, "陈店长").await;
    let invitation = mediator.view().invitations.last().unwrap().invitation.clone();
    mediator.must(Command::RevokeInvitation { invitation }).await;
    problem(ask_to_join(base, &token, &key(), AGREES).await, 410, "invitation_revoked").await;
    assert_eq!(look(&token).await.json::<serde_json::Value>().await.unwrap()["state"], "revoked");
    // Locked.
    let token = invite(&mut mediator, Role::Merchant, "陈店长").await;
    mediator.must(Command::Lock { locked: true }).await;
    assert_eq!(look(&token).await.json::<serde_json::Value>().await.unwrap()["state"], "locked");
    problem(ask_to_join(base, &token, &key(), AGREES).await, 409, "invitation_locked").await;
    mediator.must(Command::Lock { locked: false }).await;
    // Expired.
    app.clock.advance_ms(LINK_MS);
    assert_eq!(look(&token).await.json::<serde_json::Value>().await.unwrap()["state"], "expired");
    problem(ask_to_join(base, &token, &key(), AGREES).await, 410, "invitation_expired").await;
    // Other ground rules than those in force; a key that is none; one that is known already.
    let token = invite(&mut mediator, Role::Merchant, "陈店长").await;
    let asks =
        async |body: serde_json::Value| Browser::at(base).post("/api/v1/invitations/join", &body).await;
    let rules = hejie::complaint::ground_rules::in_language("zh").unwrap();
    let whole = json!({
        "token": token, "jwk": key().jwk(), "publication_consent": true, "language": "zh", "browser": "",
        "ground_rules": { "version": rules.version, "hash": rules.hash(), "lang": "zh" },
    });
    for (change, with) in [
        ("ground_rules", json!({ "version": rules.version, "hash": "x", "lang": "zh" })),
        ("jwk", json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" })),
        ("jwk", serde_json::to_value(mediator.id.key.jwk()).unwrap()),
    ] {
        let mut body = whole.clone();
        body[change] = with;
        problem(asks(body).await, 422, "invalid").await;
    }
    assert_eq!(asks(whole).await.status(), 201, "the link was not used by any of that");
    // Over.
    let token = invite(&mut mediator, Role::Helper, "小陈").await;
    mediator.must(Command::Terminate { ground: Ground::Withdrawn, note: String::new() }).await;
    assert_eq!(look(&token).await.json::<serde_json::Value>().await.unwrap()["state"], "over");
    problem(ask_to_join(base, &token, &key(), AGREES).await, 409, "session_over").await;
}

#[tokio::test]
async fn a_second_device_with_the_same_link_asks_and_takes_over() {
    let app = app().await;
    let staff = app.mediator("li").await;
    let (_staff, _, mut mediator) = Mediation::open(&app.base, staff).await;
    let token = invite(&mut mediator, Role::Consumer, "王小明").await;
    let mut first = knock(&app.base, &token, AGREES).await;
    admit(&mut mediator, &first).await;
    let second = knock(&app.base, &token, Joining { again: true, ..AGREES }).await;
    let seen = mediator.until_view("a knock", |view| view.door.len() == 1).await;
    assert!(seen.view().door[0].replaces);
    assert_eq!(second.id.person, first.id.person);
    first.say("我还在").await;
    assert!(second.seen().chat.is_empty(), "nothing is told at the door");
    admit(&mut mediator, &second).await;
    first.until_bye(Bye::Out).await;
    assert_eq!(first.seen().byes, [(Bye::Out, false)]);
    assert_eq!(second.until_view("a place", |v| v.me.place == Place::Joint).await.view().people.len(), 2);
    assert_eq!(Client::connect_to_bye(first.id.clone()).await, Some(Bye::Out), "the first stays out");
    assert_eq!(first.id.upload("a.jpg", client::picture()).await.status(), 403);
}

#[tokio::test]
async fn who_only_holds_a_used_link_changes_nothing_of_the_person_inside() {
    let app = app().await;
    let staff = app.mediator("li").await;
    let keeps = Joining { publication: false, ..AGREES };
    let (staff, complaint, mut mediator) = Mediation::open(&app.base, staff).await;
    let token = invite(&mut mediator, Role::Consumer, "王小明").await;
    let consumer = knock(&app.base, &token, keeps).await;
    admit(&mut mediator, &consumer).await;
    let merchant = client::bring(&mut mediator, Role::Merchant, "陈店长", AGREES).await;
    let mut room = Mediation { staff, complaint, mediator, consumer, merchant };
    // Somebody else got hold of the consumer's link and knocks, agreeing to publication.
    let stranger = knock(&app.base, &token, Joining { again: true, ..AGREES }).await;
    let device = stranger.id.device.clone();
    room.mediator.must(Command::Refuse { device, reason: String::new() }).await;
    stranger.until_bye(Bye::Out).await;
    let now = room.mediator.seen().now.unwrap();
    room.propose(vec![refund(now)]).await;
    room.assent().await;
    room.signing().await;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let payload = URL_SAFE_NO_PAD.decode(room.consumer.view().signing.unwrap().payload).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["publication"], false, "the consumer did not agree");
}

#[tokio::test]
async fn at_the_door_nothing_is_seen_and_nothing_can_be_done() {
    let app = app().await;
    let staff = app.mediator("li").await;
    let (_staff, _, mut mediator) = Mediation::open(&app.base, staff).await;
    let token = invite(&mut mediator, Role::Consumer, "王小明").await;
    let mut waiting = knock(&app.base, &token, AGREES).await;
    mediator.say("还没开始").await;
    let device = waiting.id.device.clone();
    for command in [
        say("x"),
        Command::RaiseHand { up: true },
        Command::Admit { device: device.clone(), identity: IdentityCheck::DocumentSeen },
    ] {
        assert_eq!(waiting.refused(command).await, Refusal::NotAdmitted);
    }
    assert_eq!(waiting.id.upload("a.jpg", client::picture()).await.status(), 403);
    waiting.send_raw(text(&FromClient::Offer { id: "o".into(), sdp: "v=0".into(), restart: false }));
    assert!(matches!(waiting.answer("o").await, Answer::Refused { error: Refusal::NotAdmitted, .. }));
    assert!(waiting.seen().chat.is_empty() && waiting.view().people.is_empty());
    mediator.must(Command::Refuse { device, reason: "不认识".into() }).await;
    waiting.until_bye(Bye::Out).await;
}

// ---- rights and values -----------------------------------------------------------------------------------

#[tokio::test]
async fn a_party_can_not_do_what_is_the_mediators() {
    let (_app, mut room) = joint().await;
    let before = room.mediator.view();
    let (person, device) = (room.merchant.id.person.clone(), room.merchant.id.device.clone());
    let invitation = before.invitations[0].invitation.clone();
    for command in [
        Command::RevokeInvitation { invitation },
        Command::Admit { device: device.clone(), identity: IdentityCheck::DocumentSeen },
        Command::Refuse { device, reason: String::new() },
        Command::MutePerson { person: person.clone(), muted: true },
        Command::Remove { person: person.clone(), reason: String::new() },
        Command::Identify { person: person.clone(), identity: IdentityCheck::DocumentSeen },
        Command::Lock { locked: true },
        Command::ShareScreen { on: true },
        Command::Caucus { with: vec![person] },
        Command::DraftOpen,
        Command::DraftEdit { rev: 0, terms: vec![] },
        Command::DraftPropose { rev: 0 },
        Command::SigningOpen { version: 1 },
        Command::Adjourn { reason: String::new(), next_at: None },
        Command::Terminate { ground: Ground::Other, note: String::new() },
    ] {
        let name = command.name();
        assert_eq!(room.consumer.refused(command).await, Refusal::NotYourRight, "{name}");
    }
    assert_eq!(room.mediator.view(), before);
    // And the mediator agrees for nobody.
    let assent = Command::Assent { version: 1, hash: "x".into() };
    assert_eq!(room.mediator.refused(assent).await, Refusal::NotYourRight);
}

#[tokio::test]
async fn terms_out_of_bounds_are_refused_and_change_nothing() {
    let (_app, mut room) = joint().await;
    room.mediator.must(Command::DraftOpen).await;
    let now = room.mediator.seen().now.unwrap();
    let good = refund(now);
    room.mediator.must(Command::DraftEdit { rev: 0, terms: vec![good.clone()] }).await;
    let is_first = |v: &hejie::session::view::View| v.draft.as_ref().is_some_and(|d| d.rev == 1);
    room.consumer.until_view("the draft", is_first).await;
    let before = room.consumer.view();
    let with_text = |text: &str| Term { text: text.into(), ..good.clone() };
    for bad in [
        Term { amount_fen: Some(-1), ..good.clone() },
        Term { amount_fen: Some(0), ..good.clone() },
        Term { amount_fen: Some(i64::MAX), ..good.clone() },
        Term { amount_fen: Some(i64::MIN), ..good.clone() },
        Term { due: Some("2026-02-30".into()), ..good.clone() },
        Term { due: Some("tomorrow".into()), ..good.clone() },
        with_text("a\u{0}b"),
        with_text("a\u{1b}[2Jb"),
        with_text("a\u{202e}b"),
        with_text(&"x".repeat(2_001)),
    ] {
        let told = format!("{bad:?}");
        let answer = room.mediator.ask(Command::DraftEdit { rev: 1, terms: vec![bad] }).await;
        assert!(matches!(answer, Answer::Refused { error: Refusal::Invalid, .. }), "{told}: {answer:?}");
    }
    let many = Command::DraftEdit { rev: 1, terms: vec![with_text(""); 31] };
    assert_eq!(room.mediator.refused(many).await, Refusal::Invalid);
    let stale = Command::DraftEdit { rev: 0, terms: vec![] };
    assert_eq!(room.mediator.refused(stale).await, Refusal::Stale);
    // Numbers that are none for us don't even parse.
    for number in ["1e400", "9223372036854775808", "1.5", "\"1\""] {
        let frame = format!(
            r#"{{"type":"command","id":"n","command":{{"do":"draft_edit","rev":1,"terms":[{{"kind":"refund","by":"merchant","amount_fen":{number},"due":null,"text":""}}]}}}}"#
        );
        room.mediator.send_raw(Message::text(frame));
    }
    let four = |s: &client::Seen| s.frames.iter().filter(|f| f.contains("\"malformed\"")).count() == 4;
    room.mediator.until("four refusals", four).await;
    assert_eq!(room.consumer.view(), before);
    // A day in the past may be typed, but not proposed.
    let past = Term { due: Some("2020-01-01".into()), ..good };
    room.mediator.must(Command::DraftEdit { rev: 1, terms: vec![past] }).await;
    assert_eq!(room.mediator.refused(Command::DraftPropose { rev: 2 }).await, Refusal::Invalid);
    assert!(room.mediator.view().draft.unwrap().versions.is_empty());
    // What people write is bounded too.
    for said in ["", "   ", "a\u{7}b", &"x".repeat(2_001)] {
        assert_eq!(room.consumer.refused(say(said)).await, Refusal::Invalid);
    }
}

#[tokio::test]
async fn signatures_that_are_not_right_are_refused() {
    let (_app, mut room) = joint().await;
    let now = room.mediator.seen().now.unwrap();
    room.propose(vec![refund(now)]).await;
    room.assent().await;
    room.signing().await;
    let before = room.mediator.view();
    let stranger = Es256Key::generate(&Random::os());
    let foreign = room.consumer.signature_by(&stranger);
    assert_eq!(room.consumer.refused(foreign).await, Refusal::BadSignature, "a key that was not enrolled");
    let of_merchant = room.merchant.signature();
    assert_eq!(room.consumer.refused(of_merchant).await, Refusal::BadSignature, "another's signature");
    let Command::Sign { protected, signature, .. } = room.consumer.signature() else { unreachable!() };
    let stale = Command::Sign { version: 2, protected, signature };
    assert_eq!(room.consumer.refused(stale).await, Refusal::Stale);
    let nonsense = Command::Sign { version: 1, protected: "%%".into(), signature: String::new() };
    assert_eq!(room.consumer.refused(nonsense).await, Refusal::BadSignature);
    assert_eq!(room.mediator.view(), before);
    assert_eq!(room.consumer.sign().await, Answer::Done);
}

// ---- uploads ----------------------------------------------------------------------------------------------

#[tokio::test]
async fn uploads_are_bounded_and_what_their_bytes_say() {
    let (_app, room) = joint().await;
    let who = &room.consumer.id;
    let mut large = vec![0_u8; 8 * 1024 * 1024 + 1];
    large[..4].copy_from_slice(b"\xff\xd8\xff\xe0");
    problem(who.upload("big.jpg", large.clone()).await, 413, "too_large").await;
    problem(
        who.upload("page.jpg", b"<!doctype html><script>alert(1)</script>".to_vec()).await,
        415,
        "not_a_document",
    )
    .await;
    problem(who.upload("program.pdf", b"\x7fELF\x02\x01".to_vec()).await, 415, "not_a_document").await;
    problem(who.upload("empty.jpg", Vec::new()).await, 415, "not_a_document").await;
    problem(who.upload(&"n".repeat(121), client::picture()).await, 422, "invalid").await;
    problem(who.upload("a%00b.jpg", client::picture()).await, 422, "invalid").await;
    let unnamed = who.request(Method::POST, &who.path("/documents")).body(client::picture());
    problem(unnamed.send().await.unwrap(), 400, "malformed").await;
    assert!(room.mediator.view().documents.is_empty(), "nothing of that was kept");
    // As large as may be; and it is served as what it is, for nobody's cache and never as a page.
    large.pop();
    let shown = who.upload("big.jpg", large.clone()).await;
    assert_eq!(shown.status(), 201);
    let document = shown.json::<serde_json::Value>().await.unwrap()["document"].as_str().unwrap().to_owned();
    room.merchant.until_view("the document", |v| v.documents.len() == 1).await;
    let got = room.merchant.id.get(&format!("/documents/{document}")).await;
    assert_eq!(got.headers()["content-type"], "image/jpeg");
    assert_eq!(got.headers()["x-content-type-options"], "nosniff");
    assert!(got.headers()["cache-control"].to_str().unwrap().contains("no-store"));
    assert_eq!(got.bytes().await.unwrap().len(), large.len());
}
