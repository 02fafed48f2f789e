//! Which nodes make a cluster.
//!
//! A cluster closes at the smallest scope (project or file, folder, parent folder …) in which each voter or bootstrap
//! server has a node. What closes nowhere joins the nodes with which it shares an entry. Closed scopes never merge:
//! ten examples in one folder are ten clusters.

use crate::hash::{HashMap, HashSet};
use crate::order;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::node::Node;
use super::place::{Places, Resolved, Stack};
use super::{Cluster, Model};
use crate::kafka::listener::Listener;
use crate::kafka::{address, list, voter};
use crate::settings::Settings;
use crate::source::path;

/// What one node says about its quorum.
#[derive(Debug, Default)]
struct Claim {
    /// Entries of the voter list or the bootstrap servers.
    entries: Vec<Entry>,
    /// Texts that nodes of one cluster share: addresses outside, whole lists.
    keys: Vec<String>,
    /// Texts that say less, for nodes that close nowhere.
    weak: Vec<String>,
    /// True when a part of the list is not known.
    open: bool,
}

/// One voter or bootstrap server, seen from one node.
#[derive(Debug)]
struct Entry {
    id: Option<i32>,
    /// True for the node's own network stack.
    own: bool,
    port: Option<u16>,
    /// `host:port` of an address outside.
    outside: Option<String>,
    /// Nodes that answer by address, wherever they are.
    nodes: Vec<usize>,
}

/// Puts the nodes of `model` into clusters. Clients and topics follow in [`super::load`].
pub(super) fn group(
    model: &Model,
    places: &Places<'_>,
    settings: &Settings,
    root_name: &str,
) -> Vec<Cluster> {
    let mut clusters = Vec::new();
    let mut free: Vec<usize> = (0..model.nodes.len()).collect();
    if settings.one_cluster && !free.is_empty() {
        clusters.push(cluster(
            std::mem::take(&mut free),
            "all nodes are one cluster: --one-cluster".into(),
            true,
        ));
    }
    for wanted in &settings.clusters {
        let inside = |n: &usize| {
            let files = model.nodes.get(*n).map_or(&[][..], |n| &n.files);
            files.iter().any(|f| wanted.paths.iter().any(|p| path::is_below(model.sources.name(*f), p)))
        };
        let (nodes, rest): (Vec<_>, Vec<_>) = free.iter().copied().partition(inside);
        free = rest;
        if !nodes.is_empty() {
            let mut declared = cluster(nodes, "declared in kraftlint.toml".into(), true);
            declared.name = wanted.name.clone().unwrap_or_default();
            clusters.push(declared);
        }
    }
    let mut grouper = Grouper::new(model, places);
    grouper.run(&free);
    clusters.extend(grouper.finish(&free));
    for cluster in &mut clusters {
        let mut members = BTreeSet::new();
        members.extend(&cluster.nodes);
        cluster.complete = grouper.closes(&members);
        if cluster.name.is_empty() {
            cluster.name = name(model, &cluster.nodes, root_name);
        }
    }
    order::by_key(&mut clusters, |c| c.nodes.first().copied().unwrap_or(0));
    let mut seen: HashMap<String, usize> = HashMap::default();
    for cluster in &mut clusters {
        let count = seen.entry(cluster.name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            cluster.name = format!("{}#{count}", cluster.name);
        }
    }
    clusters
}

fn cluster(nodes: Vec<usize>, why: String, declared: bool) -> Cluster {
    Cluster { nodes, evidence: vec![why], declared, ..Cluster::default() }
}

/// A name a reader recognises: the project's or file's for one host, else the folder that holds all nodes.
fn name(model: &Model, nodes: &[usize], root_name: &str) -> String {
    let members: Vec<&Node> = nodes.iter().filter_map(|n| model.nodes.get(*n)).collect();
    if let [only] = members.as_slice() {
        return only.name.clone();
    }
    let mut names = members.iter().map(|n| n.name.as_str());
    let mut common = names.next().map(path::parent).unwrap_or("");
    for name in names {
        while !path::is_below(name, common) {
            common = path::parent(common);
        }
    }
    if common.is_empty() { root_name.to_owned() } else { common.to_owned() }
}

struct Grouper<'m> {
    nodes: &'m [Node],
    claims: Vec<Claim>,
    /// Group of each node: the smallest node index in it. Only merged groups are recorded.
    group: Vec<usize>,
    members: HashMap<usize, BTreeSet<usize>>,
    closed: BTreeSet<usize>,
    evidence: HashMap<usize, String>,
}

