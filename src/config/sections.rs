//! The sections of the configuration, each key with what it means and its default.

use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Plain HTTP: for localhost, or behind a proxy that ends TLS.
    pub listen: SocketAddr,
    /// What links begin with, and the origin that browsers may come from, such as
    /// `https://mediation.example`. Without it: whatever host a request came to, and
    /// `http://localhost:PORT` in links.
    pub public_url: Option<String>,
    /// Prometheus metrics; keep it off the public network. Absent: none.
    pub admin_listen: Option<SocketAddr>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Database, keys and certificate live here. Made on first start.
    pub data_dir: PathBuf,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            admin_listen: None,
            trusted_proxies: Vec::new(),
            data_dir: "data".into(),
        }
    }
}

/// HTTPS by this server itself: with `cert` and `key`, or a certificate of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    pub listen: SocketAddr,
    /// PEM, the server's certificate first.
    pub cert: Option<PathBuf>,
    /// PEM, PKCS#8.
    pub key: Option<PathBuf>,
    /// Make a certificate on first start. Browsers warn about it; WeChat and iOS refuse.
    pub self_signed: bool,
}

impl Default for Tls {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([0, 0, 0, 0], 8443)), cert: None, key: None, self_signed: false }
    }
}

impl Tls {
    /// Whether this server speaks HTTPS itself.
    pub fn enabled(&self) -> bool {
        self.self_signed || self.cert.is_some()
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// `sqlite:PATH` or `postgres://…`. Absent: `hejie.db` in `server.data_dir`.
    pub url: Option<String>,
    /// A file that holds the address, for one with a password in it.
    pub url_file: Option<PathBuf>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Media {
    /// The first UDP port for sound and pictures; every further shard takes the next one.
    pub listen: SocketAddr,
    /// Where ICE over TCP is accepted, for networks that let no UDP through. Absent: nowhere.
    pub tcp_listen: Option<SocketAddr>,
    /// The addresses that clients reach it at. Empty: those of this machine's interfaces.
    pub public_addresses: Vec<IpAddr>,
    /// Threads that forward, up to 16, each with a UDP port of its own. 0: one per core.
    pub shards: usize,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([0, 0, 0, 0], 8443)),
            tcp_listen: None,
            public_addresses: Vec::new(),
            shards: 0,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Agency {
    /// The mediation body's name, as people see it.
    pub name: String,
    /// Names this server in signed outcomes and as the log's origin, such as `mediation.example`;
    /// it should never change.
    pub issuer: String,
    /// IANA name; days and registration years are counted there.
    pub time_zone: String,
}

impl Default for Agency {
    fn default() -> Self {
        Self {
            name: "和解 Hejie".into(),
            issuer: "hejie.localhost".into(),
            time_zone: "Asia/Shanghai".into(),
        }
    }
}

/// Bounds. Those per address tolerate a whole shop behind one address.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Sessions running at once.
    pub sessions: usize,
    /// WebSockets open at once from one address.
    pub sockets_per_address: usize,
    /// Requests, pages' files apart.
    pub requests_per_minute: u32,
    /// Sign-in attempts from one address.
    pub logins_per_minute: u32,
    /// Sign-in attempts for one account.
    pub logins_per_minute_per_account: u32,
    /// Looking at and using links.
    pub joins_per_minute: u32,
    /// Uses of an operator's key from one address.
    pub operator_requests_per_minute: u32,
    /// Rehearsals open at once.
    pub rehearsals: u32,
    /// Tries of the network before a call; three or so for each person.
    pub network_checks_per_minute: u32,
    /// How long a staff member stays signed in.
    pub staff_session_minutes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sessions: 200,
            sockets_per_address: 64,
            requests_per_minute: 1200,
            logins_per_minute: 30,
            logins_per_minute_per_account: 6,
            joins_per_minute: 120,
            operator_requests_per_minute: 60,
            rehearsals: 20,
            network_checks_per_minute: 90,
            staff_session_minutes: 12 * 60,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    /// Such as `info` or `hejie=debug,warn`. Absent: `info`.
    pub filter: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Pretty,
    Json,
}

impl Limits {
    pub(super) fn rates(&self) -> [(&'static str, u32); 7] {
        [
            ("limits.requests_per_minute", self.requests_per_minute),
            ("limits.logins_per_minute", self.logins_per_minute),
            ("limits.logins_per_minute_per_account", self.logins_per_minute_per_account),
            ("limits.joins_per_minute", self.joins_per_minute),
            ("limits.operator_requests_per_minute", self.operator_requests_per_minute),
            ("limits.network_checks_per_minute", self.network_checks_per_minute),
            ("limits.staff_session_minutes", self.staff_session_minutes),
        ]
    }
}
