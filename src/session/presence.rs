//! Who is there: a device's socket and its media, told to the others at once and to the journal
//! sparingly. The task calls [`Step::contact`] with what it learns of them.
//!
//! What always holds: dropping out is never leaving, and moves nobody's standing or seat.

use super::drops::{Cause, Note};
use super::event::Refusal;
use super::state::Standing;
use super::step::{Actor, Refused, Step};
use crate::ids::DeviceId;
use serde_json::json;

/// What the task learned of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// Its socket is up. `anew`: a page that knows nothing of an earlier one's media.
    Up {
        anew: bool,
    },
    Down(Cause),
    /// Its media is silent.
    Interrupted,
    /// Its media flows, or is not meant to.
    Resumed,
}

impl Step<'_> {
    /// Something changed between a device and the server.
    pub fn contact(&mut self, id: &DeviceId, contact: Contact) -> Result<(), Refused> {
        let now = self.now();
        let device = self.state.device_mut(id).ok_or(Refusal::Unknown)?;
        let was_here = device.is_here();
        match contact {
            Contact::Up { anew } => {
                device.connected = true;
                device.interrupted &= !anew;
            }
            Contact::Down(_) => device.connected = false,
            Contact::Interrupted => device.interrupted = true,
            Contact::Resumed => device.interrupted = false,
        }
        let here = device.is_here();
        if here == was_here {
            return Ok(());
        }
        if device.standing != Standing::In {
            device.drops.skip(here);
            return Ok(());
        }
        let cause = if let Contact::Down(cause) = contact { cause } else { Cause::Network };
        let note = device.drops.change(now, here, cause);
        self.write_down(id, note);
        Ok(())
    }

    /// Writes what was only counted so far.
    pub(super) fn tick_presence(&mut self) {
        let now = self.now();
        let mut notes = Vec::new();
        for device in self.state.devices.iter_mut().filter(|device| device.standing == Standing::In) {
            let here = device.is_here();
            notes.extend(device.drops.tick(now, here).into_iter().map(|note| (device.id.clone(), note)));
        }
        for (device, note) in notes {
            self.write_down(&device, Some(note));
        }
    }

    fn write_down(&mut self, id: &DeviceId, note: Option<Note>) {
        let (Some(note), Some(device)) = (note, self.state.device(id)) else { return };
        let person = device.person.clone();
        let (kind, public) = match note {
            Note::Connected => ("person.connected", json!({ "person": person, "device": id })),
            Note::Dropped { cause, times } => {
                ("person.dropped", json!({ "person": person, "device": id, "cause": cause, "times": times }))
            }
        };
        self.journal(Actor::Server, kind, public, None);
    }
}
