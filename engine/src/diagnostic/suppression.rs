//! Findings that a comment asks to leave out: `# kraftlint: ignore[KL101] reason`.
//!
//! At the end of a line the comment speaks of that line, on a line of its own of the next one. It holds if it stands at any
//! label of a finding. What a comment is, the lexers know; this room gets their spans. Not for `--ignore`: see the settings.

use crate::hash::HashMap;
use crate::order;

use super::{Code, Diagnostic};
use crate::source::{File, FileId, MARK, Sources, Span};

/// How many comments may stand between a suppression and its line.
const MOST_BETWEEN: usize = 50;

/// What the comments of a run ask for.
#[derive(Debug, Default)]
pub(crate) struct Suppressions {
    all: Vec<Suppression>,
    /// Those that speak of a 0-based line.
    by_line: HashMap<(FileId, usize), Vec<usize>>,
    /// Those without a reason do not hold.
    require_reason: bool,
}

/// A comment that ignores rules.
#[derive(Debug)]
pub(crate) struct Suppression {
    /// From its `#` to the end of the line.
    pub(crate) comment: Span,
    /// What stands between the brackets, in order.
    pub(crate) rules: Vec<Named>,
    /// It says why.
    pub(crate) has_reason: bool,
}

/// An entry of a suppression: a code, a name or a prefix.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) span: Span,
    /// The rules it means; none when there is no such rule.
    pub(crate) codes: Vec<Code>,
    /// It left a finding out.
    pub(crate) is_used: bool,
}

impl Suppressions {
    /// Reads those of `comments` (from their `#` to the end of the line) that are meant for kraftlint.
    pub(crate) fn read(comments: &[Span], sources: &Sources, require_reason: bool) -> Suppressions {
        let mut found = Suppressions { require_reason, ..Suppressions::default() };
        let mut comments: Vec<Span> = comments.to_vec();
        order::sort(&mut comments);
        comments.dedup();
        for comment in comments {
            if let Some(suppression) = suppression(&sources.text(comment), comment) {
                let line = spoken_of(sources.file(comment.file), comment.start);
                found.by_line.entry((comment.file, line)).or_default().push(found.all.len());
                found.all.push(suppression);
            }
        }
        found
    }

    /// Does a comment at one of its labels ask to leave `finding` out? Every comment that does is used from now on.
    pub(crate) fn cover(&mut self, finding: &Diagnostic, sources: &Sources) -> bool {
        let mut covered = false;
        if self.all.is_empty() {
            return covered;
        }
        for (label, _) in finding.labels() {
            let line = sources.file(label.span.file).line_of(label.span.start);
            for i in self.by_line.get(&(label.span.file, line)).into_iter().flatten() {
                let suppression = self.all.get_mut(*i).filter(|s| s.has_reason || !self.require_reason);
                let rules = suppression.map_or(&mut [][..], |s| &mut s.rules);
                for named in rules.iter_mut().filter(|named| named.codes.contains(&finding.code)) {
                    named.is_used = true;
                    covered = true;
                }
            }
        }
        covered
    }

    /// Every suppression, by place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Suppression> {
        self.all.iter()
    }
}

/// The rules that a comment names, separated by commas. Nothing for a comment that is not for kraftlint.
fn suppression(text: &str, comment: Span) -> Option<Suppression> {
    let body = text.trim_start_matches(['#', '!']).trim_start();
    let list = body
        .strip_prefix(MARK)
        .and_then(|rest| rest.trim_start().strip_prefix("ignore["))
        .and_then(|rest| rest.split_once(']'));
    let (list, behind) = list?;
    let mut at = text.len() - behind.len() - 1 - list.len();
    let mut rules = Vec::new();
    for part in list.split(',') {
        let name = part.trim();
        let start = comment.range().start + at + (part.len() - part.trim_start().len());
        let span = Span::new(comment.file, start..start + name.len());
        rules.push(Named { span, codes: Code::matching(name), is_used: false });
        at += part.len() + 1;
    }
    Some(Suppression { comment, rules, has_reason: !behind.trim().is_empty() })
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
    let is_comment = |n: &usize| line(*n).is_some_and(|(_, text)| text.starts_with(b"#"));
    own + 1 + (own + 1..).take(MOST_BETWEEN).take_while(is_comment).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_rules_of_a_comment() {
        let whole = |text: &str| Span::new(FileId(0), 10..10 + text.len());
        let codes = |text: &str| -> Vec<Code> {
            let found = suppression(text, whole(text));
            found.iter().flat_map(|s| &s.rules).flat_map(|r| r.codes.clone()).collect()
        };
        assert_eq!(codes("# kraftlint: ignore[KL101, voters-differ] why"), [Code::KL101, Code::KL116]);
        assert_eq!(codes("#kraftlint:ignore[KL80]"), [Code::KL801, Code::KL802, Code::KL804]);
        let text = "# kraftlint: ignore[KL101, x] why";
        let found = suppression(text, whole(text)).unwrap();
        assert_eq!(found.rules.get(1).map(|r| r.span.range()), Some(37..38));
        assert!(found.has_reason);
        assert!(!suppression("# kraftlint: ignore[KL101] ", whole("")).unwrap().has_reason);
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
