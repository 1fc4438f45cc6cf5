//! What came to one participant, by whom it was sent: counted once each, with how long it took.

use crate::stamp::{Era, Kind, Stamp};
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::time::Instant;

/// Packets remembered of each track, to count none twice.
const REMEMBERED: usize = 4_096;
/// No latency is told as more than this.
const LONGEST_US: u64 = 10_000_000;

/// Durations in microseconds; bounded however many are recorded.
#[derive(Clone)]
pub struct Durations(Histogram<u32>);

impl Default for Durations {
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, LONGEST_US, 2).expect("right bounds"))
    }
}

impl Durations {
    pub fn record(&mut self, microseconds: u64) {
        self.0.saturating_record(microseconds.clamp(1, LONGEST_US));
    }

    pub fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("the same bounds");
    }

    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Milliseconds at a quantile; nothing if none was recorded.
    pub fn ms(&self, quantile: f64) -> Option<f64> {
        let us = self.0.value_at_quantile(quantile);
        (self.count() > 0).then_some(f64::from(u32::try_from(us).unwrap_or(u32::MAX)) / 1_000.0)
    }
}

/// One track of one sender, as it came.
#[derive(Default)]
pub struct Track {
    pub first_at: Option<Instant>,
    /// By [`Era`].
    pub packets: [u64; 4],
    pub twice: u64,
    seen: Seen,
}

/// Everything that came to one participant.
#[derive(Default)]
pub struct Tally {
    pub tracks: BTreeMap<(u8, Kind), Track>,
    /// Packets of other rooms. There must be none.
    pub strangers: u64,
    /// Of the measured packets.
    pub latency: Durations,
}

impl Tally {
    pub fn take(&mut self, room: u16, stamp: &Stamp, now: u64, at: Instant) {
        if stamp.room != room {
            self.strangers += 1;
            return;
        }
        let track = self.tracks.entry((stamp.person, stamp.kind)).or_default();
        if !track.seen.is_new(stamp.number) {
            track.twice += 1;
            return;
        }
        track.first_at.get_or_insert(at);
        track.packets[stamp.era as usize] += 1;
        if stamp.era == Era::Measured {
            self.latency.record(now.saturating_sub(stamp.sent) / 1_000);
        }
    }

    pub fn packets(&self, person: u8, kind: Kind, era: Era) -> u64 {
        self.tracks.get(&(person, kind)).map_or(0, |track| track.packets[era as usize])
    }

    pub fn first_at(&self, person: u8, kind: Kind) -> Option<Instant> {
        self.tracks.get(&(person, kind))?.first_at
    }

    /// Packets of the measured window.
    pub fn measured(&self) -> u64 {
        self.tracks.values().map(|track| track.packets[Era::Measured as usize]).sum()
    }

    pub fn twice(&self) -> u64 {
        self.tracks.values().map(|track| track.twice).sum()
    }
}

/// The latest numbers of a track.
struct Seen {
    highest: u32,
    bits: Box<[u64; REMEMBERED / 64]>,
}

impl Default for Seen {
    fn default() -> Self {
        Self { highest: 0, bits: Box::new([0; REMEMBERED / 64]) }
    }
}

impl Seen {
    /// Notes a number; those too old to be remembered count as seen.
    fn is_new(&mut self, number: u32) -> bool {
        let (highest, span) = (self.highest, u32::try_from(REMEMBERED).unwrap_or(u32::MAX));
        if number.saturating_add(span) <= highest {
            return false;
        }
        for skipped in (highest + 1..=number).rev().take(REMEMBERED) {
            self.clear(skipped);
        }
        self.highest = highest.max(number);
        let (word, bit) = place(number);
        let new = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        new
    }

    fn clear(&mut self, number: u32) {
        let (word, bit) = place(number);
        self.bits[word] &= !bit;
    }
}

fn place(number: u32) -> (usize, u64) {
    let at = number as usize % REMEMBERED;
    (at / 64, 1 << (at % 64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_counts_once_in_whatever_order_it_comes() {
        let mut seen = Seen::default();
        assert!(seen.is_new(5));
        assert!(seen.is_new(3));
        assert!(!seen.is_new(5));
        assert!(seen.is_new(5 + 4_096), "the same place, another packet");
        assert!(!seen.is_new(5), "too old to tell");
        assert!(seen.is_new(4_000));
        assert!(!seen.is_new(4_000));
        assert!(seen.is_new(1_000_000));
        assert!(seen.is_new(999_999));
    }

    #[test]
    fn percentiles_are_of_what_was_recorded() {
        let mut durations = Durations::default();
        assert_eq!(durations.ms(0.5), None);
        for us in 1..=1_000 {
            durations.record(us);
        }
        let p50 = durations.ms(0.5).unwrap();
        assert!((0.49..=0.51).contains(&p50), "{p50}");
        durations.record(u64::MAX);
        assert_eq!(durations.count(), 1_001);
        assert!(durations.ms(1.0).unwrap() >= 9_900.0);
    }
}
