//! One client's connection: its handshake, keys, tracks and slots, and what waits to be sent to it. The
//! switchboard owns all of them; `socket` sends what stands in their [`Outbox`]es.
//!
//! What always holds: a media packet leaves only through [`Peer::forward`] and [`Peer::resend`], which
//! the switchboard calls along the routing table only; nothing is opened that didn't come a way which
//! ICE validated.

use super::allowance::Allowance;
use super::arrivals::Arrivals;
use super::demux::Way;
use super::downlink::Downlink;
use super::dtls::{Dtls, Outcome};
use super::estimate::Estimate;
use super::history::History;
use super::ice::Credentials;
use super::offer::Offer;
use super::packet::{self, Header};
use super::quality::{Meter, Sample, Video};
use super::rewrite::{Held, Newest};
use super::sender_clock::{self, RoundTrips};
use super::srtp::{Inbound, Outbound};
use super::table::{PeerId, Slot, Track};
use super::uplink::{Incoming, Need, Unusable, Uplink};
use crate::ids::SessionId;
use crate::random::Random;
use bytes::Buf;
use rtc::rtcp::packet::Packet;
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::receiver_report::ReceiverReport;
use rtc::rtcp::sender_report::SenderReport;
use rtc::rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{
    TransportLayerNack, nack_pairs_from_sequence_numbers,
};
use std::time::{Duration, Instant};

/// A connection that isn't up by then is gone.
const CONNECT_WITHIN: Duration = Duration::from_secs(15);
/// Nothing authentic came for so long (RFC 7675 consent, and more).
const SILENT_AFTER: Duration = Duration::from_secs(30);
/// Nothing for so long, though media flowed, is an interruption; else browsers ask every 2.5 s.
const INTERRUPTED_AFTER: Duration = Duration::from_millis(2_500);
const INTERRUPTED_IDLE_AFTER: Duration = Duration::from_millis(6_500);
/// A path that nothing came along for so long gives way to a newly nominated one.
const PATH_STALE_AFTER: Duration = Duration::from_secs(1);
/// Until something was measured.
const ROUND_TRIP: Duration = Duration::from_millis(100);
/// Sequence numbers asked again for in one packet of feedback, by us and by the client.
const MAX_NACKS: usize = 64;
/// Streams that one client's packets may bind: three tracks in layers, each with its repair.
const MAX_STREAMS: usize = 16;
/// Packets of RTCP in one datagram that are looked at.
const MAX_RTCP: usize = 32;

/// What a client asks for in its RTCP.
#[derive(Debug, PartialEq, Eq)]
pub enum Wish {
    /// It lost the picture in this slot.
    KeyFrame(Slot),
    /// It lost these packets of a slot, in that slot's numbers.
    Again(Slot, Vec<u16>),
}

/// Why the shard should end a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overdue {
    NeverConnected,
    Silent,
}

/// What became of a DTLS datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shaken {
    Nothing,
    Connected,
    Closed,
}

/// Datagrams that wait for the end of the burst, one after the other.
#[derive(Debug, Default)]
pub struct Outbox {
    pub octets: Vec<u8>,
    pub lengths: Vec<usize>,
}

impl Outbox {
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    pub fn clear(&mut self) {
        self.octets.clear();
        self.lengths.clear();
    }

    fn push(&mut self, datagram: &[u8]) {
        self.octets.extend_from_slice(datagram);
        self.lengths.push(datagram.len());
    }
}

/// What a stream of the client is.
#[derive(Debug, Clone, Copy)]
struct Bound {
    ssrc: u32,
    uplink: usize,
    layer: u8,
    repair: bool,
}

