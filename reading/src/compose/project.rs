//! One project: its variables, its files, its services.

use std::rc::Rc;

use super::consistency::{self, Lack, Need};
use super::include;
use super::load::{Problems, Run, Stage};
use super::model::{Model, RawTop};
use super::store::Store;
use super::values::Values;
use super::variables::Variables;
use super::{Network, Options, Problem, Project, forms, schema, service};
use crate::interpolate::{Mode, Value};
use crate::source::{FileId, ReadError, Span, path};
use crate::text::{Encoding, Text};
use crate::yaml::{NodeId, Plain};

/// What shall be read as one project.
#[derive(Debug, Clone, Default)]
pub(super) struct Spec {
    pub(super) folder: String,
    /// Where Compose was asked, when that is no file: a `.env` there goes before that of the project's folder.
    pub(super) home: Option<String>,
    pub(super) files: Vec<FileId>,
    /// Files that were asked for and cannot be read.
    pub(super) unreadable: Vec<(String, ReadError)>,
    /// Instead of `.env`.
    pub(super) env_files: Vec<String>,
    pub(super) profiles: Vec<String>,
}

/// A project, and what is needed to decide whether it stands alone.
pub(super) struct Loaded {
    pub(super) project: Project,
    pub(super) lacks: Vec<Lack>,
    /// Something of it could not be read, so that what it lacks may be there.
    pub(super) partly_seen: bool,
    /// What it declares at the top, while others may be joined with it.
    pub(super) declared: Vec<Need>,
    /// The services that have an image or are built.
    pub(super) whole: Vec<String>,
    /// Files that its `include`s and `extends` name.
    pub(super) referred: Vec<(FileId, bool)>,
}

/// What is known of a project's variables before its files are read.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) variables: Rc<Variables>,
    /// The env files that were read.
    files: Vec<FileId>,
    /// What is wrong with them.
    problems: Problems,
}

/// Reads a project with these variables.
pub(super) fn load(
    store: &mut Store<'_>,
    options: &Options,
    mode: Mode,
    spec: &Spec,
    environment: &Environment,
) -> Loaded {
    let mut problems = environment.problems.clone();
    let unreadable = spec.unreadable.iter().cloned();
    let unreadable = unreadable.map(|(path, reason)| Problem::Unreadable { asked: None, path, reason });
    problems.list.splice(0..0, unreadable);
    let mut variables = Variables::inside(Rc::clone(&environment.variables));
    let home = if mode == Mode::Closed { options.working_directory.as_str() } else { "" };
    let folder = path::join(home, &spec.folder);
    project_name(store, mode, spec, &folder, &mut variables, &mut problems);
    let mut run = Run::new(store, mode, spec.folder.clone(), variables);
    run.problems = problems;
    run.active = active_profiles(&run, options, spec);
    let model = run.model(&spec.files, 0);
    let mut services = Vec::with_capacity(model.services.places());
    for (name, raw) in model.services.iter() {
        services.extend(service::read(&mut run, &model, name, raw));
    }
    let mut lacks = consistency::lacks(&model, &services);
    // They may be kept until all folders are read.
    lacks.shrink_to_fit();
    let whole = services.iter().filter(|r| r.service.image.is_some() || r.service.build.is_some());
    let whole = whole.map(|r| r.service.name.as_str().to_owned()).collect();
    services.retain(|r| run.is_on(&r.service.profiles));
    let named_profiles = run.active.is_some();
    consistency::check(&services, named_profiles, &mut run.problems);
    things(&mut run, &model);
    let networks = networks(&mut run, &model);
    let partly_seen = run.problems.list.iter().any(|p| {
        matches!(
            p,
            Problem::Syntax { .. }
                | Problem::NotUtf8 { .. }
                | Problem::NotSeen(_)
                | Problem::MissingReference { .. }
                | Problem::Unreadable { .. }
        )
    });
    let mut services: Vec<_> = services.into_iter().map(|r| r.service).collect();
    services.shrink_to_fit();
    let project = Project {
        folder: spec.folder.clone(),
        files: spec.files.clone(),
        env_files: environment.files.clone(),
        services,
        networks,
        fragment: false,
        problems: std::mem::take(&mut run.problems.list),
    };
    let declared = consistency::declared(&model);
    Loaded { project, lacks, partly_seen, declared, whole, referred: run.referred }
}

