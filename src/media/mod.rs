//! The SFU: every client uploads once, and this server alone decides who hears whom. The session
//! calls [`Media`]; nothing here knows of people, roles or phases, only of peers and routes.
//!
//! Reading order: `table` (who hears whom), `shard` (the loop), `switchboard` (what it does with a
//! datagram), `peer` (one connection) with its
//! `uplink`s and `downlink`s, `rewrite` and `vp8` (a packet in its slot), `demux` (whose datagram)
//! and `allowance` (how many), `offer` and `negotiate` (the one offer and answer), `interceptor`
//! (what the library leaves out), `quality` (how good a connection is), `echo` (whose microphone returns
//! what others say), `event`, `error`, `stats`.
//!
//! What always holds: one negotiation per connection; a peer sends to nobody and receives nothing
//! until it is routed; a packet is forwarded along the table as it is at that moment.

mod allocate;
mod allowance;
mod arrivals;
mod demux;
mod downlink;
mod echo;
mod error;
mod estimate;
mod event;
mod history;
mod interceptor;
mod nack;
mod negotiate;
mod offer;
mod peer;
mod quality;
mod reports;
mod rewrite;
mod sender_clock;
mod shard;
mod stats;
mod statuses;
mod switchboard;
mod table;
mod uplink;
mod vp8;

pub use error::MediaError;
pub use event::{Event, Why};
pub use offer::{BadOffer, MAX_OFFER};
pub use quality::{Grade, Quality, Reason, Video};
pub use stats::{Dropped, MediaStats};
pub use table::{AUDIO_SLOTS, BadRoute, PeerId, Route, Slot, Track, VIDEO_SLOTS};

use crate::ids::SessionId;
use crate::random::Random;
use peer::Peer;
use shard::{Ask, Shard};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Where the SFU listens.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// One UDP port for everything; port 0 takes any.
    pub listen: SocketAddr,
    /// What clients are told to send to. Empty: every address of this machine, loopback included.
    pub public: Vec<IpAddr>,
    /// Connections at a time.
    pub max_peers: usize,
}

/// Whether clients shall offer their camera in several layers.
pub const SIMULCAST: bool = false;

/// Questions to the shard that wait at a time.
const ASKS: usize = 256;
/// Offers being answered at a time; each takes milliseconds of CPU.
const NEGOTIATIONS: usize = 4;
/// Events of a room that wait at a time. Eight people make a few each.
const EVENTS: usize = 256;
/// Addresses told to a client.
const MAX_ADDRESSES: usize = 16;
/// Octets of socket buffer each way, for bursts of key frames.
const SOCKET_BUFFER: usize = 4 << 20;

/// A handle to the SFU, cheap to clone.
#[derive(Clone)]
pub struct Media {
    asks: mpsc::Sender<Ask>,
    local: SocketAddr,
    public: Arc<[IpAddr]>,
    random: Random,
    negotiations: Arc<Semaphore>,
}

impl Media {
    /// Binds, and runs until `cancel`.
    pub async fn start(
        config: MediaConfig,
        random: Random,
        cancel: CancellationToken,
    ) -> Result<Self, MediaError> {
        let failed = |source| MediaError::Listen { address: config.listen, source };
        let socket = bind(config.listen).map_err(failed)?;
        let local = socket.local_addr().map_err(failed)?;
        let (asks, inbox) = mpsc::channel(ASKS);
        let shard = Shard::new(socket, inbox, config.max_peers).map_err(failed)?;
        tokio::spawn(shard.run(cancel));
        Ok(Self {
            asks,
            local,
            public: config.public.into(),
            random,
            negotiations: Arc::new(Semaphore::new(NEGOTIATIONS)),
        })
    }

