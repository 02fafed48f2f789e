//! The form of values: what Compose's own schema says of a field, and what its decoder makes of strings in it.
//!
//! `schema.json` is compose-go's `schema/compose-spec.json` (v2.16.2, Apache-2.0) without its descriptions, written by
//! `oracle/compose/regenerate`. Before a value is held against it, strings are cast where Compose casts them
//! (`loader/interpolate.go`); some strings must besides be a duration or a size (`types/duration.go`, `types/bytes.go`).
//! Compose validates what files come to when they are merged; this sees one place at a time, so a caller says when a
//! mapping may be completed by another one. Not for references between things: see `consistency`.

use crate::hash::HashSet;
use std::sync::OnceLock;

use serde_json::Value as Schema;

use super::scalar;
use super::values::{MergeTag, Values};
use crate::yaml::{Kind, NodeId, Plain};

/// Where something is wrong, and what.
pub(super) type Fault = (NodeId, String);

/// What Compose casts a string to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cast {
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
}

/// Which texts are cast.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// All.
    Any,
    /// Those that are cast in each file, when variables are replaced. The others are cast at the very end, when later
    /// files had their say (`types/`).
    AtOnce,
}

/// Paths of [`CASTS`] to a number or truth value that are cast at the very end.
const LATE: [(&str, &str); 6] = [
    ("attach", ""),
    ("build", "no_cache"),
    ("build", "pull"),
    ("deploy", "resources.limits.cpus"),
    ("deploy", "resources.reservations.cpus"),
    ("env_file", "[].required"),
];

fn is_late(cast: &(&str, &str, Cast)) -> bool {
    matches!(cast.2, Cast::Duration | Cast::Bytes | Cast::Mode) || LATE.contains(&(cast.0, cast.1))
}

/// Fields of a service or keys of a section, sorted, with the way below them: `*` for any key and `[]` for items of lists.
static CASTS: [(&str, &str, Cast); 70] = [
    ("attach", "", Cast::Bool),
    ("attachable", "", Cast::Bool),
    ("build", "no_cache", Cast::Bool),
    ("build", "pull", Cast::Bool),
    ("build", "shm_size", Cast::Bytes),
    ("configs", "[].mode", Cast::Mode),
    ("cpu_count", "", Cast::Int),
    ("cpu_percent", "", Cast::Float),
    ("cpu_period", "", Cast::Int),
    ("cpu_quota", "", Cast::Int),
    ("cpu_rt_period", "", Cast::Int),
    ("cpu_rt_runtime", "", Cast::Int),
    ("cpu_shares", "", Cast::Int),
    ("cpus", "", Cast::Float),
    ("depends_on", "*.required", Cast::Bool),
    ("depends_on", "*.restart", Cast::Bool),
    ("deploy", "placement.max_replicas_per_node", Cast::Int),
    ("deploy", "replicas", Cast::Int),
    ("deploy", "resources.limits.cpus", Cast::Float),
    ("deploy", "resources.limits.memory", Cast::Bytes),
    ("deploy", "resources.reservations.cpus", Cast::Float),
    ("deploy", "resources.reservations.memory", Cast::Bytes),
    ("deploy", "restart_policy.delay", Cast::Duration),
    ("deploy", "restart_policy.max_attempts", Cast::Int),
    ("deploy", "restart_policy.window", Cast::Duration),
    ("deploy", "rollback_config.delay", Cast::Duration),
    ("deploy", "rollback_config.max_failure_ratio", Cast::Float),
    ("deploy", "rollback_config.monitor", Cast::Duration),
    ("deploy", "rollback_config.parallelism", Cast::Int),
    ("deploy", "update_config.delay", Cast::Duration),
    ("deploy", "update_config.max_failure_ratio", Cast::Float),
    ("deploy", "update_config.monitor", Cast::Duration),
    ("deploy", "update_config.parallelism", Cast::Int),
    ("enable_ipv4", "", Cast::Bool),
    ("enable_ipv6", "", Cast::Bool),
    ("env_file", "[].required", Cast::Bool),
    ("external", "", Cast::Bool),
    ("healthcheck", "disable", Cast::Bool),
    ("healthcheck", "interval", Cast::Duration),
    ("healthcheck", "retries", Cast::Count),
    ("healthcheck", "start_interval", Cast::Duration),
    ("healthcheck", "start_period", Cast::Duration),
    ("healthcheck", "timeout", Cast::Duration),
    ("init", "", Cast::Bool),
    ("internal", "", Cast::Bool),
    ("mem_limit", "", Cast::Bytes),
    ("mem_reservation", "", Cast::Bytes),
    ("mem_swappiness", "", Cast::Bytes),
    ("memswap_limit", "", Cast::Bytes),
    ("networks", "*.use_service_name_alias", Cast::Bool),
    ("oom_kill_disable", "", Cast::Bool),
    ("oom_score_adj", "", Cast::Int),
    ("pids_limit", "", Cast::Int),
    ("ports", "[].target", Cast::Int),
    ("privileged", "", Cast::Bool),
    ("read_only", "", Cast::Bool),
    ("scale", "", Cast::Int),
    ("secrets", "[].mode", Cast::Mode),
    ("shm_size", "", Cast::Bytes),
    ("stdin_open", "", Cast::Bool),
    ("stop_grace_period", "", Cast::Duration),
    ("tty", "", Cast::Bool),
    ("ulimits", "*", Cast::Int),
    ("ulimits", "*.hard", Cast::Int),
    ("ulimits", "*.soft", Cast::Int),
    ("umask", "", Cast::Int),
    ("volumes", "[].read_only", Cast::Bool),
    ("volumes", "[].tmpfs.mode", Cast::Mode),
    ("volumes", "[].tmpfs.size", Cast::Bytes),
    ("volumes", "[].volume.nocopy", Cast::Bool),
];

