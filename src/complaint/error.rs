//! What can go wrong with a record.

use super::check::FieldError;
use crate::store::StoreError;

/// Why nothing was done to a record.
#[derive(Debug, thiserror::Error)]
pub enum ComplaintError {
    /// Each field with what is wrong about it; nothing was stored.
    #[error("{} fields are not right", .0.len())]
    Invalid(Vec<FieldError>),
    /// Another record has this registration number.
    #[error("the registration number is taken")]
    NumberTaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}
