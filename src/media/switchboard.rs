//! Everything one shard knows, and what it does with a datagram, a command or the passing of time.
//! `shard` owns one and calls it from its loop; nothing in here waits.
//!
//! What always holds: what is forwarded goes into the receivers' outboxes and is sent before the next
//! command is taken, so that nothing is under way along a table that was replaced; a room whose new
//! table is refused is silent; what a parser does on one client's packet ends at most that client's
//! connection.

mod tending;

use super::allocate::Allocator;
use super::allowance::Allowance;
use super::demux::{self, AddressBook, Kind, Way};
use super::dtls::Identity;
use super::echo::Echo;
use super::error::MediaError;
use super::event::{Event, Why};
use super::ice::{self, Credentials};
use super::peer::{Peer, Shaken, Wish};
use super::quality::Video;
use super::rewrite::Held;
use super::socket::Socket;
use super::stats::MediaStats;
use super::table::{self, Change, PeerId, Route, Slot, Table, Track};
use super::tcp::Connections;
use super::uplink::{Incoming, Need, Unusable};
use crate::ids::SessionId;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;
use tokio::sync::mpsc;

pub struct Switchboard {
    identity: Identity,
    max_peers: usize,
    peers: HashMap<PeerId, Box<Seat>>,
    book: AddressBook,
    table: Table,
    rooms: HashMap<SessionId, Room>,
    /// Peers with something in their outbox.
    waiting: Vec<PeerId>,
    /// Ended, with a goodbye to send.
    leaving: Vec<Peer>,
    pub stats: MediaStats,
}

/// A connection, and what is decided about it.
struct Seat {
    peer: Peer,
    /// For requests in its name from addresses that aren't its own yet: who has overheard the name
    /// takes nothing from what the client itself may send.
    strangers: Allowance,
    allocator: Allocator,
    allocated: Instant,
    heights: HashMap<Slot, u16>,
    video: Video,
    video_wanted: bool,
    /// Bits per second that would let it have what it lacks.
    wanted: Option<u32>,
    queued: bool,
}

struct Room {
    events: Option<mpsc::Sender<Event>>,
    echo: Echo,
    peers: usize,
}

impl Switchboard {
    pub fn new(identity: Identity, max_peers: usize) -> Self {
        Self {
            identity,
            max_peers,
            peers: HashMap::new(),
            book: AddressBook::default(),
            table: Table::default(),
            rooms: HashMap::new(),
            waiting: Vec::new(),
            leaving: Vec::new(),
            stats: MediaStats::default(),
        }
    }

    // ---- commands ---------------------------------------------------------------------

    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    pub fn add(&mut self, now: Instant, peer: Peer) -> Result<(), MediaError> {
        if self.peers.contains_key(&peer.id) {
            return Err(MediaError::Exists);
        }
        if self.peers.len() >= self.max_peers {
            return Err(MediaError::Full);
        }
        self.book.add(peer.id, peer.credentials.ufrag.clone());
        self.room(now, &peer.room).peers += 1;
        self.stats.peers_total += 1;
        let seat = Seat {
            peer,
            strangers: Allowance::new(now),
            allocator: Allocator::default(),
            allocated: now,
            heights: HashMap::new(),
            video: Video::Full,
            video_wanted: false,
            wanted: None,
            queued: false,
        };
        self.peers.insert(seat.peer.id, Box::new(seat));
        Ok(())
    }

    /// New credentials for an ICE restart, if an answer is written; a refused one leaves the old ones.
    pub fn restart(
        &mut self,
        id: PeerId,
        credentials: Credentials,
        write: impl FnOnce(&Peer) -> Option<String>,
    ) -> Option<Option<String>> {
        let seat = self.peers.get_mut(&id)?;
        let answer = write(&seat.peer);
        if answer.is_some() {
            self.book.rename(id, credentials.ufrag.clone());
            seat.peer.rename(credentials);
        }
        Some(answer)
    }

    pub fn show(&mut self, now: Instant, id: PeerId, heights: Vec<(Slot, u16)>) {
        let Some(seat) = self.peers.get_mut(&id) else { return };
        seat.heights.extend(heights.into_iter().filter(|(slot, _)| slot.exists() && !slot.is_audio()));
        self.allocate(now, id);
    }

