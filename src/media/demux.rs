//! Whose datagram is this? The shard asks before anything reaches the library.
//!
//! Pure. What always holds: an address belongs to at most one peer, and only after a STUN request
//! with that peer's password came from it (RFC 8445 §7.3); the newest such request decides, so an
//! old entry never catches a new client. Everything else from unknown addresses is dropped: DTLS
//! accepts a ClientHello from anywhere once ICE is up (OWASP ASVS 17.2.6).

use super::table::PeerId;
use std::collections::HashMap;
use std::net::SocketAddr;

/// What a datagram's first look tells (RFC 7983).
#[derive(Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A STUN binding request for the peer with this ufrag.
    Request { ufrag: &'a str, nominates: bool },
    /// STUN answers, DTLS, RTP and RTCP: only the address tells whose it is.
    ByAddress,
    /// None of these.
    Malformed,
}

const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const USE_CANDIDATE: u16 = 0x0025;
const ICE_CONTROLLED: u16 = 0x8029;

pub fn look(datagram: &[u8]) -> Kind<'_> {
    match datagram.first() {
        Some(0..=3) => look_at_stun(datagram),
        Some(20..=63 | 128..=191) => Kind::ByAddress,
        _ => Kind::Malformed,
    }
}

/// Whether a datagram we are about to send proves that the library took `ours` as authentic: it
/// answers, or checks back, only after the message integrity held.
pub fn acknowledges(datagram: &[u8]) -> bool {
    matches!(stun_type(datagram), Some(BINDING_SUCCESS | BINDING_REQUEST))
}

/// Whether it is STUN, which goes where the library says, and not along the chosen path.
pub fn is_stun(datagram: &[u8]) -> bool {
    stun_type(datagram).is_some()
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
        return Kind::ByAddress;
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
            // We are lite, so whoever asks is controlling. The library would change its own role
            // on this before it checks the signature.
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
    by_address: HashMap<SocketAddr, PeerId>,
    peers: HashMap<PeerId, Entry>,
}

#[derive(Debug)]
struct Entry {
    ufrag: String,
    addresses: Vec<SocketAddr>,
    ever: usize,
}

impl AddressBook {
    pub fn add(&mut self, peer: PeerId, ufrag: String) {
        self.by_ufrag.insert(ufrag.clone(), peer);
        self.peers.insert(peer, Entry { ufrag, addresses: vec![], ever: 0 });
    }

    pub fn by_ufrag(&self, ufrag: &str) -> Option<PeerId> {
        self.by_ufrag.get(ufrag).copied()
    }

    pub fn by_address(&self, address: SocketAddr) -> Option<PeerId> {
        self.by_address.get(&address).copied()
    }

    /// Whether a request of this peer from this address may be looked at: known ones always, new
    /// ones while the peer hasn't used up its share.
    pub fn admits(&self, peer: PeerId, address: SocketAddr) -> bool {
        self.peers
            .get(&peer)
            .is_some_and(|entry| entry.addresses.contains(&address) || entry.ever < ADDRESSES_EVER)
    }

    /// An authentic request of this peer came from this address.
    pub fn validate(&mut self, peer: PeerId, address: SocketAddr) {
        if self.by_address(address) == Some(peer) {
            return;
        }
        let Some(entry) = self.peers.get_mut(&peer) else { return };
        entry.ever += 1;
        entry.addresses.push(address);
        let oldest = (entry.addresses.len() > ADDRESSES_AT_ONCE).then(|| entry.addresses.remove(0));
        if let Some(oldest) = oldest {
            self.by_address.remove(&oldest);
        }
        if let Some(before) = self.by_address.insert(address, peer)
            && let Some(entry) = self.peers.get_mut(&before)
        {
            entry.addresses.retain(|known| *known != address);
        }
    }

    pub fn forget(&mut self, peer: PeerId) {
        let Some(entry) = self.peers.remove(&peer) else { return };
        self.by_ufrag.remove(&entry.ufrag);
        for address in entry.addresses {
            self.by_address.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: PeerId = PeerId(1);
    const B: PeerId = PeerId(2);

    fn address(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
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
    fn the_rest_goes_by_address() {
        for datagram in [stun(BINDING_SUCCESS, &[]), vec![22; 60], vec![0x80; 60]] {
            assert_eq!(look(&datagram), Kind::ByAddress);
        }
    }

    #[test]
    fn only_answers_and_checks_prove_a_request() {
        assert!(acknowledges(&stun(BINDING_SUCCESS, &[])));
        assert!(acknowledges(&stun(BINDING_REQUEST, &[])));
        assert!(!acknowledges(&stun(0x0111, &[])), "an error proves nothing");
        assert!(!acknowledges(&[0x80; 60]));
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
            acknowledges(&datagram);
        }
    }

    #[test]
    fn an_old_entry_does_not_catch_a_new_client() {
        let mut book = AddressBook::default();
        book.add(A, "a".into());
        book.add(B, "b".into());
        book.validate(A, address(1));
        book.validate(B, address(1));
        assert_eq!(book.by_address(address(1)), Some(B));
        book.forget(A);
        assert_eq!(book.by_address(address(1)), Some(B), "A's leaving must not take B's address");
        book.forget(B);
        assert_eq!((book.by_address(address(1)), book.by_ufrag("b"), book.by_address.len()), (None, None, 0));
    }

    #[test]
    fn addresses_are_bounded() {
        let mut book = AddressBook::default();
        book.add(A, "a".into());
        for port in 1..=64 {
            assert!(book.admits(A, address(port)));
            book.validate(A, address(port));
        }
        assert_eq!(book.by_address.len(), ADDRESSES_AT_ONCE);
        assert!(book.admits(A, address(64)), "a known one");
        assert!(!book.admits(A, address(65)), "one too many");
        assert!(!book.admits(B, address(1)), "an unknown peer");
    }
}
