//! Other files that a compose file names: `include`, the file of `extends`, and the `.env` files that set variables.
//!
//! After compose-go's `loader/include.go` and `dotenv/env.go`. What an included file says lies below what the including
//! one says; its relative paths and its `.env` are those of its own folder, and the variables of the including project
//! win.

use std::rc::Rc;

use super::load::{Problems, Run, Stage};
use super::model::{Field, Layer, Model, RawService, Section};
use super::project::{thing, two_names};
use super::store::Store;
use super::values::Values;
use super::variables::Variables;
use super::{Open, Problem, check, schema, service};
use crate::dotenv;
use crate::interpolate::{self, Mode, Value};
use crate::source::{FileId, ReadError, Span, path};
use crate::text::Text;
use crate::yaml::NodeId;

/// How many files one project may include, over all: two includes a file and thirty files deep are a billion.
const INCLUDES: u32 = 2_000;

impl Run<'_, '_> {
    /// What `include` brings, the last of it at the bottom (compose-go `loader/include.go`).
    /// `own` is the model of the document that includes.
    pub(super) fn include(&mut self, values: &Values, include: NodeId, scope: u32, own: &Model) -> Model {
        let mut all = Model::default();
        if !values.tree().is_sequence(include) {
            if !values.is_null(include) {
                self.problems.refuse(values.span(include), None, "`include` is no list");
            }
            return all;
        }
        for item in values.tree().items(include) {
            if self.includes >= INCLUDES {
                let span = values.span(*item);
                let why = format!("more than {INCLUDES} includes");
                self.problems.add(span, Problem::NotSeen(Open { span, why }));
                break;
            }
            self.includes += 1;
            if let Some(mut model) = self.include_one(values, *item, scope) {
                // Each file was looked at before it is put together with others (`loadYamlModel`).
                for (name, raw) in model.services.iter() {
                    let other = all.services.get(name);
                    if let Some(other) = other {
                        service::look(self, &all, name, other, Stage::Included);
                    }
                    if other.is_some() || own.services.has(name) {
                        service::look(self, &model, name, raw, Stage::Included);
                    }
                }
                // What two includes bring alike counts once (`importResource`).
                let alike = |(name, raw): (&str, &RawService)| {
                    let other = all.services.get(name);
                    (!own.services.has(name) && other.is_some_and(|o| self.is_alike(o, raw)))
                        .then(|| name.to_owned())
                };
                let twins: Vec<String> = model.services.iter().filter_map(alike).collect();
                twins.iter().for_each(|name| model.services.remove(name));
                all.under(&model);
            }
        }
        all
    }

    /// True when two services are the same places of the same files and come to the same.
    fn is_alike(&mut self, a: &RawService, b: &RawService) -> bool {
        if a.layers.len() != b.layers.len() {
            return false;
        }
        a.layers.iter().zip(&b.layers).all(|(a, b)| {
            let place = |l: &Layer| (l.field, l.at.file, l.at.node, l.drops);
            place(a) == place(b)
                && (a.at.scope == b.at.scope || {
                    let (one, other) =
                        (self.values(a.at.file, a.at.scope), self.values(b.at.file, b.at.scope));
                    (one.scope.folder == other.scope.folder || !has_paths(&one, a.field, a.at.node))
                        && reads_alike(&one, &other, a.at.node, a.field == Field::Environment)
                })
        })
    }

