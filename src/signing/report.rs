//! A verdict in words, for a terminal: the verdict first, then what was looked at, then what is not proved.

use crate::settlement::terms::{Performer, TermKind};
use crate::signing::payload::Role;
use crate::signing::verify::{Facts, Line, OutcomeFacts, Overall, PersonFacts, Status, TermFacts, Verdict};
use std::fmt::{self, Display, Formatter};

/// The exit status of `hejie verify`: 0 for `valid` alone.
pub fn exit_status(verdict: &Verdict) -> u8 {
    match verdict.verdict {
        Overall::Valid => 0,
        Overall::Invalid => 1,
        Overall::Unpinned => 2,
        Overall::Erased => 3,
    }
}

/// Prints a verdict.
pub struct Report<'a>(pub &'a Verdict);

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let verdict = self.0;
        writeln!(f, "{}\n", headline(verdict.verdict))?;
        for line in &verdict.lines {
            writeln!(f, "  {} {:<20} {}", mark(line.status), title(line.id), meaning(line))?;
        }
        if let Some(facts) = &verdict.facts {
            facts_of(facts, f)?;
        }
        writeln!(f, "\nNot proved by any of this:")?;
        for sentence in NOT_PROVED {
            writeln!(f, "  - {sentence}")?;
        }
        Ok(())
    }
}

/// What no signature and no log can show.
pub const NOT_PROVED: [&str; 5] = [
    "that the person at each device was who they said: the mediator's check is evidence, not proof",
    "that they were able and free to decide",
    "that the terms were explained to them truthfully",
    "that anything was performed",
    "that it can be enforced: by itself it cannot; a court or an arbitral body decides on that",
];

fn headline(verdict: Overall) -> &'static str {
    match verdict {
        Overall::Valid => {
            "VALID: these exact terms were signed with these keys, sealed by the pinned issuer and logged"
        }
        Overall::Invalid => "INVALID: something does not hold; see the lines marked ✗",
        Overall::Unpinned => {
            "UNPINNED: consistent in itself, but without a policy nobody knows whose it is; anybody could have made it"
        }
        Overall::Erased => "ERASED: there was an outcome; it was erased, and the log says so",
    }
}

fn mark(status: Status) -> char {
    match status {
        Status::Ok => '✓',
        Status::Failed => '✗',
        Status::Absent => '·',
        Status::Unchecked => '?',
    }
}

fn title(id: &str) -> &str {
    match id {
        "form" => "form",
        "issuer" => "issuer",
        "signature:consumer" => "consumer's signature",
        "signature:merchant" => "merchant's signature",
        "signature:mediator" => "mediator's signature",
        "signature:server" => "server's signature",
        "roles" => "required roles",
        "over" => "server's cover",
        "disclosures" => "disclosed fields",
        "opening" => "log commitment",
        "inclusion" => "in the log",
        "log" => "log's signature",
        "witnesses" => "witnesses",
        "keys" => "issuer's keys",
        "anchor" => "not before",
        "journal" => "session journal",
        "times" => "times",
        "prev" => "earlier versions",
        "erasure" => "erasure",
        other => other,
    }
}

/// One sentence for each reason of the format.
fn meaning(line: &Line) -> &'static str {
    match (line.id, line.reason) {
        ("form", reason) => form(reason),
        (id, reason) if id.starts_with("signature:") => signature(reason),
        ("roles", reason) => roles(reason),
        ("disclosures", reason) => disclosures(reason),
        ("keys", reason) => keys(reason),
        (_, reason) => logged(reason),
    }
}

fn form(reason: &str) -> &'static str {
    match reason {
        "well_formed" => "every part can be read",
        "too_large" => "the file is larger than 1 MiB",
        "not_json" => "the file is not a JSON object",
        "media_type" => "the file is not an outcome bundle of version 1",
        "bundle_malformed" => "a part of the bundle is missing or of the wrong kind",
        "leaf_malformed" => "the log leaf is not of the form",
        "payload_malformed" => "the document is not of the form",
        "header_malformed" => "a signature's header is not of the form",
        "not_canonical" => "a signed part is not in canonical form, so it could be read in two ways",
        "proof_malformed" => "the log proof can't be read",
        "manifest_malformed" => "a key manifest can't be read",
        "erasure_malformed" => "the record of the erasure can't be read",
        "previous_malformed" => "an earlier version can't be read",
        _ => "",
    }
}

