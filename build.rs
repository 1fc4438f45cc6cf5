//! Tells cargo what is embedded: the migrations, and the built web client (which may be absent).

fn main() {
    println!("cargo:rerun-if-changed=migrations/sqlite");
    println!("cargo:rerun-if-changed=migrations/postgres");
    println!("cargo:rerun-if-changed=web/dist");
    std::fs::create_dir_all("web/dist").expect("the web client's output folder can be made");
}
