//! Checkstyle's report, which many review tools read: a `file` for each file with findings, an `error` for each of them.
//!
//! It has room for one place; the others stand in the message. Not for help: nobody shows it.

use std::io;

use super::Views;
use super::xml::escape;
use crate::diagnostic::Diagnostic;
use crate::report::Report;

/// The Checkstyle release whose report this is; ESLint and Stylelint say the same.
const VERSION: &str = "4.3";

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<checkstyle version=\"{VERSION}\">")?;
    for findings in report.diagnostics.chunk_by(|a, b| a.primary.span.file == b.primary.span.file) {
        let Some(first) = findings.first() else { continue };
        writeln!(out, "  <file name=\"{}\">", escape(&views.name(first.primary.span)))?;
        for d in findings {
            error(d, &views, out)?;
        }
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn error(d: &Diagnostic, views: &Views<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let guard = views.guard(d);
    let (line, column) = views.position(d.primary.span);
    let message = format!("{}{}", guard.text(&d.message), views.also(d));
    let (severity, message, id) = (d.severity.name(), escape(&message), d.code.id());
    writeln!(
        out,
        "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{message}\" source=\"kraftlint.{id}\"/>"
    )
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{render, two_hosts};
    use super::*;

    #[test]
    fn one_element_a_finding() {
        let mut report = two_hosts();
        if let Some(d) = report.diagnostics.first_mut() {
            d.message = "a < b".to_owned();
        }
        assert_eq!(
            render(&report, Format::Checkstyle),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">\n  <file name=\"host1/compose.yml\">\n    \
             <error line=\"4\" column=\"22\" severity=\"error\" message=\"a &lt; b (also host2/server.properties:2:9)\" source=\"kraftlint.KL101\"/>\n  \
             </file>\n</checkstyle>\n"
        );
    }

    #[test]
    fn nothing_found_is_a_report_too() {
        let text = render(&Report::default(), Format::Checkstyle);
        assert!(text.ends_with("<checkstyle version=\"4.3\">\n</checkstyle>\n"), "{text}");
    }
}
