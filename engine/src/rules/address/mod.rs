//! Ports and addresses between nodes.

pub(super) mod advertised;
pub(super) mod controller_port_not_exposed;
pub(super) mod host_port_clash;
pub(super) mod listener_bound_to_loopback;
pub(super) mod published_ports;

use crate::hash::HashMap;

use crate::cluster::{Cluster, Node, Resolved, ServiceRef, Through};
use crate::kafka::voter;
use crate::rules::Context;
use crate::text::{Slice, Text};

/// The nodes of one sort in a cluster, so that one of them in another network stack is found without asking all pairs.
struct Peers {
    /// Nodes that are all in different stacks.
    apart: Vec<usize>,
}

impl Peers {
    /// Of the nodes that `wanted` takes.
    fn new(cx: &Context<'_>, cluster: &Cluster, wanted: impl Fn(&Node) -> bool) -> Peers {
        const ENOUGH: usize = 8;
        let mut apart: Vec<usize> = Vec::new();
        for (i, node) in cx.nodes(cluster) {
            if apart.len() < ENOUGH
                && wanted(node)
                && runs(cx, node)
                && apart.iter().all(|a| !cx.places.may_share_host(*a, i))
            {
                apart.push(i);
            }
        }
        Peers { apart }
    }

    /// One that surely is in another stack than `node`, and runs at the same time.
    fn elsewhere<'m>(&self, cx: &Context<'m>, (index, node): (usize, &Node)) -> Option<(usize, &'m Node)> {
        let found = self.apart.iter().find(|p| {
            let peer = cx.model.nodes.get(**p);
            // Two files with one id are two versions of one node, or KL101's.
            let another = peer.is_some_and(|p| p.id().is_none() || p.id() != node.id());
            **p != index && another && !cx.places.may_share_host(index, **p) && cx.places.together(index, **p)
        })?;
        cx.model.nodes.get(*found).map(|n| (*found, n))
    }
}

/// The projects that the nodes of one sort belong to.
struct Projects {
    /// Two nodes of different projects.
    two: Option<[usize; 2]>,
}

impl Projects {
    fn new(cx: &Context<'_>, cluster: &Cluster, wanted: impl Fn(&Node) -> bool) -> Projects {
        let mut nodes = cx.nodes(cluster).filter(|(_, n)| wanted(n));
        let first = nodes.next();
        let second = first.and_then(|(_, a)| nodes.find(|(_, b)| project(a) != project(b)));
        Projects { two: first.zip(second).map(|(a, b)| [a.0, b.0]) }
    }

    /// One of another project than `node`.
    fn other<'m>(&self, cx: &Context<'m>, node: &Node) -> Option<&'m Node> {
        let mut two = self.two.iter().flatten().filter_map(|i| cx.model.nodes.get(*i));
        two.find(|n| project(n) != project(node))
    }
}

/// Is the whole cluster in one project, so that a plain name must be a name of the project?
pub(super) fn in_one_project(cx: &Context<'_>, cluster: &Cluster) -> bool {
    cluster.complete && Projects::new(cx, cluster, |_| true).two.is_none()
}

fn project(node: &Node) -> Option<usize> {
    node.service.map(|at| at.project)
}

/// False for a service without containers.
fn runs(cx: &Context<'_>, node: &Node) -> bool {
    let replicas = node.service.and_then(|at| cx.places.service(at)).and_then(|s| s.replicas.as_ref());
    replicas.is_none_or(|r| r.known().is_none_or(|r| r.trim() != "0"))
}

/// Containers of the project that ask for brokers, by the port of the node that they meet.
struct Callers<'m> {
    by_port: HashMap<(usize, u16), (String, Slice<'m>)>,
}

impl<'m> Callers<'m> {
    fn new(cx: &Context<'m>, cluster: &Cluster) -> Callers<'m> {
        let mut callers = Callers { by_port: HashMap::default() };
        for client in cluster.clients.iter().filter_map(|i| cx.model.clients.get(*i)) {
            let Some(at) = client.service else { continue };
            for (_, value) in &client.bootstrap {
                callers.add(cx, at, &client.name, value);
            }
        }
        for topic in cluster.topics.iter().filter_map(|i| cx.model.topics.get(*i)) {
            let (Some(at), Some(value)) = (topic.service, &topic.bootstrap) else { continue };
            let name = cx.places.service(at).map_or("", |s| s.name.as_str());
            callers.add(cx, at, name, value);
        }
        callers
    }

    fn add(&mut self, cx: &Context<'m>, at: ServiceRef, name: &str, value: &'m Text) {
        if !cx.places.has_own_container(at) {
            return;
        }
        for server in voter::bootstrap_servers(value.slice()) {
            let Some((host, port)) = server.address.and_then(|a| Some((a.host.known()?, a.port()?))) else {
                continue;
            };
            let mut add = |node: usize, port: u16| {
                let inside = cx.model.nodes.get(node).is_some_and(|n| n.service == Some(at));
                if !inside {
                    self.by_port.entry((node, port)).or_insert_with(|| (name.to_owned(), server.entry));
                }
            };
            match cx.places.resolve_from(Some(at), host) {
                Resolved::Node(node) => add(node, port),
                Resolved::Outside(host) => {
                    for node in cx.places.claimed(&host) {
                        if let Through::To(_, target) = cx.places.through(*node, port) {
                            add(*node, target);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// A container that meets `port` of `node`: its name, and where it says so.
    fn of(&self, node: usize, port: u16) -> Option<&(String, Slice<'m>)> {
        self.by_port.get(&(node, port))
    }
}

/// A name without dots: a container's, or one of the machine's own network.
fn is_plain(host: &str) -> bool {
    !host.contains('.') && !host.contains(':')
}
