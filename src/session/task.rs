//! The task that owns one session: takes messages one by one, changes the state, stores the change,
//! lets the SFU know, tells everyone concerned. Nobody else touches the state.
//!
//! What always holds: what is acknowledged is stored; the routing table is in force before anybody is
//! told of the change that made it; a write that may or may not have happened is looked up, not guessed.

mod connections;

use super::command::Command;
use super::door::{self, Guest, Joined, Joining};
use super::drops::Cause;
use super::event::{Answer, Bye, Event, Refusal};
use super::floor::Showing;
use super::keep;
use super::link::Link;
use super::party::{Language, Role, Surface};
use super::peers::Peers;
use super::records;
use super::routes;
use super::setting::Setting;
use super::show;
use super::state::{Document, Standing, State};
use super::step::{Refused, Step};
use super::view::InvitationState;
use crate::clock::Time;
use crate::ids::{DeviceId, DocumentId, OutcomeId, PersonId, SessionId, StaffId};
use crate::media::{self, Route};
use bytes::Bytes;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Looked at every few seconds: stale links, an empty room.
const ROUND: Duration = Duration::from_secs(5);
/// A session that nobody is connected to is put away after this long; it comes back when asked for.
const IDLE_MS: i64 = 10 * 60 * 1000;

/// Refusals that a session's task writes to the audit; nobody fills the disk by trying.
const MAX_AUDITED: u32 = 200;

/// What others may ask of a session. Every answer comes through its `oneshot`.
pub enum Message {
    Look {
        token_hash: String,
        reply: oneshot::Sender<Option<Look>>,
    },
    Join {
        token_hash: String,
        again: bool,
        joining: Box<Joining>,
        reply: oneshot::Sender<Result<Joined, Refused>>,
    },
    /// A link made outside of the room, in the presiding account's name.
    Invite {
        staff: StaffId,
        guest: Guest,
        reply: oneshot::Sender<Result<Answer, Refused>>,
    },
    /// The presiding account comes from another browser.
    Enter {
        staff: StaffId,
        joining: Box<Joining>,
        reply: oneshot::Sender<Result<Joined, Refused>>,
    },
    /// Who holds this cookie.
    Who {
        device: DeviceId,
        secret_hash: String,
        reply: oneshot::Sender<Option<Who>>,
    },
    Attach(Attach),
    /// That socket is gone.
    Detach {
        device: DeviceId,
        attachment: u64,
        cause: Cause,
    },
    Command {
        device: DeviceId,
        id: String,
        command: Command,
        reply: oneshot::Sender<Answer>,
    },
    Offer {
        device: DeviceId,
        sdp: String,
        restart: bool,
        reply: oneshot::Sender<Answer>,
    },
    /// At which heights a device shows its video slots.
    Sizes {
        device: DeviceId,
        slots: Vec<(u8, u16)>,
    },
    Show {
        device: DeviceId,
        showing: Showing,
        body: Bytes,
        reply: oneshot::Sender<Result<DocumentId, Refused>>,
    },
    Document {
        device: DeviceId,
        document: DocumentId,
        reply: oneshot::Sender<Result<Document, Refusal>>,
    },
    /// The outcome is in the public log.
    Included {
        outcome: OutcomeId,
    },
}

/// A socket asks for a device's events.
pub struct Attach {
    pub device: DeviceId,
    /// The connection and the last event of it that arrived.
    pub resume: Option<(String, u64)>,
    pub socket: mpsc::Sender<Event>,
    /// The number to detach it by; nothing if the device is out.
    pub reply: oneshot::Sender<Option<u64>>,
}

/// What a link leads to.
#[derive(Debug, Clone)]
pub struct Look {
    pub state: InvitationState,
    pub locked: bool,
    pub over: bool,
    pub role: Role,
    pub name: String,
    pub surface: Surface,
    pub language: Language,
    pub subject: String,
    pub mediator: String,
    pub expires_at: Time,
    pub sample: bool,
}

/// The person behind a device.
#[derive(Debug, Clone)]
pub struct Who {
    pub session: SessionId,
    pub person: PersonId,
    pub role: Role,
    pub surface: Surface,
    pub language: Language,
    pub standing: Standing,
    pub outcome: Option<OutcomeId>,
}

pub struct Task {
    setting: Arc<Setting>,
    state: State,
    /// Under which this process owns the session.
    epoch: i64,
    mailbox: mpsc::Receiver<Message>,
    /// To itself, for what it waits for elsewhere.
    own: mpsc::WeakSender<Message>,
    links: HashMap<DeviceId, Link>,
    peers: Peers,
    /// What the SFU tells of them; nothing once it has stopped.
    events: Option<mpsc::Receiver<media::Event>>,
    table: Vec<Route>,
    /// Sockets attached so far.
    attachments: u64,
    /// Refusals audited so far.
    audited: u32,
    idle_since: Time,
    cancel: CancellationToken,
}

