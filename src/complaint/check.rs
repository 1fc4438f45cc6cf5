//! Checks field by field, so that a form can show everything that is wrong at once.
//!
//! Text is brought to NFC and trimmed on the way; an optional text that is empty becomes absent.

use super::codes;
use jiff::civil::Date;
use serde::Serialize;
use std::ops::RangeInclusive;
use unicode_normalization::UnicodeNormalization;

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Its path, such as `record.consumer.phone` or `record.requests.0`.
    pub field: String,
    /// `required`, `too_long`, `too_many`, `characters`, `format`, `check_digit`, `out_of_range`,
    /// `in_the_future` or `unknown`.
    pub code: String,
    /// For developers; pages show their own words for `code`.
    pub message: String,
}

/// Collects what is wrong.
pub(super) struct Checks {
    within: &'static str,
    errors: Vec<FieldError>,
}

impl Checks {
    pub fn new(within: &'static str) -> Self {
        Self { within, errors: Vec::new() }
    }

    pub fn done<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.errors.is_empty() { Ok(value) } else { Err(self.errors) }
    }

    pub fn wrong(&mut self, field: &str, code: &str, message: &str) {
        let field = if self.within.is_empty() { field.into() } else { format!("{}.{field}", self.within) };
        self.errors.push(FieldError { field, code: code.into(), message: message.into() });
    }

    /// Required text on one line.
    pub fn line(&mut self, field: &str, text: &mut String, most: usize) {
        self.text(field, text, most, false);
        if text.is_empty() {
            self.wrong(field, "required", "must not be empty");
        }
    }

    /// Required text that may have line breaks.
    pub fn paragraphs(&mut self, field: &str, text: &mut String, most: usize) {
        *text = text.replace("\r\n", "\n");
        self.text(field, text, most, true);
        if text.is_empty() {
            self.wrong(field, "required", "must not be empty");
        }
    }

    pub fn optional_line(&mut self, field: &str, text: &mut Option<String>, most: usize) {
        if let Some(inner) = text {
            self.text(field, inner, most, false);
        }
        if text.as_ref().is_some_and(String::is_empty) {
            *text = None;
        }
    }

    fn text(&mut self, field: &str, text: &mut String, most: usize, lines: bool) {
        *text = text.trim().nfc().collect();
        if text.chars().count() > most {
            self.wrong(field, "too_long", &format!("at most {most} characters"));
        }
        if text.chars().any(|c| hidden(c) && !(lines && c == '\n')) {
            self.wrong(field, "characters", "holds control characters");
        }
    }

    pub fn phone(&mut self, field: &str, text: &mut String) {
        text.retain(|c| c != ' ');
        self.line(field, text, 30);
        if !text.is_empty() && !codes::is_phone(text) {
            self.wrong(field, "format", "neither a mobile number nor a landline with its area code");
        }
    }

    pub fn region(&mut self, field: &str, text: &mut String) {
        self.line(field, text, 12);
        if !text.is_empty() && !codes::is_region(text) {
            self.wrong(field, "format", "a region has 6 or 12 digits and begins with a province's code");
        }
    }

    pub fn resident_id(&mut self, field: &str, text: &mut String) {
        *text = text.to_uppercase();
        if !codes::is_resident_id(text) {
            self.wrong(field, "check_digit", "not a resident id of GB 11643");
        }
    }

    pub fn credit_code(&mut self, field: &str, text: &mut String) {
        *text = text.to_uppercase();
        if !codes::is_credit_code(text) {
            self.wrong(field, "check_digit", "not a unified social credit code of GB 32100-2015");
        }
    }

    pub fn number(&mut self, field: &str, value: Option<i64>, range: RangeInclusive<i64>) {
        if value.is_some_and(|value| !range.contains(&value)) {
            self.wrong(field, "out_of_range", &format!("from {} to {}", range.start(), range.end()));
        }
    }

    pub fn count(&mut self, field: &str, count: usize, range: RangeInclusive<usize>) {
        if count < *range.start() {
            self.wrong(field, "required", "at least one is needed");
        }
        if count > *range.end() {
            self.wrong(field, "too_many", &format!("at most {}", range.end()));
        }
    }

    /// A day up to today; absent, it becomes today.
    pub fn default_day(&mut self, field: &str, day: &mut Option<String>, today: Date) {
        self.past_day(field, day, today);
        day.get_or_insert_with(|| today.to_string());
    }

    /// A day up to today, if given.
    pub fn past_day(&mut self, field: &str, day: &mut Option<String>, today: Date) {
        *day = day.take().filter(|text| !text.trim().is_empty());
        let Some(text) = day else { return };
        match codes::day(text) {
            None => self.wrong(field, "format", "a day is YYYY-MM-DD"),
            Some(day) if day > today => self.wrong(field, "in_the_future", "lies in the future"),
            Some(day) if day.year() < 1949 => self.wrong(field, "out_of_range", "lies too far back"),
            Some(_) => {}
        }
    }
}

/// Control characters, and those that turn the direction of text around unseen.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}
