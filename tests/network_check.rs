//! The check before the call: a connection to nobody, for those who have something to do here, bounded.

#[path = "support/client.rs"]
mod client;
mod support;

use client::peer::{Participant, Slot};
use client::{AGREES, Client, Mediation, SOON, admit, invite, knock};
use hejie::session::command::Command;
use hejie::session::event::Bye;
use hejie::session::party::Role;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;
use support::Database;
use support::app::{App, Browser, problem};

const CHECK: &str = "/api/v1/network-check";

async fn app() -> (App, Browser, Client) {
    let app = App::start(Database::sqlite().await).await;
    let staff = app.mediator("li").await;
    let (staff, _, mediator) = Mediation::open(&app.base, staff).await;
    (app, staff, mediator)
}

async fn by_link(app: &App, offer: &str, via: &str, token: &str) -> Response {
    app.browser().post(CHECK, &json!({ "sdp": offer, "via": via, "token": token })).await
}

async fn by_device(of: &client::Identity, offer: &str) -> Response {
    let request = of.request(Method::POST, &of.path("/network-check"));
    request.json(&json!({ "sdp": offer, "via": "udp" })).send().await.expect("the server answers")
}

async fn answer(response: Response) -> String {
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    assert_eq!((status.as_u16(), &body["ice_servers"]), (200, &json!([])), "{body}");
    body["sdp"].as_str().unwrap().to_owned()
}

fn candidates(answer: &str) -> usize {
    answer.lines().filter(|line| line.starts_with("a=candidate:")).count()
}

#[tokio::test]
async fn a_check_connects_to_nobody_and_ends_by_itself() {
    let (app, _staff, mut mediator) = app().await;
    let token = invite(&mut mediator, Role::Consumer, "王小明").await;
    let (one, other) = (Participant::new(1).await, Participant::new(2).await);
    for participant in [&one, &other] {
        let answer = answer(by_link(&app, &participant.offer(), "udp", &token).await).await;
        assert!(candidates(&answer) > 0);
        participant.accept(&answer).await;
        assert!(participant.connected(SOON).await);
        participant.send_microphone_and_camera();
    }
    // It is bounded in time, however it goes.
    for participant in [&one, &other] {
        assert!(participant.ended(Duration::from_secs(25)).await);
        for slot in [Slot::Audio(0), Slot::Video(0)] {
            assert_eq!(participant.received(slot).packets, 0);
        }
    }
    // The link was not used by any of that.
    knock(&app.base, &token, AGREES).await;
}

#[tokio::test]
async fn the_answer_names_the_way_that_is_tried() {
    let (app, _staff, mut mediator) = app().await;
    let token = invite(&mut mediator, Role::Consumer, "王小明").await;
    let participant = Participant::new(1).await;
    for via in ["udp", "tcp", "relay"] {
        let answer = answer(by_link(&app, &participant.offer(), via, &token).await).await;
        let wanted = if via == "tcp" { " tcp " } else { " udp " };
        let all = answer.lines().filter(|line| line.starts_with("a=candidate:"));
        assert!(all.clone().all(|line| line.to_lowercase().contains(wanted)), "{via}: {answer}");
        assert_eq!(all.count() > 0, via != "tcp", "this server has no ICE-TCP");
    }
}

#[tokio::test]
async fn only_who_has_something_to_do_here_may_check() {
    let (app, staff, mut mediator) = app().await;
    let participant = Participant::new(1).await;
    let offer = &participant.offer();
    let body = json!({ "sdp": offer, "via": "udp" });
    problem(app.browser().post(CHECK, &body).await, 401, "not_signed_in").await;
    for forged in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", &"A".repeat(1_000)] {
        problem(by_link(&app, offer, "udp", forged).await, 404, "not_found").await;
    }
    let bare = staff.bare(Method::POST, CHECK).json(&body).send().await.unwrap();
    problem(bare, 403, "foreign_origin").await;
    answer(staff.post(CHECK, &body).await).await;

    let token = invite(&mut mediator, Role::Consumer, "王小明").await;
    answer(by_link(&app, offer, "udp", &token).await).await;
    let mut waiting = knock(&app.base, &token, AGREES).await;
    problem(by_link(&app, offer, "udp", &token).await, 409, "invitation_used").await;
    answer(by_device(&waiting.id, offer).await).await;
    let stranger = client::Identity { cookie: mediator.id.cookie.clone(), ..waiting.id.clone() };
    problem(by_device(&stranger, offer).await, 401, "not_your_device").await;
    admit(&mut mediator, &waiting).await;
    answer(by_device(&waiting.id, offer).await).await;
    waiting.send(Command::Leave);
    waiting.until_bye(Bye::Out).await;
    problem(by_device(&waiting.id, offer).await, 403, "not_your_right").await;

    let token = invite(&mut mediator, Role::Merchant, "陈店长").await;
    mediator.must(Command::Lock { locked: true }).await;
    problem(by_link(&app, offer, "udp", &token).await, 409, "invitation_locked").await;
}

#[tokio::test]
async fn a_check_is_strict_in_what_it_takes() {
    let (app, staff, _mediator) = app().await;
    let participant = Participant::new(1).await;
    let offer = &participant.offer();
    for (body, code) in [
        (json!({ "sdp": "v=0", "via": "udp" }), "invalid"),
        (json!({ "sdp": "a".repeat(40_000), "via": "udp" }), "invalid"),
        (json!({ "sdp": offer, "via": "pigeon" }), "invalid"),
        (json!({ "sdp": offer }), "invalid"),
        (json!({ "sdp": offer, "via": "udp", "room": "x" }), "invalid"),
    ] {
        problem(staff.post(CHECK, &body).await, 422, code).await;
    }
    assert_eq!(app.server.state.sessions.setting.media.stats().await.peers, 0);
    // What was refused holds no place.
    for _ in 0..30 {
        problem(staff.post(CHECK, &json!({ "sdp": "v=0", "via": "udp" })).await, 422, "invalid").await;
    }
}

#[tokio::test]
async fn a_shop_may_check_together_and_nobody_without_end() {
    let (app, staff, _mediator) = app().await;
    let participant = Participant::new(1).await;
    let body = json!({ "sdp": participant.offer(), "via": "udp" });
    for _ in 0..24 {
        answer(staff.post(CHECK, &body).await).await;
    }
    problem(staff.post(CHECK, &body).await, 429, "too_many_requests").await;
    assert_eq!(app.server.state.sessions.setting.media.stats().await.peers, 24);
}

#[tokio::test]
async fn checks_are_counted_by_the_minute() {
    let few = |config: &mut hejie::config::Config| config.limits.network_checks_per_minute = 4;
    let app = App::start_with(Database::sqlite().await, few).await;
    let staff = app.mediator("li").await;
    let body = json!({ "sdp": "v=0", "via": "udp" });
    for _ in 0..2 {
        problem(staff.post(CHECK, &body).await, 422, "invalid").await;
    }
    problem(staff.post(CHECK, &body).await, 429, "too_many_requests").await;
    app.clock.advance_ms(15_000);
    problem(staff.post(CHECK, &body).await, 422, "invalid").await;
}
