//! The verifier gives every published vector the verdict that was written for it.

mod scene;
#[path = "scene/vectors/mod.rs"]
mod vectors;

use hejie::signing::policy::BadPolicy;
use hejie::signing::report::Report;
use hejie::signing::verify;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use vectors::Vector;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name)
}

fn verdict(vector: &Vector) -> Value {
    let verdict = verify::run(&vector.bundle, vector.policy.as_deref()).expect("a sound policy");
    let mut given = serde_json::to_value(verdict).unwrap();
    given.as_object_mut().unwrap().remove("facts");
    given
}

#[test]
fn every_vector_gets_the_verdict_written_for_it() {
    for vector in vectors::all() {
        let (given, expected) = (verdict(&vector), &vector.expected);
        let pairs = given["lines"].as_array().unwrap().iter().zip(expected["lines"].as_array().unwrap());
        for (line, wanted) in pairs {
            assert_eq!(line, wanted, "{}: {}", vector.name, vector.story);
        }
        assert_eq!(&given, expected, "{}", vector.name);
    }
}

#[test]
fn the_published_files_are_the_ones_made_here() {
    let mut names = BTreeSet::new();
    for vector in vectors::all() {
        assert!(names.insert(vector.name.to_owned()), "two vectors named {}", vector.name);
        for (file, content) in files(&vector) {
            let published = fs::read(folder(vector.name).join(file)).unwrap_or_default();
            assert!(published == content, "{}/{file}: make the vectors again, and say why", vector.name);
        }
        assert_eq!(folder(vector.name).join("policy.json").exists(), vector.policy.is_some());
    }
    let published = fs::read_dir(folder("")).unwrap().map(|entry| entry.unwrap());
    let folders = published.filter(|entry| entry.path().is_dir());
    assert_eq!(folders.map(|entry| entry.file_name().into_string().unwrap()).collect::<BTreeSet<_>>(), names);
}

/// `cargo test --test verify -- --ignored` writes `tests/vectors` again.
#[test]
#[ignore = "writes the published vectors"]
fn make_the_vectors() {
    for vector in vectors::all() {
        fs::create_dir_all(folder(vector.name)).unwrap();
        for (file, content) in files(&vector) {
            fs::write(folder(vector.name).join(file), content).unwrap();
        }
    }
}

fn files(vector: &Vector) -> Vec<(&'static str, Vec<u8>)> {
    let mut expected = vector.expected.clone();
    expected["story"] = vector.story.into();
    let mut text = serde_json::to_vec_pretty(&expected).unwrap();
    text.push(b'\n');
    let mut files = vec![("bundle.json", vector.bundle.clone()), ("expected.json", text)];
    files.extend(vector.policy.clone().map(|policy| ("policy.json", policy)));
    files
}

#[test]
fn a_file_beyond_the_bound_is_not_read() {
    let verdict = verify::run(&vec![b' '; hejie::signing::bundle::MAX_BYTES + 1], None).unwrap();
    assert_eq!(verdict.line("form").unwrap().reason, "too_large");
}

#[test]
fn a_policy_that_cannot_be_used_is_no_verdict() {
    let good: Value =
        serde_json::from_slice(&fs::read(folder("valid-full").join("policy.json")).unwrap()).unwrap();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut policy = good.clone();
        change(&mut policy);
        verify::run(b"{}", Some(&serde_json::to_vec(&policy).unwrap())).unwrap_err()
    };
    assert_eq!(refused(&|policy| policy["log"] = "x".into()), BadPolicy::Log);
    assert_eq!(refused(&|policy| policy["log"] = policy["witnesses"][0].clone()), BadPolicy::Log);
    assert_eq!(refused(&|policy| policy["witnesses"][0] = policy["log"].clone()), BadPolicy::Witness(0));
    let twice = |policy: &mut Value| policy["witnesses"] = vec![policy["witnesses"][0].clone(); 2].into();
    assert_eq!(refused(&twice), BadPolicy::Witness(1));
    assert_eq!(refused(&|policy| policy["quorum"] = 2.into()), BadPolicy::Quorum);
    assert!(matches!(refused(&|policy| policy["v"] = 2.into()), BadPolicy::Form(_)));
    assert!(matches!(refused(&|policy| policy["more"] = 1.into()), BadPolicy::Form(_)));
    assert_eq!(verify::run(b"{}", Some(&[b' '; 65_537])).unwrap_err(), BadPolicy::TooLarge);
}

/// A reader of the page and of the terminal meets no code that nobody explains.
#[test]
fn every_reason_is_explained() {
    let page = fs::read_to_string(folder("../../docs/OUTCOME-FORMAT.md")).unwrap();
    for vector in vectors::all() {
        let verdict = verify::run(&vector.bundle, vector.policy.as_deref()).unwrap();
        let told = Report(&verdict).to_string();
        for (line, words) in verdict.lines.iter().zip(told.lines().skip(2)) {
            let explained = [format!("`{}`", line.reason), format!("*{}*", line.reason)];
            assert!(explained.iter().any(|reason| page.contains(reason)), "{}", line.reason);
            assert!(words.chars().skip(25).any(|c| c.is_alphabetic()), "{}: {}", line.id, line.reason);
        }
    }
}

mod command_line {
    use super::*;
    use std::process::{Command, Output};

    fn verify(vector: &str, policy: bool, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hejie"));
        command.arg("verify").arg(folder(vector).join("bundle.json")).args(more);
        if policy {
            command.arg("--policy").arg(folder(vector).join("policy.json"));
        }
        command.output().unwrap()
    }

