//! Outcomes and the public log, as anybody may read them; full bundles for staff.

use super::auth::SignedIn;
use super::extract::Path;
use super::problem::ProblemBody;
use super::{Problem, Shared};
use crate::ids::{ComplaintId, OutcomeId};
use crate::log::Resource;
use crate::signing::bundle::Bundle;
use crate::signing::payload::Payload;
use crate::signing::policy::Policy;
use crate::{complaint, signing};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(outcome)).routes(routes!(case_bundle)).routes(routes!(policy))
}

/// The log's own paths (c2sp.org/tlog-tiles), outside of `/api`.
pub(super) fn log_routes() -> Router<Shared> {
    Router::new().route("/log/{*path}", get(log))
}

/// What everybody may know of an outcome.
#[derive(Serialize, ToSchema)]
struct PublicOutcome {
    outcome: OutcomeId,
    /// The log's entry: a commitment, nothing of the content.
    leaf: String,
    /// That it is in the log, tlog-proof.
    proof: String,
    /// The bundle without personal fields, if both parties agreed to publication.
    #[schema(value_type = Option<Object>)]
    redacted: Option<Bundle>,
}

/// What is public of an outcome.
#[utoipa::path(
    get, path = "/outcomes/{oid}", tag = "public", params(("oid" = OutcomeId, Path)),
    responses((status = 200, body = PublicOutcome), (status = 404, body = ProblemBody)),
)]
async fn outcome(
    State(state): State<Shared>,
    Path(oid): Path<OutcomeId>,
) -> Result<axum::Json<PublicOutcome>, Problem> {
    let bundle = find(&state, &oid).await?;
    let public = is_public(&bundle);
    Ok(axum::Json(PublicOutcome {
        outcome: oid,
        leaf: bundle.leaf.clone(),
        proof: bundle.proof.clone(),
        redacted: public.then(|| bundle.redacted()),
    }))
}

/// An outcome on a complaint's record, in full.
#[utoipa::path(
    get, path = "/complaints/{id}/outcomes/{oid}/bundle", tag = "complaints",
    params(("id" = ComplaintId, Path), ("oid" = OutcomeId, Path)),
    responses((status = 200, body = Object), (status = 404, body = ProblemBody)),
)]
async fn case_bundle(
    State(state): State<Shared>,
    _: SignedIn,
    Path((id, oid)): Path<(ComplaintId, OutcomeId)>,
) -> Result<Response, Problem> {
    let mut tx = state.store.read().await?;
    let history = complaint::history(&mut tx, &id).await?;
    drop(tx);
    if !history.outcomes.iter().any(|entry| entry.outcome == oid) {
        return Err(Problem::not_found());
    }
    bundle(&state, &oid).await
}

/// Whom and which log to trust: what `hejie verify --policy` takes.
#[utoipa::path(get, path = "/policy", tag = "public", responses((status = 200, body = Object)))]
async fn policy(State(state): State<Shared>) -> Response {
    let setting = &state.sessions.setting;
    let policy = Policy {
        issuer: setting.issuer.clone(),
        log: setting.log.verifier(),
        witnesses: Vec::new(),
        quorum: 0,
    };
    download(policy.to_json().to_string(), "policy.json")
}

/// Whether the document itself says that both parties agreed to publication.
fn is_public(bundle: &Bundle) -> bool {
    let payload = bundle.outcome.as_ref().and_then(|jws| URL_SAFE_NO_PAD.decode(&jws.payload).ok());
    payload.and_then(|bytes| Payload::parse(&bytes).ok()).is_some_and(|payload| payload.publication)
}

/// A full bundle as a file. The caller has checked the right to it.
pub(super) async fn bundle(state: &Shared, oid: &OutcomeId) -> Result<Response, Problem> {
    let bundle = find(state, oid).await?;
    let text = serde_json::to_string(&bundle).map_err(|_| Problem::internal())?;
    Ok(download(text, "bundle.json"))
}

async fn find(state: &Shared, oid: &OutcomeId) -> Result<Bundle, Problem> {
    let found = signing::records::bundle(&state.store, &state.sessions.setting.log, oid).await?;
    found.ok_or_else(Problem::not_found)
}

fn download(text: String, name: &'static str) -> Response {
    let name = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")).expect("plain ASCII");
    let kind = HeaderValue::from_static("application/json");
    let private = HeaderValue::from_static("private, no-store");
    let headers =
        [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name), (header::CACHE_CONTROL, private)];
    (headers, text).into_response()
}

/// The log's files. Full tiles never change; the checkpoint is always asked for anew.
async fn log(State(state): State<Shared>, Path(path): Path<String>) -> Result<Response, Problem> {
    let resource = Resource::parse(&path).ok_or_else(Problem::not_found)?;
    let log = &state.sessions.setting.log;
    let bytes = log.resource(resource).await.map_err(signing::records::OutcomeError::from)?;
    let bytes = bytes.ok_or_else(Problem::not_found)?;
    let (kind, caching) = if resource.is_immutable() {
        ("application/octet-stream", "public, max-age=31536000, immutable")
    } else {
        ("text/plain; charset=utf-8", "no-cache")
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, caching)];
    Ok((headers, bytes).into_response())
}
