//! Findings with their source lines, file by file. The only module that names miette.
//!
//! miette draws a snippet; header and help are written here. It is given a small text made for the finding: only the
//! lines that are shown, already masked, without tabs and control characters, long lines cut to a window around the
//! labels. So nothing it does depends on the size of a file, and it never sees a secret.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::ops::Range;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::{BOLD, Guard, Options, RESET, View, Views, is_control, paint, plain};
use crate::diagnostic::{Diagnostic, Severity};
use crate::order;
use crate::report::Report;
use crate::source::FileId;

const TAB: usize = 4;
/// Narrower screens are treated as this one.
const NARROWEST: usize = 40;

pub(super) fn write(report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    let width = options.width.max(NARROWEST);
    let theme = || match (options.unicode, options.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => plain_lines(GraphicalTheme::ascii()),
        (false, false) => plain_lines(GraphicalTheme::none()),
    };
    let handler = GraphicalReportHandler::new_themed(theme()).with_links(false).with_width(width);
    let mut drawn = String::new();
    for (i, d) in report.diagnostics.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        let guard = views.guard(d);
        header(d, &guard, width, options.color, out)?;
        drawn.clear();
        let snippet = Snippet::new(d, &guard, &views, width, if options.unicode { "…" } else { "..." });
        if handler.render_report(&mut drawn, &snippet).is_ok() {
            // The first line is for a message, which has been written.
            out.write_all(drawn.split_once('\n').map_or("", |(_, rest)| rest).as_bytes())?;
        }
        let help = guard.text(&d.help);
        for (i, line) in wrap(&help, width - 8).enumerate() {
            let (on, off) = if options.color { (BOLD, RESET) } else { ("", "") };
            if i == 0 {
                writeln!(out, "  {on}help{off}: {line}")?;
            } else {
                writeln!(out, "        {line}")?;
            }
        }
    }
    Ok(())
}

fn plain_lines(mut theme: GraphicalTheme) -> GraphicalTheme {
    theme.characters.underbar = '^';
    theme.characters.ltop = '-';
    theme.characters.hbar = '-';
    theme
}

fn header(
    d: &Diagnostic,
    guard: &Guard,
    width: usize,
    color: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let (on, bold, off) = if color { (paint(d.severity), BOLD, RESET) } else { ("", "", "") };
    let (severity, id, name) = (d.severity.name(), d.code.id(), d.code.name());
    let head = format!("{severity}[{id}] {name}:");
    let text = format!("{head} {}", guard.text(&d.message));
    for (i, line) in wrap(&text, width - 2).enumerate() {
        let tail = line.strip_prefix(&head).filter(|_| i == 0);
        match tail {
            Some(tail) => writeln!(out, "{on}{severity}[{id}]{off} {bold}{name}:{off}{tail}")?,
            None => writeln!(out, "{}{line}", if i == 0 { "" } else { "  " })?,
        }
    }
    Ok(())
}

/// Columns that a terminal gives to `c`.
fn columns(c: char) -> usize {
    match c {
        '\t' => TAB,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// The lines of `text`, broken between words where `width` columns are not enough.
pub(super) fn wrap(text: &str, width: usize) -> impl Iterator<Item = &str> {
    let mut rest = text.trim_end();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (mut used, mut cut) = (0, None);
        for (i, c) in rest.char_indices() {
            if c == ' ' && i > 0 {
                cut = Some(i).filter(|_| used <= width).or(cut.or(Some(i)));
            }
            used += columns(c);
            if used > width && cut.is_some() {
                break;
            }
        }
        if used <= width {
            cut = None;
        }
        let (line, tail) = rest.split_at(cut.unwrap_or(rest.len()));
        rest = tail.trim_start();
        Some(line)
    })
}

/// A finding as miette wants it.
struct Snippet {
    severity: Severity,
    labels: Vec<LabeledSpan>,
    parts: Vec<Part>,
}

/// The lines of one file that are shown.
struct Part {
    /// Offset of its first byte in the one address space; between two parts there is a gap.
    base: usize,
    name: String,
    text: String,
    lines: Vec<Line>,
    /// Start of each label in `text`, with its column in the file.
    columns: Vec<(usize, usize)>,
}

struct Line {
    /// In `text`.
    start: usize,
    /// From 0.
    number: usize,
}

/// A label with what is needed to place it.
struct Mark {
    range: Range<usize>,
    column: usize,
    message: String,
    primary: bool,
}

