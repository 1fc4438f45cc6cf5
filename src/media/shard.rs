//! The loop: one thread that owns a socket and a switchboard, so that no packet meets a lock or
//! another task. `mod` starts as many as there are cores and talks to them by messages; a room lives
//! on one of them.
//!
//! A burst is taken, decided and sent as one. When packets come thick, the loop naps for a fraction of
//! a millisecond before it takes the next burst: system calls and wake-ups are what a forwarded packet
//! costs, and both are shared by all that are waiting.

use super::demux::Way;
use super::dtls::Identity;
use super::error::MediaError;
use super::event::{Event, Why};
use super::ice::Credentials;
use super::peer::Peer;
use super::socket::{self, Socket};
use super::stats::MediaStats;
use super::switchboard::Switchboard;
use super::table::{PeerId, Route, Slot};
use super::tcp::{self, Connections, Frame};
use crate::ids::SessionId;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// System calls of receiving in one go before commands and timers get their turn.
const BURST: usize = 4;
/// Datagrams taken before a table is replaced: more than a socket buffer of sound holds.
const BEFORE_ROUTE: usize = 256;
const TICK: Duration = Duration::from_millis(20);

pub enum Ask {
    Add {
        peer: Box<Peer>,
        reply: oneshot::Sender<Result<(), MediaError>>,
    },
    /// Writes the answer of an ICE restart from what the peer offered.
    Restart {
        peer: PeerId,
        credentials: Credentials,
        write: Write,
        reply: oneshot::Sender<Option<Option<String>>>,
    },
    Show {
        peer: PeerId,
        heights: Vec<(Slot, u16)>,
    },
    Route {
        room: SessionId,
        table: Vec<Route>,
        reply: oneshot::Sender<Result<(), MediaError>>,
    },
    Disconnect {
        peer: PeerId,
        reply: oneshot::Sender<()>,
    },
    Events {
        room: SessionId,
        to: mpsc::Sender<Event>,
    },
    Stats {
        reply: oneshot::Sender<MediaStats>,
    },
}

/// Nothing if the offer is of another shape than the first.
pub type Write = Box<dyn FnOnce(&Peer) -> Option<String> + Send>;

pub struct Shard {
    socket: Socket,
    asks: mpsc::Receiver<Ask>,
    frames: mpsc::Receiver<Frame>,
    tcp: Connections,
    board: Switchboard,
    pace: Pace,
}

/// Runs a shard on a thread of its own, until cancelled. Fails like the shard's making.
pub fn spawn(
    number: usize,
    cancel: CancellationToken,
    make: impl FnOnce() -> std::io::Result<Shard> + Send + 'static,
) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (made, outcome) = std::sync::mpsc::channel();
    std::thread::Builder::new().name(format!("media-{number}")).spawn(move || {
        runtime.block_on(async {
            let shard = make();
            let _ = made.send(shard.as_ref().map(|_| ()).map_err(|error| error.kind()));
            if let Ok(shard) = shard {
                shard.run(cancel).await;
            }
        });
    })?;
    let died = |_| std::io::ErrorKind::Other;
    outcome.recv().map_err(died).and_then(|made| made).map_err(std::io::Error::from)
}

impl Shard {
    /// To be called on the shard's own runtime.
    pub fn new(
        socket: std::net::UdpSocket,
        asks: mpsc::Receiver<Ask>,
        frames: mpsc::Receiver<Frame>,
        identity: Identity,
        max_peers: usize,
    ) -> std::io::Result<Self> {
        let socket = Socket::new(socket)?;
        let board = Switchboard::new(identity, max_peers);
        Ok(Self { socket, asks, frames, tcp: Connections::default(), board, pace: Pace::new(Instant::now()) })
    }

