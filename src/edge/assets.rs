//! The web client, embedded. A surface's page answers for every path below it.
//!
//! Files under `assets/` carry their hash in their name and stay in caches for good; pages are asked
//! for again each time, and answered by 304 when they are the same.

use super::{Problem, Shared};
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rust_embed::{EmbeddedFile, RustEmbed};
use tower_http::compression::CompressionLayer;

#[derive(RustEmbed)]
#[folder = "web/dist"]
#[allow_missing = true]
struct Files;

pub(super) fn routes() -> Router<Shared> {
    let mut router = Router::new().route("/", page("index.html"));
    for (surface, file) in [
        ("j", "j.html"),
        ("station", "station.html"),
        ("desk", "desk.html"),
        ("verify", "verify.html"),
        ("v", "verify.html"),
    ] {
        router = router
            .route(&format!("/{surface}"), page(file))
            .route(&format!("/{surface}/"), page(file))
            .route(&format!("/{surface}/{{*rest}}"), page(file));
    }
    router.route("/assets/{*path}", get(asset)).route("/{file}", get(top)).layer(CompressionLayer::new())
}

fn page(name: &'static str) -> MethodRouter<Shared> {
    get(move |headers: HeaderMap| async move { show_page(name, &headers) })
}

fn show_page(name: &str, headers: &HeaderMap) -> Response {
    match Files::get(name) {
        Some(file) => send(file, headers, "no-cache"),
        None => {
            let text = "The web client is not built into this server: run `make web` and build again.\n";
            (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        }
    }
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match Files::get(&format!("assets/{path}")) {
        Some(file) => send(file, &headers, "public, max-age=31536000, immutable"),
        None => Problem::not_found().into_response(),
    }
}

/// Icons, the manifest, robots.txt.
async fn top(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match Files::get(&name) {
        Some(file) => send(file, &headers, "no-cache"),
        None => Problem::not_found().into_response(),
    }
}

fn send(file: EmbeddedFile, headers: &HeaderMap, cache: &'static str) -> Response {
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&file.metadata.sha256_hash()[..16]));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known =
        known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type(file.metadata.mimetype()))], file.data).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).expect("base64 is plain"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

fn content_type(kind: &str) -> String {
    let text = kind.starts_with("text/") || kind.ends_with("javascript") || kind.ends_with("json");
    if text { format!("{kind}; charset=utf-8") } else { kind.to_owned() }
}
