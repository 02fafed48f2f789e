//! How Compose prints a YAML scalar that is no string, and what it casts strings to.
//!
//! Numbers and dates go into a container's environment with Go's `%v` (compose-go `types/mapping.go`,
//! `mappingValue`): `010` arrives as `8`, `1.50` as `1.5`. Which scalars are no strings, `yaml` says ([`Plain`]).

use crate::yaml::Plain;

/// `s`, which is of the type `plain`, as Compose prints it. `None` where that depends on the machine's time zone.
pub(super) fn printed(plain: Plain, s: &str) -> Option<String> {
    let digits = || s.chars().filter(|c| *c != '_').collect::<String>();
    Some(match plain {
        Plain::String | Plain::Merge => s.to_owned(),
        Plain::Null => String::new(),
        Plain::Bool => s.to_ascii_lowercase(),
        Plain::Integer => int(&digits()).map_or_else(|| s.to_owned(), |n| n.to_string()),
        // Negative zero is the only whole number that Go reads as a float.
        Plain::Float if s.starts_with("-0") && matches!(s, "-0" | "-0.0") => "-0".to_owned(),
        Plain::Float if is_unbounded(s) => match s.as_bytes().first() {
            Some(b'-') => "-Inf".to_owned(),
            _ if s.to_ascii_lowercase().ends_with("nan") => "NaN".to_owned(),
            _ => "+Inf".to_owned(),
        },
        Plain::Float => digits().parse::<f64>().map_or_else(|_| s.to_owned(), go_float),
        Plain::Timestamp => return date(s)?,
    })
}

/// True for a whole number that is printed as it is written, as nearly all are.
pub(super) fn is_decimal(s: &str) -> bool {
    s.len() < 19 && !s.starts_with('0') && s.bytes().all(|b| b.is_ascii_digit())
}

/// True for `.inf`, `.nan` and their kin, which JSON does not have.
pub(super) fn is_unbounded(s: &str) -> bool {
    let word = s.trim_start_matches(['+', '-']);
    matches!(word, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN")
}

/// Go's `ParseInt(s, 0, 64)`, else `ParseUint`.
pub(super) fn int(s: &str) -> Option<i128> {
    let (negative, digits) = match s.as_bytes().first()? {
        b'-' => (true, s.get(1..)?),
        b'+' => (false, s.get(1..)?),
        _ => (false, s),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x" | "0X") => (16, digits.get(2..)?),
        Some("0b" | "0B") => (2, digits.get(2..)?),
        Some("0o" | "0O") => (8, digits.get(2..)?),
        Some(_) if digits.starts_with('0') => (8, digits),
        _ => (10, digits),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let n = i128::from_str_radix(digits, radix).ok()?;
    let n = if negative { -n } else { n };
    // Unsigned numbers take no sign.
    let top = if s.starts_with(['+', '-']) { i128::from(i64::MAX) } else { i128::from(u64::MAX) };
    (i128::from(i64::MIN)..=top).contains(&n).then_some(n)
}

/// `f` as Go's `%v` prints it: the shortest digits, with an exponent below 1e-4 and from 1e6 on (strconv's `%g`).
fn go_float(f: f64) -> String {
    let shortest = format!("{f:e}");
    let Some((mantissa, exponent)) = shortest.split_once('e') else { return shortest };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{f}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

/// `Some` when `s` is a date by one of the four layouts of yaml/v4; inside, how Go prints it.
fn date(s: &str) -> Option<Option<String>> {
    // Exactly four digits and a hyphen, or it is none (`parseTimestamp`).
    let bytes = s.as_bytes();
    if bytes.get(4) != Some(&b'-') || !bytes.iter().take(4).all(u8::is_ascii_digit) {
        return None;
    }
    let year: u32 = s.get(..4)?.parse().ok()?;
    let (month, rest) = field(s.get(5..)?, 2)?;
    let (day, rest) = field(rest.strip_prefix('-')?, 2)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > days {
        return None;
    }
    let day = format!("{year:04}-{month:02}-{day:02}");
    if rest.is_empty() {
        return Some(Some(format!("{day} 00:00:00 +0000 UTC")));
    }
    let zoned = rest.starts_with(['T', 't']);
    let (hour, rest) = field(rest.strip_prefix(['T', 't', ' '])?, 2)?;
    let (minute, rest) = field(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = field(rest.strip_prefix(':')?, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(tail) => {
            let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
            (tail.get(..end)?, tail.get(end..)?)
        }
        None => ("", rest),
    };
    let fraction = fraction.get(..9).unwrap_or(fraction).trim_end_matches('0');
    let fraction = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    let printed = format!("{day} {hour:02}:{minute:02}:{second:02}{fraction} +0000 UTC");
    match (zoned, rest) {
        (true, "Z") | (false, "") => Some(Some(printed)),
        (true, offset) => {
            let offset = offset.strip_prefix(['+', '-'])?;
            let (h, m) = offset.split_once(':')?;
            let two = |d: &str| d.len() == 2 && d.bytes().all(|b| b.is_ascii_digit());
            (two(h) && two(m)).then_some(None)
        }
        _ => None,
    }
}

/// One or two digits, and the rest.
fn field(s: &str, most: usize) -> Option<(u32, &str)> {
    let n = s.bytes().take(most).take_while(u8::is_ascii_digit).count();
    Some((s.get(..n)?.parse().ok()?, s.get(n..)?))
}

/// What a string is cast to where Compose wants a whole number (`loader/interpolate.go`, `toInt`).
pub(super) fn atoi(s: &str) -> Option<i64> {
    let digits = s.strip_prefix(['+', '-']).unwrap_or(s);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse().ok()).flatten()
}

/// What a string is cast to where Compose wants a truth value (`loader/interpolate.go`, `toBoolean`).
pub(super) fn boolean(s: &str) -> Option<bool> {
    match s.to_ascii_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Some(true),
        "false" | "n" | "no" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(s: &str) -> String {
        printed(crate::yaml::plain(s), s).unwrap_or_else(|| "date".to_owned())
    }

    #[test]
    fn prints_as_compose_go() {
        for (input, want) in [
            ("010", "8"),
            ("0o10", "8"),
            ("0x10", "16"),
            ("0b101", "5"),
            ("0777", "511"),
            ("08", "8"),
            ("1_000", "1000"),
            ("1__0", "10"),
            ("1_", "1"),
            ("-0", "-0"),
            ("+5", "5"),
            ("12345678901234567890", "12345678901234567890"),
            ("123456789012345678901", "1.2345678901234568e+20"),
            ("1.0", "1"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("1E6", "1e+06"),
            ("1234567.5", "1.2345675e+06"),
            ("100000.0", "100000"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            (".5", "0.5"),
            ("1.", "1"),
            ("True", "true"),
            ("~", ""),
            ("2024-01-01", "2024-01-01 00:00:00 +0000 UTC"),
            ("2024-1-1", "2024-01-01 00:00:00 +0000 UTC"),
            ("2024-01-01T10:20:30.50Z", "2024-01-01 10:20:30.5 +0000 UTC"),
            ("2024-01-01T10:20:30+01:00", "date"),
        ] {
            assert_eq!(shown(input), want, "{input}");
        }
        for string in
            ["yes", "1.0e400", "0x1p4", "0b12", "2024-13-01", "20:30:40", "1@a:9093", "1.2.3", "-", "0x"]
        {
            assert_eq!(shown(string), string);
        }
    }
}
