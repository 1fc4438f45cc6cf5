//! What the journal is told of a device's comings and goings, so that a flapping line doesn't flood it.
//!
//! Pure. What always holds: at most one drop and one return are written in ten seconds, more of them as
//! a number; no drop is left out of the count; the last that is written is how it is.

use crate::clock::Time;
use serde::Serialize;

/// After a drop that was journalled, further ones are counted for this long.
pub const FLAP_MS: i64 = 10_000;

/// How a device dropped out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The line broke or fell silent.
    #[default]
    Network,
    /// The socket was closed in due form, as by a page that is closed.
    Closed,
}

/// What the journal knows of a device's comings and goings. Forgotten with the process.
#[derive(Debug, Clone, Default)]
pub struct Drops {
    here: bool,
    /// When the last drop was written.
    dropped_at: Option<Time>,
    /// Drops since then, not written yet.
    more: u32,
    /// Of the last of them.
    cause: Cause,
}

/// An event for the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    Connected,
    Dropped { cause: Cause, times: u32 },
}

impl Drops {
    /// As it is now, of which the journal need not know: the device waits at the door.
    pub fn skip(&mut self, here: bool) {
        self.here = here;
    }

    /// The device came (`here`) or dropped out.
    pub fn change(&mut self, now: Time, here: bool, cause: Cause) -> Option<Note> {
        if here {
            let news = !self.here;
            self.here = true;
            return news.then_some(Note::Connected);
        }
        if self.dropped_at.is_some_and(|at| now < at.plus_ms(FLAP_MS)) {
            self.more = self.more.saturating_add(1);
            self.cause = cause;
            return None;
        }
        Some(self.drop_out(now, cause, 1))
    }

    /// Writes what was only counted, once its time has come.
    pub fn tick(&mut self, now: Time, here: bool) -> Vec<Note> {
        if self.due().is_none_or(|due| now < due) {
            return Vec::new();
        }
        let mut notes = vec![self.drop_out(now, self.cause, 0)];
        if here {
            notes.extend(self.change(now, here, self.cause));
        }
        notes
    }

    /// A drop to be written, with all that were only counted.
    fn drop_out(&mut self, now: Time, cause: Cause, now_dropped: u32) -> Note {
        self.here = false;
        self.dropped_at = Some(now);
        Note::Dropped { cause, times: std::mem::take(&mut self.more).saturating_add(now_dropped) }
    }

    /// When something is to be written by itself.
    pub fn due(&self) -> Option<Time> {
        self.dropped_at.filter(|_| self.more > 0).map(|at| at.plus_ms(FLAP_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_drop_and_a_return_are_written_at_once() {
        let mut known = Drops::default();
        assert_eq!(known.change(Time(0), true, Cause::Network), Some(Note::Connected));
        let dropped = known.change(Time(1), false, Cause::Closed);
        assert_eq!(dropped, Some(Note::Dropped { cause: Cause::Closed, times: 1 }));
        assert_eq!(known.change(Time(2), true, Cause::Network), Some(Note::Connected));
        assert_eq!((known.due(), known.tick(Time(60_000), true)), (None, vec![]));
    }

    #[test]
    fn flapping_is_written_as_a_number() {
        let mut known = Drops { here: true, ..Drops::default() };
        for at in 0..5 {
            let (dropped, back) = (Time(at * 1_000), Time(at * 1_000 + 500));
            let first = at == 0;
            assert_eq!(known.change(dropped, false, Cause::Network).is_some(), first);
            assert_eq!(known.change(back, true, Cause::Network).is_some(), first);
        }
        assert_eq!(known.due(), Some(Time(10_000)));
        assert_eq!(known.tick(Time(9_999), true), []);
        let both = [Note::Dropped { cause: Cause::Network, times: 4 }, Note::Connected];
        assert_eq!(known.tick(Time(10_000), true), both);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn however_it_flaps_the_journal_stays_short_and_counts_right(pauses in prop::collection::vec((1_i64..12_000, any::<bool>()), 1..60)) {
            let mut known = Drops { here: true, ..Drops::default() };
            let (mut now, mut here, mut drops, mut written) = (Time(0), true, 0, Vec::new());
            // Sometimes the clock is late.
            for (pause, late) in pauses {
                let next = now.plus_ms(pause);
                if let Some(due) = known.due().filter(|due| *due <= next && !late) {
                    written.extend(known.tick(due, here).into_iter().map(|note| (due, note)));
                }
                (now, here) = (next, !here);
                drops += u32::from(!here);
                written.extend(known.change(now, here, Cause::Network).map(|note| (now, note)));
            }
            if let Some(due) = known.due() {
                written.extend(known.tick(due, here).into_iter().map(|note| (due, note)));
            }
            let dropped: Vec<_> = written.iter().filter_map(|(at, note)| match note {
                Note::Dropped { times, .. } => Some((*at, *times)),
                Note::Connected => None,
            }).collect();
            prop_assert_eq!(dropped.iter().map(|(_, times)| times).sum::<u32>(), drops);
            prop_assert!(dropped.windows(2).all(|pair| pair[1].0.0 - pair[0].0.0 >= FLAP_MS));
            // Drops and returns take turns, and the last says how it is.
            for (n, (_, note)) in written.iter().enumerate() {
                prop_assert_eq!(matches!(note, Note::Connected), n % 2 == 1);
            }
            prop_assert_eq!(written.len() % 2 == 0, here);
        }
    }
}
