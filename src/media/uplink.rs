//! One of a client's three tracks: which packets belong to it, which are new, and when the client
//! was last asked for a key frame. `peer` owns them.
//!
//! Pure.

use super::negotiate::AgreedTrack;
use super::rewrite::{Numbers, Seen};
use super::table::Track;
use super::vp8;
use bytes::Bytes;
use rtc::rtp_transceiver::RTCRtpReceiverId;
use std::time::{Duration, Instant};

/// Key frames cost the sender: for a switch at most so often, for receivers' losses less.
const KEY_FRAME_FOR_SWITCH: Duration = Duration::from_millis(200);
const KEY_FRAME_FOR_LOSS: Duration = Duration::from_millis(1_000);

/// A packet of a track, decrypted, first time seen.
#[derive(Debug)]
pub struct Incoming {
    pub track: Track,
    pub numbers: Numbers,
    pub marker: bool,
    pub payload: Bytes,
    pub audio_level: Option<Bytes>,
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
    pub receiver: RTCRtpReceiverId,
    /// Known from the first packet on.
    pub ssrc: Option<u32>,
    payload_type: u8,
    audio_level: Option<u8>,
    seen: Seen,
    asked_for_key_frame: Option<Instant>,
}

impl Uplink {
    pub fn new(agreed: AgreedTrack) -> Self {
        Self {
            track: agreed.track,
            receiver: agreed.receiver,
            ssrc: None,
            payload_type: agreed.payload_type,
            audio_level: agreed.audio_level,
            seen: Seen::default(),
            asked_for_key_frame: None,
        }
    }

    /// The newest sequence number heard.
    pub fn newest(&self) -> Option<u16> {
        self.seen.newest()
    }

    pub fn take(&mut self, packet: rtc::rtp::Packet) -> Result<Incoming, Unusable> {
        let header = packet.header;
        // Browsers send empty packets to probe the way.
        if header.payload_type != self.payload_type || packet.payload.is_empty() {
            return Err(Unusable::Unexpected);
        }
        let picture = match self.track {
            Track::Microphone => None,
            Track::Camera | Track::Screen => Some(vp8::parse(&packet.payload).ok_or(Unusable::Unexpected)?),
        };
        let first = self.seen.newest().is_none();
        if !self.seen.first_time(header.sequence_number) {
            return Err(Unusable::Repeated);
        }
        Ok(Incoming {
            track: self.track,
            numbers: Numbers { sequence: header.sequence_number, timestamp: header.timestamp },
            marker: header.marker,
            audio_level: self.audio_level.and_then(|id| header.get_extension(id)),
            payload: packet.payload,
            picture,
            first,
        })
    }

    /// The SSRC to ask for a key frame, unless it was asked just now.
    pub fn key_frame_due(&mut self, now: Instant, need: Need) -> Option<u32> {
        let pause = match need {
            Need::Switch => KEY_FRAME_FOR_SWITCH,
            Need::Loss => KEY_FRAME_FOR_LOSS,
        };
        if self.asked_for_key_frame.is_some_and(|then| now.duration_since(then) < pause) {
            return None;
        }
        let ssrc = self.ssrc?;
        self.asked_for_key_frame = Some(now);
        Some(ssrc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uplink(track: Track) -> Uplink {
        Uplink::new(AgreedTrack {
            track,
            receiver: RTCRtpReceiverId::from(0),
            payload_type: 96,
            audio_level: Some(3),
        })
    }

    fn packet(payload_type: u8, sequence_number: u16, payload: &'static [u8]) -> rtc::rtp::Packet {
        let header = rtc::rtp::Header { version: 2, payload_type, sequence_number, ..Default::default() };
        rtc::rtp::Packet { header, payload: Bytes::from_static(payload) }
    }

    #[test]
    fn only_new_packets_of_the_agreed_codec_are_taken() {
        let mut camera = uplink(Track::Camera);
        let why = |taken: Result<Incoming, Unusable>| taken.err();
        assert_eq!(why(camera.take(packet(97, 1, &[0x10, 0]))), Some(Unusable::Unexpected), "another codec");
        assert_eq!(why(camera.take(packet(96, 1, &[]))), Some(Unusable::Unexpected), "a probe");
        assert_eq!(why(camera.take(packet(96, 1, &[0x90]))), Some(Unusable::Unexpected), "a cut descriptor");
        let first = camera.take(packet(96, 1, &[0x10, 0])).expect("taken");
        assert!(first.first && first.picture.expect("a picture").starts_key_frame);
        assert_eq!(why(camera.take(packet(96, 1, &[0x10, 0]))), Some(Unusable::Repeated));
        assert!(!camera.take(packet(96, 2, &[0x10, 1])).expect("taken").first);
        assert_eq!(camera.newest(), Some(2));
    }

    #[test]
    fn sound_is_taken_with_its_level() {
        let mut sound = packet(96, 1, &[0xff]);
        sound.header.extension = true;
        sound.header.extension_profile = rtc::rtp::header::EXTENSION_PROFILE_ONE_BYTE;
        sound.header.set_extension(3, Bytes::from_static(&[0x85])).expect("an extension");
        let taken = uplink(Track::Microphone).take(sound).expect("taken");
        assert_eq!((taken.audio_level.as_deref(), taken.picture), (Some(&[0x85][..]), None));
    }

    #[test]
    fn key_frames_are_asked_for_sparingly() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut camera = uplink(Track::Camera);
        assert_eq!(camera.key_frame_due(start, Need::Switch), None, "nothing came of it yet");
        camera.ssrc = Some(7);
        assert_eq!(camera.key_frame_due(start, Need::Loss), Some(7));
        assert_eq!(camera.key_frame_due(after(100), Need::Switch), None);
        assert_eq!(camera.key_frame_due(after(300), Need::Loss), None);
        assert_eq!(camera.key_frame_due(after(300), Need::Switch), Some(7));
        assert_eq!(camera.key_frame_due(after(1_299), Need::Loss), None);
        assert_eq!(camera.key_frame_due(after(1_300), Need::Loss), Some(7));
    }
}