/// What is cast of a field and below it.
fn casts_of(field: &str) -> &'static [(&'static str, &'static str, Cast)] {
    let from = CASTS.partition_point(|c| c.0 < field);
    let own = CASTS.get(from..).unwrap_or_default();
    own.get(..own.iter().take_while(|c| c.0 == field).count()).unwrap_or_default()
}

/// What is wrong with the value of a field of a service. `said_elsewhere`: another place has a key at a path, and so
/// completes the mapping there.
/// `said_later`: a later place has another value at that path, of which the last one counts in the end; or takes the place of
/// that entry of a list.
/// `skip`: entries that others take the place of.
pub(super) fn field(
    values: &Values,
    name: &str,
    node: NodeId,
    said_elsewhere: &dyn Fn(&[&str], &str) -> bool,
    said_later: &dyn Fn(&[&str], Option<NodeId>) -> bool,
    skip: &HashSet<NodeId>,
) -> Option<Fault> {
    let schema = property(definition("service")?, name)?;
    let path = vec![name];
    Check { values, said_elsewhere, when: When::Any, said_later, skip, entry: None, path }
        .node(schema, node)
        .err()
}

/// A text below a field that cannot be the number or truth value that Compose casts it to at once.
pub(super) fn cast_fault(values: &Values, name: &str, node: NodeId) -> Option<Fault> {
    if casts_of(name).iter().all(is_late) {
        return None;
    }
    let path = vec![name];
    Check {
        values,
        said_elsewhere: &|_, _| true,
        when: When::AtOnce,
        said_later: &|_, _| false,
        skip: &HashSet::default(),
        entry: None,
        path,
    }
    .casts(node)
    .err()
}

/// What is wrong with a thing of a top-level section, such as `network`.
pub(super) fn thing(values: &Values, kind: &str, node: NodeId, partial: bool) -> Option<Fault> {
    let schema = definition(kind)?;
    let (path, said_elsewhere) = (Vec::new(), &|_: &[&str], _: &str| partial);
    Check {
        values,
        said_elsewhere,
        when: When::Any,
        said_later: &|_, _| false,
        skip: &HashSet::default(),
        entry: None,
        path,
    }
    .node(schema, node)
    .err()
}

/// What is wrong with an entry of `include`: its paths are strings (`loader/include.go`, `loadIncludeConfig`).
pub(super) fn include(values: &Values, item: NodeId) -> Option<Fault> {
    let tree = values.tree();
    if tree.is_sequence(item) {
        return Some((item, "an entry of `include` is neither a string nor a mapping".to_owned()));
    }
    ["path", "env_file"].into_iter().find_map(|key| {
        let node = tree.get(item, key)?.value;
        let fine = |n: &NodeId| {
            matches!(values.plain(*n), Some(Plain::String | Plain::Null)) || values.is_template(*n)
        };
        let items = if tree.is_sequence(node) { tree.items(node) } else { &[node] };
        let wrong = items.iter().find(|n| !fine(n))?;
        Some((*wrong, format!("`{key}` is no string")))
    })
}

