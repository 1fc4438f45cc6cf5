//! Hejie (和解): video mediation whose signed outcome anybody can check.
//!
//! Reading order, from a mediation inwards: [`session`] (what happens in a room; start with its
//! `command` and `view`), [`settlement`] (terms and versions), [`signing`] (the document, its
//! signatures, the verifier), [`log`] (the public log), [`media`] (who hears whom, packet by packet),
//! [`complaint`] (the record it all hangs on), [`staff`], [`notify`]. [`edge`] lets the world in,
//! [`server`] wires it up, [`store`] keeps it. The rest is ground.
//!
//! `docs/ARCHITECTURE.md` walks a command, a packet and an outcome through the files. A module imports
//! only from floors below its own (`tests/house.rs`).

pub mod audit;
pub mod backup;
pub mod bucket;
pub mod canon;
pub mod clock;
pub mod complaint;
pub mod config;
pub mod demo;
pub mod edge;
pub mod ids;
pub mod log;
pub mod media;
pub mod note;
pub mod notify;
pub mod random;
pub mod rehearsal;
pub mod server;
pub mod session;
pub mod settlement;
pub mod signing;
pub mod staff;
pub mod store;
pub mod token;
pub mod turn;
