//! Reads everything below the roots and builds the [`Model`]. The order: discovery, Compose projects, services,
//! property files, scripts, then the grouping into clusters and what belongs to each.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::commands::{self, Commands};
use super::node::{ClusterId, IdSource, IdValue, Node, ServiceRef};
use super::place::{Places, Resolved, Stack};
use super::standalone::{self, Kind};
use super::{Cluster, Document, DocumentKind, Model, Topic, grouping, service};
use crate::compose::{self, Problem};
use crate::kafka::version::VersionSet;
use crate::properties::{self, Properties};
use crate::report::FileNote;
use crate::script;
use crate::settings::Settings;
use crate::source::{Candidate, FileId, Files, ReadError, Role, Sources, path};
use crate::text::Text;

/// Reads files for the rooms on the right, each once.
pub(super) struct Reader<'a> {
    files: &'a dyn Files,
    pub(super) sources: Sources,
    parsed: HashMap<FileId, Arc<Properties>>,
    /// Property files that a container mounts: they are no nodes of their own.
    mounted: HashSet<FileId>,
    pub(super) kafka_version: Option<VersionSet>,
    pub(super) problems: Vec<Problem>,
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
        let parsed = Arc::new(properties::parse_file(file, self.sources.file(file).bytes()));
        self.parsed.insert(file, Arc::clone(&parsed));
        parsed
    }
}

/// What scripts say, and where.
struct ScriptFile {
    folder: String,
    script: Commands,
}

/// Reads what lies below `roots` and puts it together.
#[must_use]
pub fn load(files: &dyn Files, roots: &[String], settings: &Settings) -> Model {
    let mut reader = Reader {
        files,
        sources: Sources::default(),
        parsed: HashMap::new(),
        mounted: HashSet::new(),
        kafka_version: settings.kafka_version,
        problems: Vec::new(),
    };
    let mut model = Model::default();
    let mut notes = Notes::default();
    let mut candidates: Vec<(Candidate, FileId)> = Vec::new();
    let mut seen: HashSet<FileId> = HashSet::new();
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
    for file in &settings.compose_files {
        let name = path::normalise(file);
        if let Ok(file) = reader.open(&name)
            && seen.insert(file)
        {
            candidates.push((Candidate { path: name, role: Role::Yaml, named: true }, file));
        }
    }
    candidates.sort_by(|a, b| a.0.path.cmp(&b.0.path));

    let yaml: Vec<(FileId, bool)> =
        candidates.iter().filter(|(c, _)| c.role == Role::Yaml).map(|(c, f)| (*f, c.named)).collect();
    let found = compose::projects(files, &mut reader.sources, &yaml, settings);
    for (file, why) in found.skipped {
        notes.add(reader.sources.name(file), false, why);
    }
    for (file, what) in found.used {
        notes.add(reader.sources.name(file), true, what);
    }
    model.projects = found.projects;

    let names = Names::new(roots);
    services(&mut reader, &mut model, &names);
    property_files(&mut reader, &mut model, &candidates, &names, &mut notes);
    find_unformatted(files, &mut model);
    let scripts = scripts(&mut reader, &mut model, &candidates, &mut notes);
    prove_hosts(&mut model, &scripts);

    model.problems = reader.problems;
    model.sources = reader.sources;
    let root_name = roots.first().map_or("", |r| path::file_name(r));
    let root_name = if matches!(root_name, "" | "." | "..") { "cluster" } else { root_name };
    let places = Places::new(&model.projects, &model.nodes);
    let clusters = grouping::group(&model, &places, settings, root_name);
    let index = places.index();
    drop(places);
    (model.clusters, model.index) = (clusters, index);
    assign(&mut model, &scripts);
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
        self.0.sort_by(|a, b| a.path.cmp(&b.path));
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

/// Names of nodes and clients: what follows the root the user gave.
struct Names {
    roots: Vec<String>,
}

impl Names {
    fn new(roots: &[String]) -> Names {
        let mut roots: Vec<String> = roots.iter().map(|r| path::normalise(r)).collect();
        roots.sort_by_key(|r| std::cmp::Reverse(r.len()));
        Names { roots }
    }

    fn below_root<'n>(&self, name: &'n str) -> &'n str {
        for root in &self.roots {
            if root == name {
                return path::file_name(name);
            }
            let rest = name.strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/'));
            if let Some(rest) = rest {
                return rest;
            }
        }
        name
    }
}

