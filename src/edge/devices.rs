//! What a joined device may ask for, by its own cookie: itself, its socket, documents, the bundle.

use super::auth::{cookie, set_cookie};
use super::extract::{self, Path, Query};
use super::outcomes::bundle;
use super::peer::Peer;
use super::problem::ProblemBody;
use super::{Problem, Shared, ws};
use crate::ids::{DeviceId, DocumentId, PersonId, SessionId};
use crate::session::floor::Showing;
use crate::session::party::{Language, Role, Surface};
use crate::session::state::Standing;
use crate::session::task::Who;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A device's cookie; its path is the device's own, so that several people share a browser in peace.
pub const DEVICE_COOKIE: &str = "hejie_device";
/// A device may come back for its receipt for a week.
pub const DEVICE_SECONDS: i64 = 7 * 24 * 3600;
/// A photo or receipt.
pub const MAX_DOCUMENT: usize = 8 * 1024 * 1024;

pub fn device_path(device: &DeviceId) -> String {
    format!("/api/v1/devices/{device}")
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    let uploads = OpenApiRouter::new().routes(routes!(show)).layer(DefaultBodyLimit::max(MAX_DOCUMENT));
    OpenApiRouter::new()
        .routes(routes!(itself, forget))
        .routes(routes!(socket))
        .routes(routes!(document))
        .routes(routes!(own_bundle))
        .merge(uploads)
}

/// Whose device this is: 401 `not_your_device` without its cookie.
pub(super) async fn who(state: &Shared, headers: &HeaderMap, device: &DeviceId) -> Result<Who, Problem> {
    let refused =
        || Problem::new(StatusCode::UNAUTHORIZED, "not_your_device", "This device's cookie is missing");
    let secret = cookie(headers, DEVICE_COOKIE).ok_or_else(refused)?;
    match state.sessions.who(device, secret).await {
        Err(crate::session::registry::SessionError::Unknown) => Err(refused()),
        found => Ok(found?),
    }
}

#[derive(Serialize, ToSchema)]
struct DeviceBody {
    device: DeviceId,
    session: SessionId,
    person: PersonId,
    role: Role,
    surface: Surface,
    language: Language,
    /// `waiting`, `in`, `refused`, `removed`, `replaced` or `left`.
    state: Standing,
}

/// This device, after a reload.
#[utoipa::path(
    get, path = "/devices/{device}", tag = "devices", params(("device" = DeviceId, Path)),
    responses((status = 200, body = DeviceBody), (status = 401, body = ProblemBody)),
)]
async fn itself(
    State(state): State<Shared>,
    Path(device): Path<DeviceId>,
    headers: HeaderMap,
) -> Result<axum::Json<DeviceBody>, Problem> {
    let who = who(&state, &headers, &device).await?;
    let Who { session, person, role, surface, language, standing, .. } = who;
    Ok(axum::Json(DeviceBody { device, session, person, role, surface, language, state: standing }))
}

/// Wipes this device's cookie. Leaving the session is a command of its own.
#[utoipa::path(
    delete, path = "/devices/{device}", tag = "devices", params(("device" = DeviceId, Path)),
    responses((status = 204)),
)]
async fn forget(peer: Peer, Path(device): Path<DeviceId>) -> Response {
    let gone = set_cookie(&peer, DEVICE_COOKIE, "", &device_path(&device), 0);
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response()
}

/// The session's WebSocket, subprotocol `hejie.v1` (docs/PROTOCOL.md).
#[utoipa::path(
    get, path = "/devices/{device}/ws", tag = "devices", params(("device" = DeviceId, Path)),
    responses((status = 101), (status = 401, body = ProblemBody)),
)]
async fn socket(
    State(state): State<Shared>,
    peer: Peer,
    Path(device): Path<DeviceId>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let who = who(&state, &headers, &device).await?;
    let upgrade = upgrade.map_err(|_| Problem::malformed("this address takes WebSockets"))?;
    let place = state.gates.sockets.take(&peer)?;
    let sessions = state.sessions.clone();
    let tasks = state.tasks.clone();
    Ok(upgrade
        .protocols([ws::SUBPROTOCOL])
        .max_message_size(ws::MAX_FRAME)
        .max_frame_size(ws::MAX_FRAME)
        .on_upgrade(move |socket| async move {
            let _place = place;
            let _ = tasks.spawn(ws::serve(socket, sessions, who, device)).await;
        }))
}

#[derive(Deserialize, IntoParams)]
struct Naming {
    /// The file's name, at most 120 characters.
    name: String,
}

#[derive(Serialize, ToSchema)]
struct Shown {
    document: DocumentId,
}

/// Shows a photo or receipt to the room that this device is in: at most 8 MiB; JPEG, PNG, WebP or PDF.
#[utoipa::path(
    post, path = "/devices/{device}/documents", tag = "devices",
    params(("device" = DeviceId, Path), Naming), request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Shown), (status = 413, body = ProblemBody), (status = 415, body = ProblemBody)),
)]
async fn show(
    State(state): State<Shared>,
    Path(device): Path<DeviceId>,
    Query(naming): Query<Naming>,
    request: Request,
) -> Result<(StatusCode, axum::Json<Shown>), Problem> {
    let who = who(&state, request.headers(), &device).await?;
    if who.standing != Standing::In {
        return Err(Problem::not_your_right());
    }
    let body = extract::body(request, &()).await?;
    let unknown =
        || Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_document", "JPEG, PNG, WebP or PDF alone");
    let showing = Showing {
        name: naming.name,
        media_type: media_type(&body).ok_or_else(unknown)?.to_owned(),
        bytes: body.len() as u64,
        hash: URL_SAFE_NO_PAD.encode(Sha256::digest(&body)),
    };
    let document = state.sessions.show(&who, &device, showing, body).await?;
    Ok((StatusCode::CREATED, axum::Json(Shown { document })))
}

/// A document that was shown to this person.
#[utoipa::path(
    get, path = "/devices/{device}/documents/{document}", tag = "devices",
    params(("device" = DeviceId, Path), ("document" = DocumentId, Path)),
    responses((status = 200, body = Vec<u8>), (status = 404, body = ProblemBody)),
)]
async fn document(
    State(state): State<Shared>,
    Path((device, document)): Path<(DeviceId, DocumentId)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let who = who(&state, &headers, &device).await?;
    let (found, body) = state.sessions.document(&who, &device, &document).await?;
    let kind = HeaderValue::from_str(&found.media_type).map_err(|_| Problem::internal())?;
    Ok((
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        ],
        body,
    )
        .into_response())
}

/// The signed outcome with everything that verifies it, for the people of its session.
#[utoipa::path(
    get, path = "/devices/{device}/bundle", tag = "devices", params(("device" = DeviceId, Path)),
    responses((status = 200, body = Object), (status = 404, body = ProblemBody)),
)]
async fn own_bundle(
    State(state): State<Shared>,
    Path(device): Path<DeviceId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let who = who(&state, &headers, &device).await?;
    if !matches!(who.standing, Standing::In | Standing::Left) {
        return Err(Problem::not_your_right());
    }
    bundle(&state, &who.outcome.ok_or_else(Problem::not_found)?).await
}

/// By its first bytes; what a client calls it doesn't count.
fn media_type(body: &[u8]) -> Option<&'static str> {
    match body {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_what_its_bytes_say() {
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), Some("image/jpeg"));
        assert_eq!(media_type(b"%PDF-1.7"), Some("application/pdf"));
        assert_eq!(media_type(b"<svg onload=alert(1)>"), None);
        assert_eq!(media_type(b"<!doctype html>"), None);
        assert_eq!(media_type(b""), None);
    }
}
