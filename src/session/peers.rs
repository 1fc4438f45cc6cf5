//! The room's peer connections as its task knows them: whose each is, how good it is, and what an event
//! of the SFU means for the room.
//!
//! Pure. Whose line somebody is told of follows from the reach: only theirs whom they may hear.

use super::presence::Contact;
use super::state::State;
use crate::ids::{DeviceId, PersonId};
use crate::media::{Event, Grade, PeerId, Quality, Reason, Video, Why};
use std::collections::HashMap;

/// Of a connection that has just come up; the SFU tells changes alone.
const FRESH: Quality = Quality { grade: Grade::Good, reason: Reason::None, video: Video::Full };

/// What an event means for a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It is heard of again, or not any more.
    Contact(Contact),
    /// Its connection is no more: the room is to be routed anew.
    Gone(Option<Contact>),
    /// Its line is better or worse.
    Line,
    /// Its microphone returns what others say.
    Echo,
}

#[derive(Debug, Default)]
pub struct Peers {
    of: HashMap<DeviceId, PeerId>,
    quality: HashMap<PeerId, Quality>,
}

impl Peers {
    pub fn by_device(&self) -> &HashMap<DeviceId, PeerId> {
        &self.of
    }

    pub fn get(&self, device: &DeviceId) -> Option<PeerId> {
        self.of.get(device).copied()
    }

    pub fn insert(&mut self, device: DeviceId, peer: PeerId) {
        self.of.insert(device, peer);
    }

    pub fn remove(&mut self, device: &DeviceId) -> Option<PeerId> {
        let peer = self.of.remove(device)?;
        self.quality.remove(&peer);
        Some(peer)
    }

    /// Takes note of an event. Those of connections that were given up mean nothing.
    pub fn take(&mut self, event: Event) -> Option<(DeviceId, News)> {
        let peer = peer(&event);
        let device = self.of.iter().find(|(_, known)| **known == peer).map(|(device, _)| device.clone())?;
        let news = match event {
            Event::Flowing { .. } => return None,
            Event::Connected { .. } => {
                self.quality.insert(peer, FRESH);
                News::Contact(Contact::Resumed)
            }
            Event::Resumed { .. } => News::Contact(Contact::Resumed),
            Event::Interrupted { .. } => News::Contact(Contact::Interrupted),
            Event::Quality { quality, .. } => {
                self.quality.insert(peer, quality);
                News::Line
            }
            Event::Echo { .. } => News::Echo,
            Event::Gone { why, .. } => {
                self.remove(&device);
                News::Gone(match why {
                    Why::Silent => Some(Contact::Interrupted),
                    // The page gave its media up; whether it is there, its socket tells.
                    Why::Closed => Some(Contact::Resumed),
                    Why::NeverConnected | Why::Disconnected => None,
                })
            }
        };
        Some((device, news))
    }

    /// Events were missed: nothing is known of how good the lines are.
    pub fn take_stock(&mut self) {
        self.quality.clear();
    }

    /// The lines that the person behind `device` may know of: their own (`None`), and those of whom they
    /// may hear.
    pub fn lines(&self, state: &State, device: &DeviceId) -> Vec<(Option<PersonId>, Quality)> {
        let Some(viewer) = state.device(device).map(|device| &device.person) else { return Vec::new() };
        let of = |(known, peer): (&DeviceId, &PeerId)| {
            let quality = *self.quality.get(peer)?;
            if known == device {
                return Some((None, quality));
            }
            let person = state.device(known)?.person.clone();
            let told = state.reach.contains(&(person.clone(), viewer.clone()));
            told.then_some((Some(person), quality))
        };
        self.of.iter().filter_map(of).collect()
    }
}

/// Whom an event is about.
fn peer(event: &Event) -> PeerId {
    match *event {
        Event::Connected { peer }
        | Event::Flowing { peer, .. }
        | Event::Interrupted { peer }
        | Event::Resumed { peer }
        | Event::Quality { peer, .. }
        | Event::Echo { peer }
        | Event::Gone { peer, .. } => peer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    const POOR: Quality = Quality { grade: Grade::Poor, reason: Reason::Loss, video: Video::Off };

    fn one() -> (Peers, DeviceId, PeerId) {
        let (mut peers, device, peer) = (Peers::default(), DeviceId::random(&Random::seeded(1)), PeerId(7));
        peers.insert(device.clone(), peer);
        (peers, device, peer)
    }

    #[test]
    fn each_event_means_one_thing() {
        let (mut peers, device, peer) = one();
        let mut news = |event| {
            peers.take(event).map(|(of, news)| {
                assert_eq!(of, device);
                news
            })
        };
        assert_eq!(news(Event::Connected { peer }), Some(News::Contact(Contact::Resumed)));
        assert_eq!(news(Event::Flowing { peer, track: crate::media::Track::Camera }), None);
        assert_eq!(news(Event::Interrupted { peer }), Some(News::Contact(Contact::Interrupted)));
        assert_eq!(news(Event::Resumed { peer }), Some(News::Contact(Contact::Resumed)));
        assert_eq!(news(Event::Quality { peer, quality: POOR }), Some(News::Line));
        assert_eq!(news(Event::Echo { peer }), Some(News::Echo));
        assert_eq!(news(Event::Echo { peer: PeerId(8) }), None, "nobody's");
    }

    #[test]
    fn who_is_gone_is_forgotten_and_told_by_the_reason() {
        for (why, contact) in [
            (Why::Silent, Some(Contact::Interrupted)),
            (Why::Closed, Some(Contact::Resumed)),
            (Why::NeverConnected, None),
            (Why::Disconnected, None),
        ] {
            let (mut peers, device, peer) = one();
            peers.take(Event::Quality { peer, quality: POOR });
            assert_eq!(peers.take(Event::Gone { peer, why }), Some((device.clone(), News::Gone(contact))));
            assert_eq!((peers.get(&device), peers.quality.len()), (None, 0));
            assert_eq!(peers.take(Event::Resumed { peer }), None, "too late");
        }
    }

    #[test]
    fn an_older_connections_end_is_not_the_newer_ones() {
        let (mut peers, device, peer) = one();
        peers.insert(device.clone(), PeerId(9));
        assert_eq!(peers.take(Event::Gone { peer, why: Why::Silent }), None);
        assert_eq!(peers.get(&device), Some(PeerId(9)));
    }
}
