//! From the text of a script to its simple commands.
//!
//! One pass over the text with a stack of the compound commands around; no tree. It is made twice: the first time only
//! to learn which variables are set more than once or inside loops, so that a value is never taken for the only one.

use crate::hash::{HashMap, HashSet};

use super::wrapper::{Inner, inner, is_name};
use super::{Command, Script, Word};
use crate::source::Span;
use crate::text::{Base, Encoding, Slice, Text, Use};

/// How deep scripts may stand in scripts (`$(…)`, `bash -c`, `ssh`). What is deeper is passed over.
const MAX_DEPTH: u32 = 12;
/// The longest value that is followed, in bytes.
const MAX_VALUE: usize = 4096;
/// How much text variables may bring in altogether, against `A=$A$A`.
const MAX_EXPANSION: usize = 1 << 20;

pub(super) fn run(text: Slice<'_>) -> Script {
    twice(|state| Parser::new(text, state, 0).list(None))
}

pub(super) fn run_argv(words: &[Text]) -> Script {
    let word = |t: &Text| Word { text: t.clone(), span: t.place(), random_uuid: false };
    twice(|state| state.command(words.iter().map(word).collect(), Vec::new(), false, 0))
}

fn twice(pass: impl Fn(&mut State)) -> Script {
    let mut first = State { learning: true, ..State::default() };
    pass(&mut first);
    let mut second = State { counts: first.counts, looped: first.looped, ..State::default() };
    pass(&mut second);
    second.script
}

#[derive(Clone)]
struct Variable {
    text: Text,
    random: bool,
    exported: bool,
    loops: u32,
    functions: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `if … fi`
    Branch,
    /// `case … esac`
    Case,
    Loop,
    Function,
    /// `{ … }`
    Group,
    /// `( … )` and `$( … )`
    Subshell,
}

struct Scope {
    kind: Kind,
    /// What was set inside; forgotten at its end, since nobody knows whether it ran.
    set: Vec<String>,
}

/// What is known while going through a script and those inside it.
#[derive(Default)]
struct State {
    script: Script,
    variables: HashMap<String, Variable>,
    scopes: Vec<Scope>,
    loops: u32,
    functions: u32,
    expanded: usize,
    hosts: Vec<Text>,
    /// The first pass: the next two are being filled.
    learning: bool,
    /// How often each name is set in the whole script.
    counts: HashMap<String, u32>,
    /// Names that are set inside a loop.
    looped: HashSet<String>,
}

impl State {
    fn open(&mut self, kind: Kind) {
        self.loops += u32::from(kind == Kind::Loop);
        self.functions += u32::from(kind == Kind::Function);
        self.scopes.push(Scope { kind, set: Vec::new() });
    }

    fn close(&mut self) {
        let Some(scope) = self.scopes.pop() else { return };
        self.loops -= u32::from(scope.kind == Kind::Loop);
        self.functions -= u32::from(scope.kind == Kind::Function);
        if scope.kind == Kind::Group {
            if let Some(outer) = self.scopes.last_mut() {
                outer.set.extend(scope.set);
            }
            return;
        }
        for name in scope.set {
            self.variables.remove(&name);
        }
    }

    fn top(&self) -> Option<Kind> {
        self.scopes.last().map(|s| s.kind)
    }

    /// The variable, if its value at this place is sure.
    fn variable(&self, name: &str) -> Option<&Variable> {
        let variable = self.variables.get(name)?;
        let next_round = self.loops > variable.loops && self.looped.contains(name);
        let later = self.functions > variable.functions && self.counts.get(name).is_some_and(|n| *n > 1);
        (!next_round && !later).then_some(variable)
    }

    fn set(&mut self, name: &str, value: Option<(&Text, bool)>, exported: bool) {
        if self.learning {
            *self.counts.entry(name.to_owned()).or_default() += 1;
            if self.loops > 0 {
                self.looped.insert(name.to_owned());
            }
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.set.push(name.to_owned());
        }
        let old = self.variables.remove(name);
        if let Some((text, random)) = value.filter(|(text, _)| text.as_str().len() <= MAX_VALUE) {
            let exported = exported || old.is_some_and(|old| old.exported);
            let variable = Variable {
                text: text.clone(),
                random,
                exported,
                loops: self.loops,
                functions: self.functions,
            };
            self.variables.insert(name.to_owned(), variable);
        }
    }

