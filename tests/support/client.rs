//! A device in a session, over the real protocol: a WebSocket that comes back by itself, commands that
//! are sent again until they are answered, and media by [`Participant`]. It obeys the protocol as our
//! pages do, and can be told not to.
//!
//! `#[path = "support/client.rs"] mod client;` beside `mod support;`.
#![allow(dead_code, reason = "each test file uses a part")]

#[path = "peer.rs"]
pub mod peer;

use crate::support::app::{Browser, complaint};
use futures_util::{SinkExt, StreamExt};
use hejie::clock::Time;
use hejie::complaint::ground_rules;
use hejie::edge::wire::{FromClient, FromServer, Resume};
use hejie::ids::{DeviceId, PersonId, SessionId};
use hejie::media::Quality;
use hejie::random::Random;
use hejie::session::command::Command;
use hejie::session::event::{Answer, Bye, Refusal};
use hejie::session::party::{IdentityCheck, Language, Role, Surface};
use hejie::session::phase::Phase;
use hejie::session::view::{ChatLine, Place, View};
use hejie::settlement::terms::{Performer, Term, TermKind};
use hejie::signing::envelope;
use hejie::signing::keys::Es256Key;
use peer::{Participant, Slot};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Everything that is waited for comes within this time, or the test fails.
pub const SOON: Duration = Duration::from_secs(10);
/// Between attempts to come back.
const AGAIN: Duration = Duration::from_millis(100);
const PING: Duration = Duration::from_secs(10);

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Who a device is, and what it proves that with.
#[derive(Clone)]
pub struct Identity {
    /// `http://host:port`
    pub base: String,
    pub device: DeviceId,
    pub person: PersonId,
    pub session: SessionId,
    /// `hejie_device=…`
    pub cookie: String,
    pub key: Es256Key,
}

/// All that a device was sent so far.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub up: bool,
    pub connection: Option<String>,
    pub seq: u64,
    /// Sequence numbers that were not the next.
    pub gaps: u32,
    pub view: Option<View>,
    pub chat: Vec<ChatLine>,
    pub now: Option<Time>,
    /// Whether each welcome resumed.
    pub welcomes: Vec<bool>,
    pub byes: Vec<(Bye, bool)>,
    pub answers: HashMap<String, Answer>,
    /// How good the lines are: one's own (of nobody), and others'.
    pub lines: HashMap<Option<PersonId>, Quality>,
    /// Every frame as it came, to search for what should not be there.
    pub frames: Vec<String>,
}

enum Do {
    Send(FromClient),
    Raw(Message),
    /// Tears the socket, without a word.
    Tear,
    ComeBack,
    Stop,
}

/// A device that is (or tries to be) connected.
pub struct Client {
    pub id: Identity,
    seen: watch::Receiver<Seen>,
    to: mpsc::UnboundedSender<Do>,
    pub media: Option<Participant>,
    commands: u64,
}

impl Identity {
    /// From the answer to joining, opening or entering.
    pub async fn of(base: &str, key: Es256Key, response: Response) -> Self {
        assert_eq!(response.status(), 201, "joined");
        let set = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        let body: Value = response.json().await.unwrap();
        let device: DeviceId = body["device"].as_str().unwrap().parse().unwrap();
        assert!(set.contains(&format!("; Path=/api/v1/devices/{device};")), "{set}");
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
        Self {
            base: base.to_owned(),
            device,
            person: body["person"].as_str().unwrap().parse().unwrap(),
            session: body["session"].as_str().unwrap().parse().unwrap(),
            cookie: set.split(';').next().unwrap().to_owned(),
            key,
        }
    }

    /// The device's own address, and what is below it.
    pub fn path(&self, below: &str) -> String {
        format!("/api/v1/devices/{}{below}", self.device)
    }

