//! Rooms made of synthetic envelopes, seeded, in virtual time.

use super::*;
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Levels as packets carry them, one for each 20 ms.
type Levels = Vec<u8>;

const SECOND: usize = 50;
const MINUTE: usize = 60 * SECOND;
const SILENCE: u8 = 127;

/// Room noise, which no packet is without.
fn noise(random: &mut StdRng) -> f32 {
    62.0 + random.random_range(-3.0..3.0)
}

/// A phrase of syllables and words, as loud as the voice.
fn phrase(random: &mut StdRng, voice: f32, to: &mut Levels, bins: usize) {
    let end = to.len() + bins;
    while to.len() < end {
        let syllable = random.random_range(6..14);
        let (peak, dip) = (voice + random.random_range(-5.0..5.0), random.random_range(8.0..25.0));
        for bin in 0..syllable {
            let arch = (std::f32::consts::PI * (bin as f32 + 0.5) / syllable as f32).sin();
            to.push((peak + dip * (1.0 - arch)) as u8);
        }
        if random.random_bool(0.2) {
            pause(random, to, 3, 8);
        }
    }
}

fn pause(random: &mut StdRng, to: &mut Levels, least: usize, most: usize) {
    for _ in 0..random.random_range(least..most) {
        let level = noise(random);
        to.push(level as u8);
    }
}

/// Somebody who speaks without being interrupted.
fn speech(random: &mut StdRng, bins: usize) -> Levels {
    let (mut levels, voice) = (vec![], random.random_range(18.0..30.0));
    while levels.len() < bins {
        let long = random.random_range(SECOND / 2..SECOND * 7 / 2);
        phrase(random, voice, &mut levels, long);
        pause(random, &mut levels, 10, SECOND * 6 / 5);
    }
    levels.truncate(bins);
    levels
}

/// Two who take turns, with short answers into each other's words.
fn conversation(random: &mut StdRng, bins: usize) -> [Levels; 2] {
    let mut both = [vec![], vec![]];
    let mut turn = 0;
    while both[turn].len() < bins {
        let long = random.random_range(SECOND / 2..SECOND * 6);
        phrase(random, 24.0, &mut both[turn], long);
        let end = both[turn].len();
        let other = &mut both[1 - turn];
        while other.len() < end {
            if random.random_bool(0.3) {
                phrase(random, 28.0, other, 15);
            }
            pause(random, other, 20, 120);
        }
        other.truncate(end);
        for person in &mut both {
            person.truncate(end);
        }
        let gap = random.random_range(3..SECOND / 2);
        both.iter_mut().for_each(|person| pause(random, person, gap, gap + 1));
        turn = 1 - turn;
    }
    both.map(|mut person| {
        person.truncate(bins);
        person
    })
}

fn noisy(random: &mut StdRng, bins: usize, level: f32) -> Levels {
    (0..bins).map(|_| (level + random.random_range(-3.0..3.0)) as u8).collect()
}

/// Beats at a steady pace, each dying away, in bars of four.
fn music(random: &mut StdRng, bins: usize, beat: usize) -> Levels {
    let accents: [f32; 4] = std::array::from_fn(|_| random.random_range(0.0..10.0));
    let fading = random.random_range(15.0..30.0);
    let played = |bin: usize| 16.0 + accents[bin / beat % 4] + fading * (bin % beat) as f32 / beat as f32;
    (0..bins).map(|bin| (played(bin) + random.random_range(-2.0..2.0)) as u8).collect()
}

/// What a microphone picks up of a loudspeaker, beside what it hears otherwise.
fn with_echo(random: &mut StdRng, own: &[u8], of: &[u8], lag: usize, quieter: f32) -> Levels {
    let heard = |(bin, own): (usize, &u8)| {
        let said = bin.checked_sub(lag).map_or(127.0, |then| f32::from(of[then]));
        (said + quieter + random.random_range(-2.0..2.0)).min(f32::from(*own)).clamp(0.0, 127.0) as u8
    };
    own.iter().enumerate().map(heard).collect()
}

/// How the packets of a room come.
#[derive(Clone, Copy)]
struct Way {
    loss: f64,
    /// Milliseconds, at most.
    jitter: u64,
    /// Whether silence is sent as one packet in 400 ms.
    discontinuous: bool,
}

const CLEAN: Way = Way { loss: 0.0, jitter: 0, discontinuous: false };
const ROUGH: Way = Way { loss: 0.2, jitter: 30, discontinuous: true };

/// Plays the room; who was named, and in which second. Microphones are numbered from 0.
fn play(random: &mut StdRng, microphones: &[Levels], way: Way) -> Vec<(u64, u64)> {
    let start = Instant::now();
    let mut packets = vec![];
    for (peer, levels) in microphones.iter().enumerate() {
        let mut quiet = 0;
        for (bin, level) in levels.iter().enumerate() {
            quiet = if *level > 50 { quiet + 1 } else { 0 };
            let left_out = way.discontinuous && quiet > 10 && quiet % 20 != 0;
            if !left_out && !random.random_bool(way.loss) {
                let late = random.random_range(0..=way.jitter);
                packets.push((bin as u64 * 20 + late, peer as u64, *level));
            }
        }
    }
    packets.sort_by_key(|(at, ..)| *at);
    let mut echo = Echo::new(start);
    let mut named = vec![];
    for (at, peer, level) in packets {
        let now = start + Duration::from_millis(at);
        echo.heard(PeerId(peer), now, level);
        named.extend(echo.check(now).map(|peer| (at / 1_000, peer.0)));
    }
    named
}

