//! A device's WebSocket (docs/PROTOCOL.md): commands up, each with how long its reply took; the view down.
//! It does not come back by itself: a dropped socket is a failure that the report should tell.

use crate::api::Device;
use anyhow::{Context, Result, anyhow, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Everything that is waited for comes within this time, or it is a failure.
pub const SOON: Duration = Duration::from_secs(20);
const PING: Duration = Duration::from_secs(10);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Asked = (String, Value, oneshot::Sender<Value>);

/// How long replies took, in microseconds, of the whole run.
pub type Replies = Arc<Mutex<crate::tally::Durations>>;

pub struct Line {
    view: watch::Receiver<Value>,
    /// Epoch milliseconds, by the server's clock, at the newest view.
    now: watch::Receiver<i64>,
    to: mpsc::Sender<Asked>,
    replies: Replies,
    count: u32,
}

struct Seen {
    view: watch::Sender<Value>,
    now: watch::Sender<i64>,
}

impl Line {
    /// Connects and waits for the welcome.
    pub async fn connect(base: &str, device: &Device, replies: Replies) -> Result<Self> {
        let address = base.replacen("http", "ws", 1);
        let mut request = format!("{address}/api/v1/devices/{}/ws", device.id).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "hejie.v1".parse()?);
        headers.insert("cookie", device.cookie.parse()?);
        let connecting = tokio_tungstenite::connect_async(request);
        let connected =
            tokio::time::timeout(SOON, connecting).await.context("the WebSocket took too long")?;
        let (mut socket, _) = connected.context("the WebSocket")?;
        socket.send(text(&json!({ "type": "hello", "resume": null }))).await?;
        let (view_to, view) = watch::channel(Value::Null);
        let (now_to, now) = watch::channel(0);
        let (to, orders) = mpsc::channel(16);
        let seen = Seen { view: view_to, now: now_to };
        tokio::spawn(serve(socket, seen, orders));
        let line = Self { view, now, to, replies, count: 0 };
        line.until("a welcome", |view| !view.is_null()).await?;
        Ok(line)
    }

    pub fn view(&self) -> Value {
        self.view.borrow().clone()
    }

    /// Seconds since 1970, as the server last told.
    pub fn seconds(&self) -> i64 {
        self.now.borrow().div_euclid(1_000)
    }

    /// Waits until the view fulfils `met`, and gives it.
    pub async fn until(&self, what: &str, met: impl Fn(&Value) -> bool) -> Result<Value> {
        let mut view = self.view.clone();
        match tokio::time::timeout(SOON, view.wait_for(|view| met(view))).await {
            Ok(Ok(view)) => Ok(view.clone()),
            Ok(Err(_)) => Err(anyhow!("the connection ended before {what}")),
            Err(_) => Err(anyhow!("{what} did not come within {SOON:?}")),
        }
    }

    pub async fn until_phase(&self, phase: &str) -> Result<Value> {
        self.until(phase, |view| view["phase"] == phase).await
    }

    /// Sends a command that has to be done; gives the result.
    pub async fn must(&mut self, command: Value) -> Result<Value> {
        let name = command["do"].as_str().unwrap_or("?").to_owned();
        let result =
            self.ask("command", json!({ "command": command })).await.with_context(|| name.clone())?;
        if result["is"] == "refused" {
            bail!("{name} was refused: {} {}", result["error"], result["detail"]);
        }
        Ok(result)
    }

    /// Offers a connection; gives the answer's SDP.
    pub async fn offer(&mut self, sdp: &str) -> Result<String> {
        let result = self.ask("offer", json!({ "sdp": sdp })).await.context("the offer")?;
        let answer = result["sdp"].as_str().map(str::to_owned);
        answer.ok_or_else(|| anyhow!("the offer was refused: {} {}", result["error"], result["detail"]))
    }

    async fn ask(&mut self, kind: &str, mut frame: Value) -> Result<Value> {
        self.count += 1;
        let id = format!("l{}", self.count);
        frame["type"] = kind.into();
        frame["id"] = id.clone().into();
        let (reply, answer) = oneshot::channel();
        let sent = Instant::now();
        self.to.send((id, frame, reply)).await.ok().context("the connection has ended")?;
        let answer = tokio::time::timeout(SOON, answer).await.context("no reply")?;
        let took = u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.replies.lock().unwrap_or_else(PoisonError::into_inner).record(took);
        answer.context("the connection ended before the reply")
    }
}

/// Until the line is dropped or the server ends it.
async fn serve(mut socket: Socket, seen: Seen, mut orders: mpsc::Receiver<Asked>) {
    let mut open: Vec<(String, oneshot::Sender<Value>)> = Vec::new();
    let mut ping = tokio::time::interval(PING);
    loop {
        tokio::select! {
            frame = socket.next() => {
                let Some(Ok(frame)) = frame else { return };
                let Message::Text(frame) = frame else { continue };
                let Ok(frame) = serde_json::from_str(&frame) else { return };
                take(frame, &seen, &mut open);
            }
            order = orders.recv() => {
                let Some((id, frame, reply)) = order else {
                    let _ = socket.close(None).await;
                    return;
                };
                open.push((id, reply));
                if socket.send(text(&frame)).await.is_err() {
                    return;
                }
            }
            _ = ping.tick() => {
                if socket.send(text(&json!({ "type": "ping" }))).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn take(mut frame: Value, seen: &Seen, open: &mut Vec<(String, oneshot::Sender<Value>)>) {
    if let Some(now) = frame["now"].as_i64() {
        seen.now.send_replace(now);
    }
    match frame["type"].as_str() {
        Some("welcome" | "view") => drop(seen.view.send_replace(frame["view"].take())),
        Some("reply") => {
            if let Some(at) = open.iter().position(|(id, _)| frame["id"] == *id) {
                let _ = open.swap_remove(at).1.send(frame["result"].take());
            }
        }
        _ => {}
    }
}

fn text(frame: &Value) -> Message {
    Message::text(frame.to_string())
}
