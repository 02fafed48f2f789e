//! Annotations for GitHub Actions: workflow commands, one a finding, with the other places in the message.
//!
//! GitHub keeps 10 annotations of each kind of one step (actions/toolkit, `docs/problem-matchers.md`, "Limitations"). So that it does not choose, the
//! first ten of each severity are annotations; the others are told as `concise` tells them, in the log.

use std::io;

use super::{Views, concise, lines};
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::Report;
use crate::source::Span;

/// Annotations of one kind that a step may have.
const MOST: usize = 10;

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    let mut rest = Vec::new();
    let (mut errors, mut warnings, mut notices) = (0, 0, 0);
    for d in &report.diagnostics {
        let (kind, told) = match d.severity {
            Severity::Error => ("error", &mut errors),
            Severity::Warning => ("warning", &mut warnings),
            Severity::Info => ("notice", &mut notices),
        };
        *told += 1;
        if *told > MOST {
            rest.push(d);
        } else {
            annotation(kind, d, &views, out)?;
        }
    }
    for d in rest {
        writeln!(out, "{}", concise::text(d, &views))?;
    }
    Ok(())
}

fn annotation(kind: &str, d: &Diagnostic, views: &Views<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let guard = views.guard(d);
    let span = d.primary.span;
    let (line, column) = views.position(span);
    let (end_line, end_column) = views.position(Span { start: span.end, ..span });
    write!(out, "::{kind} file={},line={line}", property(&views.name(span)))?;
    // Columns mean something within one line only.
    if end_line == line {
        write!(out, ",col={column},endColumn={}", end_column.saturating_sub(1).max(column))?;
    } else {
        write!(out, ",endLine={end_line}")?;
    }
    let message = lines(d, &guard, d.related.iter().map(|l| views.seen(l, &guard)));
    let title = format!("{} {}", d.code.id(), d.code.name());
    writeln!(out, ",title={}::{}", property(&title), data(&message))
}

/// `actions/toolkit`, `packages/core/src/command.ts`: `escapeData`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same file, `escapeProperty`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{render, two_hosts};
    use super::*;

    #[test]
    fn an_annotation_names_every_place() {
        let text = render(&two_hosts(), Format::Github);
        let start =
            "::error file=host1/compose.yml,line=4,col=22,endColumn=22,title=KL101 duplicate-node-id::";
        assert!(text.starts_with(start), "{text}");
        assert!(text.contains("%0Ahost2/server.properties:2:9: "), "{text}");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn no_more_than_github_keeps() {
        let mut report = two_hosts();
        let one = report.diagnostics.first().cloned().unwrap();
        report.diagnostics.extend(vec![one; 14]);
        let text = render(&report, Format::Github);
        assert_eq!(text.lines().filter(|l| l.starts_with("::error ")).count(), MOST);
        assert_eq!(text.lines().count(), 15);
    }

    #[test]
    fn escapes_what_a_command_would_read() {
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
