//! The public log: a Merkle tree of commitments that anybody can follow and nobody can rewrite.

pub mod merkle;
