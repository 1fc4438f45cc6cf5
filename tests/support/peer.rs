//! A headless participant: a whole WebRTC client without a camera. It makes the offer that the
//! browsers make, sends recognisable packets, answers requests for key frames, and counts what it
//! receives per slot and by whom it was sent.

use bytes::{BufMut, Bytes, BytesMut};
use rtc::interceptor::{Attribute, Interceptor, Packet, Registry, Slot as Place, StreamInfo, TaggedPacket};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_RTX, MIME_TYPE_VP8, MediaEngine,
};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::RTCDtlsTransportState;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_local::{TrackLocal, TrackLocalEvent};
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler};

pub const AUDIO_SLOTS: usize = 7;
pub const VIDEO_SLOTS: usize = 8;

/// A receiving slot, counted within its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    Audio(usize),
    Video(usize),
}

/// What came in one slot.
#[derive(Debug, Clone, Default)]
pub struct Received {
    pub packets: u64,
    /// By the sender's mark.
    pub from: BTreeMap<u8, u64>,
    pub key_frames: u64,
    /// Of video: whether the first packet began a key frame.
    pub began_with_key_frame: Option<bool>,
    pub last_payload: Vec<u8>,
    pub sequence_numbers: Vec<u16>,
    pub picture_ids: Vec<u16>,
    pub last_at: Option<Instant>,
}

type Inbox = Arc<Mutex<BTreeMap<Slot, Received>>>;

pub struct Participant {
    /// Fills every payload this participant sends.
    mark: Arc<AtomicU8>,
    offer: String,
    connection: Arc<dyn PeerConnection>,
    slots: Arc<Mutex<HashMap<u32, Slot>>>,
    inbox: Inbox,
    state: watch::Receiver<RTCPeerConnectionState>,
    microphone: Arc<TrackLocalStaticRTP>,
    camera: Arc<TrackLocalStaticRTP>,
    screen: Arc<TrackLocalStaticRTP>,
    ssrcs: [u32; 3],
    asked_for_key_frames: Arc<AtomicU64>,
    stop: CancellationToken,
}

struct Handler {
    state: watch::Sender<RTCPeerConnectionState>,
    slots: Arc<Mutex<HashMap<u32, Slot>>>,
    inbox: Inbox,
}

type Done<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl PeerConnectionEventHandler for Handler {
    fn on_connection_state_change<'a, 'b>(&'a self, state: RTCPeerConnectionState) -> Done<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            self.state.send_replace(state);
        })
    }

    fn on_track<'a, 'b>(&'a self, track: Arc<dyn TrackRemote>) -> Done<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        let (slots, inbox) = (self.slots.clone(), self.inbox.clone());
        Box::pin(async move {
            tokio::spawn(async move {
                while let Some(event) = track.poll().await {
                    if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                        take(&slots, &inbox, packet);
                    }
                }
            });
        })
    }
}

fn take(slots: &Mutex<HashMap<u32, Slot>>, inbox: &Inbox, packet: rtc::rtp::Packet) {
    let Some(slot) = slots.lock().unwrap().get(&packet.header.ssrc).copied() else { return };
    let mut inbox = inbox.lock().unwrap();
    let received = inbox.entry(slot).or_default();
    received.packets += 1;
    received.last_at = Some(Instant::now());
    received.sequence_numbers.push(packet.header.sequence_number);
    if let Some(mark) = packet.payload.last() {
        *received.from.entry(*mark).or_default() += 1;
    }
    if let Slot::Video(_) = slot
        && packet.payload.len() > 4
    {
        let key = packet.payload[4] & 1 == 0;
        received.key_frames += u64::from(key);
        received.began_with_key_frame.get_or_insert(key);
        received.picture_ids.push(u16::from_be_bytes([packet.payload[2] & 0x7f, packet.payload[3]]));
    }
    received.last_payload = packet.payload.to_vec();
}