pub struct Peer {
    pub id: PeerId,
    pub room: SessionId,
    /// Ours; after an ICE restart the ones before are good for a while too.
    pub credentials: Credentials,
    before: Option<Credentials>,
    /// What it offered, for an ICE restart.
    pub offer: Offer,
    /// By [`Slot::all`]: SSRC, and that of the retransmissions.
    pub ssrcs: Vec<(u32, u32)>,
    pub outbox: Outbox,
    pub interrupted: bool,
    /// Where everything but answers to STUN is sent: where authentic media last came from, or the
    /// nominated one.
    pub way: Option<Way>,
    pub estimate: Estimate,
    pub meter: Meter,
    dtls: Dtls,
    keys: Option<Box<(Inbound, Outbound)>>,
    /// By [`Track::ALL`].
    uplinks: Vec<Uplink>,
    bound: Vec<Bound>,
    /// By [`Slot::index`].
    pub downlinks: Vec<Downlink>,
    arrivals: Arrivals,
    trips: RoundTrips,
    round_trip: Option<Duration>,
    /// From the client's clock to ours.
    clock_offset: Option<u64>,
    /// When our clock began: one for all peers.
    epoch: Instant,
    /// Of our own feedback.
    ssrc: u32,
    allowance: Allowance,
    born: Instant,
    heard: Instant,
    way_heard: Instant,
    media_heard: Option<Instant>,
    reported: Instant,
    up_loss: Option<f32>,
    scratch: Vec<u16>,
}

/// What a connection is made of.
pub struct Newcomer {
    pub id: PeerId,
    pub room: SessionId,
    pub offer: Offer,
    pub credentials: Credentials,
    pub dtls: Dtls,
    /// When the clock of our sender reports began: one for all peers.
    pub epoch: Instant,
}

impl Peer {
    pub fn new(
        now: Instant,
        Newcomer { id, room, offer, credentials, dtls, epoch }: Newcomer,
        random: &Random,
    ) -> Self {
        let number = || u32::from_be_bytes(random.bytes());
        let ssrcs: Vec<(u32, u32)> = offer.slots.iter().map(|_| (number(), number())).collect();
        let uplinks: Vec<Uplink> = Track::ALL
            .into_iter()
            .zip(&offer.tracks)
            .map(|(track, agreed)| Uplink::new(track, agreed.clone()))
            .collect();
        let mut bound = Vec::with_capacity(MAX_STREAMS);
        for (at, uplink) in uplinks.iter().enumerate() {
            let Some((ssrc, rtx)) = uplink.agreed.stream else { continue };
            bound.push(Bound { ssrc, uplink: at, layer: 0, repair: false });
            bound.extend(rtx.map(|ssrc| Bound { ssrc, uplink: at, layer: 0, repair: true }));
        }
        let downlinks = Slot::all().zip(&offer.slots).zip(&ssrcs);
        let downlinks = downlinks
            .map(|((slot, agreed), (ssrc, rtx))| Downlink::new(slot, agreed.clone(), *ssrc, *rtx, random))
            .collect();
        let ssrc = number();
        Self {
            id,
            room,
            credentials,
            before: None,
            offer,
            ssrcs,
            outbox: Outbox::default(),
            interrupted: false,
            way: None,
            estimate: Estimate::new(now),
            meter: Meter::new(),
            dtls,
            keys: None,
            uplinks,
            bound,
            downlinks,
            arrivals: Arrivals::new(ssrc),
            trips: RoundTrips::new(),
            round_trip: None,
            clock_offset: None,
            epoch,
            ssrc,
            allowance: Allowance::new(now),
            born: now,
            heard: now,
            way_heard: now,
            media_heard: None,
            reported: now,
            up_loss: None,
            scratch: Vec::new(),
        }
    }

    pub fn connected(&self) -> bool {
        self.keys.is_some()
    }

    /// An ICE restart.
    pub fn rename(&mut self, credentials: Credentials) {
        self.before = Some(std::mem::replace(&mut self.credentials, credentials));
    }

    /// What signs the requests that name us so.
    pub fn password(&self, ufrag: &str) -> Option<&str> {
        let known = [Some(&self.credentials), self.before.as_ref()];
        known.into_iter().flatten().find(|known| known.ufrag == ufrag).map(|known| known.password.as_str())
    }

    /// Bits per second that the way down carries. A client that doesn't tell is sent everything.
    pub fn target(&self) -> u32 {
        let tells = self.offer.slots.iter().any(|slot| slot.transport_id.is_some());
        if tells { self.estimate.target() } else { u32::MAX }
    }

    /// The newest sequence numbers heard of a track.
    pub fn newest(&self, track: Track) -> Newest {
        self.uplink(track).map(Uplink::newest).unwrap_or_default()
    }

    /// Whether a datagram of so many octets may be looked at; false when it sends too much.
    pub fn may_send(&mut self, now: Instant, octets: usize) -> bool {
        self.allowance.take(now, octets)
    }

    // ---- in ---------------------------------------------------------------------------