    pub fn route(&mut self, now: Instant, room: &SessionId, wished: Vec<Route>) -> Result<(), MediaError> {
        let room_of = |peer| self.peers.get(&peer).map(|seat| seat.peer.room.clone());
        let (routes, result) = match table::check(room, wished, room_of) {
            Ok(routes) => (routes, Ok(())),
            Err(bad) => (vec![], Err(MediaError::Route(bad))),
        };
        let changes = self.table.replace(room, routes);
        self.apply(now, &changes);
        result
    }

    fn apply(&mut self, now: Instant, changes: &[Change]) {
        let mut receivers: Vec<PeerId> = vec![];
        for Change { to, slot, source } in changes {
            let after = source.map(|(from, track)| {
                let from = self.peers.get(&from).map(|seat| &seat.peer);
                from.map(|from| from.newest(track)).unwrap_or_default()
            });
            if let Some(seat) = self.peers.get_mut(to) {
                seat.peer.downlinks[slot.index()].switch(after);
            }
            if !receivers.contains(to) {
                receivers.push(*to);
            }
        }
        for receiver in receivers {
            self.allocate(now, receiver);
        }
    }

    pub fn remove(&mut self, now: Instant, id: PeerId, why: Why) {
        let Some(seat) = self.peers.get_mut(&id) else { return };
        seat.peer.close(now);
        let room = seat.peer.room.clone();
        // Its goodbye is sent with the burst; it is forgotten with it.
        self.queue(id);
        self.book.forget(id);
        let changes = self.table.forget(&room, id);
        self.apply(now, &changes);
        self.tell(&room, Event::Gone { peer: id, why });
        if let Some(known) = self.rooms.get_mut(&room) {
            known.echo.gone(id);
            known.peers = known.peers.saturating_sub(1);
        }
        if let Some(seat) = self.peers.remove(&id) {
            self.leaving.push(seat.peer);
        }
        self.tidy(&room);
    }

    pub fn remove_all(&mut self, now: Instant) {
        for id in self.peers.keys().copied().collect::<Vec<_>>() {
            self.remove(now, id, Why::Disconnected);
        }
    }

    pub fn subscribe(&mut self, now: Instant, room: SessionId, to: mpsc::Sender<Event>) {
        self.rooms.retain(|_, room| room.peers > 0 || room.events.as_ref().is_some_and(|to| !to.is_closed()));
        self.room(now, &room).events = Some(to);
    }

    fn room(&mut self, now: Instant, room: &SessionId) -> &mut Room {
        self.rooms.entry(room.clone()).or_insert_with(|| Room {
            events: None,
            echo: Echo::new(now),
            peers: 0,
        })
    }

    /// A room that nobody is in and nobody listens to is forgotten.
    fn tidy(&mut self, room: &SessionId) {
        if self.rooms.get(room).is_some_and(|room| room.peers == 0 && room.events.is_none()) {
            self.rooms.remove(room);
        }
    }

    /// A subscriber that doesn't read loses its subscription, which it notices.
    fn tell(&mut self, room: &SessionId, event: Event) {
        let Some(known) = self.rooms.get_mut(room) else { return };
        let Some(to) = &known.events else { return };
        if to.try_send(event).is_err() {
            self.stats.dropped.events += 1;
            known.events = None;
        }
    }

    pub fn count(&self) -> MediaStats {
        MediaStats {
            peers: self.peers.len() as u64,
            connected: self.peers.values().filter(|seat| seat.peer.connected()).count() as u64,
            routes: self.table.len() as u64,
            ..self.stats
        }
    }

    // ---- datagrams --------------------------------------------------------------------

    /// Takes one datagram; decrypts it where it lies. An answer to STUN is to be sent at once.
    pub fn take(&mut self, now: Instant, from: Way, datagram: &mut [u8]) -> Option<Vec<u8>> {
        self.stats.packets_in += 1;
        self.stats.octets_in += datagram.len() as u64;
        match demux::look(datagram) {
            Kind::Malformed => self.stats.dropped.malformed += 1,
            Kind::Request { ufrag, nominates } => {
                let Some(id) = self.book.by_ufrag(ufrag) else {
                    self.stats.dropped.unknown_ufrag += 1;
                    return None;
                };
                return self.on_request(now, from, id, ufrag, nominates, datagram);
            }
            kind => {
                let Some(id) = self.book.by_way(from) else {
                    self.stats.dropped.unvalidated += 1;
                    return None;
                };
                let seat = self.peers.get_mut(&id)?;
                if !seat.peer.may_send(now, datagram.len()) {
                    self.stats.dropped.too_much += 1;
                    return None;
                }
                if kind == Kind::Dtls {
                    self.on_handshake(now, id, datagram);
                } else if super::packet::is_rtcp(datagram) {
                    self.on_control(now, from, id, datagram);
                } else {
                    self.on_media(now, from, id, datagram);
                }
            }
        }
        None
    }

