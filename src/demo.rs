//! `hejie demo`: a server with one made-up case, and links to try it with.
//!
//! Each start prints fresh links; data stays. The case is marked as a sample, its links are random,
//! and the sample account has no password.

use crate::clock::Time;
use crate::complaint::{self, Complaint, NewComplaint, Purpose, State};
use crate::config::Config;
use crate::edge::Shared;
use crate::server::{self, Running, Surroundings};
use crate::session::door::{Guest, Presiding};
use crate::session::event::Answer;
use crate::session::party::{Language, Role, Surface};
use crate::staff::{self, Account, Staff, StaffRole};
use anyhow::Context;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use std::fmt::Write;
use std::net::IpAddr;

const ACCOUNT: &str = "sample";
const LINK_MINUTES: u32 = 24 * 60;
const CASE: &str = include_str!("demo/case.json");

/// The three who meet, each by a link of their own.
pub struct Links {
    pub mediator: String,
    pub consumer: String,
    pub merchant: String,
    /// The consumer's, as a phone on the same network reaches it.
    pub phone: Option<String>,
    pub verify: String,
}

/// Starts the server with its sample case.
///
/// Beside HTTP on localhost it speaks HTTPS to phones on the same network, with a certificate of its
/// own, unless the configuration has one.
pub async fn start(mut config: Config) -> anyhow::Result<(Running, Links)> {
    if !config.tls.enabled() {
        config.tls.self_signed = true;
    }
    let server = server::start(config, Surroundings { sample: true, ..Surroundings::real() }).await?;
    let links = prepare(&server).await?;
    Ok((server, links))
}

async fn prepare(server: &Running) -> anyhow::Result<Links> {
    let state = &server.state;
    let now = state.clock.now();
    let staff = sample_staff(state, now).await?;
    let case = sample_case(state, now, &staff).await?;
    let mut tx = state.store.begin().await?;
    let sign_in = staff::make_link(&mut tx, now, &state.random, &staff.id, LINK_MINUTES).await?;
    tx.commit().await?;
    let parties = invite_parties(state, &case, &staff).await?;

    let base = match &state.config.server.public_url {
        Some(url) => url.clone(),
        None => format!("http://localhost:{}", server.http.port()),
    };
    let link = |path: &str, token: &str| format!("{base}/{path}#{token}");
    Ok(Links {
        mediator: link("desk", sign_in.reveal()),
        phone: phone_base(server).map(|base| format!("{base}/j#{}", parties.consumer)),
        consumer: link("j", &parties.consumer),
        merchant: link("station", &parties.merchant),
        verify: format!("{base}/verify"),
    })
}

/// The tokens of the parties' links.
struct Parties {
    consumer: String,
    merchant: String,
}

/// Invites both parties to the sample case's open session, or to a new one.
async fn invite_parties(state: &Shared, case: &Complaint, staff: &Staff) -> anyhow::Result<Parties> {
    let mut tx = state.store.read().await?;
    let sessions = complaint::history(&mut tx, &case.id).await?.sessions;
    drop(tx);
    let guests = |case: &Complaint| {
        [
            guest(Role::Consumer, &case.record.consumer.name, Surface::Phone),
            guest(Role::Merchant, &case.record.merchant.name, Surface::Station),
        ]
    };
    let mut links = Vec::new();
    match sessions.iter().rfind(|session| session.ended_at.is_none()) {
        Some(open) => {
            for guest in guests(case) {
                links.push(state.sessions.invite(&open.session, &staff.id, guest).await?);
            }
        }
        None => {
            let presiding = Presiding { staff: staff.id.clone(), name: staff.display_name.clone() };
            let guests = guests(case).to_vec();
            links = state.sessions.open(case.clone().into(), presiding, None, guests).await?.links;
        }
    }
    let mut tokens = links.into_iter().filter_map(|link| match link {
        Answer::Invited { url, .. } => url.split_once('#').map(|(_, token)| token.to_owned()),
        _ => None,
    });
    let (consumer, merchant) = tokens.next().zip(tokens.next()).context("the links of the sample case")?;
    Ok(Parties { consumer, merchant })
}

fn guest(role: Role, name: &str, surface: Surface) -> Guest {
    Guest { role, name: name.to_owned(), side: None, surface, language: Language::Zh }
}

/// The sample account, which signs in by links only.
async fn sample_staff(state: &Shared, now: Time) -> anyhow::Result<Staff> {
    let mut tx = state.store.begin().await?;
    if let Some(staff) = staff::find(&mut tx, ACCOUNT).await? {
        return Ok(staff);
    }
    let account = Account {
        name: ACCOUNT,
        display_name: "李调解员（示例）",
        role: StaffRole::Mediator,
        password: None,
    };
    let staff = staff::add(&mut tx, now, &state.random, &state.passwords, "system", &account).await?;
    tx.commit().await?;
    Ok(staff)
}

/// The newest sample case that isn't over, or a new one.
async fn sample_case(state: &Shared, now: Time, staff: &Staff) -> anyhow::Result<Complaint> {
    let mut tx = state.store.begin().await?;
    if let Some(case) = complaint::newest_sample(&mut tx).await?
        && !matches!(case.state, State::Agreed | State::NotAgreed)
    {
        return Ok(case);
    }
    let new: NewComplaint = serde_json::from_str(CASE).context("the sample case")?;
    let case =
        complaint::create(&mut tx, now, &state.zone, &state.random, &staff.id, new, Purpose::Sample).await?;
    tx.commit().await?;
    Ok(case)
}

/// Where phones on the same network find this server.
fn phone_base(server: &Running) -> Option<String> {
    if let Some(url) = &server.state.config.server.public_url {
        return Some(url.clone());
    }
    let port = server.https?.port();
    let interfaces = if_addrs::get_if_addrs().ok()?;
    let reachable = |ip: &IpAddr| matches!(ip, IpAddr::V4(v4) if !v4.is_loopback() && !v4.is_link_local());
    let ip = interfaces.iter().map(if_addrs::Interface::ip).find(reachable)?;
    Some(format!("https://{ip}:{port}"))
}

impl Links {
    /// What the terminal shows.
    pub fn text(&self) -> String {
        let mut text =
            String::from("\n  A sample case is ready. Open these side by side, as tabs of one browser:\n\n");
        let mut line = |who: &str, link: &str| {
            let _ = writeln!(text, "  {who:<10}{link}");
        };
        line("mediator", &self.mediator);
        line("consumer", &self.consumer);
        line("merchant", &self.merchant);
        line("verify", &self.verify);
        if let Some(phone) = &self.phone {
            let _ = writeln!(
                text,
                "\n  The consumer from a phone on this network (accept the certificate's warning):\n"
            );
            let _ = writeln!(text, "  {phone}\n{}", qr(phone));
        }
        text
    }
}

fn qr(link: &str) -> String {
    QrCode::new(link).map(|code| code.render::<Dense1x2>().build()).unwrap_or_default()
}