    /// An authentic STUN request came this way.
    pub fn validated(&mut self, now: Instant, way: Way, nominates: bool) {
        self.heard = now;
        let stale = now.duration_since(self.way_heard) > PATH_STALE_AFTER;
        if self.way == Some(way) {
            self.way_heard = now;
        } else if nominates && (self.way.is_none() || stale) {
            (self.way, self.way_heard) = (Some(way), now);
        }
    }

    /// Takes a datagram of the handshake.
    pub fn shake(&mut self, now: Instant, datagram: &[u8]) -> Shaken {
        let outcome = self.dtls.read(now, datagram);
        self.post_handshake();
        match outcome {
            Outcome::Nothing => Shaken::Nothing,
            Outcome::Closed => Shaken::Closed,
            Outcome::Keys(keys) => {
                self.keys = Some(keys);
                self.heard = now;
                Shaken::Connected
            }
        }
    }

    fn post_handshake(&mut self) {
        while let Some(datagram) = self.dtls.next_datagram() {
            self.outbox.push(&datagram);
        }
    }

    /// Opens a media packet where it lies.
    pub fn open(&mut self, now: Instant, way: Way, datagram: &mut [u8]) -> Result<Incoming, Unusable> {
        let header = packet::parse(datagram).ok_or(Unusable::Unexpected)?;
        let keys = self.keys.as_mut().ok_or(Unusable::Unexpected)?;
        let length = keys.0.open(datagram, header.length, header.ssrc, header.sequence);
        let plain = &datagram[..length.ok_or(Unusable::Forged)?];
        // It was signed: the client is there.
        (self.heard, self.way, self.way_heard) = (now, Some(way), now);
        self.media_heard = Some(now);
        self.unpack(now, header, plain)
    }

    /// Takes a decrypted media packet.
    pub fn unpack(&mut self, now: Instant, mut header: Header, plain: &[u8]) -> Result<Incoming, Unusable> {
        let bound = self.bind(&header, plain).ok_or(Unusable::Unexpected)?;
        let uplink = &mut self.uplinks[bound.uplink];
        let transport = header.extensions(plain).find(|(id, _)| Some(*id) == uplink.agreed.transport_id);
        if let Some((_, &[high, low])) = transport {
            self.arrivals.note(now, header.ssrc, u16::from_be_bytes([high, low]));
        }
        let mut payload = header.payload(plain).ok_or(Unusable::Unexpected)?;
        if bound.repair {
            // RFC 4588 §4: the original number, then the original payload. Probes carry neither.
            let &[high, low] = plain[payload.clone()].first_chunk::<2>().ok_or(Unusable::Probe)?;
            header.sequence = u16::from_be_bytes([high, low]);
            header.payload_type = uplink.agreed.codec;
            payload.start += 2;
        }
        // Told of empty ones too: whoever isn't told misses them.
        let layer = &mut uplink.layers[usize::from(bound.layer)];
        layer.losses.arrived(now, header.sequence);
        if !bound.repair {
            layer.reception.arrived(now, header.sequence, header.timestamp);
        }
        uplink.take(now, bound.layer, &header, plain, payload)
    }

    /// Which track's stream this is: known from the offer, or named by the packet itself.
    fn bind(&mut self, header: &Header, plain: &[u8]) -> Option<Bound> {
        if let Some(bound) = self.bound.iter().find(|bound| bound.ssrc == header.ssrc) {
            return Some(*bound);
        }
        if self.bound.len() >= MAX_STREAMS {
            return None;
        }
        let at = self.uplinks.iter().position(|uplink| {
            let mut extensions = header.extensions(plain);
            !uplink.agreed.rids.is_empty()
                && extensions.any(|(id, value)| {
                    Some(id) == uplink.agreed.mid_id && value == uplink.agreed.mid.as_bytes()
                })
        })?;
        let uplink = &mut self.uplinks[at];
        let (layer, repair) = header.extensions(plain).find_map(|(id, value)| {
            let repair = Some(id) == uplink.agreed.repaired_rid_id;
            let named = repair || Some(id) == uplink.agreed.rid_id;
            let layer = uplink.agreed.rids.iter().position(|rid| named && rid.as_bytes() == value)?;
            Some((layer, repair))
        })?;
        let slot = if repair { &mut uplink.layers[layer].rtx } else { &mut uplink.layers[layer].ssrc };
        *slot = Some(header.ssrc);
        let bound = Bound { ssrc: header.ssrc, uplink: at, layer: layer as u8, repair };
        self.bound.push(bound);
        Some(bound)
    }

