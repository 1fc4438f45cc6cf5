//! Headers that keep pages to themselves (OWASP ASVS 5.0, chapter 3).

use super::Shared;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// The same on every answer.
const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    (
        "permissions-policy",
        "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()",
    ),
];

pub(super) async fn add(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let policy = policy(&host(&request));
    let is_data = ["/api/", "/readyz", "/livez"].iter().any(|start| request.uri().path().starts_with(start));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if state.has_hsts() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if is_data && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Nothing inline, nothing from elsewhere. Safari before 15.4 doesn't count WebSockets of the same
/// host as `'self'`, so they are named.
fn policy(host: &str) -> HeaderValue {
    let sockets = if host.is_empty() { String::new() } else { format!(" ws://{host} wss://{host}") };
    let text = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
         media-src 'self' blob:; connect-src 'self'{sockets}; font-src 'self'; manifest-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&text).expect("checked below")
}

/// The host that the request came to, if it looks like one.
fn host(request: &Request) -> String {
    let host = requested_host(request.headers(), request.uri()).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    if host.chars().all(plain) { host } else { String::new() }
}

/// `Host`, or the authority of an HTTP/2 request.
pub(super) fn requested_host(headers: &HeaderMap, uri: &axum::http::Uri) -> Option<String> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.or_else(|| uri.authority().map(|authority| authority.as_str())).map(str::to_lowercase)
}
