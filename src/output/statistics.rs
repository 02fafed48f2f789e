//! How many findings each rule has: for whoever brings kraftlint to a folder that has many. Not for where they are.

use std::collections::BTreeMap;
use std::io;

use super::{RESET, paint};
use crate::diagnostic::{Code, Severity};
use crate::order;
use crate::report::Report;

/// Writes one line a rule, the most frequent first.
///
/// # Errors
/// When `out` cannot be written.
pub fn statistics(report: &Report, color: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let mut rules: BTreeMap<Code, (usize, Severity, usize)> = BTreeMap::new();
    for d in &report.diagnostics {
        let (count, worst, fixable) = rules.entry(d.code).or_insert((0, d.severity, 0));
        *count += 1;
        *worst = d.severity.max(*worst);
        *fixable += usize::from(!d.fixes.is_empty());
    }
    let mut rules: Vec<_> = rules.into_iter().collect();
    order::by_key(&mut rules, |(code, (count, _, _))| (std::cmp::Reverse(*count), *code));
    let width = rules.first().map_or(1, |(_, (count, _, _))| count.to_string().len());
    for (code, (count, worst, fixable)) in rules {
        let (on, off) = if color { (paint(worst), RESET) } else { ("", "") };
        let fixes = if fixable > 0 { format!("  ({fixable} with a fix)") } else { String::new() };
        let (severity, id, name) = (worst.name(), code.id(), code.name());
        writeln!(out, "{count:>width$}  {on}{severity:<7}{off}  {id}  {name}{fixes}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_rule_comes_first() {
        let mut report = super::super::tests::two_hosts();
        let one = report.diagnostics.first().cloned().unwrap();
        let other = crate::diagnostic::Diagnostic { code: Code::KL118, severity: Severity::Warning, ..one };
        report.diagnostics.extend(vec![other; 11]);
        let mut out = Vec::new();
        statistics(&report, false, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "11  warning  KL118  voter-without-node\n 1  error    KL101  duplicate-node-id\n"
        );
    }
}
