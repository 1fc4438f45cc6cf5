//! A server as the kernel sees it: processor time and memory, from /proc.

use anyhow::{Context, Result};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// What the kernel counts processor time in, on every Linux (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server; ended when it is dropped.
pub struct Server {
    _child: Child,
    pid: u32,
}

/// At one moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sample {
    /// User and system, all threads.
    pub cpu_seconds: f64,
    pub rss_kib: u64,
}

impl Server {
    pub fn start(mut command: Command) -> Result<Self> {
        let name = command.as_std().get_program().to_owned();
        let child =
            command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = child.spawn().with_context(|| format!("starting {}", name.display()))?;
        let pid = child.id().context("it has ended already")?;
        Ok(Self { _child: child, pid })
    }

    pub fn sample(&self) -> Result<Sample> {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", self.pid));
        let (stat, status) = (read("stat").context("the server is gone")?, read("status")?);
        // The name is in parentheses and may hold anything; user and system time are the 12th and 13th after.
        let after = stat.rsplit_once(") ").context("/proc/PID/stat")?.1;
        let ticks: f64 = after.split(' ').skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
        let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let rss = rss.and_then(|rss| rss.trim().strip_suffix(" kB")).context("/proc/PID/status")?;
        Ok(Sample { cpu_seconds: ticks / TICKS_PER_SECOND, rss_kib: rss.trim().parse()? })
    }
}
