//! The form of values: what Compose's own schema says of a field, and what its decoder makes of strings in it.
//!
//! Before a value is held against the schema, strings are cast where Compose casts them (`loader/interpolate.go`); some strings
//! must besides be a duration or a size (`types/duration.go`, `types/bytes.go`).
//! Compose validates what files come to when they are merged; this sees one place at a time, so a caller says when a
//! mapping may be completed by another one. Not for references between things: see `consistency`.

mod table;
mod units;

use smallvec::{SmallVec, smallvec};

use table::{Cast, CastRow, Moment, Schema, Type, casts_of, definition, service, takes_dates};
pub(super) use units::{is_host_name, size};

use super::scalar;
use super::values::Values;
use crate::hash::HashSet;
use crate::yaml::{Entry, Kind, NodeId, Plain};

/// Where something is wrong, and what.
pub(super) type Fault = (NodeId, String);

/// What is wrong with the value of a field of a service. `said_elsewhere`: another place has a key at a path, and so
/// completes the mapping there.
/// `said_later`: a later place has another value at that path, of which the last one counts in the end; or takes the place of
/// that entry of a list.
/// `skip`: entries that others take the place of.
/// `is_over`: an earlier place has a value at that path, so that a list there leaves out what it repeats
/// (`override/merge.go`, `appendWithoutDuplicates`).
pub(super) fn field(
    values: &Values,
    name: &str,
    node: NodeId,
    said_elsewhere: &dyn Fn(&[&str], &str) -> bool,
    said_later: &dyn Fn(&[&str], Option<NodeId>) -> bool,
    skip: Option<&HashSet<NodeId>>,
    is_over: &dyn Fn(&[&str]) -> bool,
) -> Option<Fault> {
    let schema = service().property(name)?;
    let path = smallvec![name];
    Check {
        values,
        of: "service",
        said_elsewhere,
        until: Moment::Late,
        said_later,
        skip,
        is_over,
        entry: None,
        path,
        casts: casts_of(name),
    }
    .node(schema, node)
    .err()
}

/// A text below a field that cannot be the number or truth value that Compose casts it to at once.
pub(super) fn cast_fault(values: &Values, name: &str, node: NodeId) -> Option<Fault> {
    let casts = casts_of(name);
    if casts.iter().all(|row| row.moment == Moment::Late) {
        return None;
    }
    let (path, until, said_later) = (smallvec![name], Moment::AtOnce, &|_: &[&str], _| false);
    let mut check = Check {
        values,
        of: "service",
        said_elsewhere: &|_, _| true,
        until,
        said_later,
        skip: None,
        is_over: &|_| false,
        entry: None,
        path,
        casts,
    };
    check.casts(node).err()
}

/// What is wrong with a thing of a top-level section, such as `network`. `is_over`: an earlier place has a value at that path;
/// `is_last`: no later one takes the place of anything.
pub(super) fn thing(
    values: &Values,
    kind: &str,
    node: NodeId,
    is_over: &dyn Fn(&[&str]) -> bool,
    is_last: bool,
) -> Option<Fault> {
    let schema = definition(kind)?;
    let said_elsewhere = |path: &[&str], key: &str| {
        let path: SmallVec<[&str; 8]> = path.iter().copied().chain([key]).collect();
        is_over(&path)
    };
    let (path, said_elsewhere) = (SmallVec::new(), &said_elsewhere);
    let (until, said_later) = (Moment::Late, &|_: &[&str], _| !is_last);
    let (skip, entry, casts) = (None, None, Default::default());
    let of = kind;
    Check { values, of, said_elsewhere, until, said_later, skip, is_over, entry, path, casts }
        .node(schema, node)
        .err()
}

