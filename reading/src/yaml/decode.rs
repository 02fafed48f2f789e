//! How each style writes its text: from bytes to pieces of a [`Text`].
//!
//! The parser has decoded every scalar already. Here it is done once more, part by part, only when someone asks where
//! the parts stand; if the two ever differ, the text is one piece.

use std::ops::Range;

use crate::source::Span;
use crate::text::{Base, Encoding, Text};

use super::{NO_LINES, Style};

impl Style {
    /// How a text of this style is written.
    pub(super) fn encoding(self) -> Encoding {
        let base = match self {
            Style::Plain => Base::YamlPlain,
            Style::Single => Base::YamlSingle,
            Style::Double => Base::YamlDouble,
            Style::Literal | Style::Folded => Base::YamlBlock,
        };
        Encoding { base, ..Encoding::default() }
    }
}

/// The text of the scalar at `span`, which the parser read as `expected`.
pub(super) fn text(source: &str, span: Span, style: Style, indent: u16, expected: &str) -> Text {
    let encoding = style.encoding();
    let mut text = Text::at(span);
    let at = |start: usize, end: usize| Span::new(span.file, start..end);
    let see = |piece: Piece<'_>| match piece {
        Piece::Literal(start, end) => {
            text.push_literal(source.get(start..end).unwrap_or_default(), at(start, end), encoding);
        }
        Piece::Escape(decoded, start, end) => text.push_decoded(decoded, at(start, end)),
    };
    pieces(source.as_bytes(), span.range(), style, indent, see);
    if text.as_str() == expected { text } else { Text::decoded(expected, span) }
}

/// The decoded text alone, for what the parser does not read as go-yaml does.
pub(super) fn string(source: &str, range: Range<usize>, style: Style, indent: u16) -> String {
    let mut text = String::new();
    let see = |piece: Piece<'_>| match piece {
        Piece::Literal(start, end) => text.push_str(source.get(start..end).unwrap_or_default()),
        Piece::Escape(decoded, ..) => text.push_str(decoded),
    };
    pieces(source.as_bytes(), range, style, indent, see);
    text
}

/// All parts of the scalar at `range`.
fn pieces(source: &[u8], range: Range<usize>, style: Style, indent: u16, see: impl FnMut(Piece<'_>)) {
    let Range { start, end } = range;
    match style {
        Style::Plain => flow(source, start, end, style, see),
        Style::Single | Style::Double => flow(source, start + 1, end.saturating_sub(1), style, see),
        Style::Literal | Style::Folded => {
            block(source, start, end, indent, style == Style::Folded, see);
        }
    }
}

/// A part of a scalar, with the bytes it stands at.
pub(super) enum Piece<'p> {
    /// As it is.
    Literal(usize, usize),
    /// Written otherwise.
    Escape(&'p str, usize, usize),
}

fn is_blank(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b' ' | b'\t'))
}

/// The end of the line break at `i`; `i` when there is none.
fn after_break(source: &[u8], i: usize, end: usize) -> usize {
    match (source.get(i), source.get(i + 1)) {
        _ if i >= end => i,
        (Some(b'\r'), Some(b'\n')) if i + 1 < end => i + 2,
        (Some(b'\r' | b'\n'), _) => i + 1,
        // U+0085.
        (Some(0xc2), Some(0x85)) if i + 1 < end => i + 2,
        _ => i,
    }
}

/// Skips line breaks and blanks: where they end, and how many breaks there are.
fn skip_breaks(source: &[u8], mut i: usize, end: usize) -> (usize, usize) {
    let mut breaks = 0;
    loop {
        let next = after_break(source, i, end);
        if next > i {
            breaks += 1;
            i = next;
        } else if i < end && is_blank(source.get(i)) {
            i += 1;
        } else {
            return (i, breaks);
        }
    }
}