    /// A request with this device's cookie, as its page sends it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        reqwest::Client::new()
            .request(method, format!("{}{path}", self.base))
            .header("x-hejie", "1")
            .header("origin", &self.base)
            .header("cookie", &self.cookie)
    }

    pub async fn get(&self, below: &str) -> Response {
        self.request(Method::GET, &self.path(below)).send().await.expect("the server answers")
    }

    pub async fn upload(&self, name: &str, body: Vec<u8>) -> Response {
        let path = format!("{}?name={name}", self.path("/documents"));
        self.request(Method::POST, &path).body(body).send().await.expect("the server answers")
    }

    /// A bare socket, nothing said yet.
    pub async fn socket(&self) -> Result<Socket, tungstenite::Error> {
        self.socket_as(Some(&self.cookie), &self.base).await
    }

    pub async fn socket_as(&self, cookie: Option<&str>, origin: &str) -> Result<Socket, tungstenite::Error> {
        let address = format!("{}{}", self.base.replace("http://", "ws://"), self.path("/ws"));
        let mut request = address.into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("origin", origin.parse().unwrap());
        headers.insert("sec-websocket-protocol", "hejie.v1".parse().unwrap());
        if let Some(cookie) = cookie {
            headers.insert("cookie", cookie.parse().unwrap());
        }
        Ok(tokio_tungstenite::connect_async(request).await?.0)
    }
}

// ---- the client's own task ---------------------------------------------------------------------------

struct Line {
    id: Identity,
    seen: watch::Sender<Seen>,
    orders: mpsc::UnboundedReceiver<Do>,
    /// Sent and not answered: sent again after every welcome.
    open: Vec<FromClient>,
    away: bool,
}

enum End {
    Lost,
    Over,
}

impl Line {
    async fn run(mut self) {
        loop {
            while self.away {
                match self.orders.recv().await {
                    Some(Do::ComeBack) => self.away = false,
                    Some(Do::Send(frame)) => self.open.push(frame),
                    Some(Do::Raw(_) | Do::Tear) => {}
                    Some(Do::Stop) | None => return,
                }
            }
            let end = match self.id.socket().await {
                Ok(socket) => self.serve(socket).await,
                Err(_) => End::Lost,
            };
            self.seen.send_modify(|seen| seen.up = false);
            match end {
                End::Over => return,
                End::Lost => tokio::time::sleep(AGAIN).await,
            }
        }
    }

    async fn serve(&mut self, mut socket: Socket) -> End {
        let resume = {
            let seen = self.seen.borrow();
            seen.connection.clone().map(|connection| Resume { connection, seq: seen.seq })
        };
        if socket.send(text(&FromClient::Hello { resume })).await.is_err() {
            return End::Lost;
        }
        let mut ping = tokio::time::interval(PING);
        loop {
            tokio::select! {
                frame = socket.next() => match frame {
                    Some(Ok(Message::Text(frame))) => {
                        let event: FromServer = serde_json::from_str(&frame).expect("a frame of hejie.v1");
                        let welcomed = matches!(event, FromServer::Welcome { .. });
                        let over = matches!(event, FromServer::Bye { again: false, .. });
                        self.take(event, frame.to_string());
                        if over {
                            return End::Over;
                        }
                        if welcomed {
                            for frame in self.open.clone() {
                                let _ = socket.send(text(&frame)).await;
                            }
                        }
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return End::Lost,
                },
                order = self.orders.recv() => match order {
                    Some(Do::Send(frame)) => {
                        let _ = socket.send(text(&frame)).await;
                        self.open.push(frame);
                    }
                    Some(Do::Raw(message)) => { let _ = socket.send(message).await; }
                    Some(Do::Tear) => { self.away = true; return End::Lost }
                    Some(Do::ComeBack) => {}
                    Some(Do::Stop) | None => { let _ = socket.close(None).await; return End::Over }
                },
                _ = ping.tick() => { let _ = socket.send(text(&FromClient::Ping)).await; }
            }
        }
    }

    fn take(&mut self, event: FromServer, frame: String) {
        if let FromServer::Reply { id, .. } = &event {
            self.open.retain(|open| {
                !matches!(open,
                FromClient::Command { id: known, .. } | FromClient::Offer { id: known, .. } if known == id)
            });
        }
        self.seen.send_modify(|seen| {
            seen.frames.push(frame);
            seen.take(event);
        });
    }
}

impl Seen {
    fn take(&mut self, event: FromServer) {
        match event {
            FromServer::Welcome { connection, resumed, seq, now, view, chat, .. } => {
                self.up = true;
                self.now = Some(now);
                self.welcomes.push(resumed);
                if resumed {
                    assert_eq!(Some(&connection), self.connection.as_ref(), "the connection asked for");
                    assert_eq!(seq, self.seq, "resumed where it was");
                } else {
                    (self.connection, self.seq, self.chat) = (Some(connection), seq, chat);
                    self.view = view.map(|view| *view);
                }
            }
            FromServer::View { seq, now, view } => {
                self.next(seq);
                self.now = Some(now);
                self.view = Some(*view);
            }
            FromServer::Chat { seq, line } => {
                self.next(seq);
                self.chat.push(line);
            }
            FromServer::Reply { id, result } => {
                self.answers.insert(id, result);
            }
            FromServer::Pong { now } => self.now = Some(now),
            FromServer::Line { quality, of } => drop(self.lines.insert(of, quality)),
            FromServer::Echo { .. } => {}
            FromServer::Bye { why, again } => self.byes.push((why, again)),
        }
    }

