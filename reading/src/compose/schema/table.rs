//! What Compose's schema says, and which texts Compose casts: facts as tables.
//!
//! `schema.json` is compose-go's `schema/compose-spec.json` (v2.16.2, Apache-2.0) without its descriptions, written by
//! `oracle/compose/regenerate`; `casts.tsv` is kept by hand. `build.rs` makes rows of both, and stops at a word or pattern that this does not know. Not for
//! looking at values: see the module above.

use std::cmp::Ordering;

use super::units::is_pull_policy;

/// A schema: a row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Schema(u16);

/// What a schema says; what it refers to is put in its place. Everything is a number into a table: a reference would have to be
/// told its address each time the program starts.
#[derive(Debug)]
pub(super) struct Node {
    /// The types that it admits; none when it admits all.
    pub(super) types: Types,
    one_of: Run,
    all_of: Run,
    /// Sorted as [`Word::compare`] has it.
    properties: Run,
    patterns: Run,
    /// No other keys are admitted.
    pub(super) closed: bool,
    required: Run,
    /// What items of a list are.
    pub(super) items: Option<Schema>,
    /// Items of a list must differ.
    pub(super) unique: bool,
    words: Run,
    /// What a text must look like.
    pub(super) pattern: Option<Pattern>,
    /// The least number; [`i64::MIN`] when there is none.
    minimum: i64,
    /// The largest number; [`i64::MAX`] when there is none.
    maximum: i64,
}

/// Some rows of another table: the first, and the one behind the last.
#[derive(Debug, Clone, Copy)]
struct Run(u16, u16);

impl Run {
    fn of<T>(self, all: &'static [T]) -> &'static [T] {
        all.get(usize::from(self.0)..usize::from(self.1)).unwrap_or_default()
    }
}

/// A piece of `NAMES`: where it starts, and its length.
#[derive(Debug, Clone, Copy)]
struct Word(u16, u8);

impl Word {
    fn text(self) -> &'static str {
        let from = usize::from(self.0);
        NAMES.get(from..from + usize::from(self.1)).unwrap_or_default()
    }

    /// How names are sorted: shorter ones first, so that few are looked at to find one.
    #[inline]
    fn compare(self, other: &str) -> Ordering {
        usize::from(self.1).cmp(&other.len()).then_with(|| self.bytes().cmp(other.as_bytes()))
    }

    /// As bytes: to compare them, no look at the borders of characters is needed.
    #[inline]
    fn bytes(self) -> &'static [u8] {
        let from = usize::from(self.0);
        NAMES.as_bytes().get(from..from + usize::from(self.1)).unwrap_or_default()
    }
}

include!(concat!(env!("OUT_DIR"), "/schema.rs"));

/// The schema of a service.
pub(super) fn service() -> Schema {
    SERVICE
}

/// The schema of a service, a network or another thing.
pub(super) fn definition(name: &str) -> Option<Schema> {
    find(&DEFINITIONS, name)
}

/// What a list says of a name; it is sorted as [`Word::compare`] has it.
fn find(list: &[(Word, Schema)], name: &str) -> Option<Schema> {
    let at = list.binary_search_by(|(known, _)| known.compare(name)).ok()?;
    list.get(at).map(|found| found.1)
}

impl Node {
    /// `oneOf`. No type is in two of them.
    pub(super) fn one_of(&self) -> &'static [Schema] {
        self.one_of.of(&SCHEMAS)
    }

    /// The keys that must be there.
    pub(super) fn required(&self) -> impl Iterator<Item = &'static str> {
        self.required.of(&WORDS).iter().map(|word| word.text())
    }

    /// `enum`: does it admit the text?
    pub(super) fn has_word(&self, text: &str) -> bool {
        let words = self.words.of(&WORDS);
        words.is_empty() || words.iter().any(|word| word.bytes() == text.as_bytes())
    }

    /// Does it admit the number?
    #[expect(clippy::cast_precision_loss, reason = "the bounds are small numbers")]
    pub(super) fn has_number(&self, n: f64) -> bool {
        (self.minimum == i64::MIN || n >= self.minimum as f64)
            && (self.maximum == i64::MAX || n <= self.maximum as f64)
    }

    /// True when it admits any number.
    pub(super) fn takes_any_number(&self) -> bool {
        self.minimum == i64::MIN && self.maximum == i64::MAX
    }

    /// True when it admits any text.
    pub(super) fn takes_any_text(&self) -> bool {
        self.words.of(&WORDS).is_empty() && self.pattern.is_none()
    }
}

