//! The outside: HTTP routes, sign-in, limits, the embedded web client, errors → status (only here).
//!
//! A request passes, from outside in: `peer` (who asks, under which request id), `headers`, then for
//! `/api` and `/log` `limits` and `origin`, then its handler. Handlers take their input by `extract`
//! and answer `Result<_, Problem>`. OpenAPI comes from the handlers' own annotations.

mod assets;
pub mod auth;
mod complaints;
mod devices;
pub mod extract;
mod headers;
mod health;
mod idempotency;
mod limits;
pub mod metrics;
mod network_check;
mod operator;
mod origin;
mod outcomes;
pub mod peer;
pub mod places;
pub mod problem;
mod public;
mod request;
mod scrape;
mod sessions;
mod staff;
pub mod state;
pub mod wire;
mod ws;

pub use limits::Gates;
pub use problem::Problem;
pub use state::{AppState, Shared};

use axum::extract::DefaultBodyLimit;
use axum::routing::get;
use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// The largest JSON body. Routes that take more say so themselves.
pub const BODY_LIMIT: usize = 64 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hejie",
        description = "Video mediation whose signed outcome anybody can check. Every request that changes \
                       something carries `x-hejie: 1` and comes from the server's own origin. Problems are \
                       RFC 9457; switch on `code`."
    ),
    components(schemas(problem::ProblemBody))
)]
struct Described;

/// Everything under `/api/v1`, with its description.
fn api() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(public::routes())
        .merge(staff::routes())
        .merge(complaints::routes())
        .merge(sessions::routes())
        .merge(devices::routes())
        .merge(network_check::routes())
        .merge(outcomes::routes())
        .merge(operator::routes())
}

/// The OpenAPI description of [`api`].
pub fn openapi() -> utoipa::openapi::OpenApi {
    described().split_for_parts().1
}

fn described() -> OpenApiRouter<Shared> {
    OpenApiRouter::with_openapi(Described::openapi()).nest("/api/v1", api())
}

/// The whole server, for HTTP and HTTPS alike.
pub fn router(state: Shared) -> Router {
    let (api, description) = described().split_for_parts();
    let description = description.to_json().expect("the description is plain data");
    let api = api
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(state.clone(), origin::guard))
        .layer(middleware::from_fn_with_state(state.clone(), request::count));
    Router::new()
        .merge(api.merge(
            outcomes::log_routes().layer(middleware::from_fn_with_state(state.clone(), request::count)),
        ))
        .route("/openapi.json", get(move || async move { extract::json_text(description) }))
        .merge(health::routes())
        .merge(assets::routes())
        .fallback(extract::not_found)
        .method_not_allowed_fallback(extract::method_not_allowed)
        .layer(CatchPanicLayer::custom(problem::from_panic))
        .layer(middleware::from_fn_with_state(state.clone(), headers::add))
        .layer(middleware::from_fn_with_state(state.clone(), request::identify))
        .with_state(state)
}

/// What the admin listener answers: metrics and health, never on the public one.
pub fn admin_router(state: Shared) -> Router {
    Router::new().merge(health::metrics()).merge(health::routes()).with_state(state)
}
