//! What is missing of one incoming stream (one SSRC), and when to ask its sender for it again
//! (RFC 4585 §6.2.1). `uplink` owns one per layer and tells it of *every* packet of the stream:
//! empty ones (probes use up numbers too), and retransmitted ones under their original number.
//!
//! Pure. What always holds: what has come is not asked for, nothing is asked for more than
//! [`ASKS`] times nor a second after it was missed, at most [`MISSING`] numbers are remembered,
//! and a packet in order costs no allocation.

use super::rewrite::is_newer;
use std::time::{Duration, Instant};

/// Numbers remembered as missing. A longer gap is an outage: a key frame mends it sooner than
/// hundreds of old packets would.
const MISSING: usize = 256;
/// Times that one packet is asked for.
const ASKS: u8 = 8;
/// A packet that was only overtaken mostly comes before the next one or within this time, so a gap
/// is asked for when either has passed.
const OVERTAKEN: Duration = Duration::from_millis(10);
/// Nobody waits for a packet longer than this.
const TOO_LATE: Duration = Duration::from_millis(1_000);
/// The least time to give an answer, however near the sender is.
const LEAST_ROUND_TRIP: Duration = Duration::from_millis(20);

#[derive(Debug, Default)]
pub struct Losses {
    newest: Option<u16>,
    /// Oldest first.
    missing: Vec<Missing>,
    /// Of packets that were newer than all before them; wraps.
    advances: u32,
    gave_up: bool,
}

#[derive(Debug)]
struct Missing {
    sequence: u16,
    noticed: Instant,
    /// `advances` when it was noticed.
    advance: u32,
    asked: Option<Instant>,
    asks: u8,
}

impl Losses {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn arrived(&mut self, now: Instant, sequence: u16) {
        let Some(newest) = self.newest else {
            self.newest = Some(sequence);
            return;
        };
        if !is_newer(sequence, newest) {
            self.found(newest, sequence);
            return;
        }
        self.newest = Some(sequence);
        self.advances = self.advances.wrapping_add(1);
        let gap = usize::from(sequence.wrapping_sub(newest)) - 1;
        if gap > 0 {
            self.miss(now, newest, gap);
        }
    }

    /// Adds the sequence numbers to ask for now, oldest first; nothing most of the time.
    pub fn due(&mut self, now: Instant, round_trip: Duration, out: &mut Vec<u16>) {
        if self.missing.is_empty() {
            return;
        }
        // A quarter more than the answer needs: a round trip is never quite the last one.
        let pause = round_trip.max(LEAST_ROUND_TRIP) * 5 / 4;
        let before = self.missing.len();
        self.missing.retain(|missing| !missing.is_hopeless(now, pause));
        self.gave_up |= self.missing.len() < before;
        for missing in &mut self.missing {
            if missing.is_due(now, pause, self.advances) {
                missing.asked = Some(now);
                missing.asks += 1;
                out.push(missing.sequence);
            }
        }
    }

    /// Whether something was given up since this was asked last: only a key frame helps video then.
    pub fn gave_up(&mut self) -> bool {
        std::mem::take(&mut self.gave_up)
    }

    fn found(&mut self, newest: u16, sequence: u16) {
        let age = |sequence: u16| newest.wrapping_sub(sequence);
        let at = self.missing.binary_search_by(|missing| age(sequence).cmp(&age(missing.sequence)));
        if let Ok(at) = at {
            self.missing.remove(at);
        }
    }

    /// `gap` numbers after `newest` are missing.
    fn miss(&mut self, now: Instant, newest: u16, gap: usize) {
        if gap > MISSING {
            self.missing.clear();
            self.gave_up = true;
            return;
        }
        let too_many = (self.missing.len() + gap).saturating_sub(MISSING);
        if too_many > 0 {
            self.missing.drain(..too_many);
            self.gave_up = true;
        }
        let advance = self.advances;
        self.missing.extend((1..=gap as u16).map(|step| Missing {
            sequence: newest.wrapping_add(step),
            noticed: now,
            advance,
            asked: None,
            asks: 0,
        }));
    }
}

