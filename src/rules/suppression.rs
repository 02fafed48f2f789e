//! KL901, KL902: comments that ignore nothing, and rules in them that do not exist.
//!
//! Not a rule about the model: it is asked when all others are done, for then it is known which comments were of use.

use super::Sink;
use super::code::Code;
use crate::diagnostic::{Diagnostic, Edit, Fix, Safety, Suppression, Suppressions};
use crate::settings::Settings;
use crate::source::{File, Sources, Span};

/// A longer name is cut in a message.
const LONGEST_SHOWN: usize = 60;

pub(super) fn check(suppressions: &Suppressions, sources: &Sources, settings: &Settings, out: &mut Sink) {
    let mut add = |finding: Diagnostic| {
        if settings.wants(finding.code) {
            out.push(finding);
        }
    };
    // Nobody reads more suggestions, and a search for each of a million would not end.
    let mut searches: u32 = 200;
    for suppression in suppressions.iter() {
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

fn unknown(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let near = near.map_or_else(String::new, |n| format!(" Did you mean {n}?"));
    let shown: String = name.chars().take(LONGEST_SHOWN).collect();
    let message = match shown.as_str() {
        "" => "this comment ignores nothing: an entry between its brackets is empty".to_owned(),
        shown => format!("this comment ignores `{shown}`, but there is no such rule"),
    };
    Diagnostic::new(Code::KL902, span, message)
        .label("no rule")
        .help(format!("The comment has no effect. `kraftlint rules` lists the rules.{near}"))
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
