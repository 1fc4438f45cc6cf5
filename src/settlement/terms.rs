//! One term of a settlement: who does what, how much, by when (DOMAIN.md §4).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// What the law lets a consumer claim (消费者权益保护法 arts. 50, 52, 53, 55) and free text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    Repair,
    Redo,
    Replace,
    Return,
    MakeUpQuantity,
    Refund,
    Compensation,
    Apology,
    ContinuePerformance,
    ReturnPrepayment,
    Punitive,
    PriceReduction,
    Rescission,
    FreeText,
}

/// The side that performs a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Performer {
    Consumer,
    Merchant,
    Both,
}

/// A term as drafted, assented to and signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    pub kind: TermKind,
    pub by: Performer,
    /// In fen (1/100 yuan); absent where no money moves.
    #[ts(as = "Option<f64>")]
    pub amount_fen: Option<i64>,
    /// The day by which it is performed, `YYYY-MM-DD` in the agency's time zone; absent: at signing.
    pub due: Option<String>,
    /// What exactly, in the parties' words. At most 2,000 characters; may be empty unless `free_text`.
    pub text: String,
}

/// Bounds of a settlement.
pub const MAX_TERMS: usize = 30;
pub const MAX_TEXT_CHARS: usize = 2_000;
/// ¥10 billion in fen; beyond it a slip of the keyboard is likelier than a consumer dispute.
pub const MAX_AMOUNT_FEN: i64 = 1_000_000_000_000;
/// A term is due within ten years.
pub const MAX_YEARS: i16 = 10;

/// Which value of which term is out of bounds. `index` counts from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTerms {
    #[error("terms: more than {MAX_TERMS}")]
    TooMany,
    #[error("terms: none")]
    None,
    #[error("terms[{index}].amount_fen: from 1 to {MAX_AMOUNT_FEN}")]
    Amount { index: usize },
    #[error("terms[{index}].amount_fen: this kind of term needs an amount")]
    AmountMissing { index: usize },
    #[error("terms[{index}].due: not a day written YYYY-MM-DD")]
    DueForm { index: usize },
    #[error("terms[{index}].due: in the past, or more than {MAX_YEARS} years ahead")]
    DueRange { index: usize },
    #[error("terms[{index}].text: empty, which this kind of term can't be")]
    TextMissing { index: usize },
    #[error("terms[{index}].text: more than {MAX_TEXT_CHARS} characters")]
    TextLong { index: usize },
    #[error("terms[{index}].text: control characters")]
    TextControl { index: usize },
}

impl TermKind {
    /// Money changes hands under this term.
    pub fn needs_amount(self) -> bool {
        matches!(
            self,
            Self::Refund
                | Self::Compensation
                | Self::ReturnPrepayment
                | Self::Punitive
                | Self::PriceReduction
        )
    }
}

/// Bounds of a working copy, which may still be incomplete: sizes, characters, signs.
pub fn check_draft(terms: &[Term]) -> Result<(), BadTerms> {
    if terms.len() > MAX_TERMS {
        return Err(BadTerms::TooMany);
    }
    for (index, term) in terms.iter().enumerate() {
        if term.amount_fen.is_some_and(|fen| !(1..=MAX_AMOUNT_FEN).contains(&fen)) {
            return Err(BadTerms::Amount { index });
        }
        if term.text.chars().count() > MAX_TEXT_CHARS {
            return Err(BadTerms::TextLong { index });
        }
        if term.text.chars().any(is_hidden) {
            return Err(BadTerms::TextControl { index });
        }
        if let Some(due) = &term.due {
            day(due).ok_or(BadTerms::DueForm { index })?;
        }
    }
    Ok(())
}

/// Control characters, line breaks apart, and marks that turn the direction of what follows: what people
/// read would not be what they sign.
pub fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether terms can be put to the parties on the day `today`.
pub fn check(terms: &[Term], today: Date) -> Result<(), BadTerms> {
    check_draft(terms)?;
    if terms.is_empty() {
        return Err(BadTerms::None);
    }
    let last = today.saturating_add(jiff::Span::new().years(MAX_YEARS));
    for (index, term) in terms.iter().enumerate() {
        if term.kind.needs_amount() && term.amount_fen.is_none() {
            return Err(BadTerms::AmountMissing { index });
        }
        if term.kind == TermKind::FreeText && term.text.trim().is_empty() {
            return Err(BadTerms::TextMissing { index });
        }
        if let Some(due) = term.due.as_deref().and_then(day)
            && !(today..=last).contains(&due)
        {
            return Err(BadTerms::DueRange { index });
        }
    }
    Ok(())
}

/// The same terms in Unicode's composed form (NFC), which is what gets hashed and signed.
pub fn normalised(terms: Vec<Term>) -> Vec<Term> {
    terms.into_iter().map(|term| Term { text: term.text.nfc().collect(), ..term }).collect()
}

fn day(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}