impl<'m> Grouper<'m> {
    fn new(model: &'m Model, places: &Places<'_>) -> Grouper<'m> {
        let claims = (0..model.nodes.len()).map(|n| claim(model, places, n)).collect();
        Grouper {
            nodes: &model.nodes,
            claims,
            group: (0..model.nodes.len()).collect(),
            members: HashMap::default(),
            closed: BTreeSet::new(),
            evidence: HashMap::default(),
        }
    }

    fn run(&mut self, free: &[usize]) {
        let scopes = scopes(self.nodes, free);
        for scope in &scopes {
            self.close(scope);
        }
        for scope in &scopes {
            self.join(scope);
        }
    }

    fn finish(&mut self, free: &[usize]) -> Vec<Cluster> {
        let mut roots: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for n in free {
            roots.entry(self.root(*n)).or_default().push(*n);
        }
        let mut out = Vec::new();
        for (root, nodes) in roots {
            let why = self.evidence.remove(&root).unwrap_or_else(|| "no other node shares its quorum".into());
            out.push(cluster(nodes, why, false));
        }
        out
    }

    fn root(&self, node: usize) -> usize {
        self.group.get(node).copied().unwrap_or(node)
    }

    fn of(&self, node: usize) -> BTreeSet<usize> {
        let root = self.root(node);
        self.members.get(&root).cloned().unwrap_or_else(|| BTreeSet::from([node]))
    }

    fn is_closed(&self, node: usize) -> bool {
        self.closed.contains(&self.root(node))
    }

    fn persist(&mut self, nodes: BTreeSet<usize>, why: String, closed: bool) {
        let Some(root) = nodes.first().copied() else { return };
        for n in &nodes {
            let old = self.root(*n);
            self.members.remove(&old);
            self.closed.remove(&old);
            if let Some(g) = self.group.get_mut(*n) {
                *g = root;
            }
        }
        if closed {
            self.closed.insert(root);
        }
        self.evidence.insert(root, why);
        self.members.insert(root, nodes);
    }

    /// The ids that the controllers among `members` have.
    fn ids(&self, members: &BTreeSet<usize>) -> HashSet<i32> {
        let nodes = members.iter().filter_map(|m| self.nodes.get(*m));
        nodes.filter(|n| n.roles().is_none_or(|r| r.controller)).filter_map(Node::id).collect()
    }

    /// Does every voter or bootstrap server of `members` have a node among them?
    fn closes(&self, members: &BTreeSet<usize>) -> bool {
        let ids = self.ids(members);
        let claims: Vec<&Claim> = members.iter().filter_map(|n| self.claims.get(*n)).collect();
        claims.iter().any(|c| !c.entries.is_empty())
            && claims.iter().all(|c| !c.open)
            && members.iter().all(|n| {
                let entries = self.claims.get(*n).map_or(&[][..], |c| &c.entries);
                entries.iter().all(|e| self.answers(*n, e, members, &ids))
            })
    }

    /// Has an entry of the node `from` a node among `members`, whose controllers have these ids?
    fn answers(&self, from: usize, entry: &Entry, members: &BTreeSet<usize>, ids: &HashSet<i32>) -> bool {
        let is_here = |m: &usize| {
            self.nodes.get(*m).is_some_and(|node| {
                may_be(node, entry.id) && self.shares_host(from, *m) && listens(node, entry.port)
            })
        };
        entry.nodes.iter().any(|n| members.contains(n))
            || entry.id.is_some_and(|id| ids.contains(&id))
            || entry.own && members.iter().any(is_here)
    }

    /// May the two nodes share a network stack?
    fn shares_host(&self, a: usize, b: usize) -> bool {
        let stack = |n: usize| self.nodes.get(n).map(|n| &n.stack);
        match (stack(a), stack(b)) {
            _ if a == b => true,
            (Some(Stack::SomeHost), Some(Stack::SomeHost)) => true,
            (Some(Stack::HostOfProject(p)), Some(Stack::HostOfProject(q))) => p == q,
            (Some(Stack::Host(p)), Some(Stack::Host(q))) => p == q,
            _ => false,
        }
    }

    /// The connected parts of `nodes`: those that share an address, a list, or answer each other.
    fn components(&self, nodes: &[usize], weak: bool) -> Vec<BTreeSet<usize>> {
        let index: HashMap<usize, usize> = nodes.iter().enumerate().map(|(i, n)| (*n, i)).collect();
        let mut parts = Union::new(nodes.len());
        let mut keys: HashMap<&str, usize> = HashMap::default();
        let mut ports: HashMap<u16, Vec<usize>> = HashMap::default();
        for n in nodes {
            let Some(node) = self.nodes.get(*n) else { continue };
            if matches!(node.stack, Stack::SomeHost | Stack::HostOfProject(_) | Stack::Host(_)) {
                for listener in quorum_listeners(node).unwrap_or_default() {
                    if let Some(port) = listener.port() {
                        ports.entry(port).or_default().push(*n);
                    }
                }
            }
        }
        for (i, n) in nodes.iter().enumerate() {
            let Some(claim) = self.claims.get(*n) else { continue };
            let more = if weak { claim.weak.as_slice() } else { &[] };
            for key in claim.keys.iter().chain(more) {
                match keys.get(key.as_str()) {
                    Some(other) => parts.join(i, *other),
                    None => {
                        keys.insert(key, i);
                    }
                }
            }
            for entry in &claim.entries {
                for other in &entry.nodes {
                    if let Some(other) = index.get(other) {
                        parts.join(i, *other);
                    }
                }
                // On one host the port tells who is meant; the id must not say otherwise.
                let Some(port) = entry.port.filter(|_| entry.own) else { continue };
                for other in ports.get(&port).into_iter().flatten() {
                    let id = self.nodes.get(*other).and_then(Node::id);
                    let agree = entry.id.is_none() || id.is_none() || entry.id == id;
                    if agree
                        && self.shares_host(*n, *other)
                        && let Some(other) = index.get(other)
                    {
                        parts.join(i, *other);
                    }
                }
            }
        }
        parts
            .sets()
            .into_iter()
            .map(|set| set.into_iter().filter_map(|i| nodes.get(i).copied()).collect())
            .collect()
    }

    /// First pass: closes what closes in this scope.
    fn close(&mut self, scope: &Scope<'_>) {
        let (shut, open): (Vec<usize>, Vec<usize>) = scope.members.iter().partition(|n| self.is_closed(**n));
        if open.is_empty() {
            return;
        }
        for part in self.components(&open, false) {
            let mut whole = part.clone();
            let ids = self.ids(&part);
            // An open node may lack one that closed alone, thinking itself a majority: they share its address.
            for n in &part {
                for entry in self.claims.get(*n).map_or(&[][..], |c| &c.entries) {
                    if self.answers(*n, entry, &part, &ids) {
                        continue;
                    }
                    if let Some(alone) = self.closed_alone(*n, entry, &shut).filter(|a| self.fits(&whole, *a))
                    {
                        whole.extend(self.of(alone));
                    }
                }
            }
            if self.closes(&whole) {
                let voters = self.voter_count(&whole);
                let why = match voters {
                    1 => format!("the only voter has a node in {scope}"),
                    n => format!("all {n} voters or bootstrap servers have a node in {scope}"),
                };
                self.persist(whole, why, true);
            }
        }
    }

    /// Can the group of `other` join `members`? Not where both hold one and the same node, configured twice: such are two
    /// examples, not one cluster.
    fn fits(&self, members: &BTreeSet<usize>, other: usize) -> bool {
        let group = self.of(other);
        !group.iter().any(|g| !members.contains(g) && members.iter().any(|m| self.is_same(*m, *g)))
    }

    /// May two nodes be one, configured twice: the same id, and nothing says that they are at different addresses?
    fn is_same(&self, a: usize, b: usize) -> bool {
        let (Some(a), Some(b)) = (self.nodes.get(a), self.nodes.get(b)) else { return false };
        let hosts = |n: &Node| -> Vec<String> {
            let all = n.advertised().into_iter().chain(n.listeners()).flat_map(|(_, l)| l.iter());
            let known = all.filter_map(|l| l.host.known().map(str::to_lowercase));
            known.filter(|h| !address::is_wildcard(h) && !address::is_loopback(h)).collect()
        };
        let (mine, theirs) = (hosts(a), hosts(b));
        let apart = !mine.is_empty() && !theirs.is_empty() && !mine.iter().any(|h| theirs.contains(h));
        a.id().is_some() && a.id() == b.id() && a.roles() == b.roles() && !apart
    }

    /// Does the node say where it is?
    fn claims_host(&self, node: usize) -> bool {
        let Some(node) = self.nodes.get(node) else { return false };
        let all = node.advertised().into_iter().chain(node.listeners()).flat_map(|(_, l)| l.iter());
        let mut hosts = all.filter_map(|l| l.host.known());
        hosts.any(|h| !address::is_wildcard(h) && !address::is_loopback(h))
    }

    /// A closed node that answers `entry`: the one that claims the address outside, or a lone controller on this host.
    fn closed_alone(&self, from: usize, entry: &Entry, shut: &[usize]) -> Option<usize> {
        let named = entry.outside.is_some().then(|| {
            shut.iter().copied().find(|n| {
                let claim = self.claims.get(*n);
                let same = claim.is_some_and(|c| c.entries.iter().any(|e| e.outside == entry.outside));
                same || entry.nodes.contains(n)
            })
        });
        if let Some(found) = named.flatten() {
            return Some(found);
        }
        if !entry.own {
            return None;
        }
        let mut fitting = shut.iter().copied().filter(|n| {
            self.nodes.get(*n).is_some_and(|node| {
                node.is_controller()
                    && (entry.id.is_none() || node.id() == entry.id)
                    && self.shares_host(from, *n)
                    && listens(node, entry.port)
            })
        });
        let first = fitting.next()?;
        let without_broker =
            |n: &usize| self.of(*n).iter().all(|m| self.nodes.get(*m).is_some_and(|n| !n.is_broker()));
        Some(std::iter::once(first).chain(fitting).find(without_broker).unwrap_or(first))
    }

    fn voter_count(&self, members: &BTreeSet<usize>) -> usize {
        members.iter().filter_map(|n| self.claims.get(*n)).map(|c| c.entries.len()).max().unwrap_or(0)
    }

    fn answered(&self, members: &BTreeSet<usize>) -> usize {
        let ids = self.ids(members);
        let mut seen = BTreeSet::new();
        for n in members {
            for e in self.claims.get(*n).map_or(&[][..], |c| &c.entries) {
                if self.answers(*n, e, members, &ids) {
                    seen.insert((e.id, e.port, e.outside.as_deref()));
                }
            }
        }
        seen.len()
    }

    /// Second pass: joins what shares an entry, where that answers more voters or breaks no id.
    fn join(&mut self, scope: &Scope<'_>) {
        let (shut, open): (Vec<usize>, Vec<usize>) = scope.members.iter().partition(|n| self.is_closed(**n));
        if open.is_empty() {
            return;
        }
        for part in self.components(&open, false) {
            // Not every entry has a node, but one of them is a node that closed without these.
            let mut whole = part.clone();
            for n in &part {
                for entry in self.claims.get(*n).map_or(&[][..], |c| &c.entries) {
                    if let Some(alone) = self
                        .closed_alone(*n, entry, &shut)
                        .filter(|a| entry.outside.is_some() && self.fits(&whole, *a))
                    {
                        whole.extend(self.of(alone));
                    }
                }
            }
            if whole.len() > part.len() {
                self.persist(
                    whole,
                    format!("they share voters in {scope}, though not every voter has a node"),
                    true,
                );
            }
        }
        let open: Vec<usize> = scope.members.iter().copied().filter(|n| !self.is_closed(*n)).collect();
        if open.len() < 2 {
            return;
        }
        for part in self.components(&open, true) {
            let mut roots = HashSet::default();
            let firsts: Vec<usize> = part.iter().copied().filter(|n| roots.insert(self.root(*n))).collect();
            let groups: Vec<BTreeSet<usize>> = firsts.into_iter().map(|n| self.of(n)).collect();
            if groups.len() < 2 {
                continue;
            }
            let mut whole = groups.first().cloned().unwrap_or_default();
            let all_single = groups.iter().all(|g| g.len() == 1);
            let id = |n: &usize| self.nodes.get(*n).and_then(Node::id);
            // The nodes of the whole by their ids: only those of one id can clash, or be one node.
            let mut by_id: HashMap<i32, Vec<usize>> = HashMap::default();
            for n in &whole {
                id(n).into_iter().for_each(|id| by_id.entry(id).or_default().push(*n));
            }
            let mut behind = Vec::new();
            for group in groups.get(1..).unwrap_or_default() {
                let same = |n: &usize| id(n).and_then(|id| by_id.get(&id)).map_or(&[][..], Vec::as_slice);
                let clash = group.iter().any(|n| !same(n).is_empty());
                let twin = |a: &usize| same(a).iter().any(|b| self.is_same(*a, *b)) && self.claims_host(*a);
                let grows = || {
                    let both = whole.union(group).copied().collect();
                    self.answered(&both) > self.answered(&whole).max(self.answered(group))
                };
                if !clash || all_single && !group.iter().any(twin) || grows() {
                    for n in group {
                        id(n).into_iter().for_each(|id| by_id.entry(id).or_default().push(*n));
                    }
                    whole.extend(group);
                } else {
                    behind.push(group);
                }
            }
            // Those that stay behind keep what they have.
            for group in behind {
                self.persist(group.clone(), format!("they share voters in {scope}"), false);
            }
            if whole.len() > 1 {
                self.persist(
                    whole,
                    format!("they share voters in {scope}, though not every voter has a node"),
                    false,
                );
            }
        }
    }
}

