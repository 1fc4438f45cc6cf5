//! Whose datagram is this? The shard asks before anything reaches the library.
//!
//! Pure. What always holds: an address belongs to at most one peer, and only after a STUN request
//! with that peer's password came from it (RFC 8445 §7.3); the newest such request decides, so an
//! old entry never catches a new client. Everything else from unknown addresses is dropped: DTLS
//! accepts a ClientHello from anywhere once ICE is up (OWASP ASVS 17.2.6).

use super::table::PeerId;
use std::collections::HashMap;
use std::net::SocketAddr;

/// The way a client is reached: its address as we see it, and over what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    Udp(SocketAddr),
    /// A connection that the client opened (RFC 6544).
    Tcp(SocketAddr),
}

impl Way {
    pub fn address(self) -> SocketAddr {
        let (Self::Udp(address) | Self::Tcp(address)) = self;
        address
    }
}

/// What a datagram's first look tells (RFC 7983).
#[derive(Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A STUN binding request for the peer with this ufrag.
    Request {
        ufrag: &'a str,
        nominates: bool,
    },
    Dtls,
    /// RTP and RTCP.
    Media,
    /// None of these.
    Malformed,
}

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const USE_CANDIDATE: u16 = 0x0025;
const ICE_CONTROLLED: u16 = 0x8029;

pub fn look(datagram: &[u8]) -> Kind<'_> {
    match datagram.first() {
        Some(0..=3) => look_at_stun(datagram),
        Some(20..=63) => Kind::Dtls,
        Some(128..=191) => Kind::Media,
        _ => Kind::Malformed,
    }
}

fn stun_type(datagram: &[u8]) -> Option<u16> {
    let header = datagram.get(..20)?;
    (header[0] < 4 && header[4..8] == MAGIC_COOKIE).then(|| u16::from_be_bytes([header[0], header[1]]))
}

fn look_at_stun(datagram: &[u8]) -> Kind<'_> {
    let Some(kind) = stun_type(datagram) else { return Kind::Malformed };
    if usize::from(u16::from_be_bytes([datagram[2], datagram[3]])) != datagram.len() - 20 {
        return Kind::Malformed;
    }
    if kind != BINDING_REQUEST {
        return Kind::Malformed; // we ask nobody, so there are no answers
    }
    let (mut user, mut signed, mut nominates) = (None, false, false);
    let mut rest = &datagram[20..];
    while let [t0, t1, l0, l1, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*l0, *l1]));
        let Some(value) = after.get(..length) else { return Kind::Malformed };
        match u16::from_be_bytes([*t0, *t1]) {
            USERNAME => user = std::str::from_utf8(value).ok(),
            MESSAGE_INTEGRITY => signed = true,
            USE_CANDIDATE => nominates = true,
            // We are lite, so whoever asks is controlling.
            ICE_CONTROLLED => return Kind::Malformed,
            _ => {}
        }
        rest = after.get(length.next_multiple_of(4)..).unwrap_or(&[]);
    }
    match user.and_then(|user| user.split_once(':')) {
        Some((ufrag, _)) if signed => Kind::Request { ufrag, nominates },
        _ => Kind::Malformed,
    }
}

/// Addresses one peer may use at a time, and in its life. Phones change networks; a hostile one
/// could open ports for ever.
const ADDRESSES_AT_ONCE: usize = 8;
const ADDRESSES_EVER: usize = 64;

#[derive(Debug, Default)]
pub struct AddressBook {
    by_ufrag: HashMap<String, PeerId>,
    by_way: HashMap<Way, PeerId>,
    peers: HashMap<PeerId, Entry>,
}

#[derive(Debug)]
struct Entry {
    /// The current one and, for a while, the one before an ICE restart.
    ufrags: Vec<String>,
    ways: Vec<Way>,
    ever: usize,
}

impl AddressBook {
    pub fn add(&mut self, peer: PeerId, ufrag: String) {
        self.by_ufrag.insert(ufrag.clone(), peer);
        self.peers.insert(peer, Entry { ufrags: vec![ufrag], ways: vec![], ever: 0 });
    }

    /// An ICE restart: a second ufrag for the same peer; the oldest of three goes.
    pub fn rename(&mut self, peer: PeerId, ufrag: String) {
        let Some(entry) = self.peers.get_mut(&peer) else { return };
        self.by_ufrag.insert(ufrag.clone(), peer);
        entry.ufrags.push(ufrag);
        // The new network deserves new addresses.
        entry.ever = entry.ways.len();
        if entry.ufrags.len() > 2 {
            let oldest = entry.ufrags.remove(0);
            self.by_ufrag.remove(&oldest);
        }
    }

    pub fn by_ufrag(&self, ufrag: &str) -> Option<PeerId> {
        self.by_ufrag.get(ufrag).copied()
    }

    pub fn by_way(&self, way: Way) -> Option<PeerId> {
        self.by_way.get(&way).copied()
    }

    /// Whether a request of this peer from this address may be looked at: known ones always, new
    /// ones while the peer hasn't used up its share.
    pub fn admits(&self, peer: PeerId, way: Way) -> bool {
        self.peers.get(&peer).is_some_and(|entry| entry.ways.contains(&way) || entry.ever < ADDRESSES_EVER)
    }

