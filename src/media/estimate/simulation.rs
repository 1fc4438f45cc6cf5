//! One receiver behind a simulated line, in virtual time: sound, the allocator's pictures and the
//! probes go out as the forwarding path would send them, and feedback comes back every 100 ms.

use super::Estimate;
use crate::media::allocate::{Allocator, LAYERS, Wish, wanted};
use crate::media::table::Slot;
use crate::random::Random;
use proptest::prelude::*;
use rtc::rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, StatusVectorChunk, SymbolSizeTypeTcc, SymbolTypeTcc, TransportLayerCc,
};
use rtc::shared::marshal::{Marshal, Unmarshal};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

const AUDIO: u32 = 40_000;
const CAMERA: [u32; LAYERS] = [120_000, 350_000, 1_000_000];
/// One way, without a queue, in milliseconds.
const PATH: u64 = 30;
/// The queue in front of the bottleneck holds so many milliseconds.
const QUEUE: f64 = 500.0;

/// The line as it is at a millisecond.
#[derive(Clone, Copy)]
struct Line {
    rate: f64,
    /// Random, of each packet.
    loss: f64,
    outage: Outage,
}

#[derive(Clone, Copy, PartialEq)]
enum Outage {
    None,
    /// Everything is lost.
    Lost,
    /// Everything waits.
    Held,
}

const fn line(rate: u32) -> Line {
    Line { rate: rate as f64, loss: 0.0, outage: Outage::None }
}

/// What was seen in 100 ms.
#[derive(Debug, Clone, Copy)]
struct Seen {
    sent: u32,
    layer: Option<u8>,
    queue: f64,
    target: u32,
    padding: usize,
    audio_lost: u32,
}

struct Call {
    estimate: Estimate,
    allocator: Allocator,
    wish: Wish,
    random: Random,
    start: Instant,
    /// Milliseconds.
    now: u64,
    /// When the bottleneck has sent all it holds.
    busy: f64,
    /// Sequence and arrival in microseconds.
    arrived: BTreeMap<u16, u64>,
    arriving: VecDeque<(u64, u16)>,
    answers: VecDeque<(u64, TransportLayerCc)>,
    base: u16,
    key_frame: bool,
    seen: Vec<Seen>,
    sent: u32,
    padding: usize,
    audio_lost: u32,
    jitter: u64,
}

impl Call {
    fn new(layers: [u32; LAYERS], seed: u64) -> Self {
        let start = Instant::now();
        Self {
            estimate: Estimate::new(start),
            allocator: Allocator::default(),
            wish: Wish {
                slot: Slot::Video(0),
                height: 720,
                screen: false,
                layers,
                heights: [180, 360, 720],
                now: None,
            },
            random: Random::seeded(seed),
            start,
            now: 0,
            busy: 0.0,
            arrived: BTreeMap::new(),
            arriving: VecDeque::new(),
            answers: VecDeque::new(),
            base: 0,
            key_frame: false,
            seen: Vec::new(),
            sent: 0,
            padding: 0,
            audio_lost: 0,
            jitter: 0,
        }
    }

    fn instant(&self) -> Instant {
        self.start + Duration::from_millis(self.now)
    }

