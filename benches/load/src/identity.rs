//! A device's signing key: P-256, made afresh, as a browser makes it (docs/OUTCOME-FORMAT.md).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub struct Key {
    key: SigningKey,
    x: String,
    y: String,
}

impl Key {
    /// From 32 random octets.
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        let key = SigningKey::from_slice(seed).ok()?;
        let point = key.verifying_key().to_sec1_point(false);
        let (x, y) = (URL_SAFE_NO_PAD.encode(point.x()?), URL_SAFE_NO_PAD.encode(point.y()?));
        Some(Self { key, x, y })
    }

    pub fn jwk(&self) -> Value {
        json!({ "crv": "P-256", "kty": "EC", "x": self.x, "y": self.y })
    }

    /// The command that signs what `view` shows. The header is canonical JSON: members in order.
    pub fn sign(&self, view: &Value, seconds: i64) -> Option<Value> {
        let signing = &view["signing"];
        let jwk = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, self.x, self.y);
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(&jwk));
        let (root, size) = (signing["journal"]["root"].as_str()?, signing["journal"]["size"].as_u64()?);
        let role = view["me"]["role"].as_str()?;
        let header = format!(
            r#"{{"alg":"ES256","iat":{seconds},"jh":{{"root":"{root}","size":{size}}},"jwk":{jwk},"kid":"{kid}","role":"{role}","typ":"mediation-settlement+jws"}}"#
        );
        let protected = URL_SAFE_NO_PAD.encode(header);
        let input = format!("{protected}.{}", signing["payload"].as_str()?);
        let signature: Signature = self.key.sign(input.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        let version = &signing["version"];
        Some(json!({ "do": "sign", "version": version, "protected": protected, "signature": signature }))
    }
}