    /// Takes in a simple command. `maybe` tells that it runs only if something before it says so.
    fn command(&mut self, words: Vec<Word>, set: Vec<(Text, Word, bool)>, maybe: bool, depth: u32) {
        let first = words.first().map_or("", |w| w.text.as_str());
        let is_export = matches!(first, "export" | "declare" | "typeset" | "local" | "readonly");
        let alone = words.is_empty();
        let mut assignments = Vec::new();
        for (name, word, append) in set {
            if alone {
                let value = (!maybe && !append).then_some((&word.text, word.random_uuid));
                self.set(name.as_str(), value, false);
            }
            let value = if append { Text::hole(word.span) } else { word.text };
            assignments.push((name, value));
        }
        match first {
            _ if is_export => {
                for word in words.iter().skip(1) {
                    self.exported(word, maybe, &mut assignments);
                }
            }
            "read" | "unset" | "getopts" | "mapfile" | "readarray" | "let" => {
                for word in words.iter().skip(1) {
                    let name = word.text.as_str();
                    self.set(name.split_once('=').map_or(name, |n| n.0), None, false);
                }
            }
            // What they read may set anything.
            "." | "source" | "eval" => self.variables.clear(),
            _ => {}
        }
        let spans =
            words.iter().map(|w| w.span).chain(assignments.iter().map(|a| a.0.place().cover(a.1.place())));
        let Some(span) = spans.reduce(Span::cover) else { return };
        let at = self.script.commands.len();
        let hosts = self.hosts.clone();
        let command = Command { words, assignments, is_export, hosts, span, delegates: false };
        if depth >= MAX_DEPTH {
            self.script.commands.push(command);
            return;
        }
        let inner = inner(&command.words);
        let delegates = !matches!(inner, Inner::Nothing);
        match inner {
            Inner::Nothing => {}
            Inner::Script { text, host } => {
                let outer = std::mem::take(&mut self.variables);
                // A shell here sees what is exported; not looked at where that alone would be much work.
                if host.is_none() && outer.len() < 1000 {
                    self.variables =
                        outer.iter().filter(|v| v.1.exported).map(|(k, v)| (k.clone(), v.clone())).collect();
                }
                let (scopes, loops) = (std::mem::take(&mut self.scopes), std::mem::take(&mut self.loops));
                let functions = std::mem::take(&mut self.functions);
                let count = self.hosts.len();
                self.hosts.extend(host);
                Parser::new(text.slice(), self, depth + 1).list(None);
                self.hosts.truncate(count);
                (self.variables, self.scopes, self.loops, self.functions) = (outer, scopes, loops, functions);
            }
            Inner::Words { words, host } => {
                let count = self.hosts.len();
                self.hosts.extend(host);
                self.command(words, Vec::new(), maybe, depth + 1);
                self.hosts.truncate(count);
            }
        }
        self.script.commands.insert(at.min(self.script.commands.len()), Command { delegates, ..command });
    }

    /// An argument of `export`.
    fn exported(&mut self, word: &Word, maybe: bool, assignments: &mut Vec<(Text, Text)>) {
        if word.text.as_str().starts_with('-') {
            return;
        }
        if let Some((name, value)) = word.text.slice().split_once(b'=') {
            let value = value.to_text();
            self.set(name.as_str(), (!maybe).then_some((&value, word.random_uuid)), true);
            assignments.push((name.to_text(), value));
            return;
        }
        let value = self.variable(word.text.as_str()).map(|v| v.text.clone());
        if let Some(variable) = self.variables.get_mut(word.text.as_str()) {
            variable.exported = true;
        }
        if let Some(value) = value {
            assignments.push((word.text.clone(), value));
        }
    }
}

/// A word in the making.
struct Draft {
    text: Text,
    start: usize,
    random: bool,
    /// It holds quotes: it counts even if empty.
    quoted: bool,
}

