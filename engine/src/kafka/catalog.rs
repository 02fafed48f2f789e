//! What every supported Kafka release knows of configuration: keys, types, defaults, validators, one definition at a time.
//!
//! It answers "does this release know this key, and would its parser take this value?", "is this unknown key legal all
//! the same?" and "which key was meant?". It does not know what settings mean together, which listeners a node has or
//! what an image makes of its environment: those are rules, and live in other rooms.
//!
//! Sources: `rules/catalog/configs.tsv` and `classes.tsv`, dumped from the released jars by `oracle/kafka`; `rules/catalog/extra.tsv` and
//! `fates.tsv`, kept by hand. `build/catalog.rs` makes static tables of all. The parser of values follows Kafka's `ConfigDef.parseType`
//! and its validators, and was compared with real verdicts (knowledge/oracle).

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::OnceLock;

use crate::hash::HashMap;
use crate::order;

use super::duration;

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// A text of the tables. It takes half of what a `&str` takes, and no relocation when the program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Text {
    start: u32,
    length: u16,
}

impl Text {
    /// The text itself.
    pub fn get(self) -> &'static str {
        TEXTS.get(self.range()).unwrap_or("")
    }

    fn range(self) -> Range<usize> {
        let start = self.start as usize;
        start..start + usize::from(self.length)
    }
}

/// The ConfigDefs that the catalog knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// `KafkaConfig`: brokers and controllers.
    Server,
    /// `LogConfig`: the configuration of one topic.
    Topic,
    /// `ProducerConfig`.
    Producer,
    /// `ConsumerConfig`.
    Consumer,
    /// `AdminClientConfig`.
    Admin,
}

impl Scope {
    /// `server`, `topic`, `producer`, `consumer`, `admin`.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Server => "server",
            Scope::Topic => "topic",
            Scope::Producer => "producer",
            Scope::Consumer => "consumer",
            Scope::Admin => "admin",
        }
    }

    /// Every scope, in the order of the catalog.
    pub const ALL: [Scope; 5] = [Scope::Server, Scope::Topic, Scope::Producer, Scope::Consumer, Scope::Admin];

    fn table(self) -> &'static [Def] {
        match self {
            Scope::Server => SERVER,
            Scope::Topic => TOPIC,
            Scope::Producer => PRODUCER,
            Scope::Consumer => CONSUMER,
            Scope::Admin => ADMIN,
        }
    }
}

/// `ConfigDef.Type`.
#[allow(missing_docs, reason = "Kafka's own names")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    Boolean,
    Int,
    Short,
    Long,
    Double,
    String,
    List,
    Class,
    Password,
}

impl Type {
    /// As Kafka writes it.
    pub fn name(self) -> &'static str {
        match self {
            Type::Boolean => "BOOLEAN",
            Type::Int => "INT",
            Type::Short => "SHORT",
            Type::Long => "LONG",
            Type::Double => "DOUBLE",
            Type::String => "STRING",
            Type::List => "LIST",
            Type::Class => "CLASS",
            Type::Password => "PASSWORD",
        }
    }
}

/// `ConfigDef.Importance`.
#[allow(missing_docs, reason = "Kafka's own names")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Importance {
    High,
    Medium,
    Low,
}

/// What Kafka takes where the key is not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefaultValue {
    /// `NO_DEFAULT_VALUE`: the configuration is refused without it.
    Required,
    /// `null`.
    Null,
    /// This text, as `ConfigDef.convertToString` writes it.
    Value(Text),
}

impl DefaultValue {
    /// The text of the default, if there is one that is not null.
    pub fn value(self) -> Option<&'static str> {
        match self {
            DefaultValue::Value(text) => Some(text.get()),
            DefaultValue::Required | DefaultValue::Null => None,
        }
    }
}

/// One definition of one key, and the releases in which it is defined so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Def {
    /// The key, as Kafka spells it.
    pub name: Text,
    /// Whose key it is.
    pub scope: Scope,
    /// What its text is parsed as.
    pub ty: Type,
    /// What holds where it is not set.
    pub default: DefaultValue,
    /// The validator's own text, empty if there is none. A list validator of 4.2 or later ends in "(no empty elements)"
    /// or "(not empty, no empty elements)"; "(undescribed)" is a validator that does not say what it checks.
    pub validator: Text,
    /// How much Kafka's documentation makes of it.
    pub importance: Importance,
    /// Accepted, but not in the documentation.
    pub internal: bool,
    /// As the jars say it: in the documentation, or because every constant that names the key is `@Deprecated`.
    pub deprecated: bool,
    /// Bit i is release i of [`RELEASES`].
    pub releases: u64,
}

/// A key as it is searched for by likeness.
struct Name {
    name: Text,
    lower: Text,
    /// See `letter_bag`.
    bag: u64,
    /// By scope, in the order of [`Scope::ALL`].
    releases: [u64; 5],
}

impl Name {
    fn scope_among(&self, scopes: &[Scope], releases: u64) -> Option<Scope> {
        scopes
            .iter()
            .copied()
            .find(|&scope| self.releases.get(scope as usize).is_some_and(|mask| mask & releases != 0))
    }
}

/// What the jars do not say of a key: a row of `rules/catalog/fates.tsv`, which explains the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Whose key it is.
    pub scope: Scope,
    /// The key, or a prefix with its last dot.
    pub key: &'static str,
    /// What became of it.
    pub kind: FateKind,
    /// Bit i is release i of [`RELEASES`]; 0 where the catalog of keys says when.
    pub releases: u64,
    instead: &'static str,
    /// Why, as the second half of a sentence.
    pub why: &'static str,
}

impl Fate {
    /// The keys to use now.
    pub fn instead(&self) -> impl Iterator<Item = &'static str> {
        self.instead.split_ascii_whitespace().map(|key| key.trim_start_matches('=')).filter(|k| !k.is_empty())
    }

    /// The one key that takes the very same value.
    pub fn renamed(&self) -> Option<&'static str> {
        self.instead.strip_prefix('=').filter(|key| !key.is_empty())
    }

    /// A new default by which nothing changes.
    pub fn is_same(&self) -> bool {
        self.instead == "="
    }
}

/// What can become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FateKind {
    /// Read in ZooKeeper mode only.
    ZooKeeper,
    /// Known, and will go.
    Deprecated,
    /// The same, on nodes in KRaft mode.
    DeprecatedInKraft,
    /// No longer known.
    Gone,
    /// Its default changed.
    Default,
    /// Others count where it is not set.
    Fallback,
}

/// What is told of this key, in the order of the table.
pub fn fates(scope: Scope, key: &str) -> impl Iterator<Item = &'static Fate> {
    static KNOWN: OnceLock<HashMap<&str, &[Fate]>> = OnceLock::new();
    let groups = || FATES.chunk_by(|a, b| a.key == b.key);
    let known = KNOWN.get_or_init(|| groups().filter_map(|all| Some((all.first()?.key, all))).collect());
    let own = known.get(key).copied().unwrap_or_default();
    let of_prefix = FATES_OF_PREFIXES.iter().find(|fate| fate.scope == scope && key.starts_with(fate.key));
    own.iter().filter(move |fate| fate.scope == scope).chain(of_prefix)
}

