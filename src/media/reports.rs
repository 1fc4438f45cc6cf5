//! What arrived of one incoming stream, for its sender (RFC 3550 §6.4.1). `uplink` owns a
//! [`Reception`] per stream.
//!
//! Pure. What always holds: what is reported can be written, whatever numbers came.

use super::sender_clock::{fixed, middle, ticks};
use rtc::rtcp::reception_report::ReceptionReport;
use std::time::Instant;

/// RFC 3550 A.1: a step ahead that is still loss, and one back that is still reordering.
const MAX_DROPOUT: u16 = 3_000;
const MAX_MISORDER: u16 = 100;
/// Timestamps that jump further, in seconds, are no jitter but a new beginning.
const MAX_JITTER: u32 = 5;
/// The largest number of 24 bits with a sign.
const MAX_LOST: u32 = 0x007f_ffff;

/// What arrived of one incoming stream. Told of the packets of the stream itself, as they come;
/// not of what came by retransmission, which would hide the loss.
#[derive(Debug)]
pub struct Reception {
    /// In Hz.
    clock: u32,
    counts: Option<Counts>,
    /// The newest packet's timestamp and arrival.
    newest: Option<(u32, Instant)>,
    /// In sixteenths of a tick.
    jitter: u32,
    /// The middle of the last sender report's NTP time, and its arrival.
    heard: Option<(u32, Instant)>,
}

/// RFC 3550 A.1 and A.3.
#[derive(Debug)]
struct Counts {
    /// Extended by the rounds before, as all `u32` sequence numbers here.
    first: u32,
    highest: u32,
    received: u32,
    /// Where a jump would go on; two in a row are a new beginning.
    jumped_to: Option<u16>,
    /// As of the last report.
    reported: (u32, u32),
}

impl Reception {
    pub fn new(clock: u32) -> Self {
        Self { clock, counts: None, newest: None, jitter: 0, heard: None }
    }

    pub fn arrived(&mut self, now: Instant, sequence: u16, timestamp: u32) {
        let counts = self.counts.get_or_insert_with(|| Counts::new(sequence));
        if counts.take(sequence) {
            self.measure(now, timestamp);
        }
    }

    /// The sender's own report came.
    pub fn heard(&mut self, now: Instant, ntp: u64) {
        self.heard = Some((middle(ntp), now));
    }

    /// What arrived since the last report; `None` when nothing did (§6.4).
    pub fn report(&mut self, now: Instant, ssrc: u32) -> Option<ReceptionReport> {
        let counts = self.counts.as_mut()?;
        let (expected, received) = (counts.expected(), counts.received);
        let (expected_before, received_before) =
            std::mem::replace(&mut counts.reported, (expected, received));
        if received == received_before {
            return None;
        }
        let expected_since = expected.wrapping_sub(expected_before);
        let lost_since = expected_since.saturating_sub(received.wrapping_sub(received_before));
        let fraction = (u64::from(lost_since) << 8).checked_div(expected_since.into()).unwrap_or(0);
        let (last_sender_report, delay) = self.heard.map_or((0, 0), |(middle, at)| {
            (middle, u32::try_from(fixed(now.saturating_duration_since(at)) >> 16).unwrap_or(u32::MAX))
        });
        Some(ReceptionReport {
            ssrc,
            fraction_lost: fraction.min(255) as u8,
            // Copies may make it negative; nobody needs that.
            total_lost: expected.saturating_sub(received).min(MAX_LOST),
            last_sequence_number: counts.highest,
            jitter: self.jitter >> 4,
            last_sender_report,
            delay,
        })
    }

    /// RFC 3550 A.8. Only the first packet of each timestamp counts: the others of a frame are
    /// spread out by the sender.
    fn measure(&mut self, now: Instant, timestamp: u32) {
        let Some((before, at)) = self.newest else {
            self.newest = Some((timestamp, now));
            return;
        };
        if timestamp == before {
            return;
        }
        self.newest = Some((timestamp, now));
        let apart = ticks(now.saturating_duration_since(at), self.clock);
        let off = (apart.wrapping_sub(timestamp.wrapping_sub(before)) as i32).unsigned_abs();
        if off < MAX_JITTER * self.clock {
            self.jitter = (self.jitter + off) - ((self.jitter + 8) >> 4);
        }
    }
}

