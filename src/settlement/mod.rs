//! What the parties agree on: terms, the draft on its way to agreement.

pub mod draft;
pub mod terms;
