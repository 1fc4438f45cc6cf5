//! One client's connection: the library's state, the client's tracks, and its slots. The shard owns
//! all of them and does the sending.
//!
//! What always holds: a packet leaves in a slot only through [`Peer::send`], and the shard calls
//! that along the routing table only.

use super::allowance::Allowance;
use super::demux;
use super::downlink::Downlink;
use super::negotiate::Negotiated;
use super::rewrite::Held;
use super::table::{PeerId, Slot, Track};
use super::uplink::{Incoming, Need, Unusable, Uplink};
use crate::ids::SessionId;
use crate::random::Random;
use bytes::BytesMut;
use rtc::peer_connection::RTCPeerConnection;
use rtc::peer_connection::event::{RTCPeerConnectionEvent, RTCTrackEvent};
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::RTCDtlsTransportState;
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::sansio::Protocol;
use rtc::shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// A connection that isn't up by then is gone.
const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// Nothing authentic came for so long (RFC 7675 consent, and more).
const SILENT_AFTER: Duration = Duration::from_secs(30);
/// A path that nothing came along for so long gives way to a newly nominated one.
const PATH_STALE_AFTER: Duration = Duration::from_secs(1);

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

/// Why the shard should end a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    NeverConnected,
    Silent,
}

pub struct Peer {
    pub id: PeerId,
    pub room: SessionId,
    pub ufrag: String,
    pub connected: bool,
    /// The client said goodbye, and nobody was told yet.
    over: bool,
    connection: RTCPeerConnection,
    uplinks: Vec<Uplink>,
    /// By [`Slot::index`].
    downlinks: Vec<Downlink>,
    /// What the client was told to send to.
    local: Vec<SocketAddr>,
    /// Where everything but STUN is sent: where authentic media last came from, or the nominated.
    path: Option<SocketAddr>,
    path_heard: Instant,
    allowance: Allowance,
    born: Instant,
    heard: Instant,
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
        let slots = Slot::all().zip(negotiated.slots);
        Self {
            id,
            room,
            ufrag: negotiated.ufrag,
            connected: false,
            over: false,
            connection: negotiated.connection,
            uplinks: negotiated.tracks.into_iter().map(Uplink::new).collect(),
            downlinks: slots.map(|(slot, agreed)| Downlink::new(slot, agreed, random)).collect(),
            local,
            path: None,
            path_heard: now,
            allowance: Allowance::new(now),
            born: now,
            heard: now,
        }
    }

    // ---- in ---------------------------------------------------------------------------

    /// Takes one datagram that was found to be this peer's. False when it sends too much.
    pub fn receive(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) -> bool {
        if !self.allowance.take(now, datagram.len()) {
            return false;
        }
        let Some(local_addr) = self.local.iter().find(|local| local.is_ipv4() == from.is_ipv4()) else {
            return true;
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
        true
    }

    /// A DTLS close_notify changes this and raises no event.
    fn said_goodbye(&mut self) -> bool {
        let Some(receiver) = self.uplinks.first().map(|uplink| uplink.receiver) else { return false };
        let receiver = self.connection.rtp_receiver(receiver);
        let state = receiver.and_then(|receiver| receiver.transport().map(|dtls| dtls.state()));
        state == Some(RTCDtlsTransportState::Closed)
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
                        // It was decrypted: the client is there.
                        (self.heard, self.path, self.path_heard) = (now, Some(from), now);
                    }
                    return Some(self.on_packet(packet).map(Output::Media));
                }
                RTCMessage::RtcpPacket(_, packets) => {
                    let wanted = packets.iter().find_map(|packet| self.wants_key_frame(packet.as_ref()));
                    if let Some(slot) = wanted {
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
                let uplink = self.uplinks.iter_mut().find(|uplink| uplink.receiver == open.receiver_id)?;
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
        let ssrc = Some(packet.header.ssrc);
        let uplink = self.uplinks.iter_mut().find(|uplink| uplink.ssrc == ssrc);
        uplink.ok_or(Unusable::Unexpected)?.take(packet)
    }

    fn wants_key_frame(&self, packet: &dyn rtc::rtcp::Packet) -> Option<Slot> {
        let any = packet.as_any();
        let ssrc = any.downcast_ref::<PictureLossIndication>().map(|pli| pli.media_ssrc).or_else(|| {
            any.downcast_ref::<FullIntraRequest>().and_then(|fir| fir.fir.first()).map(|entry| entry.ssrc)
        })?;
        self.downlinks.iter().find(|downlink| downlink.ssrc() == ssrc).map(|downlink| downlink.slot)
    }

    /// The newest sequence number heard of a track.
    pub fn newest(&self, track: Track) -> Option<u16> {
        self.uplinks.iter().find(|uplink| uplink.track == track)?.newest()
    }

    // ---- out --------------------------------------------------------------------------

    /// Another source for a slot, or silence. `Some(after)` is the newest number of that source.
    pub fn switch(&mut self, slot: Slot, source: Option<Option<u16>>) {
        self.downlinks[slot.index()].switch(source);
    }

    /// Forwards a packet in a slot.
    pub fn send(&mut self, now: Instant, slot: Slot, packet: &Incoming) -> Result<(), Held> {
        let packet = self.downlinks[slot.index()].rewrite(now, packet)?;
        self.write(now, RTCMessage::RtpPacket(String::new(), packet));
        Ok(())
    }

    /// Asks the client for a key frame, unless it was asked just now. True when asked.
    pub fn ask_for_key_frame(&mut self, now: Instant, track: Track, need: Need) -> bool {
        let uplink = self.uplinks.iter_mut().find(|uplink| uplink.track == track && !track.is_audio());
        let Some(media_ssrc) = uplink.and_then(|uplink| uplink.key_frame_due(now, need)) else {
            return false;
        };
        let pli = PictureLossIndication { sender_ssrc: 0, media_ssrc };
        self.write(now, RTCMessage::RtcpPacket(String::new(), vec![Box::new(pli)]));
        true
    }

    fn write(&mut self, now: Instant, message: RTCMessage) {
        if let Err(error) = self.connection.handle_write(TaggedRTCMessage { now, message }) {
            tracing::debug!(peer = self.id.0, %error, "a packet couldn't be written");
        }
    }

    /// What the library wants sent; STUN to where it says, the rest along the chosen path.
    pub fn next_datagram(&mut self) -> Option<(SocketAddr, BytesMut)> {
        let out = self.connection.poll_write()?;
        let to = match self.path {
            Some(path) if !demux::is_stun(&out.message) => path,
            _ => out.transport.peer_addr,
        };
        Some((to, out.message))
    }

    // ---- time -------------------------------------------------------------------------

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
