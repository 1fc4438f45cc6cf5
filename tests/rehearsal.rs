//! An operator's key opens rehearsals on made-up cases, and nothing else.

#[path = "support/client.rs"]
mod client;
mod support;

use client::{AGREES, Client, Identity, admit, knock};
use hejie::rehearsal::{end_overdue, key};
use hejie::session::command::Command;
use hejie::session::phase::Phase;
use hejie::signing::keys::Es256Key;
use hejie::store::fetch_all;
use reqwest::Method;
use reqwest::Response;
use serde_json::{Value, json};
use support::app::{App, NOON, complaint, problem};

const REHEARSALS: &str = "/api/v1/operator/rehearsals";
const DAY_MS: i64 = 24 * 3_600_000;

/// The secret of a fresh key.
async fn make_key(app: &App, name: &str, days: u32) -> String {
    let mut tx = app.server.state.store.begin().await.unwrap();
    let random = &app.server.state.random;
    let (_, secret) = key::add(&mut tx, app.clock.now(), random, name, days).await.unwrap();
    tx.commit().await.unwrap();
    secret
}

async fn rehearse_by(app: &App, authorization: Option<&str>, own: &Es256Key, minutes: u32) -> Response {
    let mut request = app.browser().request(Method::POST, REHEARSALS);
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    let body = json!({ "jwk": own.jwk(), "language": "zh", "minutes": minutes });
    request.json(&body).send().await.unwrap()
}

async fn rehearse(app: &App, secret: &str) -> (Response, Es256Key) {
    let own = Es256Key::generate(&app.server.state.random);
    (rehearse_by(app, Some(&format!("Bearer {secret}")), &own, 15).await, own)
}

fn token(body: &Value, who: &str) -> String {
    body[who].as_str().unwrap().split_once('#').expect("a token in the fragment").1.to_owned()
}

/// A rehearsal whose mediator is connected, and what the answer said.
async fn enter(app: &App, secret: &str) -> (Client, Value) {
    let (response, own) = rehearse(app, secret).await;
    let copy = response.headers().clone();
    let body: Value = response.json().await.unwrap();
    let mut again = axum::http::Response::builder().status(201);
    again.headers_mut().unwrap().extend(copy);
    let again = Response::from(again.body(body.to_string()).unwrap());
    (Client::connect(Identity::of(&app.base, own, again).await).await, body)
}

