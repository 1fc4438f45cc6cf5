//! Whole mediations, played by machines against a running server over its public protocol alone
//! (docs/PROTOCOL.md): to find out whether it works, and what it carries.
//!
//! `run` plays many rooms in concert and makes the `report`; `room` is one mediation from the link to the
//! signature; `line` is a device's WebSocket, `api` its REST, `identity` its signing key. `media` is a
//! participant's sound and pictures: every packet carries a `stamp`, by which whoever receives it knows
//! what it is and how long it took; `tally` counts. None of it knows the server's source.

pub mod api;
pub mod identity;
pub mod line;
pub mod media;
pub mod report;
pub mod room;
pub mod rtcp;
pub mod run;
pub mod stamp;
pub mod tally;
pub mod window;
