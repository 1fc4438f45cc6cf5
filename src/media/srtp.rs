//! SRTP (RFC 3711) with keys from the DTLS handshake. `peer` owns one [`Inbound`] and one
//! [`Outbound`] per connection.
//!
//! AES-GCM (RFC 7714), which every current browser chooses, is done in place over the library's
//! cipher, so that a packet costs no allocation; older browsers' AES-CM with HMAC-SHA1 goes through
//! the library's own context, which copies, and so does all SRTCP, which is rare.
//!
//! What always holds: a packet is opened once (replay window of 1,024), and state is kept only of
//! streams that authenticated.

use rtc::crypto::{AeadAlgorithm, AeadCipher, BlockCipherAlgorithm, RTCCrypto};
use rtc::shared::error::{Error, Result};
use rtc::srtp::config::{Config, SessionKeys};
use rtc::srtp::context::Context;
use rtc::srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc::srtp::protection_profile::ProtectionProfile;

const TAG: usize = 16;
/// Streams of one client: three tracks, three layers, their retransmissions, and some that come anew.
const MAX_STREAMS: usize = 32;
const WINDOW: usize = 1_024;
const RTCP_WINDOW: usize = 64;

/// What opens a client's packets.
pub struct Inbound {
    rtp: Opener,
    rtcp: Context,
}

/// What seals ours.
pub struct Outbound {
    rtp: Sealer,
    rtcp: Context,
}

/// From the octets exported by the handshake; we are the DTLS server.
pub fn contexts(
    profile: ProtectionProfile,
    material: &[u8],
    crypto: &dyn RTCCrypto,
) -> Result<(Inbound, Outbound)> {
    let mut config = Config { profile, ..Config::default() };
    config.set_session_keys_from_keying_material(material, false)?;
    let SessionKeys { local_master_key, local_master_salt, remote_master_key, remote_master_salt } =
        &config.keys;
    let context = |key: &[u8], salt: &[u8], replay: bool| {
        let (rtp, rtcp) = if replay {
            (Some(srtp_replay_protection(WINDOW)), Some(srtcp_replay_protection(RTCP_WINDOW)))
        } else {
            (None, None)
        };
        Context::new(key, salt, profile, rtp, rtcp, crypto)
    };
    let (opener, sealer) = match Gcm::algorithm(profile) {
        Some(algorithm) => (
            Opener::Gcm(Gcm::new(algorithm, remote_master_key, remote_master_salt, crypto)?, vec![]),
            Sealer::Gcm(Gcm::new(algorithm, local_master_key, local_master_salt, crypto)?, vec![]),
        ),
        None => (
            Opener::Library(Box::new(context(remote_master_key, remote_master_salt, true)?), vec![]),
            Sealer::Library(Box::new(context(local_master_key, local_master_salt, false)?)),
        ),
    };
    Ok((
        Inbound { rtp: opener, rtcp: context(remote_master_key, remote_master_salt, true)? },
        Outbound { rtp: sealer, rtcp: context(local_master_key, local_master_salt, false)? },
    ))
}

enum Opener {
    Gcm(Gcm, Vec<(u32, Received)>),
    /// With the streams that were tried: forged ones must not grow the library's map.
    Library(Box<Context>, Vec<u32>),
}

enum Sealer {
    Gcm(Gcm, Vec<(u32, Rollover)>),
    Library(Box<Context>),
}

impl Inbound {
    /// Opens a packet in place, whose header of so many octets names this stream. Returns its length.
    pub fn open(&mut self, packet: &mut [u8], header: usize, ssrc: u32, sequence: u16) -> Option<usize> {
        match &mut self.rtp {
            Opener::Gcm(gcm, streams) => {
                let known = streams.iter().position(|(known, _)| *known == ssrc);
                let (index, fresh) = match known {
                    Some(at) => (streams[at].1.index(sequence)?, None),
                    None if streams.len() < MAX_STREAMS => {
                        (u64::from(sequence), Some(Received::starting(sequence)))
                    }
                    None => return None,
                };
                let length = gcm.open(packet, header, ssrc, index)?;
                match (known, fresh) {
                    (Some(at), _) => streams[at].1.accept(index),
                    (None, Some(fresh)) => streams.push((ssrc, fresh)),
                    (None, None) => {}
                }
                Some(length)
            }
            Opener::Library(context, tried) => {
                if !tried.contains(&ssrc) {
                    if tried.len() >= MAX_STREAMS {
                        return None;
                    }
                    tried.push(ssrc);
                }
                let plain = context.decrypt_rtp(packet).ok()?;
                packet.get_mut(..plain.len())?.copy_from_slice(&plain);
                Some(plain.len())
            }
        }
    }

