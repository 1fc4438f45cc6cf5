//! A light client on a thread of its own that does against a bad network what a browser does: it talks
//! and shows pictures, answers requests for lost packets and key frames, asks for what it lost itself,
//! and tells which packets came (transport-wide feedback). Every payload carries its number and when
//! it was sent, so that what arrives tells what is missing and how long it took.

use super::light::{Light, OPUS, RTX, TRANSPORT_ID, VP8, picture, rtp};
use rtc::rtcp::packet::Packet;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RecvDelta, StatusVectorChunk, SymbolSizeTypeTcc, SymbolTypeTcc, TransportLayerCc,
};
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub const SLOTS: usize = 15;
const AUDIO_SLOTS: usize = 7;
const AUDIO_EVERY: Duration = Duration::from_millis(20);
const PICTURE_EVERY: Duration = Duration::from_millis(33);
const CHECK_EVERY: Duration = Duration::from_millis(500);
const FEEDBACK_EVERY: Duration = Duration::from_millis(50);
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(60);
const GIVE_UP_AFTER: Duration = Duration::from_millis(1_000);
/// A longer gap only a key frame mends.
const MOST_MISSING: usize = 100;
const KEPT: usize = 1_024;
const MARK: usize = 12;

/// A packet that came, the first time.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    pub number: u32,
    pub at: Instant,
    pub delay: Duration,
    pub octets: usize,
    /// It came as a retransmission.
    pub repaired: bool,
    /// Of a picture: whether a decoder that has seen everything before could show it.
    pub shown: bool,
}

#[derive(Default)]
pub struct Seen {
    slots: [Vec<Arrival>; SLOTS],
    /// Numbers sent so far: microphone, camera.
    pub sent: [u32; 2],
    /// Lost packets that the server asked for and was given.
    pub given_again: u64,
    pub checks_answered: u64,
}

type Order = Box<dyn FnOnce(&mut Light) + Send>;

