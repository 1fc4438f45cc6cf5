//! When each packet of one client came, by its transport-wide number, told back to it so that it
//! knows how much the way up carries (draft-holmer-rmcat-transport-wide-cc-extensions-01). `peer`
//! owns one and notes every packet that has the number: empty, repeated and discarded ones too, or
//! the client takes them for lost.
//!
//! Pure. What always holds: a packet is told with its first arrival, to a quarter of a millisecond;
//! one feedback fits one datagram; at most [`HELD`] arrivals are remembered, whatever numbers come.

use super::statuses::Runs;
use rtc::rtcp::transport_feedbacks::transport_layer_cc::{RecvDelta, SymbolTypeTcc, TransportLayerCc};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_millis(100);
/// So many arrivals are told without waiting for the interval.
const LOAD: usize = 100;
/// Arrivals in one feedback. Each takes at most a delta (2 octets), its own chunk and one for the
/// gap before it (2 each); with the head and the pieces of long gaps below 1,000 octets.
const TOLD: usize = 160;
/// Arrivals remembered: those to be told, and those told already, among which one that was
/// overtaken may still come.
const HELD: usize = 512;
/// A packet that comes later than so many newer ones is left out.
const REORDER: i64 = 256;
/// Numbers that one feedback spans.
const SPAN: i64 = 0x7fff;

/// Times on the wire count in 250 µs, the reference in 256 of these.
const TICK: Duration = Duration::from_micros(250);
const REFERENCE: i64 = 256;

#[derive(Debug)]
pub struct Arrivals {
    /// Ours, as the sender of feedback.
    ssrc: u32,
    /// Of the client's stream that was heard last: browsers look for one of theirs.
    media_ssrc: u32,
    /// Ticks count from the first packet.
    origin: Option<Instant>,
    newest: i64,
    /// By number, ascending.
    held: VecDeque<Arrival>,
    /// Below this everything was told.
    start: i64,
    /// Below this everything is forgotten: what comes may be a copy.
    floor: i64,
    /// Noted since the last feedback.
    fresh: usize,
    last: Option<Instant>,
    /// Did not fit the last feedback.
    more: bool,
    count: u8,
}

#[derive(Debug, Clone, Copy)]
struct Arrival {
    /// The transport-wide number, unwrapped.
    number: i64,
    /// Ticks since the origin.
    tick: i64,
}

impl Arrivals {
    pub fn new(ssrc: u32) -> Self {
        Self {
            ssrc,
            media_ssrc: 0,
            origin: None,
            newest: 0,
            held: VecDeque::new(),
            start: 0,
            floor: 0,
            fresh: 0,
            last: None,
            more: false,
            count: 0,
        }
    }

    /// A packet of the client's stream `ssrc` came with this transport-wide number.
    pub fn note(&mut self, now: Instant, ssrc: u32, sequence: u16) {
        self.media_ssrc = ssrc;
        if self.origin.is_none() {
            self.newest = i64::from(sequence);
            self.start = self.newest;
            self.floor = self.newest - REORDER;
        }
        let origin = *self.origin.get_or_insert(now);
        // The nearest number to the newest that ends so.
        let number = self.newest + i64::from(sequence.wrapping_sub(self.newest as u16) as i16);
        if number < self.floor {
            return;
        }
        let place = self.held.partition_point(|arrival| arrival.number < number);
        if self.held.get(place).is_some_and(|arrival| arrival.number == number) {
            return;
        }
        let tick = (now.saturating_duration_since(origin).as_nanos() / TICK.as_nanos()) as i64;
        self.held.insert(place, Arrival { number, tick });
        self.newest = self.newest.max(number);
        // From one that was overtaken on, all is told once more: the client passes over what it knows.
        self.start = self.start.min(number);
        self.fresh += 1;
        if self.held.len() > HELD
            && let Some(forgotten) = self.held.pop_front()
        {
            // It came: better not told at all than told as lost.
            self.floor = forgotten.number + 1;
            self.start = self.start.max(self.floor);
        }
    }

