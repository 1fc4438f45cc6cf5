//! What forwarding a packet costs, ours beside the least it can cost, in one run on this machine.
//!
//! Rooms of three; each person sends sound and pictures in real time, forwarded to the two others:
//! by the [`floor`], which decides nothing, with and without the nap that the server's loop takes, and
//! by Hejie's media plane ([`ours`]). The [`load`] is the same. docs/PERFORMANCE.md says how to read it.

mod floor;
#[path = "../../../tests/support/light.rs"]
#[expect(dead_code, reason = "tests use the rest of it")]
mod light;
mod load;
mod measure;
mod ours;
mod ports;

use anyhow::{Result, ensure};
use clap::Parser;
use floor::Floor;
use load::{Load, Person, SENT_PER_SECOND};
use measure::Thread;
use ours::Ours;
use ports::{Counts, Source};
use serde::Serialize;
use std::time::Duration;
use tokio::task::LocalSet;

/// Before anything is counted: key frames, first allocations, the nap.
const WARM_UP: Duration = Duration::from_secs(3);
/// How fast the ramp rises, and to where: the server takes no more than this of one client.
const STEP: f64 = 1.2;
const MAX_LOAD: f64 = 10.0;

#[derive(Parser)]
#[command(about = "What forwarding a packet costs, beside the least it can cost")]
struct Arguments {
    /// Rooms of three people
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=100))]
    rooms: u16,
    /// Seconds that each is measured
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=3600))]
    seconds: u16,
    /// Raise the load until packets are lost, instead
    #[arg(long)]
    ramp: bool,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// What one forwarder did under one load.
#[derive(Debug, Clone, Serialize)]
struct Row {
    name: &'static str,
    /// Times the usual rate.
    load: f64,
    sent: u64,
    arrived: u64,
    lost: u64,
    /// Of these, before the forwarder received them: its socket's buffer was full.
    lost_before: u64,
    arrived_per_second: f64,
    /// Of the forwarding thread, by packet that arrived.
    nanoseconds_per_packet: f64,
    /// Of one core.
    cpu_share: f64,
    sends_per_packet: f64,
    p50_us: u64,
    p95_us: u64,
    p99_us: u64,
    /// Growth since before the people came; theirs is in it, since they play in this process.
    memory_per_person: u64,
    /// Whether the load came to at least 95 % of what it was to be.
    full_load: bool,
}

/// A forwarder with everyone connected to it.
struct Stage<S> {
    name: &'static str,
    source: S,
    load: Load,
    thread: Thread,
    resident: u64,
}

impl<S: Source> Stage<S> {
    fn new(
        name: &'static str,
        thread: &str,
        resident: u64,
        (source, people): (S, Vec<Person>),
    ) -> Result<Self> {
        Ok(Self { name, source, load: Load::new(people), thread: Thread::named(thread)?, resident })
    }

    async fn measure(&self, load: f64, length: Duration) -> Result<Row> {
        let (counts, cpu) = (self.source.counts().await, self.thread.cpu()?);
        let stretch = self.load.play(load, length).await;
        let cpu = (self.thread.cpu()? - cpu).as_secs_f64();
        let after = self.source.counts().await;
        let since = Counts {
            packets_in: after.packets_in - counts.packets_in,
            forwarded: after.forwarded - counts.forwarded,
            sends: after.sends - counts.sends,
        };
        ensure!(stretch.arrived > 0, "{}: nothing arrived of {} packets", self.name, stretch.sent);
        ensure!(stretch.unopened == 0, "{}: {} packets can't be opened", self.name, stretch.unopened);
        let people = self.load.people() as f64;
        let arrived = stretch.arrived as f64;
        Ok(Row {
            name: self.name,
            load,
            sent: stretch.sent,
            arrived: stretch.arrived,
            lost: (stretch.sent * 2).saturating_sub(stretch.arrived),
            lost_before: stretch.sent.saturating_sub(since.packets_in) * 2,
            arrived_per_second: arrived / stretch.seconds,
            nanoseconds_per_packet: cpu * 1e9 / arrived,
            cpu_share: cpu / stretch.seconds,
            sends_per_packet: since.sends as f64 / since.forwarded.max(1) as f64,
            p50_us: stretch.age.value_at_quantile(0.5),
            p95_us: stretch.age.value_at_quantile(0.95),
            p99_us: stretch.age.value_at_quantile(0.99),
            memory_per_person: measure::resident()?.saturating_sub(self.resident) / people as u64,
            full_load: stretch.sent as f64 >= 0.95 * people * SENT_PER_SECOND * load * stretch.seconds,
        })
    }