fn signature(reason: &str) -> &'static str {
    match reason {
        "verified" => "verifies over this document",
        "signature_absent" => "there is none",
        "not_required" => "none, and none required: the parties settled by themselves",
        "alg_not_allowed" => "names an algorithm that is not ES256",
        "typ_wrong" => "was made for something else",
        "kid_mismatch" => "carries another key than its name says",
        "server_key_unknown" => "is by a key that the issuer never published",
        "signature_invalid" => "does not verify over this document",
        other => logged(other),
    }
}

fn roles(reason: &str) -> &'static str {
    match reason {
        "complete" => "everyone who has to sign has signed, each once",
        "role_doubled" => "one key signed or is listed twice",
        "signer_unlisted" => "somebody signed whom the document does not list",
        "role_swapped" => "somebody signed under a role that the document does not give them",
        "role_missing" => "somebody who has to sign has not",
        other => logged(other),
    }
}

fn disclosures(reason: &str) -> &'static str {
    match reason {
        "complete" => "every personal field and free text is shown, and is the one that was signed",
        "redacted" => "some personal fields are kept back; those shown are the ones that were signed",
        "digest_doubled" => "one field stands in two places",
        "disclosure_malformed" => "a disclosed field can't be read",
        "disclosure_doubled" => "a field is disclosed twice",
        "disclosure_forged" => "a field shown is not the one that was signed",
        "disclosure_misplaced" => "a field shown does not belong where it was signed",
        "undisclosed" => "the copy claims to be full, but keeps fields back",
        other => logged(other),
    }
}

fn keys(reason: &str) -> &'static str {
    match reason {
        "listed" => "the server's key was published in the log before the document was made",
        "manifest_missing" => "no published keys came with the bundle",
        "manifest_opening" => "a key manifest is not the one in the log",
        "manifest_inclusion" => "a key manifest is not in the log",
        "manifest_issuer" => "a key manifest is another issuer's",
        "manifest_log" => "a key manifest is of another log than the policy's",
        "manifest_chain" => "the key manifests do not follow from one another",
        "manifest_signature" => "a key manifest is not signed as it should be",
        "server_key_unknown" => "the issuer never published the server's key",
        "key_not_yet_valid" => "the server's key did not count yet when it signed",
        "key_after_anchor" => "the server's key was published only after the document claims to be made",
        "key_expired" => "the server's key did not count any more when it signed",
        other => logged(other),
    }
}

fn logged(reason: &str) -> &'static str {
    match reason {
        "pinned" => "the one that the policy pins",
        "issuer_differs" => "not the one that the policy pins",
        "covers_all" => "the server signed over exactly these signatures",
        "over_mismatch" => "the server signed over other signatures than these",
        "opened" => "the leaf commits to this document and these signatures",
        "leaf_type" => "the leaf is not an outcome's",
        "opening_mismatch" => "the leaf commits to something else",
        "included" => "the leaf is in the tree of the checkpoint",
        "checkpoint_differs" => "the proofs are under different checkpoints",
        "inclusion_failed" => "the leaf is not in the tree of the checkpoint",
        "signed" => "the checkpoint is signed by the log that the policy pins",
        "log_origin" => "the checkpoint is another log's",
        "log_signature_missing" => "the log's key has not signed the checkpoint",
        "log_signature_invalid" => "the log's signature on the checkpoint does not verify",
        "none_required" => "the policy asks for none",
        "quorum" => "as many as the policy asks for have cosigned",
        "quorum_missing" => "fewer have cosigned than the policy asks for",
        "cosignature_invalid" => "a cosignature does not verify",
        "consistent" => "consistent",
        "anchor_origin" => "the checkpoint named in the document is another log's",
        "anchor_after_leaf" => "the checkpoint named in the document is younger than the document's entry",
        "anchor_inconsistent" => "the log does not continue the checkpoint named in the document",
        "journal_backwards" => "somebody was shown an older journal than the document names",
        "journal_differs" => "signers were shown different journals",
        "plausible" => "the times of the signatures fit together",
        "iat_out_of_window" => "a signature's time does not fit the server's",
        "cosigned_before_signing" => "a witness cosigned before the document was signed",
        "first" => "this is the first version",
        "chained" => "every earlier version is named correctly",
        "previous_not_given" => "not checked: the earlier versions did not come with the bundle",
        "prev_mismatch" => "the earlier version given is not the one that this one follows",
        "erased" => "the document was erased",
        "not_erased" => "none recorded",
        "erasure_opening" => "the record of the erasure is not the one in the log",
        "erasure_other" => "the record of the erasure is another document's",
        "erasure_inclusion" => "the record of the erasure is not in the log after the document",
        "signature_absent" => "not checked: there is no server's signature",
        "no_policy" => "not checked: no policy was given",
        "not_reached" => "not checked: the file can't be read",
        _ => "",
    }
}

