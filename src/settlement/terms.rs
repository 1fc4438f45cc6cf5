//! One term of a settlement: who does what, how much, by when (DOMAIN.md §4).

use serde::{Deserialize, Serialize};

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
