//! Whom HTTPS believes: the public authorities, and one of the operator's own if they name it.

use anyhow::{Context, Result};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// `own`: certificates in PEM, such as that of a server that made its own.
pub fn config(own: Option<&Path>) -> Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    if let Some(file) = own {
        for certificate in CertificateDer::pem_file_iter(file).context("--ca")? {
            roots.add(certificate.context("--ca")?).context("--ca")?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
