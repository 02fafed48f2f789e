//! What go-yaml takes an unquoted scalar for. It reads YAML 1.1 and 1.2 mixed: `0o17` and `017` are both numbers,
//! `yes` is a string.

/// The type of a scalar in go-yaml.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plain {
    /// Text.
    String,
    /// `~`, `null`, nothing at all.
    Null,
    /// `true`, `False`, …; not `yes`.
    Bool,
    /// `12`, `0x1F`, `1_000`, `017`.
    Integer,
    /// `1.5`, `1e3`, `.inf`.
    Float,
    /// `2024-01-01`.
    Timestamp,
    /// `<<`.
    Merge,
}

/// The type of an unquoted, untagged scalar.
#[must_use]
pub fn plain(text: &str) -> Plain {
    match text.bytes().next() {
        None => Plain::Null,
        Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'<') => match text {
            "~" | "null" | "Null" | "NULL" => Plain::Null,
            "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Plain::Bool,
            "<<" => Plain::Merge,
            _ => Plain::String,
        },
        Some(b'.') if matches!(text, ".nan" | ".NaN" | ".NAN") || is_infinity(text) || is_go_float(text) => {
            Plain::Float
        }
        Some(b'0'..=b'9' | b'+' | b'-') => number(text),
        Some(_) => Plain::String,
    }
}

fn is_infinity(text: &str) -> bool {
    matches!(text, ".inf" | ".Inf" | ".INF")
}

fn number(text: &str) -> Plain {
    // A port, an id, a size.
    if text.len() < 19 && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit()) {
        return Plain::Integer;
    }
    // No number or date has another character: not `10s`, nor `1@host`.
    let of_number = |b: u8| {
        matches!(b, b'+'..=b'.' | b'0'..=b':' | b'_' | b' ')
            || matches!(b.to_ascii_lowercase(), b'a'..=b'f' | b'x' | b'o' | b'i' | b'n' | b't' | b'z')
    };
    if !text.bytes().all(of_number) {
        return Plain::String;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if is_infinity(unsigned) {
        return Plain::Float;
    }
    if is_timestamp(text) {
        return Plain::Timestamp;
    }
    // These stand in dates alone: most of what comes here is a list of addresses.
    if text.contains([':', ',', ' ']) {
        return Plain::String;
    }
    let digits = unsigned.replace('_', "");
    // After the underscores are gone, a sign may come to stand first, as in `_-1`; but then the text is a string.
    if text.starts_with("-0") && matches!(text, "-0" | "-0.0") {
        return Plain::Float;
    }
    match integer(&digits, text.starts_with('-'), text.starts_with('+')) {
        true => Plain::Integer,
        false if is_yaml_float(&digits) => Plain::Float,
        false => Plain::String,
    }
}

/// Go's `strconv.ParseInt` and, failing that, `ParseUint`, both with base 0.
fn integer(digits: &str, negative: bool, signed: bool) -> bool {
    let lower = digits.to_ascii_lowercase();
    let (radix, body) = if let Some(body) = lower.strip_prefix("0x") {
        (16, body)
    } else if let Some(body) = lower.strip_prefix("0b") {
        (2, body)
    } else if let Some(body) = lower.strip_prefix("0o") {
        (8, body)
    } else if lower.len() > 1 && lower.starts_with('0') {
        (8, lower.get(1..).unwrap_or_default())
    } else {
        (10, lower.as_str())
    };
    if body.is_empty() || !body.chars().all(|c| c.is_digit(radix)) {
        return false;
    }
    match u64::from_str_radix(body, radix) {
        Ok(n) if negative => n <= 1 << 63,
        Ok(n) if signed => i64::try_from(n).is_ok(),
        Ok(_) => true,
        Err(_) => false,
    }
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, and not too large for Go.
fn is_yaml_float(digits: &str) -> bool {
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(i) => (digits.get(..i).unwrap_or_default(), digits.get(i + 1..)),
        None => (digits, None),
    };
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let mantissa_fine = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    let exponent_fine = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && all_digits(e)
    });
    mantissa_fine && exponent_fine && digits.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Go's `strconv.ParseFloat` for a text that starts with a dot.
fn is_go_float(text: &str) -> bool {
    if !text.contains('_') {
        return is_yaml_float(text);
    }
    // An underscore stands between digits.
    let bytes = text.as_bytes();
    let digit = |i: Option<usize>| i.and_then(|i| bytes.get(i)).is_some_and(u8::is_ascii_digit);
    let fine = |(i, _): (usize, &str)| digit(i.checked_sub(1)) && digit(Some(i + 1));
    text.match_indices('_').all(fine) && is_yaml_float(&text.replace('_', ""))
}

/// `2024-1-2`, alone or with a time behind `T`, `t` or a blank.
fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else { return false };
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let (date, time) = match rest.find(['T', 't', ' ']) {
        Some(i) => (rest.get(..i).unwrap_or_default(), rest.get(i..)),
        None => (rest, None),
    };
    let Some((month, day)) = date.split_once('-') else { return false };
    let (Some(month), Some(day), Ok(year)) = (short(month), short(day), year.parse::<u32>()) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day) && time.is_none_or(is_time)
}

/// A number of one or two digits.
fn short(text: &str) -> Option<u32> {
    (matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

/// `T15:4:5.9Z`, ` 15:4:5`: with a blank there is no zone, else there must be one.
fn is_time(text: &str) -> bool {
    let (with_zone, clock) = match text.strip_prefix(' ') {
        Some(clock) => (false, clock),
        None => (true, text.get(1..).unwrap_or_default()),
    };
    let (clock, zone) = match clock.find(['Z', '+', '-']) {
        Some(i) => (clock.get(..i).unwrap_or_default(), clock.get(i..).unwrap_or_default()),
        None => (clock, ""),
    };
    if with_zone == zone.is_empty() || !zone.is_empty() && !is_zone(zone) {
        return false;
    }
    let (clock, fraction) = match clock.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (clock, None),
    };
    let mut parts = clock.split(':');
    // Go takes hours only with two digits, or one when the layout has `15`: it reads up to two.
    let part = |p: Option<&str>, max| p.and_then(short).is_some_and(|n| n < max);
    let fine = part(parts.next(), 24) && part(parts.next(), 60) && part(parts.next(), 60);
    fine && parts.next().is_none()
        && fraction.is_none_or(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()))
}

/// `Z`, `+01:00`.
fn is_zone(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return zone == "Z" };
    let Some((hours, minutes)) = offset.split_once(':') else { return false };
    let two = |s: &str, max| s.len() == 2 && short(s).is_some_and(|n| n <= max);
    two(hours, 24) && two(minutes, 60)
}
