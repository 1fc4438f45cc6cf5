//! Hejie's own media plane in this process, on one shard, with rooms of three that are connected and
//! routed as a session does it.

use crate::light::Light;
use crate::load::{Keys, Person};
use crate::ports::{Counts, Source};
use anyhow::{Context, Result};
use hejie::ids::SessionId;
use hejie::media::{Media, MediaConfig, MediaStats, PeerId, Route, Slot, Track};
use hejie::random::Random;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use tokio_util::sync::{CancellationToken, DropGuard};

pub const THREAD: &str = "media-0";

/// The server, until it is dropped.
pub struct Ours {
    media: Media,
    _stop: DropGuard,
}

impl Keys for Light {
    fn seal(&mut self, packet: &mut Vec<u8>) {
        *packet = Light::seal(self, packet).to_vec();
    }

    fn open(&mut self, datagram: &mut Vec<u8>) -> bool {
        let opened = Light::open(self, datagram);
        let is_open = opened.is_some();
        *datagram = opened.unwrap_or_default().to_vec();
        is_open
    }
}

impl Ours {
    pub async fn start(rooms: usize) -> Result<(Self, Vec<Person>)> {
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let config = MediaConfig {
            listen: (loopback, 0).into(),
            tcp_listen: None,
            public: vec![loopback],
            max_peers: rooms * 3,
            shards: 1,
        };
        let random = Random::os();
        let cancel = CancellationToken::new();
        let media = Media::start(config, random.clone(), cancel.clone()).await?;
        let ours = Self { media, _stop: cancel.drop_guard() };
        let mut people = vec![];
        for room in 0..rooms {
            let name = SessionId::random(&random);
            let ids: Vec<PeerId> = (0..3).map(|at| PeerId((room * 3 + at) as u64)).collect();
            for id in &ids {
                let mut light = Light::new(id.0 as u32);
                // No feedback about the way down: everything is forwarded, as the floor does.
                let answer = ours.media.connect(name.clone(), *id, light.offer(false)).await?;
                light.accept(&answer);
                light.connect(Duration::from_secs(10));
                let (socket, server) = (light.socket.try_clone()?, light.server);
                let streams = (light.microphone, light.camera);
                people.push(Person::new(socket, server, streams, Box::new(light))?);
            }
            ours.media.route(name, table(&ids)).await.context("the room's table")?;
        }
        Ok((ours, people))
    }

    pub async fn stats(&self) -> MediaStats {
        self.media.stats().await
    }
}

impl Source for Ours {
    async fn counts(&self) -> Counts {
        let MediaStats { packets_in, forwarded, sends, .. } = self.media.stats().await;
        Counts { packets_in, forwarded, sends }
    }
}

/// Everybody hears and sees the others.
fn table(ids: &[PeerId]) -> Vec<Route> {
    let mut routes = vec![];
    for to in ids {
        let others = ids.iter().filter(|from| *from != to);
        for (slot, from) in others.enumerate() {
            let (from, to, slot) = (*from, *to, slot as u8);
            routes.push(Route { from, track: Track::Microphone, to, slot: Slot::Audio(slot) });
            routes.push(Route { from, track: Track::Camera, to, slot: Slot::Video(slot) });
        }
    }
    routes
}
