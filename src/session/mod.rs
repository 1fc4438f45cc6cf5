//! A mediation session: people, phases, rooms, terms, signatures.
//!
//! Reading order: `party`, `phase`, `command` (what people ask for), `rights` (who may when), `state`,
//! `step` (one change of it) and the steps by what they are about: `door`, `floor`, `caucus`,
//! `drafting`, `ceremony`, `closing`, `presence` (with `drops`); then `routes` and `show` (what each may
//! receive: the wall), `journal`, `records`, and what runs it all: `setting`, `task`, `link`, `peers`,
//! `registry`.

pub mod caucus;
pub mod ceremony;
pub mod closing;
pub mod command;
pub mod decide;
pub mod door;
pub mod drafting;
pub mod drops;
pub mod event;
pub mod floor;
pub mod journal;
pub mod keep;
pub mod link;
pub mod party;
pub mod peers;
pub mod phase;
pub mod presence;
pub mod records;
pub mod registry;
pub mod rights;
pub mod routes;
pub mod setting;
pub mod show;
pub mod state;
pub mod step;
pub mod task;
pub mod view;
