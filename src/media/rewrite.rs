//! One slot's stream: whichever source is in it, the receiver sees one unbroken sequence of
//! numbers and times. `peer` owns one per slot.
//!
//! Pure. What always holds: a sequence number is given out once for one packet (SRTP's nonce hangs
//! on it), nothing from before a switch comes out after it, and a video slot starts with a key frame.

use super::offer::MAX_LAYERS;
use super::vp8;
use std::time::Instant;

/// What the rewriter reads of a packet.
#[derive(Debug, Clone, Copy)]
pub struct Numbers {
    pub sequence: u16,
    pub timestamp: u32,
}

/// Of each layer of a source, the newest sequence number.
pub type Newest = [Option<u16>; MAX_LAYERS];

/// Why a packet was not forwarded to a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Nobody is in this slot.
    Silent,
    /// From before the switch, or too old to be of use.
    Late,
    /// A decoder can't start here: ask the source for a key frame.
    NoKeyFrame,
    /// Another layer of this source is being forwarded.
    OtherLayer,
    /// The way down carries no picture now.
    Paused,
}

/// Packets may come this much out of order and still be forwarded.
const REORDER: u32 = 512;

#[derive(Debug)]
pub struct Stream {
    clock: u32,
    state: State,
    last: Option<Last>,
    first_sequence: u16,
    first_timestamp: u32,
    numbering: vp8::Numbering,
}

#[derive(Debug)]
enum State {
    Silent,
    /// Waits for the new source. Only what comes after `after` counts: a repeated packet from
    /// before the switch belongs to another conversation.
    Waiting {
        after: Option<u16>,
    },
    Running {
        sequence_offset: u16,
        timestamp_offset: u32,
        /// The newest of the source's sequence numbers.
        newest: u16,
        /// How far `newest` is from the first one of this source.
        span: u32,
    },
}

/// The newest packet that left.
#[derive(Debug, Clone, Copy)]
struct Last {
    sequence: u16,
    timestamp: u32,
    at: Instant,
}

impl Stream {
    /// `clock` in Hz. The first numbers should be random (RFC 3550 §5.1).
    pub fn new(clock: u32, first_sequence: u16, first_timestamp: u32) -> Self {
        Self {
            clock,
            state: State::Silent,
            last: None,
            first_sequence,
            first_timestamp,
            numbering: vp8::Numbering::new(),
        }
    }

    pub fn silence(&mut self) {
        self.state = State::Silent;
    }

    /// Another source from now on; `after` is the newest sequence number heard of it so far.
    pub fn switch(&mut self, after: Option<u16>) {
        self.state = State::Waiting { after };
        self.numbering.switch();
    }

    /// After a pause: the same source, from a packet on that is newer than `after`.
    pub fn wait(&mut self, after: Option<u16>) {
        if !matches!(self.state, State::Silent) {
            self.switch(after);
        }
    }

    /// The numbers under which a packet leaves. `start` says whether a receiver can begin with it.
    pub fn number(&mut self, now: Instant, packet: Numbers, start: bool) -> Result<Numbers, Held> {
        match &mut self.state {
            State::Silent => Err(Held::Silent),
            State::Waiting { after } => {
                if after.is_some_and(|after| !is_newer(packet.sequence, after)) {
                    return Err(Held::Late);
                }
                if !start {
                    return Err(Held::NoKeyFrame);
                }
                Ok(self.begin(now, packet))
            }
            State::Running { sequence_offset, timestamp_offset, newest, span } => {
                if is_newer(packet.sequence, *newest) {
                    *span = span.saturating_add(u32::from(packet.sequence.wrapping_sub(*newest)));
                    *newest = packet.sequence;
                } else if u32::from(newest.wrapping_sub(packet.sequence)) > (*span).min(REORDER) {
                    return Err(Held::Late);
                }
                let out = Numbers {
                    sequence: packet.sequence.wrapping_add(*sequence_offset),
                    timestamp: packet.timestamp.wrapping_add(*timestamp_offset),
                };
                self.remember(now, out);
                Ok(out)
            }
        }
    }

