//! What a session tells a device: events in sequence, and answers to its commands.

use crate::clock::Time;
use crate::ids::{InvitationId, OutcomeId, PersonId};
use crate::media::Quality;
use crate::session::view::{ChatLine, View};
use crate::turn::IceServer;
use serde::{Deserialize, Serialize};

/// What a device is sent. `seq` grows by one per recipient; a gap means: reconnect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// Answers `hello`. If `resumed`, only what was missed follows; else `view` and `chat` are whole.
    Welcome {
        connection: String,
        resumed: bool,
        #[ts(as = "f64")]
        seq: u64,
        now: Time,
        view: Option<Box<View>>,
        chat: Vec<ChatLine>,
        media: MediaSetup,
    },
    /// The whole view, after anything in it changed.
    View {
        #[ts(as = "f64")]
        seq: u64,
        now: Time,
        view: Box<View>,
    },
    Chat {
        #[ts(as = "f64")]
        seq: u64,
        line: ChatLine,
    },
    /// The answer to a command or an offer.
    Reply {
        id: String,
        result: Answer,
    },
    Pong {
        now: Time,
    },
    /// How good somebody's connection is, when that changes: one's own (`of` is null), or that of
    /// somebody in the same place. Not in sequence, never repeated.
    Line {
        quality: Quality,
        of: Option<PersonId>,
    },
    /// That microphone returns what others say. Told to that person, and to the mediator beside them.
    Echo {
        of: PersonId,
    },
    /// The server closes this connection; `again` says whether reconnecting makes sense.
    Bye {
        why: Bye,
        again: bool,
    },
}

/// What to offer, and by which ways to reach the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct MediaSetup {
    pub audio_slots: u8,
    /// The last one is the shared screen.
    pub video_slots: u8,
    /// Offer the camera in several layers.
    pub simulcast: bool,
    /// Relays for networks that let nothing else through; may be empty.
    pub ice_servers: Vec<IceServer>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Answer {
    Done,
    /// `Offer`: the SDP answer.
    Answer {
        sdp: String,
    },
    /// `Invite`: the link, told this once.
    Invited {
        invitation: InvitationId,
        url: String,
        expires_at: Time,
    },
    /// `Sign` by the last signer.
    Sealed {
        outcome: OutcomeId,
    },
    /// Nothing was changed.
    Refused {
        error: Refusal,
        detail: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Bye {
    /// The first frame was late or was no `hello`.
    NoHello,
    /// A newer connection of this device took over.
    Superseded,
    /// Refused, removed, left, or replaced by another device.
    Out,
    /// Frames too large, too many or not of the protocol.
    Abuse,
    /// Did not read what it was sent.
    TooSlow,
    /// The server stops; come back in a moment.
    Restarting,
    /// The session is over.
    Ended,
}

/// Why a command changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The frame is not of the protocol's form.
    Malformed,
    /// This role may never do that.
    NotYourRight,
    /// Not in this phase.
    NotNow,
    /// Not admitted (yet, or any more).
    NotAdmitted,
    /// There is no such person, device, invitation or version.
    Unknown,
    /// Made on an older draft or version than the current one.
    Stale,
    /// A value is out of bounds; `detail` names it.
    Invalid,
    /// The room is full, or a list is at its limit.
    Full,
    /// The link is locked, used, expired or revoked.
    Closed,
    /// The key is not enrolled, or the signature does not verify.
    BadSignature,
    /// Too many requests; slow down.
    TooFast,
    /// The server could not store it. Nothing was changed; try again.
    Unavailable,
}
