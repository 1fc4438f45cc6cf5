//! The configuration: a TOML file, then environment variables `HEJIE_SECTION__KEY` over it.
//!
//! Read once, at start; a wrong value is refused there, by the name of its key. Secrets are files,
//! named by their path. An environment value is text, unless it reads as a number, a boolean or a
//! TOML array; text that looks like one of them goes in quotes.

mod error;
mod sections;
mod turn;

pub use error::ConfigError;
pub use sections::{Agency, Limits, Log, LogFormat, Media, Server, Store, Tls};
pub use turn::Turn;

use error::read;
use serde::Deserialize;
use std::path::Path;

/// Everything an operator can set. Every key has a default that suits one machine.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub tls: Tls,
    pub store: Store,
    pub media: Media,
    pub turn: Turn,
    pub agency: Agency,
    pub limits: Limits,
    pub log: Log,
}

impl Config {
    /// Reads `file`, if any, and the variables over it; then checks what types can't say.
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut table = match file {
            Some(path) => read(path)?.parse::<toml::Table>()?,
            None => toml::Table::new(),
        };
        for (name, value) in environment {
            set_from_environment(&mut table, &name, value)?;
        }
        let config: Self = serde_path_to_error::deserialize(toml::Value::Table(table))
            .map_err(|error| ConfigError::value(&error.path().to_string(), error.inner().message()))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        if let Some(url) = &self.server.public_url {
            check_origin("server.public_url", url)?;
        }
        match (&self.tls.cert, &self.tls.key) {
            (Some(_), None) => return Err(ConfigError::value("tls.key", "missing beside tls.cert")),
            (None, Some(_)) => return Err(ConfigError::value("tls.cert", "missing beside tls.key")),
            (Some(_), Some(_)) if self.tls.self_signed => {
                return Err(ConfigError::value("tls.self_signed", "set beside tls.cert: choose one"));
            }
            _ => {}
        }
        if self.tls.enabled() && self.tls.listen == self.server.listen && self.tls.listen.port() != 0 {
            return Err(ConfigError::value("tls.listen", "the same as server.listen"));
        }
        if self.store.url.is_some() && self.store.url_file.is_some() {
            return Err(ConfigError::value("store.url_file", "set beside store.url: choose one"));
        }
        if let Some(url) = &self.store.url
            && !["sqlite:", "postgres://", "postgresql://"].iter().any(|start| url.starts_with(start))
        {
            return Err(ConfigError::value("store.url", "begins with neither sqlite: nor postgres://"));
        }
        self.turn.check()?;
        check_text("agency.name", &self.agency.name)?;
        check_issuer(&self.agency.issuer)?;
        jiff::tz::TimeZone::get(&self.agency.time_zone)
            .map_err(|_| ConfigError::value("agency.time_zone", "not the name of a time zone"))?;
        for (key, value) in self.limits.rates() {
            if value == 0 {
                return Err(ConfigError::value(key, "must be at least 1"));
            }
        }
        Ok(())
    }

    /// The agency's time zone.
    pub fn time_zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.agency.time_zone).expect("checked at start")
    }

    /// The database's address; reads `store.url_file` where that is set.
    pub fn store_url(&self) -> Result<String, ConfigError> {
        if let Some(path) = &self.store.url_file {
            return Ok(read(path)?.trim().to_owned());
        }
        let own = || format!("sqlite:{}", self.server.data_dir.join("hejie.db").display());
        Ok(self.store.url.clone().unwrap_or_else(own))
    }

    /// What links begin with, without a slash at the end.
    pub fn public_url(&self) -> String {
        match &self.server.public_url {
            Some(url) => url.clone(),
            None => format!("http://localhost:{}", self.server.listen.port()),
        }
    }
}

/// `HEJIE_SERVER__LISTEN` sets `server.listen`; names of another form are somebody else's.
fn set_from_environment(table: &mut toml::Table, name: &str, value: String) -> Result<(), ConfigError> {
    let Some((section, key)) = name.strip_prefix("HEJIE_").and_then(|rest| rest.split_once("__")) else {
        return Ok(());
    };
    let (section, key) = (section.to_lowercase(), key.to_lowercase());
    let entry = table.entry(section.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let Some(section) = entry.as_table_mut() else {
        return Err(ConfigError::value(&section, "is a section"));
    };
    section.insert(key, environment_value(value));
    Ok(())
}

fn environment_value(text: String) -> toml::Value {
    let parsed = format!("value = {text}").parse::<toml::Table>().ok().and_then(|mut t| t.remove("value"));
    match parsed {
        Some(value @ (toml::Value::Integer(_) | toml::Value::Boolean(_) | toml::Value::Array(_))) => value,
        Some(toml::Value::String(inner)) => toml::Value::String(inner),
        _ => toml::Value::String(text),
    }
}

/// `https://host[:port]` and nothing after it; plain `http://` too, for localhost and test networks.
fn check_origin(key: &str, url: &str) -> Result<(), ConfigError> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        return Err(ConfigError::value(key, "begins with https:// or http://"));
    };
    if host.contains(['/', '?', '#', '@', ' ']) || host != host.to_lowercase() {
        return Err(ConfigError::value(
            key,
            "is only scheme, host and port, in lower case, such as https://a.example",
        ));
    }
    Ok(())
}