impl Participant {
    /// A client on loopback with its offer made.
    pub async fn new(mark: u8) -> Self {
        let mut engine = media_engine();
        let registry = register_default_interceptors(Registry::new(), &mut engine)
            .expect("interceptors")
            .with(Place::from(13_500), Deliver::default());
        let (state_to, state) = watch::channel(RTCPeerConnectionState::New);
        let (slots, inbox) = (Arc::default(), Inbox::default());
        let handler = Handler { state: state_to, slots: Arc::clone(&slots), inbox: inbox.clone() };
        let connection = PeerConnectionBuilder::new()
            .with_media_engine(engine)
            .with_interceptor_registry(registry)
            .with_handler(Arc::new(handler))
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .build()
            .await
            .expect("a peer connection");
        let ssrcs = [1, 2, 3].map(|n| u32::from_be_bytes([0x10, mark, 0, n]));
        let mut tracks = vec![];
        for (at, ssrc) in ssrcs.into_iter().enumerate() {
            let track = Arc::new(TrackLocalStaticRTP::new(local_track(at, ssrc)));
            let init = RTCRtpTransceiverInit {
                direction: RTCRtpTransceiverDirection::Sendonly,
                streams: vec![],
                send_encodings: vec![],
            };
            let local = Arc::clone(&track) as Arc<dyn TrackLocal>;
            connection.add_transceiver_from_track(local, Some(init)).await.expect("a sending section");
            tracks.push(track);
        }
        let receiving = [(RtpCodecKind::Audio, AUDIO_SLOTS), (RtpCodecKind::Video, VIDEO_SLOTS)];
        for kind in receiving.into_iter().flat_map(|(kind, count)| vec![kind; count]) {
            connection.add_transceiver_from_kind(kind, None).await.expect("a receiving section");
        }
        let offer = connection.create_offer(None).await.expect("an offer");
        connection.set_local_description(offer.clone()).await.expect("the offer applied");
        let [microphone, camera, screen] = tracks.try_into().ok().expect("three tracks");
        Self {
            mark: Arc::new(AtomicU8::new(mark)),
            offer: offer.sdp,
            connection: Arc::new(connection),
            slots,
            inbox,
            state,
            microphone,
            camera,
            screen,
            ssrcs,
            asked_for_key_frames: Arc::default(),
            stop: CancellationToken::new(),
        }
    }

    pub fn offer(&self) -> String {
        self.offer.clone()
    }

    /// Takes the server's answer; its SSRCs tell the slots apart.
    pub async fn accept(&self, answer: &str) {
        let sections = answer.split("\r\nm=").skip(1).enumerate();
        for (at, section) in sections {
            let Some(slot) = at.checked_sub(3) else { continue };
            let slot = if slot < AUDIO_SLOTS { Slot::Audio(slot) } else { Slot::Video(slot - AUDIO_SLOTS) };
            let ssrc = section.lines().find_map(|line| line.strip_prefix("a=ssrc:"));
            let ssrc = ssrc.and_then(|rest| rest.split(' ').next()).and_then(|ssrc| ssrc.parse().ok());
            self.slots.lock().unwrap().insert(ssrc.expect("an SSRC for every slot"), slot);
        }
        let answer = RTCSessionDescription::answer(answer.to_owned()).expect("an answer");
        self.connection.set_remote_description(answer).await.expect("the answer applied");
    }

    /// Waits until media can flow.
    pub async fn connected(&self, within: Duration) -> bool {
        let mut state = self.state.clone();
        let up = state.wait_for(|state| *state == RTCPeerConnectionState::Connected);
        matches!(tokio::time::timeout(within, up).await, Ok(Ok(_)))
    }

