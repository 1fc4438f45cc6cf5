//! A session's connections, as its task looks after them: sockets that come, resume and go; peer
//! connections offered, restarted and lost; what the SFU tells of them.
//!
//! What always holds: a connection of which the SFU or the socket says no more is out of the routing
//! table before anybody is told; events about a device's media move its presence, never its standing.

use super::super::drops::Cause;
use super::super::event::{Answer, Bye, Event, MediaSetup, Refusal};
use super::super::link::Link;
use super::super::peers::News;
use super::super::presence::Contact;
use super::super::routes::{AUDIO_SLOTS, VIDEO_SLOTS};
use super::super::show;
use super::super::state::Standing;
use super::super::view::View;
use super::{Attach, Task};
use crate::ids::DeviceId;
use crate::media::{self, MediaError, Slot};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::sync::mpsc;

impl Task {
    pub(super) async fn attach(&mut self, Attach { device, resume, socket, reply }: Attach) {
        let Some(known) = self.state.device(&device) else {
            let _ = reply.send(None);
            return;
        };
        if !matches!(known.standing, Standing::In | Standing::Waiting) {
            let _ = socket.try_send(Event::Bye { why: Bye::Out, again: false });
            let _ = reply.send(None);
            return;
        }
        let now = self.setting.clock.now();
        let resumed = resume.filter(|(connection, seq)| {
            self.links.get(&device).is_some_and(|link| link.can_resume(connection, *seq, now))
        });
        self.attachments += 1;
        let (attachment, anew) = (self.attachments, resumed.is_none());
        match resumed {
            Some((connection, seq)) => {
                let welcome = self.welcome(connection, seq, None, &device);
                if let Some(link) = self.links.get_mut(&device) {
                    link.resume(seq, attachment, socket, welcome);
                }
            }
            None => self.attach_anew(&device, attachment, socket),
        }
        let _ = reply.send(Some(attachment));
        let up = Contact::Up { anew };
        let _ = self.change(|step| step.contact(&device, up)).await;
        self.idle_since = self.setting.clock.now();
    }

    fn attach_anew(&mut self, device: &DeviceId, attachment: u64, socket: mpsc::Sender<Event>) {
        if let Some(mut ghost) = self.links.remove(device) {
            ghost.close(Bye::Superseded, false);
        }
        let connection = URL_SAFE_NO_PAD.encode(self.setting.random.bytes::<12>());
        let mut link = Link::new(connection.clone(), attachment, socket);
        let view = show::view(&self.state, device, self.setting.clock.now());
        link.shown = view.clone();
        link.tell_only(self.welcome(connection, 0, view, device));
        self.links.insert(device.clone(), link);
    }

    fn welcome(&self, connection: String, seq: u64, view: Option<View>, device: &DeviceId) -> Event {
        let whole = view.is_some();
        let chat = self.state.chat.iter().filter(|_| whole);
        Event::Welcome {
            connection,
            resumed: !whole,
            seq,
            now: self.setting.clock.now(),
            chat: chat.filter_map(|said| show::chat_line(&self.state, device, said)).collect(),
            view: view.map(Box::new),
            media: self.media_setup(device),
        }
    }

    fn media_setup(&self, device: &DeviceId) -> MediaSetup {
        let whom = format!("{}/{device}", self.state.id);
        MediaSetup {
            audio_slots: AUDIO_SLOTS,
            video_slots: VIDEO_SLOTS,
            simulcast: media::SIMULCAST,
            ice_servers: self.setting.turn.ice_servers(&whom, self.setting.clock.now()),
        }
    }

    pub(super) async fn detach(&mut self, device: &DeviceId, attachment: u64, cause: Cause) {
        let now = self.setting.clock.now();
        let Some(link) = self.links.get_mut(device).filter(|link| link.attachment == attachment) else {
            return;
        };
        link.drop_socket(now);
        self.idle_since = now;
        let _ = self.change(|step| step.contact(device, Contact::Down(cause))).await;
    }

    /// A dropped connection can't be resumed any more: its media ends too.
    pub(super) async fn drop_stale_links(&mut self) {
        let now = self.setting.clock.now();
        let stale: Vec<_> = self
            .links
            .iter()
            .filter(|(_, link)| link.is_stale(now))
            .map(|(device, _)| device.clone())
            .collect();
        for device in stale {
            self.links.remove(&device);
            if let Some(peer) = self.peers.remove(&device) {
                self.setting.media.disconnect(peer).await;
            }
        }
        self.route().await;
    }

