//! From places to a [`Service`]: each field read by its own rule of merging (compose-go `override/merge.go`,
//! `override/uncity.go`) and of form (`transform/`, `types/`).

use crate::hash::{HashMap, HashSet};

use super::environment::{self, refuse_null};
use super::load::{Run, Stage, is_name};
use super::model::{Field, Layer, Model, RawService};
use super::mounts::Found;
use super::values::Values;
use super::variables::Variables;
use super::{
    Attachment, Dependency, Service, Words, canonical, mounts, network, ports, scalar, schema, words,
};
use crate::order;
use crate::source::{Span, path};
use crate::text::Text;
use crate::yaml::{Entry, NodeId, Plain};

/// A service, and what it needs of the project to be whole.
pub(super) struct Read {
    pub(super) service: Service,
    /// Services whose images its build starts from.
    pub(super) contexts: Vec<Text>,
    /// Named volumes.
    pub(super) volumes: Vec<Text>,
    /// Configs.
    pub(super) configs: Vec<Text>,
    /// Secrets.
    pub(super) secrets: Vec<Text>,
    /// Networks that are named.
    pub(super) networks: Vec<Text>,
    /// Models.
    pub(super) models: Vec<Text>,
    /// `provider` is there: then it needs no image.
    pub(super) provider: bool,
    /// Its profiles do not switch it off.
    pub(super) is_on: bool,
    /// What of it cannot stand together, if it is on.
    pub(super) clashes: Vec<(Span, String)>,
}

/// Looks at a service for its problems alone, with its env files left aside.
pub(super) fn look(run: &mut Run<'_, '_>, model: &Model, name: &str, raw: &RawService, stage: Stage) {
    run.stage = stage;
    drop(read(run, model, name, raw));
    run.stage = Stage::Whole;
}

/// Reads a service of `model`.
pub(super) fn read(run: &mut Run<'_, '_>, model: &Model, name: &str, raw: &RawService) -> Option<Read> {
    let key = run.values(raw.key.file, raw.key.scope);
    let name_text = key.tree().text(raw.key.node)?;
    if raw.is_null && !key.file.has_template {
        run.problems.refuse(name_text.span(), Some(name), format!("the service `{name}` is no mapping"));
    }
    let before = run.problems.list.len();
    let profiles = strings(run, name, raw, Field::Profiles);
    // What is switched off needs no env file (`types/project.go`, `WithServicesEnvironmentResolved`).
    let is_on = run.is_on(&profiles);
    let (environment, environment_open) = environment::read(run, name, raw, is_on && !run.is_draft());
    if is_on && !run.is_draft() {
        environment::look_at_labels(run, raw);
        environment::look_at_hooks(run, raw);
    }
    let (ports, ports_open, ports_key) = ports::read(run, name, raw);
    let (mut mounts, mut volumes, mut configs) = (Vec::new(), Vec::new(), Vec::new());
    for Found { mount, volume, config, .. } in mounts::read(run, model, name, raw) {
        mounts.push(mount);
        volumes.extend(volume);
        configs.extend(config);
    }
    let network_mode = string(run, name, raw, Field::NetworkMode);
    let (mut networks, named) = network::networks(run, name, raw);
    let provider = raw.has(Field::Provider);
    if networks.is_empty() && network_mode.is_none() && !provider {
        networks = vec![Attachment { name: "default".to_owned(), aliases: Vec::new(), address: None }];
    }
    let pair = |text: Text| match text.slice().split_once(b':') {
        Some((service, alias)) => (service.to_text(), Some(alias.to_text())),
        None => (text, None),
    };
    // Most services have one of each, and projects live as long as the run.
    let mut ports = ports;
    ports.shrink_to_fit();
    mounts.shrink_to_fit();
    networks.shrink_to_fit();
    let service = Service {
        file: raw.key.file,
        image: string(run, name, raw, Field::Image),
        build: build(run, raw),
        environment,
        environment_open,
        ports,
        ports_open,
        ports_key,
        network_mode,
        networks,
        hostname: string(run, name, raw, Field::Hostname),
        container_name: string(run, name, raw, Field::ContainerName),
        extra_hosts: network::extra_hosts(run, name, raw),
        links: strings(run, name, raw, Field::Links).into_iter().map(pair).collect(),
        mounts,
        command: words(run, name, raw, Field::Command),
        entrypoint: words(run, name, raw, Field::Entrypoint),
        profiles,
        replicas: replicas(run, raw),
        depends_on: depends_on(run, name, raw),
        health_test: health_test(run, raw),
        needs: needs(run, raw),
        name: name_text,
    };
    // Where something was said already, the schema would say it again in other words.
    let told = |p: &super::Problem| p.refusal(run.store.sources)?.1;
    let told: Vec<Span> = run.problems.list.iter().skip(before).filter_map(told).collect();
    forms(run, name, raw, &told);
    for layer in
        raw.of(Field::ContainerName).filter(|l| !l.is_base || raw.of(Field::ContainerName).count() == 1)
    {
        let values = run.values(layer.at.file, layer.at.scope);
        if let Some(text) = values.string(layer.at.node)
            && let Some(known) = text.known()
            && !is_container_name(known)
        {
            run.problems.refuse(text.span(), Some(name), format!("`{known}` cannot be a container's name"));
        }
    }
    let secrets = secrets(run, raw);
    let (models, mut clashes) = (models(run, raw), clashes(run, raw));
    clashes.extend(mounts::mounted_twice(&service.mounts));
    if run.jobs.contains(name) {
        clashes.push((service.name.span(), format!("`{name}` is a job, too")));
    }
    let contexts = contexts(run, raw);
    Some(Read {
        service,
        contexts,
        volumes,
        configs,
        secrets,
        networks: named,
        models,
        provider,
        is_on,
        clashes,
    })
}

