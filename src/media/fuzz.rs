//! The doors by which octets of strangers and clients come in, each as one function that must not
//! panic whatever it gets. `tests/fuzz` calls them with what a fuzzer makes up; the test below replays
//! the corpus that was left. Not in the product.
//!
//! What signatures keep out is taken as signed: a client may be hostile too.

use super::answer::{self, Terms};
use super::dtls::{Dtls, Identity};
use super::ice::{self, Credentials};
use super::peer::{Newcomer, Peer, Wish};
use super::table::{PeerId, Slot, Track};
use super::{demux, offer, packet, red, vp8};
use crate::ids::SessionId;
use crate::random::Random;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What the fuzzed peer agreed to: a camera in layers, everything repaired, every extension.
const OFFER: &str = include_str!("../../tests/fuzz/offer.sdp");
/// Packets that departed before feedback comes.
const DEPARTED: usize = 300;
/// Of our slots, so that feedback can name them.
const STREAMS: u32 = 0x0101_0100;

pub fn demultiplexer(octets: &[u8]) {
    demux::look(octets);
    packet::is_rtcp(octets);
}

pub fn stun(octets: &[u8]) {
    let answered = ice::answer(octets, address(), "secret", identity().crypto());
    // The demultiplexer comes first; whatever is answered must have passed it or be dropped by it.
    if let (Some(answer), demux::Kind::Request { .. }) = (answered, demux::look(octets)) {
        assert!(answer.len() <= 2 * octets.len().max(64), "an answer amplifies");
    }
}

/// Packets, each after its length in two octets: what one client sends, and what others get of it.
pub fn rtp(octets: &[u8]) {
    let (mut now, mut peer) = (Instant::now(), peer());
    for slot in [Slot::Audio(0), Slot::Video(0)] {
        let downlink = &mut peer.downlinks[slot.index()];
        downlink.switch(Some(Default::default()));
        downlink.choose(Some(0));
    }
    let mut rest = octets;
    while let [high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (datagram, following) = after.split_at(length);
        (rest, now) = (following, now + Duration::from_millis(5));
        let Some(header) = packet::parse(datagram) else { continue };
        let Ok(incoming) = peer.unpack(now, header, datagram) else { continue };
        let payload = &datagram[incoming.payload.clone()];
        if incoming.red
            && let Some(newest) = red::primary(payload)
        {
            assert!(newest.end == payload.len() && !newest.is_empty());
        }
        if incoming.picture.is_some() {
            vp8::height(payload);
        }
        let slot = if incoming.track == Track::Microphone { Slot::Audio(0) } else { Slot::Video(0) };
        let mut out = vec![];
        let downlink = &mut peer.downlinks[slot.index()];
        if let Ok((header, _)) = downlink.forward(now, &incoming, datagram, |_| 7, &mut out) {
            assert!(header <= out.len() && out.len() <= datagram.len() + packet::MAX_HEADER);
        }
    }
    peer.tick(now);
    peer.report(now, &[]);
}

/// A datagram of RTCP.
pub fn rtcp(octets: &[u8]) {
    let (now, mut peer) = (Instant::now(), peer());
    for (at, downlink) in peer.downlinks.iter_mut().enumerate() {
        downlink.ssrc = STREAMS + at as u32;
    }
    for _ in 0..DEPARTED {
        peer.estimate.depart(now, 1_000);
    }
    let mut plain = octets;
    let wishes = peer.understand(now + Duration::from_millis(100), &mut plain).unwrap_or_default();
    for wish in wishes {
        if let Wish::Again(_, lost) = wish {
            assert!(lost.len() <= 64, "a client asks for too much at once");
        }
    }
    assert!((50_000..=12_000_000).contains(&peer.estimate.target()));
    peer.report(now + Duration::from_millis(100), &[]);
}

pub fn sdp(octets: &[u8]) {
    let Ok(text) = std::str::from_utf8(octets) else { return };
    let Ok(offer) = offer::check(text) else { return };
    assert!(Dtls::new(identity(), &offer.fingerprint).is_ok());
    let credentials = Credentials::random(&Random::seeded(1), 0);
    let terms = Terms {
        credentials: &credentials,
        fingerprint: &identity().fingerprint,
        udp: &[address()],
        tcp: &[],
        streams: &[(7, 8); 15],
    };
    let answer = answer::write(&offer, &terms);
    assert_eq!(answer.matches("\r\nm=").count(), offer.tracks.len() + offer.slots.len());
    assert!(answer.lines().all(|line| line.as_bytes().get(1) == Some(&b'=')), "a line was broken");
}

fn identity() -> &'static Identity {
    static IDENTITY: OnceLock<Identity> = OnceLock::new();
    IDENTITY.get_or_init(|| Identity::new().expect("an identity"))
}

fn address() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 7], 4_000))
}

fn peer() -> Peer {
    let random = Random::seeded(1);
    let offer = offer::check(OFFER).expect("a good offer");
    let dtls = Dtls::new(identity(), &offer.fingerprint).expect("a handshake");
    let credentials = Credentials::random(&random, 0);
    let (room, now) = (SessionId::random(&random), Instant::now());
    Peer::new(now, Newcomer { id: PeerId(1), room, offer, credentials, dtls, epoch: now }, &random)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn replay(target: &str, take: fn(&[u8])) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus").join(target);
        let files: Vec<_> = std::fs::read_dir(&folder).expect("a corpus").collect();
        assert!(!files.is_empty(), "{} is empty", folder.display());
        for file in files {
            take(&std::fs::read(file.expect("a file").path()).expect("readable"));
        }
    }

    #[test]
    fn the_corpus_of_the_demultiplexer_is_harmless() {
        replay("demultiplexer", super::demultiplexer);
    }

    #[test]
    fn the_corpus_of_stun_is_harmless() {
        replay("stun", super::stun);
    }

    #[test]
    fn the_corpus_of_rtp_is_harmless() {
        replay("rtp", super::rtp);
    }

    #[test]
    fn the_corpus_of_rtcp_is_harmless() {
        replay("rtcp", super::rtcp);
    }

    #[test]
    fn the_corpus_of_sdp_is_harmless() {
        replay("sdp", super::sdp);
    }
}
