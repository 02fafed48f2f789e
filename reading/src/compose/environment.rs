//! A container's environment: `env_file`, then `environment`.
//!
//! Order and precedence are compose-go's (`types/project.go`, `WithServicesEnvironmentResolved`; `types/mapping.go`):
//! a later env file beats an earlier one, `environment` beats all files, and a null entry takes a variable away that
//! no `.env` fills.

use crate::hash::{HashMap, HashSet};
use crate::order;
use std::rc::Rc;

use super::include::{dotenv_problems, value_problems};
use super::load::{Problems, Run, Stage, TOO_LARGE};
use super::model::{Field, Layer, RawService};
use super::mounts::{has_next, has_own, stays_short};
use super::values::Values;
use super::variables::Variables;
use super::{Open, Problem, Variable, canonical, scalar};
use crate::dotenv;
use crate::interpolate::{Mode, Value};
use crate::source::{ReadError, Span, path};
use crate::text::{Slice, Text, Use};
use crate::yaml::{NodeId, Plain, Style};

/// From this many variables on they are found by hash; below, looking at each is faster.
const HASHED: usize = 24;

/// Variables by name, in order of first appearance.
#[derive(Debug, Default)]
struct Table {
    list: Vec<Variable>,
    /// Of each the number of the place that set it; nothing where it was taken away.
    set_by: Vec<Option<u32>>,
    index: HashMap<Box<str>, usize>,
    /// The number of the place that sets variables now.
    place: u32,
}

impl Table {
    /// Those that were not taken away, with their places.
    fn there(&self) -> impl Iterator<Item = (usize, &Variable)> {
        self.list.iter().zip(&self.set_by).enumerate().filter_map(|(i, (v, by))| by.map(|_| (i, v)))
    }

    fn position(&self, name: &str) -> Option<usize> {
        if self.list.len() >= HASHED {
            return self.index.get(name).copied();
        }
        self.there().find(|(_, v)| v.name.as_str() == name).map(|(i, _)| i)
    }

    fn get(&self, name: &str) -> Option<&Variable> {
        let at = self.position(name)?;
        (*self.set_by.get(at)?)?;
        self.list.get(at)
    }

    /// Sets a variable; what it replaces is told by the new one. Gives the entry that is lost when the same place set it before.
    fn set(&mut self, new: Variable) -> Option<Span> {
        let Some(at) = self.position(new.name.as_str()) else {
            if self.list.len() >= HASHED {
                self.index.insert(new.name.as_str().into(), self.list.len());
            }
            self.list.push(new);
            self.set_by.push(Some(self.place));
            if self.list.len() == HASHED {
                self.index = self.there().map(|(i, v)| (v.name.as_str().into(), i)).collect();
            }
            return None;
        };
        let before = self.set_by.get_mut(at)?.replace(self.place);
        let slot = self.list.get_mut(at)?;
        let old = std::mem::replace(slot, new);
        let before = before?;
        slot.overrides.push(old.value.as_ref().map_or_else(|| old.name.span(), Text::span));
        slot.overrides.extend(old.overrides);
        let name = old.name.span();
        (before == self.place).then(|| old.value.as_ref().map_or(name, |v| name.cover(v.place())))
    }

    fn remove(&mut self, name: &str) {
        if let Some(by) = self.position(name).and_then(|i| self.set_by.get_mut(i)) {
            *by = None;
        }
    }

    /// Makes room for that many more.
    fn reserve(&mut self, more: usize) {
        self.list.reserve_exact(more);
        self.set_by.reserve_exact(more);
    }

    fn into_list(mut self) -> Vec<Variable> {
        let mut set_by = self.set_by.into_iter();
        self.list.retain(|_| set_by.next().flatten().is_some());
        self.list.shrink_to_fit();
        self.list
    }
}

/// What `environment` and `env_file` of a service come to.
pub(super) fn read(
    run: &mut Run<'_, '_>,
    name: &str,
    service: &RawService,
    is_on: bool,
) -> (Vec<Variable>, Option<Open>) {
    let mut open = None;
    let inline = inline(run, name, service, &mut open);
    let mut files = files(run, name, service);
    if !is_on {
        files.clear();
    }
    if files.is_empty() {
        return (inline.into_list(), open);
    }
    let mut all = Table::default();
    for file in files {
        one_file(run, file, &inline, &mut all, &mut open);
    }
    for variable in inline.into_list() {
        all.set(variable);
    }
    (all.into_list(), open)
}

