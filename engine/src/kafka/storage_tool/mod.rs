//! `kafka-storage format`: would the tool of a release refuse this command?
//!
//! Sources: `StorageTool` (3.0 … 4.4), `Formatter` (3.9 and later), `MetaPropertiesEnsemble` (3.7 and later), all run with
//! `oracle/kafka/fuzz-format`. Not for what the tool says of server.properties: it reads the file with `KafkaConfig`, and the
//! rules of the start-up checks tell that; nor of the form of the cluster id ([`super::cluster_id`]). What is not known is never
//! refused.

mod base64;
mod directory;
mod levels;
mod scram;
mod voters;

use std::collections::BTreeMap;

pub use directory::{Directory, Stored};
pub use voters::{InitialController, initial_controllers};

use super::role::Roles;
use super::version::{Release, VersionSet};
use crate::script::{Arguments, Given, Grammar, Misuse, Opt, Word};
use crate::text::{Slice, Text};

const CONFIG: Opt = Opt { long: "config", letter: 'c', takes_value: true, excludes: false };
const CLUSTER_ID: Opt = Opt { long: "cluster-id", letter: 't', takes_value: true, excludes: false };
const IGNORE_FORMATTED: Opt =
    Opt { long: "ignore-formatted", letter: 'g', takes_value: false, excludes: false };
const RELEASE_VERSION: Opt = Opt { long: "release-version", letter: 'r', takes_value: true, excludes: false };
const ADD_SCRAM: Opt = Opt { long: "add-scram", letter: 'S', takes_value: true, excludes: false };
const FEATURE: Opt = Opt { long: "feature", letter: 'f', takes_value: true, excludes: false };
const STANDALONE: Opt = Opt { long: "standalone", letter: 's', takes_value: false, excludes: true };
const NO_INITIAL: Opt =
    Opt { long: "no-initial-controllers", letter: 'N', takes_value: false, excludes: true };
const INITIAL: Opt = Opt { long: "initial-controllers", letter: 'I', takes_value: true, excludes: true };
const HELP: Opt = Opt { long: "help", letter: 'h', takes_value: false, excludes: false };

/// The options, in the order in which releases brought them: four of 3.0, and what 3.3, 3.5, 3.8 and 3.9 added.
const OPTIONS: &[&Opt] = &[
    &CONFIG,
    &CLUSTER_ID,
    &IGNORE_FORMATTED,
    &HELP,
    &RELEASE_VERSION,
    &ADD_SCRAM,
    &FEATURE,
    &STANDALONE,
    &NO_INITIAL,
    &INITIAL,
];

/// What the tool of `release` understands behind `format`.
fn grammar(release: Release) -> Grammar {
    let known = match release.parts() {
        v if v < (3, 3, 0) => 4,
        v if v < (3, 5, 0) => 5,
        v if v < (3, 8, 0) => 6,
        v if v < (3, 9, 0) => 7,
        _ => OPTIONS.len(),
    };
    Grammar { options: OPTIONS.get(..known).unwrap_or(OPTIONS), files: release.parts() >= (3, 5, 0) }
}

/// What the newest tool understands.
#[must_use]
pub fn newest_grammar() -> Grammar {
    Grammar { options: OPTIONS, files: true }
}

/// A setting of the node, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub enum Setting<'n> {
    /// This text.
    Known(&'n str),
    /// Nobody sets it.
    Unset,
    /// It cannot be told.
    Unknown,
}

/// What the tool gets out of server.properties and finds on the disk.
pub struct Server<'n> {
    /// `process.roles`; `None` when they are not known.
    pub roles: Option<Roles>,
    /// `node.id`.
    pub id: Option<i32>,
    /// Are there static voters?
    pub has_voters: Option<bool>,
    /// Any other setting.
    pub setting: &'n dyn Fn(&str) -> Setting<'n>,
    /// Host and port of the first controller listener, as written.
    pub controller_listener: Option<(&'n str, &'n str)>,
    /// The elements of `log.dirs`.
    pub log_dirs: usize,
    /// The log directories that are written, the metadata directory among them, each once.
    pub directories: Vec<Directory<'n>>,
}