    fn next(&mut self, seq: u64) {
        self.gaps += u32::from(seq != self.seq + 1);
        self.seq = seq;
    }

    pub fn view(&self) -> &View {
        self.view.as_ref().expect("a view")
    }

    pub fn said(&self) -> Vec<&str> {
        self.chat.iter().map(|line| line.text.as_str()).collect()
    }
}

pub fn text(frame: &FromClient) -> Message {
    Message::text(serde_json::to_string(frame).unwrap())
}

/// The next frame of a bare socket; nothing once it is closed.
pub async fn next<S>(socket: &mut WebSocketStream<S>) -> Option<FromServer>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let next = async {
        loop {
            match socket.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).expect("of hejie.v1")),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    };
    tokio::time::timeout(SOON, next).await.expect("a frame or the end, soon")
}

// ---- what tests say to it ------------------------------------------------------------------------------

impl Client {
    /// Connects, and waits for the welcome.
    pub async fn connect(id: Identity) -> Self {
        let (seen_to, seen) = watch::channel(Seen::default());
        let (to, orders) = mpsc::unbounded_channel();
        let line = Line { id: id.clone(), seen: seen_to, orders, open: Vec::new(), away: false };
        tokio::spawn(line.run());
        let client = Self { id, seen, to, media: None, commands: 0 };
        client.until("a welcome", |seen| seen.up).await;
        client
    }

    /// Says hello, and gives the goodbye that is the answer, if it is one.
    pub async fn connect_to_bye(id: Identity) -> Option<Bye> {
        let mut socket = id.socket().await.expect("a socket");
        socket.send(text(&FromClient::Hello { resume: None })).await.expect("sent");
        match next(&mut socket).await? {
            FromServer::Bye { why, .. } => Some(why),
            _ => None,
        }
    }

    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    pub fn view(&self) -> View {
        self.seen.borrow().view().clone()
    }

    pub fn phase(&self) -> Phase {
        self.seen.borrow().view().phase
    }