/// Reads the variables of a project: of `spec`, its folders and its env files count.
pub(super) fn environment(store: &mut Store<'_>, options: &Options, mode: Mode, spec: &Spec) -> Environment {
    let mut problems = Problems::default();
    let given = Rc::new(given(store, options));
    let mut variables = Variables::inside(Rc::clone(&given));
    let named = [&spec.env_files, &options.env_files].into_iter().find(|f| !f.is_empty());
    let listed = given.known("COMPOSE_ENV_FILES").filter(|s| !s.is_empty());
    let disabled =
        given.known("COMPOSE_DISABLE_ENV_FILE").is_some_and(|v| matches!(v, "1" | "true" | "TRUE"));
    let (asked, files): (bool, Vec<String>) = match (named, listed) {
        _ if disabled => (false, Vec::new()),
        (Some(named), _) => (true, named.iter().map(|f| path::normalise(f)).collect()),
        (None, Some(listed)) => (true, listed.split(',').map(path::normalise).collect()),
        (None, None) => (false, vec![path::child(&spec.folder, ".env")]),
    };
    let mut read = Vec::new();
    if let Some(home) = spec.home.as_ref().filter(|home| !asked && !disabled && **home != spec.folder) {
        let file = path::join(home, ".env");
        read.extend(include::env_file(store, &mut problems, mode, &file, &mut variables).ok());
        if variables.known("COMPOSE_DISABLE_ENV_FILE").is_some_and(is_true) {
            variables.keep(|name| name.starts_with("COMPOSE_"));
            return Environment { variables: Rc::new(variables), files: read, problems };
        }
        variables = Variables::inside(Rc::new(variables));
    }
    for file in files {
        match include::env_file(store, &mut problems, mode, &file, &mut variables) {
            Ok(id) => read.push(id),
            // Without `--env-file` it may be missing, and a folder of that name is left aside.
            Err(ReadError::Missing | ReadError::Directory) if !asked => {}
            Err(reason) => {
                variables.open();
                problems.list.push(Problem::Unreadable { asked: None, path: file, reason });
            }
        }
    }
    // docker compose sets what a `.env` says of Compose itself before anything else (cmd/compose/compose.go,
    // `setEnvWithDotEnv`); so a `.env` can switch itself off.
    if !asked && variables.known("COMPOSE_DISABLE_ENV_FILE").is_some_and(is_true) {
        variables.keep(|name| name.starts_with("COMPOSE_"));
    }
    Environment { variables: Rc::new(variables), files: read, problems }
}

/// Go's `strconv.ParseBool`.
fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// Looks at the form of top-level networks, volumes, configs and secrets, and at what cannot stand together
/// (`validation/`, `loader/validate.go`).
fn things(run: &mut Run<'_, '_>, model: &Model) {
    for (_, kind, section) in model.things() {
        for (name, raw) in section.iter() {
            thing(run, kind, name, raw, Stage::Whole);
            two_names(run, kind, name, raw, 0);
        }
    }
}

/// Tells `external: {name: …}`, the old way to say `name`, beside or over another `name` (`transform/external.go`). Only the
/// documents of `scope` are looked at: those of an include come to one name before anything goes on top of them.
pub(super) fn two_names(run: &mut Run<'_, '_>, kind: &str, name: &str, raw: &RawTop, scope: u32) {
    let mut before: Option<Text> = None;
    for at in &raw.layers {
        let values = run.values(at.file, at.scope);
        let text = |node, key| values.tree().get(node, key).and_then(|e| values.text(e.value));
        let own = text(at.node, "name").or(before);
        let old = values.tree().get(at.node, "external").and_then(|e| text(e.value, "name"));
        if let (Some(old), Some(own)) = (&old, &own)
            && at.scope == scope
            && old.as_str() != own.as_str()
        {
            run.problems.refuse(old.span(), None, format!("{kind} `{name}` has two different names"));
        }
        before = old.or(own);
    }
}

