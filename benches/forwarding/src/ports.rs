//! A UDP socket as `src/media/socket.rs` uses one: received in batches, sent in runs of one size. The
//! floor forwards through it, and everybody who plays receives with it.

use anyhow::Result;
use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use std::io::{self, IoSliceMut};
use std::net::{SocketAddr, UdpSocket};
use tokio::io::Interest;

/// Buffers filled by one system call, and the size of each.
pub const BATCH: usize = 16;
pub const RUN: usize = 64 * 1024;
const MAX_SEND: usize = 60_000;
const SOCKET_BUFFER: usize = 4 << 20;

/// What a forwarding thread counted. Only grows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub packets_in: u64,
    pub forwarded: u64,
    /// System calls that sent them.
    pub sends: u64,
}

/// Who counts.
pub trait Source {
    fn counts(&self) -> impl Future<Output = Counts>;
}

/// On loopback, with the buffers that the server asks for.
pub fn bind() -> Result<UdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let own = socket2::SockRef::from(&socket);
    // The system may grant less, to the server as well.
    let _ = own.set_recv_buffer_size(SOCKET_BUFFER);
    let _ = own.set_send_buffer_size(SOCKET_BUFFER);
    Ok(socket)
}

pub struct Port {
    io: tokio::net::UdpSocket,
    state: UdpSocketState,
}

impl Port {
    pub fn new(socket: UdpSocket) -> Result<Self> {
        socket.set_nonblocking(true)?;
        let io = tokio::net::UdpSocket::from_std(socket)?;
        let state = UdpSocketState::new(UdpSockRef::from(&io))?;
        Ok(Self { io, state })
    }

    pub async fn readable(&self) -> io::Result<()> {
        self.io.readable().await
    }

    /// One system call's worth; tells how many.
    pub fn receive(&self, buffer: &mut [u8], mut take: impl FnMut(&mut [u8])) -> io::Result<usize> {
        let mut metas = [RecvMeta::default(); BATCH];
        let mut chunks = buffer.chunks_exact_mut(RUN);
        let mut slices: [IoSliceMut<'_>; BATCH] =
            std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let receive = || self.state.recv(UdpSockRef::from(&self.io), &mut slices, &mut metas);
        let runs = self.io.try_io(Interest::READABLE, receive)?;
        let mut datagrams = 0;
        for (run, meta) in buffer.chunks_exact_mut(RUN).zip(&metas).take(runs) {
            for datagram in run[..meta.len].chunks_mut(meta.stride.max(1)) {
                take(datagram);
                datagrams += 1;
            }
        }
        Ok(datagrams)
    }

    /// Sends all in order; how many went, and in how many system calls.
    pub fn send_all(&self, to: SocketAddr, octets: &[u8], lengths: &[usize]) -> (u64, u64) {
        let most = self.state.max_gso_segments().max(1);
        let (mut from, mut at, mut packets, mut calls) = (0, 0, 0, 0);
        while at < lengths.len() {
            let run = run(&lengths[at..], most);
            let length: usize = lengths[at..at + run].iter().sum();
            if self.send(to, &octets[from..from + length], (run > 1).then_some(lengths[at])) {
                packets += run as u64;
                calls += 1;
            }
            from += length;
            at += run;
        }
        (packets, calls)
    }

    /// Whether the system took it.
    pub fn send(&self, to: SocketAddr, contents: &[u8], segment_size: Option<usize>) -> bool {
        let transmit = Transmit { destination: to, ecn: None, contents, segment_size, src_ip: None };
        let send = || self.state.try_send(UdpSockRef::from(&self.io), &transmit);
        self.io.try_io(Interest::WRITABLE, send).is_ok()
    }
}

/// How many datagrams go in one send: of one size, but the last may be smaller.
fn run(lengths: &[usize], most: usize) -> usize {
    let most = most.min(MAX_SEND / lengths[0].max(1)).max(1);
    let same = lengths.iter().take(most).take_while(|length| **length == lengths[0]).count();
    match lengths.get(same) {
        Some(last) if same < most && *last < lengths[0] => same + 1,
        _ => same,
    }
}
