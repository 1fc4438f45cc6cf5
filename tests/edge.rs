//! The server's edge: its own pages only, bounded, described, and with nothing to see for strangers.

mod support;

use reqwest::Method;
use serde_json::{Value, json};
use support::Database;
use support::app::{App, problem};

const LOGIN: &str = "/api/v1/staff/login";

async fn app() -> App {
    App::start(Database::sqlite().await).await
}

#[tokio::test]
async fn what_changes_something_comes_from_our_own_pages() {
    let app = app().await;
    let browser = app.browser();
    let credentials = json!({ "name": "li", "password": "whatever" });
    let unmarked = browser.bare(Method::POST, LOGIN).header("origin", &app.base).json(&credentials);
    problem(unmarked.send().await.unwrap(), 403, "foreign_origin").await;
    let foreign =
        browser.bare(Method::POST, LOGIN).header("x-hejie", "1").header("origin", "https://evil.example");
    problem(foreign.json(&credentials).send().await.unwrap(), 403, "foreign_origin").await;
    let headless = browser.bare(Method::POST, LOGIN).header("x-hejie", "1").json(&credentials);
    problem(headless.send().await.unwrap(), 401, "wrong_credentials").await;
    let socket = browser
        .bare(Method::GET, "/api/v1/about")
        .header("connection", "upgrade")
        .header("upgrade", "websocket")
        .header("origin", "https://evil.example");
    problem(socket.send().await.unwrap(), 403, "foreign_origin").await;
}