    pub fn open_rtcp(&mut self, packet: &[u8]) -> Option<bytes::Bytes> {
        self.rtcp.decrypt_rtcp(packet).ok().map(bytes::BytesMut::freeze)
    }
}

impl Outbound {
    /// Seals what stands in `out` from `start` on, whose header has so many octets.
    pub fn seal(&mut self, out: &mut Vec<u8>, start: usize, header: usize, ssrc: u32, sequence: u16) -> bool {
        match &mut self.rtp {
            Sealer::Gcm(gcm, streams) => {
                let at = match streams.iter().position(|(known, _)| *known == ssrc) {
                    Some(at) => at,
                    None => {
                        streams.push((ssrc, Rollover::starting(sequence)));
                        streams.len() - 1
                    }
                };
                let Some(index) = streams[at].1.index(sequence) else { return false };
                streams[at].1.reached(index);
                gcm.seal(out, start, header, ssrc, index)
            }
            Sealer::Library(context) => match context.encrypt_rtp(&out[start..]) {
                Ok(sealed) => {
                    out.truncate(start);
                    out.extend_from_slice(&sealed);
                    true
                }
                Err(_) => false,
            },
        }
    }

    pub fn seal_rtcp(&mut self, packet: &[u8]) -> Option<bytes::Bytes> {
        self.rtcp.encrypt_rtcp(packet).ok().map(bytes::BytesMut::freeze)
    }
}

/// AES-GCM over one direction.
struct Gcm {
    cipher: Box<dyn AeadCipher>,
    salt: [u8; 12],
}

impl Gcm {
    fn algorithm(profile: ProtectionProfile) -> Option<AeadAlgorithm> {
        match profile {
            ProtectionProfile::AeadAes128Gcm => Some(AeadAlgorithm::Aes128Gcm),
            ProtectionProfile::AeadAes256Gcm => Some(AeadAlgorithm::Aes256Gcm),
            _ => None,
        }
    }

    fn new(algorithm: AeadAlgorithm, key: &[u8], salt: &[u8], crypto: &dyn RTCCrypto) -> Result<Self> {
        let failed = |error: rtc::crypto::CryptoError| Error::Crypto(error.to_string());
        let block = match algorithm {
            AeadAlgorithm::Aes128Gcm => BlockCipherAlgorithm::Aes128,
            _ => BlockCipherAlgorithm::Aes256,
        };
        let session_key = derive(crypto, block, key, salt, LABEL_KEY, key.len()).map_err(failed)?;
        let session_salt = derive(crypto, block, key, salt, LABEL_SALT, 12).map_err(failed)?;
        let cipher = crypto.new_aead(algorithm, &session_key).map_err(failed)?;
        let salt = session_salt.try_into().map_err(|_| Error::SrtpSaltLength(12, 0))?;
        Ok(Self { cipher, salt })
    }

    /// RFC 7714 §8.1.
    fn nonce(&self, ssrc: u32, index: u64) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[2..6].copy_from_slice(&ssrc.to_be_bytes());
        nonce[6..].copy_from_slice(&index.to_be_bytes()[2..]);
        std::array::from_fn(|at| nonce[at] ^ self.salt[at])
    }

    fn open(&mut self, packet: &mut [u8], header: usize, ssrc: u32, index: u64) -> Option<usize> {
        let length = packet.len().checked_sub(TAG).filter(|length| *length >= header)?;
        let nonce = self.nonce(ssrc, index);
        let (sealed, tag) = packet.split_at_mut(length);
        let (header, payload) = sealed.split_at_mut(header);
        self.cipher.open_in_place(&nonce, header, payload, tag).ok()?;
        Some(length)
    }

    fn seal(&mut self, out: &mut Vec<u8>, start: usize, header: usize, ssrc: u32, index: u64) -> bool {
        let nonce = self.nonce(ssrc, index);
        let mut tag = [0; TAG];
        let (header, payload) = out[start..].split_at_mut(header);
        let sealed = self.cipher.seal_in_place(&nonce, header, payload, &mut tag).is_ok();
        out.extend_from_slice(&tag);
        sealed
    }
}

const LABEL_KEY: u8 = 0;
const LABEL_SALT: u8 = 2;

