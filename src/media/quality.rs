//! How good one client's connection is, and why. The shard measures and feeds one [`Meter`] for each
//! peer, once a second; `mod` tells the room's session what changed.
//!
//! What always holds: a single bad second changes nothing, and neither does a single good one; that
//! nothing comes any more, or that it comes again, is told at once.
//!
//! Pure.
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a person is told of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Quality {
    pub grade: Grade,
    pub reason: Reason,
    pub video: Video,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    Good,
    Fair,
    Poor,
    /// Nothing comes any more.
    Lost,
}

/// What is worst about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    None,
    /// Packets are lost.
    Loss,
    /// They take long.
    Delay,
    /// It carries too little.
    Narrow,
    /// Nothing comes.
    Silent,
}

/// What pictures the server sends this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Video {
    /// As large as they are shown, or as large as they are sent.
    Full,
    /// Smaller than they are shown.
    Reduced,
    /// None, to keep the sound.
    Off,
}

/// What was measured in the last second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Fraction of packets lost from the client to the server, 0 to 1; `None` while unknown.
    pub up_loss: Option<f32>,
    /// The same from the server to the client.
    pub down_loss: Option<f32>,
    /// From the server to the client and back.
    pub round_trip: Option<Duration>,
    /// Bits per second that the way down carries.
    pub target: u32,
    /// Whether the client shows a picture that somebody sends.
    pub video_wanted: bool,
    pub video: Video,
    /// How long nothing at all has come from the client.
    pub silent_for: Duration,
}

/// Conversation bears up to 3 % of packets lost (ITU-T G.1010, table I.1).
const FAIR_LOSS: f32 = 0.03;
/// Opus can carry each frame again in the next one (RFC 6716, section 2.1.7), so that only the first
/// of two lost in a row is missed: at 15 % that is every 44th frame, and G.1010's 3 % is near.
const POOR_LOSS: f32 = 0.15;
/// Two people whose lines are like this one are as far apart, one way, as this one is from the server
/// and back. Up to 150 ms hardly anybody notices; beyond 400 ms people talk into each other's words
/// (ITU-T G.114, section 4).
const FAIR_DELAY: Duration = Duration::from_millis(150);
const POOR_DELAY: Duration = Duration::from_millis(400);
/// One voice in full band takes 40 kbit/s (RFC 7587, section 3.1.1), and IP, UDP, RTP with its
/// extensions and the SRTP tag about 58 octets on each of 50 packets a second.
const ONE_VOICE: u32 = 40_000 + 50 * 58 * 8;
/// Even a client that says nothing checks its path and sends reports in this time.
const LOST: Duration = Duration::from_secs(3);

/// That it is worse is told when two of so many seconds were.
const TO_WORSEN: usize = 3;
/// That it is better is told when so many seconds in a row were.
const TO_IMPROVE: usize = 5;

/// One second's grade, and the factor it is due to.
type Verdict = (Grade, Reason);

impl Sample {
    fn is_lost(&self) -> bool {
        self.silent_for >= LOST
    }

    /// The worst factor decides; of equals, what explains the others: a narrow line also loses and
    /// delays.
    fn verdict(&self) -> Verdict {
        let factors =
            [(self.loss(), Reason::Loss), (self.delay(), Reason::Delay), (self.room(), Reason::Narrow)];
        let worst = factors.into_iter().max_by_key(|(grade, _)| *grade);
        worst.filter(|(grade, _)| *grade > Grade::Good).unwrap_or((Grade::Good, Reason::None))
    }

    fn loss(&self) -> Grade {
        let lost = self.up_loss.unwrap_or(0.0).max(self.down_loss.unwrap_or(0.0));
        graded(lost > FAIR_LOSS, lost > POOR_LOSS)
    }

    fn delay(&self) -> Grade {
        let delay = self.round_trip.unwrap_or_default();
        graded(delay > FAIR_DELAY, delay > POOR_DELAY)
    }

    fn room(&self) -> Grade {
        let less = self.video_wanted && self.video != Video::Full;
        let none = self.video_wanted && self.video == Video::Off;
        graded(less, none || self.target < ONE_VOICE)
    }
}

