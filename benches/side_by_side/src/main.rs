//! Hejie and Debian's Janus, one after the other, under the same load by the same machine people. What is
//! compared: processor time per forwarded packet, memory per participant, one-way latency.

mod janus;
mod process;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use hejie_load::report::{Packets, Quantiles};
use hejie_load::room::STRAGGLERS;
use hejie_load::run::{Run, addresses};
use hejie_load::stamp::Era;
use hejie_load::window::Window;
use process::{Sample, Server};
use serde::Serialize;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::process::Command;

const PEOPLE: u32 = 3;
/// A server is up within this time.
const UP: Duration = Duration::from_secs(20);

/// Loads Hejie and Janus alike, and compares.
#[derive(Parser)]
struct Arguments {
    /// Our server, built for release.
    #[arg(long, default_value = "target/release/hejie")]
    hejie: PathBuf,
    #[arg(long, default_value = "/usr/bin/janus")]
    janus: PathBuf,
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    rooms: u16,
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=600))]
    seconds: u32,
    /// Loads this one alone: hejie or janus.
    #[arg(long)]
    only: Option<String>,
    /// Prints JSON instead of the table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    server: String,
    rooms: u16,
    seconds: f64,
    packets: Packets,
    cpu_us_per_forwarded_packet: f64,
    /// Of one processor.
    cpu_percent: f64,
    rss_kib_idle: u64,
    rss_kib_per_participant: f64,
    one_way_ms: Quantiles,
}

/// A server's samples around the window.
struct Watch {
    idle: Sample,
    began: Sample,
    ended: Sample,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let only = arguments.only.as_deref();
    ensure!(matches!(only, None | Some("hejie" | "janus")), "--only is hejie or janus");
    let mut rows = Vec::new();
    if only != Some("janus") {
        rows.push(load_hejie(&arguments).await.context("hejie")?);
    }
    if only != Some("hejie") {
        rows.push(load_janus(&arguments).await.context("janus")?);
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        table(&rows);
    }
    Ok(())
}

async fn load_hejie(arguments: &Arguments) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let (http, udp) = (free_tcp()?, free_udp()?);
    let command = |subcommand: &[&str]| {
        let mut command = Command::new(&arguments.hejie);
        command.args(subcommand).env("HEJIE_SERVER__DATA_DIR", folder.path().join("data"));
        command.env("HEJIE_SERVER__LISTEN", format!("127.0.0.1:{http}"));
        command.env("HEJIE_MEDIA__LISTEN", format!("127.0.0.1:{udp}"));
        // Everyone comes from one address.
        for limit in [
            "REQUESTS_PER_MINUTE",
            "JOINS_PER_MINUTE",
            "OPERATOR_REQUESTS_PER_MINUTE",
            "SOCKETS_PER_ADDRESS",
            "REHEARSALS",
        ] {
            command.env(format!("HEJIE_LIMITS__{limit}"), "100000");
        }
        command.env("HEJIE_LOG__FILTER", "warn");
        command
    };
    let made = command(&["operator-key", "add", "side-by-side", "--expires", "1"]).output().await;
    let made = made.with_context(|| format!("--hejie {}", arguments.hejie.display()))?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let secret = String::from_utf8(made.stdout)?;
    let server = Server::start(command(&["serve"]))?;
    listening(http).await?;

    let idle = server.sample()?;
    let address = format!("http://127.0.0.1:{http}");
    let (rooms, seconds) = (arguments.rooms, arguments.seconds);
    let run = Run { server: &address, secret: secret.trim(), rooms, seconds };
    let mut samples = Vec::new();
    let report = run
        .play(|stage| eprintln!("hejie: {stage:?}"), |_| samples.push(server.sample().unwrap_or_default()))
        .await?;
    ensure!(report.failures == 0, "{report}");
    let [began, ended] = samples[..] else { bail!("two samples") };
    let watch = Watch { idle, began, ended };
    Ok(row("hejie", rooms, report.seconds, report.packets, report.one_way_ms, &watch))
}

