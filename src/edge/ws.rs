//! A device's WebSocket: frames in, events out. Holds no state of the session; the session's task does.
//!
//! What always holds: `hello` within two seconds; frames of at most 64 KiB; so many a second; a client
//! that doesn't read is cut; a malformed frame is answered once and counted, many of them end it.

use super::wire::{FromClient, FromServer, Resume};
use crate::clock::Clock;
use crate::ids::DeviceId;
use crate::session::drops::Cause;
use crate::session::event::{Answer, Bye, Refusal};
use crate::session::link::socket;
use crate::session::registry::Sessions;
use crate::session::routes::VIDEO_SLOTS;
use crate::session::task::Who;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

pub const SUBPROTOCOL: &str = "hejie.v1";
pub const MAX_FRAME: usize = 64 * 1024;
const MAX_COMMAND_ID: usize = 64;
const HELLO: Duration = Duration::from_secs(2);
/// A frame that takes longer to be written has no reader.
const WRITE: Duration = Duration::from_secs(10);
/// A client pings every 10 s; one that is silent for longer than this is gone.
const SILENCE: Duration = Duration::from_secs(35);
/// Frames a second, and how many may come at once.
const RATE: f64 = 20.0;
const BURST: f64 = 60.0;
const MAX_MALFORMED: u32 = 10;

/// Replies and pongs under way to the socket.
const REPLIES: usize = 32;

/// Serves one socket until either side ends it.
pub async fn serve(ws: WebSocket, sessions: Sessions, who: Who, device: DeviceId) {
    let (to_client, mut from_client) = ws.split();
    let hello = match timeout(HELLO, next(&mut from_client)).await {
        Ok(Some(Frame::Message(FromClient::Hello { resume }))) => resume,
        _ => {
            let mut to_client = to_client;
            let _ = send(&mut to_client, &FromServer::Bye { why: Bye::NoHello, again: true }).await;
            return;
        }
    };
    let (events, inbox) = socket();
    let resume = hello.map(|Resume { connection, seq }| (connection, seq));
    let (replies, reply_inbox) = mpsc::channel(REPLIES);
    let writer = tokio::spawn(write(to_client, inbox, reply_inbox));
    match sessions.attach(&who, &device, resume, events).await {
        Ok(Some(attachment)) => {
            let reader = Reader { sessions: &sessions, who: &who, device: &device, replies };
            let cause = reader.run(&mut from_client).await;
            sessions.detach(&who, device, attachment, cause).await;
        }
        Ok(None) => {}
        Err(error) => {
            tracing::info!(device.id = %device, %error, "a socket could not be attached");
            let _ = replies.send(FromServer::Bye { why: Bye::Restarting, again: true }).await;
        }
    }
    let _ = timeout(WRITE, writer).await;
}

/// What came over the socket.
enum Frame {
    Message(FromClient),
    Malformed,
    /// Larger than it may be, or no WebSocket frame at all: nothing after it can be read.
    Broken,
    Nothing,
    /// In due form.
    Closed,
}

async fn next(from: &mut SplitStream<WebSocket>) -> Option<Frame> {
    match from.next().await? {
        Ok(Message::Text(text)) if text.len() <= MAX_FRAME => {
            Some(serde_json::from_str(&text).map_or(Frame::Malformed, Frame::Message))
        }
        Ok(Message::Text(_) | Message::Binary(_)) => Some(Frame::Malformed),
        Ok(Message::Ping(_) | Message::Pong(_)) => Some(Frame::Nothing),
        Ok(Message::Close(_)) => Some(Frame::Closed),
        Err(_) => Some(Frame::Broken),
    }
}

struct Reader<'a> {
    sessions: &'a Sessions,
    who: &'a Who,
    device: &'a DeviceId,
    replies: mpsc::Sender<FromServer>,
}

