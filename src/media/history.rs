//! The last packets of one incoming video stream, for receivers that lost them on their way down.
//! `uplink` keeps each packet once for all receivers, as it came; a receiver's slot asks through
//! its own [`Resent`] and writes its numbers on what it gets.
//!
//! Pure. What always holds: memory is taken with the first packet and never grows; a packet is
//! found whole or not at all; a receiver gets the same packet at most once per round trip and
//! [`TIMES`] times in all, so asking can't make the server flood anybody.

use std::time::{Duration, Instant};

/// Half a second of a camera at its best, two of a phone on a bad line.
pub const OCTETS: usize = 64 * 1024;
/// Packets kept at most, however small.
const PACKETS: usize = 512;
/// Times that one receiver gets one packet again.
const TIMES: u8 = 6;
/// The least time between two of them: an answer takes at least this to be heard of.
const LEAST_ROUND_TRIP: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub struct History {
    octets: usize,
    /// Payloads one behind the other; none is split at the end.
    ring: Vec<u8>,
    /// By sequence number.
    packets: Vec<Option<Packet>>,
    /// Octets written in all; the next one goes to `written % octets`.
    written: u64,
}

#[derive(Debug, Clone, Copy)]
struct Packet {
    sequence: u16,
    timestamp: u32,
    marker: bool,
    at: Instant,
    /// What `written` was.
    start: u64,
    length: usize,
}

/// A packet as its source sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept<'a> {
    pub sequence: u16,
    pub timestamp: u32,
    pub marker: bool,
    pub payload: &'a [u8],
    /// When it came.
    pub at: Instant,
}

impl History {
    /// Keeps so many octets of payload; mostly [`OCTETS`].
    pub fn new(octets: usize) -> Self {
        Self { octets, ring: Vec::new(), packets: Vec::new(), written: 0 }
    }

    /// Instead of the oldest. A payload that is empty or larger than everything is not kept.
    pub fn keep(&mut self, now: Instant, sequence: u16, timestamp: u32, marker: bool, payload: &[u8]) {
        let length = payload.len();
        if length == 0 || length > self.octets {
            return;
        }
        if self.ring.is_empty() {
            self.ring = vec![0; self.octets];
            self.packets = vec![None; PACKETS];
        }
        if self.octets - self.place(self.written) < length {
            self.written = self.written.next_multiple_of(self.octets as u64);
        }
        let start = self.written;
        let place = self.place(start);
        self.ring[place..place + length].copy_from_slice(payload);
        self.written += length as u64;
        let packet = Packet { sequence, timestamp, marker, at: now, start, length };
        self.packets[usize::from(sequence) % PACKETS] = Some(packet);
    }

    pub fn find(&self, sequence: u16) -> Option<Kept<'_>> {
        let packet = (*self.packets.get(usize::from(sequence) % PACKETS)?)?;
        let overwritten = self.written - packet.start > self.octets as u64;
        if packet.sequence != sequence || overwritten {
            return None;
        }
        let Packet { timestamp, marker, at, start, length, .. } = packet;
        let place = self.place(start);
        Some(Kept { sequence, timestamp, marker, payload: &self.ring[place..place + length], at })
    }

    fn place(&self, start: u64) -> usize {
        (start % self.octets as u64) as usize
    }
}

/// What one receiver's slot got again lately. The source in the slot may change.
#[derive(Debug, Default)]
pub struct Resent {
    /// By the source's sequence number, in as many places as a history has: two packets that
    /// share a place are never both kept, so none can push out the count of another. Taken with the
    /// first packet that is lost.
    packets: Vec<Option<Again>>,
}

#[derive(Debug, Clone, Copy)]
struct Again {
    sequence: u16,
    /// When the packet came from its source: tells it from another source's of the same number.
    kept: Instant,
    last: Instant,
    times: u8,
}

impl Resent {
    pub fn new() -> Self {
        Self::default()
    }

