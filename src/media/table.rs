//! Who hears whom, now. The shard asks it for every packet; the session alone writes it.
//!
//! Pure. What always holds: a route joins two peers of one room, a slot has at most one source,
//! and what isn't in the table is not forwarded.

use crate::ids::SessionId;
use std::collections::HashMap;

/// One WebRTC connection. The session allots a fresh one per offer, unique in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerId(pub u64);

/// What a client sends, in the order of its first three m-lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Track {
    Microphone,
    Camera,
    Screen,
}

impl Track {
    pub const ALL: [Self; 3] = [Self::Microphone, Self::Camera, Self::Screen];

    pub fn is_audio(self) -> bool {
        self == Self::Microphone
    }
}

/// Where a client receives: its recvonly m-lines, counted from 0 within their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// 0 to 6.
    Audio(u8),
    /// 0 to 7.
    Video(u8),
}

pub const AUDIO_SLOTS: u8 = 7;
pub const VIDEO_SLOTS: u8 = 8;
pub const SLOTS: usize = AUDIO_SLOTS as usize + VIDEO_SLOTS as usize;

impl Slot {
    pub fn is_audio(self) -> bool {
        matches!(self, Self::Audio(_))
    }

    pub fn exists(self) -> bool {
        match self {
            Self::Audio(n) => n < AUDIO_SLOTS,
            Self::Video(n) => n < VIDEO_SLOTS,
        }
    }

    /// Every slot, in the order of the offer's m-lines.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..AUDIO_SLOTS).map(Self::Audio).chain((0..VIDEO_SLOTS).map(Self::Video))
    }

    /// Position among [`Slot::all`].
    pub fn index(self) -> usize {
        match self {
            Self::Audio(n) => usize::from(n),
            Self::Video(n) => usize::from(AUDIO_SLOTS) + usize::from(n),
        }
    }
}

/// `to` receives `from`'s track in this slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route {
    pub from: PeerId,
    pub track: Track,
    pub to: PeerId,
    pub slot: Slot,
}

/// A table that may not be used. The room is silent then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRoute {
    #[error("sound goes to audio slots, pictures to video slots: {0:?}")]
    WrongKind(Route),
    #[error("there is no such slot: {0:?}")]
    NoSuchSlot(Route),
    #[error("two sources for one slot: {0:?}")]
    SlotTaken(Route),
    #[error("a peer can't receive itself: {0:?}")]
    Echo(Route),
    #[error("peer {0:?} is in another room")]
    OtherRoom(PeerId),
}

/// A slot whose source is a different one from now on; `None` is silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub to: PeerId,
    pub slot: Slot,
    pub source: Option<(PeerId, Track)>,
}

#[derive(Debug, Default)]
pub struct Table {
    rooms: HashMap<SessionId, Vec<Route>>,
    /// Derived from `rooms`, for the packet path.
    listeners: HashMap<(PeerId, Track), Vec<(PeerId, Slot)>>,
    /// Derived from `rooms`, for feedback: every slot has one source.
    sources: HashMap<(PeerId, Slot), (PeerId, Track)>,
}

impl Table {
    /// Who receives this track, and where.
    pub fn listeners(&self, from: PeerId, track: Track) -> &[(PeerId, Slot)] {
        self.listeners.get(&(from, track)).map_or(&[], Vec::as_slice)
    }

    /// Whose track is in this slot.
    pub fn source(&self, to: PeerId, slot: Slot) -> Option<(PeerId, Track)> {
        self.sources.get(&(to, slot)).copied()
    }

    /// How many routes there are in all rooms.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Replaces a room's routes by ones that passed [`check`]. Says which slots change.
    pub fn replace(&mut self, room: &SessionId, routes: Vec<Route>) -> Vec<Change> {
        let old = self.rooms.remove(room).unwrap_or_default();
        for route in &old {
            self.unlink(route);
        }
        for route in &routes {
            self.listeners.entry((route.from, route.track)).or_default().push((route.to, route.slot));
            self.sources.insert((route.to, route.slot), (route.from, route.track));
        }
        let silenced = old
            .iter()
            .filter(|route| !self.sources.contains_key(&(route.to, route.slot)))
            .map(|route| Change { to: route.to, slot: route.slot, source: None });
        let switched = routes.iter().filter(|route| !old.contains(route)).map(|route| Change {
            to: route.to,
            slot: route.slot,
            source: Some((route.from, route.track)),
        });
        let changes = silenced.chain(switched).collect();
        if !routes.is_empty() {
            self.rooms.insert(room.clone(), routes);
        }
        changes
    }

    /// Takes a peer that is gone out of its room's routes.
    pub fn forget(&mut self, room: &SessionId, peer: PeerId) -> Vec<Change> {
        let rest = self.rooms.get(room).map_or(vec![], |routes| {
            routes.iter().filter(|route| route.from != peer && route.to != peer).copied().collect()
        });
        self.replace(room, rest)
    }

    fn unlink(&mut self, route: &Route) {
        self.sources.remove(&(route.to, route.slot));
        if let Some(listeners) = self.listeners.get_mut(&(route.from, route.track)) {
            listeners.retain(|listener| *listener != (route.to, route.slot));
            if listeners.is_empty() {
                self.listeners.remove(&(route.from, route.track));
            }
        }
    }
}

