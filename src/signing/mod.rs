//! The signed outcome: keys, the document, its envelope of signatures, and the verifier.
//!
//! Everything here is pure but for reading key files. `docs/OUTCOME-FORMAT.md` has the exact bytes.

pub mod bundle;
pub mod disclosure;
pub mod document;
pub mod envelope;
pub mod keys;
pub mod manifest;
pub mod payload;
pub mod policy;
pub mod verify;
