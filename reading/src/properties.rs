//! Java's `.properties` files, as `java.util.Properties.load(InputStream)` reads them, with the place of every part.
//!
//! Kafka reads all its files this way, so the grammar is Java 17's (`LineReader` and `load0`), not a cleaner one: bytes
//! are ISO-8859-1 characters, a comment never continues, a backslash at the end of the file is dropped, `\` and a line
//! end that stand alone at the end of the file make a property with an empty key and an empty value.
//!
//! The same grammar reads the value of an environment variable that an image's script appends to a file as
//! `key=VALUE` ([`parse_value`]): escapes count there too, and a line break starts a further property.
//!
//! Not for what keys and values mean; duplicates are kept, in order (Java takes the last).

use crate::source::{FileId, Span};
use crate::text::{Encoding, Part, Slice, Text};

/// One property.
#[derive(Debug, Clone)]
pub struct Property {
    /// The key, decoded.
    pub key: Text,
    /// The value, decoded; empty when there is none. Blanks at its end belong to it.
    pub value: Text,
    /// What stands between key and value, blanks included; empty when there is nothing.
    pub separator: Span,
    /// The whole logical line, continuations included, without blanks before it and the line end after it.
    pub line: Span,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// `\u` without four hexadecimal digits: Java throws, the whole file is lost.
    BadEscape {
        /// The escape, as far as it goes.
        span: Span,
        /// The key, when the escape stands in a value.
        key: Option<String>,
    },
    /// The file starts with a UTF-8 byte order mark, which becomes part of the first key.
    ByteOrderMark {
        /// The three bytes.
        span: Span,
        /// The first key without them; empty when the file holds no property.
        key: String,
    },
    /// A value given to [`parse_value`] ends with a backslash: the line that is written after it becomes part of it.
    OpenEnd {
        /// The backslash.
        span: Span,
        /// The key.
        key: String,
    },
}

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub struct Properties {
    /// In the order of the file.
    pub properties: Vec<Property>,
    /// Comments, from their `#` or `!` to the end of the line.
    pub comments: Vec<Span>,
    /// In the order of the file.
    pub problems: Vec<Problem>,
}

impl Properties {
    /// True when Java throws, so that nothing of the file is read.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(|p| matches!(p, Problem::BadEscape { .. }))
    }
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a file.
#[must_use]
pub fn parse_file(file: FileId, bytes: &[u8]) -> Properties {
    let utf8 = std::str::from_utf8(bytes).is_ok();
    let mut lexer = Lexer::new(Input::File { file, utf8 }, bytes);
    lexer.run(None);
    let mut found = lexer.found;
    if bytes.starts_with(BYTE_ORDER_MARK) {
        // The mark is no blank to Java, so the first line is a property even if it looks like a comment.
        let first = found.properties.first().map_or("", |p| p.key.as_str());
        let key = first.strip_prefix("\u{ef}\u{bb}\u{bf}").unwrap_or(first).to_owned();
        found.problems.insert(0, Problem::ByteOrderMark { span: Span::new(file, 0..3), key });
    }
    found
}

/// The value of `key=value` as a script writes it into a file, where nothing has to be decoded, as nearly always.
///
/// # Errors
/// The value itself, when it holds what [`parse_value`] must read.
pub fn plain_value(value: Text) -> Result<Text, Text> {
    let string = value.as_str();
    let decodes = |b: u8| matches!(b, b'\\' | b'\r' | b'\n') || b >= 0x80;
    if string.bytes().next().is_none_or(is_blank) || string.bytes().any(decodes) {
        return Err(value);
    }
    let place = value.span();
    Ok(value.placed(place).layered(|e| Encoding { properties: Some(Part::Value), ..e }))
}

/// Reads `key=value` as a script writes it into a file, `key` being known and needing no decoding. The first property
/// is `key` with what becomes of `value`; if `value` holds line breaks, further ones may follow.
#[must_use]
pub fn parse_value(key: Text, value: &Text) -> Properties {
    let string = value.as_str();
    let mut lexer = Lexer::new(Input::Value(value.slice()), string.as_bytes());
    lexer.run(Some(&key));
    lexer.found
}

/// Reads a whole property file that stands inside another file, as the content of a Compose config does.
#[must_use]
pub fn parse_text(text: Slice<'_>) -> Properties {
    let mut lexer = Lexer::new(Input::Value(text), text.as_str().as_bytes());
    lexer.run(None);
    lexer.found
}

