//! From files to a [`Model`]: documents, sections, merge tags.
//!
//! The order is compose-go's (`loader/loader.go`, `loadYamlFile`): for each document its variables, its includes, what
//! its tags take away from earlier documents, its `extends`, and then it goes on top.

use crate::hash::{HashMap, HashSet};
use std::mem::discriminant;
use std::rc::Rc;

use super::model::{At, Field, Layer, Model, RawService, RawTop, Reset, Section};
use super::store::{Parsed, Store};
use super::values::{Scope, Values};
use super::variables::Variables;
use super::{Open, Problem, canonical, check, project, schema, service};
use crate::interpolate::Mode;
use crate::source::{FileId, Span};
use crate::text::Text;
use crate::yaml::{self, NodeId, Plain};

/// How many entries of lists and mappings the services of one project may have in all, those of common anchors and of
/// bases that are extended counted for each service. Ten thousand services with fifty entries each are
/// more than anybody runs on one host, and a small file can ask for a thousand times as many.
const ENTRIES: usize = 500_000;

/// What is said of what lies beyond [`ENTRIES`].
pub(super) const TOO_LARGE: &str = "the project is too large to be read whole";

/// Problems, each place once.
#[derive(Debug, Clone, Default)]
pub(super) struct Problems {
    pub(super) list: Vec<Problem>,
    seen: HashSet<(std::mem::Discriminant<Problem>, Option<Span>)>,
}

impl Problems {
    /// Adds a problem at `span`, unless one of its kind is there.
    pub(super) fn add(&mut self, span: Span, problem: Problem) {
        if self.seen.insert((discriminant(&problem), Some(span))) {
            self.list.push(problem);
        }
    }

    /// Adds what Compose refuses.
    pub(super) fn refuse(&mut self, span: Span, service: Option<&str>, message: impl Into<String>) {
        let problem = Problem::Invalid { span, message: message.into(), service: service.map(str::to_owned) };
        self.add(span, problem);
    }
}

/// How much of a project has been put together, which decides what Compose refuses by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Some documents: later ones may still take away what is read (`loader/loader.go`, `loadYamlFile`).
    Document,
    /// All documents of an include (`loadYamlModel`).
    Included,
    /// All of it.
    Whole,
}

/// One project while it is read.
pub(super) struct Run<'r, 'a> {
    pub(super) store: &'r mut Store<'a>,
    pub(super) mode: Mode,
    pub(super) scopes: Vec<Rc<Scope>>,
    pub(super) problems: Problems,
    /// Models of files that `extends` names, and of documents at work.
    pub(super) models: Vec<Model>,
    /// The model of a file that was extended, in the scope with that folder and these variables.
    pub(super) extended: HashMap<(FileId, u32), usize>,
    /// What the last document of such a file takes away, by its model.
    pub(super) extended_resets: HashMap<usize, Rc<Vec<Reset>>>,
    /// Files that `include` and `extends` name.
    pub(super) referred: Vec<(FileId, bool)>,
    /// The files whose includes are being followed.
    pub(super) including: Vec<FileId>,
    /// How many files were included.
    pub(super) includes: u32,
    /// The profiles that are switched on; `None` when nobody names one and services of all profiles are read.
    pub(super) active: Option<Vec<String>>,
    /// What has been put together of what is read now.
    pub(super) stage: Stage,
    /// The keys at the top of what has been put together.
    top: HashSet<String>,
    /// By `x-` key at the top, the last place that says something.
    extensions: HashMap<String, At>,
    /// The names of jobs.
    pub(super) jobs: HashSet<String>,
    /// How many documents have a number.
    numbered: u32,
    /// How many of [`ENTRIES`] are left.
    entries: usize,
}

impl<'r, 'a> Run<'r, 'a> {
    pub(super) fn new(
        store: &'r mut Store<'a>,
        mode: Mode,
        folder: String,
        variables: Variables,
    ) -> Run<'r, 'a> {
        Run {
            store,
            mode,
            scopes: vec![Rc::new(Scope { folder, variables: Rc::new(variables) })],
            problems: Problems::default(),
            models: Vec::new(),
            extended: HashMap::default(),
            extended_resets: HashMap::default(),
            referred: Vec::new(),
            including: Vec::new(),
            includes: 0,
            active: None,
            stage: Stage::Whole,
            top: HashSet::default(),
            extensions: HashMap::default(),
            jobs: HashSet::default(),
            numbered: 0,
            entries: ENTRIES,
        }
    }