/// The schema's pattern `[a-zA-Z0-9][a-zA-Z0-9_.-]+`, which may lie anywhere in the name.
fn is_container_name(name: &str) -> bool {
    let rest = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    name.as_bytes().windows(2).any(|w| matches!(w, [a, b] if a.is_ascii_alphanumeric() && rest(b)))
}

/// The services whose images a build starts from, by `additional_contexts`.
fn contexts(run: &mut Run<'_, '_>, raw: &RawService) -> Vec<Text> {
    let mut found: HashMap<String, Text> = HashMap::default();
    for layer in raw.of(Field::Build).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        let Some(contexts) = values.tree().get(layer.at.node, "additional_contexts") else { continue };
        for entry in values.tree().entries(contexts.value) {
            if let (Some(key), Some(text)) = (values.tree().str(entry.key), values.string(entry.value)) {
                found.insert(key.to_owned(), text);
            }
        }
        for text in values.tree().items(contexts.value).iter().filter_map(|n| values.string(*n)) {
            if let Some((key, value)) = text.slice().split_once(b'=') {
                found.insert(key.as_str().to_owned(), value.to_text());
            }
        }
    }
    const PREFIX: &str = "service:";
    let mut found: Vec<Text> = found.into_values().filter(|t| t.as_str().starts_with(PREFIX)).collect();
    order::by_key(&mut found, |t| t.span().start);
    found.iter().map(|t| t.slice().range(PREFIX.len()..t.as_str().len()).to_text()).collect()
}

/// Services whose volumes or namespaces it shares (`loader/normalize.go`).
fn needs(run: &mut Run<'_, '_>, raw: &RawService) -> Vec<Text> {
    let mut found = Vec::new();
    for layer in raw.layers.iter().filter(|l| l.drops.is_none()) {
        let Field::Other(_) = layer.field else { continue };
        let values = match layer.field.name() {
            "volumes_from" | "ipc" | "pid" | "uts" | "cgroup" => run.values(layer.at.file, layer.at.scope),
            _ => continue,
        };
        for item in values.tree().items(layer.at.node) {
            if let Some(text) = values.string(*item).filter(|t| !t.as_str().starts_with("container:")) {
                found.push(text.slice().split_once(b':').map_or_else(|| text.clone(), |p| p.0.to_text()));
            }
        }
        // Of several places the last counts; that is the one with no later one.
        let last = raw
            .of(layer.field)
            .last()
            .is_some_and(|l| l.at.node == layer.at.node && l.at.file == layer.at.file);
        if let Some(text) =
            values.string(layer.at.node).filter(|t| last && t.as_str().starts_with("service:"))
        {
            found.push(text.slice().range("service:".len()..text.as_str().len()).to_text());
        }
    }
    found
}

