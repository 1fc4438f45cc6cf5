//! What an operator's key opens: rehearsals on made-up cases, and nothing else.

use super::auth::Operator;
use super::extract::Json;
use super::peer::Peer;
use super::problem::ProblemBody;
use super::sessions::{Presenting, entered, presented};
use super::{Problem, Shared};
use crate::clock::Time;
use crate::ids::{ComplaintId, DeviceId, PersonId, SessionId};
use crate::rehearsal::{self, MAX_MINUTES, Stage};
use crate::session::party::Language;
use crate::signing::keys::Jwk;
use crate::token::Token;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const MINUTES: u32 = 15;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(rehearse))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rehearsing {
    /// The public key made for the mediator, P-256.
    jwk: Jwk,
    language: Language,
    /// After so many minutes the server ends it: 1 to 240; 15 if absent.
    minutes: Option<u32>,
}

/// A rehearsal: the mediator's device, whose cookie comes with it, and the parties' links.
#[derive(Serialize, ToSchema)]
struct Rehearsal {
    device: DeviceId,
    session: SessionId,
    person: PersonId,
    complaint: ComplaintId,
    /// The consumer's link.
    consumer: String,
    /// The merchant's link.
    merchant: String,
    ends_at: Time,
}

/// Makes a sample case, opens a session on it and enters it as its mediator. By an operator's key in
/// `Authorization: Bearer`.
#[utoipa::path(
    post, path = "/operator/rehearsals", tag = "operator", request_body = Rehearsing,
    responses(
        (status = 201, body = Rehearsal),
        (status = 401, body = ProblemBody, description = "`not_an_operator`"),
        (status = 409, body = ProblemBody, description = "`too_many_rehearsals`"),
        (status = 429, body = ProblemBody, description = "`too_many_requests`"),
    ),
)]
async fn rehearse(
    State(state): State<Shared>,
    peer: Peer,
    Operator(key): Operator,
    Json(rehearsing): Json<Rehearsing>,
) -> Result<Response, Problem> {
    let minutes = rehearsing.minutes.unwrap_or(MINUTES);
    if !(1..=MAX_MINUTES).contains(&minutes) {
        return Err(Problem::invalid_field("minutes", "range", "1 to 240"));
    }
    let stage = Stage {
        store: &state.store,
        sessions: &state.sessions,
        random: &state.random,
        zone: &state.zone,
        most: state.config.limits.rehearsals,
    };
    let secret = Token::random(&state.random);
    let Rehearsing { jwk, language, .. } = rehearsing;
    let joining = presented(Presenting { jwk, language }, &secret);
    let opened = rehearsal::open(&stage, state.clock.now(), &key, minutes, joining).await?;
    let body = Rehearsal {
        device: opened.joined.device.clone(),
        session: opened.joined.session.clone(),
        person: opened.joined.person.clone(),
        complaint: opened.complaint,
        consumer: opened.consumer,
        merchant: opened.merchant,
        ends_at: opened.ends_at,
    };
    Ok(entered(&peer, &opened.joined.device, &secret, body))
}
