//! The loop that owns the socket, the connections and the routing table: one task, no locks.
//! `mod` starts it and talks to it by messages; a later one per core changes nothing in here.
//!
//! What always holds: a datagram is sent at once or dropped, so that nothing is under way along a
//! table that was replaced; a room whose new table is refused is silent.

use super::demux::{self, AddressBook, Kind};
use super::peer::{Incoming, Output, Overdue, Peer, Unusable};
use super::rewrite::Held;
use super::stats::MediaStats;
use super::table::{self, Change, PeerId, Route, Slot, Table, Track};
use super::{Event, MediaError, Why};
use crate::ids::SessionId;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Datagrams taken in one go before commands and timers get their turn.
const BURST: usize = 64;
/// Datagrams taken before a table is replaced: more than a socket buffer of sound holds.
const BEFORE_ROUTE: usize = 4_096;
/// Larger than any datagram that fits an Ethernet frame.
const MAX_DATAGRAM: usize = 2_048;
const TICK: Duration = Duration::from_millis(20);

pub(super) enum Ask {
    Add { peer: Box<Peer>, reply: oneshot::Sender<Result<(), MediaError>> },
    Route { room: SessionId, table: Vec<Route>, reply: oneshot::Sender<Result<(), MediaError>> },
    Disconnect { peer: PeerId, reply: oneshot::Sender<()> },
    Events { room: SessionId, to: mpsc::Sender<Event> },
    Stats { reply: oneshot::Sender<MediaStats> },
}

pub(super) struct Shard {
    /// For reading, in the runtime.
    arrivals: tokio::net::UdpSocket,
    wire: Wire,
    asks: mpsc::Receiver<Ask>,
    max_peers: usize,
    /// Boxed: they are large, and are taken out while they act on the others.
    peers: HashMap<PeerId, Box<Peer>>,
    book: AddressBook,
    table: Table,
    subscribers: HashMap<SessionId, mpsc::Sender<Event>>,
    stats: MediaStats,
}

impl Shard {
    pub(super) fn new(
        socket: UdpSocket,
        asks: mpsc::Receiver<Ask>,
        max_peers: usize,
    ) -> std::io::Result<Self> {
        Ok(Self {
            arrivals: tokio::net::UdpSocket::from_std(socket.try_clone()?)?,
            wire: Wire { v6: socket.local_addr()?.is_ipv6(), socket },
            asks,
            max_peers,
            peers: HashMap::new(),
            book: AddressBook::default(),
            table: Table::default(),
            subscribers: HashMap::new(),
            stats: MediaStats::default(),
        })
    }

