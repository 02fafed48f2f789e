//! Findings that a comment asks to leave out: `# kraftlint: ignore[KL101] reason`.
//!
//! At the end of a line the comment speaks of that line, on a line of its own of the next one. It holds if it stands at any
//! label of a finding. What a comment is, the lexers know; this room gets their spans. Not for `--ignore`: see the settings.

use std::collections::HashMap;

use super::{Code, Diagnostic};
use crate::source::{File, FileId, Sources, Span};

/// Every comment of it has this in it. Files without are not searched for comments.
pub const MARK: &str = "kraftlint:";

/// What the comments of a run ask for.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    /// The rules that are not wanted at a 0-based line.
    lines: HashMap<(FileId, usize), Vec<Code>>,
}

impl Suppressions {
    /// Reads those of `comments` (from their `#` to the end of the line) that are meant for kraftlint.
    pub(crate) fn read(comments: &[Span], sources: &Sources) -> Suppressions {
        let mut lines: HashMap<(FileId, usize), Vec<Code>> = HashMap::new();
        for comment in comments {
            let codes = codes(&sources.text(*comment));
            if !codes.is_empty() {
                let line = spoken_of(sources.file(comment.file), comment.start);
                lines.entry((comment.file, line)).or_default().extend(codes);
            }
        }
        Suppressions { lines }
    }

    /// Does a comment at one of its labels ask to leave `finding` out?
    pub(crate) fn cover(&self, finding: &Diagnostic, sources: &Sources) -> bool {
        !self.lines.is_empty()
            && finding.labels().any(|(label, _)| {
                let line = sources.file(label.span.file).line_of(label.span.start);
                self.lines.get(&(label.span.file, line)).is_some_and(|codes| codes.contains(&finding.code))
            })
    }
}

/// The rules that a comment names: codes, names or prefixes, separated by commas.
fn codes(comment: &str) -> Vec<Code> {
    let text = comment.trim_start_matches(['#', '!']).trim_start();
    let list = text
        .strip_prefix(MARK)
        .and_then(|rest| rest.trim_start().strip_prefix("ignore["))
        .and_then(|rest| rest.split_once(']'));
    list.map_or_else(Vec::new, |(list, _)| list.split(',').flat_map(|c| Code::matching(c.trim())).collect())
}

/// The 0-based line that a comment at byte `start` speaks of.
fn spoken_of(file: &File, start: u32) -> usize {
    let own = file.line_of(start);
    let line = |n: usize| {
        let from = file.lines().get(n).map(|s| *s as usize)?;
        let to = file.lines().get(n + 1).map_or(file.bytes().len(), |s| *s as usize);
        file.bytes().get(from..to).map(|bytes| (from, bytes.trim_ascii()))
    };
    let before = line(own).and_then(|(from, _)| file.bytes().get(from..start as usize)).unwrap_or_default();
    if !before.trim_ascii().is_empty() {
        return own;
    }
    // Several comments may stand above one line.
    let mut next = own + 1;
    while line(next).is_some_and(|(_, text)| text.starts_with(b"#")) {
        next += 1;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_rules_of_a_comment() {
        assert_eq!(codes("# kraftlint: ignore[KL101, voters-differ] why"), [Code::KL101, Code::KL116]);
        assert_eq!(codes("#kraftlint:ignore[KL80]"), [Code::KL801, Code::KL802]);
        for comment in [
            "# kraftlint: ignore",
            "# see kraftlint: ignore[KL101]",
            "# ignore[KL101]",
            "# kraftlint: ignore[]",
        ] {
            assert!(codes(comment).is_empty(), "{comment}");
        }
    }

    #[test]
    fn a_comment_speaks_of_its_line_or_the_next() {
        let mut sources = Sources::default();
        let text = "a: 1 # x\n  # y\n  # z\nb: 2\n";
        let file = sources.add("a.yml", text.as_bytes());
        let at = |what: &str| spoken_of(sources.file(file), u32::try_from(text.find(what).unwrap()).unwrap());
        assert_eq!([at("# x"), at("# y"), at("# z")], [0, 3, 3]);
    }
}
