//! One answer to one checked offer: sets up the library's connection and reads off what was agreed.
//! `mod` calls it outside the shard, because parsing and key generation take milliseconds.
//!
//! What always holds: the slots' send-only transceivers are added before the offer is applied; the
//! library pairs them with the offer's receiving sections in order.

use super::interceptor::{Feedback, PrimaryOnly, Unwrap};
use super::offer::{BadOffer, Offer};
use super::table::{Slot, Track};
use crate::random::Random;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use bytes::Bytes;
use rtc::interceptor::{
    NackGeneratorBuilder, NackResponderBuilder, ReceiverReportBuilder, Registry, SenderReportBuilder,
    Slot as Place, TwccReceiverBuilder,
};
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::RTCConfigurationBuilder;
use rtc::peer_connection::configuration::media_engine::{
    MIME_TYPE_OPUS, MIME_TYPE_RTX, MIME_TYPE_VP8, MediaEngine,
};
use rtc::peer_connection::configuration::setting_engine::{SettingEngine, SettingEngineBuilder};
use rtc::peer_connection::sdp::RTCSessionDescription;
use rtc::peer_connection::transport::{CandidateConfig, CandidateHostConfig, RTCDtlsRole, RTCIceCandidate};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp_transceiver::rtp_sender::{
    RTCPFeedback, RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpHeaderExtensionCapability, RTCRtpHeaderExtensionParameters, RtpCodecKind,
};
use rtc::rtp_transceiver::{
    RTCRtpReceiverId, RTCRtpTransceiverDirection, RTCRtpTransceiverId, RTCRtpTransceiverInit,
};
use rtc::sdp::extmap::{AUDIO_LEVEL_URI, SDES_MID_URI, TRANSPORT_CC_URI};
use rtc::shared::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Packets of a slot kept for retransmission: more than a second of one video. A power of two.
const RESEND: u16 = 256;
/// How often one lost packet is asked for.
const MAX_NACKS: u16 = 10;

/// A connection that waits for the client's first packet.
pub struct Negotiated {
    pub connection: RTCPeerConnection,
    pub answer: String,
    /// Our ICE user fragment, by which the client's requests name this peer.
    pub ufrag: String,
    /// By [`Track::ALL`].
    pub tracks: Vec<AgreedTrack>,
    /// By [`Slot::all`].
    pub slots: Vec<AgreedSlot>,
}

pub struct AgreedTrack {
    pub track: Track,
    pub receiver: RTCRtpReceiverId,
    pub payload_type: u8,
    pub audio_level: Option<u8>,
}

/// What a packet must carry to be sent in a slot.
pub struct AgreedSlot {
    pub ssrc: u32,
    pub payload_type: u8,
    pub mid: Bytes,
    /// Header extension ids of the receiver.
    pub mid_id: Option<u8>,
    pub audio_level_id: Option<u8>,
}

/// `addresses` are what the answer tells the client to send to.
pub fn negotiate(
    now: Instant,
    offer: &Offer,
    addresses: &[SocketAddr],
    random: &Random,
) -> Result<Negotiated, BadOffer> {
    let ufrag = STANDARD_NO_PAD.encode(random.bytes::<9>());
    let password = STANDARD_NO_PAD.encode(random.bytes::<18>());
    build(now, offer, addresses, random, &ufrag, password)
        .map_err(|error| BadOffer::Unanswerable(error.to_string()))
}