/// What kind of thing is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The release does not have the option.
    NotYet,
    /// The command line cannot be read.
    CommandLine,
    /// There is no cluster id.
    NoClusterId,
    /// `--release-version`, `--feature` or `--add-scram` has a value that the release does not take.
    Value,
    /// `inter.broker.protocol.version` of the configuration, which stands for `--release-version`.
    Protocol,
    /// Nobody says which controllers begin the quorum, or what is said fits no quorum.
    Quorum,
    /// Static voters together with the first voters of a dynamic quorum.
    StaticVoters,
    /// The configuration has no role.
    NoRole,
    /// A directory on the disk, by its index in [`Server::directories`].
    Directory(usize),
}

/// Why a release refuses.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What kind of fault it is.
    pub kind: Kind,
    /// The argument; `None` when something is missing or lies elsewhere.
    pub at: Option<Text>,
    /// What is wrong, in words that begin in lower case.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

impl Fault {
    fn new(kind: Kind, at: Option<Slice<'_>>, message: impl Into<String>, help: &'static str) -> Fault {
        Fault { kind, at: at.map(Slice::to_text), message: message.into(), help }
    }

    fn is_same(&self, other: &Fault) -> bool {
        let span = |f: &Fault| f.at.as_ref().map(Text::span);
        self.kind == other.kind && self.message == other.message && span(self) == span(other)
    }
}

/// What each of `releases` refuses of `kafka-storage format` with these words behind it; the releases of each fault.
#[must_use]
pub fn faults(words: &[Word], server: &Server<'_>, releases: VersionSet) -> Vec<(Fault, VersionSet)> {
    let mut all: Vec<(Fault, VersionSet)> = Vec::new();
    for release in releases.iter() {
        let this = VersionSet::from_bits(1 << release.index());
        for fault in of_release(words, server, release) {
            match all.iter_mut().find(|(known, _)| known.is_same(&fault)) {
                Some((_, on)) => *on = on.or(this),
                None => all.push((fault, this)),
            }
        }
    }
    all
}

fn of_release(words: &[Word], server: &Server<'_>, release: Release) -> Vec<Fault> {
    let given = match grammar(release).read(words) {
        Err((word, misuse)) => return vec![misused(&word, misuse, release)],
        Ok(Arguments::Open) => return Vec::new(),
        Ok(Arguments::Help) if release.parts() >= (3, 9, 0) => return Vec::new(),
        Ok(Arguments::Help) => {
            return vec![Fault::new(
                Kind::CommandLine,
                None,
                "--help formats nothing",
                "Up to Kafka 3.8 the tool ends with an error behind its help.",
            )];
        }
        Ok(Arguments::Given(given)) => given,
    };
    let command = Command::new(&given, release);
    let mut found = command.missing();
    let mut metadata = None;
    if release.parts() >= (3, 3, 0) {
        match command.metadata_version(server) {
            Ok(level) => metadata = level,
            Err(fault) => found.push(*fault),
        }
    }
    found.extend(command.roles(server));
    found.extend(command.quorum(server));
    found.extend(command.features(server, metadata));
    found.extend(command.scram(metadata));
    found.extend(command.directories(server, metadata));
    found
}

