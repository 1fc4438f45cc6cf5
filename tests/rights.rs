//! Every command × every role × every phase, with the answer written by hand.
//!
//! The table in `src/session/rights.rs` is by command; this one is by role and phase, so that a slip in
//! one shows against the other.

use hejie::session::command::{Command, Ground};
use hejie::session::event::Refusal;
use hejie::session::party::{IdentityCheck, Language, Role, Surface};
use hejie::session::phase::Phase;
use hejie::session::rights;
use std::collections::BTreeSet;

const SPEAK: &str = "say mute camera raise_hand";
const ROOM: &str = "revoke_invitation admit refuse mute_person remove lock share_screen adjourn terminate";
const GUESTS: &str = "invite identify";

/// What a role may do in a phase, by hand.
#[rustfmt::skip]
fn expected(role: Role, phase: Phase) -> String {
    use Phase::*;
    use Role::*;
    match (role, phase) {
        (_, Terminated | Adjourned) => "leave".into(),

        (Mediator, Verifying) => format!("{SPEAK} {ROOM} {GUESTS}"),
        (Mediator, Joint)     => format!("{SPEAK} {ROOM} {GUESTS} caucus draft_open"),
        (Mediator, Caucus)    => format!("{SPEAK} {ROOM} {GUESTS} return_joint"),
        (Mediator, Returning) => format!("{SPEAK} {ROOM} {GUESTS}"),
        (Mediator, Drafting)  => format!("{SPEAK} {ROOM} {GUESTS} caucus draft_edit draft_propose draft_close signing_open"),
        (Mediator, Signing)   => format!("{SPEAK} {ROOM} sign decline"),
        (Mediator, Agreed)    => format!("{SPEAK} mute_person leave"),

        (Consumer | Merchant, Verifying | Joint | Caucus | Returning | Agreed) => format!("{SPEAK} leave"),
        (Consumer | Merchant, Drafting) => format!("{SPEAK} leave assent withdraw_assent"),
        (Consumer | Merchant, Signing)  => format!("{SPEAK} leave sign decline"),

        (Helper | Interpreter, _) => format!("{SPEAK} leave"),
        (Observer, _)             => "raise_hand leave".into(),
    }
}

/// One of each command.
fn every_command() -> Vec<Command> {
    let random = hejie::random::Random::seeded(1);
    let person = hejie::ids::PersonId::random(&random);
    let device = hejie::ids::DeviceId::random(&random);
    let (text, version) = (String::new, 1);
    vec![
        Command::Say { text: text() },
        Command::Mute { muted: true },
        Command::Camera { on: true },
        Command::RaiseHand { up: true },
        Command::Leave,
        Command::Assent { version, hash: text() },
        Command::WithdrawAssent { version },
        Command::Sign { version, protected: text(), signature: text() },
        Command::Decline { version, reason: text() },
        Command::Invite {
            role: Role::Consumer,
            name: text(),
            side: None,
            surface: Surface::Phone,
            language: Language::Zh,
        },
        Command::RevokeInvitation { invitation: hejie::ids::InvitationId::random(&random) },
        Command::Admit { device: device.clone(), identity: IdentityCheck::DetailsMatched },
        Command::Identify { person: person.clone(), identity: IdentityCheck::DocumentSeen },
        Command::Refuse { device, reason: text() },
        Command::MutePerson { person: person.clone(), muted: true },
        Command::Remove { person: person.clone(), reason: text() },
        Command::Lock { locked: true },
        Command::ShareScreen { on: true },
        Command::Caucus { with: vec![person] },
        Command::ReturnJoint,
        Command::DraftOpen,
        Command::DraftEdit { rev: 0, terms: Vec::new() },
        Command::DraftPropose { rev: 0 },
        Command::DraftClose,
        Command::SigningOpen { version },
        Command::Adjourn { reason: text(), next_at: None },
        Command::Terminate { ground: Ground::NoAgreement, note: text() },
    ]
}

#[test]
fn every_command_for_every_role_in_every_phase() {
    let commands: Vec<&str> = every_command().iter().map(Command::name).collect();
    assert_eq!(commands.len(), 27);
    let mut cells = 0;
    for role in Role::ALL {
        for phase in Phase::ALL {
            let words = expected(role, phase);
            let allowed: BTreeSet<&str> = words.split_whitespace().collect();
            for command in &commands {
                let got = rights::check(role, phase, command);
                let ever = Phase::ALL
                    .iter()
                    .any(|phase| expected(role, *phase).split_whitespace().any(|word| word == *command));
                let wanted = match (allowed.contains(command), ever) {
                    (true, _) => Ok(()),
                    (false, true) => Err(Refusal::NotNow),
                    (false, false) => Err(Refusal::NotYourRight),
                };
                assert_eq!(got, wanted, "{command} by {role:?} in {phase:?}");
                cells += 1;
            }
            assert_eq!(rights::of(role, phase).collect::<BTreeSet<_>>(), allowed, "{role:?} in {phase:?}");
        }
    }
    assert_eq!(cells, 27 * 6 * 9);
}

#[test]
fn an_unknown_command_is_nobodys_right() {
    for role in Role::ALL {
        assert_eq!(rights::check(role, Phase::Joint, "eavesdrop"), Err(Refusal::Malformed));
    }
}
