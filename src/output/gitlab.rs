//! GitLab's Code Quality report: a JSON array, one object a finding (docs.gitlab.com, "Code Quality", "Code Quality report format").
//!
//! It has room for one place; the others stand in the description.

use std::io;

use serde::Serialize;

use super::Views;
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::Report;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    let issues: Vec<Issue<'_>> = report.diagnostics.iter().map(|d| issue(d, report, &views)).collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue<'a>(d: &Diagnostic, report: &'a Report, views: &Views<'_>) -> Issue<'a> {
    let guard = views.guard(d);
    Issue {
        description: format!("{}: {}{}", d.code.id(), guard.text(&d.message), views.also(d)),
        check_name: d.code.name(),
        fingerprint: format!("{:016x}", d.fingerprint),
        severity: match d.severity {
            Severity::Error => "critical",
            Severity::Warning => "minor",
            Severity::Info => "info",
        },
        location: Location {
            path: report.sources.name(d.primary.span.file),
            lines: Lines { begin: views.position(d.primary.span).0 },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{render, two_hosts};

    #[test]
    fn one_object_a_finding() {
        let issues: serde_json::Value = serde_json::from_str(&render(&two_hosts(), Format::Gitlab)).unwrap();
        assert_eq!(
            issues[0]["location"],
            serde_json::json!({ "path": "host1/compose.yml", "lines": { "begin": 4 } })
        );
        assert_eq!(
            issues[0]["description"],
            "KL101: kafka-1 and kafka-2 both have node.id 1 (also host2/server.properties:2:9)"
        );
        assert_eq!(issues.as_array().map(Vec::len), Some(1));
    }
}
