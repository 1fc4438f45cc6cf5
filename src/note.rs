//! Signed notes (c2sp.org/signed-note): a text, and lines that sign it, by Ed25519.
//!
//! The log signs its checkpoints in this form, witnesses cosign them (c2sp.org/tlog-cosignature).
//! Always true: a parsed note prints as the bytes it was parsed from.

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Algorithm byte of a plain Ed25519 note signature.
pub const ED25519: u8 = 0x01;
/// Algorithm byte of a witness's timestamped Ed25519 cosignature.
pub const COSIGNATURE: u8 = 0x04;

const MAX_SIGNATURES: usize = 100;
const MAX_NAME: usize = 255;

/// The text is no signed note, no verifier key, or none that we know how to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    #[error("not a signed note")]
    Note,
    #[error("not a verifier key of the form NAME+ID+KEY")]
    VerifierKey,
    #[error("a key name is 1 to 255 characters without space or plus")]
    Name,
}

/// A public key as policies name it: `NAME+8 hex+base64`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: u8,
    key: VerifyingKey,
}

impl VerifierKey {
    pub fn new(name: &str, algorithm: u8, key: VerifyingKey) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), algorithm, key })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn algorithm(&self) -> u8 {
        self.algorithm
    }

    /// The first four bytes of H(name ‖ 0x0A ‖ algorithm ‖ key).
    pub fn id(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([b'\n', self.algorithm]);
        hash.update(self.key.as_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    /// The same public key, whatever its name: one witness under two names is one witness.
    pub fn same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// Whether a line claims to be by this key.
    pub fn is_of(&self, line: &Line) -> bool {
        line.name == self.name && line.id == self.id()
    }

    /// Whether `line` signs `text`. A cosignature gives its time, in seconds since 1970.
    pub fn verify(&self, text: &str, line: &Line) -> Option<u64> {
        match self.algorithm {
            ED25519 => self.check(text.as_bytes(), &line.signature).then_some(0),
            COSIGNATURE => {
                let (time, signature) = line.signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                self.check(cosigned(time, text).as_bytes(), signature).then_some(time)
            }
            _ => None,
        }
    }

    fn check(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.algorithm], self.key.as_bytes().as_slice()].concat();
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id()), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;
    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, rest) = text.split_once('+').ok_or(NoteError::VerifierKey)?;
        let (_, key) = rest.split_once('+').ok_or(NoteError::VerifierKey)?;
        let key = STANDARD.decode(key).map_err(|_| NoteError::VerifierKey)?;
        let (algorithm, key) = key.split_first().ok_or(NoteError::VerifierKey)?;
        if !matches!(*algorithm, ED25519 | COSIGNATURE) {
            return Err(NoteError::VerifierKey);
        }
        let key = key.try_into().map_err(|_| NoteError::VerifierKey)?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| NoteError::VerifierKey)?;
        let parsed = Self::new(name, *algorithm, key)?;
        // The id in the middle follows from the rest: a text that differs is damaged.
        if parsed.to_string() == text { Ok(parsed) } else { Err(NoteError::VerifierKey) }
    }
}

/// Signs notes under a name.
#[derive(Clone)]
pub struct NoteSigner {
    name: String,
    key: SigningKey,
}

impl NoteSigner {
    pub fn new(name: &str, key: SigningKey) -> Result<Self, NoteError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), key })
    }

    /// The key that verifies its plain signatures.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), algorithm: ED25519, key: self.key.verifying_key() }
    }

    /// The key that verifies its cosignatures.
    pub fn witness(&self) -> VerifierKey {
        VerifierKey { algorithm: COSIGNATURE, ..self.verifier() }
    }

    /// A note's own signature.
    pub fn sign(&self, text: &str) -> Line {
        let signature = self.key.sign(text.as_bytes()).to_vec();
        Line { name: self.name.clone(), id: self.verifier().id(), signature }
    }

    /// A witness's: `time` in seconds since 1970.
    pub fn cosign(&self, text: &str, time: u64) -> Line {
        let signature = self.key.sign(cosigned(time, text).as_bytes()).to_bytes();
        let signature = [time.to_be_bytes().as_slice(), &signature].concat();
        Line { name: self.name.clone(), id: self.witness().id(), signature }
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({})", self.verifier())
    }
}

fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// One signature of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub name: String,
    pub id: [u8; 4],
    pub signature: Vec<u8>,
}

/// A text and its signatures. Nothing is verified by parsing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Ends in a newline; what is signed.
    pub text: String,
    pub signatures: Vec<Line>,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for line in &self.signatures {
            let blob = [line.id.as_slice(), &line.signature].concat();
            writeln!(f, "— {} {}", line.name, STANDARD.encode(blob))?;
        }
        Ok(())
    }
}

impl FromStr for Note {
    type Err = NoteError;
    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(NoteError::Note);
        }
        let split = note.rfind("\n\n").ok_or(NoteError::Note)?;
        let (text, lines) = (&note[..=split], &note[split + 2..]);
        let lines = lines.strip_suffix('\n').ok_or(NoteError::Note)?;
        let signatures: Vec<Line> = lines.split('\n').map(line).collect::<Result<_, _>>()?;
        if signatures.len() > MAX_SIGNATURES {
            return Err(NoteError::Note);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }
}

fn line(text: &str) -> Result<Line, NoteError> {
    let (name, blob) =
        text.strip_prefix("— ").and_then(|rest| rest.split_once(' ')).ok_or(NoteError::Note)?;
    check_name(name)?;
    let blob = STANDARD.decode(blob).map_err(|_| NoteError::Note)?;
    let (id, signature) = blob.split_first_chunk::<4>().ok_or(NoteError::Note)?;
    if signature.is_empty() {
        return Err(NoteError::Note);
    }
    Ok(Line { name: name.to_owned(), id: *id, signature: signature.to_vec() })
}

fn check_name(name: &str) -> Result<(), NoteError> {
    let fits = !name.is_empty() && name.len() <= MAX_NAME;
    let plain = name.chars().all(|c| !c.is_whitespace() && !c.is_control() && c != '+');
    if fits && plain { Ok(()) } else { Err(NoteError::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of golang.org/x/mod/sumdb/note's documentation.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn a_note_of_another_implementation_verifies() {
        let (key, note): (VerifierKey, Note) = (KEY.parse().unwrap(), NOTE.parse().unwrap());
        assert!(key.is_of(&note.signatures[0]));
        assert!(key.verify(&note.text, &note.signatures[0]).is_some());
        assert!(key.verify(&note.text.replace("don't", "do"), &note.signatures[0]).is_none());
        assert_eq!((key.to_string().as_str(), note.to_string().as_str()), (KEY, NOTE));
    }

    #[test]
    fn a_cosignature_binds_its_time() {
        let witness = NoteSigner::new("witness.example", SigningKey::from_bytes(&[7; 32])).unwrap();
        let mut line = witness.cosign("log\n1\nroot\n", 1_700_000_000);
        assert_eq!(witness.witness().verify("log\n1\nroot\n", &line), Some(1_700_000_000));
        assert!(!witness.verifier().is_of(&line));
        line.signature[7] ^= 1;
        assert_eq!(witness.witness().verify("log\n1\nroot\n", &line), None);
    }

    #[test]
    fn damaged_texts_are_refused() {
        for bad in [
            "",
            "a",
            "a\n",
            "a\n\n",
            "a\n\nb\n",
            "a\n\n— b\n",
            "a\n\n— b !!!!\n",
            "a\n\n— b AAAAAA==",
            "a\r\n\n— b AAAAAAA=\n",
        ] {
            assert!(bad.parse::<Note>().is_err(), "{bad:?}");
        }
        for bad in [
            "",
            "a",
            "a+b",
            "a+c74f20a3+AQ==",
            &KEY.replace("c74f20a3", "c74f20a4"),
            &KEY.replace("ARpc", "Axpc"),
        ] {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad:?}");
        }
    }
}
