//! How much the way down to one peer carries: the sending side of transport-wide congestion
//! control. The forwarding path numbers every packet with [`Estimate::depart`], hands in the
//! peer's feedback, and asks [`Estimate::probe`] how much padding to send besides.
//!
//! Google's congestion control, out of the `rtc` project's parts where they hold: its bursts
//! (`ArrivalGroupAccumulator`) and its detector (`OveruseDetector`). Its assembled `Gcc` is unfit
//! here: its filter hands on milliseconds per burst, where the detector's threshold is meant for
//! the sum of sixty, so that it is blind to a queue growing by a tenth of real time; its received
//! rate counts by the arrival of feedback and so reads up to twice too high; 10 % of random loss
//! drives it to its floor for ever; it takes no probe's result, grows without bound while little
//! is sent, and 8 % a second is its fastest way up. So `delay`, `loss` and `probe` replace those.
//!
//! What always holds: the target is within [`MIN`] and [`MAX`]; it grows to more than a
//! quarter above what arrives only by a probe that got through; a peer that answers nothing for a second is
//! sent sound only; a packet costs no allocation.
mod delay;
mod loss;
mod probe;
mod rate;
mod sent;

#[cfg(test)]
mod simulation;

use delay::Delay;
use loss::{Loss, Verdict};
use probe::{Outcome, Prober};
use rate::Rate;
use rtc::interceptor::{PacketReport, Usage};
use rtc::rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use sent::Sent;
use std::time::{Duration, Instant};

/// Bits per second before anything is known, and at most after an outage: sound and one or two
/// small pictures.
const START: f64 = 400_000.0;
/// Below every picture; sound is sent anyway.
const MIN: f64 = 50_000.0;
/// More than all slots at their largest.
const MAX: f64 = 12_000_000.0;
/// Of what arrived, when a queue grows.
const BACK_OFF: f64 = 0.85;
/// A second's growth far from the last known limit, and near it.
const GROWTH: f64 = 1.08;
const GROWTH_NEAR: f64 = 1.03;
/// Without feedback for this long, with packets under way, the line is taken for broken. Clients
/// answer every 50 to 250 ms.
const SILENCE: Duration = Duration::from_secs(1);
/// Milliseconds of standing queue; loss beside it is that queue's.
const QUEUED: f64 = 30.0;
/// After a decrease, no probe: the queue is to drain first.
const CALM: Duration = Duration::from_millis(1_500);

/// One per peer.
pub struct Estimate {
    target: f64,
    sent: Sent,
    delay: Delay,
    loss: Loss,
    delivered: Rate,
    prober: Prober,
    round_trip: Option<Duration>,
    /// The first departure since the last feedback.
    unanswered: Option<Instant>,
    outage: Outage,
    last_change: Instant,
    last_decrease: Option<Instant>,
    /// What got through at the last decrease: the limit to approach with care.
    limit: Option<f64>,
    /// Kept between calls for its memory.
    reports: Vec<PacketReport>,
}

#[derive(Clone, Copy)]
enum Outage {
    /// Nothing was heard yet: clients that give no feedback at all are no outage.
    Unheard,
    None,
    /// Silent; the target before it.
    Since(f64),
}

impl Estimate {
    pub fn new(now: Instant) -> Self {
        Self {
            target: START,
            sent: Sent::new(now),
            delay: Delay::new(now),
            loss: Loss::default(),
            delivered: Rate::default(),
            prober: Prober::new(now),
            round_trip: None,
            unanswered: None,
            outage: Outage::Unheard,
            last_change: now,
            last_decrease: None,
            limit: None,
            reports: Vec::new(),
        }
    }

    /// The transport-wide number for a packet of this size that leaves now.
    pub fn depart(&mut self, now: Instant, octets: usize) -> u16 {
        let first = *self.unanswered.get_or_insert(now);
        if matches!(self.outage, Outage::None) && now.saturating_duration_since(first) > SILENCE {
            self.outage = Outage::Since(self.target);
            self.target = MIN;
        }
        self.prober.depart(now, octets);
        self.sent.depart(now, octets)
    }

    /// What the peer says about packets that departed. About none, or none it could have got: no
    /// effect.
    pub fn on_feedback(&mut self, now: Instant, feedback: &TransportLayerCc) {
        let mut reports = std::mem::take(&mut self.reports);
        reports.clear();
        self.sent.join(feedback, &mut reports);
        if !reports.is_empty() {
            self.on_reports(now, &reports);
        }
        self.reports = reports;
    }

    /// Bits per second that the way down carries.
    pub fn target(&self) -> u32 {
        self.target as u32
    }

    /// Fraction lost lately, 0 to 1; `None` before feedback told of enough packets. What an outage
    /// swallowed isn't counted.
    pub fn loss(&self) -> Option<f32> {
        self.loss.smoothed().map(|loss| loss as f32)
    }