    /// True when more may come on top of what is read now: what Compose finds at the very end is not told.
    pub(super) fn is_draft(&self) -> bool {
        self.stage != Stage::Whole
    }

    /// True when a service of these profiles is switched on.
    pub(super) fn is_on(&self, profiles: &[Text]) -> bool {
        let Some(active) = &self.active else { return true };
        let on = |profile: &Text| profile.known().is_none_or(|p| active.iter().any(|a| a == "*" || a == p));
        profiles.is_empty() || profiles.iter().any(on)
    }

    pub(super) fn scope(&self, scope: u32) -> Rc<Scope> {
        let found = self.scopes.get(scope as usize).or(self.scopes.first());
        found.map_or_else(|| Rc::new(Scope { folder: String::new(), variables: Rc::default() }), Rc::clone)
    }

    pub(super) fn add_scope(&mut self, folder: String, variables: Rc<Variables>) -> u32 {
        let same = |s: &Rc<Scope>| s.folder == folder && Rc::ptr_eq(&s.variables, &variables);
        let found = self.scopes.iter().position(same).unwrap_or_else(|| {
            self.scopes.push(Rc::new(Scope { folder, variables }));
            self.scopes.len() - 1
        });
        u32::try_from(found).unwrap_or(0)
    }

    /// Counts the entries of a list or mapping before it is read; false when there are too many of them.
    pub(super) fn spend(&mut self, values: &Values, node: NodeId) -> bool {
        let tree = values.tree();
        let n = match tree.resolve(node).map(|id| tree.kind(id)) {
            Some(yaml::Kind::Mapping(pairs)) => pairs.len(),
            Some(yaml::Kind::Sequence(items)) => items.len(),
            _ => 1,
        };
        if n <= self.entries {
            self.entries -= n;
            return true;
        }
        self.entries = 0;
        let span = values.span(node);
        self.problems.add(span, Problem::NotSeen(Open { span, why: TOO_LARGE.to_owned() }));
        false
    }

    /// How the values of a file are read in a scope.
    pub(super) fn values(&mut self, file: FileId, scope: u32) -> Values {
        Values { file: self.store.yaml(file), scope: self.scope(scope), mode: self.mode }
    }

    /// What the files come to, one over the other.
    pub(super) fn model(&mut self, files: &[FileId], scope: u32) -> Model {
        let mut all = Model::default();
        for file in files {
            self.file(*file, scope, &mut all);
        }
        if self.top.is_empty()
            && self.including.is_empty()
            && let Some(first) = files.first()
            && self.problems.list.iter().all(|p| p.refusal(self.store.sources).is_none())
        {
            self.problems.refuse(Span::new(*first, 0..0), None, "nothing is in this file");
        }
        all
    }

    fn file(&mut self, file: FileId, scope: u32, all: &mut Model) {
        self.store.note(file, "compose file");
        let values = self.values(file, scope);
        self.syntax(file, &values.file);
        let documents = values.tree().documents();
        for root in documents {
            if values.is_null(*root) {
                // An empty file may be an override; an empty document beside others is refused.
                if documents.len() > 1 {
                    self.problems.refuse(values.span(*root), None, "an empty document");
                }
                continue;
            }
            self.forget_keys(&values, *root);
            self.extensions(&values, *root, scope);
            let (mut document, resets) = self.document(&values, *root, scope, true);
            self.keys(&values, *root);
            self.read_before(all, &resets, Stage::Document);
            all.apply(&resets);
            self.extend_all(&mut document, &resets);
            self.numbered += 1;
            let (number, is_main) = (self.numbered, self.including.is_empty());
            for layer in document.services.each().flat_map(|s| &mut s.layers) {
                if layer.document == 0 {
                    layer.document = number;
                }
                if is_main {
                    layer.main = number;
                }
            }
            all.over(document);
        }
    }