    /// Puts this slot's picture numbers into a VP8 payload.
    pub fn renumber_picture(&mut self, descriptor: &vp8::Descriptor, payload: &mut [u8]) {
        self.numbering.rewrite(descriptor, payload);
    }

    fn begin(&mut self, now: Instant, packet: Numbers) -> Numbers {
        let out = match self.last {
            None => Numbers { sequence: self.first_sequence, timestamp: self.first_timestamp },
            Some(last) => Numbers {
                sequence: last.sequence.wrapping_add(1),
                timestamp: last.timestamp.wrapping_add(self.ticks_since(now, last.at)),
            },
        };
        self.state = State::Running {
            sequence_offset: out.sequence.wrapping_sub(packet.sequence),
            timestamp_offset: out.timestamp.wrapping_sub(packet.timestamp),
            newest: packet.sequence,
            span: 0,
        };
        self.remember(now, out);
        out
    }

    /// The source's number of a packet that left under this one, if that source is still in the slot.
    pub fn source_of(&self, sequence: u16) -> Option<u16> {
        let State::Running { sequence_offset, newest, span, .. } = &self.state else { return None };
        let source = sequence.wrapping_sub(*sequence_offset);
        (u32::from(newest.wrapping_sub(source)) <= (*span).min(u32::from(u16::MAX) / 2)).then_some(source)
    }

    /// What the source's timestamps are moved by.
    pub fn offset(&self) -> Option<u32> {
        let State::Running { timestamp_offset, .. } = &self.state else { return None };
        Some(*timestamp_offset)
    }

    /// The receiver's clock went on while the slot was silent; at least one tick, for a new frame.
    fn ticks_since(&self, now: Instant, then: Instant) -> u32 {
        let elapsed = now.saturating_duration_since(then).as_micros();
        let ticks = elapsed * u128::from(self.clock) / 1_000_000;
        (ticks as u32).max(1)
    }

    fn remember(&mut self, now: Instant, out: Numbers) {
        if self.last.is_none_or(|last| is_newer(out.sequence, last.sequence)) {
            self.last = Some(Last { sequence: out.sequence, timestamp: out.timestamp, at: now });
        }
    }
}

/// Sequence numbers wrap: `a` is newer when it is less than half a round ahead.
pub fn is_newer(a: u16, b: u16) -> bool {
    a != b && a.wrapping_sub(b) < 0x8000
}

/// Which sequence numbers of a source were seen already. A packet is forwarded once: retransmitted
/// or replayed copies would make SRTP use a nonce twice.
#[derive(Debug, Default)]
pub struct Seen {
    newest: Option<u16>,
    bits: [u64; WINDOW / 64],
}

const WINDOW: usize = 1024;

impl Seen {
    pub fn newest(&self) -> Option<u16> {
        self.newest
    }

    /// True the first time, false for a copy and for what is too old to tell.
    pub fn first_time(&mut self, sequence: u16) -> bool {
        let Some(newest) = self.newest else {
            self.newest = Some(sequence);
            self.set(sequence, true);
            return true;
        };
        if is_newer(sequence, newest) {
            let ahead = sequence.wrapping_sub(newest);
            if usize::from(ahead) >= WINDOW {
                self.bits = [0; WINDOW / 64];
            } else {
                (1..ahead).for_each(|step| self.set(newest.wrapping_add(step), false));
            }
            self.newest = Some(sequence);
            self.set(sequence, true);
            return true;
        }
        if usize::from(newest.wrapping_sub(sequence)) >= WINDOW || self.is_set(sequence) {
            return false;
        }
        self.set(sequence, true);
        true
    }

    fn is_set(&self, sequence: u16) -> bool {
        let at = usize::from(sequence) % WINDOW;
        self.bits[at / 64] & (1 << (at % 64)) != 0
    }

