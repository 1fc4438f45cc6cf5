//! The verifier: a bundle against a policy, line by line, with no server and no database.
//!
//! Called by `hejie verify`; the verify page does the same in the browser. The lines, their order and
//! their reasons are the format (`docs/OUTCOME-FORMAT.md` §8): `tests/vectors` holds both to it.
//! Hostile input gives a verdict, never a panic.

mod content;
mod logged;
mod manifests;
mod signatures;
mod verdict;

pub use verdict::{Facts, Line, OutcomeFacts, Overall, PersonFacts, Status, TermFacts, Verdict};

use crate::signing::bundle::{Readable, ReadableOutcome};
use crate::signing::payload::Role;
use crate::signing::policy::{BadPolicy, Policy};
use verdict::{Finding, absent, failed, ok, unchecked};

/// Verifies a bundle file. Without a policy the best verdict is `unpinned`.
pub fn run(bundle: &[u8], policy: Option<&[u8]>) -> Result<Verdict, BadPolicy> {
    let policy = policy.map(Policy::parse).transpose()?;
    Ok(against(bundle, policy.as_ref()))
}

/// Verifies a bundle file against a policy that was read before.
pub fn against(bundle: &[u8], policy: Option<&Policy>) -> Verdict {
    let readable = match Readable::parse(bundle) {
        Ok(readable) => readable,
        Err(bad) => return Verdict::unreadable(bad.0),
    };
    let lines = lines(&readable, policy);
    let erased = readable.outcome.is_none();
    let overall = if lines.iter().any(|line| line.status == Status::Failed) {
        Overall::Invalid
    } else if policy.is_none() {
        Overall::Unpinned
    } else if erased {
        Overall::Erased
    } else {
        Overall::Valid
    };
    Verdict { verdict: overall, lines, facts: Some(verdict::facts(&readable, policy)) }
}

fn lines(bundle: &Readable, policy: Option<&Policy>) -> Vec<Line> {
    let of_outcome = |check: &dyn Fn(&ReadableOutcome) -> Finding| match &bundle.outcome {
        Some(outcome) => check(outcome),
        None => absent("erased"),
    };
    let findings = [
        ok("well_formed"),
        issuer(bundle, policy),
        of_outcome(&|outcome| signatures::person(outcome, Role::Consumer)),
        of_outcome(&|outcome| signatures::person(outcome, Role::Merchant)),
        of_outcome(&|outcome| signatures::person(outcome, Role::Mediator)),
        of_outcome(&|outcome| signatures::server(outcome, &bundle.manifests)),
        of_outcome(&signatures::roles),
        of_outcome(&signatures::over),
        of_outcome(&|outcome| content::disclosures(outcome, bundle.view)),
        of_outcome(&|outcome| logged::opening(outcome, &bundle.leaf)),
        logged::inclusion(bundle),
        logged::log(&bundle.leaf.proof, policy),
        logged::witnesses(&bundle.leaf.proof, policy),
        of_outcome(&|outcome| manifests::keys(outcome, &bundle.manifests, policy)),
        of_outcome(&|outcome| logged::anchor(&outcome.payload.anchor, bundle)),
        of_outcome(&content::journal),
        of_outcome(&|outcome| content::times(outcome, &bundle.leaf.proof, policy)),
        of_outcome(&|outcome| content::prev(&outcome.payload, &bundle.previous)),
        logged::erasure(bundle),
    ];
    verdict::IDS.iter().zip(findings).map(|(id, finding)| finding.line(id)).collect()
}

fn issuer(bundle: &Readable, policy: Option<&Policy>) -> Finding {
    match (&bundle.outcome, policy) {
        (None, _) => unchecked("erased"),
        (_, None) => unchecked("no_policy"),
        (Some(outcome), Some(policy)) if outcome.payload.iss == policy.issuer => ok("pinned"),
        _ => failed("issuer_differs"),
    }
}
