//! From places to a [`Service`]: each field read by its own rule of merging (compose-go `override/merge.go`,
//! `override/uncity.go`) and of form (`transform/`, `types/`).

use std::collections::{HashMap, HashSet};

use super::environment::{self, refuse_null};
use super::load::Run;
use super::model::{Field, Layer, Model, RawService};
use super::mounts::Found;
use super::values::{MergeTag, Values};
use super::{Attachment, Dependency, Port, Service, Words, mounts, network, ports, scalar};
use crate::script;
use crate::source::{Span, path};
use crate::text::Text;
use crate::yaml::{NodeId, Plain};

/// A service, and what it needs of the project to be whole.
pub(super) struct Read {
    pub(super) service: Service,
    /// Named volumes.
    pub(super) volumes: Vec<Text>,
    /// Configs.
    pub(super) configs: Vec<Text>,
    /// Secrets.
    pub(super) secrets: Vec<Text>,
    /// Networks that are named.
    pub(super) networks: Vec<Text>,
    /// `provider` is there: then it needs no image.
    pub(super) provider: bool,
}

/// Reads a service of `model`.
pub(super) fn read(run: &mut Run<'_, '_>, model: &Model, name: &str, raw: &RawService) -> Option<Read> {
    let key = run.values(raw.key.file, raw.key.scope);
    let name_text = key.tree().text(raw.key.node)?;
    let (environment, environment_open) = environment::read(run, name, raw);
    let (ports, ports_open, ports_key) = ports(run, name, raw);
    let (mut mounts, mut volumes, mut configs) = (Vec::new(), Vec::new(), Vec::new());
    for Found { mount, volume, config } in mounts::read(run, model, name, raw) {
        mounts.push(mount);
        volumes.extend(volume);
        configs.extend(config);
    }
    let network_mode = string(run, name, raw, Field::NetworkMode);
    let (mut networks, named) = network::networks(run, name, raw);
    if networks.is_empty() && network_mode.is_none() {
        networks.push(Attachment { name: "default".to_owned(), aliases: Vec::new(), address: None });
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
        profiles: strings(run, name, raw, Field::Profiles),
        replicas: replicas(run, raw),
        depends_on: depends_on(run, name, raw),
        health_test: health_test(run, raw),
        name: name_text,
    };
    let secrets = secrets(run, raw);
    Some(Read { service, volumes, configs, secrets, networks: named, provider: raw.has(Field::Provider) })
}

/// The last string among the places of a field; null keeps what was there.
fn string(run: &mut Run<'_, '_>, name: &str, raw: &RawService, field: Field) -> Option<Text> {
    let mut found = None;
    for layer in raw.of(field).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        match values.string(layer.at.node) {
            Some(text) => found = Some(text),
            None if values.is_null(layer.at.node) => {
                if found.is_none() {
                    refuse_null(&values, layer, name, &mut run.problems);
                }
            }
            None if is_unknown(&values, layer.at.node) => {
                found = Some(Text::hole(values.span(layer.at.node)))
            }
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
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    let mut layers = 0;
    for layer in raw.of(field).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        if shape(run, &values, layer, name, layers) {
            continue;
        }
        layers += 1;
        for item in values.tree().items(layer.at.node) {
            if values.file.has_tags && values.merge_tag(*item) == Some(MergeTag::Reset) {
                continue;
            }
            match values.string(*item) {
                Some(text) => {
                    if seen.insert(text.as_str().to_owned()) {
                        found.push(text);
                    }
                }
                None => not_a_string(run, &values, *item, name, field),
            }
        }
    }
    found
}

pub(super) fn not_a_string(run: &mut Run<'_, '_>, values: &Values, item: NodeId, name: &str, field: Field) {
    if !values.file.has_template {
        let message = format!("an entry of `{}` is no string", field.name());
        run.problems.refuse(values.span(item), Some(name), message);
    }
}

/// Refuses what stands twice in a list that is not merged with another; merged ones lose what they repeat.
pub(super) fn twice<'t>(
    run: &mut Run<'_, '_>,
    items: impl Iterator<Item = &'t Text>,
    name: &str,
    field: Field,
) {
    let mut seen = HashSet::new();
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
            refuse_null(values, layer, name, &mut run.problems);
        }
        return true;
    }
    if values.tree().is_sequence(node) || may_map && values.tree().is_mapping(node) {
        return false;
    }
    // Over an earlier value, a bare string is an entry (compose-go `override/merge.go`, `convertIntoSequence`).
    if !(is_unknown(values, node) || may_map && earlier > 0 && values.string(node).is_some()) {
        let message = format!("`{}` is no list", layer.field.name());
        run.problems.refuse(values.span(node), Some(name), message);
    }
    false
}

