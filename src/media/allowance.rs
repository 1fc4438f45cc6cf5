//! How much one client may send: far above any browser, far below what would hurt the others.
//! `peer` asks before the library decrypts.
//!
//! Pure.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_millis(500);
/// Per window: 4,000 packets and 20 Mbit a second. Camera and screen at their best take 600 and 6.
const PACKETS: u32 = 2_000;
const OCTETS: usize = 1_250_000;

#[derive(Debug)]
pub struct Allowance {
    since: Instant,
    packets: u32,
    octets: usize,
}

impl Allowance {
    pub fn new(now: Instant) -> Self {
        Self { since: now, packets: 0, octets: 0 }
    }

    /// Whether a datagram of so many octets may be looked at.
    pub fn take(&mut self, now: Instant, octets: usize) -> bool {
        if now.duration_since(self.since) >= WINDOW {
            *self = Self::new(now);
        }
        self.packets = self.packets.saturating_add(1);
        self.octets = self.octets.saturating_add(octets);
        self.packets <= PACKETS && self.octets <= OCTETS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_cut_and_the_next_window_begins_anew() {
        let start = Instant::now();
        let mut allowance = Allowance::new(start);
        assert!((0..PACKETS).all(|_| allowance.take(start, 100)));
        assert!(!allowance.take(start, 100), "one packet too many");
        assert!(allowance.take(start + WINDOW, 100));
        assert!(!allowance.take(start + WINDOW, OCTETS), "too many octets");
    }
}