    /// Opens the client's RTCP and does what concerns this connection alone.
    pub fn control(&mut self, now: Instant, way: Way, datagram: &[u8]) -> Result<Vec<Wish>, Unusable> {
        let keys = self.keys.as_mut().ok_or(Unusable::Unexpected)?;
        let mut plain = keys.0.open_rtcp(datagram).ok_or(Unusable::Forged)?;
        (self.heard, self.way, self.way_heard) = (now, Some(way), now);
        self.understand(now, &mut plain)
    }

    /// Takes decrypted RTCP.
    pub fn understand(&mut self, now: Instant, plain: &mut impl Buf) -> Result<Vec<Wish>, Unusable> {
        let packets = rtc::rtcp::packet::unmarshal(plain).map_err(|_| Unusable::Unexpected)?;
        let mut wishes = vec![];
        for packet in packets.iter().take(MAX_RTCP) {
            self.on_rtcp(now, packet.as_ref(), &mut wishes);
        }
        Ok(wishes)
    }

    fn on_rtcp(&mut self, now: Instant, packet: &dyn Packet, wishes: &mut Vec<Wish>) {
        let any = packet.as_any();
        if let Some(pli) = any.downcast_ref::<PictureLossIndication>() {
            wishes.extend(self.slot_of(pli.media_ssrc).map(Wish::KeyFrame));
        } else if let Some(fir) = any.downcast_ref::<FullIntraRequest>() {
            let slots = fir.fir.iter().take(MAX_RTCP).filter_map(|entry| self.slot_of(entry.ssrc));
            wishes.extend(slots.map(Wish::KeyFrame));
        } else if let Some(nack) = any.downcast_ref::<TransportLayerNack>() {
            let lost = nack.nacks.iter().flat_map(|pair| pair.packet_list()).take(MAX_NACKS).collect();
            wishes.extend(self.slot_of(nack.media_ssrc).map(|slot| Wish::Again(slot, lost)));
        } else if let Some(feedback) = any.downcast_ref::<TransportLayerCc>() {
            self.estimate.on_feedback(now, feedback);
        } else if let Some(report) = any.downcast_ref::<SenderReport>() {
            let layers = self.uplinks.iter_mut().flat_map(|uplink| &mut uplink.layers);
            if report.ntp_time != 0 {
                let ours = (1 << 32) + sender_clock::fixed(now.saturating_duration_since(self.epoch));
                self.clock_offset.get_or_insert(ours.wrapping_sub(report.ntp_time));
            }
            for layer in layers.filter(|layer| layer.ssrc == Some(report.ssrc)) {
                layer.clock.heard(now, report.ntp_time, report.rtp_time);
                layer.reception.heard(now, report.ntp_time);
            }
            self.on_reception(now, &report.reports);
        } else if let Some(report) = any.downcast_ref::<ReceiverReport>() {
            self.on_reception(now, &report.reports);
        }
    }

    fn on_reception(&mut self, now: Instant, reports: &[rtc::rtcp::reception_report::ReceptionReport]) {
        for report in reports {
            if let Some(taken) = self.trips.heard(now, report) {
                // RFC 6298: an eighth of the news.
                self.round_trip = Some(self.round_trip.map_or(taken, |old| (old * 7 + taken) / 8));
            }
        }
    }

    fn slot_of(&self, ssrc: u32) -> Option<Slot> {
        self.downlinks.iter().find(|downlink| downlink.ssrc == ssrc).map(|downlink| downlink.slot)
    }

    pub fn uplink(&self, track: Track) -> Option<&Uplink> {
        self.uplinks.iter().find(|uplink| uplink.track == track)
    }

    pub fn uplink_mut(&mut self, track: Track) -> Option<&mut Uplink> {
        self.uplinks.iter_mut().find(|uplink| uplink.track == track)
    }

    /// What is kept of a layer, for whoever lost it.
    pub fn history(&self, track: Track, layer: u8) -> Option<&History> {
        Some(&self.uplink(track)?.layers.get(usize::from(layer))?.history)
    }

