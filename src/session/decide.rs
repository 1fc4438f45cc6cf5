//! From a command to what follows: checks who asks and whether they may, then hands over to the step.

use super::command::Command;
use super::door::Guest;
use super::event::{Answer, Refusal};
use super::phase::Phase;
use super::rights;
use super::routes;
use super::state::{Answered, Standing};
use super::step::{Actor, Refused, Step};
use crate::ids::{DeviceId, PersonId};
use serde_json::json;

/// Answers remembered, so that a command repeated after a lost answer changes nothing.
const ANSWERS: usize = 256;
const MAX_COMMAND_ID: usize = 64;

impl Step<'_> {
    /// Carries out a device's command. A refusal changes nothing.
    pub fn command(&mut self, device: &DeviceId, id: &str, command: Command) -> Result<Answer, Refused> {
        if id.is_empty() || id.len() > MAX_COMMAND_ID {
            return Err(Refused::because(Refusal::Malformed, "id: from 1 to 64 characters"));
        }
        if let Some(known) = self.state.answers.iter().find(|a| &a.device == device && a.id == id) {
            return Ok(known.answer.clone());
        }
        let answer = self.carry_out(device, command)?;
        self.state.answers.push_back(Answered {
            device: device.clone(),
            id: id.to_owned(),
            answer: answer.clone(),
        });
        while self.state.answers.len() > ANSWERS {
            self.state.answers.pop_front();
        }
        Ok(answer)
    }

    fn carry_out(&mut self, device: &DeviceId, command: Command) -> Result<Answer, Refused> {
        let asking = self.state.device(device).ok_or(Refusal::NotAdmitted)?;
        if asking.standing == Standing::Waiting && command == Command::Leave {
            return self.stop_waiting(device);
        }
        if asking.standing != Standing::In {
            return Err(Refusal::NotAdmitted.into());
        }
        let by = asking.person.clone();
        rights::check(self.known(&by)?.role, self.state.phase, command.name())?;
        self.permitted(&by, device, command)
    }

    fn permitted(&mut self, by: &PersonId, device: &DeviceId, command: Command) -> Result<Answer, Refused> {
        match command {
            Command::Say { text } => self.say(by, &text),
            Command::Mute { muted } => Ok(self.mute(by, muted)),
            Command::Camera { on } => Ok(self.camera(by, on)),
            Command::RaiseHand { up } => Ok(self.raise_hand(by, up)),
            Command::Leave => self.leave(by),
            Command::Assent { version, hash } => self.assent(by, version, &hash),
            Command::WithdrawAssent { version } => self.withdraw_assent(by, version),
            Command::Sign { version, protected, signature } => {
                self.sign(by, device, version, &protected, &signature)
            }
            Command::Decline { version, reason } => self.decline(by, version, &reason),
            Command::Invite { role, name, side, surface, language } => {
                self.invite(Guest { role, name, side, surface, language })
            }
            Command::RevokeInvitation { invitation } => self.revoke(by, &invitation),
            Command::Admit { device, identity } => self.admit(&device, identity),
            Command::Identify { person, identity } => self.identify(by, &person, identity),
            Command::Refuse { device, reason } => self.refuse(by, &device, &reason),
            Command::MutePerson { person, muted } => self.mute_person(by, &person, muted),
            Command::Remove { person, reason } => self.remove(by, &person, &reason),
            Command::Lock { locked } => Ok(self.lock(by, locked)),
            Command::ShareScreen { on } => Ok(self.share_screen(by, on)),
            Command::Caucus { with } => self.caucus(by, &with),
            Command::ReturnJoint => self.return_joint(),
            Command::DraftOpen => Ok(self.draft_open(by)),
            Command::DraftEdit { rev, terms } => self.draft_edit(by, rev, terms),
            Command::DraftPropose { rev } => self.draft_propose(by, rev),
            Command::DraftClose => Ok(self.draft_close(by)),
            Command::SigningOpen { version } => self.signing_open(by, version),
            Command::Adjourn { reason, next_at } => self.adjourn(by, &reason, next_at),
            Command::Terminate { ground, note } => self.terminate(by, ground, &note),
        }
    }

    /// What time alone brings about.
    pub fn tick(&mut self) {
        if self.state.phase == Phase::Returning {
            self.tick_caucus();
        }
        self.tick_ceremony();
        self.tick_presence();
    }

    /// To be called last in every step: the journal tells when who can receive whom changes.
    pub fn finish(&mut self) {
        let reach = routes::reach(&self.state);
        if reach != self.state.reach {
            let pairs: Vec<_> = reach.iter().map(|(from, to)| [from, to]).collect();
            self.journal(Actor::Server, "routing.changed", json!({ "reach": pairs }), None);
            self.state.reach = reach;
        }
    }
}