/// The key derivation of RFC 3711 §4.3 (AES in counter mode), at a derivation rate of zero.
fn derive(
    crypto: &dyn RTCCrypto,
    block: BlockCipherAlgorithm,
    key: &[u8],
    salt: &[u8],
    label: u8,
    length: usize,
) -> std::result::Result<Vec<u8>, rtc::crypto::CryptoError> {
    let mut out = Vec::with_capacity(length.next_multiple_of(16));
    for counter in 0..length.div_ceil(16) as u16 {
        let mut input = [0; 16];
        input[..salt.len().min(14)].copy_from_slice(&salt[..salt.len().min(14)]);
        input[7] ^= label;
        input[14..].copy_from_slice(&counter.to_be_bytes());
        crypto.block_encrypt(block, key, &mut input)?;
        out.extend(input);
    }
    out.truncate(length);
    Ok(out)
}

/// The 48-bit packet index that 16 bits stand for (RFC 3711 §3.3.1).
#[derive(Debug, Clone, Copy)]
struct Rollover {
    highest: u64,
}

impl Rollover {
    fn starting(sequence: u16) -> Self {
        Self { highest: u64::from(sequence) }
    }

    /// Nearest to the highest so far. `None` before the stream's beginning, and at its end.
    fn index(&self, sequence: u16) -> Option<u64> {
        let ahead = i64::from(sequence.wrapping_sub(self.highest as u16) as i16);
        self.highest.checked_add_signed(ahead).filter(|index| *index < 1 << 48)
    }

    fn reached(&mut self, index: u64) {
        self.highest = self.highest.max(index);
    }
}

/// A stream that is received: its rollover, and which of its newest packets came already.
struct Received {
    rollover: Rollover,
    seen: [u64; WINDOW / 64],
}

impl Received {
    fn starting(sequence: u16) -> Self {
        let mut fresh = Self { rollover: Rollover::starting(sequence), seen: [0; WINDOW / 64] };
        fresh.mark(u64::from(sequence), true);
        fresh
    }

    /// The index of a packet that may still be new.
    fn index(&self, sequence: u16) -> Option<u64> {
        let index = self.rollover.index(sequence)?;
        let highest = self.rollover.highest;
        let new = index > highest || (highest - index < WINDOW as u64 && !self.is_marked(index));
        new.then_some(index)
    }

    fn accept(&mut self, index: u64) {
        let highest = self.rollover.highest;
        for between in (highest + 1..index).take(WINDOW) {
            self.mark(between, false);
        }
        if index > highest + WINDOW as u64 {
            self.seen = [0; WINDOW / 64];
        }
        self.mark(index, true);
        self.rollover.reached(index);
    }

    fn is_marked(&self, index: u64) -> bool {
        let at = index as usize % WINDOW;
        self.seen[at / 64] & (1 << (at % 64)) != 0
    }