#[derive(Clone, Copy)]
enum Input<'a> {
    File { file: FileId, utf8: bool },
    Value(Slice<'a>),
}

struct Lexer<'a> {
    input: Input<'a>,
    bytes: &'a [u8],
    at: usize,
    /// The bytes of the current logical line, by their offsets. Continuations are already taken out, since Java joins
    /// lines before it looks at escapes and separators: a `\u00⏎41` is a fine `A`.
    line: Vec<u32>,
    /// The high surrogate that the last `\u` made; the low one may follow.
    high: Option<(u16, Span)>,
    found: Properties,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0c')
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// [`crate::text::HOLE`] as it stands in a text.
const HOLE_BYTES: [u8; 3] = [0xef, 0xb7, 0x90];

impl<'a> Lexer<'a> {
    fn new(input: Input<'a>, bytes: &'a [u8]) -> Lexer<'a> {
        Lexer { input, bytes, at: 0, line: Vec::new(), high: None, found: Properties::default() }
    }

    fn span(&self, from: usize, to: usize) -> Span {
        match self.input {
            Input::File { file, .. } => Span::new(file, from..to),
            Input::Value(slice) => slice.range(from..to).span(),
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// The byte at `i` of the logical line.
    fn unit(&self, i: usize) -> Option<u8> {
        self.byte(*self.line.get(i)? as usize)
    }

    fn offset(&self, i: usize) -> Option<usize> {
        self.line.get(i).map(|o| *o as usize)
    }

    fn run(&mut self, key: Option<&Text>) {
        if let Some(key) = key {
            self.first_value(key);
        }
        while self.at < self.bytes.len() {
            let Some(start) = self.logical_line(false) else { continue };
            self.property(start);
        }
    }

    /// Reads into `line` what Java calls a logical line; `None` for blank lines and comments. `open` means that
    /// something stands before it on the line already.
    fn logical_line(&mut self, open: bool) -> Option<usize> {
        self.line.clear();
        let mut start = self.at;
        let mut skip_blanks = true;
        // Only the first line break after a backslash is not skipped; see LineReader.appendedLineBegin.
        let mut escaped = false;
        while let Some(byte) = self.byte(self.at) {
            if skip_blanks && is_blank(byte) {
                self.at += 1;
                continue;
            }
            skip_blanks = false;
            let empty = self.line.is_empty() && !open;
            if empty && matches!(byte, b'#' | b'!') {
                let from = self.at;
                while self.byte(self.at).is_some_and(|b| !is_line_end(b)) {
                    self.at += 1;
                }
                self.found.comments.push(self.span(from, self.at));
                return None;
            }
            if is_line_end(byte) {
                self.at += 1;
                let crlf = byte == b'\r' && self.byte(self.at) == Some(b'\n');
                if empty {
                    return None;
                }
                if !escaped {
                    self.at += usize::from(crlf);
                    return Some(start);
                }
                self.line.pop();
                if self.at >= self.bytes.len() {
                    // Java returns here what it has, be it nothing. CRLF is looked at only later, and then an empty
                    // line is none at all.
                    return Some(start);
                }
                self.at += usize::from(crlf);
                escaped = false;
                skip_blanks = true;
                continue;
            }
            if self.line.is_empty() {
                start = self.at;
            }
            self.line.push(u32::try_from(self.at).unwrap_or(u32::MAX));
            escaped = byte == b'\\' && !escaped;
            self.at += 1;
        }
        if self.line.is_empty() && !open {
            return None;
        }
        if escaped {
            let at = self.line.pop();
            if let (Input::Value(slice), Some(at)) = (self.input, at) {
                let span = slice.range(at as usize..at as usize + 1).span();
                self.found.problems.push(Problem::OpenEnd { span, key: String::new() });
            }
        }
        Some(start)
    }

    /// Where the logical line that was just read ends, without its line end.
    fn line_end(&self, start: usize) -> usize {
        let read = self.bytes.get(..self.at).unwrap_or_default();
        let end = match read {
            [.., b'\r', b'\n'] => self.at - 2,
            [.., b'\r' | b'\n'] => self.at - 1,
            _ => self.at,
        };
        end.max(start)
    }

    /// The value of the property whose key is known.
    fn first_value(&mut self, key: &Text) {
        let problems = self.found.problems.len();
        let start = self.logical_line(true).unwrap_or(0);
        let end = self.line_end(start);
        let from = self.offset(0).unwrap_or(start);
        let value = self.decode(0, self.line.len(), from, Part::Value, Some(key.as_str()));
        self.name_open_end(problems, key.as_str());
        let (separator, line) = (self.span(from, from), self.span(from, end));
        self.found.properties.push(Property { key: key.clone(), value, separator, line });
    }

    fn name_open_end(&mut self, since: usize, name: &str) {
        for problem in self.found.problems.iter_mut().skip(since) {
            if let Problem::OpenEnd { key, .. } = problem {
                name.clone_into(key);
            }
        }
    }

    /// Splits the logical line into key and value, as `Properties.load0` does.
    fn property(&mut self, start: usize) {
        let problems = self.found.problems.len();
        let length = self.line.len();
        let mut key_end = 0;
        let mut escaped = false;
        while let Some(byte) = self.unit(key_end) {
            if !escaped && (is_blank(byte) || matches!(byte, b'=' | b':')) {
                break;
            }
            escaped = byte == b'\\' && !escaped;
            key_end += 1;
        }
        let mut value_start = key_end;
        let mut separated = false;
        while let Some(byte) = self.unit(value_start) {
            if !separated && matches!(byte, b'=' | b':') {
                separated = true;
            } else if !is_blank(byte) {
                break;
            }
            value_start += 1;
        }
        let end = self.line_end(start);
        let after = |lexer: &Self, i: usize| {
            i.checked_sub(1).and_then(|last| lexer.offset(last)).map_or(start, |at| lexer.character_end(at))
        };
        let separator_at = after(self, key_end);
        let value_at = if value_start < length {
            self.offset(value_start).unwrap_or(end)
        } else {
            after(self, value_start)
        };
        let key = self.decode(0, key_end, start, Part::Key, None);
        let value = self.decode(value_start, length, value_at, Part::Value, Some(key.as_str()));
        self.name_open_end(problems, key.as_str());
        let separator =
            if value_start > key_end { (separator_at, value_at) } else { (separator_at, separator_at) };
        let separator = self.span(separator.0, separator.1);
        let line = self.span(start, end);
        self.found.properties.push(Property { key, value, separator, line });
    }

    /// Where the UTF-8 character that holds byte `at` ends; spans are not to cut characters.
    fn character_end(&self, at: usize) -> usize {
        let mut end = at + 1;
        if !matches!(self.input, Input::File { utf8: false, .. }) {
            while self.byte(end).is_some_and(|b| b & 0xc0 == 0x80) {
                end += 1;
            }
        }
        end
    }

    /// Units `from..to` of the line as a text, escapes resolved. `place` is where it stands when it is empty.
    fn decode(&mut self, from: usize, to: usize, place: usize, part: Part, key: Option<&str>) -> Text {
        let first = self.offset(from).filter(|_| from < to);
        let last = to.checked_sub(1).and_then(|i| self.offset(i)).filter(|_| from < to);
        let place = match (first, last) {
            (Some(first), Some(last)) => self.span(first, self.character_end(last)),
            _ => self.span(place, place),
        };
        let mut text = Text::at(place);
        let mut i = from;
        while i < to {
            let Some(at) = self.offset(i) else { break };
            let byte = self.byte(at).unwrap_or_default();
            if byte == b'\\' {
                i = self.escape(i, to, key, &mut text);
                continue;
            }
            self.end_surrogate(&mut text);
            if byte >= 0x80 {
                i = self.wide(i, to, at, &mut text);
                continue;
            }
            let mut end = at;
            while i < to
                && self.offset(i) == Some(end)
                && self.byte(end).is_some_and(|b| b != b'\\' && b < 0x80)
            {
                end += 1;
                i += 1;
            }
            self.literal(at, end, part, &mut text);
        }
        self.end_surrogate(&mut text);
        text
    }

    fn literal(&self, from: usize, to: usize, part: Part, text: &mut Text) {
        match self.input {
            Input::File { .. } => {
                let encoding = Encoding { properties: Some(part), ..Encoding::default() };
                let bytes = self.bytes.get(from..to).unwrap_or_default();
                let string = std::str::from_utf8(bytes).unwrap_or_default();
                text.push_literal(string, self.span(from, to), encoding);
            }
            Input::Value(slice) => {
                text.push_slice(slice.range(from..to), |e| Encoding { properties: Some(part), ..e });
            }
        }
    }

    /// The character beyond ASCII at unit `i`: each of its bytes is a character to Java. `from` is where the piece
    /// starts, a backslash before it included. Returns the unit after it.
    fn wide(&self, mut i: usize, to: usize, from: usize, text: &mut Text) -> usize {
        let at = self.offset(i).unwrap_or_default();
        let end = self.character_end(at);
        let span = self.span(from, end);
        let bytes = self.bytes.get(at..end).unwrap_or_default();
        if matches!(self.input, Input::Value(_)) && bytes == HOLE_BYTES {
            text.push_hole(span);
        } else {
            let string: String = bytes.iter().map(|b| char::from(*b)).collect();
            text.push_decoded(&string, span);
        }
        while i < to && self.offset(i).is_some_and(|o| o < end) {
            i += 1;
        }
        i
    }

    /// The escape whose backslash is unit `i`. Returns the unit after it.
    fn escape(&mut self, i: usize, to: usize, key: Option<&str>, text: &mut Text) -> usize {
        let at = self.offset(i).unwrap_or_default();
        let Some(byte) = self.unit(i + 1).filter(|_| i + 1 < to) else { return i + 1 };
        if byte == b'u' {
            return self.unicode(i, to, key, text);
        }
        self.end_surrogate(text);
        if byte >= 0x80 {
            return self.wide(i + 1, to, at, text);
        }
        let character = match byte {
            b't' => '\t',
            b'n' => '\n',
            b'r' => '\r',
            b'f' => '\x0c',
            other => char::from(other),
        };
        let end = self.offset(i + 1).unwrap_or(at) + 1;
        let span = self.span(at, end);
        text.push_decoded(character.encode_utf8(&mut [0; 4]), span);
        i + 2
    }

    /// `\uXXXX`: a UTF-16 unit.
    fn unicode(&mut self, i: usize, to: usize, key: Option<&str>, text: &mut Text) -> usize {
        let at = self.offset(i).unwrap_or_default();
        let mut next = i + 2;
        let mut value = 0u16;
        while next < to.min(i + 6) {
            let Some(digit) = self.unit(next).and_then(|b| char::from(b).to_digit(16)) else { break };
            value = value << 4 | u16::try_from(digit).unwrap_or_default();
            next += 1;
        }
        let end = self.offset(next - 1).unwrap_or(at) + 1;
        let span = self.span(at, end);
        if next < i + 6 {
            self.end_surrogate(text);
            text.push_hole(span);
            let rest = self.offset(next).and_then(|o| self.bytes.get(o..o + 3)).filter(|_| next < to);
            // An unknown part may bring the digits that are missing.
            if !matches!(self.input, Input::Value(_)) || rest != Some(&HOLE_BYTES) {
                self.found.problems.push(Problem::BadEscape { span, key: key.map(str::to_owned) });
            }
            return next;
        }
        if let (Some((high, first)), 0xdc00..=0xdfff) = (self.high, value) {
            self.high = None;
            let pair = char::decode_utf16([high, value]).next().and_then(Result::ok);
            let character = pair.unwrap_or(char::REPLACEMENT_CHARACTER);
            text.push_decoded(character.encode_utf8(&mut [0; 4]), first.cover(span));
            return next;
        }
        self.end_surrogate(text);
        if matches!(value, 0xd800..=0xdbff) {
            self.high = Some((value, span));
        } else {
            let character = char::from_u32(u32::from(value)).unwrap_or(char::REPLACEMENT_CHARACTER);
            text.push_decoded(character.encode_utf8(&mut [0; 4]), span);
        }
        next
    }

    /// A high surrogate that no low one followed: Java keeps it, but no text of ours can.
    fn end_surrogate(&mut self, text: &mut Text) {
        if let Some((_, span)) = self.high.take() {
            text.push_decoded(char::REPLACEMENT_CHARACTER.encode_utf8(&mut [0; 4]), span);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::{Base, HOLE};

    const FILE: FileId = FileId(0);

    fn pairs(found: &Properties) -> Vec<(&str, &str)> {
        found.properties.iter().map(|p| (p.key.as_str(), p.value.as_str())).collect()
    }

    /// Input and what Java 17 made of it.
    #[test]
    fn reads_as_java_does() {
        type Case = (&'static [u8], &'static [(&'static str, &'static str)]);
        let cases: &[Case] = &[
            (b"", &[]),
            (b"\n \t\r\n\x0c", &[]),
            (b"a=b", &[("a", "b")]),
            (b"a : b \n", &[("a", "b ")]),
            (b"a b=c", &[("a", "b=c")]),
            (b"a = = b", &[("a", "= b")]),
            (b"  a\x0c\tb", &[("a", "b")]),
            (b"a", &[("a", "")]),
            (b"=v", &[("", "v")]),
            (b"a\rb\r\nc", &[("a", ""), ("b", ""), ("c", "")]),
            (b"# a\\\nb=1\n  ! c", &[("b", "1")]),
            (b"a=b # c", &[("a", "b # c")]),
            (b"a=1\na=2", &[("a", "1"), ("a", "2")]),
            (b"a=b\\\n   c\\\r\n\td", &[("a", "bcd")]),
            (b"a=b\\\n\nc=d", &[("a", "b"), ("c", "d")]),
            (b"a=b\\\n# c", &[("a", "b# c")]),
            (b"a=b\\\\\nc=d", &[("a", "b\\"), ("c", "d")]),
            (b"a=b\\ \nc=d", &[("a", "b "), ("c", "d")]),
            (b"a=b\\", &[("a", "b")]),
            (b"\\", &[("", "")]),
            (b"\\\n", &[("", "")]),
            (b"\\\r", &[("", "")]),
            (b"\\\r\n", &[]),
            (b"\\\n  ", &[]),
            (b"\\\n# c\nd", &[("d", "")]),
            (b"a\\=b\\:c\\ d=e", &[("a=b:c d", "e")]),
            (b"a=C:\\kafka\\new\\\\x", &[("a", "C:kafka\new\\x")]),
            (b"a=\\t\\n\\r\\f\\q\\\"", &[("a", "\t\n\r\x0cq\"")]),
            (b"\\u0061=\\u00e9\\ud83d\\ude00", &[("a", "\u{e9}\u{1f600}")]),
            (b"a=\\ud83dx\\ude00", &[("a", "\u{fffd}x\u{fffd}")]),
            (b"a=\\u00\\\n   41", &[("a", "A")]),
            (b"a\\u003db=c", &[("a=b", "c")]),
            (b"a=\xc3\xa9\x85", &[("a", "\u{c3}\u{a9}\u{85}")]),
            (b"\xef\xbb\xbf# a", &[("\u{ef}\u{bb}\u{bf}#", "a")]),
        ];
        for (input, expected) in cases {
            let found = parse_file(FILE, input);
            assert_eq!(pairs(&found), *expected, "{}", input.escape_ascii());
            assert!(!found.is_refused());
        }
    }

    #[test]
    fn every_part_has_its_place() {
        let input = "# c\n listeners = PLAINTEXT://:9092,\\\n    CONTROLLER://:9093\nname=caf\u{e9}\\u0021\n";
        let found = parse_file(FILE, input.as_bytes());
        let at = |span: Span| input.get(span.range()).unwrap();
        assert_eq!(found.comments.iter().map(|s| at(*s)).collect::<Vec<_>>(), ["# c"]);
        let p = &found.properties[0];
        assert_eq!(at(p.key.span()), "listeners");
        assert_eq!(at(p.separator), " = ");
        assert_eq!(at(p.line), "listeners = PLAINTEXT://:9092,\\\n    CONTROLLER://:9093");
        let second = p.value.slice().split(b',').nth(1).unwrap();
        assert_eq!(at(second.span()), "CONTROLLER://:9093");
        let port = second.rsplit_once(b':').unwrap().1;
        let edit = p.value.edit(port.bounds(), "9094").unwrap();
        assert_eq!((at(edit.span), &*edit.replacement), ("9093", "9094"));
        assert_eq!(p.key.edit(0..9, "a b").unwrap().replacement, "a\\ b");
        let name = &found.properties[1].value;
        assert_eq!(name.as_str(), "caf\u{c3}\u{a9}!");
        assert_eq!(at(name.slice().range(5..7).span()), "\u{e9}", "half a character is the whole one");
        assert_eq!(at(name.slice().range(7..8).span()), "\\u0021");
        let empty = parse_file(FILE, b"key =\n");
        assert_eq!(empty.properties[0].value.span(), Span::new(FILE, 5..5));
    }

    #[test]
    fn tells_problems() {
        let found = parse_file(FILE, b"a=x\\u00g1\nb=2\n\\uqq=1");
        assert!(found.is_refused());
        assert_eq!(
            found.problems,
            [
                Problem::BadEscape { span: Span::new(FILE, 3..7), key: Some("a".into()) },
                Problem::BadEscape { span: Span::new(FILE, 14..16), key: None },
            ]
        );
        assert_eq!(found.properties[0].value.as_str(), format!("x{HOLE}g1"));
        assert_eq!(found.properties[1].value.as_str(), "2");
        let mark = parse_file(FILE, b"\xef\xbb\xbfbootstrap.servers=a");
        assert_eq!(
            mark.problems,
            [Problem::ByteOrderMark { span: Span::new(FILE, 0..3), key: "bootstrap.servers".into() }]
        );
    }

    #[test]
    fn a_value_may_become_several_properties() {
        let key = Text::literal("listeners", Span::new(FILE, 0..9), Encoding::default());
        let base = Encoding { base: Base::YamlBlock, dollar: true, properties: None };
        let mut value = Text::at(Span::new(FILE, 10..60));
        let string = " # A://:1\\\n ,B\\u003a9\nnode.id=7\n# c\nhost=";
        value.push_literal(string, Span::new(FILE, 10..10 + string.len()), base);
        value.push_hole(Span::new(FILE, 80..87));
        let found = parse_value(key.clone(), &value);
        let host = HOLE.to_string();
        assert_eq!(pairs(&found), [("listeners", "# A://:1,B:9"), ("node.id", "7"), ("host", &*host)]);
        let [first, second, _] = &found.properties[..] else { panic!("three properties") };
        assert_eq!(first.value.slice().range(10..11).span(), Span::new(FILE, 24..30));
        assert_eq!(first.separator, Span::new(FILE, 11..11));
        assert_eq!(first.value.edit(7..8, "\\$").unwrap().replacement, "\\\\$$");
        let start = 10 + u32::try_from(string.find("node").unwrap()).unwrap();
        assert_eq!((second.line.start, second.line.end), (start, start + 9));
        assert_eq!(found.comments.len(), 1);
        assert!(found.problems.is_empty());

        let text = |s: &str| Text::literal(s, Span::new(FILE, 20..20 + s.len()), Encoding::default());
        let open = parse_value(key.clone(), &text("C:\\"));
        assert_eq!(pairs(&open), [("listeners", "C:")]);
        assert_eq!(
            open.problems,
            [Problem::OpenEnd { span: Span::new(FILE, 22..23), key: "listeners".into() }]
        );
        let mojibake = parse_value(key.clone(), &text("\u{e9}"));
        assert_eq!(pairs(&mojibake), [("listeners", "\u{c3}\u{a9}")]);
        let empty = parse_value(key.clone(), &text(""));
        assert_eq!(pairs(&empty), [("listeners", "")]);
        let plain = plain_value(text("C:")).unwrap();
        assert_eq!(plain.edit(0..1, "\\").unwrap().replacement, "\\\\");
        assert!(["", " a", "a\nb", "\u{e9}", "\\"].iter().all(|s| plain_value(text(s)).is_err()));
        // What is unknown may complete an escape.
        let mut half = text("\\u00");
        half.push_hole(Span::new(FILE, 30..34));
        assert!(!parse_value(key.clone(), &half).is_refused());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        // Not drawn, since java-properties differs from Java there: bytes beyond ASCII, surrogates, a backslash before
        // the end of the file, a line that is nothing but a backslash.
        #[test]
        fn agrees_with_java_properties(input in "(?:[ab=: \t\x0c#!\r\n\\\\u]|\\\\u00[46]1|\\\\\n|key=v\n){0,40}x") {
            let whole = |line: &str| if line.trim() == "\\" { "k\\".to_owned() } else { line.to_owned() };
            let input = input.replace('\r', "\n").split('\n').map(whole).collect::<Vec<_>>().join("\r");
            let found = parse_file(FILE, input.as_bytes());
            let mut theirs = Vec::new();
            let result = java_properties::PropertiesIter::new(input.as_bytes())
                .read_into(|key, value| theirs.push((key, value)));
            // It also trips over escapes in comments.
            let refused = found.is_refused() || result.is_err() && !found.comments.is_empty();
            prop_assert_eq!(result.is_err(), refused);
            if result.is_ok() {
                let ours: Vec<_> =
                    pairs(&found).into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
                prop_assert_eq!(ours, theirs);
            }
        }

        #[test]
        fn never_leaves_the_file(input in proptest::collection::vec(any::<u8>(), 0..200)) {
            let found = parse_file(FILE, &input);
            for p in &found.properties {
                prop_assert!(p.line.range().end <= input.len());
                prop_assert!(p.line.contains(p.key.place()) && p.line.contains(p.value.place()));
            }
        }
    }
}
