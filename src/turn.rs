//! Credentials for the TURN relay: the last way to the SFU, for networks that let nothing else through.
//!
//! They are short-lived and made by arithmetic alone, as coturn's `use-auth-secret` checks them
//! (draft-uberti-behave-turn-rest-00): the username is `EXPIRY:ID`, the password the base64 of
//! HMAC-SHA1 under a secret that only this server and the relay know. The id is a keyed digest of whom
//! it is for (a session's peer), so the relay can count per peer and its log names nobody. The server
//! opens it once; whoever welcomes a browser asks for [`Turn::ice_servers`].

use crate::clock::Time;
use crate::config::{self, ConfigError};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use std::fmt;
use std::time::Duration;

/// One entry of a browser's `RTCConfiguration.iceServers`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
pub struct IceServer {
    /// Such as `turn:turn.example:3478?transport=udp`.
    pub urls: Vec<String>,
    pub username: String,
    pub credential: String,
}

/// The relay as this server knows it, or that there is none.
#[derive(Clone)]
pub struct Turn {
    urls: Vec<String>,
    secret: String,
    lifetime: Duration,
}

impl Turn {
    /// As configured; reads the secret's file. Without `turn.urls` there is no relay.
    pub fn open(config: &config::Turn) -> Result<Self, ConfigError> {
        let lifetime = Duration::from_secs(u64::from(config.lifetime_minutes) * 60);
        Ok(Self::new(config.urls.clone(), config.secret()?.unwrap_or_default(), lifetime))
    }

    pub fn new(urls: Vec<String>, secret: String, lifetime: Duration) -> Self {
        Self { urls, secret, lifetime }
    }

    /// What `whom`'s browser may use from `now` until the lifetime ends: one entry, or none where there
    /// is no relay. `whom` names a session and a peer in it; it can't be read out of the username.
    pub fn ice_servers(&self, whom: &str, now: Time) -> Vec<IceServer> {
        if self.urls.is_empty() {
            return Vec::new();
        }
        let expiry = now.seconds().saturating_add_unsigned(self.lifetime.as_secs());
        // The prefix keeps an id from ever being a password of some other username.
        let id = URL_SAFE_NO_PAD.encode(&self.mac(&format!("id of {whom}"))[..12]);
        let username = format!("{expiry}:{id}");
        let credential = STANDARD.encode(self.mac(&username));
        vec![IceServer { urls: self.urls.clone(), username, credential }]
    }

    fn mac(&self, text: &str) -> [u8; 20] {
        let mac = Hmac::<Sha1>::new_from_slice(self.secret.as_bytes()).expect("a key of any length");
        mac.chain_update(text).finalize().into_bytes().into()
    }
}

/// Without the secret.
impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Turn")
            .field("urls", &self.urls)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_700_000_000_999);

    fn turn(secret: &str) -> Turn {
        Turn::new(vec!["turn:turn.example".into()], secret.into(), Duration::from_secs(7200))
    }

    fn server(secret: &str, whom: &str, now: Time) -> IceServer {
        turn(secret).ice_servers(whom, now).remove(0)
    }

    #[test]
    fn the_mac_is_that_of_the_standard() {
        // RFC 2202, test case 2.
        let mac = turn("Jefe").mac("what do ya want for nothing?");
        assert_eq!(STANDARD.encode(mac), "7/zfauXrL6LSdBbV8YTfnCWafHk=");
    }

    /// `printf '1700007200:…' | openssl dgst -sha1 -hmac north -binary | base64`, and likewise the id.
    #[test]
    fn a_credential_is_what_openssl_makes_of_it() {
        let server = server("north", "session/1", NOW);
        assert_eq!(server.username, "1700007200:2-hqJG2v-n_l-sgr");
        assert_eq!(server.credential, "e95M5cOO3NIS/jer6mfZFyUKYsg=");
        assert_eq!(server.urls, ["turn:turn.example"]);
    }

    #[test]
    fn it_is_bound_to_whom_it_is_for_to_its_time_and_to_the_secret() {
        let (_, id) = split(&server("north", "session/1", NOW));
        assert_eq!(split(&server("north", "session/1", NOW.plus_ms(60_000))), (1_700_007_260, id.clone()));
        assert_ne!(split(&server("north", "session/2", NOW)).1, id);
        assert_ne!(split(&server("south", "session/1", NOW)).1, id);
        assert!(!id.contains("session"));
        let passwords = [("north", "session/2"), ("south", "session/1"), ("north", "session/1")]
            .map(|(secret, whom)| server(secret, whom, NOW).credential);
        assert!(passwords[0] != passwords[1] && passwords[1] != passwords[2]);
    }

    #[test]
    fn without_a_relay_there_is_nothing_to_use() {
        assert_eq!(Turn::open(&config::Turn::default()).unwrap().ice_servers("session/1", NOW), []);
    }

    #[test]
    fn the_secret_is_in_no_debug_text() {
        assert!(!format!("{:?}", turn("north")).contains("north"));
    }

    fn split(server: &IceServer) -> (i64, String) {
        let (expiry, id) = server.username.split_once(':').unwrap();
        (expiry.parse().unwrap(), id.to_owned())
    }
}