    fn mark(&mut self, index: u64, on: bool) {
        let at = index as usize % WINDOW;
        let bit = 1 << (at % 64);
        if on { self.seen[at / 64] |= bit } else { self.seen[at / 64] &= !bit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::packet::{self, Outgoing};

    fn crypto() -> std::sync::Arc<dyn rtc::crypto::RTCCryptoProvider> {
        rtc::crypto::default_provider().expect("a provider")
    }

    fn material(profile: ProtectionProfile) -> Vec<u8> {
        (0..2 * (profile.key_len() + profile.salt_len()) as u8).collect()
    }

    /// The other side of the same keys, in the library's own hands.
    fn client(profile: ProtectionProfile) -> (Context, Context) {
        let mut config = Config { profile, ..Config::default() };
        config.set_session_keys_from_keying_material(&material(profile), true).expect("keys");
        let keys = &config.keys;
        let provider = crypto();
        let make = |key: &[u8], salt: &[u8]| {
            Context::new(key, salt, profile, None, None, provider.crypto()).expect("a context")
        };
        (
            make(&keys.local_master_key, &keys.local_master_salt),
            make(&keys.remote_master_key, &keys.remote_master_salt),
        )
    }

    fn ours(profile: ProtectionProfile) -> (Inbound, Outbound) {
        contexts(profile, &material(profile), crypto().crypto()).expect("contexts")
    }

    const PROFILES: [ProtectionProfile; 3] = [
        ProtectionProfile::AeadAes128Gcm,
        ProtectionProfile::AeadAes256Gcm,
        ProtectionProfile::Aes128CmHmacSha1_80,
    ];

    fn plain(sequence: u16) -> (Vec<u8>, usize) {
        let mut out = vec![];
        let header = Outgoing {
            marker: false,
            payload_type: 111,
            sequence,
            timestamp: u32::from(sequence) * 960,
            ssrc: 42,
            transport: Some((5, sequence)),
            level: None,
        };
        packet::write(&mut out, &header);
        let length = out.len();
        out.extend(b"a voice");
        (out, length)
    }

    #[test]
    fn what_a_client_seals_is_opened_across_the_rollover_and_once() {
        for profile in PROFILES {
            let ((mut sealing, _), (mut inbound, _)) = (client(profile), ours(profile));
            let mut sequence = 65_000u16;
            let mut sealed = vec![];
            for _ in 0..2_000 {
                sealed.push((sequence, sealing.encrypt_rtp(&plain(sequence).0).expect("sealed")));
                sequence = sequence.wrapping_add(1);
            }
            sealed.swap(530, 540);
            for (sequence, packet) in &sealed {
                let (wanted, header) = plain(*sequence);
                let mut buffer = packet.to_vec();
                let length = inbound.open(&mut buffer, header, 42, *sequence);
                assert_eq!(
                    length.map(|length| &buffer[..length]),
                    Some(&wanted[..]),
                    "{profile:?} {sequence}"
                );
                let mut again = packet.to_vec();
                assert_eq!(inbound.open(&mut again, header, 42, *sequence), None, "a replay");
            }
            let mut old = sealed[0].1.to_vec();
            assert_eq!(inbound.open(&mut old, plain(0).1, 42, sealed[0].0), None, "older than the window");
        }
    }

    #[test]
    fn what_we_seal_is_opened_by_the_library_across_the_rollover() {
        for profile in PROFILES {
            let ((_, mut opening), (_, mut outbound)) = (client(profile), ours(profile));
            for sequence in (65_500..=65_535).chain(0..100u16) {
                let (wanted, header) = plain(sequence);
                let mut out = b"before".to_vec();
                out.extend(&wanted);
                assert!(outbound.seal(&mut out, 6, header, 42, sequence));
                assert_eq!(&opening.decrypt_rtp(&out[6..]).expect("opened")[..], &wanted[..], "{profile:?}");
            }
        }
    }

    #[test]
    fn forgeries_are_refused_and_leave_nothing_behind() {
        for profile in PROFILES {
            let ((mut sealing, _), (mut inbound, _)) = (client(profile), ours(profile));
            let (text, header) = plain(9);
            let good = sealing.encrypt_rtp(&text).expect("sealed");
            for at in [1, 3, header, good.len() - 1] {
                let mut forged = good.to_vec();
                forged[at] ^= 1;
                let sequence = u16::from_be_bytes([forged[2], forged[3]]);
                assert_eq!(inbound.open(&mut forged, header, 42, sequence), None, "octet {at}");
            }
            for length in 0..good.len() {
                assert_eq!(inbound.open(&mut good[..length].to_vec(), header.min(length), 42, 9), None);
            }
            let mut buffer = good.to_vec();
            assert!(inbound.open(&mut buffer, header, 42, 9).is_some(), "{profile:?}");
        }
    }

    #[test]
    fn rtcp_goes_both_ways() {
        for profile in PROFILES {
            let ((mut sealing, mut opening), (mut inbound, mut outbound)) = (client(profile), ours(profile));
            let report = [0x80, 201, 0, 1, 0, 0, 0, 7];
            let sealed = sealing.encrypt_rtcp(&report).expect("sealed");
            assert_eq!(inbound.open_rtcp(&sealed).as_deref(), Some(&report[..]));
            assert_eq!(inbound.open_rtcp(&sealed), None, "a replay");
            let sealed = outbound.seal_rtcp(&report).expect("sealed");
            assert_eq!(&opening.decrypt_rtcp(&sealed).expect("opened")[..], &report[..]);
        }
    }

    proptest::proptest! {
        /// Against a set that remembers everything: nothing is taken twice, and nothing new is refused.
        #[test]
        fn each_index_is_taken_once(steps in proptest::collection::vec(-600i64..700, 1..300)) {
            let mut received = Received::starting(30_000);
            let mut taken = std::collections::HashSet::from([30_000u64]);
            let mut highest = 30_000u64;
            for step in steps {
                let index = highest.saturating_add_signed(step);
                let found = received.index(index as u16);
                let new = !taken.contains(&index) && (index > highest || highest - index < WINDOW as u64);
                proptest::prop_assert_eq!(found, new.then_some(index));
                if let Some(index) = found {
                    received.accept(index);
                    taken.insert(index);
                    highest = highest.max(index);
                }
            }
        }
    }
}
