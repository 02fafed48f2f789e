//! `java.util.Base64`: which texts its basic decoder takes.

/// How many bytes `text` stands for in ordinary base64; `None` when the decoder refuses it.
///
/// Padding may be missing, but where there is some it must be whole; bits to spare are passed over.
pub(super) fn decoded_length(text: &str) -> Option<usize> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    if !digits.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')) {
        return None;
    }
    let rest = digits.len() % 4;
    let fits = match rest {
        0 => padding == 0,
        2 => padding == 0 || padding == 2,
        3 => padding <= 1,
        _ => false,
    };
    fits.then_some(digits.len() / 4 * 3 + rest.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::decoded_length;

    #[test]
    fn takes_what_java_takes() {
        assert_eq!(decoded_length(""), Some(0));
        assert_eq!(decoded_length("N3E="), Some(2));
        assert_eq!(decoded_length("N3E"), Some(2));
        assert_eq!(decoded_length("N3"), Some(1));
        assert_eq!(decoded_length("N3=="), Some(1));
        for refused in ["N", "N3=", "N3E==", "N3Er=", "=", "N-_E", "N3 E"] {
            assert_eq!(decoded_length(refused), None, "{refused}");
        }
    }
}