    /// Runs until cancelled, or until every handle is gone; then says goodbye to every client.
    pub async fn run(mut self, cancel: CancellationToken) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = cancel.cancelled() => break,
                ask = self.asks.recv() => match ask {
                    Some(ask) => self.answer(ask),
                    None => break,
                },
                _ = ticks.tick(), if !self.board.is_empty() => {
                    let now = Instant::now();
                    self.board.tick(now);
                    self.tcp.tidy(now, |way| self.board.knows(way));
                }
                Some(frame) = self.frames.recv() => self.on_frame(Instant::now(), frame),
                ready = self.socket.readable() => match ready {
                    Ok(()) => {
                        self.pace.nap();
                        let taken = self.take_waiting(BURST);
                        self.pace.took(Instant::now(), taken);
                    }
                    Err(error) => tracing::warn!(%error, "the media socket isn't readable"),
                },
            }
            self.board.flush(&self.socket, &mut self.tcp);
        }
        self.board.remove_all(Instant::now());
        self.board.flush(&self.socket, &mut self.tcp);
    }

    /// Whoever asked may have stopped waiting; what was asked for is done all the same.
    fn answer(&mut self, ask: Ask) {
        let now = Instant::now();
        match ask {
            Ask::Add { peer, reply } => {
                let id = peer.id;
                let added = self.board.add(now, *peer);
                let is_in = added.is_ok();
                if reply.send(added).is_err() && is_in {
                    // Nobody is left to give the answer to the client.
                    self.board.remove(now, id, Why::Disconnected);
                }
            }
            Ask::Restart { peer, credentials, write, reply } => {
                let _ = reply.send(self.board.restart(peer, credentials, write));
            }
            Ask::Show { peer, heights } => self.board.show(now, peer, heights),
            Ask::Route { room, table, reply } => {
                // What arrived before belongs to the old table: the last words of a caucus must not
                // be the first ones of the joint room.
                self.take_waiting(BEFORE_ROUTE);
                self.board.flush(&self.socket, &mut self.tcp);
                let _ = reply.send(self.board.route(now, &room, table));
            }
            Ask::Disconnect { peer, reply } => {
                self.board.remove(now, peer, Why::Disconnected);
                let _ = reply.send(());
            }
            Ask::Events { room, to } => self.board.subscribe(now, room, to),
            Ask::Stats { reply } => {
                let _ = reply.send(self.board.count());
            }
        }
    }

    /// Takes what waits in the socket, in at most so many system calls; tells how many datagrams.
    fn take_waiting(&mut self, calls: usize) -> usize {
        let mut taken = 0;
        let mut answers = vec![];
        for _ in 0..calls {
            let now = Instant::now();
            let board = &mut self.board;
            let received = self.socket.receive(|from, datagram| {
                let answer = board.take(now, socket::udp(from), datagram);
                answers.extend(answer.map(|answer| (from, answer)));
            });
            for (to, answer) in answers.drain(..) {
                self.socket.send_one(&mut self.board.stats, to, &answer);
            }
            match received {
                Ok(datagrams) => taken += datagrams,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    tracing::debug!(%error, "receiving failed");
                    break;
                }
            }
        }
        taken
    }

    fn on_frame(&mut self, now: Instant, frame: Frame) {
        match frame {
            Frame::Opened { from, writer } => self.tcp.open(now, from, writer),
            Frame::Datagram { from, mut octets } => {
                if let Some(answer) = self.board.take(now, Way::Tcp(from), &mut octets) {
                    self.tcp.send_one(&mut self.board.stats, from, &answer);
                }
            }
            Frame::Closed { from } => self.tcp.close(from),
        }
    }
}

/// When to nap.
#[derive(Debug)]
struct Pace {
    since: Instant,
    datagrams: usize,
    thick: bool,
}

impl Pace {
    const WINDOW: Duration = Duration::from_millis(50);
    /// From so many datagrams a second on.
    const THICK: f64 = 1_500.0;
    const NAP: Duration = Duration::from_micros(350);

    fn new(now: Instant) -> Self {
        Self { since: now, datagrams: 0, thick: false }
    }

    fn nap(&self) {
        if self.thick {
            std::thread::sleep(Self::NAP);
        }
    }

    fn took(&mut self, now: Instant, datagrams: usize) {
        self.datagrams += datagrams;
        let elapsed = now.duration_since(self.since);
        if elapsed >= Self::WINDOW {
            self.thick = self.datagrams as f64 / elapsed.as_secs_f64() > Self::THICK;
            (self.since, self.datagrams) = (now, 0);
        }
    }
}

/// Frames wait here for a shard.
pub fn inbox() -> (mpsc::Sender<Frame>, mpsc::Receiver<Frame>) {
    mpsc::channel(tcp::INBOX)
}