fn services(reader: &mut Reader<'_>, model: &mut Model, names: &Names) {
    let mut projects = std::mem::take(&mut model.projects);
    let mut taken: HashMap<String, usize> = HashMap::new();
    for (p, project) in projects.iter_mut().enumerate() {
        // Only nodes and clients are asked for what a container's environment says.
        let environments: Vec<_> =
            project.services.iter_mut().map(|s| std::mem::take(&mut s.environment)).collect();
        let project = &*project;
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
            let read = service::read(reader, project, at, &name, environment);
            model.nodes.extend(read.node);
            model.clients.extend(read.client);
            model.topics.extend(read.topics);
        }
    }
    model.projects = projects;
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
    read.sort_by(|a, b| reader.sources.name(a.0).cmp(reader.sources.name(b.0)));
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
                model.clients.push(client);
                ("client properties", DocumentKind::Client(kind))
            }
            Kind::Meta => {
                metas.push(standalone::meta(file, &folder, &parsed));
                ("meta.properties of a formatted directory", DocumentKind::Meta)
            }
        };
        notes.add(&name, true, what);
        model.documents.push(Document { file, properties: Arc::clone(&parsed), kind: document, node });
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
        let bytes = reader.sources.file(*file).shared_bytes();
        let parsed = script::parse_script(*file, &bytes);
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

/// Gives each cluster its clients, topics and the ids that commands name without naming a node.
fn assign(model: &mut Model, scripts: &[ScriptFile]) {
    let places = Places::again(&model.index, &model.projects, &model.nodes);
    let mut cluster_of: HashMap<usize, usize> = HashMap::new();
    for (c, cluster) in model.clusters.iter().enumerate() {
        for n in &cluster.nodes {
            cluster_of.insert(*n, c);
        }
    }
    let near = Near::new(model);
    let homes: Vec<Option<usize>> = model
        .clients
        .iter()
        .map(|client| {
            let values = client.bootstrap.iter().map(|(_, v)| v);
            named_cluster(model, &places, &cluster_of, values, client.service, &client.folder)
                .or_else(|| near.only(&client.folder, client.service))
        })
        .collect();
    let topics: Vec<Option<usize>> = model
        .topics
        .iter()
        .map(|topic| {
            named_cluster(model, &places, &cluster_of, topic.bootstrap.iter(), topic.service, &topic.folder)
                .or_else(|| near.only(&topic.folder, topic.service))
        })
        .collect();
    let ids = script_ids(model, scripts, &cluster_of, &near);
    drop(places);
    let mut homeless = Cluster::default();
    for (client, home) in homes.into_iter().enumerate() {
        match home.and_then(|c| model.clusters.get_mut(c)) {
            Some(cluster) => cluster.clients.push(client),
            None => homeless.clients.push(client),
        }
    }
    for (topic, home) in topics.into_iter().enumerate() {
        if let Some(cluster) = home.and_then(|c| model.clusters.get_mut(c)) {
            cluster.topics.push(topic);
        }
    }
    for (target, id) in ids {
        match target {
            Target::Node(n) => {
                if let Some(node) = model.nodes.get_mut(n) {
                    node.cluster_ids.push(id);
                }
            }
            Target::Cluster(c) => {
                if let Some(cluster) = model.clusters.get_mut(c) {
                    cluster.ids.push(id);
                }
            }
        }
    }
    if !homeless.clients.is_empty() {
        homeless.name = "clients".to_owned();
        homeless.evidence.push("no node in sight that these clients could mean".to_owned());
        model.clusters.push(homeless);
    }
}

/// The cluster that the servers of a client name.
fn named_cluster<'t>(
    model: &Model,
    places: &Places<'_>,
    cluster_of: &HashMap<usize, usize>,
    values: impl Iterator<Item = &'t Text>,
    from: Option<ServiceRef>,
    folder: &str,
) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (host, port) in values.flat_map(grouping::servers) {
        let Some(host) = host else { continue };
        let found: Vec<usize> = match places.resolve_from(from, &host) {
            Resolved::Node(n) => vec![n],
            Resolved::Outside(host) => places.claimed(&host).to_vec(),
            Resolved::Own if from.is_none() => {
                let open = |n: &Node| {
                    n.listeners().is_some_and(|(_, l)| l.listeners.iter().any(|l| l.port() == port))
                };
                let nodes = model.nodes.iter().enumerate();
                nodes.filter(|(_, n)| path::is_below(&n.folder, folder) && open(n)).map(|(i, _)| i).collect()
            }
            _ => Vec::new(),
        };
        for n in found {
            let Some(node) = model.nodes.get(n) else { continue };
            let shared = common_depth(&node.folder, folder);
            if let Some(c) = cluster_of.get(&n)
                && best.is_none_or(|(depth, _)| shared > depth)
            {
                best = Some((shared, *c));
            }
        }
    }
    best.map(|(_, c)| c)
}

fn common_depth(a: &str, b: &str) -> usize {
    a.split('/').zip(b.split('/')).take_while(|(x, y)| x == y).count()
}

/// Finds the clusters around a folder.
struct Near {
    by_folder: BTreeMap<String, Vec<usize>>,
    by_project: HashMap<usize, Vec<usize>>,
}

impl Near {
    fn new(model: &Model) -> Near {
        let mut near = Near { by_folder: BTreeMap::new(), by_project: HashMap::new() };
        for (c, cluster) in model.clusters.iter().enumerate() {
            for node in cluster.nodes.iter().filter_map(|n| model.nodes.get(*n)) {
                if let Some(at) = node.service {
                    push_once(near.by_project.entry(at.project).or_default(), c);
                }
                let mut folder = node.folder.as_str();
                loop {
                    push_once(near.by_folder.entry(folder.to_owned()).or_default(), c);
                    if folder.is_empty() || folder == "/" {
                        break;
                    }
                    folder = path::parent(folder);
                }
            }
        }
        near
    }

