//! The same load on Janus's VideoRoom, over its WebSocket API: per person one publishing connection, and
//! one that subscribes to both others (multistream).

use anyhow::{Context, Result, anyhow, bail};
use futures_util::{SinkExt, StreamExt};
use hejie_load::media::{Connection, Inbox, Source};
use hejie_load::stamp::{Era, KINDS, Kind};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const SOON: Duration = Duration::from_secs(20);

/// A session of Janus's API. It is asked one thing at a time.
struct Session {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    id: Option<u64>,
    count: u64,
}

pub struct Person {
    pub source: Arc<Source>,
    pub inbox: Inbox,
    /// Kept open, so that Janus keeps the session; pings are answered by [`Room::keep_alive`].
    session: Session,
    connections: Vec<Connection>,
    feed: u64,
}

pub struct Room {
    pub people: Vec<Person>,
    era: Arc<AtomicU8>,
}

impl Session {
    async fn open(address: &str) -> Result<Self> {
        let mut request = address.into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", "janus-protocol".parse()?);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.context("Janus's WebSocket")?;
        let mut session = Self { socket, id: None, count: 0 };
        let made = session.ask(json!({ "janus": "create" })).await?;
        session.id = made["data"]["id"].as_u64();
        Ok(session)
    }

    /// A handle to the VideoRoom plugin.
    async fn attach(&mut self) -> Result<u64> {
        let made = self.ask(json!({ "janus": "attach", "plugin": "janus.plugin.videoroom" })).await?;
        made["data"]["id"].as_u64().context("a handle")
    }

    /// A request to the plugin; gives its answer, with the `jsep` if there is one.
    async fn request(&mut self, handle: u64, body: Value, jsep: Option<Value>) -> Result<Value> {
        let mut message = json!({ "janus": "message", "handle_id": handle, "body": body });
        if let Some(jsep) = jsep {
            message["jsep"] = jsep;
        }
        let answer = self.ask(message).await?;
        let data = &answer["plugindata"]["data"];
        if data["error_code"].is_u64() {
            bail!("Janus refused {body}: {}", data["error"]);
        }
        Ok(answer)
    }

    async fn ask(&mut self, mut message: Value) -> Result<Value> {
        self.count += 1;
        let transaction = format!("t{}", self.count);
        message["transaction"] = transaction.clone().into();
        if let Some(id) = self.id {
            message["session_id"] = id.into();
        }
        self.socket.send(Message::text(message.to_string())).await?;
        let only_ack = message["janus"] == "keepalive";
        let answer = async {
            loop {
                let frame = self.socket.next().await.context("Janus hung up")??;
                let Message::Text(frame) = frame else { continue };
                let frame: Value = serde_json::from_str(&frame)?;
                match frame["janus"].as_str() {
                    _ if frame["transaction"] != transaction => {}
                    Some("ack") if !only_ack => {}
                    Some("error") => bail!("Janus: {}", frame["error"]),
                    _ => return Ok(frame),
                }
            }
        };
        tokio::time::timeout(SOON, answer).await.map_err(|_| anyhow!("no answer from Janus to {message}"))?
    }
}

fn jsep(kind: &str, sdp: &str) -> Option<Value> {
    Some(json!({ "type": kind, "sdp": sdp }))
}

fn sdp(answer: &Value) -> Result<&str> {
    answer["jsep"]["sdp"].as_str().context("an SDP")
}

impl Room {
    /// Three people who publish, and then subscribe to each other.
    pub async fn gather(address: &str, addresses: &[IpAddr], number: u16) -> Result<Self> {
        let era = Arc::new(AtomicU8::new(Era::Other as u8));
        let id = 1_000 + u64::from(number);
        let mut room = Self { people: Vec::new(), era };
        for person in 0..3u8 {
            let mut session = Session::open(address).await?;
            let handle = session.attach().await?;
            if person == 0 {
                let create = json!({
                    "request": "create", "room": id, "publishers": 3, "audiocodec": "opus", "videocodec": "vp8",
                });
                session.request(handle, create, None).await?;
            }
            let source = Source::new(number, person, room.era.clone());
            let joined = room.publish(session, handle, id, source, addresses).await;
            joined.with_context(|| format!("publisher {person}"))?;
        }
        let feeds: Vec<u64> = room.people.iter().map(|person| person.feed).collect();
        for (at, person) in room.people.iter_mut().enumerate() {
            let others = feeds.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, feed)| *feed);
            person.subscribe(id, others, addresses).await.with_context(|| format!("subscriber {at}"))?;
        }
        room.everyone_gets_everyone().await?;
        Ok(room)
    }

    async fn publish(
        &mut self,
        mut session: Session,
        handle: u64,
        room: u64,
        source: Arc<Source>,
        addresses: &[IpAddr],
    ) -> Result<()> {
        let join = json!({ "request": "join", "ptype": "publisher", "room": room });
        let joined = session.request(handle, join, None).await?;
        let feed = joined["plugindata"]["data"]["id"].as_u64().context("a feed")?;
        let inbox = Inbox::new(source.room);
        let connection = Connection::new(addresses, &inbox).await?;
        let tracks = connection.send(&source, &[Kind::Sound, Kind::Pictures]).await?;
        let [sound, pictures] = &tracks[..] else { bail!("two tracks") };
        connection.offer().await?;
        let offer = connection.described().await?;
        let publish = json!({ "request": "publish" });
        let answer = session.request(handle, publish, jsep("offer", &offer)).await?;
        connection.accept(sdp(&answer)?).await?;
        connection.connected(SOON).await?;
        connection.play(&source, sound, pictures);
        self.people.push(Person { source, inbox, session, connections: vec![connection], feed });
        Ok(())
    }

    async fn everyone_gets_everyone(&self) -> Result<()> {
        let deadline = Instant::now() + SOON;
        for to in &self.people {
            for from in self.people.iter().filter(|from| from.feed != to.feed) {
                let sender = from.source.person;
                while !KINDS.iter().all(|kind| to.inbox.tally().first_at(sender, *kind).is_some()) {
                    if Instant::now() > deadline {
                        bail!("person {} got nothing of person {sender}", to.source.person);
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
        Ok(())
    }

    pub fn set_era(&self, era: Era) {
        self.era.store(era as u8, Ordering::SeqCst);
    }

    /// Janus ends sessions from which nothing comes for a minute.
    pub async fn keep_alive(&mut self) -> Result<()> {
        for person in &mut self.people {
            person.session.ask(json!({ "janus": "keepalive" })).await?;
        }
        Ok(())
    }

    pub async fn close(&self) {
        for connection in self.people.iter().flat_map(|person| &person.connections) {
            connection.close().await;
        }
    }
}

impl Person {
    async fn subscribe(
        &mut self,
        room: u64,
        feeds: impl Iterator<Item = u64>,
        addresses: &[IpAddr],
    ) -> Result<()> {
        let session = &mut self.session;
        let handle = session.attach().await?;
        let streams: Vec<Value> = feeds.map(|feed| json!({ "feed": feed })).collect();
        let join = json!({ "request": "join", "ptype": "subscriber", "room": room, "streams": streams });
        let offered = session.request(handle, join, None).await?;
        let connection = Connection::new(addresses, &self.inbox).await?;
        connection.answer(sdp(&offered)?).await?;
        let answer = connection.described().await?;
        session.request(handle, json!({ "request": "start" }), jsep("answer", &answer)).await?;
        connection.connected(SOON).await?;
        self.connections.push(connection);
        Ok(())
    }
}
