//! Many rooms in concert: they gather a few at a time, are measured all at once, and settle a few at a
//! time. A room that fails leaves its reason and drops out.

use crate::api::Api;
use crate::line::Replies;
use crate::report::{Quantiles, Report};
use crate::room::{Play, Room, STRAGGLERS};
use crate::stamp::Era;
use crate::tally::Durations;
use crate::window::Window;
use anyhow::{Context, Result};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Rooms that gather or settle at once.
const AT_ONCE: usize = 4;
/// A room that takes longer to gather or to settle has failed.
const LONGEST: Duration = Duration::from_secs(120);
const SECOND: Duration = Duration::from_secs(1);

pub struct Run<'a> {
    pub server: &'a str,
    pub secret: &'a str,
    pub rooms: u16,
    pub seconds: u32,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Rooms that have gathered, or failed to.
    Gathering(usize),
    /// Seconds measured.
    Measuring(u32),
    /// Rooms that have settled, or failed to.
    Settling(usize),
}

impl Run<'_> {
    /// Plays it all. `told` hears where it stands; `measuring` is called when the measured window begins
    /// (`true`) and ends. Only what makes any play impossible is an error.
    pub async fn play(&self, told: impl Fn(Stage), mut measuring: impl FnMut(bool)) -> Result<Report> {
        let replies = Replies::default();
        let play = Play {
            api: Api::new(self.server, self.secret).await?,
            replies: replies.clone(),
            addresses: addresses(self.server)?,
            minutes: self.seconds / 60 + 5 + u32::from(self.rooms) / 4,
        };
        let mut report = Report { rooms: self.rooms.into(), ..Report::default() };
        let gathering = (0..self.rooms).map(|number| {
            let play = play.clone();
            async move { Room::gather(&play, number).await }
        });
        let gathered = all(gathering, |done| told(Stage::Gathering(done))).await;
        let rooms = sorted(gathered, &mut report);

        measuring(true);
        let began = Instant::now();
        rooms.iter().for_each(|room| room.set_era(Era::Measured));
        let mut every = tokio::time::interval_at((began + SECOND).into(), SECOND);
        for second in 1..=self.seconds {
            every.tick().await;
            told(Stage::Measuring(second));
        }
        rooms.iter().for_each(|room| room.set_era(Era::Other));
        report.seconds = began.elapsed().as_secs_f64();
        measuring(false);
        tokio::time::sleep(STRAGGLERS).await;
        measured(&rooms, &mut report);

        let settling = rooms.into_iter().map(|mut room| async move {
            let settled = room.settle().await;
            if settled.is_err() {
                room.abandon().await;
            }
            room.close().await;
            settled
        });
        let settled = all(settling, |done| told(Stage::Settling(done))).await;
        report.finished = u32::try_from(sorted(settled, &mut report).len())?;
        report.reply_ms = Quantiles::from(&*replies.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(report)
    }
}

/// Runs them a few at a time, each within its time.
async fn all<T: Send + 'static>(
    work: impl Iterator<Item = impl Future<Output = Result<T>> + Send + 'static>,
    told: impl Fn(usize),
) -> Vec<Result<T>> {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut set = JoinSet::new();
    for one in work {
        let turns = turns.clone();
        set.spawn(async move {
            let _turn = turns.acquire().await;
            tokio::time::timeout(LONGEST, one).await.context("it took too long").flatten()
        });
    }
    let mut done = Vec::new();
    while let Some(one) = set.join_next().await {
        done.push(one.context("our own bug").flatten());
        told(done.len());
    }
    done
}

/// Those that went well; the others' reasons go to the report.
fn sorted<T>(results: Vec<Result<T>>, report: &mut Report) -> Vec<T> {
    let mut well = Vec::new();
    for result in results {
        match result {
            Ok(one) => well.push(one),
            Err(error) => report.failed(format!("{error:#}")),
        }
    }
    well
}

/// Sums up the window.
fn measured(rooms: &[Room], report: &mut Report) {
    let (mut window, mut joins) = (Window::default(), Durations::default());
    for room in rooms {
        let people: Vec<_> = room.people.iter().map(|person| (&*person.source, &person.inbox)).collect();
        window.add_room(&people);
        for join in &room.joins {
            joins.record(u64::try_from(join.as_micros()).unwrap_or(u64::MAX));
        }
    }
    report.packets = window.packets;
    (report.one_way_ms, report.join_ms) = (Quantiles::from(&window.latency), Quantiles::from(&joins));
}

/// This machine's addresses from which a server is reached: the one on the way to it; and if that is
/// loopback, also the one on the way out, since the server may name its own outer address.
pub fn addresses(server: &str) -> Result<Vec<IpAddr>> {
    let (scheme, rest) = server.split_once("://").context("--server begins with http:// or https://")?;
    let authority = rest.split('/').next().unwrap_or(rest);
    let port = if scheme == "https" { ":443" } else { ":80" };
    let found = authority.to_socket_addrs().or_else(|_| format!("{authority}{port}").to_socket_addrs());
    let server = found.context("--server: no such host")?.next().context("--server: no such host")?;
    let mut addresses = vec![local_to(server).context("no way to the server")?];
    if server.ip().is_loopback() {
        // Nothing is sent there: it is an address for documentation (RFC 5737).
        let outside = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 9));
        addresses.extend(local_to(outside).filter(|outer| !addresses.contains(outer)));
    }
    Ok(addresses)
}

fn local_to(there: SocketAddr) -> Option<IpAddr> {
    let any = if there.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(there).ok()?;
    Some(socket.local_addr().ok()?.ip())
}
