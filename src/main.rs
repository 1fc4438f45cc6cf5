//! The command line. Everything it does is a function of the library.

use anyhow::{Context, bail};
use clap::{Parser, Subcommand};
use hejie::clock::Clock;
use hejie::config::{Config, LogFormat};
use hejie::random::Random;
use hejie::rehearsal::key::{self, OperatorKey};
use hejie::server::{self, Surroundings};
use hejie::signing::bundle::MAX_BYTES;
use hejie::signing::report::{Report, exit_status};
use hejie::staff::{self, Account, Passwords, StaffRole, Strength};
use hejie::store::Store;
use hejie::{backup, demo};
use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, ExitCode};
use tracing_subscriber::EnvFilter;

/// Video mediation whose signed outcome anybody can check.
#[derive(Parser)]
#[command(name = "hejie", version, arg_required_else_help = true)]
struct Arguments {
    /// A TOML file; environment variables HEJIE_SECTION__KEY go over it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve,
    /// Run the server with a made-up case, and print links to try it with.
    Demo,
    /// Check a signed outcome's bundle. Needs no server and no database.
    Verify {
        /// The bundle.
        file: PathBuf,
        /// Whose outcomes and which log to trust; without it the verdict is "unpinned".
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// Print the verdict as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Read the configuration and say whether it can be used.
    CheckConfig,
    /// Staff accounts.
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Keys that let `hejie-load` try this server out on made-up cases, and nothing else.
    #[command(subcommand)]
    OperatorKey(OperatorKeyCommand),
    /// Copy the database and the data folder, or check such a copy.
    Backup {
        /// A new or empty folder.
        dir: PathBuf,
        /// Only check the backup that is there.
        #[arg(long)]
        check: bool,
    },
    /// Check a backup and bring it back into an empty data folder.
    Restore { dir: PathBuf },
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Make an account. The password is read from the terminal or from standard input.
    Add {
        name: String,
        /// As parties see it; the name, if absent.
        #[arg(long)]
        display_name: Option<String>,
        #[arg(long, value_enum, default_value = "mediator")]
        role: StaffRole,
        /// Make up a password and print it.
        #[arg(long)]
        generate: bool,
    },
    /// Give an account a new password, and sign it out everywhere.
    Password { name: String },
    /// Close an account, and sign it out everywhere.
    Disable { name: String },
    /// Open a closed account again.
    Enable { name: String },
    /// Print a link that signs an account in, once, within an hour.
    Link { name: String },
}

#[derive(Subcommand)]
enum OperatorKeyCommand {
    /// Make a key and print it, this once.
    Add {
        name: String,
        /// How many days it is good for, at most 366.
        #[arg(long, default_value_t = 90)]
        expires: u32,
    },
    /// Tell which keys there are.
    List,
    /// Make a key worthless.
    Revoke { name: String },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("hejie: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if let Command::Verify { file, policy, json } = &arguments.command {
        return verify(file, policy.as_deref(), *json);
    }
    let config = Config::load(arguments.config.as_deref(), std::env::vars())?;
    let runtime = tokio::runtime::Runtime::new().context("the async runtime")?;
    runtime.block_on(carry_out(arguments.command, config))?;
    Ok(ExitCode::SUCCESS)
}

async fn carry_out(command: Command, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Serve => {
            log_to_stderr(&config)?;
            server::start(config, Surroundings::real()).await?.until_told().await
        }
        Command::Demo => {
            log_to_stderr(&config)?;
            let (server, links) = demo::start(config).await?;
            print!("{}", links.text());
            std::io::stdout().flush()?;
            server.until_told().await
        }
        Command::Verify { .. } => unreachable!("needs no configuration"),
        Command::CheckConfig => check_config(&config),
        Command::Staff(command) => staff_command(command, config).await,
        Command::OperatorKey(command) => operator_key_command(command, config).await,
        Command::Backup { dir, check: true } => {
            let manifest = backup::check(&dir).await?;
            println!("{}: whole, {} files", dir.display(), manifest.files.len());
            Ok(())
        }
        Command::Backup { dir, check: false } => {
            let manifest = backup::make(&config, Clock::System.now(), &dir).await?;
            println!("{}: {} files, checked", dir.display(), manifest.files.len());
            Ok(())
        }
        Command::Restore { dir } => {
            let manifest = backup::restore(&config, &dir).await?;
            println!("{} files restored to {}", manifest.files.len(), config.server.data_dir.display());
            Ok(())
        }
    }
}

fn log_to_stderr(config: &Config) -> anyhow::Result<()> {
    let filter = config.log.filter.as_deref().unwrap_or("info,sqlx=warn");
    let filter = EnvFilter::try_new(filter).context("log.filter")?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match config.log.format {
        LogFormat::Json => log.json().init(),
        LogFormat::Pretty => log.init(),
    }
    Ok(())
}

