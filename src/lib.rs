//! Hejie (和解): video mediation whose signed outcome anybody can check.

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
pub mod server;
pub mod session;
pub mod settlement;
pub mod signing;
pub mod staff;
pub mod store;
pub mod token;