/// The speaker is 0, the phone that returns it 1, the station with its own echo canceller 2.
fn shop(random: &mut StdRng, bins: usize, lag: usize, quieter: f32) -> [Levels; 3] {
    let said = speech(random, bins);
    let own = noisy(random, bins, 62.0);
    let phone = with_echo(random, &own, &said, lag, quieter);
    [said, phone, noisy(random, bins, 64.0)]
}

fn named_in_minutes(minutes: u64, way: Way, mut room: impl FnMut(&mut StdRng) -> Vec<Levels>) -> Vec<u64> {
    let played = |seed| {
        let mut random = StdRng::seed_from_u64(seed);
        let room = room(&mut random);
        (!play(&mut random, &room, way).is_empty()).then_some(seed)
    };
    (0..minutes).filter_map(played).collect()
}

const NOBODY: [u64; 0] = [];

#[test]
fn an_echo_is_found_within_seconds_of_speech() {
    for (way, quieter) in [(CLEAN, 6.0), (CLEAN, 18.0), (ROUGH, 6.0), (ROUGH, 18.0)] {
        let mut found: Vec<u64> = (0..15)
            .map(|seed| {
                let mut random = StdRng::seed_from_u64(seed);
                let lag = random.random_range(5..=25);
                let room = shop(&mut random, MINUTE / 2, lag, quieter);
                let named = play(&mut random, &room, way);
                assert_eq!(named.iter().map(|(_, peer)| *peer).collect::<Vec<_>>(), [1], "seed {seed}");
                named[0].0
            })
            .collect();
        found.sort_unstable();
        assert!(found[7] <= 8 && found[12] <= 12, "{quieter} dB, loss {}: {found:?}", way.loss);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_echo_is_found(seed: u64, lag in 5usize..=25, quieter in 6.0f32..18.0, rough: bool) {
        let mut random = StdRng::seed_from_u64(seed);
        let room = shop(&mut random, MINUTE, lag, quieter);
        let named = play(&mut random, &room, if rough { ROUGH } else { CLEAN });
        prop_assert_eq!(named.iter().map(|(_, peer)| *peer).collect::<Vec<_>>(), [1]);
    }
}

#[test]
fn people_who_speak_at_the_same_time_are_no_echo() {
    for way in [CLEAN, ROUGH] {
        let two = |random: &mut StdRng| vec![speech(random, MINUTE), speech(random, MINUTE)];
        assert_eq!(named_in_minutes(100, way, two), NOBODY);
    }
}

#[test]
fn a_conversation_is_no_echo() {
    let taking_turns = |random: &mut StdRng| conversation(random, MINUTE).to_vec();
    assert_eq!(named_in_minutes(40, CLEAN, taking_turns), NOBODY);
    assert_eq!(named_in_minutes(20, ROUGH, taking_turns), NOBODY);
}

#[test]
fn two_players_of_one_tune_are_no_echo() {
    let same_pace = |random: &mut StdRng| {
        let beat = random.random_range(15..70);
        vec![music(random, MINUTE, beat), music(random, MINUTE, beat)]
    };
    assert_eq!(named_in_minutes(40, CLEAN, same_pace), NOBODY);
}

#[test]
fn noise_and_silence_are_no_echo() {
    let still = |random: &mut StdRng| {
        let (loud, soft) = (noisy(random, MINUTE, 30.0), noisy(random, MINUTE, 45.0));
        vec![loud, soft, vec![SILENCE; MINUTE], speech(random, MINUTE)]
    };
    assert_eq!(named_in_minutes(5, CLEAN, still), NOBODY);
    assert_eq!(named_in_minutes(5, ROUGH, still), NOBODY);
}

/// Two microphones near each other both hear the one who speaks there.
#[test]
fn two_microphones_beside_each_other_are_no_echo() {
    for way in [CLEAN, Way { loss: 0.2, jitter: 10, discontinuous: true }] {
        let near = |random: &mut StdRng| {
            let lag = random.random_range(0..=2);
            let quieter = random.random_range(0.0..15.0);
            shop(random, MINUTE / 2, lag, quieter).to_vec()
        };
        assert_eq!(named_in_minutes(20, way, near), NOBODY);
    }
}

#[test]
fn whoever_is_louder_than_the_speaker_is_no_echo() {
    let louder = |random: &mut StdRng| shop(random, MINUTE / 2, 10, -8.0).to_vec();
    assert_eq!(named_in_minutes(10, CLEAN, louder), NOBODY);
}

#[test]
fn a_microphone_is_named_once_in_a_minute() {
    let mut random = StdRng::seed_from_u64(1);
    let room = shop(&mut random, 3 * MINUTE, 10, 12.0);
    let named = play(&mut random, &room, CLEAN);
    assert_eq!(named.len(), 3, "{named:?}");
    assert!(named.windows(2).all(|two| two[1].0 - two[0].0 >= 60), "{named:?}");
}

/// Who has gone is forgotten, and what was known of the others stays with them.
#[test]
fn suspicions_stay_with_their_peer_when_another_goes() {
    let now = Instant::now();
    let mut echo = Echo::new(now);
    (0..9).for_each(|peer| echo.heard(PeerId(peer), now, 30));
    assert_eq!(echo.microphones.len(), MICROPHONES, "the ninth isn't listened to");
    let strong = Suspicion { lag: 10, strength: ENOUGH - 1 };
    echo.microphones[7].suspicions[3] = strong;
    echo.microphones[5].suspicions[1] = strong;
    echo.gone(PeerId(1));
    echo.gone(PeerId(99));
    assert_eq!(echo.microphones[6].suspicions[2].strength, ENOUGH - 1);
    assert!(echo.microphones[4].suspicions.iter().all(|suspicion| suspicion.strength == 0));
    echo.heard(PeerId(8), now, 30);
    assert_eq!(echo.microphones[7].peer, PeerId(8), "there is room again");
}