    /// The clusters of the nearest folder, upwards, that holds any.
    fn all(&self, folder: &str) -> &[usize] {
        let mut folder = folder;
        loop {
            if let Some(found) = self.by_folder.get(folder) {
                return found;
            }
            if folder.is_empty() || folder == "/" {
                return &[];
            }
            folder = path::parent(folder);
        }
    }

    /// The only cluster around, if there is only one.
    fn only(&self, folder: &str, at: Option<ServiceRef>) -> Option<usize> {
        if let Some([only]) = at.and_then(|at| self.by_project.get(&at.project)).map(Vec::as_slice) {
            return Some(*only);
        }
        match self.all(folder) {
            [only] => Some(*only),
            _ => None,
        }
    }
}

fn push_once(list: &mut Vec<usize>, value: usize) {
    if list.last() != Some(&value) && !list.contains(&value) {
        list.push(value);
    }
}

enum Target {
    Node(usize),
    Cluster(usize),
}

/// The cluster ids of format commands: for the node that the command names, else for every cluster around the script.
fn script_ids(
    model: &Model,
    scripts: &[ScriptFile],
    cluster_of: &HashMap<usize, usize>,
    near: &Near,
) -> Vec<(Target, ClusterId)> {
    let mut out = Vec::new();
    for file in scripts {
        for format in &file.script.formats {
            let Some(id) = commands::cluster_id(format) else { continue };
            let around = near.all(&file.folder);
            let nodes: Vec<usize> = around
                .iter()
                .filter_map(|c| model.clusters.get(*c))
                .flat_map(|c| c.nodes.iter().copied())
                .collect();
            let runs = scripts.iter().flat_map(|f| f.script.docker_runs.iter());
            let container = format.host.as_ref().map(|h| h.as_str());
            let mount =
                runs.filter(|r| r.name.as_ref().map(|n| n.as_str()) == container && container.is_some());
            let volumes: Vec<&Text> = mount.flat_map(|r| r.volumes.iter()).collect();
            let config = format.config.as_ref().map(|c| outside(c.as_str(), &volumes));
            let named = nodes.iter().copied().filter(|n| {
                let Some(node) = model.nodes.get(*n) else { return false };
                let host = container.filter(|_| volumes.is_empty());
                let on_host = host.is_none_or(|h| {
                    let host = h.rsplit('@').next().unwrap_or(h).to_lowercase();
                    node.folder.to_lowercase().split('/').any(|p| p == host)
                });
                let by_file = config.as_ref().is_some_and(|config| {
                    node.files.iter().any(|f| shares_tail(model.sources.name(*f), config, host.is_none()))
                });
                on_host && (host.is_some() || by_file)
            });
            let named: Vec<usize> = named.collect();
            if let [only] = named.as_slice() {
                out.push((Target::Node(*only), id));
                continue;
            }
            // A script beside the files of one host speaks of that host.
            let beside: Vec<usize> = nodes
                .iter()
                .copied()
                .filter(|n| {
                    !file.folder.is_empty()
                        && model.nodes.get(*n).is_some_and(|n| path::is_below(&n.folder, &file.folder))
                })
                .collect();
            if let ([only], true) = (beside.as_slice(), container.is_none()) {
                out.push((Target::Node(*only), id));
                continue;
            }
            let mut targets: Vec<usize> = named.iter().filter_map(|n| cluster_of.get(n).copied()).collect();
            targets.dedup();
            if targets.is_empty() {
                targets = around.to_vec();
            }
            for c in targets {
                out.push((Target::Cluster(c), id.clone()));
            }
        }
    }
    out
}

/// A path in a container, seen from the host that mounts it there.
fn outside(config: &str, volumes: &[&Text]) -> String {
    for volume in volumes {
        let mut parts = volume.as_str().split(':');
        if let (Some(source), Some(target)) = (parts.next(), parts.next()) {
            let below = config.strip_prefix(target.trim_end_matches('/'));
            if let Some(rest) = below.filter(|r| r.starts_with('/')) {
                return format!("{source}{rest}");
            }
        }
    }
    config.to_owned()
}

/// Do two paths end in the same file, and (where `deep`) in the same folder above the usual `config/kraft`?
fn shares_tail(file: &str, config: &str, deep: bool) -> bool {
    let (mut a, mut b) = (file.rsplit('/'), config.rsplit('/'));
    let mut common = Vec::new();
    loop {
        match (a.next(), b.next()) {
            (Some(x), Some(y)) if x == y => common.push(x),
            _ => break,
        }
    }
    let telling = common
        .iter()
        .skip(1)
        .any(|p| !matches!(*p, "config" | "kraft" | "conf" | "etc" | "kafka" | "." | ""));
    !common.is_empty() && (telling || !deep)
}
