//! How loud one microphone was in the last seconds, in bins of 20 ms, out of the levels that its
//! packets carry (RFC 6464). Lost packets and discontinuous transmission leave gaps: a short one is
//! bridged, a longer one is silence.

use std::time::Duration;

pub const BIN: Duration = Duration::from_millis(20);
/// Bins that are correlated: 4 s.
pub const WINDOW: usize = 200;
/// How much earlier and later than the window of the microphone the speaker's may lie.
pub const BEFORE: usize = 75;
pub const AFTER: usize = 25;
pub const SPAN: usize = BEFORE + WINDOW + AFTER;

/// What is quieter than -60 dBov is room noise, and counts as silence.
const FLOOR: u8 = 60;
/// Three lost packets in a row are bridged; discontinuous transmission leaves 19 out of 20 away.
const BRIDGED: u64 = 4;
const RING: usize = 512;
/// Bins whose sum is one value of a [`Smooth`]: arrival jitter moves a packet by one or two bins.
const SMOOTHED: usize = 3;

/// Sums of three neighbouring bins' loudness above the floor, in dB: 0 to 180.
pub type Smooth = [i16; SPAN];
/// One value of a [`Smooth`] for so many decibels above -60 dBov.
pub const fn above_floor(decibels: i16) -> i16 {
    decibels * SMOOTHED as i16
}

#[derive(Debug, Clone)]
pub struct Envelope {
    /// Loudness above the floor in dB, by bin modulo the ring.
    loudness: [u8; RING],
    newest: u64,
}

impl Envelope {
    /// Silent until `bin`.
    pub fn new(bin: u64) -> Self {
        Self { loudness: [0; RING], newest: bin }
    }

    /// A packet came. `level` as in its header extension: 0 is loudest, 127 silence.
    pub fn heard(&mut self, bin: u64, level: u8) {
        let loudness = FLOOR.saturating_sub(level);
        let gap = bin.saturating_sub(self.newest);
        if gap == 0 {
            let newest = &mut self.loudness[at(self.newest)];
            *newest = loudness.max(*newest);
            return;
        }
        let between = if gap <= BRIDGED { loudness.midpoint(self.loudness[at(self.newest)]) } else { 0 };
        for missed in (1..gap.min(RING as u64)).map(|back| bin - back) {
            self.loudness[at(missed)] = between;
        }
        self.loudness[at(bin)] = loudness;
        self.newest = bin;
    }

    /// The last bins before `end`, smoothed.
    pub fn smooth(&self, end: u64) -> Smooth {
        let first = end.saturating_sub((SPAN + SMOOTHED - 1) as u64);
        std::array::from_fn(|index| {
            let bins = (0..SMOOTHED).map(|more| first + (index + more) as u64);
            bins.map(|bin| i16::from(self.loudness(bin))).sum()
        })
    }

    fn loudness(&self, bin: u64) -> u8 {
        if bin <= self.newest {
            // Older than the ring is nobody's question.
            self.loudness[at(bin)]
        } else if bin < self.newest + BRIDGED {
            self.loudness[at(self.newest)]
        } else {
            0
        }
    }
}

fn at(bin: u64) -> usize {
    (bin % RING as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(envelope: &Envelope, end: u64, count: usize) -> Vec<u8> {
        (end - count as u64..end).map(|bin| envelope.loudness(bin)).collect()
    }

    #[test]
    fn lost_packets_are_bridged_and_a_long_gap_is_silence() {
        let mut envelope = Envelope::new(1_000);
        for (bin, level) in [(1_001, 20), (1_003, 30), (1_003, 40), (1_013, 20)] {
            envelope.heard(bin, level);
        }
        assert_eq!(
            last(&envelope, 1_019, 19),
            [0, 40, 35, 30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 40, 40, 40, 0, 0]
        );
    }

    #[test]
    fn what_was_before_a_pause_longer_than_the_ring_is_forgotten() {
        let mut envelope = Envelope::new(0);
        (1..RING as u64).for_each(|bin| envelope.heard(bin, 0));
        envelope.heard(u64::MAX / 2, 127);
        assert_eq!(envelope.smooth(u64::MAX / 2 + 1), [0; SPAN]);
        assert_eq!(envelope.smooth(u64::MAX / 2 + 9), [0; SPAN]);
    }

    #[test]
    fn the_window_ends_where_it_is_told_to() {
        let mut envelope = Envelope::new(0);
        (1..=400).for_each(|bin| envelope.heard(bin, if bin == 399 { 10 } else { 127 }));
        let smooth = envelope.smooth(401);
        assert_eq!(smooth[SPAN - 3..], [0, 50, 50]);
        assert_eq!(smooth.iter().filter(|sum| **sum > 0).count(), 2);
    }
}
