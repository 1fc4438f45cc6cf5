//! The ground rules that everyone accepts on joining: the text, its version, its hash.
//!
//! What somebody accepted is journalled as version, language and hash. A changed text gets a new
//! version; the golden hashes below make sure that nobody changes it by accident. Sources: Order 121
//! arts. 18, 21, 39; Online rules arts. 18, 19, 22, 25; ESL arts. 13, 14; Civil Procedure Law on
//! judicial confirmation.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// One text in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroundRules {
    pub version: &'static str,
    /// `zh` or `en`. Where the texts differ, the Chinese one holds.
    pub lang: &'static str,
    /// Plain paragraphs, separated by empty lines.
    pub text: &'static str,
}

pub const VERSION: &str = "2026-1";

const ZH: GroundRules =
    GroundRules { version: VERSION, lang: "zh", text: include_str!("ground_rules.zh.txt") };
const EN: GroundRules =
    GroundRules { version: VERSION, lang: "en", text: include_str!("ground_rules.en.txt") };

/// The rules in force, in `zh` or `en`.
pub fn in_language(lang: &str) -> Option<GroundRules> {
    [ZH, EN].into_iter().find(|rules| rules.lang == lang)
}

impl GroundRules {
    /// SHA-256 of the text in UTF-8, base64url: what the acceptance is bound to.
    pub fn hash(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.text.as_bytes()))
    }
}

/// Whether somebody accepted exactly the rules in force.
pub fn accepts(version: &str, lang: &str, hash: &str) -> bool {
    in_language(lang).is_some_and(|rules| rules.version == version && rules.hash() == hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_changes_only_with_its_version() {
        assert_eq!(VERSION, "2026-1");
        assert_eq!(ZH.hash(), "4tDGqq-2DJy5FpCfD0GWa6bBPnegEdgBmiTAOUmBZhg");
        assert_eq!(EN.hash(), "WPNKsPmk9LFJDDJNGlyWh9ELBIB9EyDSnS_GTL0X8hg");
    }

    #[test]
    fn only_the_rules_in_force_are_accepted() {
        assert!(accepts("2026-1", "en", &EN.hash()));
        assert!(!accepts("2026-1", "zh", &EN.hash()));
        assert!(!accepts("2025-9", "en", &EN.hash()));
        assert!(!accepts("2026-1", "fr", &EN.hash()));
    }
}
