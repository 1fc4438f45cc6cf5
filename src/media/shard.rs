//! The loop: one task that owns the socket and the switchboard, so that no packet meets a lock.
//! `mod` starts it and talks to it by messages. One per core later: a room lives on one of them.

use super::error::MediaError;
use super::event::{Event, Why};
use super::peer::Peer;
use super::stats::MediaStats;
use super::switchboard::Switchboard;
use super::table::{PeerId, Route};
use crate::ids::SessionId;
use std::net::UdpSocket;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Datagrams taken in one go before commands and timers get their turn.
const BURST: usize = 64;
/// Datagrams taken before a table is replaced: more than a socket buffer of sound holds.
const BEFORE_ROUTE: usize = 4_096;
/// Larger than any datagram that fits an Ethernet frame.
const MAX_DATAGRAM: usize = 2_048;
const TICK: Duration = Duration::from_millis(20);

pub enum Ask {
    Add { peer: Box<Peer>, reply: oneshot::Sender<Result<(), MediaError>> },
    Route { room: SessionId, table: Vec<Route>, reply: oneshot::Sender<Result<(), MediaError>> },
    Disconnect { peer: PeerId, reply: oneshot::Sender<()> },
    Events { room: SessionId, to: mpsc::Sender<Event> },
    Stats { reply: oneshot::Sender<MediaStats> },
}

pub struct Shard {
    /// For reading; the switchboard sends on the same one.
    arrivals: tokio::net::UdpSocket,
    asks: mpsc::Receiver<Ask>,
    board: Switchboard,
    buffer: Vec<u8>,
}

impl Shard {
    pub fn new(socket: UdpSocket, asks: mpsc::Receiver<Ask>, max_peers: usize) -> std::io::Result<Self> {
        let arrivals = tokio::net::UdpSocket::from_std(socket.try_clone()?)?;
        let board = Switchboard::new(socket, max_peers)?;
        Ok(Self { arrivals, asks, board, buffer: vec![0; MAX_DATAGRAM] })
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
                    Some(ask) => self.answer(Instant::now(), ask),
                    None => break,
                },
                _ = ticks.tick(), if !self.board.is_empty() => self.board.tick(Instant::now()),
                ready = self.arrivals.readable() => match ready {
                    Ok(()) => self.take_waiting(BURST),
                    Err(error) => tracing::warn!(%error, "the media socket isn't readable"),
                },
            }
        }
        self.board.remove_all(Instant::now());
    }

    /// Whoever asked may have stopped waiting; what was asked for is done all the same.
    fn answer(&mut self, now: Instant, ask: Ask) {
        match ask {
            Ask::Add { peer, reply } => {
                let id = peer.id;
                let added = self.board.add(peer);
                let is_in = added.is_ok();
                if reply.send(added).is_err() && is_in {
                    // Nobody is left to give the answer to the client.
                    self.board.remove(now, id, Why::Disconnected);
                }
            }
            Ask::Route { room, table, reply } => {
                // What arrived before belongs to the old table: the last words of a caucus must not
                // be the first ones of the joint room.
                self.take_waiting(BEFORE_ROUTE);
                let _ = reply.send(self.board.route(now, &room, table));
            }
            Ask::Disconnect { peer, reply } => {
                self.board.remove(now, peer, Why::Disconnected);
                let _ = reply.send(());
            }
            Ask::Events { room, to } => self.board.subscribe(room, to),
            Ask::Stats { reply } => {
                let _ = reply.send(self.board.count());
            }
        }
    }

    fn take_waiting(&mut self, at_most: usize) {
        for _ in 0..at_most {
            match self.arrivals.try_recv_from(&mut self.buffer) {
                Ok((length, from)) => self.board.take(Instant::now(), from, &self.buffer[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(error) => {
                    tracing::debug!(%error, "receiving failed");
                    return;
                }
            }
        }
    }
}