fn misused(word: &Text, misuse: Misuse, release: Release) -> Fault {
    const HELP: &str = "kafka-storage format takes --cluster-id and --config; further --ignore-formatted, --release-version (3.3 and \
                        later), --add-scram (3.5 and later), --feature (3.8 and later), and one of --standalone, \
                        --initial-controllers, --no-initial-controllers (3.9 and later).";
    let text = word.as_str();
    let short = text.split_once('=').map_or(text, |(flag, _)| flag);
    let slice = Some(word.slice());
    let stands_later = misuse == Misuse::Unknown && {
        let word = [Word { text: word.clone(), span: word.span(), random_uuid: false }];
        !matches!(newest_grammar().read(&word), Err((_, Misuse::Unknown)))
    };
    if stands_later {
        let message = format!("the tool of this release has no option `{short}`");
        let help = if release.parts() < (3, 3, 0) {
            "Up to Kafka 3.2 the tool takes --cluster-id, --config and --ignore-formatted only."
        } else {
            HELP
        };
        return Fault::new(Kind::NotYet, slice, message, help);
    }
    let message = match misuse {
        Misuse::Unknown => format!("kafka-storage format has no option `{short}`"),
        Misuse::Ambiguous => format!("several options of kafka-storage format begin with `{short}`"),
        Misuse::NoValue => format!("the option `{short}` has no value"),
        Misuse::UnwantedValue => format!("the option `{short}` takes no value"),
        Misuse::Excluded => {
            "--standalone, --initial-controllers and --no-initial-controllers exclude each other".to_owned()
        }
        Misuse::NoFile => {
            format!("`{short}` begins with @ and so is taken for the name of a file with further options")
        }
        Misuse::Stray => "a word that is neither an option nor the value of one".to_owned(),
    };
    Fault::new(Kind::CommandLine, slice, message, HELP)
}

/// The command, as one release reads it.
struct Command<'a> {
    given: &'a [Given],
    release: Release,
}

impl<'a> Command<'a> {
    fn new(given: &'a [Given], release: Release) -> Command<'a> {
        Command { given, release }
    }

    fn has(&self, option: &Opt) -> Option<&'a Given> {
        self.given.iter().find(|g| g.option == option.long)
    }

