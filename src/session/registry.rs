//! All sessions of this process: finds the one that is meant, wakes it from the store if it sleeps.

use super::command::Command;
use super::door::{self, Guest, Joined, Joining, Presiding};
use super::drops::Cause;
use super::event::{Answer, Refusal};
use super::floor::Showing;
use super::keep;
use super::records::{self, RecordError};
use super::setting::Setting;
use super::state::{Document, Facts};
use super::step::Refused;
use super::task::{Attach, Look, Message, Task, Who};
use crate::ids::{DeviceId, DocumentId, SessionId, StaffId};
use crate::token;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use tokio::sync::{OnceCell, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Messages that may wait for a session.
const MAILBOX: usize = 128;
/// How often a message that met a session being put away is sent again.
const TRIES: usize = 3;

/// Why a session can't be asked.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// There is none of this id, link or device.
    #[error("there is no such session")]
    Unknown,
    /// Too many sessions, or too many messages waiting; try again.
    #[error("too busy")]
    Busy,
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The store failed; try again.
    #[error(transparent)]
    Records(#[from] RecordError),
}

/// A new session.
#[derive(Debug)]
pub struct Opened {
    pub session: SessionId,
    /// The mediator's device, if it was opened from one.
    pub joined: Option<Joined>,
    /// One [`Answer::Invited`] for each guest.
    pub links: Vec<Answer>,
}

type Running = Arc<OnceCell<mpsc::Sender<Message>>>;

/// A handle to all sessions, cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    pub setting: Arc<Setting>,
    running: Arc<Mutex<HashMap<SessionId, Running>>>,
    tasks: TaskTracker,
    cancel: CancellationToken,
}

impl Sessions {
    pub fn new(setting: Arc<Setting>, tasks: TaskTracker, cancel: CancellationToken) -> Self {
        Self { setting, running: Arc::default(), tasks, cancel }
    }

    /// How many are in memory.
    pub fn running(&self) -> usize {
        self.running.lock().expect("no panic under this lock").len()
    }

    /// Opens a session on a complaint, from the mediator's browser or without any, and invites guests.
    pub async fn open(
        &self,
        facts: Facts,
        presiding: Presiding,
        joining: Option<Joining>,
        guests: Vec<Guest>,
    ) -> Result<Opened, SessionError> {
        let anchor = self.setting.anchor();
        let context = self.setting.context(self.setting.clock.now(), anchor.as_ref());
        let id = SessionId::random(&self.setting.random);
        let mut step = door::open(id.clone(), facts, presiding, &context);
        let joined = joining.map(|joining| step.preside(joining)).transpose()?;
        let links = guests.into_iter().map(|guest| step.invite(guest)).collect::<Result<_, _>>()?;
        step.finish();
        keep::keep_new(&self.setting, &step.state, &step.effects).await?;
        Ok(Opened { session: id, joined, links })
    }

    /// What a link leads to, without using it.
    pub async fn look(&self, token: &str) -> Result<Look, SessionError> {
        let token_hash = token::hash(token);
        let session = self.of_link(&token_hash).await?;
        self.ask(&session, |reply| Message::Look { token_hash: token_hash.clone(), reply })
            .await?
            .ok_or(SessionError::Unknown)
    }

    pub async fn join(&self, token: &str, again: bool, joining: Joining) -> Result<Joined, SessionError> {
        let token_hash = token::hash(token);
        let session = self.of_link(&token_hash).await?;
        let joining = Box::new(joining);
        let message =
            |reply| Message::Join { token_hash: token_hash.clone(), again, joining: joining.clone(), reply };
        Ok(self.ask(&session, message).await??)
    }

    /// Makes a link in the presiding account's name; the answer is [`Answer::Invited`].
    pub async fn invite(
        &self,
        session: &SessionId,
        staff: &StaffId,
        guest: Guest,
    ) -> Result<Answer, SessionError> {
        let message = |reply| Message::Invite { staff: staff.clone(), guest: guest.clone(), reply };
        Ok(self.ask(session, message).await??)
    }

    /// The presiding account comes (back) from a browser.
    pub async fn enter(
        &self,
        session: &SessionId,
        staff: StaffId,
        joining: Joining,
    ) -> Result<Joined, SessionError> {
        let joining = Box::new(joining);
        let message = |reply| Message::Enter { staff: staff.clone(), joining: joining.clone(), reply };
        Ok(self.ask(session, message).await??)
    }

    /// Whose device this is, if the secret is its cookie's.
    pub async fn who(&self, device: &DeviceId, secret: &str) -> Result<Who, SessionError> {
        let session = self.of_device(device).await?;
        let secret_hash = token::hash(secret);
        let message =
            |reply| Message::Who { device: device.clone(), secret_hash: secret_hash.clone(), reply };
        self.ask(&session, message).await?.ok_or(SessionError::Unknown)
    }

    /// Connects a socket; gives the number to detach it by, or nothing if the device is out.
    pub async fn attach(
        &self,
        who: &Who,
        device: &DeviceId,
        resume: Option<(String, u64)>,
        socket: mpsc::Sender<super::event::Event>,
    ) -> Result<Option<u64>, SessionError> {
        let message = |reply| {
            Message::Attach(Attach {
                device: device.clone(),
                resume: resume.clone(),
                socket: socket.clone(),
                reply,
            })
        };
        self.ask(&who.session, message).await
    }

    /// A socket is gone. Lost only if the session is gone too.
    pub async fn detach(&self, who: &Who, device: DeviceId, attachment: u64, cause: Cause) {
        if let Ok(mailbox) = self.mailbox(&who.session).await {
            let _ = mailbox.send(Message::Detach { device, attachment, cause }).await;
        }
    }