    fn on_request(
        &mut self,
        now: Instant,
        from: Way,
        id: PeerId,
        ufrag: &str,
        nominates: bool,
        datagram: &[u8],
    ) -> Option<Vec<u8>> {
        if !self.book.admits(id, from) {
            self.stats.dropped.too_much += 1;
            return None;
        }
        let known = self.book.by_way(from) == Some(id);
        let seat = self.peers.get_mut(&id)?;
        let octets = datagram.len();
        let allowed = if known { seat.peer.may_send(now, octets) } else { seat.strangers.take(now, octets) };
        if !allowed {
            self.stats.dropped.too_much += 1;
            return None;
        }
        let crypto = self.identity.crypto();
        let password = seat.peer.password(ufrag)?;
        let answer = || ice::answer(datagram, from.address(), password, crypto);
        match guarded(answer) {
            Ok(Some(answer)) => {
                seat.peer.validated(now, from, nominates);
                self.book.validate(id, from);
                Some(answer)
            }
            Ok(None) => {
                self.stats.dropped.forged += 1;
                None
            }
            Err(Panicked) => {
                self.panicked(now, id);
                None
            }
        }
    }

    fn on_handshake(&mut self, now: Instant, id: PeerId, datagram: &[u8]) {
        let Some(seat) = self.peers.get_mut(&id) else { return };
        match guarded(|| seat.peer.shake(now, datagram)) {
            Ok(Shaken::Nothing) => self.queue(id),
            Ok(Shaken::Connected) => {
                let room = seat.peer.room.clone();
                self.queue(id);
                self.tell(&room, Event::Connected { peer: id });
                self.allocate(now, id);
            }
            Ok(Shaken::Closed) => self.remove(now, id, Why::Closed),
            Err(Panicked) => self.panicked(now, id),
        }
    }

    fn on_control(&mut self, now: Instant, from: Way, id: PeerId, datagram: &[u8]) {
        let Some(seat) = self.peers.get_mut(&id) else { return };
        match guarded(|| seat.peer.control(now, from, datagram)) {
            Ok(Ok(wishes)) => {
                for wish in wishes {
                    self.fulfil(now, id, wish);
                }
            }
            Ok(Err(unusable)) => self.count_unusable(unusable),
            Err(Panicked) => self.panicked(now, id),
        }
    }

    fn fulfil(&mut self, now: Instant, id: PeerId, wish: Wish) {
        match wish {
            Wish::KeyFrame(slot) => {
                let layer = self.peers.get(&id).and_then(|seat| seat.peer.downlinks[slot.index()].wanted());
                if let (Some((source, track)), Some(layer)) = (self.table.source(id, slot), layer) {
                    self.ask_for_key_frame(now, source, track, layer, Need::Loss);
                }
            }
            Wish::Again(slot, lost) => {
                let Some((source, track)) = self.table.source(id, slot) else { return };
                let [Some(to), Some(from)] = self.peers.get_disjoint_mut([&id, &source]) else { return };
                let Some(layer) = to.peer.downlinks[slot.index()].layer() else { return };
                let Some(history) = from.peer.history(track, layer) else { return };
                for sequence in lost {
                    if to.peer.resend(now, slot, sequence, history) {
                        self.stats.resent += 1;
                    }
                }
                self.queue(id);
            }
        }
    }

