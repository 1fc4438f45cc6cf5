//! Who may do what, when: one table of command × phase → roles. Pure; asked for every command.
//!
//! The table knows roles and phases alone. What else a command needs (being admitted, a version that
//! exists, a person in the room) is decided where the command is.

use super::event::Refusal;
use super::party::Role;
use super::phase::Phase;

/// The letters of the table.
fn letter(role: Role) -> char {
    match role {
        Role::Consumer => 'c',
        Role::Merchant => 'm',
        Role::Mediator => 'M',
        Role::Helper => 'h',
        Role::Interpreter => 'i',
        Role::Observer => 'o',
    }
}

const ALL: &str = "cmMhio";
const SPEAK: &str = "cmMhi";
const PARTIES: &str = "cm";
const SIGNERS: &str = "cmM";
const MEDIATOR: &str = "M";
const NOT_MEDIATOR: &str = "cmhio";
const NO: &str = "";

/// Rows: commands. Columns: verifying, joint, caucus, returning, drafting, signing, agreed,
/// terminated, adjourned.
#[rustfmt::skip]
const TABLE: [(&str, [&str; 9]); 27] = [
    //                    verifying     joint         caucus        returning     drafting      signing       agreed    terminated adjourned
    ("say",               [SPEAK,        SPEAK,        SPEAK,        SPEAK,        SPEAK,        SPEAK,        SPEAK,    NO,        NO]),
    ("mute",              [SPEAK,        SPEAK,        SPEAK,        SPEAK,        SPEAK,        SPEAK,        SPEAK,    NO,        NO]),
    ("camera",            [SPEAK,        SPEAK,        SPEAK,        SPEAK,        SPEAK,        SPEAK,        SPEAK,    NO,        NO]),
    ("raise_hand",        [ALL,          ALL,          ALL,          ALL,          ALL,          ALL,          ALL,      NO,        NO]),
    ("leave",             [NOT_MEDIATOR, NOT_MEDIATOR, NOT_MEDIATOR, NOT_MEDIATOR, NOT_MEDIATOR, NOT_MEDIATOR, ALL,      ALL,       ALL]),
    ("assent",            [NO,           NO,           NO,           NO,           PARTIES,      NO,           NO,       NO,        NO]),
    ("withdraw_assent",   [NO,           NO,           NO,           NO,           PARTIES,      NO,           NO,       NO,        NO]),
    ("sign",              [NO,           NO,           NO,           NO,           NO,           SIGNERS,      NO,       NO,        NO]),
    ("decline",           [NO,           NO,           NO,           NO,           NO,           SIGNERS,      NO,       NO,        NO]),
    ("invite",            [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,           NO,       NO,        NO]),
    ("revoke_invitation", [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,       NO,        NO]),
    ("admit",             [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,       NO,        NO]),
    ("identify",          [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,           NO,       NO,        NO]),
    ("refuse",            [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,       NO,        NO]),
    ("mute_person",       [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR, NO,        NO]),
    ("remove",            [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,       NO,        NO]),
    ("lock",              [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,       NO,        NO]),
    ("share_screen",      [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,       NO,        NO]),
    ("caucus",            [NO,           MEDIATOR,     NO,           NO,           MEDIATOR,     NO,           NO,       NO,        NO]),
    ("return_joint",      [NO,           NO,           MEDIATOR,     NO,           NO,           NO,           NO,       NO,        NO]),
    ("draft_open",        [NO,           MEDIATOR,     NO,           NO,           NO,           NO,           NO,       NO,        NO]),
    ("draft_edit",        [NO,           NO,           NO,           NO,           MEDIATOR,     NO,           NO,       NO,        NO]),
    ("draft_propose",     [NO,           NO,           NO,           NO,           MEDIATOR,     NO,           NO,       NO,        NO]),
    ("draft_close",       [NO,           NO,           NO,           NO,           MEDIATOR,     NO,           NO,       NO,        NO]),
    ("signing_open",      [NO,           NO,           NO,           NO,           MEDIATOR,     NO,           NO,       NO,        NO]),
    ("adjourn",           [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,       NO,        NO]),
    ("terminate",         [MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     MEDIATOR,     NO,       NO,        NO]),
];

/// Whether `role` may do `command` in `phase`.
pub fn check(role: Role, phase: Phase, command: &str) -> Result<(), Refusal> {
    let Some((_, row)) = TABLE.iter().find(|(name, _)| *name == command) else {
        return Err(Refusal::Malformed);
    };
    if row[phase as usize].contains(letter(role)) {
        Ok(())
    } else if row.iter().any(|roles| roles.contains(letter(role))) {
        Err(Refusal::NotNow)
    } else {
        Err(Refusal::NotYourRight)
    }
}

/// Every command that `role` may do in `phase`.
pub fn of(role: Role, phase: Phase) -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter(move |(_, row)| row[phase as usize].contains(letter(role))).map(|(name, _)| *name)
}
