//! ICE over TCP (RFC 6544), for networks that let no UDP through: the client connects to us, and
//! every datagram is framed by its length (RFC 4571). A task per connection reads and writes; the
//! shard sees datagrams from a [`Way::Tcp`] and treats them like any others.
//!
//! What always holds: a connection belongs to the shard that its first request names, says something
//! within five seconds, and is somebody's within ten; a client that reads too slowly loses datagrams,
//! as over UDP, and holds up nobody.

use super::demux::{self, Kind, Way};
use super::peer::Outbox;
use super::stats::MediaStats;
use bytes::{BufMut, Bytes, BytesMut};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// Connections at a time, in all shards.
const MAX_CONNECTIONS: usize = 2_048;
const FIRST_WITHIN: Duration = Duration::from_secs(5);
/// An address that ICE hasn't validated by then is nobody's.
const OWNED_WITHIN: Duration = Duration::from_secs(10);
/// The longest frame that a client of ours sends.
const MAX_FRAME: usize = 2_048;
/// Frames that wait for a slow client: half a second of everything.
const QUEUE: usize = 128;
/// Frames from all connections that wait for a shard.
pub const INBOX: usize = 1_024;

/// What a connection's task tells its shard.
pub enum Frame {
    Opened { from: SocketAddr, writer: mpsc::Sender<Bytes> },
    Datagram { from: SocketAddr, octets: BytesMut },
    Closed { from: SocketAddr },
}

/// Takes connections until cancelled, and hands each to the shard that its first frame names.
pub async fn accept(
    listener: TcpListener,
    shards: Vec<mpsc::Sender<Frame>>,
    shard_of: fn(&str) -> Option<usize>,
    cancel: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let shards: Arc<[mpsc::Sender<Frame>]> = shards.into();
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (Ok((stream, from)), Ok(place)) = (accepted, places.clone().try_acquire_owned()) else {
            // Full, or out of files: whoever is there goes on.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (shards, cancel) = (shards.clone(), cancel.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = cancel.cancelled() => {}
                () = serve(stream, from, &shards, shard_of) => {}
            }
            drop(place);
        });
    }
}

async fn serve(
    stream: TcpStream,
    from: SocketAddr,
    shards: &[mpsc::Sender<Frame>],
    shard_of: fn(&str) -> Option<usize>,
) {
    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
    let _ = stream.set_nodelay(true);
    let (mut reader, writer) = stream.into_split();
    let Ok(Some(first)) = tokio::time::timeout(FIRST_WITHIN, read(&mut reader)).await else { return };
    let Kind::Request { ufrag, .. } = demux::look(&first) else { return };
    let Some(shard) = shard_of(ufrag).and_then(|shard| shards.get(shard)) else { return };
    let (queue, waiting) = mpsc::channel(QUEUE);
    if shard.send(Frame::Opened { from, writer: queue }).await.is_err() {
        return;
    }
    tokio::select! {
        () = receive(&mut reader, first, from, shard) => {}
        () = send(writer, waiting) => {}
    }
    let _ = shard.send(Frame::Closed { from }).await;
}

async fn receive(reader: &mut OwnedReadHalf, first: BytesMut, from: SocketAddr, shard: &mpsc::Sender<Frame>) {
    let mut octets = first;
    loop {
        if shard.send(Frame::Datagram { from, octets }).await.is_err() {
            return;
        }
        match read(reader).await {
            Some(next) => octets = next,
            None => return,
        }
    }
}

async fn read(reader: &mut OwnedReadHalf) -> Option<BytesMut> {
    let length = usize::from(reader.read_u16().await.ok()?);
    if length > MAX_FRAME {
        return None;
    }
    let mut octets = BytesMut::zeroed(length);
    reader.read_exact(&mut octets).await.ok()?;
    Some(octets)
}

/// Until the shard lets go of the queue, or the client of the connection.
async fn send(mut writer: OwnedWriteHalf, mut waiting: mpsc::Receiver<Bytes>) {
    let mut batch = Vec::with_capacity(16);
    while waiting.recv_many(&mut batch, 16).await > 0 {
        let all: Vec<u8> = batch.drain(..).flatten().collect();
        if writer.write_all(&all).await.is_err() {
            return;
        }
    }
}

/// The shard's side: who is connected.
#[derive(Default)]
pub struct Connections {
    open: HashMap<SocketAddr, (mpsc::Sender<Bytes>, Instant)>,
}

impl Connections {
    pub fn open(&mut self, now: Instant, from: SocketAddr, writer: mpsc::Sender<Bytes>) {
        self.open.insert(from, (writer, now));
    }

    pub fn close(&mut self, from: SocketAddr) {
        self.open.remove(&from);
    }

    pub fn send_all(&self, stats: &mut MediaStats, to: SocketAddr, out: &Outbox) {
        let mut from = 0;
        for length in &out.lengths {
            self.send_one(stats, to, &out.octets[from..from + length]);
            from += length;
        }
    }

    pub fn send_one(&self, stats: &mut MediaStats, to: SocketAddr, datagram: &[u8]) {
        let Some((writer, _)) = self.open.get(&to) else { return };
        let mut frame = BytesMut::with_capacity(2 + datagram.len());
        frame.put_u16(datagram.len() as u16);
        frame.put_slice(datagram);
        if writer.try_send(frame.freeze()).is_ok() {
            stats.packets_out += 1;
            stats.octets_out += datagram.len() as u64;
        } else {
            stats.dropped.socket_full += 1;
        }
    }

    /// Lets go of connections that are nobody's.
    pub fn tidy(&mut self, now: Instant, is_owned: impl Fn(Way) -> bool) {
        self.open.retain(|from, (_, since)| {
            now.duration_since(*since) < OWNED_WITHIN || is_owned(Way::Tcp(*from))
        });
    }
}
