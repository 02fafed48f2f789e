//! From places to a [`Service`]: each field read by its own rule of merging (compose-go `override/merge.go`,
//! `override/uncity.go`) and of form (`transform/`, `types/`).

use crate::hash::{HashMap, HashSet};

use super::environment::{self, refuse_null};
use super::load::{Run, Stage, is_name};
use super::model::{Field, Layer, Model, Named, RawService};
use super::mounts::Found;
use super::values::Values;
use super::{Attachment, Dependency, Service, Words, clashes, forms, mounts, network, ports, scalar, words};
use crate::source::{Span, path};
use crate::text::Text;
use crate::yaml::{NodeId, Plain};

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
    forms::check(run, name, raw, &told);
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
    let (models, mut clashes) = (models(run, raw), clashes::find(run, raw));
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
    let mut found: Named<Text> = Named::default();
    // Of several with one name the last counts.
    let mut set = |name: &str, text| {
        found.remove(name);
        found.entry(name, || text);
    };
    for layer in raw.of(Field::Build).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        let Some(contexts) = values.tree().get(layer.at.node, "additional_contexts") else { continue };
        for entry in values.tree().entries(contexts.value) {
            if let (Some(key), Some(text)) = (values.tree().str(entry.key), values.string(entry.value)) {
                set(key, text);
            }
        }
        for text in values.tree().items(contexts.value).iter().filter_map(|n| values.string(*n)) {
            if let Some((key, value)) = text.slice().split_once(b'=') {
                set(key.as_str(), value.to_text());
            }
        }
    }
    const PREFIX: &str = "service:";
    let found = found.iter().filter(|(_, text)| text.as_str().starts_with(PREFIX));
    found.map(|(_, text)| text.slice().range(PREFIX.len()..text.as_str().len()).to_text()).collect()
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
    for layer in raw.named("models") {
        let values = run.values(layer.at.file, layer.at.scope);
        let tree = values.tree();
        found.extend(tree.items(layer.at.node).iter().filter_map(|n| values.string(*n)));
        found.extend(tree.entries(layer.at.node).iter().filter_map(|e| tree.text(e.key)));
    }
    found
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
        let items = tree.listed(&test.value);
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