/// The secrets that a service asks for, by name.
fn secrets(run: &mut Run<'_, '_>, raw: &RawService) -> Vec<Text> {
    let mut found = Vec::new();
    for layer in raw.of(Field::Secrets).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        for item in values.tree().items(layer.at.node) {
            let node = values.tree().get(*item, "source").map_or(*item, |e| e.value);
            found.extend(values.string(node));
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

/// `ports` of all places, each port once: the later at the place of the earlier.
fn ports(run: &mut Run<'_, '_>, name: &str, raw: &RawService) -> (Vec<Port>, bool, Option<Span>) {
    let (mut all, mut open, mut key): (Vec<Port>, bool, Option<Span>) = (Vec::new(), false, None);
    let mut index: HashMap<String, usize> = HashMap::new();
    let mut layers = 0;
    for layer in raw.of(Field::Ports).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        if shape(run, &values, layer, name, layers) {
            continue;
        }
        layers += 1;
        key = Some(values.tree().span(layer.key));
        open |= !values.tree().is_sequence(layer.at.node);
        for item in values.tree().items(layer.at.node) {
            if values.file.has_tags && values.merge_tag(*item) == Some(MergeTag::Reset) {
                continue;
            }
            match ports::entry(&values, *item) {
                ports::Parsed::Open => open = true,
                ports::Parsed::Refused(message) => {
                    open = true;
                    if !values.file.has_template {
                        run.problems.refuse(values.span(*item), Some(name), message);
                    }
                }
                ports::Parsed::Ports(ports, is_number) => {
                    for port in ports {
                        match index.entry(ports::key(&port, is_number)) {
                            std::collections::hash_map::Entry::Occupied(at) => {
                                if let Some(old) = all.get_mut(*at.get()) {
                                    *old = port;
                                }
                            }
                            std::collections::hash_map::Entry::Vacant(at) => {
                                at.insert(all.len());
                                all.push(port);
                            }
                        }
                    }
                }
            }
        }
    }
    (all, open, key)
}

/// `command` or `entrypoint`: the last place counts, and null takes it away. Every place must be sound.
fn words(run: &mut Run<'_, '_>, name: &str, raw: &RawService, field: Field) -> Option<Words> {
    let mut found = None;
    for layer in raw.of(field).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        found = words_at(run, &values, layer.at.node, name, field);
    }
    found
}

fn words_at(run: &mut Run<'_, '_>, values: &Values, node: NodeId, name: &str, field: Field) -> Option<Words> {
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
            if values.file.has_tags && values.merge_tag(*item) == Some(MergeTag::Reset) {
                continue;
            }
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
    let unknown = || Some(Words { words: vec![Text::hole(span)], span });
    let Some(text) = values.string(node) else {
        if !values.file.has_template {
            let message = format!("`{}` is neither a string nor a list", field.name());
            run.problems.refuse(span, Some(name), message);
        }
        return unknown();
    };
    match script::compose_words(text.slice()) {
        Ok(words) => Some(Words { words, span }),
        Err(problem) => {
            if !values.file.has_template {
                let (span, message) = match problem {
                    script::Problem::Open(span) => {
                        (span, "a quote, bracket or backslash that nothing closes")
                    }
                    script::Problem::Parenthesis(span) => (span, "a bracket outside quotes"),
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
        let words = items.iter().filter_map(|item| values.text(*item)).collect();
        found = Some(Words { words, span: values.span(test.value) });
    }
    found.filter(|test: &Words| test.words.first().is_none_or(|w| w.as_str() != "NONE"))
}

fn depends_on(run: &mut Run<'_, '_>, name: &str, raw: &RawService) -> Vec<Dependency> {
    let mut all: Vec<Dependency> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    let mut dropped: HashSet<String> = HashSet::new();
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
        if shape(run, &values, layer, name, layers) {
            continue;
        }
        layers += 1;
        let node = layer.at.node;
        let items: Vec<Text> = tree.items(node).iter().filter_map(|i| values.string(*i)).collect();
        if raw.of(Field::DependsOn).nth(1).is_none() {
            twice(run, items.iter(), name, Field::DependsOn);
        }
        let mut add = |new: Dependency| {
            let at = *index.entry(new.service.as_str().to_owned()).or_insert(all.len());
            match all.get_mut(at) {
                Some(old) => *old = new,
                None => all.push(new),
            }
        };
        let plain = |service: Text| Dependency { service, condition: None, required: true };
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
            if !values.file.has_template && condition.is_none() {
                let message = "a dependency without `condition`";
                run.problems.refuse(values.span(entry.key), Some(name), message);
            }
            if !(values.file.has_tags && values.merge_tag(entry.value) == Some(MergeTag::Reset)) {
                let get = |key: &str| tree.get(entry.value, key).and_then(|e| values.text(e.value));
                let required = get("required").is_none_or(|r| scalar::boolean(r.as_str()) != Some(false));
                let condition = get("condition");
                if let Some(service) = tree.text(entry.key) {
                    add(Dependency { service, condition, required });
                }
            }
        }
        for item in tree.items(node) {
            match values.string(*item) {
                Some(text) => add(plain(text)),
                None => not_a_string(run, &values, *item, name, Field::DependsOn),
            }
        }
        if !tree.is_mapping(node) && !tree.is_sequence(node) {
            values.string(node).into_iter().map(plain).for_each(&mut add);
        }
    }
    all.retain(|d| !dropped.contains(d.service.as_str()));
    all
}
