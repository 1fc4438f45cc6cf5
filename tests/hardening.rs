//! What no browser would send: forged, replayed, cut and in floods, by a client and by strangers. It is
//! counted and dropped, and two others in the room go on hearing each other.

#[path = "support/light.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod light;

use hejie::ids::SessionId;
use hejie::media::{Dropped, Media, MediaConfig, MediaStats, PeerId, Route, Slot, Track};
use hejie::random::Random;
use light::{Light, OPUS, VP8, picture, rtp};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(20);
/// Datagrams sent before the server is waited for; they fit into its socket's buffer.
const BURST: usize = 100;

/// Two who talk to each other, and one who does what it shouldn't and gets the first one's picture.
struct Room {
    media: Media,
    cancel: CancellationToken,
    talkers: [Light; 2],
    mallory: Light,
    stranger: UdpSocket,
    said: u16,
}

impl Room {
    async fn new() -> Self {
        Self::with(|_, offer| offer).await
    }

    /// `change`: what mallory offers instead.
    async fn with(change: impl FnOnce(&Light, String) -> String) -> Self {
        let cancel = CancellationToken::new();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = MediaConfig { listen, tcp_listen: None, public: vec![], max_peers: 4, shards: 1 };
        let media = Media::start(config, Random::seeded(7), cancel.clone()).await.expect("listening");
        let id = SessionId::random(&Random::seeded(1));
        let mut people = [1, 2, 3].map(Light::new);
        let mut offers = people.each_ref().map(|person| person.offer(false));
        offers[2] = change(&people[2], std::mem::take(&mut offers[2]));
        for ((number, person), offer) in (1..).zip(&mut people).zip(offers) {
            let answer = media.connect(id.clone(), PeerId(number), offer).await.expect("an answer");
            person.accept(&answer);
            person.connect(SOON);
        }
        let route = |from, track, to, slot| Route { from: PeerId(from), track, to: PeerId(to), slot };
        let table = vec![
            route(1, Track::Microphone, 2, Slot::Audio(0)),
            route(2, Track::Microphone, 1, Slot::Audio(0)),
            route(1, Track::Camera, 3, Slot::Video(0)),
        ];
        media.route(id, table).await.expect("a good table");
        let [one, two, mallory] = people;
        let stranger = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        Self { media, cancel, talkers: [one, two], mallory, stranger, said: 0 }
    }

    /// Each of the two says something until the other hears it. Neither hears anything else.
    fn converse(&mut self) {
        for (from, to) in [(0, 1), (1, 0)] {
            let begun = Instant::now();
            let mut heard = false;
            while !heard {
                assert!(begun.elapsed() < SOON, "{to} doesn't hear {from}");
                let said = self.say(from);
                self.talkers[from].send(&said);
                heard = self.hear(to, from);
            }
        }
    }

    /// The next packet of somebody's sound.
    fn say(&mut self, from: usize) -> Vec<u8> {
        self.said += 1;
        let timestamp = u32::from(self.said) * 960;
        let said = rtp(self.talkers[from].microphone, OPUS, self.said, timestamp, None, &sound(from));
        self.talkers[from].seal(&said).to_vec()
    }

    /// Whether sound comes before the socket's timeout.
    fn hear(&mut self, to: usize, from: usize) -> bool {
        let mut buffer = [0; 2_048];
        let to = &mut self.talkers[to];
        while let Ok(length) = to.socket.recv(&mut buffer) {
            let is_rtp = (128..192).contains(&buffer[0]) && !(192..224).contains(&buffer[1]);
            let Some(plain) = is_rtp.then(|| to.open(&buffer[..length])).flatten() else { continue };
            assert!(plain.ends_with(&sound(from)), "what nobody said");
            return true;
        }
        false
    }

    async fn stats(&self) -> MediaStats {
        self.media.stats().await
    }

