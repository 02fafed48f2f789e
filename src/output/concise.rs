//! One line a finding: for editors, `grep` and people in a hurry. Not for what helps to mend it: see `full`.

use std::io;

use super::{BOLD, Options, RESET, Views, paint};
use crate::diagnostic::Diagnostic;
use crate::report::Report;

pub(super) fn write(report: &Report, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    report.diagnostics.iter().try_for_each(|d| line(d, &views, options, out))
}

/// One finding.
pub(super) fn line(
    d: &Diagnostic,
    views: &Views<'_>,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    if !options.color {
        return writeln!(out, "{}", text(d, views));
    }
    let (place, severity, id) = (views.place(d.primary.span), d.severity.name(), d.code.id());
    let (message, on) = (message(d, views), paint(d.severity));
    writeln!(out, "{BOLD}{place}{RESET}: {on}{severity}[{id}]{RESET} {message}")
}

/// One finding without colours and the end of its line.
pub(super) fn text(d: &Diagnostic, views: &Views<'_>) -> String {
    let (place, severity, id) = (views.place(d.primary.span), d.severity.name(), d.code.id());
    format!("{place}: {severity}[{id}] {}", message(d, views))
}

fn message(d: &Diagnostic, views: &Views<'_>) -> String {
    format!("{}{}", views.guard(d).text(&d.message), views.also(d))
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{render, two_hosts};

    #[test]
    fn one_line_with_every_place() {
        assert_eq!(
            render(&two_hosts(), Format::Concise),
            "host1/compose.yml:4:22: error[KL101] kafka-1 and kafka-2 both have node.id 1 (also host2/server.properties:2:9)\n"
        );
    }
}