    /// What time it is in a layer's timestamps, and by a clock that all of this client's tracks share:
    /// ours, as far as one can tell. A browser that sees a slot change hands sees no jump of it.
    pub fn clock(&self, now: Instant, track: Track, layer: u8) -> Option<(u64, u32)> {
        let (ntp, rtp) = self.uplink(track)?.layers.get(usize::from(layer))?.clock.at(now)?;
        Some((ntp.wrapping_add(self.clock_offset?), rtp))
    }

    // ---- out --------------------------------------------------------------------------

    /// Forwards a packet in a slot.
    pub fn forward(
        &mut self,
        now: Instant,
        slot: Slot,
        packet: &Incoming,
        octets: &[u8],
    ) -> Result<(), Held> {
        let Some(keys) = self.keys.as_mut() else { return Err(Held::Silent) };
        let out = &mut self.outbox;
        let begin = out.octets.len();
        let downlink = &mut self.downlinks[slot.index()];
        let depart = |octets| self.estimate.depart(now, octets);
        let (header, sequence) = downlink.forward(now, packet, octets, depart, &mut out.octets)?;
        seal(&mut keys.1, out, begin, header, downlink.ssrc, sequence);
        Ok(())
    }

    /// Sends a packet of a slot again, if it is kept and wasn't sent again just now. True when it was.
    pub fn resend(&mut self, now: Instant, slot: Slot, sequence: u16, history: &History) -> bool {
        let Some(keys) = self.keys.as_mut() else { return false };
        let downlink = &mut self.downlinks[slot.index()];
        let Some(source) = downlink.source_of(sequence).filter(|_| downlink.resends()) else { return false };
        let pause = self.round_trip.unwrap_or(ROUND_TRIP);
        let mut resent = std::mem::take(&mut downlink.resent);
        let kept = resent.again(history, now, pause, source);
        let begin = self.outbox.octets.len();
        let depart = |octets| self.estimate.depart(now, octets);
        let done = kept.and_then(|kept| downlink.resend(&kept, sequence, depart, &mut self.outbox.octets));
        downlink.resent = resent;
        let Some((header, sequence)) = done else { return false };
        seal(&mut keys.1, &mut self.outbox, begin, header, downlink.rtx, sequence);
        true
    }

    /// Sends so many octets of nothing, to find out how much the way carries.
    pub fn pad(&mut self, now: Instant, mut octets: usize) {
        let Some(keys) = self.keys.as_mut() else { return };
        let Some(downlink) =
            self.downlinks.iter_mut().find(|downlink| !downlink.slot.is_audio() && downlink.resends())
        else {
            return;
        };
        while octets > 0 {
            let now_padded = octets.min(255);
            octets -= now_padded;
            let begin = self.outbox.octets.len();
            let depart = |octets| self.estimate.depart(now, octets);
            let Some((header, sequence)) = downlink.pad(now_padded as u8, depart, &mut self.outbox.octets)
            else {
                return;
            };
            seal(&mut keys.1, &mut self.outbox, begin, header, downlink.rtx, sequence);
        }
    }

    /// Asks the client for a key frame, unless it was asked just now. True when asked.
    pub fn ask_for_key_frame(&mut self, now: Instant, track: Track, layer: u8, need: Need) -> bool {
        let due = self.uplink_mut(track).and_then(|uplink| uplink.key_frame_due(now, layer, need));
        let Some(media_ssrc) = due else { return false };
        self.post(vec![Box::new(PictureLossIndication { sender_ssrc: self.ssrc, media_ssrc })]);
        true
    }

    fn post(&mut self, packets: Vec<Box<dyn Packet>>) {
        let Some(keys) = self.keys.as_mut().filter(|_| !packets.is_empty()) else { return };
        let sealed = rtc::rtcp::packet::marshal(&packets).ok().and_then(|plain| keys.1.seal_rtcp(&plain));
        match sealed {
            Some(sealed) => self.outbox.push(&sealed),
            None => tracing::debug!(peer = self.id.0, "a report couldn't be written"),
        }
    }

    // ---- time -------------------------------------------------------------------------

