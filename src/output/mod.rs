//! From a [`Report`] to bytes for people and machines, one format a file.
//!
//! Nothing is judged here and nothing is read from the disk. Every text that stems from the input passes
//! [`mask`] and [`plain`] first. Only `full` names the library that draws.

mod checkstyle;
pub mod compose;
mod concise;
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
pub mod key;
mod markdown;
pub mod mask;
mod rdjson;
pub mod rules;
mod sarif;
pub mod show;
mod statistics;
mod summary;
pub mod upgrade;
mod xml;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::io;
use std::ops::Range;

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::order;
use crate::report::Report;
use crate::source::{File, FileId, Sources, Span};
use crate::text::HOLE;

pub use json::show as show_json;
pub use json::upgrade as upgrade_json;
pub use statistics::statistics;
pub use summary::summary;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With the source lines.
    Full,
    /// One line a finding.
    Concise,
    /// For machines: see `docs/src/formats.md`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations for GitHub Actions.
    Github,
    /// GitLab's Code Quality report.
    Gitlab,
    /// JUnit's report, for test pages.
    Junit,
    /// Checkstyle's report.
    Checkstyle,
    /// reviewdog's Diagnostic Format.
    Rdjson,
    /// A comment on a pull request.
    Markdown,
}

/// How to write for a reader.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// With ANSI colours.
    pub color: bool,
    /// Drawn with Unicode lines; else with ASCII.
    pub unicode: bool,
    /// Columns of the reader's screen.
    pub width: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { color: false, unicode: false, width: 100 }
    }
}

/// Writes the findings of `report`.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(report: &Report, format: Format, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    match format {
        Format::Full => full::write(report, options, out),
        Format::Concise => concise::write(report, options, out),
        Format::Json => json::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Checkstyle => checkstyle::write(report, out),
        Format::Rdjson => rdjson::write(report, out),
        Format::Markdown => markdown::write(report, out),
    }
}

/// `text` as one line without anything that moves the cursor, changes colours or turns the direction of writing: the
/// input is a stranger's, the terminal is not. An unknown part is shown as `…`.
#[must_use]
pub fn plain(text: &str) -> Cow<'_, str> {
    let bad = |c: char| c == HOLE || is_control(c);
    // Nearly every text is plain ASCII.
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) || !text.contains(bad) {
        return text.into();
    }
    let one = |c: char| match c {
        HOLE => '…',
        '\n' | '\r' | '\t' => ' ',
        c if is_control(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(one).collect::<String>().into()
}

fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// The escape sequence that begins the colour of `severity`.
fn paint(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "\x1b[1;31m",
        Severity::Warning => "\x1b[1;33m",
        Severity::Info => "\x1b[1;36m",
    }
}

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// `1 error`, `2 errors`.
fn count(n: usize, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

/// What is wrong, what is to be seen here, `others`, what to do: one below the other, for what is shown at the place.
fn lines(diagnostic: &Diagnostic, guard: &Guard, others: impl IntoIterator<Item = String>) -> String {
    let mut lines = vec![guard.text(&diagnostic.message).into_owned()];
    let seen = guard.text(&diagnostic.primary.message);
    if !seen.is_empty() {
        lines.push(format!("here: {seen}"));
    }
    lines.extend(others);
    if !diagnostic.help.is_empty() {
        lines.push(guard.text(&diagnostic.help).into_owned());
    }
    lines.join("\n")
}

/// The files of a report, with what the outputs ask of them again and again.
struct Views<'r> {
    sources: &'r Sources,
    views: Vec<OnceCell<View<'r>>>,
}

impl<'r> Views<'r> {
    fn new(sources: &'r Sources) -> Views<'r> {
        // One more than there are files: for an id of another run.
        Views { sources, views: (0..=sources.len()).map(|_| OnceCell::new()).collect() }
    }

    fn get(&self, id: FileId) -> Option<&View<'r>> {
        let cell = self.views.get((id.0 as usize).min(self.sources.len()))?;
        Some(cell.get_or_init(|| View::new(self.sources.file(id))))
    }

