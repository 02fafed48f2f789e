//! Reads everything below the roots and builds the [`Model`]. The order: discovery, Compose projects, services,
//! property files, scripts, then the grouping into clusters and what belongs to each.

use crate::hash::{HashMap, HashSet};
use crate::order;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::commands::Commands;
use super::node::{ClusterId, IdSource, IdValue, Node, ServiceRef};
use super::place::{Places, Stack};
use super::standalone::{self, Kind};
use super::{Document, DocumentKind, Model, Topic, absent, assign, grouping, service};
use crate::compose::{self, Problem};
use crate::image::Family;
use crate::kafka::version::VersionSet;
use crate::properties::{self, Properties};
use crate::report::FileNote;
use crate::script;
use crate::settings::Settings;
use crate::source::{Candidate, FileId, Files, ReadError, Role, Sources, Span, path};

/// Reads files for the rooms on the right, each once.
pub(super) struct Reader<'a> {
    files: &'a dyn Files,
    pub(super) sources: Sources,
    parsed: HashMap<FileId, Arc<Properties>>,
    /// Property files that a container mounts: they are no nodes of their own.
    mounted: HashSet<FileId>,
    pub(super) kafka_version: Option<VersionSet>,
    /// `[images]`.
    pub(super) images: &'a [(String, Family)],
    pub(super) problems: Vec<Problem>,
    /// The comments of property files that have one for kraftlint.
    pub(super) comments: Vec<Span>,
}

impl Reader<'_> {
    fn open(&mut self, name: &str) -> Result<FileId, ReadError> {
        match self.sources.find(name) {
            Some(file) => Ok(file),
            None => Ok(self.sources.add(name, self.files.read(name)?)),
        }
    }

    /// The property file at `name`, parsed; it counts as mounted from now on.
    pub(super) fn properties(&mut self, name: &str) -> Result<(FileId, Arc<Properties>), ReadError> {
        let file = self.open(name)?;
        self.mounted.insert(file);
        Ok((file, self.parse(file)))
    }

    /// The same, only to look at it.
    pub(super) fn peek(&mut self, name: &str) -> Option<Arc<Properties>> {
        let file = self.open(name).ok()?;
        Some(self.parse(file))
    }

    fn parse(&mut self, file: FileId) -> Arc<Properties> {
        if let Some(known) = self.parsed.get(&file) {
            return Arc::clone(known);
        }
        let source = self.sources.file(file);
        let parsed = Arc::new(properties::parse_file(file, source.bytes()));
        if source.may_address_us() {
            self.comments.extend(&parsed.comments);
        }
        self.parsed.insert(file, Arc::clone(&parsed));
        parsed
    }
}

/// What scripts say, and where.
pub(super) struct ScriptFile {
    pub(super) folder: String,
    pub(super) script: Commands,
}

/// Reads what lies below `roots` and puts it together.
#[must_use]
pub fn load(files: &dyn Files, roots: &[String], settings: &Settings) -> Model {
    let mut reader = Reader {
        files,
        sources: Sources::default(),
        parsed: HashMap::default(),
        mounted: HashSet::default(),
        kafka_version: settings.kafka_version,
        images: &settings.images,
        problems: Vec::new(),
        comments: Vec::new(),
    };
    let mut model = Model::default();
    let mut notes = Notes::default();
    let mut candidates: Vec<(Candidate, FileId)> = Vec::new();
    let mut seen: HashSet<FileId> = HashSet::default();
    for root in roots {
        let (found, failed) = files.discover(root);
        for candidate in found {
            match reader.open(&candidate.path) {
                // Roots may overlap.
                Ok(file) if !seen.insert(file) => {}
                Ok(file) => candidates.push((candidate, file)),
                Err(reason) => unreadable(&mut reader, &mut notes, candidate.path, reason),
            }
        }
        for (name, reason) in failed {
            unreadable(&mut reader, &mut notes, name, reason);
        }
    }
    for file in &settings.compose.files {
        let name = path::normalise(file);
        if let Ok(file) = reader.open(&name)
            && seen.insert(file)
        {
            candidates.push((Candidate { path: name, role: Role::Yaml, named: true }, file));
        }
    }
    order::by_text(&mut candidates, |c| &c.0.path);

    let yaml: Vec<(FileId, bool)> =
        candidates.iter().filter(|(c, _)| c.role == Role::Yaml).map(|(c, f)| (*f, c.named)).collect();
    let found = compose::projects(files, &mut reader.sources, &yaml, &settings.compose);
    for (file, why) in found.skipped {
        notes.add(reader.sources.name(file), false, why);
    }
    for (file, what) in found.used {
        notes.add(reader.sources.name(file), true, what);
    }
    (model.projects, model.comments) = (found.projects, found.comments);

    let names = Names::new(roots);
    services(&mut reader, &mut model, &names);
    property_files(&mut reader, &mut model, &candidates, &names, &mut notes);
    find_unformatted(files, &mut model);
    let scripts = scripts(&mut reader, &mut model, &candidates, &mut notes);
    prove_hosts(&mut model, &scripts);

    model.absent = absent::find(files, &model.projects, &model.nodes);
    model.problems = reader.problems;
    model.comments.append(&mut reader.comments);
    model.sources = reader.sources;
    let root_name = path::file_name(&names.root);
    let root_name = if matches!(root_name, "" | "." | "..") { "cluster" } else { root_name };
    let places = Places::new(&model.projects, &model.nodes);
    let clusters = grouping::group(&model, &places, settings, root_name);
    let index = places.index();
    drop(places);
    (model.clusters, model.index) = (clusters, index);
    assign::assign(&mut model, &scripts);
    model.notes = notes.finish();
    model
}

