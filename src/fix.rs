//! Which fixes of a report can be applied together, and what the files are then. Writes nothing: `cli` does.

use std::collections::BTreeMap;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::udiff::UnifiedHunkHeader;
use similar::{ChangeTag, group_diff_ops};

use crate::diagnostic::{Edit, Fix, Safety};
use crate::output::mask;
use crate::report::Report;
use crate::source::{File, FileId, Sources};

/// The fixes that will be applied.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changed files in order of reading; the edits of each from front to back, without overlap.
    pub files: Vec<(FileId, Vec<Edit>)>,
    /// How many findings are mended.
    pub applied: usize,
    /// How many have a fix that was left out: not allowed, or in the way of another.
    pub skipped: usize,
}

/// Collects the first allowed fix of each finding. Of fixes that overlap, the first in the order of the report is
/// taken; the others may fit when the files have been read again.
#[must_use]
pub fn plan(report: &Report, allow_unsafe: bool) -> Plan {
    let mut plan = Plan::default();
    let mut taken: BTreeMap<FileId, BTreeMap<u32, Edit>> = BTreeMap::new();
    for d in &report.diagnostics {
        let Some(fix) = d.fixes.iter().find(|f| allow_unsafe || f.safety == Safety::Safe) else {
            plan.skipped += usize::from(!d.fixes.is_empty());
            continue;
        };
        match fitting(fix, &taken, &report.sources) {
            Some(edits) => {
                for edit in edits {
                    taken.entry(edit.span.file).or_default().insert(edit.span.start, edit);
                }
                plan.applied += 1;
            }
            None => plan.skipped += 1,
        }
    }
    plan.files = taken.into_iter().map(|(id, edits)| (id, edits.into_values().collect())).collect();
    plan
}

/// The edits that `fix` adds to those already `taken`; none when one of them does not fit.
fn fitting(fix: &Fix, taken: &BTreeMap<FileId, BTreeMap<u32, Edit>>, sources: &Sources) -> Option<Vec<Edit>> {
    let mut new: Vec<Edit> = Vec::new();
    for edit in &fix.edits {
        let file = sources.file(edit.span.file);
        let edit = Edit { span: edit.span, replacement: with_line_ends_of(file, &edit.replacement) };
        if !fits_file(file, &edit) || new.iter().any(|other| collide(other, &edit)) {
            return None;
        }
        let same_file = taken.get(&edit.span.file);
        let before = same_file.and_then(|edits| edits.range(..=edit.span.start).next_back());
        let after = same_file.and_then(|edits| edits.range(edit.span.start..).next());
        // Two findings may ask for the very same change.
        if before.is_some_and(|(_, other)| *other == edit) {
            continue;
        }
        if before.is_some_and(|(_, other)| collide(other, &edit))
            || after.is_some_and(|(_, e)| collide(e, &edit))
        {
            return None;
        }
        new.push(edit);
    }
    (!fix.edits.is_empty()).then_some(new)
}

/// True when the two share a byte or begin at one place: then their order would matter.
fn collide(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file
        && (a.span.start == b.span.start || a.span.start < b.span.end && b.span.start < a.span.end)
}

fn fits_file(file: &File, edit: &Edit) -> bool {
    let Some(old) = file.bytes().get(edit.span.range()) else { return false };
    if file.is_utf8() {
        // Within UTF-8, what is no text by itself begins or ends inside a character.
        return std::str::from_utf8(old).is_ok()
            && file.bytes().get(edit.span.end as usize).is_none_or(|b| b & 0xc0 != 0x80);
    }
    edit.replacement.chars().all(|c| u8::try_from(c).is_ok())
}

/// A new line ends as the others of the file do.
#[must_use]
pub fn with_line_ends_of(file: &File, replacement: &str) -> String {
    let first = file.bytes().iter().position(|b| *b == b'\n').and_then(|i| i.checked_sub(1));
    let crlf = first.is_some_and(|i| file.bytes().get(i) == Some(&b'\r'));
    if crlf && !replacement.contains('\r') {
        replacement.replace('\n', "\r\n")
    } else {
        replacement.to_owned()
    }
}

/// The bytes of `file` after `edits`, which are sorted and apart.
#[must_use]
pub fn apply(file: &File, edits: &[Edit]) -> Vec<u8> {
    let bytes = file.bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        out.extend_from_slice(bytes.get(at..range.start).unwrap_or_default());
        if file.is_utf8() {
            out.extend_from_slice(edit.replacement.as_bytes());
        } else {
            out.extend(edit.replacement.chars().filter_map(|c| u8::try_from(c).ok()));
        }
        at = range.end;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    out
}