/// Tells what is wrong with a network, volume, config or secret for itself. After some documents, its form is all that is
/// asked.
pub(super) fn thing(run: &mut Run<'_, '_>, kind: &str, name: &str, raw: &RawTop, stage: Stage) {
    let mut keys: Vec<(String, Span)> = Vec::new();
    let mut external = false;
    for (i, at) in raw.layers.iter().enumerate() {
        let values = run.values(at.file, at.scope);
        if values.file.has_template {
            return;
        }
        if values.is_null(at.node) {
            if i == 0 && matches!(kind, "config" | "secret" | "model") {
                let message = format!("the {kind} `{name}` is no mapping");
                run.problems.refuse(values.span(at.node), None, message);
                return;
            }
            continue;
        }
        let is_last = i + 1 == raw.layers.len();
        let earlier: Vec<(Values, NodeId)> =
            raw.layers.iter().take(i).map(|at| (run.values(at.file, at.scope), at.node)).collect();
        let is_over =
            |path: &[&str]| earlier.iter().any(|(values, node)| forms::has_value(values, *node, path));
        if let Some((node, message)) = schema::thing(&values, kind, at.node, &is_over, is_last) {
            run.problems.refuse(values.span(node), None, format!("{kind} `{name}`: {message}"));
            return;
        }
        if kind == "network"
            && let Some(config) = lost_addresses(&values, at.node, &earlier)
        {
            let message = format!(
                "{kind} `{name}`: of this `ipam.config` and the one before it one is empty, so that nothing comes of both"
            );
            run.problems.refuse(values.span(config), None, message);
            return;
        }
        for entry in values.tree().entries(at.node) {
            let Some(key) = values.tree().str(entry.key) else { continue };
            if key == "external" {
                let text = values.text(entry.value);
                external = text.is_none_or(|t| super::scalar::boolean(t.as_str()) != Some(false));
            }
            keys.push((key.to_owned(), values.span(entry.key)));
        }
    }
    if stage == Stage::Document {
        return;
    }
    let place = keys.first().map(|k| k.1);
    let (one_of, needed): (&[&str], bool) = match kind {
        "config" => (&["file", "environment", "content"], true),
        "secret" => (&["file", "environment"], true),
        _ => (&[], false),
    };
    if kind == "volume" && external {
        let other =
            keys.iter().find(|k| !matches!(k.0.as_str(), "name" | "external") && !k.0.starts_with("x-"));
        if let Some((key, span)) = other {
            run.problems.refuse(*span, None, format!("an external volume cannot have `{key}`"));
        }
    }
    let has = |wanted: &str| keys.iter().any(|k| k.0 == wanted);
    let given: Vec<&str> = one_of.iter().copied().filter(|k| has(k)).collect();
    let span = place.unwrap_or_else(|| Span::new(raw.key.file, 0..0));
    if let [first, second, ..] = given.as_slice() {
        run.problems.refuse(span, None, format!("{kind} `{name}` has both `{first}` and `{second}`"));
    } else if kind == "secret" && stage == Stage::Whole && !external && !says_where(run, raw) {
        run.problems.refuse(span, None, format!("secret `{name}` needs `file` or `environment`"));
    } else if needed && given.is_empty() && !has("driver") && !has("external") {
        run.problems.refuse(span, None, format!("{kind} `{name}` needs one of `{}`", one_of.join("`, `")));
    }
}

