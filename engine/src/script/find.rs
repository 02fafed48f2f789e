//! The commands of a script that say something about a Kafka cluster, with their arguments sorted out.

use super::wrapper::program;
use super::{Command, Word};
use crate::source::Span;
use crate::text::{HOLE, Text};

/// What `kafka-storage format` is given as the cluster's id.
#[derive(Debug, Clone)]
pub enum ClusterId {
    /// This.
    Known(Text),
    /// What `kafka-storage random-uuid` prints: another one each time.
    Random(Span),
    /// Something that comes from elsewhere.
    Unknown(Span),
}

/// A call of `kafka-storage format`.
#[derive(Debug, Clone)]
pub struct Format {
    /// The program's name.
    pub tool: Span,
    /// `-t`, `--cluster-id`.
    pub cluster_id: Option<ClusterId>,
    /// `-c`, `--config`: the properties file.
    pub config: Option<Text>,
    /// `-s`, `--standalone`.
    pub standalone: Option<Span>,
    /// `-I`, `--initial-controllers`.
    pub initial_controllers: Option<Text>,
    /// `-N`, `--no-initial-controllers`.
    pub no_initial_controllers: Option<Span>,
    /// `-g`, `--ignore-formatted`.
    pub ignore_formatted: Option<Span>,
    /// `-r`, `--release-version`.
    pub release_version: Option<Text>,
    /// `-S`, `--add-scram`, each.
    pub add_scram: Vec<Text>,
    /// `-f`, `--feature`, each.
    pub features: Vec<Text>,
    /// The script speaks of `meta.properties`: it may format only what is not formatted yet.
    pub looks_for_meta: bool,
    /// Every word behind `format`.
    pub words: Vec<Word>,
    /// The outermost host or container in which it runs, if not right here.
    pub host: Option<Text>,
    /// An argument is wholly unknown: it may be any option.
    pub open: bool,
    /// The whole command.
    pub span: Span,
}

/// A call of `kafka-topics --create`.
#[derive(Debug, Clone)]
pub struct CreateTopic {
    /// `--topic`.
    pub name: Option<Text>,
    /// `--partitions`.
    pub partitions: Option<Text>,
    /// `--replication-factor`.
    pub replication_factor: Option<Text>,
    /// `--config`, each, at its first `=`.
    pub configs: Vec<(Text, Text)>,
    /// `--bootstrap-server`.
    pub bootstrap: Option<Text>,
    /// The outermost host or container in which it runs, if not right here.
    pub host: Option<Text>,
    /// An argument is wholly unknown: it may be any option.
    pub open: bool,
    /// The whole command.
    pub span: Span,
}

/// A call of `kafka-server-start`.
#[derive(Debug, Clone)]
pub struct ServerStart {
    /// The properties file.
    pub config: Option<Text>,
    /// `--override`, each, at its first `=`; the last of several with one key counts.
    pub overrides: Vec<(Text, Text)>,
    /// The outermost host or container in which it runs, if not right here.
    pub host: Option<Text>,
    /// An argument is wholly unknown: it may be any option.
    pub open: bool,
    /// The whole command.
    pub span: Span,
}

/// A call of `docker run`, `docker create` or the same of podman.
#[derive(Debug, Clone)]
pub struct DockerRun {
    /// `--name`.
    pub name: Option<Text>,
    /// The image.
    pub image: Option<Text>,
    /// `--network`, `--net`.
    pub network: Option<Text>,
    /// `-h`, `--hostname`.
    pub hostname: Option<Text>,
    /// `-e`, `--env`, each: `NAME=value`, or a name alone.
    pub env: Vec<Text>,
    /// `--env-file`, each.
    pub env_files: Vec<Text>,
    /// `-p`, `--publish`, each.
    pub publishes: Vec<Text>,
    /// `-v`, `--volume`, each.
    pub volumes: Vec<Text>,
    /// `--mount`, each.
    pub mounts: Vec<Text>,
    /// `--entrypoint`.
    pub entrypoint: Option<Text>,
    /// What stands behind the image.
    pub command: Vec<Text>,
    /// The outermost host on which it runs, if not right here.
    pub host: Option<Text>,
    /// An argument is wholly unknown: it may be any option.
    pub open: bool,
    /// The whole command.
    pub span: Span,
}