fn graded(fair: bool, poor: bool) -> Grade {
    match (fair, poor) {
        (_, true) => Grade::Poor,
        (true, false) => Grade::Fair,
        (false, false) => Grade::Good,
    }
}

/// Turns samples into what is told. One for each peer.
#[derive(Debug)]
pub struct Meter {
    told: Quality,
    /// The last seconds, the newest last.
    seconds: [Verdict; TO_IMPROVE],
}

impl Meter {
    /// Until told otherwise, a connection is good and its pictures are whole.
    pub fn new() -> Self {
        let verdict = (Grade::Good, Reason::None);
        let told = Quality { grade: verdict.0, reason: verdict.1, video: Video::Full };
        Self { told, seconds: [verdict; TO_IMPROVE] }
    }

    /// Takes the sample of one second. What is to be told, if that changed.
    pub fn take(&mut self, sample: &Sample) -> Option<Quality> {
        let (grade, reason) = self.decide(sample);
        let now = Quality { grade, reason, video: sample.video };
        let changed = now != self.told;
        self.told = now;
        changed.then_some(now)
    }

    fn decide(&mut self, sample: &Sample) -> Verdict {
        if sample.is_lost() {
            return (Grade::Lost, Reason::Silent);
        }
        let verdict = sample.verdict();
        if self.told.grade == Grade::Lost {
            self.seconds = [verdict; TO_IMPROVE];
            return verdict;
        }
        self.seconds.rotate_left(1);
        self.seconds[TO_IMPROVE - 1] = verdict;
        self.settled()
    }

