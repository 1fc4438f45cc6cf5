//! Official codes and their check digits. Pure.

use jiff::civil::Date;

const CREDIT_CODE: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const RESIDENT_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const RESIDENT_CHECK: &[u8] = b"10X98765432";
/// GB/T 2260: the first two digits.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

/// Unified social credit code, GB 32100-2015: weights 3^(i−1) mod 31.
pub(super) fn is_credit_code(text: &str) -> bool {
    let value = |c: u8| CREDIT_CODE.iter().position(|&known| known == c);
    let Some(values) = text.bytes().map(value).collect::<Option<Vec<usize>>>() else { return false };
    if values.len() != 18 {
        return false;
    }
    let (sum, _) =
        values[..17].iter().fold((0, 1), |(sum, weight), value| (sum + value * weight, weight * 3 % 31));
    values[17] == (31 - sum % 31) % 31
}

/// Resident id, GB 11643: 17 digits with a real day of birth, and the check character.
pub(super) fn is_resident_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 18 || !bytes[..17].iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = bytes.iter().zip(RESIDENT_WEIGHTS).map(|(b, weight)| u32::from(b - b'0') * weight).sum();
    let born = Date::new(
        text[6..10].parse().unwrap_or(0),
        text[10..12].parse().unwrap_or(0),
        text[12..14].parse().unwrap_or(0),
    );
    is_province(text)
        && born.is_ok_and(|born| born.year() >= 1800)
        && RESIDENT_CHECK[sum as usize % 11] == bytes[17]
}

/// A mainland mobile (`1[3-9]` and nine digits), a landline with its area code and perhaps an
/// extension, or a 400 or 800 number; `+86` may stand before it.
pub(super) fn is_phone(text: &str) -> bool {
    let text = text.strip_prefix("+86").unwrap_or(text);
    let digits = |text: &str, range: std::ops::RangeInclusive<usize>| {
        range.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    if digits(text, 11..=11) && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]) {
        return true;
    }
    if text.starts_with("400") || text.starts_with("800") {
        return digits(&text.replace('-', ""), 10..=10);
    }
    let parts: Vec<&str> = text.split('-').collect();
    match parts[..] {
        [whole] => whole.starts_with('0') && digits(whole, 10..=12),
        [area, number] => area.starts_with('0') && digits(area, 3..=4) && digits(number, 7..=8),
        [area, number, extension] => {
            area.starts_with('0') && digits(area, 3..=4) && digits(number, 7..=8) && digits(extension, 1..=6)
        }
        _ => false,
    }
}

/// GB/T 2260: six digits, or twelve with the statistical extension.
pub(super) fn is_region(text: &str) -> bool {
    matches!(text.len(), 6 | 12) && text.bytes().all(|b| b.is_ascii_digit()) && is_province(text)
}

fn is_province(text: &str) -> bool {
    text.get(..2).is_some_and(|start| PROVINCES.contains(&start))
}

/// `YYYY-MM-DD`, exactly.
pub(super) fn day(text: &str) -> Option<Date> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(n, b)| match n {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if shape { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_codes() {
        assert!(is_credit_code("91350100M000100Y43"));
        for wrong in
            ["91350100M000100Y44", "91350100M000100Y4", "91350100M00O100Y43", "91350100I000100Y43", ""]
        {
            assert!(!is_credit_code(wrong), "{wrong}");
        }
    }

    #[test]
    fn resident_ids() {
        assert!(is_resident_id("11010519491231002X"));
        for wrong in [
            "110105194912310021",
            "11010519491331002X",
            "99010519491231002X",
            "11010519491231002",
            "1101051949123100二",
            "",
        ] {
            assert!(!is_resident_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn phones() {
        for right in [
            "13800000000",
            "+8619912345678",
            "010-12345678",
            "0571-1234567-12",
            "01012345678",
            "400-123-4567",
        ] {
            assert!(is_phone(right), "{right}");
        }
        for wrong in [
            "12800000000",
            "1380000000",
            "138000000000",
            "12345678",
            "010-123",
            "phone",
            "",
            "１３８００００００００",
        ] {
            assert!(!is_phone(wrong), "{wrong}");
        }
    }

    #[test]
    fn regions_and_days() {
        assert!(is_region("310104") && is_region("310104001002"));
        assert!(!is_region("000000") && !is_region("3101041") && !is_region("31010a") && !is_region(""));
        assert_eq!(day("2026-02-28").map(|d| d.day()), Some(28));
        for wrong in ["2026-02-29", "2026-2-28", "20260228", "2026-02-28T00", "", "二〇二六-02"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
