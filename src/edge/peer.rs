//! Who asks: the client's address (through trusted proxies), HTTPS or not.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use std::net::{IpAddr, Ipv6Addr};

/// The other end of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    pub address: IpAddr,
    /// The browser speaks HTTPS: to us, or to a trusted proxy.
    pub https: bool,
}

/// Put on requests by the HTTPS listener.
#[derive(Debug, Clone, Copy)]
pub struct Encrypted;

impl Peer {
    /// What limits count by: an IPv4 address, or an IPv6 network of 64 bits, since one household
    /// holds as many addresses of it as it likes.
    pub fn network(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => self.address,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = super::problem::Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get().copied().ok_or_else(super::problem::Problem::internal)
    }
}

/// Walks `X-Forwarded-For` from the right for as long as who added an entry is trusted.
pub(super) fn through_proxies(direct: Peer, headers: &HeaderMap, trusted: &[IpAddr]) -> Peer {
    if !trusted.contains(&direct.address) {
        return direct;
    }
    let forwarded: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map_while(|entry| entry.trim().parse().ok())
        .map(|address: IpAddr| address.to_canonical())
        .collect();
    let address = forwarded.iter().rev().find(|address| !trusted.contains(address)).copied();
    let proto = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    Peer {
        address: address.unwrap_or(direct.address),
        https: direct.https || proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(from: &str, forwarded: &str) -> String {
        let direct = Peer { address: from.parse().unwrap(), https: false };
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let trusted = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        through_proxies(direct, &headers, &trusted).address.to_string()
    }

    #[test]
    fn only_trusted_proxies_speak_for_others() {
        assert_eq!(peer("192.0.2.1", "198.51.100.1"), "192.0.2.1");
        assert_eq!(peer("10.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(peer("10.0.0.1", "203.0.113.9, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(peer("10.0.0.1", "nonsense"), "10.0.0.1");
    }

    #[test]
    fn limits_count_ipv6_by_network() {
        let peer = Peer { address: "2001:db8:1:2:3:4:5:6".parse().unwrap(), https: false };
        assert_eq!(peer.network().to_string(), "2001:db8:1:2::");
    }
}
