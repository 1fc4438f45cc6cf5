//! A device's line to its session: events in sequence, kept for a while so that a dropped socket can
//! resume where it was. Pure but for the channel it pushes into.

use super::event::{Bye, Event};
use super::view::View;
use crate::clock::Time;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Events kept for a resume; more would not fit in a fresh socket's queue.
const KEPT: usize = QUEUE / 2;
/// A dropped connection may resume for this long; later it rejoins.
pub const RESUME_MS: i64 = 30_000;
/// Events under way to a socket. A client that lets more pile up is cut.
pub const QUEUE: usize = 64;

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
        if let Some(socket) = &self.socket
            && socket.try_send(event).is_err()
        {
            self.socket = None;
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
