//! A client without an engine: the handshakes by the library's parts, and then bare packets, well
//! formed or not, at whatever pace. Benches send load with it, tests send what no browser would.

use bytes::BytesMut;
use rtc::crypto::RTCCryptoProvider;
use rtc::dtls::config::{ConfigBuilder, ExtendedMasterSecretType};
use rtc::dtls::crypto::Certificate;
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::shared::TransportProtocol;
use rtc::srtp::config::{Config, LABEL_EXTRACTOR_DTLS_SRTP};
use rtc::srtp::context::Context;
use rtc::srtp::protection_profile::ProtectionProfile;
use rtc::stun::attributes::{ATTR_USE_CANDIDATE, ATTR_USERNAME};
use rtc::stun::fingerprint::FINGERPRINT;
use rtc::stun::integrity::MessageIntegrity;
use rtc::stun::message::{BINDING_REQUEST, Message, Setter, TransactionId};
use rtc::stun::textattrs::TextAttribute;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Payload types and header extension ids that every light client offers.
pub const OPUS: u8 = 111;
pub const VP8: u8 = 96;
pub const RTX: u8 = 97;
const LEVEL_ID: u8 = 1;
pub const TRANSPORT_ID: u8 = 3;

pub struct Light {
    pub socket: UdpSocket,
    pub server: SocketAddr,
    pub microphone: u32,
    pub camera: u32,
    /// The slots' streams, in the order of the answer, without those of retransmissions.
    pub slots: Vec<u32>,
    ufrag: String,
    pub password: String,
    provider: Arc<dyn RTCCryptoProvider>,
    certificate: Certificate,
    outbound: Option<Context>,
    inbound: Option<Context>,
    dtls: Option<Endpoint>,
}

impl Light {
    /// `number` tells its streams from other clients'.
    pub fn new(number: u32) -> Self {
        let provider = rtc::crypto::default_provider().expect("a provider");
        let certificate =
            Certificate::generate_self_signed(vec!["light".to_owned()], provider.crypto()).expect("made");
        Self {
            socket: UdpSocket::bind("127.0.0.1:0").expect("a socket"),
            server: SocketAddr::from(([127, 0, 0, 1], 0)),
            microphone: number * 16 + 1,
            camera: number * 16 + 2,
            slots: vec![],
            ufrag: String::new(),
            password: String::new(),
            provider,
            certificate,
            outbound: None,
            inbound: None,
            dtls: None,
        }
    }