fn facts_of(facts: &Facts, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\nLog {}: entry {} of {}", plain(&facts.origin), facts.index, facts.size)?;
    for at in &facts.cosigned_at {
        writeln!(f, "Cosigned {}", time(*at))?;
    }
    if let Some(at) = facts.erased_at {
        writeln!(f, "Erased on {}", time(at))?;
    }
    let Some(outcome) = &facts.outcome else { return Ok(()) };
    outcome_of(outcome, f)
}

fn outcome_of(outcome: &OutcomeFacts, f: &mut Formatter<'_>) -> fmt::Result {
    writeln!(f, "\nOutcome {} version {} of {}", outcome.oid, outcome.ver, plain(&outcome.issuer))?;
    let fields = [
        ("agency", &outcome.agency),
        ("complaint", &outcome.complaint_number),
        ("subject", &outcome.subject),
        ("session", &outcome.session),
    ];
    for (name, value) in fields {
        writeln!(f, "  {name:<10} {}", shown(value.as_deref()))?;
    }
    for person in &outcome.people {
        person_of(person, f)?;
    }
    for (index, term) in outcome.terms.iter().enumerate() {
        writeln!(f, "  term {:<5} {}", index + 1, term_in_words(term))?;
    }
    match outcome.sealed_at {
        Some(at) => writeln!(f, "  sealed     {} (by the server's clock)", time(at)),
        None => Ok(()),
    }
}

fn person_of(person: &PersonFacts, f: &mut Formatter<'_>) -> fmt::Result {
    let role = match person.role {
        Role::Consumer => "consumer",
        Role::Merchant => "merchant",
        Role::Mediator => "mediator",
    };
    write!(f, "  {role:<10} {}", shown(person.name.as_deref()))?;
    if let Some(party) = &person.party {
        write!(f, ", for {}", plain(party))?;
    }
    if let Some(address) = &person.address {
        write!(f, ", {}", plain(address))?;
    }
    if let Some(identity) = &person.identity {
        write!(f, "; identity: {}", plain(identity))?;
    }
    match person.signed_at {
        Some(at) => writeln!(f, "; signed {}", time(at)),
        None => writeln!(f),
    }
}

fn term_in_words(term: &TermFacts) -> String {
    let by = match term.by {
        Performer::Consumer => "the consumer",
        Performer::Merchant => "the merchant",
        Performer::Both => "both",
    };
    let amount = term.amount_fen.map_or_else(String::new, |fen| {
        format!(
            ", ¥{}{}.{:02}",
            if fen < 0 { "-" } else { "" },
            fen.unsigned_abs() / 100,
            fen.unsigned_abs() % 100
        )
    });
    let due = term.due.as_ref().map_or_else(String::new, |due| format!(", by {due}"));
    format!("{} by {by}{amount}{due}: {}", kind(term.kind), shown(term.text.as_deref()))
}

fn kind(kind: TermKind) -> &'static str {
    match kind {
        TermKind::Repair => "repair",
        TermKind::Redo => "redoing",
        TermKind::Replace => "replacement",
        TermKind::Return => "return of the goods",
        TermKind::MakeUpQuantity => "making up the quantity",
        TermKind::Refund => "refund",
        TermKind::Compensation => "compensation",
        TermKind::Apology => "apology",
        TermKind::ContinuePerformance => "continued performance",
        TermKind::ReturnPrepayment => "return of the prepayment",
        TermKind::Punitive => "punitive damages",
        TermKind::PriceReduction => "price reduction",
        TermKind::Rescission => "rescission of the contract",
        TermKind::FreeText => "agreed",
    }
}

fn shown(value: Option<&str>) -> String {
    value.map_or_else(|| "(kept back)".into(), plain)
}

/// A stranger's text on one line of a terminal: no control characters, nothing that turns its direction.
fn plain(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().map(|c| if hidden(c) { ' ' } else { c }).take(4_000).collect()
}

fn time(seconds: u64) -> String {
    let timestamp =
        i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    timestamp.map_or_else(|| format!("{seconds} s after 1970"), |timestamp| timestamp.to_string())
}