fn build(
    now: Instant,
    offer: &Offer,
    addresses: &[SocketAddr],
    random: &Random,
    ufrag: &str,
    password: String,
) -> Result<Negotiated, Error> {
    let mut connection = RTCPeerConnectionBuilder::new()
        .with_configuration(RTCConfigurationBuilder::new().build())
        .with_setting_engine(settings(ufrag.to_owned(), password))
        .with_media_engine(media_engine()?)
        .with_interceptor_registry(chain())
        .build(now)?;

    let mut senders = Vec::with_capacity(offer.slot_mids.len());
    for slot in Slot::all() {
        let ssrc = u32::from_be_bytes(random.bytes());
        let init = RTCRtpTransceiverInit {
            direction: RTCRtpTransceiverDirection::Sendonly,
            streams: vec![],
            // Left empty: only then the library adds the SSRC of the retransmissions.
            send_encodings: vec![],
        };
        let id = connection.add_transceiver_from_track(slot_track(slot, ssrc), Some(init))?;
        senders.push((id, ssrc));
    }
    connection.set_remote_description(now, RTCSessionDescription::offer(offer.sdp.clone())?)?;
    for address in addresses {
        connection.add_local_candidate(candidate(*address)?)?;
    }
    let answer = connection.create_answer(None)?;
    connection.set_local_description(now, answer)?;
    let answer = connection.local_description().ok_or(Error::ErrNoRemoteDescription)?.sdp;

    let mut slots = Vec::with_capacity(senders.len());
    for ((id, ssrc), (slot, mid)) in senders.into_iter().zip(Slot::all().zip(&offer.slot_mids)) {
        slots.push(agreed_slot(&mut connection, id, ssrc, slot, mid)?);
    }
    let mut tracks = Vec::with_capacity(offer.track_mids.len());
    for (track, mid) in Track::ALL.into_iter().zip(&offer.track_mids) {
        tracks.push(agreed_track(&mut connection, track, mid)?);
    }
    Ok(Negotiated { connection, answer, ufrag: ufrag.to_owned(), tracks, slots })
}

fn settings(ufrag: String, password: String) -> SettingEngine {
    SettingEngineBuilder::new()
        .with_lite(true)
        .with_answering_dtls_role(RTCDtlsRole::Server)
        .with_ice_credentials(ufrag, password)
        .with_include_loopback_candidate(true)
        // The shard watches for silence itself, over every validated address; the library would
        // watch the first nominated pair only, and clients move on.
        .with_ice_timeouts(Some(Duration::ZERO), Some(Duration::ZERO), Some(Duration::ZERO))
        .with_srtp_replay_protection_window(1024)
        .with_srtcp_replay_protection_window(64)
        .build()
}

/// Only what is forwarded. Chromium's numbers; a client's own win.
fn media_engine() -> Result<MediaEngine, Error> {
    let codec = |mime: &str, clock_rate, channels, fmtp: &str, payload_type| RTCRtpCodecParameters {
        rtp_codec: RTCRtpCodec {
            mime_type: mime.to_owned(),
            clock_rate,
            channels,
            sdp_fmtp_line: fmtp.to_owned(),
            rtcp_feedback: vec![],
        },
        payload_type,
    };
    let feedback =
        |typ: &str, parameter: &str| RTCPFeedback { typ: typ.to_owned(), parameter: parameter.to_owned() };
    let (audio, video) = (RtpCodecKind::Audio, RtpCodecKind::Video);
    let mut engine = MediaEngine::default();
    engine.register_codec(codec(MIME_TYPE_OPUS, 48_000, 2, "minptime=10;useinbandfec=1", 111), audio)?;
    engine.register_codec(codec(MIME_TYPE_VP8, 90_000, 0, "", 96), video)?;
    engine.register_feedback(feedback("ccm", "fir"), video);
    engine.register_feedback(feedback("nack", ""), video);
    engine.register_feedback(feedback("nack", "pli"), video);
    engine.register_feedback(feedback("transport-cc", ""), video);
    engine.register_feedback(feedback("transport-cc", ""), audio);
    engine.register_codec(codec(MIME_TYPE_RTX, 90_000, 0, "apt=96", 97), video)?;
    for (uri, kind) in [
        (SDES_MID_URI, audio),
        (SDES_MID_URI, video),
        (AUDIO_LEVEL_URI, audio),
        (TRANSPORT_CC_URI, audio),
        (TRANSPORT_CC_URI, video),
    ] {
        engine.register_header_extension(
            RTCRtpHeaderExtensionCapability { uri: uri.to_owned() },
            kind,
            None,
        )?;
    }
    Ok(engine)
}

/// Positions near the wire and near the application, outside the library's own.
const NEAR_WIRE: usize = 500;
const NEAR_APPLICATION: usize = 13_500;

fn chain() -> Registry {
    let nacks = NackGeneratorBuilder::new().with_max_nacks_per_packet(MAX_NACKS).build();
    Registry::new()
        .with(Place::from(NEAR_WIRE), Unwrap::default())
        .with(Place::NackResponder, NackResponderBuilder::new().with_size(RESEND).build())
        .with(Place::NackGenerator, PrimaryOnly::new(nacks))
        .with(Place::TwccReceiver, TwccReceiverBuilder::new().build())
        .with(Place::ReceiverReport, PrimaryOnly::new(ReceiverReportBuilder::new().build()))
        .with(Place::SenderReport, SenderReportBuilder::new().build())
        .with(Place::from(NEAR_APPLICATION), Feedback::default())
}

