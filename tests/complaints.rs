//! Complaint records over REST: created once, checked field by field, found, opened with their history.

mod support;

use hejie::complaint::{self, Event, SessionEnd};
use hejie::ids::{ComplaintId, OutcomeId, SessionId};
use hejie::store::{Engine, execute};
use reqwest::Method;
use serde_json::{Value, json};

use support::app::{App, NOON, complaint as sample, problem};

const COMPLAINTS: &str = "/api/v1/complaints";

both! {
    async fn a_record_is_created_and_opened(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        let answer = browser.post(COMPLAINTS, &sample()).await;
        assert_eq!(answer.status(), 201);
        let made: Value = answer.json().await.unwrap();
        assert_eq!(made["number"], "2026-000001");
        assert_eq!(made["state"], "registered");
        assert_eq!(made["sample"], false);
        assert_eq!(made["subject"], "海洋 洗衣机 W-7");
        assert_eq!(made["record"]["registered_on"], "2026-11-23");
        assert_eq!(made["record"]["procedure_version"], "samr-121-2026");
        assert_eq!(made["record"]["currency"], "CNY");

        let path = format!("{COMPLAINTS}/{}", made["id"].as_str().unwrap());
        let mut opened: Value = browser.get(&path).await.json().await.unwrap();
        let history = opened.as_object_mut().unwrap().remove("history").unwrap();
        assert_eq!(opened, made);
        assert_eq!(history, json!({ "sessions": [], "settlements": [], "outcomes": [] }));
    }

    async fn nobody_else_sees_records(db: Database) {
        let app = App::start(db).await;
        let browser = app.browser();
        problem(browser.get(COMPLAINTS).await, 401, "not_signed_in").await;
        problem(browser.post(COMPLAINTS, &sample()).await, 401, "not_signed_in").await;
        problem(browser.get("/api/v1/complaints/q1ZxT0mJcVqk2uYw3bXn9A").await, 401, "not_signed_in").await;
    }

    async fn everything_wrong_is_told_at_once(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        let mut wrong = sample();
        let record = &mut wrong["record"];
        record["region_code"] = json!("000000");
        record["consumer"] = json!({ "name": " ", "phone": "12345", "address": "路1号",
            "id_type": "resident_id", "id_number": "110105194912310021" });
        record["merchant"]["credit_code"] = json!("91350100M000100Y44");
        record["merchant"]["name"] = json!("a\u{202e}b");
        record["purchased_on"] = json!("2026-11-24");
        record["facts"] = json!("字".repeat(10_001));
        record["requests"] = json!([]);
        record["amount_fen"] = json!(-1);
        record["currency"] = json!("USD");
        let body = problem(browser.post(COMPLAINTS, &wrong).await, 422, "invalid").await;
        let told: Vec<(&str, &str)> = body["fields"].as_array().unwrap().iter()
            .map(|field| (field["field"].as_str().unwrap(), field["code"].as_str().unwrap()))
            .collect();
        assert_eq!(told, [
            ("record.region_code", "format"),
            ("record.consumer.name", "required"),
            ("record.consumer.phone", "format"),
            ("record.consumer.id_number", "check_digit"),
            ("record.merchant.name", "characters"),
            ("record.merchant.credit_code", "check_digit"),
            ("record.purchased_on", "in_the_future"),
            ("record.facts", "too_long"),
            ("record.requests", "required"),
            ("record.amount_fen", "out_of_range"),
            ("record.currency", "unknown"),
        ]);
        let listed: Value = browser.get(COMPLAINTS).await.json().await.unwrap();
        assert_eq!(listed["items"], json!([]));
    }

    async fn a_value_of_the_wrong_form_is_told_by_its_path(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        for (path, value) in [
            ("/record/channel", json!("carrier pigeon")),
            ("/record/amount_fen", json!(1.5)),
            ("/record/amount_fen", json!(1e30)),
            ("/record/consumer/publication_consent", json!("yes")),
        ] {
            let mut wrong = sample();
            wrong["record"]["consumer"]["publication_consent"] = json!(true);
            *wrong.pointer_mut(path).unwrap() = value;
            let body = problem(browser.post(COMPLAINTS, &wrong).await, 422, "invalid").await;
            assert_eq!(body["fields"][0]["field"], path[1..].replace('/', "."));
            assert!(!body.to_string().contains("pigeon"), "what was sent is not told back: {body}");
        }
        let mut unknown = sample();
        unknown["record"]["colour"] = json!("red");
        problem(browser.post(COMPLAINTS, &unknown).await, 422, "invalid").await;
        let request = browser.request(Method::POST, COMPLAINTS).header("content-type", "application/json");
        problem(request.body("{").send().await.unwrap(), 400, "malformed").await;
        let request = browser.request(Method::POST, COMPLAINTS).header("content-type", "text/plain");
        problem(request.body("{}").send().await.unwrap(), 415, "not_json").await;
        let mut large = sample();
        large["record"]["facts"] = json!("x".repeat(70_000));
        problem(browser.post(COMPLAINTS, &large).await, 413, "too_large").await;
    }

    async fn text_is_kept_in_nfc(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        let mut complaint = sample();
        complaint["record"]["consumer"]["name"] = json!("  Jose\u{301} ");
        complaint["record"]["order_number"] = json!("");
        let made: Value = browser.post(COMPLAINTS, &complaint).await.json().await.unwrap();
        assert_eq!(made["record"]["consumer"]["name"], "Jos\u{e9}");
        assert_eq!(made["record"]["order_number"], Value::Null);
    }

    async fn the_same_request_makes_one_record(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        let send = async |body: &Value, key: &str| {
            let request = browser.request(Method::POST, COMPLAINTS).header("idempotency-key", key);
            request.json(body).send().await.unwrap()
        };
        let first: Value = send(&sample(), "k1").await.json().await.unwrap();
        let again = send(&sample(), "k1").await;
        assert_eq!(again.status(), 201);
        assert_eq!(again.json::<Value>().await.unwrap(), first);
        let mut other = sample();
        other["record"]["facts"] = json!("something else");
        problem(send(&other, "k1").await, 422, "key_reused").await;
        let second: Value = send(&sample(), "k2").await.json().await.unwrap();
        assert_eq!(second["number"], "2026-000002");
        app.clock.advance_ms(24 * 3_600_000);
        app.server.state.store.ping().await.unwrap();
        let browser = app.browser();
        assert_eq!(browser.login("li", support::app::PASSWORD).await.status(), 200);
        let listed: Value = browser.get(COMPLAINTS).await.json().await.unwrap();
        assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    }

    async fn the_same_request_sent_at_once_makes_one_record(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        let send = || {
            let request = browser.request(Method::POST, COMPLAINTS).header("idempotency-key", "k");
            tokio::spawn(request.json(&sample()).send())
        };
        let sent: Vec<_> = (0..8).map(|_| send()).collect();
        let mut made = 0;
        for answer in sent {
            match answer.await.unwrap().unwrap().status().as_u16() {
                201 => made += 1,
                status => assert_eq!(status, 409),
            }
        }
        assert!(made >= 1);
        let listed: Value = browser.get(COMPLAINTS).await.json().await.unwrap();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    }

    async fn a_write_that_fails_changes_nothing_and_may_be_repeated(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        let store = &app.server.state.store;
        let (fail, mend) = match store.engine() {
            Engine::Sqlite => (
                "create trigger fails before insert on idempotency begin select raise(abort, 'full'); end",
                "drop trigger fails",
            ),
            Engine::Postgres => (
                "create trigger fails before insert on idempotency execute function only_appended()",
                "drop trigger fails on idempotency",
            ),
        };
        let mut tx = store.begin().await.unwrap();
        execute!(tx, fail).unwrap();
        tx.commit().await.unwrap();
        let send = || {
            let request = browser.request(Method::POST, COMPLAINTS).header("idempotency-key", "k");
            request.json(&sample()).send()
        };
        problem(send().await.unwrap(), 500, "internal").await;
        let listed: Value = browser.get(COMPLAINTS).await.json().await.unwrap();
        assert_eq!(listed["items"], json!([]));

        let mut tx = store.begin().await.unwrap();
        execute!(tx, mend).unwrap();
        tx.commit().await.unwrap();
        let made: Value = send().await.unwrap().json().await.unwrap();
        assert_eq!(made["number"], "2026-000001", "the number that failed was not used up");
    }

    async fn a_number_is_given_once(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        let mut given = sample();
        given["number"] = json!("2026-000001");
        assert_eq!(browser.post(COMPLAINTS, &given).await.status(), 201);
        problem(browser.post(COMPLAINTS, &given).await, 409, "number_taken").await;
        let next: Value = browser.post(COMPLAINTS, &sample()).await.json().await.unwrap();
        assert_eq!(next["number"], "2026-000002", "a taken number is passed over");
    }

    async fn records_are_found_page_by_page(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        for n in 0..5 {
            let mut complaint = sample();
            complaint["record"]["consumer"]["name"] = json!(if n % 2 == 0 { "100%_王" } else { "Lee" });
            assert_eq!(browser.post(COMPLAINTS, &complaint).await.status(), 201);
            app.clock.advance_ms(i64::from(n != 2));
        }
        let mut numbers = Vec::new();
        let mut cursor = String::new();
        loop {
            let page: Value =
                browser.get(&format!("{COMPLAINTS}?limit=2&cursor={cursor}")).await.json().await.unwrap();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 2);
            numbers.extend(items.iter().map(|item| item["number"].as_str().unwrap()[5..].parse::<u32>().unwrap()));
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        let mut sorted = numbers.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, [1, 2, 3, 4, 5], "every record once, ties included");
        assert_eq!((numbers[0], numbers[4]), (5, 1));

        for (query, count) in [("%25_", 3), ("lee", 2), ("LEE", 2), ("000003", 1), ("1380000", 5), ("nobody", 0), ("_", 3), ("家电", 5), ("\\", 0)] {
            let page: Value = browser.get(&format!("{COMPLAINTS}?q={query}")).await.json().await.unwrap();
            assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
        }
        for query in ["limit=0", "limit=101", "limit=x", "cursor=x"] {
            problem(browser.get(&format!("{COMPLAINTS}?{query}")).await, 400, "malformed").await;
        }
    }

    async fn the_history_tells_sessions_settlements_and_outcomes(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        let made: Value = browser.post(COMPLAINTS, &sample()).await.json().await.unwrap();
        let id: ComplaintId = made["id"].as_str().unwrap().parse().unwrap();
        let state = &app.server.state;
        let (session, outcome) = (SessionId::random(&state.random), OutcomeId::random(&state.random));
        let other = SessionId::random(&state.random);

        let mut tx = state.store.begin().await.unwrap();
        let mut now = NOON;
        for event in [
            Event::SessionOpened { session: other.clone() },
            Event::SessionEnded { session: other.clone(), end: SessionEnd::Terminated { ground: "no_agreement".into() } },
            Event::SessionOpened { session: session.clone() },
            Event::SettlementProposed { session: session.clone(), version: 1, hash: "h".into() },
        ] {
            now = now.plus_ms(1);
            complaint::record_event(&mut tx, now, &id, &event).await.unwrap();
        }
        complaint::attach_outcome(&mut tx, now.plus_ms(1), &id, &session, &outcome, "digest").await.unwrap();
        let end = Event::SessionEnded { session: session.clone(), end: SessionEnd::Agreed };
        complaint::record_event(&mut tx, now.plus_ms(1), &id, &end).await.unwrap();
        tx.commit().await.unwrap();

        let opened: Value = browser.get(&format!("{COMPLAINTS}/{id}")).await.json().await.unwrap();
        assert_eq!(opened["state"], "agreed");
        assert_eq!(opened["history"], json!({
            "sessions": [
                { "session": other, "opened_at": NOON.0 + 1, "ended_at": NOON.0 + 2,
                  "end": { "is": "terminated", "ground": "no_agreement" } },
                { "session": session, "opened_at": NOON.0 + 3, "ended_at": NOON.0 + 5, "end": { "is": "agreed" } },
            ],
            "settlements": [{ "session": session, "version": 1, "hash": "h", "at": NOON.0 + 4 }],
            "outcomes": [{ "outcome": outcome, "session": session, "at": NOON.0 + 5 }],
        }));
        problem(browser.get(&format!("{COMPLAINTS}/nonsense")).await, 404, "not_found").await;
        let unknown = ComplaintId::random(&state.random);
        problem(browser.get(&format!("{COMPLAINTS}/{unknown}")).await, 404, "not_found").await;
    }
}
