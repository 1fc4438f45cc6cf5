//! People in rooms, over real sockets: they hear whom the table says and nobody else.

#[path = "support/peer.rs"]
mod peer;

use hejie::ids::SessionId;
use hejie::media::{
    BadOffer, BadRoute, Event, Media, MediaConfig, MediaError, PeerId, Route, Slot, Track, Why,
};
use hejie::random::Random;
use peer::{Participant, Received, Slot as Heard, within};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(8);
/// Quicker than any timer of ICE.
const AT_ONCE: Duration = Duration::from_secs(2);

struct Room {
    media: Media,
    id: SessionId,
    people: Vec<(PeerId, Participant)>,
    events: mpsc::Receiver<Event>,
    cancel: CancellationToken,
}

impl Room {
    /// A server with one room, where people marked 1, 2, … are connected and nobody is routed.
    async fn with(count: u8) -> Self {
        let (media, cancel) = serve("127.0.0.1:0", vec![]).await;
        Self::on(media, cancel, 1, 1..=count).await
    }

    async fn on(media: Media, cancel: CancellationToken, seed: u64, marks: impl Iterator<Item = u8>) -> Self {
        let id = SessionId::random(&Random::seeded(seed));
        let events = media.events(id.clone()).await.expect("events");
        let mut room = Self { media, id, people: vec![], events, cancel };
        for mark in marks {
            room.join(mark).await;
        }
        for (_, person) in &room.people {
            assert!(person.connected(SOON).await, "{} connects", person.mark());
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
                let slot = slot(to, from) as u8;
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

    fn everyone_sends(&self) {
        self.people.iter().for_each(|(_, person)| person.send_microphone_and_camera());
    }

    /// Waits until every one of `seats` gets sound and picture of every other.
    async fn flows(&self, seats: &[usize], packets: u64) {
        for (&to, &from) in seats.iter().flat_map(|to| seats.iter().map(move |from| (to, from))) {
            if to == from {
                continue;
            }
            let mark = self.person(from).mark();
            for heard in [Heard::Audio(slot(to, from)), Heard::Video(slot(to, from))] {
                let enough = || count(&self.person(to).received(heard), mark) >= packets;
                if !within(SOON, enough).await {
                    let (received, stats) = (self.person(to).received(heard), self.media.stats().await);
                    panic!("{to} gets {from}: {received:?}\n{stats:?}");
                }
            }
        }
    }

    /// Waits until the server has got sound and picture of everyone.
    async fn all_flow_in(&mut self) {
        let mut missing: Vec<(PeerId, Track)> =
            self.people.iter().flat_map(|(id, _)| [(*id, Track::Microphone), (*id, Track::Camera)]).collect();
        while !missing.is_empty() {
            if let Event::Flowing { peer, track } = self.event().await {
                missing.retain(|known| *known != (peer, track));
            }
        }
    }

    async fn event_after_connecting(&mut self) -> Event {
        loop {
            match self.event().await {
                Event::Connected { .. } | Event::Interrupted { .. } | Event::Quality { .. } => {}
                event => return event,
            }
        }
    }

    async fn event(&mut self) -> Event {
        tokio::time::timeout(Duration::from_secs(40), self.events.recv())
            .await
            .expect("in time")
            .expect("an event")
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

async fn serve(listen: &str, public: Vec<IpAddr>) -> (Media, CancellationToken) {
    let cancel = CancellationToken::new();
    let listen = listen.parse().expect("an address");
    let config = MediaConfig { listen, tcp_listen: None, public, max_peers: 12, shards: 1 };
    (Media::start(config, Random::seeded(7), cancel.clone()).await.expect("listening"), cancel)
}

fn slot(to: usize, from: usize) -> usize {
    if from < to { from } else { from - 1 }
}

fn count(received: &Received, mark: u8) -> u64 {
    received.from.get(&mark).copied().unwrap_or_default()
}

/// Nothing missing, nothing twice.
fn is_unbroken(numbers: &[u16], mask: u16) -> bool {
    let mut distances: Vec<u16> =
        numbers.iter().map(|number| number.wrapping_sub(numbers[0]) & mask).collect();
    distances.sort_unstable();
    distances.dedup();
    distances.first() == Some(&0)
        && distances.last().is_some_and(|last| usize::from(*last) + 1 == distances.len())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_people_see_and_hear_each_other_and_nobody_else() {
    let mut room = Room::with(3).await;
    room.everyone_sends();
    room.all_flow_in().await;
    let heard =
        |room: &Room| (0..3).any(|seat| (1..=3).any(|mark| room.person(seat).received_with(mark) > 0));
    assert!(!heard(&room), "nobody hears anybody before they are routed");
    room.route(&[0, 1, 2]).await;
    room.flows(&[0, 1, 2], 40).await;
    for to in 0..3 {
        for from in (0..3).filter(|&from| from != to) {
            let mark = room.person(from).mark();
            let sound = room.person(to).received(Heard::Audio(slot(to, from)));
            let picture = room.person(to).received(Heard::Video(slot(to, from)));
            assert_eq!(sound.from.keys().collect::<Vec<_>>(), [&mark]);
            assert_eq!(picture.from.keys().collect::<Vec<_>>(), [&mark]);
            assert_eq!(sound.last_payload, vec![mark; 60], "the payload as it was sent");
            assert_eq!(picture.began_with_key_frame, Some(true));
            assert!(is_unbroken(&sound.sequence_numbers, 0xffff), "{:?}", sound.sequence_numbers);
        }
        assert_eq!(room.person(to).received(Heard::Video(5)).packets, 0);
    }
}

/// The caucus speaks with marks of its own, put on after the table was replaced. Outside, not one
/// packet of it may be received, and inside, not one of the excluded person's, who goes on sending,
/// asks for key frames and ignores everything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caucus_is_silent_and_dark_for_the_excluded_and_they_hear_again_at_once() {
    let mut room = Room::with(3).await;
    room.everyone_sends();
    room.all_flow_in().await;
    room.route(&[0, 1, 2]).await;
    room.flows(&[0, 1, 2], 20).await;
    const EXCLUDED: usize = 1;

    for round in 0..3 {
        room.route(&[0, 2]).await;
        let (secret, intrusion) = ([101 + round, 111 + round], 121 + round);
        room.person(0).change_mark(secret[0]);
        room.person(2).change_mark(secret[1]);
        room.person(EXCLUDED).change_mark(intrusion);
        for _ in 0..20 {
            room.person(EXCLUDED).ask_for_key_frame(Heard::Video(0)).await;
            room.person(EXCLUDED).ask_for_key_frame(Heard::Video(1)).await;
        }
        room.flows(&[0, 2], 60).await;
        let outside = || secret.map(|mark| room.person(EXCLUDED).received_with(mark));
        assert_eq!(outside(), [0, 0], "the caucus is heard outside");
        let inside = || [0, 2].map(|seat| room.person(seat).received_with(intrusion));
        assert_eq!(inside(), [0, 0], "the excluded one is heard inside");

        // Back, in other words; what was still said in the caucus has been delivered by then.
        room.person(0).change_mark(1);
        room.person(2).change_mark(3);
        room.person(EXCLUDED).change_mark(2);
        for seat in [0, 2] {
            room.person(seat).forget_received();
        }
        room.person(EXCLUDED).forget_received();
        room.flows(&[0, 2], 10).await;
        let back = Instant::now();
        room.route(&[0, 1, 2]).await;
        room.flows(&[0, 1, 2], 5).await;
        assert!(
            back.elapsed() < Duration::from_secs(1),
            "sound and picture again after {:?}",
            back.elapsed()
        );
        assert_eq!(outside(), [0, 0], "an echo of the caucus after the return");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_switch_of_source_is_one_unbroken_stream_that_goes_on_with_a_key_frame() {
    let mut room = Room::with(3).await;
    room.everyone_sends();
    room.all_flow_in().await;
    let watcher = room.people[2].0;
    for from in [0, 1, 0, 1] {
        let (source, mark) = (room.people[from].0, room.person(from).mark());
        let sound = Route { from: source, track: Track::Microphone, to: watcher, slot: Slot::Audio(4) };
        let picture = Route { from: source, track: Track::Camera, to: watcher, slot: Slot::Video(6) };
        let before =
            [Heard::Audio(4), Heard::Video(6)].map(|slot| count(&room.person(2).received(slot), mark));
        room.media.route(room.id.clone(), vec![sound, picture]).await.expect("a good table");
        let more = || {
            count(&room.person(2).received(Heard::Audio(4)), mark) > before[0] + 10
                && count(&room.person(2).received(Heard::Video(6)), mark) > before[1] + 10
        };
        assert!(within(SOON, more).await, "{from} flows");
    }
    let (sound, picture) =
        (room.person(2).received(Heard::Audio(4)), room.person(2).received(Heard::Video(6)));
    assert!(is_unbroken(&sound.sequence_numbers, 0xffff), "{:?}", sound.sequence_numbers);
    assert!(is_unbroken(&picture.sequence_numbers, 0xffff), "{:?}", picture.sequence_numbers);
    assert!(is_unbroken(&picture.picture_ids, 0x7fff), "{:?}", picture.picture_ids);
    assert_eq!(picture.began_with_key_frame, Some(true));
    assert!(picture.key_frames >= 4, "one per switch: {}", picture.key_frames);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receivers_request_for_a_key_frame_reaches_the_source_but_not_each_one() {
    let mut room = Room::with(2).await;
    room.everyone_sends();
    room.all_flow_in().await;
    room.route(&[0, 1]).await;
    room.flows(&[0, 1], 60).await;
    let before = room.person(0).key_frames_asked_for();
    let begun = Instant::now();
    let mut asked = 0;
    while asked < 100 || room.person(0).key_frames_asked_for() == before {
        room.person(1).ask_for_key_frame(Heard::Video(0)).await;
        asked += 1;
        assert!(begun.elapsed() < SOON, "no request came through");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let passed = room.person(0).key_frames_asked_for() - before;
    assert!(passed <= 2 + begun.elapsed().as_secs(), "{passed} of {asked} in {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_screen_is_a_track_of_its_own() {
    let mut room = Room::with(3).await;
    room.person(0).send_screen();
    assert_eq!(room.event_after_connecting().await, Event::Flowing { peer: PeerId(1), track: Track::Screen });
    let screen = |to: usize| Route {
        from: PeerId(1),
        track: Track::Screen,
        to: room.people[to].0,
        slot: Slot::Video(7),
    };
    room.media.route(room.id.clone(), vec![screen(1), screen(2)]).await.expect("a good table");
    for to in [1, 2] {
        let shown = || count(&room.person(to).received(Heard::Video(7)), 1) > 10;
        assert!(within(SOON, shown).await, "shown to {to}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_people_are_a_room() {
    let mut room = Room::with(8).await;
    room.everyone_sends();
    room.all_flow_in().await;
    room.route(&[0, 1, 2, 3, 4, 5, 6, 7]).await;
    room.flows(&[0, 1, 2, 3, 4, 5, 6, 7], 10).await;
    assert_eq!(room.media.stats().await.routes, 8 * 7 * 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rooms_of_one_server_do_not_mix() {
    let mut here = Room::with(2).await;
    let (media, cancel) = (here.media.clone(), here.cancel.clone());
    let mut there = Room::on(media, cancel, 2, 3..=4).await;
    for room in [&mut here, &mut there] {
        room.everyone_sends();
        room.all_flow_in().await;
        room.route(&[0, 1]).await;
    }
    here.flows(&[0, 1], 20).await;
    there.flows(&[0, 1], 20).await;
    for (room, others) in [(&here, [3, 4]), (&there, [1, 2])] {
        assert!(others.iter().all(|mark| (0..2).all(|seat| room.person(seat).received_with(*mark) == 0)));
    }

    // A table over the wall is refused, and leaves its room silent rather than half routed.
    let over = Route { from: PeerId(3), track: Track::Microphone, to: PeerId(1), slot: Slot::Audio(3) };
    let mut table = here.table(&[0, 1]);
    table.push(over);
    let refused = here.media.route(here.id.clone(), table).await;
    assert!(matches!(refused, Err(MediaError::Route(BadRoute::OtherRoom(PeerId(3))))), "{refused:?}");
    assert_eq!(here.media.stats().await.routes, 4, "the other room's");
    there.person(0).change_mark(99);
    there.flows(&[0, 1], 20).await;
    assert_eq!(here.person(0).received_with(99), 0);
}

/// A DTLS ClientHello as a stranger on the network would send it.
fn client_hello() -> Vec<u8> {
    let mut body = vec![0xfe, 0xfd];
    body.extend([0x5a; 32]);
    body.extend([0, 0, 0, 4, 0xc0, 0x2b, 0xc0, 0x2f, 1, 0]);
    body.extend([0, 22]);
    body.extend([0, 10, 0, 4, 0, 2, 0, 23, 0, 13, 0, 4, 0, 2, 4, 3, 0, 14, 0, 2, 0, 0]);
    let length = body.len() as u8;
    let mut hello = vec![1, 0, 0, length, 0, 0, 0, 0, 0, 0, 0, length];
    hello.extend(body);
    let mut record = vec![22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, hello.len() as u8];
    record.extend(hello);
    record
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_sending_client_hellos_does_not_stop_anybody_from_connecting() {
    let room = Room::with(0).await;
    let to = room.media.local_addr();
    let over = CancellationToken::new();
    let stranger = tokio::spawn(over.clone().run_until_cancelled_owned(async move {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let mut every = tokio::time::interval(Duration::from_micros(500));
        loop {
            every.tick().await;
            let _ = socket.send_to(&client_hello(), to).await;
        }
    }));
    let mut people = vec![];
    for mark in 1..=10 {
        let person = Participant::new(mark).await;
        let answer = room.media.connect(room.id.clone(), PeerId(u64::from(mark)), person.offer()).await;
        person.accept(&answer.expect("an answer")).await;
        people.push(person);
    }
    for person in &people {
        assert!(person.connected(SOON).await, "{} of 10", person.mark());
    }
    over.cancel();
    let _ = stranger.await;
    let stats = room.media.stats().await;
    assert_eq!(stats.connected, 10);
    assert!(stats.dropped.unvalidated > 100, "the stranger was there: {stats:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_offers_are_refused_by_name_and_harm_nobody() {
    let room = Room::with(2).await;
    let good = Participant::new(9).await.offer();
    let refused = async |offer: String| match room.media.connect(room.id.clone(), PeerId(50), offer).await {
        Err(MediaError::Offer(bad)) => bad,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused("v".repeat(32 * 1024 + 1)).await, BadOffer::TooLarge(32 * 1024 + 1));
    assert_eq!(refused(String::new()).await, BadOffer::Sections(0));
    assert_eq!(refused("<html>".to_owned()).await, BadOffer::NotSdp(1));
    let swapped = BadOffer::Section { section: 0, wanted: "a sending section in the agreed place" };
    assert_eq!(refused(good.replacen("m=audio", "m=video", 1)).await, swapped);
    let unmuxed = BadOffer::Lacks { section: 0, lacks: "rtcp-mux" };
    assert_eq!(refused(good.replace("a=rtcp-mux\r\n", "")).await, unmuxed);

    // Any octet changed: answered or refused, and the server lives.
    let random = Random::seeded(3);
    for _ in 0..60 {
        let mut bytes = good.clone().into_bytes();
        let [a, b, octet] = random.bytes::<3>();
        let at = usize::from(u16::from_be_bytes([a, b])) % bytes.len();
        bytes[at] = octet & 0x7f;
        let offer = String::from_utf8(bytes).expect("ASCII");
        if let Ok(_answer) = room.media.connect(room.id.clone(), PeerId(51), offer).await {
            room.media.disconnect(PeerId(51)).await;
        }
    }
    room.everyone_sends();
    room.route(&[0, 1]).await;
    room.flows(&[0, 1], 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_frees_the_id_the_place_and_the_slots() {
    let mut room = Room::with(2).await;
    room.everyone_sends();
    room.all_flow_in().await;
    room.route(&[0, 1]).await;
    room.flows(&[0, 1], 10).await;
    let twice = room.media.connect(room.id.clone(), PeerId(1), Participant::new(7).await.offer()).await;
    assert!(matches!(twice, Err(MediaError::Exists)), "{twice:?}");

    room.media.disconnect(PeerId(1)).await;
    assert_eq!(room.event().await, Event::Gone { peer: PeerId(1), why: Why::Disconnected });
    let stats = room.media.stats().await;
    assert_eq!((stats.peers, stats.routes), (1, 0));
    assert!(room.person(0).ended(AT_ONCE).await, "the client is told");

    // Twelve places: eleven are free again, the twelfth newcomer is refused.
    for mark in 20..31 {
        let offer = Participant::new(mark).await.offer();
        let id = PeerId(u64::from(mark));
        room.media.connect(room.id.clone(), id, offer).await.expect("a free place");
    }
    let full = room.media.connect(room.id.clone(), PeerId(40), Participant::new(40).await.offer()).await;
    assert!(matches!(full, Err(MediaError::Full)), "{full:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_connection_takes_the_place_of_its_ghost() {
    let mut room = Room::with(2).await;
    room.everyone_sends();
    room.all_flow_in().await;
    room.route(&[0, 1]).await;
    room.flows(&[0, 1], 20).await;

    // The same person on a fresh connection, while the old one is still sending.
    room.join(3).await;
    assert!(room.person(2).connected(SOON).await);
    room.person(2).send_microphone_and_camera();
    let ghost = room.people.remove(0);
    room.people.rotate_right(1);
    room.route(&[0, 1]).await;
    ghost.1.change_mark(66);
    room.flows(&[0, 1], 20).await;
    assert_eq!(room.person(1).received_with(66), 0, "the ghost is heard");
    room.media.disconnect(ghost.0).await;
    let heard = room.person(1).received(Heard::Audio(0));
    assert_eq!(heard.from.keys().collect::<Vec<_>>(), [&1, &3]);
    assert!(is_unbroken(&heard.sequence_numbers, 0xffff));
    ghost.1.close().await;
}

/// Between one client and the server, like a home router: the server sees its address only.
struct Router {
    port: u16,
    /// Sent to: from now on another port outside.
    rebind: mpsc::Sender<()>,
}

impl Router {
    async fn to(server: SocketAddr) -> Self {
        let inside = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        let port = inside.local_addr().expect("an address").port();
        let (rebind, mut rebound) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut outside = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
            let mut client = None;
            let (mut out, mut back) = ([0; 2048], [0; 2048]);
            loop {
                tokio::select! {
                    asked = rebound.recv() => match asked {
                        Some(()) => outside = UdpSocket::bind("127.0.0.1:0").await.expect("a socket"),
                        None => return,
                    },
                    Ok((length, from)) = inside.recv_from(&mut out) => {
                        client = Some(from);
                        let _ = outside.send_to(&out[..length], server).await;
                    }
                    Ok(length) = outside.recv(&mut back) => if let Some(client) = client {
                        let _ = inside.send_to(&back[..length], client).await;
                    }
                }
            }
        });
        Self { port, rebind }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_whose_router_gives_it_another_port_goes_on() {
    let mut room = Room::with(1).await;
    let server = room.media.local_addr();
    let router = Router::to(server).await;
    let roamer = Participant::new(2).await;
    let answer = room.media.connect(room.id.clone(), PeerId(2), roamer.offer()).await.expect("an answer");
    let told = format!(" {} typ host", server.port());
    assert!(answer.contains(&told), "{answer}");
    roamer.accept(&answer.replace(&told, &format!(" {} typ host", router.port))).await;
    assert!(roamer.connected(SOON).await);
    room.people.push((PeerId(2), roamer));
    room.everyone_sends();
    room.all_flow_in().await;
    room.route(&[0, 1]).await;
    room.flows(&[0, 1], 10).await;

    router.rebind.send(()).await.expect("the router lives");
    room.person(0).change_mark(51);
    room.person(1).change_mark(52);
    let before = room.media.stats().await.dropped.unvalidated;
    room.flows(&[0, 1], 20).await;
    let after = room.media.stats().await.dropped.unvalidated;
    assert!(after > before, "until the new address was validated, nothing from it was looked at");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_of_both_families_serves_clients_of_the_older_one() {
    let (media, cancel) = serve("[::]:0", vec![IpAddr::from([127, 0, 0, 1])]).await;
    let mut room = Room::on(media, cancel, 1, 1..=2).await;
    room.everyone_sends();
    room.all_flow_in().await;
    room.route(&[0, 1]).await;
    room.flows(&[0, 1], 10).await;
}

/// One who never comes, and one whose machine dies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_never_connect_or_fall_silent_are_gone() {
    let mut room = Room::with(1).await;
    let (media, id) = (room.media.clone(), room.id.clone());
    let dies = move || {
        let machine = tokio::runtime::Runtime::new().expect("a runtime of its own");
        let person = machine.block_on(async {
            let person = Participant::new(6).await;
            let answer = media.connect(id, PeerId(6), person.offer()).await.expect("an answer");
            person.accept(&answer).await;
            assert!(person.connected(SOON).await);
            person
        });
        machine.shutdown_background();
        drop(person);
    };
    tokio::task::spawn_blocking(dies).await.expect("it dies");
    let absent = Participant::new(5).await;
    room.media.connect(room.id.clone(), PeerId(5), absent.offer()).await.expect("an answer");
    let begun = Instant::now();
    assert_eq!(
        room.event_after_connecting().await,
        Event::Gone { peer: PeerId(5), why: Why::NeverConnected }
    );
    assert!((14..18).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(room.event_after_connecting().await, Event::Gone { peer: PeerId(6), why: Why::Silent });
    assert!((29..34).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
    assert_eq!(room.media.stats().await.peers, 1, "the one who stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_says_goodbye_is_gone_at_once_and_a_stopping_server_says_it_too() {
    let mut room = Room::with(2).await;
    let (id, leaver) = room.people.remove(0);
    leaver.close().await;
    assert_eq!(room.event_after_connecting().await, Event::Gone { peer: id, why: Why::Closed });
    room.cancel.cancel();
    room.media.stopped().await;
    assert!(room.person(0).ended(AT_ONCE).await, "the client is told");
    let late = room.media.connect(room.id.clone(), PeerId(9), Participant::new(9).await.offer()).await;
    assert!(matches!(late, Err(MediaError::Stopped)), "{late:?}");
}