    pub async fn command(&self, who: &Who, device: &DeviceId, id: String, command: Command) -> Answer {
        let message = |reply| Message::Command {
            device: device.clone(),
            id: id.clone(),
            command: command.clone(),
            reply,
        };
        self.ask(&who.session, message).await.unwrap_or_else(unavailable)
    }

    /// Stops a session for the day in the name of its mediator's device; nothing if it is over already.
    pub async fn adjourn(&self, session: &SessionId, device: &DeviceId) {
        let command = Command::Adjourn { reason: String::new(), next_at: None };
        let message = |reply| Message::Command {
            device: device.clone(),
            id: "server-adjourns".to_owned(),
            command: command.clone(),
            reply,
        };
        if let Err(error) = self.ask(session, message).await {
            tracing::warn!(session.id = %session, %error, "a session could not be adjourned");
        }
    }

    pub async fn offer(&self, who: &Who, device: &DeviceId, sdp: String, restart: bool) -> Answer {
        let message = |reply| Message::Offer { device: device.clone(), sdp: sdp.clone(), restart, reply };
        self.ask(&who.session, message).await.unwrap_or_else(unavailable)
    }

    /// A device shows its video slots at these heights.
    pub async fn sizes(&self, who: &Who, device: &DeviceId, slots: Vec<(u8, u16)>) {
        if let Ok(mailbox) = self.mailbox(&who.session).await {
            let _ = mailbox.send(Message::Sizes { device: device.clone(), slots }).await;
        }
    }

    /// Shows a document to the room that the device is in.
    pub async fn show(
        &self,
        who: &Who,
        device: &DeviceId,
        showing: Showing,
        body: Bytes,
    ) -> Result<DocumentId, SessionError> {
        let message = |reply| Message::Show {
            device: device.clone(),
            showing: showing.clone(),
            body: body.clone(),
            reply,
        };
        Ok(self.ask(&who.session, message).await??)
    }

    /// A document that this device's person may see, and its bytes.
    pub async fn document(
        &self,
        who: &Who,
        device: &DeviceId,
        document: &DocumentId,
    ) -> Result<(Document, Vec<u8>), SessionError> {
        let message = |reply| Message::Document { device: device.clone(), document: document.clone(), reply };
        let found = self.ask(&who.session, message).await?.map_err(Refused::from)?;
        let body = records::document_body(&self.setting.store, document).await?;
        Ok((found, body.ok_or(SessionError::Unknown)?))
    }

    // ---- finding the task --------------------------------------------------------------------------

    async fn of_link(&self, token_hash: &str) -> Result<SessionId, SessionError> {
        records::session_of_link(&self.setting.store, token_hash).await?.ok_or(SessionError::Unknown)
    }

    async fn of_device(&self, device: &DeviceId) -> Result<SessionId, SessionError> {
        records::session_of_device(&self.setting.store, device).await?.ok_or(SessionError::Unknown)
    }

    /// Sends a message and waits for its answer; a session that is just being put away is woken again.
    async fn ask<T>(
        &self,
        session: &SessionId,
        message: impl Fn(oneshot::Sender<T>) -> Message,
    ) -> Result<T, SessionError> {
        for _ in 0..TRIES {
            let mailbox = self.mailbox(session).await?;
            let (reply, answer) = oneshot::channel();
            if mailbox.send(message(reply)).await.is_ok()
                && let Ok(answer) = answer.await
            {
                return Ok(answer);
            }
            self.forget(session, &mailbox);
            if self.cancel.is_cancelled() {
                break;
            }
        }
        Err(SessionError::Busy)
    }

    async fn mailbox(&self, session: &SessionId) -> Result<mpsc::Sender<Message>, SessionError> {
        let cell = {
            let mut running = self.running.lock().expect("no panic under this lock");
            if running.len() >= self.setting.max_sessions && !running.contains_key(session) {
                running.retain(|_, cell| cell.get().is_some_and(|mailbox| !mailbox.is_closed()));
                if running.len() >= self.setting.max_sessions {
                    return Err(SessionError::Busy);
                }
            }
            running.entry(session.clone()).or_default().clone()
        };
        let woken = cell.get_or_try_init(|| self.wake(session)).await.cloned();
        if woken.is_err() {
            self.running.lock().expect("no panic under this lock").remove(session);
        }
        woken
    }

    /// Loads a session and starts its task.
    async fn wake(&self, session: &SessionId) -> Result<mpsc::Sender<Message>, SessionError> {
        let claimed = records::claim(&self.setting.store, session).await?;
        let (state, epoch) = claimed.ok_or(SessionError::Unknown)?;
        let (mailbox, inbox) = mpsc::channel(MAILBOX);
        let task = Task::new(
            self.setting.clone(),
            state,
            epoch,
            mailbox.downgrade(),
            inbox,
            self.cancel.child_token(),
        );
        self.tasks.spawn(task.run());
        Ok(mailbox)
    }

    fn forget(&self, session: &SessionId, stale: &mpsc::Sender<Message>) {
        let mut running = self.running.lock().expect("no panic under this lock");
        let is_stale = |cell: &Running| cell.get().is_some_and(|mailbox| mailbox.same_channel(stale));
        if running.get(session).is_some_and(is_stale) {
            running.remove(session);
        }
    }
}

fn unavailable(error: SessionError) -> Answer {
    Answer::Refused { error: Refusal::Unavailable, detail: error.to_string() }
}
