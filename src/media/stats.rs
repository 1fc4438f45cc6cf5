//! What the shard counts, for the metrics page. Counters only grow.

/// A copy of the shard's counters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MediaStats {
    /// Connections now.
    pub peers: u64,
    /// Of these, connected.
    pub connected: u64,
    /// Routes now.
    pub routes: u64,
    /// Datagrams and octets on the socket.
    pub packets_in: u64,
    pub octets_in: u64,
    pub packets_out: u64,
    pub octets_out: u64,
    /// System calls that sent them.
    pub sends: u64,
    /// Media packets written to a receiver.
    pub forwarded: u64,
    /// Of lost ones, written once more.
    pub resent: u64,
    pub dropped: Dropped,
    pub key_frames_requested: u64,
    pub peers_total: u64,
    /// The library panicked on somebody's packet, and that connection was ended.
    pub panics: u64,
}

/// Datagrams and media packets that went nowhere, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Not STUN, DTLS or RTP; or STUN that no client of ours sends.
    pub malformed: u64,
    /// STUN for a ufrag that isn't or is no longer ours.
    pub unknown_ufrag: u64,
    /// From an address that ICE hasn't validated.
    pub unvalidated: u64,
    /// Not signed with the connection's password or keys, or a replay.
    pub forged: u64,
    /// A codec that wasn't agreed on, or an unknown stream.
    pub unexpected: u64,
    /// A copy of a packet that was forwarded already.
    pub repeated: u64,
    /// Nobody may receive it now.
    pub unrouted: u64,
    /// Older than the switch of its slot.
    pub late: u64,
    /// A picture before the first key frame of its slot.
    pub before_key_frame: u64,
    /// A larger or smaller picture than its slot gets.
    pub other_layer: u64,
    /// A picture that the receiver's line doesn't carry now.
    pub paused: u64,
    /// A client sent more than it may.
    pub too_much: u64,
    /// The socket's buffer was full.
    pub socket_full: u64,
    /// Nobody read a room's events; its subscription was ended.
    pub events: u64,
}

/// Adds field by field; a field that is forgotten here doesn't compile.
macro_rules! add {
    ($sum:expr, $other:expr, $type:ident { $($field:ident),* $(,)? }) => {{
        let $type { $($field),* } = $other;
        $( $sum.$field += $field; )*
    }};
}

impl std::ops::AddAssign for MediaStats {
    fn add_assign(&mut self, other: Self) {
        add!(
            self,
            other,
            MediaStats {
                peers,
                connected,
                routes,
                packets_in,
                octets_in,
                packets_out,
                octets_out,
                sends,
                forwarded,
                resent,
                dropped,
                key_frames_requested,
                peers_total,
                panics,
            }
        );
    }
}

impl std::ops::AddAssign for Dropped {
    fn add_assign(&mut self, other: Self) {
        add!(
            self,
            other,
            Dropped {
                malformed,
                unknown_ufrag,
                unvalidated,
                forged,
                unexpected,
                repeated,
                unrouted,
                late,
                before_key_frame,
                other_layer,
                paused,
                too_much,
                socket_full,
                events,
            }
        );
    }
}
