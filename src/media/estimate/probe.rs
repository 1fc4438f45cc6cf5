//! Finding out whether more would fit, by padding what is sent anyway for 150 ms up to the rate in
//! question. Rare: a second after one that got through, two after one that didn't, twice as long
//! with every further failure, up to half a minute. Never above one and a half times the target (or
//! 150 kbit/s), so that a full line is held up by no more than half the cluster's length.

use rtc::interceptor::PacketReport;
use std::time::{Duration, Instant};

const LENGTH: Duration = Duration::from_millis(150);
/// Padding at once at most, in time of the probed rate; and at the very first.
const STRIDE: Duration = Duration::from_millis(40);
const FIRST: Duration = Duration::from_millis(10);
/// Feedback about a cluster that didn't come by then won't.
const PATIENCE: Duration = Duration::from_secs(1);
const AFTER_SUCCESS: Duration = Duration::from_secs(1);
const AFTER_FAILURE: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(30);
/// After the start, and after an outage: time for a first impression.
const SETTLING: Duration = Duration::from_millis(500);
/// Congestion this soon after one that got through takes back its result.
const PROBATION: Duration = Duration::from_secs(5);
/// Of the target, at most: on a full line the cluster then waits for half its own length, which
/// drains before it counts as a standing queue.
const ABOVE: f64 = 1.5;
/// Below this, that would be too little to see anything.
const LEAST: f64 = 150_000.0;
/// Of the probed rate, what must have arrived.
const CARRIED: f64 = 0.93;
/// Fewer packets measure nothing.
const FEWEST: u32 = 5;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// Bits per second that got through: all that was tried.
    Carried(f64),
    /// Bits per second of a line that carries less.
    Limited(f64),
}

struct Cluster {
    started: Instant,
    rate: f64,
    departed: usize,
    /// From here on of the packets that the feedback told about.
    told: bool,
    packets: u32,
    lost: u32,
    /// Departure and arrival of the first and the newest that came.
    first: Option<(Instant, Duration)>,
    last: Option<(Instant, Duration)>,
}

pub struct Prober {
    cluster: Option<Cluster>,
    not_before: Instant,
    wait: Duration,
    carried: Option<Instant>,
}

impl Prober {
    pub fn new(now: Instant) -> Self {
        Self { cluster: None, not_before: now + SETTLING, wait: AFTER_FAILURE, carried: None }
    }

    /// A cluster is under way, or not all told about.
    pub fn running(&self) -> bool {
        self.cluster.is_some()
    }

    pub fn pad(&mut self, now: Instant, target: f64, wanted: f64) -> usize {
        if let Some(cluster) = &self.cluster {
            let elapsed = now.saturating_duration_since(cluster.started);
            if elapsed > LENGTH + PATIENCE {
                self.failed(now);
                return 0;
            }
            return if elapsed < LENGTH { cluster.due(elapsed) } else { 0 };
        }
        self.settle(now);
        let rate = wanted.min((ABOVE * target).max(LEAST));
        if now < self.not_before || rate <= target * 1.02 {
            return 0;
        }
        let cluster = self.cluster.insert(Cluster::new(now, rate));
        cluster.due(Duration::ZERO)
    }

    pub fn depart(&mut self, now: Instant, octets: usize) {
        if let Some(cluster) = &mut self.cluster
            && cluster.holds(now)
        {
            cluster.departed += octets;
        }
    }

    pub fn note(&mut self, report: &PacketReport) {
        let Some(cluster) = &mut self.cluster else { return };
        if cluster.holds(report.departure) {
            cluster.note(report);
        } else if report.departure > cluster.started {
            cluster.told = true;
        }
    }

    /// Of a cluster that all was told about.
    pub fn outcome(&mut self, inherent: f64) -> Option<Outcome> {
        let cluster = self.cluster.take_if(|cluster| cluster.told)?;
        let end = cluster.started + LENGTH;
        match cluster.outcome(inherent) {
            Some(Outcome::Carried(rate)) => {
                self.not_before = end + AFTER_SUCCESS;
                self.carried = Some(end);
                Some(Outcome::Carried(rate))
            }
            limited => {
                self.failed(end);
                limited
            }
        }
    }

    /// Sending more turned out too much. Soon after a probe that got through, that one was wrong.
    pub fn congested(&mut self, now: Instant) {
        let wrong = self.carried.take_if(|at| now.saturating_duration_since(*at) < PROBATION).is_some();
        if wrong || self.cluster.is_some() {
            self.failed(now);
        }
    }

