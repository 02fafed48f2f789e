//! `.env` files and the files of `env_file`, as Compose reads them, with the place of every part.
//!
//! A port of compose-go v2.16.2 (`dotenv/parser.go`), its oddities included: a name that stands alone on a last line
//! without line end becomes the *value* of a variable with an empty name; after a closing quote the next statement may
//! start on the same line; `#` starts a comment behind a value only after a blank, and a value that itself starts with
//! `#` is no comment. Compose refuses a whole file for one bad line; here the other lines are read all the same.
//!
//! [`parse_raw`] reads the other format, `format: raw` (docker/cli `pkg/kvfile`): no quotes, no variables.
//!
//! Not for scripts that a shell reads, though they look alike: see `script`. Not for the order of files: the caller
//! gives the variables that hold before and after a file's own to [`resolve`].

use crate::hash::HashMap;

use crate::interpolate::{self, Mode, Value, interpolate};
use crate::source::{FileId, Span};
use crate::text::{Base, Encoding, Slice, Text, Use};

/// A line that sets or names a variable.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The name. Empty for a line `=value` and for the last line, see [`ProblemKind::NoLineEnd`].
    pub key: Text,
    /// The value; `None` for a name alone, which takes its value from the environment.
    pub value: Option<RawValue>,
    /// From `export` or the name to the end of the value.
    pub line: Span,
}

/// A value before its variables are replaced.
#[derive(Debug, Clone)]
pub struct RawValue {
    /// Its text, escapes resolved; a `\$` has become `$$`. Its place has the quotes.
    pub text: Text,
    /// How it is written.
    pub quote: Quote,
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quote {
    /// Without quotes: variables count, backslashes do not.
    Plain,
    /// `'…'`: neither counts, but for `\'`.
    Single,
    /// `"…"`: both count.
    Double,
    /// In a file of the raw format: nothing counts.
    Raw,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What.
    pub kind: ProblemKind,
}

/// See [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// A character that no name may have. Refused.
    BadCharacter(char),
    /// A blank inside a name: `A B=1`. Refused.
    BlankInKey {
        /// The name with its blank.
        key: String,
    },
    /// A quote that nothing closes. Refused.
    Unterminated {
        /// The variable's name.
        key: String,
    },
    /// `export` and nothing behind it at the end of the file, or in the raw format a line without name. Refused.
    NoName,
    /// In the raw format, bytes that are no UTF-8. Refused.
    NotUtf8,
    /// A name alone on the last line, and no line end: Compose sets the variable with the empty name to this text.
    NoLineEnd {
        /// What was meant as a name.
        name: String,
    },
}

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub struct Dotenv {
    /// In the order of the file. Of several with one name the last counts.
    pub entries: Vec<Entry>,
    /// From their `#` to the end of the line.
    pub comments: Vec<Span>,
    /// In the order of the file.
    pub problems: Vec<Problem>,
}

impl Dotenv {
    /// True when Compose refuses the file for its grammar. It may also refuse it for what [`resolve`] finds.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(|p| !matches!(p.kind, ProblemKind::NoLineEnd { .. }))
    }
}

/// Reads a file of the usual format.
#[must_use]
pub fn parse(file: FileId, bytes: &[u8]) -> Dotenv {
    let source = decode(file, bytes);
    let mut parser = Parser { source: &source, at: 0, found: Dotenv::default() };
    while parser.statement_start() {
        parser.statement();
    }
    parser.found
}

