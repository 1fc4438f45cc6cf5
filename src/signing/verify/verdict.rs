//! What verifying says: a verdict, a line for each thing looked at, and what the document tells.

use crate::settlement::terms::{Performer, TermKind};
use crate::signing::bundle::{Readable, ReadableOutcome};
use crate::signing::disclosure::{self, Disclosed, Place};
use crate::signing::envelope::Header;
use crate::signing::payload::{Mode, Role};
use crate::signing::policy::Policy;
use serde::Serialize;

/// The lines, in the order in which they are given.
pub(super) const IDS: [&str; 19] = [
    "form",
    "issuer",
    "signature:consumer",
    "signature:merchant",
    "signature:mediator",
    "signature:server",
    "roles",
    "over",
    "disclosures",
    "opening",
    "inclusion",
    "log",
    "witnesses",
    "keys",
    "anchor",
    "journal",
    "times",
    "prev",
    "erasure",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Overall {
    /// Everything required holds.
    Valid,
    /// Something does not hold.
    Invalid,
    /// All that can be checked without a policy holds; anybody could have made it.
    Unpinned,
    /// The document was erased, and the log says so.
    Erased,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    Failed,
    /// There is nothing to check.
    Absent,
    /// It could not be checked.
    Unchecked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Line {
    pub id: &'static str,
    pub status: Status,
    pub reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    pub verdict: Overall,
    pub lines: Vec<Line>,
    /// For reading only; absent where the file can't be read. What stands here is only as good as the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
}

impl Verdict {
    pub(super) fn unreadable(reason: &'static str) -> Self {
        let mut lines: Vec<_> = IDS.iter().map(|id| unchecked("not_reached").line(id)).collect();
        lines[0] = failed(reason).line("form");
        Self { verdict: Overall::Invalid, lines, facts: None }
    }

    pub fn line(&self, id: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }
}

/// The result of one check.
pub(super) struct Finding(Status, &'static str);

impl Finding {
    pub(super) fn line(self, id: &'static str) -> Line {
        Line { id, status: self.0, reason: self.1 }
    }
}

pub(super) fn ok(reason: &'static str) -> Finding {
    Finding(Status::Ok, reason)
}

pub(super) fn failed(reason: &'static str) -> Finding {
    Finding(Status::Failed, reason)
}

pub(super) fn absent(reason: &'static str) -> Finding {
    Finding(Status::Absent, reason)
}

pub(super) fn unchecked(reason: &'static str) -> Finding {
    Finding(Status::Unchecked, reason)
}

/// What a bundle says, as far as it shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facts {
    pub outcome: Option<OutcomeFacts>,
    /// The log's name, the entry's number in it, and the size of the tree that was proved.
    pub origin: String,
    pub index: u64,
    pub size: u64,
    /// When witnesses of the policy cosigned, seconds since 1970: it existed by then.
    pub cosigned_at: Vec<u64>,
    /// Seconds since 1970.
    pub erased_at: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutcomeFacts {
    pub oid: String,
    pub ver: u32,
    pub issuer: String,
    pub mode: Mode,
    pub publication: bool,
    pub agency: Option<String>,
    pub complaint_number: Option<String>,
    pub session: Option<String>,
    pub subject: Option<String>,
    pub people: Vec<PersonFacts>,
    pub terms: Vec<TermFacts>,
    /// When the server sealed it, seconds since 1970.
    pub sealed_at: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonFacts {
    pub role: Role,
    pub jkt: String,
    pub name: Option<String>,
    pub party: Option<String>,
    pub identity: Option<String>,
    pub address: Option<String>,
    /// By their own header, seconds since 1970.
    pub signed_at: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermFacts {
    pub kind: TermKind,
    pub by: Performer,
    pub amount_fen: Option<i64>,
    pub due: Option<String>,
    pub text: Option<String>,
}

pub(super) fn facts(bundle: &Readable, policy: Option<&Policy>) -> Facts {
    let proof = &bundle.leaf.proof;
    Facts {
        outcome: bundle.outcome.as_ref().map(outcome_facts),
        origin: proof.checkpoint.origin.clone(),
        index: proof.index,
        size: proof.checkpoint.head.size,
        cosigned_at: policy.map_or_else(Vec::new, |policy| policy.cosigned_at(proof)),
        erased_at: bundle.erasure.as_ref().map(|erasure| erasure.record.at),
    }
}

fn outcome_facts(outcome: &ReadableOutcome) -> OutcomeFacts {
    let disclosed = disclosure::check(&outcome.payload, outcome.jws.disclosures())
        .map_or_else(|_| Vec::new(), |shown| shown.disclosed);
    let shown = |place: Place, name: &str| shown(&disclosed, place, name);
    let payload = &outcome.payload;
    let people = payload.parties.iter().enumerate().map(|(index, party)| PersonFacts {
        role: party.role,
        jkt: party.jkt.clone(),
        name: shown(Place::Party(index), "name"),
        party: shown(Place::Party(index), "party"),
        identity: shown(Place::Party(index), "identity"),
        address: shown(Place::Party(index), "address"),
        signed_at: outcome.headers.iter().find_map(|header| match header {
            Header::Person(person) if person.kid == party.jkt => Some(person.iat),
            _ => None,
        }),
    });
    let terms = payload.terms.iter().enumerate().map(|(index, term)| TermFacts {
        kind: term.kind,
        by: term.by,
        amount_fen: term.amount_fen,
        due: term.due.clone(),
        text: shown(Place::Term(index), "text"),
    });
    OutcomeFacts {
        oid: payload.oid.to_string(),
        ver: payload.ver,
        issuer: payload.iss.clone(),
        mode: payload.mode,
        publication: payload.publication,
        agency: shown(Place::Top, "agency"),
        complaint_number: shown(Place::Top, "complaint_number"),
        session: shown(Place::Top, "session"),
        subject: shown(Place::Top, "subject"),
        people: people.collect(),
        terms: terms.collect(),
        sealed_at: outcome.server().map(|server| server.iat),
    }
}

fn shown(disclosed: &[Disclosed], place: Place, name: &str) -> Option<String> {
    disclosed.iter().find(|field| field.place == place && field.name == name).map(|field| field.value.clone())
}