impl Task {
    pub fn new(
        setting: Arc<Setting>,
        state: State,
        epoch: i64,
        own: mpsc::WeakSender<Message>,
        mailbox: mpsc::Receiver<Message>,
        cancel: CancellationToken,
    ) -> Self {
        let idle_since = setting.clock.now();
        let (links, peers, events, table) = Default::default();
        Self {
            setting,
            state,
            epoch,
            mailbox,
            own,
            links,
            peers,
            events,
            table,
            attachments: 0,
            audited: 0,
            idle_since,
            cancel,
        }
    }

    /// Runs until the process stops or nobody needs the session in memory any more.
    pub async fn run(mut self) {
        let mut round = tokio::time::interval(ROUND);
        round.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        self.await_inclusion();
        self.subscribe().await;
        // Epoch 1 opened it, 2 is its first task: only a later one finds people who were cut off.
        if self.epoch > 2 && !self.state.phase.is_over() {
            let resumed = |step: &mut Step<'_>| {
                door::resumed(step);
                Ok(())
            };
            let _ = self.change(resumed).await;
        }
        loop {
            let wake = self.wake();
            tokio::select! {
                () = self.cancel.cancelled() => return self.say_goodbye(Bye::Restarting),
                message = self.mailbox.recv() => match message {
                    Some(message) => self.handle(message).await,
                    None => return self.say_goodbye(Bye::Restarting),
                },
                event = connections::next(&mut self.events) => match event {
                    Some(event) => self.heard(event).await,
                    None => self.listen_again().await,
                },
                () = wake => { let _ = self.change(|step| { step.tick(); Ok(()) }).await; }
                _ = round.tick() => {
                    self.drop_stale_links().await;
                    self.tell_lines();
                    if self.is_idle() {
                        return self.put_away().await;
                    }
                }
            }
        }
    }

    /// Sleeps until something happens by itself.
    fn wake(&self) -> impl Future<Output = ()> + use<> {
        let due = self.state.wake_at().map(|at| {
            let ms = (at.0 - self.setting.clock.now().0).max(0) as u64;
            Instant::now() + Duration::from_millis(ms)
        });
        async move {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        }
    }

    async fn handle(&mut self, message: Message) {
        match message {
            Message::Look { token_hash, reply } => drop(reply.send(self.look(&token_hash))),
            Message::Join { token_hash, again, joining, reply } => {
                let joined = self.change(|step| step.join(&token_hash, again, *joining)).await;
                if let Err(refused) = &joined {
                    self.audit_link(&token_hash, refused).await;
                }
                let _ = reply.send(joined);
            }
            Message::Invite { staff, guest, reply } => {
                let _ = reply.send(self.invite(&staff, guest).await);
            }
            Message::Enter { staff, joining, reply } => {
                let _ = reply.send(self.enter(&staff, *joining).await);
            }
            Message::Who { device, secret_hash, reply } => drop(reply.send(self.who(&device, &secret_hash))),
            Message::Attach(attach) => self.attach(attach).await,
            Message::Detach { device, attachment, cause } => self.detach(&device, attachment, cause).await,
            Message::Command { device, id, command, reply } => {
                let _ = reply.send(self.command(&device, &id, command).await);
            }
            Message::Offer { device, sdp, restart: false, reply } => {
                let _ = reply.send(self.offer(&device, sdp).await);
            }
            Message::Offer { device, sdp, restart: true, reply } => {
                let _ = reply.send(self.restart(&device, sdp).await);
            }
            Message::Sizes { device, slots } => self.sizes(&device, slots).await,
            Message::Show { device, showing, body, reply } => {
                let _ = reply.send(self.show(&device, showing, body).await);
            }
            Message::Document { device, document, reply } => {
                let _ = reply.send(show::document(&self.state, &device, &document).cloned());
            }
            Message::Included { outcome } => self.included(&outcome).await,
        }
    }

    // ---- changing the state ------------------------------------------------------------------

    /// One step: decided on a copy, stored, then in force. On a refusal nothing happened.
    async fn change<T>(
        &mut self,
        step: impl FnOnce(&mut Step<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.change_with(None, step).await
    }

    /// The same, with a document's bytes to be stored beside it.
    async fn change_with<T>(
        &mut self,
        body: Option<Bytes>,
        step: impl FnOnce(&mut Step<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let setting = self.setting.clone();
        let anchor = setting.anchor();
        let context = setting.context(setting.clock.now(), anchor.as_ref());
        let mut next = Step::on(&self.state, &context);
        let done = step(&mut next)?;
        next.finish();
        let Step { state, effects, .. } = next;
        if let Err(error) = keep::keep(&setting, &self.state, &state, &effects, self.epoch, body).await {
            return Err(self.not_stored(error).await);
        }
        self.state = state;
        self.after(effects).await;
        Ok(done)
    }

    /// The write failed, or was persisted and only its answer was lost: what is stored, is true.
    async fn not_stored(&mut self, error: records::RecordError) -> Refused {
        tracing::error!(session.id = %self.state.id, %error, "a change could not be stored");
        match records::claim(&self.setting.store, &self.state.id).await {
            Ok(Some((mut state, epoch))) => {
                for device in &mut state.devices {
                    device.connected = self.links.get(&device.id).is_some_and(Link::is_up);
                    let known = self.state.device(&device.id);
                    device.interrupted = known.is_some_and(|known| known.interrupted);
                    device.drops = known.map(|known| known.drops.clone()).unwrap_or_default();
                }
                (self.state, self.epoch) = (state, epoch);
                self.route().await;
                self.tell_views();
            }
            Ok(None) | Err(_) => {
                tracing::error!(session.id = %self.state.id, "the store does not answer; the session stops");
                self.cancel = CancellationToken::new();
                self.cancel.cancel();
            }
        }
        Refused::because(Refusal::Unavailable, "it could not be stored; nothing was changed")
    }

    /// What follows from a stored step: first the wall, then the news.
    async fn after(&mut self, effects: super::step::Effects) {
        self.route().await;
        for (device, _) in &effects.closed {
            if let Some(peer) = self.peers.remove(device) {
                self.setting.media.disconnect(peer).await;
            }
        }
        for said in &effects.said {
            for (device, link) in &mut self.links {
                if let Some(line) = show::chat_line(&self.state, device, said) {
                    link.push(|seq| Event::Chat { seq, line });
                }
            }
        }
        self.tell_views();
        self.tell_lines();
        for (device, why) in effects.closed {
            if let Some(mut link) = self.links.remove(&device) {
                link.close(why, false);
            }
        }
        if effects.seal.is_some() {
            self.await_inclusion();
        }
    }

    /// Puts the routing table in force that follows from the state.
    async fn route(&mut self) {
        let table = routes::table(&self.state, self.peers.by_device());
        if table != self.table {
            if let Err(error) = self.setting.media.route(self.state.id.clone(), table.clone()).await {
                tracing::error!(session.id = %self.state.id, %error, "the room is silent");
            }
            self.table = table;
        }
    }

    /// Sends everyone what changed for them.
    fn tell_views(&mut self) {
        let now = self.setting.clock.now();
        for (device, link) in &mut self.links {
            let Some(view) = show::view(&self.state, device, now) else { continue };
            if link.shown.as_ref() != Some(&view) {
                link.shown = Some(view.clone());
                link.push(|seq| Event::View { seq, now, view: Box::new(view) });
            }
        }
    }

    /// Sends everyone what changed about the lines that they may know of.
    fn tell_lines(&mut self) {
        for (device, link) in &mut self.links {
            link.tell_lines(self.peers.lines(&self.state, device));
        }
    }

    // ---- people --------------------------------------------------------------------------------

    fn look(&self, token_hash: &str) -> Option<Look> {
        let invitation = self.state.invitations.iter().find(|i| i.token_hash == token_hash)?;
        let person = self.state.person(&invitation.person)?;
        Some(Look {
            state: invitation.state(self.setting.clock.now()),
            locked: self.state.locked,
            over: self.state.phase.is_over(),
            role: person.role,
            name: person.name.clone(),
            surface: invitation.surface,
            language: invitation.language,
            subject: self.state.facts.subject.clone(),
            mediator: self.state.mediator().name.clone(),
            expires_at: invitation.expires_at,
            sample: self.state.facts.sample,
        })
    }

    async fn enter(&mut self, staff: &StaffId, joining: Joining) -> Result<Joined, Refused> {
        self.presides(staff)?;
        self.change(|step| step.preside(joining)).await
    }

    async fn invite(&mut self, staff: &StaffId, guest: Guest) -> Result<Answer, Refused> {
        self.presides(staff)?;
        self.change(|step| {
            super::rights::check(Role::Mediator, step.state.phase, "invite")?;
            step.invite(guest)
        })
        .await
    }

    fn presides(&self, staff: &StaffId) -> Result<(), Refused> {
        if staff == &self.state.staff {
            Ok(())
        } else {
            Err(Refused::because(Refusal::NotYourRight, "another mediator presides"))
        }
    }

    fn who(&self, device: &DeviceId, secret_hash: &str) -> Option<Who> {
        let device = self.state.device(device)?;
        if !same(device.secret_hash.as_bytes(), secret_hash.as_bytes()) {
            return None;
        }
        let person = self.state.person(&device.person)?;
        Some(Who {
            session: self.state.id.clone(),
            person: person.id.clone(),
            role: person.role,
            surface: device.surface,
            language: device.language,
            standing: device.standing,
            outcome: self.state.outcome.as_ref().map(|sealed| sealed.outcome.clone()),
        })
    }

    // ---- commands, documents ---------------------------------------------------------------

    async fn command(&mut self, device: &DeviceId, id: &str, command: Command) -> Answer {
        let name = command.name();
        match self.change(|step| step.command(device, id, command)).await {
            Ok(answer) => answer,
            Err(refused) => {
                tracing::info!(session.id = %self.state.id, device.id = %device, command = name, error = ?refused.error, "refused");
                self.audit(device, name, refused.error).await;
                Answer::Refused { error: refused.error, detail: refused.detail }
            }
        }
    }

    /// A link that is not open was tried.
    async fn audit_link(&mut self, token_hash: &str, refused: &Refused) {
        let known = self.state.invitations.iter().find(|i| i.token_hash == token_hash);
        let Some(invitation) = known.filter(|_| refused.error == Refusal::Closed) else { return };
        if self.audited >= MAX_AUDITED {
            return;
        }
        self.audited += 1;
        let detail = json!({ "session": self.state.id, "why": refused.detail });
        let (id, now) = (invitation.id.to_string(), self.setting.clock.now());
        if let Err(error) = keep::audit(&self.setting.store, now, &id, "refused.join", &detail).await {
            tracing::error!(session.id = %self.state.id, %error, "a refusal could not be audited");
        }
    }

    /// Somebody tried what they may not: the audit tells, so many times a session.
    async fn audit(&mut self, device: &DeviceId, command: &str, error: Refusal) {
        let matters = matches!(error, Refusal::NotYourRight | Refusal::NotAdmitted | Refusal::BadSignature);
        if !matters || self.audited >= MAX_AUDITED {
            return;
        }
        self.audited += 1;
        let detail = json!({ "session": self.state.id, "error": error });
        let (now, action) = (self.setting.clock.now(), format!("refused.{command}"));
        if let Err(error) = keep::audit(&self.setting.store, now, device.as_str(), &action, &detail).await {
            tracing::error!(session.id = %self.state.id, %error, "a refusal could not be audited");
        }
    }

    async fn show(
        &mut self,
        device: &DeviceId,
        showing: Showing,
        body: Bytes,
    ) -> Result<DocumentId, Refused> {
        let asking = self.state.device(device).filter(|device| device.standing == Standing::In);
        let by = asking.ok_or(Refusal::NotAdmitted)?.person.clone();
        self.change_with(Some(body), |step| step.show(&by, showing)).await
    }

    // ---- the outcome --------------------------------------------------------------------------------

    /// Waits beside the task until the log has the outcome, then tells it.
    fn await_inclusion(&self) {
        let Some(sealed) = self.state.outcome.as_ref().filter(|sealed| !sealed.included) else { return };
        let (setting, own, outcome) = (self.setting.clone(), self.own.clone(), sealed.outcome.clone());
        let cancel = self.cancel.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = cancel.cancelled() => {}
                () = keep::included(&setting, &outcome) => {
                    if let Some(own) = own.upgrade() {
                        let _ = own.send(Message::Included { outcome }).await;
                    }
                }
            }
        });
    }

    async fn included(&mut self, outcome: &OutcomeId) {
        let _ = self
            .change(|step| {
                if let Some(sealed) = step.state.outcome.as_mut().filter(|sealed| &sealed.outcome == outcome)
                {
                    sealed.included = true;
                }
                Ok(())
            })
            .await;
    }

    // ---- the end ------------------------------------------------------------------------------------

    fn is_idle(&self) -> bool {
        self.links.is_empty() && self.setting.clock.now().0 - self.idle_since.0 > IDLE_MS
    }

    fn say_goodbye(&mut self, why: Bye) {
        for link in self.links.values_mut() {
            link.close(why, true);
        }
    }

    /// Nobody is connected: the room is emptied, the state stays stored.
    async fn put_away(&mut self) {
        self.mailbox.close();
        for peer in self.peers.by_device().values() {
            self.setting.media.disconnect(*peer).await;
        }
        // Whoever wrote before the mailbox closed is answered by the session's next task: their reply
        // channel closes, and the registry asks again.
    }
}

/// Compares without telling by its duration where two hashes differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
