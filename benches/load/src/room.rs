//! One mediation by three machines: from the links to the signatures, with sound and pictures. Each step
//! fails with its reason. What is checked besides: nobody hears another room, and whoever is outside a
//! caucus gets nothing from inside.

use crate::api::{Api, Device, Rehearsal};
use crate::line::{Line, Replies, SOON};
use crate::media::{Connection, Inbox, Source};
use crate::stamp::{Era, KINDS, Kind};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// Between two looks at what came.
const LOOK: Duration = Duration::from_millis(2);
/// Packets of sound that show that a caucus flows inside: one second's.
const ENOUGH: u64 = 50;
/// Whatever was sent is there after this, or lost.
pub const STRAGGLERS: Duration = Duration::from_millis(500);

const MEDIATOR: usize = 0;
const CONSUMER: usize = 1;
const MERCHANT: usize = 2;

/// Somebody in the room.
pub struct Person {
    device: Device,
    line: Line,
    pub source: Arc<Source>,
    pub inbox: Inbox,
    connection: Connection,
}

/// What every room is played with.
#[derive(Clone)]
pub struct Play {
    pub api: Api,
    pub replies: Replies,
    /// This machine's addresses that reach the server.
    pub addresses: Vec<IpAddr>,
    pub minutes: u32,
}

/// A room in which everyone hears and sees everyone.
pub struct Room {
    pub people: Vec<Person>,
    era: Arc<AtomicU8>,
    /// From the link to the first sound and picture of everyone who was there, per party.
    pub joins: Vec<Duration>,
}

impl Room {
    /// The mediator opens the rehearsal and both parties come in by their links.
    pub async fn gather(play: &Play, number: u16) -> Result<Self> {
        let era = Arc::new(AtomicU8::new(Era::Other as u8));
        let Rehearsal { mediator, links } = play.api.rehearse(play.minutes).await?;
        let source = Source::new(number, 0, era.clone());
        let line = Line::connect(&play.api.base, &mediator, play.replies.clone()).await?;
        let mut room = Self { people: Vec::new(), era, joins: Vec::new() };
        room.people.push(Person::enter(play, mediator, line, source).await.context("mediator")?);
        let filled = room.fill(play, number, &links).await;
        if filled.is_err() {
            room.abandon().await;
        }
        filled.map(|()| room)
    }

    /// Both parties come in.
    async fn fill(&mut self, play: &Play, number: u16, links: &[String; 2]) -> Result<()> {
        for (person, link) in (1u8..).zip(links) {
            let began = Instant::now();
            let source = Source::new(number, person, self.era.clone());
            let joined = self.bring(play, link, source).await;
            joined.with_context(|| if person == 1 { "consumer" } else { "merchant" })?;
            self.joins.push(began.elapsed());
        }
        self.everyone_gets("sound and pictures", |inbox, from| {
            let tally = inbox.tally();
            KINDS.iter().all(|kind| tally.first_at(from, *kind).is_some())
        })
        .await?;
        for person in &self.people {
            person.line.until_phase("joint").await?;
        }
        Ok(())
    }

    /// Somebody knocks, is admitted, and hears and sees those who are there.
    async fn bring(&mut self, play: &Play, link: &str, source: Arc<Source>) -> Result<()> {
        let device = play.api.join(link).await?;
        let line = Line::connect(&play.api.base, &device, play.replies.clone()).await?;
        let mediator = &mut self.people[MEDIATOR].line;
        let knocks = |view: &Value| {
            view["door"].as_array().is_some_and(|door| door.iter().any(|knock| knock["device"] == device.id))
        };
        mediator.until("a knock", knocks).await?;
        mediator.must(json!({ "do": "admit", "device": device.id, "identity": "details_matched" })).await?;
        line.until("being let in", |view| view["me"]["place"] == "joint").await?;
        let person = Person::enter(play, device, line, source).await?;
        for (from, _) in self.people.iter().enumerate() {
            person
                .gets(from, "sound and pictures", |inbox, from| {
                    let tally = inbox.tally();
                    KINDS.iter().all(|kind| tally.first_at(from, *kind).is_some())
                })
                .await?;
        }
        self.people.push(person);
        Ok(())
    }

    /// Waits until `met` of what each got from each other.
    async fn everyone_gets(&self, what: &str, met: impl Fn(&Inbox, u8) -> bool) -> Result<()> {
        for (to, person) in self.people.iter().enumerate() {
            for from in (0..self.people.len()).filter(|from| *from != to) {
                person.gets(from, what, &met).await?;
            }
        }
        Ok(())
    }

    /// From now on everyone's packets carry this.
    pub fn set_era(&self, era: Era) {
        self.era.store(era as u8, Ordering::SeqCst);
    }

    /// Caucus, return, terms, assent, signatures. What is over then is over for good.
    pub async fn settle(&mut self) -> Result<()> {
        self.caucus().await.context("caucus")?;
        self.come_back().await.context("return")?;
        self.agree().await.context("terms")?;
        self.sign().await.context("signing")?;
        for person in &self.people {
            ensure!(person.inbox.tally().strangers == 0, "packets of another room came");
        }
        Ok(())
    }

