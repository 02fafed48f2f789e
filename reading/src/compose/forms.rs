//! The form of a service's fields: each place is held against the schema, and against the other places of its field, for a
//! mapping cannot be put over a list (compose-go `override/merge.go`). Not for what the fields mean: see `service`.

use super::canonical;
use super::load::Run;
use super::model::{Field, Layer, RawService};
use super::mounts;
use super::schema::{self, Fault};
use super::service::is_long;
use super::values::Values;
use super::variables::Variables;
use crate::hash::{HashMap, HashSet};
use crate::source::Span;
use crate::yaml::{Entry, NodeId, Plain};

/// Tells what is wrong with the form of each field. `told`: where something was said already.
pub(super) fn check(run: &mut Run<'_, '_>, name: &str, raw: &RawService, told: &[Span]) {
    extensions(run, name, raw);
    for (i, layer) in raw.layers.iter().enumerate() {
        if is_read_whole(layer.field) || layer.field == Field::Extension || layer.drops.is_some() {
            continue;
        }
        let own = Place::new(run, layer);
        let (values, node) = (&own.values, own.node());
        let is_alone = raw.of(layer.field).nth(1).is_none();
        if values.file.has_template || is_alone && is_read_in_short(&own) {
            continue;
        }
        let (place, key) = (values.span(node), values.tree().span(layer.key));
        if told.iter().any(|t| place.contains(*t) || key.contains(*t)) {
            continue;
        }
        let (before, behind) = raw.layers.split_at(i);
        let earlier = Place::all(run, before, layer.field);
        match fate(raw, &own, &earlier) {
            Fate::Ignored => continue,
            Fate::Clash(node) => {
                let field = layer.field.name();
                let message = format!(
                    "`{field}` cannot be put over the one before it: one is a list or a mapping, the other is none"
                );
                run.problems.refuse(values.span(node), Some(name), message);
                continue;
            }
            Fate::Counts => {}
        }
        let later = Place::all(run, behind.get(1..).unwrap_or_default(), layer.field);
        let look = Look { own: &own, earlier: of_one_driver(&own, earlier), later, is_draft: run.is_draft() };
        if let Some(node) = look.odd_option() {
            run.problems.refuse(values.span(node), Some(name), "an option that is no text");
        }
        if let Some((node, message)) =
            canonical::first_fault(run, raw, layer, |skip| look.fault(is_long(raw, layer), skip))
        {
            run.problems.refuse(values.span(node), Some(name), message);
        }
    }
}

/// True for fields whose form is looked at where they are read.
fn is_read_whole(field: Field) -> bool {
    matches!(
        field,
        Field::Image
            | Field::Hostname
            | Field::ContainerName
            | Field::Environment
            | Field::Command
            | Field::Entrypoint
            | Field::Profiles
            | Field::NetworkMode
    )
}

/// True for a list in the short form, which is read word by word.
fn is_read_in_short(own: &Place<'_>) -> bool {
    let (values, node) = (&own.values, own.node());
    matches!(own.layer.field, Field::Ports | Field::Volumes)
        && values.tree().is_sequence(node)
        && values.tree().items(node).iter().all(|item| values.plain(*item) == Some(Plain::String))
}

/// A place of a field.
struct Place<'m> {
    layer: &'m Layer,
    values: Values,
}

