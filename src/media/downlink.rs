//! One receiving slot of a client: turns a source's packet into this slot's, and again when the client
//! lost it. `peer` owns them.
//!
//! Pure. What always holds: what leaves has the numbers, payload type and header extensions that
//! this client agreed to, and nothing of the sender's; of a source in layers one is forwarded at a
//! time, and another begins with a key frame.

use super::history::{Kept, Resent};
use super::offer::Section;
use super::packet::{self, Outgoing};
use super::red;
use super::rewrite::{Held, Newest, Numbers, Stream, is_newer};
use super::sender_clock::Sent;
use super::table::Slot;
use super::uplink::Incoming;
use super::vp8;
use crate::random::Random;
use std::time::Instant;

pub struct Downlink {
    pub slot: Slot,
    pub ssrc: u32,
    pub rtx: u32,
    agreed: Section,
    stream: Stream,
    layers: Layers,
    /// Of each layer, the newest packet that came. Another layer begins with one that is newer, so
    /// that nothing from before a switch comes out after it.
    newest: Newest,
    rtx_sequence: u16,
    /// For our sender reports.
    pub sent: Sent,
    /// Which packets this client got again lately.
    pub resent: Resent,
}

/// Which layer of the source is forwarded. A source without layers has layer 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layers {
    /// `None` while the slot is paused or waits for its first key frame.
    now: Option<u8>,
    /// What it should be; `None` is a pause.
    wanted: Option<u8>,
}

impl Downlink {
    pub fn new(slot: Slot, agreed: Section, ssrc: u32, rtx: u32, random: &Random) -> Self {
        let clock = if slot.is_audio() { 48_000 } else { 90_000 };
        let first_sequence = u16::from_be_bytes(random.bytes());
        let first_timestamp = u32::from_be_bytes(random.bytes());
        Self {
            slot,
            ssrc,
            rtx,
            agreed,
            stream: Stream::new(clock, first_sequence, first_timestamp),
            layers: Layers { now: None, wanted: Some(0) },
            newest: Newest::default(),
            rtx_sequence: u16::from_be_bytes(random.bytes()),
            sent: Sent::default(),
            resent: Resent::new(),
        }
    }

    /// Another source, of whose layers these were the newest packets, or silence. Pictures wait for
    /// [`choose`](Self::choose).
    pub fn switch(&mut self, source: Option<Newest>) {
        self.layers = Layers { now: None, wanted: self.slot.is_audio().then_some(0) };
        self.newest = source.unwrap_or_default();
        match source {
            Some(newest) => self.stream.switch(newest[0]),
            None => self.stream.silence(),
        }
    }

    /// Another layer of the same source from its next key frame on; `None` pauses at once. True when a
    /// key frame is to be asked for.
    pub fn choose(&mut self, layer: Option<u8>) -> bool {
        if layer == self.layers.wanted {
            return false;
        }
        self.layers.wanted = layer;
        if layer.is_none() {
            self.layers.now = None;
        }
        if self.layers.now.is_none() {
            self.stream.wait(layer.and_then(|layer| self.newest[usize::from(layer)]));
        }
        layer.is_some() && layer != self.layers.now
    }

    pub fn layer(&self) -> Option<u8> {
        self.layers.now
    }

    pub fn wanted(&self) -> Option<u8> {
        self.layers.wanted
    }