    fn text(output: &Output) -> String {
        String::from_utf8(output.stdout.clone()).unwrap()
    }

    #[test]
    fn only_a_valid_outcome_ends_with_zero() {
        for (vector, policy, status) in [
            ("valid-full", true, 0),
            ("valid-redacted", true, 0),
            ("stripped-role", true, 1),
            ("not-json", true, 1),
            ("valid-full", false, 2),
            ("no-policy", false, 2),
            ("erased", true, 3),
            ("another-bundle-that-is-not-there", true, 1),
        ] {
            assert_eq!(verify(vector, policy, &[]).status.code(), Some(status), "{vector}");
        }
    }

    #[test]
    fn it_tells_the_terms_and_what_is_not_proved() {
        let told = text(&verify("valid-full", true, &[]));
        for part in ["VALID", "王小明", "¥1280.00", "by 2026-12-07", "✓ merchant's signature", "Not proved"]
        {
            assert!(told.contains(part), "{part}: {told}");
        }
        let told = text(&verify("stripped-role", true, &[]));
        assert!(told.starts_with("INVALID") && told.contains("✗ required roles"), "{told}");
        let told = text(&verify("valid-redacted", true, &[]));
        assert!(told.contains("(kept back)") && !told.contains("王小明"), "{told}");
    }

    #[test]
    fn as_json_it_is_the_published_verdict() {
        let told: Value = serde_json::from_str(&text(&verify("forked-root", true, &["--json"]))).unwrap();
        let expected = fs::read(folder("forked-root").join("expected.json")).unwrap();
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        assert_eq!((&told["verdict"], &told["lines"]), (&expected["verdict"], &expected["lines"]));
    }
}

mod hostile {
    use super::*;
    use hejie::signing::verify::{Facts, Overall};
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// A good bundle, its policy, and what it says.
    struct Good {
        bundle: Vec<u8>,
        policy: Vec<u8>,
        facts: Option<Facts>,
    }

    static GOOD: LazyLock<Good> = LazyLock::new(|| {
        let read = |file| fs::read(folder("valid-full").join(file)).unwrap();
        let (bundle, policy) = (read("bundle.json"), read("policy.json"));
        let facts = verify::run(&bundle, Some(&policy)).unwrap().facts;
        Good { bundle, policy, facts }
    });

    /// Puts `put` in the place of the `at`-th member of a walk through the tree, if there are so many.
    fn replace(value: &mut Value, at: usize, put: Value) {
        let (mut left, mut put) = (at, Some(put));
        visit(value, &mut left, &mut put);
    }

    fn visit(value: &mut Value, left: &mut usize, put: &mut Option<Value>) {
        if *left == 0 {
            if let Some(put) = put.take() {
                *value = put;
            }
            return;
        }
        *left -= 1;
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| visit(item, left, put)),
            Value::Object(members) => members.values_mut().for_each(|item| visit(item, left, put)),
            _ => {}
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), policy: bool) {
            let policy = policy.then_some(GOOD.policy.as_slice());
            prop_assert_eq!(verify::run(&bytes, policy).unwrap().verdict, Overall::Invalid);
        }

        #[test]
        fn no_changed_byte_leaves_another_document_valid(at: prop::sample::Index, to: u8) {
            let mut bytes = GOOD.bundle.clone();
            let at = at.index(bytes.len());
            bytes[at] = to;
            let verdict = verify::run(&bytes, Some(&GOOD.policy)).unwrap();
            prop_assert!(verdict.verdict != Overall::Valid || verdict.facts == GOOD.facts);
        }

        #[test]
        fn no_changed_member_makes_it_panic_or_leaves_another_document_valid(
            at in 1_usize..60, kind in 0..7, text in "\\PC{0,40}",
        ) {
            let mut value: Value = serde_json::from_slice(&GOOD.bundle).unwrap();
            replace(&mut value, at, match kind {
                0 => Value::Null,
                1 => Value::Array(vec![]),
                2 => serde_json::json!({}),
                3 => serde_json::json!(-1),
                4 => serde_json::json!(1.5e300),
                5 => Value::Array(vec![Value::String(text.clone()); 3]),
                _ => Value::String(text.clone()),
            });
            let verdict = verify::run(&serde_json::to_vec(&value).unwrap(), Some(&GOOD.policy)).unwrap();
            prop_assert!(!hejie::signing::report::Report(&verdict).to_string().is_empty());
            prop_assert!(verdict.verdict != Overall::Valid || verdict.facts == GOOD.facts);
        }
    }
}

/// serde takes `[…]` for an object's values in order; the format doesn't, nor does the page.
#[test]
fn an_array_is_no_object() {
    let vector = vectors::all().into_iter().find(|vector| vector.name == "valid-full").expect("published");
    let bundle: Value = serde_json::from_slice(&vector.bundle).unwrap();
    let values = |object: &Value| Value::Array(object.as_object().unwrap().values().cloned().collect());
    for place in ["/outcome", "/outcome/signatures/0", "/outcome/signatures/0/header", "/keyManifests/0"] {
        let mut other = bundle.clone();
        let at = other.pointer_mut(place).unwrap_or_else(|| panic!("{place} is in the bundle"));
        *at = values(at);
        let bytes = serde_json::to_vec(&other).unwrap();
        let verdict = serde_json::to_value(verify::run(&bytes, vector.policy.as_deref()).unwrap()).unwrap();
        assert_eq!(verdict["verdict"], "invalid", "{place}");
        assert_eq!(verdict["lines"][0]["reason"], "bundle_malformed", "{place}");
    }
}