    /// The feedback that is due: about every 100 ms, sooner under load, never with nothing new. Ask
    /// until there is none.
    pub fn feedback(&mut self, now: Instant) -> Option<TransportLayerCc> {
        let waited = self.last.is_none_or(|last| now.saturating_duration_since(last) >= INTERVAL);
        let due = self.more || self.fresh >= LOAD || self.fresh > 0 && waited;
        if !due {
            return None;
        }
        let from = self.held.partition_point(|arrival| arrival.number < self.start);
        let first = *self.held.get(from)?;
        let base = self.start.max(first.number - SPAN + 1);
        let reference = first.tick.div_euclid(REFERENCE);

        let mut statuses = Runs::default();
        let mut deltas = Vec::new();
        let (mut next, mut tick) = (base, reference * REFERENCE);
        for arrival in self.held.range(from..).take(TOLD) {
            let Ok(delta) = i16::try_from(arrival.tick - tick) else { break };
            if arrival.number - base >= SPAN {
                break;
            }
            let kind = match u8::try_from(delta) {
                Ok(_) => SymbolTypeTcc::PacketReceivedSmallDelta,
                Err(_) => SymbolTypeTcc::PacketReceivedLargeDelta,
            };
            statuses.add(SymbolTypeTcc::PacketNotReceived, (arrival.number - next) as usize);
            statuses.add(kind, 1);
            let delta = i64::from(delta) * TICK.as_micros() as i64;
            deltas.push(RecvDelta { type_tcc_packet: kind, delta });
            (next, tick) = (arrival.number + 1, arrival.tick);
        }

        self.more = from + deltas.len() < self.held.len();
        self.start = next;
        self.fresh = 0;
        self.last = Some(now);
        self.floor = self.floor.max(next - REORDER);
        let forget = self.held.partition_point(|arrival| arrival.number < self.floor);
        self.held.drain(..forget);
        let count = self.count;
        self.count = count.wrapping_add(1);
        Some(TransportLayerCc {
            sender_ssrc: self.ssrc,
            media_ssrc: self.media_ssrc,
            base_sequence_number: base as u16,
            packet_status_count: (next - base) as u16,
            // 24 bits; wraps after twelve days.
            reference_time: reference as u32 & 0x00ff_ffff,
            fb_pkt_count: count,
            packet_chunks: statuses.chunks(),
            recv_deltas: deltas,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;
    use rtc::interceptor::convert_twcc;
    use rtc::shared::marshal::{Marshal, Unmarshal};
    use std::collections::BTreeMap;

    /// Number and arrival since the reference's zero, as the client reads it off the wire.
    fn read(feedback: &TransportLayerCc) -> Vec<(u16, Option<Duration>)> {
        let wire: Bytes = feedback.marshal().expect("written").freeze();
        assert!(wire.len() <= 1_000, "{} octets", wire.len());
        let feedback = TransportLayerCc::unmarshal(&mut wire.clone()).expect("read");
        let told = convert_twcc(&feedback).into_iter().map(|told| {
            assert_eq!(told.arrived, told.arrival.is_some());
            (told.sequence_number, told.arrival)
        });
        // The last list of statuses may be longer than what it says.
        told.take(feedback.packet_status_count.into()).collect()
    }

    fn milliseconds(of: u64) -> Duration {
        Duration::from_millis(of)
    }

    #[test]
    fn nothing_is_told_without_news() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(1);
        assert_eq!(arrivals.feedback(start), None);
        arrivals.note(start, 7, 10);
        let first = arrivals.feedback(start).expect("the first at once");
        assert_eq!((first.sender_ssrc, first.media_ssrc, first.fb_pkt_count), (1, 7, 0));
        assert_eq!(read(&first), [(10, Some(milliseconds(0)))]);
        assert_eq!(arrivals.feedback(start + INTERVAL * 2), None);
        arrivals.note(start + INTERVAL * 2, 7, 10);
        assert_eq!(arrivals.feedback(start + INTERVAL * 4), None, "a copy is no news");
    }

    #[test]
    fn it_is_told_every_hundred_milliseconds_and_sooner_under_load() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(1);
        arrivals.note(start, 7, 0);
        arrivals.feedback(start).expect("the first");
        arrivals.note(start + milliseconds(1), 7, 1);
        assert_eq!(arrivals.feedback(start + milliseconds(99)), None);
        assert!(arrivals.feedback(start + milliseconds(100)).is_some_and(|told| told.fb_pkt_count == 1));
        (2..101).for_each(|sequence| arrivals.note(start + milliseconds(101), 7, sequence));
        assert_eq!(arrivals.feedback(start + milliseconds(102)), None);
        arrivals.note(start + milliseconds(102), 7, 101);
        assert_eq!(read(&arrivals.feedback(start + milliseconds(102)).expect("a hundred")).len(), 100);
    }

    #[test]
    fn losses_are_told_and_taken_back() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(1);
        arrivals.note(start, 7, 65_535);
        arrivals.note(start + milliseconds(2), 7, 2);
        let told = read(&arrivals.feedback(start + milliseconds(2)).expect("due"));
        assert_eq!(told, [(65_535, Some(milliseconds(0))), (0, None), (1, None), (2, Some(milliseconds(2)))]);
        arrivals.note(start + milliseconds(3), 7, 1);
        arrivals.note(start + milliseconds(3), 7, 3);
        let told = read(&arrivals.feedback(start + INTERVAL * 2).expect("due"));
        let expected = [(1, Some(milliseconds(3))), (2, Some(milliseconds(2))), (3, Some(milliseconds(3)))];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_does_not_fit_is_told_in_the_next_one_at_once() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(1);
        // The worst case: every status different from the one before, every delta large.
        for step in 0..400u16 {
            arrivals.note(start + milliseconds(70 * u64::from(step)), 7, step * 40);
        }
        let now = start + milliseconds(70 * 400);
        let mut told = 0;
        while let Some(feedback) = arrivals.feedback(now) {
            told += read(&feedback).iter().filter(|(_, arrival)| arrival.is_some()).count();
        }
        assert_eq!(told, 400);
    }

