//! The SFU: every client uploads once, and this server alone decides who hears whom. The session
//! calls [`Media`]; nothing here knows of people, roles or phases, only of peers and routes.
//!
//! Composed from the parts of the `rtc` project (STUN, DTLS, RTCP, its detectors) under our own
//! forwarding path (docs/decisions/0008). Reading order:
//! - who hears whom: `table`; the loop: `shard`; what it does with a datagram: `switchboard`;
//! - a connection: `peer`, with its `uplink`s and `downlink`s (`rewrite`, `vp8`, `red`);
//! - on the wire: `socket`, `tcp`, `demux` (whose datagram), `allowance` (how many), `ice`, `dtls`,
//!   `srtp`, `packet`; the one negotiation: `offer`, `answer`;
//! - against loss: `nack`, `history`; how it fares: `arrivals` (`statuses`), `reports`, `sender_clock`, `estimate`, `allocate`,
//!   `quality`, `echo`; `event`, `error`, `stats`.
//!
//! What always holds: one negotiation per connection; a peer sends to nobody and receives nothing
//! until it is routed; a packet is forwarded along the table as it is at that moment.

mod allocate;
mod allowance;
mod answer;
mod arrivals;
mod demux;
mod downlink;
mod dtls;
mod echo;
mod error;
mod estimate;
mod event;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod history;
mod ice;
mod nack;
mod offer;
mod packet;
mod peer;
mod quality;
mod red;
mod reports;
mod rewrite;
mod sender_clock;
mod shard;
mod socket;
mod srtp;
mod stats;
mod statuses;
mod switchboard;
mod table;
mod tcp;
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
use answer::Terms;
use dtls::{Dtls, Identity};
use ice::Credentials;
use peer::{Newcomer, Peer};
use shard::{Ask, Shard};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

/// Where the SFU listens.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// The first shard's UDP port; the next ones follow. Port 0 takes any.
    pub listen: SocketAddr,
    /// Where ICE over TCP is accepted, for networks without UDP; one port for all shards.
    pub tcp_listen: Option<SocketAddr>,
    /// What clients are told to send to. Empty: every address of this machine, loopback included.
    pub public: Vec<IpAddr>,
    /// Connections at a time, in each shard.
    pub max_peers: usize,
    /// Threads, each with a port of its own; a room lives on one of them. 1 to 16.
    pub shards: usize,
}

/// Whether clients shall offer their camera in several layers.
pub const SIMULCAST: bool = true;

/// Questions to a shard that wait at a time.
const ASKS: usize = 256;
/// Offers being answered at a time; each takes a while of CPU.
const NEGOTIATIONS: usize = 4;
/// Events of a room that wait at a time. Eight people make a few each.
const EVENTS: usize = 256;
/// Addresses told to a client, of each kind.
const MAX_ADDRESSES: usize = 16;
/// Octets of socket buffer each way, for bursts of key frames.
const SOCKET_BUFFER: usize = 4 << 20;
const MAX_SHARDS: usize = 16;
/// Slots that one client tells the heights of.
const MAX_HEIGHTS: usize = table::VIDEO_SLOTS as usize;

/// A handle to the SFU, cheap to clone.
#[derive(Clone)]
pub struct Media {
    shards: Arc<[Handle]>,
    tcp: Option<SocketAddr>,
    public: Arc<[IpAddr]>,
    identity: Identity,
    /// When the clock of our sender reports began.
    epoch: Instant,
    random: Random,
    negotiations: Arc<Semaphore>,
}

/// One shard's port and its mailbox.
struct Handle {
    local: SocketAddr,
    asks: mpsc::Sender<Ask>,
}

impl Media {
    /// Binds, and runs until `cancel`.
    pub async fn start(
        config: MediaConfig,
        random: Random,
        cancel: CancellationToken,
    ) -> Result<Self, MediaError> {
        let identity = Identity::new().map_err(|error| MediaError::Identity(error.to_string()))?;
        let mut shards = vec![];
        let mut inboxes = vec![];
        for at in 0..config.shards.clamp(1, MAX_SHARDS) {
            let port = config.listen.port();
            let port = if port == 0 { 0 } else { port.checked_add(at as u16).ok_or(MediaError::Ports)? };
            let address = SocketAddr::new(config.listen.ip(), port);
            let failed = |source| MediaError::Listen { address, source };
            let socket = bind(address).map_err(failed)?;
            let local = socket.local_addr().map_err(failed)?;
            let (asks, questions) = mpsc::channel(ASKS);
            let (inbox, frames) = shard::inbox();
            let (identity, cancel, most) = (identity.clone(), cancel.clone(), config.max_peers);
            shard::spawn(at, cancel, move || Shard::new(socket, questions, frames, identity, most))
                .map_err(failed)?;
            shards.push(Handle { local, asks });
            inboxes.push(inbox);
        }
        let tcp = match config.tcp_listen {
            Some(address) => Some(listen_tcp(address, inboxes, cancel).await?),
            None => None,
        };
        Ok(Self {
            shards: shards.into(),
            tcp,
            public: config.public.into(),
            identity,
            epoch: Instant::now(),
            random,
            negotiations: Arc::new(Semaphore::new(NEGOTIATIONS)),
        })
    }

