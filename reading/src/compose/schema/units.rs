//! Texts that are a length of time, a number, a number of bytes or a pull policy, as Compose reads them.

use super::super::scalar;

/// The schema's `^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$`.
pub(super) fn is_pull_policy(text: &str) -> bool {
    if matches!(
        text,
        "always" | "never" | "build" | "if_not_present" | "missing" | "refresh" | "daily" | "weekly"
    ) {
        return true;
    }
    let Some(mut rest) = text.strip_prefix("every_").filter(|r| !r.is_empty()) else { return false };
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if unit.len() == rest.len() || !unit.starts_with(['w', 'd', 'h', 'm', 's']) {
            return false;
        }
        rest = unit.get(1..).unwrap_or("");
    }
    true
}

/// A host with its address, as in `name=1.2.3.4` (`types/hostList.go`).
pub(super) fn is_host(text: &str) -> bool {
    text.split_once('=').or_else(|| text.split_once(':')).is_some_and(|(host, _)| is_host_name(host))
}

/// What a host may be called, as far as Compose looks (`types/hostList.go`, `cleanup`).
pub(in super::super) fn is_host_name(host: &str) -> bool {
    !host.is_empty() && !host.contains([':', '='])
}

/// The number that Go's `big.Rat` takes a text for (`SetString`), as near as a float comes.
pub(super) fn number(text: &str) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "see above")]
    let whole = |text| scalar::int(text).map(|n| n as f64);
    match text.split_once('/') {
        Some((above, below)) => Some(whole(above)? / whole(below)?),
        None => whole(text).or_else(|| text.parse().ok()),
    }
    .filter(|n| n.is_finite())
}

/// A length of time, as in `1m30s` (`str2duration.ParseDuration`).
pub(super) fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut any = false;
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = rest.get(..rest.len() - unit.len()).unwrap_or("");
        if !number.contains(|c: char| c.is_ascii_digit()) || number.matches('.').count() > 1 {
            return false;
        }
        let after = unit.trim_start_matches(|c: char| !(c.is_ascii_digit() || c == '.'));
        let unit = unit.get(..unit.len() - after.len()).unwrap_or("");
        if !matches!(unit, "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h" | "d" | "w") {
            return false;
        }
        (rest, any) = (after, true);
    }
    any
}

/// A number of bytes, as in `1.5g` (`units.RAMInBytes`).
pub(in super::super) fn size(text: &str) -> Option<f64> {
    if let Ok(n) = text.parse::<i32>() {
        return Some(n.into());
    }
    let last = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let (number, unit) = text.split_at(last + 1);
    let number: f64 = number.strip_suffix(' ').unwrap_or(number).parse().ok().filter(|n| *n >= 0.0)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    Some((number * 1024f64.powi(factor)).trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_and_sizes() {
        for good in ["10s", "1m30s", "0", "-1.5h", "1d", ".5s", "1w2d", "1.s"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["10", "", "s", "1x", "1m 3s", "1..5s", "-"] {
            assert!(!is_duration(bad), "{bad}");
        }
        for good in ["1g", "512m", "1.5 GB", "10kib", "-1", "5b", "7"] {
            assert!(size(good).is_some(), "{good}");
        }
        for bad in ["x", "", "1x", "-1g", "1ib", "1bb"] {
            assert!(size(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn when_an_image_is_pulled() {
        assert!(is_pull_policy("every_2w1d") && is_pull_policy("daily"));
        assert!(!is_pull_policy("every_") && !is_pull_policy("every_5") && !is_pull_policy("sometimes"));
    }
}
