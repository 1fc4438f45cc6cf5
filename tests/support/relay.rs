//! A bad network between clients and a server, over loopback: clients send to the relay's address, and
//! the server sees each of them come from a port of its own, as from behind a NAT. Both directions
//! have their own [`Line`], which a test may change while it runs. One relay is one line, whose queue
//! all its clients share: whoever should have a line of their own gets a relay of their own.
//!
//! Loss and jitter are drawn from the seed; when a datagram passes is up to real sockets.
#![allow(dead_code, reason = "each test file uses a part")]

#[path = "lane.rs"]
mod lane;

pub use lane::{Counts, Lane, Line};

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Clients of one relay.
const MAX_CLIENTS: usize = 64;
const LARGEST: usize = 65_536;

/// Runs until it is dropped.
pub struct Relay {
    /// Where clients send to.
    pub address: SocketAddr,
    pub up: Arc<Direction>,
    pub down: Arc<Direction>,
    nat: Arc<Nat>,
    _running: DropGuard,
}

impl Relay {
    /// A wire to `server`, until it is told to be worse.
    pub async fn start(server: SocketAddr, seed: u64) -> Self {
        let running = CancellationToken::new();
        let [up, down] = [seed, !seed].map(|seed| Arc::new(Direction::new(seed)));
        let front = Arc::new(bind(server.ip()));
        let address = front.local_addr().expect("it is bound");
        let nat = Arc::new(Nat {
            server,
            front,
            up: up.clone(),
            down: down.clone(),
            mappings: Mutex::default(),
            running: running.clone(),
        });
        tokio::spawn(running.clone().run_until_cancelled_owned(up.clone().run()));
        tokio::spawn(running.clone().run_until_cancelled_owned(down.clone().run()));
        tokio::spawn(running.clone().run_until_cancelled_owned(nat.clone().read()));
        Self { address, up, down, nat, _running: running.drop_guard() }
    }

    /// Changes both directions.
    pub fn change(&self, change: impl Fn(&mut Line)) {
        self.up.change(&change);
        self.down.change(&change);
    }

    /// The NAT forgets its mappings: the server sees every client come from another port from now on,
    /// and what it sends to the old ones is lost.
    pub fn rebind(&self) {
        let mut mappings = lock(&self.nat.mappings);
        for (client, mapping) in mappings.iter_mut() {
            *mapping = self.nat.map(*client);
        }
    }

    /// Where the server sees the clients.
    pub fn sources(&self) -> Vec<SocketAddr> {
        let mappings = lock(&self.nat.mappings);
        mappings.values().map(|mapping| mapping.socket.local_addr().expect("it is bound")).collect()
    }
}

/// One direction: the lane, and the task that empties it.
pub struct Direction {
    lane: Mutex<Lane<Datagram>>,
    changed: Notify,
}

struct Datagram {
    octets: Vec<u8>,
    through: Arc<UdpSocket>,
    to: SocketAddr,
}

impl Direction {
    fn new(seed: u64) -> Self {
        Self { lane: Mutex::new(Lane::new(Instant::now(), seed)), changed: Notify::new() }
    }

    pub fn change(&self, change: impl FnOnce(&mut Line)) {
        let mut lane = lock(&self.lane);
        let mut line = lane.line();
        change(&mut line);
        lane.set(Instant::now(), line);
        drop(lane);
        self.changed.notify_one();
    }

    pub fn counts(&self) -> Counts {
        lock(&self.lane).counts()
    }

    fn enter(&self, datagram: Datagram) {
        lock(&self.lane).enter(Instant::now(), datagram.octets.len(), datagram);
        self.changed.notify_one();
    }

    async fn run(self: Arc<Self>) {
        loop {
            let (datagram, next) = {
                let mut lane = lock(&self.lane);
                (lane.leave(Instant::now()), lane.next())
            };
            if let Some(Datagram { octets, through, to }) = datagram {
                // A receiver that is gone, as on any network.
                let _ = through.send_to(&octets, to).await;
                continue;
            }
            let due = async {
                match next {
                    Some(at) => sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                () = self.changed.notified() => {}
            }
        }
    }
}

struct Nat {
    server: SocketAddr,
    /// The clients' side.
    front: Arc<UdpSocket>,
    up: Arc<Direction>,
    down: Arc<Direction>,
    /// By the client's address.
    mappings: Mutex<HashMap<SocketAddr, Mapping>>,
    running: CancellationToken,
}

struct Mapping {
    /// The server's side.
    socket: Arc<UdpSocket>,
    _reading: DropGuard,
}

impl Nat {
    async fn read(self: Arc<Self>) {
        let mut buffer = vec![0; LARGEST];
        while let Ok((count, client)) = self.front.recv_from(&mut buffer).await {
            if let Some(through) = self.through(client) {
                self.up.enter(Datagram { octets: buffer[..count].to_vec(), through, to: self.server });
            }
        }
    }

    /// The socket of this client's mapping.
    fn through(&self, client: SocketAddr) -> Option<Arc<UdpSocket>> {
        let mut mappings = lock(&self.mappings);
        if mappings.len() >= MAX_CLIENTS && !mappings.contains_key(&client) {
            return None;
        }
        let mapping = mappings.entry(client).or_insert_with(|| self.map(client));
        Some(mapping.socket.clone())
    }

    /// A new mapping, which only the server reaches.
    fn map(&self, client: SocketAddr) -> Mapping {
        let socket = Arc::new(bind(self.server.ip()));
        let reading = self.running.child_token();
        let (from, front, down, server) =
            (socket.clone(), self.front.clone(), self.down.clone(), self.server);
        tokio::spawn(reading.clone().run_until_cancelled_owned(async move {
            let mut buffer = vec![0; LARGEST];
            while let Ok((count, source)) = from.recv_from(&mut buffer).await {
                if source == server {
                    let octets = buffer[..count].to_vec();
                    down.enter(Datagram { octets, through: front.clone(), to: client });
                }
            }
        }));
        Mapping { socket, _reading: reading.drop_guard() }
    }
}

fn bind(ip: IpAddr) -> UdpSocket {
    let socket = std::net::UdpSocket::bind((ip, 0)).expect("a port on loopback");
    socket.set_nonblocking(true).expect("a socket that doesn't block");
    UdpSocket::from_std(socket).expect("a runtime")
}

/// A test that panicked with the lock held has failed anyway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panicked")
}