/// An option's long name, its letter, and whether it takes a value.
type Known = (&'static str, Option<char>, bool);

const FORMAT: &[Known] = &[
    ("cluster-id", Some('t'), true),
    ("config", Some('c'), true),
    ("standalone", Some('s'), false),
    ("initial-controllers", Some('I'), true),
    ("no-initial-controllers", Some('N'), false),
    ("ignore-formatted", Some('g'), false),
    ("release-version", Some('r'), true),
    ("add-scram", Some('S'), true),
    ("feature", Some('f'), true),
    ("help", Some('h'), false),
];

const TOPICS: &[Known] = &[
    ("alter", None, false),
    ("at-min-isr-partitions", None, false),
    ("bootstrap-server", None, true),
    ("command-config", None, true),
    ("config", None, true),
    ("create", None, false),
    ("delete", None, false),
    ("delete-config", None, true),
    ("describe", None, false),
    ("disable-rack-aware", None, false),
    ("exclude-internal", None, false),
    ("help", None, false),
    ("if-exists", None, false),
    ("if-not-exists", None, false),
    ("list", None, false),
    ("partitions", None, true),
    ("replica-assignment", None, true),
    ("replication-factor", None, true),
    ("topic", None, true),
    ("topic-id", None, true),
    ("topics-with-overrides", None, false),
    ("version", None, false),
    ("zookeeper", None, true),
];

/// An argument: an option with its value, or something that is none.
struct Argument {
    name: Option<&'static str>,
    value: Option<Text>,
    random: bool,
    span: Span,
}

/// Sorts the arguments out. Long options may be cut short where that is unambiguous, as the tools' parsers
/// (argparse4j, jopt-simple) allow.
fn arguments(words: &[Word], known: &[Known]) -> Vec<Argument> {
    let mut found = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.text.as_str();
        let (option, mut value) = if let Some(long) = text.strip_prefix("--").filter(|l| !l.is_empty()) {
            let (name, value) = match word.text.slice().split_once(b'=') {
                Some((name, value)) => (name.as_str().get(2..).unwrap_or(""), Some(value.to_text())),
                None => (long, None),
            };
            let mut candidates = known.iter().filter(|k| k.0.starts_with(name));
            let exact = known.iter().find(|k| k.0 == name);
            (exact.or_else(|| candidates.next().filter(|_| candidates.next().is_none())), value)
        } else if let Some(short) = text.strip_prefix('-').filter(|s| !s.is_empty()) {
            let letter = short.chars().next();
            let option = known.iter().find(|k| k.1.is_some() && k.1 == letter);
            let from = if short.get(1..).is_some_and(|s| s.starts_with('=')) { 3 } else { 2 };
            let value = word.text.slice().range(from..text.len());
            (option, (!value.is_empty() && option.is_some_and(|o| o.2)).then(|| value.to_text()))
        } else {
            (None, Some(word.text.clone()))
        };
        let (mut random, mut span) = (word.random_uuid, word.span);
        if let Some((_, _, true)) = option
            && value.is_none()
            && let Some(next) = rest.next()
        {
            value = Some(next.text.clone());
            random = next.random_uuid;
            span = span.cover(next.span);
        }
        found.push(Argument { name: option.map(|o| o.0), value, random, span });
    }
    found
}

/// The words behind the first one whose program is `tool`. Not in commands that only print, search or copy.
fn behind<'c>(command: &'c Command, tool: &str) -> Option<(&'c Word, &'c [Word])> {
    let first = command.words.first()?;
    let others = [
        "echo", "printf", "cat", "ls", "grep", "egrep", "sed", "awk", "which", "type", "find", "test", "[",
        "rm", "cp", "mv", "ln", "chmod", "chown", "wget", "curl", "man", "alias", "export", "pgrep", "pkill",
        "kill",
    ];
    if command.delegates || others.contains(&program(&first.text)) {
        return None;
    }
    let is_tool = |word: &&Word| {
        let name = program(&word.text);
        let name = name.strip_suffix(".sh").or_else(|| name.strip_suffix(".bat")).unwrap_or(name);
        name == tool
    };
    let at = command.words.iter().position(|w| is_tool(&w))?;
    command.words.get(at..)?.split_first()
}

fn is_open(words: &[Word]) -> bool {
    let unknown = |w: &Word| {
        w.text.as_str().chars().all(|c| c == HOLE) && !w.random_uuid && !w.text.as_str().is_empty()
    };
    // The value of an option is one word; what may be more stands where an option could.
    let mut previous_is_option = false;
    words.iter().any(|word| {
        let open = unknown(word) && !previous_is_option;
        previous_is_option = word.text.as_str().starts_with('-');
        open
    })
}