    async fn rows(&self, arguments: &Arguments) -> Result<Vec<Row>> {
        self.load.play(1.0, WARM_UP).await;
        let length = Duration::from_secs(arguments.seconds.into());
        if !arguments.ramp {
            return Ok(vec![self.measure(1.0, length).await?]);
        }
        let mut rows: Vec<Row> = vec![];
        let mut load = 1.0;
        while load <= MAX_LOAD {
            let row = self.measure(load, length).await?;
            // A load that can't be played tells of the players, not of the forwarder.
            let ends = row.lost > 0 || !row.full_load;
            rows.push(row);
            if ends {
                break;
            }
            load *= STEP;
        }
        Ok(rows)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    LocalSet::new().run_until(run(arguments)).await
}

async fn run(arguments: Arguments) -> Result<()> {
    let rooms = usize::from(arguments.rooms);
    let mut rows = vec![];
    for (name, nap) in [("floor", false), ("floor with nap", true)] {
        let resident = measure::resident()?;
        let stage = Stage::new(name, floor::THREAD, resident, Floor::start(rooms, nap).await?)?;
        rows.push(stage.rows(&arguments).await?);
    }
    let resident = measure::resident()?;
    let stage = Stage::new("hejie", ours::THREAD, resident, Ours::start(rooms).await?)?;
    rows.push(stage.rows(&arguments).await?);
    let dropped = stage.source.stats().await.dropped;

    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
        return Ok(());
    }
    print(&rows.concat());
    println!("hejie dropped from the beginning: {dropped:?}");
    if arguments.ramp {
        rows.iter().for_each(|rows| tell_limit(rows));
    } else {
        let cost = |at: usize| rows[at][0].nanoseconds_per_packet;
        println!("hejie ÷ floor with nap: {:.2}", cost(2) / cost(1));
        println!("hejie ÷ floor:          {:.2}", cost(2) / cost(0));
    }
    Ok(())
}

fn print(rows: &[Row]) {
    println!(
        "{:<15} {:>5} {:>9} {:>9} {:>6} {:>8} {:>6} {:>6} {:>7} {:>7} {:>7} {:>9}",
        "",
        "load",
        "arrived",
        "a second",
        "lost",
        "ns each",
        "core",
        "sends",
        "p50 µs",
        "p95 µs",
        "p99 µs",
        "kB/person"
    );
    for row in rows {
        println!(
            "{:<15} {:>5.2} {:>9} {:>9.0} {:>6} {:>8.0} {:>5.1}% {:>6.3} {:>7} {:>7} {:>7} {:>9}",
            row.name,
            row.load,
            row.arrived,
            row.arrived_per_second,
            row.lost,
            row.nanoseconds_per_packet,
            row.cpu_share * 100.0,
            row.sends_per_packet,
            row.p50_us,
            row.p95_us,
            row.p99_us,
            row.memory_per_person / 1024,
        );
    }
}

/// The highest rate without loss, and what ended the ramp.
fn tell_limit(rows: &[Row]) {
    let Some(last) = rows.last() else { return };
    match rows.iter().rfind(|row| row.lost == 0 && row.full_load) {
        Some(row) => println!(
            "{}: no loss up to {:.0} packets a second, {:.0} % of a core",
            row.name,
            row.arrived_per_second,
            row.cpu_share * 100.0
        ),
        None => println!("{}: packets were lost at the usual load", last.name),
    }
    if !last.full_load {
        println!("  above that the players couldn't keep up: the limit is theirs");
    } else if last.lost > 0 {
        let (lost, before) = (last.lost, last.lost_before);
        println!("  at {:.0}: {lost} lost, {before} of them on the way in", last.arrived_per_second);
    }
}
