//! Which cluster a client, a topic or a formatting command belongs to: told by the servers it names, else by what lies
//! nearest.

use crate::hash::HashMap;
use std::collections::BTreeMap;

use super::commands;
use super::load::ScriptFile;
use super::node::{Node, ServiceRef};
use super::place::{Places, Resolved};
use super::{Cluster, Model, grouping};
use crate::script::Format;
use crate::source::path;
use crate::text::Text;

/// Gives each cluster its clients, topics and the ids that commands name without naming a node.
pub(super) fn assign(model: &mut Model, scripts: &[ScriptFile]) {
    let places = Places::again(&model.index, &model.projects, &model.nodes);
    let cluster_of = model.cluster_of();
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
    let formats = script_formats(model, scripts, &cluster_of, &near);
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
    for (target, format) in formats {
        let id = commands::cluster_id(format);
        match target {
            Target::Node(n) => {
                if let Some(node) = model.nodes.get_mut(n) {
                    node.cluster_ids.extend(id);
                    node.formats.push(format.clone());
                }
            }
            Target::Cluster(c) => {
                if let Some(cluster) = model.clusters.get_mut(c) {
                    cluster.ids.extend(id);
                    cluster.formats.push(format.clone());
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
    cluster_of: &[Option<usize>],
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
                let open = |n: &Node| n.listeners().is_some_and(|(_, l)| l.iter().any(|l| l.port() == port));
                let nodes = model.nodes.iter().enumerate();
                nodes.filter(|(_, n)| path::is_below(&n.folder, folder) && open(n)).map(|(i, _)| i).collect()
            }
            _ => Vec::new(),
        };
        for n in found {
            let Some(node) = model.nodes.get(n) else { continue };
            let shared = common_depth(&node.folder, folder);
            if let Some(Some(c)) = cluster_of.get(n)
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
        let mut near = Near { by_folder: BTreeMap::new(), by_project: HashMap::default() };
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

/// The format commands: for the node that the command names, else for every cluster around the script.
fn script_formats<'s>(
    model: &Model,
    scripts: &'s [ScriptFile],
    cluster_of: &[Option<usize>],
    near: &Near,
) -> Vec<(Target, &'s Format)> {
    let mut out = Vec::new();
    for file in scripts {
        for format in &file.script.formats {
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
            // Where the very file is written, seen from the script.
            let written = format.config.as_ref().filter(|_| container.is_none());
            let written = written.map(|c| path::join(&file.folder, c.as_str()));
            let by_path = |n: &usize| {
                let node = model.nodes.get(*n).filter(|n| n.service.is_none());
                node.is_some_and(|n| {
                    n.files.iter().any(|f| Some(model.sources.name(*f)) == written.as_deref())
                })
            };
            if let Some(only) = nodes.iter().copied().find(by_path) {
                out.push((Target::Node(only), format));
                continue;
            }
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
                out.push((Target::Node(*only), format));
                continue;
            }
            // A script beside the files of one host speaks of that host; at the top only where no other node is.
            let lone = |n: &Node| nodes.len() == 1 && n.service.is_none();
            let beside: Vec<usize> = nodes
                .iter()
                .copied()
                .filter(|n| {
                    model.nodes.get(*n).is_some_and(|n| {
                        (!file.folder.is_empty() || lone(n)) && path::is_below(&n.folder, &file.folder)
                    })
                })
                .collect();
            if let ([only], true) = (beside.as_slice(), container.is_none()) {
                out.push((Target::Node(*only), format));
                continue;
            }
            let mut targets: Vec<usize> =
                named.iter().filter_map(|n| cluster_of.get(*n).copied().flatten()).collect();
            targets.dedup();
            if targets.is_empty() {
                targets = around.to_vec();
            }
            for c in targets {
                out.push((Target::Cluster(c), format));
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