    /// Waits until what was seen fulfils `met`.
    #[track_caller]
    pub fn until<'a>(
        &'a self,
        what: &'a str,
        met: impl Fn(&Seen) -> bool + 'a,
    ) -> impl Future<Output = Seen> + 'a {
        let place = std::panic::Location::caller();
        async move {
            let mut seen = self.seen.clone();
            let found = tokio::time::timeout(SOON, seen.wait_for(|seen| met(seen))).await;
            if let Ok(Ok(found)) = found {
                return found.clone();
            }
            let seen = self.seen.borrow();
            if met(&seen) {
                return seen.clone();
            }
            panic!(
                "{place}: {what} did not come; view {:#?}, byes {:?}, up {}",
                seen.view, seen.byes, seen.up
            )
        }
    }

    #[track_caller]
    pub fn until_view<'a>(
        &'a self,
        what: &'a str,
        met: impl Fn(&View) -> bool + 'a,
    ) -> impl Future<Output = Seen> + 'a {
        self.until(what, move |seen| seen.up && seen.view.as_ref().is_some_and(&met))
    }

    #[track_caller]
    pub fn until_phase(&self, phase: Phase) -> impl Future<Output = Seen> + '_ {
        self.until_view("the phase", move |view| view.phase == phase)
    }

    /// Waits until the server said goodbye.
    pub async fn until_bye(&self, why: Bye) {
        self.until("a goodbye", |seen| seen.byes.iter().any(|(said, _)| *said == why)).await;
    }

    /// Sends a command and doesn't wait; gives its id.
    pub fn send(&mut self, command: Command) -> String {
        self.commands += 1;
        let id = format!("c{}", self.commands);
        self.send_as(&id, command);
        id
    }

    pub fn send_as(&self, id: &str, command: Command) {
        let _ = self.to.send(Do::Send(FromClient::Command { id: id.to_owned(), command }));
    }

    pub fn send_raw(&self, message: Message) {
        let _ = self.to.send(Do::Raw(message));
    }

    pub async fn answer(&self, id: &str) -> Answer {
        let seen = self.until("an answer", |seen| seen.answers.contains_key(id)).await;
        seen.answers[id].clone()
    }

    pub async fn ask(&mut self, command: Command) -> Answer {
        let id = self.send(command);
        self.answer(&id).await
    }

    /// Asks for something that has to be done.
    pub async fn must(&mut self, command: Command) -> Answer {
        let name = command.name();
        match self.ask(command).await {
            Answer::Refused { error, detail } => panic!("{name}: {error:?} {detail}"),
            answer => answer,
        }
    }

    /// Asks for something that has to be refused, and says why it was.
    pub async fn refused(&mut self, command: Command) -> Refusal {
        let name = command.name();
        match self.ask(command).await {
            Answer::Refused { error, .. } => error,
            answer => panic!("{name} was not refused: {answer:?}"),
        }
    }

    pub async fn say(&mut self, said: &str) {
        self.must(Command::Say { text: said.into() }).await;
    }

    /// Drops the socket without a word and stays away.
    pub async fn tear(&self) {
        let _ = self.to.send(Do::Tear);
        self.until("the end of the socket", |seen| !seen.up).await;
    }

    pub async fn come_back(&self) {
        let before = self.seen.borrow().welcomes.len();
        let _ = self.to.send(Do::ComeBack);
        self.until("a welcome", move |seen| seen.up && seen.welcomes.len() > before).await;
    }

    /// Ends the connection as a closed page does.
    pub fn stop(&self) {
        let _ = self.to.send(Do::Stop);
    }

    // ---- media -------------------------------------------------------------------------------------

    /// Negotiates sound and pictures, and sends them from now on, marked with `mark`.
    pub async fn open_media(&mut self, mark: u8) {
        let participant = Participant::new(mark).await;
        self.commands += 1;
        let id = format!("offer{}", self.commands);
        let _ = self.to.send(Do::Send(FromClient::Offer {
            id: id.clone(),
            sdp: participant.offer(),
            restart: false,
        }));
        let Answer::Answer { sdp } = self.answer(&id).await else { panic!("no answer to the offer") };
        participant.accept(&sdp).await;
        participant.send_microphone_and_camera();
        self.media = Some(participant);
    }

    pub fn media(&self) -> &Participant {
        self.media.as_ref().expect("media")
    }

    pub fn seat(&self) -> usize {
        let view = self.view();
        usize::from(view.people.iter().find(|p| p.person == view.me.person).expect("a seat").seat)
    }

    /// Packets of `other` that came in exactly the slots of its seat, sound and camera.
    pub fn received_from(&self, other: &Self) -> (u64, u64) {
        let (me, seat) = (self.seat(), other.seat());
        let slot = if seat < me { seat } else { seat - 1 };
        let mark = other.media().mark();
        let count = |slot| self.media().received(slot).from.get(&mark).copied().unwrap_or(0);
        (count(Slot::Audio(slot)), count(Slot::Video(slot)))
    }

    // ---- terms and signatures -------------------------------------------------------------------------

    /// Agrees to the newest version, as shown.
    pub async fn assent(&mut self) -> Answer {
        let draft = self.view().draft.expect("a draft");
        let newest = draft.versions.last().expect("a proposed version");
        let (version, hash) = (newest.version, newest.hash.clone());
        self.ask(Command::Assent { version, hash }).await
    }

    /// The command that signs what this device was shown.
    pub fn signature(&self) -> Command {
        self.signature_by(&self.id.key)
    }

    pub fn signature_by(&self, key: &Es256Key) -> Command {
        let seen = self.seen();
        let view = seen.view();
        let signing = view.signing.as_ref().expect("a ceremony");
        let header = json!({
            "alg": "ES256", "iat": seen.now.unwrap().seconds(), "jh": signing.journal, "jwk": key.jwk(),
            "kid": key.kid(), "role": view.me.role.as_str(), "typ": envelope::TYP,
        });
        let signed = envelope::sign(&header, &signing.payload, key);
        let (protected, signature) = (signed.protected, signed.signature);
        Command::Sign { version: signing.version, protected, signature }
    }

    pub async fn sign(&mut self) -> Answer {
        let command = self.signature();
        self.ask(command).await
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.to.send(Do::Stop);
    }
}