    /// Sends these, and waits until the server has taken every one.
    async fn take(&self, from: &UdpSocket, datagrams: &[Vec<u8>]) -> Dropped {
        for burst in datagrams.chunks(BURST) {
            let wanted = self.stats().await.packets_in + burst.len() as u64;
            for datagram in burst {
                from.send_to(datagram, self.mallory.server).expect("sent");
            }
            let begun = Instant::now();
            while self.stats().await.packets_in < wanted {
                assert!(begun.elapsed() < SOON, "a burst was lost on the way");
                tokio::task::yield_now().await;
            }
        }
        self.stats().await.dropped
    }

    /// Everybody is still there, and no parser fell over.
    async fn unharmed(&mut self) {
        self.converse();
        let stats = self.stats().await;
        assert_eq!((stats.connected, stats.panics), (3, 0), "{stats:?}");
    }

    /// A sealed packet of mallory's microphone.
    fn sealed(&mut self, sequence: u16) -> Vec<u8> {
        let packet = rtp(self.mallory.microphone, OPUS, sequence, 0, None, b"mallory's");
        self.mallory.seal(&packet).to_vec()
    }

    /// Mallory gets the picture of the first one: so many packets, whose numbers are given back.
    async fn watch(&mut self, packets: usize) -> Vec<u16> {
        let (begun, mut got, mut sequence) = (Instant::now(), vec![], 0);
        let mut buffer = [0; 2_048];
        while got.len() < packets {
            assert!(begun.elapsed() < SOON, "mallory sees nothing");
            sequence += 1;
            let camera = self.talkers[0].camera;
            let shown = rtp(
                camera,
                VP8,
                sequence,
                u32::from(sequence) * 3_000,
                None,
                &picture(got.is_empty(), true, sequence, 500),
            );
            let shown = self.talkers[0].seal(&shown);
            self.talkers[0].send(&shown);
            let Ok(length) = self.mallory.socket.recv(&mut buffer) else { continue };
            if (128..192).contains(&buffer[0]) && buffer[1] & 0x7f == VP8 {
                got.push(u16::from_be_bytes([buffer[2], buffer[3]]));
                assert!(self.mallory.open(&buffer[..length]).is_some());
            }
        }
        got
    }

