//! A device's line to its session: events in sequence, kept for a while so that a dropped socket can
//! resume where it was. Pure but for the channel it pushes into.

use super::event::{Bye, Event};
use super::view::View;
use crate::clock::Time;
use crate::ids::PersonId;
use crate::media::Quality;
use std::collections::{HashMap, VecDeque};
use tokio::sync::mpsc;

/// Events kept for a resume; more would not fit in a fresh socket's queue.
const KEPT: usize = QUEUE / 2;
/// A dropped connection may resume for this long; later it rejoins.
pub const RESUME_MS: i64 = 30_000;
/// Events under way to a socket. A client that lets more pile up is cut.
pub const QUEUE: usize = 64;
/// Of these the last is for saying goodbye.
const GOODBYE: usize = 1;

pub struct Link {
    /// Names this run of sequence numbers.
    pub connection: String,
    seq: u64,
    kept: VecDeque<(u64, Event)>,
    socket: Option<mpsc::Sender<Event>>,
    /// Which socket of this device it is, counted by the session: a late word about an older one is
    /// about that one alone.
    pub attachment: u64,
    pub dropped_at: Option<Time>,
    /// The newest view pushed, to push only changes.
    pub shown: Option<View>,
    /// This page has offered media: only then does its silence mean anything.
    pub offered: bool,
    /// How good the lines are, as told.
    lines: HashMap<Option<PersonId>, Quality>,
}

/// Room for events, and for the goodbye to somebody who doesn't read them.
pub fn socket() -> (mpsc::Sender<Event>, mpsc::Receiver<Event>) {
    mpsc::channel(QUEUE + GOODBYE)
}

impl Link {
    pub fn new(connection: String, attachment: u64, socket: mpsc::Sender<Event>) -> Self {
        Self {
            connection,
            seq: 0,
            kept: VecDeque::new(),
            socket: Some(socket),
            attachment,
            dropped_at: None,
            shown: None,
            offered: false,
            lines: HashMap::new(),
        }
    }

    pub fn seq(&self) -> u64 {
        self.seq
    }

    pub fn is_up(&self) -> bool {
        self.socket.is_some()
    }

    /// Whether what came after `seq` can be sent again, at one go. Who missed more rejoins, and gets
    /// everything whole.
    pub fn can_resume(&self, connection: &str, seq: u64, now: Time) -> bool {
        let Some(missed) = self.seq.checked_sub(seq) else { return false };
        self.connection == connection && missed <= self.kept.len() as u64 && !self.is_stale(now)
    }

    /// Continues on a new socket: `welcome`, then everything after `seq`.
    pub fn resume(&mut self, seq: u64, attachment: u64, socket: mpsc::Sender<Event>, welcome: Event) {
        self.tell_only(Event::Bye { why: Bye::Superseded, again: false });
        self.socket = Some(socket);
        self.attachment = attachment;
        self.dropped_at = None;
        self.lines.clear();
        self.tell_only(welcome);
        let missed: Vec<_> =
            self.kept.iter().filter(|(s, _)| *s > seq).map(|(_, event)| event.clone()).collect();
        for event in missed {
            self.tell_only(event);
        }
    }

    /// Sends the next event in sequence.
    pub fn push(&mut self, event: impl FnOnce(u64) -> Event) {
        self.seq += 1;
        let event = event(self.seq);
        self.kept.push_back((self.seq, event.clone()));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
        self.tell_only(event);
    }

    /// Sends an event outside the sequence. A socket that doesn't keep up is cut, never waited for.
    pub fn tell_only(&mut self, event: Event) {
        let Some(socket) = &self.socket else { return };
        if socket.capacity() <= GOODBYE && !matches!(event, Event::Bye { .. }) {
            return self.close(Bye::TooSlow, true);
        }
        if socket.try_send(event).is_err() {
            self.socket = None;
        }
    }

    /// Sends what is worth nothing later, if the socket has more room than it needs. True if it was sent.
    pub fn hint(&mut self, event: Event) -> bool {
        let room = |socket: &&mpsc::Sender<Event>| socket.capacity() > QUEUE / 2;
        self.socket.as_ref().filter(room).is_some_and(|socket| socket.try_send(event).is_ok())
    }