    /// Waits until the server has said goodbye.
    pub async fn ended(&self, within: Duration) -> bool {
        let over = async {
            loop {
                let senders = self.connection.get_senders().await;
                let dtls = senders[0].transport().await.ok().flatten().expect("a transport");
                if dtls.state().await.ok() == Some(RTCDtlsTransportState::Closed) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(within, over).await.is_ok()
    }

    pub fn mark(&self) -> u8 {
        self.mark.load(Ordering::Relaxed)
    }

    /// Fills its packets with another octet from now on.
    pub fn change_mark(&self, mark: u8) {
        self.mark.store(mark, Ordering::Relaxed);
    }

    /// Talks and shows pictures until closed, whatever the server says.
    pub fn send_microphone_and_camera(&self) {
        self.send_microphone();
        self.send_video(Arc::clone(&self.camera), self.ssrcs[1]);
    }

    pub fn send_screen(&self) {
        self.send_video(Arc::clone(&self.screen), self.ssrcs[2]);
    }

    pub fn send_microphone(&self) {
        let (track, ssrc, mark) = (Arc::clone(&self.microphone), self.ssrcs[0], Arc::clone(&self.mark));
        let (stop, salt) = (self.stop.clone(), self.salt());
        tokio::spawn(async move {
            let mut every = tokio::time::interval(Duration::from_millis(20));
            let mut number = salt;
            while stop.run_until_cancelled(every.tick()).await.is_some() {
                number = number.wrapping_add(1);
                let header = header(ssrc, 111, number, u32::from(number) * 960, true);
                let payload = Bytes::from(vec![mark.load(Ordering::Relaxed); 60]);
                let _ = track.write_rtp(rtc::rtp::Packet { header, payload }).await;
            }
        });
    }

    /// Everyone's numbers begin somewhere else.
    fn salt(&self) -> u16 {
        u16::from(self.mark()).wrapping_mul(7_919)
    }

    fn send_video(&self, track: Arc<TrackLocalStaticRTP>, ssrc: u32) {
        // Pictures until the next key frame, counting that one; an encoder takes a while too.
        let key_frame_due = Arc::new(AtomicU8::new(1));
        let (due, asked, source) =
            (Arc::clone(&key_frame_due), Arc::clone(&self.asked_for_key_frames), Arc::clone(&track));
        tokio::spawn(async move {
            while let Some(TrackLocalEvent::OnRtcpPacket(packets)) = source.poll().await {
                if packets.iter().any(|packet| packet.as_any().is::<PictureLossIndication>()) {
                    asked.fetch_add(1, Ordering::Relaxed);
                    let _ = due.compare_exchange(0, 4, Ordering::Relaxed, Ordering::Relaxed);
                }
            }
        });
        let (mark, stop, salt) = (Arc::clone(&self.mark), self.stop.clone(), self.salt());
        tokio::spawn(async move {
            let mut every = tokio::time::interval(Duration::from_millis(33));
            let (mut number, mut picture) = (ssrc as u16 ^ salt, salt & 0x7fff);
            while stop.run_until_cancelled(every.tick()).await.is_some() {
                let left = key_frame_due.load(Ordering::Relaxed);
                key_frame_due.store(left.saturating_sub(1), Ordering::Relaxed);
                let key = left == 1;
                picture = picture.wrapping_add(1) & 0x7fff;
                let mark = mark.load(Ordering::Relaxed);
                // Two packets a picture; only the first begins the frame.
                for part in 0..2u8 {
                    number = number.wrapping_add(1);
                    let header = header(ssrc, 96, number, u32::from(picture) * 2_970, part == 1);
                    let payload = vp8_payload(part == 0, picture, key, mark);
                    let _ = track.write_rtp(rtc::rtp::Packet { header, payload }).await;
                }
            }
        });
    }

    /// What came in a slot so far.
    pub fn received(&self, slot: Slot) -> Received {
        self.inbox.lock().unwrap().get(&slot).cloned().unwrap_or_default()
    }

    /// Packets with this mark, in all slots so far.
    pub fn received_with(&self, mark: u8) -> u64 {
        self.inbox.lock().unwrap().values().filter_map(|received| received.from.get(&mark)).sum()
    }

    /// Begins counting anew.
    pub fn forget_received(&self) {
        self.inbox.lock().unwrap().clear();
    }

    pub fn key_frames_asked_for(&self) -> u64 {
        self.asked_for_key_frames.load(Ordering::Relaxed)
    }

    /// Asks the server for a key frame in a slot, as a decoder does that lost the picture.
    pub async fn ask_for_key_frame(&self, slot: Slot) {
        let found =
            self.slots.lock().unwrap().iter().find(|(_, known)| **known == slot).map(|(ssrc, _)| *ssrc);
        let pli = PictureLossIndication { sender_ssrc: 1, media_ssrc: found.expect("a slot of the answer") };
        self.microphone.write_rtcp(vec![Box::new(pli)]).await.expect("RTCP sent");
    }

    /// Leaves, and says so.
    pub async fn close(self) {
        self.stop.cancel();
        let _ = self.connection.close().await;
    }
}

impl Drop for Participant {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Waits until `met`; says whether it was within the time.
pub async fn within(limit: Duration, mut met: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while !met() {
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    true
}

fn header(
    ssrc: u32,
    payload_type: u8,
    sequence_number: u16,
    timestamp: u32,
    marker: bool,
) -> rtc::rtp::Header {
    rtc::rtp::Header {
        version: 2,
        ssrc,
        payload_type,
        sequence_number,
        timestamp,
        marker,
        ..Default::default()
    }
}

/// Descriptor with a 15-bit picture id, the frame's first octet, then the mark.
fn vp8_payload(first: bool, picture: u16, key: bool, mark: u8) -> Bytes {
    let mut payload = BytesMut::new();
    payload.put_u8(if first { 0x90 } else { 0x80 });
    payload.put_u8(0x80);
    payload.put_u16(0x8000 | picture);
    payload.put_u8(u8::from(!(key && first)));
    payload.put_bytes(mark, 200);
    payload.freeze()
}

fn codec(mime: &str, clock_rate: u32, channels: u16, fmtp: &str) -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: mime.to_owned(),
        clock_rate,
        channels,
        sdp_fmtp_line: fmtp.to_owned(),
        rtcp_feedback: vec![],
    }
}

fn media_engine() -> MediaEngine {
    let mut engine = MediaEngine::default();
    let opus = codec(MIME_TYPE_OPUS, 48_000, 2, "minptime=10;useinbandfec=1");
    let vp8 = codec(MIME_TYPE_VP8, 90_000, 0, "");
    let rtx = codec(MIME_TYPE_RTX, 90_000, 0, "apt=96");
    for (rtp_codec, payload_type, kind) in
        [(opus, 111, RtpCodecKind::Audio), (vp8, 96, RtpCodecKind::Video), (rtx, 97, RtpCodecKind::Video)]
    {
        engine.register_codec(RTCRtpCodecParameters { rtp_codec, payload_type }, kind).expect("a codec");
    }
    let pli = RTCPFeedback { typ: "nack".to_owned(), parameter: "pli".to_owned() };
    engine.register_feedback(pli, RtpCodecKind::Video);
    let mid = RTCRtpHeaderExtensionCapability { uri: rtc::sdp::extmap::SDES_MID_URI.to_owned() };
    engine.register_header_extension(mid, RtpCodecKind::Audio, None).expect("an extension");
    engine
}

fn local_track(at: usize, ssrc: u32) -> MediaStreamTrack {
    let (kind, codec) = if at == 0 {
        (RtpCodecKind::Audio, codec(MIME_TYPE_OPUS, 48_000, 2, "minptime=10;useinbandfec=1"))
    } else {
        (RtpCodecKind::Video, codec(MIME_TYPE_VP8, 90_000, 0, ""))
    };
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() },
        codec,
        ..Default::default()
    };
    let name = format!("track-{at}");
    MediaStreamTrack::new(name.clone(), name.clone(), name, kind, vec![encoding])
}

/// Lets incoming RTCP through to the tracks.
#[derive(Default)]
struct Deliver {
    read: VecDeque<TaggedPacket>,
    write: VecDeque<TaggedPacket>,
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Deliver {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, mut message: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(packets) = &mut message.message.packet {
            packets.retain(|packet| packet.as_any().is::<PictureLossIndication>());
            message.message.add(Attribute::DeliverToApplication);
        }
        self.read.push_back(message);
        Ok(())
    }
    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.read.pop_front()
    }
    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.write.push_back(message);
        Ok(())
    }
    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.write.pop_front()
    }
    fn handle_timeout(&mut self, _: Instant) -> Result<(), Error> {
        Ok(())
    }
    fn poll_timeout(&mut self) -> Option<Instant> {
        None
    }
}

impl Interceptor for Deliver {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}
