//! The time, passed in: wall clock in production, set by hand in tests.

use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    ts_rs::TS,
    utoipa::ToSchema,
)]
#[serde(transparent)]
#[ts(as = "f64")]
pub struct Time(pub i64);

impl Time {
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0 + ms)
    }
    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
    /// The calendar day in `zone`.
    pub fn day(self, zone: &jiff::tz::TimeZone) -> jiff::civil::Date {
        let timestamp = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        zone.to_datetime(timestamp).date()
    }
}

/// Tells the time. `clippy.toml` bans reading it anywhere else.
#[derive(Clone)]
pub enum Clock {
    System,
    /// For tests: moves only when told.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn fixed(at: Time) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at.0)))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    pub fn now(&self) -> Time {
        match self {
            Self::System => Time(jiff::Timestamp::now().as_millisecond()),
            Self::Fixed(at) => Time(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock; a system clock stays what it is.
    pub fn advance_ms(&self, ms: i64) {
        if let Self::Fixed(at) = self {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }
}
