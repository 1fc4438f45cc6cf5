//! What can go wrong with media, and what a caller can do about it.

use super::offer::BadOffer;
use super::table::BadRoute;
use std::net::SocketAddr;

/// What a caller can do about it stands with each.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// Start with another address or port.
    #[error("can't listen for media on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    /// Give fewer shards or a lower port.
    #[error("the shards' ports go beyond 65535")]
    Ports,
    /// The system has no randomness or no cryptography; nothing works without.
    #[error("can't make a certificate: {0}")]
    Identity(String),
    /// The client must send another offer.
    #[error(transparent)]
    Offer(#[from] BadOffer),
    /// Our bug, or a table of somebody else's peers; the room is silent until the next table.
    #[error(transparent)]
    Route(#[from] BadRoute),
    /// Allot a fresh id.
    #[error("a peer of this id is connected already")]
    Exists,
    /// It has ended: make a fresh connection.
    #[error("there is no such connection")]
    Unknown,
    /// Try again when somebody has left.
    #[error("as many connections as allowed")]
    Full,
    /// The server is stopping.
    #[error("the media server has stopped")]
    Stopped,
}