impl Snippet {
    fn new(d: &Diagnostic, guard: &Guard, views: &Views<'_>, width: usize, gap: &str) -> Snippet {
        // The primary label's file first, then the others as the labels name them.
        let mut files: Vec<(FileId, BTreeMap<usize, Vec<Mark>>)> = Vec::new();
        for (label, primary) in d.labels() {
            let Some(view) = views.get(label.span.file) else { continue };
            let (line, column) = view.position(label.span.start);
            let shown = view.line_range(line - 1);
            let start = label.span.range().start.clamp(shown.start, shown.end);
            // What goes on in further lines is shown by its first.
            let range = start..label.span.range().end.clamp(start, shown.end);
            let mark = Mark { range, column, message: guard.text(&label.message).into_owned(), primary };
            let at = files.iter().position(|(id, _)| *id == label.span.file).unwrap_or(files.len());
            if at == files.len() {
                files.push((label.span.file, BTreeMap::new()));
            }
            if let Some((_, lines)) = files.get_mut(at) {
                lines.entry(line - 1).or_default().push(mark);
            }
        }
        let mut snippet = Snippet { severity: d.severity, labels: Vec::new(), parts: Vec::new() };
        let mut base = 0;
        for (id, marks) in files {
            if let Some(view) = views.get(id) {
                let part = snippet.part(base, view, marks, width, gap);
                base += part.text.len() + 1;
                snippet.parts.push(part);
            }
        }
        snippet
    }

    fn part(
        &mut self,
        base: usize,
        view: &View<'_>,
        mut marks: BTreeMap<usize, Vec<Mark>>,
        width: usize,
        gap: &str,
    ) -> Part {
        let mut part = Part {
            base,
            name: plain(view.file.name()).into(),
            text: String::new(),
            lines: vec![],
            columns: vec![],
        };
        let count = view.file.lines().len();
        let digits = marks.keys().next_back().map_or(1, |n| (n + 2).to_string().len());
        let room = width.saturating_sub(digits + 5);
        let labelled: Vec<usize> = marks.keys().copied().collect();
        for line in labelled {
            for context in [line.checked_sub(1), Some(line + 1)].into_iter().flatten() {
                // What comes behind the last line end is no line, unless a label stands there.
                if context < count && !view.line_range(context).is_empty() {
                    marks.entry(context).or_default();
                }
            }
        }
        for (number, mut marks) in marks {
            order::by_key(&mut marks, |m| (m.range.start, m.range.end));
            let start = part.text.len();
            part.lines.push(Line { start, number });
            let places = draw(view, view.line_range(number), &marks, room, gap, &mut part.text);
            let mut end = part.text.len();
            for (mark, place) in marks.iter().zip(places) {
                let mut place = place;
                if place.is_empty() {
                    // A label without width needs something to stand under.
                    let next = part.text.get(place.start..).and_then(|t| t.chars().next());
                    place.end = place.start + next.map_or(1, char::len_utf8);
                    if next.is_none() {
                        part.text.push(' ');
                        end = part.text.len();
                    }
                }
                place.end = place.end.min(end);
                let before: usize =
                    part.text.get(start..place.start).map_or(0, |t| t.chars().map(columns).sum());
                let under: usize = part.text.get(place.clone()).map_or(0, |t| t.chars().map(columns).sum());
                let left = room.saturating_sub(before + under / 2 + 4).max(28);
                let message = wrap(&mark.message, left).collect::<Vec<_>>().join("\n");
                let message = (!message.is_empty()).then_some(message);
                let offset = base + place.start;
                part.columns.push((place.start, mark.column));
                self.labels.push(if mark.primary {
                    LabeledSpan::new_primary_with_span(message, (offset, place.len()))
                } else {
                    LabeledSpan::new(message, offset, place.len())
                });
            }
            part.text.push('\n');
        }
        part
    }
}

/// Appends a line as it is shown and tells where each of `marks` (sorted) stands in `out`.
fn draw(
    view: &View<'_>,
    line: Range<usize>,
    marks: &[Mark],
    room: usize,
    gap: &str,
    out: &mut String,
) -> Vec<Range<usize>> {
    let pieces = pieces(view, line.clone(), marks, room);
    let hidden = view.hidden(line.clone());
    // Where each byte that begins a shown character stands in `out`.
    let mut map: Vec<(usize, usize)> = Vec::new();
    let mut column = 0;
    let mut next = line.start;
    let mut secret = hidden.iter().peekable();
    for piece in pieces {
        if piece.start > next {
            out.push_str(gap);
            column += gap.chars().count();
        }
        next = piece.end;
        let mut at = piece.start;
        while at < piece.end {
            let (c, length) = character(view, at);
            while secret.next_if(|s| s.end <= at).is_some() {}
            map.push((at, out.len()));
            if secret.peek().is_some_and(|s| s.start <= at) {
                out.push('*');
                column += 1;
            } else if c == '\t' {
                let spaces = TAB - column % TAB;
                out.extend(std::iter::repeat_n(' ', spaces));
                column += spaces;
            } else if at == 0 && c == '\u{feff}' {
            } else {
                out.push(if is_control(c) { char::REPLACEMENT_CHARACTER } else { c });
                column += columns(c);
            }
            at += length;
        }
        map.push((piece.end, out.len()));
    }
    if next < line.end {
        out.push_str(gap);
    }
    let place = |offset: usize| {
        let i = map.partition_point(|(byte, _)| *byte < offset);
        map.get(i).or(map.last()).map_or(out.len(), |(_, at)| *at)
    };
    marks.iter().map(|m| place(m.range.start)..place(m.range.end).max(place(m.range.start))).collect()
}