/// A text of a thing that cannot be the truth value that Compose casts it to at once: asked of other files, whose things count
/// for nothing else.
pub(super) fn thing_cast_fault(values: &Values, node: NodeId) -> Option<Fault> {
    let said_later = &|_: &[&str], _| true;
    values.tree().entries(node).iter().find_map(|entry| {
        let key = values.tree().str(entry.key)?;
        let mut check = Check {
            values,
            of: "thing",
            said_elsewhere: &|_, _| true,
            until: Moment::AtOnce,
            said_later,
            skip: None,
            is_over: &|_| false,
            entry: None,
            path: smallvec![key],
            casts: casts_of(key),
        };
        if check.casts.is_empty() { None } else { check.casts(entry.value).err() }
    })
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

struct Check<'v> {
    values: &'v Values,
    /// What the value belongs to: a service or another thing.
    of: &'v str,
    said_elsewhere: &'v dyn Fn(&[&str], &str) -> bool,
    /// Texts that are cast up to then are looked at.
    until: Moment,
    said_later: &'v dyn Fn(&[&str], Option<NodeId>) -> bool,
    /// Entries that others take the place of.
    skip: Option<&'v HashSet<NodeId>>,
    is_over: &'v dyn Fn(&[&str]) -> bool,
    /// The entry of the field's list that the value stands in.
    entry: Option<NodeId>,
    /// The way to the value, from a field's name on.
    path: SmallVec<[&'v str; 8]>,
    /// What is cast below the first of the way.
    casts: &'static [CastRow],
}

impl Check<'_> {
    fn name(&self) -> String {
        self.path.join(".").replace(".[]", "[]")
    }

    fn cast(&self) -> Option<Cast> {
        let (field, below) = self.path.split_first()?;
        // Unlike those of a network, they are not printed.
        if (self.of, *field, below.len()) == ("secret", "driver_opts", 1) {
            return self.counts_at_the_end().then_some(Cast::Word);
        }
        // Those of a service are looked at where they are read.
        if (self.of, *field, below) == ("hook", "extra_hosts", ["[]"].as_slice()) {
            return self.counts_at_the_end().then_some(Cast::Host);
        }
        let row = self.casts.iter().find(|row| row.fits(below))?;
        (row.moment == Moment::AtOnce || self.counts_at_the_end()).then_some(row.cast)
    }

    /// True when the value is looked at as it is at the very end, and no later place takes its place.
    fn counts_at_the_end(&self) -> bool {
        let said_later = |way: &[&str], entry| (self.said_later)(way, entry);
        let joined = || self.path.split_last().map(|(_, before)| before).filter(|way| self.is_joined(way));
        self.until == Moment::Late
            && !said_later(&self.path, self.entry)
            && joined().is_none_or(|way| !said_later(way, None))
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
        let refuse = |what: &str| Err((node, format!("`{}` is {what}", self.name())));
        Ok(match plain {
            Plain::Null if cast == Some(Cast::Text) => return refuse("no string"),
            Plain::Null => Type::Null,
            Plain::Bool if cast == Some(Cast::Text) => return refuse("no string"),
            Plain::Bool => Type::Boolean,
            Plain::Integer => {
                let fits = || {
                    text().is_none_or(|t| scalar::int(t.as_str()).is_some_and(|n| i64::try_from(n).is_ok()))
                };
                // A number is not cast before the end.
                match cast {
                    Some(Cast::Count | Cast::Weight)
                        if self.counts_at_the_end()
                            && text().is_some_and(|t| t.as_str().starts_with('-')) =>
                    {
                        return refuse("negative");
                    }
                    Some(Cast::Limit | Cast::Whole | Cast::Word | Cast::Devices) if !fits() => {
                        return refuse("too large a number");
                    }
                    Some(Cast::Text) => return refuse("no string"),
                    _ => Type::Integer,
                }
            }
            Plain::Float
                if matches!(
                    cast,
                    Some(Cast::Limit | Cast::Whole | Cast::Word | Cast::Text | Cast::Devices)
                ) =>
            {
                return refuse("no whole number");
            }
            Plain::Float => {
                let whole =
                    text().and_then(|t| t.as_str().parse::<f64>().ok()).is_some_and(|f| f.fract() == 0.0);
                if whole { Type::Integer } else { Type::Number }
            }
            // Its schema takes it for a text, its decoder does not.
            Plain::Timestamp if self.counts_at_the_end() && !takes_dates(&self.path) => {
                return refuse("a date, which stands for no text here");
            }
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
                    Some(Cast::Int | Cast::Count | Cast::Limit) => match scalar::atoi(text) {
                        Some(n) if n < 0 && cast == Some(Cast::Count) && self.counts_at_the_end() => {
                            return wrong("negative");
                        }
                        Some(_) => Type::Integer,
                        None => return wrong("no whole number"),
                    },
                    Some(Cast::Umask) if scalar::int(text).is_some_and(|n| u32::try_from(n).is_ok()) => {
                        Type::Integer
                    }
                    Some(Cast::Devices) if text == "all" || scalar::atoi(text).is_some() => Type::String,
                    Some(Cast::Devices) => return wrong("neither a whole number nor `all`"),
                    Some(Cast::Umask | Cast::Whole | Cast::Weight) => return wrong("no whole number"),
                    Some(Cast::Host) if !units::is_host(text) => return wrong("no name with an address"),
                    Some(Cast::NotEmpty) if text.is_empty() => return refuse("empty"),
                    Some(Cast::Text | Cast::NotEmpty | Cast::Word | Cast::Host) => Type::String,
                    Some(Cast::Float) => match text.parse::<f64>() {
                        Ok(number) if number.fract() == 0.0 => Type::Integer,
                        Ok(_) => Type::Number,
                        Err(_) => return wrong("no number"),
                    },
                    Some(Cast::Duration) if units::is_duration(text) => Type::String,
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
        match tree.resolve(node).map(|id| tree.kind(id)) {
            Some(Kind::Mapping(_)) => {
                for entry in tree.entries(node) {
                    self.path.push(tree.str(entry.key).unwrap_or(""));
                    self.casts(entry.value)?;
                    self.path.pop();
                }
            }
            Some(Kind::Sequence(items)) => {
                self.path.push("[]");
                for item in items {
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

    fn node(&mut self, schema: Schema, node: NodeId) -> Result<(), Fault> {
        if self.is_made_list() {
            let is_text = |n: &&NodeId| {
                matches!(self.values.plain(**n), Some(Plain::String)) || self.values.is_template(**n)
            };
            let odd = self.values.tree().items(node).iter().find(|n| !is_text(n));
            return odd.map_or(Ok(()), |n| Err((*n, format!("an entry of `{}` is no string", self.name()))));
        }
        let kind = self.type_of(node)?;
        // Over a value, or below one in what is extended, nothing changes nothing (`override/merge.go`, `MergeYaml`).
        let is_nothing = || {
            // A field has its own ways, and a test is not put together with another one.
            let is_whole = matches!(self.of, "hook")
                || self.of == "service" && self.path.len() < 2
                || matches!(self.path.as_slice(), ["healthcheck", "test"]);
            let may_be = kind == Type::Null && !is_whole && !self.path.contains(&"[]");
            let whole = self.path.split_last().filter(|_| may_be);
            whole.is_some_and(|(last, before)| (self.said_elsewhere)(before, last))
        };
        if kind == Type::Unknown || is_nothing() {
            return Ok(());
        }
        let choices = schema.node().one_of();
        if choices.is_empty() {
            return self.typed(schema, node, kind);
        }
        match choices.iter().find(|s| s.admits(kind)) {
            Some(choice) => self.typed(*choice, node, kind),
            None => Err(self.mistyped(node, choices.iter().flat_map(|s| s.node().types.all()))),
        }
    }

    fn mistyped(&self, node: NodeId, types: impl Iterator<Item = Type>) -> Fault {
        let word = |t: Type| {
            Some(match t {
                Type::Object => "mapping",
                Type::Array => "list",
                Type::Boolean => "truth value",
                Type::Integer => "whole number",
                Type::Number => "number",
                Type::String => "string",
                Type::Null | Type::Unknown => return None,
            })
        };
        let words: Vec<&str> = types.filter_map(word).collect();
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

    fn typed(&mut self, schema: Schema, node: NodeId, kind: Type) -> Result<(), Fault> {
        if !schema.admits(kind) {
            return Err(self.mistyped(node, schema.node().types.all()));
        }
        match kind {
            Type::Object => self.mapping(schema, node),
            Type::Array => self.sequence(schema, node),
            _ => self.scalar(schema, node, kind),
        }
    }

    fn scalar(&self, schema: Schema, node: NodeId, kind: Type) -> Result<(), Fault> {
        let schema = schema.node();
        if schema.takes_any_text() && (kind == Type::String || schema.takes_any_number()) {
            return Ok(());
        }
        let Some(text) = self.values.text(node) else { return Ok(()) };
        let text = text.as_str();
        let wrong = || Err((node, format!("`{}` cannot be `{text}`", self.name())));
        if !schema.has_word(text) {
            return wrong();
        }
        if kind == Type::String && schema.pattern.is_some_and(|p| !p.fits(text)) {
            return wrong();
        }
        if matches!(kind, Type::Integer | Type::Number)
            && let Ok(n) = text.parse::<f64>()
            && !schema.has_number(n)
        {
            return wrong();
        }
        Ok(())
    }

    fn mapping(&mut self, schema: Schema, node: NodeId) -> Result<(), Fault> {
        let values = self.values;
        let tree = values.tree();
        let entries = tree.entries(node);
        for entry in &entries {
            let Some(key) = tree.str(entry.key) else { continue };
            let key = self.new_name(key, &entries);
            let Some(inner) = schema.entry(key) else {
                if schema.node().closed {
                    let name = self.name();
                    let what = if name.is_empty() { "this".to_owned() } else { format!("`{name}`") };
                    return Err((entry.key, format!("{what} has no `{key}`")));
                }
                // Texts are cast before the schema is asked, also those that it says nothing of.
                let until = std::mem::replace(&mut self.until, Moment::AtOnce);
                self.path.push(key);
                self.casts(entry.value)?;
                self.path.pop();
                self.until = until;
                continue;
            };
            if self.path.is_empty() {
                self.casts = casts_of(key);
            }
            self.path.push(key);
            self.node(inner, entry.value)?;
            self.path.pop();
        }
        let has = |key: &str| entries.iter().any(|e| tree.str(e.key) == Some(key));
        if has("count")
            && has("device_ids")
            && self.counts_at_the_end()
            && matches!(
                self.path.as_slice(),
                ["gpus", "[]"] | ["deploy", "resources", "reservations", "devices", "[]"]
            )
        {
            return Err((node, format!("`{}` has both `count` and `device_ids`", self.name())));
        }
        // Items of lists are never put together.
        let elsewhere = |key: &str| !self.path.contains(&"[]") && (self.said_elsewhere)(&self.path, key);
        match schema.node().required().find(|key| !has(key) && !elsewhere(key)) {
            Some(key) => Err((node, format!("`{}` needs `{key}`", self.name()))),
            None => Ok(()),
        }
    }

    fn sequence(&mut self, schema: Schema, node: NodeId) -> Result<(), Fault> {
        let (values, schema) = (self.values, schema.node());
        let is_many = values.tree().items(node).len() > 1;
        let mut seen = (is_many && schema.unique && !self.is_made_unique()).then(HashSet::default);
        // The library takes a number for the same as an earlier text of it, but not in a long list, where it asks their
        // hashes first (jsonschema v6 `util.go`, `duplicates`).
        let is_short = values.tree().items(node).len() <= 20;
        let mut numbers: Vec<f64> = Vec::new();
        self.path.push("[]");
        for item in values.tree().items(node) {
            if self.path.len() == 2 {
                self.entry = Some(*item);
            }
            let inner = schema.items.filter(|_| !self.skip.is_some_and(|s| s.contains(item)));
            if let Some(inner) = inner {
                match self.path.as_slice() {
                    ["pre_start", "[]"] => self.hook(inner, *item)?,
                    _ => self.node(inner, *item)?,
                }
            }
            if let Some(seen) = &mut seen
                && let Some(text) = values.text(*item).filter(|t| !t.slice().has_hole())
            {
                let is_string = values.plain(*item) == Some(Plain::String);
                let number = if is_short { units::number(text.as_str()) } else { None };
                let is_new = seen.insert((is_string, text.as_str().to_owned()));
                if !is_new && self.path.split_last().is_some_and(|(_, list)| (self.is_over)(list)) {
                    continue;
                }
                let is_known = !is_string && number.is_some_and(|n| numbers.contains(&n));
                if is_known || !is_new {
                    self.path.pop();
                    return Err((*item, format!("`{}` stands twice in `{}`", text.as_str(), self.name())));
                }
                numbers.extend(number);
            }
        }
        self.path.pop();
        if self.path.len() == 1 {
            self.entry = None;
        }
        Ok(())
    }

    /// A container that runs before the service's, which has fields as a service has.
    fn hook(&mut self, schema: Schema, item: NodeId) -> Result<(), Fault> {
        let path = std::mem::take(&mut self.path);
        let casts = std::mem::take(&mut self.casts);
        let of = std::mem::replace(&mut self.of, "hook");
        let found = self.node(schema, item);
        (self.path, self.casts, self.of) = (path, casts, of);
        found
    }

    /// What Compose takes an old name of a key for (`loader/aliases.go`), unless the new one stands there too.
    fn new_name<'k>(&self, key: &'k str, entries: &[Entry]) -> &'k str {
        const NEW: &str = "initial_sync";
        let values = self.values;
        let has_new =
            || entries.iter().any(|e| values.tree().str(e.key) == Some(NEW) && !values.is_null(e.value));
        match self.path.as_slice() {
            ["develop", "watch", "[]"] if key == "x-initialSync" && !has_new() => NEW,
            _ => key,
        }
    }

    /// True for mappings that become lists of texts when they are put together with another one, so that anything may stand
    /// in them (`override/merge.go`, `mergeKeyValueSequence`).
    fn is_made_list(&self) -> bool {
        let whole = self.path.split_last().filter(|_| self.is_joined(&self.path));
        whole.is_some_and(|(last, before)| (self.said_elsewhere)(before, last))
    }

    /// True for the way to such a mapping.
    fn is_joined(&self, way: &[&str]) -> bool {
        match way {
            ["labels"] => !matches!(self.of, "job" | "hook"),
            ["annotations" | "sysctls"]
            | ["build", "additional_contexts" | "args" | "labels"]
            | ["deploy", "labels"] => self.of == "service",
            _ => false,
        }
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
        if !matches!(self.of, "service" | "network") {
            return false;
        }
        let name = self.path.join(".");
        LISTS.contains(&name.as_str())
            || matches!(self.path.as_slice(), ["networks", _, "aliases" | "link_local_ips"])
    }
}