fn inline(run: &mut Run<'_, '_>, service_name: &str, service: &RawService, open: &mut Option<Open>) -> Table {
    let mut table = Table::default();
    // A tag takes away an entry of a mapping; once environments are merged, they are lists, and Compose finds no entry
    // any more.
    let (mut layers, mut is_mapping) = (0, false);
    let merged = service.of(Field::Environment).filter(|l| l.drops.is_none()).nth(1).is_some();
    for (i, layer) in service.of(Field::Environment).enumerate() {
        let values = run.values(layer.at.file, layer.at.scope);
        table.place += 1;
        if let Some(earlier) = layer.drops {
            if earlier == 1
                && is_mapping
                && !merged
                && let Some(name) = values.tree().str(layer.key)
            {
                table.remove(name);
            }
            continue;
        }
        let node = layer.at.node;
        if !run.spend(&values, node) {
            *open = Some(Open { span: values.span(node), why: TOO_LARGE.to_owned() });
            continue;
        }
        is_mapping = values.tree().is_mapping(node);
        if is_mapping {
            if values.is_template(node) {
                *open =
                    Some(Open { span: values.span(node), why: "the environment is a template".to_owned() });
                continue;
            }
            let root = run.scope(0);
            if merged {
                let place = MergedAt::new(run, service, i);
                if place.was_alone && !layer.is_base && run.stage != Stage::Included {
                    // Before it was put together with another one, it was looked at alone.
                    let mut alone = Table::default();
                    mapping(&values, node, &root.variables, service_name, &mut run.problems, &mut alone);
                }
                // What a tag took away while it was a mapping.
                let mut gone = HashSet::default();
                let behind = service.of(Field::Environment).skip(i + 1).take_while(|l| l.drops.is_some());
                for drop in behind.filter(|l| l.drops == Some(1)) {
                    let values = run.values(drop.at.file, drop.at.scope);
                    gone.extend(values.tree().str(drop.key).map(str::to_owned));
                }
                let problems = (!run.is_draft()).then_some(&mut run.problems);
                merged_mapping(&values, node, &gone, &place.variables, service_name, problems, &mut table);
            } else {
                mapping(&values, node, &root.variables, service_name, &mut run.problems, &mut table);
            }
        } else if values.tree().is_sequence(node) {
            let is_draft = run.is_draft();
            list(&values, node, service_name, &mut run.problems, is_draft, &mut table, open);
        } else if values.is_null(node) {
            if layers == 0 {
                refuse_null(&values, service, layer, service_name, &mut run.problems);
            }
            continue;
        } else if let Some(text) = values.string(node).filter(|_| layers > 0 || has_own(service, layer)) {
            if let Some(variable) = entry(&values, text.slice(), open) {
                table.set(variable);
            }
        } else if layers == 0
            && !has_own(service, layer)
            && values.string(node).is_none_or(|t| !t.slice().has_hole())
        {
            let message = "`environment` is neither a mapping nor a list";
            run.problems.refuse(values.span(node), Some(service_name), message);
        }
        layers += 1;
    }
    table
}

/// A field without a value is refused when no earlier file gives one (`schema/compose-spec.json`), nor the service that
/// extends this one.
pub(super) fn refuse_null(
    values: &Values,
    raw: &RawService,
    layer: &Layer,
    service: &str,
    problems: &mut Problems,
) {
    if has_next(raw, layer) {
        return;
    }
    let message = format!("`{}` has no value", layer.field.name());
    problems.refuse(values.span(layer.key), Some(service), message);
}

