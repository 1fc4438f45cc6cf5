//! HTTPS: the configured certificate, or one of our own made on first start.

use crate::edge::Shared;
use anyhow::{Context, bail};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Some systems refuse certificates of more than 825 days.
const YEARS: i16 = 2;

/// The TLS setup of the HTTPS listener.
pub(super) fn rustls(state: &Shared) -> anyhow::Result<ServerConfig> {
    let tls = &state.config.tls;
    let (cert, key) = match (&tls.cert, &tls.key) {
        (Some(cert), Some(key)) => (cert.clone(), key.clone()),
        _ => own(state)?,
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let chain = CertificateDer::pem_file_iter(&cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("tls.cert: {}", cert.display()))?;
    if chain.is_empty() {
        bail!("tls.cert: {} holds no certificate", cert.display());
    }
    let private =
        PrivateKeyDer::from_pem_file(&key).with_context(|| format!("tls.key: {}", key.display()))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .context("tls.cert and tls.key don't belong together")?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The files of our own certificate, made if there are none.
fn own(state: &Shared) -> anyhow::Result<(PathBuf, PathBuf)> {
    let dir = state.config.server.data_dir.join("tls");
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    if cert.exists() && key.exists() {
        return Ok((cert, key));
    }
    std::fs::create_dir_all(&dir).with_context(|| format!("{} can't be made", dir.display()))?;
    let mut params = CertificateParams::new(names(state)).context("the names for a certificate")?;
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, "Hejie, self-signed");
    params.distinguished_name = subject;
    let today = state.clock.now().day(&state.zone);
    let (month, day) = (today.month().unsigned_abs(), today.day().unsigned_abs().min(28));
    params.not_before = rcgen::date_time_ymd(i32::from(today.year()) - 1, month, day);
    params.not_after = rcgen::date_time_ymd(i32::from(today.year() + YEARS - 1), month, day);
    let pair = KeyPair::generate().context("a key for a certificate")?;
    let made = params.self_signed(&pair).context("a certificate of our own")?;
    write_private(&key, &pair.serialize_pem())?;
    write_private(&cert, &made.pem())?;
    tracing::info!(file = %cert.display(), "made a certificate");
    Ok((cert, key))
}

/// This machine, as phones on the same network reach it.
fn names(state: &Shared) -> Vec<String> {
    let mut names: BTreeSet<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
    names.extend(
        if_addrs::get_if_addrs().unwrap_or_default().iter().map(|interface| interface.ip().to_string()),
    );
    if let Some(url) = &state.config.server.public_url {
        let host = url.split("://").nth(1).unwrap_or_default();
        names.insert(host.rsplit_once(':').map_or(host, |(name, _)| name).to_owned());
    }
    names.into_iter().collect()
}

fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("{} can't be written", path.display()))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
    Ok(())
}
