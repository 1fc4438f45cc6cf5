//! One of a client's three tracks, in one layer or up to three: which packets belong to it, which are
//! new, which are missing, and when the client was last asked for a key frame. `peer` owns them.
//!
//! Pure.

use super::history::{self, History};
use super::nack::Losses;
use super::offer::Section;
use super::packet::Header;
use super::reports::Reception;
use super::rewrite::{Newest, Numbers, Seen};
use super::sender_clock::SenderClock;
use super::table::Track;
use super::vp8;
use std::ops::Range;
use std::time::{Duration, Instant};

/// Key frames cost the sender: for a switch at most so often, for receivers' losses less.
const KEY_FRAME_FOR_SWITCH: Duration = Duration::from_millis(200);
const KEY_FRAME_FOR_LOSS: Duration = Duration::from_millis(1_000);
/// A packet of a track, decrypted where it lies, first time seen.
#[derive(Debug, Clone)]
pub struct Incoming {
    pub track: Track,
    pub layer: u8,
    pub numbers: Numbers,
    pub marker: bool,
    /// Redundant sound (RFC 2198).
    pub red: bool,
    pub payload: Range<usize>,
    /// Of sound: the octet of RFC 6464.
    pub level: Option<u8>,
    /// Of video.
    pub picture: Option<vp8::Descriptor>,
    /// The first one of its track.
    pub first: bool,
}

/// Why a packet of the client went nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// Another codec, an unknown stream, or nothing in it.
    Unexpected,
    /// A copy, or too old to tell.
    Repeated,
    /// Not signed with the connection's keys, or a replay of one that was.
    Forged,
    /// Padding, to find out how much the way carries.
    Probe,
}

/// What a key frame is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// A slot waits for its new source.
    Switch,
    /// A receiver lost the picture.
    Loss,
}

pub struct Uplink {
    pub track: Track,
    pub agreed: Section,
    /// Smallest first.
    pub layers: Vec<Layer>,
    flowing: bool,
}

/// One encoding of a track.
pub struct Layer {
    pub ssrc: Option<u32>,
    pub rtx: Option<u32>,
    pub losses: Losses,
    pub reception: Reception,
    pub clock: SenderClock,
    pub history: History,
    pub rate: Rate,
    /// Of its picture, from the last key frame.
    pub height: u16,
    seen: Seen,
    asked_for_key_frame: Option<Instant>,
}

impl Uplink {
    pub fn new(track: Track, agreed: Section) -> Self {
        let clock = if track.is_audio() { 48_000 } else { 90_000 };
        let layer = |stream: Option<(u32, Option<u32>)>| Layer {
            ssrc: stream.map(|(ssrc, _)| ssrc),
            rtx: stream.and_then(|(_, rtx)| rtx),
            losses: Losses::new(),
            reception: Reception::new(clock),
            clock: SenderClock::new(clock),
            history: History::new(history::OCTETS),
            rate: Rate::default(),
            height: 0,
            seen: Seen::default(),
            asked_for_key_frame: None,
        };
        let layers = (0..agreed.rids.len().max(1)).map(|_| layer(agreed.stream)).collect();
        Self { track, agreed, layers, flowing: false }
    }

    /// The newest sequence number heard of each layer.
    pub fn newest(&self) -> Newest {
        std::array::from_fn(|layer| self.layers.get(layer)?.seen.newest())
    }

    /// Takes a packet of a layer's own stream, or one that was unwrapped from its retransmissions.
    pub fn take(
        &mut self,
        now: Instant,
        at: u8,
        header: &Header,
        datagram: &[u8],
        payload: Range<usize>,
    ) -> Result<Incoming, Unusable> {
        let red = Some(header.payload_type) == self.agreed.red;
        // Browsers send empty packets to probe the way.
        if payload.is_empty() || !(red || header.payload_type == self.agreed.codec) {
            return Err(Unusable::Unexpected);
        }
        let layer = self.layers.get_mut(usize::from(at)).ok_or(Unusable::Unexpected)?;
        let octets = &datagram[payload.clone()];
        let picture = match self.track {
            Track::Microphone => None,
            Track::Camera | Track::Screen => Some(vp8::parse(octets).ok_or(Unusable::Unexpected)?),
        };
        if !layer.seen.first_time(header.sequence) {
            return Err(Unusable::Repeated);
        }
        layer.rate.add(now, datagram.len());
        if let Some(picture) = picture {
            layer.history.keep(now, header.sequence, header.timestamp, header.marker, octets);
            if picture.starts_key_frame {
                layer.height = vp8::height(octets).unwrap_or(layer.height);
            }
        }
        let level_id = self.agreed.level_id;
        let level = header.extensions(datagram).find(|(id, _)| Some(*id) == level_id);
        Ok(Incoming {
            track: self.track,
            layer: at,
            numbers: Numbers { sequence: header.sequence, timestamp: header.timestamp },
            marker: header.marker,
            red,
            payload,
            level: level.and_then(|(_, value)| value.first().copied()),
            picture,
            first: !std::mem::replace(&mut self.flowing, true),
        })
    }

