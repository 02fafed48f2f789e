//! Cluster ids: what `kafka-storage format` takes, and what it writes.
//!
//! Up to 3.6 the id must be a 16-byte UUID in URL-safe base64 and is written in its canonical form; from 3.7 any text
//! is written as it is (`StorageTool`, `Uuid.fromString`; knowledge of released tools).

use super::version::VersionSet;

/// Releases that check the id.
#[must_use]
pub fn checking_releases() -> VersionSet {
    VersionSet::before((3, 7, 0))
}

/// The id as releases up to 3.6 store it, or why they refuse it.
///
/// # Errors
/// In words that follow "it": "has 7 bytes when decoded, not 16".
pub fn canonical(id: &str) -> Result<String, String> {
    if id.len() > 24 {
        return Err(format!("has {} characters; a base64 UUID has 22", id.len()));
    }
    let digits = id.trim_end_matches('=');
    let padding = id.len() - digits.len();
    let mut bits = Vec::with_capacity(22);
    for c in digits.chars() {
        match value(c) {
            Some(v) => bits.push(v),
            None => return Err(format!("holds `{c}`, which is no URL-safe base64 character")),
        }
    }
    let bytes = bits.len() * 6 / 8;
    if bits.len() % 4 == 1 || padding != 0 && !(bits.len() + padding).is_multiple_of(4) || bytes != 16 {
        return Err(format!("decodes to {bytes} bytes; a UUID has 16"));
    }
    // The last character carries four spare bits.
    if let Some(last) = bits.last_mut() {
        *last &= 0b11_0000;
    }
    Ok(bits.into_iter().map(letter).collect())
}

/// The id a node of one of `releases` ends up with; `None` when that depends on the release or is refused.
#[must_use]
pub fn stored(id: &str, releases: VersionSet) -> Option<String> {
    if !releases.meets(checking_releases()) {
        return Some(id.to_owned());
    }
    let canonical = canonical(id).ok();
    if releases.within(checking_releases()) {
        return canonical;
    }
    canonical.filter(|c| c == id)
}

fn value(c: char) -> Option<u8> {
    match c {
        'A'..='Z' => Some(c as u8 - b'A'),
        'a'..='z' => Some(c as u8 - b'a' + 26),
        '0'..='9' => Some(c as u8 - b'0' + 52),
        '-' => Some(62),
        '_' => Some(63),
        _ => None,
    }
}

fn letter(v: u8) -> char {
    char::from(match v {
        0..=25 => b'A' + v,
        26..=51 => b'a' + (v - 26),
        52..=61 => b'0' + (v - 52),
        62 => b'-',
        _ => b'_',
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form() {
        assert_eq!(canonical("MkU3OEVBNTcwNTJENDM2Qk").as_deref(), Ok("MkU3OEVBNTcwNTJENDM2Qg"));
        assert_eq!(canonical("LelM2dIFQkiUFVXCECqRWA").as_deref(), Ok("LelM2dIFQkiUFVXCECqRWA"));
        assert_eq!(canonical("LelM2dIFQkiUFVXCECqRWA==").as_deref(), Ok("LelM2dIFQkiUFVXCECqRWA"));
        assert!(canonical("my-cluster").is_err());
        assert!(canonical("123e4567-e89b-12d3-a456-426614174000").is_err());
        assert!(canonical("LelM2dIFQkiUFVXCECqRW").is_err());
        assert!(canonical("LelM2dIFQkiUFVXCECqR+A").is_err());
        assert!(canonical("").is_err());
    }
}