/// Reads a file of `format: raw`.
#[must_use]
pub fn parse_raw(file: FileId, bytes: &[u8]) -> Dotenv {
    let source = decode(file, bytes);
    let mut found = Dotenv::default();
    for line in source.slice().split(b'\n') {
        let length = line.as_str().strip_suffix('\r').unwrap_or(line.as_str()).len();
        let blank = line.as_str().len() - line.as_str().trim_start().len();
        let line = line.range(blank.min(length)..length);
        // An escape in the text of a file is a byte that is no UTF-8.
        if line.as_str().contains(char::REPLACEMENT_CHARACTER) && std::str::from_utf8(bytes).is_err() {
            found.problems.push(Problem { span: line.span(), kind: ProblemKind::NotUtf8 });
        }
        if line.is_empty() {
            continue;
        }
        if line.as_str().starts_with('#') {
            found.comments.push(line.span());
            continue;
        }
        let (key, value) = line.split_once(b'=').map_or((line, None), |(key, value)| (key, Some(value)));
        if key.is_empty() {
            found.problems.push(Problem { span: line.span(), kind: ProblemKind::NoName });
            continue;
        }
        if key.as_str().contains([' ', '\t']) {
            let kind = ProblemKind::BlankInKey { key: key.as_str().to_owned() };
            found.problems.push(Problem { span: key.span(), kind });
            continue;
        }
        let value = value.map(|value| RawValue { text: value.to_text(), quote: Quote::Raw });
        found.entries.push(Entry { key: key.to_text(), value, line: line.span() });
    }
    found
}

/// The variables of a file.
#[derive(Debug, Clone, Default)]
pub struct Resolved {
    /// Name and value, in the order of the file; the last of several counts. `None` for a name alone that has no
    /// value in the environment: it sets nothing and leaves an earlier value as it is.
    pub variables: Vec<(Text, Option<Text>)>,
    /// What is wrong with the values.
    pub problems: Vec<interpolate::Problem>,
}

impl Resolved {
    /// True when Compose refuses the file for one of its values (in [`Mode::Closed`]).
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(|p| !matches!(p.kind, interpolate::ProblemKind::Unset { .. }))
    }
}

/// Replaces the variables in the values of a file, line by line, as Compose does.
///
/// A variable is looked for in `before`, then among the lines above, then in `after`. For `.env`, `before` is the
/// shell's environment and `after` the `.env` files read earlier; for `env_file`, `before` is the project's
/// environment, then the service's own, and `after` the env files read earlier. A name alone asks `before` only.
#[must_use]
pub fn resolve<'v>(
    dotenv: &Dotenv,
    before: &dyn Fn(&str) -> Value<'v>,
    after: &dyn Fn(&str) -> Value<'v>,
    mode: Mode,
) -> Resolved {
    let mut resolved = Resolved::default();
    let mut last: HashMap<&str, usize> = HashMap::default();
    for entry in &dotenv.entries {
        let name = entry.key.as_str();
        let value = match &entry.value {
            None => match before(name) {
                Value::Unset => None,
                Value::Unknown => Some(Text::hole(entry.key.span())),
                Value::Set(text) => {
                    let mut value = Text::at(entry.key.span());
                    value.push_use(text.slice(), Use { span: entry.key.span(), name: name.into() });
                    Some(value)
                }
            },
            Some(RawValue { text, quote: Quote::Single | Quote::Raw }) => Some(text.clone()),
            Some(RawValue { text, .. }) => {
                let variables = &resolved.variables;
                let lookup = |name: &str| match before(name) {
                    Value::Unset => {
                        let own = last.get(name).and_then(|i| variables.get(*i)?.1.as_ref());
                        own.map_or_else(|| after(name), Value::Set)
                    }
                    known => known,
                };
                let done = interpolate(text.slice(), &lookup, mode);
                resolved.problems.extend(done.problems);
                Some(done.text)
            }
        };
        if value.is_some() {
            last.insert(name, resolved.variables.len());
        }
        resolved.variables.push((entry.key.clone(), value));
    }
    resolved
}

