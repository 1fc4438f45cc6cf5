//! Everything the SFU knows, and what it does with a datagram, a command or the passing of time.
//! `shard` owns one and calls it from its loop; nothing in here waits.
//!
//! What always holds: a datagram is sent at once or dropped, so that nothing is under way along a
//! table that was replaced; a room whose new table is refused is silent; what the library does on
//! one client's packet ends at most that client's connection.

use super::demux::{self, AddressBook, Kind};
use super::error::MediaError;
use super::event::{Event, Why};
use super::peer::{Output, Overdue, Peer};
use super::rewrite::Held;
use super::stats::MediaStats;
use super::table::{self, Change, PeerId, Route, Slot, Table, Track};
use super::uplink::{Incoming, Need, Unusable};
use crate::ids::SessionId;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;
use tokio::sync::mpsc;

pub struct Switchboard {
    wire: Wire,
    max_peers: usize,
    /// Boxed: they are large, and are taken out while they act on the others.
    peers: HashMap<PeerId, Box<Peer>>,
    /// Whose peer is whose; outlives a connection that the library broke.
    rooms: HashMap<PeerId, SessionId>,
    book: AddressBook,
    table: Table,
    subscribers: HashMap<SessionId, mpsc::Sender<Event>>,
    stats: MediaStats,
}

impl Switchboard {
    pub fn new(socket: UdpSocket, max_peers: usize) -> std::io::Result<Self> {
        Ok(Self {
            wire: Wire { v6: socket.local_addr()?.is_ipv6(), socket },
            max_peers,
            peers: HashMap::new(),
            rooms: HashMap::new(),
            book: AddressBook::default(),
            table: Table::default(),
            subscribers: HashMap::new(),
            stats: MediaStats::default(),
        })
    }

    // ---- commands ---------------------------------------------------------------------

    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    pub fn add(&mut self, peer: Box<Peer>) -> Result<(), MediaError> {
        if self.rooms.contains_key(&peer.id) {
            return Err(MediaError::Exists);
        }
        if self.rooms.len() >= self.max_peers {
            return Err(MediaError::Full);
        }
        self.book.add(peer.id, peer.ufrag.clone());
        self.rooms.insert(peer.id, peer.room.clone());
        self.peers.insert(peer.id, peer);
        self.stats.peers_total += 1;
        Ok(())
    }

