//! ICE as a lite agent does it (RFC 8445 §2.5): we answer the client's connectivity checks and never
//! check ourselves. `peer` holds the [`Credentials`]; an ICE restart replaces them.
//!
//! What always holds: a request is answered only with a valid MESSAGE-INTEGRITY, and whoever was
//! answered may be sent to.

use crate::random::Random;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use rtc::crypto::RTCCrypto;
use rtc::stun::fingerprint::FINGERPRINT;
use rtc::stun::integrity::MessageIntegrity;
use rtc::stun::message::{BINDING_SUCCESS, Message, Setter};
use rtc::stun::xoraddr::XorMappedAddress;
use std::net::SocketAddr;

/// Our user fragment, by which requests name the peer, and the password that signs them.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub ufrag: String,
    pub password: String,
}

impl Credentials {
    /// The user fragment begins with the shard's letter.
    pub fn random(random: &Random, shard: usize) -> Self {
        let letter = char::from(b'a' + shard as u8);
        Self {
            ufrag: format!("{letter}{}", STANDARD_NO_PAD.encode(random.bytes::<9>())),
            password: STANDARD_NO_PAD.encode(random.bytes::<18>()),
        }
    }

    /// Whose client names us so.
    pub fn shard_of(ufrag: &str) -> Option<usize> {
        ufrag.bytes().next().and_then(|letter| letter.checked_sub(b'a')).map(usize::from)
    }
}

/// The answer to a binding request from there; nothing if it wasn't signed with this password.
pub fn answer(request: &[u8], from: SocketAddr, password: &str, crypto: &dyn RTCCrypto) -> Option<Vec<u8>> {
    let mut message = Message::new();
    message.unmarshal_binary(request).ok()?;
    MessageIntegrity::check(&mut message, password.as_bytes(), crypto).ok()?;
    let integrity = MessageIntegrity::new_short_term_integrity_with_provider(password.to_owned(), crypto);
    // RFC 8445 §7.3.1.3: the address as it was seen, IPv4 in its own form.
    let address = XorMappedAddress { ip: from.ip().to_canonical(), port: from.port() };
    let mut response = Message::new();
    let id = message.transaction_id;
    let parts: [&dyn Setter; 5] = [&id, &BINDING_SUCCESS, &address, &integrity, &FINGERPRINT];
    response.reset();
    response.write_header();
    for part in parts {
        part.add_to(&mut response).ok()?;
    }
    Some(response.raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtc::stun::attributes::ATTR_USERNAME;
    use rtc::stun::message::{BINDING_REQUEST, Getter, TransactionId};
    use rtc::stun::textattrs::TextAttribute;

    fn request(password: &str) -> Vec<u8> {
        let provider = rtc::crypto::default_provider().expect("a provider");
        let mut message = Message::new();
        let integrity =
            MessageIntegrity::new_short_term_integrity_with_provider(password.to_owned(), provider.crypto());
        message
            .build(&[
                Box::new(BINDING_REQUEST),
                Box::new(TransactionId([7; 12])),
                Box::new(TextAttribute::new(ATTR_USERNAME, "ours:theirs".into())),
                Box::new(integrity),
                Box::new(FINGERPRINT),
            ])
            .expect("a request");
        message.raw
    }

    #[test]
    fn a_signed_request_is_answered_with_its_address() {
        let provider = rtc::crypto::default_provider().expect("a provider");
        let crypto = provider.crypto();
        let from: SocketAddr = "[::ffff:192.0.2.7]:4000".parse().expect("an address");
        let answered = answer(&request("secret"), from, "secret", crypto).expect("answered");
        let mut message = Message::new();
        message.unmarshal_binary(&answered).expect("STUN");
        assert_eq!((message.typ, message.transaction_id), (BINDING_SUCCESS, TransactionId([7; 12])));
        let mut address = XorMappedAddress::default();
        address.get_from(&message).expect("an address");
        assert_eq!((address.ip, address.port), ("192.0.2.7".parse().expect("an address"), 4000));
        FINGERPRINT.check(&message).expect("a fingerprint");
        MessageIntegrity::check(&mut message, b"secret", crypto).expect("signed");
    }

    #[test]
    fn other_requests_are_not() {
        let provider = rtc::crypto::default_provider().expect("a provider");
        let from: SocketAddr = "192.0.2.7:4000".parse().expect("an address");
        let ask = |datagram: &[u8]| answer(datagram, from, "secret", provider.crypto());
        assert_eq!(ask(&request("guess")), None);
        assert_eq!(ask(&[]), None);
        let good = request("secret");
        for at in 0..good.len() {
            let mut spoilt = good.clone();
            spoilt[at] ^= 1;
            let signed = at < good.len() - 8; // the fingerprint after the signature isn't signed
            assert!(ask(&spoilt).is_none() || !signed, "octet {at}");
        }
    }
}
