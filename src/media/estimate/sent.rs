//! What departed, and its join with what the receiver says about it
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01).
//!
//! A ring, so that a packet costs no allocation; what has left it is forgotten. Every packet is
//! reported lost at most once and arrived at most once (a late one may be both). Whatever the
//! feedback claims, no more reports come of it than packets are in the ring.

use rtc::interceptor::PacketReport;
use rtc::rtcp::transport_feedbacks::cc_feedback_report::Ecn;
use rtc::rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, SymbolTypeTcc, TransportLayerCc,
};
use std::time::{Duration, Instant};

/// Seconds of anything a peer is sent.
const RING: usize = 1_024;
/// Of the 24-bit reference time, 64 ms.
const REFERENCE: i64 = 64_000;
/// Arrivals are counted from here, so that none is negative.
const EPOCH: i64 = (1 << 24) * REFERENCE;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Unknown,
    Lost,
    Arrived,
}

#[derive(Clone, Copy)]
struct Record {
    departure: Instant,
    octets: u32,
    fate: Fate,
}

pub struct Sent {
    ring: Box<[Record]>,
    /// The next packet's, counted without wrapping.
    next: u64,
    /// The newest reference time, unwrapped.
    reference: Option<i64>,
}

impl Sent {
    pub fn new(now: Instant) -> Self {
        let empty = Record { departure: now, octets: 0, fate: Fate::Arrived };
        Self { ring: vec![empty; RING].into(), next: 0, reference: None }
    }

    pub fn depart(&mut self, now: Instant, octets: usize) -> u16 {
        let record = Record { departure: now, octets: octets as u32, fate: Fate::Unknown };
        self.ring[self.next as usize % RING] = record;
        let sequence = self.next as u16;
        self.next += 1;
        sequence
    }

    /// Appends what is news, in the feedback's order, which is that of departure.
    pub fn join(&mut self, feedback: &TransportLayerCc, reports: &mut Vec<PacketReport>) {
        let mut arrival = self.unwrap(feedback.reference_time);
        let mut deltas = feedback.recv_deltas.iter();
        for (offset, symbol) in symbols(feedback).take(usize::from(feedback.packet_status_count)).enumerate()
        {
            let timed = matches!(
                symbol,
                SymbolTypeTcc::PacketReceivedSmallDelta | SymbolTypeTcc::PacketReceivedLargeDelta
            );
            let delta = if timed { deltas.next() } else { None };
            arrival += delta.map_or(0, |delta| delta.delta);
            let arrived = symbol != SymbolTypeTcc::PacketNotReceived;
            let at = delta.map(|_| Duration::from_micros(arrival.max(0).unsigned_abs()));
            let sequence = feedback.base_sequence_number.wrapping_add(offset as u16);
            reports.extend(self.settle(sequence, arrived, at));
        }
    }

    fn settle(&mut self, sequence: u16, arrived: bool, arrival: Option<Duration>) -> Option<PacketReport> {
        // How many packets ago; the one to be sent next is 65,536 ago.
        let age = (self.next as u16).wrapping_sub(sequence).wrapping_sub(1);
        let id = self.next.checked_sub(u64::from(age) + 1)?;
        if usize::from(age) >= RING {
            return None;
        }
        let record = &mut self.ring[id as usize % RING];
        let fate = if arrived { Fate::Arrived } else { Fate::Lost };
        if record.fate == Fate::Arrived || record.fate == fate {
            return None;
        }
        record.fate = fate;
        Some(PacketReport {
            ssrc: 0,
            id,
            rtp_sequence_number: 0,
            is_twcc: true,
            twcc_sequence_number: sequence,
            size: record.octets as usize,
            arrived,
            departure: record.departure,
            arrival,
            ecn: Ecn::NotEct,
        })
    }

    /// Microseconds on the receiver's clock, over the wrap of its 24 bits every twelve days.
    fn unwrap(&mut self, reference: u32) -> i64 {
        let reference = i64::from(reference & 0xff_ffff);
        let unwrapped = self.reference.map_or(reference, |last| {
            let ahead = (reference - last).rem_euclid(1 << 24);
            last + if ahead < 1 << 23 { ahead } else { ahead - (1 << 24) }
        });
        self.reference = Some(unwrapped);
        EPOCH + unwrapped * REFERENCE
    }
}