    /// A fresh peer connection; it takes the older one's place.
    pub(super) async fn offer(&mut self, device: &DeviceId, sdp: String) -> Answer {
        if !self.is_in(device) {
            return Answer::Refused { error: Refusal::NotAdmitted, detail: String::new() };
        }
        if let Some(older) = self.peers.remove(device) {
            self.setting.media.disconnect(older).await;
            self.tell_lines();
        }
        let peer = self.setting.next_peer();
        let answer = self.setting.media.connect(self.state.id.clone(), peer, sdp).await;
        if answer.is_ok() {
            self.peers.insert(device.clone(), peer);
            if let Some(link) = self.links.get_mut(device) {
                link.offered = true;
            }
        }
        self.route().await;
        answered(answer)
    }

    /// An ICE restart of the running connection. One that the SFU has no longer is forgotten.
    pub(super) async fn restart(&mut self, device: &DeviceId, sdp: String) -> Answer {
        if !self.is_in(device) {
            return Answer::Refused { error: Refusal::NotAdmitted, detail: String::new() };
        }
        let Some(peer) = self.peers.get(device) else { return answered(Err(MediaError::Unknown)) };
        let answer = self.setting.media.restart(peer, sdp).await;
        if matches!(answer, Err(MediaError::Unknown)) {
            self.peers.remove(device);
            self.setting.media.disconnect(peer).await;
            self.route().await;
        }
        answered(answer)
    }

    pub(super) async fn sizes(&mut self, device: &DeviceId, slots: Vec<(u8, u16)>) {
        if let Some(peer) = self.peers.get(device).filter(|_| self.is_in(device)) {
            let slots = slots.into_iter().map(|(slot, height)| (Slot::Video(slot), height)).collect();
            self.setting.media.show(peer, slots).await;
        }
    }

    pub(super) fn is_in(&self, device: &DeviceId) -> bool {
        self.state.device(device).is_some_and(|device| device.standing == Standing::In)
    }

    /// What the SFU tells of this room from now on.
    pub(super) async fn subscribe(&mut self) {
        self.events = self.setting.media.events(self.state.id.clone()).await.ok();
    }

    /// The SFU told more than was taken in, or stops. What was missed is unknown: nobody counts as
    /// interrupted until it is told again.
    pub(super) async fn listen_again(&mut self) {
        self.subscribe().await;
        self.peers.take_stock();
        let silent = self.state.devices.iter().filter(|device| device.interrupted);
        for device in silent.map(|device| device.id.clone()).collect::<Vec<_>>() {
            let _ = self.change(|step| step.contact(&device, Contact::Resumed)).await;
        }
    }

    pub(super) async fn heard(&mut self, event: media::Event) {
        let Some((device, news)) = self.peers.take(event) else { return };
        match news {
            News::Line => {}
            News::Echo => self.tell_echo(&device),
            News::Contact(contact) => self.contact(&device, contact).await,
            News::Gone(contact) => {
                self.route().await;
                if let Some(contact) = contact {
                    self.contact(&device, contact).await;
                }
            }
        }
        self.tell_lines();
    }

    /// A connection that an earlier page left behind says nothing about the present one.
    async fn contact(&mut self, device: &DeviceId, contact: Contact) {
        let offered = self.links.get(device).is_some_and(|link| link.offered);
        if offered || contact == Contact::Resumed {
            let _ = self.change(|step| step.contact(device, contact)).await;
        }
    }

    /// To whose microphone it is, and to the mediator beside them.
    fn tell_echo(&mut self, device: &DeviceId) {
        let state = &self.state;
        let Some(of) = state.device(device).map(|device| device.person.clone()) else { return };
        let mediator = state.mediator();
        let beside = state.reach.contains(&(of.clone(), mediator.id.clone()));
        let told = [Some(device), mediator.device.as_ref().filter(|other| beside && *other != device)];
        for device in told.into_iter().flatten() {
            if let Some(link) = self.links.get_mut(device) {
                link.hint(Event::Echo { of: of.clone() });
            }
        }
    }
}

/// The next event, once there is one.
pub(super) async fn next(events: &mut Option<mpsc::Receiver<media::Event>>) -> Option<media::Event> {
    match events {
        Some(events) => events.recv().await,
        None => std::future::pending().await,
    }
}

fn answered(answer: Result<String, MediaError>) -> Answer {
    let error = match answer {
        Ok(sdp) => return Answer::Answer { sdp },
        Err(error) => error,
    };
    let refusal = match error {
        MediaError::Offer(_) => Refusal::Invalid,
        MediaError::Unknown => Refusal::Unknown,
        MediaError::Full => Refusal::Full,
        MediaError::Listen { .. }
        | MediaError::Ports
        | MediaError::Identity(_)
        | MediaError::Route(_)
        | MediaError::Exists
        | MediaError::Stopped => Refusal::Unavailable,
    };
    Answer::Refused { error: refusal, detail: error.to_string() }
}
