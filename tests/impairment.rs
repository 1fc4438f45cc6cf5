//! What people hear and see of each other on bad networks: losses, outages, a slow line, a router that
//! forgets, another network. Real sockets, each person behind a line of their own.

#[path = "support/light.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod light;
#[path = "support/relay.rs"]
mod relay;
#[path = "support/talker.rs"]
mod talker;

use hejie::ids::SessionId;
use hejie::media::{
    BadOffer, Event, Grade, Media, MediaConfig, MediaError, PeerId, Quality, Reason, Route, Slot, Track,
    Video,
};
use hejie::random::Random;
use light::Light;
use relay::{Line, Relay};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use talker::{Arrival, Talker};
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(15);
/// Packets of sound a second, and packets of a picture.
const SOUND: u32 = 50;
const PICTURES: u32 = 60;

struct Room {
    media: Media,
    people: Vec<Talker>,
    relays: Vec<Relay>,
    events: Arc<Mutex<Vec<Event>>>,
    cancel: CancellationToken,
}

impl Room {
    /// So many people who hear and see each other, each on a good line. A picture is two packets.
    async fn with(count: usize, octets: usize) -> Self {
        let cancel = CancellationToken::new();
        let config = MediaConfig {
            listen: "127.0.0.1:0".parse().expect("an address"),
            tcp_listen: None,
            public: vec![],
            max_peers: 12,
            shards: 1,
        };
        let media = Media::start(config, Random::seeded(7), cancel.clone()).await.expect("listening");
        let id = SessionId::random(&Random::seeded(1));
        let events = Arc::<Mutex<Vec<Event>>>::default();
        let mut source = media.events(id.clone()).await.expect("events");
        let told = events.clone();
        tokio::spawn(async move {
            while let Some(event) = source.recv().await {
                told.lock().expect("nobody panicked").push(event);
            }
        });
        let mut room = Self { media, people: vec![], relays: vec![], events, cancel };
        let epoch = Instant::now();
        for seat in 0..count {
            let relay = Relay::start(room.media.local_addr(), 40 + seat as u64).await;
            let mut light = Light::new(seat as u32 + 1);
            let offer = light.offer(true);
            let answer = room.media.connect(id.clone(), peer(seat), offer).await.expect("an answer");
            light.accept(&answer);
            light.server = relay.address;
            let connected = tokio::task::spawn_blocking(move || {
                light.connect(SOON);
                light
            });
            let light = connected.await.expect("connected");
            room.people.push(Talker::start(light, &answer, epoch, octets));
            room.relays.push(relay);
        }
        room.media.route(id, table(count)).await.expect("a good table");
        for (to, from) in pairs(count) {
            room.until(SOON, "sound and pictures", |room| {
                room.sound(to, from).len() > 20 && room.pictures(to, from).iter().any(|one| one.shown)
            })
            .await;
        }
        room
    }

    fn sound(&self, to: usize, from: usize) -> Vec<Arrival> {
        self.people[to].sound(slot(to, from))
    }

    fn pictures(&self, to: usize, from: usize) -> Vec<Arrival> {
        self.people[to].pictures(slot(to, from))
    }

    /// What a person has sent so far: sound, pictures.
    fn sent(&self, seat: usize) -> [u32; 2] {
        self.people[seat].seen().sent
    }

