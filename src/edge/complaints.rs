//! Complaint records: listed, created and opened by staff.

use super::auth::SignedIn;
use super::extract::{Json, Path, Query};
use super::idempotency::Repeatable;
use super::problem::ProblemBody;
use super::{Problem, Shared};
use crate::complaint::{self, Complaint, Cursor, History, NewComplaint, Page, Purpose};
use crate::ids::ComplaintId;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(open))
}

#[derive(Deserialize, IntoParams)]
struct Listing {
    /// Part of a number, name, phone or subject.
    #[serde(default)]
    q: String,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 100; 20 if absent.
    limit: Option<u32>,
}

/// Complaint records, newest first.
#[utoipa::path(
    get, path = "/complaints", tag = "complaints", params(Listing),
    responses((status = 200, body = Page), (status = 401, body = ProblemBody)),
)]
async fn list(
    State(state): State<Shared>,
    SignedIn(_): SignedIn,
    Query(listing): Query<Listing>,
) -> Result<axum::Json<Page>, Problem> {
    let limit = listing.limit.unwrap_or(20);
    if !(1..=100).contains(&limit) || listing.q.chars().count() > 200 {
        return Err(Problem::malformed("limit is 1 to 100, q at most 200 characters"));
    }
    let cursor = match listing.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(text) => text.parse().map_err(|_| Problem::malformed("cursor is `next` of the page before"))?,
        None => Cursor::newest(),
    };
    let mut tx = state.store.read().await?;
    Ok(axum::Json(complaint::list(&mut tx, &listing.q, &cursor, limit).await?))
}

/// Registers a complaint. With an `Idempotency-Key`, the same request registers it once.
#[utoipa::path(
    post, path = "/complaints", tag = "complaints", request_body = NewComplaint,
    params(("Idempotency-Key" = Option<String>, Header, description = "chosen by the client")),
    responses(
        (status = 201, body = Complaint),
        (status = 409, body = ProblemBody, description = "`number_taken`"),
        (status = 422, body = ProblemBody, description = "`invalid` with `fields`, or `key_reused`"),
    ),
)]
async fn create(
    State(state): State<Shared>,
    SignedIn(staff): SignedIn,
    headers: HeaderMap,
    Json(new): Json<NewComplaint>,
) -> Result<(StatusCode, axum::Json<Complaint>), Problem> {
    let now = state.clock.now();
    let request = serde_json::to_vec(&new).map_err(|_| Problem::internal())?;
    let repeatable = Repeatable::from(&headers, format!("complaint.create {}", staff.id), &request)?;
    let mut tx = state.store.begin().await?;
    if let Some(repeatable) = &repeatable
        && let Some(made) = repeatable.made(&mut tx, now).await?
    {
        let id = made.parse().map_err(|_| Problem::internal())?;
        let made = complaint::open(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
        return Ok((StatusCode::CREATED, axum::Json(made)));
    }
    let (zone, random) = (&state.zone, &state.random);
    let purpose = if state.sample { Purpose::Sample } else { Purpose::Case };
    let made = complaint::create(&mut tx, now, zone, random, &staff.id, new, purpose).await?;
    if let Some(repeatable) = &repeatable {
        repeatable.remember(&mut tx, now, made.id.as_str()).await?;
    }
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// A record with what became of it.
#[derive(Serialize, ToSchema)]
struct Opened {
    #[serde(flatten)]
    complaint: Complaint,
    history: History,
}

/// A complaint record with its sessions, settlements and outcomes.
#[utoipa::path(
    get, path = "/complaints/{id}", tag = "complaints", params(("id" = ComplaintId, Path)),
    responses((status = 200, body = Opened), (status = 404, body = ProblemBody)),
)]
async fn open(
    State(state): State<Shared>,
    SignedIn(_): SignedIn,
    Path(id): Path<ComplaintId>,
) -> Result<axum::Json<Opened>, Problem> {
    let mut tx = state.store.read().await?;
    let complaint = complaint::open(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    let history = complaint::history(&mut tx, &id).await?;
    Ok(axum::Json(Opened { complaint, history }))
}