/// Holds the places of each field against the schema, and against each other: a mapping cannot be put over a list
/// (`override/merge.go`).
fn forms(run: &mut Run<'_, '_>, name: &str, raw: &RawService, told: &[Span]) {
    extensions(run, name, raw);
    for (i, layer) in raw.layers.iter().enumerate() {
        let read_whole = matches!(
            layer.field,
            Field::Image
                | Field::Hostname
                | Field::ContainerName
                | Field::Environment
                | Field::Command
                | Field::Entrypoint
                | Field::Profiles
                | Field::NetworkMode
        );
        if read_whole || layer.field == Field::Extension || layer.drops.is_some() {
            continue;
        }
        let values = run.values(layer.at.file, layer.at.scope);
        if values.file.has_template {
            continue;
        }
        let node = layer.at.node;
        // What is written in the short form was read word by word already.
        let short = |item: &NodeId| values.plain(*item) == Some(Plain::String);
        if matches!(layer.field, Field::Ports | Field::Volumes)
            && values.tree().is_sequence(node)
            && values.tree().items(node).iter().all(short)
            && raw.of(layer.field).nth(1).is_none()
        {
            continue;
        }
        let (place, key) = (values.span(node), values.tree().span(layer.key));
        if told.iter().any(|t| place.contains(*t) || key.contains(*t)) {
            continue;
        }
        let field = layer.field.name();
        let mut clash = None;
        let mut is_first = true;
        for other in raw.layers.iter().take(i).filter(|l| l.field == layer.field && l.drops.is_none()) {
            let earlier = run.values(other.at.file, other.at.scope);
            is_first &= earlier.is_null(other.at.node);
            if !is_converted(layer.field) || layer.field == Field::Build {
                let later = if layer.is_base {
                    mounts::stays_short(raw, layer)
                } else {
                    Variables::is_inside(&earlier.scope.variables, &values.scope.variables)
                };
                let as_written = (mounts::stays_short(raw, other), later);
                let path = &mut vec![field.to_owned()];
                clash = clash.or_else(|| {
                    canonical::clash((&earlier, other.at.node), (&values, node), path, as_written)
                });
            }
        }
        let is_below = mounts::has_own(raw, layer);
        let (is_list, is_mapping) = (values.tree().is_sequence(node), values.tree().is_mapping(node));
        // Put together with another place, all but a list becomes a list of texts, or nothing.
        let is_joined = mounts::has_next(raw, layer)
            || raw.layers.iter().take(i).any(|l| l.field == layer.field && l.drops.is_none());
        // Lists of what shall be keys become a mapping.
        let joins_keys = matches!(layer.field, Field::DependsOn | Field::Networks) || field == "models";
        if is_joined && (joins_texts(layer.field) && !is_list || joins_keys && is_list) {
            continue;
        }
        // Null leaves what was there, and gives way to what the service that extends this one says.
        if (!is_first || is_below) && values.is_null(node) && field != "logging" {
            continue;
        }
        // What is no list or mapping gives way to what the service that extends it says.
        if is_below
            && !is_list
            && !is_mapping
            && (!is_converted(layer.field) || values.string(node).is_some())
        {
            continue;
        }
        if let Some(node) = clash {
            let message = format!(
                "`{field}` cannot be put over the one before it: one is a list or a mapping, the other is none"
            );
            run.problems.refuse(values.span(node), Some(name), message);
            continue;
        }
        // What is neither a text nor a mapping is left aside (`override/merge.go`, `mergeBuild`).
        let is_build = values.string(node).is_some() || values.tree().is_mapping(node);
        if !is_first && layer.field == Field::Build && !is_build {
            continue;
        }
        // A string over a list is an entry of it.
        if !is_first && is_converted(layer.field) && values.string(node).is_some() {
            continue;
        }
        let later: Vec<(Values, NodeId)> = raw
            .layers
            .iter()
            .skip(i + 1)
            .filter(|l| l.field == layer.field && l.drops.is_none())
            .map(|l| (run.values(l.at.file, l.at.scope), l.at.node))
            .collect();
        let is_draft = run.is_draft();
        let is_taken = |entry: NodeId| {
            let key = canonical::key(&values, field, entry);
            key.is_some()
                && later.iter().any(|(values, node)| {
                    let tree = values.tree();
                    // One text is a list of it.
                    let one = [*node];
                    let items = if tree.is_sequence(*node) { tree.items(*node) } else { &one };
                    items.iter().any(|item| canonical::key(values, field, *item) == key)
                })
        };
        let said_later = |path: &[&str], entry: Option<NodeId>| {
            is_draft
                || later.iter().any(|(values, node)| speaks_at(values, *node, path))
                || entry.is_some_and(is_taken)
        };
        // Its schema takes any value; texts are made of them at the end.
        let is_listed = |e: &Entry| match values.plain(e.value) {
            Some(plain) => matches!(plain, Plain::Bool | Plain::Float | Plain::Timestamp),
            None => values.tree().is_sequence(e.value) || values.tree().is_mapping(e.value),
        };
        if field == "storage_opt"
            && let Some(entry) = values.tree().entries(node).iter().find(|e| is_listed(e))
            && !said_later(&[field, values.tree().str(entry.key).unwrap_or("")], None)
        {
            run.problems.refuse(values.span(entry.value), Some(name), "an option that is no text");
        }
        let mut earlier: Vec<(Values, NodeId)> = raw
            .layers
            .iter()
            .take(i)
            .filter(|l| l.field == layer.field && l.drops.is_none())
            .map(|l| (run.values(l.at.file, l.at.scope), l.at.node))
            .collect();
        if field == "logging" {
            // That of another driver is not put together with this one (`override/merge.go`, `mergeLogging`).
            let driver =
                |values: &Values, node| values.tree().get(node, "driver").map(|e| values.deep(e.value));
            let own = driver(&values, node);
            earlier.retain(|(values, node)| {
                own.is_none() || driver(values, *node).is_none_or(|d| Some(d) == own)
            });
        }
        let is_over = |path: &[&str]| earlier.iter().any(|(values, node)| speaks_at(values, *node, path));
        // What it is put together with before Compose looks at it.
        let others = || earlier.iter().chain(later.iter().filter(|_| layer.is_base));
        let said_elsewhere = |path: &[&str], key: &str| {
            let path: Vec<&str> = path.iter().copied().chain([key]).collect();
            others().any(|(values, node)| {
                // A list of dependencies says it all of each.
                let listed = path.get(1).is_some_and(|name| {
                    field == "depends_on"
                        && values.tree().items(*node).iter().any(|i| values.tree().str(*i) == Some(*name))
                });
                listed || speaks_at(values, *node, &path)
            })
        };
        let fault = canonical::first_fault(run, raw, layer, |skip| {
            // The schema sees the long form of these: a mapping, in which nothing stands twice.
            let is_long = matches!(field, "depends_on" | "networks")
                && values.tree().is_sequence(node)
                && is_long(raw, layer);
            let of_schema =
                || schema::field(&values, field, node, &said_elsewhere, &said_later, skip, &is_over);
            if is_long {
                return canonical::fault(&values, field, node, skip);
            }
            of_schema().or_else(|| match skip {
                Some(_) => canonical::fault(&values, field, node, skip),
                None => canonical::odd(&values, field, node, skip),
            })
        });
        if let Some((node, message)) = fault {
            run.problems.refuse(values.span(node), Some(name), message);
        }
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

/// True when a value stands at the path below a field, whose name is the first of it.
fn speaks_at(values: &Values, node: NodeId, path: &[&str]) -> bool {
    has_value(values, node, path.get(1..).unwrap_or_default())
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

/// The last string among the places of a field; null keeps what was there.
fn string(run: &mut Run<'_, '_>, name: &str, raw: &RawService, field: Field) -> Option<Text> {
    let mut found = None;
    for layer in raw.of(field).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        // What is no list or mapping gives way to what the service that extends it says.
        if mounts::has_own(raw, layer) && values.text(layer.at.node).is_some() {
            continue;
        }
        match values.string(layer.at.node) {
            Some(text) => found = Some(text),
            None if values.is_null(layer.at.node) => {
                if found.is_none() {
                    refuse_null(&values, raw, layer, name, &mut run.problems);
                }
            }
            None if is_unknown(&values, layer.at.node) => {
                found = Some(Text::hole(values.span(layer.at.node)))
            }
            // Its schema takes a date for a text, its decoder does not; so a later one takes its place.
            None if values.plain(layer.at.node) == Some(Plain::Timestamp)
                && raw.of(field).last().is_some_and(|l| !std::ptr::eq(l, layer) && !l.is_null) => {}
            None => {
                if !values.file.has_template {
                    let message = format!("`{}` is no string", field.name());
                    run.problems.refuse(values.span(layer.at.node), Some(name), message);
                }
                found = Some(Text::hole(values.span(layer.at.node)));
            }
        }
    }
    found
}

/// True for what a template would make something else of.
fn is_unknown(values: &Values, node: NodeId) -> bool {
    values.is_template(node) || values.string(node).is_some_and(|t| t.slice().has_hole())
}

/// The items of a list of strings, over all places: each text once.
fn strings(run: &mut Run<'_, '_>, name: &str, raw: &RawService, field: Field) -> Vec<Text> {
    let (mut found, mut index): (Vec<Text>, HashMap<String, usize>) = (Vec::new(), HashMap::default());
    let mut layers = 0;
    for layer in raw.of(field).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        if shape(run, &values, raw, layer, name, layers) {
            continue;
        }
        layers += 1;
        // What stands there already in the same words is left out (`override/merge.go`, `appendWithoutDuplicates`).
        let known: HashSet<String> = found.iter().map(|t| t.as_str().to_owned()).collect();
        for item in values.tree().items(layer.at.node) {
            match values.string(*item) {
                Some(text) if known.contains(text.as_str()) => {}
                Some(text) => {
                    let at = *index.entry(unique_key(text.as_str()).to_owned()).or_insert(found.len());
                    match found.get_mut(at) {
                        Some(known) => *known = text,
                        None => found.push(text),
                    }
                }
                None => not_a_string(run, &values, *item, name, field),
            }
        }
    }
    found
}

/// What entries of a list are told apart by; of those with the same, the last counts (`override/uncity.go`,
/// `keyValueIndexer`).
pub(super) fn unique_key(entry: &str) -> &str {
    entry.split_once('=').map_or(entry, |(key, _)| key)
}

pub(super) fn not_a_string(run: &mut Run<'_, '_>, values: &Values, item: NodeId, name: &str, field: Field) {
    if !values.file.has_template {
        let message = format!("an entry of `{}` is no string", field.name());
        run.problems.refuse(values.span(item), Some(name), message);
    }
}

/// Refuses entries of a list that cannot be keys: put together with another place, it becomes a mapping (`override/merge.go`,
/// `convertIntoMapping`).
pub(super) fn named<'t>(
    run: &mut Run<'_, '_>,
    raw: &RawService,
    layer: &Layer,
    items: impl Iterator<Item = &'t Text>,
    name: &str,
) {
    if raw.of(layer.field).filter(|l| l.drops.is_none()).nth(1).is_none() {
        return;
    }
    for text in items.filter(|text| text.known().is_some_and(|t| !is_name(t))) {
        let message = format!("`{}` cannot stand in `{}`", text.as_str(), layer.field.name());
        run.problems.refuse(text.span(), Some(name), message);
    }
}

