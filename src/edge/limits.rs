//! How often who may ask: token buckets per address and account. A whole shop shares one address.

use super::peer::Peer;
use super::places::Places;
use super::{Problem, Shared};
use crate::bucket::{Buckets, Rate};
use crate::clock::Time;
use crate::config::Limits;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;

/// Addresses and accounts remembered at once; some tens of bytes each.
const REMEMBERED: usize = 50_000;

/// The buckets of a server.
pub struct Gates {
    requests: Buckets<IpAddr>,
    logins: Buckets<IpAddr>,
    accounts: Buckets<String>,
    joins: Buckets<IpAddr>,
    /// Open WebSockets.
    pub sockets: Places,
}

impl Gates {
    pub fn new(limits: &Limits) -> Self {
        let rate = |per_minute: u32| Rate { burst: (per_minute / 2).max(1), per_minute };
        Self {
            requests: Buckets::new(rate(limits.requests_per_minute), REMEMBERED),
            logins: Buckets::new(rate(limits.logins_per_minute), REMEMBERED),
            accounts: Buckets::new(rate(limits.logins_per_minute_per_account), REMEMBERED),
            joins: Buckets::new(rate(limits.joins_per_minute), REMEMBERED),
            sockets: Places::new(limits.sockets_per_address),
        }
    }

    /// Counts a sign-in attempt by its address, and by the account's name where it has one.
    pub fn login(&self, peer: &Peer, account: Option<&str>, now: Time) -> Result<(), Problem> {
        self.logins.take(peer.network(), now).map_err(Problem::too_many)?;
        let Some(name) = account else { return Ok(()) };
        let name: String = name.trim().to_lowercase().chars().take(60).collect();
        self.accounts.take(name, now).map_err(Problem::too_many)
    }

    /// Counts looking at or using an invitation link.
    pub fn join(&self, peer: &Peer, now: Time) -> Result<(), Problem> {
        self.joins.take(peer.network(), now).map_err(Problem::too_many)
    }
}

/// Counts every request to the API.
pub(super) async fn guard(State(state): State<Shared>, peer: Peer, request: Request, next: Next) -> Response {
    match state.gates.requests.take(peer.network(), state.clock.now()) {
        Ok(()) => next.run(request).await,
        Err(ms) => Problem::too_many(ms).into_response(),
    }
}