/// The character at byte `at` and its length.
fn character(view: &View<'_>, at: usize) -> (char, usize) {
    let bytes = view.file.bytes();
    let first = bytes.get(at).copied().unwrap_or(b' ');
    if first.is_ascii() || !view.file.is_utf8() {
        return (char::from(first), 1);
    }
    let end = (at + 4).min(bytes.len());
    let chunk = bytes.get(at..end).and_then(|b| b.utf8_chunks().next()).map_or("", |c| c.valid());
    chunk.chars().next().map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, c.len_utf8()))
}

/// The parts of a line that are shown: all of it if there is room, else windows around the marks.
fn pieces(view: &View<'_>, line: Range<usize>, marks: &[Mark], room: usize) -> Vec<Range<usize>> {
    if forward(view, line.start, line.end, room) == line.end {
        return vec![line];
    }
    if marks.is_empty() {
        let end = forward(view, line.start, line.end, room.saturating_sub(3));
        return Vec::from([Range { start: line.start, end }]);
    }
    // Three columns at each end for what was left out; several marks share the rest, but each is seen.
    let share = (room.saturating_sub(6) / marks.len()).max(20);
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        let mut start = backward(view, mark.range.start, line.start, share / 4);
        if start - line.start <= 3 {
            start = line.start;
        }
        let mut end = forward(view, mark.range.start, line.end, share - share / 4);
        if line.end - end <= 3 {
            end = line.end;
        }
        match pieces.last_mut() {
            Some(last) if start <= last.end + 3 => last.end = last.end.max(end),
            _ => pieces.push(start..end),
        }
    }
    pieces
}

/// The byte that is at most `room` columns behind `at`, not behind `end`.
fn forward(view: &View<'_>, mut at: usize, end: usize, room: usize) -> usize {
    let mut used = 0;
    while at < end {
        let (c, length) = character(view, at);
        used += columns(c);
        if used > room {
            break;
        }
        at += length;
    }
    at.min(end)
}

/// The byte that is at most `room` columns before `at`, not before `start`.
fn backward(view: &View<'_>, mut at: usize, start: usize, room: usize) -> usize {
    let mut used = 0;
    while at > start {
        let mut before = at - 1;
        while before > start
            && view.file.is_utf8()
            && view.file.bytes().get(before).is_some_and(|b| b & 0xc0 == 0x80)
        {
            before -= 1;
        }
        used += columns(character(view, before).0);
        if used > room {
            break;
        }
        at = before;
    }
    at
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let part = self.parts.partition_point(|p| p.base <= span.offset()).checked_sub(1);
        let part = part.and_then(|i| self.parts.get(i)).ok_or(MietteError::OutOfBounds)?;
        let start = span.offset() - part.base;
        let end = start + span.len();
        if end > part.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let line_of = |at: usize| part.lines.partition_point(|l| l.start <= at).saturating_sub(1);
        let number = |i: usize| part.lines.get(i).map(|l| l.number);
        let (mut first, mut last) = (line_of(start), line_of(end.saturating_sub(1).max(start)));
        // A snippet shows lines that follow each other.
        for _ in 0..before {
            if first > 0 && number(first - 1).map(|n| n + 1) == number(first) {
                first -= 1;
            }
        }
        for _ in 0..after {
            if number(last).map(|n| n + 1) == number(last + 1) {
                last += 1;
            }
        }
        let from = part.lines.get(first).map_or(0, |l| l.start);
        let to = part.lines.get(last + 1).map_or(part.text.len(), |l| l.start);
        let column = part.columns.iter().find(|(at, _)| *at == start).map_or(1, |(_, column)| *column);
        Ok(Box::new(MietteSpanContents::new_named(
            part.name.clone(),
            part.text.as_bytes().get(from..to).unwrap_or_default(),
            SourceSpan::from((part.base + from, to - from)),
            number(first).unwrap_or(0),
            column - 1,
            last + 1 - first,
        )))
    }
}