/// Refuses what stands twice in a list that is not merged with another; merged ones lose what they repeat.
/// True when a place is in its long form before the schema sees it: that of another file, which is extended.
pub(super) fn is_long(raw: &RawService, layer: &Layer) -> bool {
    layer.is_base && layer.at.file != raw.key.file
}

pub(super) fn twice<'t>(
    run: &mut Run<'_, '_>,
    items: impl Iterator<Item = &'t Text>,
    name: &str,
    field: Field,
) {
    let mut seen = HashSet::default();
    for text in items {
        if !seen.insert(text.as_str()) && text.known().is_some() {
            let message = format!("`{}` stands twice in `{}`", text.as_str(), field.name());
            run.problems.refuse(text.span(), Some(name), message);
        }
    }
}

/// Refuses what is neither a list nor, for fields that allow one, a mapping. True when there is nothing to read.
pub(super) fn shape(
    run: &mut Run<'_, '_>,
    values: &Values,
    raw: &RawService,
    layer: &Layer,
    name: &str,
    earlier: usize,
) -> bool {
    let node = layer.at.node;
    if !run.spend(values, node) {
        return true;
    }
    let may_map = matches!(layer.field, Field::Networks | Field::DependsOn | Field::ExtraHosts);
    if values.is_null(node) {
        if earlier == 0 {
            refuse_null(values, raw, layer, name, &mut run.problems);
        }
        return true;
    }
    if values.tree().is_sequence(node) || may_map && values.tree().is_mapping(node) {
        return false;
    }
    // What is neither is nothing among hosts, and gives way to what the service that extends it says.
    let is_joined = earlier > 0 || mounts::has_own(raw, layer);
    let gives_way = match layer.field {
        Field::ExtraHosts => is_joined && values.string(node).is_none(),
        _ => !may_map && mounts::has_own(raw, layer),
    };
    if gives_way && !values.tree().is_mapping(node) {
        return true;
    }
    // Over an earlier value, a bare string is an entry (compose-go `override/merge.go`, `convertIntoSequence`).
    if !(is_unknown(values, node) || may_map && earlier > 0 && values.string(node).is_some()) {
        let message = format!("`{}` is no list", layer.field.name());
        run.problems.refuse(values.span(node), Some(name), message);
    }
    false
}

