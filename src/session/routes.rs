//! Who may hear and see whom: the routing table of a room, derived from the session's state.
//!
//! Pure. The SFU forwards along this table and nothing else; the journal records its reach.

use super::party::Role;
use super::phase::Phase;
use super::state::{Person, State};
use crate::ids::{DeviceId, PersonId};
use crate::media::{PeerId, Route, Slot, Track};
use std::collections::{BTreeSet, HashMap};

/// Receiving slots per device: seven others' voices; their cameras and one shared screen.
pub const AUDIO_SLOTS: u8 = 7;
pub const VIDEO_SLOTS: u8 = 8;
const SCREEN_SLOT: u8 = 7;

/// Pairs (from, to) of people of whom the second may receive the first.
pub fn reach(state: &State) -> BTreeSet<(PersonId, PersonId)> {
    if !is_open(state) {
        return BTreeSet::new();
    }
    let mut pairs = BTreeSet::new();
    for from in state.seated().filter(|from| from.role != Role::Observer) {
        for to in state.seated() {
            if from.id != to.id && state.together(&from.id, &to.id) {
                pairs.insert((from.id.clone(), to.id.clone()));
            }
        }
    }
    pairs
}

/// The table for the devices that have a peer connection now.
pub fn table(state: &State, peers: &HashMap<DeviceId, PeerId>) -> Vec<Route> {
    let peer = |id: &PersonId| {
        let person = state.person(id)?;
        Some((person, *peers.get(person.device.as_ref()?)?))
    };
    let mut routes = Vec::new();
    for (from, to) in reach(state) {
        let (Some((sender, from)), Some((receiver, to))) = (peer(&from), peer(&to)) else { continue };
        let slot = slot(sender, receiver);
        if !sender.muted && !sender.muted_by_mediator {
            routes.push(Route { from, track: Track::Microphone, to, slot: Slot::Audio(slot) });
        }
        if sender.camera {
            routes.push(Route { from, track: Track::Camera, to, slot: Slot::Video(slot) });
        }
        if sender.screen {
            routes.push(Route { from, track: Track::Screen, to, slot: Slot::Video(SCREEN_SLOT) });
        }
    }
    routes
}

/// The slot that a seat has on another seat's device.
fn slot(sender: &Person, receiver: &Person) -> u8 {
    let (sender, receiver) = (sender.seat.unwrap_or(0), receiver.seat.unwrap_or(0));
    if sender < receiver { sender } else { sender.saturating_sub(1) }
}

/// A room is open until the session ends; after an agreement until the mediator leaves.
fn is_open(state: &State) -> bool {
    match state.phase {
        Phase::Terminated | Phase::Adjourned => false,
        Phase::Agreed => state.mediator().seat.is_some(),
        _ => true,
    }
}
