//! The WebSocket frames of subprotocol `hejie.v1`, typed. `docs/PROTOCOL.md` tells the story.
//!
//! `GET /api/v1/devices/{device}/ws` with the device's cookie. The client says `hello` within two
//! seconds; then commands up, events ([`FromServer`]) down. Frames are JSON text of at most 64 KiB.

use crate::session::command::Command;
pub use crate::session::event::Event as FromServer;
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
    /// A peer connection's offer; the answer comes as the reply. A fresh one replaces an older connection;
    /// `restart` is an ICE restart of the running one, `unknown` if the server no longer has it.
    Offer {
        id: String,
        sdp: String,
        #[serde(default)]
        #[ts(optional, as = "Option<bool>")]
        restart: bool,
    },
    /// At which height (device pixels, 0 is hidden) the video slots named are shown: at most 8, when that
    /// changes, and after a fresh offer. Not answered.
    Show { slots: Vec<(u8, u16)> },
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
