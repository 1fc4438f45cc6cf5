//! A real coturn on the production configuration, with only what a test must have otherwise. It ends with
//! its test, however that ends: the kernel kills it when the thread that started it is gone.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PRODUCTION: &str = include_str!("../../turn-config/turnserver.conf");
pub const SECRET: &str = "2d8c5e7a9b1f4036a7c3e5d1b9f80246";

pub struct Coturn {
    child: Child,
    folder: tempfile::TempDir,
    /// UDP and TCP.
    pub plain: SocketAddr,
    /// TLS over TCP; its certificate is for `localhost`.
    pub tls: SocketAddr,
    pub certificate: rcgen::Certificate,
}

impl Coturn {
    /// The SFU's address is 127.0.0.1.
    pub fn start() -> Self {
        Self::start_with(|text| text)
    }

    /// With a configuration changed by `change`.
    pub fn start_with(change: impl FnOnce(String) -> String) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        std::fs::write(path("cert.pem"), own.cert.pem()).expect("written");
        std::fs::write(path("key.pem"), own.signing_key.serialize_pem()).expect("written");
        let (plain, tls) = (free(), free());
        let mut text = PRODUCTION.to_owned();
        for (key, value) in [
            ("listening-ip", "127.0.0.1".to_owned()),
            ("listening-port", plain.port().to_string()),
            ("tls-listening-port", tls.port().to_string()),
            ("relay-ip", "127.0.0.1".to_owned()),
            ("allowed-peer-ip", "127.0.0.1".to_owned()),
            ("cert", path("cert.pem")),
            ("pkey", path("key.pem")),
        ] {
            text = set(&text, key, &value);
        }
        text += &format!(
            "allow-loopback-peers\nstatic-auth-secret={SECRET}\nuserdb={}\npidfile={}\n",
            path("turndb"),
            path("pid")
        );
        std::fs::write(path("turnserver.conf"), change(text)).expect("written");
        make_database(&folder.path().join("turndb"));
        let log = std::fs::File::create(path("log")).expect("a log");
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL", "turnserver", "-c", &path("turnserver.conf")])
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log)
            .spawn()
            .expect("setpriv (Debian: util-linux) starts");
        let mut coturn = Self { child, folder, plain, tls, certificate: own.cert };
        coturn.answers();
        coturn
    }

    /// What it has said so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).expect("a log")
    }

    /// Waits until a STUN binding request is answered.
    fn answers(&mut self) {
        const BINDING: [u8; 20] = *b"\x00\x01\x00\x00\x21\x12\xa4\x42hejie, hello";
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.connect(self.plain).expect("loopback");
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a timeout");
        let deadline = Instant::now() + Duration::from_secs(20);
        let mut answer = [0; 1500];
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a child") {
                panic!("turnserver (Debian: coturn) ended with {status}:\n{}", self.log());
            }
            let _ = socket.send(&BINDING);
            match socket.recv(&mut answer) {
                Ok(_) => return,
                // Refused, not timed out: it comes back at once.
                Err(_) => std::thread::yield_now(),
            }
        }
        panic!("coturn does not answer:\n{}", self.log());
    }
}

impl Drop for Coturn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("coturn said:\n{}", self.log());
        }
    }
}

/// The configuration with another value for `key`, which it must have exactly once.
pub fn set(text: &str, key: &str, value: &str) -> String {
    let of_key = |line: &&str| line.split_once('=').is_some_and(|(name, _)| name == key);
    assert_eq!(text.lines().filter(of_key).count(), 1, "{key} in turnserver.conf");
    let line = |line: &str| if of_key(&line) { format!("{key}={value}\n") } else { format!("{line}\n") };
    text.lines().map(line).collect()
}

/// As the package does at installation. A coturn that finds none makes it, from two threads at once, and
/// while one has it locked the other refuses everybody.
fn make_database(file: &Path) {
    let schema = std::fs::read_to_string("/usr/share/coturn/schema.sql").expect("Debian's package coturn");
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let made = async {
        let mut connection = options.connect().await?;
        sqlx::raw_sql(AssertSqlSafe(schema)).execute(&mut connection).await?;
        connection.close().await
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(made).expect("coturn's tables");
}

/// A port that is free for UDP and TCP.
fn free() -> SocketAddr {
    loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = tcp.local_addr().expect("bound");
        if UdpSocket::bind(address).is_ok() {
            return address;
        }
    }
}
