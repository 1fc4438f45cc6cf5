//! The verifier gives every published vector the verdict that was written for it.

mod scene;
#[path = "scene/vectors.rs"]
mod vectors;

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