/// Which of the wished routes may be used. `room_of` tells where a peer is; routes of peers that
/// are gone already are left out, because the session may not have heard of it yet.
pub fn check(
    room: &SessionId,
    wished: Vec<Route>,
    room_of: impl Fn(PeerId) -> Option<SessionId>,
) -> Result<Vec<Route>, BadRoute> {
    let mut taken = HashMap::new();
    let mut routes = Vec::with_capacity(wished.len().min(1024));
    for route in wished {
        if !route.slot.exists() {
            return Err(BadRoute::NoSuchSlot(route));
        }
        if route.slot.is_audio() != route.track.is_audio() {
            return Err(BadRoute::WrongKind(route));
        }
        if route.from == route.to {
            return Err(BadRoute::Echo(route));
        }
        if taken.insert((route.to, route.slot), ()).is_some() {
            return Err(BadRoute::SlotTaken(route));
        }
        let rooms = [route.from, route.to].map(|peer| (peer, room_of(peer)));
        for (peer, found) in &rooms {
            if found.as_ref().is_some_and(|found| found != room) {
                return Err(BadRoute::OtherRoom(*peer));
            }
        }
        if rooms.iter().all(|(_, found)| found.is_some()) {
            routes.push(route);
        }
    }
    Ok(routes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    const A: PeerId = PeerId(1);
    const B: PeerId = PeerId(2);
    const C: PeerId = PeerId(3);

    fn room() -> SessionId {
        SessionId::random(&Random::seeded(1))
    }

    fn other_room() -> SessionId {
        SessionId::random(&Random::seeded(2))
    }

    fn voice(from: PeerId, to: PeerId, slot: u8) -> Route {
        Route { from, track: Track::Microphone, to, slot: Slot::Audio(slot) }
    }

    #[test]
    fn a_caucus_takes_the_excluded_one_out_both_ways() {
        let mut table = Table::default();
        table.replace(&room(), vec![voice(A, B, 0), voice(A, C, 0), voice(B, A, 0), voice(C, A, 1)]);
        let changes = table.replace(&room(), vec![voice(A, B, 0), voice(B, A, 0)]);
        assert_eq!(table.listeners(A, Track::Microphone), [(B, Slot::Audio(0))]);
        assert_eq!(table.listeners(C, Track::Microphone), []);
        assert_eq!(table.source(C, Slot::Audio(0)), None);
        assert_eq!(
            changes,
            [
                Change { to: C, slot: Slot::Audio(0), source: None },
                Change { to: A, slot: Slot::Audio(1), source: None },
            ]
        );
    }

    #[test]
    fn a_route_that_stays_is_no_change() {
        let mut table = Table::default();
        table.replace(&room(), vec![voice(A, B, 0)]);
        let changes = table.replace(&room(), vec![voice(A, B, 0), voice(B, A, 0)]);
        assert_eq!(changes, [Change { to: A, slot: Slot::Audio(0), source: Some((B, Track::Microphone)) }]);
    }

    #[test]
    fn another_source_for_a_slot_is_one_change() {
        let mut table = Table::default();
        table.replace(&room(), vec![voice(A, C, 0)]);
        let changes = table.replace(&room(), vec![voice(B, C, 0)]);
        assert_eq!(changes, [Change { to: C, slot: Slot::Audio(0), source: Some((B, Track::Microphone)) }]);
        assert_eq!(table.source(C, Slot::Audio(0)), Some((B, Track::Microphone)));
        assert_eq!(table.listeners(A, Track::Microphone), []);
    }

    #[test]
    fn whoever_leaves_is_in_no_route() {
        let mut table = Table::default();
        table.replace(&room(), vec![voice(A, B, 0), voice(B, A, 0), voice(A, C, 0)]);
        table.forget(&room(), A);
        assert_eq!(table.len(), 0);
        assert!(table.rooms.is_empty());
    }

    #[test]
    fn rooms_do_not_touch_each_other() {
        let mut table = Table::default();
        table.replace(&room(), vec![voice(A, B, 0)]);
        table.replace(&other_room(), vec![voice(C, PeerId(4), 0)]);
        table.replace(&room(), vec![]);
        assert_eq!(table.listeners(C, Track::Microphone), [(PeerId(4), Slot::Audio(0))]);
    }

    #[test]
    fn bad_tables_are_refused() {
        let here = |_| Some(room());
        let refused = |route: Route| check(&room(), vec![route], here).unwrap_err();
        let camera = Route { from: A, track: Track::Camera, to: B, slot: Slot::Audio(0) };
        assert_eq!(refused(camera), BadRoute::WrongKind(camera));
        assert_eq!(refused(voice(A, B, 7)), BadRoute::NoSuchSlot(voice(A, B, 7)));
        let ninth = Route { from: A, track: Track::Screen, to: B, slot: Slot::Video(8) };
        assert_eq!(refused(ninth), BadRoute::NoSuchSlot(ninth));
        assert_eq!(refused(voice(A, A, 0)), BadRoute::Echo(voice(A, A, 0)));
        assert_eq!(
            check(&room(), vec![voice(A, C, 0), voice(B, C, 0)], here),
            Err(BadRoute::SlotTaken(voice(B, C, 0)))
        );
        let split = |peer| Some(if peer == C { other_room() } else { room() });
        assert_eq!(check(&room(), vec![voice(A, C, 0)], split), Err(BadRoute::OtherRoom(C)));
        assert_eq!(check(&room(), vec![voice(C, A, 0)], split), Err(BadRoute::OtherRoom(C)));
    }

    #[test]
    fn a_peer_gone_already_is_left_out_and_the_rest_is_applied() {
        let known = |peer| (peer != C).then(room);
        assert_eq!(check(&room(), vec![voice(A, B, 0), voice(C, A, 0)], known), Ok(vec![voice(A, B, 0)]));
    }
}