/// What became of each file; of two notes on one file the later counts.
#[derive(Default)]
struct Notes(Vec<FileNote>);

impl Notes {
    fn add(&mut self, path: &str, used: bool, what: impl Into<String>) {
        self.0.push(FileNote { path: path.to_owned(), used, what: what.into() });
    }

    /// One note on each file, by path.
    fn finish(mut self) -> Vec<FileNote> {
        self.0.reverse();
        order::by_text(&mut self.0, |note| &note.path);
        self.0.dedup_by(|later, first| later.path == first.path);
        self.0
    }
}

fn unreadable(reader: &mut Reader<'_>, notes: &mut Notes, name: String, reason: ReadError) {
    notes.add(&name, false, format!("not read: {reason}"));
    // A folder may be called as it likes; where a file is meant, who refers to it says so.
    if reason == ReadError::Directory {
        return;
    }
    // A finding points at a file, if only at its name.
    reader.sources.add(&name, Vec::new());
    reader.problems.push(Problem::Unreadable { asked: None, path: name, reason });
}

/// Names of nodes and clients: what follows the root the user gave; of several roots, the folder that holds them all.
struct Names {
    root: String,
}

impl Names {
    fn new(roots: &[String]) -> Names {
        let roots: Vec<String> = roots.iter().map(|r| path::normalise(r)).collect();
        let mut common = roots.first().cloned().unwrap_or_default();
        while !common.is_empty() && !roots.iter().all(|r| path::is_below(r, &common)) {
            common.truncate(path::parent(&common).len());
        }
        Names { root: common }
    }

    fn below_root<'n>(&self, name: &'n str) -> &'n str {
        if self.root == name {
            return path::file_name(name);
        }
        let rest = name.strip_prefix(self.root.as_str());
        rest.and_then(|rest| rest.strip_prefix('/')).filter(|_| !self.root.is_empty()).unwrap_or(name)
    }
}

fn services(reader: &mut Reader<'_>, model: &mut Model, names: &Names) {
    let mut projects = std::mem::take(&mut model.projects);
    let mut taken: HashMap<String, usize> = HashMap::default();
    for (p, project) in projects.iter_mut().enumerate() {
        // Only nodes and clients are asked for what a container's environment says.
        let environments: Vec<_> =
            project.services.iter_mut().map(|s| std::mem::take(&mut s.environment)).collect();
        let project = &*project;
        // Of a file that is not understood whole, a service may have lost something.
        let whole = !project.problems.iter().any(hides_something);
        let file = project.files.first().map(|f| reader.sources.name(*f).to_owned()).unwrap_or_default();
        let place = names.below_root(&file);
        let folder = path::parent(place);
        for (s, (service, environment)) in project.services.iter().zip(environments).enumerate() {
            let at = ServiceRef { project: p, service: s };
            let plain = path::join(folder, service.name.as_str());
            let count = taken.entry(plain.clone()).or_insert(0);
            *count += 1;
            // A second service of that name in the folder comes from another file: say which.
            let name = if *count == 1 { plain } else { format!("{place}:{}", service.name.as_str()) };
            let mut read = service::read(reader, project, at, &name, environment);
            if let Some(entry) = read.node.as_mut().and_then(|n| n.entry.as_mut()) {
                entry.whole &= whole;
            }
            model.nodes.extend(read.node);
            model.clients.extend(read.client);
            model.topics.extend(read.topics);
        }
    }
    model.projects = projects;
}

