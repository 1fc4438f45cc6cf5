//! `hejie-load`: the command line.

use anyhow::{Context, bail};
use clap::Parser;
use hejie_load::run::{Run, Stage};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Plays whole mediations with sound and pictures against a running server, on made-up cases, and
/// measures. With one room it is a health check. The exit status is 0 only if nothing failed and no
/// packet was lost beyond what is allowed.
#[derive(Parser)]
#[command(name = "hejie-load", version)]
struct Arguments {
    /// Plain HTTP, such as http://127.0.0.1:8080
    #[arg(long, value_name = "URL")]
    server: String,
    /// Three people each.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=500))]
    rooms: u16,
    /// How long to measure.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10_800))]
    seconds: u32,
    /// Holds an operator's key (`hejie operator-key add`). Without it: the environment's HEJIE_OPERATOR_KEY.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Packets that may be lost, in percent.
    #[arg(long, default_value_t = 1.0, value_name = "PERCENT")]
    loss: f64,
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match play(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("hejie-load: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn play(arguments: Arguments) -> anyhow::Result<bool> {
    let secret = match &arguments.key {
        Some(file) => std::fs::read_to_string(file).with_context(|| format!("--key: {}", file.display()))?,
        None => std::env::var("HEJIE_OPERATOR_KEY").context("no --key and no HEJIE_OPERATOR_KEY")?,
    };
    let secret = secret.trim();
    if secret.is_empty() || secret.len() > 200 || !secret.is_ascii() {
        bail!("--key: this is no operator's key");
    }
    let Arguments { server, rooms, seconds, .. } = &arguments;
    let run = Run { server, secret, rooms: *rooms, seconds: *seconds };
    let progress = Progress { terminal: std::io::stderr().is_terminal(), rooms: *rooms, seconds: *seconds };
    let mut report = run.play(|stage| progress.tell(stage), |_| {}).await?;
    progress.end();
    let packets = report.packets;
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
    let lost = packets.lost as f64 * 100.0 / packets.expected.max(1) as f64;
    if lost > arguments.loss {
        report.failed(format!("{lost:.2} % of the packets were lost"));
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{report}");
    }
    Ok(report.failures == 0)
}

/// One line on a terminal, written over; elsewhere a plain line now and then.
struct Progress {
    terminal: bool,
    rooms: u16,
    seconds: u32,
}

impl Progress {
    fn tell(&self, stage: Stage) {
        let Self { rooms, seconds, .. } = self;
        let (done, of, text) = match stage {
            Stage::Gathering(done) => {
                (done, usize::from(*rooms), format!("rooms gathered: {done} of {rooms}"))
            }
            Stage::Measuring(done) => {
                (done as usize, *seconds as usize, format!("measuring: {done} of {seconds} s"))
            }
            Stage::Settling(done) => (done, usize::from(*rooms), format!("rooms settled: {done} of {rooms}")),
        };
        if self.terminal {
            eprint!("\r\x1b[2K{text}");
            let _ = std::io::stderr().flush();
        } else if done == of || done.is_multiple_of(10) {
            eprintln!("{text}");
        }
    }

    fn end(&self) {
        if self.terminal {
            eprint!("\r\x1b[2K");
        }
    }
}
