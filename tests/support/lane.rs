//! One direction of a bad line, in pure virtual time: a bottleneck with a bounded queue, then a way
//! that takes its time and loses something. `relay` puts sockets to both ends.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// How bad one direction is. The default is a wire.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Fraction of datagrams that vanish, 0 to 1.
    pub loss: f64,
    pub delay: Duration,
    /// Up to so much more, drawn for each datagram.
    pub jitter: Duration,
    /// Whether jitter lets a later datagram overtake an earlier one.
    pub reorder: bool,
    /// Bits of UDP payload per second.
    pub rate: Option<u32>,
    /// Octets that wait for the bottleneck; what comes on top is dropped.
    pub queue: usize,
    /// Nothing passes, and what was on its way is lost.
    pub outage: bool,
}

impl Default for Line {
    fn default() -> Self {
        let none = Duration::ZERO;
        Self {
            loss: 0.0,
            delay: none,
            jitter: none,
            reorder: false,
            rate: None,
            queue: 32_000,
            outage: false,
        }
    }
}

/// Datagrams of one direction so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    /// By chance, or in an outage.
    pub lost: u64,
    /// Dropped because the queue was full.
    pub queued_out: u64,
}

/// Datagrams on their way at a time, so that no delay takes all memory.
const ON_THE_WAY: usize = 20_000;

/// What goes through: anything that has a size.
pub struct Lane<T> {
    line: Line,
    random: StdRng,
    /// Waiting for the bottleneck, with its octets.
    queue: VecDeque<(usize, T)>,
    queued: usize,
    /// When the bottleneck is free for the next one.
    free: Instant,
    /// Past the bottleneck, by arrival; the number keeps those of one instant in order.
    flying: BinaryHeap<Reverse<Flying<T>>>,
    number: u64,
    /// When the last one arrives that may not be overtaken.
    latest: Instant,
    counts: Counts,
}

struct Flying<T> {
    at: Instant,
    number: u64,
    what: T,
}

impl<T> Lane<T> {
    pub fn new(now: Instant, seed: u64) -> Self {
        Self {
            line: Line::default(),
            random: StdRng::seed_from_u64(seed),
            queue: VecDeque::new(),
            queued: 0,
            free: now,
            flying: BinaryHeap::new(),
            number: 0,
            latest: now,
            counts: Counts::default(),
        }
    }

    pub fn counts(&self) -> Counts {
        self.counts
    }

    pub fn line(&self) -> Line {
        self.line
    }

    /// From now on. What already flies arrives as it would have, unless this is an outage.
    pub fn set(&mut self, now: Instant, line: Line) {
        self.serve(now);
        self.line = line;
        if line.outage {
            self.counts.lost += (self.queue.len() + self.flying.len()) as u64;
            self.queue.clear();
            self.queued = 0;
            self.flying.clear();
            self.latest = now;
        }
        self.serve(now);
    }

    pub fn enter(&mut self, now: Instant, octets: usize, what: T) {
        self.serve(now);
        if self.line.outage {
            self.counts.lost += 1;
        } else if self.is_full(octets) {
            self.counts.queued_out += 1;
        } else {
            if self.queue.is_empty() {
                self.free = self.free.max(now);
            }
            self.queue.push_back((octets, what));
            self.queued += octets;
            self.serve(now);
        }
    }

    /// Whatever its size, one always has the bottleneck to itself.
    fn is_full(&self, octets: usize) -> bool {
        let waits = !self.queue.is_empty();
        let on_the_way = self.queue.len() + self.flying.len();
        (waits && self.queued + octets > self.line.queue) || on_the_way >= ON_THE_WAY
    }

    /// The next one that has arrived.
    pub fn leave(&mut self, now: Instant) -> Option<T> {
        self.serve(now);
        if self.flying.peek()?.0.at > now {
            return None;
        }
        self.counts.passed += 1;
        self.flying.pop().map(|Reverse(flying)| flying.what)
    }

    /// When to look again.
    pub fn next(&self) -> Option<Instant> {
        let bottleneck = self.queue.front().map(|(octets, _)| self.free + self.takes(*octets));
        let arrival = self.flying.peek().map(|Reverse(flying)| flying.at);
        [bottleneck, arrival].into_iter().flatten().min()
    }

    /// Moves through the bottleneck what has had its time, as of the moment when it had.
    fn serve(&mut self, now: Instant) {
        while let Some((octets, _)) = self.queue.front() {
            let through = self.free + self.takes(*octets);
            if through > now {
                return;
            }
            self.free = through;
            let (octets, what) = self.queue.pop_front().expect("it was there");
            self.queued -= octets;
            self.fly(through, what);
        }
    }

    fn fly(&mut self, from: Instant, what: T) {
        if self.random.random_bool(self.line.loss) {
            self.counts.lost += 1;
            return;
        }
        let mut at = from + self.line.delay + self.line.jitter.mul_f64(self.random.random());
        if !self.line.reorder {
            at = at.max(self.latest);
        }
        self.latest = self.latest.max(at);
        self.number += 1;
        self.flying.push(Reverse(Flying { at, number: self.number, what }));
    }

    fn takes(&self, octets: usize) -> Duration {
        let seconds = |rate: u32| octets as f64 * 8.0 / f64::from(rate.max(1));
        self.line.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(seconds(rate)))
    }
}

impl<T> Flying<T> {
    fn order(&self) -> (Instant, u64) {
        (self.at, self.number)
    }
}

impl<T> PartialEq for Flying<T> {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl<T> Eq for Flying<T> {}

impl<T> PartialOrd for Flying<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Flying<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}
