//! The house stands: a file imports only from floors below its own, and no files import in a circle.

#[path = "house/imports.rs"]
mod imports;

use imports::{Graph, House};

/// From top to ground. A module may import from any floor below its own, and from itself.
const FLOORS: &[&[&str]] = &[
    &["main", "demo", "backup"],
    &["server"],
    &["edge"],
    &["rehearsal"],
    &["session"],
    &["complaint", "staff", "signing"],
    &["settlement", "media", "log", "notify"],
    &["audit"],
    &["store", "token", "bucket", "turn"],
    &["ids", "canon", "note", "config"],
    &["clock", "random"],
];

#[test]
fn imports_only_go_down() {
    let faults = House::read("src").against(FLOORS);
    assert!(faults.is_empty(), "imports that go up, or sideways:\n{}", faults.join("\n"));
}

#[test]
fn no_files_import_in_a_circle() {
    let circles = House::read("src").graph().circles();
    assert!(circles.is_empty(), "files that import in a circle:\n{}", circles.join("\n"));
}

#[test]
fn an_import_that_goes_up_is_found() {
    let house = House::of(&[
        ("store/mod.rs", "use crate::session::State;"),
        ("session/mod.rs", "use crate::store::Store;"),
    ]);
    let faults = house.against(&[&["session"], &["store"]]);
    assert_eq!(faults, ["store/mod.rs (store) imports session"]);
}

#[test]
fn an_import_from_a_neighbour_is_found_wherever_it_stands() {
    let floors: &[&[&str]] = &[&["media", "log", "notify"]];
    let faults = |text: &str| House::of(&[("media/peer.rs", text), ("log.rs", "")]).against(floors);
    let found = ["media/peer.rs (media) imports log"];
    assert_eq!(faults("use crate::log::Leaf;"), found);
    assert_eq!(faults("use crate::{log::{self, Leaf}};"), found);
    assert_eq!(faults("pub use crate\n  ::log\n  ::Leaf as L;"), found);
    assert_eq!(faults("fn f() { let _ = crate::log::append(1); }"), found);
    assert_eq!(
        faults("fn f(c: char) -> &'static str { if c == '\"' { crate::log::NAME } else { \"\" } }"),
        found
    );
}

#[test]
fn what_only_looks_like_an_import_is_not_one() {
    let floors: &[&[&str]] = &[&["media", "log"]];
    let faults = |text: &str| House::of(&[("media/peer.rs", text), ("log.rs", "")]).against(floors);
    let none: [&str; 0] = [];
    assert_eq!(faults("//! See [`Log`](crate::log::Log).\n/* crate::log::X */"), none);
    assert_eq!(faults("const A: &str = \"crate::log::X\"; const B: &str = r#\"\" crate::log::X\"#;"), none);
    assert_eq!(faults("macro_rules! m { () => { $crate::log::X } }"), none);
    assert_eq!(faults("use crate::media::table::Route;"), none);
}

#[test]
fn a_module_without_a_floor_is_found() {
    let house = House::of(&[("utils.rs", ""), ("media.rs", "use crate::utils::x;")]);
    let faults = house.against(&[&["media"]]);
    assert_eq!(
        faults,
        ["media.rs (media) imports utils, which has no floor", "utils.rs: utils has no floor"]
    );
}

#[test]
fn a_circle_is_found_and_named() {
    let graph = Graph::of(&[("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]);
    assert_eq!(graph.circles(), ["a → b → c → a"]);
    let graph = Graph::of(&[("a", "b"), ("b", "c"), ("a", "c")]);
    assert_eq!(graph.circles().len(), 0);
}

#[test]
fn a_circle_through_super_and_a_front_door_is_found() {
    let house = House::of(&[
        ("media/mod.rs", "mod peer; mod table; pub use table::{Route, Slot};"),
        ("media/peer.rs", "use super::table::Slot;"),
        ("media/table.rs", "use super::peer::Peer;"),
    ]);
    assert_eq!(house.graph().circles(), ["media/peer.rs → media/table.rs → media/peer.rs"]);

    let through_the_door = House::of(&[
        ("media/mod.rs", "mod peer; mod table; pub use table::{Route, Slot};"),
        ("media/peer.rs", "use crate::media::Route;"),
        ("media/table.rs", ""),
    ]);
    assert_eq!(through_the_door.graph().circles().len(), 0, "Route lives in table.rs, not in mod.rs");

    let into_the_house = House::of(&[
        ("media/mod.rs", "mod peer; use peer::Peer; pub struct Media;"),
        ("media/peer.rs", "use super::Media;"),
    ]);
    assert_eq!(into_the_house.graph().circles(), ["media/mod.rs → media/peer.rs → media/mod.rs"]);
}