    /// The SSRC to ask for a key frame, unless it was asked just now.
    pub fn key_frame_due(&mut self, now: Instant, layer: u8, need: Need) -> Option<u32> {
        let pause = match need {
            Need::Switch => KEY_FRAME_FOR_SWITCH,
            Need::Loss => KEY_FRAME_FOR_LOSS,
        };
        let layer = self.layers.get_mut(usize::from(layer)).filter(|_| !self.track.is_audio())?;
        if layer.asked_for_key_frame.is_some_and(|then| now.duration_since(then) < pause) {
            return None;
        }
        let ssrc = layer.ssrc.filter(|_| layer.seen.newest().is_some())?;
        layer.asked_for_key_frame = Some(now);
        Some(ssrc)
    }
}

/// Bits per second over the last one to two windows.
#[derive(Debug, Default)]
pub struct Rate {
    since: Option<Instant>,
    octets: usize,
    last: u32,
}

const RATE_WINDOW: Duration = Duration::from_millis(500);

impl Rate {
    pub fn add(&mut self, now: Instant, octets: usize) {
        self.roll(now);
        self.octets += octets;
    }

    pub fn bits_per_second(&mut self, now: Instant) -> u32 {
        self.roll(now);
        // What has only begun counts at once.
        self.last.max((self.octets * 8) as u32 * (1_000 / RATE_WINDOW.as_millis() as u32))
    }

    fn roll(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let elapsed = now.saturating_duration_since(since);
        if elapsed >= RATE_WINDOW {
            self.last = (self.octets as f64 * 8.0 / elapsed.as_secs_f64()) as u32;
            (self.since, self.octets) = (Some(now), 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::packet::{self, Outgoing};

    fn uplink(track: Track) -> Uplink {
        let agreed =
            Section { codec: 96, level_id: Some(3), stream: Some((7, Some(8))), ..Section::default() };
        Uplink::new(track, agreed)
    }

    fn take(
        uplink: &mut Uplink,
        payload_type: u8,
        sequence: u16,
        payload: &[u8],
    ) -> Result<Incoming, Unusable> {
        let mut datagram = vec![];
        let header = Outgoing {
            marker: false,
            payload_type,
            sequence,
            timestamp: 0,
            ssrc: 7,
            transport: None,
            level: uplink.track.is_audio().then_some((3, 0x85)),
        };
        packet::write(&mut datagram, &header);
        datagram.extend(payload);
        let header = packet::parse(&datagram).expect("RTP");
        let payload = header.payload(&datagram).expect("a payload");
        uplink.take(Instant::now(), 0, &header, &datagram, payload)
    }

    #[test]
    fn only_new_packets_of_the_agreed_codec_are_taken() {
        let mut camera = uplink(Track::Camera);
        let why = |taken: Result<Incoming, Unusable>| taken.err();
        assert_eq!(why(take(&mut camera, 97, 1, &[0x10, 0])), Some(Unusable::Unexpected), "another codec");
        assert_eq!(why(take(&mut camera, 96, 1, &[])), Some(Unusable::Unexpected), "a probe");
        assert_eq!(why(take(&mut camera, 96, 1, &[0x90])), Some(Unusable::Unexpected), "a cut descriptor");
        let first = take(&mut camera, 96, 1, &[0x10, 0]).expect("taken");
        assert!(first.first && first.picture.expect("a picture").starts_key_frame);
        assert_eq!(why(take(&mut camera, 96, 1, &[0x10, 0])), Some(Unusable::Repeated));
        assert!(!take(&mut camera, 96, 2, &[0x10, 1]).expect("taken").first);
        assert_eq!(camera.newest()[0], Some(2));
        assert_eq!(camera.layers[0].history.find(2).expect("kept").payload, [0x10, 1]);
    }

    #[test]
    fn sound_is_taken_with_its_level() {
        let taken = take(&mut uplink(Track::Microphone), 96, 1, &[0xff]).expect("taken");
        assert_eq!((taken.level, taken.picture, taken.red), (Some(0x85), None, false));
    }

    #[test]
    fn key_frames_are_asked_for_sparingly() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut camera = uplink(Track::Camera);
        assert_eq!(camera.key_frame_due(start, 0, Need::Switch), None, "nothing came of it yet");
        take(&mut camera, 96, 1, &[0x10, 0]).expect("taken");
        assert_eq!(camera.key_frame_due(start, 0, Need::Loss), Some(7));
        assert_eq!(camera.key_frame_due(after(100), 0, Need::Switch), None);
        assert_eq!(camera.key_frame_due(after(300), 0, Need::Loss), None);
        assert_eq!(camera.key_frame_due(after(300), 0, Need::Switch), Some(7));
        assert_eq!(camera.key_frame_due(after(1_299), 0, Need::Loss), None);
        assert_eq!(camera.key_frame_due(after(1_300), 0, Need::Loss), Some(7));
        assert_eq!(camera.key_frame_due(after(9_000), 1, Need::Loss), None, "no such layer");
    }

    #[test]
    fn a_rate_is_that_of_the_last_window() {
        let start = Instant::now();
        let mut rate = Rate::default();
        for ms in 0..1_000 {
            rate.add(start + Duration::from_millis(ms), 125);
        }
        let bits = rate.bits_per_second(start + Duration::from_millis(1_000));
        assert!((990_000..=1_010_000).contains(&bits), "{bits}");
        assert_eq!(rate.bits_per_second(start + Duration::from_secs(9)), 0);
    }
}