fn mapping(
    values: &Values,
    node: NodeId,
    root: &Variables,
    service: &str,
    problems: &mut Problems,
    table: &mut Table,
) {
    let tree = values.tree();
    let entries = tree.entries(node);
    let mut extensions: Vec<(Text, String)> = Vec::new();
    table.reserve(entries.len());
    for entry in entries {
        let Some(name) = tree.text(entry.key) else { continue };
        if name.as_str().starts_with("x-") && tree.plain(entry.value).is_some() {
            let value = values.text(entry.value).map_or_else(String::new, |t| t.as_str().to_owned());
            extensions.push((name, value));
            continue;
        }
        if tree.plain(entry.key) != Some(Plain::String) || name.as_str().is_empty() {
            problems.refuse(
                name.place(),
                Some(service),
                format!("`{}` is no string: a key here must be", name.as_str()),
            );
        }
        let value = match tree.plain(entry.value) {
            Some(Plain::Null) => filled(root, name.as_str(), name.span()),
            Some(plain) => {
                let unbounded =
                    plain == Plain::Float && tree.str(entry.value).is_some_and(scalar::is_unbounded);
                if unbounded {
                    let message = format!("Compose cannot write the number that `{}` is", name.as_str());
                    problems.refuse(values.span(entry.value), Some(service), message);
                }
                values.text(entry.value)
            }
            None if values.is_template(entry.value) => Some(Text::hole(values.span(entry.value))),
            None => {
                let message = format!("the value of `{}` is no scalar", name.as_str());
                problems.refuse(values.span(entry.value), Some(service), message);
                Some(Text::hole(values.span(entry.value)))
            }
        };
        table.set(Variable { name, value, from_file: false, listed: false, overrides: Vec::new() });
    }
    // compose-go takes what it calls extensions for a variable (`loader/loader.go`, `processExtensions`).
    order::by_text(&mut extensions, |e| e.0.as_str());
    if let Some((first, _)) = extensions.first() {
        let pairs: Vec<String> =
            extensions.iter().map(|(name, value)| format!("{}:{value}", name.as_str())).collect();
        let name = Text::decoded("#extensions", first.place());
        let value = Some(Text::decoded(format!("map[{}]", pairs.join(" ")), first.place()));
        table.set(Variable { name, value, from_file: false, listed: false, overrides: Vec::new() });
    }
}

/// Where one of several places of an environment is put together with the others.
struct MergedAt {
    /// The variables that answer for names without a value: a list is looked through at the end of each include
    /// (`loader/environment.go`), a mapping has become a list when it was put together with another one.
    variables: Rc<Variables>,
    /// It was looked at before, at the end of its own include.
    was_alone: bool,
}

impl MergedAt {
    /// Of the place at `own` among those of `environment`.
    fn new(run: &Run<'_, '_>, service: &RawService, own: usize) -> MergedAt {
        let places = service.of(Field::Environment).enumerate().filter(|(_, l)| l.drops.is_none());
        let all: Vec<(usize, Rc<Variables>)> =
            places.map(|(i, l)| (i, Rc::clone(&run.scope(l.at.scope).variables))).collect();
        let at = all.iter().position(|(i, _)| *i == own).unwrap_or(0);
        let mine = all.get(at).map_or_else(Rc::default, |(_, v)| Rc::clone(v));
        let was_alone = !all.iter().take(at).any(|(_, v)| Variables::is_inside(v, &mine));
        // It is put together first with what stands nearest: in its own include, else in the one around it.
        let others = all.iter().filter(|(i, _)| *i != own).map(|(_, v)| Variables::common(&mine, v));
        let nearest = others.reduce(|a, b| if Variables::is_inside(&a, &b) { a } else { b });
        MergedAt { variables: nearest.unwrap_or(mine), was_alone }
    }
}

