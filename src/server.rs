//! Wires everything together, listens, and stops with grace.
//!
//! `main` and `demo` call [`start`] and [`Running::until_told`]; tests call [`start`] with port 0.

mod certificate;

use crate::clock::Clock;
use crate::config::Config;
use crate::edge::metrics::Metrics;
use crate::edge::peer::Encrypted;
use crate::edge::{self, AppState, Gates, Shared};
use crate::log::Log;
use crate::media::{Media, MediaConfig};
use crate::random::Random;
use crate::rehearsal;
use crate::session::registry::Sessions;
use crate::session::setting::Setting;
use crate::signing::keyfile::ServerKeys;
use crate::signing::keys::Es256Key;
use crate::signing::records::publish_keys;
use crate::staff::{Passwords, Strength};
use crate::store::Store;
use crate::turn::Turn;
use anyhow::Context;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum::{Extension, Router};
use axum_server::tls_rustls::RustlsConfig;
use axum_server::{Handle, Server};
use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// In the data folder: the public log's last signed checkpoint. It keeps an old database from signing
/// another history.
pub const CHECKPOINT: &str = "log-checkpoint";
/// How long running requests and tasks may take to end.
const GRACE: Duration = Duration::from_secs(10);
/// How long a connection may take to send its first request.
const FIRST_REQUEST: Duration = Duration::from_secs(15);

/// What the world outside gives a server; tests give it their own.
pub struct Surroundings {
    pub clock: Clock,
    pub random: Random,
    pub strength: Strength,
    /// Show made-up cases.
    pub sample: bool,
}

impl Surroundings {
    /// The real clock and real randomness.
    pub fn real() -> Self {
        Self { clock: Clock::System, random: Random::os(), strength: Strength::Normal, sample: false }
    }
}

/// A server that is up.
pub struct Running {
    pub state: Shared,
    pub http: SocketAddr,
    pub https: Option<SocketAddr>,
    pub admin: Option<SocketAddr>,
    handle: Handle<SocketAddr>,
}

/// Opens the store and listens. When this returns, requests are answered.
pub async fn start(config: Config, surroundings: Surroundings) -> anyhow::Result<Running> {
    make_data_dir(&config)?;
    let state = wire(config, surroundings).await?;
    let router = edge::router(Arc::clone(&state));
    let (store, sessions) = (state.store.clone(), state.sessions.clone());
    state.tasks.spawn(rehearsal::keep_time(store, sessions, state.clock.clone(), state.stop.clone()));
    let handle = Handle::new();

    let (listener, http) = bind("server.listen", state.config.server.listen)?;
    serve(&state, prepared(axum_server::from_tcp(listener)?, &handle).serve(service(router.clone())));

    let mut https = None;
    if state.config.tls.enabled() {
        let (listener, address) = bind("tls.listen", state.config.tls.listen)?;
        let tls = RustlsConfig::from_config(Arc::new(certificate::rustls(&state)?));
        let server = prepared(axum_server::from_tcp_rustls(listener, tls)?, &handle);
        serve(&state, server.serve(service(router.layer(Extension(Encrypted)))));
        https = Some(address);
    }
    let mut admin = None;
    if let Some(address) = state.config.server.admin_listen {
        let (listener, address) = bind("server.admin_listen", address)?;
        let server = prepared(axum_server::from_tcp(listener)?, &handle);
        serve(&state, server.serve(service(edge::admin_router(Arc::clone(&state)))));
        admin = Some(address);
    }
    tracing::info!(%http, https = https.map(tracing::field::display), "listening");
    Ok(Running { state, http, https, admin, handle })
}

