//! Text in XML, for `junit` and `checkstyle`. Not for reading XML, nor for what its elements mean.

use std::borrow::Cow;

/// `text` as the content of an element or of a quoted attribute.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"') || !is_char(c);
    if !text.contains(special) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(if is_char(c) { c } else { char::REPLACEMENT_CHARACTER }),
        }
    }
    out.into()
}

/// What a document may hold at all, even escaped (XML 1.0, production 2, `Char`).
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_as_markup() {
        assert_eq!(escape("größer"), "größer");
        assert_eq!(escape("a<b> & \"c\"\u{0}\u{ffff}"), "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}\u{fffd}");
        assert_eq!(escape("]]>"), "]]&gt;");
    }
}