    /// The packet, if it is kept and this receiver may have it again now. `sequence` is the
    /// source's.
    pub fn again<'a>(
        &mut self,
        history: &'a History,
        now: Instant,
        round_trip: Duration,
        sequence: u16,
    ) -> Option<Kept<'a>> {
        let packet = history.find(sequence)?;
        if self.packets.is_empty() {
            self.packets = vec![None; PACKETS];
        }
        let place = &mut self.packets[usize::from(sequence) % PACKETS];
        let before = place.filter(|again| again.sequence == sequence && again.kept == packet.at);
        let times = match before {
            None => 0,
            Some(again) if again.times >= TIMES => return None,
            Some(again) if now.duration_since(again.last) < round_trip.max(LEAST_ROUND_TRIP) => return None,
            Some(again) => again.times,
        };
        *place = Some(Again { sequence, kept: packet.at, last: now, times: times + 1 });
        Some(packet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROUND_TRIP: Duration = Duration::from_millis(50);

    #[test]
    fn nothing_is_taken_before_the_first_packet() {
        let mut history = History::new(OCTETS);
        assert_eq!(history.find(0), None);
        assert_eq!((history.ring.capacity(), history.packets.capacity()), (0, 0));
        history.keep(Instant::now(), 0, 0, false, &[]);
        assert_eq!((history.find(0), history.ring.capacity()), (None, 0));
        history.keep(Instant::now(), 0, 0, false, &[0; OCTETS + 1]);
        assert_eq!((history.find(0), history.ring.capacity()), (None, 0));
    }

    #[test]
    fn a_packet_is_found_as_it_came() {
        let now = Instant::now();
        let mut history = History::new(100);
        history.keep(now, 65_535, 9_000, true, b"first");
        history.keep(now + ROUND_TRIP, 0, 9_001, false, b"second");
        let first = Kept { sequence: 65_535, timestamp: 9_000, marker: true, payload: b"first", at: now };
        assert_eq!(history.find(65_535), Some(first));
        assert_eq!(history.find(0).map(|kept| kept.at), Some(now + ROUND_TRIP));
        assert_eq!(history.find(511), None, "shares a place with 65535");
    }

    #[test]
    fn the_oldest_makes_room() {
        let now = Instant::now();
        let mut history = History::new(100);
        for sequence in 0..4 {
            history.keep(now, sequence, 0, false, &[sequence as u8; 40]);
        }
        // 20 octets at the end stay empty each time: no payload is split.
        assert_eq!(history.find(0), None);
        assert_eq!(history.find(1), None, "overwritten from its first octet on");
        assert_eq!(history.find(2).map(|kept| kept.payload), Some(&[2; 40][..]));
        assert_eq!(history.find(3).map(|kept| kept.payload), Some(&[3; 40][..]));
    }

    #[test]
    fn a_receiver_gets_a_packet_once_per_round_trip_and_not_for_ever() {
        let start = Instant::now();
        let mut history = History::new(100);
        history.keep(start, 7, 0, false, b"lost");
        let (mut one, mut other) = (Resent::new(), Resent::new());
        assert_eq!(one.again(&history, start, ROUND_TRIP, 8), None, "not kept");
        for round in 0..u32::from(TIMES) {
            let now = start + ROUND_TRIP * round;
            assert!(one.again(&history, now, ROUND_TRIP, 7).is_some(), "round {round}");
            assert_eq!(one.again(&history, now, ROUND_TRIP, 7), None);
            let soon = now + ROUND_TRIP - Duration::from_millis(1);
            assert_eq!(one.again(&history, soon, ROUND_TRIP, 7), None);
        }
        let late = start + ROUND_TRIP * 100;
        assert_eq!(one.again(&history, late, ROUND_TRIP, 7), None, "often enough");
        assert!(other.again(&history, late, ROUND_TRIP, 7).is_some(), "another receiver");
    }

    #[test]
    fn another_source_in_the_slot_is_not_held_to_the_first_ones_count() {
        let now = Instant::now();
        let (mut one, mut other) = (History::new(100), History::new(100));
        one.keep(now, 7, 0, false, b"hers");
        other.keep(now + Duration::from_millis(1), 7, 0, false, b"his");
        let mut resent = Resent::new();
        let later = now + Duration::from_millis(2);
        assert!(resent.again(&one, later, ROUND_TRIP, 7).is_some());
        assert_eq!(resent.again(&other, later, ROUND_TRIP, 7).map(|kept| kept.payload), Some(&b"his"[..]));
    }

    proptest! {
        /// A packet is found exactly as it was kept, or not at all; the newest ones are found.
        #[test]
        fn found_whole_or_not_at_all(
            octets in 1usize..400,
            packets in prop::collection::vec((0u16..1_200, 1usize..120), 1..300),
        ) {
            let start = Instant::now();
            let mut history = History::new(octets);
            let mut model = std::collections::BTreeMap::new();
            for (index, (sequence, length)) in packets.iter().copied().enumerate() {
                let payload: Vec<u8> = (0..length).map(|octet| (index * 7 + octet) as u8).collect();
                let at = start + Duration::from_millis(index as u64);
                history.keep(at, sequence, index as u32, index % 2 == 0, &payload);
                if length > octets {
                    continue;
                }
                model.insert(sequence, (at, index, payload));
                for (&sequence, (at, index, payload)) in &model {
                    if let Some(kept) = history.find(sequence) {
                        let (timestamp, marker) = (*index as u32, index % 2 == 0);
                        prop_assert_eq!(kept, Kept { sequence, timestamp, marker, payload, at: *at });
                    }
                }
                prop_assert!(history.find(sequence).is_some(), "the last one");
            }
            prop_assert!(history.ring.len() <= octets && history.packets.len() <= PACKETS);
        }

        /// In a contiguous stream, what fits is all there.
        #[test]
        fn the_newest_are_all_kept(first in any::<u16>(), count in 1u16..600, length in 1usize..1_200) {
            let now = Instant::now();
            let mut history = History::new(OCTETS);
            for step in 0..count {
                history.keep(now, first.wrapping_add(step), 0, false, &vec![0; length]);
            }
            let room = (OCTETS / length).min(PACKETS).min(usize::from(count)) as u16;
            for back in 1..=room {
                prop_assert!(history.find(first.wrapping_add(count - back)).is_some(), "{back} back");
            }
        }
    }
}