    /// The value of an option; the last of several counts.
    fn value(&self, option: &Opt) -> Option<Slice<'a>> {
        self.given.iter().rev().find(|g| g.option == option.long)?.value.as_ref().map(Text::slice)
    }

    fn values(&self, option: &'static Opt) -> impl Iterator<Item = Slice<'a>> {
        let of = self.given.iter().filter(|g| g.option == option.long);
        of.filter_map(|g| g.value.as_ref().map(Text::slice))
    }

    fn is(&self, from: (u32, u32, u32)) -> bool {
        self.release.parts() >= from
    }

    /// Before 3.9.2, 4.0.2 and 4.1.1 the first voters alone made a quorum dynamic (KAFKA-19719).
    fn by_configuration(&self) -> bool {
        let v = self.release.parts();
        v >= (3, 9, 2) && !matches!(v, (4, 0, 0 | 1) | (4, 1, 0))
    }

    fn missing(&self) -> Vec<Fault> {
        let mut found = Vec::new();
        if self.has(&CONFIG).is_none() {
            found.push(Fault::new(
                Kind::CommandLine,
                None,
                "kafka-storage format is not told which configuration to use",
                "Name the file: --config server.properties.",
            ));
        }
        if self.has(&CLUSTER_ID).is_none() {
            found.push(Fault::new(
                Kind::NoClusterId,
                None,
                "kafka-storage format is given no cluster id",
                "Make an id once with kafka-storage random-uuid and give it to every node: --cluster-id ID.",
            ));
        }
        found
    }

    /// The tool formats for KRaft only; the configuration class takes a node of ZooKeeper days, and 4.0 and 4.1 one
    /// without roles.
    fn roles(&self, server: &Server<'_>) -> Option<Fault> {
        let roles = server.roles?;
        if roles.broker || roles.controller {
            return None;
        }
        Some(Fault::new(
            Kind::NoRole,
            None,
            "kafka-storage format formats nodes in KRaft mode only, and this one has no role",
            "Set process.roles, or leave a node of ZooKeeper days unformatted.",
        ))
    }

    fn unstable(&self, server: &Server<'_>) -> Option<bool> {
        let key = match self.release.parts() {
            v if v < (3, 7, 0) => return Some(false),
            v if v < (3, 8, 0) => "unstable.metadata.versions.enable",
            _ => "unstable.feature.versions.enable",
        };
        match (server.setting)(key) {
            Setting::Known(text) => Some(text.trim().eq_ignore_ascii_case("true")),
            Setting::Unset => Some(false),
            Setting::Unknown => None,
        }
    }

    /// The level of `metadata.version` that is written; `None` when it is not known, or up to 3.2.
    fn metadata_version(&self, server: &Server<'_>) -> Result<Option<i16>, Box<Fault>> {
        const HELP: &str = "Write a release that this Kafka knows, such as 3.9 or 4.0, or leave the option away: the newest level is \
                            the default.";
        let features: Vec<Slice<'a>> = self.values(&FEATURE).collect();
        let asked =
            features.iter().rev().find(|f| feature(**f).is_some_and(|(name, _)| name == levels::METADATA));
        let release_version = self.value(&RELEASE_VERSION);
        let protocol = self.protocol(server);
        let named = release_version.is_some() || matches!(protocol, Some(Setting::Known(_)));
        if let Some(feature) = asked.filter(|_| named && self.is((3, 9, 0))) {
            return Err(Box::new(Fault::new(
                Kind::Value,
                Some(*feature),
                "the level of metadata.version is given twice",
                "Use --release-version, or --feature metadata.version=LEVEL, not both (and no inter.broker.protocol.version).",
            )));
        }
        if let (Some(release_version), false, false) =
            (release_version, features.is_empty(), self.is((3, 9, 0)))
        {
            return Err(Box::new(Fault::new(
                Kind::Value,
                Some(release_version),
                "--release-version and --feature exclude each other up to Kafka 3.8",
                "Leave one of the two away.",
            )));
        }
        // Up to 3.8 it is read even where --release-version takes its place.
        if let Some(Setting::Known(text)) = protocol
            && !self.is((3, 9, 0))
            && levels::named(text, self.release).is_none()
        {
            let message = "inter.broker.protocol.version is none that kafka-storage of this release knows";
            return Err(Box::new(Fault::new(Kind::Protocol, None, message, HELP)));
        }
        let unstable = self.unstable(server);
        let (level, at, kind) = if let Some(feature) = asked {
            let Some((_, Some(level))) = self::feature(*feature) else { return Ok(None) };
            (Some(level), Some(*feature), Kind::Value)
        } else if let Some(text) = release_version {
            let Some(known) = text.known() else { return Ok(None) };
            (levels::named(known, self.release), Some(text), Kind::Value)
        } else {
            match protocol {
                Some(Setting::Known(text)) => (levels::named(text, self.release), None, Kind::Protocol),
                Some(Setting::Unknown) => return Ok(None),
                _ => return Ok(unstable.and_then(|u| levels::default(self.release, u))),
            }
        };
        let what = at.map_or("inter.broker.protocol.version", |_| "the release version");
        let fault = |why: &str| Err(Box::new(Fault::new(kind, at, format!("{what} {why}"), HELP)));
        let Some(level) = level.filter(|l| levels::has(levels::METADATA, *l, self.release, true)) else {
            return fault("is none that kafka-storage of this release knows");
        };
        // 3.3 and 3.4 notice only when they write a directory.
        let lenient = !self.is((3, 5, 0)) && !self.writes(server);
        if level < FIRST_BOOTSTRAP && !lenient {
            return fault("is below 3.3, and kafka-storage of 3.3 and later formats none such");
        }
        match unstable {
            None => Ok(levels::has(levels::METADATA, level, self.release, false).then_some(level)),
            Some(unstable) if levels::has(levels::METADATA, level, self.release, unstable) => Ok(Some(level)),
            Some(_) => fault("is not finished in this release"),
        }
    }

    /// `inter.broker.protocol.version`, where it stands for the release version.
    fn protocol<'n>(&self, server: &Server<'n>) -> Option<Setting<'n>> {
        (!self.is((4, 0, 0))).then(|| match (server.setting)("inter.broker.protocol.version") {
            // The configuration class trims the value; from 3.7 on the tool takes it as it was read.
            Setting::Known(text) if !self.is((3, 7, 0)) => Setting::Known(text.trim()),
            other => other,
        })
    }

    /// Is there a directory that the command writes?
    fn writes(&self, server: &Server<'_>) -> bool {
        server.directories.is_empty() || server.directories.iter().any(Directory::is_empty)
    }

    /// Does the quorum become a dynamic one? `None` when that is not known.
    fn is_dynamic(&self, server: &Server<'_>) -> Option<bool> {
        if self.by_configuration() {
            return server.has_voters.map(|has| !has);
        }
        let first = self.has(&STANDALONE).or(self.has(&INITIAL)).is_some();
        let none = self.has(&NO_INITIAL).is_some() && self.is((3, 9, 1));
        Some(first || none)
    }

    fn quorum(&self, server: &Server<'_>) -> Vec<Fault> {
        let mut found = Vec::new();
        let controller = server.roles.map(|r| r.controller);
        if let Some(list) = self.value(&INITIAL)
            && let Err((entry, why)) = initial_controllers(list)
        {
            let message = format!("`{}` is no initial controller: {why}", entry.as_str());
            found.push(Fault::new(
                Kind::Quorum,
                Some(entry),
                message,
                "Write id@host:port:directory-id for each controller, the same list on every one of them; kafka-storage random-uuid \
                 makes a directory id.",
            ));
        }
        if let Some(standalone) = self.has(&STANDALONE) {
            if server.roles.is_some() && controller == Some(false) {
                found.push(Fault::new(
                    Kind::Quorum,
                    Some(standalone.word.slice()),
                    "--standalone is for controllers, and this node is none",
                    "Format a broker without it.",
                ));
            }
            let (host, port) = server.controller_listener.unwrap_or_default();
            let too_high = port.parse::<i64>().is_ok_and(|p| !(0..=65535).contains(&p));
            if controller == Some(true) && (host.contains(':') || too_high) {
                found.push(Fault::new(
                    Kind::Quorum,
                    Some(standalone.word.slice()),
                    "--standalone cannot write the address of this node's controller listener",
                    "Give the listener a host name (the tool cannot read an IPv6 address there) and a port up to 65535.",
                ));
            }
        }
        let first = self.has(&STANDALONE).or(self.has(&INITIAL));
        match (first, server.has_voters) {
            (Some(first), Some(true)) if self.by_configuration() => found.push(Fault::new(
                Kind::StaticVoters,
                Some(first.word.slice()),
                "the first voters of a dynamic quorum are given, but controller.quorum.voters names static ones",
                "Take controller.quorum.voters away and name the controllers in controller.quorum.bootstrap.servers; or format \
                 without --standalone and --initial-controllers.",
            )),
            (None, Some(false))
                if self.is((3, 9, 0)) && controller == Some(true) && self.has(&NO_INITIAL).is_none() =>
            {
                found.push(Fault::new(
                    Kind::Quorum,
                    None,
                    "nobody says which controllers begin the quorum: controller.quorum.voters is not set, and the format command has \
                     none of --standalone, --initial-controllers and --no-initial-controllers",
                    "Format the first controller with --standalone (or all first ones with one list of --initial-controllers), and \
                     each later one with --no-initial-controllers.",
                ));
            }
            _ => {}
        }
        found
    }

    fn features(&self, server: &Server<'_>, metadata: Option<i16>) -> Vec<Fault> {
        const HELP: &str = "Write --feature NAME=LEVEL with a feature and a level that this release knows, or leave it away: each \
                            feature then gets the level that goes with the release version.";
        let mut found = Vec::new();
        let mut asked: BTreeMap<&str, i16> = BTreeMap::new();
        let mut places: BTreeMap<&str, Slice<'_>> = BTreeMap::new();
        let mut whole = true;
        for value in self.values(&FEATURE) {
            let fault = |why: &str| {
                let message = format!("`{}` is no feature: {why}", value.as_str());
                Fault::new(Kind::Value, Some(value), message, HELP)
            };
            if value.has_hole() {
                whole = false;
                continue;
            }
            match feature(value) {
                None => found.push(fault("it is not of the form name=level")),
                Some((_, None)) => found.push(fault("its level is no number")),
                Some((name, Some(level))) => {
                    if self.is((3, 9, 0)) && name != levels::METADATA && !levels::knows(name, self.release) {
                        found.push(fault("this release knows none of that name"));
                        continue;
                    }
                    asked.insert(name, level);
                    places.insert(name, value);
                }
            }
        }
        // 3.8 has no other feature than metadata.version, and takes any.
        if !self.is((3, 9, 0)) || !found.is_empty() || !whole {
            return found;
        }
        let place = |name: &str| places.get(name).copied().or_else(|| self.value(&RELEASE_VERSION));
        let (Some(is_dynamic), Some(unstable)) = (self.is_dynamic(server), self.unstable(server)) else {
            return found;
        };
        if let Some(level) = asked.get(levels::KRAFT)
            && (*level == 0) == is_dynamic
        {
            let (message, help) = if is_dynamic {
                (
                    "kraft.version=0 stands for static voters, and this is a dynamic quorum",
                    "Leave --feature kraft.version away.",
                )
            } else {
                (
                    "kraft.version above 0 stands for a dynamic quorum, and this one is static",
                    "Leave --feature kraft.version away; or take controller.quorum.voters away and format with --standalone, \
                     --initial-controllers or --no-initial-controllers.",
                )
            };
            found.push(Fault::new(Kind::Quorum, place(levels::KRAFT), message, help));
            return found;
        }
        let Some(metadata) = metadata else { return found };
        let checked = levels::check(&asked, metadata, is_dynamic, unstable, self.release);
        if let Err(levels::Lack { feature, level, needs }) = checked {
            let message = match needs {
                None => format!("{feature} has no level {level} in this release"),
                Some((other, needed)) => {
                    let name = levels::name(needed).filter(|_| other == levels::METADATA);
                    let name = name.map_or(String::new(), |n| format!(" ({n})"));
                    format!("{feature}={level} needs {other} at level {needed}{name} or above")
                }
            };
            found.push(Fault::new(Kind::Value, place(feature), message, HELP));
        }
        found
    }

    fn scram(&self, metadata: Option<i16>) -> Vec<Fault> {
        const HELP: &str =
            "Write --add-scram 'SCRAM-SHA-256=[name=USER,password=…]', in quotes, without blanks.";
        let mut found = Vec::new();
        for value in self.values(&ADD_SCRAM) {
            if metadata.is_some_and(|m| m < FIRST_SCRAM) {
                found.push(Fault::new(
                    Kind::Value,
                    Some(value),
                    "--add-scram needs release version 3.5 or above",
                    "Raise --release-version to 3.5, or add the user later with kafka-configs.",
                ));
                break;
            }
            if let Some(why) = value.known().and_then(|text| scram::fault(text, self.release)) {
                let message = format!("the argument of --add-scram is refused: {why}");
                found.push(Fault::new(Kind::Value, Some(value), message, HELP));
            }
        }
        found
    }

    fn directories(&self, server: &Server<'_>, metadata: Option<i16>) -> Vec<Fault> {
        let ignores = self.has(&IGNORE_FORMATTED).is_some();
        let id = self.value(&CLUSTER_ID).and_then(Slice::known);
        let mut found = directory::faults(&server.directories, id, server.id, ignores, self.release);
        // KAFKA-16606: 3.7.1 to 3.8.1 look at it here, later releases no more.
        let looks = (self.is((3, 7, 1)) && !self.is((3, 9, 0))).then_some(metadata).flatten();
        if looks.is_some_and(|m| m < FIRST_SEVERAL)
            && server.log_dirs > 1
            && server.roles.is_some_and(|r| r.broker)
        {
            found.push(Fault::new(
                Kind::Value,
                self.value(&RELEASE_VERSION).or_else(|| self.value(&FEATURE)),
                "several log directories need release version 3.7 or above",
                "Raise --release-version to 3.7, or give the broker one log directory.",
            ));
        }
        found
    }
}

/// 3.3-IV0: below it no bootstrap records can be written.
const FIRST_BOOTSTRAP: i16 = 4;
/// 3.5-IV2: SCRAM users.
const FIRST_SCRAM: i16 = 11;
/// 3.7-IV2: several log directories.
const FIRST_SEVERAL: i16 = 17;

/// `name=level`; the level only where it is a number. `None` without `=`.
fn feature(value: Slice<'_>) -> Option<(&str, Option<i16>)> {
    let (name, level) = value.known()?.split_once('=')?;
    Some((trim(name), trim(level).parse().ok()))
}

/// `String.trim` of Java.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}
