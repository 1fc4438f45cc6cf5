//! Whose microphone returns what others say. Two people sit in one shop, one at the station with its
//! loudspeaker, one on a phone beside it: what a third person says leaves the loudspeaker, enters the
//! phone's microphone, whose echo canceller knows nothing of it, and comes back to whoever said it.
//! The shard keeps one [`Echo`] for each room, feeds it the audio level of every microphone packet,
//! and tells the room's session what [`Echo::check`] found.
//!
//! How: the level of the returning microphone follows the speaker's, later by the way through network,
//! jitter buffer and shop, and no louder; at one and the same lag, for as long as the speaker speaks.
//! Who hears whom needs no telling: no path, no likeness.
//!
//! Bounded: eight microphones, 5 kB, no allocation after the start. Pure.
mod envelope;
mod follow;
#[cfg(test)]
mod tests;

use super::{AUDIO_SLOTS, PeerId};
use envelope::{BIN, Envelope};
use std::time::{Duration, Instant};

/// Oneself and whom one hears.
const MICROPHONES: usize = AUDIO_SLOTS as usize + 1;
const EVERY: Duration = Duration::from_millis(500);
/// A microphone isn't told of again for so long.
const QUIET: Duration = Duration::from_secs(60);
/// So many likenesses in a row, half a second apart, are an echo. The first and the last have nothing
/// of their four seconds in common.
const ENOUGH: u8 = 9;
/// What one check without likeness, though somebody speaks, takes away again.
const DOUBT: u8 = 2;
/// Bins by which the lag may wander, for jitter's sake.
const SAME: u64 = 2;

/// One for each room.
#[derive(Debug)]
pub struct Echo {
    start: Instant,
    checked: Instant,
    microphones: Vec<Microphone>,
}

#[derive(Debug)]
struct Microphone {
    peer: PeerId,
    envelope: Envelope,
    told: Option<Instant>,
    /// By the position of the speaker it might return.
    suspicions: [Suspicion; MICROPHONES],
}

#[derive(Debug, Clone, Copy, Default)]
struct Suspicion {
    lag: u64,
    strength: u8,
}

impl Echo {
    pub fn new(now: Instant) -> Self {
        Self { start: now, checked: now, microphones: Vec::with_capacity(MICROPHONES) }
    }

    /// A packet of this peer's microphone came, with the level in its header extension (RFC 6464): 0 is
    /// loudest, 127 silence. A ninth microphone isn't listened to.
    pub fn heard(&mut self, peer: PeerId, now: Instant, level: u8) {
        let bin = self.bin(now);
        let known = self.microphones.iter().position(|known| known.peer == peer);
        let place = known.unwrap_or(self.microphones.len());
        if place == MICROPHONES {
            return;
        }
        if known.is_none() {
            self.microphones.push(Microphone::new(peer, bin));
        }
        self.microphones[place].envelope.heard(bin, level);
    }

    /// The peer has left, or its microphone is another one.
    pub fn gone(&mut self, peer: PeerId) {
        let Some(place) = self.microphones.iter().position(|known| known.peer == peer) else { return };
        self.microphones.remove(place);
        for other in &mut self.microphones {
            other.suspicions[place..].rotate_left(1);
            other.suspicions[MICROPHONES - 1] = Suspicion::default();
        }
    }

    /// Whose microphone returns what others say, if that was found now. Looks twice a second, however
    /// often it is called, and names a peer at most once in a minute.
    pub fn check(&mut self, now: Instant) -> Option<PeerId> {
        if now.saturating_duration_since(self.checked) < EVERY {
            return None;
        }
        self.checked = now;
        self.suspect(self.bin(now));
        let guilty = self.microphones.iter_mut().find(|microphone| microphone.is_guilty(now))?;
        guilty.told = Some(now);
        guilty.suspicions = Default::default();
        Some(guilty.peer)
    }

    /// Compares every two of which one speaks.
    fn suspect(&mut self, end: u64) {
        let mut smooth = [[0; envelope::SPAN]; MICROPHONES];
        for (microphone, to) in self.microphones.iter().zip(&mut smooth) {
            *to = microphone.envelope.smooth(end);
        }
        for (speaker, said) in smooth.iter().enumerate().filter(|(_, said)| follow::speaks(said)) {
            let others = self.microphones.iter_mut().enumerate().filter(|(other, _)| *other != speaker);
            for (other, microphone) in others {
                microphone.suspicions[speaker].weigh(follow::lag(said, &smooth[other]));
            }
        }
    }

    fn bin(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.start);
        // One ring further on, so that everybody was silent before the start.
        (since.as_millis() / BIN.as_millis()) as u64 + envelope::SPAN as u64 * 2
    }
}

impl Microphone {
    fn new(peer: PeerId, bin: u64) -> Self {
        Self { peer, envelope: Envelope::new(bin - 1), told: None, suspicions: Default::default() }
    }

    fn is_guilty(&self, now: Instant) -> bool {
        let told = self.told.is_some_and(|told| now.saturating_duration_since(told) < QUIET);
        !told && self.suspicions.iter().any(|suspicion| suspicion.strength >= ENOUGH)
    }
}

impl Suspicion {
    /// One more check while the speaker speaks.
    fn weigh(&mut self, lag: Option<u64>) {
        match lag {
            Some(lag) if lag.abs_diff(self.lag) <= SAME => {
                *self = Self { lag, strength: self.strength.saturating_add(1) };
            }
            Some(lag) => *self = Self { lag, strength: 1 },
            None => self.strength = self.strength.saturating_sub(DOUBT),
        }
    }
}