/// The models that a service asks for, by name.
fn models(run: &mut Run<'_, '_>, raw: &RawService) -> Vec<Text> {
    let mut found = Vec::new();
    let is_models =
        |l: &&Layer| l.drops.is_none() && matches!(l.field, Field::Other(_)) && l.field.name() == "models";
    for layer in raw.layers.iter().filter(is_models) {
        let values = run.values(layer.at.file, layer.at.scope);
        let tree = values.tree();
        found.extend(tree.items(layer.at.node).iter().filter_map(|n| values.string(*n)));
        found.extend(tree.entries(layer.at.node).iter().filter_map(|e| tree.text(e.key)));
    }
    found
}

/// What Compose looks at only in a service that is on (`loader/validate.go`).
fn clashes(run: &mut Run<'_, '_>, raw: &RawService) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    let (mut scale, mut replicas) = (None, None);
    let (mut dockerfile, mut inline, mut test) = (None, None, None);
    let wanted = |f: Field| {
        matches!(f, Field::Scale | Field::Deploy | Field::Build)
            || matches!(f.name(), "healthcheck" | "develop")
    };
    for layer in raw.layers.iter().filter(|l| l.drops.is_none() && wanted(l.field)) {
        let values = run.values(layer.at.file, layer.at.scope);
        let node = layer.at.node;
        let get = |key: &str| values.tree().get(node, key).map(|e| e.value);
        let text = |node: Option<NodeId>| node.filter(|n| !values.is_null(*n)).and_then(|n| values.text(n));
        match layer.field {
            Field::Scale => scale = text(Some(node)).or(scale),
            Field::Deploy => replicas = text(get("replicas")).or(replicas),
            Field::Build => {
                dockerfile = text(get("dockerfile")).or(dockerfile);
                inline = text(get("dockerfile_inline")).or(inline);
            }
            field if field.name() == "develop" => {
                let watch = get("watch").map(|n| values.tree().items(n)).unwrap_or_default();
                found.extend(
                    watch
                        .iter()
                        .find(|n| !has_target(&values, **n))
                        .map(|n| (values.span(*n), "what is watched needs a `target` here".to_owned())),
                );
            }
            _ => {
                if let Some(node) = get("test") {
                    test = values.tree().items(node).first().and_then(|n| values.string(*n));
                }
            }
        }
    }
    found.extend(limits(run, raw));
    let number = |t: &Option<Text>| t.as_ref().and_then(|t| scalar::atoi(t.known()?));
    if let (Some(a), Some(b), Some(text)) = (number(&scale), number(&replicas), &scale)
        && a != b
    {
        found.push((text.span(), "`scale` and `deploy.replicas` differ".to_owned()));
    }
    if let (Some(a), Some(b)) = (&dockerfile, &inline)
        && !a.as_str().is_empty()
        && !b.as_str().is_empty()
    {
        found.push((b.span(), "`dockerfile` and `dockerfile_inline` exclude each other".to_owned()));
    }
    if let Some(text) = test
        && text.known().is_some_and(|t| !matches!(t, "CMD" | "CMD-SHELL" | "NONE"))
    {
        let message = "a health check starts with `CMD`, `CMD-SHELL` or `NONE`";
        found.push((text.span(), message.to_owned()));
    }
    found
}