fn check_config(config: &Config) -> anyhow::Result<()> {
    config.store_url()?;
    config.turn.secret()?;
    for (key, path) in [("tls.cert", &config.tls.cert), ("tls.key", &config.tls.key)] {
        if let Some(path) = path {
            std::fs::File::open(path).with_context(|| format!("{key}: {}", path.display()))?;
        }
    }
    if let Some(filter) = &config.log.filter {
        EnvFilter::try_new(filter).context("log.filter")?;
    }
    println!("The configuration can be used. Links begin with {}", config.public_url());
    Ok(())
}

async fn open_store(config: &Config) -> anyhow::Result<Store> {
    server::make_data_dir(config)?;
    Store::open(&config.store_url()?).await.context("store.url: the database could not be opened")
}

async fn operator_key_command(command: OperatorKeyCommand, config: Config) -> anyhow::Result<()> {
    let store = open_store(&config).await?;
    let (now, zone) = (Clock::System.now(), config.time_zone());
    let mut tx = store.begin().await?;
    let told = match command {
        OperatorKeyCommand::Add { name, expires } => {
            let (key, secret) = key::add(&mut tx, now, &Random::os(), &name, expires).await?;
            eprintln!("{} is good until {}; it is shown this once:", key.name, key.expires_at.day(&zone));
            secret
        }
        OperatorKeyCommand::List => {
            let line = |key: OperatorKey| {
                let state = match key.revoked_at {
                    Some(at) => format!("revoked on {}", at.day(&zone)),
                    None if key.expires_at <= now => format!("expired on {}", key.expires_at.day(&zone)),
                    None => format!("good until {}", key.expires_at.day(&zone)),
                };
                format!("{}  {state}", key.name)
            };
            key::list(&mut tx).await?.into_iter().map(line).collect::<Vec<_>>().join("\n")
        }
        OperatorKeyCommand::Revoke { name } => {
            key::revoke(&mut tx, now, &name).await?;
            format!("{name} is worth nothing any more")
        }
    };
    tx.commit().await?;
    store.close().await;
    println!("{told}");
    Ok(())
}

async fn staff_command(command: StaffCommand, config: Config) -> anyhow::Result<()> {
    let store = open_store(&config).await?;
    let (now, random) = (Clock::System.now(), Random::os());
    let passwords = Passwords::new(Strength::Normal, &random);
    let mut tx = store.begin().await?;
    let told = match command {
        StaffCommand::Add { name, display_name, role, generate } => {
            let password = if generate { made_up(&random) } else { asked()? };
            let display_name = display_name.as_deref().unwrap_or(&name);
            let account = Account { name: &name, display_name, role, password: Some(&password) };
            let staff = staff::add(&mut tx, now, &random, &passwords, "system", &account).await?;
            let made = format!("made the account {} ({})", staff.name, staff.role.as_str());
            if generate { format!("{made}\npassword: {password}") } else { made }
        }
        StaffCommand::Password { name } => {
            staff::set_password(&mut tx, now, &random, &passwords, &name, &asked()?).await?;
            format!("{name} has a new password")
        }
        StaffCommand::Disable { name } => {
            staff::set_disabled(&mut tx, now, &name, true).await?;
            format!("{name} can't sign in any more")
        }
        StaffCommand::Enable { name } => {
            staff::set_disabled(&mut tx, now, &name, false).await?;
            format!("{name} can sign in again")
        }
        StaffCommand::Link { name } => {
            let staff = staff::find(&mut tx, &name).await?.with_context(|| format!("no account {name}"))?;
            let token = staff::make_link(&mut tx, now, &random, &staff.id, 60).await?;
            format!("{}/desk#{}", config.public_url(), token.reveal())
        }
    };
    tx.commit().await?;
    store.close().await;
    println!("{told}");
    Ok(())
}

/// Twenty characters that are easy to type: over 90 bits.
fn made_up(random: &Random) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let letters: Vec<char> =
        random.bytes::<20>().iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(5).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// One line of standard input; from a terminal it is asked for, twice, and not shown.
fn asked() -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        return line();
    }
    echo(false);
    let answers = (prompt("Password: "), prompt("Once more: "));
    echo(true);
    let (first, second) = (answers.0?, answers.1?);
    if first != second {
        bail!("the two passwords differ");
    }
    Ok(first)
}

fn prompt(text: &str) -> anyhow::Result<String> {
    eprint!("{text}");
    let answer = line();
    eprintln!();
    answer
}

fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password could not be read")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn echo(on: bool) {
    let _ = Process::new("stty").arg(if on { "echo" } else { "-echo" }).status();
}

/// Exit status 0 only when everything required holds.
fn verify(file: &Path, policy: Option<&Path>, json: bool) -> anyhow::Result<ExitCode> {
    let policy = policy.map(read_bounded).transpose()?;
    let verdict = hejie::signing::verify::run(&read_bounded(file)?, policy.as_deref())?;
    if json {
        println!("{}", serde_json::to_string_pretty(&verdict)?);
    } else {
        print!("{}", Report(&verdict));
    }
    Ok(ExitCode::from(exit_status(&verdict)))
}

/// A little more than what a bundle may have, so that the verifier says that it is too large.
fn read_bounded(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("{}", path.display()))?;
    Ok(bytes)
}
