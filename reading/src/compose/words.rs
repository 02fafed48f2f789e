//! How Compose splits a `command:` or `entrypoint:` that is one string.
//!
//! It uses go-shellwords (v1.0.12), which is no shell: an unquoted `;`, `|`, `&`, `<` or `>` silently ends the command,
//! `#` starts no comment, no variable is looked up, a backslash counts inside double quotes before any character.

use crate::source::Span;
use crate::text::{Base, Encoding, Slice, Text};

/// Why Compose refuses a command string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// A quote, a backquote, `$(` or a backslash that nothing closes; or a `)` that nothing opens.
    Open(Span),
    /// A `(` outside quotes that does not follow a `$`.
    Parenthesis(Span),
}

/// The words of `text`, as Compose hands them to the container.
///
/// # Errors
/// When Compose refuses the string.
pub(super) fn split(text: Slice<'_>) -> Result<Vec<Text>, Problem> {
    let mut splitter = Splitter { text, word: None, run: 0..0, words: Vec::new() };
    let (mut single, mut double, mut back, mut dollar) = (false, false, false, false);
    // Where the open quote or parenthesis stands.
    let mut open = 0;
    let mut chars = text.as_str().char_indices();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let bare = !single && !double && !back && !dollar;
        match c {
            '\\' if !single => match chars.next() {
                Some((next, escaped)) => splitter.escaped(at, next + escaped.len_utf8()),
                None => return Err(Problem::Open(text.range(at..end).span())),
            },
            ' ' | '\t' | '\r' | '\n' if bare => splitter.end_word(),
            ' ' | '\t' | '\r' | '\n' => splitter.blank(at, end),
            '(' if !single && !double && !back => {
                if dollar || !splitter.ends_with_dollar() {
                    return Err(Problem::Parenthesis(text.range(at..end).span()));
                }
                (dollar, open) = (true, at);
                splitter.push(at, end);
            }
            '"' if !single && !dollar => {
                (double, open) = (!double, at);
                if !double {
                    splitter.quoted(at);
                }
            }
            '\'' if !double && !dollar => {
                (single, open) = (!single, at);
                if !single {
                    splitter.quoted(at);
                }
            }
            ';' | '&' | '|' | '<' | '>' if bare => {
                if c == '>' && splitter.starts_with_digit() {
                    splitter.word = None;
                }
                break;
            }
            c => {
                match c {
                    '`' if !single && !double && !dollar => (back, open) = (!back, at),
                    ')' if !single && !double && !back => (dollar, open) = (!dollar, at),
                    _ => {}
                }
                splitter.push(at, end);
            }
        }
    }
    if single || double || back || dollar {
        return Err(Problem::Open(text.range(open..open + 1).span()));
    }
    splitter.end_word();
    Ok(splitter.words)
}

struct Splitter<'a> {
    text: Slice<'a>,
    /// The word in the making, and whether it counts even if empty.
    word: Option<(Text, bool)>,
    /// The part of the source that belongs to it as it stands and is not yet taken over.
    run: std::ops::Range<usize>,
    words: Vec<Text>,
}

impl Splitter<'_> {
    fn word(&mut self, at: usize) -> &mut (Text, bool) {
        let text = self.text;
        self.word.get_or_insert_with(|| {
            let here = text.range(at..at).span();
            (Text::at(here), false)
        })
    }

    fn flush(&mut self) {
        let run = std::mem::take(&mut self.run);
        if !run.is_empty() {
            let slice = self.text.range(run.clone());
            // Quotes may stand around it: what is written back must need none.
            self.word(run.start).0.push_slice(slice, |e| Encoding { base: Base::Shell, ..e });
        }
    }

    fn take(&mut self, from: usize, to: usize) {
        self.word(from);
        if self.run.end == from && !self.run.is_empty() {
            self.run.end = to;
        } else {
            self.flush();
            self.run = from..to;
        }
    }

    fn push(&mut self, from: usize, to: usize) {
        self.take(from, to);
        self.word(from).1 = true;
    }

    /// A blank inside quotes; alone it does not make a word, the closing quote does.
    fn blank(&mut self, from: usize, to: usize) {
        self.take(from, to);
    }

    fn escaped(&mut self, from: usize, to: usize) {
        self.flush();
        let slice = self.text.range(from + 1..to);
        let span = self.text.range(from..to).span();
        let word = self.word(from);
        word.0.push_decoded(slice.as_str(), span);
        word.1 = true;
    }

    fn quoted(&mut self, at: usize) {
        self.word(at).1 = true;
    }

    fn ends_with_dollar(&mut self) -> bool {
        self.flush();
        self.word.as_ref().is_some_and(|w| w.0.as_str().ends_with('$'))
    }

    fn starts_with_digit(&mut self) -> bool {
        self.flush();
        self.word.as_ref().is_some_and(|w| w.0.as_str().starts_with(|c: char| c.is_ascii_digit()))
    }

    fn end_word(&mut self) {
        self.flush();
        if let Some((text, true)) = self.word.take() {
            self.words.push(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn a_command_as_go_shellwords_splits_it() {
        let words = |s: &str| {
            let t = Text::literal(s, Span::new(FileId(0), 0..s.len()), Encoding::default());
            split(t.slice()).map(|w| w.iter().map(|w| w.as_str().to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(
            words("a \"b\\x\" 'c\\d' # $(e f) `g h`").unwrap(),
            ["a", "bx", "c\\d", "#", "$(e f)", "`g h`"]
        );
        assert_eq!(words("a 2>b").unwrap(), ["a"]);
        assert_eq!(words("a (b)"), Err(Problem::Parenthesis(Span::new(FileId(0), 2..3))));
        assert_eq!(words("a 'b"), Err(Problem::Open(Span::new(FileId(0), 2..3))));
        // An unquoted && ends the command.
        assert_eq!(words("a b && c").unwrap(), ["a", "b"]);
    }
}
