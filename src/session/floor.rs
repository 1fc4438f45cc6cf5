//! The floor: speaking, microphones, cameras, hands, the shared screen, documents.

use super::door::text;
use super::event::{Answer, Refusal};
use super::state::{Document, MAX_CHAT, MAX_DOCUMENTS, Said};
use super::step::{Actor, Refused, Step};
use crate::ids::{DocumentId, PersonId};
use serde_json::json;

const MAX_CHAT_CHARS: usize = 2_000;
const MAX_FILE_NAME_CHARS: usize = 120;

/// A photo or receipt whose bytes were received and checked.
#[derive(Debug, Clone)]
pub struct Showing {
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    /// SHA-256, base64url.
    pub hash: String,
}

impl Step<'_> {
    /// A chat line to the room that `by` is in. Never journalled.
    pub(super) fn say(&mut self, by: &PersonId, said: &str) -> Result<Answer, Refused> {
        let said = text(said, "text", 1, MAX_CHAT_CHARS)?;
        if self.state.chat.len() >= MAX_CHAT {
            return Err(Refused::because(Refusal::Full, "chat"));
        }
        let line = Said { at: self.now(), by: by.clone(), text: said, audience: self.state.audience_of(by) };
        self.state.chat.push(line.clone());
        self.effects.said.push(line);
        Ok(Answer::Done)
    }

    pub(super) fn mute(&mut self, by: &PersonId, muted: bool) -> Answer {
        if let Some(person) = self.state.person_mut(by).filter(|person| person.muted != muted) {
            person.muted = muted;
        }
        Answer::Done
    }

    pub(super) fn camera(&mut self, by: &PersonId, on: bool) -> Answer {
        if let Some(person) = self.state.person_mut(by) {
            person.camera = on;
        }
        Answer::Done
    }

    pub(super) fn raise_hand(&mut self, by: &PersonId, up: bool) -> Answer {
        if let Some(person) = self.state.person_mut(by) {
            person.hand = up;
        }
        Answer::Done
    }

    /// The mediator takes somebody's voice at the server, or gives it back.
    pub(super) fn mute_person(
        &mut self,
        by: &PersonId,
        person: &PersonId,
        muted: bool,
    ) -> Result<Answer, Refused> {
        self.seated_other(by, person)?;
        let other = self.state.person_mut(person).ok_or(Refusal::Unknown)?;
        if other.muted_by_mediator != muted {
            other.muted_by_mediator = muted;
            self.journal(
                Actor::Person(by),
                "person.muted",
                json!({ "person": person, "muted": muted }),
                None,
            );
        }
        Ok(Answer::Done)
    }

    pub(super) fn share_screen(&mut self, by: &PersonId, on: bool) -> Answer {
        if let Some(person) = self.state.person_mut(by).filter(|person| person.screen != on) {
            person.screen = on;
            self.journal(Actor::Person(by), "screen.shared", json!({ "person": by, "on": on }), None);
        }
        Answer::Done
    }

    /// A document is shown to the room that `by` is in. Stored by the caller with this step.
    pub fn show(&mut self, by: &PersonId, showing: Showing) -> Result<DocumentId, Refused> {
        super::rights::check(self.known(by)?.role, self.state.phase, "say")?;
        let name = text(&showing.name, "name", 1, MAX_FILE_NAME_CHARS)?;
        if self.state.documents.len() >= MAX_DOCUMENTS {
            return Err(Refused::because(Refusal::Full, "documents"));
        }
        let id = DocumentId::random(self.context.random);
        let public = json!({ "document": id, "sha256": showing.hash, "by": by });
        let document = Document {
            id: id.clone(),
            name,
            media_type: showing.media_type,
            bytes: showing.bytes,
            hash: showing.hash,
            by: by.clone(),
            at: self.now(),
            audience: self.state.audience_of(by),
        };
        let private = json!({ "name": document.name });
        self.state.documents.push(document);
        self.journal(Actor::Person(by), "document.shown", public, Some(private));
        Ok(id)
    }
}