both! {
    async fn without_a_good_key_there_is_no_rehearsal(db: Database) {
        let app = App::start(db).await;
        let own = Es256Key::generate(&app.server.state.random);
        let (kept, expiring) = (make_key(&app, "kept", 90).await, make_key(&app, "expiring", 1).await);
        let revoked = make_key(&app, "revoked", 90).await;
        for authorization in [
            None,
            Some("Bearer".to_owned()),
            Some(format!("Basic {kept}")),
            Some("Bearer hejie-operator-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
            Some(format!("Bearer {kept}x")),
            Some(format!("Bearer {}", "hejie-operator-x".repeat(100))),
        ] {
            problem(rehearse_by(&app, authorization.as_deref(), &own, 15).await, 401, "not_an_operator").await;
        }
        assert_eq!(rehearse(&app, &revoked).await.0.status(), 201);
        let mut tx = app.server.state.store.begin().await.unwrap();
        key::revoke(&mut tx, NOON, "revoked").await.unwrap();
        tx.commit().await.unwrap();
        problem(rehearse(&app, &revoked).await.0, 401, "not_an_operator").await;
        app.clock.advance_ms(DAY_MS - 1);
        assert_eq!(rehearse(&app, &expiring).await.0.status(), 201);
        app.clock.advance_ms(1);
        problem(rehearse(&app, &expiring).await.0, 401, "not_an_operator").await;
        assert_eq!(rehearse(&app, &kept).await.0.status(), 201);
    }

    async fn a_key_opens_its_own_cases_and_no_real_one(db: Database) {
        let app = App::start(db).await;
        let staff = app.mediator("li").await;
        let real: Value = staff.post("/api/v1/complaints", &complaint()).await.json().await.unwrap();
        let real = real["id"].as_str().unwrap().to_owned();
        let secret = make_key(&app, "ops", 90).await;
        let (mediator, rehearsal) = enter(&app, &secret).await;
        let view = mediator.view();
        assert!(view.sample);
        assert_eq!(view.phase, Phase::Verifying);

        let session = rehearsal["session"].as_str().unwrap();
        let sample = rehearsal["complaint"].as_str().unwrap();
        let jwk = Es256Key::generate(&app.server.state.random).jwk().clone();
        let presenting = json!({ "jwk": jwk, "language": "zh" });
        for (method, path) in [
            (Method::GET, "/api/v1/complaints".to_owned()),
            (Method::GET, format!("/api/v1/complaints/{real}")),
            (Method::GET, format!("/api/v1/complaints/{sample}")),
            (Method::POST, format!("/api/v1/complaints/{real}/sessions")),
            (Method::POST, format!("/api/v1/sessions/{session}/enter")),
            (Method::GET, format!("/api/v1/sessions/{session}/journal")),
            (Method::GET, "/api/v1/staff/me".to_owned()),
        ] {
            let with_key = mediator.id.request(method, &path).bearer_auth(&secret).json(&presenting);
            problem(with_key.send().await.unwrap(), 401, "not_signed_in").await;
        }
        // Staff neither find it among their cases nor enter it.
        let listed: Value = staff.get("/api/v1/complaints").await.json().await.unwrap();
        let listed: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        assert_eq!(listed, [real.as_str()]);
        let entering = staff.post(&format!("/api/v1/sessions/{session}/enter"), &presenting).await;
        problem(entering, 403, "not_your_right").await;
        // The register has no gap.
        let next: Value = staff.post("/api/v1/complaints", &complaint()).await.json().await.unwrap();
        assert_eq!(next["number"], "2026-000002");
        let mut tx = app.server.state.store.read().await.unwrap();
        let audited = "select action from audit where action like 'operator_key.%' or action like 'rehearsal.%' order by seq";
        let audited: Vec<(String,)> = fetch_all!(tx, audited).unwrap();
        assert_eq!(audited, [("operator_key.add".into(),), ("rehearsal.open".into(),)]);
    }

    async fn the_links_of_a_rehearsal_bring_both_parties_in(db: Database) {
        let app = App::start_now(db).await;
        let secret = make_key(&app, "ops", 90).await;
        let (mut mediator, body) = enter(&app, &secret).await;
        for who in ["consumer", "merchant"] {
            let client = knock(&app.base, &token(&body, who), AGREES).await;
            admit(&mut mediator, &client).await;
        }
        mediator.until_phase(Phase::Joint).await;
    }

    async fn so_many_are_open_at_once_and_one_that_ended_makes_room(db: Database) {
        let app = App::start_with(db, |config| config.limits.rehearsals = 1).await;
        let secret = make_key(&app, "ops", 90).await;
        let (mut mediator, _) = enter(&app, &secret).await;
        problem(rehearse(&app, &secret).await.0, 409, "too_many_rehearsals").await;
        mediator.must(Command::Adjourn { reason: String::new(), next_at: None }).await;
        assert_eq!(rehearse(&app, &secret).await.0.status(), 201);
    }

    async fn the_server_ends_what_is_overdue(db: Database) {
        let app = App::start_with(db, |config| config.limits.rehearsals = 1).await;
        let secret = make_key(&app, "ops", 90).await;
        let (mediator, _) = enter(&app, &secret).await;
        let state = &app.server.state;
        app.clock.advance_ms(15 * 60_000 - 1);
        end_overdue(&state.store, &state.sessions, app.clock.now()).await.unwrap();
        assert_eq!(mediator.phase(), Phase::Verifying);
        app.clock.advance_ms(1);
        end_overdue(&state.store, &state.sessions, app.clock.now()).await.unwrap();
        mediator.until_phase(Phase::Adjourned).await;
        assert_eq!(rehearse(&app, &secret).await.0.status(), 201);
    }

    async fn guessing_is_slowed(db: Database) {
        let app = App::start_with(db, |config| config.limits.operator_requests_per_minute = 4).await;
        let own = Es256Key::generate(&app.server.state.random);
        for _ in 0..2 {
            problem(rehearse_by(&app, Some("Bearer x"), &own, 15).await, 401, "not_an_operator").await;
        }
        let secret = make_key(&app, "ops", 90).await;
        problem(rehearse(&app, &secret).await.0, 429, "too_many_requests").await;
        app.clock.advance_ms(15_000);
        assert_eq!(rehearse(&app, &secret).await.0.status(), 201);
    }

    async fn what_is_out_of_bounds_is_refused(db: Database) {
        let app = App::start(db).await;
        let authorization = format!("Bearer {}", make_key(&app, "ops", 90).await);
        let own = Es256Key::generate(&app.server.state.random);
        for minutes in [0, 241] {
            problem(rehearse_by(&app, Some(&authorization), &own, minutes).await, 422, "invalid").await;
        }
        let mut tx = app.server.state.store.begin().await.unwrap();
        let random = &app.server.state.random;
        for (name, days) in [("", 1), ("a b", 1), ("ops", 1), ("new", 0), ("new", key::MAX_DAYS + 1)] {
            assert!(key::add(&mut tx, NOON, random, name, days).await.is_err(), "{name} {days}");
        }
        assert!(key::revoke(&mut tx, NOON, "nobody").await.is_err());
    }
}
