//! One client's connection: the library's state, what the client sends, and its slots. The shard
//! owns all of them and does the sending.
//!
//! What always holds: a packet leaves in a slot only through [`Peer::send`], and the shard calls
//! that along the routing table only.

use super::demux;
use super::negotiate::{AgreedSlot, Negotiated};
use super::rewrite::{Held, Numbers, Seen, Stream};
use super::table::{PeerId, Slot, Track};
use super::vp8;
use crate::ids::SessionId;
use crate::random::Random;
use bytes::{Bytes, BytesMut};
use rtc::peer_connection::RTCPeerConnection;
use rtc::peer_connection::event::{RTCPeerConnectionEvent, RTCTrackEvent};
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::RTCDtlsTransportState;
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp::header::{EXTENSION_PROFILE_ONE_BYTE, Extension};
use rtc::rtp_transceiver::RTCRtpReceiverId;
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A connection that isn't up by then is gone.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// Nothing authentic came for so long (RFC 7675 consent, and more).
pub const SILENT_AFTER: Duration = Duration::from_secs(30);
/// A path that nothing came along for so long gives way to a newly nominated one.
const PATH_STALE_AFTER: Duration = Duration::from_secs(1);
/// Key frames cost the sender: for a switch at most so often, for receivers' losses less.
const KEY_FRAME_FOR_SWITCH: Duration = Duration::from_millis(200);
const KEY_FRAME_FOR_LOSS: Duration = Duration::from_millis(1_000);

/// What came out of a connection.
#[derive(Debug)]
pub enum Output {
    Media(Incoming),
    /// The receiver lost the picture in this slot.
    KeyFrameWanted(Slot),
    Connected,
    /// The client said goodbye, or the handshake failed.
    Closed,
}

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
    Unexpected,
    Repeated,
}

pub struct Peer {
    pub id: PeerId,
    pub room: SessionId,
    pub ufrag: String,
    pub connected: bool,
    /// The client said goodbye, and nobody was told yet.
    over: bool,
    connection: RTCPeerConnection,
    tracks: Vec<Uplink>,
    slots: Vec<Downlink>,
    local: Vec<SocketAddr>,
    /// Where everything but STUN is sent: where authentic media last came from, or the nominated.
    path: Option<SocketAddr>,
    path_heard: Instant,
    born: Instant,
    heard: Instant,
}

/// One of the client's three tracks.
struct Uplink {
    track: Track,
    receiver: RTCRtpReceiverId,
    payload_type: u8,
    audio_level: Option<u8>,
    /// Known from the first packet on.
    ssrc: Option<u32>,
    seen: Seen,
    asked_for_key_frame: Option<Instant>,
}

struct Downlink {
    slot: Slot,
    agreed: AgreedSlot,
    stream: Stream,
}

impl Peer {
    pub fn new(
        now: Instant,
        id: PeerId,
        room: SessionId,
        negotiated: Negotiated,
        local: Vec<SocketAddr>,
        random: &Random,
    ) -> Self {
        let tracks = negotiated.tracks.into_iter().map(|agreed| Uplink {
            track: agreed.track,
            receiver: agreed.receiver,
            payload_type: agreed.payload_type,
            audio_level: agreed.audio_level,
            ssrc: None,
            seen: Seen::default(),
            asked_for_key_frame: None,
        });
        let slots = Slot::all().zip(negotiated.slots).map(|(slot, agreed)| {
            let clock = if slot.is_audio() { 48_000 } else { 90_000 };
            let first_sequence = u16::from_be_bytes(random.bytes());
            let first_timestamp = u32::from_be_bytes(random.bytes());
            Downlink { slot, agreed, stream: Stream::new(clock, first_sequence, first_timestamp) }
        });
        Self {
            id,
            room,
            ufrag: negotiated.ufrag,
            connected: false,
            over: false,
            connection: negotiated.connection,
            tracks: tracks.collect(),
            slots: slots.collect(),
            local,
            path: None,
            path_heard: now,
            born: now,
            heard: now,
        }
    }