    pub(super) async fn run(mut self, cancel: CancellationToken) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut buffer = vec![0; MAX_DATAGRAM];
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                ask = self.asks.recv() => match ask {
                    Some(ask) => self.answer(Instant::now(), ask),
                    None => break,
                },
                _ = ticks.tick(), if !self.peers.is_empty() => self.tick(Instant::now()),
                ready = self.arrivals.readable() => match ready {
                    Ok(()) => self.take_waiting(&mut buffer, BURST),
                    Err(error) => tracing::warn!(%error, "the media socket isn't readable"),
                },
            }
        }
        let all: Vec<PeerId> = self.peers.keys().copied().collect();
        for peer in all {
            self.remove(Instant::now(), peer, Why::Disconnected);
        }
    }

    // ---- commands ---------------------------------------------------------------------

    fn answer(&mut self, now: Instant, ask: Ask) {
        // Whoever asked may have stopped waiting; what was asked for is done all the same.
        match ask {
            Ask::Add { peer, reply } => {
                let id = peer.id;
                let added = self.add(peer);
                let unheard = added.is_ok();
                if reply.send(added).is_err() && unheard {
                    self.remove(now, id, Why::Disconnected);
                }
            }
            Ask::Route { room, table, reply } => {
                // What arrived before belongs to the old table: the last words of a caucus must not
                // be the first ones of the joint room.
                self.take_waiting(&mut vec![0; MAX_DATAGRAM], BEFORE_ROUTE);
                let _ = reply.send(self.route(now, &room, table));
            }
            Ask::Disconnect { peer, reply } => {
                self.remove(now, peer, Why::Disconnected);
                let _ = reply.send(());
            }
            Ask::Events { room, to } => {
                self.subscribers.retain(|_, subscriber| !subscriber.is_closed());
                self.subscribers.insert(room, to);
            }
            Ask::Stats { reply } => {
                let _ = reply.send(self.count());
            }
        }
    }

    fn add(&mut self, peer: Box<Peer>) -> Result<(), MediaError> {
        if self.peers.contains_key(&peer.id) {
            return Err(MediaError::Exists);
        }
        if self.peers.len() >= self.max_peers {
            return Err(MediaError::Full);
        }
        self.book.add(peer.id, peer.ufrag.clone());
        self.peers.insert(peer.id, peer);
        self.stats.peers_total += 1;
        Ok(())
    }

    fn route(&mut self, now: Instant, room: &SessionId, wished: Vec<Route>) -> Result<(), MediaError> {
        let room_of = |peer| self.peers.get(&peer).map(|peer| peer.room.clone());
        let (routes, result) = match table::check(room, wished, room_of) {
            Ok(routes) => (routes, Ok(())),
            Err(bad) => (vec![], Err(MediaError::Route(bad))),
        };
        let changes = self.table.replace(room, routes);
        self.apply(now, changes);
        result
    }

    fn apply(&mut self, now: Instant, changes: Vec<Change>) {
        for Change { to, slot, source } in changes {
            let after = source.map(|(from, track)| self.peers.get(&from).and_then(|from| from.newest(track)));
            if let Some(peer) = self.peers.get_mut(&to) {
                peer.switch(slot, after);
            }
            if let Some((from, track)) = source {
                self.ask_for_key_frame(now, from, track, true);
            }
        }
    }

    fn remove(&mut self, now: Instant, id: PeerId, why: Why) {
        let Some(mut peer) = self.peers.remove(&id) else { return };
        peer.close();
        self.flush(&mut peer, None);
        self.book.forget(id);
        let changes = self.table.forget(&peer.room, id);
        self.apply(now, changes);
        self.tell(&peer.room, Event::Gone { peer: id, why });
    }

    fn count(&self) -> MediaStats {
        MediaStats {
            peers: self.peers.len() as u64,
            connected: self.peers.values().filter(|peer| peer.connected).count() as u64,
            routes: self.table.len() as u64,
            ..self.stats
        }
    }

    fn tell(&mut self, room: &SessionId, event: Event) {
        if let Some(subscriber) = self.subscribers.get(room)
            && subscriber.try_send(event).is_err()
        {
            // Ended rather than waited for: the session sees it and asks anew.
            self.stats.dropped.events += 1;
            self.subscribers.remove(room);
        }
    }

    // ---- packets ----------------------------------------------------------------------

    fn take_waiting(&mut self, buffer: &mut [u8], at_most: usize) {
        for _ in 0..at_most {
            match self.arrivals.try_recv_from(buffer) {
                Ok((length, from)) => {
                    self.stats.packets_in += 1;
                    self.stats.octets_in += length as u64;
                    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
                    self.take(Instant::now(), from, &buffer[..length]);
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(error) => {
                    tracing::debug!(%error, "receiving failed");
                    return;
                }
            }
        }
    }

    fn take(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        let (id, request) = match demux::look(datagram) {
            Kind::Malformed => {
                self.stats.dropped.malformed += 1;
                return;
            }
            Kind::Request { ufrag, nominates } => match self.book.by_ufrag(ufrag) {
                Some(id) if self.book.admits(id, from) => (id, Some(nominates)),
                _ => {
                    self.stats.dropped.unknown_ufrag += 1;
                    return;
                }
            },
            Kind::ByAddress => match self.book.by_address(from) {
                Some(id) => (id, None),
                None => {
                    self.stats.dropped.unvalidated += 1;
                    return;
                }
            },
        };
        let Some(mut peer) = self.peers.remove(&id) else { return };
        peer.receive(now, from, datagram);
        let acknowledged = self.flush(&mut peer, Some(from));
        if let Some(nominates) = request
            && acknowledged
        {
            self.book.validate(id, from);
            peer.validated(now, from, nominates);
        }
        self.drain(now, peer, Some(from));
    }

    fn tick(&mut self, now: Instant) {
        let all: Vec<PeerId> = self.peers.keys().copied().collect();
        for id in all {
            let Some(peer) = self.peers.get_mut(&id) else { continue };
            if let Some(overdue) = peer.overdue(now) {
                let why = match overdue {
                    Overdue::NeverConnected => Why::NeverConnected,
                    Overdue::Silent => Why::Silent,
                };
                self.remove(now, id, why);
            } else if peer.tick(now)
                && let Some(peer) = self.peers.remove(&id)
            {
                self.drain(now, peer, None);
            }
        }
    }

    /// Carries out what a connection has brought forth, and puts it back in its place.
    fn drain(&mut self, now: Instant, mut peer: Box<Peer>, from: Option<SocketAddr>) {
        let id = peer.id;
        let mut closed = false;
        let mut wanted: Vec<(Slot, bool)> = vec![];
        while let Some(output) = peer.next_output(now, from) {
            match output {
                Err(Unusable::Unexpected) => self.stats.dropped.unexpected += 1,
                Err(Unusable::Repeated) => self.stats.dropped.repeated += 1,
                Ok(Output::Media(packet)) => {
                    if packet.first {
                        self.tell(&peer.room, Event::Flowing { peer: id, track: packet.track });
                    }
                    if self.forward(now, id, &packet) && peer.ask_for_key_frame(now, packet.track, true) {
                        self.stats.key_frames_requested += 1;
                    }
                }
                Ok(Output::KeyFrameWanted(slot)) => wanted.push((slot, false)),
                Ok(Output::Connected) => self.tell(&peer.room, Event::Connected { peer: id }),
                Ok(Output::Closed) => closed = true,
            }
        }
        self.flush(&mut peer, None);
        self.peers.insert(id, peer);
        for (slot, because_of_switch) in wanted {
            if let Some((source, track)) = self.table.source(id, slot) {
                self.ask_for_key_frame(now, source, track, because_of_switch);
            }
        }
        if closed {
            self.remove(now, id, Why::Closed);
        }
    }

    /// Sends a packet to everyone who may receive it now. True when somebody waits for a key frame.
    fn forward(&mut self, now: Instant, from: PeerId, packet: &Incoming) -> bool {
        let listeners = self.table.listeners(from, packet.track);
        if listeners.is_empty() {
            self.stats.dropped.unrouted += 1;
        }
        let mut key_frame_wanted = false;
        for (to, slot) in listeners {
            let Some(peer) = self.peers.get_mut(to) else { continue };
            match peer.send(now, *slot, packet) {
                Ok(()) => {
                    self.stats.forwarded += 1;
                    while let Some((address, datagram)) = peer.next_datagram() {
                        self.wire.transmit(&mut self.stats, address, &datagram);
                    }
                }
                Err(Held::Silent) => self.stats.dropped.unrouted += 1,
                Err(Held::Late) => self.stats.dropped.late += 1,
                Err(Held::NoKeyFrame) => {
                    self.stats.dropped.before_key_frame += 1;
                    key_frame_wanted = true;
                }
            }
        }
        key_frame_wanted
    }

    fn ask_for_key_frame(&mut self, now: Instant, from: PeerId, track: Track, because_of_switch: bool) {
        if track.is_audio() {
            return;
        }
        let Some(peer) = self.peers.get_mut(&from) else { return };
        if peer.ask_for_key_frame(now, track, because_of_switch) {
            self.stats.key_frames_requested += 1;
            while let Some((address, datagram)) = peer.next_datagram() {
                self.wire.transmit(&mut self.stats, address, &datagram);
            }
        }
    }

    /// Sends what a connection wants sent. True when it acknowledged a request from `asker`.
    fn flush(&mut self, peer: &mut Peer, asker: Option<SocketAddr>) -> bool {
        let mut acknowledged = false;
        while let Some((to, datagram)) = peer.next_datagram() {
            acknowledged |= Some(to) == asker && demux::acknowledges(&datagram);
            self.wire.transmit(&mut self.stats, to, &datagram);
        }
        acknowledged
    }
}

/// The socket again, for sending at once.
struct Wire {
    socket: UdpSocket,
    /// An IPv6 socket takes IPv4 addresses in their mapped form only.
    v6: bool,
}

impl Wire {
    fn transmit(&self, stats: &mut MediaStats, to: SocketAddr, datagram: &[u8]) {
        let to = match to.ip() {
            IpAddr::V4(ip) if self.v6 => SocketAddr::new(ip.to_ipv6_mapped().into(), to.port()),
            _ => to,
        };
        match self.socket.send_to(datagram, to) {
            Ok(_) => {
                stats.packets_out += 1;
                stats.octets_out += datagram.len() as u64;
            }
            Err(error) => {
                stats.dropped.socket_full += 1;
                tracing::debug!(%error, "a datagram was dropped");
            }
        }
    }
}
