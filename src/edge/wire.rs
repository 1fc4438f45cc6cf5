//! The WebSocket frames of subprotocol `hejie.v1`, typed. `docs/PROTOCOL.md` tells the story.
//!
//! `GET /api/v1/devices/{device}/ws` with the device's cookie. The client says `hello` within two
//! seconds; then commands up, events down. Frames are JSON text of at most 64 KiB.

use crate::clock::Time;
use crate::ids::{InvitationId, OutcomeId};
use crate::session::command::{Command, Refusal};
use crate::session::view::{ChatLine, View};
use serde::{Deserialize, Serialize};

/// What a client may send.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FromClient {
    /// The first frame. With `resume` the events after `seq` are sent again, if the server still has them.
    Hello { resume: Option<Resume> },
    /// `id` is the client's own, unique per device: the same id again gets the same reply and changes
    /// nothing. At most 64 characters.
    Command { id: String, command: Command },
    /// A fresh peer connection's offer; the answer comes as the reply. Replaces an older connection.
    Offer { id: String, sdp: String },
    /// Answered by `pong`; keeps middleboxes awake. Every 10 s.
    Ping,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    pub connection: String,
    #[ts(as = "f64")]
    pub seq: u64,
}

/// What the server sends. `seq` grows by one per recipient; a gap means: reconnect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromServer {
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
        result: Outcome,
    },
    Pong {
        now: Time,
    },
    /// The server closes this connection; `again` says whether reconnecting makes sense.
    Bye {
        why: Bye,
        again: bool,
    },
}

/// How many receiving slots to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct MediaSetup {
    pub audio_slots: u8,
    /// The last one is the shared screen.
    pub video_slots: u8,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Outcome {
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
    /// Could not keep up with what it was sent.
    TooSlow,
    /// The server stops; come back in a moment.
    Restarting,
    /// The session is over.
    Ended,
}