    /// Where the first shard listens: the port that was taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.shards[0].local
    }

    /// Where ICE over TCP is accepted.
    pub fn tcp_addr(&self) -> Option<SocketAddr> {
        self.tcp
    }

    /// Answers an offer. The peer sends to nobody and receives nothing until it is routed.
    pub async fn connect(&self, room: SessionId, peer: PeerId, offer: String) -> Result<String, MediaError> {
        let offer = offer::check(&offer)?;
        let _turn = self.negotiations.acquire().await.map_err(|_| MediaError::Stopped)?;
        let shard = self.shard_of(&room);
        let credentials = Credentials::random(&self.random, shard);
        let dtls = Dtls::new(&self.identity, &offer.fingerprint)
            .map_err(|error| BadOffer::Unanswerable(error.to_string()))?;
        let newcomer =
            Newcomer { id: peer, room, offer, credentials: credentials.clone(), dtls, epoch: self.epoch };
        let made = Peer::new(Instant::now(), newcomer, &self.random);
        let answer = self.answer(shard, &credentials, &made);
        self.ask(shard, |reply| Ask::Add { peer: Box::new(made), reply }).await??;
        Ok(answer)
    }

    /// Answers an ICE restart: the same connection, keys and routes, new credentials. The sections
    /// must be those of the first offer.
    pub async fn restart(&self, peer: PeerId, offer: String) -> Result<String, MediaError> {
        let offer = offer::check(&offer)?;
        for shard in 0..self.shards.len() {
            let credentials = Credentials::random(&self.random, shard);
            let (media, fresh, offer) = (self.clone(), credentials.clone(), offer.clone());
            let write: shard::Write = Box::new(move |peer| {
                let same = peer.offer == offer;
                same.then(|| media.answer(shard, &fresh, peer))
            });
            match self.ask(shard, |reply| Ask::Restart { peer, credentials, write, reply }).await? {
                Some(Some(answer)) => return Ok(answer),
                Some(None) => return Err(BadOffer::Session("the sections of the first offer").into()),
                None => {}
            }
        }
        Err(MediaError::Unknown)
    }

    /// How large this peer shows its video slots, in device pixels of height; 0 is hidden.
    pub async fn show(&self, peer: PeerId, mut heights: Vec<(Slot, u16)>) {
        heights.truncate(MAX_HEIGHTS);
        for shard in self.shards.iter() {
            // A stopped server shows nothing.
            let _ = shard.asks.send(Ask::Show { peer, heights: heights.clone() }).await;
        }
    }

    /// Replaces the room's whole routing table. When the future resolves, no packet is forwarded
    /// along the old one any more. On an error the room is silent. Peers that are gone are left out.
    pub async fn route(&self, room: SessionId, table: Vec<Route>) -> Result<(), MediaError> {
        let shard = self.shard_of(&room);
        self.ask(shard, |reply| Ask::Route { room, table, reply }).await?
    }

    /// Ends a connection; its id is free when the future resolves.
    pub async fn disconnect(&self, peer: PeerId) {
        for shard in 0..self.shards.len() {
            // A stopped server has no connections.
            let _ = self.ask(shard, |reply| Ask::Disconnect { peer, reply }).await;
        }
    }

    /// What happens to this room's connections from now on. A later subscription ends an earlier
    /// one; so does falling behind by 256 events: subscribe again then, and take stock.
    pub async fn events(&self, room: SessionId) -> Result<mpsc::Receiver<Event>, MediaError> {
        let (to, events) = mpsc::channel(EVENTS);
        let shard = &self.shards[self.shard_of(&room)];
        shard.asks.send(Ask::Events { room, to }).await.map_err(|_| MediaError::Stopped)?;
        Ok(events)
    }

    /// Of all shards; all zero when the server has stopped.
    pub async fn stats(&self) -> MediaStats {
        let mut sum = MediaStats::default();
        for shard in 0..self.shards.len() {
            sum += self.ask(shard, |reply| Ask::Stats { reply }).await.unwrap_or_default();
        }
        sum
    }

    /// Resolves when the loops have ended and every client was told.
    pub async fn stopped(&self) {
        for shard in self.shards.iter() {
            shard.asks.closed().await;
        }
    }

    async fn ask<T>(
        &self,
        shard: usize,
        make: impl FnOnce(oneshot::Sender<T>) -> Ask,
    ) -> Result<T, MediaError> {
        let (reply, answer) = oneshot::channel();
        self.shards[shard].asks.send(make(reply)).await.map_err(|_| MediaError::Stopped)?;
        answer.await.map_err(|_| MediaError::Stopped)
    }

    /// A room lives on one shard.
    fn shard_of(&self, room: &SessionId) -> usize {
        let mut hasher = DefaultHasher::new();
        room.hash(&mut hasher);
        (hasher.finish() % self.shards.len() as u64) as usize
    }

    fn answer(&self, shard: usize, credentials: &Credentials, peer: &Peer) -> String {
        let terms = Terms {
            credentials,
            fingerprint: &self.identity.fingerprint,
            udp: &self.addresses(self.shards[shard].local),
            tcp: &self.tcp.map(|tcp| self.addresses(tcp)).unwrap_or_default(),
            streams: &peer.ssrcs,
        };
        answer::write(&peer.offer, &terms)
    }

    /// Read anew for every client: laptops change networks.
    fn addresses(&self, local: SocketAddr) -> Vec<SocketAddr> {
        let ips = if !self.public.is_empty() {
            self.public.to_vec()
        } else if local.ip().is_unspecified() {
            interface_addresses()
        } else {
            vec![local.ip()]
        };
        let reachable = |ip: &IpAddr| local.is_ipv6() || ip.is_ipv4();
        let ips = ips.into_iter().filter(reachable).take(MAX_ADDRESSES);
        ips.map(|ip| SocketAddr::new(ip, local.port())).collect()
    }
}

async fn listen_tcp(
    address: SocketAddr,
    shards: Vec<mpsc::Sender<tcp::Frame>>,
    cancel: CancellationToken,
) -> Result<SocketAddr, MediaError> {
    let failed = |source| MediaError::Listen { address, source };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    tokio::spawn(tcp::accept(listener, shards, Credentials::shard_of, cancel));
    Ok(local)
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
