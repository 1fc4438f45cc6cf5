//! A mediation's last act without a server: people's keys, a document, signatures, a log in memory.
//!
//! Seeded, so that what comes out is the same each time. Honest by itself; the vectors' villains reach
//! into its parts.
#![allow(dead_code, reason = "each test file plays another part of the scene")]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hejie::clock::Time;
use hejie::ids::{OutcomeId, SessionId};
use hejie::log::checkpoint::Checkpoint;
use hejie::log::leaf::{Leaf, LeafKind};
use hejie::log::merkle::{self, Hash, Head};
use hejie::log::proof::Proof;
use hejie::note::{Note, NoteSigner};
use hejie::random::Random;
use hejie::settlement::terms::{Performer, Term, TermKind};
use hejie::signing::bundle::{Bundle, LoggedManifest, MEDIA_TYPE, View};
use hejie::signing::document::{self, Anchor, Document, DocumentInput, Mode, PartyInput, Role};
use hejie::signing::envelope::{self, Jws, PartySignature, PersonHeader, TYP};
use hejie::signing::keys::Es256Key;
use hejie::signing::manifest;
use hejie::signing::payload;
use hejie::signing::policy::Policy;

pub const ISSUER: &str = "hejie.example";
pub const ORIGIN: &str = "hejie.example/log";
/// 2026-11-23 20:00:00 UTC.
pub const NOW: Time = Time(1_795_464_000_000);

pub struct Scene {
    pub random: Random,
    pub consumer: Es256Key,
    pub merchant: Es256Key,
    pub mediator: Es256Key,
    pub server: Es256Key,
    pub log: NoteSigner,
    pub witness: NoteSigner,
    pub leaves: Vec<String>,
    /// With their salts and indices.
    pub manifests: Vec<(Jws, [u8; 32], u64)>,
}

impl Scene {
    /// The server has published its key, and the log holds four entries of others.
    pub fn new(seed: u64) -> Self {
        let random = Random::seeded(seed);
        let key = || Es256Key::generate(&random);
        let signer = |name: &str| {
            let key = ed25519_dalek::SigningKey::from_bytes(&random.bytes());
            NoteSigner::new(name, key).expect("a plain name")
        };
        let mut scene = Self {
            consumer: key(),
            merchant: key(),
            mediator: key(),
            server: key(),
            log: signer(ORIGIN),
            witness: signer("witness.example/association"),
            leaves: Vec::new(),
            manifests: Vec::new(),
            random,
        };
        let manifest =
            manifest::first(ISSUER, &scene.log.verifier(), &scene.server, NOW.plus_ms(-86_400_000));
        scene.publish(manifest);
        scene.strangers(4);
        scene
    }

    pub fn publish(&mut self, manifest: Jws) {
        let (salt, index) = self.append(LeafKind::Key, &manifest.bytes());
        self.manifests.push((manifest, salt, index));
    }

    pub fn append(&mut self, kind: LeafKind, bytes: &[u8]) -> ([u8; 32], u64) {
        let leaf = Leaf::new(kind, bytes, self.random.bytes());
        self.leaves.push(leaf.text);
        (leaf.salt, self.leaves.len() as u64 - 1)
    }

    /// Entries of others.
    pub fn strangers(&mut self, count: usize) {
        for _ in 0..count {
            let bytes = self.random.bytes::<32>();
            self.append(LeafKind::Outcome, &bytes);
        }
    }

    pub fn head(&self) -> Head {
        Head { size: self.leaves.len() as u64, root: self.root(0, self.leaves.len() as u64) }
    }

    pub fn anchor(&self) -> Anchor {
        let head = payload::Head::from(self.head());
        Anchor { origin: ORIGIN.into(), root: head.root, size: head.size }
    }

    pub fn input(&self) -> DocumentInput {
        let person = |role, key: &Es256Key, name: &str| PartyInput {
            role,
            jwk: key.jwk().clone(),
            name: name.into(),
            party: None,
            identity: Some("document_seen".into()),
            address: None,
        };
        DocumentInput {
            oid: OutcomeId::random(&self.random),
            ver: 1,
            prev: None,
            mode: Mode::Mediated,
            parties: vec![
                PartyInput {
                    address: Some("北京市朝阳区样本路1号".into()),
                    ..person(Role::Consumer, &self.consumer, "王小明")
                },
                PartyInput {
                    party: Some("样本电器有限公司".into()),
                    address: Some("北京市朝阳区样本路2号".into()),
                    ..person(Role::Merchant, &self.merchant, "李店长")
                },
                PartyInput {
                    identity: Some("account".into()),
                    ..person(Role::Mediator, &self.mediator, "赵调解")
                },
            ],
            terms: vec![
                Term {
                    kind: TermKind::Refund,
                    by: Performer::Merchant,
                    amount_fen: Some(128_000),
                    due: Some("2026-12-07".into()),
                    text: "原路退回购机款".into(),
                },
                Term {
                    kind: TermKind::FreeText,
                    by: Performer::Consumer,
                    amount_fen: None,
                    due: None,
                    text: "收到退款后三日内交还洗衣机\n\"含配件\"".into(),
                },
            ],
            complaint_number: "SAMPLE-2026-000001".into(),
            session: SessionId::random(&self.random),
            subject: "洗衣机质量".into(),
            agency: "样本市场监督管理局".into(),
            issuer: ISSUER.into(),
            publication: true,
            anchor: self.anchor(),
            journal: self.journal(40),
        }
    }

