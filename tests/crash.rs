//! `kill -9` of the real server in every phase that matters: everyone comes back by themselves into the
//! same state, and the wall of a caucus stands before any packet flows.

#[path = "support/client.rs"]
mod client;
mod support;

use client::{Client, Mediation, SOON, flows, refund};
use hejie::clock::Time;
use hejie::ids::OutcomeId;
use hejie::random::Random;
use hejie::session::command::Command;
use hejie::session::event::{Answer, Bye};
use hejie::session::party::{Language, Role, Surface};
use hejie::session::phase::Phase;
use hejie::session::view::{InvitationState, Place, Presence, View};
use hejie::signing::verify::{self, Overall};
use hejie::staff::{self, Account, Passwords, StaffRole, Strength};
use std::net::{TcpListener, UdpSocket};
use std::process::{Child, Command as Process, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use support::Database;
use support::app::{Browser, NOON, PASSWORD};

/// The real binary over a database and a folder that outlive it.
struct Server {
    base: String,
    folder: tempfile::TempDir,
    child: Child,
    _database: Database,
}

impl Server {
    /// Started, with a mediator's account; the mediator has signed in.
    async fn start(database: Database) -> (Self, Browser) {
        let random = Random::os();
        let passwords = Passwords::new(Strength::Weak, &random);
        let account = Account {
            name: "li",
            display_name: "李调解员",
            role: StaffRole::Mediator,
            password: Some(PASSWORD),
        };
        let mut tx = database.store.begin().await.unwrap();
        staff::add(&mut tx, NOON, &random, &passwords, "system", &account).await.unwrap();
        tx.commit().await.unwrap();

        let folder = tempfile::tempdir().expect("a temporary folder");
        let http = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let media = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = format!(
            "[server]\nlisten = '{http}'\ndata_dir = '{}'\n[media]\nlisten = '{media}'\n[store]\nurl = '{}'\n",
            folder.path().join("data").display(),
            database.url,
        );
        std::fs::write(folder.path().join("hejie.toml"), config).unwrap();
        let child = spawn(&folder);
        let mut server = Self { base: format!("http://{http}"), folder, child, _database: database };
        server.ready().await;
        let browser = Browser::at(&server.base);
        assert_eq!(browser.login("li", PASSWORD).await.status(), 200);
        (server, browser)
    }

    /// Waits until it answers.
    async fn ready(&mut self) {
        let address = format!("{}/readyz", self.base);
        let deadline = Instant::now() + Duration::from_secs(20);
        while !reqwest::get(&address).await.is_ok_and(|answer| answer.status() == 200) {
            assert!(self.child.try_wait().unwrap().is_none(), "the server ended");
            assert!(Instant::now() < deadline, "the server does not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn signal(&self, name: &str) {
        let sent = Process::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status();
        assert!(sent.unwrap().success());
    }

    /// `kill -9`, and started again on the same data.
    async fn killed_and_started(&mut self) -> Instant {
        self.signal("KILL");
        self.child.wait().unwrap();
        self.child = spawn(&self.folder);
        let began = Instant::now();
        self.ready().await;
        began
    }

    async fn ended(&mut self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the server does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &tempfile::TempDir) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(folder.path().join("log")).unwrap();
    Process::new(env!("CARGO_BIN_EXE_hejie"))
        .arg("serve")
        .arg("--config")
        .arg(folder.path().join("hejie.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the server starts")
}

/// How often a client was welcomed.
fn welcomes(client: &Client) -> usize {
    client.seen().welcomes.len()
}

/// Waits until everyone is back by themselves, within ten seconds of the new start.
async fn everyone_is_back(room: &Mediation, welcomed: [usize; 3], began: Instant) {
    for (client, before) in room.clients().into_iter().zip(welcomed) {
        client.until("a welcome", |seen| seen.up && seen.welcomes.len() > before).await;
        let all_here = |view: &View| {
            view.people.len() == 3 && view.people.iter().all(|p| p.presence != Presence::Reconnecting)
        };
        client.until_view("everyone", all_here).await;
        assert_eq!(client.seen().gaps, 0);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "back after {:?}", began.elapsed());
}

/// Media again, as every page does after a welcome that did not resume.
async fn media_again(room: &mut Mediation) {
    room.mediator.open_media(1).await;
    room.consumer.open_media(2).await;
    room.merchant.open_media(3).await;
}

/// Kills the server and waits until everyone is back.
async fn survive(server: &mut Server, room: &mut Mediation) {
    let welcomed = room.clients().map(welcomes);
    let began = server.killed_and_started().await;
    everyone_is_back(room, welcomed, began).await;
    if room.mediator.media.is_some() {
        media_again(room).await;
    }
    assert!(began.elapsed() < Duration::from_secs(10), "back after {:?}", began.elapsed());
}

/// What must be the same before and after: everything but presence and time.
fn lasting(client: &Client) -> serde_json::Value {
    let mut view = serde_json::to_value(client.view()).unwrap();
    view["journal"].take();
    for person in view["people"].as_array_mut().unwrap() {
        person["presence"].take();
    }
    view
}

fn everything(room: &Mediation) -> [serde_json::Value; 3] {
    room.clients().map(lasting)
}

async fn joint(database: Database) -> (Server, Mediation) {
    let (server, browser) = Server::start(database).await;
    let base = server.base.clone();
    (server, Mediation::joint(&base, browser).await)
}

both! {
    async fn in_the_joint_room(db: Database) {
        let (mut server, mut room) = joint(db).await;
        room.open_media().await;
        room.consumer.say("第一句").await;
        room.merchant.must(Command::Mute { muted: true }).await;
        room.mediator.must(Command::Lock { locked: true }).await;
        for client in room.clients() {
            client.until_view("locked", |view| view.locked).await;
        }
        let before = everything(&room);
        survive(&mut server, &mut room).await;
        assert_eq!(everything(&room), before);
        assert_eq!(room.merchant.seen().said(), ["第一句"]);
        room.merchant.must(Command::Mute { muted: false }).await;
        room.media_flows().await;
    }

    async fn in_a_caucus(db: Database) {
        let (mut server, mut room) = joint(db).await;
        room.open_media().await;
        room.caucus().await;
        room.consumer.say("只说给您听").await;
        let since = room.merchant.seen().frames.len();
        let before = everything(&room);

        // The excluded one is back first, and asks for media as soon as it can.
        let welcomed = room.clients().map(welcomes);
        let began = server.killed_and_started().await;
        room.merchant.until("a welcome", |seen| seen.up && seen.welcomes.len() > welcomed[2]).await;
        room.merchant.open_media(3).await;
        everyone_is_back(&room, welcomed, began).await;
        room.mediator.open_media(1).await;
        room.consumer.open_media(2).await;
        for client in room.clients() {
            assert!(client.media().connected(SOON).await);
        }
        assert!(began.elapsed() < Duration::from_secs(10), "back after {:?}", began.elapsed());
        for _ in 0..3 {
            flows(&room.consumer, &room.mediator).await;
            flows(&room.mediator, &room.consumer).await;
        }
        // From the restart on, not one packet crossed.
        let outside = room.merchant.media();
        assert_eq!((outside.received_with(1), outside.received_with(2)), (0, 0));
        assert_eq!(room.mediator.media().received_with(3) + room.consumer.media().received_with(3), 0);
        assert!(room.merchant.seen().frames[since..].iter().all(|frame| !frame.contains("只说给您听")));
        assert_eq!(everything(&room), before);
        assert_eq!(room.consumer.seen().said(), ["只说给您听"]);

        room.mediator.must(Command::ReturnJoint).await;
        for client in room.clients() {
            client.until_phase(Phase::Joint).await;
            assert_eq!(client.view().me.place, Place::Joint);
        }
        room.media_flows().await;
    }

    async fn on_the_way_back_from_a_caucus(db: Database) {
        let (mut server, mut room) = joint(db).await;
        room.caucus().await;
        room.mediator.must(Command::ReturnJoint).await;
        survive(&mut server, &mut room).await;
        for client in room.clients() {
            client.until_phase(Phase::Joint).await;
        }
    }

    async fn while_drafting(db: Database) {
        let (mut server, mut room) = joint(db).await;
        let now: Time = room.mediator.seen().now.unwrap();
        room.propose(vec![refund(now)]).await;
        room.assent().await;
        let before = everything(&room);
        survive(&mut server, &mut room).await;
        assert_eq!(everything(&room), before, "terms, versions, assents");
        room.signing().await;
    }

    async fn while_signing(db: Database) {
        let (mut server, mut room) = joint(db).await;
        let now = room.mediator.seen().now.unwrap();
        room.propose(vec![refund(now)]).await;
        room.assent().await;
        room.signing().await;
        assert_eq!(room.merchant.sign().await, Answer::Done);
        let signed = |view: &View| view.signing.as_ref().is_some_and(|s| s.signers.iter().any(|s| s.signed_at.is_some()));
        for client in room.clients() {
            client.until_view("a signature", signed).await;
        }
        let before = everything(&room);
        survive(&mut server, &mut room).await;
        assert_eq!(everything(&room), before, "the document, the signature that was given");
        assert_eq!(room.mediator.sign().await, Answer::Done);

        // The last signature is under way when the server dies: done once, told after the restart.
        let last = room.consumer.signature();
        let welcomed = room.clients().map(welcomes);
        room.consumer.send_as("last", last);
        let began = server.killed_and_started().await;
        let Answer::Sealed { outcome } = room.consumer.answer("last").await else { panic!("not sealed") };
        sealed(&server, &room, &outcome).await;
        everyone_is_back(&room, welcomed, began).await;

        // And once more, after everything: the outcome stays.
        survive(&mut server, &mut room).await;
        sealed(&server, &room, &outcome).await;
    }

    async fn what_was_asked_and_not_answered_is_done_exactly_once(db: Database) {
        let (mut server, mut room) = joint(db).await;
        let invite = Command::Invite {
            role: Role::Helper,
            name: "小陈".into(),
            side: None,
            surface: Surface::Phone,
            language: Language::Zh,
        };
        room.mediator.send_as("invited", invite.clone());
        let Answer::Invited { url: first, .. } = room.mediator.answer("invited").await else { panic!("no link") };
        let said = Command::Say { text: "只此一句".into() };
        room.merchant.send_as("said", said.clone());
        assert_eq!(room.merchant.answer("said").await, Answer::Done);
        for round in 0..3 {
            let welcomed = room.clients().map(welcomes);
            let mut asked = Vec::new();
            for at in 0..8 {
                asked.push(room.consumer.send(Command::Say { text: format!("{round}-{at}") }));
            }
            let began = server.killed_and_started().await;
            everyone_is_back(&room, welcomed, began).await;
            for id in asked {
                assert_eq!(room.consumer.answer(&id).await, Answer::Done);
            }
        }
        // Answered, but as if the answer had been lost: the same ids again.
        room.merchant.send_as("said", said);
        let twice = |seen: &client::Seen| seen.frames.iter().filter(|f| f.contains("\"said\",\"result")).count() == 2;
        room.merchant.until("the answer again", twice).await;
        // No link is stored in clear: a repeated invitation makes a new one, which ends the first.
        room.mediator.send_as("invited", invite);
        let another = |seen: &client::Seen| {
            matches!(&seen.answers["invited"], Answer::Invited { url, .. } if *url != first)
        };
        room.mediator.until("another link", another).await;
        let one_is_open = |view: &View| {
            let states: Vec<_> = view.invitations.iter().filter(|i| i.name == "小陈").map(|i| i.state).collect();
            states == [InvitationState::Revoked, InvitationState::Open]
        };
        room.mediator.until_view("one open link", one_is_open).await;
        let seen = room.merchant.until("every line", |seen| seen.chat.len() >= 25).await;
        let mut said = seen.said();
        said.sort_unstable();
        let count = said.len();
        said.dedup();
        assert_eq!((count, said.len()), (25, 25), "each once");
    }

    async fn told_to_stop_it_says_goodbye_and_ends_in_time(db: Database) {
        let (mut server, mut room) = joint(db).await;
        room.open_media().await;
        // One that never closes its socket must not hold the server.
        let mut deaf = room.consumer.id.socket().await.unwrap();
        let hello = client::text(&hejie::edge::wire::FromClient::Hello { resume: None });
        futures_util::SinkExt::send(&mut deaf, hello).await.unwrap();
        client::next(&mut deaf).await.expect("a welcome");
        let began = Instant::now();
        let welcomed = [&room.mediator, &room.merchant].map(welcomes);
        server.signal("TERM");
        for client in [&room.mediator, &room.merchant] {
            client.until_bye(Bye::Restarting).await;
            assert_eq!(client.seen().byes, [(Bye::Restarting, true)]);
        }
        let status = server.ended(Duration::from_secs(8)).await;
        assert!(status.success(), "{status}");
        assert!(began.elapsed() < Duration::from_secs(8));
        server.child = spawn(&server.folder);
        server.ready().await;
        for (client, before) in [&room.mediator, &room.merchant].into_iter().zip(welcomed) {
            client.until("a welcome", |seen| seen.up && seen.welcomes.len() > before).await;
        }
        room.merchant.say("又见面了").await;
        room.mediator.until("the line", |seen| seen.said() == ["又见面了"]).await;
    }
}

/// Everyone has the outcome, and it verifies.
async fn sealed(server: &Server, room: &Mediation, outcome: &OutcomeId) {
    for client in room.clients() {
        let included = |view: &View| {
            view.outcome.as_ref().is_some_and(|shown| shown.included && &shown.outcome == outcome)
        };
        client.until_view("the outcome in the log", included).await;
    }
    let record = room.staff.get(&format!("/api/v1/complaints/{}", room.complaint)).await;
    let record: serde_json::Value = record.json().await.unwrap();
    assert_eq!(record["history"]["outcomes"].as_array().unwrap().len(), 1, "sealed once: {record}");
    let policy = Browser::at(&server.base).get("/api/v1/policy").await.bytes().await.unwrap();
    let bundle = room.consumer.id.get("/bundle").await.bytes().await.unwrap();
    let verdict = verify::run(&bundle, Some(&policy)).unwrap();
    assert_eq!(verdict.verdict, Overall::Valid, "{verdict:#?}");
}