fn check_text(key: &str, text: &str) -> Result<(), ConfigError> {
    if text.trim().is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
        return Err(ConfigError::value(key, "is 1 to 100 characters, none of them control characters"));
    }
    Ok(())
}

/// It names the log in signed notes: no spaces, no plus sign (c2sp.org/signed-note).
fn check_issuer(issuer: &str) -> Result<(), ConfigError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | ':');
    if issuer.is_empty() || issuer.len() > 100 || !issuer.chars().all(plain) {
        return Err(ConfigError::value(
            "agency.issuer",
            "is letters, digits and . - / : such as mediation.example",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(toml: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hejie.toml");
        std::fs::write(&file, toml).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Config::load(Some(&file), environment).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_file_is_a_whole_configuration() {
        let config = load("", &[]).unwrap();
        assert_eq!(config.public_url(), "http://localhost:8080");
        assert_eq!(config.store_url().unwrap(), "sqlite:data/hejie.db");
        assert!(!config.tls.enabled());
    }

    #[test]
    fn the_example_shows_every_key_with_its_default() {
        let text = include_str!("../hejie.example.toml");
        assert_eq!(format!("{:?}", load(text, &[]).unwrap()), format!("{:?}", Config::default()));
        // A line `# key = value` is a key without a default; it is right too, but for choices.
        let optional =
            |line: &str| line.strip_prefix("# ").filter(|rest| rest.contains(" = ")).map(str::to_owned);
        let all: Vec<String> =
            text.lines().map(|line| optional(line).unwrap_or_else(|| line.into())).collect();
        let all = all.join("\n").replace("url_file = \"/etc/hejie/store-url\"\n", "");
        let config = load(&all, &[]).unwrap();
        assert!(config.tls.cert.is_some() && config.store.url.is_some() && config.log.filter.is_some());
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let config = load(
            "[server]\nlisten = '127.0.0.1:1'\n[agency]\nname = 'A'",
            &[
                ("HEJIE_SERVER__LISTEN", "127.0.0.1:2"),
                ("HEJIE_TLS__SELF_SIGNED", "true"),
                ("HEJIE_SERVER__TRUSTED_PROXIES", "['10.0.0.1']"),
                ("HEJIE_LIMITS__SESSIONS", "7"),
                ("HEJIE_AGENCY__NAME", "\"12315\""),
                ("HEJIE_HOME", "not ours"),
            ],
        )
        .unwrap();
        assert_eq!(config.server.listen.port(), 2);
        assert!(config.tls.self_signed);
        assert_eq!(config.server.trusted_proxies.len(), 1);
        assert_eq!(config.limits.sessions, 7);
        assert_eq!(config.agency.name, "12315");
    }

    #[test]
    fn a_wrong_value_is_named_by_its_key() {
        for (toml, key) in [
            ("[server]\nlisten = 'here'", "server.listen"),
            ("[server]\nlisten = 80", "server.listen"),
            ("[server]\npublic_url = 'https://a.example/x'", "server.public_url"),
            ("[limits]\nsessions = -1", "limits.sessions"),
            ("[limits]\nlogins_per_minute = 0", "limits.logins_per_minute"),
            ("[tls]\ncert = 'a.pem'", "tls.key"),
            ("[store]\nurl = 'mysql://x'", "store.url"),
            ("[agency]\ntime_zone = 'Nowhere'", "agency.time_zone"),
            ("[agency]\nissuer = 'a b'", "agency.issuer"),
            ("[media]\npublic_addresses = ['a']", "media.public_addresses[0]"),
            ("[turn]\nurls = ['turn:a.example']", "turn.secret_file"),
            ("[turn]\nurls = ['https://a.example']\nsecret_file = 's'", "turn.urls[0]"),
            ("[turn]\nlifetime_minutes = 721", "turn.lifetime_minutes"),
            ("[log]\nformat = 'xml'", "log.format"),
        ] {
            let error = load(toml, &[]).unwrap_err();
            assert!(error.starts_with(&format!("{key}: ")), "{toml:?} gave {error:?}");
        }
        assert!(load("[server]\nport = 1", &[]).unwrap_err().contains("port"));
        assert!(load("[", &[]).unwrap_err().starts_with("not TOML"));
    }
}