impl Reader<'_> {
    /// One frame after the other, until the socket or the writer ends.
    async fn run(&self, from: &mut SplitStream<WebSocket>) -> Cause {
        let (mut rate, mut malformed) = (Rate::new(), 0);
        loop {
            let frame = tokio::select! {
                () = self.replies.closed() => return Cause::Network,
                frame = timeout(SILENCE, next(from)) => frame,
            };
            let Ok(Some(frame)) = frame else { return Cause::Network };
            if matches!(frame, Frame::Broken) {
                self.send_away();
                return Cause::Network;
            }
            if !rate.allows() {
                self.send_away();
                return Cause::Closed;
            }
            let reply = match frame {
                Frame::Message(message) => self.answer(message).await,
                Frame::Closed => return Cause::Closed,
                Frame::Nothing | Frame::Broken => continue,
                Frame::Malformed => {
                    malformed += 1;
                    Some(refused(String::new(), Refusal::Malformed, "not a frame of hejie.v1"))
                }
            };
            if malformed > MAX_MALFORMED {
                self.send_away();
                return Cause::Closed;
            }
            if let Some(reply) = reply
                && self.replies.try_send(reply).is_err()
            {
                return Cause::Network;
            }
        }
    }

    fn send_away(&self) {
        let _ = self.replies.try_send(FromServer::Bye { why: Bye::Abuse, again: false });
    }

    async fn answer(&self, message: FromClient) -> Option<FromServer> {
        Some(match message {
            FromClient::Ping => FromServer::Pong { now: self.clock().now() },
            FromClient::Hello { .. } => {
                refused(String::new(), Refusal::Malformed, "hello comes once, and first")
            }
            FromClient::Command { id, .. } | FromClient::Offer { id, .. }
                if id.is_empty() || id.len() > MAX_COMMAND_ID =>
            {
                refused(String::new(), Refusal::Malformed, "id: from 1 to 64 characters")
            }
            FromClient::Command { id, command } => {
                let result = self.sessions.command(self.who, self.device, id.clone(), command).await;
                FromServer::Reply { id, result }
            }
            FromClient::Offer { id, sdp, restart } => {
                let result = self.sessions.offer(self.who, self.device, sdp, restart).await;
                FromServer::Reply { id, result }
            }
            FromClient::Show { slots } if !are_slots(&slots) => {
                refused(String::new(), Refusal::Malformed, "slots: at most 8, from 0 to 7")
            }
            FromClient::Show { slots } => {
                self.sessions.sizes(self.who, self.device, slots).await;
                return None;
            }
        })
    }

    fn clock(&self) -> &Clock {
        &self.sessions.setting.clock
    }
}

/// Video slots that exist, and no more of them.
fn are_slots(slots: &[(u8, u16)]) -> bool {
    slots.len() <= usize::from(VIDEO_SLOTS) && slots.iter().all(|(slot, _)| *slot < VIDEO_SLOTS)
}

fn refused(id: String, error: Refusal, detail: &str) -> FromServer {
    FromServer::Reply { id, result: Answer::Refused { error, detail: detail.to_owned() } }
}

/// Writes events and replies until a `bye`, or until the session lets the socket go.
async fn write(
    mut to: SplitSink<WebSocket, Message>,
    mut events: mpsc::Receiver<FromServer>,
    mut replies: mpsc::Receiver<FromServer>,
) {
    let mut replying = true;
    loop {
        let message = tokio::select! {
            biased;
            event = events.recv() => match event {
                Some(event) => event,
                // The session let go; what the reader still had to say stands in the queue.
                None => match replies.try_recv() {
                    Ok(reply) => reply,
                    Err(_) => break,
                },
            },
            reply = replies.recv(), if replying => match reply {
                Some(reply) => reply,
                None => { replying = false; continue }
            },
        };
        let last = matches!(message, FromServer::Bye { .. });
        if !matches!(timeout(WRITE, send(&mut to, &message)).await, Ok(true)) {
            return;
        }
        if last {
            break;
        }
    }
    let _ = timeout(WRITE, to.close()).await;
}

async fn send(to: &mut SplitSink<WebSocket, Message>, message: &FromServer) -> bool {
    let text = serde_json::to_string(message).expect("the wire's types are JSON");
    to.send(Message::Text(Utf8Bytes::from(text))).await.is_ok()
}

/// A token bucket for one socket.
struct Rate {
    tokens: f64,
    at: Instant,
}

impl Rate {
    fn new() -> Self {
        Self { tokens: BURST, at: Instant::now() }
    }

    fn allows(&mut self) -> bool {
        let now = Instant::now();
        self.tokens = (self.tokens + now.duration_since(self.at).as_secs_f64() * RATE).min(BURST);
        self.at = now;
        let allowed = self.tokens >= 1.0;
        if allowed {
            self.tokens -= 1.0;
        }
        allowed
    }
}
