//! Staff signing in and out.

use super::auth::{self, STAFF_COOKIE, STAFF_PATH, SignedIn};
use super::extract::Json;
use super::peer::Peer;
use super::problem::ProblemBody;
use super::{Problem, Shared};
use crate::staff::{self, Staff};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(link))
        .routes(routes!(logout))
        .routes(routes!(me))
}

type WithCookie = ([(header::HeaderName, HeaderValue); 1], axum::Json<Staff>);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    name: String,
    password: String,
}

/// Signs in by name and password.
#[utoipa::path(
    post, path = "/staff/login", tag = "staff", request_body = Credentials,
    responses(
        (status = 200, body = Staff, description = "signed in; sets the cookie `hejie_staff`"),
        (status = 401, body = ProblemBody, description = "`wrong_credentials`"),
        (status = 429, body = ProblemBody, description = "`too_many_requests`"),
    ),
)]
async fn login(
    State(state): State<Shared>,
    peer: Peer,
    Json(given): Json<Credentials>,
) -> Result<WithCookie, Problem> {
    let now = state.clock.now();
    state.gates.login(&peer, Some(&given.name), now)?;
    let minutes = state.config.limits.staff_session_minutes;
    let attempt = staff::Attempt { name: &given.name, password: &given.password, minutes };
    let result = staff::login(&state.store, now, &state.random, &state.passwords, &attempt).await;
    state.metrics.login(result.is_ok());
    Ok(with_cookie(&peer, minutes, result?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Link {
    /// From the link's fragment.
    token: String,
}

/// Signs in by a single-use link.
#[utoipa::path(
    post, path = "/staff/link", tag = "staff", request_body = Link,
    responses(
        (status = 200, body = Staff, description = "signed in; sets the cookie `hejie_staff`"),
        (status = 410, body = ProblemBody, description = "`link_closed`"),
    ),
)]
async fn link(
    State(state): State<Shared>,
    peer: Peer,
    Json(given): Json<Link>,
) -> Result<WithCookie, Problem> {
    let now = state.clock.now();
    state.gates.login(&peer, None, now)?;
    let minutes = state.config.limits.staff_session_minutes;
    let result = staff::use_link(&state.store, now, &state.random, &given.token, minutes).await;
    state.metrics.login(result.is_ok());
    Ok(with_cookie(&peer, minutes, result?))
}

/// Signs out: the cookie is worth nothing afterwards.
#[utoipa::path(post, path = "/staff/logout", tag = "staff", responses((status = 204)))]
async fn logout(
    State(state): State<Shared>,
    peer: Peer,
    headers: HeaderMap,
) -> Result<(StatusCode, [(header::HeaderName, HeaderValue); 1]), Problem> {
    if let Some(token) = auth::cookie(&headers, STAFF_COOKIE) {
        let mut tx = state.store.begin().await?;
        staff::sign_out(&mut tx, state.clock.now(), token).await?;
        tx.commit().await?;
    }
    let gone = auth::set_cookie(&peer, STAFF_COOKIE, "", STAFF_PATH, 0);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]))
}

/// Who is signed in here.
#[utoipa::path(
    get, path = "/staff/me", tag = "staff",
    responses((status = 200, body = Staff), (status = 401, body = ProblemBody, description = "`not_signed_in`")),
)]
async fn me(SignedIn(staff): SignedIn) -> axum::Json<Staff> {
    axum::Json(staff)
}

fn with_cookie(peer: &Peer, minutes: u32, signed_in: staff::SignedIn) -> WithCookie {
    let age = i64::from(minutes) * 60;
    let cookie = auth::set_cookie(peer, STAFF_COOKIE, signed_in.token.reveal(), STAFF_PATH, age);
    ([(header::SET_COOKIE, cookie)], axum::Json(signed_in.staff))
}
