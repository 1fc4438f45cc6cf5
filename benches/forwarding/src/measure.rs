//! What the kernel says of a thread and of this process.

use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// A thread of this process, found by its name.
pub struct Thread(PathBuf);

impl Thread {
    /// The newest of that name, since an earlier one may still be ending.
    pub fn named(name: &str) -> Result<Self> {
        let tasks = fs::read_dir("/proc/self/task")?.filter_map(|entry| Some(entry.ok()?.path()));
        let named =
            |path: &PathBuf| fs::read_to_string(path.join("comm")).is_ok_and(|comm| comm.trim() == name);
        let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
        let newest = tasks.filter(named).max_by_key(number);
        newest.map(Self).with_context(|| format!("no thread is named {name}"))
    }

    /// Time it spent on a processor, from its beginning.
    pub fn cpu(&self) -> Result<Duration> {
        let text = fs::read_to_string(self.0.join("schedstat")).context("this kernel keeps no schedstat")?;
        let first = text.split(' ').next().context("an empty schedstat")?;
        Ok(Duration::from_nanos(first.parse()?))
    }
}

/// Octets of this process in memory.
pub fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}