/// A mapping that is put together with another environment becomes a list of texts, in which anything may stand
/// (`override/merge.go`, `convertIntoSequence`). `gone`: keys that are taken away before.
fn merged_mapping(
    values: &Values,
    node: NodeId,
    gone: &HashSet<String>,
    variables: &Variables,
    service: &str,
    mut problems: Option<&mut Problems>,
    table: &mut Table,
) {
    let tree = values.tree();
    let entries = tree.entries(node);
    table.reserve(entries.len());
    let mut all: Vec<(Text, Option<Text>)> = Vec::with_capacity(entries.len());
    let mut in_order = true;
    for entry in entries {
        let Some(key) = tree.text(entry.key).filter(|key| !gone.contains(key.as_str())) else { continue };
        in_order &= !key.as_str().contains('=') && !tree.is_sequence(entry.value);
        let whole = |node| {
            let span = values.span(node);
            if values.is_template(node) {
                Text::hole(span)
            } else {
                Text::decoded(values.printed(node), span)
            }
        };
        match tree.plain(entry.value) {
            Some(Plain::Null) => all.push((key, None)),
            Some(_) => all.push((key, values.text(entry.value))),
            // One for each item.
            None if tree.is_sequence(entry.value) => {
                let items = tree.items(entry.value).iter();
                all.extend(items.map(|item| (key.clone(), Some(whole(*item)))));
            }
            None => all.push((key, Some(whole(entry.value)))),
        }
    }
    // The texts are sorted, which decides among those that come to one name.
    if !in_order {
        order::by_made_text(&mut all, |(key, value)| match value {
            Some(value) => format!("{}={}", key.as_str(), value.as_str()),
            None => key.as_str().to_owned(),
        });
    }
    for (key, value) in all {
        let (name, value) = match (key.slice().split_once(b'='), value) {
            (None, None) => {
                let value = filled(variables, key.as_str(), key.span());
                (key, value)
            }
            (None, value) => (key, value),
            (Some((name, rest)), value) => {
                let mut whole = rest.to_text();
                if let Some(value) = value {
                    whole.push_decoded("=", value.place());
                    whole.push_slice(value.slice(), |e| e);
                }
                (name.to_text(), Some(whole))
            }
        };
        if ends_blank(name.as_str())
            && let Some(problems) = problems.as_mut()
        {
            problems.refuse(
                name.span(),
                Some(service),
                format!("a blank stands behind the name `{}`", name.as_str()),
            );
        }
        table.set(Variable { name, value, from_file: false, listed: false, overrides: Vec::new() });
    }
}

/// Go looks at the last byte (`types/mapping.go`), which may be part of a letter.
fn ends_blank(name: &str) -> bool {
    matches!(name.as_bytes().last(), Some(9..=13 | b' ' | 0x85 | 0xa0))
}

fn list(
    values: &Values,
    node: NodeId,
    service: &str,
    problems: &mut Problems,
    is_draft: bool,
    table: &mut Table,
    open: &mut Option<Open>,
) {
    table.reserve(values.tree().items(node).len());
    for item in values.tree().items(node) {
        let Some(text) = values.string(*item) else {
            let span = values.span(*item);
            if values.file.has_template {
                *open = Some(Open { span, why: "an entry is a template".to_owned() });
            } else {
                problems.refuse(span, Some(service), "an entry of `environment` is no string");
            }
            continue;
        };
        let Some(variable) = entry(values, text.slice(), open) else { continue };
        let (name, span) = (variable.name.as_str(), text.span());
        if ends_blank(name) && !is_draft {
            problems.refuse(
                variable.name.span(),
                Some(service),
                format!("a blank stands behind the name `{name}`"),
            );
        }
        if let Some(value) = &variable.value
            && values.tree().style(*item) == Some(Style::Plain)
            && is_quoted(value.as_str())
        {
            let (name, service) = (name.to_owned(), service.to_owned());
            problems.add(value.span(), Problem::QuotedValue { value: value.clone(), name, service });
        }
        if let Some(first) = table.set(variable) {
            let (name, service) =
                (text.slice().split_once(b'=').map_or(text.slice(), |p| p.0), service.to_owned());
            let name = name.as_str().to_owned();
            problems.add(span, Problem::DuplicateVariable { first, second: span, name, service });
        }
    }
}

fn is_quoted(s: &str) -> bool {
    let inner = |q: char| s.strip_prefix(q).is_some_and(|rest| rest.ends_with(q));
    inner('"') || inner('\'')
}

/// `NAME=value` or `NAME`. `None` when the name is not known.
fn entry(values: &Values, text: Slice<'_>, open: &mut Option<Open>) -> Option<Variable> {
    let (name, value) = text.split_once(b'=').map_or((text, None), |(name, value)| (name, Some(value)));
    if name.has_hole() {
        *open = Some(Open { span: name.span(), why: "a variable's name is not known".to_owned() });
        return None;
    }
    let value = match value {
        Some(value) => Some(value.to_text()),
        None => filled(&values.scope.variables, name.as_str(), name.span()),
    };
    Some(Variable { name: name.to_text(), value, from_file: false, listed: true, overrides: Vec::new() })
}

/// The value that a name alone at `span` takes from the project's variables.
fn filled(variables: &Variables, name: &str, span: Span) -> Option<Text> {
    match variables.lookup(name) {
        Value::Unset => None,
        Value::Unknown => Some(Text::hole(span)),
        Value::Set(value) => {
            let mut text = Text::at(span);
            text.push_use(value.slice(), Use { span, name: name.into() });
            Some(text)
        }
    }
}