    fn name(&self, span: Span) -> Cow<'r, str> {
        plain(self.sources.name(span.file))
    }

    fn position(&self, span: Span) -> (usize, usize) {
        self.get(span.file).map_or((1, 1), |v| v.position(span.start))
    }

    /// `path:line:column`
    fn place(&self, span: Span) -> String {
        let (line, column) = self.position(span);
        format!("{}:{line}:{column}", self.name(span))
    }

    /// ` (also a:1:2, b:3:4)`: the other places of a finding; nothing when there are none.
    fn also(&self, diagnostic: &Diagnostic) -> String {
        let places: Vec<String> = diagnostic.related.iter().map(|l| self.place(l.span)).collect();
        if places.is_empty() { String::new() } else { format!(" (also {})", places.join(", ")) }
    }

    /// `path:line:column: what is to be seen there`
    fn seen(&self, label: &Label, guard: &Guard) -> String {
        let (place, text) = (self.place(label.span), guard.text(&label.message));
        if text.is_empty() { place } else { format!("{place}: {text}") }
    }

    /// Makes texts of `diagnostic` fit to be shown.
    fn guard(&self, diagnostic: &Diagnostic) -> Guard {
        let mut secrets = Vec::new();
        for (label, _) in diagnostic.labels() {
            let Some(view) = self.get(label.span.file) else { continue };
            let line = view.line_range(view.file.line_of(label.span.start));
            // Nobody quotes what stands further away.
            let from = label.span.range().start.saturating_sub(NEAR).max(line.start);
            let to = label.span.range().end.saturating_add(NEAR).min(line.end);
            for range in view.hidden(from..to.max(from)).iter().take(32) {
                let text = view.file.text(range.start.max(from)..range.end.min(to));
                for inner in mask::secrets(&text) {
                    secrets.push(text.get(inner).unwrap_or("").to_owned());
                }
                if let Some(word) = text.split_whitespace().next().filter(|w| !w.contains('=')) {
                    secrets.push(word.to_owned());
                }
                secrets.push(text.into_owned());
            }
        }
        secrets.retain(|s| s.chars().count() > 1 && !s.bytes().all(|b| b == b'*'));
        // The longest first: a part of a secret must not keep the whole from being seen.
        order::by(&mut secrets, |a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        secrets.dedup();
        Guard { secrets }
    }
}

/// Hides in messages the secrets that stand in the lines of a finding.
struct Guard {
    secrets: Vec<String>,
}

impl Guard {
    fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let shown = match plain(text) {
            Cow::Borrowed(text) => mask::mask_message(text),
            Cow::Owned(text) => mask::mask_message(&text).into_owned().into(),
        };
        self.secrets.iter().fold(shown, |shown, secret| {
            if !shown.contains(secret.as_str()) {
                return shown;
            }
            if secret.chars().count() >= 8 {
                return shown.replace(secret.as_str(), mask::HIDDEN).into();
            }
            // `kafka` is a password too often to hide the word wherever it stands.
            let mut text = shown.into_owned();
            for (open, close) in [('`', '`'), ('"', '"'), ('\'', '\'')] {
                let quoted = format!("{open}{secret}{close}");
                text = text.replace(&quoted, &format!("{open}{}{close}", mask::HIDDEN));
            }
            text.into()
        })
    }

    /// True when `text` can be told without telling a secret.
    fn allows(&self, text: &str) -> bool {
        matches!(mask::mask_lines(text), Cow::Borrowed(_))
            && !self.secrets.iter().any(|s| text.contains(s.as_str()))
    }
}

/// One file with its secrets and its columns.
struct View<'r> {
    file: &'r File,
    /// Byte ranges that must not be shown.
    secrets: OnceCell<Vec<Range<usize>>>,
    /// How many characters begin before each block of [`BLOCK`] bytes; empty when every byte is a character.
    blocks: Vec<u32>,
}

/// Columns are counted from the start of a block, not of the line: a line may be as long as the file.
const BLOCK: usize = 4096;

/// How far from a label a secret is looked for that a message may quote.
const NEAR: usize = 4096;

fn starts_character(b: &u8) -> bool {
    *b & 0xc0 != 0x80
}

