//! The bad network of the other tests does what it is told: in virtual time, and over real sockets.

#[path = "support/relay.rs"]
mod relay;

use relay::{Counts, Lane, Line, Relay};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::time::{Instant, sleep, timeout};

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Sends datagrams 0, 1, … evenly through a lane; which arrived, and how long after the start.
fn through(line: Line, count: usize, every: Duration, octets: usize) -> (Vec<(usize, Duration)>, Counts) {
    let start = Instant::now();
    let mut lane = Lane::new(start, 7);
    lane.set(start, line);
    let mut arrived = vec![];
    for number in 0..count {
        let now = start + every * number as u32;
        while let Some(at) = lane.next().filter(|at| *at <= now) {
            arrived.extend(lane.leave(at).map(|number| (number, at - start)));
        }
        lane.enter(now, octets, number);
    }
    while let Some(at) = lane.next() {
        arrived.extend(lane.leave(at).map(|number| (number, at - start)));
    }
    (arrived, lane.counts())
}

fn in_order(arrived: &[(usize, Duration)]) -> bool {
    arrived.is_sorted_by_key(|(number, _)| *number)
}

#[test]
fn a_wire_passes_everything_at_once() {
    let (arrived, counts) = through(Line::default(), 100, MILLISECOND, 60_000);
    assert!(arrived.iter().enumerate().all(|(at, each)| *each == (at, MILLISECOND * at as u32)));
    assert_eq!(counts, Counts { passed: 100, ..Counts::default() });
}

#[test]
fn loss_is_as_large_as_told() {
    let (arrived, counts) = through(Line { loss: 0.2, ..Line::default() }, 2_000, MILLISECOND, 100);
    assert!((340..=460).contains(&counts.lost), "{counts:?}");
    assert_eq!(counts.passed + counts.lost, 2_000);
    assert_eq!(counts.passed, arrived.len() as u64);
}

#[test]
fn jitter_keeps_the_order_unless_told_otherwise() {
    let line = Line { delay: 50 * MILLISECOND, jitter: 30 * MILLISECOND, ..Line::default() };
    let (arrived, _) = through(line, 1_000, MILLISECOND, 100);
    assert!(arrived.len() == 1_000 && in_order(&arrived));
    let late = |(number, at): &(usize, Duration)| *at - MILLISECOND * *number as u32;
    assert!(arrived.iter().all(|each| (50 * MILLISECOND..=80 * MILLISECOND).contains(&late(each))));

    let (arrived, _) = through(Line { reorder: true, ..line }, 1_000, MILLISECOND, 100);
    assert!(arrived.len() == 1_000 && !in_order(&arrived));
}

#[test]
fn the_bottleneck_keeps_its_rate_and_drops_what_its_queue_cannot_hold() {
    // Twice as much as fits: 1,000 octets every 4 ms are 2 Mbit/s.
    let line = Line { rate: Some(1_000_000), queue: 10_000, ..Line::default() };
    let (arrived, counts) = through(line, 2_500, 4 * MILLISECOND, 1_000);
    assert!(in_order(&arrived));
    assert!((1_250..=1_260).contains(&counts.passed), "{counts:?}");
    assert_eq!(counts.passed + counts.queued_out, 2_500);
    let waited = arrived.iter().map(|(number, at)| *at - 4 * MILLISECOND * *number as u32).max();
    assert_eq!(waited, Some(80 * MILLISECOND), "a full queue of ten datagrams");
}

#[test]
fn a_wider_bottleneck_empties_its_queue_sooner() {
    let start = Instant::now();
    let mut lane = Lane::new(start, 7);
    lane.set(start, Line { rate: Some(8_000), ..Line::default() });
    (0..10).for_each(|number| lane.enter(start, 1_000, number));
    assert_eq!(lane.next(), Some(start + SECOND));
    lane.set(start + SECOND, Line { rate: Some(800_000), ..Line::default() });
    assert_eq!(std::iter::from_fn(|| lane.leave(start + SECOND)).collect::<Vec<_>>(), [0]);
    let later = start + SECOND + 90 * MILLISECOND;
    assert_eq!(std::iter::from_fn(|| lane.leave(later)).count(), 9);
}

#[test]
fn an_outage_loses_what_is_on_its_way() {
    let start = Instant::now();
    let mut lane = Lane::new(start, 7);
    lane.set(start, Line { delay: SECOND, ..Line::default() });
    lane.enter(start, 100, 1);
    lane.set(start, Line { outage: true, ..Line::default() });
    lane.enter(start, 100, 2);
    assert_eq!((lane.leave(start + 2 * SECOND), lane.next()), (None, None));
    lane.set(start, Line::default());
    lane.enter(start, 100, 3);
    assert_eq!(lane.leave(start), Some(3));
    assert_eq!(lane.counts(), Counts { passed: 1, lost: 2, queued_out: 0 });
}