    /// What is due: repeats of the handshake, requests for lost packets, feedback, reports. Returns the
    /// layers whose gaps only a key frame can mend.
    pub fn tick(&mut self, now: Instant) -> Vec<(Track, u8)> {
        if !self.dtls.tick(now) {
            tracing::debug!(peer = self.id.0, "the handshake was given up");
        }
        self.post_handshake();
        if self.keys.is_none() {
            return vec![];
        }
        let mut broken = vec![];
        let mut packets: Vec<Box<dyn Packet>> = vec![];
        let round_trip = self.round_trip.unwrap_or(ROUND_TRIP);
        for uplink in self.uplinks.iter_mut().filter(|uplink| uplink.agreed.rtx.is_some()) {
            for (at, layer) in uplink.layers.iter_mut().enumerate() {
                let Some(media_ssrc) = layer.ssrc else { continue };
                self.scratch.clear();
                layer.losses.due(now, round_trip, &mut self.scratch);
                self.scratch.truncate(MAX_NACKS);
                if !self.scratch.is_empty() {
                    let nacks = nack_pairs_from_sequence_numbers(&self.scratch);
                    packets.push(Box::new(TransportLayerNack { sender_ssrc: self.ssrc, media_ssrc, nacks }));
                }
                if layer.losses.gave_up() {
                    broken.push((uplink.track, at as u8));
                }
            }
        }
        self.post(packets);
        while let Some(feedback) = self.arrivals.feedback(now) {
            self.post(vec![Box::new(feedback)]);
        }
        broken
    }

    /// Once a second: what we received of the client, and what we sent in each slot by its source's
    /// clock, so that sound and picture stay in step.
    pub fn report(&mut self, now: Instant, clocks: &[(Slot, (u64, u32))]) {
        self.reported = now;
        let mut reports = vec![];
        let mut worst: Option<f32> = None;
        for layer in self.uplinks.iter_mut().flat_map(|uplink| &mut uplink.layers) {
            let Some(ssrc) = layer.ssrc else { continue };
            if let Some(report) = layer.reception.report(now, ssrc) {
                let lost = f32::from(report.fraction_lost) / 256.0;
                worst = Some(worst.map_or(lost, |worst| worst.max(lost)));
                reports.push(report);
            }
        }
        self.up_loss = worst;
        let mut packets: Vec<Box<dyn Packet>> =
            vec![Box::new(ReceiverReport { ssrc: self.ssrc, reports, ..ReceiverReport::default() })];
        for (slot, clock) in clocks {
            let downlink = &self.downlinks[slot.index()];
            let Some(offset) = downlink.offset() else { continue };
            let report = downlink.sent.report(*clock, downlink.ssrc, offset);
            self.trips.sent(now, report.ntp_time);
            packets.push(Box::new(report));
        }
        self.post(packets);
    }

    pub fn report_due(&self, now: Instant) -> bool {
        self.connected() && now.duration_since(self.reported) >= Duration::from_secs(1)
    }

    /// What the meter of its quality wants to know.
    pub fn sample(&self, now: Instant, video_wanted: bool, video: Video) -> Sample {
        Sample {
            up_loss: self.up_loss,
            down_loss: self.estimate.loss(),
            round_trip: self.round_trip.or(self.estimate.round_trip()),
            target: self.target(),
            video_wanted,
            video,
            silent_for: if self.interrupted { now.duration_since(self.heard) } else { Duration::ZERO },
        }
    }

    /// Whether nothing comes any more, so far as one can tell.
    pub fn is_silent(&self, now: Instant) -> bool {
        let flowed =
            self.media_heard.is_some_and(|then| self.heard.duration_since(then) < Duration::from_secs(1));
        let patience = if flowed { INTERRUPTED_AFTER } else { INTERRUPTED_IDLE_AFTER };
        self.connected() && now.duration_since(self.heard) > patience
    }

    /// Never came up, or fell silent.
    pub fn overdue(&self, now: Instant) -> Option<Overdue> {
        if !self.connected() && now.duration_since(self.born) > CONNECT_WITHIN {
            Some(Overdue::NeverConnected)
        } else if now.duration_since(self.heard) > SILENT_AFTER {
            Some(Overdue::Silent)
        } else {
            None
        }
    }

    /// Says goodbye.
    pub fn close(&mut self, now: Instant) {
        self.dtls.close(now);
        self.post_handshake();
    }
}

/// Seals what was appended to the outbox last.
fn seal(keys: &mut Outbound, out: &mut Outbox, begin: usize, header: usize, ssrc: u32, sequence: u16) {
    if keys.seal(&mut out.octets, begin, header, ssrc, sequence) {
        out.lengths.push(out.octets.len() - begin);
    } else {
        out.octets.truncate(begin);
    }
}