    /// Appends the packet as it leaves in this slot; tells the length of its header and its number.
    pub fn forward(
        &mut self,
        now: Instant,
        packet: &Incoming,
        octets: &[u8],
        depart: impl FnOnce(usize) -> u16,
        out: &mut Vec<u8>,
    ) -> Result<(usize, u16), Held> {
        let start = packet.picture.is_none_or(|picture| picture.starts_key_frame);
        let newest = &mut self.newest[usize::from(packet.layer)];
        let ahead = newest.is_none_or(|newest| is_newer(packet.numbers.sequence, newest));
        if ahead {
            *newest = Some(packet.numbers.sequence);
        }
        self.turn(packet.layer, start && ahead)?;
        let numbers = self.stream.number(now, packet.numbers, start)?;
        self.layers.now = Some(packet.layer);
        let payload = &octets[packet.payload.clone()];
        let (payload_type, payload, rename) = match (packet.red, self.agreed.red) {
            (true, Some(red)) => (red, payload, true),
            (true, None) => {
                let newest = red::primary(payload).ok_or(Held::Late)?;
                (self.agreed.codec, &payload[newest], false)
            }
            (false, _) => (self.agreed.codec, payload, false),
        };
        let transport = depart(packet::MAX_HEADER + payload.len());
        let header = self.header(payload_type, packet.marker, numbers, transport, packet.level);
        let begin = out.len();
        packet::write(out, &header);
        let length = out.len() - begin;
        out.extend_from_slice(payload);
        let payload = &mut out[begin + length..];
        if rename {
            red::rename(payload, self.agreed.codec);
        }
        if let Some(picture) = &packet.picture {
            self.stream.renumber_picture(picture, payload);
        }
        self.sent.packets = self.sent.packets.wrapping_add(1);
        self.sent.octets = self.sent.octets.wrapping_add(payload.len() as u32);
        Ok((length, numbers.sequence))
    }

    /// Whether a packet of this layer may leave.
    fn turn(&mut self, layer: u8, start: bool) -> Result<(), Held> {
        let Layers { now, wanted } = self.layers;
        let Some(wanted) = wanted else { return Err(Held::Paused) };
        if now == Some(layer) || now.is_none() && layer == wanted {
            return Ok(());
        }
        if layer != wanted {
            return Err(Held::OtherLayer);
        }
        if !start {
            return Err(Held::NoKeyFrame);
        }
        self.stream.switch(None);
        Ok(())
    }

    /// The source's number of a packet of ours that the client lost.
    pub fn source_of(&self, sequence: u16) -> Option<u16> {
        self.stream.source_of(sequence)
    }

    /// What the source's timestamps are moved by here.
    pub fn offset(&self) -> Option<u32> {
        self.stream.offset()
    }

    /// Whether this client takes retransmissions.
    pub fn resends(&self) -> bool {
        self.agreed.rtx.is_some()
    }

    /// Appends a packet again, on the stream of retransmissions (RFC 4588), under which `sequence` of
    /// ours the client lost it.
    pub fn resend(
        &mut self,
        kept: &Kept<'_>,
        sequence: u16,
        depart: impl FnOnce(usize) -> u16,
        out: &mut Vec<u8>,
    ) -> Option<(usize, u16)> {
        let timestamp = kept.timestamp.wrapping_add(self.stream.offset()?);
        let (begin, length, number) =
            self.begin_rtx(timestamp, kept.marker, depart, kept.payload.len(), out)?;
        out.extend(sequence.to_be_bytes());
        out.extend_from_slice(kept.payload);
        let payload = &mut out[begin + length + 2..];
        if let Some(picture) = vp8::parse(payload) {
            self.stream.renumber_picture(&picture, payload);
        }
        Some((length, number))
    }

    /// Appends a packet of padding, to find out how much the way carries.
    pub fn pad(
        &mut self,
        octets: u8,
        depart: impl FnOnce(usize) -> u16,
        out: &mut Vec<u8>,
    ) -> Option<(usize, u16)> {
        let (begin, length, number) = self.begin_rtx(0, false, depart, octets.into(), out)?;
        out[begin] |= 0x20;
        out.resize(begin + length + usize::from(octets.max(1)), 0);
        if let Some(last) = out.last_mut() {
            *last = octets.max(1);
        }
        Some((length, number))
    }

    fn begin_rtx(
        &mut self,
        timestamp: u32,
        marker: bool,
        depart: impl FnOnce(usize) -> u16,
        octets: usize,
        out: &mut Vec<u8>,
    ) -> Option<(usize, usize, u16)> {
        let payload_type = self.agreed.rtx?;
        let transport = depart(packet::MAX_HEADER + octets);
        let sequence = self.rtx_sequence;
        self.rtx_sequence = sequence.wrapping_add(1);
        let numbers = Numbers { sequence, timestamp };
        let header =
            Outgoing { ssrc: self.rtx, ..self.header(payload_type, marker, numbers, transport, None) };
        let begin = out.len();
        packet::write(out, &header);
        Some((begin, out.len() - begin, sequence))
    }

