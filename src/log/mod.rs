//! The public log: a Merkle tree of commitments that anybody can follow and nobody can rewrite.

pub mod checkpoint;
pub mod leaf;
pub mod merkle;
pub mod proof;
