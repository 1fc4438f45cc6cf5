//! A participant's sound and pictures, without a camera: 50 packets of Opus's size a second, and 30
//! pictures of five packets in VP8's form. What comes in is read by its stamp, whatever slot it came in.

use crate::rtcp::Deliver;
use crate::stamp::{self, Era, Kind, Stamp};
use crate::tally::Tally;
use anyhow::{Context, Result, anyhow};
use bytes::{BufMut, Bytes, BytesMut};
use rtc::interceptor::{Registry, Slot};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_RTX, MIME_TYPE_VP8, MediaEngine,
};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtp::{Header, Packet};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RtpCodecKind,
};
use rtc::rtp_transceiver::{RTCRtpTransceiverDirection, RTCRtpTransceiverInit};
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use webrtc::media_stream::Track;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_local::{TrackLocal, TrackLocalEvent};
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler};

pub const SOUND_PER_SECOND: u64 = 50;
const PICTURES_PER_SECOND: u64 = 30;
const PACKETS_PER_PICTURE: u8 = 5;
pub const PICTURE_PACKETS_PER_SECOND: u64 = PICTURES_PER_SECOND * PACKETS_PER_PICTURE as u64;
const SOUND_OCTETS: usize = 80;
const PICTURE_OCTETS: usize = 1_000;
/// Candidates of this machine's own are known by then.
const GATHERED: Duration = Duration::from_secs(2);
/// The receiving sections of the protocol's one offer.
const AUDIO_SLOTS: usize = 7;
const VIDEO_SLOTS: usize = 8;

/// Who sends, and in which part of the play.
pub struct Source {
    pub room: u16,
    pub person: u8,
    /// The room's, one for all of its people.
    pub era: Arc<AtomicU8>,
    /// Packets sent in [`Era::Measured`], by kind.
    measured: [AtomicU64; 2],
}

impl Source {
    pub fn new(room: u16, person: u8, era: Arc<AtomicU8>) -> Arc<Self> {
        Arc::new(Self { room, person, era, measured: Default::default() })
    }

    pub fn measured(&self, kind: Kind) -> u64 {
        self.measured[kind as usize].load(Ordering::SeqCst)
    }

    fn stamp(&self, kind: Kind, number: u32, payload: &mut [u8]) {
        let era = Era::of(self.era.load(Ordering::SeqCst));
        if era == Era::Measured {
            self.measured[kind as usize].fetch_add(1, Ordering::SeqCst);
        }
        let stamp = Stamp { room: self.room, person: self.person, kind, era, number, sent: stamp::now() };
        stamp.write(payload);
    }
}

/// What came to one participant, over however many connections.
#[derive(Clone)]
pub struct Inbox {
    room: u16,
    tally: Arc<Mutex<Tally>>,
}

impl Inbox {
    pub fn new(room: u16) -> Self {
        Self { room, tally: Arc::default() }
    }

    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, payload: &[u8]) {
        if let Some(stamp) = Stamp::read(payload) {
            let (now, at) = (stamp::now(), Instant::now());
            self.tally().take(self.room, &stamp, now, at);
        }
    }
}

/// One WebRTC connection.
pub struct Connection {
    peer: Arc<dyn PeerConnection>,
    state: watch::Receiver<RTCPeerConnectionState>,
    stop: CancellationToken,
}

struct Handler {
    state: watch::Sender<RTCPeerConnectionState>,
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
        let inbox = self.inbox.clone();
        Box::pin(async move {
            tokio::spawn(async move {
                while let Some(event) = track.poll().await {
                    if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                        inbox.take(&packet.payload);
                    }
                }
            });
        })
    }
}

impl Connection {
    /// Not negotiated yet. `addresses` are this machine's, from which the server can be reached.
    pub async fn new(addresses: &[IpAddr], inbox: &Inbox) -> Result<Self> {
        let mut engine = media_engine()?;
        let registry = register_default_interceptors(Registry::new(), &mut engine)?
            .with(Slot::from(13_500), Deliver::default());
        let (state_to, state) = watch::channel(RTCPeerConnectionState::New);
        let sockets: Vec<String> = addresses.iter().map(|ip| SocketAddr::new(*ip, 0).to_string()).collect();
        let peer = PeerConnectionBuilder::new()
            .with_media_engine(engine)
            .with_interceptor_registry(registry)
            .with_handler(Arc::new(Handler { state: state_to, inbox: inbox.clone() }))
            .with_udp_addrs(sockets)
            .build()
            .await?;
        Ok(Self { peer: Arc::new(peer), state, stop: CancellationToken::new() })
    }

