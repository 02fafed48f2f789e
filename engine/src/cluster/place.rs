//! Places: which node a host name means, seen from where it is written.
//!
//! Compose's DNS knows service names, container names, host names and aliases on the networks two services share
//! (docker/compose `getAliases`, moby `buildEndpointDNSNames`). Everything else is an address outside, which a node may
//! claim: by what it advertises, by what it binds, or by the folder its files were collected in.

use crate::hash::{HashMap, HashSet};
use std::sync::Arc;

use super::node::{Node, ServiceRef};
use crate::compose::{Port, Project, Service};
use crate::kafka::address;
use crate::order;
use crate::source::path;
use crate::text::HOLE;

/// A longer range of ports is not looked into.
const FEW: u16 = 64;

/// The network stack of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stack {
    /// A container with addresses and ports of its own.
    Container,
    /// The host's, shared by all services of the project that have it.
    HostOfProject(usize),
    /// The host's; which host that is, nothing says.
    SomeHost,
    /// The host called so: proved by a command in sight.
    Host(String),
    /// Another service's.
    Of(ServiceRef),
    /// Not known.
    Unknown,
}

/// What a host name means to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// The node's own network stack.
    Own,
    /// This node.
    Node(usize),
    /// A service that is no node.
    OtherService,
    /// An address outside the project; `lower` case.
    Outside(String),
    /// A part of it is not known.
    Unknown,
}

/// Where a port of the machine leads, for those who come from outside.
#[derive(Debug, Clone, Copy)]
pub enum Through<'m> {
    /// The node has the machine's own ports.
    Direct,
    /// To this port of its container, by this entry.
    To(&'m Port, u16),
    /// The node's service does not publish it.
    No,
    /// A part of it is not known.
    Unknown,
}

/// Answers questions about places. Built once for all nodes.
#[derive(Debug)]
pub struct Places<'m> {
    projects: &'m [Project],
    nodes: &'m [Node],
    index: Arc<Index>,
}

/// What one project's services are called.
#[derive(Debug, Default)]
struct Names {
    /// The node that each service is, if it is one.
    nodes: Vec<Option<usize>>,
    /// The services of each name.
    services: HashMap<String, Vec<usize>>,
    /// Services (or containers) whose network stack another service uses.
    joined: HashSet<String>,
    /// The ports of the machine that its services publish.
    published: HashSet<u16>,
    /// There may be more of them.
    published_open: bool,
    /// The names in `extra_hosts`, of any of them.
    hosts: HashSet<String>,
}

/// Nodes and services by the names they are known under.
#[derive(Debug, Default)]
pub struct Index {
    /// By project.
    projects: Vec<Names>,
    claims: HashMap<String, Vec<usize>>,
}