/// The releases in which this key is deprecated, by the jars and by [`fates`].
pub fn deprecated_in(scope: Scope, key: &str, in_kraft: bool) -> u64 {
    let marked = defs(scope, key).iter().filter(|def| def.deprecated).map(|def| def.releases);
    let told = fates(scope, key).filter(|fate| match fate.kind {
        FateKind::Deprecated => true,
        FateKind::DeprecatedInKraft => in_kraft,
        _ => false,
    });
    marked.chain(told.map(|fate| fate.releases)).fold(0, |all, mask| all | mask)
}

/// The bit mask of all releases.
pub fn all_releases() -> u64 {
    u64::MAX >> (64 - RELEASES.len().clamp(1, 64))
}

/// The position of a release such as `3.9.1` in [`RELEASES`].
pub fn release_index(release: &str) -> Option<usize> {
    RELEASES.iter().position(|known| *known == release)
}

/// All definitions of exactly this name, one per distinct definition, oldest first.
pub fn defs(scope: Scope, name: &str) -> &'static [Def] {
    static KNOWN: [OnceLock<HashMap<&str, &[Def]>>; Scope::ALL.len()] =
        [const { OnceLock::new() }; Scope::ALL.len()];
    // Equal texts stand at one place.
    let groups = || scope.table().chunk_by(|a, b| a.name == b.name);
    let index = || groups().filter_map(|group| Some((group.first()?.name.get(), group))).collect();
    let known = KNOWN.get(scope as usize).map(|known| known.get_or_init(index));
    known.and_then(|known| known.get(name).copied()).unwrap_or_default()
}

/// The definition that one release has of this name.
pub fn def_at(scope: Scope, name: &str, release_index: usize) -> Option<&'static Def> {
    let bit = 1_u64.checked_shl(u32::try_from(release_index).ok()?)?;
    defs(scope, name).iter().find(|def| def.releases & bit != 0)
}

/// The releases that know this name at all.
pub fn known_in(scope: Scope, name: &str) -> u64 {
    defs(scope, name).iter().fold(0, |mask, def| mask | def.releases)
}

/// Every name of a scope, in any release, in the order of their bytes.
pub fn keys(scope: Scope) -> impl Iterator<Item = &'static str> {
    scope
        .table()
        .chunk_by(|a, b| a.name == b.name)
        .filter_map(|group| group.first().map(|def| def.name.get()))
}

/// A class of Kafka's own jars that a setting may name.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    name: Text,
    kinds: Text,
    /// The releases whose jars have it: bit i is `RELEASES[i]`.
    pub releases: u64,
}

impl Class {
    /// Is it one of these: `principal-builder`, `assignor`, as `oracle/kafka` names them?
    pub fn is(&self, kind: &str) -> bool {
        self.kinds.get().split(',').any(|k| k == kind)
    }
}

/// The class of Kafka's own with this name. `None` says nothing: it may be a plugin's.
pub fn class(name: &str) -> Option<&'static Class> {
    let at = CLASSES.binary_search_by(|class| class.name.get().cmp(name)).ok()?;
    CLASSES.get(at)
}

/// The names of all such classes.
pub fn classes() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().map(|class| class.name.get())
}

/// Whether a key is `<mechanism>.` with something of SASL behind it, for all listeners or behind the prefix of one.
pub fn is_of_mechanism(key: &str) -> bool {
    EXTRA_SUFFIXES.iter().any(|suffix| {
        key.strip_suffix(suffix).is_some_and(|mechanism| !mechanism.is_empty() && !mechanism.contains('.'))
    })
}

/// Whether a server may have this key though its `ConfigDef` does not name it: read by a plugin, dynamic only, an
/// override for one listener or one SASL mechanism. Listener overrides are all legal here: look behind their prefix with
/// [`strip_listener_prefix`] first to see what they override.
pub fn is_extra(key: &str) -> bool {
    EXTRA_KEYS.binary_search(&key).is_ok()
        || EXTRA_PREFIXES.iter().any(|prefix| key.len() > prefix.len() && key.starts_with(prefix))
        || is_of_mechanism(key)
}

/// The server key that gives the default of a topic key: mostly `log.` before it (`TopicConfig`, `ServerTopicConfigSynonyms`).
pub fn broker_default(topic: &str) -> Option<&'static str> {
    let renamed = match topic {
        "max.message.bytes" => "message.max.bytes",
        "segment.ms" => "log.roll.ms",
        "segment.jitter.ms" => "log.roll.jitter.ms",
        "flush.messages" => "log.flush.interval.messages",
        "flush.ms" => "log.flush.interval.ms",
        "delete.retention.ms" => "log.cleaner.delete.retention.ms",
        "min.compaction.lag.ms" => "log.cleaner.min.compaction.lag.ms",
        "max.compaction.lag.ms" => "log.cleaner.max.compaction.lag.ms",
        "min.cleanable.dirty.ratio" => "log.cleaner.min.cleanable.ratio",
        "file.delete.delay.ms" => "log.segment.delete.delay.ms",
        "segment.index.bytes" => "log.index.size.max.bytes",
        "min.insync.replicas"
        | "compression.type"
        | "compression.gzip.level"
        | "compression.lz4.level"
        | "compression.zstd.level"
        | "unclean.leader.election.enable" => topic,
        _ => "",
    };
    let wanted = if renamed.is_empty() { format!("log.{topic}") } else { renamed.to_owned() };
    defs(Scope::Server, &wanted).first().map(|def| def.name.get())
}

/// The key with a SASL mechanism in front that `key` probably is a misspelling of.
pub fn nearest_of_mechanism(key: &str) -> Option<String> {
    let (mechanism, rest) = key.split_once('.')?;
    if is_of_mechanism(key) || rest.len() > LONGEST_NAME {
        return None;
    }
    let typed = format!(".{rest}");
    let distance = |suffix: &str| strsim::osa_distance(&typed, suffix);
    let near = EXTRA_SUFFIXES.iter().map(|suffix| (distance(suffix), *suffix)).min()?;
    (near.0 <= 2).then(|| format!("{mechanism}{}", near.1))
}

/// Who reads a key that [`is_extra`], as `rules/catalog/extra.tsv` has it.
pub fn why_extra(key: &str) -> Option<&'static str> {
    let text = EXTRA_KEYS
        .iter()
        .find(|text| **text == key)
        .or_else(|| EXTRA_PREFIXES.iter().find(|text| key.len() > text.len() && key.starts_with(**text)))
        .or_else(|| EXTRA_SUFFIXES.iter().find(|text| is_of_mechanism(key) && key.ends_with(**text)))?;
    EXTRA_WHYS.iter().find(|(known, _)| known == text).map(|(_, why)| *why)
}