    fn chance(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.random.bytes())) / f64::from(u32::MAX)
    }

    fn run(&mut self, seconds: u64, line: Line) -> &[Seen] {
        let from = self.seen.len();
        for _ in 0..seconds * 1_000 {
            self.tick(line);
            self.now += 1;
        }
        &self.seen[from..]
    }

    fn tick(&mut self, line: Line) {
        if line.outage == Outage::Held {
            self.busy = self.busy.max(self.now as f64 + 1.0);
        }
        while let Some(&(at, sequence)) = self.arriving.front()
            && at <= self.now * 1_000
        {
            self.arriving.pop_front();
            self.arrived.insert(sequence, at);
        }
        while let Some((at, _)) = self.answers.front()
            && *at <= self.now
        {
            let (_, feedback) = self.answers.pop_front().unwrap();
            self.estimate.on_feedback(self.instant(), &feedback);
        }
        if self.now.is_multiple_of(20) && !self.send(line, AUDIO as usize / 400) {
            self.audio_lost += 1;
        }
        if self.now.is_multiple_of(10) {
            let rate = wanted(AUDIO, std::slice::from_ref(&self.wish)).unwrap_or(0);
            let padding = self.estimate.probe(self.instant(), rate);
            self.padding += padding;
            self.burst(line, padding);
        }
        if self.now % 33 == 7 {
            self.picture(line);
        }
        if self.now % 100 == 50 {
            self.answer(line);
        }
        if self.now % 100 == 99 {
            self.choose();
        }
    }

    fn picture(&mut self, line: Line) {
        let Some(layer) = self.wish.now else { return };
        let mean = self.wish.layers[usize::from(layer)] as usize / 8 * 33 / 1_000;
        let varied = (mean as f64 * (0.8 + 0.4 * self.chance())) as usize;
        let octets = if std::mem::take(&mut self.key_frame) { mean * 4 } else { varied };
        self.burst(line, octets);
    }

    fn burst(&mut self, line: Line, mut octets: usize) {
        while octets > 0 {
            let packet = octets.min(1_200);
            self.send(line, packet);
            octets -= packet;
        }
    }

    /// Whether it gets through.
    fn send(&mut self, line: Line, octets: usize) -> bool {
        let sequence = self.estimate.depart(self.instant(), octets);
        self.sent += octets as u32 * 8;
        let now = self.now as f64;
        let waits = (self.busy - now).max(0.0);
        let full = waits > if line.outage == Outage::Held { f64::MAX } else { QUEUE };
        if line.outage == Outage::Lost || full || self.chance() < line.loss {
            return false;
        }
        self.busy = self.busy.max(now) + octets as f64 * 8_000.0 / line.rate;
        let jitter = (self.chance() * self.jitter as f64 * 1_000.0) as u64;
        let at = (self.busy * 1_000.0) as u64 + PATH * 1_000 + jitter;
        // A line doesn't overtake.
        let at = at.max(self.arriving.back().map_or(0, |(last, _)| *last));
        self.arriving.push_back((at, sequence));
        true
    }

    /// As a browser says it: from the last that was told to the newest that came.
    fn answer(&mut self, line: Line) {
        let arrived = std::mem::take(&mut self.arrived);
        let age = |sequence: u16| sequence.wrapping_sub(self.base);
        let Some(newest) = arrived.keys().copied().max_by_key(|sequence| age(*sequence)) else { return };
        let count = age(newest) + 1;
        let reference = arrived.values().min().unwrap() / 64_000;
        let (mut clock, mut deltas, mut symbols) = (reference * 256, Vec::new(), Vec::new());
        for sequence in (0..count).map(|offset| self.base.wrapping_add(offset)) {
            let Some(at) = arrived.get(&sequence) else {
                symbols.push(SymbolTypeTcc::PacketNotReceived);
                continue;
            };
            let ticks = (at / 250) as i64 - clock as i64;
            clock = at / 250;
            let symbol = match ticks {
                0..256 => SymbolTypeTcc::PacketReceivedSmallDelta,
                _ => SymbolTypeTcc::PacketReceivedLargeDelta,
            };
            symbols.push(symbol);
            deltas.push(RecvDelta { type_tcc_packet: symbol, delta: ticks * 250 });
        }
        let chunk = |symbols: &[SymbolTypeTcc]| {
            PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                type_tcc: Default::default(),
                symbol_size: SymbolSizeTypeTcc::TwoBit,
                symbol_list: symbols.to_vec(),
            })
        };
        let feedback = TransportLayerCc {
            base_sequence_number: self.base,
            packet_status_count: count,
            reference_time: reference as u32,
            packet_chunks: symbols.chunks(7).map(chunk).collect(),
            recv_deltas: deltas,
            ..Default::default()
        };
        self.base = newest.wrapping_add(1);
        if line.outage == Outage::None && self.chance() >= line.loss {
            let wire = feedback.marshal().unwrap();
            let feedback = TransportLayerCc::unmarshal(&mut wire.freeze()).unwrap();
            self.answers.push_back((self.now + PATH, feedback));
        }
    }

    fn choose(&mut self) {
        let target = self.estimate.target();
        let choice = self.allocator.allocate(self.instant(), target, AUDIO, std::slice::from_ref(&self.wish));
        self.key_frame |= choice[0].layer.is_some() && choice[0].layer != self.wish.now;
        self.wish.now = choice[0].layer;
        self.seen.push(Seen {
            sent: std::mem::take(&mut self.sent) * 10,
            layer: self.wish.now,
            queue: (self.busy - self.now as f64).max(0.0),
            target,
            padding: std::mem::take(&mut self.padding),
            audio_lost: std::mem::take(&mut self.audio_lost),
        });
    }
}

fn told(seen: &[Seen]) -> String {
    let line = |(n, seen): (usize, &Seen)| {
        format!(
            "{:5.1} s: target {:4} k, sent {:4} k, layer {:?}, queue {:3.0} ms, padding {}, lost {}\n",
            n as f64 / 10.0,
            seen.target / 1_000,
            seen.sent / 1_000,
            seen.layer,
            seen.queue,
            seen.padding,
            seen.audio_lost
        )
    };
    seen.iter().enumerate().map(line).collect()
}

/// When a layer was first there, in seconds.
fn first(seen: &[Seen], layer: u8) -> f64 {
    seen.iter().position(|seen| seen.layer >= Some(layer)).map_or(f64::MAX, |at| at as f64 / 10.0)
}

/// How often the layer changed.
fn changes(seen: &[Seen]) -> usize {
    seen.windows(2).filter(|pair| pair[0].layer != pair[1].layer).count()
}

fn shown(seen: &[Seen]) -> f64 {
    seen.iter().filter(|seen| seen.layer.is_some()).count() as f64 / seen.len() as f64
}

