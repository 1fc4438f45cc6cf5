//! The UDP socket, many datagrams to a system call: received in batches (recvmmsg, GRO), sent in runs
//! of one size to one address (GSO). `shard` owns one.

use super::demux::Way;
use super::peer::Outbox;
use super::stats::MediaStats;
use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// Buffers filled by one system call.
const BATCH: usize = 16;
/// The longest run that the system makes of datagrams from one address.
const RUN: usize = 64 * 1024;
/// Octets that one send may have, headers included.
const MAX_SEND: usize = 60_000;

pub struct Socket {
    io: UdpSocket,
    state: UdpSocketState,
    /// An IPv6 socket takes IPv4 addresses in their mapped form only.
    v6: bool,
    buffer: Vec<u8>,
    metas: Vec<RecvMeta>,
}

impl Socket {
    pub fn new(socket: std::net::UdpSocket) -> io::Result<Self> {
        let v6 = socket.local_addr()?.is_ipv6();
        let io = UdpSocket::from_std(socket)?;
        let state = UdpSocketState::new(UdpSockRef::from(&io))?;
        let metas = vec![RecvMeta::default(); BATCH];
        Ok(Self { io, state, v6, buffer: vec![0; BATCH * RUN], metas })
    }

    pub async fn readable(&self) -> io::Result<()> {
        self.io.readable().await
    }

    /// One system call's worth of datagrams; tells how many. None waiting is an error `WouldBlock`.
    pub fn receive(&mut self, mut take: impl FnMut(SocketAddr, &mut [u8])) -> io::Result<usize> {
        let mut chunks = self.buffer.chunks_exact_mut(RUN);
        let mut slices: [IoSliceMut<'_>; BATCH] =
            std::array::from_fn(|_| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let (io, state, metas) = (&self.io, &self.state, &mut self.metas);
        let runs = io.try_io(Interest::READABLE, || state.recv(UdpSockRef::from(io), &mut slices, metas))?;
        let mut datagrams = 0;
        for (run, meta) in self.buffer.chunks_exact_mut(RUN).zip(&self.metas).take(runs) {
            for datagram in run[..meta.len].chunks_mut(meta.stride.max(1)) {
                take(meta.addr, datagram);
                datagrams += 1;
            }
        }
        Ok(datagrams)
    }

    /// Sends everything, in order.
    pub fn send_all(&self, stats: &mut MediaStats, to: SocketAddr, out: &Outbox) {
        let most = self.state.max_gso_segments().max(1);
        let (mut from, mut at) = (0, 0);
        while at < out.lengths.len() {
            let run = run(&out.lengths[at..], most);
            let octets: usize = out.lengths[at..at + run].iter().sum();
            self.send(stats, to, &out.octets[from..from + octets], (run > 1).then_some(out.lengths[at]), run);
            from += octets;
            at += run;
        }
    }

    /// Sends one datagram at once.
    pub fn send_one(&self, stats: &mut MediaStats, to: SocketAddr, datagram: &[u8]) {
        self.send(stats, to, datagram, None, 1);
    }

    fn send(
        &self,
        stats: &mut MediaStats,
        to: SocketAddr,
        contents: &[u8],
        segment_size: Option<usize>,
        datagrams: usize,
    ) {
        let destination = match to.ip() {
            IpAddr::V4(ip) if self.v6 => SocketAddr::new(ip.to_ipv6_mapped().into(), to.port()),
            _ => to,
        };
        let transmit = Transmit { destination, ecn: None, contents, segment_size, src_ip: None };
        let sent =
            self.io.try_io(Interest::WRITABLE, || self.state.try_send(UdpSockRef::from(&self.io), &transmit));
        match sent {
            Ok(()) => {
                stats.packets_out += datagrams as u64;
                stats.octets_out += contents.len() as u64;
                stats.sends += 1;
            }
            Err(error) => {
                stats.dropped.socket_full += datagrams as u64;
                tracing::debug!(%error, "a datagram was dropped");
            }
        }
    }
}

/// How many datagrams go in one send: of one size, but the last may be smaller.
fn run(lengths: &[usize], most: usize) -> usize {
    let first = lengths[0];
    let most = most.min(MAX_SEND / first.max(1)).max(1);
    let same = lengths.iter().take(most).take_while(|length| **length == first).count();
    match lengths.get(same) {
        Some(last) if same < most && *last < first => same + 1,
        _ => same,
    }
}

/// Where the datagrams of a way come from; over TCP they come framed, one by one.
pub fn udp(address: SocketAddr) -> Way {
    Way::Udp(SocketAddr::new(address.ip().to_canonical(), address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_of_one_size_with_a_smaller_end() {
        assert_eq!(run(&[1_200, 1_200, 1_200, 800, 900], 64), 4);
        assert_eq!(run(&[1_200, 1_200, 1_300], 64), 2);
        assert_eq!(run(&[100], 64), 1);
        assert_eq!(run(&[100, 50, 50], 64), 2);
        assert_eq!(run(&[100; 10], 4), 4);
        assert_eq!(run(&[100, 100, 50], 2), 2, "no room for the smaller one");
        assert_eq!(run(&[100, 50], 1), 1, "a system without segmentation");
        assert_eq!(run(&[1_200; 64], 64), 50, "no longer than a datagram may be");
    }
}
