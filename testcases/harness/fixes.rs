//! Every fix mends what it is for, breaks nothing, and has nothing to do the second time.

use std::collections::BTreeMap;

use kraftlint::diagnostic::{Diagnostic, Severity};
use kraftlint::fix;
use kraftlint::report::Report;
use kraftlint::source::MemoryFiles;
use libtest_mimic::Trial;

use super::subject::Subject;
use super::{Complaints, trial};

pub(super) fn trials(subjects: &[Subject]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for subject in subjects {
        if subject.lint().diagnostics.iter().any(|d| !d.fixes.is_empty()) {
            let (one, all) = (subject.clone(), subject.clone());
            trials.push(trial(format!("fixes::{}", subject.name), move |c| one_by_one(&one, c)));
            trials.push(trial(format!("fixes::{}::together", subject.name), move |c| together(&all, c)));
        }
    }
    trials.push(trial("fixes::are where the pages promise them", promised(subjects)));
    trials
}

/// What makes two findings of two runs the same one, if a fix may move them.
type Identity = (String, String, Vec<String>, Vec<String>);

fn identity(report: &Report, d: &Diagnostic) -> Identity {
    let file = report.sources.name(d.primary.span.file).to_owned();
    (d.code.id().to_owned(), file, d.nodes.clone(), d.keys.clone())
}

fn count(report: &Report) -> BTreeMap<Identity, (usize, Option<Severity>)> {
    let mut all: BTreeMap<Identity, (usize, Option<Severity>)> = BTreeMap::new();
    for d in &report.diagnostics {
        let entry = all.entry(identity(report, d)).or_default();
        entry.0 += 1;
        entry.1 = entry.1.max(Some(d.severity));
    }
    all
}

/// The files after `plan`.
fn applied(files: &MemoryFiles, report: &Report, plan: &fix::Plan) -> MemoryFiles {
    let mut files = files.clone();
    for (id, edits) in &plan.files {
        let file = report.sources.file(*id);
        files.insert(file.name(), fix::apply(file, edits));
    }
    files
}

fn one_by_one(subject: &Subject, complaints: &mut Complaints) {
    let mut report = subject.lint();
    let before = count(&report);
    let found = std::mem::take(&mut report.diagnostics);
    for d in &found {
        for mend in &d.fixes {
            let what = format!("{} `{}`: {}", d.code.id(), d.message, mend.message);
            report.diagnostics = vec![Diagnostic { fixes: vec![mend.clone()], ..d.clone() }];
            let plan = fix::plan(&report, true);
            if plan.applied != 1 {
                complaints.add(format!("{what}: it cannot be applied: {:?}", mend.edits));
                continue;
            }
            let files = applied(&subject.files, &report, &plan);
            let after = subject.lint_files(&files);
            let own = identity(&report, d);
            let (left, had) = (count(&after), before.get(&own).map_or(0, |c| c.0));
            let has = left.get(&own).map_or(0, |c| c.0);
            complaints.check(has < had, || format!("{what}: the finding stays ({had}, then {has})"));
            for (other, (n, severity)) in &left {
                let new = before.get(other).is_none_or(|(old, _)| n > old) && *severity >= Some(d.severity);
                complaints.check(!new, || format!("{what}: brings {other:?}"));
            }
            let again =
                after.diagnostics.iter().filter(|a| identity(&after, a) == own && a.message == d.message);
            for edit in again.flat_map(|a| &a.fixes).flat_map(|f| &f.edits) {
                let same = mend
                    .edits
                    .iter()
                    .any(|e| e.replacement == edit.replacement && e.span.start == edit.span.start);
                complaints.check(!same, || format!("{what}: it asks for the same again: {edit:?}"));
            }
        }
    }
}

/// What `--fix --unsafe-fixes` does comes to an end, and then nothing is left to do.
fn together(subject: &Subject, complaints: &mut Complaints) {
    let mut files = (*subject.files).clone();
    let errors = subject.lint().count(Severity::Error);
    for round in 0..9 {
        let report = subject.lint_files(&files);
        let plan = fix::plan(&report, true);
        if plan.applied == 0 {
            let left = report.count(Severity::Error);
            complaints.check(left <= errors, || format!("{errors} errors became {left}"));
            let skipped: Vec<_> = report.diagnostics.iter().filter(|d| !d.fixes.is_empty()).collect();
            complaints.check(skipped.is_empty(), || format!("fixes that never fit: {skipped:?}"));
            return;
        }
        let new = applied(&files, &report, &plan);
        let changed = new.iter().zip(files.iter()).any(|(a, b)| a != b);
        complaints
            .check(changed, || format!("round {round} applies {} fixes and changes nothing", plan.applied));
        files = new;
    }
    complaints.add("mending does not come to an end");
}

/// A page that promises a fix has a case in which it is offered, and no other rule offers one.
fn promised(subjects: &[Subject]) -> impl FnOnce(&mut Complaints) + Send + 'static {
    let subjects = subjects.to_vec();
    move |complaints| {
        let mut offered = std::collections::BTreeSet::new();
        for d in subjects.iter().flat_map(|s| s.lint().diagnostics) {
            for mend in &d.fixes {
                offered.insert((d.code, mend.safety));
            }
        }
        for meta in kraftlint::rules::code::META {
            let has: Vec<_> =
                offered.iter().filter(|(code, _)| *code == meta.code).map(|(_, s)| *s).collect();
            match meta.fix {
                Some(safety) => complaints.check(has.contains(&safety), || {
                    format!(
                        "{}: the page promises a fix ({safety:?}); in all cases there are {has:?}",
                        meta.id
                    )
                }),
                None => complaints.check(has.is_empty(), || {
                    format!("{}: the page says `fix: none`, but it offers {has:?}", meta.id)
                }),
            }
        }
    }
}
