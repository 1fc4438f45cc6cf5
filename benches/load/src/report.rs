//! What a run found out, for people and for machines.

use crate::tally::Durations;
use serde::Serialize;
use std::fmt;

/// Reasons told; more are counted.
const TOLD: usize = 20;

#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    pub rooms: u32,
    /// Rooms that were played to the signature.
    pub finished: u32,
    /// Of the measured window.
    pub seconds: f64,
    pub packets: Packets,
    /// From a link to the first sound and picture of everyone who was there.
    pub join_ms: Quantiles,
    /// From a participant to another, in the measured window.
    pub one_way_ms: Quantiles,
    /// From a command to its reply.
    pub reply_ms: Quantiles,
    pub failures: u32,
    /// Why, the first twenty.
    pub reasons: Vec<String>,
}

/// Of the measured window. `expected` = sent × receivers = `received` + `lost`.
#[derive(Debug, Clone, Copy, Default, Serialize, PartialEq, Eq)]
pub struct Packets {
    pub sent: u64,
    pub expected: u64,
    pub received: u64,
    pub lost: u64,
    /// Came more than once; counted once above.
    pub twice: u64,
}

/// Milliseconds.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Quantiles {
    pub count: u64,
    pub p50: Option<f64>,
    pub p95: Option<f64>,
    pub p99: Option<f64>,
    pub most: Option<f64>,
}

impl From<&Durations> for Quantiles {
    fn from(durations: &Durations) -> Self {
        let [p50, p95, p99, most] = [0.5, 0.95, 0.99, 1.0].map(|quantile| durations.ms(quantile));
        Self { count: durations.count(), p50, p95, p99, most }
    }
}

impl Report {
    pub fn failed(&mut self, reason: String) {
        self.failures += 1;
        if self.reasons.len() < TOLD {
            self.reasons.push(reason);
        }
    }
}

impl fmt::Display for Quantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.2}"));
        write!(f, "p50 {} · p95 {} · p99 {} ms", ms(self.p50), ms(self.p95), ms(self.p99))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Packets { sent, received, lost, .. } = self.packets;
        writeln!(f, "rooms     {} of {} played to the signature", self.finished, self.rooms)?;
        writeln!(f, "packets   {sent} sent, {received} received, {lost} lost in {:.1} s", self.seconds)?;
        writeln!(f, "one way   {}", self.one_way_ms)?;
        writeln!(f, "joining   {}", self.join_ms)?;
        writeln!(f, "replies   {}", self.reply_ms)?;
        writeln!(f, "failures  {}", self.failures)?;
        for reason in &self.reasons {
            writeln!(f, "          {reason}")?;
        }
        Ok(())
    }
}