/// Looks at the files of `label_file`: they must be there and be sound (`types/project.go`, `resolveLabels`). What
/// they say is of no use here.
pub(super) fn look_at_labels(run: &mut Run<'_, '_>, service: &RawService) {
    let mut known = Variables::default();
    for layer in service.named("label_file") {
        let values = run.values(layer.at.file, layer.at.scope);
        label_files(run, &values, layer.at.node, &mut known);
    }
}

/// Looks at the env and label files of containers that run before the service's: they must be there and be sound, as its
/// own (`types/project.go`). What they say is of no use here.
pub(super) fn look_at_hooks(run: &mut Run<'_, '_>, service: &RawService) {
    for layer in service.named("pre_start") {
        let values = run.values(layer.at.file, layer.at.scope);
        for hook in values.tree().items(layer.at.node) {
            let get = |key: &str| values.tree().get(*hook, key).map(|e| e.value);
            let mut all = Table::default();
            for item in get("env_file").iter().flat_map(|node| values.tree().listed(node)) {
                if let Some(file) = env_file(&values, *item) {
                    one_file(run, file, &Table::default(), &mut all, &mut None);
                }
            }
            if let Some(node) = get("label_file") {
                label_files(run, &values, node, &mut Variables::default());
            }
        }
    }
}

/// Looks at the label files that stand at `node`; `known` is what earlier ones said.
fn label_files(run: &mut Run<'_, '_>, values: &Values, node: NodeId, known: &mut Variables) {
    for item in values.tree().listed(&node) {
        let Some(text) = values.string(*item) else { continue };
        let Some(path) = text.known() else { continue };
        let path = path::join(&values.scope.folder, path);
        let found = if text.as_str().is_empty() { Err(ReadError::Missing) } else { run.store.open(&path) };
        let id = match found {
            Ok(id) => id,
            Err(reason) => {
                not_read(run, text.span(), path, "label_file", &reason);
                continue;
            }
        };
        run.store.note(id, "label file");
        let dotenv = run.store.dotenv(id, false);
        dotenv_problems(&dotenv, &mut run.problems);
        let resolved = dotenv::resolve(&dotenv, &|name| known.lookup(name), &|_| Value::Unset, run.mode);
        let has_env = run.scope(0).variables.has_file;
        value_problems(&resolved.problems, &path, has_env, &mut run.problems);
        for (name, value) in resolved.variables {
            if let Some(value) = value {
                known.set(name.as_str(), value);
            }
        }
    }
}

/// Tells why a file that `what` asks for could not be read. Gives the reason.
fn not_read(
    run: &mut Run<'_, '_>,
    span: Span,
    path: String,
    what: &'static str,
    reason: &ReadError,
) -> String {
    let name = what.replace('_', " ");
    let why = format!("{name} {path} could not be read: {reason}");
    let problem = match reason {
        ReadError::Missing => Problem::MissingReference { span, path, what },
        ReadError::Directory => {
            Problem::Invalid { span, message: format!("the {name} {path} is a folder"), service: None }
        }
        _ => Problem::NotSeen(Open { span, why: why.clone() }),
    };
    run.problems.add(span, problem);
    why
}

/// An entry of `env_file`.
struct EnvFile {
    path: Text,
    folder: String,
    required: bool,
    /// How it is written, when that is said.
    format: Option<Text>,
}

/// An entry of `env_file`; `None` when it has no path.
fn env_file(values: &Values, item: NodeId) -> Option<EnvFile> {
    let folder = values.scope.folder.clone();
    if !values.tree().is_mapping(item) {
        return Some(EnvFile { path: values.string(item)?, folder, required: true, format: None });
    }
    let get = |key: &str| values.tree().get(item, key).map(|e| e.value);
    let text = |key: &str| get(key).and_then(|n| values.text(n));
    let required = text("required").is_none_or(|t| scalar::boolean(t.as_str()) != Some(false));
    let format = text("format").filter(|f| !f.as_str().is_empty());
    Some(EnvFile { path: values.string(get("path")?)?, folder, required, format })
}