// ---- three people ----------------------------------------------------------------------------------------

/// Mediator, consumer and merchant in one session.
pub struct Mediation {
    pub staff: Browser,
    pub complaint: String,
    pub mediator: Client,
    pub consumer: Client,
    pub merchant: Client,
}

/// How somebody joins.
#[derive(Clone, Copy)]
pub struct Joining {
    pub publication: bool,
    pub again: bool,
}

pub const AGREES: Joining = Joining { publication: true, again: false };

impl Mediation {
    /// A complaint registered, a session opened on it; the mediator is in.
    pub async fn open(base: &str, staff: Browser) -> (Browser, String, Client) {
        let made = staff.post("/api/v1/complaints", &complaint()).await;
        assert_eq!(made.status(), 201);
        let made: Value = made.json().await.unwrap();
        let id = made["id"].as_str().or(made["complaint"].as_str()).expect("an id").to_owned();
        let key = Es256Key::generate(&Random::os());
        let presenting = json!({ "jwk": key.jwk(), "language": "zh" });
        let opened = staff.post(&format!("/api/v1/complaints/{id}/sessions"), &presenting).await;
        let identity = Identity::of(base, key, opened).await;
        (staff, id, Client::connect(identity).await)
    }

    /// Everyone in the joint room, without media.
    pub async fn joint(base: &str, staff: Browser) -> Self {
        Self::joint_as(base, staff, [AGREES, AGREES]).await
    }

    /// The same; `joining` of consumer and merchant.
    pub async fn joint_as(base: &str, staff: Browser, joining: [Joining; 2]) -> Self {
        let (staff, complaint, mut mediator) = Self::open(base, staff).await;
        let consumer = bring(&mut mediator, Role::Consumer, "王小明", joining[0]).await;
        let merchant = bring(&mut mediator, Role::Merchant, "陈店长", joining[1]).await;
        for client in [&mediator, &consumer, &merchant] {
            client.until_view("three people", |v| v.people.len() == 3 && v.phase == Phase::Joint).await;
        }
        Self { staff, complaint, mediator, consumer, merchant }
    }

    /// Everyone hears and sees everyone; marks 1, 2, 3.
    pub async fn open_media(&mut self) {
        self.mediator.open_media(1).await;
        self.consumer.open_media(2).await;
        self.merchant.open_media(3).await;
        self.media_flows().await;
    }

    pub fn clients(&self) -> [&Client; 3] {
        [&self.mediator, &self.consumer, &self.merchant]
    }

    /// Waits until everyone gets sound and pictures of both others, in the slots of their seats.
    pub async fn media_flows(&self) {
        for to in self.clients() {
            for from in self.clients() {
                if to.id.person != from.id.person {
                    flows(to, from).await;
                }
            }
        }
    }

    /// Terms drafted and proposed as the next version.
    pub async fn propose(&mut self, terms: Vec<Term>) {
        if self.mediator.phase() != Phase::Drafting {
            self.mediator.must(Command::DraftOpen).await;
        }
        let rev = self.mediator.until_phase(Phase::Drafting).await.view().draft.as_ref().unwrap().rev;
        self.mediator.must(Command::DraftEdit { rev, terms: terms.clone() }).await;
        self.mediator.must(Command::DraftPropose { rev: rev + 1 }).await;
        for client in self.clients() {
            let proposed = |view: &View| {
                view.draft.as_ref().and_then(|draft| draft.versions.last()).is_some_and(|v| v.terms == terms)
            };
            client.until_view("the proposed version", proposed).await;
        }
    }

    /// Both parties agree to the newest version.
    pub async fn assent(&mut self) {
        assert_eq!(self.consumer.assent().await, Answer::Done);
        assert_eq!(self.merchant.assent().await, Answer::Done);
        for client in self.clients() {
            let both = |view: &View| view.draft.as_ref().is_some_and(|draft| draft.assents.len() == 2);
            client.until_view("both assents", both).await;
        }
    }