    /// A sending section for each of `kinds`.
    pub async fn send(&self, source: &Source, kinds: &[Kind]) -> Result<Vec<Arc<TrackLocalStaticRTP>>> {
        let mut tracks = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            let [high, low] = source.room.to_be_bytes();
            let ssrc = u32::from_be_bytes([1 + source.person, high, low, u8::try_from(at)?]);
            let track = Arc::new(TrackLocalStaticRTP::new(local_track(at, *kind, ssrc)));
            let init = RTCRtpTransceiverInit {
                direction: RTCRtpTransceiverDirection::Sendonly,
                streams: vec![],
                send_encodings: vec![],
            };
            let local = Arc::clone(&track) as Arc<dyn TrackLocal>;
            self.peer.add_transceiver_from_track(local, Some(init)).await?;
            tracks.push(track);
        }
        Ok(tracks)
    }

    /// The slots that the protocol's offer ends with.
    pub async fn add_slots(&self) -> Result<()> {
        let slots = [(RtpCodecKind::Audio, AUDIO_SLOTS), (RtpCodecKind::Video, VIDEO_SLOTS)];
        for kind in slots.into_iter().flat_map(|(kind, count)| vec![kind; count]) {
            self.peer.add_transceiver_from_kind(kind, None).await?;
        }
        Ok(())
    }

    pub async fn offer(&self) -> Result<String> {
        let offer = self.peer.create_offer(None).await?;
        self.peer.set_local_description(offer.clone()).await?;
        Ok(offer.sdp)
    }

    pub async fn accept(&self, answer: &str) -> Result<()> {
        let answer = RTCSessionDescription::answer(answer.to_owned())?;
        Ok(self.peer.set_remote_description(answer).await?)
    }

    /// Answers an offer.
    pub async fn answer(&self, offer: &str) -> Result<String> {
        self.peer.set_remote_description(RTCSessionDescription::offer(offer.to_owned())?).await?;
        let answer = self.peer.create_answer(None).await?;
        self.peer.set_local_description(answer.clone()).await?;
        Ok(answer.sdp)
    }

    /// The local description with this machine's candidates in it, for servers that want to know them.
    pub async fn described(&self) -> Result<String> {
        let deadline = Instant::now() + GATHERED;
        loop {
            let sdp = self.peer.local_description().await.context("no local description")?.sdp;
            if sdp.contains("a=candidate") || Instant::now() > deadline {
                return Ok(sdp);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until media can flow.
    pub async fn connected(&self, within: Duration) -> Result<()> {
        let mut state = self.state.clone();
        let up = state.wait_for(|state| *state == RTCPeerConnectionState::Connected);
        let up = tokio::time::timeout(within, up).await;
        match up {
            Ok(Ok(_)) => Ok(()),
            _ => Err(anyhow!("no media connection within {within:?}: {:?}", *self.state.borrow())),
        }
    }

    /// Sends sound and pictures until it is closed.
    pub fn play(
        &self,
        source: &Arc<Source>,
        sound: &Arc<TrackLocalStaticRTP>,
        pictures: &Arc<TrackLocalStaticRTP>,
    ) {
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(play_sound(source.clone(), sound.clone())));
        let wanted = Arc::new(AtomicBool::new(true));
        tokio::spawn(listen(pictures.clone(), wanted.clone()));
        let pictures = play_pictures(source.clone(), pictures.clone(), wanted);
        tokio::spawn(self.stop.clone().run_until_cancelled_owned(pictures));
    }

    pub async fn close(&self) {
        self.stop.cancel();
        let _ = self.peer.close().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn play_sound(source: Arc<Source>, track: Arc<TrackLocalStaticRTP>) {
    let ssrc = ssrc_of(&track).await;
    let mut every = tokio::time::interval(Duration::from_micros(1_000_000 / SOUND_PER_SECOND));
    let number = AtomicU32::new(0);
    loop {
        every.tick().await;
        let n = number.fetch_add(1, Ordering::Relaxed) + 1;
        let mut payload = vec![0x78; SOUND_OCTETS];
        source.stamp(Kind::Sound, n, &mut payload);
        let header = header(ssrc, 111, n, n.wrapping_mul(960), false);
        let _ = track.write_rtp(Packet { header, payload: payload.into() }).await;
    }
}

/// A key frame at first, and whenever one is asked for.
async fn play_pictures(source: Arc<Source>, track: Arc<TrackLocalStaticRTP>, wanted: Arc<AtomicBool>) {
    let ssrc = ssrc_of(&track).await;
    let mut every = tokio::time::interval(Duration::from_micros(1_000_000 / PICTURES_PER_SECOND));
    let (mut number, mut picture) = (0u32, 0u16);
    loop {
        every.tick().await;
        picture = picture.wrapping_add(1) & 0x7fff;
        let key = wanted.swap(false, Ordering::Relaxed);
        for part in 0..PACKETS_PER_PICTURE {
            number = number.wrapping_add(1);
            let mut payload = vp8(part == 0, picture, key);
            source.stamp(Kind::Pictures, number, &mut payload);
            let last = part + 1 == PACKETS_PER_PICTURE;
            let header = header(ssrc, 96, number, u32::from(picture).wrapping_mul(3_000), last);
            let _ = track.write_rtp(Packet { header, payload: Bytes::from(payload) }).await;
        }
    }
}

async fn listen(track: Arc<TrackLocalStaticRTP>, wanted: Arc<AtomicBool>) {
    while let Some(TrackLocalEvent::OnRtcpPacket(packets)) = track.poll().await {
        if packets.iter().any(|packet| packet.as_any().is::<PictureLossIndication>()) {
            wanted.store(true, Ordering::Relaxed);
        }
    }
}

async fn ssrc_of(track: &TrackLocalStaticRTP) -> u32 {
    track.ssrcs().await.first().copied().unwrap_or_default()
}

fn header(ssrc: u32, payload_type: u8, number: u32, timestamp: u32, marker: bool) -> Header {
    let [_, _, high, low] = number.to_be_bytes();
    let sequence_number = u16::from_be_bytes([high, low]);
    Header { version: 2, ssrc, payload_type, sequence_number, timestamp, marker, ..Default::default() }
}

/// Descriptor with a 15-bit picture id (RFC 7741), and in a picture's first packet its frame header
/// (RFC 6386 §9.1), so that whoever looks for key frames finds them.
fn vp8(first: bool, picture: u16, key: bool) -> Vec<u8> {
    let mut payload = BytesMut::with_capacity(PICTURE_OCTETS);
    payload.put_u8(if first { 0x90 } else { 0x80 });
    payload.put_u8(0x80);
    payload.put_u16(0x8000 | picture);
    if first {
        payload.put_slice(&[if key { 0x10 } else { 0x11 }, 0x40, 0x00]);
        if key {
            payload.put_slice(&[0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01]);
        }
    }
    payload.resize(PICTURE_OCTETS, 0xa5);
    payload.to_vec()
}

fn codec(mime: &str, clock_rate: u32, channels: u16, fmtp: &str) -> RTCRtpCodec {
    let (mime_type, sdp_fmtp_line) = (mime.to_owned(), fmtp.to_owned());
    RTCRtpCodec { mime_type, clock_rate, channels, sdp_fmtp_line, rtcp_feedback: vec![] }
}

fn opus() -> RTCRtpCodec {
    codec(MIME_TYPE_OPUS, 48_000, 2, "minptime=10;useinbandfec=1")
}

fn media_engine() -> Result<MediaEngine> {
    let mut engine = MediaEngine::default();
    let (vp8, rtx) = (codec(MIME_TYPE_VP8, 90_000, 0, ""), codec(MIME_TYPE_RTX, 90_000, 0, "apt=96"));
    for (rtp_codec, payload_type, kind) in
        [(opus(), 111, RtpCodecKind::Audio), (vp8, 96, RtpCodecKind::Video), (rtx, 97, RtpCodecKind::Video)]
    {
        engine.register_codec(RTCRtpCodecParameters { rtp_codec, payload_type }, kind).context("a codec")?;
    }
    let pli = RTCPFeedback { typ: "nack".to_owned(), parameter: "pli".to_owned() };
    engine.register_feedback(pli, RtpCodecKind::Video);
    for kind in [RtpCodecKind::Audio, RtpCodecKind::Video] {
        let mid = RTCRtpHeaderExtensionCapability { uri: rtc::sdp::extmap::SDES_MID_URI.to_owned() };
        engine.register_header_extension(mid, kind, None).context("an extension")?;
    }
    Ok(engine)
}

fn local_track(at: usize, kind: Kind, ssrc: u32) -> MediaStreamTrack {
    let (kind, codec) = match kind {
        Kind::Sound => (RtpCodecKind::Audio, opus()),
        Kind::Pictures => (RtpCodecKind::Video, codec(MIME_TYPE_VP8, 90_000, 0, "")),
    };
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() },
        codec,
        ..Default::default()
    };
    let name = format!("track-{at}");
    MediaStreamTrack::new(name.clone(), name.clone(), name, kind, vec![encoding])
}
