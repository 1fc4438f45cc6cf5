//! What a room's session learns of its connections.

use super::quality::Quality;
use super::table::{PeerId, Track};

/// What happened to a room's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Media can flow.
    Connected { peer: PeerId },
    /// The first packet of this track came.
    Flowing { peer: PeerId, track: Track },
    /// Nothing came for three seconds.
    Interrupted { peer: PeerId },
    /// It comes again.
    Resumed { peer: PeerId },
    /// The connection is better or worse than it was.
    Quality { peer: PeerId, quality: Quality },
    /// This microphone returns what the others say.
    Echo { peer: PeerId },
    /// The peer is out of the table, and its id is free.
    Gone { peer: PeerId, why: Why },
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Not up within 15 s.
    NeverConnected,
    /// Nothing authentic for 30 s.
    Silent,
    /// The client said goodbye, or its handshake failed.
    Closed,
    /// The session ended it, or the server stops.
    Disconnected,
}