    /// A made-up journal head.
    pub fn journal(&self, size: u64) -> payload::Head {
        Head { size, root: merkle::leaf_hash(&size.to_be_bytes()) }.into()
    }

    pub fn document(&self) -> Document {
        document::build(self.input(), &self.random).expect("sound input")
    }

    pub fn header(&self, role: Role, key: &Es256Key) -> PersonHeader {
        PersonHeader {
            alg: "ES256".into(),
            iat: NOW.seconds() as u64,
            jh: self.journal(41),
            jwk: key.jwk().clone(),
            kid: key.kid().to_owned(),
            role,
            typ: TYP.into(),
        }
    }

    pub fn key(&self, role: Role) -> &Es256Key {
        match role {
            Role::Consumer => &self.consumer,
            Role::Merchant => &self.merchant,
            Role::Mediator => &self.mediator,
        }
    }

    /// As a browser signs.
    pub fn signature(&self, role: Role, document: &Document) -> PartySignature {
        envelope::sign(&self.header(role, self.key(role)), &document.payload, self.key(role))
    }

    pub fn signatures(&self, document: &Document, roles: &[Role]) -> Vec<PartySignature> {
        roles.iter().map(|role| self.signature(*role, document)).collect()
    }

    /// Signed by everyone, as it should be.
    pub fn sealed(&self, document: &Document) -> Jws {
        let all = self.signatures(document, &Role::ALL);
        self.sealed_with(document, &all)
    }

    pub fn sealed_with(&self, document: &Document, signatures: &[PartySignature]) -> Jws {
        let now = NOW.plus_ms(30_000);
        envelope::seal(document, signatures, self.journal(44), &self.server, now).expect("complete")
    }

    /// Logs the outcome with strangers around it, and bundles it.
    pub fn logged(&mut self, jws: Jws) -> Bundle {
        self.strangers(2);
        let (salt, index) = self.append(LeafKind::Outcome, &jws.bytes());
        self.strangers(4);
        self.bundle(jws, salt, index)
    }

    pub fn bundle(&self, jws: Jws, salt: [u8; 32], index: u64) -> Bundle {
        let note = self.checkpoint();
        let payload: serde_json::Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&jws.payload).unwrap()).unwrap();
        let anchor = payload["anchor"]["size"].as_u64().unwrap();
        Bundle {
            media_type: MEDIA_TYPE.into(),
            view: View::Full,
            outcome: Some(jws),
            salt: Some(URL_SAFE_NO_PAD.encode(salt)),
            leaf: self.leaves[index as usize].clone(),
            proof: self.proof(index, &note),
            anchor_consistency: self.consistency(anchor),
            key_manifests: self
                .manifests
                .iter()
                .map(|(manifest, salt, index)| LoggedManifest {
                    manifest: manifest.clone(),
                    salt: URL_SAFE_NO_PAD.encode(salt),
                    leaf: self.leaves[*index as usize].clone(),
                    proof: self.proof(*index, &note),
                })
                .collect(),
            previous: Vec::new(),
            erasure: None,
        }
    }

    /// Signed by the log, cosigned by the witness a minute later.
    pub fn checkpoint(&self) -> Note {
        let text = Checkpoint { origin: ORIGIN.into(), head: self.head() }.to_string();
        let cosignature = self.witness.cosign(&text, NOW.plus_ms(90_000).seconds() as u64);
        Note { signatures: vec![self.log.sign(&text), cosignature], text }
    }

    pub fn proof(&self, index: u64, note: &Note) -> String {
        let ranges = merkle::inclusion_ranges(index, self.leaves.len() as u64);
        let hashes = ranges.iter().map(|(from, to)| self.root(*from, *to)).collect();
        Proof::new(index, hashes, note.clone()).expect("a checkpoint").to_string()
    }

    pub fn consistency(&self, old: u64) -> Vec<String> {
        let ranges = merkle::consistency_ranges(old, self.leaves.len() as u64);
        ranges.iter().map(|(from, to)| URL_SAFE_NO_PAD.encode(self.root(*from, *to))).collect()
    }

    fn root(&self, from: u64, to: u64) -> Hash {
        let leaves = &self.leaves[from as usize..to as usize];
        let mut edge = merkle::Frontier::new();
        leaves.iter().for_each(|leaf| edge.push(merkle::leaf_hash(leaf.as_bytes())));
        edge.root()
    }

    /// Trusts this scene's log and wants its witness.
    pub fn policy(&self) -> Policy {
        Policy {
            issuer: ISSUER.into(),
            log: self.log.verifier(),
            witnesses: vec![self.witness.witness()],
            quorum: 1,
        }
    }
}