impl<'r> View<'r> {
    fn new(file: &'r File) -> View<'r> {
        let bytes = file.bytes();
        let mut blocks = Vec::new();
        if file.is_utf8() && !bytes.is_ascii() {
            let mut sum = 0u32;
            for block in bytes.chunks(BLOCK) {
                blocks.push(sum);
                sum += u32::try_from(block.iter().filter(|b| starts_character(b)).count()).unwrap_or(0);
            }
            blocks.push(sum);
        }
        View { file, secrets: OnceCell::new(), blocks }
    }

    fn characters_before(&self, offset: usize) -> usize {
        let Some(sum) = self.blocks.get(offset / BLOCK) else { return offset };
        let block = self.file.bytes().get(offset / BLOCK * BLOCK..offset).unwrap_or_default();
        *sum as usize + block.iter().filter(|b| starts_character(b)).count()
    }

    /// As [`File::position`], in the same time wherever it is.
    fn position(&self, offset: u32) -> (usize, usize) {
        let offset = (offset as usize).min(self.file.bytes().len());
        let line = self.file.line_of(u32::try_from(offset).unwrap_or(u32::MAX));
        let mut start = self.file.lines().get(line).map_or(0, |s| *s as usize);
        if start == 0 && self.file.bytes().starts_with(b"\xef\xbb\xbf") {
            start = 3.min(offset);
        }
        (line + 1, self.characters_before(offset) - self.characters_before(start) + 1)
    }

    /// As [`View::position`], with the column in bytes and a byte order mark among them.
    fn byte_position(&self, offset: u32) -> (usize, usize) {
        let line = self.file.line_of(offset);
        let start = self.file.lines().get(line).map_or(0, |s| *s);
        (line + 1, offset.saturating_sub(start) as usize + 1)
    }

    /// The bytes of the 0-based `line`, without its end.
    fn line_range(&self, line: usize) -> Range<usize> {
        let (bytes, lines) = (self.file.bytes(), self.file.lines());
        let start = lines.get(line).map_or(bytes.len(), |s| *s as usize);
        let mut end = lines.get(line + 1).map_or(bytes.len(), |s| *s as usize).max(start);
        while end > start && matches!(bytes.get(end - 1), Some(b'\n' | b'\r')) {
            end -= 1;
        }
        start..end
    }

    fn secrets(&self) -> &[Range<usize>] {
        self.secrets.get_or_init(|| match std::str::from_utf8(self.file.bytes()) {
            Ok(text) => mask::secrets(text),
            // One character a byte, so that the ranges are those of the bytes.
            Err(_) => {
                let ascii = |b: &u8| if b.is_ascii() { char::from(*b) } else { '?' };
                mask::secrets(&self.file.bytes().iter().map(ascii).collect::<String>())
            }
        })
    }

    /// The secrets that share a byte with `range`.
    fn hidden(&self, range: Range<usize>) -> &[Range<usize>] {
        let secrets = self.secrets();
        let first = secrets.partition_point(|s| s.end <= range.start);
        let last = secrets.partition_point(|s| s.start < range.end);
        secrets.get(first..last).unwrap_or_default()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::diagnostic::Code;

    pub(crate) fn render(report: &Report, format: Format) -> String {
        let mut out = Vec::new();
        write(report, format, &Options { width: 80, ..Options::default() }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The place of the `n`th `what` in the file.
    pub(crate) fn find(report: &Report, file: FileId, what: &str, n: usize) -> Span {
        let bytes = report.sources.file(file).bytes();
        let at =
            bytes.windows(what.len()).enumerate().filter(|(_, w)| *w == what.as_bytes()).nth(n).unwrap().0;
        Span::new(file, at..at + what.len())
    }

    /// Two hosts that both say `KAFKA_NODE_ID: 1`.
    pub(crate) fn two_hosts() -> Report {
        let mut report = Report::default();
        let a = report.sources.add(
            "host1/compose.yml",
            "services:\n  kafka:\n    environment:\n      KAFKA_NODE_ID: 1\n      KAFKA_SASL_PASSWORD: geheim\n"
                .as_bytes(),
        );
        let b = report.sources.add("host2/server.properties", "# second\r\nnode.id=1\r\n".as_bytes());
        let mut d =
            Diagnostic::new(Code::KL101, find(&report, a, "1", 0), "kafka-1 and kafka-2 both have node.id 1")
                .label("kafka-1")
                .related(find(&report, b, "1", 0), "kafka-2")
                .help("Give each node an id of its own.")
                .key("node.id")
                .node("host1/kafka");
        d.fingerprint = 0xab;
        report.diagnostics.push(d);
        report
    }

    #[test]
    fn positions_are_those_of_the_file() {
        let mut report = Report::default();
        let text = "\u{feff}größe=1\r\nx".repeat(700);
        let id = report.sources.add("a", text.as_bytes());
        let views = Views::new(&report.sources);
        for offset in (0..text.len()).filter(|i| text.is_char_boundary(*i) && *i != 1 && *i != 2) {
            let offset = u32::try_from(offset).unwrap();
            assert_eq!(
                views.get(id).unwrap().position(offset),
                report.sources.file(id).position(offset),
                "{offset}"
            );
        }
    }

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(plain("a\nb\u{1b}[31mc\u{fdd0}"), "a b\u{fffd}[31mc…");
    }

    #[test]
    fn a_secret_in_a_message_is_hidden() {
        let report = two_hosts();
        let views = Views::new(&report.sources);
        let d = Diagnostic::new(
            Code::KL101,
            find(&report, FileId(0), "geheim", 0),
            "`geheim` is bad, password=abc too",
        );
        assert_eq!(views.guard(&d).text(&d.message), "`********` is bad, password=*** too");
    }
}