/// True for what is watched with a target, or needs none (`loader/validate.go`).
fn has_target(values: &Values, watch: NodeId) -> bool {
    let get = |key: &str| values.tree().get(watch, key).and_then(|e| values.text(e.value));
    get("target").is_some_and(|t| !t.as_str().is_empty())
        || get("action").is_some_and(|a| !a.known().is_some_and(|a| !matches!(a, "rebuild" | "restart")))
}

/// Limits that are said twice must be the same; what `deploy` leaves out counts as none.
fn limits(run: &mut Run<'_, '_>, raw: &RawService) -> Option<(Span, String)> {
    const PAIRS: [(&str, &str, &str); 4] = [
        ("cpus", "limits", "cpus"),
        ("mem_limit", "limits", "memory"),
        ("mem_reservation", "reservations", "memory"),
        ("pids_limit", "limits", "pids"),
    ];
    for (own, section, key) in PAIRS {
        let is_own =
            |l: &&Layer| l.drops.is_none() && matches!(l.field, Field::Other(_)) && l.field.name() == own;
        let Some(layer) = raw.layers.iter().rfind(is_own) else { continue };
        let values = run.values(layer.at.file, layer.at.scope);
        let number = |text: Text| match own {
            "cpus" => text.known()?.parse::<f64>().ok(),
            _ => schema::size(text.known()?),
        };
        let Some(text) = values.text(layer.at.node) else { continue };
        let Some(mine) = number(text.clone()).filter(|n| *n != 0.0) else { continue };
        let (mut other, mut has_section) = (Some(0.0), false);
        for layer in raw.of(Field::Deploy).filter(|l| l.drops.is_none()) {
            let values = run.values(layer.at.file, layer.at.scope);
            let tree = values.tree();
            let resources = tree.get(layer.at.node, "resources").and_then(|e| tree.get(e.value, section));
            has_section |= resources.is_some();
            if let Some(entry) = resources.and_then(|e| tree.get(e.value, key)) {
                other = values.text(entry.value).and_then(number);
            }
        }
        if has_section && other.is_some_and(|o| o != mine) {
            return Some((text.span(), format!("`{own}` and `deploy.resources.{section}.{key}` differ")));
        }
    }
    None
}