/// The file as a text, without its byte order mark. A byte that is no UTF-8 becomes one replacement character, as Go
/// sees it.
fn decode(file: FileId, bytes: &[u8]) -> Text {
    let skipped = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut text = Text::at(Span::new(file, skipped..bytes.len()));
    let mut at = skipped;
    for chunk in bytes.get(skipped..).unwrap_or_default().utf8_chunks() {
        let end = at + chunk.valid().len();
        text.push_literal(chunk.valid(), Span::new(file, at..end), Encoding::default());
        at = end;
        for _ in chunk.invalid() {
            let replacement = char::REPLACEMENT_CHARACTER.encode_utf8(&mut [0; 3]).to_owned();
            text.push_decoded(&replacement, Span::new(file, at..at + 1));
            at += 1;
        }
    }
    text
}

/// What the parser calls a blank: no line end, and of Unicode only two.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\x0b' | '\x0c' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

struct Parser<'a> {
    source: &'a Text,
    at: usize,
    found: Dotenv,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.source.as_str().get(self.at..).unwrap_or("")
    }

    fn slice(&self, from: usize, to: usize) -> Slice<'a> {
        self.source.slice().range(from..to)
    }

    fn span(&self, from: usize, to: usize) -> Span {
        self.slice(from, to).span()
    }

    fn problem(&mut self, from: usize, to: usize, kind: ProblemKind) {
        self.found.problems.push(Problem { span: self.span(from, to), kind });
    }

    /// The offset where the line that holds `from` ends.
    fn line_end(&self, from: usize) -> usize {
        let rest = self.source.as_str().get(from..).unwrap_or("");
        from + rest.find('\n').unwrap_or(rest.len())
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(is_blank).len();
    }

    fn comment(&mut self, from: usize, end: usize) {
        let length = self.slice(from, end).as_str().trim_end().len();
        self.found.comments.push(self.span(from, from + length));
    }

    /// Goes to the next statement; false at the end of the file.
    fn statement_start(&mut self) -> bool {
        loop {
            self.at += self.rest().len() - self.rest().trim_start().len();
            if !self.rest().starts_with('#') {
                return !self.rest().is_empty();
            }
            let end = self.line_end(self.at);
            self.comment(self.at, end);
            self.at = end;
        }
    }

    fn statement(&mut self) {
        let start = self.at;
        if let Some(behind) = self.rest().strip_prefix("export")
            && behind.starts_with(['\t', '\n', '\x0c', '\r', ' '])
        {
            self.at += "export".len();
            self.skip_blanks();
            if self.rest().is_empty() {
                self.problem(start, start + "export".len(), ProblemKind::NoName);
                return;
            }
        }
        let name_start = self.at;
        let end = self.rest().char_indices().find(|(_, c)| {
            let fine = is_blank(*c) || c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']');
            !fine
        });
        let (name_end, inherits) = match end {
            None => {
                // compose-go looks for a separator, finds none, and so takes nothing as the name.
                let name = self.rest().trim_end().to_owned();
                self.problem(name_start, name_start + name.len(), ProblemKind::NoLineEnd { name });
                (name_start, false)
            }
            Some((length, c @ ('=' | ':' | '\n'))) => {
                self.at = name_start + length + 1;
                (name_start + length, c == '\n')
            }
            Some((length, c)) => {
                let at = name_start + length;
                self.problem(at, at + c.len_utf8(), ProblemKind::BadCharacter(c));
                self.at = self.line_end(at);
                return;
            }
        };
        let name = self.slice(name_start, name_end).as_str().trim_end();
        let name_end = name_start + name.len();
        let refused = name.contains(' ');
        if refused {
            self.problem(name_start, name_end, ProblemKind::BlankInKey { key: name.to_owned() });
        }
        let (value, end) = if inherits {
            (None, name_end)
        } else {
            self.skip_blanks();
            match self.value(name) {
                Some((value, end)) => (Some(value), end),
                None => return,
            }
        };
        if !refused {
            let plain = |e| Encoding { base: Base::EnvPlain, ..e };
            let mut key = Text::at(self.span(name_start, name_end));
            key.push_slice(self.slice(name_start, name_end), plain);
            self.found.entries.push(Entry { key, value, line: self.span(start, end) });
        }
    }

    /// The value that starts here, and where it ends.
    fn value(&mut self, name: &str) -> Option<(RawValue, usize)> {
        match self.rest().chars().next() {
            Some(quote @ ('\'' | '"')) => self.quoted(name, quote),
            _ => Some(self.plain()),
        }
    }

    fn plain(&mut self) -> (RawValue, usize) {
        let start = self.at;
        let line_end = self.line_end(start);
        let line = self.slice(start, line_end).as_str();
        let cut = line.find(" #");
        if let Some(cut) = cut {
            self.comment(start + cut + 1, line_end);
        }
        let value = line.get(..cut.unwrap_or(line.len())).unwrap_or(line).trim_end();
        let end = start + value.len();
        let mut text = Text::at(self.span(start, end));
        text.push_slice(self.slice(start, end), |e| Encoding { base: Base::EnvPlain, ..e });
        self.at = (line_end + 1).min(self.source.as_str().len());
        (RawValue { text, quote: Quote::Plain }, end)
    }

    fn quoted(&mut self, name: &str, quote: char) -> Option<(RawValue, usize)> {
        let start = self.at;
        let base = if quote == '"' { Base::EnvDouble } else { Base::EnvSingle };
        let mut pieces =
            Pieces { parser: self, base, text: Text::at(self.span(start, start)), run: start + 1 };
        let mut at = start + 1;
        let close = loop {
            let rest = pieces.parser.source.as_str().get(at..).unwrap_or("");
            let Some(next) = rest.find([quote, '\\']) else { break None };
            let (at_next, rest) = (at + next, rest.get(next..).unwrap_or(""));
            if rest.starts_with(quote) {
                break Some(at_next);
            }
            let (length, decoded) = escape(rest, quote);
            if let Some(decoded) = decoded {
                pieces.decoded(at_next, at_next + length, &decoded);
            }
            at = at_next + length;
        };
        let Some(close) = close else {
            self.problem(start, start + 1, ProblemKind::Unterminated { key: name.to_owned() });
            self.at = self.line_end(start);
            return None;
        };
        pieces.flush(close);
        let text = pieces.text.placed(self.span(start, close + 1));
        self.at = close + 1;
        let quote = if quote == '"' { Quote::Double } else { Quote::Single };
        Some((RawValue { text, quote }, close + 1))
    }
}

