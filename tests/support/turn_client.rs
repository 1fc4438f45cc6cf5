//! The client's half of TURN (RFC 8656), small enough to be wrong on purpose: it asks what a test tells it
//! to ask, and hands back the server's error code.

use hejie::turn::IceServer;
use rtc::crypto::default_provider;
use rtc::stun::attributes::*;
use rtc::stun::error_code::ErrorCodeAttribute;
use rtc::stun::integrity::MessageIntegrity;
use rtc::stun::message::*;
use rtc::stun::xoraddr::XorMappedAddress;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// Requested transport: UDP, and what the relay is not to give.
pub const UDP: u8 = 17;
pub const TCP: u8 = 6;
/// Requested address family.
pub const IPV4: u8 = 1;
pub const IPV6: u8 = 2;

/// How octets get to the server and back.
pub trait Way {
    fn send(&mut self, message: &[u8]);
    /// Nothing, after half a second without any.
    fn receive(&mut self) -> Option<Vec<u8>>;
}

impl Way for UdpSocket {
    fn send(&mut self, message: &[u8]) {
        UdpSocket::send(self, message).expect("sent");
    }
    fn receive(&mut self) -> Option<Vec<u8>> {
        let mut buffer = vec![0; 2000];
        let got = self.recv(&mut buffer).ok()?;
        buffer.truncate(got);
        Some(buffer)
    }
}

/// A stream: each message says its own length.
pub struct Stream<S>(pub S);

impl<S: Read + Write> Way for Stream<S> {
    fn send(&mut self, message: &[u8]) {
        self.0.write_all(message).and_then(|()| self.0.flush()).expect("sent");
    }
    fn receive(&mut self) -> Option<Vec<u8>> {
        let mut message = vec![0; MESSAGE_HEADER_SIZE];
        match self.0.read_exact(&mut message) {
            Err(late) if late.kind() == ErrorKind::WouldBlock => return None,
            other => other.expect("a head"),
        }
        let length = usize::from(u16::from_be_bytes([message[2], message[3]]));
        message.resize(MESSAGE_HEADER_SIZE + length, 0);
        self.0.read_exact(&mut message[MESSAGE_HEADER_SIZE..]).expect("a body");
        Some(message)
    }
}

pub struct Client<W> {
    way: W,
    username: String,
    password: String,
    /// Told by the server with its first refusal.
    realm: String,
    nonce: Vec<u8>,
}

pub type Answer<T> = Result<T, u16>;

impl Client<UdpSocket> {
    pub fn over_udp(server: SocketAddr, credential: &IceServer) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.connect(server).expect("loopback");
        socket.set_read_timeout(Some(Duration::from_millis(500))).expect("a timeout");
        Self::over(socket, credential)
    }
}

impl<W: Way> Client<W> {
    pub fn over(way: W, credential: &IceServer) -> Self {
        let IceServer { username, credential: password, .. } = credential.clone();
        Self { way, username, password, realm: String::new(), nonce: Vec::new() }
    }

    /// The relayed address, or why there is none. The first request goes without a credential, and must be
    /// refused with 401.
    pub fn allocate(&mut self) -> Answer<SocketAddr> {
        self.allocate_of(UDP, IPV4)
    }

    pub fn allocate_of(&mut self, transport: u8, family: u8) -> Answer<SocketAddr> {
        let wishes = [
            (ATTR_REQUESTED_TRANSPORT, vec![transport, 0, 0, 0]),
            (ATTR_REQUESTED_ADDRESS_FAMILY, vec![family, 0, 0, 0]),
        ];
        let bare = self.request(METHOD_ALLOCATE, &wishes, &[], false);
        assert_eq!(code(&bare), Err(401), "nobody gets in without a credential");
        self.realm = String::from_utf8(bare.get(ATTR_REALM).expect("a realm")).expect("text");
        self.nonce = bare.get(ATTR_NONCE).expect("a nonce");
        let answer = self.request(METHOD_ALLOCATE, &wishes, &[], true);
        code(&answer).map(|()| address(&answer, ATTR_XOR_RELAYED_ADDRESS))
    }

