//! A session without a server: steps on its state, people by name. Pure and in virtual time.

use hejie::clock::Time;
use hejie::ids::{ComplaintId, DeviceId, PersonId, SessionId, StaffId};
use hejie::random::Random;
use hejie::session::command::Command;
use hejie::session::door::{self, Joining, Presiding};
use hejie::session::event::Answer;
use hejie::session::party::{IdentityCheck, Language, Role, Surface};
use hejie::session::show;
use hejie::session::state::{Facts, PartyFacts, State};
use hejie::session::step::{Context, Effects, Refused, Step};
use hejie::session::view::View;
use hejie::settlement::terms::{Performer, Term, TermKind};
use hejie::signing::document::Anchor;
use hejie::signing::keys::Es256Key;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// 2026-11-23T02:00:00Z
pub const START: Time = Time(1_795_399_200_000);

pub struct Room {
    pub state: State,
    pub now: Time,
    pub random: Random,
    pub anchor: Anchor,
    pub zone: TimeZone,
    pub keys: HashMap<DeviceId, Es256Key>,
    commands: u64,
}

impl Room {
    /// The mediator alone.
    pub fn open(seed: u64) -> (Self, DeviceId) {
        let random = Random::seeded(seed);
        let anchor = Anchor {
            origin: "log.example".into(),
            root: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU".into(),
            size: 1,
        };
        let key = Es256Key::generate(&random);
        let party = |name: &str| PartyFacts { name: name.into(), address: "上海市".into() };
        let facts = Facts {
            complaint: ComplaintId::random(&random),
            number: "2026-000001".into(),
            subject: "手机质量".into(),
            sample: true,
            consumer: party("李女士"),
            merchant: party("某某手机店"),
        };
        let presiding = Presiding { staff: StaffId::random(&random), name: "王调解员".into() };
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let (state, joined) = {
            let context = context(START, &random, &zone, &anchor);
            let id = SessionId::random(&random);
            let mut step = door::open(id, facts, presiding, &context);
            let joined = step.preside(joining(&key, "mediator")).unwrap();
            step.finish();
            (step.state, joined)
        };
        let keys = HashMap::from([(joined.device.clone(), key)]);
        (Self { state, now: START, random, anchor, zone, keys, commands: 0 }, joined.device)
    }

    /// Mediator, consumer and merchant in the joint room.
    pub fn joint(seed: u64) -> (Self, DeviceId, DeviceId, DeviceId) {
        let (mut room, mediator) = Self::open(seed);
        let consumer = room.bring(&mediator, Role::Consumer, "李女士");
        let merchant = room.bring(&mediator, Role::Merchant, "陈店员");
        (room, mediator, consumer, merchant)
    }

    /// Invites, joins and admits somebody.
    pub fn bring(&mut self, mediator: &DeviceId, role: Role, name: &str) -> DeviceId {
        let device = self.knock(mediator, role, name);
        let identity = IdentityCheck::DetailsMatched;
        self.must(mediator, Command::Admit { device: device.clone(), identity });
        device
    }

    /// Invites somebody, who knocks.
    pub fn knock(&mut self, mediator: &DeviceId, role: Role, name: &str) -> DeviceId {
        let token = self.invite(mediator, role, name);
        self.join(&token, false).unwrap()
    }

    /// The token of a fresh link.
    pub fn invite(&mut self, mediator: &DeviceId, role: Role, name: &str) -> String {
        let name = name.to_owned();
        let invite =
            Command::Invite { role, name, side: None, surface: Surface::Phone, language: Language::Zh };
        let Answer::Invited { url, .. } = self.must(mediator, invite) else { panic!("no link") };
        url.split_once('#').expect("a token in the fragment").1.to_owned()
    }

    pub fn join(&mut self, token: &str, again: bool) -> Result<DeviceId, Refused> {
        let key = Es256Key::generate(&self.random);
        let joining = joining(&key, &format!("cookie-{}", self.keys.len()));
        let hash = hejie::token::hash(token);
        let device = self.step(|step| step.join(&hash, again, joining))?.0.device;
        self.keys.insert(device.clone(), key);
        Ok(device)
    }

    pub fn command(&mut self, device: &DeviceId, command: Command) -> Result<Answer, Refused> {
        self.commands += 1;
        let id = format!("c{}", self.commands);
        Ok(self.step(|step| step.command(device, &id, command))?.0)
    }

    #[track_caller]
    pub fn must(&mut self, device: &DeviceId, command: Command) -> Answer {
        let name = command.name();
        self.command(device, command).unwrap_or_else(|refused| panic!("{name}: {refused}"))
    }

    pub fn step<T>(
        &mut self,
        change: impl FnOnce(&mut Step<'_>) -> Result<T, Refused>,
    ) -> Result<(T, Effects), Refused> {
        let context = context(self.now, &self.random, &self.zone, &self.anchor);
        let mut step = Step::on(&self.state, &context);
        let done = change(&mut step)?;
        step.finish();
        let Step { state, effects, .. } = step;
        self.state = state;
        Ok((done, effects))
    }

    pub fn view(&self, device: &DeviceId) -> View {
        show::view(&self.state, device, self.now).expect("a known device")
    }

    pub fn person(&self, device: &DeviceId) -> PersonId {
        self.state.device(device).expect("a known device").person.clone()
    }

    pub fn wait_ms(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
        self.step(|step| {
            step.tick();
            Ok(())
        })
        .unwrap();
    }
}

/// A refund of ¥1,280 by the merchant.
pub fn refund() -> Term {
    let due = Some("2026-12-05".to_owned());
    Term {
        kind: TermKind::Refund,
        by: Performer::Merchant,
        amount_fen: Some(128_000),
        due,
        text: String::new(),
    }
}

fn joining(key: &Es256Key, secret: &str) -> Joining {
    Joining {
        jwk: key.jwk().clone(),
        surface: Surface::Phone,
        language: Language::Zh,
        browser: "test".into(),
        secret_hash: hejie::token::hash(secret),
        ground_rules: "1:test".into(),
        publication: true,
    }
}

fn context<'a>(now: Time, random: &'a Random, zone: &'a TimeZone, anchor: &'a Anchor) -> Context<'a> {
    Context {
        now,
        random,
        zone,
        issuer: "https://hejie.example",
        agency: "示范市消费者权益保护委员会",
        public_url: "https://hejie.example",
        anchor: Some(anchor),
    }
}