    async fn until(&self, limit: Duration, what: &str, met: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !met(self) {
            if begun.elapsed() > limit {
                panic!("{what} within {limit:?}: {:?}\n{:?}", self.media.stats().await, self.events());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until everyone has sent so many seconds of sound more.
    async fn talk(&self, seconds: u32) {
        let before: Vec<u32> = (0..self.people.len()).map(|seat| self.sent(seat)[0]).collect();
        let all = |room: &Self| {
            before.iter().enumerate().all(|(seat, sent)| room.sent(seat)[0] >= sent + seconds * SOUND)
        };
        self.until(Duration::from_secs(90), "they talk", all).await;
    }

    /// Waits until sound, and a picture that can be shown, was sent after now and came, both ways.
    async fn flows_again(&self, (one, other): (usize, usize), sound: Duration, pictures: Duration) {
        let (begun, from) = (Instant::now(), [self.sent(one), self.sent(other)]);
        let heard = |got: &[Arrival], number: u32| got.iter().any(|one| one.number > number);
        let newer = |got: &[Arrival], number: u32| got.iter().any(|one| one.shown && one.number > number);
        self.until(sound, "sound both ways", |room| {
            heard(&room.sound(other, one), from[0][0]) && heard(&room.sound(one, other), from[1][0])
        })
        .await;
        let heard = begun.elapsed();
        self.until(pictures.saturating_sub(heard), "pictures both ways", |room| {
            newer(&room.pictures(other, one), from[0][1]) && newer(&room.pictures(one, other), from[1][1])
        })
        .await;
        println!("sound after {heard:?}, pictures after {:?}", begun.elapsed());
    }

    fn events(&self) -> Vec<Event> {
        self.events.lock().expect("nobody panicked").clone()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.people.clear();
        self.cancel.cancel();
    }
}

fn peer(seat: usize) -> PeerId {
    PeerId(seat as u64)
}

fn slot(to: usize, from: usize) -> usize {
    if from < to { from } else { from - 1 }
}

fn pairs(count: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..count).flat_map(move |to| (0..count).map(move |from| (to, from))).filter(|(to, from)| to != from)
}

fn table(count: usize) -> Vec<Route> {
    let both = |(to, from)| {
        let at = slot(to, from) as u8;
        let (from, to) = (peer(from), peer(to));
        [
            Route { from, track: Track::Microphone, to, slot: Slot::Audio(at) },
            Route { from, track: Track::Camera, to, slot: Slot::Video(at) },
        ]
    };
    pairs(count).flat_map(both).collect()
}

/// Of the packets sent with these numbers, the fraction that came.
fn share(arrivals: &[Arrival], from: u32, to: u32) -> f64 {
    let came = arrivals.iter().filter(|one| (from..to).contains(&one.number)).count();
    came as f64 / f64::from(to - from)
}

/// The most packets in a row of these that didn't come.
fn longest_gap(arrivals: &[Arrival], from: u32, to: u32) -> u32 {
    let came: HashSet<u32> = arrivals.iter().map(|one| one.number).collect();
    let (mut longest, mut gap) = (0, 0);
    for number in from..to {
        gap = if came.contains(&number) { 0 } else { gap + 1 };
        longest = longest.max(gap);
    }
    longest
}

fn median_delay(arrivals: &[Arrival]) -> Duration {
    let mut delays: Vec<Duration> = arrivals.iter().map(|one| one.delay).collect();
    delays.sort();
    delays[delays.len() / 2]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sound_goes_on_while_every_fifth_packet_is_lost() {
    let room = Room::with(2, 200).await;
    room.relays[0].change(|line| line.loss = 0.2);
    let begin = [room.sent(0)[0], room.sent(1)[0]];
    room.talk(12).await;
    let end = [room.sent(0)[0], room.sent(1)[0]];
    for (to, from) in [(1, 0), (0, 1)] {
        let heard = room.sound(to, from);
        let (begin, end) = (begin[from], end[from] - SOUND);
        let five = 5 * SOUND;
        let worst = (begin..end - five).map(|at| share(&heard, at, at + five)).fold(1.0, f64::min);
        let gap = longest_gap(&heard, begin, end);
        println!("{from} to {to}: {:.3} in the worst five seconds, {gap} lost in a row", worst);
        assert!(worst >= 0.7, "{worst}");
        assert!(gap < SOUND, "{gap} packets in a row, more than a second");
        assert!(share(&heard, begin, end) < 0.9, "the line was bad");
    }
    assert!(!room.events().iter().any(|event| matches!(event, Event::Gone { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_that_are_lost_on_the_way_are_sent_again() {
    let room = Room::with(2, 200).await;
    room.relays[0].change(|line| line.loss = 0.05);
    let begin = [room.sent(0)[1], room.sent(1)[1]];
    room.talk(12).await;
    // The last second's may still be asked for.
    let end = [room.sent(0)[1] - PICTURES, room.sent(1)[1] - PICTURES];
    let lost = (room.relays[0].up.counts().lost, room.relays[0].down.counts().lost);
    let (up, down) = (room.pictures(1, 0), room.pictures(0, 1));
    let whole = (share(&up, begin[0], end[0]), share(&down, begin[1], end[1]));
    let repaired = down.iter().filter(|one| one.repaired).count();
    let given_again = room.people[0].seen().given_again;
    let stats = room.media.stats().await;
    println!("lost {lost:?}, whole {whole:?}, up {given_again} again, down {repaired} of {}", stats.resent);
    assert!(lost.0 >= 20 && lost.1 >= 20, "the line was bad");
    assert!(whole.0 >= 0.95 && whole.1 >= 0.95, "{whole:?}");
    assert!(given_again >= 10, "what the server lost was asked for and given: {given_again}");
    assert!(stats.resent >= 10 && repaired >= 10, "what the client lost was given: {repaired}");
    // Without repair one of twenty would be missing.
    assert!(whole.0 >= 0.985 && whole.1 >= 0.985, "{whole:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_outage_the_same_connection_goes_on() {
    let room = Room::with(2, 200).await;
    room.relays[0].change(|line| line.outage = true);
    room.until(SOON, "the interruption", |room| {
        room.events().contains(&Event::Interrupted { peer: peer(0) })
    })
    .await;
    room.talk(2).await;
    assert!(!room.events().contains(&Event::Resumed { peer: peer(0) }), "the outage still is");
    room.relays[0].change(|line| line.outage = false);
    room.flows_again((0, 1), Duration::from_secs(2), Duration::from_secs(3)).await;
    room.until(SOON, "the end of the interruption", |room| {
        room.events().contains(&Event::Resumed { peer: peer(0) })
    })
    .await;
    let events = room.events();
    let connected = |event: &&Event| matches!(event, Event::Connected { .. });
    assert_eq!(events.iter().filter(connected).count(), 2, "{events:?}");
    assert!(!events.iter().any(|event| matches!(event, Event::Gone { .. })), "{events:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_slow_line_slows_nobody_else_and_carries_all_sound() {
    const RATE: u32 = 150_000;
    let (fast, slow, speaker) = (0, 1, 2);
    let room = Room::with(3, 900).await;
    let begin = room.sent(speaker);
    room.talk(5).await;
    let end = room.sent(speaker);
    let of = |all: Vec<Arrival>, from: u32, to: u32| -> Vec<Arrival> {
        all.into_iter().filter(|one| (from..to).contains(&one.number)).collect()
    };
    let before = (
        of(room.sound(fast, speaker), begin[0], end[0]),
        share(&room.pictures(fast, speaker), begin[1], end[1]),
    );

    room.relays[slow].down.change(|line| *line = Line { rate: Some(RATE), queue: 8_000, ..Line::default() });
    let narrow = |event: &Event| {
        matches!(event, Event::Quality { peer, quality: Quality { grade, reason, video } }
            if *peer == self::peer(slow) && *grade > Grade::Good && *reason != Reason::None && *video != Video::Full)
    };
    room.until(Duration::from_secs(20), "less picture, and why", |room| room.events().iter().any(narrow))
        .await;
    room.talk(3).await;

    let (begin, begun) = (room.sent(speaker), Instant::now());
    room.talk(8).await;
    let (end, elapsed) = (room.sent(speaker), begun.elapsed().as_secs_f64());
    room.talk(1).await;
    let pictures = [fast, speaker].map(|from| room.pictures(slow, from)).concat();
    let bits = pictures.iter().filter(|one| one.at >= begun).map(|one| one.octets * 8).sum::<usize>();
    let bits = bits as f64 / elapsed;
    let whole = share(&room.sound(slow, speaker), begin[0], end[0]);
    let after = (
        of(room.sound(fast, speaker), begin[0], end[0]),
        share(&room.pictures(fast, speaker), begin[1], end[1]),
    );
    let delays = (median_delay(&before.0), median_delay(&after.0));
    let told: Vec<Event> = room.events().into_iter().filter(narrow).collect();
    println!(
        "slow: sound {whole:.3}, pictures {bits:.0} bit/s, {told:?}, queue lost {}",
        room.relays[slow].down.counts().queued_out
    );
    println!(
        "fast: pictures {:.3} then {:.3}, sound {} of {}, delay {delays:?}",
        before.1,
        after.1,
        after.0.len(),
        end[0] - begin[0]
    );
    assert!(whole >= 0.97, "{whole}");
    assert!(bits < f64::from(RATE), "{bits}");
    assert!(after.0.len() as f64 >= 0.99 * f64::from(end[0] - begin[0]), "the fast one's sound is whole");
    assert!(after.1 >= 0.95 * before.1, "the fast one's pictures go on: {} then {}", before.1, after.1);
    assert!(delays.1 <= 2 * delays.0 + Duration::from_millis(15), "{delays:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_router_that_forgets_interrupts_for_a_moment() {
    let room = Room::with(2, 200).await;
    let before = room.relays[0].sources();
    room.relays[0].rebind();
    assert_ne!(before, room.relays[0].sources());
    room.flows_again((0, 1), Duration::from_secs(3), Duration::from_secs(3)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packets_out_of_order_are_not_lost() {
    let room = Room::with(2, 200).await;
    let jitter = Line { jitter: Duration::from_millis(40), reorder: true, ..Line::default() };
    room.relays[0].change(|line| *line = jitter);
    let begin = [room.sent(0), room.sent(1)];
    room.talk(6).await;
    let end = [room.sent(0), room.sent(1)];
    room.talk(1).await;
    let counts = [room.relays[0].up.counts(), room.relays[0].down.counts()];
    assert!(counts.iter().all(|counts| counts.lost + counts.queued_out == 0), "the line lost nothing");
    for (to, from) in [(1, 0), (0, 1)] {
        let (sound, pictures) = (room.sound(to, from), room.pictures(to, from));
        assert!(!sound.is_sorted_by_key(|one| one.number), "the line mixed them");
        let ([begin_sound, begin_pictures], [end_sound, end_pictures]) = (begin[from], end[from]);
        assert_eq!(share(&sound, begin_sound, end_sound), 1.0, "{from} to {to}: sound");
        // A way down that jitters so looks narrow: pictures towards it may be paused, but not lost.
        let least = if to == 0 { 0.2 } else { 1.0 };
        let came = share(&pictures, begin_pictures, end_pictures);
        println!("{from} to {to}: {came:.2} of the pictures");
        assert!(came >= least, "{from} to {to}: {came} of the pictures");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_moves_the_connection_to_another_network() {
    let room = Room::with(2, 200).await;
    let mover = &room.people[0];
    let same = Light::offer;
    let (tell, offers) = std::sync::mpsc::channel();
    mover.order(move |light| {
        let _ = tell.send([same(light, true), same(light, false)]);
    });
    let [offer, other] = offers.recv_timeout(SOON).expect("it runs");

    // Refused, as often as it likes: the connection has the credentials that it had.
    for _ in 0..3 {
        let refused = room.media.restart(peer(0), other.clone()).await;
        assert!(matches!(refused, Err(MediaError::Offer(BadOffer::Session(_)))), "{refused:?}");
    }
    let unknown = room.media.restart(PeerId(99), offer.clone()).await;
    assert!(matches!(unknown, Err(MediaError::Unknown)), "{unknown:?}");
    let checked = |more: u64| {
        let before = mover.seen().checks_answered;
        move |room: &Room| room.people[0].seen().checks_answered >= before + more
    };
    room.until(SOON, "checks with the first credentials", checked(3)).await;

    let fresh = offer.replace("a=ice-ufrag:lite", "a=ice-ufrag:moved");
    let answer = room.media.restart(peer(0), fresh).await.expect("an answer");
    room.until(SOON, "checks the old way", checked(3)).await;

    // The old network is gone; the new one is reached with the new credentials.
    room.relays[0].change(|line| line.outage = true);
    let relay = Relay::start(room.media.local_addr(), 77).await;
    let server = relay.address;
    mover.order(move |light| {
        let slots = light.slots.clone();
        light.accept(&answer);
        assert_eq!(light.slots, slots, "the slots' streams stay");
        light.server = server;
        light.socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        light.socket.set_read_timeout(Some(Duration::from_millis(2))).expect("a timeout");
    });
    room.flows_again((0, 1), Duration::from_secs(3), Duration::from_secs(4)).await;
    room.until(SOON, "checks the new way", checked(3)).await;
    let events = room.events();
    let connected = |event: &&Event| matches!(event, Event::Connected { .. });
    assert_eq!(events.iter().filter(connected).count(), 2, "the same connection: {events:?}");
}