/// `listener.name.<listener>.<key>` as (listener, key). The listener's name ends at the first dot.
pub fn strip_listener_prefix(key: &str) -> Option<(&str, &str)> {
    let (listener, rest) = key.strip_prefix("listener.name.")?.split_once('.')?;
    (!listener.is_empty() && !rest.is_empty()).then_some((listener, rest))
}

// ---- the nearest key -------------------------------------------------------------------------------------------------

/// A key that was probably meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// The key, as Kafka spells it.
    pub key: &'static str,
    /// Whose key it is: the first of the scopes asked for that has it.
    pub scope: Scope,
    /// It differs in upper and lower case only.
    pub only_case: bool,
}

/// Longer names are nobody's misspelling, and need not be looked at.
const LONGEST_NAME: usize = 100;
const MOST_TOKENS: usize = 16;

/// The key of these scopes, known in one of these releases, of which `name` is probably a misspelling; the first of
/// `scopes` that has it. Three kinds of mistakes count: upper and lower case, a few letters, and one word (between dots)
/// too few, too many or in the wrong place. `None` for a name that one of the scopes knows in whatever release, and for
/// all that is too far from any key or equally near to several: a key of another program is not a misspelling.
pub fn nearest(scopes: &[Scope], name: &str, releases: u64) -> Option<Nearest> {
    if name.is_empty()
        || name.len() > LONGEST_NAME
        || !name.is_ascii()
        || scopes.iter().any(|&s| !defs(s, name).is_empty())
    {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    if let Ok(at) = NAMES.binary_search_by(|entry| entry.lower.get().cmp(&lower)) {
        let entry = NAMES.get(at)?;
        if let Some(scope) = entry.scope_among(scopes, releases) {
            return Some(Nearest { key: entry.name.get(), scope, only_case: true });
        }
    }
    // What KAFKA_CFG_X becomes where that prefix means nothing: a mistake of its own, with an answer of its own.
    if lower.starts_with("cfg.") {
        return None;
    }
    let typed = lower.replace(['_', '-'], ".");
    let bag = letter_bag(typed.as_bytes());
    by_letters(scopes, &typed, bag, releases).or_else(|| by_words(scopes, &typed, bag, releases))
}

/// Up to `most` keys of any kind of program that look like `name`, the likest first: those that [`nearest`] would name, those
/// a few letters away, those that hold all of it.
pub fn similar(name: &str, most: usize) -> Vec<&'static str> {
    if name.len() > LONGEST_NAME || !name.is_ascii() {
        return Vec::new();
    }
    let lower = name.to_ascii_lowercase().replace(['_', '-'], ".");
    let near = nearest(&Scope::ALL, name, all_releases()).map(|near| near.key);
    let mut ranked: Vec<(usize, &'static str)> = NAMES
        .iter()
        .filter_map(|entry| {
            let key = entry.name.get();
            let distance = strsim::osa_distance(&lower, entry.lower.get());
            let holds = lower.len() >= 4 && entry.lower.get().contains(&lower);
            let rank = if near == Some(key) {
                0
            } else if distance <= 1 + lower.len() / 5 {
                distance
            } else if holds {
                LONGEST_NAME + distance
            } else {
                return None;
            };
            Some((rank, key))
        })
        .collect();
    order::sort(&mut ranked);
    ranked.into_iter().map(|(_, key)| key).take(most).collect()
}

fn by_letters(scopes: &[Scope], typed: &str, bag: u64, releases: u64) -> Option<Nearest> {
    let limit = match typed.len() {
        0..8 => 1,
        8..=20 => 2,
        _ => 3,
    };
    let words = typed.split('.').count();
    let mut best: Option<(usize, bool, Nearest)> = None;
    for entry in NAMES {
        if usize::from(entry.lower.length).abs_diff(typed.len()) > limit
            || (entry.bag ^ bag).count_ones() as usize > 2 * limit
        {
            continue;
        }
        let Some(scope) = entry.scope_among(scopes, releases) else { continue };
        let distance = strsim::osa_distance(typed, entry.lower.get());
        let other_words = entry.lower.get().split('.').count() != words;
        if distance > limit || !same_words(typed, entry.lower.get(), words) {
            continue;
        }
        if best.is_none_or(|(least, other, _)| (distance, other_words) < (least, other)) {
            best = Some((distance, other_words, Nearest { key: entry.name.get(), scope, only_case: false }));
        }
    }
    best.map(|(_, _, nearest)| nearest)
}

/// Whether two names with equally many words can be one misspelt: each word must still be mostly itself.
/// `broker.ip` is not `broker.id`, nor is `x.min.y` `x.max.y`.
fn same_words(typed: &str, key: &str, words: usize) -> bool {
    if key.split('.').count() != words {
        // A dot too many or too few: the letters alone decide.
        return true;
    }
    typed.split('.').zip(key.split('.')).all(|(a, b)| {
        if a == b {
            return true;
        }
        let longer = a.len().max(b.len());
        let swapped = letter_bag(a.as_bytes()) == letter_bag(b.as_bytes());
        let opposites = matches!((a, b), ("min", "max") | ("max", "min"));
        !opposites
            && (longer > 2 || swapped || a.len() != b.len())
            && 2 * strsim::osa_distance(a, b) <= longer
    })
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum WordMistake {
    Order,
    Missing,
    Additional,
}

fn by_words(scopes: &[Scope], typed: &str, bag: u64, releases: u64) -> Option<Nearest> {
    let mut buffer = [""; MOST_TOKENS];
    let words = split_words(typed, &mut buffer)?;
    let mut best: Option<(WordMistake, Nearest)> = None;
    let mut ambiguous = false;
    for entry in NAMES {
        let mistake = if entry.bag == bag && usize::from(entry.lower.length) == typed.len() {
            WordMistake::Order
        } else if usize::from(entry.lower.length) > typed.len() && bag & !entry.bag == 0 {
            WordMistake::Missing
        } else if usize::from(entry.lower.length) < typed.len() && entry.bag & !bag == 0 {
            WordMistake::Additional
        } else {
            continue;
        };
        let Some(scope) = entry.scope_among(scopes, releases) else { continue };
        let mut buffer = [""; MOST_TOKENS];
        let Some(key) = split_words(entry.lower.get(), &mut buffer) else { continue };
        let fits = match mistake {
            WordMistake::Order => words.len() >= 3 && same_set(words, key),
            // Of two words out of three, the third must be the first or the last one.
            WordMistake::Missing => {
                gap(words, key).is_some_and(|at| words.len() >= 3 || words.len() == 2 && (at == 0 || at == 2))
            }
            // A word in front makes it a key of somebody else (producer.…, connect.…), but for Kafka's own name.
            WordMistake::Additional => {
                key.len() >= 3 && gap(key, words).is_some_and(|at| at > 0 || words.first() == Some(&"kafka"))
            }
        };
        if !fits {
            continue;
        }
        match best.map(|(least, _)| mistake.cmp(&least)) {
            None | Some(Ordering::Less) => {
                best = Some((mistake, Nearest { key: entry.name.get(), scope, only_case: false }));
                ambiguous = false;
            }
            Some(Ordering::Equal) => ambiguous = true,
            Some(Ordering::Greater) => {}
        }
    }
    best.filter(|_| !ambiguous).map(|(_, nearest)| nearest)
}

fn split_words<'b, 'a>(text: &'a str, buffer: &'b mut [&'a str; MOST_TOKENS]) -> Option<&'b [&'a str]> {
    let mut count = 0;
    for word in text.split('.') {
        *buffer.get_mut(count)? = word;
        count += 1;
    }
    buffer.get(..count)
}

fn same_set(a: &[&str], b: &[&str]) -> bool {
    let count = |words: &[&str], word: &str| words.iter().filter(|other| **other == word).count();
    a.len() == b.len() && a.iter().all(|word| count(a, word) == count(b, word))
}

/// Where `long` has one word more than `short`, if that is all that differs.
fn gap(short: &[&str], long: &[&str]) -> Option<usize> {
    if long.len() != short.len() + 1 {
        return None;
    }
    let at = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    (short.get(at..)? == long.get(at + 1..)?).then_some(at)
}

/// Which letters a lower-cased name has, and how often, so that one edit changes at most two bits.
/// The same function as in `build/catalog.rs`, which stores the result for every key.
fn letter_bag(lower: &[u8]) -> u64 {
    let mut bag = 0_u64;
    for &byte in lower {
        let (shift, width) = match byte {
            b'a'..=b'z' => (2 * u32::from(byte - b'a'), 2),
            b'.' | b'_' | b'-' => (52, 3),
            b'0'..=b'9' => (55, 2),
            _ => (57, 2),
        };
        for bit in shift..shift + width {
            if bag & (1 << bit) == 0 {
                bag |= 1 << bit;
                break;
            }
        }
    }
    bag
}

// ---- values ----------------------------------------------------------------------------------------------------------

/// Whether Kafka's parser and the key's validator take a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Yes,
    /// Why not, to stand behind "the value".
    No(String),
    /// It cannot be told from the text: a class, a validator that does not say what it checks.
    Unknown,
}

/// Whether Kafka takes `value` for this key: `ConfigDef.parseType`, then the validator.
pub fn accepts(def: &Def, value: &str) -> Verdict {
    // Java's trim: all up to and including the blank.
    let value = value.trim_matches(|c: char| c <= ' ');
    let number = match def.ty {
        Type::Boolean => {
            return if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
                Verdict::Yes
            } else {
                Verdict::No("is neither true nor false".to_owned())
            };
        }
        Type::Int => whole_number(value, i64::from(i32::MIN), i64::from(i32::MAX), def.ty),
        Type::Short => whole_number(value, i64::from(i16::MIN), i64::from(i16::MAX), def.ty),
        Type::Long => whole_number(value, i64::MIN, i64::MAX, def.ty),
        Type::Double => double(value),
        Type::Class => {
            return if value.is_empty() { no("is empty, where a class is needed") } else { Verdict::Unknown };
        }
        Type::String | Type::Password => return accepts_text(def, value),
        Type::List => return accepts_list(def, value),
    };
    match number {
        Ok(number) => accepts_number(def.validator.get(), number),
        Err(verdict) => verdict,
    }
}

fn no(reason: &str) -> Verdict {
    Verdict::No(reason.to_owned())
}

/// `Integer.parseInt` and its like: a sign, decimal digits, nothing else. As a double, which is how Kafka compares it.
fn whole_number(text: &str, least: i64, most: i64, ty: Type) -> Result<f64, Verdict> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.chars().any(|c| !c.is_ascii() && c.is_numeric()) {
        // Java takes the digits of other scripts too, where the file's encoding lets them arrive.
        return Err(Verdict::Unknown);
    }
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(no(if text.is_empty() {
            "is empty, where a whole number is needed"
        } else {
            "is not a whole number"
        }));
    }
    match text.parse::<i64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number as f64),
        _ => Err(Verdict::No(format!("does not fit into type {} ({least} to {most})", ty.name()))),
    }
}