    /// The ceremony of the newest version, opened.
    pub async fn signing(&mut self) {
        let version = self.mediator.view().draft.unwrap().versions.len() as u32;
        self.mediator.must(Command::SigningOpen { version }).await;
        for client in self.clients() {
            client.until_view("the ceremony", |v| v.signing.is_some() && v.phase == Phase::Signing).await;
        }
    }

    /// Mediator and consumer aside.
    pub async fn caucus(&mut self) {
        let with = vec![self.consumer.id.person.clone()];
        self.mediator.must(Command::Caucus { with }).await;
        for client in self.clients() {
            client.until_phase(Phase::Caucus).await;
        }
        assert_eq!(self.consumer.view().me.place, Place::Caucus);
        assert_eq!(self.merchant.view().me.place, Place::Joint);
    }
}

/// Waits until 20 more packets of sound and 20 of pictures came.
pub async fn flows(to: &Client, from: &Client) {
    let before = to.received_from(from);
    let more = || {
        let now = to.received_from(from);
        now.0 >= before.0 + 20 && now.1 >= before.1 + 20
    };
    let came = peer::within(SOON, more).await;
    assert!(
        came,
        "{:?} gets {:?}: {before:?}, then {:?}",
        to.view().me.role,
        from.view().me.role,
        to.received_from(from)
    );
}

/// The token of a fresh link.
pub async fn invite(mediator: &mut Client, role: Role, name: &str) -> String {
    let surface = if role == Role::Merchant { Surface::Station } else { Surface::Phone };
    let invite = Command::Invite { role, name: name.into(), side: None, surface, language: Language::Zh };
    let Answer::Invited { url, .. } = mediator.must(invite).await else { panic!("no link") };
    url.split_once('#').expect("a token in the fragment").1.to_owned()
}

/// Asks to join with a link.
pub async fn ask_to_join(base: &str, token: &str, key: &Es256Key, joining: Joining) -> Response {
    let rules = ground_rules::in_language("zh").unwrap();
    let body = json!({
        "token": token, "jwk": key.jwk(), "publication_consent": joining.publication, "again": joining.again,
        "ground_rules": { "version": rules.version, "hash": rules.hash(), "lang": "zh" },
        "language": "zh", "browser": "headless",
    });
    Browser::at(base).post("/api/v1/invitations/join", &body).await
}

/// Joins with a link and connects; waits at the door.
pub async fn knock(base: &str, token: &str, joining: Joining) -> Client {
    let key = Es256Key::generate(&Random::os());
    let response = ask_to_join(base, token, &key, joining).await;
    let client = Client::connect(Identity::of(base, key, response).await).await;
    assert_eq!(client.view().me.place, Place::Waiting);
    client
}

/// Lets a device in that waits.
pub async fn admit(mediator: &mut Client, client: &Client) {
    let device = client.id.device.clone();
    let knocks = |view: &View| view.door.iter().any(|knock| knock.device == device);
    mediator.until_view("a knock", knocks).await;
    let identity = IdentityCheck::DetailsMatched;
    mediator.must(Command::Admit { device: device.clone(), identity }).await;
    client.until_view("to be let in", |view| view.me.place != Place::Waiting).await;
}

/// Invites, joins and admits somebody.
pub async fn bring(mediator: &mut Client, role: Role, name: &str, joining: Joining) -> Client {
    let token = invite(mediator, role, name).await;
    let client = knock(&mediator.id.base.clone(), &token, joining).await;
    admit(mediator, &client).await;
    client
}

/// A refund of ¥1,280 by the merchant, in a month.
pub fn refund(now: Time) -> Term {
    let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    let due = now.plus_ms(30 * 24 * 3600 * 1000).day(&zone).to_string();
    Term {
        kind: TermKind::Refund,
        by: Performer::Merchant,
        amount_fen: Some(128_000),
        due: Some(due),
        text: "一次付清".into(),
    }
}

/// A picture, by its first bytes.
pub fn picture() -> Vec<u8> {
    [b"\xff\xd8\xff\xe0".as_slice(), &[7; 5_000]].concat()
}
