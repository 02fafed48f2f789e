//! JUnit's report, for the test pages of Jenkins, GitLab and others: a suite for each file, a test for each finding.
//!
//! It keeps to the schema of Jenkins' xunit plugin (`junit-10.xsd`), which refuses what it does not know: so no `file` or
//! `line` on a test, both stand in its text. Errors and warnings fail. An info fails no build, and a passed test is
//! never opened: it is a skipped one, the only kind that is neither and still shows what it says. A file that was read and
//! takes part in no finding is a passed test: so the page tells how much was checked. No times: the same input gives the
//! same bytes.

use crate::hash::HashMap;
use std::collections::BTreeSet;
use std::io;

use super::json::url;
use super::xml::escape;
use super::{Views, plain};
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::Report;

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    let clean = clean(report);
    let skipped = report.count(Severity::Info);
    let failures = report.diagnostics.len() - skipped;
    let nothing = report.diagnostics.is_empty() && clean.is_empty();
    let tests = report.diagnostics.len() + clean.len() + usize::from(nothing);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"kraftlint\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
    for findings in report.diagnostics.chunk_by(|a, b| a.primary.span.file == b.primary.span.file) {
        let Some(first) = findings.first() else { continue };
        let skipped = findings.iter().filter(|d| d.severity == Severity::Info).count();
        let name = views.name(first.primary.span);
        suite(&name, findings.len(), findings.len() - skipped, skipped, out)?;
        let mut told = HashMap::default();
        for d in findings {
            test(d, &name, &mut told, &views, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    for name in clean {
        let name = plain(name);
        suite(&name, 1, 0, 0, out)?;
        writeln!(out, "    <testcase name=\"no findings\" classname=\"{}\"/>", escape(&name))?;
        writeln!(out, "  </testsuite>")?;
    }
    if nothing {
        // A report without any test counts as broken in Jenkins.
        suite("kraftlint", 1, 0, 1, out)?;
        writeln!(out, "    <testcase name=\"Kafka configuration\" classname=\"kraftlint\">")?;
        writeln!(out, "      <skipped message=\"none was found\"/>")?;
        writeln!(out, "    </testcase>\n  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// The files that were read and stand in no finding.
fn clean(report: &Report) -> BTreeSet<&str> {
    let labels = report.diagnostics.iter().flat_map(Diagnostic::labels);
    let mut mentioned = BTreeSet::new();
    mentioned.extend(labels.map(|(l, _)| report.sources.name(l.span.file)));
    let used = report.files.iter().filter(|f| f.used).map(|f| f.path.as_str());
    used.filter(|path| !mentioned.contains(path)).collect()
}

fn suite(
    name: &str,
    tests: usize,
    failures: usize,
    skipped: usize,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let name = escape(name);
    writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">"
    )
}

/// `told` counts the names, for of two tests with the same GitLab shows one.
fn test(
    d: &Diagnostic,
    file: &str,
    told: &mut HashMap<String, usize>,
    views: &Views<'_>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let guard = views.guard(d);
    let message = guard.text(&d.message);
    // Lists show nothing but the name. Without a line number it stays the same test when lines move.
    let mut name = format!("{} {}: {message}", d.code.id(), d.code.name());
    let n = told.entry(name.clone()).or_insert(0);
    *n += 1;
    if *n > 1 {
        name.push_str(&format!(" ({n})"));
    }
    writeln!(out, "    <testcase name=\"{}\" classname=\"{}\">", escape(&name), escape(file))?;
    let kind = if d.severity == Severity::Info { "skipped" } else { "failure" };
    let severity = d.severity.name();
    write!(out, "      <{kind} type=\"{severity}\" message=\"{}\">", escape(&message))?;
    for (label, _) in d.labels() {
        writeln!(out, "{}", escape(&views.seen(label, &guard)))?;
    }
    if !d.help.is_empty() {
        writeln!(out, "{}", escape(&guard.text(&d.help)))?;
    }
    writeln!(out, "{}</{kind}>\n    </testcase>", url(d.code.meta()))
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{render, two_hosts};
    use super::*;
    use crate::report::FileNote;

    fn read(path: &str) -> FileNote {
        FileNote { path: path.to_owned(), used: true, what: "server properties".to_owned() }
    }

    #[test]
    fn a_failure_names_every_place() {
        let mut report = two_hosts();
        report.files = ["host1/compose.yml", "host2/server.properties", "a&b"].map(read).into();
        assert_eq!(
            render(&report, Format::Junit),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <testsuites name=\"kraftlint\" tests=\"2\" failures=\"1\" errors=\"0\">\n  \
             <testsuite name=\"host1/compose.yml\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\">\n    \
             <testcase name=\"KL101 duplicate-node-id: kafka-1 and kafka-2 both have node.id 1\" classname=\"host1/compose.yml\">\n      \
             <failure type=\"error\" message=\"kafka-1 and kafka-2 both have node.id 1\">\
             host1/compose.yml:4:22: kafka-1\nhost2/server.properties:2:9: kafka-2\nGive each node an id of its own.\n\
             https://github.com/kraftlint/kraftlint/blob/main/rules/KL101-duplicate-node-id.md</failure>\n    \
             </testcase>\n  </testsuite>\n  \
             <testsuite name=\"a&amp;b\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n    \
             <testcase name=\"no findings\" classname=\"a&amp;b\"/>\n  </testsuite>\n</testsuites>\n"
        );
    }

    #[test]
    fn no_two_tests_have_one_name() {
        let mut report = two_hosts();
        let mut again = report.diagnostics.first().cloned().unwrap();
        again.severity = Severity::Info;
        report.diagnostics.push(again);
        let text = render(&report, Format::Junit);
        assert!(text.contains("both have node.id 1 (2)\" classname"), "{text}");
        assert!(text.contains("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"1\""), "{text}");
        assert!(text.contains("<skipped type=\"info\""), "{text}");
    }

    #[test]
    fn nothing_to_check_is_told() {
        let text = render(&Report::default(), Format::Junit);
        assert!(text.contains("tests=\"1\" failures=\"0\"") && text.contains("none was found"), "{text}");
    }
}
