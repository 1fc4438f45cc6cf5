//! Whether one microphone follows another: the correlation of their envelopes over four seconds, at
//! every lag.

use super::envelope::{AFTER, BEFORE, SPAN, Smooth, WINDOW, above_floor};
use std::ops::RangeInclusive;

/// Bins. 60 to 700 ms: the way down, the jitter buffer, the shop and the way up. Two microphones that
/// hear the same voice directly are closer than that.
const ECHO: RangeInclusive<isize> = 3..=35;
/// Every lag that is looked at, so that an echo's is the best of all and not the flank of another.
const ALL: RangeInclusive<isize> = -(AFTER as isize)..=BEFORE as isize;
/// Lags at which a beat would show again: 240 ms to 1.5 s, that is, 250 to 40 a minute.
const BEATS: RangeInclusive<isize> = 12..=BEFORE as isize;

/// The smoothed envelope changes slowly enough for every second value.
const STEP: usize = 2;
const VALUES: f32 = (WINDOW / STEP) as f32;

const ALIKE: f32 = 0.75;
/// How much music, or somebody who counts aloud, is like itself one beat ago, and by how much more
/// than in between.
const RHYTHMIC: f32 = 0.45;
/// Speech louder than -45 dBov fills so many of the window's bins, and no more: pauses carry the shape.
const LOUD: i16 = above_floor(15);
const SPEECH: RangeInclusive<usize> = WINDOW / 4..=WINDOW * 19 / 20;
/// Words or syllables that stand out, in four seconds.
const MIN_ONSETS: usize = 5;
const ONSET: i16 = above_floor(6);
/// Squared deviation of 4 dB.
const MIN_VARIANCE: f32 = (above_floor(4) as f32) * (above_floor(4) as f32);
/// How much louder than the speaker an echo may be: the phone's gain control.
const LOUDER: i32 = 3;

/// Whether this is speech that can be recognised in an echo: loud enough, with a shape, no rhythm.
pub fn speaks(speaker: &Smooth) -> bool {
    let window = &speaker[BEFORE..BEFORE + WINDOW];
    let loud = window.iter().filter(|sum| **sum > LOUD).count();
    SPEECH.contains(&loud) && onsets(window) >= MIN_ONSETS && !rhythmic(speaker)
}

/// Speech is less and less like itself as time goes on; what has a beat becomes like itself again.
fn rhythmic(speaker: &Smooth) -> bool {
    let mut least: f32 = 1.0;
    BEATS.step_by(STEP).any(|lag| {
        let alike = correlation(speaker, speaker, lag);
        least = least.min(alike);
        alike > RHYTHMIC && alike - least > RHYTHMIC
    })
}

/// The lag in bins at which the microphone follows the speaker, if it does.
pub fn lag(speaker: &Smooth, microphone: &Smooth) -> Option<u64> {
    let at = |lag| (lag, correlation(speaker, microphone, lag));
    let near = ECHO.step_by(STEP).map(at).any(|(_, alike)| alike >= ALIKE - 0.05);
    let (lag, alike) = near.then(|| ALL.map(at).max_by(|a, b| a.1.total_cmp(&b.1)))??;
    let follows = alike >= ALIKE && ECHO.contains(&lag) && !louder(speaker, microphone, lag);
    follows.then_some(lag.unsigned_abs() as u64)
}

/// How often it rises by 6 dB after it fell by as much.
fn onsets(window: &[i16]) -> usize {
    let (mut onsets, mut rising, mut turn) = (0, false, window[0]);
    for sum in window.iter().copied() {
        let farther = if rising { sum > turn } else { sum < turn };
        if farther {
            turn = sum;
        } else if (sum - turn).abs() >= ONSET {
            rising = !rising;
            turn = sum;
            onsets += usize::from(rising);
        }
    }
    onsets
}

/// Whether the microphone is louder where the speaker speaks: its own person does, then.
fn louder(speaker: &Smooth, microphone: &Smooth, lag: isize) -> bool {
    let loud = pairs(speaker, microphone, lag).filter(|(speaker, _)| *speaker > i32::from(LOUD));
    let (count, more) = loud.fold((0, 0), |(count, more), (speaker, own)| (count + 1, more + own - speaker));
    more > count * LOUDER * i32::from(above_floor(1))
}

/// Normalised, -1 to 1; 0 where either is flat.
pub fn correlation(speaker: &Smooth, microphone: &Smooth, lag: isize) -> f32 {
    let (mut a, mut b, mut aa, mut bb, mut ab) = (0, 0, 0, 0, 0);
    for (x, y) in pairs(speaker, microphone, lag) {
        a += x;
        b += y;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    let mean = |sum: i32| sum as f32 / VALUES;
    let covariance = mean(ab) - mean(a) * mean(b);
    let variance = |squares, sum| mean(squares) - mean(sum) * mean(sum);
    let (of_speaker, of_microphone) = (variance(aa, a), variance(bb, b));
    if of_speaker.min(of_microphone) < MIN_VARIANCE {
        return 0.0;
    }
    covariance / (of_speaker * of_microphone).sqrt()
}

/// What the microphone heard in its window, with what the speaker said so many bins before.
fn pairs(speaker: &Smooth, microphone: &Smooth, lag: isize) -> impl Iterator<Item = (i32, i32)> {
    let from = BEFORE.saturating_add_signed(-lag).min(SPAN - WINDOW);
    let said = speaker[from..from + WINDOW].iter().step_by(STEP);
    let heard = microphone[BEFORE..BEFORE + WINDOW].iter().step_by(STEP);
    said.zip(heard).map(|(said, heard)| (i32::from(*said), i32::from(*heard)))
}