pub struct Talker {
    seen: Arc<Mutex<Seen>>,
    orders: mpsc::Sender<Order>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Talker {
    /// Talks from now on. `light` is connected; `answer` is what it accepted; `epoch` is shared by all
    /// talkers; two packets of `octets` make a picture.
    pub fn start(light: Light, answer: &str, epoch: Instant, octets: usize) -> Self {
        let (orders, inbox) = mpsc::channel();
        let (seen, stop) = (Arc::<Mutex<Seen>>::default(), Arc::<AtomicBool>::default());
        let mut client = Client::new(light, answer, epoch, octets, seen.clone());
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                inbox.try_iter().for_each(|order: Order| order(&mut client.light));
                client.turn();
            }
        });
        Self { seen, orders, stop, thread: Some(thread) }
    }

    /// Does something with the client between two packets.
    pub fn order(&self, order: impl FnOnce(&mut Light) + Send + 'static) {
        self.orders.send(Box::new(order)).expect("it runs");
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("nobody panicked")
    }

    pub fn sound(&self, slot: usize) -> Vec<Arrival> {
        self.seen().slots[slot].clone()
    }

    pub fn pictures(&self, slot: usize) -> Vec<Arrival> {
        self.seen().slots[AUDIO_SLOTS + slot].clone()
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A packet of the camera, for whoever lost it.
struct Kept {
    sequence: u16,
    timestamp: u32,
    marker: bool,
    payload: Vec<u8>,
}

/// What is missing in a slot.
#[derive(Default)]
struct Slot {
    numbers: HashSet<u32>,
    newest: Option<u16>,
    /// Since when, and when it was asked for.
    missing: BTreeMap<u16, (Instant, Option<Instant>)>,
    waits_for_key_frame: bool,
    asked_for_key_frame: Option<Instant>,
}

struct Client {
    light: Light,
    /// By SSRC: the slot, and whether it is the one of retransmissions.
    streams: HashMap<u32, (usize, bool)>,
    slots: [Slot; SLOTS],
    epoch: Instant,
    octets: usize,
    seen: Arc<Mutex<Seen>>,
    /// When what is due next: sound, picture, check, feedback.
    due: [Instant; 4],
    transport: u16,
    repairs: u16,
    key_frame: bool,
    kept: VecDeque<Kept>,
    arrived: BTreeMap<i64, Instant>,
    newest: i64,
    told: i64,
    feedbacks: u8,
}

impl Client {
    fn new(light: Light, answer: &str, epoch: Instant, octets: usize, seen: Arc<Mutex<Seen>>) -> Self {
        let mut streams = HashMap::new();
        for (slot, section) in answer.split("\r\nm=").skip(4).enumerate() {
            let lines = section.lines().filter_map(|line| line.strip_prefix("a=ssrc:"));
            let ssrcs = lines.filter_map(|line| line.split(' ').next()?.parse::<u32>().ok());
            streams.extend(ssrcs.enumerate().map(|(at, ssrc)| (ssrc, (slot, at > 0))));
        }
        light.socket.set_read_timeout(Some(Duration::from_millis(2))).expect("a timeout");
        Self {
            light,
            streams,
            slots: Default::default(),
            epoch,
            octets,
            seen,
            due: [Instant::now(); 4],
            transport: 0,
            repairs: 0,
            key_frame: true,
            kept: VecDeque::new(),
            arrived: BTreeMap::new(),
            newest: 0,
            told: 0,
            feedbacks: 0,
        }
    }

    fn turn(&mut self) {
        let mut buffer = [0; 2_048];
        match self.light.socket.recv(&mut buffer) {
            Ok(length) => self.take(&buffer[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error}"),
        }
        let now = Instant::now();
        let every = [AUDIO_EVERY, PICTURE_EVERY, CHECK_EVERY, FEEDBACK_EVERY];
        for (at, every) in every.into_iter().enumerate() {
            if now < self.due[at] {
                continue;
            }
            self.due[at] = (self.due[at] + every).max(now - every);
            match at {
                0 => self.speak(now),
                1 => self.show(now),
                2 => self.light.ask(true),
                _ => self.report(now),
            }
        }
    }

    // ---- out --------------------------------------------------------------------------

    fn speak(&mut self, now: Instant) {
        let number = self.count(0);
        let mut payload = vec![0; 60];
        self.mark(&mut payload, number, now);
        let ssrc = self.light.microphone;
        self.send(ssrc, OPUS, number as u16, number.wrapping_mul(960), false, &payload);
    }

    fn show(&mut self, now: Instant) {
        let key = std::mem::take(&mut self.key_frame);
        for part in 0..2 {
            let number = self.count(1);
            let mut payload = picture(key, part == 0, (number / 2) as u16 & 0x7fff, self.octets);
            self.mark(&mut payload, number, now);
            let (sequence, timestamp) = (number as u16, (number / 2).wrapping_mul(2_970));
            self.send(self.light.camera, VP8, sequence, timestamp, part == 1, &payload);
            self.kept.push_back(Kept { sequence, timestamp, marker: part == 1, payload });
            if self.kept.len() > KEPT {
                self.kept.pop_front();
            }
        }
    }

    fn count(&self, track: usize) -> u32 {
        let mut seen = self.seen.lock().expect("nobody panicked");
        seen.sent[track] += 1;
        seen.sent[track] - 1
    }

    fn mark(&self, payload: &mut [u8], number: u32, now: Instant) {
        let at = payload.len() - MARK;
        payload[at..at + 4].copy_from_slice(&number.to_be_bytes());
        let sent = now.duration_since(self.epoch).as_micros() as u64;
        payload[at + 4..].copy_from_slice(&sent.to_be_bytes());
    }

    fn send(
        &mut self,
        ssrc: u32,
        payload_type: u8,
        sequence: u16,
        timestamp: u32,
        marker: bool,
        payload: &[u8],
    ) {
        self.transport = self.transport.wrapping_add(1);
        let mut packet = rtp(ssrc, payload_type, sequence, timestamp, Some(self.transport), payload);
        packet[1] |= u8::from(marker) << 7;
        let sealed = self.light.seal(&packet);
        self.light.send(&sealed);
    }

    fn give_again(&mut self, sequence: u16) {
        let Some(kept) = self.kept.iter().find(|kept| kept.sequence == sequence) else { return };
        let (timestamp, marker) = (kept.timestamp, kept.marker);
        let payload = [&sequence.to_be_bytes()[..], &kept.payload].concat();
        self.repairs = self.repairs.wrapping_add(1);
        self.send(self.light.camera + 1, RTX, self.repairs, timestamp, marker, &payload);
        self.seen.lock().expect("nobody panicked").given_again += 1;
    }

    /// Which packets came, which ones are wanted again, and where only a key frame helps.
    fn report(&mut self, now: Instant) {
        let mut packets: Vec<Box<dyn Packet>> = vec![];
        packets.extend(self.feedback().map(|feedback| Box::new(feedback) as Box<dyn Packet>));
        for (ssrc, (slot, repair)) in &self.streams {
            if *repair || *slot < AUDIO_SLOTS {
                continue;
            }
            let (lost, key_frame) = self.slots[*slot].due(now);
            if !lost.is_empty() {
                let nacks = nack_pairs_from_sequence_numbers(&lost);
                packets.push(Box::new(TransportLayerNack { sender_ssrc: 1, media_ssrc: *ssrc, nacks }));
            }
            if key_frame {
                packets.push(Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc: *ssrc }));
            }
        }
        for packet in packets {
            let plain = rtc::rtcp::packet::marshal(&[packet]).expect("written");
            let sealed = self.light.seal_rtcp(&plain);
            self.light.send(&sealed);
        }
    }

    /// From the last packet that was told of to the newest that came.
    fn feedback(&mut self) -> Option<TransportLayerCc> {
        let arrived = std::mem::take(&mut self.arrived).split_off(&self.told);
        let (newest, first) = (*arrived.keys().last()?, *arrived.values().min()?);
        let base = self.told.max(newest - 400);
        self.told = newest + 1;
        let ticks = |at: Instant| (at.duration_since(self.epoch).as_micros() / 250) as i64;
        let reference = ticks(first) / 256;
        let (mut clock, mut symbols, mut deltas) = (reference * 256, vec![], vec![]);
        for number in base..=newest {
            let Some(at) = arrived.get(&number) else {
                symbols.push(SymbolTypeTcc::PacketNotReceived);
                continue;
            };
            let delta = ticks(*at) - clock;
            clock += delta;
            let small = (0..256).contains(&delta);
            let symbol = if small {
                SymbolTypeTcc::PacketReceivedSmallDelta
            } else {
                SymbolTypeTcc::PacketReceivedLargeDelta
            };
            symbols.push(symbol);
            deltas.push(RecvDelta { type_tcc_packet: symbol, delta: delta * 250 });
        }
        let chunk = |symbols: &[SymbolTypeTcc]| {
            PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                type_tcc: Default::default(),
                symbol_size: SymbolSizeTypeTcc::TwoBit,
                symbol_list: symbols.to_vec(),
            })
        };
        self.feedbacks = self.feedbacks.wrapping_add(1);
        Some(TransportLayerCc {
            sender_ssrc: 1,
            base_sequence_number: base as u16,
            packet_status_count: symbols.len() as u16,
            reference_time: reference as u32,
            fb_pkt_count: self.feedbacks,
            packet_chunks: symbols.chunks(7).map(chunk).collect(),
            recv_deltas: deltas,
            ..Default::default()
        })
    }

    // ---- in ---------------------------------------------------------------------------

    fn take(&mut self, datagram: &[u8]) {
        match datagram {
            [1, 1, ..] => self.seen.lock().expect("nobody panicked").checks_answered += 1,
            [128..192, 192..224, ..] => self.control(datagram),
            [128..192, ..] => self.media(datagram),
            _ => {}
        }
    }

    fn control(&mut self, datagram: &[u8]) {
        let Some(mut plain) = self.light.open_rtcp(datagram) else { return };
        for packet in rtc::rtcp::packet::unmarshal(&mut plain).expect("RTCP") {
            if packet.as_any().is::<PictureLossIndication>() {
                self.key_frame = true;
            } else if let Some(nack) = packet.as_any().downcast_ref::<TransportLayerNack>() {
                let lost = nack.nacks.iter().flat_map(|pair| pair.packet_list()).collect::<Vec<_>>();
                lost.into_iter().for_each(|sequence| self.give_again(sequence));
            }
        }
    }

    fn media(&mut self, datagram: &[u8]) {
        let now = Instant::now();
        let Some(packet) = self.light.open(datagram) else { return };
        let two = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
        let ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
        let mut begin = 12;
        if packet[0] & 0x10 > 0 {
            begin = 16 + 4 * usize::from(two(14));
            // Its transport-wide number is the first of the server's extensions, or the second.
            let values = &packet[16..begin];
            let mut at = 0;
            while at + 2 < values.len() {
                let (id, length) = (values[at] >> 4, usize::from(values[at] & 15) + 1);
                if id == TRANSPORT_ID {
                    self.came(now, u16::from_be_bytes([values[at + 1], values[at + 2]]));
                }
                at += if id == 0 { 1 } else { 1 + length };
            }
        }
        let padding = if packet[0] & 0x20 > 0 { usize::from(packet[packet.len() - 1]) } else { 0 };
        let payload = &packet[begin..packet.len() - padding];
        let Some(&(slot, repaired)) = self.streams.get(&ssrc) else { return };
        if payload.len() < MARK + 2 {
            return;
        }
        let (sequence, payload) = match repaired {
            true => (two(begin), &payload[2..]),
            false => (two(2), payload),
        };
        let mark = &payload[payload.len() - MARK..];
        let number = u32::from_be_bytes(mark[..4].try_into().expect("four"));
        let sent =
            self.epoch + Duration::from_micros(u64::from_be_bytes(mark[4..].try_into().expect("eight")));
        let key = slot >= AUDIO_SLOTS && payload[0] & 0x10 > 0 && payload[4] & 1 == 0;
        let state = &mut self.slots[slot];
        state.arrived(now, sequence, key);
        if state.numbers.insert(number) {
            let arrival = Arrival {
                number,
                at: now,
                delay: now.saturating_duration_since(sent),
                octets: datagram.len(),
                repaired,
                shown: !state.waits_for_key_frame,
            };
            self.seen.lock().expect("nobody panicked").slots[slot].push(arrival);
        }
    }

    fn came(&mut self, now: Instant, transport: u16) {
        let number = self.newest + i64::from(transport.wrapping_sub(self.newest as u16) as i16);
        self.newest = self.newest.max(number);
        self.arrived.entry(number).or_insert(now);
    }
}