impl miette::Diagnostic for Snippet {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Info => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl std::error::Error for Snippet {}

impl fmt::Display for Snippet {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Snippet")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{find, render, two_hosts};
    use super::super::{Format, write};
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    fn one(bytes: &[u8], what: &str, label: &str) -> String {
        let mut report = Report::default();
        let id = report.sources.add("a.properties", bytes);
        let span = find(&report, id, what, 0);
        report.diagnostics.push(Diagnostic::new(Code::KL101, span, "message").label(label.to_owned()));
        render(&report, Format::Full)
    }

    #[test]
    fn several_files_in_one_finding() {
        let expected = "\
error[KL101] duplicate-node-id: kafka-1 and kafka-2 both have node.id 1
   --[host1/compose.yml:4:22]
 3 |     environment:
 4 |       KAFKA_NODE_ID: 1
   :                      ^
   :                      `-- kafka-1
 5 |       KAFKA_SASL_PASSWORD: ******
   `----
   --[host2/server.properties:2:9]
 1 | # second
 2 | node.id=1
   :         ^
   :         `-- kafka-2
   `----
  help: Give each node an id of its own.
";
        assert_eq!(render(&two_hosts(), Format::Full), expected);
    }

    #[test]
    fn wide_characters_tabs_and_controls() {
        let out = one("# x\n漢字=\t\u{1b}a\u{202e}=1\n".as_bytes(), "=1", "here");
        assert!(out.contains(" 2 | 漢字=   \u{fffd}a\u{fffd}=1\n   :            ^^\n"), "{out}");
        let out = one(b"gr\xf6\xdfe=1\r\n", "=1", "here");
        assert!(out.contains(" 1 | größe=1\n   :      ^^\n"), "{out}");
    }

    #[test]
    fn a_label_without_width_is_seen_at_the_end() {
        for (text, line) in
            [("a=1\n", " 2 |  \n   : ^"), ("a=1", " 1 | a=1 \n   :    ^"), ("", " 1 |  \n   : ^")]
        {
            let mut report = Report::default();
            let id = report.sources.add("a", text.as_bytes());
            let end = text.len();
            report.diagnostics.push(Diagnostic::new(Code::KL101, Span::new(id, end..end), "m").label("here"));
            let out = render(&report, Format::Full);
            assert!(out.contains(line) && out.contains("`-- here"), "{out}");
        }
    }

    #[test]
    fn a_long_line_is_cut_around_its_labels() {
        let mut text = vec![b'x'; 10_000_000];
        text.splice(5_000_000..5_000_006, *b"needle");
        let started = std::time::Instant::now();
        let out = one(&text, "needle", "here");
        let (width, took) = (out.lines().map(str::len).max(), started.elapsed());
        assert!(width.is_some_and(|w| w <= 80), "{out}");
        assert!(out.contains("xxneedlexx") && out.contains(" | ...x") && out.contains("x...\n"), "{out}");
        assert!(took.as_secs() < 20, "{took:?}");
    }

    #[test]
    fn every_label_is_kept() {
        let mut report = Report::default();
        let text: String = (0..300).map(|i| format!("k{i:03}=1 k{i:03}=2\n")).collect();
        let id = report.sources.add("a", text.as_bytes());
        let mut d = Diagnostic::new(Code::KL101, find(&report, id, "k007=1", 0), "m").label("it");
        for i in 0..300 {
            d = d.related(find(&report, id, &format!("k{i:03}=2"), 0), format!("other {i}"));
        }
        report.diagnostics.push(d);
        let out = render(&report, Format::Full);
        assert!((0..300).all(|i| out.contains(&format!("`-- other {i}\n"))));
    }

    #[test]
    fn text_is_broken_between_words() {
        assert_eq!(wrap("ab cd ef", 5).collect::<Vec<_>>(), ["ab cd", "ef"]);
        assert_eq!(wrap("abcdefgh ij", 5).collect::<Vec<_>>(), ["abcdefgh", "ij"]);
        assert_eq!(wrap("", 5).count(), 0);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[a\u{e9}漢\t\r\n=\u{feff}]{0,60}", spans in proptest::collection::vec((0u32..80, 0u32..80), 1..6), utf8: bool) {
            let mut report = Report::default();
            let mut bytes = text.into_bytes();
            if !utf8 {
                bytes.push(0xff);
            }
            let id = report.sources.add("a", bytes);
            let span = |(start, end): (u32, u32)| Span { file: id, start, end };
            let mut d = Diagnostic::new(Code::KL101, spans.first().map_or(span((0, 0)), |s| span(*s)), "m").label("x");
            for s in &spans {
                d = d.related(span(*s), "other");
            }
            report.diagnostics.push(d);
            for width in [0, 40, 80] {
                let mut out = Vec::new();
                write(&report, Format::Full, &Options { width, color: true, unicode: true }, &mut out).unwrap();
                let mut out = Vec::new();
                write(&report, Format::Json, &Options::default(), &mut out).unwrap();
            }
        }
    }
}