/// The `ipam.config` of a network that leaves nothing when it is put over an earlier one, as an empty list does, whichever of them it
/// is (`override/merge.go`, `mergeIPAMConfig`).
fn lost_addresses(values: &Values, network: NodeId, earlier: &[(Values, NodeId)]) -> Option<NodeId> {
    let config = |values: &Values, network| {
        let ipam = values.tree().get(network, "ipam")?.value;
        Some((ipam, values.tree().get(ipam, "config")?.value))
    };
    let (ipam, own) = config(values, network)?;
    if [network, ipam, own].into_iter().any(|node| values.is_override(node)) {
        return None;
    }
    let is_empty = |values: &Values, node| values.tree().items(node).is_empty();
    let (earlier, (_, before)) = earlier.iter().rev().find_map(|e| Some((e, config(&e.0, e.1)?)))?;
    // What an include says in the same words is not put together with it (`loader/include.go`, `importResource`).
    let is_same =
        !Rc::ptr_eq(&earlier.0.scope, &values.scope) && earlier.0.deep(earlier.1) == values.deep(network);
    (!is_same && (is_empty(&earlier.0, before) || is_empty(values, own))).then_some(own)
}

/// True when a secret has a `file`, or an `environment` that is not empty, as each must that is not external, whatever its driver
/// (`loader/validate.go`).
fn says_where(run: &mut Run<'_, '_>, raw: &RawTop) -> bool {
    ["file", "environment"].iter().any(|key| {
        let texts = raw.layers.iter().filter_map(|at| {
            let values = run.values(at.file, at.scope);
            let node = values.tree().get(at.node, key)?.value;
            values.text(node).filter(|_| !values.is_null(node))
        });
        // An empty path is that of a folder.
        texts.last().is_some_and(|text| *key == "file" || !text.as_str().is_empty())
    })
}

/// `--env K=V`. They stand in a file of their own, so that a label can show them.
fn given(store: &mut Store<'_>, options: &Options) -> Variables {
    let mut variables = Variables::default();
    if options.env.is_empty() {
        return variables;
    }
    let mut text = String::new();
    let mut places = Vec::new();
    for (name, value) in &options.env {
        let start = text.len() + name.len() + 1;
        text.push_str(&format!("{name}={value}\n"));
        places.push(start..start + value.len());
    }
    let file = store.sources.find("--env").unwrap_or_else(|| store.sources.add("--env", text.into_bytes()));
    for ((name, value), place) in options.env.iter().zip(places) {
        variables.set(name, Text::literal(value.clone(), Span::new(file, place), Encoding::default()));
    }
    variables
}

/// Sets `COMPOSE_PROJECT_NAME`, as Compose does for every project: `name:`, else the name of `folder`, cleaned.
fn project_name(
    store: &mut Store<'_>,
    mode: Mode,
    spec: &Spec,
    folder: &str,
    variables: &mut Variables,
    problems: &mut Problems,
) {
    const NAME: &str = "COMPOSE_PROJECT_NAME";
    match variables.lookup(NAME) {
        Value::Unset => {}
        Value::Set(name) if name.as_str().is_empty() => {}
        Value::Set(name) => {
            // Unlike `name:` it is not made fit.
            if let Some(known) = name.known().filter(|known| clean(known) != **known) {
                let message = format!("`{known}` cannot be a project's name");
                problems.refuse(name.span(), None, message);
            }
            return;
        }
        Value::Unknown => return,
    }
    let Some(first) = spec.files.first() else { return };
    let start = Span::new(*first, 0..0);
    let mut found: Option<Text> = None;
    // A name that is none counts only where a first document has one (`cli/options.go`, `prepare`).
    let mut is_named = false;
    for file in &spec.files {
        let parsed = store.yaml(*file);
        for (i, root) in parsed.tree.documents().iter().enumerate() {
            // It is read before tags are.
            let removed = parsed.removed(*root).find(|(key, _)| parsed.tree.str(*key) == Some("name"));
            let own = parsed.tree.get(*root, "name").map(|e| e.value);
            let own = own.filter(|n| parsed.tree.plain(*n) != Some(Plain::Null));
            let Some(name) = own.or(removed.map(|r| r.1)) else { continue };
            is_named |= i == 0 && parsed.tree.str(name).is_some_and(|n| !n.is_empty());
            if parsed.tree.str(name).is_some_and(|n| !n.is_empty()) {
                found = parsed.tree.text(name);
                if found.as_ref().is_some_and(|t| t.as_str().contains('$')) {
                    let scope = super::values::Scope {
                        folder: spec.folder.clone(),
                        variables: Rc::new(std::mem::take(variables)),
                    };
                    let values = Values { file: Rc::clone(&parsed), scope: Rc::new(scope), mode };
                    found = values.string(name);
                    // The variables come back: nobody else holds them.
                    if let Ok(scope) = Rc::try_unwrap(values.scope)
                        && let Ok(back) = Rc::try_unwrap(scope.variables)
                    {
                        *variables = back;
                    }
                }
            }
        }
    }
    let found = found.filter(|text| is_named || !clean(text.as_str()).is_empty());
    let text = match &found {
        Some(text) if text.slice().has_hole() => Text::hole(text.place()),
        Some(text) => match clean(text.as_str()) {
            name if name == text.as_str() => text.clone(),
            name => Text::decoded(name, text.place()),
        },
        None => match path::file_name(folder) {
            // The folder that is worked in has a name that nobody told.
            "" | "." | ".." => Text::hole(start),
            folder => Text::decoded(clean(folder), start),
        },
    };
    if text.as_str().is_empty() {
        match &found {
            Some(name) => {
                problems.refuse(name.place(), None, "no letter of `name` may be in a project's name")
            }
            // `-p` or COMPOSE_PROJECT_NAME may name it, and nobody wrote anything wrong here.
            None if mode == Mode::Open => {}
            None => {
                let message =
                    "no letter of the folder's name may be in a project's name, and there is no `name`";
                problems.refuse(start, None, message);
            }
        }
    }
    variables.set(NAME, text);
}

