//! Against requests that other pages make a browser send (CSRF), beside SameSite cookies.
//!
//! Whatever changes something carries `x-hejie: 1`, which no page of another origin can send unasked,
//! and names our own origin where it names one. WebSockets carry no such header: their origin decides.

use super::headers::requested_host;
use super::{Problem, Shared};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

pub(super) async fn guard(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let socket = headers.contains_key(header::UPGRADE);
    let marked = headers.get("x-hejie").is_some_and(|value| value == "1");
    let own = is_own(state.config.server.public_url.as_deref(), headers, request.uri());
    if (!reads && !marked) || (!own && (!reads || socket)) {
        return Problem::foreign_origin().into_response();
    }
    next.run(request).await
}

/// No origin named (not a browser, or a browser's own GET), the configured one, or the host that the
/// request came to.
fn is_own(public_url: Option<&str>, headers: &HeaderMap, uri: &Uri) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let Ok(origin) = origin.to_str() else { return false };
    if public_url == Some(origin) {
        return true;
    }
    let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    authority.is_some() && authority.map(str::to_lowercase) == requested_host(headers, uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(public_url: Option<&str>, origin: &str, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(header::HOST, host.parse().unwrap());
        is_own(public_url, &headers, &Uri::from_static("/"))
    }

    #[test]
    fn our_own_origin_and_no_other() {
        assert!(own(None, "http://localhost:8080", "localhost:8080"));
        assert!(own(Some("https://a.example"), "https://a.example", "inner:8080"));
        assert!(!own(None, "http://localhost:9999", "localhost:8080"));
        assert!(!own(Some("https://a.example"), "https://b.example", "inner:8080"));
        assert!(!own(None, "null", "localhost:8080"));
        assert!(!own(None, "http://a.example.evil", "a.example"));
    }
}
