//! A whole server over a database of the test's own, spoken to over real HTTP.

use super::Database;
use hejie::clock::{Clock, Time};
use hejie::config::Config;
use hejie::random::Random;
use hejie::server::{self, Running, Surroundings};
use hejie::staff::{self, Account, Staff, StaffRole, Strength};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// 2026-11-23T12:00:00+08:00.
pub const NOON: Time = Time(1_795_406_400_000);
pub const PASSWORD: &str = "correct horse battery";

/// A running server and what surrounds it.
pub struct App {
    pub server: Running,
    pub clock: Clock,
    pub base: String,
    folder: tempfile::TempDir,
    /// Kept, so that the database stays as long as the server.
    pub database: Database,
}

/// One browser: its cookies are its own.
#[derive(Clone)]
pub struct Browser {
    base: String,
    client: reqwest::Client,
}

impl App {
    /// With the usual configuration.
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, |_| {}).await
    }

    /// With a configuration changed by `change`.
    pub async fn start_with(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_by(database, Clock::fixed(NOON), change).await
    }

    /// With time as it passes.
    pub async fn start_now(database: Database) -> Self {
        Self::start_by(database, Clock::System, |_| {}).await
    }

    async fn start_by(database: Database, clock: Clock, change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut config = Config::default();
        config.server.listen = "127.0.0.1:0".parse().expect("an address");
        config.tls.listen = config.server.listen;
        config.media.listen = config.server.listen;
        config.server.data_dir = folder.path().join("data");
        config.store.url = Some(database.url.clone());
        change(&mut config);
        let surroundings = Surroundings {
            clock: clock.clone(),
            random: Random::os(),
            strength: Strength::Weak,
            sample: false,
        };
        let server = server::start(config, surroundings).await.expect("the server starts");
        Self { base: format!("http://{}", server.http), clock, server, folder, database }
    }

    /// The server's folder for keys and certificates.
    pub fn data_dir(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    pub fn browser(&self) -> Browser {
        Browser::at(&self.base)
    }

    /// Makes an account with [`PASSWORD`].
    pub async fn add_staff(&self, name: &str, role: StaffRole) -> Staff {
        let state = &self.server.state;
        let account = Account { name, display_name: name, role, password: Some(PASSWORD) };
        let mut tx = state.store.begin().await.unwrap();
        let now = self.clock.now();
        let staff =
            staff::add(&mut tx, now, &state.random, &state.passwords, "system", &account).await.unwrap();
        tx.commit().await.unwrap();
        staff
    }

    /// A browser in which a mediator of that name has just signed in.
    pub async fn mediator(&self, name: &str) -> Browser {
        self.add_staff(name, StaffRole::Mediator).await;
        let browser = self.browser();
        let response = browser.login(name, PASSWORD).await;
        assert_eq!(response.status(), 200);
        browser
    }
}

impl Browser {
    /// A fresh one, for the server at `base`.
    pub fn at(base: &str) -> Self {
        let client = reqwest::Client::builder().cookie_store(true).build().expect("a client");
        Self { base: base.to_owned(), client }
    }

    /// A request as our own pages send it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .header("x-hejie", "1")
            .header("origin", &self.base)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("the server answers")
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.expect("the server answers")
    }

    pub async fn login(&self, name: &str, password: &str) -> Response {
        self.post("/api/v1/staff/login", &json!({ "name": name, "password": password })).await
    }

    /// A request without the marks of our own pages.
    pub fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }
}

/// Asserts that the answer is this problem, and gives its body.
pub async fn problem(response: Response, status: u16, code: &str) -> Value {
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let got = response.status().as_u16();
    let body: Value = response.json().await.expect("a problem is JSON");
    assert_eq!((got, body["code"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(kind, "application/problem+json");
    assert_eq!(body["type"], format!("https://hejie.example/problems/{code}"));
    body
}

/// A complaint that is right in every field.
pub fn complaint() -> Value {
    json!({ "record": {
        "channel": "station", "source": "service_station", "region_code": "310104",
        "consumer": { "name": "王小明", "phone": "13800000000", "address": "上海市徐汇区漕溪北路1号" },
        "merchant": {
            "name": "申城家电商场", "credit_code": "91350100M000100Y43", "address": "上海市徐汇区肇嘉浜路2号"
        },
        "item": { "category": "洗衣机", "brand": "海洋", "model": "W-7", "quantity": 1, "unit_price_fen": 299_900 },
        "purchased_on": "2026-10-01", "sales_channel": "shop", "issue_type": "quality",
        "facts": "买回一周后漏水，\n维修两次仍漏。", "requests": ["退货并退款"], "amount_fen": 299_900
    } })
}
