//! `/livez`: this process answers. `/readyz`: it can do its work.

use super::{Problem, Shared};
use axum::Router;
use axum::extract::State;
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