impl<'m> Place<'m> {
    fn new(run: &mut Run<'_, '_>, layer: &'m Layer) -> Place<'m> {
        Place { layer, values: run.values(layer.at.file, layer.at.scope) }
    }

    /// Those of `field` among `layers`.
    fn all(run: &mut Run<'_, '_>, layers: &'m [Layer], field: Field) -> Vec<Place<'m>> {
        let of_field = layers.iter().filter(|l| l.field == field && l.drops.is_none());
        of_field.map(|layer| Place::new(run, layer)).collect()
    }

    fn node(&self) -> NodeId {
        self.layer.at.node
    }

    /// True when a value stands at the path, whose first part is the field's name.
    fn speaks_at(&self, path: &[&str]) -> bool {
        has_value(&self.values, self.node(), path.get(1..).unwrap_or_default())
    }
}

/// What becomes of a place when it is put together with the others of its field.
enum Fate {
    /// It gives way, or makes texts that anything may stand in.
    Ignored,
    /// This part of it cannot be put over an earlier place.
    Clash(NodeId),
    /// Its form counts.
    Counts,
}

fn fate(raw: &RawService, own: &Place<'_>, earlier: &[Place<'_>]) -> Fate {
    let (values, node, layer, field) = (&own.values, own.node(), own.layer, own.layer.field);
    let is_first = earlier.iter().all(|e| e.values.is_null(e.node()));
    let is_below = mounts::has_own(raw, layer);
    let (is_list, is_mapping) = (values.tree().is_sequence(node), values.tree().is_mapping(node));
    // Put together with another place, all but a list becomes a list of texts, or nothing.
    let is_joined = mounts::has_next(raw, layer) || !earlier.is_empty();
    // Lists of what shall be keys become a mapping.
    let joins_keys = matches!(field, Field::DependsOn | Field::Networks) || field.name() == "models";
    if is_joined && (joins_texts(field) && !is_list || joins_keys && is_list) {
        return Fate::Ignored;
    }
    // Null leaves what was there, and gives way to what the service that extends this one says.
    if (!is_first || is_below) && values.is_null(node) && field.name() != "logging" {
        return Fate::Ignored;
    }
    // What is no list or mapping gives way to what the service that extends it says.
    let is_text = || values.string(node).is_some();
    if is_below && !is_list && !is_mapping && (!is_converted(field) || is_text()) {
        return Fate::Ignored;
    }
    if let Some(node) = clash(raw, own, earlier) {
        return Fate::Clash(node);
    }
    // What is neither a text nor a mapping is left aside (`override/merge.go`, `mergeBuild`); a text over a list is an entry of it.
    if !is_first && (field == Field::Build && !is_mapping && !is_text() || is_converted(field) && is_text()) {
        return Fate::Ignored;
    }
    Fate::Counts
}

/// The part of a place that cannot be put over an earlier one.
fn clash(raw: &RawService, own: &Place<'_>, earlier: &[Place<'_>]) -> Option<NodeId> {
    if is_converted(own.layer.field) && own.layer.field != Field::Build {
        return None;
    }
    earlier.iter().find_map(|other| {
        let later = if own.layer.is_base {
            mounts::stays_short(raw, own.layer)
        } else {
            Variables::is_inside(&other.values.scope.variables, &own.values.scope.variables)
        };
        let as_written = (mounts::stays_short(raw, other.layer), later);
        let path = &mut vec![own.layer.field.name().to_owned()];
        canonical::clash((&other.values, other.node()), (&own.values, own.node()), path, as_written)
    })
}

/// Logging of another driver is not put together with this one (`override/merge.go`, `mergeLogging`).
fn of_one_driver<'m>(own: &Place<'m>, mut earlier: Vec<Place<'m>>) -> Vec<Place<'m>> {
    if own.layer.field.name() == "logging" {
        let driver = |place: &Place<'_>| {
            let entry = place.values.tree().get(place.node(), "driver")?;
            Some(place.values.deep(entry.value))
        };
        let mine = driver(own);
        earlier.retain(|place| mine.is_none() || driver(place).is_none_or(|d| Some(d) == mine));
    }
    earlier
}

/// A look at one place of a field among the others.
struct Look<'p> {
    own: &'p Place<'p>,
    earlier: Vec<Place<'p>>,
    later: Vec<Place<'p>>,
    /// More may come on top.
    is_draft: bool,
}

