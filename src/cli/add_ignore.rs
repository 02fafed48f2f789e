//! `--add-ignore`: writes a comment beside each finding that ignores it.
//!
//! Where a comment can stand depends on everything around it (a block scalar, a continued line). So each is tried in memory first:
//! it is written only if its findings are gone then, and nothing else has changed.

use crate::hash::{HashMap, HashSet};
use crate::order;
use std::collections::BTreeMap;

use super::read::Input;
use super::{Failure, note, write};
use crate::diagnostic::{Code, Diagnostic, Edit};
use crate::report::Report;
use crate::source::{File, FileId, Overlay, Span};
use crate::{fix, output};

/// A line, and the findings with a label there that one comment shall ignore.
struct Group<'r> {
    file: FileId,
    line: usize,
    findings: Vec<&'r Diagnostic>,
}

/// Labels of one finding that are tried.
const MOST_LABELS: usize = 10;

/// Where a comment stands.
#[derive(Clone, Copy)]
enum Spot {
    Above,
    Behind,
}

/// Writes the comments, and reads everything anew.
pub(super) fn run(report: Report, input: &Input, reason: &str) -> Result<Report, Failure> {
    let reason = reason.trim();
    if input.settings.require_reason && reason.is_empty() {
        return Err(Failure("the settings demand a reason: --add-ignore=REASON".to_owned()));
    }
    if reason.contains(char::is_control) {
        return Err(Failure("--add-ignore: the reason must be one line".to_owned()));
    }
    let disk = input.disk();
    let mut writer = Writer { report: &report, input, disk: &disk, reason, edits: BTreeMap::new() };
    let wanted: Vec<&Diagnostic> =
        report.diagnostics.iter().filter(|d| !matches!(d.code, Code::KL901 | Code::KL902)).collect();
    let groups = groups(&wanted, &report);
    // Nearly always every comment can stand above the line of the primary label.
    let all: Vec<(&Group<'_>, Spot)> = groups.iter().map(|g| (g, Spot::Above)).collect();
    let mut left = writer.found(&[]).len();
    match writer.accept(&all, left) {
        Some(now) => left = now,
        None => groups.iter().for_each(|group| left = writer.accept_one(group, left).unwrap_or(left)),
    }
    let ignored = report.diagnostics.len() - left;
    let failed = wanted.len() - ignored.min(wanted.len());
    for (id, edits) in &writer.edits {
        let file = report.sources.file(*id);
        write::replace(file.name(), file.bytes(), &fix::apply(file, edits))?;
    }
    let count = |n: usize| format!("{n} finding{}", if n == 1 { "" } else { "s" });
    note(&format!("Wrote comments that ignore {}", count(ignored)));
    if failed > 0 {
        note(&output::plain(&format!("{} cannot be ignored by a comment at its place", count(failed))));
    }
    Ok(input.lint())
}

/// The findings by the line of their primary label.
fn groups<'r>(wanted: &[&'r Diagnostic], report: &Report) -> Vec<Group<'r>> {
    let mut groups: BTreeMap<(FileId, usize), Group<'r>> = BTreeMap::new();
    for d in wanted {
        let (file, line) = line_of(d.primary.span, report);
        let new = || Group { file, line, findings: Vec::new() };
        groups.entry((file, line)).or_insert_with(new).findings.push(*d);
    }
    groups.into_values().collect()
}

fn line_of(span: Span, report: &Report) -> (FileId, usize) {
    (span.file, report.sources.file(span.file).line_of(span.start))
}

struct Writer<'r> {
    report: &'r Report,
    input: &'r Input,
    disk: &'r dyn crate::source::Files,
    reason: &'r str,
    /// What was found good, sorted by place.
    edits: BTreeMap<FileId, Vec<Edit>>,
}

impl Writer<'_> {
    /// Takes a comment for `group`, wherever it can stand: if not at the primary label, then at another one of the finding.
    fn accept_one(&mut self, group: &Group<'_>, left: usize) -> Option<usize> {
        let spots = [Spot::Above, Spot::Behind];
        if let Some(left) = spots.into_iter().find_map(|spot| self.accept(&[(group, spot)], left)) {
            return Some(left);
        }
        let [finding] = group.findings.as_slice() else { return None };
        finding.related.iter().take(MOST_LABELS).find_map(|label| {
            let (file, line) = line_of(label.span, self.report);
            let group = Group { file, line, findings: vec![finding] };
            spots.into_iter().find_map(|spot| self.accept(&[(&group, spot)], left))
        })
    }

    /// Takes these comments if they do what they shall: of `left` findings theirs are gone, and nothing is new. Gives how many
    /// are left then.
    fn accept(&mut self, comments: &[(&Group<'_>, Spot)], left: usize) -> Option<usize> {
        let new: Vec<Edit> = comments.iter().map(|(group, spot)| self.edit(group, *spot)).collect();
        let gone: usize = comments.iter().map(|(group, _)| group.findings.len()).sum();
        let known: HashSet<u64> = self.report.diagnostics.iter().map(|d| d.fingerprint).collect();
        let found = self.found(&new);
        if found.len() + gone > left || !found.iter().all(|f| known.contains(f)) {
            return None;
        }
        for edit in new {
            let edits = self.edits.entry(edit.span.file).or_default();
            edits.push(edit);
            order::by_key(edits, |e| e.span.start as usize);
        }
        Some(found.len())
    }

    /// The fingerprints of what is found with the edits so far and `new`.
    fn found(&self, new: &[Edit]) -> Vec<u64> {
        let mut all = self.edits.clone();
        for edit in new {
            all.entry(edit.span.file).or_default().push(edit.clone());
        }
        let mut changed = HashMap::default();
        for (id, mut edits) in all {
            order::by_key(&mut edits, |e| e.span.start as usize);
            let file = self.report.sources.file(id);
            changed.insert(file.name().to_owned(), fix::apply(file, &edits));
        }
        let report = self.input.lint_files(&Overlay::new(self.disk, changed));
        report.diagnostics.iter().map(|d| d.fingerprint).collect()
    }

    fn edit(&self, group: &Group<'_>, spot: Spot) -> Edit {
        let file = self.report.sources.file(group.file);
        let mut codes: Vec<&str> = group.findings.iter().map(|d| d.code.id()).collect();
        order::sort(&mut codes);
        codes.dedup();
        let comment = format!("# kraftlint: ignore[{}] {}", codes.join(","), self.reason);
        let comment = comment.trim_end();
        let (start, text) = line(file, group.line);
        let (at, replacement) = match spot {
            Spot::Above => {
                let indent: String = text.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
                (start, fix::with_line_ends_of(file, &format!("{indent}{comment}\n")))
            }
            Spot::Behind => (start + text.len(), format!(" {comment}")),
        };
        Edit { span: Span::new(group.file, at..at), replacement }
    }
}

/// Where the 0-based `line` starts, and its text without its end and a byte order mark.
fn line(file: &File, line: usize) -> (usize, String) {
    let offset = |n: usize| file.lines().get(n).map(|s| *s as usize);
    let start = offset(line).unwrap_or(0);
    let end = offset(line + 1).unwrap_or(file.bytes().len());
    let mark = if start == 0 && file.bytes().starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let text = file.text(start + mark..end);
    (start + mark, text.trim_end_matches(['\n', '\r']).to_owned())
}