    /// The stream of mallory's first video slot; the sound's come before it.
    fn watched(&self) -> u32 {
        self.mallory.slots[7]
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

fn sound(from: usize) -> [u8; 8] {
    [b'0' + from as u8; 8]
}

/// The datagram with one bit of each octet but the first turned over, one by one.
fn spoilt(datagram: &[u8]) -> Vec<Vec<u8>> {
    let turn = |at: usize| {
        let mut datagram = datagram.to_vec();
        datagram[at] ^= 1 << (at % 8);
        datagram
    };
    (1..datagram.len()).map(turn).collect()
}

fn cut(datagram: &[u8]) -> Vec<Vec<u8>> {
    (1..datagram.len()).map(|length| datagram[..length].to_vec()).collect()
}

/// Of what can't be used.
fn refused(dropped: &Dropped) -> u64 {
    dropped.malformed
        + dropped.unknown_ufrag
        + dropped.unvalidated
        + dropped.forged
        + dropped.unexpected
        + dropped.too_much
}

fn pli(media: u32) -> Vec<u8> {
    [&[0x81, 206, 0, 2, 0, 0, 0, 1][..], &media.to_be_bytes()].concat()
}

#[tokio::test]
async fn forged_media_is_dropped() {
    let mut room = Room::new().await;
    let before = room.stats().await;
    let good = room.sealed(1);
    let control = room.mallory.seal_rtcp(&pli(7)).to_vec();
    let mut forged = [spoilt(&good), spoilt(&control)].concat();
    let others = rtp(room.talkers[0].microphone, OPUS, 9_000, 0, None, b"not mine");
    forged.push(room.talkers[0].seal(&others).to_vec());
    let dropped = room.take(&room.mallory.socket, &forged).await;
    // A spoilt length doesn't even parse.
    let counted = dropped.forged + dropped.unexpected - before.dropped.forged - before.dropped.unexpected;
    assert_eq!(counted, forged.len() as u64, "with the wrong keys, or spoilt");

    let stolen = room.mallory.seal(&others).to_vec();
    let after = room.take(&room.mallory.socket, &[stolen]).await;
    assert_eq!(after.unexpected - dropped.unexpected, 1, "sealed well, in another's name");

    let strangers = [forged.clone(), vec![good.clone(), control]].concat();
    let last = room.take(&room.stranger, &strangers).await;
    let known = last.unvalidated + last.malformed - after.unvalidated - after.malformed;
    assert_eq!(known, strangers.len() as u64, "from a stranger nothing is even opened");
    assert_eq!(room.stats().await.forwarded, before.forwarded);
    room.unharmed().await;
}

#[tokio::test]
async fn a_replay_is_dropped() {
    let mut room = Room::new().await;
    let good = room.sealed(1);
    let control = room.mallory.seal_rtcp(&pli(7)).to_vec();
    let once = room.take(&room.mallory.socket, &[good.clone(), control.clone()]).await;
    let again = [vec![good; 200], vec![control; 200]].concat();
    let dropped = room.take(&room.mallory.socket, &again).await;
    assert_eq!(dropped.forged - once.forged, 400);
    room.unharmed().await;
}

#[tokio::test]
async fn cut_datagrams_are_dropped() {
    let mut room = Room::new().await;
    let before = room.stats().await;
    let good = room.sealed(1);
    let control = room.mallory.seal_rtcp(&pli(7)).to_vec();
    let request = room.mallory.request(&room.mallory.password, true);
    // A request without its last attribute is whole but for the length it tells.
    let all = [cut(&good), cut(&control), cut(&request)].concat();
    let dropped = room.take(&room.mallory.socket, &all).await;
    assert_eq!(refused(&dropped) - refused(&before.dropped), all.len() as u64);
    let strangers = room.take(&room.stranger, &all).await;
    assert_eq!(refused(&strangers) - refused(&dropped), all.len() as u64);
    assert_eq!(room.stats().await.forwarded, before.forwarded);
    room.unharmed().await;
}

#[tokio::test]
async fn a_flood_is_cut_for_its_sender_alone() {
    let mut room = Room::new().await;
    let flood: Vec<_> = (1..=10_000).map(|sequence| room.sealed(sequence)).collect();
    let begun = Instant::now();
    for part in flood.chunks(1_000) {
        room.take(&room.mallory.socket, part).await;
        room.converse();
    }
    let dropped = room.stats().await.dropped;
    // Four thousand a second, by windows of half of one.
    let allowed = 2_000 * (2 + begun.elapsed().as_millis() as u64 / 500);
    assert!(dropped.unrouted <= allowed, "{dropped:?} in {:?}", begun.elapsed());
    assert_eq!(dropped.unrouted + dropped.too_much, 10_000);
    room.unharmed().await;
}

#[tokio::test]
async fn streams_nobody_announced_bind_no_more_than_the_bound() {
    let layers = |mallory: &Light, offer: String| {
        let camera = mallory.camera;
        let stream = format!("a=ssrc-group:FID {camera} {}\r\na=ssrc:{camera} cname:light\r\n", camera + 1);
        let rids = "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
                    a=extmap:5 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n\
                    a=rid:a send\r\na=rid:b send\r\na=simulcast:send a;b\r\n";
        assert!(offer.contains(&stream));
        offer.replace(&stream, rids)
    };
    let mut room = Room::with(layers).await;
    let flood: Vec<_> = (0..500u16)
        .map(|number| {
            let mut packet = vec![0x90, VP8];
            packet.extend(number.to_be_bytes());
            packet.extend([0; 4]);
            packet.extend((90_000 + u32::from(number)).to_be_bytes());
            packet.extend([0xbe, 0xde, 0, 1, 4 << 4, b'1', 5 << 4, b'a']);
            packet.extend(picture(true, true, number, 20));
            room.mallory.seal(&packet).to_vec()
        })
        .collect();
    let dropped = room.take(&room.mallory.socket, &flood).await;
    // Sixteen, three of which are the microphone's and the screen's.
    // Those beyond the replay windows that are kept count as forged.
    assert_eq!((dropped.unexpected + dropped.forged, dropped.unrouted), (487, 13), "{dropped:?}");
    room.unharmed().await;
}

#[tokio::test]
async fn requests_without_the_password_are_dropped() {
    let mut room = Room::new().await;
    let guess = room.talkers[0].request("guessed", true);
    let before = room.stats().await.dropped;
    for _ in 0..4 {
        let forwarded = room.stats().await.forwarded;
        room.take(&room.stranger, &vec![guess.clone(); 2_500]).await;
        // What strangers send in its name takes nothing from what it may send itself.
        let said: Vec<_> = (0..20).map(|_| room.say(0)).collect();
        room.take(&room.talkers[0].socket, &said).await;
        assert_eq!(room.stats().await.forwarded - forwarded, 20);
    }
    let dropped = room.stats().await.dropped;
    assert_eq!(dropped.forged + dropped.too_much - before.forged - before.too_much, 10_000);
    room.stranger.set_nonblocking(true).expect("set");
    assert!(room.stranger.recv(&mut [0; 64]).is_err(), "nothing was answered");
    room.unharmed().await;
}

#[tokio::test]
async fn a_client_has_no_hundred_addresses() {
    let mut room = Room::new().await;
    let request = room.mallory.request(&room.mallory.password, true);
    let sockets: Vec<_> = (0..100).map(|_| UdpSocket::bind("127.0.0.1:0").expect("a socket")).collect();
    for socket in &sockets {
        room.take(socket, std::slice::from_ref(&request)).await;
    }
    // Its first one and 63 more.
    assert_eq!(room.stats().await.dropped.too_much, 37);
    let answered = |socket: &&UdpSocket| {
        socket.set_nonblocking(true).expect("set");
        socket.recv(&mut [0; 256]).is_ok()
    };
    assert!(sockets.iter().filter(answered).count() <= 63);
    room.unharmed().await;
}

#[tokio::test]
async fn an_enormous_compound_asks_for_little() {
    let mut room = Room::new().await;
    room.watch(2).await;
    let before = room.stats().await.key_frames_requested;
    let watched = room.watched();
    let begun = Instant::now();
    for packets in [100, 1_000, 5_000] {
        let compound = room.mallory.seal_rtcp(&pli(watched).repeat(packets)).to_vec();
        room.take(&room.mallory.socket, &[compound]).await;
    }
    let asked = room.stats().await.key_frames_requested - before;
    assert!(asked <= 1 + begun.elapsed().as_secs(), "{asked} key frames in {:?}", begun.elapsed());
    room.unharmed().await;
}

#[tokio::test]
async fn a_storm_of_nacks_brings_little() {
    let mut room = Room::new().await;
    let got = room.watch(30).await;
    let before = room.stats().await;
    let mut nack =
        [&[0x81, 205, 0, 2 + got.len() as u8, 0, 0, 0, 1][..], &room.watched().to_be_bytes()].concat();
    got.iter().for_each(|sequence| nack.extend([&sequence.to_be_bytes()[..], &[0, 0]].concat()));
    let begun = Instant::now();
    let storm: Vec<_> = (0..300).map(|_| room.mallory.seal_rtcp(&nack).to_vec()).collect();
    room.take(&room.mallory.socket, &storm).await;
    let resent = room.stats().await.resent - before.resent;
    // Each of them once in a round trip, which is 100 ms until it was measured.
    let rounds = 1 + begun.elapsed().as_millis() as u64 / 100;
    assert!((1..=30 * rounds).contains(&resent), "{resent} in {:?}", begun.elapsed());
    room.unharmed().await;
}