/// A problem for which a service may have more than what was read.
fn hides_something(problem: &Problem) -> bool {
    match problem {
        Problem::MissingReference { what, .. } => *what != "env_file",
        Problem::Syntax { .. }
        | Problem::NotUtf8 { .. }
        | Problem::DuplicateKey { .. }
        | Problem::Unreadable { .. }
        | Problem::NotSeen(_) => true,
        _ => false,
    }
}

fn property_files(
    reader: &mut Reader<'_>,
    model: &mut Model,
    candidates: &[(Candidate, FileId)],
    names: &Names,
    notes: &mut Notes,
) {
    let mut metas = Vec::new();
    // Files that containers mount are the content of their nodes.
    let mounted: Vec<FileId> = reader.mounted.iter().copied().collect();
    let mut by_file: BTreeMap<FileId, Option<usize>> = BTreeMap::new();
    for (i, node) in model.nodes.iter().enumerate() {
        for file in &node.files {
            if mounted.contains(file) {
                by_file.insert(*file, Some(i));
            }
        }
    }
    let mut read: Vec<(FileId, bool)> = by_file.keys().map(|f| (*f, true)).collect();
    for (candidate, file) in candidates {
        if candidate.role == Role::Properties && !by_file.contains_key(file) {
            read.push((*file, false));
        }
    }
    order::by_made_text(&mut read, |r| reader.sources.name(r.0).to_owned());
    for (file, is_mounted) in read {
        let name = reader.sources.name(file).to_owned();
        // A mark, and every other byte zero.
        let bytes = reader.sources.file(file).bytes();
        if matches!(bytes, [0xff, 0xfe, _, 0, _, 0, ..] | [0xfe, 0xff, 0, _, 0, _, ..]) {
            let why = "it is UTF-16 text, which Kafka cannot read".to_owned();
            notes.add(&name, false, format!("not read: {why}"));
            reader.problems.push(Problem::Unreadable {
                asked: None,
                path: name,
                reason: ReadError::Other(why),
            });
            continue;
        }
        let parsed = reader.parse(file);
        let kind = if is_mounted { Some(Kind::Server) } else { standalone::classify(&name, &parsed) };
        let Some(kind) = kind else {
            notes.add(&name, false, "no setting of a Kafka server or client");
            continue;
        };
        let shown = names.below_root(&name);
        let shown = shown.strip_suffix(".properties").unwrap_or(shown).to_owned();
        let folder = path::parent(&name).to_owned();
        let mut client_index = None;
        let mut node = by_file.get(&file).copied().flatten();
        let (what, document) = match kind {
            Kind::Server => {
                if !is_mounted {
                    let versions = reader.kafka_version.unwrap_or_else(VersionSet::all);
                    node = Some(model.nodes.len());
                    model.nodes.push(standalone::node(file, &shown, &folder, &parsed, versions));
                }
                ("server properties", DocumentKind::Server)
            }
            Kind::Client(kind) => {
                let mut client = standalone::client(file, &shown, &folder, kind, &parsed);
                if let Some(versions) = reader.kafka_version {
                    client.versions = versions;
                }
                client_index = Some(model.clients.len());
                model.clients.push(client);
                ("client properties", DocumentKind::Client(kind))
            }
            Kind::Meta => {
                metas.push(standalone::meta(file, &folder, &parsed));
                ("meta.properties of a formatted directory", DocumentKind::Meta)
            }
        };
        notes.add(&name, true, what);
        model.documents.push(Document {
            file,
            properties: Arc::clone(&parsed),
            kind: document,
            node,
            client: client_index,
        });
    }
    for meta in metas {
        if let Some(node) = owner(&model.nodes, &meta)
            && let Some(node) = model.nodes.get_mut(node)
        {
            node.files.push(meta.file);
            if let Some(id) = &meta.cluster_id {
                node.cluster_ids.push(ClusterId {
                    value: IdValue::Known(id.clone()),
                    source: IdSource::Meta,
                    span: id.span(),
                });
            }
            node.metas.push(meta);
        }
    }
}

/// The entries of `log.dirs` and its kin.
fn log_dirs(node: &Node) -> Vec<String> {
    let set = |key: &str| node.settings.get(key);
    let dirs = set("log.dirs").or_else(|| set("log.dir")).into_iter().chain(set("metadata.log.dir"));
    dirs.flat_map(|s| {
        s.value.as_str().split(',').map(|d| d.trim().trim_end_matches('/').to_owned()).collect::<Vec<_>>()
    })
    .filter(|d| !d.is_empty())
    .collect()
}