fn whole() -> &'static Schema {
    static SCHEMA: OnceLock<Schema> = OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::from_str(include_str!("schema.json")).unwrap_or_default())
}

fn definition(name: &str) -> Option<&'static Schema> {
    whole().get("$defs")?.get(name)
}

/// `schema`, or what it refers to.
fn resolved(schema: &'static Schema) -> &'static Schema {
    let name = schema.get("$ref").and_then(Schema::as_str).and_then(|r| r.strip_prefix("#/$defs/"));
    name.and_then(definition).unwrap_or(schema)
}

fn list(schema: &'static Schema, key: &str) -> &'static [Schema] {
    schema.get(key).and_then(Schema::as_array).map_or(&[], Vec::as_slice)
}

/// What the schema of a mapping says of a key.
fn property(schema: &'static Schema, key: &str) -> Option<&'static Schema> {
    let schema = resolved(schema);
    let own = schema.get("properties").and_then(|p| p.get(key));
    own.or_else(|| list(schema, "allOf").iter().find_map(|s| property(s, key))).map(resolved)
}

/// True for the patterns that occur in the schema; a test knows them all.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        "^x-" => text.starts_with("x-"),
        "^.+$" | ".+" => !text.is_empty(),
        "^[a-z]+$" => !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase()),
        "^[a-zA-Z0-9._-]+$" => {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        }
        PULL_POLICY => pull_policy(text),
        _ => true,
    }
}

const PULL_POLICY: &str =
    "^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$";

fn pull_policy(text: &str) -> bool {
    if matches!(
        text,
        "always" | "never" | "build" | "if_not_present" | "missing" | "refresh" | "daily" | "weekly"
    ) {
        return true;
    }
    let Some(mut rest) = text.strip_prefix("every_").filter(|r| !r.is_empty()) else { return false };
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        if unit.len() == rest.len() || !unit.starts_with(['w', 'd', 'h', 'm', 's']) {
            return false;
        }
        rest = unit.get(1..).unwrap_or("");
    }
    true
}

/// A length of time, as in `1m30s` (`str2duration.ParseDuration`).
fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut any = false;
    while !rest.is_empty() {
        let unit = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = rest.get(..rest.len() - unit.len()).unwrap_or("");
        if !number.contains(|c: char| c.is_ascii_digit()) || number.matches('.').count() > 1 {
            return false;
        }
        let after = unit.trim_start_matches(|c: char| !(c.is_ascii_digit() || c == '.'));
        let unit = unit.get(..unit.len() - after.len()).unwrap_or("");
        if !matches!(unit, "ns" | "us" | "µs" | "μs" | "ms" | "s" | "m" | "h" | "d" | "w") {
            return false;
        }
        (rest, any) = (after, true);
    }
    any
}

/// A number of bytes, as in `1.5g` (`units.RAMInBytes`).
pub(super) fn size(text: &str) -> Option<f64> {
    if let Ok(n) = text.parse::<i32>() {
        return Some(n.into());
    }
    let last = text.rfind(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')?;
    let (number, unit) = text.split_at(last + 1);
    let number: f64 = number.strip_suffix(' ').unwrap_or(number).parse().ok().filter(|n| *n >= 0.0)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        "p" | "pb" | "pib" => 5,
        _ => return None,
    };
    Some((number * 1024f64.powi(factor)).trunc())
}

/// The types of JSON, and what is not known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
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

impl Type {
    fn is(self, name: &str) -> bool {
        match self {
            Type::Null => name == "null",
            Type::Boolean => name == "boolean",
            Type::Integer => matches!(name, "integer" | "number"),
            Type::Number => name == "number",
            Type::String => name == "string",
            Type::Object => name == "object",
            Type::Array => name == "array",
            Type::Unknown => true,
        }
    }
}