    /// From the departure of the newest packet that arrived to its feedback, smoothed. It holds
    /// the client's wait between packet and feedback too, so it reads 10 to 20 ms high while sound
    /// flows, and is no measure for a peer that is sent a packet a second.
    pub fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// How much padding (octets) to send now, to find out whether `wanted` bits per second fit.
    /// To be asked every 5 to 20 ms; the answer is never above 40 ms' worth of the probed rate,
    /// and mostly 0.
    pub fn probe(&mut self, now: Instant, wanted: u32) -> usize {
        let calm = self.last_decrease.is_none_or(|at| now.saturating_duration_since(at) > CALM);
        let clear = matches!(self.outage, Outage::None) && calm && !self.loss.excessive();
        if !clear || (self.delay.usage() == Usage::Over && !self.prober.running()) {
            self.prober.abandon(now);
            return 0;
        }
        self.prober.pad(now, self.target, f64::from(wanted).min(MAX))
    }

    fn on_reports(&mut self, now: Instant, reports: &[PacketReport]) {
        self.unanswered = None;
        match self.outage {
            Outage::Unheard => self.outage = Outage::None,
            Outage::None => {}
            Outage::Since(before) => self.resume(now, before),
        }
        for report in reports {
            self.delay.note(report);
            self.loss.note(report);
            self.prober.note(report);
            if let Some(arrival) = report.arrival {
                self.delivered.note(arrival, report.size);
            }
        }
        if let Some(newest) =
            reports.iter().filter(|report| report.arrived).max_by_key(|report| report.departure)
        {
            let sample = now.saturating_duration_since(newest.departure);
            self.round_trip = Some(self.round_trip.map_or(sample, |smooth| (smooth * 7 + sample) / 8));
        }
        self.control(now);
    }

    /// What was sent into the outage says nothing about the line after it.
    fn resume(&mut self, now: Instant, before: f64) {
        self.outage = Outage::None;
        self.target = before.min(START);
        self.last_change = now;
        self.delay.forget();
        self.loss.restart(now);
        self.delivered = Rate::default();
        self.prober.hasten(now);
        self.round_trip = None;
        self.limit = None;
    }

    fn control(&mut self, now: Instant) {
        let verdict = self.loss.verdict(now, self.delay.queue() > QUEUED);
        match self.prober.outcome(self.loss.inherent()) {
            Some(Outcome::Carried(rate)) => {
                self.target = self.target.max(rate).min(MAX);
                self.limit = None;
                // Its own queue is not the media's.
                self.delay.restart();
                return;
            }
            Some(Outcome::Limited(rate)) => {
                // Measured, where the target was a guess: up or down.
                self.target = rate.clamp(MIN, MAX);
                self.limit = Some(rate);
                self.delay.restart();
                return;
            }
            None => {}
        }
        if let Verdict::Congested { passed } = verdict {
            return self.decrease(now, passed);
        }
        // Lost packets took no part in the queue: what was sent is what arrived and they.
        let delivered = self.delivered.bits().map(|rate| rate / (1.0 - self.loss.inherent()));
        match (self.delay.usage(), delivered) {
            _ if self.prober.running() => {}
            (Usage::Over, Some(delivered)) if self.responded(now) => {
                self.decrease(now, delivered * BACK_OFF);
            }
            (Usage::Normal, Some(delivered)) if verdict == Verdict::Clear => self.increase(now, delivered),
            _ => {}
        }
    }

    /// Whether the last decrease had the time to show.
    fn responded(&self, now: Instant) -> bool {
        let response = self.round_trip.unwrap_or_default().min(Duration::from_millis(400));
        let response = response + Duration::from_millis(100);
        self.last_decrease.is_none_or(|at| now.saturating_duration_since(at) >= response)
    }

    fn decrease(&mut self, now: Instant, to: f64) {
        self.target = self.target.min(to).max(MIN);
        self.limit = Some(to / BACK_OFF);
        self.last_decrease = Some(now);
        self.last_change = now;
        self.prober.congested(now);
    }

    fn increase(&mut self, now: Instant, delivered: f64) {
        let elapsed = now.saturating_duration_since(self.last_change).as_secs_f64().min(1.0);
        self.last_change = now;
        if self.limit.is_some_and(|limit| delivered > limit * 1.3) {
            self.limit = None;
        }
        let near = self.limit.is_some_and(|limit| self.target > limit * BACK_OFF);
        let growth = if near { GROWTH_NEAR } else { GROWTH };
        // Nobody knows what more than was sent would do.
        let known = delivered * 1.25 + 10_000.0;
        let grown = (self.target * growth.powf(elapsed)).min(known).min(MAX);
        self.target = self.target.max(grown);
    }
}