/// Finds log directories that lie in sight like a formatted one of the same node, but are not formatted.
fn find_unformatted(files: &dyn Files, model: &mut Model) {
    for node in &mut model.nodes {
        let dirs = log_dirs(node);
        if dirs.len() < 2 || node.metas.is_empty() {
            continue;
        }
        // Where `/data/d1` of the node was found at `host/data/d1`, its `/data/d2` would lie at `host/data/d2`.
        let below = |meta: &super::Meta, dir: &str| meta.folder.strip_suffix(dir).map(str::to_owned);
        let prefix = node.metas.iter().find_map(|m| dirs.iter().find_map(|d| below(m, d)));
        let Some(prefix) = prefix else { continue };
        let missing = dirs.iter().filter(|dir| {
            let folder = format!("{prefix}{dir}");
            !node.metas.iter().any(|m| m.folder == folder)
                && files.kind(&folder) == crate::source::Kind::Directory
        });
        node.unformatted = missing.cloned().collect();
    }
}

/// The node whose log directory a `meta.properties` was found in: the only one nearby, else the one whose `log.dirs`
/// ends like the folder, else the one of that id.
fn owner(nodes: &[Node], meta: &super::Meta) -> Option<usize> {
    let mut folder = meta.folder.as_str();
    loop {
        let near: Vec<usize> = nodes
            .iter()
            .enumerate()
            .filter(|(_, n)| path::is_below(&n.folder, folder))
            .map(|(i, _)| i)
            .collect();
        match near.as_slice() {
            [] => {}
            [only] => return Some(*only),
            several => {
                let last = path::file_name(&meta.folder);
                let mut by_dir = several.iter().copied().filter(|i| {
                    nodes.get(*i).is_some_and(|n| {
                        log_dirs(n).iter().any(|d| path::file_name(d.trim_end_matches('/')) == last)
                    })
                });
                if let (Some(one), None) = (by_dir.next(), by_dir.next()) {
                    return Some(one);
                }
                let id = meta
                    .node_id
                    .as_ref()
                    .or(meta.broker_id.as_ref())
                    .and_then(|t| t.known()?.trim().parse().ok());
                let mut by_id = several
                    .iter()
                    .copied()
                    .filter(|i| id.is_some() && nodes.get(*i).and_then(Node::id) == id);
                return by_id.next().filter(|_| by_id.next().is_none());
            }
        }
        if folder.is_empty() || folder == "/" {
            return None;
        }
        folder = path::parent(folder);
    }
}

fn scripts(
    reader: &mut Reader<'_>,
    model: &mut Model,
    candidates: &[(Candidate, FileId)],
    notes: &mut Notes,
) -> Vec<ScriptFile> {
    let mut out = Vec::new();
    for (candidate, file) in candidates.iter().filter(|(c, _)| c.role == Role::Script) {
        let content = reader.sources.file(*file).content().clone();
        let parsed = script::parse_script(*file, content.bytes());
        let script = Commands::of(&parsed);
        let folder = path::parent(&candidate.path).to_owned();
        let speaks = !script.formats.is_empty()
            || !script.topics.is_empty()
            || !script.starts.is_empty()
            || !script.docker_runs.is_empty();
        let what = if speaks { "commands for Kafka" } else { "no command for Kafka" };
        notes.add(&candidate.path, speaks, what);
        if !speaks {
            continue;
        }
        for topic in &script.topics {
            let Some(name) = topic.name.clone() else { continue };
            model.topics.push(Topic {
                name,
                replication: topic.replication_factor.clone(),
                configs: topic.configs.clone(),
                bootstrap: topic.bootstrap.clone(),
                folder: folder.clone(),
                service: None,
                span: topic.span,
            });
        }
        model.comments.extend(parsed.comments.iter().copied());
        out.push(ScriptFile { folder, script });
    }
    out
}

/// `docker run --network host -v …/node1:…` in one script proves that the nodes under those folders share a host.
fn prove_hosts(model: &mut Model, scripts: &[ScriptFile]) {
    for file in scripts {
        for run in &file.script.docker_runs {
            if run.network.as_ref().and_then(|n| n.known()) != Some("host") {
                continue;
            }
            for volume in &run.volumes {
                let source = volume.as_str().split(':').next().unwrap_or("");
                let last = path::file_name(source.trim_end_matches('/'));
                if last.is_empty() {
                    continue;
                }
                for node in &mut model.nodes {
                    let below = path::is_below(&node.folder, &file.folder);
                    if below
                        && node.stack == Stack::SomeHost
                        && node.folder.split('/').any(|part| part == last)
                    {
                        node.stack = Stack::Host(file.folder.clone());
                    }
                }
            }
        }
    }
}
