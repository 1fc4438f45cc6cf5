//! Canonical JSON (RFC 8785) for the subset that gets hashed and signed: objects, arrays, strings,
//! booleans, null, and integers that every JSON reader keeps exact.
//!
//! An explicit writer: nothing depends on the order or escaping that another library happens to have.
//! Strings are brought to NFC on the way in, so that what two people see as one text is one text.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;

/// The largest integer that is exact in every JSON reader (2^53 − 1).
pub const MAX_INT: i64 = (1 << 53) - 1;

/// The value has no canonical form here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    #[error("a number that is no integer from -(2^53-1) to 2^53-1")]
    Number,
    #[error("not JSON")]
    NotJson,
    #[error("JSON, but not in its canonical form")]
    OtherForm,
}

/// The canonical bytes of a value of ours.
///
/// # Panics
/// If the type serialises to anything but the subset: a mistake of ours, never of a client.
pub fn bytes<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let value = serde_json::to_value(value).expect("our types serialise");
    of_value(&normalised(value)).expect("our types hold integers only")
}

/// The canonical bytes of a parsed JSON value, its strings as they are.
pub fn of_value(value: &Value) -> Result<Vec<u8>, NotCanonical> {
    let mut out = Vec::new();
    write(value, &mut out)?;
    Ok(out)
}

/// Parses bytes that must be their own canonical form: no doubled member, no white space, one spelling.
pub fn parse(bytes: &[u8]) -> Result<Value, NotCanonical> {
    let value: Value = serde_json::from_slice(bytes).map_err(|_| NotCanonical::NotJson)?;
    if of_value(&value)? == bytes { Ok(value) } else { Err(NotCanonical::OtherForm) }
}

fn normalised(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(text.nfc().collect()),
        Value::Array(items) => items.into_iter().map(normalised).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key.nfc().collect::<String>(), normalised(value)))
            .collect(),
        other => other,
    }
}

fn write(value: &Value, out: &mut Vec<u8>) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.extend(b"null"),
        Value::Bool(true) => out.extend(b"true"),
        Value::Bool(false) => out.extend(b"false"),
        Value::Number(number) => {
            let int = number.as_i64().filter(|int| (-MAX_INT..=MAX_INT).contains(int));
            out.extend(int.ok_or(NotCanonical::Number)?.to_string().bytes());
        }
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(members) => {
            // RFC 8785 §3.2.3: keys sort as arrays of UTF-16 code units.
            let sorted: BTreeMap<Vec<u16>, _> =
                members.iter().map(|(key, value)| (key.encode_utf16().collect(), (key, value))).collect();
            out.push(b'{');
            for (index, (key, value)) in sorted.into_values().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write(value, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// RFC 8785 §3.2.2.2: only what must be escaped is.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend(b"\\\""),
            '\\' => out.extend(b"\\\\"),
            '\u{8}' => out.extend(b"\\b"),
            '\t' => out.extend(b"\\t"),
            '\n' => out.extend(b"\\n"),
            '\u{c}' => out.extend(b"\\f"),
            '\r' => out.extend(b"\\r"),
            c if c < ' ' => out.extend(format!("\\u{:04x}", c as u32).bytes()),
            c => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(value: &Value) -> String {
        String::from_utf8(of_value(value).unwrap()).unwrap()
    }

    #[test]
    fn keys_sort_by_utf16_and_strings_escape_little() {
        // RFC 8785 §3.2.3, without its float.
        let value = json!({ "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis" });
        assert_eq!(
            text(&value),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\
             \"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        );
        assert_eq!(
            text(&json!(["\u{0}\u{1f}\"\\/\u{7f}退款\n", -3, null, true])),
            "[\"\\u0000\\u001f\\\"\\\\/\u{7f}退款\\n\",-3,null,true]"
        );
    }

    #[test]
    fn our_strings_are_composed() {
        assert_eq!(bytes("e\u{301}"), "\"é\"".as_bytes());
    }

    #[test]
    fn only_exact_integers() {
        for number in [json!(1.5), json!(9_007_199_254_740_992_i64), json!(u64::MAX), json!(1e3)] {
            assert_eq!(of_value(&number), Err(NotCanonical::Number));
        }
        assert_eq!(text(&json!(MAX_INT)), "9007199254740991");
    }

    #[test]
    fn other_spellings_are_refused() {
        assert!(parse(b"{\"a\":1,\"b\":2}").is_ok());
        for other in [
            &b"{\"b\":2,\"a\":1}"[..],
            b"{\"a\":1,\"a\":1}",
            b"{\"a\": 1}",
            b"{\"a\":1}\n",
            b"\"\\u0061\"",
            b"\"\\/\"",
            b"-0",
            b"1.0",
        ] {
            assert!(parse(other).is_err(), "{}", String::from_utf8_lossy(other));
        }
    }
}
