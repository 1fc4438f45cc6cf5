//! Whether the queue on the way grows: a line through the delays of the last bursts, as in
//! libwebrtc's trendline estimator, judged by the detector with the adaptive threshold
//! (draft-ietf-rmcat-gcc-02, section 5.4).
//!
//! The trend alone errs twice for what we send: a key frame's own burst reads as a growing queue,
//! and a queue that is full, or stands still, as none. So the least delay of the last bursts has
//! its say: a queue that drains in between is none, and one that stands is overuse, growing or
//! not.

use rtc::interceptor::{ArrivalGroupAccumulator, OveruseDetector, PacketReport, Usage};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bursts the line is drawn through: with sound alone, 400 ms.
const BURSTS: usize = 20;
/// Weight of the past in a burst's delay.
const SMOOTHING: f64 = 0.9;
/// What the slope is multiplied with for the detector's threshold; libwebrtc's numbers.
const GAIN: f64 = 4.0;
const MOST_DELTAS: u32 = 60;
/// A larger step is no queue but another clock, or another path, in milliseconds.
const STEP: f64 = 3_000.0;

/// Of queue that never drained during the line, in milliseconds: without it, nothing is overused;
/// with so much of it, the line is.
const QUEUED: f64 = 15.0;
const STANDING: f64 = 100.0;
/// The least delay of one to two of these is the way's own: clocks drift, and ways change.
const ERA: Duration = Duration::from_secs(10);

pub struct Delay {
    groups: ArrivalGroupAccumulator,
    detector: OveruseDetector,
    start: Instant,
    /// Milliseconds since `start`, smoothed delay in milliseconds.
    line: VecDeque<(f64, f64)>,
    deltas: u32,
    delay: f64,
    smoothed: f64,
    newest: Instant,
    /// Arrival less departure of the last packets, one per burst, in milliseconds.
    ways: VecDeque<f64>,
    /// The least of the last era and of this one, and when this one began.
    least: (f64, f64),
    era: Instant,
}

impl Delay {
    pub fn new(now: Instant) -> Self {
        Self {
            groups: ArrivalGroupAccumulator::default(),
            detector: OveruseDetector::new(),
            start: now,
            line: VecDeque::with_capacity(BURSTS),
            deltas: 0,
            delay: 0.0,
            smoothed: 0.0,
            newest: now,
            ways: VecDeque::with_capacity(BURSTS),
            least: (f64::MAX, f64::MAX),
            era: now,
        }
    }

    pub fn usage(&self) -> Usage {
        match (self.detector.usage(), self.queue()) {
            (_, queue) if queue > STANDING => Usage::Over,
            (Usage::Over, queue) if queue < QUEUED => Usage::Normal,
            (usage, _) => usage,
        }
    }

    /// Milliseconds of queue that every one of the last bursts met.
    pub fn queue(&self) -> f64 {
        if self.ways.len() < BURSTS {
            return 0.0;
        }
        let low = self.ways.iter().copied().fold(f64::MAX, f64::min);
        low - self.least.0.min(self.least.1)
    }

    pub fn note(&mut self, report: &PacketReport) {
        let Some(delta) = self.groups.accumulate(report) else { return };
        self.measure(report);
        if delta.delta_ms.abs() > STEP {
            return self.forget();
        }
        self.newest = delta.at;
        self.deltas = (self.deltas + 1).min(MOST_DELTAS);
        self.delay += delta.delta_ms;
        self.smoothed = SMOOTHING * self.smoothed + (1.0 - SMOOTHING) * self.delay;
        if self.line.len() == BURSTS {
            self.line.pop_front();
        }
        let at = delta.at.saturating_duration_since(self.start).as_secs_f64() * 1_000.0;
        self.line.push_back((at, self.smoothed));
        if self.line.len() == BURSTS {
            let trend = slope(&self.line) * f64::from(self.deltas) * GAIN;
            self.detector.update(delta.at, trend);
        }
    }

    fn measure(&mut self, report: &PacketReport) {
        let Some(arrival) = report.arrival else { return };
        let departure = report.departure.saturating_duration_since(self.start);
        let way = (arrival.as_secs_f64() - departure.as_secs_f64()) * 1_000.0;
        if report.departure.saturating_duration_since(self.era) > ERA {
            self.era = report.departure;
            self.least = (self.least.1, f64::MAX);
        }
        self.least.1 = self.least.1.min(way);
        if self.ways.len() == BURSTS {
            self.ways.pop_front();
        }
        self.ways.push_back(way);
    }

    /// Another way perhaps: what its delay is without a queue is to be learned again.
    pub fn forget(&mut self) {
        self.restart();
        self.least = (f64::MAX, f64::MAX);
    }

    /// Begins anew, but keeps what it learned of the line's jitter.
    pub fn restart(&mut self) {
        self.groups = ArrivalGroupAccumulator::default();
        self.line.clear();
        self.ways.clear();
        self.deltas = 0;
        self.delay = 0.0;
        self.smoothed = 0.0;
        // Any trend of 0 sets it to normal; the threshold stays where it is, the time being the same.
        self.detector.update(self.newest, 0.0);
    }
}

/// Least squares; milliseconds of delay per millisecond.
fn slope(line: &VecDeque<(f64, f64)>) -> f64 {
    let count = line.len() as f64;
    let (sum_x, sum_y) = line.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (above, below) = line.iter().fold((0.0, 0.0), |(above, below), (x, y)| {
        (above + (x - mean_x) * (y - mean_y), below + (x - mean_x) * (x - mean_x))
    });
    if below > 0.0 { above / below } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc::rtcp::transport_feedbacks::cc_feedback_report::Ecn;

    /// What a stream of a packet every 20 ms is judged, when each takes so many microseconds.
    fn judged(packets: u64, takes: impl Fn(u64) -> u64) -> Vec<Usage> {
        let start = Instant::now();
        let mut delay = Delay::new(start);
        let judge = |n| {
            delay.note(&PacketReport {
                ssrc: 0,
                id: n,
                rtp_sequence_number: 0,
                is_twcc: true,
                twcc_sequence_number: n as u16,
                size: 100,
                arrived: true,
                departure: start + Duration::from_millis(n * 20),
                arrival: Some(Duration::from_micros(1_000_000 + n * 20_000 + takes(n))),
                ecn: Ecn::NotEct,
            });
            delay.usage()
        };
        (0..packets).map(judge).collect()
    }

    #[test]
    fn a_tenth_too_much_is_noticed_within_two_seconds() {
        let usages = judged(100, |n| 30_000 + n * 2_000);
        assert!(usages.contains(&Usage::Over), "{usages:?}");
    }

    #[test]
    fn an_even_line_is_none_of_it_even_with_a_clock_that_runs_off() {
        let usages = judged(3_000, |n| 30_000 + n * 4);
        assert!(usages.iter().all(|usage| *usage == Usage::Normal), "{usages:?}");
    }

    #[test]
    fn a_queue_that_stands_is_noticed_and_one_that_drains_in_between_is_not() {
        let standing = judged(200, |n| if n < 50 { 30_000 } else { 200_000 });
        assert_eq!(standing[199], Usage::Over);
        let draining = judged(200, |n| 30_000 + n % 15 * 10_000);
        assert!(!draining.contains(&Usage::Over), "{draining:?}");
    }

    #[test]
    fn jitter_of_ten_milliseconds_is_none_of_it() {
        let usages = judged(3_000, |n| 30_000 + n * 7_919 % 10_007);
        let over = usages.iter().filter(|usage| **usage == Usage::Over).count();
        assert!(over * 100 < usages.len(), "{over}");
    }
}
