//! Commands that start other commands: `sudo`, `ssh host "…"`, `docker exec`, `bash -c "…"`.

use super::Word;
use super::find::run_options;
use crate::source::{FileId, Span};
use crate::text::Text;

/// The most words behind `ssh host` that are read as a command.
const MAX_JOINED: usize = 500;

/// What a command starts in its turn.
pub(super) enum Inner {
    Nothing,
    /// A script in a word, on another host or right here.
    Script {
        text: Text,
        host: Option<Text>,
    },
    Words {
        words: Vec<Word>,
        host: Option<Text>,
    },
}

/// The part of a path behind its last `/`.
pub(super) fn program(word: &Text) -> &str {
    word.as_str().rsplit('/').next().unwrap_or("")
}

/// `words` without what only starts another command in its own surroundings: `sudo`, `exec`, `env A=b` …
fn bare(mut words: &[Word]) -> &[Word] {
    while let Some((first, rest)) = words.split_first() {
        let takes_value: &[&str] = match program(&first.text) {
            "sudo" => &["-u", "-g", "-h", "-p", "-C", "-D", "-R", "-T", "-U"],
            "nohup" | "exec" | "time" | "command" | "builtin" | "setsid" | "winpty" | "then" | "tini" => &[],
            "env" => &["-u", "-C", "-S"],
            "nice" => &["-n"],
            "timeout" => &["-s", "-k"],
            "gosu" | "su-exec" => &[],
            _ => return words,
        };
        let skips = matches!(program(&first.text), "timeout" | "gosu" | "su-exec");
        words = options(rest, takes_value);
        while let Some((word, rest)) = words.split_first() {
            if !is_assignment(word.text.as_str()) {
                break;
            }
            words = rest;
        }
        if skips {
            words = words.get(1..).unwrap_or_default();
        }
    }
    words
}

/// `words` behind the options at their start. Those of `takes_value` have their value in the next word.
fn options<'w>(mut words: &'w [Word], takes_value: &[&str]) -> &'w [Word] {
    while let Some((word, rest)) = words.split_first() {
        let option = word.text.as_str();
        if option == "--" {
            return rest;
        }
        if !option.starts_with('-') || option.len() < 2 {
            break;
        }
        let skip = usize::from(takes_value.contains(&option));
        words = rest.get(skip..).unwrap_or_default();
    }
    words
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| is_name(name))
}

pub(super) fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

pub(super) fn inner(words: &[Word]) -> Inner {
    let all = words;
    let words = bare(words);
    let Some((first, rest)) = words.split_first() else { return Inner::Nothing };
    match program(&first.text) {
        "ssh" => {
            let with_value = [
                "-p", "-i", "-l", "-o", "-F", "-J", "-b", "-c", "-D", "-E", "-e", "-I", "-L", "-m", "-O",
                "-Q", "-R", "-S", "-W", "-w", "-B", "-P",
            ];
            match options(rest, &with_value).split_first() {
                Some((host, command)) if !command.is_empty() && command.len() <= MAX_JOINED => {
                    // A user before the host says nothing about the host.
                    let name = host.text.slice();
                    let name = name.rsplit_once(b'@').map_or(name, |(_, host)| host);
                    Inner::Script { text: joined(options(command, &[])), host: Some(name.to_text()) }
                }
                _ => Inner::Nothing,
            }
        }
        "bash" | "sh" | "dash" | "zsh" | "ash" | "ksh" => {
            let mut words = rest;
            while let Some((word, rest)) = words.split_first() {
                let option = word.text.as_str();
                if !option.starts_with(['-', '+']) {
                    break;
                }
                if option.starts_with('-') && !option.starts_with("--") && option.ends_with('c') {
                    return script(rest.first());
                }
                words = rest.get(usize::from(option == "-o")..).unwrap_or_default();
            }
            Inner::Nothing
        }
        "su" | "runuser" => match rest.iter().position(|w| matches!(w.text.as_str(), "-c" | "--command")) {
            Some(at) => script(rest.get(at + 1)),
            None => Inner::Nothing,
        },
        "eval" if !rest.is_empty() && rest.len() <= MAX_JOINED => {
            Inner::Script { text: joined(rest), host: None }
        }
        "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose" | "kubectl" => container(rest),
        _ if words.len() < all.len() => Inner::Words { words: words.to_vec(), host: None },
        _ => Inner::Nothing,
    }
}

fn script(word: Option<&Word>) -> Inner {
    word.map_or(Inner::Nothing, |w| Inner::Script { text: w.text.clone(), host: None })
}

/// `docker exec NAME command`, `docker run IMAGE command` and their kin.
fn container(rest: &[Word]) -> Inner {
    let verb = rest.iter().position(|w| matches!(w.text.as_str(), "exec" | "run" | "create"));
    let Some((verb, rest)) = verb.and_then(|at| rest.get(at..)?.split_first()) else { return Inner::Nothing };
    if verb.text.as_str() != "exec" {
        return match run_options(rest) {
            Some(run) if !run.command.is_empty() => {
                Inner::Words { words: run.command.to_vec(), host: Some(run.name.unwrap_or(run.image)) }
            }
            _ => Inner::Nothing,
        };
    }
    let with_value = [
        "-e",
        "--env",
        "-u",
        "--user",
        "-w",
        "--workdir",
        "--env-file",
        "--index",
        "--detach-keys",
        "-n",
        "--namespace",
        "-c",
        "--container",
    ];
    match options(rest, &with_value).split_first() {
        Some((host, command)) if !command.is_empty() => {
            let command = options(command, &[]);
            Inner::Words { words: command.to_vec(), host: Some(host.text.clone()) }
        }
        _ => Inner::Nothing,
    }
}

/// `words` with blanks between them, as ssh hands them to the other side.
fn joined(words: &[Word]) -> Text {
    let place = words.iter().map(|w| w.span).reduce(Span::cover);
    let mut text = match (words, place) {
        ([word], _) => return word.text.clone(),
        (_, Some(place)) => Text::at(place),
        (_, None) => return Text::at(Span::new(FileId(0), 0..0)),
    };
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            text.push_decoded(" ", Span { end: word.span.start, ..word.span });
        }
        text.push_slice(word.text.slice(), |e| e);
    }
    text
}
