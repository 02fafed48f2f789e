//! The command line as argparse4j 0.7.0 reads it, which every release's `kafka-storage` is built on.
//!
//! Source: `ArgumentParserImpl`. Long options may be cut short where that is unambiguous, letters may be joined, a value may
//! follow behind `=`, at once or as the next word.

use super::Word;
use crate::source::Span;
use crate::text::{HOLE, Slice, Text};

/// An option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opt {
    /// Its long name, without dashes.
    pub long: &'static str,
    /// Its letter.
    pub letter: char,
    /// It takes a value.
    pub takes_value: bool,
    /// Of those that exclude each other, only one may be given.
    pub excludes: bool,
}

/// What a tool understands.
#[derive(Debug, Clone, Copy)]
pub struct Grammar {
    /// Its options; `help` ends the reading.
    pub options: &'static [&'static Opt],
    /// `@FILE` stands for the lines of that file.
    pub files: bool,
}

/// An option that is given.
#[derive(Debug, Clone)]
pub struct Given {
    /// Its long name.
    pub option: &'static str,
    /// The word it stands in.
    pub word: Text,
    /// Its value; known to be there where the option takes one.
    pub value: Option<Text>,
    /// The value is what `kafka-storage random-uuid` prints.
    pub random: bool,
    /// From the option to its value.
    pub span: Span,
}

/// What came out.
#[derive(Debug, Clone)]
pub enum Arguments {
    /// These options, in order.
    Given(Vec<Given>),
    /// `--help`, before anything was wrong.
    Help,
    /// A word is unknown where an option could stand.
    Open,
}

/// Why the tool stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misuse {
    /// No such option.
    Unknown,
    /// Several options begin so.
    Ambiguous,
    /// The option has no value.
    NoValue,
    /// The option takes no value.
    UnwantedValue,
    /// It excludes another option that is given.
    Excluded,
    /// A word that is neither an option nor a value.
    Stray,
    /// `@` in front makes the word the name of a file, which is none.
    NoFile,
}

impl Grammar {
    /// Sorts `words` out.
    ///
    /// # Errors
    /// The word that the tool stops at, and why.
    pub fn read(&self, words: &[Word]) -> Result<Arguments, (Text, Misuse)> {
        let mut given: Vec<Given> = Vec::new();
        let mut exclusive: Option<&Opt> = None;
        let mut only_words = false;
        let mut rest = words.iter().peekable();
        while let Some(word) = rest.next() {
            let text = word.text.as_str();
            let wrong = |why| Err((word.text.clone(), why));
            // A word over several lines is a quote that nobody closed: the shell stops before the tool.
            if text.starts_with(HOLE) || text.contains('\n') {
                return Ok(Arguments::Open);
            }
            if let Some(file) = self.file(text) {
                return if may_exist(file) { Ok(Arguments::Open) } else { wrong(Misuse::NoFile) };
            }
            if text == "--" && !only_words {
                only_words = true;
                continue;
            }
            if only_words || !is_flag(text) {
                return wrong(Misuse::Stray);
            }
            let (flag, mut value) = match word.text.slice().split_once(b'=') {
                Some((flag, value)) => (flag.as_str(), Some(value)),
                None => (text, None),
            };
            let mut letters: Vec<&'static Opt> = Vec::new();
            match self.resolve(flag) {
                Err(()) => return wrong(Misuse::Ambiguous),
                Ok(Some(option)) => letters.push(option),
                Ok(None) if text.starts_with("--") => {
                    return if flag.contains(HOLE) { Ok(Arguments::Open) } else { wrong(Misuse::Unknown) };
                }
                Ok(None) => {
                    value = None;
                    for (at, letter) in text.char_indices().skip(1) {
                        let Some(option) = self.options.iter().find(|o| o.letter == letter) else {
                            return if letter == HOLE { Ok(Arguments::Open) } else { wrong(Misuse::Unknown) };
                        };
                        letters.push(option);
                        if option.takes_value {
                            let behind = word.text.slice().range(at + letter.len_utf8()..text.len());
                            value = Some(behind).filter(|b| !b.is_empty());
                            break;
                        }
                        if option.long == "help" {
                            return Ok(Arguments::Help);
                        }
                    }
                }
            }
            let last = letters.len().saturating_sub(1);
            for (n, option) in letters.into_iter().enumerate() {
                let value = value.filter(|_| n == last);
                if option.excludes && **exclusive.get_or_insert(option) != *option {
                    return wrong(Misuse::Excluded);
                }
                if !option.takes_value && value.is_some() {
                    return wrong(Misuse::UnwantedValue);
                }
                if option.long == "help" {
                    return Ok(Arguments::Help);
                }
                let mut found = Given {
                    option: option.long,
                    word: word.text.clone(),
                    value: value.map(Slice::to_text),
                    random: word.random_uuid,
                    span: word.span,
                };
                if option.takes_value && found.value.is_none() {
                    let next = rest.next_if(|w| !is_flag(w.text.as_str()) && w.text.as_str() != "--");
                    let Some(next) = next else { return wrong(Misuse::NoValue) };
                    if let Some(file) = self.file(next.text.as_str()) {
                        let absent = Err((next.text.clone(), Misuse::NoFile));
                        return if may_exist(file) { Ok(Arguments::Open) } else { absent };
                    }
                    if next.text.as_str().contains('\n') {
                        return Ok(Arguments::Open);
                    }
                    found.value = Some(next.text.clone());
                    (found.random, found.span) = (next.random_uuid, word.span.cover(next.span));
                }
                given.push(found);
            }
        }
        Ok(Arguments::Given(given))
    }

    /// The file whose lines `text` stands for.
    fn file<'t>(&self, text: &'t str) -> Option<&'t str> {
        let name = text.trim_start_matches('@');
        (self.files && name.len() < text.len() && !name.is_empty()).then_some(name)
    }

    /// The option that `flag` names, whole or cut short; an error when several begin so.
    fn resolve(&self, flag: &str) -> Result<Option<&'static Opt>, ()> {
        let names = |o: &Opt| flag == format!("--{}", o.long) || flag == format!("-{}", o.letter);
        if let Some(exact) = self.options.iter().find(|o| names(o)) {
            return Ok(Some(exact));
        }
        let begins = |o: &Opt| {
            usize::from(format!("--{}", o.long).starts_with(flag))
                + usize::from(format!("-{}", o.letter).starts_with(flag))
        };
        let mut found = self.options.iter().filter(|o| begins(o) > 0);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(only), None) if begins(only) == 1 => Ok(Some(only)),
            _ => Err(()),
        }
    }
}

/// May there be a file of that name? Whoever keeps options in one gives it a folder or an ending; nobody calls it
/// `host:9093:…` or `name=level`.
fn may_exist(name: &str) -> bool {
    name.contains(['/', '.', HOLE]) && !name.contains([':', '='])
}

/// A word that begins with a dash, is not only dashes and no negative number.
fn is_flag(text: &str) -> bool {
    let Some(body) = text.strip_prefix('-') else { return false };
    let is_number = !body.is_empty() && body.bytes().all(|b| b.is_ascii_digit());
    !is_number && !body.trim_start_matches('-').is_empty()
}
