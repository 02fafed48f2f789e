//! The parser's errors in plain words, at the place where a person would look.

use std::ops::Range;

use granit_parser::ErrorKind;

/// True when something stands behind the end of a document that seemed complete.
pub(super) fn is_behind_root(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ExpectedDocumentStart
            | ErrorKind::MissingDocumentEndBeforeDirective
            | ErrorKind::MappingValueNotAllowed
    )
}

/// What go-yaml does not mind, in places.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leniency {
    /// Too little indentation, inside quotes.
    Indentation,
    /// A tab in the indentation, inside quotes or brackets.
    Tab,
    /// `\'` inside double quotes.
    Escape,
    /// A comment without a blank before it, behind a quote or bracket.
    Comment,
}

/// Faults that may be none for go-yaml.
pub(super) fn leniency(kind: &ErrorKind) -> Option<Leniency> {
    match kind {
        ErrorKind::InvalidQuotedScalarIndent => Some(Leniency::Indentation),
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
            Some(Leniency::Tab)
        }
        ErrorKind::UnknownQuotedScalarEscape => Some(Leniency::Escape),
        ErrorKind::CommentNotSeparated => Some(Leniency::Comment),
        _ => None,
    }
}

/// The double-quoted scalar at `start`, when the first wrong escape in it is a `\'`.
pub(super) fn quoted_with_apostrophes(source: &str, start: usize) -> Option<Range<usize>> {
    let rest = source.get(start..)?.strip_prefix('"')?;
    let end = closing(source.as_bytes(), start, source.len())? + 1;
    let escape = bad_escape(rest).filter(|i| start + 1 + i < end)?;
    rest.get(escape + 1..)?.starts_with('\'').then_some(start..end)
}

/// The quoted scalar that is open at `at`, when it ends well further down.
pub(super) fn quoted(source: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let start = opened(&ErrorKind::InvalidQuotedScalarIndent, source, from, at)?;
    let end = closing(source.as_bytes(), start, source.len())? + 1;
    let rest = source.get(end..)?;
    let next = rest.trim_start_matches([' ', '\t']);
    let ends_well = next.is_empty()
        || next.starts_with(['\r', '\n', ',', ']', '}'])
        || next.starts_with('#') && next.len() < rest.len();
    let mut lines = source.get(start..end)?.split(['\r', '\n']).skip(1);
    let is_mark = |line: &str| {
        let tail = line.strip_prefix("---").or_else(|| line.strip_prefix("..."));
        tail.is_some_and(|tail| tail.is_empty() || tail.starts_with([' ', '\t']))
    };
    (ends_well && !lines.any(is_mark)).then_some(start..end)
}

/// The bracket that is open at `at`, of those behind `from`.
pub(super) fn open_bracket(source: &str, from: usize, at: usize) -> Option<usize> {
    opened(&ErrorKind::TabNotAllowed, source, from, at)
}

