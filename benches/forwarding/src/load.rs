//! People who send sound and pictures in real time, and count what arrives. One thread plays all of
//! them, on sockets of their own.

use crate::light::{OPUS, VP8, picture, rtp};
use crate::ports::{BATCH, Port, RUN};
use anyhow::Result;
use hdrhistogram::Histogram;
use std::cell::{Cell, RefCell};
use std::net::{SocketAddr, UdpSocket};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

/// What one person sends in a second, at a load of 1.
const SOUNDS: f64 = 50.0;
const FRAMES: f64 = 30.0;
const PACKETS_OF_A_FRAME: usize = 5;
const SOUND_OCTETS: usize = 160;
const PICTURE_OCTETS: usize = 1_000;
pub const SENT_PER_SECOND: f64 = SOUNDS + FRAMES * PACKETS_OF_A_FRAME as f64;
/// Of the packets that arrive, one in so many is opened and its age noted. All are counted.
const OPEN_EVERY: u64 = 8;
/// What isn't sent by then is left out: the load is real time, not a backlog.
const TOO_LATE: Duration = Duration::from_millis(100);
/// Until what is under way has arrived.
const DRAIN: Duration = Duration::from_millis(300);

/// What seals a person's packets and opens those that it receives.
pub trait Keys {
    fn seal(&mut self, packet: &mut Vec<u8>);
    /// False, and nothing left, if it wasn't sealed for this person.
    fn open(&mut self, datagram: &mut Vec<u8>) -> bool;
}

pub struct Person {
    port: Port,
    server: SocketAddr,
    keys: RefCell<Box<dyn Keys>>,
    sound: Cell<Stream>,
    pictures: Cell<Stream>,
}

#[derive(Debug, Clone, Copy)]
struct Stream {
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    frames: u32,
    next: Instant,
}

impl Stream {
    fn new(ssrc: u32) -> Self {
        Self { ssrc, sequence: 1_000, timestamp: 0, frames: 0, next: Instant::now() }
    }

    /// Whether it is time to send; then the next time is one period on.
    fn is_due(&mut self, now: Instant, period: Duration) -> bool {
        if self.next > now {
            return false;
        }
        self.next = self.next.max(now.checked_sub(TOO_LATE).unwrap_or(now)) + period;
        true
    }
}

impl Person {
    /// Must be called on the load's own runtime.
    pub fn new(
        socket: UdpSocket,
        server: SocketAddr,
        (microphone, camera): (u32, u32),
        keys: Box<dyn Keys>,
    ) -> Result<Self> {
        Ok(Self {
            port: Port::new(socket)?,
            server,
            keys: RefCell::new(keys),
            sound: Cell::new(Stream::new(microphone)),
            pictures: Cell::new(Stream::new(camera)),
        })
    }

    /// Sends what is due; how many packets.
    fn play(&self, now: Instant, epoch: Instant, load: f64) -> u64 {
        let mut sent = 0;
        let mut sound = self.sound.get();
        while sound.is_due(now, Duration::from_secs_f64(1.0 / SOUNDS / load)) {
            sound.sequence = sound.sequence.wrapping_add(1);
            sound.timestamp = sound.timestamp.wrapping_add(960);
            let packet = rtp(sound.ssrc, OPUS, sound.sequence, sound.timestamp, None, &[0x55; SOUND_OCTETS]);
            sent += self.send(packet, epoch);
        }
        self.sound.set(sound);
        let mut pictures = self.pictures.get();
        while pictures.is_due(now, Duration::from_secs_f64(1.0 / FRAMES / load)) {
            // A key frame every second: the server's requests for one need no ear here.
            let key = f64::from(pictures.frames) % FRAMES == 0.0;
            pictures.timestamp = pictures.timestamp.wrapping_add(3_000);
            for part in 0..PACKETS_OF_A_FRAME {
                pictures.sequence = pictures.sequence.wrapping_add(1);
                let payload = picture(key, part == 0, pictures.frames as u16 & 0x7fff, PICTURE_OCTETS);
                let last = part + 1 == PACKETS_OF_A_FRAME;
                let kind = VP8 | u8::from(last) << 7;
                let packet = rtp(pictures.ssrc, kind, pictures.sequence, pictures.timestamp, None, &payload);
                sent += self.send(packet, epoch);
            }
            pictures.frames += 1;
        }
        self.pictures.set(pictures);
        sent
    }

