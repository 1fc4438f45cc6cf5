//! The check before the call: a peer connection to nobody, over one way at a time, so that a browser
//! finds out whether sound and pictures would come through from where it is.
//!
//! What always holds: only for somebody with an open link, a device here, or a staff account; so many
//! for one address and for everybody at a time; ended after 15 seconds.

use super::auth::SignedIn;
use super::extract::{Json, Path};
use super::peer::Peer;
use super::problem::ProblemBody;
use super::{Problem, Shared, devices, sessions};
use crate::ids::{DeviceId, SessionId};
use crate::media::Event;
use crate::session::state::Standing;
use crate::turn::IceServer;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How long a check may take.
const CHECK: Duration = Duration::from_secs(15);

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(by_link_or_staff)).routes(routes!(by_device))
}

/// The way to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Via {
    Udp,
    /// ICE-TCP; the answer has no candidates where the server has none.
    Tcp,
    /// Over a relay of `ice_servers` alone: `iceTransportPolicy` is the client's to set.
    Relay,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Check {
    /// An offer of the same form as in a session.
    sdp: String,
    via: Via,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CheckByLink {
    /// An offer of the same form as in a session.
    sdp: String,
    via: Via,
    /// Of a link that is open, from its fragment. Staff need none.
    token: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Checking {
    /// The answer. Its candidates are those of the way to try.
    sdp: String,
    /// Empty where there is no relay.
    ice_servers: Vec<IceServer>,
}

/// Connects to nobody for 15 seconds, to try the network before joining. With the token of an open link,
/// or staff's cookie.
#[utoipa::path(
    post, path = "/network-check", tag = "network", request_body = CheckByLink,
    responses(
        (status = 200, body = Checking), (status = 401, body = ProblemBody), (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody), (status = 422, body = ProblemBody), (status = 429, body = ProblemBody),
    ),
)]
async fn by_link_or_staff(
    State(state): State<Shared>,
    peer: Peer,
    staff: Result<SignedIn, Problem>,
    Json(CheckByLink { sdp, via, token }): Json<CheckByLink>,
) -> Result<axum::Json<Checking>, Problem> {
    state.gates.check(&peer, state.clock.now())?;
    match token {
        Some(token) => sessions::open_link(&state, &token).await?,
        None => drop(staff?),
    }
    check(&state, &peer, Check { sdp, via }).await
}

/// The same for a device that waits or is in, by its own cookie.
#[utoipa::path(
    post, path = "/devices/{device}/network-check", tag = "network", request_body = Check,
    params(("device" = DeviceId, Path)),
    responses(
        (status = 200, body = Checking), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 422, body = ProblemBody), (status = 429, body = ProblemBody),
    ),
)]
async fn by_device(
    State(state): State<Shared>,
    peer: Peer,
    Path(device): Path<DeviceId>,
    headers: HeaderMap,
    Json(request): Json<Check>,
) -> Result<axum::Json<Checking>, Problem> {
    state.gates.check(&peer, state.clock.now())?;
    let who = devices::who(&state, &headers, &device).await?;
    if !matches!(who.standing, Standing::Waiting | Standing::In) {
        return Err(Problem::not_your_right());
    }
    check(&state, &peer, request).await
}

async fn check(
    state: &Shared,
    peer: &Peer,
    Check { sdp, via }: Check,
) -> Result<axum::Json<Checking>, Problem> {
    let place = state.gates.checking.take(peer)?;
    let permit = state.gates.checking_at_once.clone().try_acquire_owned();
    let permit = permit.map_err(|_| Problem::unavailable())?;
    let setting = state.sessions.setting.clone();
    let id = setting.next_peer();
    // A room of its own, which nobody routes.
    let room = SessionId::random(&state.random);
    let mut events = setting.media.events(room.clone()).await?;
    let answer = setting.media.connect(room, id, sdp).await?;
    let ice_servers = setting.turn.ice_servers(&format!("check/{}", id.0), state.clock.now());
    let stop = state.stop.clone();
    state.tasks.spawn(async move {
        let _held = (place, permit);
        let gone = async { while !matches!(events.recv().await, None | Some(Event::Gone { .. })) {} };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = timeout(CHECK, gone) => {}
        }
        setting.media.disconnect(id).await;
    });
    Ok(axum::Json(Checking { sdp: only(via, &answer), ice_servers }))
}

/// The answer with the candidates of one way alone. A relay reaches the server by UDP.
fn only(via: Via, answer: &str) -> String {
    let wanted = if via == Via::Tcp { "tcp" } else { "udp" };
    let fits = |line: &&str| match line.strip_prefix("a=candidate:") {
        Some(candidate) => {
            candidate.split(' ').nth(2).is_some_and(|transport| transport.eq_ignore_ascii_case(wanted))
        }
        None => true,
    };
    answer.split_inclusive('\n').filter(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_one_way_alone() {
        let udp = "a=candidate:1 1 UDP 2130706431 192.0.2.1 8443 typ host\r\n";
        let also = "a=candidate:2 1 udp 2130706175 2001:db8::1 8443 typ host\r\n";
        let tcp = "a=candidate:3 1 TCP 1518280447 192.0.2.1 8443 typ host tcptype passive\r\n";
        let odd = "a=candidate:4\r\n";
        let (head, tail) = ("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n", "a=end-of-candidates\r\na=tcp\r\n");
        let answer = [head, udp, tcp, also, odd, tail].concat();
        assert_eq!(only(Via::Udp, &answer), [head, udp, also, tail].concat());
        assert_eq!(only(Via::Relay, &answer), [head, udp, also, tail].concat());
        assert_eq!(only(Via::Tcp, &answer), [head, tcp, tail].concat());
        assert_eq!(only(Via::Tcp, &[head, udp, tail].concat()), [head, tail].concat());
    }
}
