//! Bits per second that arrived lately, by the receiver's clock: feedback comes in lumps, and a
//! rate over its arrival here would be of lumps too.

use std::collections::VecDeque;
use std::time::Duration;

const WINDOW: Duration = Duration::from_millis(500);
/// A shorter span tells nothing.
const ENOUGH: Duration = Duration::from_millis(300);
/// Samples kept: 12 Mbit/s of full packets over the window are 625.
const MOST: usize = 1_024;

#[derive(Default)]
pub struct Rate {
    samples: VecDeque<(Duration, usize)>,
    octets: usize,
    first: Option<Duration>,
    newest: Duration,
}

impl Rate {
    pub fn note(&mut self, at: Duration, octets: usize) {
        self.first.get_or_insert(at);
        self.newest = self.newest.max(at);
        self.samples.push_back((at, octets));
        self.octets += octets;
        while let Some(&(at, octets)) = self.samples.front()
            && (at + WINDOW <= self.newest || self.samples.len() > MOST)
        {
            self.samples.pop_front();
            self.octets -= octets;
        }
    }

    /// `None` while too little is known.
    pub fn bits(&self) -> Option<f64> {
        let span = self.newest.saturating_sub(self.first?).min(WINDOW);
        (span >= ENOUGH).then(|| self.octets as f64 * 8.0 / span.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_stream_reads_as_what_it_is() {
        let mut rate = Rate::default();
        for n in 0..15 {
            rate.note(Duration::from_millis(n * 20), 100);
            assert_eq!(rate.bits(), None, "{n}");
        }
        for n in 15..100 {
            rate.note(Duration::from_millis(n * 20), 100);
        }
        assert!((rate.bits().unwrap() - 40_000.0).abs() < 2_000.0, "{:?}", rate.bits());
    }

    #[test]
    fn a_gap_is_part_of_the_rate() {
        let mut rate = Rate::default();
        for n in 0..50 {
            rate.note(Duration::from_millis(n * 20), 1_000);
        }
        rate.note(Duration::from_millis(3_000), 1_000);
        assert_eq!(rate.bits(), Some(16_000.0));
    }
}