    /// Forgets the keys at the top that a document takes away.
    fn forget_keys(&mut self, values: &Values, root: NodeId) {
        if self.including.is_empty() {
            for key in values.file.removed(root).filter_map(|(key, _)| values.tree().str(key)) {
                self.top.remove(key);
                self.extensions.remove(key);
            }
        }
    }

    /// Tells what cannot be put over what an earlier document says under the same `x-` key at the top.
    fn extensions(&mut self, values: &Values, root: NodeId, scope: u32) {
        if !self.including.is_empty() || values.file.has_template {
            return;
        }
        for entry in values.tree().entries(root) {
            let Some(key) = values.tree().str(entry.key).filter(|key| key.starts_with("x-")) else {
                continue;
            };
            if values.is_override(entry.value) {
                self.extensions.remove(key);
            }
            if values.is_null(entry.value) {
                continue;
            }
            if let Some(at) = self.extensions.get(key).copied() {
                let earlier = self.values(at.file, at.scope);
                let fault = canonical::extension(key, (&earlier, at.node), (values, entry.value));
                if let Some((node, message)) = fault {
                    self.problems.refuse(values.span(node), None, message);
                }
            }
            let at = At { file: values.tree().file(), node: entry.value, scope };
            self.extensions.insert(key.to_owned(), at);
        }
    }

    /// Takes note of the keys at the top. A version alone is nothing, and an include is what it brings: sections.
    fn keys(&mut self, values: &Values, root: NodeId) {
        let (tree, is_main) = (values.tree(), self.including.is_empty());
        let stays = |key: &&str| match *key {
            "version" | "include" => false,
            key => is_main || key == "jobs" || Section::named(key).is_some(),
        };
        let keys = tree.entries(root).into_iter().filter_map(|e| tree.str(e.key)).filter(stays);
        self.top.extend(keys.map(str::to_owned));
    }

    /// Reads services from which tags take something away: Compose has validated each document before the next, and each
    /// include.
    fn read_before(&mut self, all: &Model, resets: &[Reset], stage: Stage) {
        let is_whole = |section| resets.iter().any(|r| matches!(r, Reset::Section(s) if *s == section));
        let names = |section: Section| {
            let mut found = HashSet::default();
            for reset in resets {
                match reset {
                    Reset::Item(of, name) if *of == section => _ = found.insert(&**name),
                    Reset::Field(name, _) | Reset::Entry(name, _) if section == Section::Services => {
                        found.insert(name);
                    }
                    _ => {}
                }
            }
            found
        };
        let (is_all, some) = (is_whole(Section::Services), names(Section::Services));
        for (name, raw) in all.services.iter().filter(|(name, _)| is_all || some.contains(name)) {
            service::look(self, all, name, raw, stage);
        }
        for (section, kind, things) in all.things() {
            let (is_all, some) = (is_whole(section), names(section));
            for (name, raw) in things.iter().filter(|(name, _)| is_all || some.contains(name)) {
                project::thing(self, kind, name, raw, stage);
            }
        }
    }

    /// The problems that the YAML reader found.
    pub(super) fn syntax(&mut self, file: FileId, parsed: &Parsed) {
        if !self.store.sources.file(file).is_utf8() {
            let bytes = self.store.sources.file(file).bytes();
            let at = std::str::from_utf8(bytes).map_or_else(|e| e.valid_up_to(), |_| 0);
            let span = Span::new(file, at..(at + 1).min(bytes.len()));
            self.problems.add(span, Problem::NotUtf8 { span });
            return;
        }
        for problem in parsed.tree.problems() {
            let span = parsed.tree.place(problem);
            if matches!(problem, yaml::Problem::DuplicateKey { .. } | yaml::Problem::NoValue { .. })
                && parsed.resets.iter().any(|reset| reset.contains(span))
            {
                continue;
            }
            if parsed.has_template && !matches!(problem, yaml::Problem::DuplicateKey { .. }) {
                let why = "this file is a template".to_owned();
                self.problems.add(span, Problem::NotSeen(Open { span, why }));
                continue;
            }
            let refused = |message: String| Problem::Syntax { span, message, inside: None };
            let problem = match problem {
                yaml::Problem::Syntax { message, inside, .. } => {
                    Problem::Syntax { span, message: message.clone(), inside: *inside }
                }
                yaml::Problem::DuplicateKey { first, second } => Problem::DuplicateKey {
                    first: parsed.tree.span(*first),
                    second: span,
                    key: parsed.tree.str(*second).unwrap_or("").to_owned(),
                },
                yaml::Problem::UnknownAlias { alias } => refused(format!(
                    "no anchor `{}` stands before this",
                    parsed.tree.alias_name(*alias).unwrap_or("")
                )),
                yaml::Problem::CyclicAlias { .. } => {
                    refused("an alias inside the value it stands for".to_owned())
                }
                yaml::Problem::NoValue { message, .. } | yaml::Problem::Refused { message, .. } => {
                    refused(message.clone())
                }
            };
            self.problems.add(span, problem);
        }
    }