/// One by one; the last chunk may hold more than the feedback's count.
fn symbols(feedback: &TransportLayerCc) -> impl Iterator<Item = SymbolTypeTcc> {
    feedback.packet_chunks.iter().flat_map(|chunk| {
        let (symbols, times) = match chunk {
            PacketStatusChunk::RunLengthChunk(run) => {
                (std::slice::from_ref(&run.packet_status_symbol), usize::from(run.run_length))
            }
            PacketStatusChunk::StatusVectorChunk(vector) => (vector.symbol_list.as_slice(), 1),
        };
        std::iter::repeat_n(symbols, times).flatten().copied()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rtc::rtcp::transport_feedbacks::transport_layer_cc::{RecvDelta, RunLengthChunk, StatusVectorChunk};

    use SymbolTypeTcc::{PacketNotReceived as Not, PacketReceivedSmallDelta as Small};

    fn feedback(base: u16, count: u16, symbols: &[SymbolTypeTcc], deltas: &[i64]) -> TransportLayerCc {
        TransportLayerCc {
            base_sequence_number: base,
            packet_status_count: count,
            reference_time: 10,
            packet_chunks: vec![PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                symbol_list: symbols.to_vec(),
                ..Default::default()
            })],
            recv_deltas: deltas.iter().map(|&delta| RecvDelta { delta, ..Default::default() }).collect(),
            ..Default::default()
        }
    }

    fn joined(sent: &mut Sent, feedback: &TransportLayerCc) -> Vec<PacketReport> {
        let mut reports = Vec::new();
        sent.join(feedback, &mut reports);
        reports
    }

    #[test]
    fn feedback_meets_what_departed_and_ends_at_its_count() {
        let start = Instant::now();
        let mut sent = Sent::new(start);
        for n in 0..5 {
            sent.depart(start + Duration::from_millis(n * 20), 100 + n as usize);
        }
        let reports =
            joined(&mut sent, &feedback(1, 3, &[Small, Not, Small, Not, Not, Not], &[1_000, 40_000]));
        let told: Vec<_> = reports.iter().map(|report| (report.size, report.arrived)).collect();
        assert_eq!(told, [(101, true), (102, false), (103, true)]);
        assert_eq!(reports[0].departure, start + Duration::from_millis(20));
        assert_eq!(reports[2].arrival.unwrap() - reports[0].arrival.unwrap(), Duration::from_millis(40));
    }

    #[test]
    fn nothing_is_told_twice_but_a_lost_one_may_still_arrive() {
        let start = Instant::now();
        let mut sent = Sent::new(start);
        sent.depart(start, 100);
        sent.depart(start, 200);
        let first = feedback(0, 2, &[Not, Small], &[0]);
        assert_eq!(joined(&mut sent, &first).len(), 2);
        assert_eq!(joined(&mut sent, &first), []);
        let late = joined(&mut sent, &feedback(0, 2, &[Small, Small], &[0, 0]));
        assert_eq!(
            late.iter().map(|report| (report.size, report.arrived)).collect::<Vec<_>>(),
            [(100, true)]
        );
    }

    #[test]
    fn arrivals_go_on_over_the_wrap_of_the_reference() {
        let start = Instant::now();
        let mut sent = Sent::new(start);
        sent.depart(start, 100);
        sent.depart(start, 100);
        let mut before = feedback(0, 1, &[Small], &[0]);
        before.reference_time = 0xff_ffff;
        let mut after = feedback(1, 1, &[Small], &[0]);
        after.reference_time = 1;
        let (before, after) = (joined(&mut sent, &before), joined(&mut sent, &after));
        assert_eq!(after[0].arrival.unwrap() - before[0].arrival.unwrap(), Duration::from_millis(128));
    }

    proptest! {
        /// Whatever a client claims, over any number of packets: every departure is reported as
        /// arrived at most once, and nothing that didn't depart or has left the ring.
        #[test]
        fn claims_are_bounded_by_what_departed(
            departed in 0_usize..70_000,
            claims in proptest::collection::vec((any::<u16>(), any::<u16>(), 0_u16..8_192, 0_u16..4), 0..20),
        ) {
            let start = Instant::now();
            let mut sent = Sent::new(start);
            for _ in 0..departed {
                sent.depart(start, 100);
            }
            let mut arrived = std::collections::HashSet::new();
            for (base, count, run_length, symbol) in claims {
                let run = RunLengthChunk { packet_status_symbol: symbol.into(), run_length, ..Default::default() };
                let claim = TransportLayerCc {
                    base_sequence_number: base,
                    packet_status_count: count,
                    packet_chunks: vec![PacketStatusChunk::RunLengthChunk(run); 8],
                    ..Default::default()
                };
                for report in joined(&mut sent, &claim) {
                    prop_assert!((report.id as usize) < departed && report.id as usize + RING >= departed);
                    prop_assert_eq!(report.id as u16, report.twcc_sequence_number);
                    prop_assert!(!report.arrived || arrived.insert(report.id));
                }
            }
        }
    }
}
