//! The signed outcome: keys, the document, its envelope of signatures, and the verifier.
//!
//! `document` is built once, each signature held against it and sealed by `envelope`, kept and bundled
//! by `records`, judged by `verify` and told by `report`. All is pure but `keyfile` and `records`.
//! `docs/OUTCOME-FORMAT.md` has the exact bytes.

pub mod bundle;
pub mod disclosure;
pub mod document;
pub mod envelope;
pub mod keyfile;
pub mod keys;
pub mod manifest;
pub mod payload;
pub mod policy;
pub mod records;
pub mod report;
pub mod verify;
