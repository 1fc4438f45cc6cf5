//! P-256 keys: those made in people's browsers, and the server's own (ES256, RFC 7518 §3.4).

use crate::canon;
use crate::random::Random;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// A public P-256 key as a JWK, nothing else in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Jwk {
    /// `P-256`
    pub crv: String,
    /// `EC`
    pub kty: String,
    /// 32 bytes, base64url.
    pub x: String,
    pub y: String,
}

/// Not a point of the curve, written as a JWK should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a P-256 public key")]
pub struct BadKey;

impl Jwk {
    /// Whether the members are of the right form; the point may still not be on the curve.
    pub(crate) fn has_form(&self) -> bool {
        let coordinate = |text: &str| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32);
        self.kty == "EC" && self.crv == "P-256" && coordinate(&self.x) && coordinate(&self.y)
    }

    fn key(&self) -> Result<VerifyingKey, BadKey> {
        if !self.has_form() {
            return Err(BadKey);
        }
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| BadKey);
        let point = [vec![4], decode(&self.x)?, decode(&self.y)?].concat();
        VerifyingKey::from_sec1_bytes(&point).map_err(|_| BadKey)
    }
}

impl From<&VerifyingKey> for Jwk {
    fn from(key: &VerifyingKey) -> Self {
        let point = key.to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        Self {
            crv: "P-256".into(),
            kty: "EC".into(),
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
        }
    }
}

/// The RFC 7638 thumbprint (`jkt`) of a key that is on the curve.
pub fn thumbprint(jwk: &Jwk) -> Result<String, BadKey> {
    jwk.key()?;
    Ok(thumbprint_of_form(jwk))
}

/// RFC 7638 §3: its required members are all that a [`Jwk`] has, and canonical order is theirs.
pub(crate) fn thumbprint_of_form(jwk: &Jwk) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(canon::bytes(jwk)))
}

/// Whether `signature` (r ‖ s, 64 bytes) is the key's over `message`.
pub fn verifies(jwk: &Jwk, message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (jwk.key(), Signature::from_slice(signature)) else { return false };
    key.verify(message, &signature).is_ok()
}

/// A private P-256 key: the server's, or in tests a person's.
#[derive(Clone)]
pub struct Es256Key {
    key: SigningKey,
    jwk: Jwk,
    kid: String,
}

impl Es256Key {
    pub fn generate(random: &Random) -> Self {
        loop {
            // All but one in 2^32 draws are below the curve's order.
            if let Ok(key) = SigningKey::from_slice(&random.bytes::<32>()) {
                return Self::of(key);
            }
        }
    }

    /// From PKCS#8 in PEM, as `openssl genpkey` writes it.
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        SigningKey::from_pkcs8_pem(pem).map(Self::of).map_err(|_| BadKey)
    }

    pub fn to_pem(&self) -> String {
        self.key.to_pkcs8_pem(LineEnding::LF).expect("a P-256 key encodes").to_string()
    }

    fn of(key: SigningKey) -> Self {
        let jwk = Jwk::from(key.verifying_key());
        let kid = thumbprint_of_form(&jwk);
        Self { key, jwk, kid }
    }

    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// r ‖ s. Deterministic (RFC 6979).
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.key.sign(message);
        signature.to_bytes().into()
    }
}

impl fmt::Debug for Es256Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Es256Key({})", self.kid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key and signature of RFC 7515 appendix A.3, and its thumbprint as jose computes it.
    #[test]
    fn the_example_of_the_standard_verifies() {
        let jwk = Jwk {
            crv: "P-256".into(),
            kty: "EC".into(),
            x: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU".into(),
            y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0".into(),
        };
        let message = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = URL_SAFE_NO_PAD
            .decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
            .unwrap();
        assert!(verifies(&jwk, message.as_bytes(), &signature));
        assert!(!verifies(&jwk, &message.as_bytes()[1..], &signature));
        assert_eq!(thumbprint(&jwk).unwrap(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    }

    #[test]
    fn a_key_survives_its_file() {
        let key = Es256Key::generate(&Random::seeded(3));
        let again = Es256Key::from_pem(&key.to_pem()).unwrap();
        assert_eq!(again.kid(), key.kid());
        assert!(verifies(key.jwk(), b"m", &again.sign(b"m")));
        assert!(
            Es256Key::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").is_err()
        );
    }

    #[test]
    fn a_point_off_the_curve_is_no_key() {
        let mut jwk = Es256Key::generate(&Random::seeded(3)).jwk().clone();
        std::mem::swap(&mut jwk.x, &mut jwk.y);
        assert_eq!(thumbprint(&jwk), Err(BadKey));
        jwk.x.push('=');
        assert_eq!(thumbprint(&jwk), Err(BadKey));
    }
}