    /// CreatePermission.
    pub fn permit(&mut self, peer: SocketAddr) -> Answer<()> {
        code(&self.request(METHOD_CREATE_PERMISSION, &[], &[peer], true))
    }

    /// ChannelBind.
    pub fn bind(&mut self, channel: u16, peer: SocketAddr) -> Answer<()> {
        let [high, low] = channel.to_be_bytes();
        let number = [(ATTR_CHANNEL_NUMBER, vec![high, low, 0, 0])];
        code(&self.request(METHOD_CHANNEL_BIND, &number, &[peer], true))
    }

    /// A Send indication: nobody answers it.
    pub fn send(&mut self, peer: SocketAddr, data: &[u8]) {
        let message = self.message(METHOD_SEND, CLASS_INDICATION, &[(ATTR_DATA, data.to_vec())], &[peer]);
        self.way.send(&message.raw);
    }

    /// From whom, and what, of a Data indication.
    pub fn receive(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        let message = decoded(self.way.receive()?);
        assert_eq!(message.typ, MessageType::new(METHOD_DATA, CLASS_INDICATION));
        Some((address(&message, ATTR_XOR_PEER_ADDRESS), message.get(ATTR_DATA).expect("data")))
    }

    /// Asks as often as UDP may need, and returns the answer.
    fn request(
        &mut self,
        method: Method,
        attributes: &[(AttrType, Vec<u8>)],
        peers: &[SocketAddr],
        signed: bool,
    ) -> Message {
        let mut message = self.message(method, CLASS_REQUEST, attributes, peers);
        if signed {
            message.add(ATTR_USERNAME, self.username.as_bytes());
            message.add(ATTR_REALM, self.realm.as_bytes());
            message.add(ATTR_NONCE, &self.nonce);
            let provider = default_provider().expect("cryptography");
            MessageIntegrity::new_long_term_integrity_with_provider(
                self.username.clone(),
                self.realm.clone(),
                self.password.clone(),
                provider.crypto(),
            )
            .and_then(|integrity| integrity.add_to(&mut message))
            .expect("signed");
        }
        for _ in 0..20 {
            self.way.send(&message.raw);
            while let Some(octets) = self.way.receive() {
                let answer = decoded(octets);
                if answer.transaction_id == message.transaction_id {
                    return answer;
                }
            }
        }
        panic!("no answer to {method}");
    }

    fn message(
        &self,
        method: Method,
        class: MessageClass,
        attributes: &[(AttrType, Vec<u8>)],
        peers: &[SocketAddr],
    ) -> Message {
        let mut message = Message::new();
        message.set_type(MessageType::new(method, class));
        message.new_transaction_id().expect("random");
        message.write_header();
        for (kind, value) in attributes {
            message.add(*kind, value);
        }
        for peer in peers {
            let peer = XorMappedAddress { ip: peer.ip(), port: peer.port() };
            peer.add_to_as(&mut message, ATTR_XOR_PEER_ADDRESS).expect("an address");
        }
        message
    }
}

fn decoded(octets: Vec<u8>) -> Message {
    let mut message = Message::new();
    message.unmarshal_binary(&octets).expect("a STUN message");
    message
}

fn code(answer: &Message) -> Answer<()> {
    if answer.typ.class == CLASS_SUCCESS_RESPONSE {
        return Ok(());
    }
    let mut error = ErrorCodeAttribute::default();
    error.get_from(answer).expect("a refusal has a code");
    Err(error.code.0)
}

fn address(message: &Message, attribute: AttrType) -> SocketAddr {
    let mut address = XorMappedAddress::default();
    address.get_from_as(message, attribute).expect("an address");
    SocketAddr::new(address.ip, address.port)
}