    /// An authentic request of this peer came from this address.
    pub fn validate(&mut self, peer: PeerId, way: Way) {
        if self.by_way(way) == Some(peer) {
            return;
        }
        let Some(entry) = self.peers.get_mut(&peer) else { return };
        entry.ever += 1;
        entry.ways.push(way);
        let oldest = (entry.ways.len() > ADDRESSES_AT_ONCE).then(|| entry.ways.remove(0));
        if let Some(oldest) = oldest {
            self.by_way.remove(&oldest);
        }
        if let Some(before) = self.by_way.insert(way, peer)
            && let Some(entry) = self.peers.get_mut(&before)
        {
            entry.ways.retain(|known| *known != way);
        }
    }

    pub fn forget(&mut self, peer: PeerId) {
        let Some(entry) = self.peers.remove(&peer) else { return };
        for ufrag in &entry.ufrags {
            self.by_ufrag.remove(ufrag);
        }
        for way in entry.ways {
            self.by_way.remove(&way);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: PeerId = PeerId(1);
    const B: PeerId = PeerId(2);

    fn way(port: u16) -> Way {
        Way::Udp(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    fn stun(kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = vec![];
        for (name, value) in attributes {
            body.extend(name.to_be_bytes());
            body.extend((value.len() as u16).to_be_bytes());
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut datagram = kind.to_be_bytes().to_vec();
        datagram.extend((body.len() as u16).to_be_bytes());
        datagram.extend(MAGIC_COOKIE);
        datagram.extend([7; 12]);
        datagram.extend(body);
        datagram
    }

    #[test]
    fn a_request_names_its_peer() {
        let request = stun(1, &[(USERNAME, b"ours:theirs"), (MESSAGE_INTEGRITY, &[0; 20])]);
        assert_eq!(look(&request), Kind::Request { ufrag: "ours", nominates: false });
        let nominating =
            stun(1, &[(USERNAME, b"ours:theirs"), (USE_CANDIDATE, b""), (MESSAGE_INTEGRITY, &[0; 20])]);
        assert_eq!(look(&nominating), Kind::Request { ufrag: "ours", nominates: true });
    }

    #[test]
    fn what_cannot_be_a_clients_is_malformed() {
        let unsigned = stun(1, &[(USERNAME, b"ours:theirs")]);
        let unnamed = stun(1, &[(MESSAGE_INTEGRITY, &[0; 20])]);
        let controlled =
            stun(1, &[(USERNAME, b"ours:theirs"), (MESSAGE_INTEGRITY, &[0; 20]), (ICE_CONTROLLED, &[0; 8])]);
        let mut cut = stun(1, &[(USERNAME, b"ours:theirs"), (MESSAGE_INTEGRITY, &[0; 20])]);
        cut.pop();
        let mut overlong = stun(1, &[(USERNAME, b"abcd")]);
        overlong[23] = 200;
        for datagram in [unsigned, unnamed, controlled, cut, overlong, vec![], vec![0; 30], vec![70; 30]] {
            assert_eq!(look(&datagram), Kind::Malformed, "{datagram:?}");
        }
    }

    #[test]
    fn the_rest_goes_by_its_first_octet() {
        assert_eq!(look(&[22; 60]), Kind::Dtls);
        assert_eq!(look(&[0x80; 60]), Kind::Media);
        assert_eq!(look(&stun(0x0101, &[])), Kind::Malformed, "an answer to a question we never asked");
    }

    #[test]
    fn a_restart_gives_a_second_name_and_forgets_the_third() {
        let mut book = AddressBook::default();
        book.add(A, "a".into());
        book.rename(A, "b".into());
        assert_eq!((book.by_ufrag("a"), book.by_ufrag("b")), (Some(A), Some(A)));
        book.rename(A, "c".into());
        assert_eq!((book.by_ufrag("a"), book.by_ufrag("b"), book.by_ufrag("c")), (None, Some(A), Some(A)));
        book.forget(A);
        assert_eq!((book.by_ufrag("b"), book.by_ufrag("c")), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn any_octets_can_be_looked_at(mut datagram in proptest::collection::vec(0u8.., 0..80), stun: bool) {
            if stun && datagram.len() >= 20 {
                let length = datagram.len() as u16 - 20;
                datagram[..2].copy_from_slice(&BINDING_REQUEST.to_be_bytes());
                datagram[2..4].copy_from_slice(&length.to_be_bytes());
                datagram[4..8].copy_from_slice(&MAGIC_COOKIE);
            }
            look(&datagram);
        }
    }

    #[test]
    fn an_old_entry_does_not_catch_a_new_client() {
        let mut book = AddressBook::default();
        book.add(A, "a".into());
        book.add(B, "b".into());
        book.validate(A, way(1));
        book.validate(B, way(1));
        assert_eq!(book.by_way(way(1)), Some(B));
        book.forget(A);
        assert_eq!(book.by_way(way(1)), Some(B), "A's leaving must not take B's address");
        book.forget(B);
        assert_eq!((book.by_way(way(1)), book.by_ufrag("b"), book.by_way.len()), (None, None, 0));
    }

    #[test]
    fn addresses_are_bounded() {
        let mut book = AddressBook::default();
        book.add(A, "a".into());
        for port in 1..=64 {
            assert!(book.admits(A, way(port)));
            book.validate(A, way(port));
        }
        assert_eq!(book.by_way.len(), ADDRESSES_AT_ONCE);
        assert!(book.admits(A, way(64)), "a known one");
        assert!(!book.admits(A, way(65)), "one too many");
        assert!(!book.admits(B, way(1)), "an unknown peer");
    }
}
