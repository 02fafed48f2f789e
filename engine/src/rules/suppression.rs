//! KL901, KL902: comments that ignore nothing, and rules in them that do not exist.
//!
//! Not a rule about the model: it is asked when all others are done, for then it is known which comments were of use.

use super::Sink;
use super::code::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety, Suppression, Suppressions};
use crate::settings::{Settings, SettingsFile};
use crate::source::{File, FileId, Sources, Span};

/// A longer name is cut in a message.
const LONGEST_SHOWN: usize = 60;

/// Nobody reads more suggestions, and a search for each of a million would not end.
const MOST_SEARCHES: usize = 200;

/// Entries of the settings file that name no rule. They are told whatever is selected: who selects may have misspelt it.
pub(super) fn unknown_in_settings(file: FileId, settings: &SettingsFile, out: &mut Sink) {
    for (range, name) in settings.unknown_rules.iter().take(MOST_SEARCHES) {
        let help = "The entry has no effect. `kraftlint rules` lists the rules.";
        let message = format!("the settings name the rule `{}`, but there is none", shown(name));
        out.push(no_rule(message, help, Span::new(file, range.clone()), Code::nearest(name)));
    }
}

pub(super) fn check(suppressions: &Suppressions, sources: &Sources, settings: &Settings, out: &mut Sink) {
    let mut add = |finding: Diagnostic| {
        if settings.wants(finding.code) {
            out.push(finding);
        }
    };
    let mut searches = MOST_SEARCHES;
    for suppression in suppressions.iter() {
        if settings.require_reason && !suppression.has_reason {
            add(unreasoned(suppression));
            continue;
        }
        // Whether a comment is of use cannot be told where its rules were not asked.
        let is_idle = |i: usize| {
            suppression.rules.get(i).is_some_and(|n| {
                !n.is_used && !n.codes.is_empty() && n.codes.iter().all(|c| settings.wants(*c))
            })
        };
        let whole = (0..suppression.rules.len()).all(is_idle);
        for (i, named) in suppression.rules.iter().enumerate() {
            let name = sources.text(named.span).into_owned();
            if named.codes.is_empty() {
                let near = if searches > 0 { Code::nearest(&name) } else { None };
                searches = searches.saturating_sub(1);
                add(unknown(&name, named.span, near));
            } else if is_idle(i) {
                let file = sources.file(named.span.file);
                let edit = if whole { comment(file, suppression.comment) } else { entry(suppression, i) };
                // One edit mends all entries of a comment.
                let edit = Some(edit).filter(|_| !whole || i == 0);
                add(unused(&name, named.span, edit));
            }
        }
    }
}

fn unreasoned(suppression: &Suppression) -> Diagnostic {
    let message = "this comment ignores nothing: it does not say why, and the settings demand a reason";
    Diagnostic::new(Code::KL901, suppression.comment, message)
        .label("no reason behind the bracket")
        .help("Write behind the bracket why the finding is no fault, for whoever reads the file next.")
}

fn unknown(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let message = match name {
        "" => "this comment ignores nothing: an entry between its brackets is empty".to_owned(),
        name => format!("this comment ignores `{}`, but there is no such rule", shown(name)),
    };
    no_rule(message, "The comment has no effect. `kraftlint rules` lists the rules.", span, near)
}

fn no_rule(message: String, help: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let near = near.map_or_else(String::new, |n| format!(" Did you mean {n}?"));
    Diagnostic::new(Code::KL902, span, message).label("no rule").help(format!("{help}{near}"))
}

fn shown(name: &str) -> String {
    name.chars().take(LONGEST_SHOWN).collect()
}

fn unused(name: &str, span: Span, edit: Option<Span>) -> Diagnostic {
    let finding = Diagnostic::new(Code::KL901, span, format!("nothing is found here for `{name}` to ignore"))
        .label("ignores nothing")
        .help(
            "The finding is gone, or the comment does not stand at one of its places. Remove it, so that it cannot hide the next \
             one.",
        );
    let Some(span) = edit else { return finding };
    let edits = vec![Edit { span, replacement: String::new() }];
    finding.fix(Fix { safety: Safety::Safe, message: "remove it".to_owned(), edits })
}

/// A comment with the blanks before it; its whole line when nothing else stands there.
fn comment(file: &File, comment: Span) -> Span {
    let line = file.line_of(comment.start);
    let start = |n: usize| file.lines().get(n).copied();
    let from = start(line).unwrap_or(comment.start);
    let before = file.bytes().get(from as usize..comment.start as usize).unwrap_or_default();
    let kept = u32::try_from(before.trim_ascii_end().len()).unwrap_or(0);
    match start(line + 1) {
        Some(next) if kept == 0 => Span { start: from, end: next, ..comment },
        _ => Span { start: from + kept, ..comment },
    }
}

/// An entry with the comma that goes with it.
fn entry(suppression: &Suppression, i: usize) -> Span {
    let at = |i: usize| suppression.rules.get(i).map(|n| n.span);
    let own = at(i).unwrap_or(suppression.comment);
    match (at(i + 1), i.checked_sub(1).and_then(at)) {
        (Some(next), _) => Span { end: next.start, ..own },
        (None, Some(last)) => Span { start: last.end, ..own },
        (None, None) => own,
    }
}