    fn header(
        &self,
        payload_type: u8,
        marker: bool,
        numbers: Numbers,
        transport: u16,
        level: Option<u8>,
    ) -> Outgoing {
        Outgoing {
            marker,
            payload_type,
            sequence: numbers.sequence,
            timestamp: numbers.timestamp,
            ssrc: self.ssrc,
            transport: self.agreed.transport_id.map(|id| (id, transport)),
            level: self.agreed.level_id.zip(level),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::table::Track;
    use crate::media::uplink::Incoming;

    fn downlink(slot: Slot) -> Downlink {
        let agreed = Section {
            codec: 120,
            rtx: (!slot.is_audio()).then_some(121),
            level_id: slot.is_audio().then_some(1),
            transport_id: Some(5),
            ..Section::default()
        };
        Downlink::new(slot, agreed, 7, 8, &Random::seeded(1))
    }

    fn incoming(track: Track, layer: u8, sequence: u16, octets: &[u8]) -> Incoming {
        Incoming {
            track,
            layer,
            numbers: Numbers { sequence, timestamp: 9_000 },
            marker: true,
            red: false,
            payload: 0..octets.len(),
            level: track.is_audio().then_some(0x85),
            picture: (!track.is_audio()).then(|| vp8::parse(octets).expect("VP8")),
            first: false,
        }
    }

    const KEY: [u8; 6] = [0x90, 0x80, 0x92, 0x34, 0x00, 0xaa];
    const INTER: [u8; 6] = [0x90, 0x80, 0x92, 0x35, 0x01, 0xaa];

    fn camera(slot: &mut Downlink, layer: u8, sequence: u16, octets: &[u8]) -> Result<Vec<u8>, Held> {
        let mut out = vec![];
        slot.forward(
            Instant::now(),
            &incoming(Track::Camera, layer, sequence, octets),
            octets,
            |_| 9,
            &mut out,
        )?;
        Ok(out)
    }

    #[test]
    fn a_packet_leaves_under_the_receivers_terms() {
        let mut slot = downlink(Slot::Audio(0));
        slot.switch(Some([None; 3]));
        let mut out = b"before".to_vec();
        let packet = incoming(Track::Microphone, 0, 500, b"sound");
        let (length, _) =
            slot.forward(Instant::now(), &packet, b"sound", |_| 0x1234, &mut out).expect("forwarded");
        let header = packet::parse(&out[6..]).expect("RTP");
        assert_eq!((header.ssrc, header.payload_type, header.marker, header.length), (7, 120, true, length));
        let extensions: Vec<_> = header.extensions(&out[6..]).collect();
        assert_eq!(extensions, [(5, &[0x12, 0x34][..]), (1, &[0x85][..])]);
        assert_eq!(&out[6 + length..], b"sound");
        assert_eq!(slot.sent, Sent { packets: 1, octets: 5 });
    }

    #[test]
    fn redundant_sound_is_passed_on_or_taken_out() {
        let octets = [0x80 | 111, 0x0f, 0x00, 3, 111, b'o', b'l', b'd', b'n', b'w'];
        let mut packet = incoming(Track::Microphone, 0, 500, &octets);
        packet.red = true;
        let mut plain = downlink(Slot::Audio(0));
        plain.switch(Some([None; 3]));
        let mut out = vec![];
        let (length, _) =
            plain.forward(Instant::now(), &packet, &octets, |_| 1, &mut out).expect("forwarded");
        assert_eq!((packet::parse(&out).expect("RTP").payload_type, &out[length..]), (120, &b"nw"[..]));
        let mut redundant = downlink(Slot::Audio(0));
        redundant.agreed.red = Some(63);
        redundant.switch(Some([None; 3]));
        let mut out = vec![];
        let (length, _) =
            redundant.forward(Instant::now(), &packet, &octets, |_| 1, &mut out).expect("forwarded");
        assert_eq!(packet::parse(&out).expect("RTP").payload_type, 63);
        assert_eq!((out[length], out[length + 4]), (0x80 | 120, 120), "the receiver's own number inside too");
    }

    #[test]
    fn silence_inter_frames_and_pauses_are_held() {
        let mut slot = downlink(Slot::Video(0));
        slot.choose(Some(0));
        assert_eq!(camera(&mut slot, 0, 1, &INTER), Err(Held::Silent));
        slot.switch(Some([None; 3]));
        assert_eq!(camera(&mut slot, 0, 2, &KEY), Err(Held::Paused), "until it is chosen");
        assert!(slot.choose(Some(0)));
        assert_eq!(camera(&mut slot, 0, 3, &INTER), Err(Held::NoKeyFrame));
        assert!(camera(&mut slot, 0, 4, &KEY).is_ok());
        assert!(!slot.choose(None));
        assert_eq!(camera(&mut slot, 0, 5, &INTER), Err(Held::Paused));
        assert!(slot.choose(Some(0)));
        assert_eq!(camera(&mut slot, 0, 6, &INTER), Err(Held::NoKeyFrame));
        assert_eq!(camera(&mut slot, 0, 2, &KEY), Err(Held::Late), "a key frame from before the pause");
        slot.switch(None);
        assert_eq!(camera(&mut slot, 0, 7, &KEY), Err(Held::Paused), "nobody is in it");
    }

    #[test]
    fn another_layer_begins_with_its_key_frame_and_the_numbers_go_on() {
        let mut slot = downlink(Slot::Video(0));
        slot.switch(Some([None, Some(40), None]));
        slot.choose(Some(0));
        let sequence = |out: Vec<u8>| packet::parse(&out).expect("RTP").sequence;
        let first = sequence(camera(&mut slot, 0, 1, &KEY).expect("forwarded"));
        assert!(slot.choose(Some(1)));
        assert_eq!(camera(&mut slot, 1, 41, &INTER), Err(Held::NoKeyFrame));
        assert!(camera(&mut slot, 0, 2, &INTER).is_ok(), "until then the old one goes on");
        assert_eq!(camera(&mut slot, 1, 40, &KEY), Err(Held::NoKeyFrame), "from before the switch");
        let turned = sequence(camera(&mut slot, 1, 42, &KEY).expect("forwarded"));
        assert_eq!((turned.wrapping_sub(first), slot.layer()), (2, Some(1)));
        assert_eq!(camera(&mut slot, 0, 3, &KEY), Err(Held::OtherLayer));
    }

    #[test]
    fn a_lost_packet_goes_again_on_the_stream_of_repairs() {
        let mut slot = downlink(Slot::Video(0));
        slot.switch(Some([None; 3]));
        slot.choose(Some(0));
        let first = camera(&mut slot, 0, 500, &KEY).expect("forwarded");
        let lost = packet::parse(&first).expect("RTP");
        assert_eq!(slot.source_of(lost.sequence), Some(500));
        assert_eq!(slot.source_of(lost.sequence.wrapping_sub(1)), None, "from before the switch");
        let kept = Kept { sequence: 500, timestamp: 9_000, marker: true, payload: &KEY, at: Instant::now() };
        let mut out = vec![];
        let (length, _) = slot.resend(&kept, lost.sequence, |_| 3, &mut out).expect("sent again");
        let header = packet::parse(&out).expect("RTP");
        assert_eq!((header.ssrc, header.payload_type, header.timestamp), (8, 121, lost.timestamp));
        assert_eq!(out[length..length + 2], lost.sequence.to_be_bytes());
        assert_eq!(out[length + 2..], first[lost.length..], "the same picture number as the first time");
        let mut padding = vec![];
        let (length, _) = slot.pad(200, |_| 4, &mut padding).expect("padded");
        let header = packet::parse(&padding).expect("RTP");
        assert_eq!((header.payload(&padding), padding.len()), (Some(length..length), length + 200));
    }
}
