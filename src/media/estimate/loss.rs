//! Which loss is congestion. A full queue loses what exceeds the line's rate; a bad radio link
//! loses its share of whatever is sent. Sending less mends the first only, so: loss that stays
//! when less is sent than got through before is the line's own ([`Loss::inherent`]), and only what
//! exceeds it counts from then on. Beside a standing queue nothing of that is learned.

use rtc::interceptor::PacketReport;
use std::time::{Duration, Instant};

/// A judgement takes this long and this many packets at least.
const WINDOW: Duration = Duration::from_millis(400);
const PACKETS: u32 = 20;
/// Beyond the line's own: above `HIGH` is congestion, below `LOW` is room.
const HIGH: f64 = 0.10;
const LOW: f64 = 0.02;
/// A line that loses more of itself isn't one.
const MOST: f64 = 0.5;
/// For so long after a decrease, what got through then is evidence.
const EVIDENCE: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Window {
    first: Option<Instant>,
    last: Option<Instant>,
    packets: u32,
    lost: u32,
    octets: usize,
    octets_lost: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    Clear,
    /// Neither.
    Some,
    /// Bits per second that may be sent for that much to get through.
    Congested {
        passed: f64,
    },
}

#[derive(Default)]
pub struct Loss {
    window: Window,
    inherent: f64,
    smoothed: Option<f64>,
    /// Of the last full window.
    verdict: Option<Verdict>,
    /// What got through at the last decrease for loss, and when that was.
    passed: Option<(f64, Instant)>,
    /// What departed before is not judged.
    since: Option<Instant>,
}

impl Loss {
    pub fn smoothed(&self) -> Option<f64> {
        self.smoothed
    }

    /// The line's own loss, 0 to 0.5.
    pub fn inherent(&self) -> f64 {
        self.inherent
    }

    pub fn excessive(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Congested { .. }))
    }

    pub fn note(&mut self, report: &PacketReport) {
        if self.since.is_some_and(|since| report.departure < since) {
            return;
        }
        let window = &mut self.window;
        window.first.get_or_insert(report.departure);
        window.last = Some(window.last.map_or(report.departure, |last| last.max(report.departure)));
        window.packets += 1;
        window.octets += report.size;
        if !report.arrived {
            window.lost += 1;
            window.octets_lost += report.size;
        }
    }

    /// After an outage: what departed before `now` is left out.
    pub fn restart(&mut self, now: Instant) {
        self.since = Some(now);
        self.window = Window::default();
        self.verdict = None;
        self.passed = None;
    }

    /// Congestion is told once per window, the rest until the next one is full.
    pub fn verdict(&mut self, now: Instant, queued: bool) -> Verdict {
        let (Some(first), Some(last)) = (self.window.first, self.window.last) else {
            return self.standing();
        };
        let span = last.saturating_duration_since(first);
        if span < WINDOW || self.window.packets < PACKETS {
            return self.standing();
        }
        let window = std::mem::take(&mut self.window);
        let verdict = self.judge(now, &window, span.as_secs_f64(), queued);
        self.verdict = Some(verdict);
        verdict
    }

    fn standing(&self) -> Verdict {
        match self.verdict {
            None => Verdict::Clear,
            Some(Verdict::Congested { .. }) => Verdict::Some,
            Some(verdict) => verdict,
        }
    }

    fn judge(&mut self, now: Instant, window: &Window, seconds: f64, queued: bool) -> Verdict {
        let loss = f64::from(window.lost) / f64::from(window.packets);
        self.smoothed = Some(self.smoothed.map_or(loss, |smoothed| 0.7 * smoothed + 0.3 * loss));
        let sent = window.octets as f64 * 8.0 / seconds;
        let passed = (window.octets - window.octets_lost) as f64 * 8.0 / seconds;
        let packets = f64::from(window.packets);
        let learning = self.learn(now, loss, sent, packets, queued);
        // Chance: three standard deviations of the line's own loss.
        let own = self.inherent.max(LOW);
        let chance = 3.0 * (own * (1.0 - own) / packets).sqrt();
        let excess = loss - self.inherent;
        if excess > HIGH + chance && !learning {
            self.passed = Some((passed, now));
            return Verdict::Congested { passed: 0.95 * passed / (1.0 - self.inherent) };
        }
        if excess < LOW + chance { Verdict::Clear } else { Verdict::Some }
    }

    /// Whether the window is about the line itself, less being sent than got through before.
    fn learn(&mut self, now: Instant, loss: f64, sent: f64, packets: f64, queued: bool) -> bool {
        let deviation = (self.inherent * (1.0 - self.inherent) / packets).sqrt();
        if loss < self.inherent - deviation {
            self.inherent += 0.2 * (loss - self.inherent);
        }
        self.passed = self.passed.filter(|(_, at)| now.saturating_duration_since(*at) <= EVIDENCE);
        let learning = !queued && self.passed.is_some_and(|(passed, _)| sent <= 0.9 * passed);
        if learning {
            let step = if self.inherent == 0.0 { 1.0 } else { 0.3 };
            self.inherent = (self.inherent + step * (loss - self.inherent)).min(MOST);
        }
        learning
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc::rtcp::transport_feedbacks::cc_feedback_report::Ecn;

    /// Five seconds of packets of 200 octets, 200 a second at first; after a congested window so
    /// many as may pass. `lost` is asked for the fraction at a packet rate.
    fn five_seconds(lost: impl Fn(f64) -> f64) -> (Loss, usize, f64) {
        let start = Instant::now();
        let mut loss = Loss::default();
        let (mut at, mut rate, mut owed, mut congested) = (Duration::ZERO, 200.0, 0.0, 0);
        for n in 0.. {
            if at > Duration::from_secs(5) {
                break;
            }
            owed += lost(rate);
            let arrived = owed < 1.0;
            if !arrived {
                owed -= 1.0;
            }
            loss.note(&PacketReport {
                ssrc: 0,
                id: n,
                rtp_sequence_number: 0,
                is_twcc: true,
                twcc_sequence_number: n as u16,
                size: 200,
                arrived,
                departure: start + at,
                arrival: None,
                ecn: Ecn::NotEct,
            });
            if let Verdict::Congested { passed } = loss.verdict(start + at, false) {
                congested += 1;
                rate = 0.9 * passed / 1_600.0;
            }
            at += Duration::from_secs_f64(1.0 / rate);
        }
        (loss, congested, rate)
    }

    #[test]
    fn a_full_line_is_congestion_and_ends_with_it() {
        let (loss, congested, rate) = five_seconds(|rate| (1.0 - 100.0 / rate).max(0.0));
        assert!((1..4).contains(&congested), "{congested}");
        assert!(rate < 100.0 && loss.inherent() < 0.05, "{rate} {}", loss.inherent());
        assert!(!loss.excessive());
    }

    #[test]
    fn a_bad_line_is_learned_and_no_congestion_after_that() {
        let (loss, congested, rate) = five_seconds(|_| 0.2);
        assert_eq!(congested, 1);
        assert!(rate > 120.0 && (0.15..0.25).contains(&loss.inherent()), "{rate} {}", loss.inherent());
    }

    #[test]
    fn a_little_loss_is_none_of_it() {
        let (loss, congested, _) = five_seconds(|_| 0.05);
        assert_eq!(congested, 0);
        assert!((loss.smoothed().unwrap() - 0.05).abs() < 0.03);
    }
}