/// Does `node` open `port` for the quorum (or at all, when its controller listeners are not known)?
fn listens(node: &Node, port: Option<u16>) -> bool {
    let Some(port) = port else { return true };
    let has = |all: Vec<Listener<'_>>| all.iter().any(|l| l.port().is_none_or(|p| p == port));
    quorum_listeners(node).is_none_or(has)
}

/// May the node be the voter of that id?
fn may_be(node: &Node, id: Option<i32>) -> bool {
    id.is_none() || node.id().is_none() || node.id() == id
}

/// The listeners that may be the quorum's: where nothing names them, all. `None` when they are not known.
fn quorum_listeners(node: &Node) -> Option<Vec<Listener<'_>>> {
    if node.controller_names().is_some() {
        return node.controller_listeners();
    }
    node.listeners().filter(|(_, l)| !l.open).map(|(_, l)| l.iter().collect())
}

fn claim(model: &Model, places: &Places<'_>, n: usize) -> Claim {
    let mut claim = Claim::default();
    let Some(node) = model.nodes.get(n) else { return claim };
    if let Some(setting) = node.settings.get("zookeeper.connect")
        && let Some(text) = setting.value.known().map(str::trim).filter(|t| !t.is_empty())
    {
        let local = node.service.filter(|_| !text.contains('.'));
        let scope = local.map_or(String::new(), |at| format!("in {} ", at.project));
        claim.keys.push(format!("zookeeper {scope}{}", text.to_lowercase()));
    }
    if let Some((setting, voters)) = node.voters() {
        claim.open |= voters.open;
        let mut spelled = Vec::new();
        let mut ids = Vec::new();
        let mut outside_all = true;
        for v in voters.iter() {
            let entry = entry(model, places, n, v.id, v.host(), v.port());
            outside_all &= entry.outside.is_some();
            spelled.push(v.entry.as_str().to_lowercase());
            ids.extend(v.id);
            claim.entries.push(entry);
        }
        order::sort(&mut spelled);
        order::sort(&mut ids);
        // A list of one loopback voter is in every example; names of one project mean nothing in another.
        if !setting.value.slice().has_hole() {
            if outside_all || spelled.len() > 1 {
                claim.keys.push(format!("list {}{}", scope_of_names(node, outside_all), spelled.join(",")));
            }
        } else if let Some(at) = node.service {
            claim.keys.push(format!("list of {} {}", at.project, spelled.join(",")));
        }
        if ids.len() > 1 {
            claim.weak.push(format!("ids {ids:?}"));
        }
    } else if let Some(setting) = node.settings.get("controller.quorum.bootstrap.servers") {
        claim.open |= setting.value.slice().has_hole();
        for server in voter::bootstrap_servers(setting.value.slice()) {
            if let Some(a) = server.address {
                claim.entries.push(entry(model, places, n, None, a.host.known(), a.port()));
            }
        }
    }
    for e in &claim.entries {
        if let Some(outside) = &e.outside {
            claim.keys.push(format!("address {outside}"));
        }
    }
    claim
}

