//! What every handler works with: made once by `server`, shared by all requests.

use super::limits::Gates;
use super::metrics::Metrics;
use crate::clock::Clock;
use crate::config::Config;
use crate::random::Random;
use crate::session::registry::Sessions;
use crate::staff::Passwords;
use crate::store::Store;
use jiff::tz::TimeZone;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The parts of a running server.
pub struct AppState {
    pub config: Config,
    pub store: Store,
    pub clock: Clock,
    pub random: Random,
    /// The agency's, from the configuration.
    pub zone: TimeZone,
    pub passwords: Passwords,
    /// How often who may ask for what.
    pub gates: Gates,
    pub metrics: Metrics,
    pub sessions: Sessions,
    /// This server shows made-up cases (`hejie demo`).
    pub sample: bool,
    /// Cancelled when the server stops: long-lived connections then say goodbye.
    pub stop: CancellationToken,
    /// Tasks that the server waits for when it stops.
    pub tasks: TaskTracker,
}

pub type Shared = Arc<AppState>;

impl AppState {
    /// Whether cookies and links are HTTPS's, as seen from the configuration.
    pub fn has_hsts(&self) -> bool {
        let https = self.config.server.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
        (https || self.config.tls.cert.is_some()) && !self.config.tls.self_signed
    }
}