/// A server, a client, and the relay between them.
struct Sockets {
    server: UdpSocket,
    client: UdpSocket,
    relay: Relay,
}

impl Sockets {
    async fn open() -> Self {
        let server = UdpSocket::bind("127.0.0.1:0").await.expect("a server");
        let client = UdpSocket::bind("127.0.0.1:0").await.expect("a client");
        let relay = Relay::start(server.local_addr().expect("its address"), 7).await;
        client.connect(relay.address).await.expect("a path");
        Self { server, client, relay }
    }

    /// Up and back; what the server saw as its source.
    async fn exchange(&self, text: &[u8]) -> SocketAddr {
        self.client.send(text).await.expect("sent");
        let (up, source) = received(&self.server).await;
        assert_eq!(up, text);
        self.server.send_to(b"back", source).await.expect("sent");
        assert_eq!(received(&self.client).await.0, b"back");
        source
    }
}

async fn received(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = [0; 2_000];
    let (count, source) = timeout(5 * SECOND, socket.recv_from(&mut buffer)).await.expect("in time").unwrap();
    (buffer[..count].to_vec(), source)
}

#[tokio::test]
async fn each_client_has_a_port_of_its_own() {
    let sockets = Sockets::open().await;
    let first = sockets.exchange(b"one").await;
    assert_eq!(sockets.exchange(b"two").await, first);
    let other = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    other.send_to(b"three", sockets.relay.address).await.unwrap();
    let (_, second) = received(&sockets.server).await;
    assert_ne!(first, second);
    let mut sources = sockets.relay.sources();
    sources.sort();
    assert_eq!(sources, [first.min(second), first.max(second)]);
}

#[tokio::test]
async fn a_rebinding_changes_the_source_and_closes_the_old_port() {
    let sockets = Sockets::open().await;
    let before = sockets.exchange(b"one").await;
    sockets.relay.rebind();
    sockets.server.send_to(b"lost", before).await.unwrap();
    let after = sockets.exchange(b"two").await;
    assert_ne!(before, after);
    assert_eq!(sockets.relay.down.counts(), Counts { passed: 2, ..Counts::default() });
}

#[tokio::test]
async fn an_outage_passes_nothing_and_ends() {
    let sockets = Sockets::open().await;
    let source = sockets.exchange(b"before").await;
    sockets.relay.change(|line| line.outage = true);
    sockets.client.send(b"up").await.unwrap();
    sockets.server.send_to(b"down", source).await.unwrap();
    let relay = &sockets.relay;
    let both = async {
        while relay.up.counts().lost + relay.down.counts().lost < 2 {
            sleep(MILLISECOND).await
        }
    };
    timeout(5 * SECOND, both).await.expect("both are lost");
    relay.change(|line| line.outage = false);
    assert_eq!(sockets.exchange(b"after").await, source);
}

#[tokio::test]
async fn the_directions_are_independent() {
    let sockets = Sockets::open().await;
    sockets.relay.down.change(|line| line.delay = 200 * MILLISECOND);
    let start = Instant::now();
    sockets.client.send(b"up").await.unwrap();
    let (_, source) = received(&sockets.server).await;
    let up = start.elapsed();
    sockets.server.send_to(b"down", source).await.unwrap();
    received(&sockets.client).await;
    assert!(start.elapsed() >= up + 200 * MILLISECOND, "{:?}", start.elapsed());
    assert_eq!(sockets.relay.up.counts(), Counts { passed: 1, ..Counts::default() });
}

#[tokio::test]
async fn a_slow_line_over_real_sockets_keeps_its_rate() {
    let sockets = Sockets::open().await;
    sockets.exchange(b"open").await;
    sockets.relay.up.change(|line| {
        line.rate = Some(400_000);
        line.queue = 120_000;
    });
    // Two seconds' worth in half a second, no faster than a socket's buffer is emptied.
    let start = Instant::now();
    for _ in 0..100 {
        sockets.client.send(&[0; 1_000]).await.unwrap();
        sleep(5 * MILLISECOND).await;
    }
    for _ in 0..100 {
        received(&sockets.server).await;
    }
    let took = start.elapsed();
    assert!((1_800 * MILLISECOND..2_200 * MILLISECOND).contains(&took), "{took:?}");
}
