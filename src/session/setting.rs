//! What every session stands on; made once by the server.

use super::step::Context;
use crate::clock::{Clock, Time};
use crate::log::Log;
use crate::log::checkpoint::Checkpoint;
use crate::media::{Media, PeerId};
use crate::random::Random;
use crate::signing::document::{Anchor, Head};
use crate::signing::keys::Es256Key;
use crate::store::Store;
use crate::turn::Turn;
use std::sync::atomic::{AtomicU64, Ordering};

/// What every session stands on.
pub struct Setting {
    pub store: Store,
    pub clock: Clock,
    pub random: Random,
    pub media: Media,
    /// The relay to the SFU, if there is one.
    pub turn: Turn,
    pub log: Log,
    /// Countersigns outcomes.
    pub server_key: Es256Key,
    pub zone: jiff::tz::TimeZone,
    /// `iss` of outcomes.
    pub issuer: String,
    /// What links begin with.
    pub public_url: String,
    pub agency: String,
    /// Sessions in memory at a time.
    pub max_sessions: usize,
    pub peers: AtomicU64,
}

impl Setting {
    pub(super) fn context<'a>(&'a self, now: Time, anchor: Option<&'a Anchor>) -> Context<'a> {
        Context {
            now,
            random: &self.random,
            zone: &self.zone,
            issuer: &self.issuer,
            agency: &self.agency,
            public_url: &self.public_url,
            anchor,
        }
    }

    /// The log's newest checkpoint, as an outcome names it.
    pub(super) fn anchor(&self) -> Option<Anchor> {
        let Checkpoint { origin, head } = self.log.published()?.checkpoint;
        let Head { root, size } = head.into();
        Some(Anchor { origin, root, size })
    }

    pub fn next_peer(&self) -> PeerId {
        PeerId(self.peers.fetch_add(1, Ordering::Relaxed))
    }
}