/// Behind the bracket that closes the one at `start`, or the end of the file.
pub(super) fn behind_bracket(source: &str, start: usize) -> usize {
    let bytes = source.as_bytes();
    let (mut depth, mut i, mut before) = (0usize, start, b' ');
    while let Some(byte) = bytes.get(i).copied() {
        let fresh = starts_token(before);
        match byte {
            b'"' | b'\'' if fresh => i = closing(bytes, i, bytes.len()).unwrap_or(bytes.len()),
            b'#' if fresh => {
                let rest = bytes.get(i..).unwrap_or_default();
                i += rest.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(rest.len());
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth <= 1 => return i + 1,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        before = bytes.get(i).copied().unwrap_or(b' ');
        i += 1;
    }
    bytes.len()
}

/// True for what a token may follow.
fn starts_token(before: u8) -> bool {
    matches!(before, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b'{' | b':')
}

/// A syntax error.
pub(super) struct Fault {
    /// The bytes at fault: at least one character, if the file has any.
    pub(super) range: Range<usize>,
    /// What is wrong, in plain words.
    pub(super) message: String,
    /// The bracket or quote that is open there, as far as the parser had not come to it.
    pub(super) opened: Option<usize>,
}

/// Explains an error that the parser reports at `at`. `from` is the end of what it read before, `last` the start of the
/// plain scalar that ends there.
pub(super) fn explain(kind: &ErrorKind, source: &str, at: usize, from: usize, last: Option<usize>) -> Fault {
    let at = (0..=at.min(source.len())).rev().find(|i| source.is_char_boundary(*i)).unwrap_or(0);
    let opened = opened(kind, source, from, at);
    let rest = source.get(at..).unwrap_or_default();
    if matches!(kind, ErrorKind::InvalidQuotedScalarIndent)
        && rest.trim().is_empty()
        && let Some(quote) = opened
    {
        return Fault {
            range: quote..quote + 1,
            message: "this quote is never closed".to_owned(),
            opened: None,
        };
    }
    let text = last.and_then(|last| source.get(last..at)).filter(|_| rest.starts_with(':'));
    if let Some(line) = text.and_then(|text| text.rfind(['\r', '\n']).and_then(|i| text.get(i + 1..))) {
        let message = "this line is indented deeper than the keys above it, or the line above lacks its `:`; \
            so it is read as more text of the value above";
        if matches!(kind, ErrorKind::MappingValueNotAllowed) {
            let start = at - line.trim_start().len();
            return Fault { range: start..at + 1, message: message.to_owned(), opened };
        }
    }
    let at = refined(kind, source, at, from);
    Fault { range: range(kind, source, at), message: message(kind, source, at), opened }
}

/// The bracket or quote that is open at `at`, of those behind `from`.
fn opened(kind: &ErrorKind, source: &str, from: usize, at: usize) -> Option<usize> {
    let (quoted, bracket) = match kind {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::DocumentIndicatorInQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::TabInIndentation
        | ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => (true, false),
        _ => (false, true),
    };
    let mut open: Vec<usize> = Vec::new();
    let bytes = source.as_bytes();
    let mut i = from;
    let mut before = b' ';
    while i < at {
        let Some(byte) = bytes.get(i).copied() else { break };
        let fresh = starts_token(before);
        match byte {
            b'"' | b'\'' if fresh => match closing(bytes, i, at) {
                Some(end) => i = end,
                None => return quoted.then_some(i),
            },
            b'#' if fresh => {
                let rest = bytes.get(i..at).unwrap_or_default();
                i += rest.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(rest.len());
            }
            b'[' | b'{' if fresh => open.push(i),
            b']' | b'}' => {
                open.pop();
            }
            _ => {}
        }
        before = bytes.get(i).copied().unwrap_or(b' ');
        i += 1;
    }
    open.pop().filter(|_| bracket)
}

/// The closing quote of what opens at `i`, before `end`.
fn closing(bytes: &[u8], i: usize, end: usize) -> Option<usize> {
    let quote = *bytes.get(i)?;
    let mut j = i + 1;
    while j < end {
        match bytes.get(j)? {
            b'\\' if quote == b'"' => j += 1,
            b if *b == quote && quote == b'\'' && bytes.get(j + 1) == Some(&quote) => j += 1,
            b if *b == quote => return Some(j),
            _ => {}
        }
        j += 1;
    }
    None
}

/// The bytes at fault, which start at `at`.
fn range(kind: &ErrorKind, source: &str, at: usize) -> Range<usize> {
    let rest = source.get(at..).unwrap_or_default();
    let line = rest.find(['\r', '\n']).map_or(rest, |i| rest.get(..i).unwrap_or_default());
    let Some(first) = line.chars().next() else {
        // At the end of a line the fault is what is missing there: mark the last character before.
        let before = source.get(..at).unwrap_or_default().trim_end();
        return match before.char_indices().next_back() {
            Some((start, c)) => start..start + c.len_utf8(),
            None => at..at + rest.chars().next().map_or(0, char::len_utf8),
        };
    };
    let whole_line = matches!(
        kind,
        ErrorKind::SimpleKeyExpected
            | ErrorKind::InvalidSimpleKey
            | ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedDocumentStart
            | ErrorKind::InvalidDocumentEnd
            | ErrorKind::InvalidTrailingSingleQuotedScalar
            | ErrorKind::InvalidTrailingDoubleQuotedScalar
            | ErrorKind::InvalidBlockScalarHeader
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::ExpectedBlockSequenceEntry
    );
    let len = match kind {
        _ if whole_line => line.find(" #").map_or(line, |i| line.get(..i).unwrap_or(line)).trim_end().len(),
        ErrorKind::UnknownQuotedScalarEscape => line.chars().take(2).map(char::len_utf8).sum(),
        _ => 0,
    };
    at..at + len.max(first.len_utf8())
}

/// The parser reports some faults at the start of the scalar that holds them.
fn refined(kind: &ErrorKind, source: &str, at: usize, from: usize) -> usize {
    let rest = source.get(at..).unwrap_or_default();
    let before = source.get(..at).unwrap_or_default();
    match kind {
        ErrorKind::UnexpectedCharacter { character } => at + rest.find(*character).unwrap_or(0),
        ErrorKind::UnknownQuotedScalarEscape => at + bad_escape(rest).unwrap_or(0),
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::SimpleKeyExpected if rest.is_empty() => from.min(at),
        // The `-` that begins the line, not what stands behind it.
        ErrorKind::ExpectedBlockMappingKey => {
            let trimmed = before.trim_end_matches([' ', '\t']);
            trimmed.strip_suffix('-').map_or(at, str::len)
        }
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => before.trim_end_matches('\t').len(),
        // The tab that begins a line further down.
        ErrorKind::TabInPlainScalar | ErrorKind::TabAtBlockScalarStart => {
            let mut lines = rest.match_indices(['\r', '\n']).map(|(i, _)| i + 1);
            let tab = lines.find_map(|i| {
                let line = rest.get(i..)?;
                let tab = line.len() - line.trim_start_matches(' ').len();
                line.get(tab..)?.starts_with('\t').then_some(at + i + tab)
            });
            tab.unwrap_or(at)
        }
        _ => at,
    }
}

/// The first `\` in a double-quoted scalar that starts no escape.
fn bad_escape(rest: &str) -> Option<usize> {
    let mut chars = rest.char_indices();
    while let Some((i, c)) = chars.next() {
        if c == '\\' && !chars.next().is_some_and(|(_, c)| "0abt\tnvfre \"/\\N_LPxuU\r\n".contains(c)) {
            return Some(i);
        }
    }
    None
}

/// What is wrong, in plain words.
fn message(kind: &ErrorKind, source: &str, at: usize) -> String {
    let rest = source.get(at..).unwrap_or_default();
    let words = match kind {
        ErrorKind::UnclosedQuotedScalar => "this quote is never closed",
        ErrorKind::DocumentIndicatorInQuotedScalar => "a `---` or `...` at the start of a line inside quotes",
        ErrorKind::InvalidQuotedScalarIndent => {
            "a quote is still open here, or this line of a quoted text is not indented enough"
        }
        ErrorKind::UnclosedFlowCollection { open } => return format!("this `{open}` is never closed"),
        ErrorKind::UnexpectedEofFlowSequence => "the file ends before the `]`",
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            "the file ends before the `}`"
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return format!("`{close}` cannot close a `{open}`");
        }
        ErrorKind::MisplacedFlowCollectionEnd => "nothing is open that this bracket could close",
        ErrorKind::ExpectedFlowSequenceSeparator => "a `,` or the closing `]` is missing before this",
        ErrorKind::ExpectedFlowMappingSeparator => "a `,` or the closing `}` is missing before this",
        ErrorKind::InvalidColonPlacement => {
            "a `:` cannot stand here; perhaps the `]` of the list before is missing"
        }
        ErrorKind::MappingValueNotAllowed => {
            "a `:` cannot stand here: quote the text, or check the indentation of this line"
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            "this line is no `key: value`: the `:` is missing"
        }
        ErrorKind::ExpectedBlockMappingKey if rest.starts_with('-') => {
            "a list entry cannot stand here, where a key is expected: check its indentation"
        }
        ErrorKind::ExpectedBlockMappingKey => {
            "a key is expected here: the line is indented differently from the keys before it"
        }
        ErrorKind::ExpectedBlockSequenceEntry => {
            "a `-` is expected here: the line is indented like the list entries before it"
        }
        ErrorKind::BlockSequenceEntryNotAllowed => {
            "a list entry cannot start here: begin it on a line of its own"
        }
        ErrorKind::BlockEntryInFlowCollection => "`- ` cannot stand inside brackets",
        ErrorKind::InvalidIndentation | ErrorKind::InvalidFlowScalarIndent => {
            "the indentation of this line is wrong"
        }
        ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => "a tab in the indentation: YAML allows only blanks there",
        ErrorKind::TabNotAllowed => "a tab cannot stand here",
        ErrorKind::InvalidBlockScalarIndent => {
            "this line of a block text is indented less than its first line"
        }
        ErrorKind::InvalidBlockScalarHeader => "after `|` or `>` the line must end",
        ErrorKind::ZeroBlockScalarIndent => "the indentation of a block text cannot be 0",
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "nothing may follow the closing quote"
        }
        ErrorKind::CommentInterceptedScalar => "a comment in the middle of a text of several lines",
        ErrorKind::CommentNotSeparated => "a blank is missing before this `#`",
        ErrorKind::UnknownQuotedScalarEscape => {
            "no such escape: in double quotes a backslash is written `\\\\`"
        }
        ErrorKind::InvalidQuotedScalarHexEscape => "hexadecimal digits are missing in an escape",
        ErrorKind::UnexpectedCharacter { character: c @ ('@' | '`' | '%') } => {
            return format!("a text cannot start with `{c}`: put it in quotes");
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            return format!("the control character U+{:04X} cannot stand in YAML", u32::from(*character));
        }
        ErrorKind::RecursionLimitExceeded => "nested too deeply: more than 255 levels",
        ErrorKind::UndeclaredTagHandle => "this tag's handle is not declared",
        ErrorKind::BomInsideDocument => "a byte order mark may stand only at the start of a file",
        ErrorKind::ExpectedDocumentStart => "the document has ended before this: check the indentation",
        ErrorKind::InvalidDocumentEnd => "nothing may follow `...` on its line",
        ErrorKind::MissingAnchorOrAliasName => "a name is missing behind `&` or `*`",
        ErrorKind::ExpectedNodeContent => "a value is missing here",
        kind => return format!("this is no valid YAML: {kind}"),
    };
    words.to_owned()
}