/// Names that Compose resolves count inside their project only.
fn scope_of_names(node: &Node, outside: bool) -> String {
    match node.service {
        Some(at) if !outside => format!("in {} ", at.project),
        _ => String::new(),
    }
}

fn entry(
    model: &Model,
    places: &Places<'_>,
    n: usize,
    id: Option<i32>,
    host: Option<&str>,
    port: Option<u16>,
) -> Entry {
    let mut entry = Entry { id, own: false, port, outside: None, nodes: Vec::new() };
    let Some(host) = host else { return entry };
    match places.resolve(n, host) {
        Resolved::Own => {
            // The own name, or loopback: the node itself, if it opens that port for the quorum.
            let mine = |node: &Node| {
                may_be(node, id) && listens(node, port) && node.roles().is_none_or(|r| r.controller)
            };
            if model.nodes.get(n).is_some_and(mine) {
                entry.nodes.push(n);
            }
            entry.own = address::is_loopback(host);
        }
        Resolved::Node(other) => entry.nodes.push(other),
        Resolved::Outside(host) => {
            let on_port = |n: &usize| {
                let node = model.nodes.get(*n);
                node.is_some_and(|node| listens(node, port) || publishes(places, node, port))
            };
            // One claimant is meant even where its port is wrong; of several the port tells.
            entry.nodes = match places.claimed(&host) {
                [only] => vec![*only],
                several => several.iter().copied().filter(on_port).collect(),
            };
            entry.outside = port.map(|p| format!("{host}:{p}"));
        }
        Resolved::OtherService | Resolved::Unknown => {}
    }
    entry
}