/// `Double.parseDouble`.
fn double(text: &str) -> Result<f64, Verdict> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "NaN" {
        return Ok(f64::NAN);
    }
    if unsigned == "Infinity" {
        return Ok(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if let Some(hex) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        let number = hexadecimal(hex).ok_or_else(|| no("is not a number"))?;
        return Ok(if text.starts_with('-') { -number } else { number });
    }
    let number = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
    // Rust takes "inf", "nan" and "infinity" too; Java's grammar has no letter but the exponent's.
    if !number.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'+' | b'-' | b'e' | b'E')) {
        return Err(no("is not a number"));
    }
    number.parse().map_err(|_| {
        no(if text.is_empty() { "is empty, where a number is needed" } else { "is not a number" })
    })
}

/// Does `Double.parseDouble` make a number of it that is neither NaN nor infinite?
pub fn is_finite(text: &str) -> bool {
    double(text).is_ok_and(f64::is_finite)
}

/// `1.8p3` behind `0x`: a fraction of hexadecimal digits, and a power of two, which must be there.
fn hexadecimal(text: &str) -> Option<f64> {
    let (digits, power) = text.split_once(['p', 'P'])?;
    let power = power.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(power);
    let digits_of_power = power.strip_prefix(['+', '-']).unwrap_or(power);
    if digits_of_power.is_empty() || !digits_of_power.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut number = 0.0;
    for digit in whole.chars() {
        number = number * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let mut unit = 1.0;
    for digit in fraction.chars() {
        unit /= 16.0;
        number += unit * f64::from(digit.to_digit(16)?);
    }
    let most = if power.starts_with('-') { -5000 } else { 5000 };
    Some(number * f64::powi(2.0, power.parse::<i32>().unwrap_or(most).clamp(-5000, 5000)))
}

/// `[1,...]`, `[0,...,100]`, `[1,...,9] or -1`.
fn accepts_number(validator: &str, number: f64) -> Verdict {
    if validator.is_empty() {
        return Verdict::Yes;
    }
    // RemoteLogManagerConfig 3.9, in a sentence of its own.
    if validator.starts_with("The default value of -1 means") {
        return if number == -1.0 || number >= 1.0 { Verdict::Yes } else { no("must be -1 or at least 1") };
    }
    let Some((range, behind)) = validator.strip_prefix('[').and_then(|text| text.split_once(']')) else {
        return Verdict::Unknown;
    };
    let (least, most) = match range.split_once("...") {
        Some((least, most)) => (least.trim_end_matches(','), most.trim_start_matches(',')),
        None => return Verdict::Unknown,
    };
    let bound = |text: &str| if text.is_empty() { Some(None) } else { text.parse::<f64>().ok().map(Some) };
    let (Some(lower), Some(upper)) = (bound(least), bound(most)) else { return Verdict::Unknown };
    let also = match behind.strip_prefix(" or ").map(str::parse::<f64>) {
        Some(Ok(also)) => Some(also),
        None if behind.is_empty() => None,
        _ => return Verdict::Unknown,
    };
    if also == Some(number) {
        return Verdict::Yes;
    }
    let or = if also.is_some() { behind } else { "" };
    // Both comparisons are false for NaN, which Kafka therefore takes.
    if lower.is_some_and(|lower| number < lower) {
        return Verdict::No(format!("must be at least {least}{or}"));
    }
    if upper.is_some_and(|upper| number > upper) {
        return Verdict::No(format!("must be no more than {most}{or}"));
    }
    Verdict::Yes
}

const NO_EMPTY_ELEMENTS: &str = "(no empty elements)";
const NOT_EMPTY: &str = "(not empty, no empty elements)";
const ANY_CASE: &str = "(case insensitive) ";

fn accepts_text(def: &Def, value: &str) -> Verdict {
    match def.validator.get() {
        "" | "non-null string" => Verdict::Yes,
        "non-empty string" => {
            if value.is_empty() {
                no("is empty")
            } else {
                Verdict::Yes
            }
        }
        validator if validator.starts_with("[0.8.0, ") => accepts_version(def, value),
        validator => match validator.strip_prefix(ANY_CASE) {
            Some(allowed) => one_of(allowed, value, str::eq_ignore_ascii_case),
            None => one_of(validator, value, str::eq),
        },
    }
}

fn accepts_list(def: &Def, value: &str) -> Verdict {
    let (allowed, strict) = match def.validator.get() {
        // Named so in all releases, but these two take the empty list too, and look at each element.
        "non-empty list" => return Verdict::Unknown,
        "non-null string" => ("", false),
        validator => match validator.strip_suffix(NOT_EMPTY) {
            Some(_) if value.is_empty() => return no("is an empty list"),
            Some(allowed) => (allowed.trim_end(), true),
            None => match validator.strip_suffix(NO_EMPTY_ELEMENTS) {
                Some(allowed) => (allowed.trim_end(), true),
                None => (validator, false),
            },
        },
    };
    if value.is_empty() {
        return Verdict::Yes;
    }
    // Java's split by \s*,\s* with all empty elements kept.
    for element in
        value.split(',').map(|element| element.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']))
    {
        if strict && element.is_empty() {
            return no("has an empty element");
        }
        if !allowed.is_empty() {
            match one_of(allowed, element, str::eq) {
                Verdict::Yes => {}
                other => return other,
            }
        }
    }
    Verdict::Yes
}

/// `[a, b, c]`. An element with a colon (`by_duration:PnDTnHnMn.nS`) is a pattern.
fn one_of(allowed: &str, value: &str, same: fn(&str, &str) -> bool) -> Verdict {
    let Some(elements) = allowed.strip_prefix('[').and_then(|text| text.strip_suffix(']')) else {
        return Verdict::Unknown;
    };
    if elements.contains("...") {
        return Verdict::Unknown;
    }
    if elements.split(", ").any(|element| !element.contains(':') && same(element, value)) {
        return Verdict::Yes;
    }
    let patterns = elements.split(", ").filter_map(|element| element.split_once(':'));
    for (start, _) in patterns {
        let Some(rest) = value.strip_prefix(start).and_then(|rest| rest.strip_prefix(':')) else { continue };
        // The only pattern that there is: `AutoOffsetResetStrategy`.
        if start == "by_duration" {
            return if duration::is_not_negative(rest) {
                Verdict::Yes
            } else {
                no("is no duration as PT1H or P1D")
            };
        }
        return Verdict::Unknown;
    }
    Verdict::No(format!("must be one of {}", elements))
}

fn accepts_version(def: &Def, value: &str) -> Verdict {
    match version_rank(def, value) {
        Some(_) => Verdict::Yes,
        None => no("is not a version that this release knows"),
    }
}

/// `MetadataVersion.fromVersionString` (`ApiVersion.apply` up to 3.2): of `3.4.1` only `3.4` counts, of `0.10.2.1` only
/// `0.10.2`; a version is named as listed or without its `-IVn`. Without only if the release is as new itself: 3.8 lists
/// 3.9-IV0, which is in development there, and does not know `3.9`.
/// Returns its place among the versions of that release, oldest first.
pub fn version_rank(def: &Def, value: &str) -> Option<usize> {
    let value = value.trim_matches(|c: char| c <= ' ');
    let significant = if value.starts_with("0.") { 3 } else { 2 };
    // Java's split forgets empty parts at the end; MetadataVersion shortens only what is longer than needed.
    let parts: Vec<&str> = value.trim_end_matches('.').split('.').collect();
    let shortens = parts.len() > significant || !def.validator.get().contains("3.3-IV0");
    let shortened = parts.get(..significant.min(parts.len())).map(|parts| parts.join("."));
    let version = shortened.as_deref().filter(|_| shortens).unwrap_or(value);
    let newest =
        63_u32.checked_sub(def.releases.leading_zeros()).and_then(|index| RELEASES.get(index as usize));
    let released = || minor(version) <= newest.and_then(|release| minor(release));
    let elements = def.validator.get().trim_start_matches('[').trim_end_matches(']').split(", ");
    let mut found = None;
    for (rank, element) in elements.enumerate() {
        let (short, _) = element.split_once("-IV").unwrap_or((element, ""));
        // Of several the last one.
        if element == version || short == version && released() {
            found = Some(rank);
        }
    }
    found
}

/// `3.9.1` and `3.9` as (3, 9).
fn minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

    use super::*;

    fn server(name: &str, release: &str) -> &'static Def {
        let index = release_index(release).unwrap_or_else(|| panic!("{release} is not in the catalog"));
        def_at(Scope::Server, name, index).unwrap_or_else(|| panic!("{release} has no {name}"))
    }

    fn meant(name: &str) -> Option<&'static str> {
        nearest(&[Scope::Server], name, all_releases()).map(|nearest| nearest.key)
    }

    #[test]
    fn tables_are_sorted_and_whole() {
        assert_eq!(RELEASES.len(), 40);
        assert_eq!((RELEASES.first(), RELEASES.last()), (Some(&"3.0.0"), Some(&"4.4.0")));
        assert_eq!(all_releases().count_ones(), 40);
        for scope in Scope::ALL {
            for pair in scope.table().windows(2) {
                let [a, b] = pair else { continue };
                let (first, second) = (a.name.get(), b.name.get());
                assert!(first <= second, "{first} {second}");
                assert!(first != second || a.releases & b.releases == 0, "{first} twice in one release");
            }
            for name in keys(scope) {
                let Some(at) = NAMES.iter().position(|entry| entry.name.get() == name) else {
                    panic!("no {name} in NAMES")
                };
                assert_eq!(NAMES[at].releases[scope as usize], known_in(scope, name), "{name}");
            }
        }
        assert!(NAMES.windows(2).all(|pair| pair[0].lower.get() < pair[1].lower.get()));
    }

    #[test]
    fn both_letter_bags_are_one_function() {
        for entry in NAMES {
            assert_eq!(entry.bag, letter_bag(entry.lower.get().as_bytes()), "{}", entry.name.get());
        }
    }

    /// kafka-facts 4.1: keys by release. A key more or less here is a changed dump.
    #[test]
    fn counts_of_server_keys() {
        for (release, count) in
            [("3.0.0", 248), ("3.4.0", 270), ("3.9.0", 328), ("3.9.2", 329), ("4.0.0", 306), ("4.4.0", 379)]
        {
            let index = release_index(release).unwrap();
            let found =
                keys(Scope::Server).filter(|name| def_at(Scope::Server, name, index).is_some()).count();
            assert_eq!(found, count, "{release}");
        }
    }

    #[test]
    fn definitions_by_release() {
        assert_eq!(server("node.id", "3.9.2").default.value(), Some("-1"));
        assert_eq!(server("node.id", "4.0.0").default, DefaultValue::Required);
        assert_eq!(server("advertised.listeners", "4.1.2").ty, Type::String);
        assert_eq!(server("advertised.listeners", "4.2.0").ty, Type::List);
        assert_eq!(server("advertised.listeners", "4.2.0").default, DefaultValue::Null);
        assert_eq!(server("log.segment.bytes", "4.0.0").validator.get(), "[1048576,...]");
        assert!(server("controller.quorum.bootstrap.servers", "3.8.1").internal);
        assert!(!server("broker.id", "4.3.1").deprecated);
        assert!(server("broker.id", "4.4.0").deprecated);
        assert_eq!(known_in(Scope::Server, "alter.config.policy.kraft.compatibility.enable").count_ones(), 1);
        assert!(defs(Scope::Server, "max.request.size").is_empty());
        assert_eq!(defs(Scope::Producer, "max.request.size").len(), 1);
        assert!(defs(Scope::Server, "").is_empty());
        assert_eq!(def_at(Scope::Server, "node.id", 40), None);
        assert_eq!(def_at(Scope::Server, "node.id", 4000), None);
    }

    #[test]
    fn fates_are_found_by_key_and_by_prefix() {
        let kinds = |key| fates(Scope::Server, key).map(|fate| fate.kind).collect::<Vec<_>>();
        assert_eq!(kinds("zookeeper.ssl.protocol"), [FateKind::ZooKeeper]);
        assert_eq!(kinds("log.message.format.version"), [FateKind::Deprecated, FateKind::Gone]);
        assert_eq!(kinds("node.id"), []);
        assert_eq!(fates(Scope::Topic, "zookeeper.connect").count(), 0);
        let renamed = fates(Scope::Server, "broker.id").find_map(Fate::renamed);
        assert_eq!(renamed, Some("node.id"));
        let deprecated = |key, in_kraft| deprecated_in(Scope::Server, key, in_kraft) != 0;
        assert!(deprecated("inter.broker.protocol.version", true));
        assert!(!deprecated("inter.broker.protocol.version", false));
    }

    /// The table speaks of keys that exist, or existed before 3.0, and sends nobody to a key that does not.
    #[test]
    fn fates_agree_with_the_catalog() {
        let newest = 1 << (RELEASES.len() - 1);
        for fate in FATES {
            let known = known_in(fate.scope, fate.key);
            for key in fate.instead() {
                assert!(known_in(fate.scope, key) != 0, "{}: {key}", fate.key);
            }
            match fate.kind {
                FateKind::Gone => assert_eq!(known & newest, 0, "{} is still there", fate.key),
                FateKind::Default => {
                    let at = fate.releases.trailing_zeros() as usize;
                    let default = |i| def_at(fate.scope, fate.key, i).map(|def| def.default.value());
                    assert_ne!(default(at - 1), default(at), "{}", fate.key);
                }
                _ => assert_eq!(fate.releases & !known, 0, "{}", fate.key),
            }
        }
        // And it leaves out none that went.
        for scope in Scope::ALL {
            for key in keys(scope).filter(|key| known_in(scope, key) & newest == 0) {
                let internal = defs(scope, key).iter().all(|def| def.internal);
                assert!(internal || fates(scope, key).next().is_some(), "{key}");
            }
        }
    }

    #[test]
    fn extra_keys() {
        for key in [
            "super.users",
            "leader.replication.throttled.rate",
            "listener.name.internal.ssl.keystore.location",
            "rsm.config.fetch.chunk.cache.size",
            "config.providers.env.class",
            "confluent.balancer.enable",
            "metrics.recording.level.x",
            "plain.sasl.jaas.config",
            "scram-sha-512.sasl.jaas.config",
            "oauthbearer.sasl.server.callback.handler.class",
            "ssl.keystore.filename",
        ] {
            assert!(is_extra(key), "{key}");
        }
        // The underscore of KAFKA_SCRAM_SHA_512_… makes a dot, and the mechanism is not found.
        for key in [
            "",
            "node.id",
            "rsm.config.",
            "super.user",
            ".sasl.jaas.config",
            "scram.sha.512.sasl.jaas.config",
            "metricsx",
        ] {
            assert!(!is_extra(key), "{key}");
        }
    }

    #[test]
    fn listener_prefix() {
        assert_eq!(strip_listener_prefix("listener.name.a.ssl.client.auth"), Some(("a", "ssl.client.auth")));
        assert_eq!(
            strip_listener_prefix("listener.name.sasl_ssl.plain.sasl.jaas.config"),
            Some(("sasl_ssl", "plain.sasl.jaas.config"))
        );
        for key in
            ["listener.name.a", "listener.name.a.", "listener.name..b", "listener.names.a.b", "node.id"]
        {
            assert_eq!(strip_listener_prefix(key), None, "{key}");
        }
    }

    /// From knowledge/user-errors.md no. 20 and 78 and the corpus, or one mistake of each kind.
    #[test]
    fn misspelt_keys_are_recognised() {
        for (typed, key) in [
            ("offset.topic.replication.factor", "offsets.topic.replication.factor"),
            ("offsets.topic.replication", "offsets.topic.replication.factor"),
            ("transaction.state.log.replication.facotr", "transaction.state.log.replication.factor"),
            ("transaction.state.log.replication", "transaction.state.log.replication.factor"),
            ("transaction.state.log.min.irs", "transaction.state.log.min.isr"),
            ("transaction.log.min.isr", "transaction.state.log.min.isr"),
            ("controller.listener.name", "controller.listener.names"),
            ("controller.listeners.names", "controller.listener.names"),
            ("controller.quorum.voter", "controller.quorum.voters"),
            ("controller.quorum.bootstrap.server", "controller.quorum.bootstrap.servers"),
            ("controller.quorum.linger.ms", "controller.quorum.append.linger.ms"),
            ("quorum.voters", "controller.quorum.voters"),
            ("listeners.security.protocol.map", "listener.security.protocol.map"),
            ("listner.security.protocol.map", "listener.security.protocol.map"),
            ("listener.protocol.security.map", "listener.security.protocol.map"),
            ("security.protocol.map", "listener.security.protocol.map"),
            ("inter.broker.listerner.name", "inter.broker.listener.name"),
            ("exter.broker.listener.name", "inter.broker.listener.name"),
            ("sasl.mechanism.inter-broker.protocol", "sasl.mechanism.inter.broker.protocol"),
            ("ssl.enabled.mechanisms", "sasl.enabled.mechanisms"),
            ("sasl.enabled.mechanism", "sasl.enabled.mechanisms"),
            ("auto.create.topics", "auto.create.topics.enable"),
            ("auto.create.topics.enabled", "auto.create.topics.enable"),
            ("auto.create.topic.enable", "auto.create.topics.enable"),
            ("kafka.auto.create.topics.enable", "auto.create.topics.enable"),
            ("delete.topics.enable", "delete.topic.enable"),
            ("max.message.bytes", "message.max.bytes"),
            ("message.max.byte", "message.max.bytes"),
            ("logs.dir", "log.dir"),
            ("process.role", "process.roles"),
            ("node_id", "node.id"),
            ("brokerId", "broker.id"),
            ("advertised.listener", "advertised.listeners"),
            ("advertised_listeners", "advertised.listeners"),
            ("advertized.listeners", "advertised.listeners"),
            ("log.retention.hour", "log.retention.hours"),
            ("retention.hours", "log.retention.hours"),
            ("num.partition", "num.partitions"),
            ("min.insync", "min.insync.replicas"),
            ("replica.lag.time.max", "replica.lag.time.max.ms"),
            ("unclean.leader.election", "unclean.leader.election.enable"),
            ("zookeper.connect", "zookeeper.connect"),
        ] {
            assert_eq!(meant(typed), Some(key), "{typed}");
        }
    }

    #[test]
    fn foreign_keys_are_left_alone() {
        for typed in [
            "",
            ".",
            "a",
            "opts",
            "port",
            "host.name",
            "version",
            "mode",
            "role",
            "name",
            "topics",
            "log.level",
            "cluster.id",
            "kraft.cluster.id",
            "kraft.broker.id",
            "kraft.mode",
            "enable.kraft",
            "jmx.port",
            "jmx.hostname",
            "jmx.opts",
            "heap.opts",
            "log4j.opts",
            "log4j.root.loglevel",
            "jvm.performance.opts",
            "create.topics",
            "auto.create",
            "cfg.node.id",
            "cfg.listeners",
            "cfg.log.dirs",
            "cfg.auto.create.topics.enable",
            "max.request.size",
            "rest.host.name",
            "rest.port",
            "rest.listeners",
            "rest.bootstrap.servers",
            "schema.registry.url",
            "key.converter",
            "plugin.path",
            "tasks.max",
            "connector.class",
            "state.dir",
            "clientPort",
            "dataDir",
            "tickTime",
            "initLimit",
            "server.1",
            "server.id",
            "user_admin",
            "offset.storage.file.filename",
            "producer.request.timeout.ms",
            "consumer.max.poll.records",
            "controller.quorum.heartbeat.timeout.ms",
            "log.retention",
            "log.retention.mb",
            "log.flush.interval",
            "broker.ip",
            "node.ip",
            "broker.host",
            "transaction.min.timeout.ms",
            "clusters.0.bootstrapservers",
            "spring.kafka.bootstrap-servers",
            "management.endpoints.web.exposure.include",
        ] {
            assert_eq!(meant(typed), None, "{typed}");
        }
    }

    #[test]
    fn case_comes_first_and_known_names_are_no_mistakes() {
        let all = all_releases();
        let found = |scopes: &[Scope], name: &str| nearest(scopes, name, all);
        assert_eq!(
            found(&[Scope::Server], "Num.Partitions"),
            Some(Nearest { key: "num.partitions", scope: Scope::Server, only_case: true })
        );
        assert_eq!(
            found(&[Scope::Server], "zookeeper.clientcnxnsocket").map(|n| n.key),
            Some("zookeeper.clientCnxnSocket")
        );
        assert_eq!(
            found(&[Scope::Producer, Scope::Consumer], "bootstrap.server"),
            Some(Nearest { key: "bootstrap.servers", scope: Scope::Producer, only_case: false })
        );
        assert_eq!(found(&[Scope::Consumer], "Enable.Auto.Commit").map(|n| n.only_case), Some(true));
        for scope in Scope::ALL {
            for name in keys(scope) {
                assert_eq!(found(&[scope], name), None, "{name}");
            }
        }
        assert_eq!(found(&[], "nod.id"), None);
        assert_eq!(found(&[Scope::Server], &"a.".repeat(40)), None);
        assert_eq!(found(&[Scope::Server], &"node.id".repeat(400)), None);
        assert_eq!(found(&[Scope::Server], "nöde.id"), None);
    }

    #[test]
    fn only_keys_of_the_wanted_releases_are_near() {
        let bit = |release| 1 << release_index(release).unwrap();
        assert_eq!(
            nearest(&[Scope::Server], "zookeper.connect", bit("3.9.2")).map(|n| n.key),
            Some("zookeeper.connect")
        );
        assert_eq!(nearest(&[Scope::Server], "zookeper.connect", bit("4.0.0")), None);
        assert_eq!(nearest(&[Scope::Server], "Cordoned.Log.Dirs", bit("4.0.0")), None);
    }

    #[test]
    fn values() {
        #[derive(PartialEq, Debug)]
        enum Is {
            Yes,
            No,
            Unknown,
        }
        use Is::{No, Unknown, Yes};
        for (release, key, value, expected) in [
            ("4.0.0", "auto.create.topics.enable", " TRUE\t", Yes),
            ("4.0.0", "auto.create.topics.enable", "yes", No),
            ("4.0.0", "auto.create.topics.enable", "1", No),
            ("4.0.0", "auto.create.topics.enable", "", No),
            ("4.0.0", "num.partitions", "3", Yes),
            ("4.0.0", "num.partitions", " +3 ", Yes),
            ("4.0.0", "num.partitions", "03", Yes),
            ("4.0.0", "num.partitions", "0", No),
            ("4.0.0", "num.partitions", "-1", No),
            ("4.0.0", "num.partitions", "", No),
            ("4.0.0", "num.partitions", "+", No),
            ("4.0.0", "num.partitions", "3.0", No),
            ("4.0.0", "num.partitions", "1_000", No),
            ("4.0.0", "num.partitions", "0x3", No),
            ("4.0.0", "num.partitions", "\"3\"", No),
            ("4.0.0", "num.partitions", "3 # comment", No),
            ("4.0.0", "num.partitions", "--3", No),
            ("4.0.0", "num.partitions", "2147483648", No),
            ("4.0.0", "num.partitions", "99999999999999999999", No),
            ("4.0.0", "num.partitions", "٣", Unknown),
            ("4.0.0", "message.max.bytes", "3000000000", No),
            ("4.0.0", "offsets.topic.replication.factor", "32767", Yes),
            ("4.0.0", "offsets.topic.replication.factor", "40000", No),
            ("4.0.0", "log.retention.bytes", "3000000000", Yes),
            ("4.0.0", "log.retention.bytes", "100L", No),
            ("4.0.0", "log.retention.bytes", "9223372036854775808", No),
            ("3.9.2", "log.segment.bytes", "14", Yes),
            ("4.0.0", "log.segment.bytes", "14", No),
            ("4.0.0", "compression.gzip.level", "-1", Yes),
            ("4.0.0", "compression.gzip.level", "9", Yes),
            ("4.0.0", "compression.gzip.level", "0", No),
            ("4.0.0", "compression.gzip.level", "10", No),
            ("4.0.0", "compression.zstd.level", "22", Yes),
            ("4.0.0", "compression.zstd.level", "23", No),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "5e-1", Yes),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "0.5f", Yes),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", ".5D", Yes),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "NaN", Yes),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "0x1p-1", Yes),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "0x.8p0f", Yes),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "0x1p1", No),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "0x1", No),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "nan", No),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "inf", No),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "Infinity", No),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "1.5", No),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "half", No),
            ("4.0.0", "log.cleaner.min.cleanable.ratio", "", No),
            ("4.0.0", "compression.type", "zstd", Yes),
            ("4.0.0", "compression.type", "none", No),
            ("4.0.0", "compression.type", "GZIP", No),
            ("4.0.0", "ssl.client.auth", "required", Yes),
            ("4.0.0", "ssl.client.auth", "REQUIRED", No),
            ("4.0.0", "group.consumer.migration.policy", "Upgrade", Yes),
            ("4.0.0", "group.consumer.migration.policy", "foo", No),
            ("4.0.0", "log.dirs", "", Yes),
            ("4.0.0", "process.roles", "broker , controller", Yes),
            ("4.0.0", "process.roles", "broker,controller,", No),
            ("4.0.0", "process.roles", "Broker", No),
            ("4.0.0", "process.roles", "", Yes),
            ("4.2.0", "process.roles", "", No),
            ("4.2.0", "log.dirs", "", No),
            ("4.2.0", "log.dirs", "/a,,/b", No),
            ("4.2.0", "log.dirs", "/a,/b", Yes),
            ("4.2.0", "log.cleanup.policy", "", Yes),
            ("4.2.0", "log.cleanup.policy", "delete,compact", Yes),
            ("4.2.0", "log.cleanup.policy", "delete;compact", No),
            ("4.0.0", "controller.quorum.voters", "x", Unknown),
            ("4.0.0", "principal.builder.class", "com.foo.Bar", Unknown),
            ("4.0.0", "principal.builder.class", " ", No),
            ("4.0.0", "broker.rack", "", Yes),
            ("4.0.0", "ssl.keystore.password", "x", Yes),
            ("3.4.0", "inter.broker.protocol.version", "3.4", Yes),
            ("3.4.0", "inter.broker.protocol.version", "3.4.1", Yes),
            ("3.4.0", "inter.broker.protocol.version", "3.4-IV0", Yes),
            ("3.4.0", "inter.broker.protocol.version", "0.10.2.1", Yes),
            ("3.4.0", "inter.broker.protocol.version", "0.10", No),
            ("3.4.0", "inter.broker.protocol.version", "3.5", No),
            ("3.4.0", "inter.broker.protocol.version", "3", No),
            ("3.4.0", "inter.broker.protocol.version", "3.4-IV1", No),
            ("3.4.0", "inter.broker.protocol.version", "3.0.", No),
            ("3.0.0", "inter.broker.protocol.version", "3.0.", Yes),
            ("3.8.0", "inter.broker.protocol.version", "3.9", No),
            ("3.8.0", "inter.broker.protocol.version", "3.9-IV0", Yes),
            ("3.9.0", "inter.broker.protocol.version", "3.9", Yes),
        ] {
            let verdict = accepts(server(key, release), value);
            let is = match verdict {
                Verdict::Yes => Yes,
                Verdict::No(_) => No,
                Verdict::Unknown => Unknown,
            };
            assert_eq!(is, expected, "{release} {key}={value}: {verdict:?}");
        }
    }

    #[test]
    fn patterns() {
        let def = def_at(Scope::Consumer, "auto.offset.reset", release_index("4.0.0").unwrap()).unwrap();
        assert_eq!(accepts(def, "earliest"), Verdict::Yes);
        assert_eq!(accepts(def, "by_duration:PT1H"), Verdict::Yes);
        assert!(matches!(accepts(def, "by_duration:1h"), Verdict::No(_)));
        assert!(matches!(accepts(def, "by_duration"), Verdict::No(_)));
        assert!(matches!(accepts(def, "EARLIEST"), Verdict::No(_)));
    }

    #[test]
    fn reasons_say_what_would_do() {
        let reason = |release, key, value| match accepts(server(key, release), value) {
            Verdict::No(reason) => reason,
            other => panic!("{key}={value}: {other:?}"),
        };
        assert_eq!(reason("4.0.0", "num.partitions", "0"), "must be at least 1");
        assert_eq!(reason("4.0.0", "num.partitions", "x"), "is not a whole number");
        assert_eq!(reason("4.0.0", "compression.gzip.level", "10"), "must be no more than 9 or -1");
        assert_eq!(reason("4.0.0", "ssl.client.auth", "x"), "must be one of required, requested, none");
        assert_eq!(
            reason("4.0.0", "offsets.topic.replication.factor", "40000"),
            "does not fit into type SHORT (-32768 to 32767)"
        );
        assert_eq!(reason("4.2.0", "log.dirs", "/a,"), "has an empty element");
    }

    /// Kafka runs each validator on the default too, so every default must pass, in every scope.
    #[test]
    fn defaults_are_accepted() {
        for scope in Scope::ALL {
            for def in scope.table() {
                let Some(value) = def.default.value() else { continue };
                // The clients' default for LIST and CLASS may be empty without being parsed.
                if def.ty == Type::Class && value.is_empty() {
                    continue;
                }
                assert!(
                    !matches!(accepts(def, value), Verdict::No(_)),
                    "{}={value}: {:?}",
                    def.name.get(),
                    accepts(def, value)
                );
            }
        }
    }
}