/// A quoted value in the making.
struct Pieces<'p, 'a> {
    parser: &'p Parser<'a>,
    base: Base,
    text: Text,
    /// Where the part starts that is as it stands and not yet taken over.
    run: usize,
}

impl Pieces<'_, '_> {
    fn flush(&mut self, end: usize) {
        if self.run < end {
            let base = self.base;
            self.text.push_slice(self.parser.slice(self.run, end), |e| Encoding { base, ..e });
        }
    }

    fn decoded(&mut self, from: usize, to: usize, string: &str) {
        self.flush(from);
        self.text.push_decoded(string, self.parser.span(from, to));
        self.run = to;
    }
}

/// The escape at the start of `rest`: its length, and what it stands for unless it stands for itself.
///
/// compose-go takes the quotes' backslashes away first and resolves the others afterwards; none of the ones it leaves
/// can combine with what follows, so one pass does the same.
fn escape(rest: &str, quote: char) -> (usize, Option<String>) {
    let mut behind = rest.chars().skip(1);
    let Some(c) = behind.next() else { return (1, None) };
    let length = 1 + c.len_utf8();
    if c == quote {
        return (length, Some(quote.into()));
    }
    if quote == '\'' {
        return (length, None);
    }
    let decoded = match c {
        'a' => "\x07",
        'b' => "\x08",
        'f' => "\x0c",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\x0b",
        '\\' => "\\",
        // Interpolation makes one of it.
        '$' => "$$",
        '0' => {
            // Three octal digits behind the zero, and a byte's worth; else compose-go drops the zero and no more.
            let digits: String = behind.take(3).take_while(char::is_ascii_digit).collect();
            let byte = if digits.len() == 3 { u8::from_str_radix(&digits, 8).ok() } else { None };
            let decoded = byte.map_or_else(|| format!("\\{digits}"), |b| char::from(b).into());
            return (length + digits.len(), Some(decoded));
        }
        _ => return (length, None),
    };
    (length, Some(decoded.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::HOLE;

    const FILE: FileId = FileId(0);

    fn text(s: &str) -> Text {
        Text::literal(s, Span::new(FileId(1), 0..s.len()), Encoding::default())
    }

    /// Names and values that `input` sets; `None` when it is refused.
    fn read(input: &str, env: &[(&str, Text)]) -> Option<Vec<(String, String)>> {
        let found = parse(FILE, input.as_bytes());
        let lookup = |name: &str| env.iter().find(|v| v.0 == name).map_or(Value::Unset, |v| Value::Set(&v.1));
        let resolved = resolve(&found, &lookup, &|_| Value::Unset, Mode::Closed);
        let value =
            |(k, v): &(Text, Option<Text>)| Some((k.as_str().to_owned(), v.as_ref()?.as_str().to_owned()));
        let all = resolved.variables.iter().filter_map(value).collect();
        (!found.is_refused() && !resolved.is_refused()).then_some(all)
    }

    #[test]
    fn says_what_compose_go_says() {
        let mut count = 0;
        for line in include_str!("../../testcases/oracle/dotenv.jsonl").lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let input = case["in"].as_str().unwrap();
            let env: Vec<_> = case["env"].as_object().unwrap().iter().collect();
            let env: Vec<_> = env.into_iter().map(|(k, v)| (k.as_str(), text(v.as_str().unwrap()))).collect();
            let got = read(input, &env);
            assert_eq!(got.is_some(), case["ok"].as_bool().unwrap(), "{input:?}");
            if let Some(got) = got {
                let got: serde_json::Map<_, _> = got.into_iter().map(|(k, v)| (k, v.into())).collect();
                assert_eq!(serde_json::Value::Object(got), case["out"], "{input:?}");
            }
            count += 1;
        }
        assert!(count > 200);
    }

    #[test]
    fn every_part_has_its_place() {
        let input =
            "# kraftlint: ignore[KL101]\nexport A = a # why\r\nB=\"x\\n${A}\" # c\nC='\\'$A'\nD\nE=\n";
        let found = parse(FILE, input.as_bytes());
        let at = |span: Span| input.get(span.range()).unwrap();
        let comments: Vec<_> = found.comments.iter().map(|s| at(*s)).collect();
        assert_eq!(comments, ["# kraftlint: ignore[KL101]", "# why", "# c"]);
        let lines: Vec<_> = found.entries.iter().map(|e| at(e.line)).collect();
        assert_eq!(lines, ["export A = a", "B=\"x\\n${A}\"", "C='\\'$A'", "D", "E="]);
        let resolved = resolve(&found, &|_| Value::Unset, &|_| Value::Unset, Mode::Closed);
        let value = |i: usize| resolved.variables[i].1.as_ref().unwrap();
        assert_eq!(value(0).edit(0..1, "b:1").unwrap().span, Span::new(FILE, 38..39));
        assert_eq!(value(1).as_str(), "x\na");
        assert_eq!(at(value(1).slice().range(1..2).span()), "\\n");
        assert_eq!(value(1).slice().range(2..3).span(), Span::new(FILE, 38..39), "where A is set");
        assert_eq!(at(value(1).place()), "\"x\\n${A}\"");
        assert_eq!(value(2).as_str(), "'$A");
        assert!(resolved.variables[3].1.is_none());
        assert_eq!(value(4).span().range(), input.len() - 1..input.len() - 1);
    }

    #[test]
    fn tells_problems() {
        let kinds = |input: &str| {
            let found = parse(FILE, input.as_bytes());
            let names: Vec<_> = found.entries.iter().map(|e| e.key.as_str().to_owned()).collect();
            (
                found.problems.into_iter().map(|p| (p.span.range(), p.kind)).collect::<Vec<_>>(),
                names.join(" "),
            )
        };
        let key = || "A B".to_owned();
        assert_eq!(
            kinds("A B=1\nC=1\n"),
            (vec![(0..3, ProblemKind::BlankInKey { key: key() })], "C".to_owned())
        );
        assert_eq!(kinds("A@=1\nC=1\n"), (vec![(1..2, ProblemKind::BadCharacter('@'))], "C".to_owned()));
        assert_eq!(
            kinds("X='it\nC=1\n"),
            (vec![(2..3, ProblemKind::Unterminated { key: "X".to_owned() })], "C".to_owned())
        );
        assert_eq!(kinds("export "), (vec![(0..6, ProblemKind::NoName)], String::new()));
        assert_eq!(
            kinds("C=1\nLAST"),
            (vec![(4..8, ProblemKind::NoLineEnd { name: "LAST".to_owned() })], "C ".to_owned())
        );
    }

    #[test]
    fn the_order_of_lookup() {
        let found = parse(FILE, b"Y=file\nX=file\nZ=$X $Y $W $V\nY\nV\n");
        let (x, y, w) = (text("shell"), text("earlier"), text("earlier"));
        let before = |name: &str| match name {
            "X" => Value::Set(&x),
            "V" => Value::Unknown,
            _ => Value::Unset,
        };
        let after = |name: &str| match name {
            "Y" => Value::Set(&y),
            "W" => Value::Set(&w),
            _ => Value::Unset,
        };
        let got = resolve(&found, &before, &after, Mode::Closed).variables;
        let value = |i: usize| got[i].1.as_ref().map(|v| v.as_str().replace(HOLE, "?"));
        assert_eq!(value(2).as_deref(), Some("shell file earlier ?"));
        assert_eq!(value(3), None);
        assert_eq!(value(4).as_deref(), Some("?"));
    }

    #[test]
    fn the_raw_format() {
        let found = parse_raw(FILE, b"\xef\xbb\xbf# c\n\n  Q=\"a\" $X # c \r\nBARE\nexport K=1\n=x\nE=");
        let all: Vec<_> = found
            .entries
            .iter()
            .map(|e| (e.key.as_str(), e.value.as_ref().map(|v| v.text.as_str())))
            .collect();
        assert_eq!(all, [("Q", Some("\"a\" $X # c ")), ("BARE", None), ("E", Some(""))]);
        let kinds: Vec<_> = found.problems.iter().map(|p| p.kind.clone()).collect();
        assert_eq!(kinds, [ProblemKind::BlankInKey { key: "export K".to_owned() }, ProblemKind::NoName]);
        assert_eq!(found.comments, [Span::new(FILE, 3..6)]);
        assert!(parse_raw(FILE, b"A=\xff").is_refused());
        let resolved = resolve(&found, &|_| Value::Unset, &|_| Value::Unset, Mode::Closed);
        assert!(resolved.problems.is_empty(), "variables do not count");
    }

    #[test]
    fn bytes_that_are_no_utf8() {
        let found = parse(FILE, b"A=a\xffb\n\xc3(=1\nB=2\n");
        let value = &found.entries[0].value.as_ref().unwrap().text;
        assert_eq!(value.as_str(), "a\u{fffd}b");
        assert_eq!(value.slice().range(4..5).span(), Span::new(FILE, 4..5));
        assert_eq!(found.problems[0].span, Span::new(FILE, 6..7));
        assert_eq!(found.entries[1].key.as_str(), "B");
    }
}