    /// Of the one shape there is. `feedback`: whether it answers with transport-wide feedback.
    pub fn offer(&self, feedback: bool) -> String {
        let digest = Sha256::digest(&self.certificate.certificate[0]);
        let fingerprint: Vec<String> = digest.iter().map(|octet| format!("{octet:02X}")).collect();
        let mids: Vec<String> = (0..18).map(|mid| mid.to_string()).collect();
        let mut text = format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\na=ice-ufrag:lite\r\n\
             a=ice-pwd:{}\r\na=fingerprint:sha-256 {}\r\na=setup:active\r\n",
            mids.join(" "),
            "p".repeat(24),
            fingerprint.join(":")
        );
        for mid in 0..18 {
            let (kind, sends) = match mid {
                0 => ("audio", Some(self.microphone)),
                1 => ("video", Some(self.camera)),
                2 => ("video", Some(self.camera + 4)),
                3..10 => ("audio", None),
                _ => ("video", None),
            };
            let direction = if sends.is_some() { "sendonly" } else { "recvonly" };
            let codecs = if kind == "audio" {
                format!(
                    "m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}\r\na=rtpmap:{OPUS} opus/48000/2\r\n\
                         a=extmap:{LEVEL_ID} urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
                )
            } else {
                format!(
                    "m=video 9 UDP/TLS/RTP/SAVPF {VP8} {RTX}\r\na=rtpmap:{VP8} VP8/90000\r\n\
                         a=rtpmap:{RTX} rtx/90000\r\na=fmtp:{RTX} apt={VP8}\r\n"
                )
            };
            let _ = write!(text, "{codecs}a=mid:{mid}\r\na={direction}\r\na=rtcp-mux\r\n");
            if feedback {
                let _ = write!(
                    text,
                    "a=extmap:{TRANSPORT_ID} http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
                );
            }
            if let Some(ssrc) = sends {
                if kind == "video" {
                    let _ = write!(text, "a=ssrc-group:FID {ssrc} {}\r\n", ssrc + 1);
                }
                let _ = write!(text, "a=ssrc:{ssrc} cname:light\r\n");
            }
        }
        text
    }

    /// Takes the answer: who and where the server is, and the streams of the slots.
    pub fn accept(&mut self, answer: &str) {
        let value =
            |prefix: &str| answer.lines().find_map(|line| line.strip_prefix(prefix)).expect("in the answer");
        self.ufrag = value("a=ice-ufrag:").to_owned();
        self.password = value("a=ice-pwd:").to_owned();
        let candidate: Vec<&str> = answer
            .lines()
            .filter(|line| line.starts_with("a=candidate:") && line.contains(" udp "))
            .map(|line| line.split(' ').collect::<Vec<_>>())
            .find(|parts| parts[4].starts_with("127."))
            .expect("a loopback candidate");
        self.server = format!("{}:{}", candidate[4], candidate[5]).parse().expect("an address");
        self.slots = answer
            .split("m=")
            .skip(4)
            .map(|section| {
                let mut lines = section.lines().filter_map(|line| line.strip_prefix("a=ssrc:"));
                let first = lines.next().and_then(|line| line.split(' ').next()).expect("an ssrc");
                first.parse().expect("a number")
            })
            .collect();
    }

    /// Both handshakes. Panics if they take longer than this.
    pub fn connect(&mut self, within: Duration) {
        let begun = Instant::now();
        self.socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
        let config = ConfigBuilder::default()
            .with_crypto_provider(self.provider.clone())
            .with_certificates(vec![self.certificate.clone()])
            .with_srtp_protection_profiles(vec![SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm])
            .with_insecure_skip_verify(true)
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .build(true, None)
            .expect("a configuration");
        let local = self.socket.local_addr().expect("an address");
        let mut dtls = Endpoint::new(local, TransportProtocol::UDP, None);
        let mut shaking = false;
        let mut asked: Option<Instant> = None;
        let mut buffer = [0; 2_048];
        loop {
            let now = Instant::now();
            assert!(now.duration_since(begun) < within, "no connection");
            if !shaking && asked.is_none_or(|then| now.duration_since(then) > Duration::from_millis(100)) {
                asked = Some(now);
                self.ask(true);
            }
            while let Some(out) = dtls.poll_transmit() {
                let _ = self.socket.send_to(&out.message, self.server);
            }
            match self.socket.recv(&mut buffer) {
                Ok(length) if buffer[0] < 4 => {
                    if !shaking && length >= 20 {
                        shaking = true;
                        dtls.connect(now, self.server, Arc::new(config.clone()), None).expect("begun");
                    }
                }
                Ok(length) if (20..64).contains(&buffer[0]) => {
                    let events = dtls.read(now, self.server, None, BytesMut::from(&buffer[..length]));
                    let done = events
                        .unwrap_or_default()
                        .iter()
                        .any(|event| matches!(event, EndpointEvent::HandshakeComplete));
                    if done {
                        while let Some(out) = dtls.poll_transmit() {
                            let _ = self.socket.send_to(&out.message, self.server);
                        }
                        self.take_keys(&dtls);
                        self.dtls = Some(dtls);
                        return;
                    }
                }
                Ok(_) => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    if shaking {
                        dtls.handle_timeout(self.server, now).expect("the handshake goes on");
                    }
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// A connectivity check.
    pub fn ask(&self, nominate: bool) {
        self.send(&self.request(&self.password, nominate));
    }

    /// The bytes of one, signed with this password.
    pub fn request(&self, password: &str, nominate: bool) -> Vec<u8> {
        let mut message = Message::new();
        message.reset();
        message.write_header();
        let name = TextAttribute::new(ATTR_USERNAME, format!("{}:lite", self.ufrag));
        let integrity = MessageIntegrity::new_short_term_integrity_with_provider(
            password.to_owned(),
            self.provider.crypto(),
        );
        let parts: [&dyn Setter; 3] = [&TransactionId::new(), &BINDING_REQUEST, &name];
        for part in parts {
            part.add_to(&mut message).expect("a request");
        }
        if nominate {
            message.add(ATTR_USE_CANDIDATE, &[]);
        }
        integrity.add_to(&mut message).expect("signed");
        FINGERPRINT.add_to(&mut message).expect("a request");
        message.raw
    }

    fn take_keys(&mut self, dtls: &Endpoint) {
        let state = dtls.get_connection_state(self.server).expect("a state");
        let profile = ProtectionProfile::AeadAes128Gcm;
        let mut config = Config { profile, ..Config::default() };
        let material = state
            .export_keying_material(LABEL_EXTRACTOR_DTLS_SRTP, &[], config.keying_material_len())
            .expect("keys");
        config.set_session_keys_from_keying_material(material.as_ref(), true).expect("keys");
        let keys = &config.keys;
        let context = |key: &[u8], salt: &[u8]| {
            Context::new(key, salt, profile, None, None, self.provider.crypto()).expect("a context")
        };
        self.outbound = Some(context(&keys.local_master_key, &keys.local_master_salt));
        self.inbound = Some(context(&keys.remote_master_key, &keys.remote_master_salt));
    }

    /// Seals a packet of one of its streams; the bytes as they go on the wire.
    pub fn seal(&mut self, packet: &[u8]) -> BytesMut {
        self.outbound.as_mut().expect("connected").encrypt_rtp(packet).expect("sealed")
    }

    pub fn seal_rtcp(&mut self, packet: &[u8]) -> BytesMut {
        self.outbound.as_mut().expect("connected").encrypt_rtcp(packet).expect("sealed")
    }

    pub fn open(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        self.inbound.as_mut().expect("connected").decrypt_rtp(datagram).ok()
    }

    pub fn open_rtcp(&mut self, datagram: &[u8]) -> Option<BytesMut> {
        self.inbound.as_mut().expect("connected").decrypt_rtcp(datagram).ok()
    }

    pub fn send(&self, datagram: &[u8]) {
        let _ = self.socket.send_to(datagram, self.server);
    }
}

/// A packet with the audio level of a voice, or without.
pub fn rtp(
    ssrc: u32,
    payload_type: u8,
    sequence: u16,
    timestamp: u32,
    transport: Option<u16>,
    payload: &[u8],
) -> Vec<u8> {
    let extended = transport.is_some() || payload_type == OPUS;
    let mut packet = vec![0x80 | u8::from(extended) << 4, payload_type];
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    if extended {
        let mut values = vec![];
        if let Some(number) = transport {
            values.push(TRANSPORT_ID << 4 | 1);
            values.extend(number.to_be_bytes());
        }
        if payload_type == OPUS {
            values.extend([LEVEL_ID << 4, 0x9e]);
        }
        values.resize(values.len().next_multiple_of(4), 0);
        packet.extend([0xbe, 0xde, 0, (values.len() / 4) as u8]);
        packet.extend(values);
    }
    packet.extend(payload);
    packet
}

/// A VP8 payload of so many octets, whose first is the beginning of a frame.
pub fn picture(key: bool, begins: bool, id: u16, octets: usize) -> Vec<u8> {
    let mut payload = vec![
        0x80 | u8::from(begins) << 4,
        0x80,
        0x80 | (id >> 8) as u8 & 0x7f,
        id as u8,
        u8::from(!key),
        0,
        0,
    ];
    payload.extend([0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00]);
    payload.resize(octets.max(payload.len()), 0xaa);
    payload
}
