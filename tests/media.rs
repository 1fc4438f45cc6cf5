//! People in rooms, over real sockets: they hear whom the table says and nobody else.

#[path = "support/peer.rs"]
mod peer;

use hejie::ids::SessionId;
use hejie::media::{Event, Media, MediaConfig, MediaError, PeerId, Route, Slot, Track, Why};
use hejie::random::Random;
use peer::{Participant, within};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(5);

struct Room {
    media: Media,
    id: SessionId,
    people: Vec<(PeerId, Participant)>,
    cancel: CancellationToken,
}

impl Room {
    async fn with(count: u8) -> Self {
        let cancel = CancellationToken::new();
        let config = MediaConfig { listen: ([127, 0, 0, 1], 0).into(), public: vec![], max_peers: 16 };
        let media = Media::start(config, Random::seeded(7), cancel.clone()).await.expect("listening");
        let mut room = Self { media, id: SessionId::random(&Random::seeded(1)), people: vec![], cancel };
        for mark in 1..=count {
            room.join(mark).await;
        }
        for (_, person) in &room.people {
            assert!(person.connected(SOON).await, "{} connects", person.mark);
        }
        room
    }

    async fn join(&mut self, mark: u8) {
        let person = Participant::new(mark).await;
        let id = PeerId(u64::from(mark));
        let answer = self.media.connect(self.id.clone(), id, person.offer()).await.expect("an answer");
        person.accept(&answer).await;
        self.people.push((id, person));
    }

    /// Everyone of `seats` hears and sees everyone else of them, in the slots of the seats.
    fn table(&self, seats: &[usize]) -> Vec<Route> {
        let mut table = vec![];
        for &to in seats {
            for &from in seats.iter().filter(|&&from| from != to) {
                let slot = if from < to { from } else { from - 1 } as u8;
                let (from, to) = (self.people[from].0, self.people[to].0);
                table.push(Route { from, track: Track::Microphone, to, slot: Slot::Audio(slot) });
                table.push(Route { from, track: Track::Camera, to, slot: Slot::Video(slot) });
            }
        }
        table
    }

    async fn route(&self, seats: &[usize]) {
        self.media.route(self.id.clone(), self.table(seats)).await.expect("a good table");
    }

    fn person(&self, seat: usize) -> &Participant {
        &self.people[seat].1
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_people_see_and_hear_each_other() {
    let room = Room::with(3).await;
    room.people.iter().for_each(|(_, person)| person.send_microphone_and_camera());
    room.route(&[0, 1, 2]).await;
    let slot = |to: usize, from: usize| if from < to { from } else { from - 1 };
    for to in 0..3 {
        for from in (0..3).filter(|&from| from != to) {
            let (hears, mark) = (slot(to, from), room.person(from).mark);
            for slot in [peer::Slot::Audio(hears), peer::Slot::Video(hears)] {
                let flows = within(SOON, || room.person(to).received(slot).packets > 20).await;
                let received = room.person(to).received(slot);
                assert!(flows, "{to} receives {from} in {slot:?}: {received:?}");
                assert_eq!(received.from.keys().collect::<Vec<_>>(), [&mark], "only {from} in {slot:?}");
            }
        }
    }
}