async fn load_janus(arguments: &Arguments) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let port = free_tcp()?;
    configure_janus(folder.path(), port)?;
    let mut command = Command::new(&arguments.janus);
    command.arg("-F").arg(folder.path());
    let server = Server::start(command)?;
    listening(port).await?;

    let idle = server.sample()?;
    let address = format!("ws://127.0.0.1:{port}");
    let own = addresses(&format!("http://127.0.0.1:{port}"))?;
    let mut rooms = Vec::new();
    for number in 0..arguments.rooms {
        rooms.push(janus::Room::gather(&address, &own, number).await?);
        eprintln!("janus: {} rooms gathered", rooms.len());
    }
    for room in &mut rooms {
        room.keep_alive().await?;
    }
    let began = server.sample()?;
    let start = Instant::now();
    rooms.iter().for_each(|room| room.set_era(Era::Measured));
    for _ in 0..arguments.seconds.div_ceil(20) {
        let left = Duration::from_secs(arguments.seconds.into()).saturating_sub(start.elapsed());
        tokio::time::sleep(left.min(Duration::from_secs(20))).await;
        for room in &mut rooms {
            room.keep_alive().await?;
        }
    }
    rooms.iter().for_each(|room| room.set_era(Era::Other));
    let (seconds, ended) = (start.elapsed().as_secs_f64(), server.sample()?);
    tokio::time::sleep(STRAGGLERS).await;
    let mut window = Window::default();
    for room in &rooms {
        let people: Vec<_> = room.people.iter().map(|person| (&*person.source, &person.inbox)).collect();
        window.add_room(&people);
        room.close().await;
    }
    let watch = Watch { idle, began, ended };
    Ok(row("janus", arguments.rooms, seconds, window.packets, Quantiles::from(&window.latency), &watch))
}

/// The VideoRoom and the WebSocket, on loopback, and nothing else.
fn configure_janus(folder: &Path, port: u16) -> Result<()> {
    let others =
        "audiobridge duktape echotest lua nosip recordplay sip streaming textroom videocall voicemail";
    let plugins: Vec<String> = others.split(' ').map(|name| format!("libjanus_{name}.so")).collect();
    let transports =
        "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so";
    let main = format!(
        "general: {{ debug_level = 1 }}\nmedia: {{ rtp_port_range = \"20000-40000\" }}\n\
         nat: {{ ice_enforce_list = \"127.0.0.1\" }}\n\
         plugins: {{ disable = \"{}\" }}\ntransports: {{ disable = \"{transports}\" }}\n",
        plugins.join(",")
    );
    let websocket =
        format!("general: {{ ws = true; ws_port = {port}; ws_ip = \"127.0.0.1\" }}\nadmin: {{ }}\n");
    std::fs::write(folder.join("janus.jcfg"), main)?;
    std::fs::write(folder.join("janus.transport.websockets.jcfg"), websocket)?;
    std::fs::write(folder.join("janus.plugin.videoroom.jcfg"), "general: { }\n")?;
    Ok(())
}

fn free_tcp() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn free_udp() -> Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}

async fn listening(port: u16) -> Result<()> {
    let deadline = Instant::now() + UP;
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        ensure!(Instant::now() < deadline, "it did not start within {UP:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn row(
    server: &str,
    rooms: u16,
    seconds: f64,
    packets: Packets,
    one_way_ms: Quantiles,
    watch: &Watch,
) -> Row {
    let cpu = watch.ended.cpu_seconds - watch.began.cpu_seconds;
    let grown = watch.ended.rss_kib.saturating_sub(watch.idle.rss_kib) as f64;
    Row {
        server: server.to_owned(),
        rooms,
        seconds,
        packets,
        cpu_us_per_forwarded_packet: cpu * 1e6 / packets.received.max(1) as f64,
        cpu_percent: cpu * 100.0 / seconds,
        rss_kib_idle: watch.idle.rss_kib,
        rss_kib_per_participant: grown / f64::from(u32::from(rooms) * PEOPLE),
        one_way_ms,
    }
}

fn table(rows: &[Row]) {
    println!(
        "| | CPU per forwarded packet | CPU | memory per participant | one way p50 / p95 / p99 | forwarded | lost |"
    );
    println!("|---|---|---|---|---|---|---|");
    let ms = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.2}"));
    for row in rows {
        let (way, packets) = (&row.one_way_ms, &row.packets);
        println!(
            "| {} | {:.1} µs | {:.0} % | {:.0} KiB | {} / {} / {} ms | {} | {} |",
            row.server,
            row.cpu_us_per_forwarded_packet,
            row.cpu_percent,
            row.rss_kib_per_participant,
            ms(way.p50),
            ms(way.p95),
            ms(way.p99),
            packets.received,
            packets.lost,
        );
    }
}