/// A plain or quoted scalar, without its quotes.
fn flow(source: &[u8], start: usize, end: usize, style: Style, mut see: impl FnMut(Piece<'_>)) {
    let (mut from, mut i) = (start, start);
    while i < end {
        match source.get(i) {
            Some(b'\'') if style == Style::Single => {
                see(Piece::Literal(from, i));
                see(Piece::Escape("'", i, (i + 2).min(end)));
                i += 2;
                from = i;
            }
            Some(b'\\') if style == Style::Double => {
                see(Piece::Literal(from, i));
                let behind = after_break(source, i + 1, end);
                if behind > i + 1 {
                    let (next, breaks) = skip_breaks(source, behind, end);
                    see(Piece::Escape(&"\n".repeat(breaks), i, next));
                    i = next;
                } else {
                    let (decoded, next) = escape(source, i, end);
                    let mut buffer = [0; 4];
                    let decoded = decoded.map_or("", |c| c.encode_utf8(&mut buffer));
                    see(Piece::Escape(decoded, i, next));
                    i = next;
                }
                from = i;
            }
            Some(b'\r' | b'\n' | 0xc2) if after_break(source, i, end) > i => {
                let mut blank = i;
                while blank > from && is_blank(source.get(blank - 1)) {
                    blank -= 1;
                }
                see(Piece::Literal(from, blank));
                let (next, breaks) = skip_breaks(source, i, end);
                match breaks {
                    1 => see(Piece::Escape(" ", blank, next)),
                    _ => see(Piece::Escape(&"\n".repeat(breaks - 1), blank, next)),
                }
                i = next;
                from = i;
            }
            _ => i += 1,
        }
    }
    see(Piece::Literal(from.min(end), end));
}

/// The escape sequence at `i`: what it stands for, and where it ends.
fn escape(source: &[u8], i: usize, end: usize) -> (Option<char>, usize) {
    let hex = |at: usize, digits: usize| {
        let text = source.get(at..at + digits).and_then(|b| std::str::from_utf8(b).ok());
        text.and_then(|t| u32::from_str_radix(t, 16).ok())
    };
    let (digits, decoded) = match source.get(i + 1) {
        Some(b'0') => (0, '\0'),
        Some(b'a') => (0, '\x07'),
        Some(b'b') => (0, '\x08'),
        Some(b't' | b'\t') => (0, '\t'),
        Some(b'n') => (0, '\n'),
        Some(b'v') => (0, '\x0b'),
        Some(b'f') => (0, '\x0c'),
        Some(b'r') => (0, '\r'),
        Some(b'e') => (0, '\x1b'),
        Some(b'N') => (0, '\u{85}'),
        Some(b'_') => (0, '\u{a0}'),
        Some(b'L') => (0, '\u{2028}'),
        Some(b'P') => (0, '\u{2029}'),
        Some(b'x') => (2, ' '),
        Some(b'u') => (4, ' '),
        Some(b'U') => (8, ' '),
        Some(other) if other.is_ascii() => (0, char::from(*other)),
        _ => return (None, (i + 1).min(end)),
    };
    let next = i + 2 + digits;
    if digits == 0 {
        return (Some(decoded), next.min(end));
    }
    let value = hex(i + 2, digits);
    let pair = value.filter(|v| (0xd800..0xdc00).contains(v)).zip(hex(next + 2, 4));
    match pair {
        Some((high, low)) if (0xdc00..0xe000).contains(&low) => {
            let joined = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(joined), (next + 6).min(end))
        }
        _ => (value.and_then(char::from_u32), next.min(end)),
    }
}

/// A block scalar, whose header stands at `start`. Tells the byte behind the last that counts.
pub(super) fn block(
    source: &[u8],
    start: usize,
    end: usize,
    indent: u16,
    folded: bool,
    mut see: impl FnMut(Piece<'_>),
) -> usize {
    let mut i = start + 1;
    let (mut strip, mut keep) = (false, false);
    while let Some(b @ (b'+' | b'-' | b'0'..=b'9')) = source.get(i).filter(|_| i < end) {
        strip |= *b == b'-';
        keep |= *b == b'+';
        i += 1;
    }
    let header = i;
    while i < end && after_break(source, i, end) == i {
        i += 1;
    }
    i = after_break(source, i, end);

    let indent = if indent == NO_LINES { usize::MAX } else { usize::from(indent) };
    let line_break = |from: usize, to: usize, see: &mut dyn FnMut(Piece<'_>)| match source.get(from..to) {
        Some(b"\n") => see(Piece::Literal(from, to)),
        _ => see(Piece::Escape("\n", from, to)),
    };
    // Breaks whose meaning depends on what follows.
    let mut pending: Vec<(usize, usize)> = Vec::new();
    let mut content: Option<(usize, bool)> = None;
    loop {
        let mut column = 0;
        while i < end && column < indent && source.get(i) == Some(&b' ') {
            i += 1;
            column += 1;
        }
        let next = after_break(source, i, end);
        if next > i {
            pending.push((i, next));
            i = next;
            continue;
        }
        if i >= end || column < indent {
            break;
        }
        let from = i;
        while i < end && after_break(source, i, end) == i {
            i += 1;
        }
        let leading_blank = is_blank(source.get(from));
        match (content, pending.split_first()) {
            (Some((_, false)), Some((first, rest))) if folded && !leading_blank => {
                let decoded = if rest.is_empty() { " ".to_owned() } else { "\n".repeat(rest.len()) };
                see(Piece::Escape(&decoded, first.0, from));
            }
            _ => pending.iter().for_each(|(a, b)| line_break(*a, *b, &mut see)),
        }
        pending.clear();
        see(Piece::Literal(from, i));
        content = Some((i, leading_blank));
        let next = after_break(source, i, end);
        if next == i {
            break;
        }
        pending.push((i, next));
        i = next;
    }
    let counted = match content {
        _ if strip => 0,
        _ if keep => pending.len(),
        Some(_) => pending.len().min(1),
        None => 0,
    };
    let tail = pending.get(..counted).unwrap_or_default();
    tail.iter().for_each(|(a, b)| line_break(*a, *b, &mut see));
    tail.last().map(|t| t.1).or(content.map(|c| c.0)).unwrap_or(header)
}