    /// What the last seconds amount to.
    fn settled(&self) -> Verdict {
        let told = (self.told.grade, self.told.reason);
        let mut latest = [told; TO_WORSEN];
        latest.copy_from_slice(&self.seconds[TO_IMPROVE - TO_WORSEN..]);
        let agreed = latest.iter().all(|verdict| *verdict == latest[0]);
        latest.sort_by_key(|(grade, _)| *grade);
        let middle = latest[TO_WORSEN / 2];
        let worst = self.seconds.into_iter().max_by_key(|(grade, _)| *grade).unwrap_or(told);
        if middle.0 > told.0 || (middle.0 == told.0 && agreed) {
            middle
        } else if worst.0 < told.0 {
            worst
        } else {
            told
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FINE: Sample = Sample {
        up_loss: Some(0.0),
        down_loss: Some(0.01),
        round_trip: Some(Duration::from_millis(40)),
        target: 1_000_000,
        video_wanted: true,
        video: Video::Full,
        silent_for: Duration::from_millis(20),
    };
    const LOSSY: Sample = Sample { up_loss: Some(0.2), ..FINE };
    const SLOW: Sample = Sample { round_trip: Some(Duration::from_millis(450)), ..FINE };
    const SLOWISH: Sample = Sample { round_trip: Some(Duration::from_millis(200)), ..FINE };
    const SILENT: Sample = Sample { silent_for: LOST, ..FINE };

    /// What was told, and in which second.
    fn told(samples: &[(usize, Sample)]) -> Vec<(usize, Grade, Reason)> {
        let mut meter = Meter::new();
        let each = samples.iter().flat_map(|(count, sample)| std::iter::repeat_n(sample, *count));
        let told = each.enumerate().filter_map(|(second, sample)| Some((second, meter.take(sample)?)));
        told.map(|(second, quality)| (second, quality.grade, quality.reason)).collect()
    }

    #[test]
    fn worse_takes_two_seconds_and_better_five() {
        let changes = told(&[(10, FINE), (10, LOSSY), (10, FINE)]);
        assert_eq!(changes, [(11, Grade::Poor, Reason::Loss), (24, Grade::Good, Reason::None)]);
    }

    #[test]
    fn one_bad_second_is_nothing_and_every_other_one_is_bad() {
        assert_eq!(told(&[(5, FINE), (1, LOSSY), (5, FINE)]), []);
        let flickering = [(1, LOSSY), (1, FINE)].repeat(20);
        assert_eq!(told(&flickering), [(2, Grade::Poor, Reason::Loss)]);
    }

    #[test]
    fn better_by_half_is_told_as_half() {
        let changes = told(&[(5, SLOW), (4, FINE), (1, SLOWISH), (9, FINE)]);
        let slow = |grade| (grade, Reason::Delay);
        let grades: Vec<_> = changes.iter().map(|(_, grade, reason)| (*grade, *reason)).collect();
        assert_eq!(grades, [slow(Grade::Poor), slow(Grade::Fair), (Grade::Good, Reason::None)]);
    }

    #[test]
    fn lost_and_found_are_told_at_once() {
        let changes = told(&[(3, FINE), (4, SILENT), (1, LOSSY), (9, FINE)]);
        let expected = [
            (3, Grade::Lost, Reason::Silent),
            (7, Grade::Poor, Reason::Loss),
            (12, Grade::Good, Reason::None),
        ];
        assert_eq!(changes, expected);
    }

    #[test]
    fn another_reason_for_the_same_grade_is_told_when_it_lasts() {
        assert_eq!(told(&[(5, LOSSY), (1, SLOW), (5, LOSSY)]).len(), 1);
        let changes = told(&[(5, LOSSY), (5, SLOW)]);
        assert_eq!(changes, [(1, Grade::Poor, Reason::Loss), (7, Grade::Poor, Reason::Delay)]);
    }

    #[test]
    fn each_factor_has_its_bounds() {
        let is = |sample: Sample| sample.verdict();
        assert_eq!(is(FINE), (Grade::Good, Reason::None));
        assert_eq!(is(Sample { down_loss: Some(0.1), ..FINE }), (Grade::Fair, Reason::Loss));
        assert_eq!(is(Sample { down_loss: Some(0.16), ..FINE }), (Grade::Poor, Reason::Loss));
        assert_eq!(is(SLOWISH), (Grade::Fair, Reason::Delay));
        assert_eq!(is(Sample { video: Video::Reduced, ..FINE }), (Grade::Fair, Reason::Narrow));
        assert_eq!(is(Sample { video: Video::Off, ..FINE }), (Grade::Poor, Reason::Narrow));
        let hidden = Sample { video_wanted: false, video: Video::Off, ..FINE };
        assert_eq!(is(hidden), (Grade::Good, Reason::None), "nobody misses it");
        assert_eq!(is(Sample { target: 60_000, ..hidden }), (Grade::Poor, Reason::Narrow));
        assert_eq!(is(Sample { video: Video::Reduced, ..LOSSY }), (Grade::Poor, Reason::Loss));
        let unknown = Sample { up_loss: None, down_loss: None, round_trip: None, ..FINE };
        assert_eq!(is(unknown), (Grade::Good, Reason::None));
    }

    #[test]
    fn the_picture_is_told_as_it_is() {
        let mut meter = Meter::new();
        let off = Quality { video: Video::Off, ..meter.told };
        assert_eq!(meter.take(&Sample { video: Video::Off, ..FINE }), Some(off));
    }

    proptest! {
        /// Better only after five seconds that all were better, worse only after two of three as bad.
        #[test]
        fn what_is_told_is_steady(which in proptest::collection::vec(0usize..5, 1..200)) {
            let mut meter = Meter::new();
            let mut seconds = vec![];
            for sample in which.into_iter().map(|index| [FINE, LOSSY, SLOW, SLOWISH, SILENT][index]) {
                let before = meter.told.grade;
                let after = meter.take(&sample).unwrap_or(meter.told);
                prop_assert_eq!(after, meter.told);
                prop_assert_eq!(after.grade == Grade::Good, after.reason == Reason::None);
                prop_assert_eq!(after.grade == Grade::Lost, sample.is_lost());
                seconds.push(sample.verdict().0);
                if after.grade == Grade::Lost || before == Grade::Lost {
                    continue;
                }
                let latest = |count: usize| seconds.iter().rev().take(count);
                if after.grade < before {
                    prop_assert!(latest(5).all(|grade| *grade < before), "{:?}", seconds);
                } else if after.grade > before {
                    prop_assert!(latest(3).filter(|grade| **grade >= after.grade).count() >= 2, "{:?}", seconds);
                }
            }
        }
    }
}