    /// Mediator and consumer aside: they get each other, and the merchant gets neither, nor they him.
    async fn caucus(&mut self) -> Result<()> {
        let with = self.people[CONSUMER].device.person.clone();
        self.people[MEDIATOR].line.must(json!({ "do": "caucus", "with": [with] })).await?;
        self.set_era(Era::Caucus);
        for (to, from) in [(MEDIATOR, CONSUMER), (CONSUMER, MEDIATOR)] {
            let enough = |inbox: &Inbox, from| {
                let tally = inbox.tally();
                tally.packets(from, Kind::Sound, Era::Caucus) >= ENOUGH
                    && tally.packets(from, Kind::Pictures, Era::Caucus) >= ENOUGH
            };
            self.people[to].gets(from, "the caucus", enough).await?;
        }
        tokio::time::sleep(STRAGGLERS).await;
        for (to, from) in
            [(MERCHANT, MEDIATOR), (MERCHANT, CONSUMER), (MEDIATOR, MERCHANT), (CONSUMER, MERCHANT)]
        {
            let tally = self.people[to].inbox.tally();
            let sender = self.people[from].source.person;
            let leaked: u64 = KINDS.iter().map(|kind| tally.packets(sender, *kind, Era::Caucus)).sum();
            ensure!(leaked == 0, "{leaked} packets came through the wall");
        }
        Ok(())
    }

    async fn come_back(&mut self) -> Result<()> {
        self.people[MEDIATOR].line.must(json!({ "do": "return_joint" })).await?;
        for person in &self.people {
            person.line.until_phase("joint").await?;
        }
        self.set_era(Era::Together);
        self.everyone_gets("sound and pictures again", |inbox, from| {
            let tally = inbox.tally();
            KINDS.iter().all(|kind| tally.packets(from, *kind, Era::Together) > 0)
        })
        .await
    }

    async fn agree(&mut self) -> Result<()> {
        let terms = json!([{
            "kind": "apology", "by": "merchant", "amount_fen": null, "due": null, "text": "演练"
        }]);
        let mediator = &mut self.people[MEDIATOR].line;
        mediator.must(json!({ "do": "draft_open" })).await?;
        let view = mediator.until("a draft", |view| view["draft"]["rev"].is_u64()).await?;
        let rev = view["draft"]["rev"].as_u64().unwrap_or_default();
        mediator.must(json!({ "do": "draft_edit", "rev": rev, "terms": terms })).await?;
        mediator.must(json!({ "do": "draft_propose", "rev": rev + 1 })).await?;
        for party in [CONSUMER, MERCHANT] {
            let line = &mut self.people[party].line;
            let view = line.until("a version", |view| view["draft"]["versions"][0].is_object()).await?;
            let hash = &view["draft"]["versions"][0]["hash"];
            line.must(json!({ "do": "assent", "version": 1, "hash": hash })).await?;
        }
        Ok(())
    }

    async fn sign(&mut self) -> Result<()> {
        self.people[MEDIATOR].line.must(json!({ "do": "signing_open", "version": 1 })).await?;
        for person in &mut self.people {
            let view = person.line.until("the document", |view| view["signing"].is_object()).await?;
            let sign = person.device.key.sign(&view, person.line.seconds()).context("nothing to sign")?;
            person.line.must(sign).await?;
        }
        for person in &self.people {
            person.line.until("the outcome in the log", |view| view["outcome"]["included"] == true).await?;
        }
        Ok(())
    }

    /// Ends a room that failed, so that the server needn't.
    pub async fn abandon(&mut self) {
        if let Some(mediator) = self.people.first_mut() {
            let _ = mediator.line.must(json!({ "do": "adjourn", "reason": "", "next_at": null })).await;
        }
    }

    pub async fn close(&self) {
        for person in &self.people {
            person.connection.close().await;
        }
    }
}

impl Person {
    /// Negotiates media and plays from now on.
    async fn enter(play: &Play, device: Device, mut line: Line, source: Arc<Source>) -> Result<Self> {
        let inbox = Inbox::new(source.room);
        let connection = Connection::new(&play.addresses, &inbox).await.context("a peer connection")?;
        let tracks = connection.send(&source, &[Kind::Sound, Kind::Pictures, Kind::Pictures]).await?;
        let [sound, pictures, _screen] = &tracks[..] else { bail!("three tracks") };
        connection.add_slots().await?;
        let answer = line.offer(&connection.offer().await?).await?;
        connection.accept(&answer).await?;
        connection.play(&source, sound, pictures);
        connection.connected(SOON).await?;
        Ok(Self { device, line, source, inbox, connection })
    }

    /// Waits until `met` of what came from somebody.
    async fn gets(&self, from: usize, what: &str, met: impl Fn(&Inbox, u8) -> bool) -> Result<()> {
        let sender = u8::try_from(from)?;
        let deadline = Instant::now() + SOON;
        while !met(&self.inbox, sender) {
            if Instant::now() > deadline {
                bail!("person {} did not get {what} of person {from} within {SOON:?}", self.source.person);
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }
}