/// Puts the parts together, with nothing listening yet. `staff add` and `demo` work on it too.
pub async fn wire(config: Config, surroundings: Surroundings) -> anyhow::Result<Shared> {
    let Surroundings { clock, random, strength, sample } = surroundings;
    let url = config.store_url()?;
    let store = Store::open(&url).await.context("store.url: the database could not be opened")?;
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let setting = setting(&config, &store, &clock, &random, &stop, &tasks).await?;
    Ok(Arc::new(AppState {
        sessions: Sessions::new(Arc::new(setting), tasks.clone(), stop.clone()),
        zone: config.time_zone(),
        passwords: Passwords::new(strength, &random),
        gates: Gates::new(&config.limits),
        metrics: Metrics::default(),
        stop,
        tasks,
        config,
        store,
        clock,
        random,
        sample,
    }))
}

/// What sessions stand on: keys, the public log, the SFU. The key that countersigns is public, in the
/// log, before it signs anything.
async fn setting(
    config: &Config,
    store: &Store,
    clock: &Clock,
    random: &Random,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> anyhow::Result<Setting> {
    let issuer = &config.agency.issuer;
    let (outcome_key, log) = open_log(config, store, random).await?;
    tasks.spawn(log.clone().run(stop.clone()));
    let manifest = publish_keys(store, &log, issuer, &outcome_key, random, clock.now()).await?;
    log.wait_included(manifest).await?;
    let media = MediaConfig {
        listen: config.media.listen,
        tcp_listen: config.media.tcp_listen,
        public: config.media.public_addresses.clone(),
        max_peers: config.limits.sessions * 8,
        shards: match config.media.shards {
            0 => std::thread::available_parallelism().map_or(1, NonZero::get),
            shards => shards,
        },
    };
    Ok(Setting {
        store: store.clone(),
        clock: clock.clone(),
        random: random.clone(),
        turn: Turn::open(&config.turn)?,
        media: Media::start(media, random.clone(), stop.clone()).await.context("media.listen")?,
        log,
        server_key: outcome_key,
        zone: config.time_zone(),
        issuer: issuer.clone(),
        agency: config.agency.name.clone(),
        public_url: config.public_url(),
        max_sessions: config.limits.sessions,
        peers: AtomicU64::new(1),
    })
}

/// The key that countersigns, and the public log. Refuses a database that would fork the log.
pub async fn open_log(config: &Config, store: &Store, random: &Random) -> anyhow::Result<(Es256Key, Log)> {
    let dir = &config.server.data_dir;
    let origin = format!("{}/log", config.agency.issuer);
    let keys = ServerKeys::open(&dir.join("keys"), &origin, random)?;
    let log = Log::open(store.clone(), keys.log, dir.join(CHECKPOINT)).await?;
    Ok((keys.outcome, log))
}

fn bind(key: &str, address: SocketAddr) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).with_context(|| format!("{key}: can't listen on {address}"))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn prepared<A>(server: Server<SocketAddr, A>, handle: &Handle<SocketAddr>) -> Server<SocketAddr, A> {
    server.handle(handle.clone()).first_request_timeout(FIRST_REQUEST)
}

fn serve(state: &Shared, serving: impl Future<Output = std::io::Result<()>> + Send + 'static) {
    state.tasks.spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "a listener failed");
        }
    });
}

fn service(router: Router) -> IntoMakeServiceWithConnectInfo<Router, SocketAddr> {
    router.into_make_service_with_connect_info()
}

/// Readable by the server's user alone: keys live there.
pub fn make_data_dir(config: &Config) -> anyhow::Result<()> {
    let dir = &config.server.data_dir;
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).with_context(|| format!("server.data_dir: {} can't be made", dir.display()))
}

impl Running {
    /// Runs until SIGINT or SIGTERM, then stops.
    pub async fn until_told(self) -> anyhow::Result<()> {
        told_to_stop().await?;
        tracing::info!("stopping");
        self.stop().await;
        Ok(())
    }

    /// Takes nothing new, lets what runs come to its end (10 s), closes the store.
    pub async fn stop(self) {
        self.state.stop.cancel();
        self.handle.graceful_shutdown(Some(GRACE));
        self.state.tasks.close();
        if tokio::time::timeout(GRACE + Duration::from_secs(1), self.state.tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not end in time");
        }
        self.state.store.close().await;
    }
}

async fn told_to_stop() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