    fn include_one(&mut self, values: &Values, item: NodeId, scope: u32) -> Option<Model> {
        let tree = values.tree();
        let strings = |node: NodeId| -> Vec<Text> {
            match tree.is_sequence(node) {
                true => tree.items(node).iter().filter_map(|n| values.string(*n)).collect(),
                false => values.string(node).into_iter().collect(),
            }
        };
        let get = |key: &str| tree.get(item, key).map(|e| e.value);
        if let Some((node, message)) = schema::include(values, item) {
            self.problems.refuse(values.span(node), None, message);
            return None;
        }
        let paths = if tree.is_mapping(item) { get("path").map(strings) } else { Some(strings(item)) };
        let paths = paths.unwrap_or_default();
        let span = values.span(item);
        // Compose takes an include of nothing for nothing.
        if paths.is_empty() && !tree.is_mapping(item) && !values.is_null(item) && !values.is_template(item) {
            self.problems.refuse(span, None, "an include without a path");
        }
        let outer = self.scope(scope);
        let mut files = Vec::new();
        for text in &paths {
            let file = self.referred_file(text, &outer.folder, "include")?;
            files.push(file);
        }
        let first = files.first().copied();
        if first.is_some_and(|first| self.including.contains(&first)) {
            self.problems.refuse(span, None, "this file includes itself");
            return None;
        }
        let named = get("project_directory").and_then(|n| values.text(n)).filter(|t| !t.as_str().is_empty());
        let folder = match &named {
            Some(folder) => path::join(&outer.folder, folder.known()?),
            None => first.map_or_else(String::new, |f| path::parent(self.store.sources.name(f)).to_owned()),
        };
        // A project directory that is not there is taken for a file in its folder (`localResourceLoader.Dir`); only
        // its `.env` is still looked for in it.
        let is_file = named.is_some_and(|n| !n.as_str().starts_with('/')) && !self.store.is_folder(&folder);
        let paths_from = if is_file { path::parent(&folder).to_owned() } else { folder.clone() };
        let mut variables = Variables::inside(Rc::clone(&outer.variables));
        let named = get("env_file").map(strings).unwrap_or_default();
        let asked: Vec<(String, Option<Span>)> = if named.is_empty() {
            vec![(path::join(&folder, ".env"), None)]
        } else {
            let known = |t: &Text| Some((path::join(&outer.folder, t.known()?), Some(t.span())));
            named.iter().filter(|t| t.as_str() != "/dev/null").filter_map(known).collect()
        };
        for (env, span) in asked {
            let result = env_file(self.store, &mut self.problems, self.mode, &env, &mut variables);
            match (result, span) {
                (Err(ReadError::Missing), Some(span)) => {
                    let problem = Problem::MissingReference { span, path: env, what: "include" };
                    self.problems.add(span, problem);
                    variables.open();
                }
                (Err(ReadError::Missing | ReadError::Directory), None) | (Ok(_), _) => {}
                (Err(reason), span) => {
                    self.problems.list.push(Problem::Unreadable { asked: span, path: env, reason });
                    variables.open();
                }
            }
        }
        // Compose takes an include of no file for nothing, once it has read its `.env`.
        let first = first?;
        let inner = self.add_scope(paths_from, Rc::new(variables));
        self.including.push(first);
        let model = self.model(&files, inner);
        self.including.pop();
        self.check_included(&model, inner);
        Some(model)
    }

    /// What Compose refuses of included files before they are put together with the including one.
    fn check_included(&mut self, model: &Model, scope: u32) {
        for (_, kind, section) in model.things().into_iter().filter(|t| t.0 != Section::Models) {
            for (name, raw) in section.iter() {
                thing(self, kind, name, raw, Stage::Included);
                two_names(self, kind, name, raw, scope);
            }
        }
        for (name, raw) in model.services.iter().filter(|(_, raw)| raw.is_null) {
            let values = self.values(raw.key.file, raw.key.scope);
            if values.file.has_template {
                continue;
            }
            let message = format!("the service `{name}` is no mapping");
            self.problems.refuse(values.span(raw.key.node), Some(name), message);
        }
        // By then a variable's value is the content as well (`loader/environment.go`, `resolveConfigsEnvironment`).
        for (name, raw) in model.configs.iter() {
            for at in raw.layers.iter().filter(|at| at.scope == scope) {
                let values = self.values(at.file, at.scope);
                let Some(entry) = values.tree().get(at.node, "environment") else { continue };
                let variable = values.string(entry.value);
                let is_set = |v: Text| matches!(values.scope.variables.lookup(v.as_str()), Value::Set(_));
                if self.mode == Mode::Closed && variable.is_some_and(is_set) {
                    let message = format!("config `{name}` has both `environment` and `content`");
                    self.problems.refuse(values.span(entry.value), None, message);
                }
            }
        }
    }

    /// The file that `include` or `extends` names; what is wrong with that is told.
    pub(super) fn referred_file(&mut self, text: &Text, folder: &str, what: &'static str) -> Option<FileId> {
        let span = text.span();
        let mut not_seen = |why: String| self.problems.add(span, Problem::NotSeen(Open { span, why }));
        let Some(known) = text.known() else {
            not_seen(format!("the file of `{what}` has a name that is not known"));
            return None;
        };
        if known.contains("://") || known.starts_with("git@") {
            not_seen(format!("`{what}` of a remote file"));
            return None;
        }
        let path = path::join(folder, known);
        match self.store.open(&path) {
            Ok(file) => {
                self.referred.push((file, what == "include"));
                Some(file)
            }
            Err(ReadError::Missing) => {
                self.problems.add(span, Problem::MissingReference { span, path, what });
                None
            }
            Err(ReadError::Directory) => {
                self.problems.refuse(span, None, format!("`{what}` of a directory"));
                None
            }
            Err(reason) => {
                let why = format!("the file {path} of `{what}` could not be read: {reason}");
                self.problems.add(span, Problem::NotSeen(Open { span, why }));
                None
            }
        }
    }
}

