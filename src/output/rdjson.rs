//! reviewdog's Diagnostic Format, one `DiagnosticResult` (reviewdog, `proto/rdf/reviewdog.proto`).
//!
//! Columns are bytes there, not characters, and an end is the place behind. reviewdog offers each suggestion by itself, so a
//! fix with several edits would be applied by halves: only safe fixes of one edit in the file of the finding are told.

use std::borrow::Cow;
use std::io;

use serde::Serialize;

use super::json::{HOME, may_be_told, url};
use super::{Guard, Views, concise, lines};
use crate::diagnostic::{Diagnostic, Edit, Label, Safety, Severity};
use crate::report::Report;
use crate::source::Span;

#[derive(Serialize)]
struct DiagnosticResult<'a> {
    source: Source,
    diagnostics: Vec<RdfDiagnostic<'a>>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct RdfDiagnostic<'a> {
    message: String,
    location: Location<'a>,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<RelatedLocation<'a>>,
    /// What reviewdog prints on a terminal and keeps as the details of a check; else it is a dump of all fields.
    original_output: String,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct RelatedLocation<'a> {
    message: Cow<'a, str>,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    let result = DiagnosticResult {
        source: Source { name: "kraftlint", url: HOME },
        diagnostics: report.diagnostics.iter().map(|d| diagnostic(d, report, &views)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &result)?;
    writeln!(out)
}

fn diagnostic<'a>(d: &'a Diagnostic, report: &'a Report, views: &Views<'_>) -> RdfDiagnostic<'a> {
    let guard = views.guard(d);
    RdfDiagnostic {
        message: lines(d, &guard, []),
        location: location(d.primary.span, report, views),
        severity: match d.severity {
            Severity::Error => "ERROR",
            Severity::Warning => "WARNING",
            Severity::Info => "INFO",
        },
        code: Code { value: d.code.id(), url: url(d.code.meta()) },
        suggestions: suggestion(d, &guard, views)
            .map(|e| Suggestion { range: range(e.span, views), text: &e.replacement })
            .into_iter()
            .collect(),
        related_locations: d.related.iter().map(|l| related(l, &guard, report, views)).collect(),
        original_output: concise::text(d, views),
    }
}

/// The one edit that mends the finding, if that can be told.
fn suggestion<'a>(d: &'a Diagnostic, guard: &Guard, views: &Views<'_>) -> Option<&'a Edit> {
    d.fixes.iter().filter(|f| f.safety == Safety::Safe && may_be_told(f, d, guard, views)).find_map(|f| {
        match f.edits.as_slice() {
            [edit] if edit.span.file == d.primary.span.file => Some(edit),
            _ => None,
        }
    })
}

fn related<'a>(
    label: &'a Label,
    guard: &Guard,
    report: &'a Report,
    views: &Views<'_>,
) -> RelatedLocation<'a> {
    RelatedLocation { message: guard.text(&label.message), location: location(label.span, report, views) }
}

fn location<'a>(span: Span, report: &'a Report, views: &Views<'_>) -> Location<'a> {
    Location { path: report.sources.name(span.file), range: range(span, views) }
}

fn range(span: Span, views: &Views<'_>) -> Range {
    let position = |offset: u32| {
        let (line, column) = views.get(span.file).map_or((1, 1), |v| v.byte_position(offset));
        Position { line, column }
    };
    Range { start: position(span.start), end: position(span.end) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Format;
    use super::super::tests::{find, render, two_hosts};
    use crate::diagnostic::{Edit, Fix, Safety};
    use crate::report::Report;
    use crate::source::FileId;

    fn parsed(report: &Report) -> Value {
        serde_json::from_str(&render(report, Format::Rdjson)).unwrap()
    }

    #[test]
    fn every_place_has_a_range() {
        let d = &parsed(&two_hosts())["diagnostics"][0];
        assert_eq!(
            d["message"],
            "kafka-1 and kafka-2 both have node.id 1\nhere: kafka-1\nGive each node an id of its own."
        );
        let start = json!({ "start": { "line": 4, "column": 22 }, "end": { "line": 4, "column": 23 } });
        assert_eq!(d["location"], json!({ "path": "host1/compose.yml", "range": start }));
        assert_eq!(d["related_locations"][0]["location"]["path"], "host2/server.properties");
        assert_eq!(d.get("suggestions"), None);
        let line = "host1/compose.yml:4:22: error[KL101] kafka-1 and kafka-2 both have node.id 1 (also host2/server.properties:2:9)";
        assert_eq!(d["original_output"], line);
    }

    #[test]
    fn columns_are_bytes() {
        let mut report = two_hosts();
        let id = report.sources.add("c", "\u{feff}größe=1\n".as_bytes());
        let span = find(&report, id, "1", 0);
        if let Some(d) = report.diagnostics.first_mut() {
            d.primary.span = span;
        }
        // Three bytes of the mark, eight of the key and its separator.
        let column = &parsed(&report)["diagnostics"][0]["location"]["range"]["start"]["column"];
        assert_eq!(column, 12);
    }

    #[test]
    fn suggests_safe_fixes_of_one_edit() {
        let mut report = two_hosts();
        let edit = |what: &str, new: &str, n| Edit {
            span: find(&report, FileId(0), what, n),
            replacement: new.into(),
        };
        let fix = |safety, edits| Fix { safety, message: "mend it".into(), edits };
        let fixes = vec![
            fix(Safety::Unsafe, vec![edit("1", "2", 0)]),
            fix(Safety::Safe, vec![edit("1", "3", 0), edit("kafka", "b", 0)]),
            fix(Safety::Safe, vec![edit("geheim", "'geheim'", 0)]),
            fix(Safety::Safe, vec![edit("1", "4", 0)]),
        ];
        if let Some(d) = report.diagnostics.first_mut() {
            d.fixes = fixes;
        }
        let suggestions = &parsed(&report)["diagnostics"][0]["suggestions"];
        assert_eq!(suggestions.as_array().map(Vec::len), Some(1));
        assert_eq!(suggestions[0]["text"], "4");
    }
}