/// The secrets that a service asks for, by name.
fn secrets(run: &mut Run<'_, '_>, raw: &RawService) -> Vec<Text> {
    let mut found = Vec::new();
    let wanted = |l: &&Layer| l.drops.is_none() && matches!(l.field, Field::Secrets | Field::Build);
    for layer in raw.layers.iter().filter(wanted) {
        let values = run.values(layer.at.file, layer.at.scope);
        // Those of a build stand below it.
        let list = match layer.field {
            Field::Build => values.tree().get(layer.at.node, "secrets").map(|e| e.value),
            _ => Some(layer.at.node),
        };
        for item in list.map(|l| values.tree().items(l)).unwrap_or_default() {
            let source = values.tree().get(*item, "source").map(|e| e.value);
            match source {
                None if values.tree().is_mapping(*item) => found.push(Text::at(values.span(*item))),
                None => found.extend(values.string(*item)),
                Some(source) => found.extend(values.string(source)),
            }
        }
    }
    found
}

fn build(run: &mut Run<'_, '_>, raw: &RawService) -> Option<Option<String>> {
    let mut found = None;
    for layer in raw.of(Field::Build).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        let node = layer.at.node;
        let tree = values.tree();
        let place = |text: Text| {
            let known = text.known().filter(|k| !k.contains("://") && !k.starts_with("git@"));
            known.map(|k| path::join(&values.scope.folder, k))
        };
        if tree.is_mapping(node) {
            match tree.get(node, "context").and_then(|e| values.string(e.value)) {
                Some(text) => found = Some(place(text)),
                None => found = found.or_else(|| Some(Some(path::normalise(&values.scope.folder)))),
            }
        } else if let Some(text) = values.string(node) {
            found = Some(place(text));
        }
    }
    found
}

/// `command` or `entrypoint`: the last place counts, and null takes it away. Every place must be sound.
fn words(run: &mut Run<'_, '_>, name: &str, raw: &RawService, field: Field) -> Option<Words> {
    let mut found = None;
    let mut layers = raw.of(field).filter(|l| l.drops.is_none()).peekable();
    while let Some(layer) = layers.next() {
        let values = run.values(layer.at.file, layer.at.scope);
        // What a base says is never looked at when the service itself says something.
        if mounts::has_next(raw, layer) {
            continue;
        }
        let is_last = layers.peek().is_none() && !run.is_draft();
        found = words_at(run, &values, layer.at.node, name, field, is_last);
    }
    found
}

fn words_at(
    run: &mut Run<'_, '_>,
    values: &Values,
    node: NodeId,
    name: &str,
    field: Field,
    is_last: bool,
) -> Option<Words> {
    let span = values.span(node);
    if values.is_null(node) {
        return None;
    }
    if !run.spend(values, node) {
        return Some(Words { words: vec![Text::hole(span)], span });
    }
    if values.tree().is_sequence(node) {
        let mut words = Vec::new();
        for item in values.tree().items(node) {
            match values.string(*item) {
                Some(text) => words.push(text),
                None => {
                    not_a_string(run, values, *item, name, field);
                    words.push(values.text(*item).unwrap_or_else(|| Text::hole(values.span(*item))));
                }
            }
        }
        return Some(Words { words, span });
    }
    // Of a date no words are made, and that is the end of it (`types/command.go`).
    if values.plain(node) == Some(Plain::Timestamp) {
        return None;
    }
    let unknown = || Some(Words { words: vec![Text::hole(span)], span });
    let Some(text) = values.string(node) else {
        if !values.file.has_template {
            let message = format!("`{}` is neither a string nor a list", field.name());
            run.problems.refuse(span, Some(name), message);
        }
        return unknown();
    };
    match words::split(text.slice()) {
        Ok(words) => Some(Words { words, span }),
        Err(problem) => {
            // A command that is replaced is never split.
            if !values.file.has_template && is_last {
                let (span, message) = match problem {
                    words::Problem::Open(span) => (span, "a quote, bracket or backslash that nothing closes"),
                    words::Problem::Parenthesis(span) => (span, "a bracket outside quotes"),
                };
                run.problems.refuse(span, Some(name), message.to_owned());
            }
            unknown()
        }
    }
}