    /// Where it listens: the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Answers an offer. The peer sends to nobody and receives nothing until it is routed.
    pub async fn connect(&self, room: SessionId, peer: PeerId, offer: String) -> Result<String, MediaError> {
        let offer = offer::check(&offer)?;
        let _turn = self.negotiations.acquire().await.map_err(|_| MediaError::Stopped)?;
        let (random, addresses) = (self.random.clone(), self.addresses());
        // In a thread of its own: it takes milliseconds, and a panic in the library's parser ends
        // there.
        let (peer, answer) = tokio::task::spawn_blocking(move || {
            let now = Instant::now();
            let mut negotiated = negotiate::negotiate(now, &offer, &addresses, &random)?;
            let answer = std::mem::take(&mut negotiated.answer);
            Ok::<_, BadOffer>((Peer::new(now, peer, room, negotiated, addresses, &random), answer))
        })
        .await
        .map_err(|_| BadOffer::Unanswerable("it can't be understood".to_owned()))??;
        self.ask(|reply| Ask::Add { peer: Box::new(peer), reply }).await??;
        Ok(answer)
    }

    /// Answers an ICE restart: the same connection, keys and routes, new credentials.
    pub async fn restart(&self, peer: PeerId, offer: String) -> Result<String, MediaError> {
        offer::check(&offer)?;
        let _ = peer;
        Err(MediaError::Unknown)
    }

    /// How large this peer shows its video slots, in device pixels of height; 0 is hidden.
    pub async fn show(&self, peer: PeerId, heights: Vec<(Slot, u16)>) {
        let _ = (peer, heights);
    }

    /// Replaces the room's whole routing table. When the future resolves, no packet is forwarded
    /// along the old one any more. On an error the room is silent. Peers that are gone are left out.
    pub async fn route(&self, room: SessionId, table: Vec<Route>) -> Result<(), MediaError> {
        self.ask(|reply| Ask::Route { room, table, reply }).await?
    }

    /// Ends a connection; its id is free when the future resolves.
    pub async fn disconnect(&self, peer: PeerId) {
        // A stopped server has no connections.
        let _ = self.ask(|reply| Ask::Disconnect { peer, reply }).await;
    }

    /// What happens to this room's connections from now on. A later subscription ends an earlier
    /// one; so does falling behind by 256 events: subscribe again then, and take stock.
    pub async fn events(&self, room: SessionId) -> Result<mpsc::Receiver<Event>, MediaError> {
        let (to, events) = mpsc::channel(EVENTS);
        self.asks.send(Ask::Events { room, to }).await.map_err(|_| MediaError::Stopped)?;
        Ok(events)
    }

    /// All zero when the server has stopped.
    pub async fn stats(&self) -> MediaStats {
        self.ask(|reply| Ask::Stats { reply }).await.unwrap_or_default()
    }

    /// Resolves when the loop has ended and every client was told.
    pub async fn stopped(&self) {
        self.asks.closed().await;
    }

    async fn ask<T>(&self, make: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, MediaError> {
        let (reply, answer) = oneshot::channel();
        self.asks.send(make(reply)).await.map_err(|_| MediaError::Stopped)?;
        answer.await.map_err(|_| MediaError::Stopped)
    }

    /// Read anew for every client: laptops change networks.
    fn addresses(&self) -> Vec<SocketAddr> {
        let every = self.local.ip().is_unspecified();
        let ips = if !self.public.is_empty() {
            self.public.to_vec()
        } else if every {
            interface_addresses()
        } else {
            vec![self.local.ip()]
        };
        let reachable = |ip: &IpAddr| self.local.is_ipv6() || ip.is_ipv4();
        let ips = ips.into_iter().filter(reachable).take(MAX_ADDRESSES);
        ips.map(|ip| SocketAddr::new(ip, self.local.port())).collect()
    }
}

fn bind(address: SocketAddr) -> std::io::Result<std::net::UdpSocket> {
    use socket2::{Domain, Protocol, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    // The system may grant less; that costs packets under load, not correctness.
    let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Addresses of the network first, then loopback; none that needs a zone.
fn interface_addresses() -> Vec<IpAddr> {
    let mut ips: Vec<IpAddr> = match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.into_iter().map(|interface| interface.ip()).collect(),
        Err(error) => {
            tracing::warn!(%error, "the addresses of this machine can't be read");
            vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]
        }
    };
    ips.retain(|ip| !matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()));
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6()));
    ips
}