    /// One document, with what it includes; and what it takes away from what came before.
    pub(super) fn document(
        &mut self,
        values: &Values,
        root: NodeId,
        scope: u32,
        main: bool,
    ) -> (Model, Vec<Reset>) {
        let (mut model, mut resets) = (Model::default(), Vec::new());
        let file = values.tree().file();
        if !values.tree().is_mapping(root) {
            self.problems.refuse(values.span(root), None, "the top level is no mapping");
            return (model, resets);
        }
        check::variables(values, root, &mut self.problems);
        if main && values.file.has_unbounded {
            check::unbounded(values, root, &mut self.problems);
        }
        for (key, _) in values.file.removed(root) {
            resets.extend(values.tree().str(key).and_then(Section::named).map(Reset::Section));
        }
        let mut include = None;
        for entry in values.tree().entries(root) {
            let Some(key) = values.tree().str(entry.key) else { continue };
            let section = match (Section::named(key), key) {
                (Some(section), _) => section,
                (None, "include") => {
                    include = Some(entry.value);
                    continue;
                }
                (None, "version" | "name") => {
                    let is_text = matches!(values.plain(entry.value), Some(Plain::String | Plain::Timestamp));
                    let is_over = values.is_null(entry.value) && self.top.contains(key);
                    if main && !values.file.has_template && !is_text && !is_over {
                        self.problems.refuse(values.span(entry.value), None, format!("`{key}` is no string"));
                    }
                    continue;
                }
                _ => {
                    if main
                        && !values.file.has_template
                        && !key.starts_with("x-")
                        && !values.tree().is_merge_key(entry.key)
                    {
                        self.other_section(values, key, entry.key, entry.value);
                    }
                    continue;
                }
            };
            if values.is_override(entry.value) {
                resets.push(Reset::Section(section));
            }
            if !values.tree().is_mapping(entry.value) || values.is_template(entry.value) {
                // Over another one, nothing changes nothing.
                let is_over = values.is_null(entry.value)
                    && section != Section::Services
                    && self.top.contains(key)
                    && values.tree().get(root, "include").is_none();
                if main && !values.file.has_template && !is_over {
                    self.problems.refuse(values.span(entry.key), None, format!("`{key}` is no mapping"));
                }
                continue;
            }
            for (name, _) in values.file.removed(entry.value) {
                resets.extend(values.tree().str(name).map(|name| Reset::Item(section, name.into())));
            }
            for item in values.tree().entries(entry.value) {
                let Some(name) = values.tree().str(item.key) else { continue };
                if values.is_override(item.value) {
                    resets.push(Reset::Item(section, name.into()));
                }
                let at = |node| At { file, node, scope };
                if section == Section::Services {
                    let service = self.service(values, name, item.key, item.value, scope, main, &mut resets);
                    model.services.entry(name, || service);
                } else {
                    // More is asked once all files are put together; of another file, no more than this, and nothing of its
                    // models (`transform/external.go`).
                    let fine = values.tree().is_mapping(item.value)
                        || values.is_null(item.value)
                        || !main && section == Section::Models;
                    if !fine && !values.file.has_template {
                        let message = format!("`{key}.{name}` is no mapping");
                        self.problems.refuse(values.span(item.key), None, message);
                    }
                    if !main
                        && !values.file.has_template
                        && let Some((node, message)) = schema::thing_cast_fault(values, item.value)
                    {
                        self.problems.refuse(values.span(node), None, format!("{key} `{name}`: {message}"));
                    }
                    let new = || RawTop { key: at(item.key), layers: vec![at(item.value)] };
                    model.top(section).entry(name, new);
                }
            }
        }
        if let Some(include) = include.filter(|_| main) {
            let mut included = self.include(values, include, scope, &model);
            // Tags tell of what is in both, and there of what is in it (`loader/include.go`, `importResource`).
            let below = resets.iter().filter(|reset| match reset {
                Reset::Field(name, _) | Reset::Entry(name, _) => model.services.has(name),
                Reset::Section(_) | Reset::Item(..) => false,
            });
            let below: Vec<Reset> = below.cloned().collect();
            self.read_before(&included, &below, Stage::Included);
            included.apply(&below);
            included.over(model);
            model = included;
        }
        (model, resets)
    }