fn publishes(places: &Places<'_>, node: &Node, port: Option<u16>) -> bool {
    let Some(port) = port else { return true };
    let service = node.service.and_then(|at| places.service(at));
    service.is_some_and(|s| s.ports.iter().any(|p| p.publishes(port)))
}

/// Where the nodes of a cluster may be looked for.
struct Scope<'m> {
    /// A folder, or a single project or file.
    folder: Option<&'m str>,
    members: Vec<usize>,
}

impl fmt::Display for Scope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.folder {
            None => f.write_str("one project or file"),
            Some("") => f.write_str("the working directory"),
            Some(folder) => write!(f, "{folder}/"),
        }
    }
}

/// Scopes from small to large: each project or file, then each folder, deepest first.
fn scopes<'m>(nodes: &'m [Node], free: &[usize]) -> Vec<Scope<'m>> {
    let mut units: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
    let mut folders: HashMap<&str, (usize, Vec<usize>)> = HashMap::default();
    for n in free {
        let Some(node) = nodes.get(*n) else { continue };
        let unit = match node.service {
            Some(at) => (at.project + 1, ""),
            None => (0, node.name.as_str()),
        };
        units.entry(unit).or_default().push(*n);
        let mut folder = node.folder.as_str();
        let mut depth = folder.split('/').filter(|p| !p.is_empty()).count();
        loop {
            folders.entry(folder).or_insert_with(|| (depth, Vec::new())).1.push(*n);
            if folder.is_empty() || folder == "/" {
                break;
            }
            folder = path::parent(folder);
            depth = depth.saturating_sub(1);
        }
    }
    let mut folders: Vec<_> = folders.into_iter().collect();
    order::by(&mut folders, |(a, (deep, _)), (b, (deeper, _))| deeper.cmp(deep).then_with(|| a.cmp(b)));
    let units = units.into_values().map(|members| Scope { folder: None, members });
    let folders = folders.into_iter().map(|(name, (_, members))| Scope { folder: Some(name), members });
    units.chain(folders).collect()
}

/// Disjoint sets of 0..n.
struct Union {
    parent: Vec<usize>,
}

impl Union {
    fn new(n: usize) -> Union {
        Union { parent: (0..n).collect() }
    }

    fn find(&mut self, mut i: usize) -> usize {
        while let Some(&p) = self.parent.get(i) {
            if p == i {
                break;
            }
            let grand = self.parent.get(p).copied().unwrap_or(p);
            if let Some(slot) = self.parent.get_mut(i) {
                *slot = grand;
            }
            i = grand;
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.find(a), self.find(b));
        if let Some(slot) = self.parent.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }

    fn sets(&mut self) -> Vec<Vec<usize>> {
        let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for i in 0..self.parent.len() {
            out.entry(self.find(i)).or_default().push(i);
        }
        out.into_values().collect()
    }
}

/// The list of a client's or topic's servers, for the search of its cluster.
pub(super) fn servers(value: &crate::text::Text) -> Vec<(Option<String>, Option<u16>)> {
    list::filled(value.slice())
        .filter_map(|e| {
            let a = address::host_port(e)?;
            Some((a.host.known().map(str::to_lowercase), a.port()))
        })
        .collect()
}