impl Look<'_> {
    fn field(&self) -> &'static str {
        self.own.layer.field.name()
    }

    /// True when a later place says something at the path, or has an entry that takes the place of `entry`.
    fn said_later(&self, path: &[&str], entry: Option<NodeId>) -> bool {
        self.is_draft
            || self.later.iter().any(|place| place.speaks_at(path))
            || entry.is_some_and(|entry| self.is_taken(entry))
    }

    fn is_taken(&self, entry: NodeId) -> bool {
        let Some(key) = canonical::key(&self.own.values, self.field(), entry) else { return false };
        self.later.iter().any(|Place { layer, values }| {
            // One text is a list of it.
            let items = values.tree().listed(&layer.at.node);
            items.iter().any(|item| canonical::key(values, self.field(), *item).as_ref() == Some(&key))
        })
    }

    fn is_over(&self, path: &[&str]) -> bool {
        self.earlier.iter().any(|place| place.speaks_at(path))
    }

    /// True when the place is put together with another one, before Compose looks at it, that says something at the path.
    fn said_elsewhere(&self, path: &[&str], key: &str) -> bool {
        let path: Vec<&str> = path.iter().copied().chain([key]).collect();
        let others = self.earlier.iter().chain(self.later.iter().filter(|_| self.own.layer.is_base));
        others.into_iter().any(|place| {
            // A list of dependencies says it all of each.
            let tree = place.values.tree();
            let is_listed =
                |name: &&str| tree.items(place.node()).iter().any(|i| tree.str(*i) == Some(*name));
            self.field() == "depends_on" && path.get(1).is_some_and(is_listed) || place.speaks_at(&path)
        })
    }

    /// An option of a storage that is no text. Its schema takes any value; texts are made of them at the end.
    fn odd_option(&self) -> Option<NodeId> {
        if self.field() != "storage_opt" {
            return None;
        }
        let values = &self.own.values;
        let is_odd = |e: &&Entry| match values.plain(e.value) {
            Some(plain) => matches!(plain, Plain::Bool | Plain::Float | Plain::Timestamp),
            None => values.tree().is_sequence(e.value) || values.tree().is_mapping(e.value),
        };
        let entries = values.tree().entries(self.own.node());
        let entry = entries.iter().find(is_odd)?;
        let path = [self.field(), values.tree().str(entry.key).unwrap_or("")];
        (!self.said_later(&path, None)).then_some(entry.value)
    }

    /// What is wrong with the place. `skip`: entries that others take the place of.
    fn fault(&self, is_long: bool, skip: Option<&HashSet<NodeId>>) -> Option<Fault> {
        let (values, field, node) = (&self.own.values, self.field(), self.own.node());
        // The schema sees the long form of these: a mapping, in which nothing stands twice.
        if matches!(field, "depends_on" | "networks") && values.tree().is_sequence(node) && is_long {
            return canonical::fault(values, field, node, skip);
        }
        let said_elsewhere = |path: &[&str], key: &str| self.said_elsewhere(path, key);
        let said_later = |path: &[&str], entry| self.said_later(path, entry);
        let is_over = |path: &[&str]| self.is_over(path);
        schema::field(values, field, node, &said_elsewhere, &said_later, skip, &is_over).or_else(
            || match skip {
                Some(_) => canonical::fault(values, field, node, skip),
                None => canonical::odd(values, field, node, skip),
            },
        )
    }
}

/// Tells what cannot be put over what an earlier place says under the same `x-` key.
fn extensions(run: &mut Run<'_, '_>, name: &str, raw: &RawService) {
    // By key, the last place that says something.
    let mut before: HashMap<String, usize> = HashMap::default();
    for (at, layer) in raw.layers.iter().enumerate().filter(|(_, l)| l.field == Field::Extension) {
        let values = run.values(layer.at.file, layer.at.scope);
        let Some(key) = values.tree().str(layer.key).filter(|_| !layer.is_null) else { continue };
        let earlier = before.insert(key.to_owned(), at).and_then(|at| raw.layers.get(at));
        let fault = earlier.and_then(|other| {
            let earlier = run.values(other.at.file, other.at.scope);
            canonical::extension(key, (&earlier, other.at.node), (&values, layer.at.node))
        });
        if let Some((node, message)) = fault.filter(|_| !values.file.has_template) {
            run.problems.refuse(values.span(node), Some(name), message);
        }
    }
}

/// True when a value stands at that path below a node.
pub(super) fn has_value(values: &Values, node: NodeId, path: &[&str]) -> bool {
    let found = path.iter().try_fold(node, |at, key| Some(values.tree().get(at, key)?.value));
    found.is_some_and(|node| !values.is_null(node))
}

/// True for fields whose places are put together as lists of texts (`override/merge.go`, `mergeToSequence` and
/// `mergeKeyValueSequence`).
fn joins_texts(field: Field) -> bool {
    match field {
        Field::EnvFile | Field::ExtraHosts | Field::Tmpfs => true,
        Field::Other(_) => matches!(
            field.name(),
            "annotations" | "dns" | "dns_opt" | "dns_search" | "label_file" | "labels" | "sysctls"
        ),
        _ => false,
    }
}

/// True for fields of which a list and a mapping are put together all the same (`override/merge.go`, `mergeSpecials`).
fn is_converted(field: Field) -> bool {
    match field {
        Field::DependsOn | Field::Networks | Field::Build => true,
        field => joins_texts(field) || field.name() == "models",
    }
}