    pub fn route(&mut self, now: Instant, room: &SessionId, wished: Vec<Route>) -> Result<(), MediaError> {
        let (routes, result) = match table::check(room, wished, |peer| self.rooms.get(&peer).cloned()) {
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
                self.ask_for_key_frame(now, from, track, Need::Switch);
            }
        }
    }

    pub fn remove(&mut self, now: Instant, id: PeerId, why: Why) {
        let Some(room) = self.rooms.remove(&id) else { return };
        if let Some(mut peer) = self.peers.remove(&id) {
            peer.close();
            self.flush(&mut peer, None);
        }
        self.book.forget(id);
        let changes = self.table.forget(&room, id);
        self.apply(now, changes);
        self.tell(&room, Event::Gone { peer: id, why });
    }

    pub fn remove_all(&mut self, now: Instant) {
        for id in self.rooms.keys().copied().collect::<Vec<_>>() {
            self.remove(now, id, Why::Disconnected);
        }
    }

    pub fn subscribe(&mut self, room: SessionId, to: mpsc::Sender<Event>) {
        self.subscribers.retain(|_, subscriber| !subscriber.is_closed());
        self.subscribers.insert(room, to);
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

    pub fn count(&self) -> MediaStats {
        MediaStats {
            peers: self.peers.len() as u64,
            connected: self.peers.values().filter(|peer| peer.connected).count() as u64,
            routes: self.table.len() as u64,
            ..self.stats
        }
    }

    // ---- datagrams --------------------------------------------------------------------

    pub fn take(&mut self, now: Instant, from: SocketAddr, datagram: &[u8]) {
        self.stats.packets_in += 1;
        self.stats.octets_in += datagram.len() as u64;
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
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
        self.guarded(now, id, |board, mut peer| {
            if !peer.receive(now, from, datagram) {
                board.stats.dropped.too_much += 1;
                return board.put_back(peer);
            }
            let acknowledged = board.flush(&mut peer, Some(from));
            if let Some(nominates) = request
                && acknowledged
            {
                board.book.validate(id, from);
                peer.validated(now, from, nominates);
            }
            board.drain(now, peer, Some(from));
        });
    }

    pub fn tick(&mut self, now: Instant) {
        for id in self.peers.keys().copied().collect::<Vec<_>>() {
            let Some(peer) = self.peers.get(&id) else { continue };
            match peer.overdue(now) {
                Some(Overdue::NeverConnected) => self.remove(now, id, Why::NeverConnected),
                Some(Overdue::Silent) => self.remove(now, id, Why::Silent),
                None => self.guarded(now, id, |board, mut peer| {
                    if peer.tick(now) { board.drain(now, peer, None) } else { board.put_back(peer) }
                }),
            }
        }
    }

    /// Takes a peer out and lets it act. A panic of the library on somebody's packet ends that
    /// connection, not every mediation on this server.
    fn guarded(&mut self, now: Instant, id: PeerId, act: impl FnOnce(&mut Self, Box<Peer>)) {
        let Some(peer) = self.peers.remove(&id) else { return };
        if catch_unwind(AssertUnwindSafe(|| act(self, peer))).is_err() {
            self.stats.panics += 1;
            tracing::error!(peer = id.0, "a connection panicked and was ended");
            self.remove(now, id, Why::Closed);
        }
    }

    fn put_back(&mut self, peer: Box<Peer>) {
        self.peers.insert(peer.id, peer);
    }

    /// Carries out what a connection has brought forth, and puts it back in its place.
    fn drain(&mut self, now: Instant, mut peer: Box<Peer>, from: Option<SocketAddr>) {
        let id = peer.id;
        let mut closed = false;
        let mut lost: Vec<Slot> = vec![];
        while let Some(output) = peer.next_output(now, from) {
            match output {
                Err(Unusable::Unexpected) => self.stats.dropped.unexpected += 1,
                Err(Unusable::Repeated) => self.stats.dropped.repeated += 1,
                Ok(Output::Media(packet)) => self.on_media(now, &mut peer, &packet),
                Ok(Output::KeyFrameWanted(slot)) => lost.push(slot),
                Ok(Output::Connected) => self.tell(&peer.room, Event::Connected { peer: id }),
                Ok(Output::Closed) => closed = true,
            }
        }
        self.flush(&mut peer, None);
        self.put_back(peer);
        for slot in lost {
            if let Some((source, track)) = self.table.source(id, slot) {
                self.ask_for_key_frame(now, source, track, Need::Loss);
            }
        }
        if closed {
            self.remove(now, id, Why::Closed);
        }
    }

    fn on_media(&mut self, now: Instant, peer: &mut Peer, packet: &Incoming) {
        if packet.first {
            self.tell(&peer.room, Event::Flowing { peer: peer.id, track: packet.track });
        }
        let waited_for = self.forward(now, peer.id, packet);
        if waited_for && peer.ask_for_key_frame(now, packet.track, Need::Switch) {
            self.stats.key_frames_requested += 1;
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
                    self.wire.send_all(&mut self.stats, peer);
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

    fn ask_for_key_frame(&mut self, now: Instant, from: PeerId, track: Track, need: Need) {
        if let Some(peer) = self.peers.get_mut(&from)
            && peer.ask_for_key_frame(now, track, need)
        {
            self.stats.key_frames_requested += 1;
            self.wire.send_all(&mut self.stats, peer);
        }
    }

    /// Sends what a connection wants sent. True when it acknowledged a request from `asker`.
    fn flush(&mut self, peer: &mut Peer, asker: Option<SocketAddr>) -> bool {
        let mut acknowledged = false;
        while let Some((to, datagram)) = peer.next_datagram() {
            acknowledged |= Some(to) == asker && demux::acknowledges(&datagram);
            self.wire.send(&mut self.stats, to, &datagram);
        }
        acknowledged
    }
}

/// The socket, for sending at once.
struct Wire {
    socket: UdpSocket,
    /// An IPv6 socket takes IPv4 addresses in their mapped form only.
    v6: bool,
}

impl Wire {
    fn send_all(&self, stats: &mut MediaStats, peer: &mut Peer) {
        while let Some((to, datagram)) = peer.next_datagram() {
            self.send(stats, to, &datagram);
        }
    }

    fn send(&self, stats: &mut MediaStats, to: SocketAddr, datagram: &[u8]) {
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