    #[test]
    fn the_reference_wraps_after_twelve_days() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(1);
        arrivals.note(start, 7, 0);
        arrivals.feedback(start).expect("the first");
        let later = start + Duration::from_millis(64 << 24) + milliseconds(130);
        arrivals.note(later, 7, 1);
        let feedback = arrivals.feedback(later).expect("due");
        assert_eq!((feedback.reference_time, read(&feedback)), (2, vec![(1, Some(milliseconds(130)))]));
    }

    #[test]
    fn what_comes_far_too_late_is_left_out() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(1);
        arrivals.note(start, 7, 1_000);
        arrivals.feedback(start).expect("the first");
        arrivals.note(start, 7, 1_001 - REORDER as u16 - 1);
        assert_eq!(arrivals.feedback(start + INTERVAL), None);
        arrivals.note(start, 7, 1_001 - REORDER as u16);
        assert!(arrivals.feedback(start + INTERVAL).is_some());
    }

    #[test]
    fn what_was_not_asked_for_in_time_is_not_told_as_lost() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(1);
        (0..2_000).for_each(|sequence| arrivals.note(start, 7, sequence));
        let first = read(&arrivals.feedback(start).expect("due"));
        assert_eq!(first[0], (2_000 - HELD as u16, Some(milliseconds(0))));
    }

    #[test]
    fn wild_numbers_take_no_memory() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(1);
        for step in 0..5_000u16 {
            arrivals.note(start, 7, step.wrapping_mul(32_767));
        }
        assert!(arrivals.held.len() <= HELD);
        let mut feedbacks = 0;
        while let Some(feedback) = arrivals.feedback(start) {
            assert!(read(&feedback).len() <= SPAN as usize);
            feedbacks += 1;
        }
        assert!((1..=HELD).contains(&feedbacks), "{feedbacks}");
    }

    #[derive(Debug, Clone)]
    struct Step {
        /// How far from the next one in order.
        skip: i64,
        pause: Duration,
        /// Then one that came so many before comes again.
        copy: Option<i64>,
    }

    fn step() -> impl Strategy<Value = Step> {
        let skip = prop_oneof![20 => Just(0i64), 2 => 1i64..20, 2 => -20i64..0, 1 => 20i64..3_000];
        let pause = prop_oneof![
            10 => (0u64..5_000).prop_map(Duration::from_micros),
            2 => (0u64..200).prop_map(Duration::from_millis),
            1 => (0u64..12_000).prop_map(Duration::from_millis),
        ];
        let copy = prop::option::weighted(0.1, prop_oneof![0i64..3, 0i64..600]);
        (skip, pause, copy).prop_map(|(skip, pause, copy)| Step { skip, pause, copy })
    }

    proptest! {
        /// Joined back with what was noted: every packet that came is told with its first arrival to
        /// 250 µs, none is told that didn't come, and what is told as lost had not come by then.
        #[test]
        fn the_client_learns_what_came_and_when(
            first in any::<u16>(),
            steps in prop::collection::vec(step(), 1..200),
        ) {
            let start = Instant::now();
            let (mut now, mut next) = (start, i64::from(first));
            let mut origin = None;
            let mut arrivals = Arrivals::new(1);
            let mut came: BTreeMap<u16, Duration> = BTreeMap::new();
            let mut told: BTreeMap<u16, Duration> = BTreeMap::new();
            for step in steps {
                now += step.pause;
                // Before the very first one nothing is in order yet; the client starts there.
                let number = (next + step.skip).max(i64::from(first));
                if number - i64::from(first) > 30_000 {
                    break;
                }
                next = (number + 1).max(next);
                let origin = *origin.get_or_insert(now);
                arrivals.note(now, 7, number as u16);
                came.entry(number as u16).or_insert(now - origin);
                let copy = step.copy.map(|back| (number - back) as u16);
                if let Some(copy) = copy.filter(|copy| came.contains_key(copy)) {
                    now += Duration::from_micros(300);
                    arrivals.note(now, 7, copy);
                }
                while let Some(feedback) = arrivals.feedback(now) {
                    for (sequence, arrival) in read(&feedback) {
                        match arrival {
                            None => prop_assert!(!came.contains_key(&sequence), "{sequence} came"),
                            Some(arrival) => { told.insert(sequence, arrival); }
                        }
                    }
                }
            }
            while let Some(feedback) = arrivals.feedback(now + INTERVAL) {
                told.extend(read(&feedback).into_iter().filter_map(|(number, at)| Some((number, at?))));
            }
            prop_assert!(told.keys().eq(came.keys()), "told {told:?}, came {came:?}");
            for (sequence, at) in came {
                prop_assert!(at.abs_diff(told[&sequence]) < TICK, "{sequence}: {at:?}, {:?}", told[&sequence]);
            }
        }
    }
}
