//! Sessions over REST: staff open and enter them, invited people look at their link and join.

use super::auth::{Mediator, set_cookie};
use super::devices::{DEVICE_COOKIE, DEVICE_SECONDS, device_path};
use super::extract::{Json, Path, Query};
use super::peer::Peer;
use super::problem::ProblemBody;
use super::{Problem, Shared};
use crate::complaint::{self, ground_rules};
use crate::ids::{ComplaintId, DeviceId, PersonId, SessionId};
use crate::session::door::{Joined, Joining, Presiding};
use crate::session::event::Refusal;
use crate::session::party::{Language, Role, Surface};
use crate::session::step::Refused;
use crate::session::{records, view::InvitationState};
use crate::signing::keys::Jwk;
use crate::token::Token;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const MAX_TOKEN: usize = 64;
const JOURNAL_PAGE: u32 = 200;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(open))
        .routes(routes!(enter))
        .routes(routes!(record))
        .routes(routes!(journal))
        .routes(routes!(look))
        .routes(routes!(join))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Presenting {
    /// The public key made in this browser, P-256.
    pub(super) jwk: Jwk,
    pub(super) language: Language,
}

/// A device that is in, or knocks. Its cookie comes with it.
#[derive(Serialize, ToSchema)]
struct Entered {
    device: DeviceId,
    session: SessionId,
    person: PersonId,
}

/// Opens a session on a complaint, and enters it as its mediator.
#[utoipa::path(
    post, path = "/complaints/{id}/sessions", tag = "sessions", params(("id" = ComplaintId, Path)),
    request_body = Presenting,
    responses((status = 201, body = Entered), (status = 404, body = ProblemBody), (status = 403, body = ProblemBody)),
)]
async fn open(
    State(state): State<Shared>,
    peer: Peer,
    Mediator(staff): Mediator,
    Path(id): Path<ComplaintId>,
    Json(presenting): Json<Presenting>,
) -> Result<Response, Problem> {
    let mut tx = state.store.read().await?;
    let complaint = complaint::open(&mut tx, &id).await?.ok_or_else(Problem::not_found)?;
    drop(tx);
    let secret = Token::random(&state.random);
    let joining = Some(presented(presenting, &secret));
    let presiding = Presiding { staff: staff.id, name: staff.display_name };
    let opened = state.sessions.open(complaint.into(), presiding, joining, Vec::new()).await?;
    let device = opened.joined.ok_or_else(Problem::internal)?;
    Ok(joined(&peer, device, &secret))
}

/// The presiding mediator enters (again), from this browser.
#[utoipa::path(
    post, path = "/sessions/{session}/enter", tag = "sessions", params(("session" = SessionId, Path)),
    request_body = Presenting,
    responses((status = 201, body = Entered), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody)),
)]
async fn enter(
    State(state): State<Shared>,
    peer: Peer,
    Mediator(staff): Mediator,
    Path(session): Path<SessionId>,
    Json(presenting): Json<Presenting>,
) -> Result<Response, Problem> {
    let secret = Token::random(&state.random);
    let device = state.sessions.enter(&session, staff.id, presented(presenting, &secret)).await?;
    Ok(joined(&peer, device, &secret))
}

/// What is kept of a session that ended without agreement.
#[utoipa::path(
    get, path = "/sessions/{session}/record", tag = "sessions", params(("session" = SessionId, Path)),
    responses((status = 200, body = Object), (status = 404, body = ProblemBody)),
)]
async fn record(
    State(state): State<Shared>,
    _: super::auth::SignedIn,
    Path(session): Path<SessionId>,
) -> Result<axum::Json<serde_json::Value>, Problem> {
    let found = records::mediation_record(&state.store, &session).await?;
    found.map(|(_, record)| axum::Json(record)).ok_or_else(Problem::not_found)
}

#[derive(Deserialize, IntoParams)]
struct From {
    /// The first event's number; 0 if absent.
    #[serde(default)]
    from: u32,
}

/// Part of a journal.
#[derive(Serialize, ToSchema)]
struct JournalPage {
    /// Canonical JSON of each event, exactly as it is hashed: leaf = SHA-256(0x00, `med-ev/v1`, 0x00, text).
    events: Vec<String>,
    /// Where the next page begins; absent on the last.
    next: Option<u32>,
}