/// True when what stands there depends on the folder it is read in.
fn has_paths(values: &Values, field: Field, node: NodeId) -> bool {
    let tree = values.tree();
    let is_local = |text: Option<Text>| text.is_none_or(|t| !t.as_str().starts_with(['/', '~']));
    match field {
        Field::Volumes => tree.items(node).iter().any(|item| {
            let get = |key: &str| tree.get(*item, key).and_then(|e| values.text(e.value));
            match values.text(*item) {
                Some(text) => text.as_str().starts_with(['.', '\\']),
                None => get("type").is_none_or(|t| t.as_str() == "bind") && is_local(get("source")),
            }
        }),
        Field::EnvFile => !tree.is_sequence(node) || !tree.items(node).is_empty(),
        Field::Build => true,
        field => matches!(field.name(), "label_file" | "develop"),
    }
}

/// True when a node says the same in two scopes. `names`: a list in it may hold names of variables alone.
fn reads_alike(one: &Values, other: &Values, node: NodeId, names: bool) -> bool {
    let tree = one.tree();
    if tree.is_mapping(node) {
        return tree.entries(node).iter().all(|e| {
            // A name without a value takes that of the variable.
            let is_name = names && one.is_null(e.value);
            reads_alike(one, other, if is_name { e.key } else { e.value }, is_name)
        });
    }
    if tree.is_sequence(node) {
        return tree.items(node).iter().all(|item| reads_alike(one, other, *item, names));
    }
    let Some(text) = one.text(node) else { return true };
    let value = |values: &Values| match values.scope.variables.lookup(text.as_str()) {
        Value::Set(text) => Some(text.as_str().to_owned()),
        _ => None,
    };
    let is_name = names && !text.as_str().contains('=');
    other.text(node).is_some_and(|o| o.as_str() == text.as_str()) && (!is_name || value(one) == value(other))
}

/// Reads a `.env` into `variables`. Of several files the later one wins (compose-go `dotenv/env.go`).
pub(super) fn env_file(
    store: &mut Store<'_>,
    problems: &mut Problems,
    mode: Mode,
    path: &str,
    variables: &mut Variables,
) -> Result<FileId, ReadError> {
    let file = store.open(path)?;
    store.note(file, ".env");
    variables.has_file = true;
    let dotenv = store.dotenv(file, false);
    dotenv_problems(&dotenv, problems);
    let outer = variables.outer();
    let resolved = dotenv::resolve(&dotenv, &|n| outer.lookup(n), &|n| variables.lookup(n), mode);
    value_problems(&resolved.problems, ".env", true, problems);
    for (name, value) in resolved.variables {
        if let Some(value) = value {
            variables.set(name.as_str(), value);
        }
    }
    Ok(file)
}

/// Tells what is wrong with the lines of a `.env` or an env file.
pub(super) fn dotenv_problems(dotenv: &dotenv::Dotenv, problems: &mut Problems) {
    for problem in &dotenv.problems {
        let message = match &problem.kind {
            dotenv::ProblemKind::BadCharacter(c) => {
                format!("the character {c:?} cannot stand in a variable's name")
            }
            dotenv::ProblemKind::BlankInKey { key } => {
                format!("the variable's name `{key}` has a blank in it")
            }
            dotenv::ProblemKind::Unterminated { key } => format!("nothing closes the quote of `{key}`"),
            dotenv::ProblemKind::NoName => "a line without a variable's name".to_owned(),
            dotenv::ProblemKind::NotUtf8 => "this is not UTF-8 text".to_owned(),
            // Harmless: a name alone, which Compose misreads for want of a line end.
            dotenv::ProblemKind::NoLineEnd { .. } => continue,
        };
        problems.add(problem.span, Problem::Dotenv { span: problem.span, message });
    }
}

/// Tells what is wrong with the variables in a value of a `.env` or an env file.
pub(super) fn value_problems(
    found: &[interpolate::Problem],
    path: &str,
    has_env: bool,
    problems: &mut Problems,
) {
    for problem in found {
        check::report(problem, path, None, has_env, problems);
    }
}
