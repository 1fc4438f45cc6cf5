//! The web client's types are generated from the wire's, and current.
//!
//! `HEJIE_WRITE_TYPES=1 cargo nextest run --test wire_types` writes them anew.

use hejie::edge::wire::{FromClient, FromServer};
use std::collections::BTreeMap;
use std::path::Path;
use ts_rs::{Config, TS, TypeVisitor};

#[derive(Default)]
struct Declarations(BTreeMap<String, String>);

impl TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        let config = Config::default();
        let name = T::ident(&config);
        if T::output_path().is_none() || self.0.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        self.0.insert(name, format!("{docs}export {}\n", T::decl(&config)));
        T::visit_dependencies(self);
    }
}

#[test]
fn the_web_clients_types_are_current() {
    let mut all = Declarations::default();
    all.visit::<FromClient>();
    all.visit::<FromServer>();
    let head = "// Generated from the server's types (src/session, src/edge/wire.rs); don't edit.\n\
                // HEJIE_WRITE_TYPES=1 cargo nextest run --test wire_types\n\n";
    let text = head.to_owned() + &all.0.into_values().collect::<Vec<_>>().join("\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("web/src/protocol/types.ts");
    if std::env::var_os("HEJIE_WRITE_TYPES").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &text).unwrap();
    }
    let current = std::fs::read_to_string(&path).expect("web/src/protocol/types.ts exists");
    assert!(current == text, "web/src/protocol/types.ts is not current: run with HEJIE_WRITE_TYPES=1");
}
