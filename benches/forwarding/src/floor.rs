//! The least that forwarding can cost on this machine: one thread receives in batches, opens every
//! packet once, seals it once for each of two receivers, and sends in runs. Nothing is decided in
//! between: who receives is a fixed array, and no packet is numbered anew, kept or counted by stream.

use crate::load::{Keys, Person};
use crate::ports::{BATCH, Counts, Port, RUN, Source};
use anyhow::Result;
use rtc::crypto::{AeadAlgorithm, AeadCipher, RTCCryptoProvider};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub const THREAD: &str = "floor";
const TAG: usize = 16;
/// What `src/media/shard.rs` does: calls of receiving in one go, and when it naps and how long.
const BURST: usize = 4;
const WINDOW: Duration = Duration::from_millis(50);
const THICK: f64 = 1_500.0;
const NAP: Duration = Duration::from_micros(350);

/// AES-128-GCM as SRTP uses it, but for the rollover: the nonce is stream and number.
pub struct Gcm(Box<dyn AeadCipher>);

impl Gcm {
    fn new(provider: &dyn RTCCryptoProvider, number: u8) -> Self {
        Self(provider.crypto().new_aead(AeadAlgorithm::Aes128Gcm, &[number; 16]).expect("a cipher"))
    }

    fn nonce(packet: &[u8]) -> [u8; 12] {
        let mut nonce = [0; 12];
        nonce[2..6].copy_from_slice(&packet[8..12]);
        nonce[10..].copy_from_slice(&packet[2..4]);
        nonce
    }

    /// Opens in place; the length of what is left.
    fn open(&mut self, packet: &mut [u8]) -> Option<usize> {
        let nonce = Self::nonce(packet);
        let header = header(packet);
        let length = packet.len().checked_sub(TAG)?;
        let (sealed, tag) = packet.split_at_mut(length);
        let (header, payload) = sealed.split_at_mut(header);
        self.0.open_in_place(&nonce, header, payload, tag).ok()?;
        Some(length)
    }

    /// Seals what stands in `out` from `start` on.
    fn seal(&mut self, out: &mut Vec<u8>, start: usize) {
        let packet = &mut out[start..];
        let nonce = Self::nonce(packet);
        let (header, payload) = packet.split_at_mut(header(packet));
        let mut tag = [0; TAG];
        self.0.seal_in_place(&nonce, header, payload, &mut tag).expect("sealed");
        out.extend_from_slice(&tag);
    }
}

/// Octets of an RTP header with at most one extension.
fn header(packet: &[u8]) -> usize {
    match packet[0] & 0x10 {
        0 => 12,
        _ => 16 + 4 * usize::from(u16::from_be_bytes([packet[14], packet[15]])),
    }
}

/// A participant's two directions, at its own end.
struct Ends {
    up: Gcm,
    down: Gcm,
}

impl Keys for Ends {
    fn seal(&mut self, packet: &mut Vec<u8>) {
        self.up.seal(packet, 0);
    }

    fn open(&mut self, datagram: &mut Vec<u8>) -> bool {
        let length = self.down.open(datagram);
        datagram.truncate(length.unwrap_or(0));
        length.is_some()
    }
}

/// The forwarding thread, until it is dropped.
pub struct Floor {
    counters: Arc<Counters>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Counters {
    stop: AtomicBool,
    packets_in: AtomicU64,
    forwarded: AtomicU64,
    sends: AtomicU64,
}

impl Floor {
    /// With this many rooms of three, whose people come with it.
    pub async fn start(rooms: usize, nap: bool) -> Result<(Self, Vec<Person>)> {
        let provider = rtc::crypto::default_provider()?;
        let socket = crate::ports::bind()?;
        let server = socket.local_addr()?;
        let (mut people, mut seats) = (vec![], vec![]);
        for number in 0..rooms * 3 {
            // Keys may recur: nothing here is secret.
            let (up, down) = (number as u8, !(number as u8));
            let keys = Ends { up: Gcm::new(&*provider, up), down: Gcm::new(&*provider, down) };
            let own = crate::ports::bind()?;
            seats.push(Seat {
                address: own.local_addr()?,
                up: Gcm::new(&*provider, up),
                down: Gcm::new(&*provider, down),
                out: vec![],
                lengths: vec![],
            });
            let streams = (number as u32 * 16 + 1, number as u32 * 16 + 2);
            people.push(Person::new(own, server, streams, Box::new(keys))?);
        }
        let counters = Arc::new(Counters::default());
        let shared = counters.clone();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name(THREAD.to_owned()).spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let port = Port::new(socket).expect("a port");
                let _ = ready.send(());
                forward(port, seats, nap, &shared).await;
            });
        })?;
        // By then it has its name.
        is_ready.recv()?;
        Ok((Self { counters, thread: Some(thread) }, people))
    }
}

impl Source for Floor {
    async fn counts(&self) -> Counts {
        let Counters { packets_in, forwarded, sends, .. } = &*self.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts { packets_in: read(packets_in), forwarded: read(forwarded), sends: read(sends) }
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.counters.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Seat {
    address: SocketAddr,
    up: Gcm,
    down: Gcm,
    out: Vec<u8>,
    lengths: Vec<usize>,
}

async fn forward(port: Port, mut seats: Vec<Seat>, nap: bool, counters: &Counters) {
    let mut buffer = vec![0; BATCH * RUN];
    let mut waiting: Vec<usize> = vec![];
    let (mut since, mut taken, mut thick) = (Instant::now(), 0, false);
    while !counters.stop.load(Ordering::Relaxed) {
        // Looks up now and then, to see whether to stop.
        if tokio::time::timeout(Duration::from_millis(100), port.readable()).await.is_err() {
            continue;
        }
        if nap && thick {
            std::thread::sleep(NAP);
        }
        for _ in 0..BURST {
            let received = port.receive(&mut buffer, |datagram| pass(&mut seats, &mut waiting, datagram));
            let Ok(datagrams) = received else { break };
            taken += datagrams;
            counters.packets_in.fetch_add(datagrams as u64, Ordering::Relaxed);
        }
        for at in waiting.drain(..) {
            let seat = &mut seats[at];
            let (packets, calls) = port.send_all(seat.address, &seat.out, &seat.lengths);
            counters.forwarded.fetch_add(packets, Ordering::Relaxed);
            counters.sends.fetch_add(calls, Ordering::Relaxed);
            seat.out.clear();
            seat.lengths.clear();
        }
        let elapsed = since.elapsed();
        if elapsed >= WINDOW {
            thick = taken as f64 / elapsed.as_secs_f64() > THICK;
            (since, taken) = (Instant::now(), 0);
        }
    }
}

/// The stream tells who sent it; the others of the room of three receive it.
fn pass(seats: &mut [Seat], waiting: &mut Vec<usize>, datagram: &mut [u8]) {
    let stream = u32::from_be_bytes([datagram[8], datagram[9], datagram[10], datagram[11]]);
    let from = (stream / 16) as usize;
    let Some(length) = seats[from].up.open(datagram) else { return };
    let room = from / 3 * 3;
    for to in [room + (from + 1) % 3, room + (from + 2) % 3] {
        let seat = &mut seats[to];
        let start = seat.out.len();
        if start == 0 {
            waiting.push(to);
        }
        seat.out.extend_from_slice(&datagram[..length]);
        seat.down.seal(&mut seat.out, start);
        seat.lengths.push(length + TAG);
    }
}