impl<'m> Places<'m> {
    /// Indexes `nodes` by every name they are known under.
    #[must_use]
    pub fn new(projects: &'m [Project], nodes: &'m [Node]) -> Places<'m> {
        let mut places = Index::default();
        for project in projects {
            let mut names = Names { nodes: vec![None; project.services.len()], ..Names::default() };
            for (s, service) in project.services.iter().enumerate() {
                let mode = service.network_mode.as_ref().map_or("", |m| m.as_str().trim());
                let joined = mode.strip_prefix("service:").or_else(|| mode.strip_prefix("container:"));
                names.joined.extend(joined.map(str::to_owned));
                names.hosts.extend(service.extra_hosts.iter().map(|(host, _)| host.as_str().to_lowercase()));
                names.published_open |= service.ports_open;
                for port in &service.ports {
                    match port.published {
                        Some(range) if range.end - range.start <= FEW => {
                            names.published.extend(range.start..=range.end)
                        }
                        Some(_) => names.published_open = true,
                        None => names.published_open |= port.published_unknown,
                    }
                }
                for name in dns_names(service) {
                    let entry = names.services.entry(name).or_default();
                    if !entry.contains(&s) {
                        entry.push(s);
                    }
                }
            }
            places.projects.push(names);
        }
        for (i, node) in nodes.iter().enumerate() {
            let project = node.service.and_then(|at| Some((at, places.projects.get_mut(at.project)?)));
            if let Some(slot) = project.and_then(|(at, names)| names.nodes.get_mut(at.service)) {
                *slot = Some(i);
            }
            for host in claims(node) {
                let entry = places.claims.entry(host).or_default();
                if entry.last() != Some(&i) {
                    entry.push(i);
                }
            }
        }
        Places { projects, nodes, index: Arc::new(places) }
    }

    /// The same again, of nodes and services whose names did not change.
    #[must_use]
    pub fn again(index: &Arc<Index>, projects: &'m [Project], nodes: &'m [Node]) -> Places<'m> {
        Places { projects, nodes, index: Arc::clone(index) }
    }

    /// What [`Places::again`] needs.
    #[must_use]
    pub fn index(&self) -> Arc<Index> {
        Arc::clone(&self.index)
    }

    /// The service behind `at`.
    #[must_use]
    pub fn service(&self, at: ServiceRef) -> Option<&'m Service> {
        self.projects.get(at.project)?.services.get(at.service)
    }

    /// The service called so in its project.
    #[must_use]
    pub fn service_named(&self, project: usize, name: &str) -> Option<usize> {
        let named = self.index.projects.get(project)?.services.get(&name.to_lowercase())?;
        let services = &self.projects.get(project)?.services;
        named.iter().copied().find(|s| services.get(*s).is_some_and(|s| s.name.as_str() == name))
    }

    /// The node that runs as service `at`.
    #[must_use]
    pub fn node_of(&self, at: ServiceRef) -> Option<usize> {
        self.index.projects.get(at.project)?.nodes.get(at.service).copied()?
    }

    /// What `host` means to node `from`.
    #[must_use]
    pub fn resolve(&self, from: usize, host: &str) -> Resolved {
        match self.nodes.get(from) {
            Some(node) => match self.resolve_from(node.service, host) {
                Resolved::Node(n) if n == from => Resolved::Own,
                other => other,
            },
            None => Resolved::Unknown,
        }
    }

    /// What `host` means to service `from`, or to a program on some host.
    #[must_use]
    pub fn resolve_from(&self, from: Option<ServiceRef>, host: &str) -> Resolved {
        // Names by which container engines call the host itself: what it publishes is not followed.
        let engine =
            matches!(host, "host.docker.internal" | "gateway.docker.internal" | "host.containers.internal");
        if host.contains(HOLE) || host.is_empty() || engine {
            return Resolved::Unknown;
        }
        if address::is_loopback(host) {
            return Resolved::Own;
        }
        let host = host.to_lowercase();
        let Some(at) = from else { return Resolved::Outside(host) };
        let Some(service) = self.service(at) else { return Resolved::Outside(host) };
        let extra = service.extra_hosts.iter().find(|(name, _)| name.as_str().eq_ignore_ascii_case(&host));
        if let Some((_, to)) = extra {
            let to = to.as_str().trim().to_lowercase();
            if to.contains(HOLE) || to == "host-gateway" {
                return Resolved::Unknown;
            }
            if address::is_loopback(&to) {
                return Resolved::Own;
            }
            // The name of a peer given a fixed address: whoever claims either.
            if !self.index.claims.contains_key(&to) && self.index.claims.contains_key(&host) {
                return Resolved::Outside(host);
            }
            return Resolved::Outside(to);
        }
        let link = service.links.iter().find(|(target, alias)| {
            let seen = alias.as_ref().unwrap_or(target);
            seen.as_str().eq_ignore_ascii_case(&host)
        });
        let linked = link.map(|(target, _)| target.as_str().to_lowercase());
        let own_host = service.hostname.as_ref().is_some_and(|h| h.as_str().eq_ignore_ascii_case(&host));
        if own_host {
            return self.node_of(at).map_or(Resolved::Own, Resolved::Node);
        }
        if service.network_mode.is_none() {
            let wanted = linked.as_deref().unwrap_or(&host);
            let names = self.index.projects.get(at.project);
            let found = names.and_then(|names| names.services.get(wanted)).into_iter().flatten().copied();
            let mut reachable = found.filter(|s| {
                let other = self.service(ServiceRef { project: at.project, service: *s });
                *s == at.service || other.is_some_and(|o| share_network(service, o))
            });
            if let Some(s) = reachable.next() {
                let to = ServiceRef { project: at.project, service: s };
                return self.node_of(to).map_or(Resolved::OtherService, Resolved::Node);
            }
            if names.is_some_and(|names| names.may_be_generated(&host)) {
                return Resolved::Unknown;
            }
        }
        Resolved::Outside(host)
    }

    /// Where `port` of the machine of node `to` leads. Of several entries one that is open to others counts.
    #[must_use]
    pub fn through(&self, to: usize, port: u16) -> Through<'m> {
        let Some(node) = self.nodes.get(to) else { return Through::Unknown };
        match node.stack {
            Stack::Container => {}
            Stack::HostOfProject(_) | Stack::SomeHost | Stack::Host(_) => return Through::Direct,
            Stack::Of(_) | Stack::Unknown => return Through::Unknown,
        }
        let Some((at, service)) = node.service.and_then(|at| Some((at, self.service(at)?))) else {
            return Through::Unknown;
        };
        if self.maps_ports(at) == Some(false) {
            return Through::Unknown;
        }
        let tcp = || service.ports.iter().filter(|p| p.protocol == "tcp");
        let entry =
            tcp().find(|p| p.publishes(port) && !is_local(p)).or_else(|| tcp().find(|p| p.publishes(port)));
        match entry {
            // A range for one port means any one of it.
            Some(p) if p.published.is_some_and(|r| r.start != r.end) && p.target.start == p.target.end => {
                Through::Unknown
            }
            Some(p) => p.target_of(port).map_or(Through::Unknown, |target| Through::To(p, target)),
            None if service.ports_open || service.ports.iter().any(|p| p.published_unknown) => {
                Through::Unknown
            }
            None => Through::No,
        }
    }

    /// Is `host` (lower case) a name that nothing in this project gives, and no node of another one claims?
    #[must_use]
    pub fn is_nobodys(&self, project: usize, host: &str) -> bool {
        let Some(names) = self.index.projects.get(project) else { return false };
        let claimed = self.claimed(host).iter().filter_map(|n| self.nodes.get(*n));
        let mut elsewhere = claimed.filter(|n| n.service.map(|at| at.project) != Some(project));
        elsewhere.next().is_none()
            && !names.services.contains_key(host)
            && !names.may_be_generated(host)
            && !names.hosts.iter().any(|h| h == host || h.contains(HOLE))
    }

    /// May some service of the project publish `port` of the machine?
    #[must_use]
    pub fn may_publish(&self, project: usize, port: u16) -> bool {
        self.index.projects.get(project).is_none_or(|p| p.published_open || p.published.contains(&port))
    }

    /// Do the ports that a service publishes lead to its container? Not where its networks give it an address that others reach
    /// by itself (macvlan), or none at all; `None` when that is not known.
    #[must_use]
    pub fn maps_ports(&self, at: ServiceRef) -> Option<bool> {
        let (project, service) = (self.projects.get(at.project)?, self.service(at)?);
        if service.networks.is_empty() {
            return Some(true);
        }
        let mut out = Some(false);
        for attachment in &service.networks {
            let network = project.networks.iter().find(|n| n.name.as_str() == attachment.name);
            match network.map_or(Some(true), |n| n.maps_ports) {
                Some(true) => return Some(true),
                Some(false) => {}
                // Whose fixed address may be one of the machines' own network.
                None if attachment.address.is_some() => {}
                None => out = None,
            }
        }
        out
    }

    /// Is the node on a network where containers of other projects may be?
    #[must_use]
    pub fn on_shared_network(&self, node: usize) -> bool {
        let Some(at) = self.nodes.get(node).and_then(|n| n.service) else { return false };
        let (Some(project), Some(service)) = (self.projects.get(at.project), self.service(at)) else {
            return false;
        };
        let shared = |name: &str| project.networks.iter().any(|m| m.shared && m.name.as_str() == name);
        service.networks.iter().any(|n| shared(&n.name))
    }

    /// Is the stack of this container its own, with no other service in it?
    #[must_use]
    pub fn alone_in_stack(&self, node: usize) -> bool {
        let at = self.nodes.get(node).and_then(|n| n.service);
        at.and_then(|at| self.index.projects.get(at.project).zip(self.service(at))).is_some_and(
            |(names, service)| {
                let container = service.container_name.as_ref().map_or("", |n| n.as_str());
                !names.joined.contains(service.name.as_str()) && !names.joined.contains(container)
            },
        )
    }

    /// Has the service a container with addresses of its own?
    #[must_use]
    pub fn has_own_container(&self, at: ServiceRef) -> bool {
        self.service(at).is_some_and(|s| s.network_mode.is_none())
    }

    /// The machine of a stand-alone node, where its files say which: a command that starts it there, or voters that are all on
    /// loopback, each at a port of its own.
    #[must_use]
    pub fn machine(&self, node: usize) -> Option<String> {
        let node = self.nodes.get(node)?;
        match &node.stack {
            Stack::Host(name) => return Some(name.clone()),
            Stack::SomeHost => {}
            _ => return None,
        }
        let (_, voters) = node.voters()?;
        let mut ports = HashSet::default();
        let mut all: Vec<&str> = Vec::new();
        for voter in voters.iter() {
            if !voter.host().is_some_and(address::is_loopback) || !ports.insert(voter.port()?) {
                return None;
            }
            all.push(voter.entry.as_str());
        }
        order::sort(&mut all);
        (all.len() > 1 && voters.faults().len() == 0).then(|| all.join(","))
    }

    /// May two nodes run on one host, with one set of ports? Containers may not; of nodes with the ports of some host only a
    /// port that both open says no.
    #[must_use]
    pub fn may_share_host(&self, a: usize, b: usize) -> bool {
        if let Some(known) = self.same_stack(a, b) {
            return known;
        }
        let (Some(x), Some(y)) = (self.nodes.get(a), self.nodes.get(b)) else { return true };
        let on_host =
            |n: &Node| matches!(n.stack, Stack::SomeHost | Stack::Host(_) | Stack::HostOfProject(_));
        if !(on_host(x) && on_host(y)) {
            return true;
        }
        if let (Some(x), Some(y)) = (self.machine(a), self.machine(b))
            && x == y
        {
            return true;
        }
        let ports = |n: &Node| -> Vec<u16> {
            let listeners = n.listeners().map(|(_, l)| l).unwrap_or_default();
            listeners.iter().filter_map(|l| l.port()).filter(|p| *p != 0).collect()
        };
        let (x, y) = (ports(x), ports(y));
        !x.iter().any(|p| y.contains(p))
    }

    /// Do two nodes run at the same time? Services of different profiles are alternatives, one without containers never runs.
    #[must_use]
    pub fn together(&self, a: usize, b: usize) -> bool {
        let at = |i: usize| self.nodes.get(i).and_then(|n| n.service);
        let (Some(x), Some(y)) = (at(a), at(b)) else { return true };
        if x.project != y.project {
            return true;
        }
        let (Some(x), Some(y)) = (self.service(x), self.service(y)) else { return true };
        let profiles = |s: &'m Service| -> Vec<&'m str> { s.profiles.iter().map(|p| p.as_str()).collect() };
        let (x, y) = (profiles(x), profiles(y));
        x.is_empty() || y.is_empty() || x.iter().any(|p| y.contains(p))
    }

    /// The nodes that claim the outside address `host` (lower case).
    #[must_use]
    pub fn claimed(&self, host: &str) -> &[usize] {
        self.index.claims.get(host).map_or(&[], Vec::as_slice)
    }

    /// Two nodes with one network stack: `Some` when that is known.
    #[must_use]
    pub fn same_stack(&self, a: usize, b: usize) -> Option<bool> {
        if a == b {
            return Some(true);
        }
        let stack = |i: usize| {
            let node = self.nodes.get(i)?;
            match &node.stack {
                Stack::Of(at) => {
                    let other = self.nodes.get(self.node_of(*at)?)?;
                    Some((&other.stack, Some(*at)))
                }
                stack => Some((stack, node.service)),
            }
        };
        match (stack(a)?, stack(b)?) {
            ((Stack::Unknown, _), _) | (_, (Stack::Unknown, _)) => None,
            ((Stack::Container, x), (Stack::Container, y)) => Some(x == y),
            ((Stack::Container, _), _) | (_, (Stack::Container, _)) => Some(false),
            ((Stack::HostOfProject(p), _), (Stack::HostOfProject(q), _)) if p == q => Some(true),
            ((Stack::Host(x), _), (Stack::Host(y), _)) => Some(x == y),
            _ => None,
        }
    }
}

