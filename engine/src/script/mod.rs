//! Shell scripts and the command strings of compose files: which commands they run, as far as that can be read off.
//!
//! As much of a shell as finds `kafka-storage format -t ID -c FILE`, `kafka-topics --create` and their like where people
//! write them: behind `&&`, in loops, in `ssh host "…"`, `docker exec`, `bash -c`. Variables that the script itself sets
//! to something literal are followed, everything else is a hole. Nothing is executed, no branch is chosen.
//!
//! Not for shell syntax errors (shellcheck does that): what cannot be read is passed over. Here-documents are skipped.

mod argparse;
mod find;
mod parse;
mod wrapper;

pub use argparse::{Arguments, Given, Grammar, Misuse, Opt};
pub use find::{ClusterId, CreateTopic, DockerRun, Format, ServerStart};

use crate::source::{FileId, Span};
use crate::text::{Base, Encoding, Slice, Text};

/// A word of a command, quotes and variables resolved.
#[derive(Debug, Clone)]
pub struct Word {
    /// Its text.
    pub text: Text,
    /// Where it stands in the command, quotes included.
    pub span: Span,
    /// Part of it is what `kafka-storage random-uuid` prints: unknown, and another one each time.
    pub random_uuid: bool,
}

/// A simple command.
#[derive(Debug, Clone)]
pub struct Command {
    /// Command and arguments, redirections taken out. Empty when there are only assignments.
    pub words: Vec<Word>,
    /// `NAME=value` before the command or alone, or behind `export`.
    pub assignments: Vec<(Text, Text)>,
    /// `export` or its like: the assignments hold for all that is started later.
    pub is_export: bool,
    /// Where it runs, from the outside in: the host of `ssh`, the container of `docker exec`. Empty: right here.
    pub hosts: Vec<Text>,
    /// From its first word to its last.
    pub span: Span,
    /// It only starts other commands (`ssh`, `docker exec`, `bash -c`), and they are in the list too.
    pub delegates: bool,
}

/// What a script holds.
#[derive(Debug, Clone, Default)]
pub struct Script {
    /// Every simple command in it, in text order, commands in `$(…)` before the one that takes their output.
    pub commands: Vec<Command>,
    /// From their `#` to the end of the line.
    pub comments: Vec<Span>,
}

/// Reads a script's file.
#[must_use]
pub fn parse_script(file: FileId, bytes: &[u8]) -> Script {
    let mut text = Text::at(Span::new(file, 0..bytes.len()));
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        let end = at + chunk.valid().len();
        text.push_literal(chunk.valid(), Span::new(file, at..end), SHELL);
        at = end;
        for _ in chunk.invalid() {
            text.push_decoded("\u{fffd}", Span::new(file, at..at + 1));
            at += 1;
        }
    }
    parse::run(text.slice())
}

const SHELL: Encoding = Encoding { base: Base::Shell, dollar: false, properties: None };

/// Reads a script that stands in another file, after that file's own layers.
#[must_use]
pub fn parse_words(text: Slice<'_>) -> Script {
    parse::run(text)
}

/// Reads a command that is already split into words: `["bash", "-c", "…"]`, or what Compose made of a string (its `command:`).
#[must_use]
pub fn parse_argv(words: &[Text]) -> Script {
    parse::run_argv(words)
}

impl Script {
    /// What `export` sets, in order. Of several with one name the last counts for what comes after it.
    pub fn exports(&self) -> impl Iterator<Item = &(Text, Text)> {
        self.commands.iter().filter(|c| c.is_export).flat_map(|c| &c.assignments)
    }

    /// The calls of `kafka-storage format`.
    #[must_use]
    pub fn formats(&self) -> Vec<Format> {
        let speaks = |c: &Command| c.words.iter().any(|w| w.text.as_str().contains("meta.properties"));
        let looks_for_meta = self.commands.iter().any(speaks);
        let found = self.commands.iter().filter_map(find::format);
        found.map(|format| Format { looks_for_meta, ..format }).collect()
    }

    /// The calls of `kafka-topics --create`.
    #[must_use]
    pub fn created_topics(&self) -> Vec<CreateTopic> {
        self.commands.iter().filter_map(find::create_topic).collect()
    }

    /// The calls of `kafka-server-start`.
    #[must_use]
    pub fn server_starts(&self) -> Vec<ServerStart> {
        self.commands.iter().filter_map(find::server_start).collect()
    }

    /// The calls of `docker run` and `podman run`.
    #[must_use]
    pub fn docker_runs(&self) -> Vec<DockerRun> {
        self.commands.iter().filter_map(find::docker_run).collect()
    }
}

#[cfg(test)]
mod tests;