    /// Takes one datagram that was found to be this peer's.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        let Some(local_addr) = self.local.iter().find(|local| local.is_ipv4() == from.is_ipv4()) else {
            return;
        };
        let transport = TransportContext {
            local_addr: *local_addr,
            peer_addr: from,
            transport_protocol: TransportProtocol::UDP,
            ecn: None,
        };
        let message = TaggedBytesMut { now, transport, message: BytesMut::from(datagram) };
        if let Err(error) = self.connection.handle_read(message) {
            tracing::debug!(peer = self.id.0, %error, "a datagram was refused");
        }
        if matches!(datagram.first(), Some(20..=63)) && self.said_goodbye() {
            self.over = true;
        }
    }

    /// A DTLS close_notify changes this and raises no event.
    fn said_goodbye(&mut self) -> bool {
        let Some(receiver) = self.tracks.first().map(|uplink| uplink.receiver) else { return false };
        let receiver = self.connection.rtp_receiver(receiver);
        let state = receiver.and_then(|receiver| receiver.transport().map(|dtls| dtls.state()));
        state == Some(RTCDtlsTransportState::Closed)
    }

    /// What the library wants sent; STUN to where it says, the rest along the chosen path.
    pub fn next_datagram(&mut self) -> Option<(SocketAddr, BytesMut)> {
        let out = self.connection.poll_write()?;
        let to = if demux::is_stun(&out.message) {
            out.transport.peer_addr
        } else {
            self.path.unwrap_or(out.transport.peer_addr)
        };
        Some((to, out.message))
    }

    /// An authentic STUN request came from here.
    pub fn validated(&mut self, now: Instant, from: SocketAddr, nominates: bool) {
        self.heard = now;
        let stale = now.duration_since(self.path_heard) > PATH_STALE_AFTER;
        if self.path == Some(from) {
            self.path_heard = now;
        } else if nominates && (self.path.is_none() || stale) {
            self.path = Some(from);
            self.path_heard = now;
        }
    }

    /// The next thing that came out, after [`receive`](Self::receive) or [`tick`](Self::tick).
    /// `from` is where the datagram came from, if one did.
    pub fn next_output(
        &mut self,
        now: Instant,
        from: Option<SocketAddr>,
    ) -> Option<Result<Output, Unusable>> {
        if std::mem::take(&mut self.over) {
            return Some(Ok(Output::Closed));
        }
        while let Some(event) = self.connection.poll_event() {
            if let Some(output) = self.on_event(event) {
                return Some(Ok(output));
            }
        }
        while let Some(TaggedRTCMessage { message, .. }) = self.connection.poll_read() {
            match message {
                RTCMessage::RtpPacket(_, packet) => {
                    if let Some(from) = from {
                        self.heard = now;
                        self.path = Some(from);
                        self.path_heard = now;
                    }
                    return Some(self.on_packet(packet).map(Output::Media));
                }
                RTCMessage::RtcpPacket(_, packets) => {
                    if let Some(slot) =
                        packets.iter().find_map(|packet| self.wants_key_frame(packet.as_ref()))
                    {
                        return Some(Ok(Output::KeyFrameWanted(slot)));
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn on_event(&mut self, event: RTCPeerConnectionEvent) -> Option<Output> {
        match event {
            RTCPeerConnectionEvent::OnTrack(RTCTrackEvent::OnOpen(open)) => {
                let uplink = self.tracks.iter_mut().find(|uplink| uplink.receiver == open.receiver_id)?;
                uplink.ssrc = Some(open.ssrc);
                None
            }
            RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) => match state {
                RTCPeerConnectionState::Connected if !self.connected => {
                    self.connected = true;
                    Some(Output::Connected)
                }
                RTCPeerConnectionState::Failed | RTCPeerConnectionState::Closed => Some(Output::Closed),
                _ => None,
            },
            _ => None,
        }
    }

    fn on_packet(&mut self, packet: rtc::rtp::Packet) -> Result<Incoming, Unusable> {
        let header = packet.header;
        let uplink = self
            .tracks
            .iter_mut()
            .find(|uplink| uplink.ssrc == Some(header.ssrc) && uplink.payload_type == header.payload_type)
            .ok_or(Unusable::Unexpected)?;
        // Browsers send empty packets to probe the way.
        if packet.payload.is_empty() {
            return Err(Unusable::Unexpected);
        }
        let picture = match uplink.track {
            Track::Microphone => None,
            Track::Camera | Track::Screen => Some(vp8::parse(&packet.payload).ok_or(Unusable::Unexpected)?),
        };
        let first = uplink.seen.newest().is_none();
        if !uplink.seen.first_time(header.sequence_number) {
            return Err(Unusable::Repeated);
        }
        Ok(Incoming {
            track: uplink.track,
            numbers: Numbers { sequence: header.sequence_number, timestamp: header.timestamp },
            marker: header.marker,
            audio_level: uplink.audio_level.and_then(|id| header.get_extension(id)),
            payload: packet.payload,
            picture,
            first,
        })
    }

    fn wants_key_frame(&self, packet: &dyn rtc::rtcp::Packet) -> Option<Slot> {
        let any = packet.as_any();
        let ssrc = any.downcast_ref::<PictureLossIndication>().map(|pli| pli.media_ssrc).or_else(|| {
            any.downcast_ref::<FullIntraRequest>().and_then(|fir| fir.fir.first()).map(|entry| entry.ssrc)
        })?;
        self.slots.iter().find(|downlink| downlink.agreed.ssrc == ssrc).map(|downlink| downlink.slot)
    }

    /// The newest sequence number heard of a track.
    pub fn newest(&self, track: Track) -> Option<u16> {
        self.tracks.iter().find(|uplink| uplink.track == track)?.seen.newest()
    }

    /// Another source for a slot, or silence. `after` is the newest number of that source.
    pub fn switch(&mut self, slot: Slot, source: Option<Option<u16>>) {
        let stream = &mut self.slots[slot.index()].stream;
        match source {
            Some(after) => stream.switch(after),
            None => stream.silence(),
        }
    }

    /// Forwards a packet in a slot.
    pub fn send(&mut self, now: Instant, slot: Slot, packet: &Incoming) -> Result<(), Held> {
        let Downlink { agreed, stream, .. } = &mut self.slots[slot.index()];
        let start = packet.picture.is_none_or(|picture| picture.starts_key_frame);
        let numbers = stream.number(now, packet.numbers, start)?;
        let payload = match &packet.picture {
            Some(picture) if picture.picture.is_some() || picture.tl0.is_some() => {
                let mut payload = BytesMut::from(&packet.payload[..]);
                stream.renumber_picture(picture, &mut payload);
                payload.freeze()
            }
            _ => packet.payload.clone(),
        };
        let mid = agreed.mid_id.map(|id| Extension { id, payload: agreed.mid.clone() });
        let level = agreed.audio_level_id.zip(packet.audio_level.clone());
        let level = level.map(|(id, payload)| Extension { id, payload });
        let extensions: Vec<Extension> = mid.into_iter().chain(level).collect();
        let header = rtc::rtp::Header {
            version: 2,
            extension: !extensions.is_empty(),
            marker: packet.marker,
            payload_type: agreed.payload_type,
            sequence_number: numbers.sequence,
            timestamp: numbers.timestamp,
            ssrc: agreed.ssrc,
            extension_profile: EXTENSION_PROFILE_ONE_BYTE,
            extensions,
            ..Default::default()
        };
        self.write(now, RTCMessage::RtpPacket(String::new(), rtc::rtp::Packet { header, payload }));
        Ok(())
    }

    /// Asks the client for a key frame, unless it was asked just now. True when asked.
    pub fn ask_for_key_frame(&mut self, now: Instant, track: Track, because_of_switch: bool) -> bool {
        let pause = if because_of_switch { KEY_FRAME_FOR_SWITCH } else { KEY_FRAME_FOR_LOSS };
        let Some(uplink) = self.tracks.iter_mut().find(|uplink| uplink.track == track) else { return false };
        let Some(media_ssrc) = uplink.ssrc else { return false };
        if uplink.asked_for_key_frame.is_some_and(|then| now.duration_since(then) < pause) {
            return false;
        }
        uplink.asked_for_key_frame = Some(now);
        let pli = PictureLossIndication { sender_ssrc: 0, media_ssrc };
        self.write(now, RTCMessage::RtcpPacket(String::new(), vec![Box::new(pli)]));
        true
    }

    fn write(&mut self, now: Instant, message: RTCMessage) {
        if let Err(error) = self.connection.handle_write(TaggedRTCMessage { now, message }) {
            tracing::debug!(peer = self.id.0, %error, "a packet couldn't be written");
        }
    }

    /// Runs the library's timers when one is due. True when one was.
    pub fn tick(&mut self, now: Instant) -> bool {
        let due = self.connection.poll_timeout().is_some_and(|deadline| deadline <= now);
        if due && let Err(error) = self.connection.handle_timeout(now) {
            tracing::debug!(peer = self.id.0, %error, "a timer failed");
        }
        due
    }

    /// Never came up, or fell silent.
    pub fn overdue(&self, now: Instant) -> Option<Overdue> {
        if !self.connected && now.duration_since(self.born) > CONNECT_WITHIN {
            Some(Overdue::NeverConnected)
        } else if now.duration_since(self.heard) > SILENT_AFTER {
            Some(Overdue::Silent)
        } else {
            None
        }
    }

    /// Says goodbye; what is to be sent for it comes from [`next_datagram`](Self::next_datagram).
    pub fn close(&mut self) {
        if let Err(error) = self.connection.close() {
            tracing::debug!(peer = self.id.0, %error, "closing failed");
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    NeverConnected,
    Silent,
}
