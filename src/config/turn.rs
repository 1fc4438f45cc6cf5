//! The section on the TURN relay, which `turn-config/` sets up: what it may say, and its secret's file.

use super::error::{ConfigError, read};
use serde::Deserialize;
use std::net::Ipv6Addr;
use std::num::NonZeroU16;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// A TURN relay, for browsers that reach this server no other way; `turn-config/` sets one up.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Turn {
    /// Where browsers find it, such as `turn:turn.example:3478?transport=udp`. Empty: there is none.
    pub urls: Vec<String>,
    /// A file with the secret that the relay has too (coturn's `static-auth-secret`).
    pub secret_file: Option<PathBuf>,
    /// How long a browser's credentials can begin a relaying; what has begun goes on.
    pub lifetime_minutes: u32,
}

impl Default for Turn {
    fn default() -> Self {
        Self { urls: Vec::new(), secret_file: None, lifetime_minutes: 2 * 60 }
    }
}

impl Turn {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let Turn { urls, secret_file, lifetime_minutes } = self;
        if urls.len() > 8 {
            return Err(ConfigError::value("turn.urls", "at most 8"));
        }
        for (index, url) in urls.iter().enumerate() {
            check_turn_url(&format!("turn.urls[{index}]"), url)?;
        }
        if !urls.is_empty() && secret_file.is_none() {
            return Err(ConfigError::value("turn.secret_file", "missing beside turn.urls"));
        }
        if !(5..=12 * 60).contains(lifetime_minutes) {
            return Err(ConfigError::value("turn.lifetime_minutes", "is 5 to 720"));
        }
        Ok(())
    }

    /// The secret shared with the TURN relay; reads `turn.secret_file` where that is set.
    pub fn secret(&self) -> Result<Option<String>, ConfigError> {
        let Some(path) = &self.secret_file else { return Ok(None) };
        let refuse = |message: &str| {
            Err(ConfigError::value("turn.secret_file", format!("{}: {message}", path.display())))
        };
        let file = std::fs::metadata(path)
            .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
        if file.permissions().mode() & 0o007 != 0 {
            return refuse("everybody may read it; make it mode 600, or 640 with the relay's group");
        }
        let secret = read(path)?.trim().to_owned();
        if !(32..=256).contains(&secret.len()) || !secret.chars().all(|c| c.is_ascii_graphic()) {
            return refuse("not a secret of 32 to 256 printable characters in one line");
        }
        Ok(Some(secret))
    }
}

/// `turn:host[:port][?transport=udp|tcp]`, or `turns:` for TLS (RFC 7065).
fn check_turn_url(key: &str, url: &str) -> Result<(), ConfigError> {
    let form = "is such as turn:turn.example:3478?transport=udp or turns:turn.example:5349";
    let refused = || ConfigError::value(key, form);
    let rest = url.strip_prefix("turn:").or_else(|| url.strip_prefix("turns:")).ok_or_else(refused)?;
    let (place, transport) = rest.split_once("?transport=").unwrap_or((rest, "udp"));
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !place.ends_with(']') => (host, port),
        _ => (place, "3478"),
    };
    let name = |host: &str| {
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    let literal = |host: &str| {
        let inner = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        inner.is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok())
    };
    let host_is_one = host.len() <= 255 && (name(host) || literal(host));
    if !host_is_one || port.parse::<NonZeroU16>().is_err() || !["udp", "tcp"].contains(&transport) {
        return Err(refused());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relays_urls_are_those_that_a_browser_takes() {
        for (url, good) in [
            ("turn:turn.example", true),
            ("turn:turn.example:3478?transport=udp", true),
            ("turns:192.0.2.1:443?transport=tcp", true),
            ("turn:[2001:db8::1]:3478", true),
            ("turn:[2001:db8::1]", true),
            ("turn:2001:db8::1", false),
            ("turn://turn.example", false),
            ("turn:", false),
            ("turn:turn.example:0", false),
            ("turn:turn.example:70000", false),
            ("turn:turn.example?transport=sctp", false),
            ("turn:user@turn.example", false),
            ("stun:turn.example", false),
        ] {
            assert_eq!(check_turn_url("turn.urls[0]", url).is_ok(), good, "{url}");
        }
    }

    #[test]
    fn the_relays_secret_is_long_and_not_everybodys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let mut turn = Turn::default();
        assert_eq!(turn.secret().unwrap(), None);
        turn.secret_file = Some(path.clone());
        assert!(turn.secret().unwrap_err().to_string().starts_with(&path.display().to_string()));
        let secret = |text: &str, mode| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            turn.secret().map_err(|error| error.to_string())
        };
        let long = "0123456789abcdef0123456789abcdef";
        assert_eq!(secret(&format!("{long}\n"), 0o600), Ok(Some(long.to_owned())));
        assert!(secret(long, 0o640).is_ok(), "the relay's group may read it");
        assert!(secret(long, 0o644).unwrap_err().starts_with("turn.secret_file: "));
        assert!(secret("short", 0o600).unwrap_err().contains("32 to 256"));
        assert!(secret(&format!("{long}\n{long}"), 0o600).unwrap_err().contains("in one line"));
    }
}
