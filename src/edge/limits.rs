//! How often who may ask: token buckets per address and account. A whole shop shares one address.

use super::peer::Peer;
use super::places::Places;
use super::problem::Problem;
use crate::bucket::{Buckets, Rate};
use crate::clock::Time;
use crate::config::Limits;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Addresses and accounts remembered at once; some tens of bytes each.
const REMEMBERED: usize = 50_000;
/// Network checks under way at a time: of a whole shop, and of everybody. Each is a peer connection.
const CHECKS_PER_ADDRESS: usize = 24;
const CHECKS: usize = 96;

/// The buckets of a server.
pub struct Gates {
    requests: Buckets<IpAddr>,
    logins: Buckets<IpAddr>,
    accounts: Buckets<String>,
    joins: Buckets<IpAddr>,
    operators: Buckets<IpAddr>,
    checks: Buckets<IpAddr>,
    /// Open WebSockets.
    pub sockets: Places,
    /// Network checks under way: of one address, and of all.
    pub checking: Places,
    pub checking_at_once: Arc<Semaphore>,
}

impl Gates {
    pub fn new(limits: &Limits) -> Self {
        let rate = |per_minute: u32| Rate { burst: (per_minute / 2).max(1), per_minute };
        Self {
            requests: Buckets::new(rate(limits.requests_per_minute), REMEMBERED),
            logins: Buckets::new(rate(limits.logins_per_minute), REMEMBERED),
            accounts: Buckets::new(rate(limits.logins_per_minute_per_account), REMEMBERED),
            joins: Buckets::new(rate(limits.joins_per_minute), REMEMBERED),
            operators: Buckets::new(rate(limits.operator_requests_per_minute), REMEMBERED),
            checks: Buckets::new(rate(limits.network_checks_per_minute), REMEMBERED),
            sockets: Places::new(limits.sockets_per_address),
            checking: Places::new(CHECKS_PER_ADDRESS),
            checking_at_once: Arc::new(Semaphore::new(CHECKS)),
        }
    }

    /// Counts a request to the API.
    pub fn request(&self, peer: &Peer, now: Time) -> Result<(), Problem> {
        self.requests.take(peer.network(), now).map_err(Problem::too_many)
    }

    /// Counts a sign-in attempt by its address, and by the account's name where it has one.
    pub fn login(&self, peer: &Peer, account: Option<&str>, now: Time) -> Result<(), Problem> {
        self.logins.take(peer.network(), now).map_err(Problem::too_many)?;
        let Some(name) = account else { return Ok(()) };
        let name: String = name.trim().to_lowercase().chars().take(60).collect();
        self.accounts.take(name, now).map_err(Problem::too_many)
    }

    /// Counts a network check.
    pub fn check(&self, peer: &Peer, now: Time) -> Result<(), Problem> {
        self.checks.take(peer.network(), now).map_err(Problem::too_many)
    }

    /// Counts looking at or using an invitation link.
    pub fn join(&self, peer: &Peer, now: Time) -> Result<(), Problem> {
        self.joins.take(peer.network(), now).map_err(Problem::too_many)
    }

    /// Counts a use of an operator's key, or of what is no key.
    pub fn operator(&self, peer: &Peer, now: Time) -> Result<(), Problem> {
        self.operators.take(peer.network(), now).map_err(Problem::too_many)
    }
}