fn pair(text: &Text) -> (Text, Text) {
    match text.slice().split_once(b'=') {
        Some((key, value)) => (key.to_text(), value.to_text()),
        None => {
            let end = Span { start: text.span().end, ..text.span() };
            (text.clone(), Text::at(end))
        }
    }
}

fn host(command: &Command) -> Option<Text> {
    command.hosts.first().cloned()
}

pub(super) fn format(command: &Command) -> Option<Format> {
    let (tool, rest) = behind(command, "kafka-storage")?;
    let (verb, rest) = rest.split_first()?;
    if verb.text.as_str() != "format" {
        return None;
    }
    let mut found = Format {
        tool: tool.span,
        cluster_id: None,
        config: None,
        standalone: None,
        initial_controllers: None,
        no_initial_controllers: None,
        ignore_formatted: None,
        release_version: None,
        add_scram: Vec::new(),
        features: Vec::new(),
        looks_for_meta: false,
        words: rest.to_vec(),
        host: host(command),
        open: is_open(rest),
        span: command.span,
    };
    for Argument { name, value, random, span } in arguments(rest, FORMAT) {
        match (name, value) {
            (Some("cluster-id"), Some(value)) => {
                found.cluster_id = Some(match (random, value.known()) {
                    (true, _) => ClusterId::Random(value.span()),
                    (false, None) => ClusterId::Unknown(value.span()),
                    (false, Some(_)) => ClusterId::Known(value),
                });
            }
            (Some("config"), value) => found.config = value,
            (Some("standalone"), _) => found.standalone = Some(span),
            (Some("initial-controllers"), value) => found.initial_controllers = value,
            (Some("no-initial-controllers"), _) => found.no_initial_controllers = Some(span),
            (Some("ignore-formatted"), _) => found.ignore_formatted = Some(span),
            (Some("release-version"), value) => found.release_version = value,
            (Some("add-scram"), Some(value)) => found.add_scram.push(value),
            (Some("feature"), Some(value)) => found.features.push(value),
            _ => {}
        }
    }
    Some(found)
}

pub(super) fn create_topic(command: &Command) -> Option<CreateTopic> {
    let (_, rest) = behind(command, "kafka-topics")?;
    let all = arguments(rest, TOPICS);
    if !all.iter().any(|a| a.name == Some("create")) {
        return None;
    }
    let mut found = CreateTopic {
        name: None,
        partitions: None,
        replication_factor: None,
        configs: Vec::new(),
        bootstrap: None,
        host: host(command),
        open: is_open(rest),
        span: command.span,
    };
    for Argument { name, value, .. } in all {
        match (name, value) {
            (Some("topic"), value) => found.name = value,
            (Some("partitions"), value) => found.partitions = value,
            (Some("replication-factor"), value) => found.replication_factor = value,
            (Some("bootstrap-server"), value) => found.bootstrap = value,
            (Some("config"), Some(value)) => found.configs.push(pair(&value)),
            _ => {}
        }
    }
    Some(found)
}

pub(super) fn server_start(command: &Command) -> Option<ServerStart> {
    let (_, mut rest) = behind(command, "kafka-server-start")?;
    // The script takes this one, and only in first place.
    if let Some((first, others)) = rest.split_first()
        && first.text.as_str() == "-daemon"
    {
        rest = others;
    }
    let (config, rest) = match rest.split_first() {
        Some((file, others)) if !file.text.as_str().starts_with('-') => (Some(file.text.clone()), others),
        _ => (None, rest),
    };
    let all = arguments(rest, &[("override", None, true), ("version", None, false), ("help", None, false)]);
    let overrides = all.iter().filter(|a| a.name == Some("override"));
    let overrides = overrides.filter_map(|a| a.value.as_ref().map(pair)).collect();
    Some(ServerStart { config, overrides, host: host(command), open: is_open(rest), span: command.span })
}

/// The arguments of `docker run`.
pub(super) struct RunOptions<'w> {
    pub(super) name: Option<Text>,
    pub(super) image: Text,
    network: Option<Text>,
    hostname: Option<Text>,
    entrypoint: Option<Text>,
    env: Vec<Text>,
    env_files: Vec<Text>,
    publishes: Vec<Text>,
    volumes: Vec<Text>,
    mounts: Vec<Text>,
    pub(super) command: &'w [Word],
    open: bool,
}