    /// With the time in its last octets. A packet that the system doesn't take isn't sent.
    fn send(&self, mut packet: Vec<u8>, epoch: Instant) -> u64 {
        let stamp = (epoch.elapsed().as_nanos() as u64).to_be_bytes();
        let at = packet.len() - stamp.len();
        packet[at..].copy_from_slice(&stamp);
        self.keys.borrow_mut().seal(&mut packet);
        u64::from(self.port.send(self.server, &packet, None))
    }

    /// Starts anew, not in step with the others.
    fn begin(&self, now: Instant, share: f64) {
        for (stream, rate) in [(&self.sound, SOUNDS), (&self.pictures, FRAMES)] {
            let mut begun = stream.get();
            begun.next = now + Duration::from_secs_f64(share / rate);
            begun.frames = 0;
            stream.set(begun);
        }
    }
}

/// What arrived since the last count.
struct Tally {
    arrived: u64,
    /// Microseconds from a sender's stamp to its receiver.
    age: Histogram<u64>,
    unopened: u64,
}

impl Tally {
    fn new() -> Self {
        Self { arrived: 0, age: Histogram::new(3).expect("three digits"), unopened: 0 }
    }
}

/// What a stretch of load came to.
pub struct Stretch {
    pub seconds: f64,
    pub sent: u64,
    pub arrived: u64,
    /// Microseconds.
    pub age: Histogram<u64>,
    /// Arrived, but sealed for somebody else: must be none.
    pub unopened: u64,
}

pub struct Load {
    people: Vec<Rc<Person>>,
    tally: Rc<RefCell<Tally>>,
    receiving: Vec<JoinHandle<()>>,
    epoch: Instant,
}

impl Load {
    /// Must be called within a `LocalSet`.
    pub fn new(people: Vec<Person>) -> Self {
        let people: Vec<_> = people.into_iter().map(Rc::new).collect();
        let tally = Rc::new(RefCell::new(Tally::new()));
        let buffer = Rc::new(RefCell::new(vec![0; BATCH * RUN]));
        let epoch = Instant::now();
        let receive = |person: &Rc<Person>| {
            tokio::task::spawn_local(receive(person.clone(), tally.clone(), buffer.clone(), epoch))
        };
        let receiving = people.iter().map(receive).collect();
        Self { people, tally, receiving, epoch }
    }

    /// Plays for so long, then waits for what is under way.
    pub async fn play(&self, load: f64, length: Duration) -> Stretch {
        *self.tally.borrow_mut() = Tally::new();
        let begun = Instant::now();
        for (at, person) in self.people.iter().enumerate() {
            person.begin(begun, at as f64 / self.people.len() as f64);
        }
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sent = 0;
        while begun.elapsed() < length {
            ticks.tick().await;
            for person in &self.people {
                sent += person.play(Instant::now(), self.epoch, load);
            }
        }
        let seconds = begun.elapsed().as_secs_f64();
        tokio::time::sleep(DRAIN).await;
        let Tally { arrived, age, unopened } = std::mem::replace(&mut *self.tally.borrow_mut(), Tally::new());
        Stretch { seconds, sent, arrived, age, unopened }
    }

    pub fn people(&self) -> usize {
        self.people.len()
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.receiving.iter().for_each(JoinHandle::abort);
    }
}

async fn receive(
    person: Rc<Person>,
    tally: Rc<RefCell<Tally>>,
    buffer: Rc<RefCell<Vec<u8>>>,
    epoch: Instant,
) {
    while person.port.readable().await.is_ok() {
        let take = |datagram: &mut [u8]| note(&person, &mut tally.borrow_mut(), epoch, datagram);
        let _ = person.port.receive(&mut buffer.borrow_mut(), take);
    }
}

fn note(person: &Person, tally: &mut Tally, epoch: Instant, datagram: &[u8]) {
    let is_media = datagram.len() > 20 && [OPUS, VP8].contains(&(datagram[1] & 0x7f));
    if !is_media || datagram[0] >> 6 != 2 {
        return;
    }
    tally.arrived += 1;
    if !tally.arrived.is_multiple_of(OPEN_EVERY) {
        return;
    }
    let mut packet = datagram.to_vec();
    if !person.keys.borrow_mut().open(&mut packet) {
        tally.unopened += 1;
        return;
    }
    if let Some(stamp) = packet.last_chunk::<8>() {
        let age = (epoch.elapsed().as_nanos() as u64).saturating_sub(u64::from_be_bytes(*stamp));
        tally.age.saturating_record(age / 1_000);
    }
}
