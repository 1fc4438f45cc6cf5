//! Around every request: who asks, an id, one log line, and how often they may.

use super::Shared;
use super::peer::{Encrypted, Peer, through_proxies};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;
use tracing::Instrument;

/// Finds out the peer, gives the request an id, and logs how it ended. Never queries, bodies or
/// headers: they hold names and secrets. The path is told as its pattern.
pub(super) async fn identify(State(state): State<Shared>, mut request: Request, next: Next) -> Response {
    let socket = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let direct = Peer {
        address: socket.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED)).to_canonical(),
        https: request.extensions().get::<Encrypted>().is_some(),
    };
    let peer = through_proxies(direct, request.headers(), &state.config.server.trusted_proxies);
    request.extensions_mut().insert(peer);

    let id = format!("{:016x}", u64::from_be_bytes(state.random.bytes()));
    let method = request.method().clone();
    let route =
        request.extensions().get::<MatchedPath>().map_or("none".into(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", request.id = %id, %method, %route);
    let began = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;

    let (status, took) = (response.status(), began.elapsed());
    state.metrics.request(&method, &route, status, took);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        span.in_scope(|| tracing::warn!(status = status.as_u16(), ms, "request failed"));
    } else {
        span.in_scope(|| tracing::debug!(status = status.as_u16(), ms, "request done"));
    }
    let id = HeaderValue::from_str(&id).expect("hexadecimal digits");
    response.headers_mut().insert("x-request-id", id);
    response
}

/// Counts every request to the API.
pub(super) async fn count(State(state): State<Shared>, peer: Peer, request: Request, next: Next) -> Response {
    match state.gates.request(&peer, state.clock.now()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}
