//! What the switchboard does as time passes: requests for what was lost, reports, layers chosen anew,
//! probes, and who has fallen silent.

use super::super::allocate::{self, Choice};
use super::super::event::{Event, Why};
use super::super::peer::Overdue;
use super::super::quality::Video;
use super::super::table::{PeerId, Slot, Track};
use super::super::uplink::Need;
use super::{Panicked, Switchboard, guarded};
use crate::ids::SessionId;
use std::time::{Duration, Instant};

/// Layers are chosen anew so often.
const ALLOCATE_EVERY: Duration = Duration::from_millis(100);
/// What a slot is taken to show until the client tells: a phone's tile.
const HEIGHT: u16 = 360;

impl Switchboard {
    pub fn tick(&mut self, now: Instant) {
        for id in self.peers.keys().copied().collect::<Vec<_>>() {
            self.tick_peer(now, id);
        }
        let echoes: Vec<(SessionId, PeerId)> = self
            .rooms
            .iter_mut()
            .filter_map(|(room, known)| Some((room.clone(), known.echo.check(now)?)))
            .collect();
        for (room, peer) in echoes {
            self.tell(&room, Event::Echo { peer });
        }
    }

    fn tick_peer(&mut self, now: Instant, id: PeerId) {
        let Some(seat) = self.peers.get_mut(&id) else { return };
        if let Some(overdue) = seat.peer.overdue(now) {
            let why = match overdue {
                Overdue::NeverConnected => Why::NeverConnected,
                Overdue::Silent => Why::Silent,
            };
            return self.remove(now, id, why);
        }
        let broken = match guarded(|| seat.peer.tick(now)) {
            Ok(broken) => broken,
            Err(Panicked) => return self.panicked(now, id),
        };
        for (track, layer) in broken {
            self.ask_for_key_frame(now, id, track, layer, Need::Loss);
        }
        self.note_interruption(now, id);
        let Some(seat) = self.peers.get(&id) else { return };
        let (allocate, report) =
            (now.duration_since(seat.allocated) >= ALLOCATE_EVERY, seat.peer.report_due(now));
        if seat.peer.connected() && allocate {
            self.allocate(now, id);
        }
        if report {
            self.report(now, id);
        }
        self.probe(now, id);
        self.queue(id);
    }

    fn note_interruption(&mut self, now: Instant, id: PeerId) {
        let Some(seat) = self.peers.get_mut(&id) else { return };
        let silent = seat.peer.is_silent(now);
        if silent == seat.peer.interrupted {
            return;
        }
        seat.peer.interrupted = silent;
        let room = seat.peer.room.clone();
        self.tell(&room, if silent { Event::Interrupted { peer: id } } else { Event::Resumed { peer: id } });
    }

    /// Chooses the layers that this receiver gets.
    pub(super) fn allocate(&mut self, now: Instant, id: PeerId) {
        let wishes = self.wishes(now, id);
        let audio = self.sound(now, id);
        let Some(seat) = self.peers.get_mut(&id) else { return };
        seat.allocated = now;
        let choices = seat.allocator.allocate(now, seat.peer.target(), audio, &wishes);
        seat.video_wanted = wishes.iter().any(|wish| wish.height > 0);
        seat.video = shown(&wishes, &choices);
        seat.wanted = allocate::wanted(audio, &wishes);
        let mut turns = vec![];
        for Choice { slot, layer } in choices {
            if seat.peer.downlinks[slot.index()].choose(layer) {
                turns.extend(layer.map(|layer| (slot, layer)));
            }
        }
        for (slot, layer) in turns {
            if let Some((source, track)) = self.table.source(id, slot) {
                self.ask_for_key_frame(now, source, track, layer, Need::Switch);
            }
        }
    }

    /// What is in this receiver's video slots, and how large it is shown.
    fn wishes(&mut self, now: Instant, id: PeerId) -> Vec<allocate::Wish> {
        let mut wishes = vec![];
        for slot in Slot::all().filter(|slot| !slot.is_audio()) {
            let Some((source, track)) = self.table.source(id, slot) else { continue };
            let [Some(to), Some(from)] = self.peers.get_disjoint_mut([&id, &source]) else { continue };
            let Some(uplink) = from.peer.uplink_mut(track) else { continue };
            let mut wish = allocate::Wish {
                slot,
                height: to.heights.get(&slot).copied().unwrap_or(HEIGHT),
                screen: track == Track::Screen,
                layers: [0; allocate::LAYERS],
                heights: [0; allocate::LAYERS],
                now: to.peer.downlinks[slot.index()].wanted(),
            };
            for (at, layer) in uplink.layers.iter_mut().enumerate() {
                (wish.layers[at], wish.heights[at]) = (layer.rate.bits_per_second(now), layer.height);
            }
            wishes.push(wish);
        }
        wishes
    }

    /// Bits per second of sound that this receiver gets.
    fn sound(&mut self, now: Instant, id: PeerId) -> u32 {
        let mut bits = 0u32;
        for slot in Slot::all().filter(|slot| slot.is_audio()) {
            let Some((source, track)) = self.table.source(id, slot) else { continue };
            let Some(seat) = self.peers.get_mut(&source) else { continue };
            let Some(layer) = seat.peer.uplink_mut(track).and_then(|uplink| uplink.layers.first_mut()) else {
                continue;
            };
            bits = bits.saturating_add(layer.rate.bits_per_second(now));
        }
        bits
    }

    /// Pads the way down, when it may carry what this receiver lacks.
    fn probe(&mut self, now: Instant, id: PeerId) {
        let Some(seat) = self.peers.get_mut(&id).filter(|seat| seat.peer.connected()) else { return };
        let Some(wanted) = seat.wanted else { return };
        let octets = seat.peer.estimate.probe(now, wanted);
        if octets > 0 {
            seat.peer.pad(now, octets);
        }
    }

    /// The reports of the second, and what they say of the connection's quality.
    fn report(&mut self, now: Instant, id: PeerId) {
        let mut clocks = vec![];
        for slot in Slot::all() {
            let Some((source, track)) = self.table.source(id, slot) else { continue };
            let layer = self.peers.get(&id).and_then(|seat| seat.peer.downlinks[slot.index()].layer());
            let source = self.peers.get(&source);
            let clock = layer.zip(source).and_then(|(layer, source)| source.peer.clock(now, track, layer));
            clocks.extend(clock.map(|clock| (slot, clock)));
        }
        let Some(seat) = self.peers.get_mut(&id) else { return };
        seat.peer.report(now, &clocks);
        let sample = seat.peer.sample(now, seat.video_wanted, seat.video);
        if let Some(quality) = seat.peer.meter.take(&sample) {
            let room = seat.peer.room.clone();
            self.tell(&room, Event::Quality { peer: id, quality });
        }
    }
}

/// What a receiver sees of what it wants to see.
fn shown(wishes: &[allocate::Wish], choices: &[Choice]) -> Video {
    let wanted = || wishes.iter().filter(|wish| wish.height > 0 && wish.layers.iter().any(|bits| *bits > 0));
    let got =
        |wish: &allocate::Wish| choices.iter().find(|choice| choice.slot == wish.slot).and_then(|c| c.layer);
    if wanted().any(|wish| got(wish).is_none()) {
        Video::Off
    } else if wanted().any(|wish| got(wish) < wish.needed()) {
        Video::Reduced
    } else {
        Video::Full
    }
}