/// What `plan` changes, as a unified diff with its secrets masked. It is for reading: with stars in it, it is no patch.
#[must_use]
pub fn diff(report: &Report, plan: &Plan) -> String {
    let mut out = String::new();
    for (id, edits) in &plan.files {
        let file = report.sources.file(*id);
        let mut new = Sources::default();
        let new_id = new.add(file.name(), apply(file, edits));
        let text = |file: &File| file.text(0..file.bytes().len()).into_owned();
        let (old, new) = (text(file), text(new.file(new_id)));
        let (old, new) = (mask::mask_lines(&old), mask::mask_lines(&new));
        unified(file.name(), &old, &new, &mut out);
    }
    out
}

/// Writes the changed lines of one file with three lines around them. `TextDiff` would do it in one call, and bring
/// five algorithms in every form.
fn unified(name: &str, old: &str, new: &str, out: &mut String) {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let mut changes = Compact::new(Replace::new(Capture::new()), &old, &new);
    let Ok(()) = myers::diff(&mut changes, &old, 0..old.len(), &new, 0..new.len());
    let hunks = group_diff_ops(changes.into_inner().into_inner().into_ops(), 3);
    if !hunks.is_empty() {
        out.push_str(&format!("--- a/{name}\n+++ b/{name}\n"));
    }
    for hunk in hunks {
        out.push_str(&format!("{}\n", UnifiedHunkHeader::new(&hunk)));
        for change in hunk.iter().flat_map(|op| op.iter_changes(&old, &new)) {
            out.push(match change.tag() {
                ChangeTag::Equal => ' ',
                ChangeTag::Delete => '-',
                ChangeTag::Insert => '+',
            });
            out.push_str(change.value());
            if !change.value().ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Diagnostic};
    use crate::source::Span;

    fn finding(report: &Report, what: &[(&str, &str)], safety: Safety) -> Diagnostic {
        let id = FileId(0);
        let bytes = report.sources.file(id).bytes();
        let edit = |(old, new): &(&str, &str)| {
            let at = bytes.windows(old.len()).position(|w| w == old.as_bytes()).unwrap();
            Edit { span: Span::new(id, at..at + old.len()), replacement: (*new).into() }
        };
        let edits: Vec<_> = what.iter().map(edit).collect();
        let span = edits.first().unwrap().span;
        Diagnostic::new(Code::KL101, span, "x").fix(Fix { safety, message: "mend".into(), edits })
    }

    fn report(text: &[u8]) -> Report {
        let mut report = Report::default();
        report.sources.add("a.properties", text);
        report
    }

    fn result(report: &Report, plan: &Plan) -> String {
        let (id, edits) = plan.files.first().unwrap();
        String::from_utf8(apply(report.sources.file(*id), edits)).unwrap()
    }

    #[test]
    fn all_edits_of_a_fix_or_none() {
        let mut r = report(b"a=1\nb=2\nc=3\n");
        r.diagnostics.push(finding(&r, &[("b=2", "b=3")], Safety::Safe));
        r.diagnostics.push(finding(&r, &[("a=1", "a=9"), ("=2", "=8")], Safety::Safe));
        r.diagnostics.push(finding(&r, &[("b=2", "b=3")], Safety::Safe));
        r.diagnostics.push(finding(&r, &[("c=3", "c=4")], Safety::Unsafe));
        let safe = plan(&r, false);
        assert_eq!((safe.applied, safe.skipped), (2, 2));
        assert_eq!(result(&r, &safe), "a=1\nb=3\nc=3\n");
        assert_eq!(result(&r, &plan(&r, true)), "a=1\nb=3\nc=4\n");
    }

    #[test]
    fn a_new_line_ends_as_the_others() {
        let mut r = report(b"a=1\r\nb=2\r\n");
        r.diagnostics.push(finding(&r, &[("a=1", "a=1\nx=1")], Safety::Safe));
        assert_eq!(result(&r, &plan(&r, false)), "a=1\r\nx=1\r\nb=2\r\n");
    }

    #[test]
    fn an_encoding_is_kept() {
        let mut r = report(b"# gr\xf6\xdfe\na=1\n");
        r.diagnostics.push(finding(&r, &[("a=1", "a=\u{e4}")], Safety::Safe));
        r.diagnostics.push(finding(&r, &[("# gr", "\u{4e2d}")], Safety::Safe));
        let plan = plan(&r, false);
        assert_eq!((plan.applied, plan.skipped), (1, 1));
        let (id, edits) = plan.files.first().unwrap();
        assert_eq!(apply(r.sources.file(*id), edits), b"# gr\xf6\xdfe\na=\xe4\n");
    }

    #[test]
    fn a_diff_hides_secrets() {
        let mut r = report(b"password=hush\na=1\n");
        r.diagnostics.push(finding(&r, &[("a=1", "a=2")], Safety::Safe));
        let diff = diff(&r, &plan(&r, false));
        assert_eq!(
            diff,
            "--- a/a.properties\n+++ b/a.properties\n@@ -1,2 +1,2 @@\n password=****\n-a=1\n+a=2\n"
        );
    }
}