impl Schema {
    /// What it says.
    pub(super) fn node(self) -> &'static Node {
        const NONE: Run = Run(0, 0);
        static ANY: Node = Node {
            types: Types(0),
            one_of: NONE,
            all_of: NONE,
            properties: NONE,
            patterns: NONE,
            closed: false,
            required: NONE,
            items: None,
            unique: false,
            words: NONE,
            pattern: None,
            minimum: i64::MIN,
            maximum: i64::MAX,
        };
        NODES.get(usize::from(self.0)).unwrap_or(&ANY)
    }

    /// What it says of a key by name.
    pub(super) fn property(self, key: &str) -> Option<Schema> {
        let node = self.node();
        let own = find(node.properties.of(&PROPERTIES), key);
        own.or_else(|| node.all_of.of(&SCHEMAS).iter().find_map(|s| s.property(key)))
    }

    /// What it says of a key, by name or by what the key looks like.
    pub(super) fn entry(self, key: &str) -> Option<Schema> {
        let patterns = self.node().patterns.of(&PATTERNS);
        self.property(key).or_else(|| patterns.iter().find(|p| p.0.fits(key)).map(|p| p.1))
    }

    /// Does it admit values of that type?
    pub(super) fn admits(self, kind: Type) -> bool {
        let mut types = self.node().types.all().peekable();
        types.peek().is_none() || types.any(|t| kind.is(t))
    }
}

/// The types of JSON, and what is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Object,
    Array,
    /// A template, or a text with a hole.
    Unknown,
}

/// Some types: a bit for each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Types(u8);

impl Types {
    /// Each of them.
    pub(super) fn all(self) -> impl Iterator<Item = Type> {
        use Type::{Array, Boolean, Integer, Null, Number, Object, String};
        let all = [Null, Boolean, Integer, Number, String, Object, Array];
        all.into_iter().filter(move |t| self.0 & 1 << *t as u8 != 0)
    }
}

impl Type {
    fn is(self, admitted: Type) -> bool {
        self == admitted || self == Type::Unknown || self == Type::Integer && admitted == Type::Number
    }
}

/// What a text looks like: the patterns that occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pattern {
    /// `^x-`
    Extension,
    /// `.+`
    NotEmpty,
    /// `^[a-z]+$`
    Lowercase,
    /// `^[a-zA-Z0-9._-]+$`
    Name,
    /// See [`is_pull_policy`].
    PullPolicy,
    /// That of `container_name`, which `service` asks of the last place only: not asked here.
    ContainerName,
}

impl Pattern {
    /// Does `text` look like this?
    pub(super) fn fits(self, text: &str) -> bool {
        let all = |fine: fn(u8) -> bool| !text.is_empty() && text.bytes().all(fine);
        match self {
            Pattern::Extension => text.starts_with("x-"),
            Pattern::NotEmpty => !text.is_empty(),
            Pattern::Lowercase => all(|b| b.is_ascii_lowercase()),
            Pattern::Name => all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
            Pattern::PullPolicy => is_pull_policy(text),
            Pattern::ContainerName => true,
        }
    }
}

/// What Compose casts a string to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cast {
    Bool,
    Int,
    Float,
    /// It stays a string, but must be a length of time.
    Duration,
    /// It stays a string, but must be a number of bytes.
    Bytes,
    /// A number that is not negative.
    Count,
    /// It stays a string, but must be the mode of a file, in octal digits.
    Mode,
    /// A whole number as Go writes it, with its base, that is not negative.
    Umask,
    /// `all`, or a whole number.
    Devices,
    /// A whole number; one with a fraction of nothing (`1.0`) is none.
    Limit,
    /// As it, but a string is none.
    Whole,
    /// A number that is not negative; a string is none.
    Weight,
    /// Nothing but a string.
    Text,
    /// A string that is not empty.
    NotEmpty,
    /// A string or a whole number.
    Word,
    /// `name=address`, or with a `:`.
    Host,
}