fn slot_track(slot: Slot, ssrc: u32) -> MediaStreamTrack {
    let (kind, mime, clock_rate, channels, name) = match slot {
        Slot::Audio(n) => (RtpCodecKind::Audio, MIME_TYPE_OPUS, 48_000, 2, format!("audio-{n}")),
        Slot::Video(n) => (RtpCodecKind::Video, MIME_TYPE_VP8, 90_000, 0, format!("video-{n}")),
    };
    let encoding = RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters { ssrc: Some(ssrc), ..Default::default() },
        codec: RTCRtpCodec { mime_type: mime.to_owned(), clock_rate, channels, ..Default::default() },
        ..Default::default()
    };
    MediaStreamTrack::new(name.clone(), name.clone(), name, kind, vec![encoding])
}

fn candidate(address: SocketAddr) -> Result<rtc::peer_connection::transport::RTCIceCandidateInit, Error> {
    let candidate = CandidateHostConfig {
        base_config: CandidateConfig {
            network: "udp".to_owned(),
            address: address.ip().to_string(),
            port: address.port(),
            component: 1,
            ..Default::default()
        },
        ..Default::default()
    }
    .new_candidate_host()?;
    RTCIceCandidate::from(&candidate).to_json()
}

fn agreed_slot(
    connection: &mut RTCPeerConnection,
    id: RTCRtpTransceiverId,
    ssrc: u32,
    slot: Slot,
    mid: &str,
) -> Result<AgreedSlot, Error> {
    let paired = connection.rtp_transceiver(id).and_then(|transceiver| transceiver.mid().clone());
    if paired.as_deref() != Some(mid) {
        return Err(Error::ErrPeerConnTransceiverMidNil);
    }
    let mut sender = connection.rtp_sender(id.into()).ok_or(Error::ErrRTPSenderNotExisted)?;
    let parameters = &sender.get_parameters().rtp_parameters;
    Ok(AgreedSlot {
        ssrc,
        payload_type: payload_type(slot.is_audio(), &parameters.codecs)?,
        mid: Bytes::copy_from_slice(mid.as_bytes()),
        mid_id: extension(SDES_MID_URI, &parameters.header_extensions),
        audio_level_id: extension(AUDIO_LEVEL_URI, &parameters.header_extensions),
    })
}

fn agreed_track(connection: &mut RTCPeerConnection, track: Track, mid: &str) -> Result<AgreedTrack, Error> {
    let count = connection.get_transceivers().count();
    let id = (0..count)
        .find(|&id| connection.rtp_transceiver(id).is_some_and(|found| found.mid().as_deref() == Some(mid)))
        .ok_or(Error::ErrPeerConnTransceiverMidNil)?;
    let receiver = RTCRtpReceiverId::from(id);
    let mut found = connection.rtp_receiver(receiver).ok_or(Error::ErrRTPReceiverNotExisted)?;
    let parameters = &found.get_parameters().rtp_parameters;
    Ok(AgreedTrack {
        track,
        receiver,
        payload_type: payload_type(track.is_audio(), &parameters.codecs)?,
        audio_level: extension(AUDIO_LEVEL_URI, &parameters.header_extensions),
    })
}

fn payload_type(audio: bool, codecs: &[RTCRtpCodecParameters]) -> Result<u8, Error> {
    let mime = if audio { MIME_TYPE_OPUS } else { MIME_TYPE_VP8 };
    codecs
        .iter()
        .find(|codec| codec.rtp_codec.mime_type.eq_ignore_ascii_case(mime))
        .map(|codec| codec.payload_type)
        .ok_or(Error::ErrCodecNotFound)
}

/// Ids above 14 don't fit the one-byte form, which is the one we write.
fn extension(uri: &str, extensions: &[RTCRtpHeaderExtensionParameters]) -> Option<u8> {
    let found = extensions.iter().find(|extension| extension.uri == uri)?;
    u8::try_from(found.id).ok().filter(|id| (1..=14).contains(id))
}