fn files(run: &mut Run<'_, '_>, name: &str, service: &RawService) -> Vec<EnvFile> {
    let mut found: Vec<EnvFile> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::default();
    let mut layers = 0;
    for layer in service.of(Field::EnvFile).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        let node = layer.at.node;
        if values.is_null(node) {
            if layers == 0 {
                refuse_null(&values, service, layer, name, &mut run.problems);
            }
            continue;
        }
        layers += 1;
        // A mapping over another place is a list of texts (`override/merge.go`, `convertIntoSequence`).
        if (layers > 1 || has_own(service, layer)) && values.tree().is_mapping(node) {
            for entry in values.tree().entries(node) {
                let pair =
                    format!("{}={}", values.tree().str(entry.key).unwrap_or(""), values.deep(entry.value));
                let path = Text::decoded(pair, values.span(entry.value));
                let folder = values.scope.folder.clone();
                found.push(EnvFile { path, folder, required: true, format: None });
            }
            continue;
        }
        // Another value is nothing then.
        let is_alone = layers == 1 && !has_own(service, layer);
        if !is_alone && !values.tree().is_sequence(node) && values.string(node).is_none() {
            continue;
        }
        // By then its paths have been joined to its folder (`paths/resolve.go`).
        let is_joined = layer.at.scope != 0 || layer.is_base && !stays_short(service, layer);
        for item in values.tree().listed(&node) {
            // Its decoder finds nothing in a date.
            if values.plain(*item) == Some(Plain::Timestamp) {
                continue;
            }
            let Some(new) = env_file(&values, *item) else {
                run.problems.refuse(values.span(*item), Some(name), "an entry of `env_file` has no path");
                continue;
            };
            let key = match is_joined {
                true => path::join(&new.folder, new.path.as_str()),
                false => canonical::env_file_key(new.path.as_str(), &new.folder),
            };
            match index.get(&key).and_then(|i| found.get_mut(*i)) {
                Some(old) => *old = new,
                None => {
                    index.insert(key, found.len());
                    found.push(new);
                }
            }
        }
    }
    found
}

/// Reads one env file over what the earlier ones gave.
fn one_file(run: &mut Run<'_, '_>, file: EnvFile, inline: &Table, all: &mut Table, open: &mut Option<Open>) {
    let span = file.path.span();
    let Some(known) = file.path.known() else {
        let why = "an env file has a name that is not known".to_owned();
        run.problems.add(span, Problem::NotSeen(Open { span, why: why.clone() }));
        *open = Some(Open { span, why });
        return;
    };
    if known == "/dev/null" {
        return;
    }
    let path = path::join(&file.folder, known);
    // An empty path stays empty, and is that of no file.
    let found = if known.is_empty() { Err(ReadError::Missing) } else { run.store.open(&path) };
    let id = match found {
        Ok(id) => id,
        Err(ReadError::Missing) if !file.required => return,
        Err(reason) => {
            let why = not_read(run, span, path, "env_file", &reason);
            *open = Some(Open { span, why });
            return;
        }
    };
    run.store.note(id, "env file");
    let is_raw = match file.format.as_ref().map(|f| (f, f.known())) {
        None => false,
        Some((_, Some("raw"))) => true,
        Some((format, Some(other))) => {
            run.problems.refuse(format.span(), None, format!("env files have no format `{other}`"));
            return;
        }
        Some((format, None)) => {
            *open =
                Some(Open { span: format.span(), why: "the format of an env file is not known".to_owned() });
            return;
        }
    };
    let dotenv = run.store.dotenv(id, is_raw);
    dotenv_problems(&dotenv, &mut run.problems);
    if dotenv.is_refused() && run.mode == Mode::Open {
        let why = format!("env file {path} could not be read whole");
        *open = Some(Open { span, why });
    }
    let scope = run.scope(0);
    let before = |name: &str| match scope.variables.lookup(name) {
        Value::Unset => inline.get(name).and_then(|v| v.value.as_ref()).map_or(Value::Unset, Value::Set),
        known => known,
    };
    let after = |name: &str| all.get(name).and_then(|v| v.value.as_ref()).map_or(Value::Unset, Value::Set);
    let resolved = dotenv::resolve(&dotenv, &before, &after, run.mode);
    value_problems(&resolved.problems, &path, scope.variables.has_file, &mut run.problems);
    for (name, value) in resolved.variables {
        if let Some(value) = value {
            all.set(Variable {
                name,
                value: Some(value),
                from_file: true,
                listed: false,
                overrides: Vec::new(),
            });
        }
    }
}