impl Slot {
    fn arrived(&mut self, now: Instant, sequence: u16, key: bool) {
        let newest = *self.newest.get_or_insert(sequence.wrapping_sub(1));
        let ahead = sequence.wrapping_sub(newest);
        if ahead == 0 || ahead >= 0x8000 {
            self.missing.remove(&sequence);
            return;
        }
        self.newest = Some(sequence);
        if usize::from(ahead) > MOST_MISSING {
            self.waits_for_key_frame = true;
            self.missing.clear();
        } else {
            self.missing.extend((1..ahead).map(|step| (newest.wrapping_add(step), (now, None))));
        }
        if key {
            self.waits_for_key_frame = false;
        }
    }

    /// What to ask for again, and whether to ask for a key frame.
    fn due(&mut self, now: Instant) -> (Vec<u16>, bool) {
        let before = self.missing.len();
        self.missing.retain(|_, (since, _)| now.duration_since(*since) < GIVE_UP_AFTER);
        self.waits_for_key_frame |= self.missing.len() < before;
        let mut lost = vec![];
        for (sequence, (_, asked)) in &mut self.missing {
            if asked.is_none_or(|then| now.duration_since(then) >= ASK_AGAIN_AFTER) {
                *asked = Some(now);
                lost.push(*sequence);
            }
        }
        let asked = |then| now.duration_since(then) < Duration::from_millis(300);
        let key_frame = self.waits_for_key_frame && !self.asked_for_key_frame.is_some_and(asked);
        if key_frame {
            self.asked_for_key_frame = Some(now);
        }
        (lost, key_frame)
    }
}
