//! The measured window, summed up over people and rooms.

use crate::media::{Inbox, Source};
use crate::report::Packets;
use crate::stamp::KINDS;
use crate::tally::Durations;

#[derive(Default)]
pub struct Window {
    pub packets: Packets,
    /// One way, from a participant to another.
    pub latency: Durations,
}

impl Window {
    /// Adds a room in which everyone was to receive everyone else.
    pub fn add_room(&mut self, people: &[(&Source, &Inbox)]) {
        let (receivers, packets) = (people.len().saturating_sub(1) as u64, &mut self.packets);
        for (source, inbox) in people {
            let sent: u64 = KINDS.iter().map(|kind| source.measured(*kind)).sum();
            packets.sent += sent;
            packets.expected += sent * receivers;
            let tally = inbox.tally();
            packets.received += tally.measured();
            packets.twice += tally.twice();
            self.latency.add(&tally.latency);
        }
        packets.lost = packets.expected.saturating_sub(packets.received);
    }
}