    /// Tells what is new about the lines that this device may know of. What the socket had no room for
    /// is told the next time.
    pub fn tell_lines(&mut self, lines: Vec<(Option<PersonId>, Quality)>) {
        self.lines.retain(|of, _| lines.iter().any(|(known, _)| known == of));
        for (of, quality) in lines {
            if self.lines.get(&of) != Some(&quality) && self.hint(Event::Line { quality, of: of.clone() }) {
                self.lines.insert(of, quality);
            }
        }
    }

    /// Says goodbye and lets the socket go.
    pub fn close(&mut self, why: Bye, again: bool) {
        self.tell_only(Event::Bye { why, again });
        self.socket = None;
    }

    pub fn drop_socket(&mut self, now: Time) {
        self.socket = None;
        self.dropped_at = Some(now);
    }

    pub fn is_stale(&self, now: Time) -> bool {
        self.dropped_at.is_some_and(|at| now.0 - at.0 > RESUME_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Grade, Reason, Video};

    const FAIR: Quality = Quality { grade: Grade::Fair, reason: Reason::Delay, video: Video::Full };
    const POOR: Quality = Quality { grade: Grade::Poor, reason: Reason::Loss, video: Video::Reduced };

    fn link() -> (Link, mpsc::Receiver<Event>) {
        let (socket, inbox) = socket();
        (Link::new("a".into(), 1, socket), inbox)
    }

    fn taken(inbox: &mut mpsc::Receiver<Event>) -> Vec<Event> {
        std::iter::from_fn(|| inbox.try_recv().ok()).collect()
    }

    #[test]
    fn who_does_not_read_is_told_so_last() {
        let (mut link, mut inbox) = link();
        for _ in 0..QUEUE {
            link.tell_only(Event::Pong { now: Time(0) });
        }
        assert!(link.is_up());
        link.tell_only(Event::Pong { now: Time(1) });
        assert!(!link.is_up());
        let told = taken(&mut inbox);
        assert_eq!(told.len(), QUEUE + GOODBYE);
        assert_eq!(told[QUEUE], Event::Bye { why: Bye::TooSlow, again: true });
    }

    #[test]
    fn a_goodbye_finds_room_in_a_full_queue() {
        let (mut link, mut inbox) = link();
        for _ in 0..QUEUE {
            link.tell_only(Event::Pong { now: Time(0) });
        }
        link.close(Bye::Ended, false);
        assert_eq!(taken(&mut inbox).last(), Some(&Event::Bye { why: Bye::Ended, again: false }));
    }

    #[test]
    fn hints_never_cut_a_link_and_are_told_when_there_is_room() {
        let (mut link, mut inbox) = link();
        for _ in 0..QUEUE - 1 {
            link.tell_only(Event::Pong { now: Time(0) });
        }
        for quality in [FAIR, POOR, FAIR, POOR] {
            link.tell_lines(vec![(None, quality)]);
        }
        assert!(link.is_up());
        assert_eq!(taken(&mut inbox).len(), QUEUE - 1);
        link.tell_lines(vec![(None, POOR)]);
        assert_eq!(taken(&mut inbox), [Event::Line { quality: POOR, of: None }]);
    }

    #[test]
    fn lines_are_told_once_and_again_after_they_were_out_of_sight_or_the_socket_dropped() {
        let (mut link, mut inbox) = link();
        let other = || Some(PersonId::random(&crate::random::Random::seeded(1)));
        let both = || vec![(None, FAIR), (other(), POOR)];
        link.tell_lines(both());
        link.tell_lines(both());
        assert_eq!(taken(&mut inbox).len(), 2);
        link.tell_lines(vec![(None, FAIR)]);
        link.tell_lines(both());
        assert_eq!(taken(&mut inbox), [Event::Line { quality: POOR, of: other() }]);
        link.drop_socket(Time(0));
        link.tell_lines(both());
        let (anew, mut inbox) = socket();
        link.resume(0, 2, anew, Event::Pong { now: Time(0) });
        link.tell_lines(both());
        assert_eq!(taken(&mut inbox).len(), 3, "the welcome and both lines");
    }
}
