//! What time a client's timestamps mean, for those who receive them in a slot, and how long the way
//! to a client and back takes (RFC 3550 §6.4). `uplink` owns a [`SenderClock`] per stream, `peer` one
//! [`RoundTrips`].
//!
//! Pure. What always holds: the pair of times in a slot's report is its source's, so sound and
//! picture of one person stay together.

use rtc::rtcp::reception_report::ReceptionReport;
use rtc::rtcp::sender_report::SenderReport;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Reports of ours that may still be answered: about four seconds of fifteen slots.
const SENT: usize = 64;
/// An answer that took longer is a mistake or a lie.
const MAX_ROUND_TRIP: Duration = Duration::from_secs(10);

/// What time the timestamps of one incoming stream mean, by its sender's clock.
#[derive(Debug)]
pub struct SenderClock {
    /// In Hz.
    clock: u32,
    heard: Option<Heard>,
}

#[derive(Debug, Clone, Copy)]
struct Heard {
    ntp: u64,
    rtp: u32,
    at: Instant,
}

/// What left in a slot so far (§6.4.1); both wrap.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    pub packets: u32,
    /// Of payload, padding left out.
    pub octets: u32,
}

impl Sent {
    /// The report of a slot in which a stream leaves as `ssrc`, its timestamps moved by `offset`;
    /// `at` is from the stream's [`SenderClock::at`].
    pub fn report(self, (ntp_time, rtp): (u64, u32), ssrc: u32, offset: u32) -> SenderReport {
        SenderReport {
            ssrc,
            ntp_time,
            rtp_time: rtp.wrapping_add(offset),
            packet_count: self.packets,
            octet_count: self.octets,
            ..SenderReport::default()
        }
    }
}

impl SenderClock {
    pub fn new(clock: u32) -> Self {
        Self { clock, heard: None }
    }

    /// The sender's report came. Zero means that it has no clock.
    pub fn heard(&mut self, now: Instant, ntp: u64, rtp: u32) {
        if ntp != 0 {
            self.heard = Some(Heard { ntp, rtp, at: now });
        }
    }

    /// The same moment by the sender's clock and in its timestamps, a moment near `now`.
    pub fn at(&self, now: Instant) -> Option<(u64, u32)> {
        let heard = self.heard?;
        let since = now.saturating_duration_since(heard.at);
        Some((heard.ntp.wrapping_add(fixed(since)), heard.rtp.wrapping_add(ticks(since, self.clock))))
    }
}

/// How long the way to one client and back takes, from its answers to our sender reports. They
/// carry their sources' clocks, so when each left is remembered here.
#[derive(Debug, Default)]
pub struct RoundTrips {
    /// The middle of the NTP time, and when it left; oldest first.
    sent: VecDeque<(u32, Instant)>,
}

impl RoundTrips {
    pub fn new() -> Self {
        Self::default()
    }

    /// A sender report left with this NTP time.
    pub fn sent(&mut self, now: Instant, ntp: u64) {
        if self.sent.len() == SENT {
            self.sent.pop_front();
        }
        self.sent.push_back((middle(ntp), now));
    }

    /// From a report block that the client made about a slot; `None` when it answers nothing known.
    pub fn heard(&self, now: Instant, report: &ReceptionReport) -> Option<Duration> {
        let known =
            |sent: &&(u32, Instant)| report.last_sender_report != 0 && sent.0 == report.last_sender_report;
        let (_, left) = self.sent.iter().rev().find(known)?;
        let held = Duration::from_nanos((u64::from(report.delay) * 1_000_000_000) >> 16);
        let taken = now.saturating_duration_since(*left).checked_sub(held)?;
        (taken <= MAX_ROUND_TRIP).then_some(taken)
    }
}

/// What reports repeat of an NTP time: sixteen bits of seconds, sixteen of fraction.
pub fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// As NTP counts: in 2⁻³² seconds.
pub fn fixed(duration: Duration) -> u64 {
    (duration.as_secs() << 32) | ((u64::from(duration.subsec_nanos()) << 32) / 1_000_000_000)
}

