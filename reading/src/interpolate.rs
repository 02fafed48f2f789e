//! Variables in a text, as Compose replaces them: `$X`, `${X:-word}` and their kin.
//!
//! The grammar is that of compose-go v2.16.2 (`template/template.go`), its oddities included, for what Compose refuses
//! must be found and what it accepts must not. They are: the text of `${…}` reaches to the last `}` of its line when
//! its braces do not balance, one byte after each `{` is not looked at when braces are counted, and two letters beyond
//! ASCII count as name characters, since Go folds case with Unicode's tables.
//!
//! Not for deciding which variables exist: the caller answers that. Not for YAML: this sees scalars.

use crate::source::Span;
use crate::text::{Encoding, HOLE, Slice, Text, Use};

/// How deep words may stand in words. What is deeper is left unknown; nobody writes it by hand.
const MAX_DEPTH: u32 = 64;

/// What is known of a variable.
#[derive(Debug, Clone, Copy)]
pub enum Value<'v> {
    /// It has this value, perhaps empty, perhaps with holes.
    Set(&'v Text),
    /// It has none.
    Unset,
    /// It may have one; nobody here knows.
    Unknown,
}

/// What a variable without value and default stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing, as Compose has it: all variables are known.
    Closed,
    /// Something unknown: the `.env` that sets it is often not there.
    Open,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The `${…}` at fault.
    pub span: Span,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// See [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// Compose refuses the text: after `${` comes no name, or something between name and `}` that is no operator, or
    /// the line has no `}`. A literal `$` is written `$$`.
    Invalid,
    /// A variable without value is used without default. Compose warns and takes the empty text.
    Unset {
        /// The variable.
        name: String,
    },
    /// `${X:?…}` or `${X?…}` without a value. Compose refuses it; in [`Mode::Open`] a value may come from elsewhere
    /// unless `empty`.
    Required {
        /// The variable.
        name: String,
        /// The author's words, perhaps empty.
        message: String,
        /// The variable is set, to nothing.
        empty: bool,
    },
}

/// A text with its variables replaced.
#[derive(Debug, Clone)]
pub struct Interpolated {
    /// The result. Where Compose would refuse it stands a hole.
    pub text: Text,
    /// What is wrong with it, in text order.
    pub problems: Vec<Problem>,
}

impl Interpolated {
    /// True when Compose refuses the text in [`Mode::Closed`].
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(|p| !matches!(p.kind, ProblemKind::Unset { .. }))
    }
}

/// True when each `$` of `text` starts a `${NAME}` that `is_set`, so that [`interpolate`] finds no problem; false when it must
/// be asked.
pub(crate) fn is_settled(text: &str, is_set: impl Fn(&str) -> bool) -> bool {
    text.split('$').skip(1).all(|part| {
        let name = part.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("", |p| p.0);
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        is_name && !name.starts_with(|c: char| c.is_ascii_digit()) && is_set(name)
    })
}

/// Replaces the variables of `text` by what `lookup` says of them.
///
/// What stood there keeps its place, also a default's word; what a variable brings has the variable's place and the
/// use; a hole has the place of the `${…}`.
#[must_use]
pub fn interpolate<'v>(text: Slice<'_>, lookup: &dyn Fn(&str) -> Value<'v>, mode: Mode) -> Interpolated {
    let whole = text.bounds() == (0..text.text().as_str().len());
    let mut out = Text::at(if whole { text.text().place() } else { text.span() });
    out.reserve(text.as_str().len());
    let mut run = Run { source: text, lookup, mode, unused: 0, problems: Vec::new() };
    run.template(0, text.as_str().len(), 0, &mut out);
    Interpolated { text: out, problems: run.problems }
}

/// What an operator does, without its colon.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    /// `-`
    Default,
    /// `+`
    Alternative,
    /// `?`
    Required,
}

/// Whether the operator counts the variable as there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Here,
    /// It is set but empty, and the operator has a colon.
    Empty,
    Unset,
    Unknown,
}

struct Run<'a, 'v> {
    source: Slice<'a>,
    lookup: &'a dyn Fn(&str) -> Value<'v>,
    mode: Mode,
    /// How many words around us are not taken; then problems do not count.
    unused: u32,
    problems: Vec<Problem>,
}

/// The rest of a line: where it ends and its last `}`. Kept, so that many `${` on a line cost one search.
#[derive(Clone, Copy)]
struct Line {
    end: usize,
    last_brace: Option<usize>,
}

