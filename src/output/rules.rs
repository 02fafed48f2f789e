//! What there is to know of the rules without any input: `kraftlint rules` and `kraftlint explain`.
//!
//! Everything comes from the pages under `rules/`; nothing is told here that is not written there.

use std::io;

use super::{BOLD, DIM, RESET, paint};
use crate::diagnostic::Code;
use crate::rules::code::META;

/// Writes one line for each rule.
///
/// # Errors
/// When `out` cannot be written.
pub fn table(color: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let width = META.iter().map(|m| m.name.len()).max().unwrap_or(0);
    for meta in META {
        let (on, dim, off) = if color { (paint(meta.severity), DIM, RESET) } else { ("", "", "") };
        let (severity, effect) = (meta.severity.name(), meta.effect.name());
        writeln!(
            out,
            "{}  {:width$}  {on}{severity:7}{off}  {dim}{effect:13}{off}  {}",
            meta.id, meta.name, meta.summary
        )?;
    }
    Ok(())
}

/// Writes the page of `code`.
///
/// # Errors
/// When `out` cannot be written.
pub fn explain(code: Code, color: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let meta = code.meta();
    let (on, bold, off) = if color { (paint(meta.severity), BOLD, RESET) } else { ("", "", "") };
    write!(out, "{bold}{} {}{off}\n{}\n\n", meta.id, meta.name, meta.summary)?;
    write!(out, "Severity: {on}{}{off}   Effect: {}", meta.severity.name(), meta.effect.name())?;
    if let Some(who) = meta.refused_by {
        write!(out, "   Refused by: {}", who.name())?;
    }
    match meta.fix {
        Some(crate::diagnostic::Safety::Safe) => write!(out, "   Fix: yes")?,
        Some(crate::diagnostic::Safety::Unsafe) => write!(out, "   Fix: with --unsafe-fixes")?,
        None => {}
    }
    writeln!(out)?;
    let body = meta.prose();
    if !body.is_empty() {
        write!(out, "\n{body}\n")?;
    }
    writeln!(out, "\n{}", super::json::url(meta))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shown_without_its_head() {
        for meta in META {
            assert!(meta.prose().starts_with("## What it finds\n"), "{}", meta.id);
        }
    }

    #[test]
    fn every_rule_has_a_line() {
        let mut out = Vec::new();
        table(false, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), META.len());
        assert!(!text.contains('\u{1b}'));
    }
}