/// `scale`, or else `deploy.replicas`.
fn replicas(run: &mut Run<'_, '_>, raw: &RawService) -> Option<Text> {
    for field in [Field::Scale, Field::Deploy] {
        let mut found = None;
        for layer in raw.of(field).filter(|l| l.drops.is_none()) {
            let values = run.values(layer.at.file, layer.at.scope);
            let node = match field {
                Field::Deploy => values.tree().get(layer.at.node, "replicas").map(|e| e.value),
                _ => Some(layer.at.node),
            };
            let Some(node) = node else { continue };
            if values.plain(node) != Some(Plain::Null) {
                found = values.text(node).or(found);
            }
        }
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The last `healthcheck.test`.
fn health_test(run: &mut Run<'_, '_>, raw: &RawService) -> Option<Words> {
    let mut found = None;
    for layer in raw.of(Field::Healthcheck).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        let tree = values.tree();
        let text = |key: &str| tree.get(layer.at.node, key).and_then(|e| values.text(e.value));
        if text("disable").is_some_and(|d| scalar::boolean(d.as_str()) != Some(false)) {
            return None;
        }
        let Some(test) = tree.get(layer.at.node, "test") else { continue };
        if !run.spend(&values, test.value) {
            return None;
        }
        let items = tree.items(test.value);
        let one = [test.value];
        let items = if tree.is_sequence(test.value) { items } else { &one };
        let mut words = Vec::with_capacity(items.len());
        words.extend(items.iter().filter_map(|item| values.text(*item)));
        found = Some(Words { words, span: values.span(test.value) });
    }
    found.filter(|test: &Words| test.words.first().is_none_or(|w| w.as_str() != "NONE"))
}

fn depends_on(run: &mut Run<'_, '_>, name: &str, raw: &RawService) -> Vec<Dependency> {
    let mut all: Vec<Dependency> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::default();
    let mut dropped: HashSet<String> = HashSet::default();
    let mut layers = 0;
    for layer in raw.of(Field::DependsOn) {
        let values = run.values(layer.at.file, layer.at.scope);
        let tree = values.tree();
        if layer.drops.is_some() {
            dropped.extend(tree.str(layer.key).map(str::to_owned));
            continue;
        }
        if !dropped.is_empty() {
            all.retain(|d| !dropped.contains(d.service.as_str()));
            index = all.iter().enumerate().map(|(i, d)| (d.service.as_str().to_owned(), i)).collect();
            dropped.clear();
        }
        if shape(run, &values, raw, layer, name, layers) {
            continue;
        }
        layers += 1;
        let node = layer.at.node;
        let items: Vec<Text> = tree.items(node).iter().filter_map(|i| values.string(*i)).collect();
        if raw.of(Field::DependsOn).nth(1).is_none() && !is_long(raw, layer) {
            twice(run, items.iter(), name, Field::DependsOn);
        }
        named(run, raw, layer, items.iter(), name);
        // What a mapping leaves out stays as it was.
        let mut add = |service: Text, condition: Option<Option<Text>>, required: Option<bool>| {
            let at = *index.entry(service.as_str().to_owned()).or_insert(all.len());
            let old = all.get(at);
            let condition = condition.unwrap_or_else(|| old.and_then(|o| o.condition.clone()));
            let required = required.unwrap_or_else(|| old.is_none_or(|o| o.required));
            let new = Dependency { service, condition, required };
            match all.get_mut(at) {
                Some(old) => *old = new,
                None => all.push(new),
            }
        };
        for entry in tree.entries(node) {
            const CONDITIONS: [&str; 3] =
                ["service_started", "service_healthy", "service_completed_successfully"];
            let condition = tree.get(entry.value, "condition");
            let known = condition
                .and_then(|c| tree.str(c.value))
                .is_none_or(|c| c.contains('$') || CONDITIONS.contains(&c));
            if !known {
                let span = condition.map_or(values.span(entry.value), |c| values.span(c.value));
                run.problems.refuse(span, Some(name), "no condition of a dependency");
            }
            let get = |key: &str| tree.get(entry.value, key).and_then(|e| values.text(e.value));
            let required = get("required").map(|r| scalar::boolean(r.as_str()) != Some(false));
            if let Some(service) = tree.text(entry.key) {
                add(service, get("condition").map(Some), required);
            }
        }
        for item in tree.items(node) {
            match values.string(*item) {
                Some(text) => add(text, Some(None), Some(true)),
                None => not_a_string(run, &values, *item, name, Field::DependsOn),
            }
        }
        if !tree.is_mapping(node) && !tree.is_sequence(node) {
            named(run, raw, layer, values.string(node).iter(), name);
            values.string(node).into_iter().for_each(|text| add(text, Some(None), Some(true)));
        }
    }
    all.retain(|d| !dropped.contains(d.service.as_str()));
    all.shrink_to_fit();
    all
}