    fn on_media(&mut self, now: Instant, from: Way, id: PeerId, datagram: &mut [u8]) {
        let Some(seat) = self.peers.get_mut(&id) else { return };
        let packet = match seat.peer.open(now, from, datagram) {
            Ok(packet) => packet,
            Err(unusable) => return self.count_unusable(unusable),
        };
        if let (Some(level), Some(room)) = (packet.level, self.rooms.get_mut(&seat.peer.room)) {
            room.echo.heard(id, now, level & 0x7f);
        }
        if packet.first {
            let room = seat.peer.room.clone();
            self.tell(&room, Event::Flowing { peer: id, track: packet.track });
            let waiting: Vec<_> = self.table.listeners(id, packet.track).iter().map(|(to, _)| *to).collect();
            for to in waiting {
                self.allocate(now, to);
            }
        }
        self.forward(now, id, &packet, datagram);
    }

    /// Puts a packet into the outbox of everyone who may receive it now.
    fn forward(&mut self, now: Instant, from: PeerId, packet: &Incoming, datagram: &[u8]) {
        let listeners = self.table.listeners(from, packet.track);
        if listeners.is_empty() {
            self.stats.dropped.unrouted += 1;
        }
        let mut key_frame_wanted = false;
        for (to, slot) in listeners {
            let Some(seat) = self.peers.get_mut(to) else { continue };
            match seat.peer.forward(now, *slot, packet, datagram) {
                Ok(()) => {
                    self.stats.forwarded += 1;
                    if !std::mem::replace(&mut seat.queued, true) {
                        self.waiting.push(*to);
                    }
                }
                Err(Held::Silent) => self.stats.dropped.unrouted += 1,
                Err(Held::Late) => self.stats.dropped.late += 1,
                Err(Held::OtherLayer) => self.stats.dropped.other_layer += 1,
                Err(Held::Paused) => self.stats.dropped.paused += 1,
                Err(Held::NoKeyFrame) => {
                    self.stats.dropped.before_key_frame += 1;
                    key_frame_wanted = true;
                }
            }
        }
        if key_frame_wanted {
            self.ask_for_key_frame(now, from, packet.track, packet.layer, Need::Switch);
        }
    }

    fn ask_for_key_frame(&mut self, now: Instant, from: PeerId, track: Track, layer: u8, need: Need) {
        let Some(seat) = self.peers.get_mut(&from) else { return };
        if seat.peer.ask_for_key_frame(now, track, layer, need) {
            self.stats.key_frames_requested += 1;
            self.queue(from);
        }
    }

    fn count_unusable(&mut self, unusable: Unusable) {
        match unusable {
            Unusable::Forged => self.stats.dropped.forged += 1,
            Unusable::Unexpected => self.stats.dropped.unexpected += 1,
            Unusable::Repeated => self.stats.dropped.repeated += 1,
            Unusable::Probe => {}
        }
    }

    fn panicked(&mut self, now: Instant, id: PeerId) {
        tracing::error!(peer = id.0, "a parser panicked; the connection was ended");
        self.stats.panics += 1;
        self.remove(now, id, Why::Closed);
    }

    // ---- sending ----------------------------------------------------------------------

    fn queue(&mut self, id: PeerId) {
        let Some(seat) = self.peers.get_mut(&id).filter(|seat| !seat.peer.outbox.is_empty()) else { return };
        if !std::mem::replace(&mut seat.queued, true) {
            self.waiting.push(id);
        }
    }

    /// Sends what stands in the outboxes.
    pub fn flush(&mut self, socket: &Socket, tcp: &mut Connections) {
        let mut waiting = std::mem::take(&mut self.waiting);
        for id in waiting.drain(..) {
            let Some(seat) = self.peers.get_mut(&id) else { continue };
            seat.queued = false;
            send(&mut self.stats, &mut seat.peer, socket, tcp);
        }
        self.waiting = waiting;
        for mut peer in std::mem::take(&mut self.leaving) {
            send(&mut self.stats, &mut peer, socket, tcp);
        }
    }

    /// Whether this connection over TCP is somebody's.
    pub fn knows(&self, way: Way) -> bool {
        self.book.by_way(way).is_some()
    }
}

fn send(stats: &mut MediaStats, peer: &mut Peer, socket: &Socket, tcp: &mut Connections) {
    match peer.way {
        Some(Way::Udp(to)) => socket.send_all(stats, to, &peer.outbox),
        Some(Way::Tcp(to)) => tcp.send_all(stats, to, &peer.outbox),
        None => {}
    }
    peer.outbox.clear();
}

struct Panicked;

/// The library's parsers are not ours: what one does on a hostile packet must not end the others.
fn guarded<T>(act: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|_| Panicked)
}