#[tokio::test]
async fn every_answer_keeps_pages_to_themselves() {
    let app = app().await;
    for path in ["/", "/j/x", "/api/v1/about", "/nowhere", "/livez"] {
        let answer = app.browser().get(path).await;
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(policy.contains(&format!("ws://{}", app.server.http)), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(headers["x-request-id"].len(), 16);
        assert!(!headers.contains_key("strict-transport-security"));
    }
    assert_eq!(app.browser().get("/api/v1/about").await.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn a_surface_has_one_page_for_every_path_below_it() {
    let app = app().await;
    let built = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("web/dist/j.html").exists();
    let browser = app.browser();
    for path in
        ["/j", "/j/", "/j/q1ZxT0mJcVqk2uYw3bXn9A", "/desk/room/x", "/station/x", "/v/x", "/verify", "/"]
    {
        let page = browser.get(path).await;
        if !built {
            assert_eq!(page.status(), 503, "{path}");
            assert!(page.text().await.unwrap().contains("make web"));
            continue;
        }
        assert_eq!(page.status(), 200, "{path}");
        assert_eq!(page.headers()["cache-control"], "no-cache");
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let etag = page.headers()["etag"].clone();
        let again = browser.request(Method::GET, path).header("if-none-match", etag).send().await.unwrap();
        assert_eq!(again.status(), 304, "{path}");
    }
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems_too() {
    let app = app().await;
    problem(app.browser().get("/api/v1/nothing").await, 404, "not_found").await;
    problem(app.browser().get("/nothing/at/all").await, 404, "not_found").await;
    problem(app.browser().get("/assets/../Cargo.toml").await, 404, "not_found").await;
    problem(app.browser().get("/assets/%2e%2e/%2e%2e/Cargo.toml").await, 404, "not_found").await;
    problem(app.browser().post("/api/v1/about", &json!({})).await, 405, "method_not_allowed").await;
}

#[tokio::test]
async fn anybody_may_ask_what_this_is_and_for_the_ground_rules() {
    let app = app().await;
    let about: Value = app.browser().get("/api/v1/about").await.json().await.unwrap();
    assert_eq!(
        about,
        json!({ "name": "和解 Hejie", "sample": false, "time_zone": "Asia/Shanghai", "languages": ["zh", "en"] })
    );
    for (lang, word) in [("zh", "自愿"), ("en", "Voluntary")] {
        let rules: Value =
            app.browser().get(&format!("/api/v1/ground-rules?lang={lang}")).await.json().await.unwrap();
        assert!(rules["text"].as_str().unwrap().starts_with(word));
        assert_eq!(rules["version"], "2026-1");
        assert_eq!(rules["hash"].as_str().unwrap().len(), 43);
    }
    problem(app.browser().get("/api/v1/ground-rules?lang=fr").await, 400, "malformed").await;
    problem(app.browser().get("/api/v1/ground-rules").await, 400, "malformed").await;
}

#[tokio::test]
async fn an_address_that_asks_too_often_waits() {
    let app = App::start_with(Database::sqlite().await, |config| config.limits.requests_per_minute = 6).await;
    let browser = app.browser();
    for _ in 0..3 {
        assert_eq!(browser.get("/api/v1/about").await.status(), 200);
    }
    problem(browser.get("/api/v1/about").await, 429, "too_many_requests").await;
    assert_eq!(browser.get("/livez").await.status(), 200, "health is not counted");
    app.clock.advance_ms(10_000);
    assert_eq!(browser.get("/api/v1/about").await.status(), 200);
}

#[tokio::test]
async fn the_description_names_every_operation() {
    let app = app().await;
    let description: Value = app.browser().get("/openapi.json").await.json().await.unwrap();
    let paths = description["paths"].as_object().unwrap();
    for (path, method) in [
        ("/api/v1/about", "get"),
        ("/api/v1/staff/login", "post"),
        ("/api/v1/complaints", "post"),
        ("/api/v1/complaints/{id}", "get"),
    ] {
        assert!(paths[path].get(method).is_some(), "{method} {path}");
    }
    assert!(description["components"]["schemas"]["Problem"].is_object());
}

#[tokio::test]
async fn metrics_and_health() {
    let app = App::start_with(Database::sqlite().await, |config| {
        config.server.admin_listen = Some("127.0.0.1:0".parse().unwrap());
    })
    .await;
    let browser = app.browser();
    assert_eq!(browser.get("/readyz").await.status(), 200);
    problem(browser.get("/metrics").await, 404, "not_found").await;
    browser.get("/api/v1/about").await;
    let admin = format!("http://{}/metrics", app.server.admin.unwrap());
    let text = reqwest::get(admin).await.unwrap().text().await.unwrap();
    assert!(
        text.contains(r#"hejie_http_requests_total{method="GET",route="/api/v1/about",status="200"} 1"#),
        "{text}"
    );

    for name in
        ["hejie_sessions 0", "hejie_media_peers 0", "hejie_media_dropped_total{reason=\"unvalidated\"} 0"]
    {
        assert!(text.contains(name), "{name} in {text}");
    }

    app.server.state.store.close().await;
    problem(browser.get("/readyz").await, 503, "unavailable").await;
    assert_eq!(browser.get("/livez").await.status(), 200);
}

#[tokio::test]
async fn a_server_that_stops_stops_listening() {
    let app = app().await;
    let browser = app.browser();
    assert_eq!(browser.get("/readyz").await.status(), 200);
    let state = std::sync::Arc::clone(&app.server.state);
    app.server.stop().await;
    assert!(state.stop.is_cancelled());
    assert!(browser.request(Method::GET, "/livez").send().await.is_err());
}

#[tokio::test]
async fn https_with_a_certificate_of_our_own() {
    let app = App::start_with(Database::sqlite().await, |config| config.tls.self_signed = true).await;
    let address = app.server.https.expect("HTTPS listens");
    let pem = app.data_dir().join("tls/cert.pem");
    let answer = tokio::task::spawn_blocking(move || over_tls(address, &pem)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let key = std::fs::metadata(app.data_dir().join("tls/key.pem")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777, 0o600);
}

/// One request, trusting exactly the certificate in `pem`.
fn over_tls(address: std::net::SocketAddr, pem: &std::path::Path) -> String {
    use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
    use std::io::{Read, Write};
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(pem).unwrap()).unwrap();
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = rustls::ClientConnection::new(std::sync::Arc::new(config), name).unwrap();
    let mut stream = rustls::StreamOwned::new(connection, std::net::TcpStream::connect(address).unwrap());
    let request = "GET /api/v1/staff/me HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
