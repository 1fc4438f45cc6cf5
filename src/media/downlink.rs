//! One receiving slot of a client: turns a source's packet into this slot's. `peer` owns them.
//!
//! Pure. What always holds: what leaves has the numbers, payload type and header extensions that
//! this client agreed to, and nothing of the sender's.

use super::negotiate::AgreedSlot;
use super::rewrite::{Held, Stream};
use super::table::Slot;
use super::uplink::Incoming;
use crate::random::Random;
use bytes::BytesMut;
use rtc::rtp::header::{EXTENSION_PROFILE_ONE_BYTE, Extension};
use std::time::Instant;

pub struct Downlink {
    pub slot: Slot,
    agreed: AgreedSlot,
    stream: Stream,
}

impl Downlink {
    pub fn new(slot: Slot, agreed: AgreedSlot, random: &Random) -> Self {
        let clock = if slot.is_audio() { 48_000 } else { 90_000 };
        let first_sequence = u16::from_be_bytes(random.bytes());
        let first_timestamp = u32::from_be_bytes(random.bytes());
        Self { slot, agreed, stream: Stream::new(clock, first_sequence, first_timestamp) }
    }

    pub fn ssrc(&self) -> u32 {
        self.agreed.ssrc
    }

    /// Another source, or silence. `Some(after)` is the newest sequence number of that source.
    pub fn switch(&mut self, source: Option<Option<u16>>) {
        match source {
            Some(after) => self.stream.switch(after),
            None => self.stream.silence(),
        }
    }

    /// The packet as it leaves in this slot.
    pub fn rewrite(&mut self, now: Instant, packet: &Incoming) -> Result<rtc::rtp::Packet, Held> {
        let start = packet.picture.is_none_or(|picture| picture.starts_key_frame);
        let numbers = self.stream.number(now, packet.numbers, start)?;
        let payload = match &packet.picture {
            Some(picture) if picture.picture.is_some() || picture.tl0.is_some() => {
                let mut payload = BytesMut::from(&packet.payload[..]);
                self.stream.renumber_picture(picture, &mut payload);
                payload.freeze()
            }
            _ => packet.payload.clone(),
        };
        let mid = self.agreed.mid_id.map(|id| Extension { id, payload: self.agreed.mid.clone() });
        let level = self.agreed.audio_level_id.zip(packet.audio_level.clone());
        let level = level.map(|(id, payload)| Extension { id, payload });
        let extensions: Vec<Extension> = mid.into_iter().chain(level).collect();
        let header = rtc::rtp::Header {
            version: 2,
            extension: !extensions.is_empty(),
            marker: packet.marker,
            payload_type: self.agreed.payload_type,
            sequence_number: numbers.sequence,
            timestamp: numbers.timestamp,
            ssrc: self.agreed.ssrc,
            extension_profile: EXTENSION_PROFILE_ONE_BYTE,
            extensions,
            ..Default::default()
        };
        Ok(rtc::rtp::Packet { header, payload })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::rewrite::Numbers;
    use crate::media::table::Track;
    use crate::media::vp8;
    use bytes::Bytes;

    fn downlink(slot: Slot) -> Downlink {
        let agreed = AgreedSlot {
            ssrc: 7,
            payload_type: 120,
            mid: Bytes::from_static(b"9"),
            mid_id: Some(4),
            audio_level_id: slot.is_audio().then_some(1),
        };
        Downlink::new(slot, agreed, &Random::seeded(1))
    }

    fn incoming(track: Track, payload: &'static [u8]) -> Incoming {
        Incoming {
            track,
            numbers: Numbers { sequence: 500, timestamp: 9_000 },
            marker: true,
            payload: Bytes::from_static(payload),
            audio_level: track.is_audio().then(|| Bytes::from_static(&[0x85])),
            picture: (!track.is_audio()).then(|| vp8::parse(payload).expect("VP8")),
            first: false,
        }
    }

    #[test]
    fn a_packet_leaves_under_the_receivers_terms() {
        let mut slot = downlink(Slot::Audio(0));
        slot.switch(Some(None));
        let packet = slot.rewrite(Instant::now(), &incoming(Track::Microphone, b"sound")).expect("forwarded");
        assert_eq!((packet.header.ssrc, packet.header.payload_type, packet.header.marker), (7, 120, true));
        assert_eq!(packet.header.get_extension(4).as_deref(), Some(&b"9"[..]));
        assert_eq!(packet.header.get_extension(1).as_deref(), Some(&[0x85][..]));
        assert_eq!(packet.header.extensions.len(), 2);
        assert_eq!(&packet.payload[..], b"sound");
    }

    #[test]
    fn a_picture_gets_this_slots_number_and_the_senders_copy_stays() {
        let mut slot = downlink(Slot::Video(0));
        slot.switch(Some(None));
        let source = incoming(Track::Camera, &[0x90, 0x80, 0x92, 0x34, 0x00, 0xaa]);
        let packet = slot.rewrite(Instant::now(), &source).expect("forwarded");
        assert_eq!(&packet.payload[..], &[0x90, 0x80, 0x80, 0x01, 0x00, 0xaa]);
        assert_eq!(&source.payload[..], &[0x90, 0x80, 0x92, 0x34, 0x00, 0xaa]);
        assert_eq!(packet.header.extensions.len(), 1, "mid alone");
    }

    #[test]
    fn silence_and_inter_frames_are_held() {
        let mut slot = downlink(Slot::Video(0));
        let inter = incoming(Track::Camera, &[0x10, 0x01]);
        assert_eq!(slot.rewrite(Instant::now(), &inter), Err(Held::Silent));
        slot.switch(Some(None));
        assert_eq!(slot.rewrite(Instant::now(), &inter), Err(Held::NoKeyFrame));
        slot.switch(None);
        let key = incoming(Track::Camera, &[0x10, 0x00]);
        assert_eq!(slot.rewrite(Instant::now(), &key), Err(Held::Silent));
    }
}
