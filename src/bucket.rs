//! Token buckets: how often something may happen, with a burst allowed. Pure; time is passed in.
//!
//! Kept per address, account or socket. A map of buckets is bounded: full buckets are forgotten
//! first, since forgetting them changes nothing.

use crate::clock::Time;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;

/// How much is allowed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// How many per minute in the long run.
    pub per_minute: u32,
}

/// One bucket, full at first.
#[derive(Debug, Clone)]
pub struct Bucket {
    left: f64,
    at: Time,
}

impl Bucket {
    pub fn full(rate: Rate, now: Time) -> Self {
        Self { left: f64::from(rate.burst), at: now }
    }

    /// Takes one; `Err` holds the milliseconds until the next is there.
    pub fn take(&mut self, rate: Rate, now: Time) -> Result<(), i64> {
        self.refill(rate, now);
        if self.left >= 1.0 {
            self.left -= 1.0;
            return Ok(());
        }
        let per_ms = f64::from(rate.per_minute.max(1)) / 60_000.0;
        #[expect(clippy::cast_possible_truncation, reason = "at most a minute in milliseconds")]
        let wait = ((1.0 - self.left) / per_ms).ceil() as i64;
        Err(wait)
    }

    fn refill(&mut self, rate: Rate, now: Time) {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53 milliseconds")]
        let passed = (now.0 - self.at.0).max(0) as f64;
        let full = f64::from(rate.burst);
        self.left = (self.left + passed * f64::from(rate.per_minute) / 60_000.0).min(full);
        self.at = now;
    }

    fn is_full(&self, rate: Rate) -> bool {
        self.left >= f64::from(rate.burst)
    }
}

/// A bounded map of buckets under one rate.
pub struct Buckets<K> {
    rate: Rate,
    most: usize,
    map: Mutex<HashMap<K, Bucket>>,
}

impl<K: Hash + Eq> Buckets<K> {
    /// At most `most` keys are remembered; when all of them are in use, a new key is refused.
    pub fn new(rate: Rate, most: usize) -> Self {
        Self { rate, most, map: Mutex::default() }
    }

    /// Takes one from `key`'s bucket; `Err` holds the milliseconds to wait.
    pub fn take(&self, key: K, now: Time) -> Result<(), i64> {
        let rate = self.rate;
        let mut map = self.map.lock().expect("no panic while counting");
        if map.len() >= self.most && !map.contains_key(&key) {
            map.retain(|_, bucket| {
                bucket.refill(rate, now);
                !bucket.is_full(rate)
            });
            if map.len() >= self.most {
                return Err(1_000);
            }
        }
        map.entry(key).or_insert_with(|| Bucket::full(rate, now)).take(rate, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 2, per_minute: 60 };

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let mut bucket = Bucket::full(RATE, Time(0));
        assert_eq!(bucket.take(RATE, Time(0)), Ok(()));
        assert_eq!(bucket.take(RATE, Time(0)), Ok(()));
        assert_eq!(bucket.take(RATE, Time(0)), Err(1000));
        assert_eq!(bucket.take(RATE, Time(400)), Err(600));
        assert_eq!(bucket.take(RATE, Time(1000)), Ok(()));
    }

    #[test]
    fn a_clock_set_back_gives_nothing_away() {
        let mut bucket = Bucket::full(RATE, Time(10_000));
        bucket.take(RATE, Time(10_000)).unwrap();
        bucket.take(RATE, Time(0)).unwrap();
        assert!(bucket.take(RATE, Time(0)).is_err());
    }

    #[test]
    fn the_map_stays_bounded_and_forgets_only_full_buckets() {
        let buckets = Buckets::new(RATE, 2);
        buckets.take("a", Time(0)).unwrap();
        buckets.take("b", Time(0)).unwrap();
        assert!(buckets.take("c", Time(0)).is_err());
        assert!(buckets.take("c", Time(1000)).is_ok());
    }
}
