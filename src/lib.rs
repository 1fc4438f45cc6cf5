//! Hejie (和解): video mediation whose signed outcome anybody can check.
pub mod clock;
pub mod edge;
pub mod ids;
pub mod media;
pub mod random;
pub mod session;
pub mod settlement;
pub mod store;
