//! Names of things: opaque, random, 128 bits, 22 characters of base64url.
//!
//! Each noun has its own type, so that a device can't be passed where a person is meant.
//! Parsing is strict: what a client sends is either exactly an id or refused.

use crate::random::Random;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The text is not 128 bits in unpadded base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct BadId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[ts(as = "String")]
        #[schema(value_type = String, example = "q1ZxT0mJcVqk2uYw3bXn9A")]
        pub struct $name(String);

        impl $name {
            pub fn random(random: &Random) -> Self {
                Self(URL_SAFE_NO_PAD.encode(random.bytes::<16>()))
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadId)?;
                if bytes.len() == 16 { Ok(Self(text.to_owned())) } else { Err(BadId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}

ids! {
    /// A complaint record (the case file).
    ComplaintId,
    /// A mediation session on a complaint.
    SessionId,
    /// Somebody invited to a session, whichever device they use.
    PersonId,
    /// One browser that joined as a person: it holds the cookie and the signing key.
    DeviceId,
    /// One single-use link.
    InvitationId,
    /// A photo or receipt shown in a session.
    DocumentId,
    /// A signed outcome; `oid` in the payload.
    OutcomeId,
    /// A staff account.
    StaffId,
    /// A secret that opens rehearsals.
    OperatorKeyId,
}