    fn set(&mut self, sequence: u16, on: bool) {
        let at = usize::from(sequence) % WINDOW;
        if on {
            self.bits[at / 64] |= 1 << (at % 64);
        } else {
            self.bits[at / 64] &= !(1 << (at % 64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn at(sequence: u16, timestamp: u32) -> Numbers {
        Numbers { sequence, timestamp }
    }

    fn out(stream: &mut Stream, now: Instant, packet: Numbers) -> (u16, u32) {
        let numbers = stream.number(now, packet, true).expect("forwarded");
        (numbers.sequence, numbers.timestamp)
    }

    #[test]
    fn an_empty_slot_forwards_nothing() {
        let mut stream = Stream::new(48_000, 1, 1);
        assert_eq!(stream.number(Instant::now(), at(1, 1), true).unwrap_err(), Held::Silent);
    }

    #[test]
    fn numbers_go_on_across_a_switch() {
        let start = Instant::now();
        let mut stream = Stream::new(48_000, 65_535, 1_000);
        stream.switch(None);
        assert_eq!(out(&mut stream, start, at(500, 70_000)), (65_535, 1_000));
        assert_eq!(out(&mut stream, start, at(501, 70_960)), (0, 1_960));
        stream.switch(None);
        let later = start + Duration::from_millis(100);
        assert_eq!(out(&mut stream, later, at(9, 5)), (1, 1_960 + 4_800));
    }

    #[test]
    fn a_video_slot_waits_for_a_key_frame() {
        let now = Instant::now();
        let mut stream = Stream::new(90_000, 0, 0);
        stream.switch(None);
        assert_eq!(stream.number(now, at(1, 1), false).unwrap_err(), Held::NoKeyFrame);
        assert_eq!(out(&mut stream, now, at(2, 2)), (0, 0));
        assert!(stream.number(now, at(3, 2), false).is_ok());
    }

    #[test]
    fn nothing_from_before_the_switch_comes_out_after_it() {
        let now = Instant::now();
        let mut stream = Stream::new(48_000, 0, 0);
        stream.switch(Some(100));
        assert_eq!(stream.number(now, at(100, 1), true).unwrap_err(), Held::Late);
        assert_eq!(stream.number(now, at(99, 1), true).unwrap_err(), Held::Late);
        assert_eq!(out(&mut stream, now, at(102, 1)), (0, 0));
        assert_eq!(stream.number(now, at(101, 1), true).unwrap_err(), Held::Late, "before the first");
        assert!(stream.number(now, at(104, 1), true).is_ok());
        assert!(stream.number(now, at(103, 1), true).is_ok(), "reordered, but after the first");
    }

    #[test]
    fn seen_tells_copies() {
        let mut seen = Seen::default();
        assert!(seen.first_time(65_534));
        assert!(seen.first_time(1));
        assert!(seen.first_time(65_535));
        assert!(!seen.first_time(65_535));
        assert!(!seen.first_time(1));
        assert!(seen.first_time(1 + WINDOW as u16));
        assert!(!seen.first_time(0), "too old to tell");
        assert!(seen.first_time(20_000));
        assert!(!seen.first_time(20_000));
        assert!(seen.first_time(19_999));
    }

    proptest! {
        /// Whatever a source sends and however often it is switched: no number goes out twice.
        #[test]
        fn no_sequence_number_goes_out_twice(
            packets in prop::collection::vec((0u16..2_000, prop::bool::weighted(0.02)), 1..400)
        ) {
            let now = Instant::now();
            let mut stream = Stream::new(90_000, 0, 0);
            let mut seen = Seen::default();
            let mut given = std::collections::HashSet::new();
            stream.switch(None);
            for (sequence, switch) in packets {
                if switch {
                    stream.switch(seen.newest());
                }
                if seen.first_time(sequence)
                    && let Ok(numbers) = stream.number(now, at(sequence, 0), true)
                {
                    prop_assert!(given.insert(numbers.sequence), "twice: {}", numbers.sequence);
                }
            }
        }
    }
}