/// When a text is cast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// In each file, when variables are replaced.
    AtOnce,
    /// At the very end, when later files had their say (`types/`).
    Late,
}

/// One kind of text that is cast, a row of `casts.tsv`.
#[derive(Debug)]
pub(super) struct CastRow {
    field: Word,
    below: Run,
    pub(super) cast: Cast,
    pub(super) moment: Moment,
}

impl CastRow {
    /// Is it what stands at this way below the field? `*` is any key, but no item of a list.
    pub(super) fn fits(&self, below: &[&str]) -> bool {
        let way = self.below.of(&WORDS);
        way.len() == below.len() && way.iter().zip(below).all(|(part, at)| fits(part.text(), at))
    }
}

/// What is cast of a field and below it.
pub(super) fn casts_of(field: &str) -> &'static [CastRow] {
    let from = CASTS.partition_point(|row| row.field.compare(field).is_lt());
    let own = CASTS.get(from..).unwrap_or_default();
    own.get(..own.iter().take_while(|row| row.field.compare(field).is_eq()).count()).unwrap_or_default()
}

/// Where a date is printed as a text, as nowhere else: ways from a field's name on, `*` for any key and `[]` for items of lists.
const DATES: &str = "\
    annotations.* \
    annotations.[] \
    blkio_config.device_read_bps.[].rate \
    blkio_config.device_read_iops.[].rate \
    blkio_config.device_write_bps.[].rate \
    blkio_config.device_write_iops.[].rate \
    build.args.* \
    build.extra_hosts.[] \
    build.extra_hosts.*.[] \
    build.labels.* \
    build.provenance \
    build.sbom \
    build.shm_size \
    build.ssh.* \
    command \
    deploy.labels.* \
    deploy.resources.limits.memory \
    deploy.resources.reservations.devices.[].options.* \
    deploy.resources.reservations.devices.[].options.[] \
    deploy.resources.reservations.memory \
    develop.watch.[].exec.command \
    develop.watch.[].exec.environment.* \
    develop.watch.[].exec.environment.[] \
    driver_opts.* \
    entrypoint \
    env_file.[] \
    environment.* \
    environment.[] \
    external.* \
    extra_hosts.[] \
    extra_hosts.*.[] \
    gpus.[].options.* \
    gpus.[].options.[] \
    ipam.config.[].aux_addresses.* \
    ipam.options.* \
    labels.* \
    labels.[] \
    logging.options.* \
    mem_limit \
    mem_reservation \
    mem_swappiness \
    memswap_limit \
    networks.*.driver_opts.* \
    shm_size \
    sysctls.* \
    volumes.[].volume.labels.* \
";

/// Is a date at this way, from a field's name on, printed as a text? Hooks have what an `exec` has.
pub(super) fn takes_dates(way: &[&str]) -> bool {
    let is_hook = |at: &[&str]| matches!(at, ["[]", "command"] | ["[]", "environment", _]);
    let fits = |known: &str| {
        let parts = known.split('.');
        parts.clone().count() == way.len() && parts.zip(way).all(|(part, at)| fits(part, at))
    };
    match way {
        [] => true,
        ["post_start" | "pre_stop", below @ ..] => is_hook(below),
        ["provider", "options", ..] => true,
        _ => way.iter().any(|part| part.starts_with("x-")) || DATES.split(' ').any(fits),
    }
}

/// Does a part of a way, `*` for any key, fit what stands there?
fn fits(part: &str, at: &str) -> bool {
    part == at || part == "*" && at != "[]"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_a_service_is_in_the_schema() {
        let service = definition("service").unwrap();
        for name in super::super::super::model::OTHER_FIELDS {
            assert!(service.property(name).is_some(), "{name}");
        }
    }

    #[test]
    fn tables_are_sorted() {
        let is_sorted =
            |words: &mut dyn Iterator<Item = Word>| words.is_sorted_by(|a, b| a.compare(b.text()).is_le());
        assert!(is_sorted(&mut CASTS.iter().map(|c| c.field)));
        assert!(is_sorted(&mut DEFINITIONS.iter().map(|d| d.0)));
        assert!(NODES.iter().all(|n| is_sorted(&mut n.properties.of(&PROPERTIES).iter().map(|p| p.0))));
    }
}
