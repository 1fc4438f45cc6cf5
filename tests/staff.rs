//! Staff sign in by password or by a link that works once, and out again.

mod support;

use hejie::staff::{self, StaffRole};
use hejie::store::fetch_all;
use serde_json::Value;

use support::app::{App, NOON, PASSWORD, problem};

const ME: &str = "/api/v1/staff/me";

both! {
    async fn a_password_signs_in_until_signing_out(db: Database) {
        let app = App::start(db).await;
        app.add_staff("Li", StaffRole::Mediator).await;
        let browser = app.browser();
        problem(browser.get(ME).await, 401, "not_signed_in").await;

        let answer = browser.login("LI", PASSWORD).await;
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        for part in ["hejie_staff=", "HttpOnly", "SameSite=Strict", "Path=/api/v1"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains("Secure"), "plain HTTP on localhost: {cookie}");
        let me: Value = browser.get(ME).await.json().await.unwrap();
        assert_eq!((me["name"].as_str(), me["role"].as_str()), (Some("li"), Some("mediator")));

        let kept = cookie.split(';').next().unwrap().to_owned();
        assert_eq!(browser.post("/api/v1/staff/logout", &Value::Null).await.status(), 204);
        problem(browser.get(ME).await, 401, "not_signed_in").await;
        let stolen = app.browser().request(reqwest::Method::GET, ME).header("cookie", kept);
        problem(stolen.send().await.unwrap(), 401, "not_signed_in").await;
    }

    async fn a_wrong_password_and_an_unknown_name_look_the_same(db: Database) {
        let app = App::start(db).await;
        let li = app.add_staff("li", StaffRole::Mediator).await;
        let wrong = problem(app.browser().login("li", "not the password").await, 401, "wrong_credentials").await;
        let unknown = problem(app.browser().login("wu", PASSWORD).await, 401, "wrong_credentials").await;
        assert_eq!(wrong, unknown);
        let mut tx = app.server.state.store.read().await.unwrap();
        let failed = "select subject from audit where action = 'staff.login_failed' order by seq";
        let audited: Vec<(String,)> = fetch_all!(tx, failed).unwrap();
        assert_eq!(audited, [(li.id.to_string(),), ("unknown".into(),)]);
    }

    async fn guessing_is_slowed_per_account_and_time_heals(db: Database) {
        let app = App::start_with(db, |config| config.limits.logins_per_minute_per_account = 4).await;
        app.add_staff("li", StaffRole::Mediator).await;
        let browser = app.browser();
        for _ in 0..2 {
            problem(browser.login("li", "not the password").await, 401, "wrong_credentials").await;
        }
        let answer = browser.login("li", PASSWORD).await;
        assert_eq!(answer.headers()["retry-after"], "15");
        problem(answer, 429, "too_many_requests").await;
        problem(browser.login("wu", PASSWORD).await, 401, "wrong_credentials").await;
        app.clock.advance_ms(15_000);
        assert_eq!(browser.login("li", PASSWORD).await.status(), 200);
    }

    async fn a_link_signs_in_once(db: Database) {
        let app = App::start(db).await;
        let staff = app.add_staff("li", StaffRole::Mediator).await;
        let state = &app.server.state;
        let mut tx = state.store.begin().await.unwrap();
        let token = staff::make_link(&mut tx, NOON, &state.random, &staff.id, 10).await.unwrap();
        let late = staff::make_link(&mut tx, NOON, &state.random, &staff.id, 1).await.unwrap();
        tx.commit().await.unwrap();

        let browser = app.browser();
        let by = |token: &str| serde_json::json!({ "token": token });
        assert_eq!(browser.post("/api/v1/staff/link", &by(token.reveal())).await.status(), 200);
        assert_eq!(browser.get(ME).await.status(), 200);
        let again = app.browser().post("/api/v1/staff/link", &by(token.reveal())).await;
        problem(again, 410, "link_closed").await;
        app.clock.advance_ms(60_000);
        let expired = app.browser().post("/api/v1/staff/link", &by(late.reveal())).await;
        problem(expired, 410, "link_closed").await;
        let forged = app.browser().post("/api/v1/staff/link", &by("AAAA")).await;
        problem(forged, 410, "link_closed").await;
    }

    async fn a_closed_account_is_out_at_once(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        let state = &app.server.state;
        let mut tx = state.store.begin().await.unwrap();
        staff::set_disabled(&mut tx, NOON, "Li", true).await.unwrap();
        tx.commit().await.unwrap();
        problem(browser.get(ME).await, 401, "not_signed_in").await;
        problem(browser.login("li", PASSWORD).await, 401, "wrong_credentials").await;

        let mut tx = state.store.begin().await.unwrap();
        staff::set_disabled(&mut tx, NOON, "li", false).await.unwrap();
        let new = "another long password";
        staff::set_password(&mut tx, NOON, &state.random, &state.passwords, "li", new).await.unwrap();
        tx.commit().await.unwrap();
        problem(browser.get(ME).await, 401, "not_signed_in").await;
        assert_eq!(browser.login("li", new).await.status(), 200);
    }

    async fn a_signed_in_browser_expires(db: Database) {
        let app = App::start(db).await;
        let browser = app.mediator("li").await;
        app.clock.advance_ms(12 * 3_600_000 - 1);
        assert_eq!(browser.get(ME).await.status(), 200);
        app.clock.advance_ms(1);
        problem(browser.get(ME).await, 401, "not_signed_in").await;
    }
}