struct Parser<'a, 's> {
    source: Slice<'a>,
    at: usize,
    state: &'s mut State,
    depth: u32,
    words: Vec<Word>,
    assignments: Vec<(Text, Word, bool)>,
    /// Here-documents whose bodies start at the next line: delimiter, and whether tabs before it count for nothing.
    here: Vec<(String, bool)>,
    /// The commands on this line run only on a condition.
    maybe: bool,
    /// The words are the head of `for` or `case`, no command.
    head: Option<Head>,
    /// A function's name was read, its body follows.
    body_follows: bool,
    /// A pattern of `case` follows.
    pattern: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Head {
    For,
    Case,
    Test,
}

impl<'a, 's> Parser<'a, 's> {
    fn new(source: Slice<'a>, state: &'s mut State, depth: u32) -> Parser<'a, 's> {
        Parser {
            source,
            at: 0,
            state,
            depth,
            words: Vec::new(),
            assignments: Vec::new(),
            here: Vec::new(),
            maybe: false,
            head: None,
            body_follows: false,
            pattern: false,
        }
    }

    fn rest(&self) -> &'a str {
        self.source.as_str().get(self.at..).unwrap_or("")
    }

    fn span(&self, from: usize, to: usize) -> Span {
        self.source.range(from..to).span()
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn at_command(&self) -> bool {
        self.words.is_empty() && self.assignments.is_empty() && self.head.is_none()
    }

    /// Reads commands up to `end`, which only counts where nothing else is open, or to the end of the text.
    fn list(&mut self, end: Option<char>) {
        let base = self.state.scopes.len();
        self.state.open(Kind::Subshell);
        while let Some(c) = self.next() {
            if self.pattern {
                self.case_pattern();
                continue;
            }
            if self.head == Some(Head::Test) && matches!(c, '&' | '|' | '<' | '>' | '(' | ')' | ';' | '\n') {
                self.at += 1;
                continue;
            }
            match c {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.eat("\\\n") || self.eat("\\\r\n") => {}
                '\n' => {
                    self.at += 1;
                    self.end_command();
                    self.maybe = false;
                    self.skip_here_documents();
                }
                '#' => {
                    let line = self.rest().split('\n').next().unwrap_or("");
                    let length = line.trim_end().len();
                    self.state.script.comments.push(self.span(self.at, self.at + length));
                    self.at += line.len();
                }
                ';' => {
                    let next_case = self.eat(";;&") || self.eat(";;") || self.eat(";&");
                    self.at += usize::from(!next_case);
                    self.end_command();
                    self.maybe = false;
                    if next_case && self.state.top() == Some(Kind::Case) {
                        self.next_branch(Kind::Case);
                        self.pattern = true;
                    }
                }
                '&' if self.eat("&&") => {
                    // What a test decides may be otherwise.
                    let first = self.words.first().map_or("", |w| w.text.as_str());
                    let decides =
                        matches!(first, "[" | "[[" | "test" | "grep" | "command" | "which" | "type" | "true");
                    self.end_command();
                    self.maybe |= decides;
                }
                '|' if self.eat("||") => {
                    self.end_command();
                    self.maybe = true;
                }
                '&' if self.rest().starts_with("&>") => {
                    self.at += 1;
                    self.redirection();
                }
                '&' | '|' => {
                    self.at += 1;
                    self.end_command();
                }
                '<' | '>' => self.redirection(),
                '(' => self.open_parenthesis(),
                ')' => {
                    self.end_command();
                    let top = self.state.scopes.len();
                    if end == Some(')') && top == base + 1 {
                        break;
                    }
                    self.at += 1;
                    // `)` also closes what was left open inside.
                    let mut inside = self.state.scopes.iter().skip(base + 1);
                    if let Some(last) = inside.rposition(|s| s.kind == Kind::Subshell) {
                        while self.state.scopes.len() > base + 1 + last {
                            self.state.close();
                        }
                    } else if end == Some(')') {
                        self.at -= 1;
                        break;
                    }
                }
                _ => self.word(),
            }
        }
        self.end_command();
        while self.state.scopes.len() > base {
            self.state.close();
        }
    }

    /// Closes a branch and opens the next: what the one set does not hold in the other.
    fn next_branch(&mut self, kind: Kind) {
        self.state.close();
        self.state.open(kind);
    }

    fn end_command(&mut self) {
        let words = std::mem::take(&mut self.words);
        let assignments = std::mem::take(&mut self.assignments);
        match self.head.take() {
            Some(Head::For) => {
                if let Some(name) = words.first() {
                    self.state.set(name.text.as_str(), None, false);
                }
            }
            Some(Head::Case | Head::Test) => {}
            None => self.state.command(words, assignments, self.maybe, self.depth),
        }
    }

    fn open_parenthesis(&mut self) {
        if self.rest().starts_with("((") && self.at_command() {
            let end = self.rest().find("))").map_or(self.rest().len(), |i| i + 2);
            self.at += end;
            self.maybe = true;
            return;
        }
        let call = self.rest().strip_prefix('(').unwrap_or("");
        let blank = call.len() - call.trim_start_matches([' ', '\t']).len();
        if self.words.len() == 1
            && self.assignments.is_empty()
            && call.trim_start_matches([' ', '\t']).starts_with(')')
        {
            self.words.clear();
            self.at += blank + 2;
            self.body_follows = true;
            return;
        }
        if let Some((_, value, append)) = self.assignments.last_mut().filter(|_| self.words.is_empty()) {
            // A=(…): an array.
            *append = true;
            value.random_uuid = false;
            let mut quote = None;
            let mut end = call.len();
            for (i, c) in call.char_indices() {
                match (quote, c) {
                    (None, ')') => {
                        end = i + 1;
                        break;
                    }
                    (None, '"' | '\'') => quote = Some(c),
                    (Some(q), c) if q == c => quote = None,
                    _ => {}
                }
            }
            self.at += 1 + end;
            return;
        }
        self.at += 1;
        self.end_command();
        self.body_follows = false;
        self.state.open(Kind::Subshell);
    }

    /// Goes behind a pattern of `case` with its `)`, unless `esac` stands there.
    fn case_pattern(&mut self) {
        let trimmed = self.rest().trim_start();
        self.at += self.rest().len() - trimmed.len();
        if trimmed.starts_with('#') {
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
            return;
        }
        self.pattern = false;
        let word = trimmed.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or("");
        if word == "esac" {
            return;
        }
        self.eat("(");
        let mut quote = None;
        while let Some(c) = self.next() {
            self.at += c.len_utf8();
            match (quote, c) {
                (None, ')') => break,
                (None, '"' | '\'') => quote = Some(c),
                (None, '\\') => self.at += self.next().map_or(0, char::len_utf8),
                (Some(q), c) if q == c => quote = None,
                _ => {}
            }
        }
    }

    fn redirection(&mut self) {
        let here = self.rest().starts_with("<<") && !self.rest().starts_with("<<<");
        if here {
            let strip = self.rest().starts_with("<<-");
            self.at += 2 + usize::from(strip);
        } else if self.rest().starts_with("<(") || self.rest().starts_with(">(") {
            let start = self.at;
            self.at += 1;
            let mut draft =
                Draft { text: Text::at(self.span(start, start)), start, random: false, quoted: true };
            self.substitution(start, &mut draft);
            self.end_word(draft);
            return;
        } else {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches(['<', '>', '&', '|']).len();
            // `>&-` and `2>&1`: what follows is the target, a word like any other.
        }
        let strip = here && self.source.as_str().get(..self.at).is_some_and(|s| s.ends_with('-'));
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if self.next().is_none_or(|c| matches!(c, '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' | '\r')) {
            return;
        }
        let draft = self.draft(false);
        if here {
            self.here.push((draft.text.as_str().to_owned(), strip));
        }
    }

    fn skip_here_documents(&mut self) {
        for (delimiter, strip) in std::mem::take(&mut self.here) {
            while !self.rest().is_empty() {
                let line = self.rest().split('\n').next().unwrap_or("");
                self.at = (self.at + line.len() + 1).min(self.source.as_str().len());
                let line = line.strip_suffix('\r').unwrap_or(line);
                if (if strip { line.trim_start_matches('\t') } else { line }) == delimiter {
                    break;
                }
            }
        }
    }

    /// A word where a command or an argument may stand.
    fn word(&mut self) {
        let start = self.at;
        let raw = self.rest();
        let name_length = raw.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let (name, behind) = (raw.get(..name_length).unwrap_or(""), raw.get(name_length..).unwrap_or(""));
        if self.at_command() && self.reserved(name, behind) {
            return;
        }
        let append = behind.starts_with("+=");
        if self.words.is_empty()
            && self.head.is_none()
            && is_name(name)
            && (append || behind.starts_with('='))
        {
            self.at += name_length + usize::from(append) + 1;
            let mut text = Text::at(self.span(start, start + name_length));
            text.push_slice(self.source.range(start..start + name_length), shell);
            let draft = self.draft(false);
            let span = self.span(draft.start, self.at);
            let word = Word { text: draft.text.placed(span), span, random_uuid: draft.random };
            self.assignments.push((text, word, append));
            return;
        }
        let draft = self.draft(true);
        // `2>`: the number belongs to the redirection.
        let number = raw.get(..self.at - start).is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()));
        if number && self.next().is_some_and(|c| matches!(c, '<' | '>')) {
            return;
        }
        self.end_word(draft);
        if self.head == Some(Head::Test) && raw.starts_with("]]") {
            self.end_command();
            self.maybe = true;
        }
        if self.head == Some(Head::Case)
            && raw.starts_with("in")
            && self.words.len() > 1
            && self.at - start == 2
        {
            self.end_command();
            self.pattern = true;
        }
    }

    fn end_word(&mut self, draft: Draft) {
        if draft.quoted || !draft.text.as_str().is_empty() {
            let span = self.span(draft.start, self.at);
            self.words.push(Word { text: draft.text.placed(span), span, random_uuid: draft.random });
        }
    }

    /// Takes a reserved word where a command may stand.
    fn reserved(&mut self, name: &str, behind: &str) -> bool {
        let ends = |s: &str| {
            s.starts_with([' ', '\t', '\r', '\n', ';', '&', '|', '(', ')', '<', '>']) || s.is_empty()
        };
        let raw = self.rest();
        for (token, kind) in [("{", true), ("}", false), ("!", false), ("[[", false)] {
            let Some(behind) = raw.strip_prefix(token) else { continue };
            if !ends(behind) {
                return false;
            }
            self.at += token.len();
            match token {
                "}" if matches!(self.state.top(), Some(Kind::Group | Kind::Function)) => self.state.close(),
                "[[" => {
                    let word = self.span(self.at - 2, self.at);
                    self.words.push(Word { text: Text::decoded("[[", word), span: word, random_uuid: false });
                    self.head = Some(Head::Test);
                }
                "!" => self.maybe = true,
                _ if kind => {
                    let function = std::mem::take(&mut self.body_follows);
                    self.state.open(if function { Kind::Function } else { Kind::Group });
                }
                _ => {}
            }
            return true;
        }
        if !ends(behind) {
            return false;
        }
        let (opens, head) = match name {
            "if" => (Some(Kind::Branch), None),
            "while" | "until" => (Some(Kind::Loop), None),
            "for" | "select" => (Some(Kind::Loop), Some(Head::For)),
            "case" => (Some(Kind::Case), Some(Head::Case)),
            "then" | "do" | "time" => (None, None),
            "else" | "elif" => {
                if self.state.top() == Some(Kind::Branch) {
                    self.next_branch(Kind::Branch);
                }
                (None, None)
            }
            "fi" | "done" | "esac" => {
                let kind = match name {
                    "fi" => Kind::Branch,
                    "done" => Kind::Loop,
                    _ => Kind::Case,
                };
                if self.state.top() == Some(kind) {
                    self.state.close();
                }
                (None, None)
            }
            "function" => {
                let behind = behind.trim_start_matches([' ', '\t']);
                let length = behind
                    .find(|c: char| c.is_whitespace() || matches!(c, '(' | '{'))
                    .unwrap_or(behind.len());
                self.at += raw.len() - behind.len() + length;
                let rest = self.rest();
                let parentheses = rest.trim_start_matches([' ', '\t']);
                if let Some(behind) = parentheses.strip_prefix("()") {
                    self.at += rest.len() - behind.len();
                }
                self.body_follows = true;
                return true;
            }
            _ => return false,
        };
        self.at += name.len();
        if let Some(kind) = opens {
            self.state.open(kind);
        }
        self.head = head;
        true
    }

    /// Reads the word that starts here. With `split`, blanks in an unquoted variable's value end words.
    fn draft(&mut self, split: bool) -> Draft {
        let mut draft = Draft {
            text: Text::at(self.span(self.at, self.at)),
            start: self.at,
            random: false,
            quoted: false,
        };
        while let Some(c) = self.next() {
            match c {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\r' if self.rest().starts_with("\r\n") => break,
                '\'' => {
                    draft.quoted = true;
                    let inside = self.rest().get(1..).unwrap_or("");
                    let length = inside.find('\'').unwrap_or(inside.len());
                    self.push(self.at + 1, self.at + 1 + length, &mut draft);
                    self.at = (self.at + length + 2).min(self.source.as_str().len());
                }
                '"' => self.double_quoted(&mut draft),
                '\\' => self.backslash(&mut draft),
                '$' => self.dollar(&mut draft, split),
                '`' => self.backquote(&mut draft),
                _ => {
                    let rest = self.rest();
                    let stop = |c: char| " \t\r\n;&|()<>'\"\\$`".contains(c);
                    let length = rest.find(stop).unwrap_or(rest.len()).max(c.len_utf8());
                    self.push(self.at, self.at + length, &mut draft);
                    self.at += length;
                }
            }
        }
        draft
    }

    fn push(&self, from: usize, to: usize, draft: &mut Draft) {
        if from < to {
            draft.text.push_slice(self.source.range(from..to), shell);
        }
    }

    fn backslash(&mut self, draft: &mut Draft) {
        if self.eat("\\\n") || self.eat("\\\r\n") {
            return;
        }
        let start = self.at;
        self.at += 1;
        if let Some(c) = self.next() {
            self.at += c.len_utf8();
            draft.text.push_decoded(c.encode_utf8(&mut [0; 4]), self.span(start, self.at));
        }
    }

    fn double_quoted(&mut self, draft: &mut Draft) {
        draft.quoted = true;
        self.at += 1;
        while let Some(c) = self.next() {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '$' => self.dollar(draft, false),
                '`' => self.backquote(draft),
                '\\' if self.rest().get(1..).is_some_and(|s| s.starts_with(['$', '`', '"', '\\', '\n'])) => {
                    self.backslash(draft);
                }
                _ => {
                    let rest = self.rest();
                    let length = rest.find(['"', '$', '`', '\\']).unwrap_or(rest.len()).max(c.len_utf8());
                    self.push(self.at, self.at + length, draft);
                    self.at += length;
                }
            }
        }
    }

    fn backquote(&mut self, draft: &mut Draft) {
        let start = self.at;
        let inside = self.rest().get(1..).unwrap_or("");
        let mut length = inside.len();
        let mut chars = inside.char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '`' => {
                    length = i;
                    break;
                }
                '\\' => {
                    chars.next();
                }
                _ => {}
            }
        }
        let from = start + 1;
        self.at = (from + length + 1).min(self.source.as_str().len());
        if self.depth < MAX_DEPTH {
            let before = self.state.script.commands.len();
            let slice = self.source.range(from..from + length);
            Parser::new(slice, self.state, self.depth + 1).list(None);
            draft.random |= self.is_random(before);
        }
        draft.text.push_hole(self.span(start, self.at));
    }

    /// Whether a command since `before` makes a cluster id.
    fn is_random(&self, before: usize) -> bool {
        let commands = self.state.script.commands.get(before..).unwrap_or_default();
        commands.iter().any(|c| c.words.iter().any(|w| w.text.as_str() == "random-uuid"))
    }

    /// `(…)` at this place, whose sign stands at `start`.
    fn substitution(&mut self, start: usize, draft: &mut Draft) {
        self.at += 1;
        if self.depth >= MAX_DEPTH {
            self.at = self.source.as_str().len();
        } else {
            let before = self.state.script.commands.len();
            let mut inner = Parser::new(self.source, self.state, self.depth + 1);
            inner.at = self.at;
            inner.list(Some(')'));
            self.at = inner.at;
            self.eat(")");
            draft.random |= self.is_random(before);
        }
        draft.text.push_hole(self.span(start, self.at));
    }

    /// `$…` at this place.
    fn dollar(&mut self, draft: &mut Draft, split: bool) {
        let start = self.at;
        let rest = self.rest().get(1..).unwrap_or("");
        let Some(c) = rest.chars().next() else {
            self.push(start, start + 1, draft);
            self.at += 1;
            return;
        };
        match c {
            '(' if rest.starts_with("((") => {
                self.at += 1 + rest.find("))").map_or(rest.len(), |i| i + 2);
                draft.text.push_hole(self.span(start, self.at));
            }
            '(' => {
                self.at += 1;
                self.substitution(start, draft);
            }
            '{' => self.braced(start, draft, split),
            '\'' if split => {
                // $'…': escapes that are not worth reading.
                let inside = rest.get(1..).unwrap_or("");
                let length = inside.find('\'').unwrap_or(inside.len());
                self.at = (start + length + 3).min(self.source.as_str().len());
                draft.quoted = true;
                if inside.get(..length).is_some_and(|s| !s.contains('\\')) {
                    self.push(start + 2, start + 2 + length, draft);
                } else {
                    draft.text.push_hole(self.span(start, self.at));
                }
            }
            '"' if split => self.at += 1,
            c if c.is_ascii_alphabetic() || c == '_' => {
                let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
                self.at += 1 + length;
                self.expand(start, rest.get(..length).unwrap_or(""), draft, split);
            }
            c if c.is_ascii_digit() || "@*#?$!-".contains(c) => {
                self.at += 2;
                draft.text.push_hole(self.span(start, self.at));
            }
            _ => {
                self.push(start, start + 1, draft);
                self.at += 1;
            }
        }
    }

    /// `${…}`.
    fn braced(&mut self, start: usize, draft: &mut Draft, split: bool) {
        let inside = self.rest().get(2..).unwrap_or("");
        let mut open = 1u32;
        let mut length = inside.len();
        let mut chars = inside.char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '{' => open += 1,
                '}' => open -= 1,
                '\\' => {
                    chars.next();
                }
                _ => {}
            }
            if open == 0 {
                length = i;
                break;
            }
        }
        self.at = (start + length + 3).min(self.source.as_str().len());
        let inside = inside.get(..length).unwrap_or("");
        let name = inside.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
        let operator = inside.get(name.len()..).unwrap_or("").trim_start_matches(':');
        // With a default or an error message, a value that is there still counts.
        let counts = self.state.variable(name).is_some_and(|v| !v.text.as_str().is_empty() || v.random);
        match operator.chars().next() {
            None => self.expand(start, name, draft, split),
            Some('-' | '?' | '=') if counts => self.expand(start, name, draft, split),
            _ => {
                if operator.starts_with('=') {
                    self.state.set(name, None, false);
                }
                draft.text.push_hole(self.span(start, self.at));
            }
        }
    }

    /// Puts in the value of `name`, used from `start` to here.
    fn expand(&mut self, start: usize, name: &str, draft: &mut Draft, split: bool) {
        let usage = Use { span: self.span(start, self.at), name: name.into() };
        let found = self.state.variable(name).map(|v| (v.text.clone(), v.random));
        let Some((text, random)) = found.filter(|_| self.state.expanded < MAX_EXPANSION) else {
            draft.text.push_hole(usage.span);
            return;
        };
        self.state.expanded += text.as_str().len();
        draft.random |= random;
        if !split || !text.as_str().contains([' ', '\t', '\n']) {
            draft.text.push_use(text.slice(), usage);
            return;
        }
        let all = text.as_str();
        let mut at = 0;
        for (i, part) in all.split([' ', '\t', '\n']).enumerate() {
            let ended = if i > 0 {
                Some(Draft { text: Text::at(usage.span), start, random, quoted: false })
            } else {
                None
            };
            if let Some(next) = ended {
                let done = std::mem::replace(draft, next);
                self.end_word(done);
            }
            draft.text.push_use(text.slice().range(at..at + part.len()), usage.clone());
            at += part.len() + 1;
        }
    }
}

fn shell(encoding: Encoding) -> Encoding {
    Encoding { base: Base::Shell, ..encoding }
}