impl Names {
    /// Is `host` of the form in which Compose names containers, `<project>-<service>-<n>`, with a service of the project?
    fn may_be_generated(&self, host: &str) -> bool {
        let is_mark = |c: char| c == '-' || c == '_';
        let Some((front, number)) = host.rsplit_once(is_mark) else { return false };
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        front
            .match_indices(is_mark)
            .any(|(i, _)| self.services.contains_key(front.get(i + 1..).unwrap_or("")))
    }
}

/// Is the port open to the machine itself only?
#[must_use]
pub fn is_local(port: &Port) -> bool {
    port.host_ip.as_deref().is_some_and(|ip| address::is_loopback(ip) || ip.starts_with("127."))
}

/// Two services on one network.
fn share_network(a: &Service, b: &Service) -> bool {
    a.networks.iter().any(|n| b.networks.iter().any(|m| n.name == m.name))
}

fn dns_names(service: &Service) -> Vec<String> {
    let mut names = vec![service.name.as_str().to_lowercase()];
    let texts = service.container_name.iter().chain(service.hostname.iter());
    let aliases = service.networks.iter().flat_map(|n| n.aliases.iter().chain(n.address.iter()));
    names.extend(texts.chain(aliases).map(|t| t.as_str().to_lowercase()));
    names.retain(|n| !n.contains(HOLE));
    names
}

/// The outside addresses that a node says are its own.
fn claims(node: &Node) -> Vec<String> {
    let mut out = Vec::new();
    let mut add = |host: &str| {
        let host = host.to_lowercase();
        if !address::is_wildcard(&host) && !address::is_loopback(&host) && !out.contains(&host) {
            out.push(host);
        }
    };
    for (_, listeners) in node.advertised().into_iter().chain(node.listeners()) {
        for host in listeners.iter().filter_map(|l| l.host.known()) {
            add(host);
        }
    }
    // What an operator collects from a host lies in a folder, or a file, of its name.
    for part in node.folder.split('/').chain(node.service.is_none().then(|| path::file_name(&node.name))) {
        if !matches!(part, "" | "." | ".." | "config" | "kraft" | "conf" | "etc" | "server") {
            add(part);
        }
    }
    out
}