/// The options of `docker run` without a value; all others take one.
const FLAGS: &[&str] = &[
    "detach",
    "disable-content-trust",
    "help",
    "init",
    "interactive",
    "no-deps",
    "no-healthcheck",
    "oom-kill-disable",
    "privileged",
    "publish-all",
    "quiet",
    "quiet-pull",
    "read-only",
    "replace",
    "rm",
    "service-ports",
    "sig-proxy",
    "tty",
    "use-aliases",
    "build",
    "no-TTY",
    "remove-orphans",
    "rmi",
    "tls-verify",
];

/// Reads what stands behind `run`. `None` if there is no image.
pub(super) fn run_options(words: &[Word]) -> Option<RunOptions<'_>> {
    let mut found = RunOptions {
        name: None,
        image: Text::at(words.first()?.span),
        network: None,
        hostname: None,
        entrypoint: None,
        env: Vec::new(),
        env_files: Vec::new(),
        publishes: Vec::new(),
        volumes: Vec::new(),
        mounts: Vec::new(),
        command: &[],
        open: false,
    };
    let mut rest = words;
    while let Some((word, others)) = rest.split_first() {
        rest = others;
        let text = word.text.as_str();
        if !text.starts_with('-') || text == "--" {
            let image = if text == "--" {
                let (image, others) = rest.split_first()?;
                rest = others;
                image
            } else {
                word
            };
            // An unknown word before the image may be options.
            if image.text.slice().is_all_hole()
                && rest.first().is_some_and(|w| w.text.as_str().starts_with('-'))
            {
                found.open = true;
                continue;
            }
            found.image = image.text.clone();
            found.command = rest;
            return Some(found);
        }
        let (name, mut value) = if let Some(long) = text.strip_prefix("--") {
            match word.text.slice().split_once(b'=') {
                Some((name, value)) => (name.as_str().get(2..).unwrap_or(""), Some(value.to_text())),
                None => (long, None),
            }
        } else {
            // Letters without value may stand before one with: -dp 80:80.
            let flags = text.get(1..).unwrap_or("").trim_start_matches(['d', 'i', 't', 'P', 'q', 'T']);
            let Some(letter) = flags.chars().next() else { continue };
            let from = text.len() - flags.len() + letter.len_utf8();
            let value = word.text.slice().range(from..text.len());
            let value =
                if value.as_str().starts_with('=') { value.range(1..value.as_str().len()) } else { value };
            let name = match letter {
                'e' => "env",
                'p' => "publish",
                'v' => "volume",
                'h' => "hostname",
                _ => "",
            };
            (name, (!value.is_empty()).then(|| value.to_text()))
        };
        if FLAGS.contains(&name) {
            continue;
        }
        if value.is_none() {
            let (next, others) = rest.split_first()?;
            value = Some(next.text.clone());
            rest = others;
        }
        let Some(value) = value else { continue };
        match name {
            "name" => found.name = Some(value),
            "network" | "net" => found.network = Some(value),
            "hostname" => found.hostname = Some(value),
            "entrypoint" => found.entrypoint = Some(value),
            "env" => found.env.push(value),
            "env-file" => found.env_files.push(value),
            "publish" => found.publishes.push(value),
            "volume" => found.volumes.push(value),
            "mount" => found.mounts.push(value),
            _ => {}
        }
    }
    None
}

pub(super) fn docker_run(command: &Command) -> Option<DockerRun> {
    let (first, rest) = command.words.split_first()?;
    if !matches!(program(&first.text), "docker" | "podman" | "nerdctl") {
        return None;
    }
    let verb = rest.iter().position(|w| matches!(w.text.as_str(), "run" | "create" | "compose" | "exec"))?;
    let (verb, rest) = rest.get(verb..)?.split_first()?;
    if !matches!(verb.text.as_str(), "run" | "create") {
        return None;
    }
    let run = run_options(rest)?;
    Some(DockerRun {
        name: run.name,
        image: Some(run.image),
        network: run.network,
        hostname: run.hostname,
        env: run.env,
        env_files: run.env_files,
        publishes: run.publishes,
        volumes: run.volumes,
        mounts: run.mounts,
        entrypoint: run.entrypoint,
        command: run.command.iter().map(|w| w.text.clone()).collect(),
        host: host(command),
        open: run.open,
        span: command.span,
    })
}