/// The types that a schema admits; none when it admits all.
fn types(schema: &'static Schema) -> impl Iterator<Item = &'static str> {
    let types = match schema.get("type") {
        Some(Schema::Array(many)) => many.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    types.iter().filter_map(Schema::as_str)
}

fn admits(schema: &'static Schema, kind: Type) -> bool {
    let mut types = types(schema).peekable();
    types.peek().is_none() || types.any(|t| kind.is(t))
}

struct Check<'v> {
    values: &'v Values,
    said_elsewhere: &'v dyn Fn(&[&str], &str) -> bool,
    when: When,
    said_later: &'v dyn Fn(&[&str], Option<NodeId>) -> bool,
    skip: &'v HashSet<NodeId>,
    /// The entry of the field's list that the value stands in.
    entry: Option<NodeId>,
    /// The way to the value, from a field's name on.
    path: Vec<&'v str>,
}

impl Check<'_> {
    fn name(&self) -> String {
        self.path.join(".").replace(".[]", "[]")
    }

    fn cast(&self) -> Option<Cast> {
        let (field, below) = self.path.split_first()?;
        let fits = |pattern: &str| {
            let mut parts = pattern.split('.').filter(|part| !part.is_empty());
            let all = below.iter().all(|p| parts.next().is_some_and(|part| part == "*" || part == *p));
            all && parts.next().is_none()
        };
        let cast = casts_of(field).iter().find(|c| fits(c.1))?;
        let counts = !is_late(cast) || self.when == When::Any && !(self.said_later)(&self.path, self.entry);
        counts.then_some(cast.2)
    }

    /// The type of a value after it was cast.
    fn type_of(&self, node: NodeId) -> Result<Type, Fault> {
        let values = self.values;
        if values.is_template(node) {
            return Ok(Type::Unknown);
        }
        let Some(plain) = values.plain(node) else {
            let tree = values.tree();
            let kind = tree.resolve(node).map(|id| tree.kind(id));
            return Ok(match kind {
                Some(Kind::Mapping(_)) => Type::Object,
                Some(Kind::Sequence(_)) => Type::Array,
                _ => Type::Unknown,
            });
        };
        let cast = self.cast();
        let text = || values.text(node).filter(|t| !t.slice().has_hole());
        Ok(match plain {
            Plain::Null => Type::Null,
            Plain::Bool => Type::Boolean,
            Plain::Integer => {
                // A number is not cast before the end.
                let counts = || self.when == When::Any && !(self.said_later)(&self.path, self.entry);
                let is_negative = || text().is_some_and(|t| t.as_str().starts_with('-'));
                if cast == Some(Cast::Count) && is_negative() && counts() {
                    return Err((node, format!("`{}` is negative", self.name())));
                }
                Type::Integer
            }
            Plain::Float => {
                let whole =
                    text().and_then(|t| t.as_str().parse::<f64>().ok()).is_some_and(|f| f.fract() == 0.0);
                if whole { Type::Integer } else { Type::Number }
            }
            // It is printed before it is looked at.
            Plain::Timestamp | Plain::Merge => Type::String,
            Plain::String => {
                if cast.is_none() && values.is_fixed(node) {
                    return Ok(Type::String);
                }
                let Some(text) = text() else { return Ok(Type::Unknown) };
                let text = text.as_str();
                let wrong = |what: &str| Err((node, format!("`{}` is {what}: `{text}`", self.name())));
                match cast {
                    None => Type::String,
                    Some(Cast::Bool) if scalar::boolean(text).is_some() => Type::Boolean,
                    Some(Cast::Bool) => return wrong("no truth value"),
                    Some(Cast::Int) if scalar::atoi(text).is_some() => Type::Integer,
                    Some(Cast::Count) if scalar::atoi(text).is_some_and(|n| n >= 0) => Type::Integer,
                    Some(Cast::Int | Cast::Count) => return wrong("no whole number"),
                    Some(Cast::Float) if text.parse::<f64>().is_ok() => Type::Number,
                    Some(Cast::Float) => return wrong("no number"),
                    Some(Cast::Duration) if is_duration(text) => Type::String,
                    Some(Cast::Duration) => return wrong("no length of time such as `10s`"),
                    Some(Cast::Mode) if i64::from_str_radix(text, 8).is_ok() => Type::String,
                    Some(Cast::Mode) => return wrong("no mode of a file"),
                    Some(Cast::Bytes) if size(text).is_some() => Type::String,
                    Some(Cast::Bytes) => return wrong("no number of bytes such as `512m`"),
                }
            }
        })
    }

    /// Looks at all texts below a node that are cast at once.
    fn casts(&mut self, node: NodeId) -> Result<(), Fault> {
        let values = self.values;
        let tree = values.tree();
        let is_reset = |n: NodeId| values.file.has_tags && values.merge_tag(n) == Some(MergeTag::Reset);
        match tree.resolve(node).map(|id| tree.kind(id)) {
            Some(Kind::Mapping(_)) => {
                for entry in tree.entries(node).iter().filter(|e| !is_reset(e.value)) {
                    self.path.push(tree.str(entry.key).unwrap_or(""));
                    self.casts(entry.value)?;
                    self.path.pop();
                }
            }
            Some(Kind::Sequence(items)) => {
                self.path.push("[]");
                for item in items.iter().filter(|n| !is_reset(**n)) {
                    self.casts(*item)?;
                }
                self.path.pop();
            }
            _ => {
                self.type_of(node)?;
            }
        }
        Ok(())
    }

    fn node(&mut self, schema: &'static Schema, node: NodeId) -> Result<(), Fault> {
        let schema = resolved(schema);
        let kind = self.type_of(node)?;
        if kind == Type::Unknown {
            return Ok(());
        }
        let choices = list(schema, "oneOf");
        if !choices.is_empty() {
            // No type is in two of them.
            return match choices.iter().map(resolved).find(|s| admits(s, kind)) {
                Some(choice) => self.typed(choice, node, kind),
                None => Err(self.mistyped(node, choices.iter().flat_map(|s| types(resolved(s))))),
            };
        }
        self.typed(schema, node, kind)
    }

    fn mistyped(&self, node: NodeId, types: impl Iterator<Item = &'static str>) -> Fault {
        let words: Vec<&str> = types
            .filter_map(|t| {
                Some(match t {
                    "object" => "mapping",
                    "array" => "list",
                    "boolean" => "truth value",
                    "integer" => "whole number",
                    "null" => return None,
                    other => other,
                })
            })
            .collect();
        let name = self.name();
        (
            node,
            match words.as_slice() {
                [] => format!("`{name}` must have no value"),
                [one] => format!("`{name}` is no {one}"),
                [first @ .., last] => format!("`{name}` is neither a {} nor a {last}", first.join(", a ")),
            },
        )
    }

    fn typed(&mut self, schema: &'static Schema, node: NodeId, kind: Type) -> Result<(), Fault> {
        if !admits(schema, kind) {
            return Err(self.mistyped(node, types(schema)));
        }
        match kind {
            Type::Object => self.mapping(schema, node),
            Type::Array => self.sequence(schema, node),
            _ => self.scalar(schema, node, kind),
        }
    }

    fn scalar(&self, schema: &'static Schema, node: NodeId, kind: Type) -> Result<(), Fault> {
        let is_free = |key: &str| schema.get(key).is_none();
        if kind == Type::String && is_free("enum") && is_free("pattern") {
            return Ok(());
        }
        let Some(text) = self.values.text(node) else { return Ok(()) };
        let text = text.as_str();
        let wrong = || Err((node, format!("`{}` cannot be `{text}`", self.name())));
        let allowed = list(schema, "enum");
        if !allowed.is_empty() && !allowed.iter().any(|a| a.as_str() == Some(text)) {
            return wrong();
        }
        if kind == Type::String
            && schema.get("pattern").and_then(Schema::as_str).is_some_and(|p| !matches(p, text))
        {
            return wrong();
        }
        let bound = |key: &str| schema.get(key).and_then(Schema::as_f64);
        if matches!(kind, Type::Integer | Type::Number)
            && let Ok(n) = text.parse::<f64>()
            && (bound("minimum").is_some_and(|low| n < low) || bound("maximum").is_some_and(|high| n > high))
        {
            return wrong();
        }
        Ok(())
    }

    fn mapping(&mut self, schema: &'static Schema, node: NodeId) -> Result<(), Fault> {
        let values = self.values;
        let tree = values.tree();
        let entries = tree.entries(node);
        let is_reset = |n: NodeId| values.file.has_tags && values.merge_tag(n) == Some(MergeTag::Reset);
        let patterns = schema.get("patternProperties").and_then(Schema::as_object);
        let is_false = |key: &str| schema.get(key) == Some(&Schema::Bool(false));
        let closed = is_false("additionalProperties") || is_false("unevaluatedProperties");
        for entry in &entries {
            let Some(key) = tree.str(entry.key) else { continue };
            if is_reset(entry.value) {
                continue;
            }
            let pattern = || patterns.into_iter().flatten().find(|p| matches(p.0, key)).map(|p| p.1);
            let Some(inner) = property(schema, key).or_else(pattern) else {
                if closed {
                    let name = self.name();
                    let what = if name.is_empty() { "this".to_owned() } else { format!("`{name}`") };
                    return Err((entry.key, format!("{what} has no `{key}`")));
                }
                continue;
            };
            self.path.push(key);
            self.node(inner, entry.value)?;
            self.path.pop();
        }
        let has = |key: &str| entries.iter().any(|e| tree.str(e.key) == Some(key) && !is_reset(e.value));
        // Items of lists are never put together.
        let elsewhere = |key: &str| !self.path.contains(&"[]") && (self.said_elsewhere)(&self.path, key);
        let mut needed = list(schema, "required").iter().filter_map(Schema::as_str);
        match needed.find(|key| !has(key) && !elsewhere(key)) {
            Some(key) => Err((node, format!("`{}` needs `{key}`", self.name()))),
            None => Ok(()),
        }
    }

    fn sequence(&mut self, schema: &'static Schema, node: NodeId) -> Result<(), Fault> {
        let values = self.values;
        let mut seen = HashSet::default();
        let unique = schema.get("uniqueItems") == Some(&Schema::Bool(true)) && !self.is_made_unique();
        self.path.push("[]");
        for item in values.tree().items(node) {
            if values.file.has_tags && values.merge_tag(*item) == Some(MergeTag::Reset) {
                continue;
            }
            if self.path.len() == 2 {
                self.entry = Some(*item);
            }
            if let Some(inner) = schema.get("items").filter(|_| !self.skip.contains(item)) {
                self.node(inner, *item)?;
            }
            if unique
                && let Some(text) = values.text(*item).filter(|t| !t.slice().has_hole())
                && !seen.insert((values.plain(*item) == Some(Plain::String), text.as_str().to_owned()))
            {
                self.path.pop();
                return Err((*item, format!("`{}` stands twice in `{}`", text.as_str(), self.name())));
            }
        }
        self.path.pop();
        if self.path.len() == 1 {
            self.entry = None;
        }
        Ok(())
    }

    /// True for lists that lose what they repeat before they are looked at (`override/uncity.go`).
    fn is_made_unique(&self) -> bool {
        const LISTS: [&str; 24] = [
            "annotations",
            "build.additional_contexts",
            "build.args",
            "build.labels",
            "build.tags",
            "cap_add",
            "cap_drop",
            "configs",
            "deploy.labels",
            "devices",
            "dns",
            "dns_opt",
            "dns_search",
            "environment",
            "env_file",
            "expose",
            "labels",
            "links",
            "ports",
            "profiles",
            "secrets",
            "sysctls",
            "tmpfs",
            "volumes",
        ];
        let name = self.path.join(".");
        LISTS.contains(&name.as_str())
            || matches!(self.path.as_slice(), ["networks", _, "aliases" | "link_local_ips"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_schema_is_known() {
        fn walk(schema: &Schema) {
            if let Some(map) = schema.as_object() {
                let named = map.get("patternProperties").and_then(Schema::as_object);
                let own = map.get("pattern").and_then(Schema::as_str);
                for pattern in named.into_iter().flatten().map(|p| p.0.as_str()).chain(own) {
                    let known = ["^x-", "^.+$", ".+", "^[a-z]+$", "^[a-zA-Z0-9._-]+$", PULL_POLICY];
                    // The last is that of `container_name`, which `consistency` knows.
                    assert!(known.contains(&pattern) || pattern == "[a-zA-Z0-9][a-zA-Z0-9_.-]+", "{pattern}");
                }
                map.values().for_each(walk);
            }
            schema.as_array().into_iter().flatten().for_each(walk);
        }
        walk(whole());
    }

    #[test]
    fn every_field_of_a_service_is_in_the_schema() {
        let service = definition("service").unwrap();
        for name in super::super::model::OTHER_FIELDS {
            assert!(property(service, name).is_some(), "{name}");
        }
    }

    #[test]
    fn lengths_of_time_and_sizes() {
        for good in ["10s", "1m30s", "0", "-1.5h", "1d", ".5s", "1w2d", "1.s"] {
            assert!(is_duration(good), "{good}");
        }
        for bad in ["10", "", "s", "1x", "1m 3s", "1..5s", "-"] {
            assert!(!is_duration(bad), "{bad}");
        }
        for good in ["1g", "512m", "1.5 GB", "10kib", "-1", "5b", "7"] {
            assert!(size(good).is_some(), "{good}");
        }
        for bad in ["x", "", "1x", "-1g", "1ib", "1bb"] {
            assert!(size(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn when_an_image_is_pulled() {
        assert!(pull_policy("every_2w1d") && pull_policy("daily"));
        assert!(!pull_policy("every_") && !pull_policy("every_5") && !pull_policy("sometimes"));
    }
}