impl<'v> Run<'_, 'v> {
    fn str(&self, from: usize, to: usize) -> &str {
        self.source.as_str().get(from..to).unwrap_or("")
    }

    fn span(&self, from: usize, to: usize) -> Span {
        self.source.range(from..to).span()
    }

    fn literal(&self, from: usize, to: usize, out: &mut Text) {
        if from < to {
            out.push_slice(self.source.range(from..to), |e| Encoding { dollar: true, ..e });
        }
    }

    fn problem(&mut self, span: Span, kind: ProblemKind) {
        if self.unused == 0 {
            self.problems.push(Problem { span, kind });
        }
    }

    /// Replaces what stands in `from..to` of the source.
    fn template(&mut self, from: usize, to: usize, depth: u32, out: &mut Text) {
        if depth > MAX_DEPTH {
            out.push_hole(self.span(from, to));
            return;
        }
        let (mut done, mut at) = (from, from);
        let mut line = Line { end: from, last_brace: None };
        while let Some(found) = self.str(at, to).find('$') {
            let dollar = at + found;
            at = dollar + 1;
            match self.str(at, to).chars().next() {
                Some('$') => {
                    self.literal(done, dollar, out);
                    at += 1;
                    out.push_decoded("$", self.span(dollar, at));
                    done = at;
                }
                Some('{') => {
                    self.literal(done, dollar, out);
                    at = self.braced(dollar, to, &mut line, depth, out);
                    done = at;
                }
                _ => {
                    let end = self.name_end(at, to);
                    if end > at {
                        self.literal(done, dollar, out);
                        self.plain(dollar..end, at..end, out);
                        at = end;
                        done = end;
                    }
                }
            }
        }
        self.literal(done, to, out);
    }

    /// Where the name that starts at `from` ends; `from` if there is none.
    fn name_end(&self, from: usize, to: usize) -> usize {
        let name = self.str(from, to);
        let is_letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '\u{17f}' | '\u{212a}');
        if !name.starts_with(is_letter) {
            return from;
        }
        from + name.find(|c: char| !is_letter(c) && !c.is_ascii_digit()).unwrap_or(name.len())
    }

    /// `${…` at `dollar`. Returns where to go on.
    fn braced(&mut self, dollar: usize, to: usize, line: &mut Line, depth: u32, out: &mut Text) -> usize {
        let name_start = dollar + 2;
        let name_end = self.name_end(name_start, to);
        if dollar >= line.end {
            let rest = self.str(dollar, to);
            let rest = rest.split_once('\n').map_or(rest, |(line, _)| line);
            *line = Line { end: dollar + rest.len(), last_brace: rest.rfind('}').map(|i| dollar + i) };
        }
        let tail = self.str(name_end, to);
        if name_end > name_start && tail.starts_with('}') {
            let end = name_end + 1;
            self.plain(dollar..end, name_start..name_end, out);
            return end;
        }
        let (colon, tail) = tail.strip_prefix(':').map_or((false, tail), |t| (true, t));
        let operator = match tail.chars().next() {
            Some('-') => Some(Operator::Default),
            Some('+') => Some(Operator::Alternative),
            Some('?') => Some(Operator::Required),
            _ => None,
        };
        let word = name_end + usize::from(colon) + 1;
        match (operator, line.last_brace.filter(|last| *last >= word)) {
            (Some(operator), Some(last)) if name_end > name_start => {
                let close = self.closing_brace(dollar, last).unwrap_or(last);
                let usage =
                    Use { span: self.span(dollar, close + 1), name: self.str(name_start, name_end).into() };
                self.operation(usage, (operator, colon), word..close, depth, out);
                close + 1
            }
            _ => self.invalid(dollar, name_end, *line, out),
        }
    }

    /// The `}` that closes the first `{` after `from`, as compose-go counts (`getFirstBraceClosingIndex`).
    fn closing_brace(&self, from: usize, last: usize) -> Option<usize> {
        let mut open = 0i64;
        let mut bytes = self.str(from, last + 1).bytes().enumerate();
        while let Some((i, byte)) = bytes.next() {
            match byte {
                b'}' => {
                    open -= 1;
                    if open == 0 {
                        return Some(from + i);
                    }
                }
                b'{' => {
                    open += 1;
                    bytes.next();
                }
                _ => {}
            }
        }
        None
    }

    fn invalid(&mut self, dollar: usize, name_end: usize, line: Line, out: &mut Text) -> usize {
        let shown = line.last_brace.filter(|last| *last > dollar).and_then(|last| {
            let found = self.str(dollar, last + 1).find('}')?;
            Some(dollar + found + 1)
        });
        let end = shown.unwrap_or(name_end);
        let span = self.span(dollar, end);
        // An unknown part may hold whatever makes it valid.
        if !self.str(dollar, end).contains(HOLE) {
            self.problem(span, ProblemKind::Invalid);
        }
        out.push_hole(span);
        end
    }

    /// `$X` or `${X}`.
    fn plain(&mut self, all: std::ops::Range<usize>, name: std::ops::Range<usize>, out: &mut Text) {
        let usage = Use { span: self.span(all.start, all.end), name: self.str(name.start, name.end).into() };
        match (self.lookup)(&usage.name) {
            Value::Set(text) => out.push_use(text.slice(), usage),
            Value::Unknown => out.push_hole(usage.span),
            Value::Unset => {
                if self.mode == Mode::Open {
                    out.push_hole(usage.span);
                }
                self.problem(usage.span, ProblemKind::Unset { name: usage.name.into() });
            }
        }
    }

    /// `${X` operator `word}`.
    fn operation(
        &mut self,
        usage: Use,
        (operator, colon): (Operator, bool),
        word: std::ops::Range<usize>,
        depth: u32,
        out: &mut Text,
    ) {
        let value = (self.lookup)(&usage.name);
        let presence = match value {
            Value::Unset => Presence::Unset,
            Value::Unknown => Presence::Unknown,
            Value::Set(text) if colon && text.as_str().is_empty() => Presence::Empty,
            // Nothing but holes may be nothing at all.
            Value::Set(text) if colon && text.as_str().chars().all(|c| c == HOLE) => Presence::Unknown,
            Value::Set(_) => Presence::Here,
        };
        let absent = matches!(presence, Presence::Empty | Presence::Unset);
        let takes_word = match operator {
            Operator::Alternative => presence == Presence::Here,
            Operator::Default | Operator::Required => absent,
        };
        if !takes_word || operator == Operator::Required {
            let mut aside = Text::at(self.span(word.start, word.end));
            self.unused += u32::from(!takes_word);
            self.template(word.start, word.end, depth + 1, &mut aside);
            self.unused -= u32::from(!takes_word);
            match (operator, presence, value) {
                (_, Presence::Unknown, _) => out.push_hole(usage.span),
                (Operator::Alternative, ..) => {}
                (_, Presence::Here, Value::Set(text)) => out.push_use(text.slice(), usage),
                _ => {
                    out.push_hole(usage.span);
                    let kind = ProblemKind::Required {
                        name: usage.name.into(),
                        message: aside.as_str().to_owned(),
                        empty: presence == Presence::Empty,
                    };
                    self.problem(usage.span, kind);
                }
            }
        } else {
            self.template(word.start, word.end, depth + 1, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::hash::HashMap;

    use super::*;
    use crate::source::FileId;
    use crate::text::Base;

    const PLAIN: Encoding = Encoding { base: Base::YamlPlain, dollar: false, properties: None };

    fn text(s: &str) -> Text {
        Text::literal(s, Span::new(FileId(0), 100..100 + s.len()), PLAIN)
    }

    fn run(input: &str, env: &[(&str, &str)], mode: Mode) -> Interpolated {
        let env: HashMap<&str, Text> = env
            .iter()
            .map(|(k, v)| (*k, Text::literal(*v, Span::new(FileId(1), 7..7 + v.len()), Encoding::default())))
            .collect();
        let lookup = |name: &str| env.get(name).map_or(Value::Unset, Value::Set);
        interpolate(text(input).slice(), &lookup, mode)
    }

    /// What compose-go said of `input`: its result, or `None` when it refused.
    fn replay(lines: &str) {
        let mut count = 0;
        for line in lines.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let input = case["in"].as_str().unwrap();
            let env: Vec<(&str, &str)> = case["env"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str().unwrap()))
                .collect();
            let got = run(input, &env, Mode::Closed);
            assert_eq!(!got.is_refused(), case["ok"].as_bool().unwrap(), "{input:?}");
            if let Some(out) = case["out"].as_str() {
                assert_eq!(got.text.as_str(), out, "{input:?}");
            }
            for span in got.text.slice().uses().map(|u| u.span).chain(got.problems.iter().map(|p| p.span)) {
                assert!(span.start >= 100 && span.end as usize <= 100 + input.len(), "{input:?}");
                assert!(input.is_char_boundary(span.start as usize - 100), "{input:?}");
            }
            let is_set = |name: &str| env.iter().any(|(known, _)| *known == name);
            assert!(!is_settled(input, is_set) || got.problems.is_empty(), "{input:?}");
            count += 1;
        }
        assert!(count > 200);
    }

    #[test]
    fn says_what_compose_go_says() {
        replay(include_str!("../../testcases/oracle/interpolation.jsonl"));
    }

    #[test]
    fn every_part_keeps_its_place() {
        let got = run("a${X}b$$${U:-d$Y}", &[("X", "value"), ("Y", "y")], Mode::Closed).text;
        assert_eq!(got.as_str(), "avalueb$dy");
        let at = |range| got.slice().range(range).spans();
        assert_eq!(at(0..1), [Span::new(FileId(0), 100..101)]);
        assert_eq!(at(2..4), [Span::new(FileId(1), 8..10)], "inside the variable's value");
        assert_eq!(at(7..8), [Span::new(FileId(0), 106..108)], "$$");
        assert_eq!(at(8..9), [Span::new(FileId(0), 113..114)], "a default stands in the file itself");
        assert_eq!(got.slice().range(8..9).uses().count(), 0);
        let uses: Vec<_> = got.slice().uses().map(|u| (u.span.range(), &*u.name)).collect();
        assert_eq!(uses, [(101..105, "X"), (114..116, "Y")]);
        assert_eq!(got.edit(8..9, "$").map(|e| e.replacement).as_deref(), Some("$$"));
        assert!(got.edit(7..8, "x").is_none());
    }

    #[test]
    fn open_leaves_holes() {
        let open = |s: &str| run(s, &[("E", ""), ("S", "v")], Mode::Open).text.as_str().replace(HOLE, "?");
        assert_eq!(open("PLAINTEXT://${H}:9092"), "PLAINTEXT://?:9092");
        assert_eq!(open("$U ${U:-d} ${U-d} <${U:+w}> <${U+w}> ${U:?m} ${U?m}"), "? d d <> <> ? ?");
        assert_eq!(open("<$E> ${E:-d} <${E-d}> <${E:+w}> ${E+w} <${E?m}> ${S:+w}"), "<> d <> <> w <> w");
        let hole = run("${H} ", &[], Mode::Open).text;
        assert_eq!(hole.slice().range(0..3).span(), Span::new(FileId(0), 100..104));
    }

    #[test]
    fn unknown_is_neither_set_nor_unset() {
        let t = text("$A ${A} ${A:-d} ${A-d} ${A:+w} ${A+w} ${A:?m} ${A?m}");
        let got = interpolate(t.slice(), &|_| Value::Unknown, Mode::Closed);
        assert_eq!(got.text.as_str().replace(HOLE, "?"), "? ? ? ? ? ? ? ?");
        assert!(got.problems.is_empty());
        let hole = Text::hole(Span::new(FileId(1), 0..4));
        let got = interpolate(t.slice(), &|_| Value::Set(&hole), Mode::Closed);
        assert_eq!(got.text.as_str().replace(HOLE, "?"), "? ? ? ? ? w ? ?");
    }

    #[test]
    fn problems_point() {
        let got = run("x${1} ${U} ${U:?say $S} ${E:-${N:?}}", &[("S", "so"), ("E", "")], Mode::Closed);
        let all: Vec<_> = got.problems.iter().map(|p| (p.span.range(), &p.kind)).collect();
        let required = |name: &str, message: &str| ProblemKind::Required {
            name: name.into(),
            message: message.into(),
            empty: false,
        };
        assert_eq!(
            all,
            [
                (101..105, &ProblemKind::Invalid),
                (106..110, &ProblemKind::Unset { name: "U".into() }),
                (111..123, &required("U", "say so")),
                (129..135, &required("N", "")),
            ]
        );
        let unused = run("${S:-${N:?} ${1}}", &[("S", "v")], Mode::Closed);
        assert!(unused.problems.is_empty());
    }

    #[test]
    fn hostile_input_takes_linear_time() {
        let n = 200_000;
        for part in ["${A:-", "${A:-{}", "${", "${A:-x}", "{}$}", "${A:-${!", "$", "${A"] {
            let mut input = part.repeat(n / part.len());
            run(&input, &[], Mode::Open);
            input.push('}');
            run(&input, &[], Mode::Closed);
        }
    }
}
