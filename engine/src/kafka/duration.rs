//! Durations as `java.time.Duration.parse` reads them: `P1DT2H30M1.5S`.

/// True for a duration that is not negative.
#[must_use]
pub fn is_not_negative(text: &str) -> bool {
    nanoseconds(text).is_some_and(|nanoseconds| nanoseconds >= 0)
}

/// The duration in nanoseconds.
fn nanoseconds(text: &str) -> Option<i128> {
    // Java's pattern takes small letters too.
    let text = text.to_ascii_uppercase();
    let (negative, rest) = sign(&text);
    let mut rest = rest.strip_prefix('P')?;
    let (mut total, mut any) = (0_i128, false);
    if let Some((days, behind)) = part(rest, 'D') {
        total = whole(days)?.checked_mul(86_400)?;
        (rest, any) = (behind, true);
    }
    let mut fractions = 0;
    if let Some(time) = rest.strip_prefix('T') {
        rest = time;
        let mut timed = false;
        for (unit, seconds) in [('H', 3600), ('M', 60)] {
            if let Some((number, behind)) = part(rest, unit) {
                total = total.checked_add(whole(number)?.checked_mul(seconds)?)?;
                (rest, timed) = (behind, true);
            }
        }
        if let Some(number) = rest.strip_suffix('S') {
            let (number, fraction) = number.split_once(['.', ',']).unwrap_or((number, ""));
            total = total.checked_add(whole(number)?)?;
            if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            fractions = format!("{fraction:0<9}").parse::<i128>().ok()?;
            if number.starts_with('-') {
                fractions = -fractions;
            }
            (rest, timed) = ("", true);
        }
        any = timed;
    }
    let fits = i64::try_from(total).is_ok();
    let total = total.checked_mul(1_000_000_000)?.checked_add(fractions)?;
    (any && fits && rest.is_empty()).then_some(if negative { -total } else { total })
}

fn sign(text: &str) -> (bool, &str) {
    (text.starts_with('-'), text.strip_prefix(['+', '-']).unwrap_or(text))
}

/// The number before `unit`, and what stands behind.
fn part(text: &str, unit: char) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '+' && c != '-')?;
    let (number, behind) = text.split_at_checked(end)?;
    Some((number, behind.strip_prefix(unit)?))
}

fn whole(text: &str) -> Option<i128> {
    let (negative, digits) = sign(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i128 = i64::try_from(digits.parse::<i128>().ok()?).ok()?.into();
    Some(if negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_java_reads() {
        for text in
            ["PT1H", "P1D", "P1DT1H1M1.5S", "pt1h", "PT0S", "+PT1H", "PT-1H+61M", "-PT-1H", "PT1,5S", "PT.5S"]
        {
            assert_eq!(is_not_negative(text), text != "PT.5S", "{text}");
        }
        for text in [
            "",
            "P",
            "PT",
            "P1DT",
            "P1Y",
            "P1W",
            "PT1.5H",
            "-PT1H",
            "PT-1H",
            " PT1H",
            "1h",
            "PT1S1H",
            "PT99999999999999999999S",
        ] {
            assert!(!is_not_negative(text), "{text}");
        }
    }
}
