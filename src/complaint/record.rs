//! What is written down of a complaint (DOMAIN.md §4; Order 121 art. 10 says what is needed).
//!
//! Money is whole fen. Days are `YYYY-MM-DD`. Text is in Unicode's NFC, bounded, without control
//! characters. [`Record::checked`] sees to it; nothing unchecked is stored.

use super::check::{Checks, FieldError};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The procedure that new cases follow: Order 121, in force since 2026-04-15.
pub const PROCEDURE: &str = "samr-121-2026";
/// The largest amount: a billion yuan, in fen.
const MOST_FEN: i64 = 100_000_000_000;

/// A record to be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComplaint {
    /// The registration number, if another register gave one; otherwise the next of the year.
    #[serde(default)]
    pub number: Option<String>,
    pub record: Record,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub channel: Channel,
    pub source: Source,
    /// Absent: today.
    #[serde(default)]
    #[schema(example = "2026-11-23")]
    pub registered_on: Option<String>,
    /// GB/T 2260: six digits, or twelve down to the village.
    #[serde(default)]
    #[schema(example = "310104")]
    pub region_code: String,
    /// The rules that the case follows. Absent: `samr-121-2026`.
    #[serde(default)]
    pub procedure_version: Option<String>,
    pub consumer: Consumer,
    pub merchant: Merchant,
    pub item: Item,
    #[serde(default)]
    pub purchased_on: Option<String>,
    #[serde(default)]
    pub sales_channel: Option<SalesChannel>,
    #[serde(default)]
    pub order_number: Option<String>,
    pub issue_type: IssueType,
    /// At most 10,000 characters.
    #[serde(default)]
    pub facts: String,
    /// What the consumer asks for, one to ten.
    #[serde(default)]
    pub requests: Vec<String>,
    /// The amount in dispute, in fen.
    #[serde(default)]
    pub amount_fen: Option<i64>,
    /// `CNY`.
    #[serde(default)]
    pub currency: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consumer {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    #[schema(example = "13800000000")]
    pub phone: String,
    #[serde(default)]
    pub id_type: Option<IdType>,
    #[serde(default)]
    pub id_number: Option<String>,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub age_group: Option<AgeGroup>,
    /// Agrees that an outcome may be published.
    #[serde(default)]
    pub publication_consent: bool,
    /// Agrees that another body may be entrusted with the mediation.
    #[serde(default)]
    pub entrustment_consent: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    #[serde(default)]
    pub name: String,
    /// GB 32100-2015, 18 characters.
    #[serde(default)]
    #[schema(example = "91350100M000100Y43")]
    pub credit_code: Option<String>,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub legal_representative: Option<String>,
    #[serde(default)]
    pub contact: Option<String>,
}

/// The goods or the service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    #[serde(default)]
    pub category: String,
    #[serde(default)]
    pub brand: Option<String>,
    #[serde(default)]
    pub model: Option<String>,
    #[serde(default)]
    pub quantity: Option<i64>,
    #[serde(default)]
    pub unit_price_fen: Option<i64>,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($variant),* }
    )*};
}

codes! {
    /// How the complaint came in.
    Channel { Phone, Web, App, Station, Letter, Visit }
    /// Who took it in.
    Source {
        Centre12315, AssociationBranch, ComplaintStation, LiaisonStation, ServiceStation, Association,
        Hotline12345, Enterprise,
    }
    IdType { ResidentId, Passport, HongKongMacaoPermit, TaiwanPermit, ForeignerPermit, Other }
    AgeGroup { Under14, From14To17, From18To59, From60 }
    /// Where it was sold.
    SalesChannel { Shop, Online, Tv, DoorToDoor, Phone, MailOrder, Other }
    /// What is wrong: 质量 安全 计量 合同 售后 人格尊严 广告 商标 价格 假冒 虚假宣传 其他.
    IssueType {
        Quality, Safety, Measure, Contract, AfterSales, Dignity, Advertising, Trademark, Price, Counterfeit,
        FalseClaims, Other,
    }
}

impl Record {
    /// What it is about, in a few words.
    pub fn subject(&self) -> String {
        let item = &self.item;
        let parts = [item.brand.as_deref(), Some(item.category.as_str()), item.model.as_deref()];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The record in its stored form, or everything that is wrong with it. `today` is the day in the
    /// agency's time zone.
    pub fn checked(mut self, today: Date) -> Result<Self, Vec<FieldError>> {
        let mut checks = Checks::new("record");
        checks.default_day("registered_on", &mut self.registered_on, today);
        checks.region("region_code", &mut self.region_code);
        if self.procedure_version.get_or_insert_with(|| PROCEDURE.to_owned()) != PROCEDURE {
            checks.wrong("procedure_version", "unknown", "the only procedure is samr-121-2026");
        }
        self.consumer.check(&mut checks);
        self.merchant.check(&mut checks);
        self.item.check(&mut checks);
        checks.past_day("purchased_on", &mut self.purchased_on, today);
        checks.optional_line("order_number", &mut self.order_number, 100);
        checks.paragraphs("facts", &mut self.facts, 10_000);
        checks.count("requests", self.requests.len(), 1..=10);
        for (n, request) in self.requests.iter_mut().enumerate() {
            checks.paragraphs(&format!("requests.{n}"), request, 1_000);
        }
        checks.number("amount_fen", self.amount_fen, 0..=MOST_FEN);
        if self.currency.get_or_insert_with(|| "CNY".to_owned()) != "CNY" {
            checks.wrong("currency", "unknown", "the only currency is CNY");
        }
        checks.done(self)
    }
}

impl Consumer {
    fn check(&mut self, checks: &mut Checks) {
        checks.line("consumer.name", &mut self.name, 100);
        checks.phone("consumer.phone", &mut self.phone);
        checks.line("consumer.address", &mut self.address, 300);
        checks.optional_line("consumer.id_number", &mut self.id_number, 40);
        match (self.id_type, &mut self.id_number) {
            (Some(IdType::ResidentId), Some(number)) => checks.resident_id("consumer.id_number", number),
            (None, Some(_)) => {
                checks.wrong("consumer.id_type", "required", "which document is it the number of?")
            }
            _ => {}
        }
    }
}

impl Merchant {
    fn check(&mut self, checks: &mut Checks) {
        checks.line("merchant.name", &mut self.name, 200);
        checks.line("merchant.address", &mut self.address, 300);
        checks.optional_line("merchant.legal_representative", &mut self.legal_representative, 100);
        checks.optional_line("merchant.contact", &mut self.contact, 100);
        checks.optional_line("merchant.credit_code", &mut self.credit_code, 40);
        if let Some(code) = &mut self.credit_code {
            checks.credit_code("merchant.credit_code", code);
        }
    }
}

impl Item {
    fn check(&mut self, checks: &mut Checks) {
        checks.line("item.category", &mut self.category, 100);
        checks.optional_line("item.brand", &mut self.brand, 100);
        checks.optional_line("item.model", &mut self.model, 100);
        checks.number("item.quantity", self.quantity, 1..=1_000_000);
        checks.number("item.unit_price_fen", self.unit_price_fen, 0..=MOST_FEN);
    }
}