#[test]
fn a_line_of_150_kbit_carries_the_sound_whole() {
    for (seed, smallest) in [(1, 150_000), (2, 120_000), (3, 100_000)] {
        let mut call = Call::new([smallest, 350_000, 1_000_000], seed);
        call.run(5, line(150_000));
        let seen = call.run(60, line(150_000));
        for second in seen.chunks(10) {
            let sent = second.iter().map(|seen| seen.sent).sum::<u32>() / 10;
            assert!(sent <= 150_000, "{sent}\n{}", told(seen));
        }
        assert_eq!(seen.iter().map(|seen| seen.audio_lost).sum::<u32>(), 0, "{}", told(seen));
        let slow = seen.iter().filter(|seen| seen.queue > 150.0).count();
        assert!(slow * 50 <= seen.len(), "{slow}\n{}", told(seen));
        assert!(seen.iter().all(|seen| seen.layer < Some(1)), "{}", told(seen));
        assert!(changes(seen) <= 4, "{}", told(seen));
    }
}

#[test]
fn a_line_of_2_mbit_reaches_the_top_layer_and_stays() {
    for jitter in [0, 10] {
        let mut call = Call::new(CAMERA, 1);
        call.jitter = jitter;
        let seen = call.run(60, line(2_000_000));
        assert!(first(seen, 0) <= 0.5 && first(seen, 2) <= 8.0, "{}", told(seen));
        assert_eq!(changes(seen), 2, "{}", told(seen));
        assert!(seen[80..].iter().all(|seen| seen.padding == 0), "{}", told(seen));
    }
}

#[test]
fn without_simulcast_the_one_layer_comes_too() {
    let mut call = Call::new([700_000, 0, 0], 1);
    let seen = call.run(30, line(2_000_000));
    assert!(first(seen, 0) <= 5.0, "{}", told(seen));
    assert_eq!(changes(seen), 1, "{}", told(seen));
}

#[test]
fn after_an_outage_the_picture_is_back_within_three_seconds() {
    for outage in [Outage::Lost, Outage::Held] {
        let mut call = Call::new(CAMERA, 1);
        call.run(15, line(2_000_000));
        let during = call.run(5, Line { outage, ..line(2_000_000) });
        assert!(during[15..].iter().all(|seen| seen.layer.is_none()), "{}", told(during));
        let after = call.run(20, line(2_000_000));
        assert!(first(after, 0) <= 3.0, "{}", told(after));
        assert!(after[30..].iter().all(|seen| seen.layer.is_some()), "{}", told(after));
        assert!(first(after, 2) <= 12.0, "{}", told(after));
    }
}

#[test]
fn a_fat_line_that_loses_a_fifth_keeps_the_picture() {
    for seed in 1..=10 {
        let mut call = Call::new(CAMERA, seed);
        let lossy = Line { loss: 0.2, ..line(2_000_000) };
        call.run(10, lossy);
        let seen = call.run(60, lossy);
        let fraction = shown(seen);
        assert!(fraction > 0.8, "{seed}: {fraction}\n{}", told(seen));
    }
}

#[test]
fn a_line_that_narrows_is_followed_down_and_up_again() {
    let mut call = Call::new(CAMERA, 1);
    call.run(15, line(2_000_000));
    let narrow = call.run(10, line(300_000));
    assert!(narrow[30..].iter().all(|seen| seen.layer < Some(1) && seen.queue < 250.0), "{}", told(narrow));
    assert!(narrow[50..].iter().all(|seen| seen.layer == Some(0)), "{}", told(narrow));
    let wide = call.run(20, line(2_000_000));
    assert!(first(wide, 1) <= 15.0, "{}", told(wide));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// On any steady line that carries the sound at least, what is sent fits before long, the
    /// sound comes through, and pictures don't flap.
    #[test]
    fn any_steady_line_is_fitted(kbit in 80_u32..3_000, jitter in 0_u64..15, seed in any::<u64>()) {
        let mut call = Call::new(CAMERA, seed);
        call.jitter = jitter;
        call.run(20, line(kbit * 1_000));
        let seen = call.run(60, line(kbit * 1_000));
        let sent = seen.iter().map(|seen| f64::from(seen.sent)).sum::<f64>() / seen.len() as f64;
        prop_assert!(sent <= f64::from(kbit) * 1_000.0, "{sent}\n{}", told(seen));
        let lost: u32 = seen.iter().map(|seen| seen.audio_lost).sum();
        prop_assert!(lost <= 30, "{lost} of 3,000\n{}", told(seen));
        prop_assert!(changes(seen) <= 12, "{}\n{}", changes(seen), told(seen));
        let fits = CAMERA.iter().filter(|layer| f64::from(**layer + AUDIO) * 1.6 < f64::from(kbit) * 1_000.0);
        if let Some(layer) = fits.count().checked_sub(1) {
            let there = seen.iter().filter(|seen| seen.layer >= Some(layer as u8)).count();
            prop_assert!(there * 10 >= seen.len() * 7, "{there} of {}\n{}", seen.len(), told(seen));
        }
    }
}