/// As timestamps of this clock count; wraps.
pub fn ticks(duration: Duration, clock: u32) -> u32 {
    (duration.as_micros() * u128::from(clock) / 1_000_000) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc::shared::marshal::Marshal;

    #[test]
    fn a_slots_report_has_its_sources_time() {
        let start = Instant::now();
        let mut clock = SenderClock::new(90_000);
        clock.heard(start, 0, 5);
        assert_eq!(clock.at(start).map(|at| Sent::default().report(at, 7, 0)), None, "no clock");
        clock.heard(start, 10 << 32, u32::MAX);
        let sent = Sent { packets: 3, octets: 400 };
        let report = clock
            .at(start + Duration::from_millis(500))
            .map(|at| sent.report(at, 7, 1_000))
            .expect("a report");
        assert_eq!((report.ssrc, report.ntp_time, report.rtp_time), (7, (10 << 32) | 1 << 31, 45_999));
        assert_eq!((report.packet_count, report.octet_count), (3, 400));
    }

    #[test]
    fn the_round_trip_is_what_the_client_did_not_hold() {
        let start = Instant::now();
        let mut trips = RoundTrips::new();
        let report = |ntp: u64, delay: u32| ReceptionReport {
            last_sender_report: middle(ntp),
            delay,
            ..ReceptionReport::default()
        };
        let (ntp, other) = (0x0000_0001_8000_0000, 0x0000_0002_8000_0000);
        trips.sent(start, ntp);
        let at = start + Duration::from_millis(1_080);
        assert_eq!(trips.heard(at, &report(ntp, 1 << 16)), Some(Duration::from_millis(80)));
        assert_eq!(trips.heard(at, &report(ntp, 2 << 16)), None, "held longer than it is away");
        assert_eq!(trips.heard(at, &report(other, 0)), None, "never sent");
        assert_eq!(trips.heard(start + Duration::from_secs(11), &report(ntp, 0)), None);
        trips.sent(start, 0);
        assert_eq!(trips.heard(at, &report(0, 0)), None, "the client heard none");
        for _ in 0..SENT {
            trips.sent(start, other);
        }
        assert_eq!((trips.heard(at, &report(ntp, 0)), trips.sent.len()), (None, SENT));
    }

    proptest! {
        /// Whatever numbers come: no overflow, and what is reported can be written.
        #[test]
        fn any_clock_can_be_reported(
            ntp in any::<u64>(), rtp in any::<u32>(), offset in any::<u32>(), delay in any::<u32>(),
            since in any::<u32>(),
        ) {
            let start = Instant::now();
            let now = start + Duration::from_millis(since.into());
            let mut clock = SenderClock::new(90_000);
            clock.heard(start, ntp, rtp);
            if let Some(report) = clock.at(now).map(|at| Sent::default().report(at, 7, offset)) {
                prop_assert!(report.marshal().is_ok());
            }
            let mut trips = RoundTrips::new();
            trips.sent(start, ntp);
            let report = ReceptionReport { last_sender_report: middle(ntp), delay, ..Default::default() };
            prop_assert!(trips.heard(now, &report).is_none_or(|taken| taken <= MAX_ROUND_TRIP));
        }

        /// Lip sync: sound and picture of one person that were made at the same moment are still told
        /// as of the same moment, however long ago and however far apart their reports came.
        #[test]
        fn sound_and_picture_stay_together(
            made in 0u64..30_000_000,
            sound_heard in 0u64..5_000_000,
            picture_heard in 0u64..5_000_000,
            sound_offset in any::<u32>(),
            picture_offset in any::<u32>(),
        ) {
            let start = Instant::now();
            let now = start + Duration::from_secs(10);
            let told = |clock: u32, heard: u64, offset: u32| {
                let heard = Duration::from_micros(heard);
                let mut of = SenderClock::new(clock);
                of.heard(start + heard, (99 << 32) + fixed(heard), ticks(heard, clock));
                let report = of.at(now).map(|at| Sent::default().report(at, 7, offset)).expect("a report");
                // As the receiver reads it: how far is the packet's timestamp from the report's?
                let packet = ticks(Duration::from_micros(made), clock).wrapping_add(offset);
                let away = f64::from(packet.wrapping_sub(report.rtp_time) as i32) / f64::from(clock);
                report.ntp_time as f64 / f64::from(u32::MAX) + away
            };
            let apart = told(48_000, sound_heard, sound_offset) - told(90_000, picture_heard, picture_offset);
            prop_assert!(apart.abs() < 0.000_1, "{apart} s apart");
        }
    }
}