impl Missing {
    fn is_due(&self, now: Instant, pause: Duration, advances: u32) -> bool {
        match self.asked {
            Some(asked) => now.duration_since(asked) >= pause,
            None => advances != self.advance || now.duration_since(self.noticed) >= OVERTAKEN,
        }
    }

    /// Too old, or the last answer did not come either.
    fn is_hopeless(&self, now: Instant, pause: Duration) -> bool {
        now.duration_since(self.noticed) >= TOO_LATE
            || self.asks >= ASKS && self.asked.is_some_and(|asked| now.duration_since(asked) >= pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    const NEAR: Duration = Duration::from_millis(40);
    const PAUSE: Duration = Duration::from_millis(50);
    const NONE: [u16; 0] = [];

    fn due(losses: &mut Losses, now: Instant) -> Vec<u16> {
        let mut out = Vec::new();
        losses.due(now, NEAR, &mut out);
        out
    }

    fn heard(now: Instant, sequences: impl IntoIterator<Item = u16>) -> Losses {
        let mut losses = Losses::new();
        sequences.into_iter().for_each(|sequence| losses.arrived(now, sequence));
        losses
    }

    #[test]
    fn an_unbroken_stream_asks_for_nothing_and_allocates_nothing() {
        let now = Instant::now();
        let mut losses = heard(now, (0..=u16::MAX).chain(0..100));
        assert_eq!(due(&mut losses, now + TOO_LATE), NONE);
        assert_eq!(losses.missing.capacity(), 0);
        assert!(!losses.gave_up());
    }

    #[test]
    fn a_gap_is_asked_for_with_the_second_later_packet() {
        let now = Instant::now();
        let mut losses = heard(now, [65_533, 65_534, 1]);
        assert_eq!(due(&mut losses, now), NONE, "perhaps only overtaken");
        losses.arrived(now, 2);
        assert_eq!(due(&mut losses, now), [65_535, 0]);
        assert_eq!(due(&mut losses, now), NONE, "asked just now");
    }

    #[test]
    fn a_gap_before_a_pause_is_asked_for_after_ten_milliseconds() {
        let now = Instant::now();
        let mut losses = heard(now, [1, 3]);
        assert_eq!(due(&mut losses, now + OVERTAKEN - Duration::from_millis(1)), NONE);
        assert_eq!(due(&mut losses, now + OVERTAKEN), [2]);
    }

    #[test]
    fn what_was_overtaken_or_retransmitted_is_not_asked_for() {
        let now = Instant::now();
        let mut losses = heard(now, [1, 3, 2, 5, 6]);
        assert_eq!(due(&mut losses, now), [4]);
        losses.arrived(now, 4);
        losses.arrived(now, 4);
        assert_eq!(due(&mut losses, now + PAUSE), NONE);
        assert!(!losses.gave_up());
    }

    #[test]
    fn it_asks_again_after_a_round_trip_and_gives_up_after_eight_times() {
        let start = Instant::now();
        let mut losses = heard(start, [1, 3, 4]);
        for round in 0..u32::from(ASKS) {
            let now = start + PAUSE * round;
            assert_eq!(due(&mut losses, now), [2], "round {round}");
            assert_eq!(due(&mut losses, now + PAUSE - Duration::from_millis(1)), NONE);
            assert!(!losses.gave_up());
        }
        assert_eq!(due(&mut losses, start + PAUSE * 8), NONE);
        assert!(losses.gave_up());
        assert!(!losses.gave_up(), "told once");
    }

    #[test]
    fn a_far_sender_is_given_up_after_a_second() {
        let start = Instant::now();
        let mut losses = heard(start, [1, 3, 4]);
        let mut out = Vec::new();
        for ms in 0..2_000 {
            losses.due(start + Duration::from_millis(ms), Duration::from_millis(300), &mut out);
        }
        assert_eq!(out, [2, 2, 2], "at 0, 375 and 750 ms");
        assert!(losses.gave_up());
    }

    #[test]
    fn an_outage_is_given_up_at_once() {
        let now = Instant::now();
        let mut losses = heard(now, [1, 3, 260, 261]);
        assert_eq!(due(&mut losses, now).len(), MISSING, "the last one that is asked for");
        assert!(losses.gave_up(), "2 had to go");
        losses.arrived(now, 261 + 258);
        losses.arrived(now, 261 + 259);
        assert_eq!(due(&mut losses, now), NONE);
        assert!(losses.gave_up());
    }

    proptest! {
        /// Whatever comes, and whenever: only what is missing is asked for, not too often, not too
        /// late, never too many.
        #[test]
        fn asking_is_bounded(
            first in any::<u16>(),
            round_trip in 0u64..400,
            steps in prop::collection::vec((-20i64..60, 0u64..40), 1..300),
            jump in 0i64..2_000,
        ) {
            let start = Instant::now();
            let round_trip = Duration::from_millis(round_trip);
            let (mut at, mut newest) = (start, i64::from(first));
            let mut losses = Losses::new();
            let mut arrived = BTreeSet::new();
            let mut asked: BTreeMap<u16, Vec<Instant>> = BTreeMap::new();
            for (index, (step, pause)) in steps.into_iter().enumerate() {
                // Mostly in order, sometimes back, once a jump.
                let step = if index == 150 { jump } else if step > 10 { 1 } else { step };
                at += Duration::from_millis(pause);
                newest = (newest + step).max(newest);
                let sequence = (newest + step.min(0)) as u16;
                losses.arrived(at, sequence);
                arrived.insert(sequence);
                let mut out = Vec::new();
                losses.due(at, round_trip, &mut out);
                prop_assert!(out.len() <= MISSING);
                prop_assert!(losses.missing.len() <= MISSING);
                for sequence in out {
                    prop_assert!(!arrived.contains(&sequence), "{sequence} has come");
                    prop_assert!(!is_newer(sequence, newest as u16), "{sequence} is to come");
                    asked.entry(sequence).or_default().push(at);
                }
            }
            for (sequence, times) in asked {
                prop_assert!(times.len() <= usize::from(ASKS), "{sequence}: {}", times.len());
                prop_assert!(times.windows(2).all(|two| two[1] - two[0] >= round_trip.max(LEAST_ROUND_TRIP)));
                prop_assert!(times[times.len() - 1] - times[0] < TOO_LATE);
            }
        }

        /// A way that loses packets in both directions: everything comes in the end, or is told as
        /// given up.
        #[test]
        fn everything_comes_or_is_given_up(
            first in any::<u16>(),
            fates in prop::collection::vec(prop::bool::weighted(0.2), 200..201),
            answers in prop::collection::vec(prop::bool::weighted(0.5), 600..601),
        ) {
            let start = Instant::now();
            let mut losses = Losses::new();
            let mut arrived = BTreeSet::new();
            let mut answers = answers.into_iter().cycle();
            let ends = |index: usize| !(2..198).contains(&index);
            for millisecond in 0..4_000usize {
                let now = start + Duration::from_millis(millisecond as u64);
                let index = millisecond / 5;
                if millisecond.is_multiple_of(5) && index < 200 && (ends(index) || !fates[index]) {
                    losses.arrived(now, first.wrapping_add(index as u16));
                    arrived.insert(index as u16);
                }
                let mut out = Vec::new();
                losses.due(now, NEAR, &mut out);
                for sequence in out {
                    if answers.next() == Some(true) {
                        losses.arrived(now, sequence);
                        arrived.insert(sequence.wrapping_sub(first));
                    }
                }
            }
            prop_assert!(losses.missing.is_empty());
            prop_assert_eq!(arrived.len() < 200, losses.gave_up());
        }
    }
}
