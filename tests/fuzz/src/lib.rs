//! The media plane and nothing else of the server, so that it builds in minutes. What is fuzzed:
//! `src/media/fuzz.rs`; `make test` replays the corpus. To look for more, with `cargo-fuzz` installed:
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz -s none TARGET`.

#[path = "../../../src/ids.rs"]
pub mod ids;
#[path = "../../../src/media/mod.rs"]
pub mod media;
#[path = "../../../src/random.rs"]
pub mod random;
