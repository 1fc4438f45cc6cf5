//! For operators. `/livez`: this process answers. `/readyz`: it can do its work. `/metrics`: what it
//! counted, on the admin listener only.

use super::{Problem, Shared, scrape};
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/livez", get(|| async { "ok\n" })).route("/readyz", get(ready))
}

async fn ready(State(state): State<Shared>) -> Result<&'static str, Problem> {
    if state.stop.is_cancelled() {
        return Err(Problem::unavailable().detail("this server is stopping"));
    }
    state.store.ping().await?;
    if !state.sessions.setting.log.is_working() {
        return Err(Problem::unavailable().detail("the public log can't be extended"));
    }
    Ok("ok\n")
}

pub(super) fn metrics() -> Router<Shared> {
    Router::new().route("/metrics", get(show_metrics))
}

async fn show_metrics(State(state): State<Shared>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let others = scrape::now(&state).await;
    ([(header::CONTENT_TYPE, kind)], state.metrics.text(&others))
}