/// The session's journal: who came, was admitted, could receive whom, proposed, signed, left. Opaque
/// ids only; names stand in it as salted commitments.
#[utoipa::path(
    get, path = "/sessions/{session}/journal", tag = "sessions", params(("session" = SessionId, Path), From),
    responses((status = 200, body = JournalPage)),
)]
async fn journal(
    State(state): State<Shared>,
    _: super::auth::SignedIn,
    Path(session): Path<SessionId>,
    Query(From { from }): Query<From>,
) -> Result<axum::Json<JournalPage>, Problem> {
    let rows = records::journal(&state.store, &session, from.into(), i64::from(JOURNAL_PAGE)).await?;
    let next = (rows.len() == JOURNAL_PAGE as usize).then_some(from + JOURNAL_PAGE);
    let text = |(_, bytes): (i64, Vec<u8>)| String::from_utf8(bytes).map_err(|_| Problem::internal());
    Ok(axum::Json(JournalPage { events: rows.into_iter().map(text).collect::<Result<_, _>>()?, next }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Looking {
    /// From the link's fragment.
    token: String,
}

/// Whether a link would let somebody knock.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum LinkState {
    Open,
    Used,
    Expired,
    Revoked,
    /// Nobody new may knock now.
    Locked,
    /// The session has ended.
    Over,
}

#[derive(Serialize, ToSchema)]
struct Invited {
    state: LinkState,
    role: Role,
    name: String,
    surface: Surface,
    language: Language,
    /// What the complaint is about.
    subject: String,
    mediator: String,
    expires_at: crate::clock::Time,
    /// A made-up case.
    sample: bool,
}

/// What a link leads to. Looking does not use it.
#[utoipa::path(
    post, path = "/invitations/look", tag = "invitations", request_body = Looking,
    responses((status = 200, body = Invited), (status = 404, body = ProblemBody)),
)]
async fn look(
    State(state): State<Shared>,
    peer: Peer,
    Json(looking): Json<Looking>,
) -> Result<axum::Json<Invited>, Problem> {
    state.gates.join(&peer, state.clock.now())?;
    let look = state.sessions.look(bounded(&looking.token)?).await?;
    let link = match look.state {
        _ if look.over => LinkState::Over,
        InvitationState::Open if look.locked => LinkState::Locked,
        InvitationState::Open => LinkState::Open,
        InvitationState::Used => LinkState::Used,
        InvitationState::Expired => LinkState::Expired,
        InvitationState::Revoked => LinkState::Revoked,
    };
    Ok(axum::Json(Invited {
        state: link,
        role: look.role,
        name: look.name,
        surface: look.surface,
        language: look.language,
        subject: look.subject,
        mediator: look.mediator,
        expires_at: look.expires_at,
        sample: look.sample,
    }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct JoinRequest {
    /// From the link's fragment.
    token: String,
    /// The public key made in this browser, P-256.
    jwk: Jwk,
    ground_rules: AcceptedRules,
    /// Agrees that the redacted outcome may be public.
    publication_consent: bool,
    language: Language,
    /// What the browser says of itself; 120 characters are kept.
    browser: String,
    /// The link was used: ask the mediator to let this device in instead of the first.
    #[serde(default)]
    again: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcceptedRules {
    version: String,
    /// SHA-256 of the text that was shown, base64url.
    hash: String,
    lang: String,
}

/// Knocks with a link, which is used by that. Repeating it with the same key is harmless.
#[utoipa::path(
    post, path = "/invitations/join", tag = "invitations", request_body = JoinRequest,
    responses(
        (status = 201, body = Entered),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "`invitation_used`, `invitation_locked` or `session_over`"),
        (status = 410, body = ProblemBody, description = "`invitation_expired` or `invitation_revoked`"),
        (status = 422, body = ProblemBody),
    ),
)]
async fn join(
    State(state): State<Shared>,
    peer: Peer,
    Json(request): Json<JoinRequest>,
) -> Result<Response, Problem> {
    state.gates.join(&peer, state.clock.now())?;
    let rules = &request.ground_rules;
    if !ground_rules::accepts(&rules.version, &rules.lang, &rules.hash) {
        return Err(Problem::invalid_field("ground_rules", "outdated", "not the ground rules in force"));
    }
    let token = bounded(&request.token)?.to_owned();
    let surface = state.sessions.look(&token).await?.surface;
    let secret = Token::random(&state.random);
    let joining = Joining {
        jwk: request.jwk,
        surface,
        language: request.language,
        browser: request.browser,
        secret_hash: secret.hash(),
        ground_rules: format!("{}:{}", rules.version, rules.hash),
        publication: request.publication_consent,
    };
    let device = state.sessions.join(&token, request.again, joining).await?;
    Ok(joined(&peer, device, &secret))
}

/// Whether this link would let somebody knock now; else what is the matter with it.
pub(super) async fn open_link(state: &Shared, token: &str) -> Result<(), Problem> {
    let look = state.sessions.look(bounded(token)?).await?;
    let matter = match look.state {
        _ if look.over => "over",
        InvitationState::Open if look.locked => "locked",
        InvitationState::Open => return Ok(()),
        InvitationState::Used => "used",
        InvitationState::Expired => "expired",
        InvitationState::Revoked => "revoked",
    };
    Err(Refused::because(Refusal::Closed, matter).into())
}

fn bounded(token: &str) -> Result<&str, Problem> {
    if token.is_empty() || token.len() > MAX_TOKEN { Err(Problem::not_found()) } else { Ok(token) }
}

pub(super) fn presented(presenting: Presenting, secret: &Token) -> Joining {
    Joining {
        jwk: presenting.jwk,
        surface: Surface::Desk,
        language: presenting.language,
        browser: String::new(),
        secret_hash: secret.hash(),
        ground_rules: String::new(),
        publication: false,
    }
}

fn joined(peer: &Peer, joined: Joined, secret: &Token) -> Response {
    let Joined { session, device, person } = joined;
    entered(peer, &device, secret, Entered { device: device.clone(), session, person })
}

/// The answer that gives a device its cookie.
pub(super) fn entered(peer: &Peer, device: &DeviceId, secret: &Token, body: impl Serialize) -> Response {
    let path = device_path(device);
    let cookie = set_cookie(peer, DEVICE_COOKIE, secret.reveal(), &path, DEVICE_SECONDS);
    (StatusCode::CREATED, [(header::SET_COOKIE, cookie)], axum::Json(body)).into_response()
}
