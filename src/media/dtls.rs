//! The DTLS handshake of one connection, as its server: it proves that the client holds the
//! certificate whose fingerprint came with the offer, and yields the SRTP keys (RFC 5764). `peer`
//! owns one and feeds it; afterwards it only hears the client's goodbye.
//!
//! What always holds: no keys without the right certificate.

use super::srtp::{self, Inbound, Outbound};
use bytes::BytesMut;
use rtc::crypto::{RTCCrypto, RTCCryptoProvider};
use rtc::dtls::config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType};
use rtc::dtls::crypto::Certificate;
use rtc::dtls::endpoint::{Endpoint, EndpointEvent};
use rtc::dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc::shared::TransportProtocol;
use rtc::shared::error::{Error, Result};
use rtc::srtp::config::LABEL_EXTRACTOR_DTLS_SRTP;
use rtc::srtp::protection_profile::ProtectionProfile;
use sha2::{Digest, Sha256};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

/// Handshake messages are cut to this, so that they pass through any tunnel.
const MTU: usize = 1_150;
/// The library tells associations apart by address; ours has one, wherever its packets come from.
const CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 1);

/// What this server shows in every handshake: made at its start.
#[derive(Clone)]
pub struct Identity {
    certificate: Certificate,
    provider: Arc<dyn RTCCryptoProvider>,
    /// For the answer: `AB:CD:…`.
    pub fingerprint: String,
}

impl Identity {
    pub fn new() -> Result<Self> {
        let provider = rtc::crypto::default_provider().map_err(|error| Error::Crypto(error.to_string()))?;
        let certificate = Certificate::generate_self_signed(vec!["hejie".to_owned()], provider.crypto())?;
        let fingerprint = fingerprint(&certificate.certificate[0]);
        Ok(Self { certificate, provider, fingerprint })
    }

    pub fn crypto(&self) -> &dyn RTCCrypto {
        self.provider.crypto()
    }
}

fn fingerprint(certificate: &[u8]) -> String {
    let octets: Vec<String> =
        Sha256::digest(certificate).iter().map(|octet| format!("{octet:02X}")).collect();
    octets.join(":")
}

/// What a datagram led to.
pub enum Outcome {
    Nothing,
    /// The handshake is complete.
    Keys(Box<(Inbound, Outbound)>),
    /// The client said goodbye, or the handshake failed.
    Closed,
}

pub struct Dtls {
    endpoint: Endpoint,
    provider: Arc<dyn RTCCryptoProvider>,
}

impl Dtls {
    /// For the client whose certificate has this SHA-256 fingerprint.
    pub fn new(identity: &Identity, client: &str) -> Result<Self> {
        let wanted = client.to_owned();
        let profiles = vec![
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
            SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
        ];
        let config = ConfigBuilder::default()
            .with_crypto_provider(identity.provider.clone())
            .with_certificates(vec![identity.certificate.clone()])
            .with_srtp_protection_profiles(profiles)
            .with_client_auth(ClientAuthType::RequireAnyClientCert)
            // There is no authority behind these certificates; the fingerprint is what counts.
            .with_insecure_skip_verify(true)
            .with_verify_peer_certificate(Some(Arc::new(move |certificates: &[Vec<u8>], _: &[_]| {
                let shown = certificates.first().ok_or(Error::ErrNonCertificate)?;
                if fingerprint(shown).eq_ignore_ascii_case(&wanted) {
                    Ok(())
                } else {
                    Err(Error::ErrNoMatchingCertificateFingerprint)
                }
            })))
            .with_extended_master_secret(ExtendedMasterSecretType::Require)
            .with_mtu(MTU)
            .build(false, None)?;
        let endpoint = Endpoint::new(CLIENT, TransportProtocol::UDP, Some(Arc::new(config)));
        Ok(Self { endpoint, provider: identity.provider.clone() })
    }

    pub fn read(&mut self, now: Instant, datagram: &[u8]) -> Outcome {
        match self.endpoint.read(now, CLIENT, None, BytesMut::from(datagram)) {
            Ok(events) => {
                let mut outcome = Outcome::Nothing;
                for event in events {
                    outcome = match event {
                        EndpointEvent::HandshakeComplete => match self.keys() {
                            Ok(keys) => Outcome::Keys(Box::new(keys)),
                            Err(error) => {
                                tracing::debug!(%error, "a handshake ended without keys");
                                Outcome::Closed
                            }
                        },
                        EndpointEvent::PeerClosed => Outcome::Closed,
                        _ => continue,
                    };
                }
                outcome
            }
            Err(error) => {
                tracing::debug!(%error, "a handshake message was refused");
                Outcome::Nothing
            }
        }
    }

    fn keys(&self) -> Result<(Inbound, Outbound)> {
        let state = self.endpoint.get_connection_state(CLIENT).ok_or(Error::ErrNonCertificate)?;
        let profile = match state.srtp_protection_profile() {
            SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm => ProtectionProfile::AeadAes128Gcm,
            SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm => ProtectionProfile::AeadAes256Gcm,
            SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
            _ => return Err(Error::Other("no SRTP profile was agreed on".to_owned())),
        };
        let octets = 2 * (profile.key_len() + profile.salt_len());
        let material = state.export_keying_material(LABEL_EXTRACTOR_DTLS_SRTP, &[], octets)?;
        srtp::contexts(profile, material.as_ref(), self.provider.crypto())
    }

    /// The next datagram to send.
    pub fn next_datagram(&mut self) -> Option<BytesMut> {
        self.endpoint.poll_transmit().map(|transmit| transmit.message)
    }

    /// Sends again what was not answered. False when the handshake is given up.
    pub fn tick(&mut self, now: Instant) -> bool {
        match self.endpoint.poll_timeout(&CLIENT) {
            Some(due) if due <= now => self.endpoint.handle_timeout(CLIENT, now).is_ok(),
            _ => true,
        }
    }

    /// Says goodbye; [`next_datagram`](Self::next_datagram) has it.
    pub fn close(&mut self, now: Instant) {
        let _ = self.endpoint.close(now);
    }
}
