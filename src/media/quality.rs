//! How good one client's connection is, and why. The shard measures, `mod` tells the room's session.
//!
//! Pure.

use serde::{Deserialize, Serialize};

/// What a person is told of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Quality {
    pub grade: Grade,
    pub reason: Reason,
    pub video: Video,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    Good,
    Fair,
    Poor,
    /// Nothing comes any more.
    Lost,
}

/// What is worst about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    None,
    /// Packets are lost.
    Loss,
    /// They take long.
    Delay,
    /// It carries too little.
    Narrow,
    /// Nothing comes.
    Silent,
}

/// What pictures the server sends this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Video {
    /// As large as they are shown, or as large as they are sent.
    Full,
    /// Smaller than they are shown.
    Reduced,
    /// None, to keep the sound.
    Off,
}