impl Counts {
    fn new(first: u16) -> Self {
        let first = u32::from(first);
        Self { first, highest: first, received: 0, jumped_to: None, reported: (0, 0) }
    }

    fn expected(&self) -> u32 {
        self.highest.wrapping_sub(self.first).wrapping_add(1)
    }

    /// Whether it is newer than all before it, or the first.
    fn take(&mut self, sequence: u16) -> bool {
        let ahead = sequence.wrapping_sub(self.highest as u16);
        let first = self.received == 0;
        if ahead < MAX_DROPOUT {
            self.highest = self.highest.wrapping_add(ahead.into());
            self.received = self.received.wrapping_add(1);
            self.jumped_to = None;
            return ahead > 0 || first;
        }
        if ahead <= u16::MAX - MAX_MISORDER {
            if self.jumped_to == Some(sequence) {
                *self = Self::new(sequence);
                self.received = 1;
                return true;
            }
            self.jumped_to = Some(sequence.wrapping_add(1));
            return false;
        }
        self.received = self.received.wrapping_add(1);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc::shared::marshal::Marshal;
    use std::time::Duration;

    const FRAME: Duration = Duration::from_millis(20);

    fn sound(at: Instant, sequences: impl IntoIterator<Item = u16>) -> Reception {
        let mut reception = Reception::new(48_000);
        sequences.into_iter().for_each(|sequence| reception.arrived(at, sequence, 0));
        reception
    }

    #[test]
    fn nothing_is_reported_of_nothing() {
        let now = Instant::now();
        let mut reception = Reception::new(48_000);
        assert_eq!(reception.report(now, 7), None);
        reception.arrived(now, 1, 0);
        assert!(reception.report(now, 7).is_some());
        assert_eq!(reception.report(now, 7), None, "nothing since");
    }

    #[test]
    fn loss_is_told_in_all_and_since_the_last_report() {
        let now = Instant::now();
        let mut reception = sound(now, [65_534, 65_535, 1, 3]);
        let report = reception.report(now, 7).expect("a report");
        let told = (report.ssrc, report.last_sequence_number, report.total_lost, report.fraction_lost);
        assert_eq!(told, (7, 0x1_0003, 2, 85), "2 of 6");
        [4, 5, 6, 2].into_iter().for_each(|sequence| reception.arrived(now, sequence, 0));
        let report = reception.report(now, 7).expect("a report");
        assert_eq!((report.last_sequence_number, report.total_lost, report.fraction_lost), (0x1_0006, 1, 0));
    }

    #[test]
    fn a_jump_counts_when_the_stream_goes_on_there() {
        let now = Instant::now();
        let mut reception = sound(now, [1, 2, 20_000, 3]);
        let report = reception.report(now, 7).expect("a report");
        assert_eq!((report.last_sequence_number, report.total_lost), (3, 0), "a stray");
        [30_000, 30_001, 30_003].into_iter().for_each(|sequence| reception.arrived(now, sequence, 0));
        let report = reception.report(now, 7).expect("a report");
        assert_eq!((report.last_sequence_number, report.total_lost), (30_003, 1));
    }

    #[test]
    fn the_number_lost_stays_in_its_24_bits() {
        let now = Instant::now();
        let mut reception = sound(now, (0..3_000u16).map(|step| step.wrapping_mul(MAX_DROPOUT - 1)));
        let report = reception.report(now, 7).expect("a report");
        assert_eq!((report.total_lost, report.fraction_lost), (MAX_LOST, 255));
        assert!(report.marshal().is_ok());
    }

    #[test]
    fn jitter_is_what_arrivals_differ_from_timestamps() {
        let start = Instant::now();
        let (mut even, mut uneven, mut wild) =
            (Reception::new(48_000), Reception::new(48_000), Reception::new(48_000));
        for frame in 0..500u32 {
            let at = start + FRAME * frame;
            let late = if frame % 2 == 0 { Duration::ZERO } else { Duration::from_millis(5) };
            let timestamp = (u32::MAX - 96_000).wrapping_add(frame * 960);
            even.arrived(at, frame as u16, timestamp);
            uneven.arrived(at + late, frame as u16, timestamp);
            wild.arrived(at, frame as u16, frame.wrapping_mul(0x7654_3210));
        }
        let jitter = |reception: &mut Reception| reception.report(start, 7).expect("a report").jitter;
        assert_eq!(jitter(&mut even), 0);
        assert!((235..=240).contains(&jitter(&mut uneven)), "5 ms are 240 ticks");
        assert!(jitter(&mut wild) <= MAX_JITTER * 48_000);
    }

    #[test]
    fn the_packets_of_one_frame_are_no_jitter() {
        let start = Instant::now();
        let mut picture = Reception::new(90_000);
        for packet in 0..300u32 {
            let at = start + FRAME * (packet / 3) + Duration::from_millis(4) * (packet % 3);
            picture.arrived(at, packet as u16, packet / 3 * 1_800);
        }
        assert_eq!(picture.report(start, 7).expect("a report").jitter, 0);
    }

    #[test]
    fn the_senders_report_is_answered() {
        let start = Instant::now();
        let mut reception = sound(start, [1]);
        let report = reception.report(start, 7).expect("a report");
        assert_eq!((report.last_sender_report, report.delay), (0, 0));
        reception.heard(start, 0x1111_2222_3333_4444);
        reception.arrived(start, 2, 0);
        let report = reception.report(start + Duration::from_millis(1_500), 7).expect("a report");
        assert_eq!((report.last_sender_report, report.delay), (0x2222_3333, 0x1_8000));
    }

    proptest! {
        /// Against plain counting, in a stream with loss, copies and reordering.
        #[test]
        fn loss_is_expected_less_received(
            first in any::<u16>(),
            steps in prop::collection::vec((prop_oneof![10 => Just(1i64), 2 => 2i64..50, 2 => -50i64..1], prop::bool::weighted(0.02)), 1..500),
        ) {
            let now = Instant::now();
            let mut reception = sound(now, [first]);
            let (mut highest, mut received) = (i64::from(first), 1);
            let (mut highest_then, mut received_then) = (i64::from(first) - 1, 0);
            for (step, ask) in steps {
                let number = highest + step;
                // What is before the first is not expected.
                reception.arrived(now, number as u16, 0);
                highest = highest.max(number);
                received += 1;
                if ask {
                    let report = reception.report(now, 7).expect("a report");
                    let expected = highest - i64::from(first) + 1;
                    prop_assert_eq!(i64::from(report.last_sequence_number), highest);
                    prop_assert_eq!(i64::from(report.total_lost), (expected - received).max(0));
                    let (expected, received_since) = (highest - highest_then, received - received_then);
                    let fraction = if expected == 0 { 0 } else { ((expected - received_since).max(0) << 8) / expected };
                    prop_assert_eq!(i64::from(report.fraction_lost), fraction.min(255));
                    (highest_then, received_then) = (highest, received);
                }
            }
        }

        /// Whatever numbers come: no overflow, and what is reported can be written.
        #[test]
        fn any_numbers_can_be_reported(
            packets in prop::collection::vec((any::<u16>(), any::<u32>(), 0u64..100_000), 1..200),
            ntp in any::<u64>(),
        ) {
            let mut now = Instant::now();
            let mut reception = Reception::new(90_000);
            for (sequence, timestamp, pause) in packets {
                now += Duration::from_millis(pause);
                reception.arrived(now, sequence, timestamp);
                if let Some(report) = reception.report(now, 7) {
                    prop_assert!(report.marshal().is_ok());
                }
                reception.heard(now, ntp);
            }
        }
    }
}