    pub fn abandon(&mut self, now: Instant) {
        if self.cluster.is_some() {
            self.failed(now);
        }
    }

    /// After an outage: soon, and without the failures before it.
    pub fn hasten(&mut self, now: Instant) {
        *self = Self::new(now);
    }

    fn failed(&mut self, now: Instant) {
        self.cluster = None;
        self.not_before = now + self.wait;
        self.wait = (self.wait * 2).min(LONGEST);
    }

    /// A stretch without congestion after one that got through: failures are forgotten.
    fn settle(&mut self, now: Instant) {
        if self.carried.take_if(|at| now.saturating_duration_since(*at) >= PROBATION).is_some() {
            self.wait = AFTER_FAILURE;
        }
    }
}

impl Cluster {
    fn new(started: Instant, rate: f64) -> Self {
        Self { started, rate, departed: 0, told: false, packets: 0, lost: 0, first: None, last: None }
    }

    fn holds(&self, departure: Instant) -> bool {
        departure >= self.started && departure < self.started + LENGTH
    }

    fn due(&self, elapsed: Duration) -> usize {
        let octets = |time: Duration| (self.rate * time.as_secs_f64() / 8.0) as usize;
        octets(elapsed + FIRST).saturating_sub(self.departed).min(octets(STRIDE))
    }

    fn note(&mut self, report: &PacketReport) {
        self.packets += 1;
        let Some(arrival) = report.arrival else {
            self.lost += u32::from(!report.arrived);
            return;
        };
        self.first.get_or_insert((report.departure, arrival));
        self.last = Some((report.departure, arrival));
    }

    fn outcome(&self, inherent: f64) -> Option<Outcome> {
        let (first, last) = (self.first?, self.last?);
        if self.packets < FEWEST + self.lost {
            return None;
        }
        let lost = f64::from(self.lost) / f64::from(self.packets);
        let chance = 2.0 * (inherent.max(0.02) / f64::from(self.packets)).sqrt();
        if lost > inherent + 0.1 + chance {
            return None;
        }
        // By how much it came apart on the way. What the line loses of itself tells nothing, nor
        // does lost feedback.
        let departing = last.0.saturating_duration_since(first.0) + FIRST;
        let arriving = last.1.saturating_sub(first.1);
        let sent = self.departed as f64 * 8.0 / LENGTH.as_secs_f64();
        let arrived = sent * departing.as_secs_f64() / arriving.max(departing).as_secs_f64();
        Some(if arrived >= CARRIED * self.rate {
            Outcome::Carried(arrived.min(self.rate))
        } else {
            Outcome::Limited(arrived * 0.95)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Octets of padding in each second, asked every 10 ms, of a line that never answers.
    fn unanswered(seconds: u64, target: f64, wanted: f64) -> Vec<usize> {
        let start = Instant::now();
        let mut prober = Prober::new(start);
        let mut second = |n: u64| {
            let mut sum = 0;
            for tick in n * 100..(n + 1) * 100 {
                let now = start + Duration::from_millis(tick * 10);
                let padding = prober.pad(now, target, wanted);
                prober.depart(now, padding);
                sum += padding;
            }
            sum
        };
        (0..seconds).map(&mut second).collect()
    }

    #[test]
    fn failures_make_it_rarer_up_to_half_a_minute() {
        let seconds = unanswered(150, 400_000.0, 600_000.0);
        // A cluster may reach into the next second.
        let begins = |n: &usize| seconds[*n] > 0 && seconds[*n - 1] == 0;
        let probed: Vec<_> = (1..seconds.len()).filter(begins).collect();
        let waits: Vec<_> = probed.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(waits, [5, 9, 18, 31, 31, 31]);
    }

    #[test]
    fn what_fits_already_is_not_probed() {
        assert!(unanswered(60, 600_000.0, 600_000.0).iter().all(|octets| *octets == 0));
    }

    proptest! {
        /// However much is wanted: a second's padding is one cluster somewhat above the target.
        #[test]
        fn padding_is_bounded(target in 50_000.0..12e6_f64, wanted in 0.0..1e9_f64) {
            let most = (ABOVE * target).max(LEAST) * (LENGTH + FIRST).as_secs_f64() / 8.0;
            for octets in unanswered(40, target, wanted) {
                prop_assert!(octets as f64 <= most, "{octets} > {most}");
            }
        }
    }
}