    /// Looks at the form of a section that nothing here needs.
    fn other_section(&mut self, values: &Values, name: &str, key: NodeId, value: NodeId) {
        if name != "jobs" {
            let message = format!("a compose file has no section `{name}`");
            self.problems.refuse(values.span(key), None, message);
            return;
        }
        if !values.tree().is_mapping(value) {
            self.problems.refuse(values.span(key), None, format!("`{name}` is no mapping"));
        }
        for entry in values.tree().entries(value) {
            let name = values.tree().str(entry.key).unwrap_or("");
            if !is_name(name) {
                self.problems.refuse(
                    values.span(entry.key),
                    None,
                    format!("`{name}` cannot be a job's name"),
                );
            } else if !values.tree().is_mapping(entry.value) {
                self.problems.refuse(values.span(entry.key), None, format!("the job `{name}` is no mapping"));
            } else {
                let fields = values.tree().entries(entry.value);
                let forms = fields.iter().find_map(|e| {
                    canonical::fault(values, values.tree().str(e.key).unwrap_or(""), e.value, None)
                });
                if let Some((node, message)) =
                    schema::thing(values, "job", entry.value, &|_| false, true).or(forms)
                {
                    self.problems.refuse(values.span(node), None, format!("job `{name}`: {message}"));
                }
            }
            self.jobs.insert(name.to_owned());
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call, and none of them belong together")]
    fn service(
        &mut self,
        values: &Values,
        name: &str,
        key: NodeId,
        value: NodeId,
        scope: u32,
        main: bool,
        resets: &mut Vec<Reset>,
    ) -> RawService {
        let tree = values.tree();
        let at = |node| At { file: tree.file(), node, scope };
        let mut service = RawService::new(at(key));
        if main && !values.file.has_template && !is_name(name) {
            self.problems.refuse(
                values.span(key),
                Some(name),
                format!("`{name}` cannot be a service's name"),
            );
        }
        if !tree.is_mapping(value) || values.is_template(value) {
            if values.is_null(value) {
                service.is_null = main;
            } else if main && !values.file.has_template {
                self.problems.refuse(
                    values.span(key),
                    Some(name),
                    format!("the service `{name}` is no mapping"),
                );
            }
            return service;
        }
        if values.file.has_tags {
            tags_below_merge(values, name, value, scope, resets);
        }
        for (key, _) in values.file.removed(value) {
            let field = tree.str(key).and_then(Field::named);
            resets.extend(field.map(|field| Reset::Field(name.into(), field)));
        }
        let entries = tree.entries(value);
        service.layers.reserve_exact(entries.len());
        for entry in entries {
            let Some(key) = tree.str(entry.key) else { continue };
            let Some(field) = Field::named(key) else {
                if main && !tree.is_merge_key(entry.key) {
                    let message = format!("a service has no `{key}`");
                    self.problems.refuse(values.span(entry.key), Some(name), message);
                }
                continue;
            };
            if values.file.has_tags {
                if values.is_override(entry.value) {
                    resets.push(Reset::Field(name.into(), field));
                }
                tags_of_entries(values, name, field, entry.value, scope, resets);
            }
            if key == "develop" && values.is_null(entry.value) && tree.get(value, "x-develop").is_some() {
                continue;
            }
            service.layers.push(Layer {
                field,
                key: entry.key,
                at: at(entry.value),
                is_null: values.is_null(entry.value),
                drops: None,
                is_base: false,
                document: 0,
                main: 0,
            });
        }
        // The old name goes below the new one.
        let is_old = |l: &Layer| l.at.file == tree.file() && tree.str(l.key) == Some("x-develop");
        if let Some(old) = service.layers.iter().position(is_old) {
            let old = service.layers.remove(old);
            service.layers.insert(0, old);
        }
        service
    }
}

/// True for what a service or a network may be called (`schema/compose-spec.json`).
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// Takes note of tags in what `<<` brings to a service: they count there too, whatever the service itself says
/// (`loader/reset.go`, `resolveReset`).
fn tags_below_merge(values: &Values, name: &str, service: NodeId, scope: u32, resets: &mut Vec<Reset>) {
    let tree = values.tree();
    // A path through `<<` is that of the mapping it stands in.
    if merges(tree, service).any(|at| has_tagged_merge(values, at)) {
        resets.push(Reset::Item(Section::Services, name.into()));
    }
    for merged in merges(tree, service).skip(1) {
        for (key, value, is_removed) in written(values, merged) {
            let Some((word, field)) = tree.str(key).and_then(|word| Some((word, Field::named(word)?))) else {
                continue;
            };
            if is_removed || values.is_override(value) {
                resets.push(Reset::Field(name.into(), field));
            } else if tree.get(service, word).is_none_or(|e| e.value != value) {
                tags_of_entries(values, name, field, value, scope, resets);
            }
        }
    }
}

/// A mapping, the one that it merges by `<<`, the one which that merges, and so on. Chains are as long as the file at most.
fn merges(tree: &yaml::Tree, mapping: NodeId) -> impl Iterator<Item = NodeId> {
    std::iter::successors(tree.resolve(mapping), |at| {
        tree.resolve(pairs(tree, *at).iter().find(|p| tree.is_merge_key(p.0))?.1)
    })
}

/// True when what `<<` brings to a mapping bears a tag itself.
fn has_tagged_merge(values: &Values, mapping: NodeId) -> bool {
    let tree = values.tree();
    written(values, mapping)
        .any(|(key, value, is_removed)| tree.is_merge_key(key) && (is_removed || values.is_override(value)))
}

/// Takes note of tags of the entries of a mapping in a field.
fn tags_of_entries(
    values: &Values,
    name: &str,
    field: Field,
    mapping: NodeId,
    scope: u32,
    resets: &mut Vec<Reset>,
) {
    let tree = values.tree();
    if merges(tree, mapping).any(|at| has_tagged_merge(values, at)) {
        resets.push(Reset::Field(name.into(), field));
    }
    for (key, inner, is_removed) in merges(tree, mapping).flat_map(|node| written(values, node)) {
        if is_removed || values.is_override(inner) {
            let at = At { file: tree.file(), node: key, scope };
            let (is_null, drops, is_base) = (false, Some(0), false);
            let layer = Layer { field, key, at, is_null, drops, is_base, document: 0, main: 0 };
            resets.push(Reset::Entry(name.into(), layer));
        }
    }
}

/// The keys and values of a mapping as written, with whether a `!reset` takes them away.
fn written(values: &Values, mapping: NodeId) -> impl Iterator<Item = (NodeId, NodeId, bool)> {
    let kept = pairs(values.tree(), mapping).iter().map(|p| (p.0, p.1, false));
    kept.chain(values.file.removed(mapping).map(|p| (p.0, p.1, true)))
}

/// The pairs of a mapping that stay.
fn pairs(tree: &yaml::Tree, node: NodeId) -> &[(NodeId, NodeId)] {
    match tree.kind(node) {
        yaml::Kind::Mapping(pairs) => pairs,
        _ => &[],
    }
}
