//! `hejie` from a terminal: what it prints, how it exits.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn hejie(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hejie"));
    command.args(arguments).env("HEJIE_SERVER__DATA_DIR", data).stdin(Stdio::null());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn with_input(mut command: Command, input: &str) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn help_names_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let output = hejie(folder.path(), &["--help"]).output().unwrap();
    assert!(output.status.success());
    for command in ["serve", "demo", "verify", "check-config", "staff", "operator-key", "backup", "restore"] {
        assert!(text(&output.stdout).contains(command), "{command}");
    }
}

#[test]
fn a_wrong_value_is_named_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let wrong =
        hejie(folder.path(), &["check-config"]).env("HEJIE_TLS__LISTEN", "everywhere").output().unwrap();
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stderr).starts_with("hejie: tls.listen: "), "{}", text(&wrong.stderr));
    let right = hejie(folder.path(), &["check-config"]).output().unwrap();
    assert!(right.status.success());
    let absent = hejie(folder.path(), &["serve", "--config", "/nowhere/hejie.toml"]).output().unwrap();
    assert!(text(&absent.stderr).contains("/nowhere/hejie.toml"));
}

#[test]
fn an_account_is_made_once_with_a_password_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let add = ["staff", "add", "li", "--display-name", "李", "--role", "mediator"];
    let made = with_input(hejie(&data, &add), "a long enough password\n");
    assert!(made.status.success(), "{}", text(&made.stderr));
    let again = with_input(hejie(&data, &add), "a long enough password\n");
    assert_eq!(text(&again.stderr), "hejie: there is an account of that name\n");
    let short = with_input(hejie(&data, &["staff", "add", "wu"]), "short\n");
    assert!(text(&short.stderr).contains("at least 8 characters"));
    let generated = hejie(&data, &["staff", "add", "wu", "--generate"]).output().unwrap();
    let password = text(&generated.stdout);
    assert_eq!(password.split("password: ").nth(1).unwrap().trim().len(), 23);
    let link = hejie(&data, &["staff", "link", "li"]).output().unwrap();
    assert!(text(&link.stdout).starts_with("http://localhost:8080/desk#"));
    assert!(hejie(&data, &["staff", "disable", "li"]).status().unwrap().success());
    let closed = hejie(&data, &["staff", "link", "li"]).output().unwrap();
    assert_eq!(text(&closed.stderr), "hejie: no account li\n");
    let nobody = hejie(&data, &["staff", "enable", "zhao"]).output().unwrap();
    assert_eq!(text(&nobody.stderr), "hejie: there is no account of that name\n");
}

#[test]
fn an_operators_key_is_shown_once_listed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let add = ["operator-key", "add", "ops", "--expires", "30"];
    let made = hejie(&data, &add).output().unwrap();
    let secret = text(&made.stdout);
    assert!(secret.starts_with("hejie-operator-") && secret.lines().count() == 1, "{secret}");
    let again = hejie(&data, &add).output().unwrap();
    assert_eq!(text(&again.stderr), "hejie: there is a key of that name\n");
    let list = || text(&hejie(&data, &["operator-key", "list"]).output().unwrap().stdout);
    assert!(list().starts_with("ops  good until "), "{}", list());
    assert!(!list().contains(secret.trim()));
    assert!(hejie(&data, &["operator-key", "revoke", "ops"]).status().unwrap().success());
    assert!(list().starts_with("ops  revoked on "), "{}", list());
    assert!(hejie(&data, &add).status().unwrap().success(), "the name is free again");
    let forever = hejie(&data, &["operator-key", "add", "new", "--expires", "367"]).output().unwrap();
    assert_eq!(text(&forever.stderr), "hejie: a key is good for 1 to 366 days\n");
}

#[test]
fn a_demo_prints_links_and_keeps_its_case() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for _ in 0..2 {
        let mut demo = hejie(&data, &["demo"]);
        for listener in ["HEJIE_SERVER__LISTEN", "HEJIE_TLS__LISTEN", "HEJIE_MEDIA__LISTEN"] {
            demo.env(listener, "127.0.0.1:0");
        }
        let child = demo.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut child = Stopped(child);
        let printed = read_until(child.0.stdout.take().unwrap(), "/verify");
        assert!(printed.contains("/desk#"), "{printed}");
    }
    let mut files: Vec<String> =
        std::fs::read_dir(&data).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert!(files.contains(&"hejie.db".to_owned()) && files.contains(&"tls".to_owned()), "{files:?}");
}

/// A child that is ended whatever happens.
struct Stopped(std::process::Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn read_until(out: impl std::io::Read, end: &str) -> String {
    let mut text = String::new();
    for line in std::io::BufRead::lines(std::io::BufReader::new(out)) {
        text += &line.unwrap();
        text.push('\n');
        if text.contains(end) {
            break;
        }
    }
    text
}