/// A project's name, as Compose makes it of a folder's (compose-go `loader/loader.go`, `NormalizeProjectName`).
fn clean(name: &str) -> String {
    let lower = name.to_lowercase();
    let kept: String = lower.chars().filter(|c| matches!(c, 'a'..='z' | '0'..='9' | '_' | '-')).collect();
    kept.trim_start_matches(['_', '-']).to_owned()
}

/// The profiles that are switched on; `None` when nobody names one and services of all profiles are read.
fn active_profiles(run: &Run<'_, '_>, options: &Options, spec: &Spec) -> Option<Vec<String>> {
    if let Some(named) = [&spec.profiles, &options.profiles].into_iter().find(|p| !p.is_empty()) {
        return Some(named.clone());
    }
    let scope = run.scope(0);
    let list = scope.variables.known("COMPOSE_PROFILES").unwrap_or("");
    // Nobody names one.
    if run.mode == Mode::Open && list.split(',').all(|p| p.trim().is_empty()) {
        return None;
    }
    // To Compose the empty text names an empty profile (`cli/options.go`, `WithDefaultProfiles`).
    Some(list.split(',').map(|p| p.trim().to_owned()).collect())
}

fn networks(run: &mut Run<'_, '_>, model: &Model) -> Vec<Network> {
    model.networks.iter().filter_map(|(_, raw)| network(run, raw)).collect()
}

fn network(run: &mut Run<'_, '_>, raw: &RawTop) -> Option<Network> {
    let key = run.values(raw.key.file, raw.key.scope);
    let name = key.tree().text(raw.key.node)?;
    let mut shared = false;
    let mut maps_ports = Some(true);
    for at in &raw.layers {
        let values = run.values(at.file, at.scope);
        let tree = values.tree();
        if let Some(external) = tree.get(at.node, "external") {
            let text = values.text(external.value);
            shared = text.is_none_or(|t| super::scalar::boolean(t.as_str()).unwrap_or(true));
        }
        if shared {
            maps_ports = None;
        }
        shared |= tree.get(at.node, "name").is_some();
        if let Some(driver) = tree.get(at.node, "driver").and_then(|e| values.text(e.value)) {
            maps_ports = driver.known().map(|d| matches!(d, "" | "default" | "bridge" | "overlay"));
        }
        if let Some(internal) = tree.get(at.node, "internal").and_then(|e| values.text(e.value))
            && super::scalar::boolean(internal.as_str()) != Some(false)
        {
            maps_ports = Some(false);
        }
    }
    Some(Network { name, shared, maps_ports })
}
