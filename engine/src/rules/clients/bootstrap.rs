//! KL801, KL802: bootstrap servers that are no broker's listener, or a controller's.

use crate::cluster::{Client, Cluster, Node, Resolved, Stack, Through};
use crate::diagnostic::{Code, Diagnostic};
use crate::kafka::listener::Listener;
use crate::kafka::voter::{self, Server};
use crate::rules::{Context, Sink};
use crate::text::{Slice, Text};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for client in cluster.clients.iter().filter_map(|i| cx.model.clients.get(*i)) {
            for (key, value) in &client.bootstrap {
                for finding in one(cx, cluster, client, key, value) {
                    out.push(finding.cluster(c));
                }
            }
        }
    }
}

/// Where an entry leads.
enum Hit<'m> {
    Broker,
    Controller(&'m Node),
    /// A node, but no listener of it.
    NoListener(&'m Node),
    /// No node of this cluster.
    Nobody,
    Unknown,
}

fn one<'m>(
    cx: &Context<'m>,
    cluster: &'m Cluster,
    client: &Client,
    key: &Text,
    value: &Text,
) -> Vec<Diagnostic> {
    let servers = voter::bootstrap_servers(value.slice());
    let hits: Vec<(Server<'_>, Hit<'_>)> =
        servers.into_iter().map(|s| (s, hit(cx, cluster, client, &s))).collect();
    let mut out = Vec::new();
    for (server, hit) in &hits {
        if let Hit::Controller(node) = hit {
            let mut finding = Diagnostic::at(
                Code::KL802,
                server.entry,
                format!("{} connects to the controller listener of {}", client.name, node.title()),
            )
            .label("serves the quorum, not clients")
            .help(
                "Producers and consumers fail there at once (UnsupportedVersionException), older admin clients time out. Name \
                 the brokers' listener.",
            )
            .key(key.as_str())
            .node(&node.name);
            for listener in node.controller_listeners().unwrap_or_default() {
                finding = finding.related_value(listener.entry, "the controller listener");
            }
            for listener in node.broker_listeners().unwrap_or_default().iter().take(1) {
                finding = finding.related_value(listener.entry, "clients belong here");
            }
            out.push(finding);
        }
    }
    let wrong = |h: &Hit<'_>| matches!(h, Hit::NoListener(_) | Hit::Nobody);
    if !hits.is_empty() && hits.iter().all(|(_, h)| wrong(h)) {
        let Some((server, first)) = hits.first() else { return out };
        let message = match first {
            Hit::NoListener(node) => {
                let port = server.address.map_or("", |a| a.port.as_str());
                format!(
                    "{} connects to port {port} of {}, where no listener answers",
                    client.name,
                    node.title()
                )
            }
            _ => format!(
                "{} connects to `{}`, which is no listener of the brokers here",
                client.name,
                server.entry.as_str()
            ),
        };
        let mut finding = Diagnostic::at(Code::KL801, server.entry, message)
            .label("no broker here answers")
            .help(
                "If the client is meant for this cluster it waits for a broker that never answers. Name the listeners that \
                 the brokers advertise. If it is meant for another cluster, ignore this.",
            )
            .key(key.as_str());
        for (_, node) in cx.nodes(cluster).filter(|(_, n)| n.is_broker()).take(4) {
            let setting =
                node.settings.get("advertised.listeners").or_else(|| node.settings.get("listeners"));
            if let Some(s) = setting {
                finding = finding
                    .related_value(s.value.slice().trim(), format!("the listeners of {}", node.title()));
            }
        }
        out.push(finding);
    }
    out
}

fn hit<'m>(cx: &Context<'m>, cluster: &'m Cluster, client: &Client, server: &Server<'_>) -> Hit<'m> {
    let Some(address) = server.address else { return Hit::Unknown };
    let (Some(host), Some(port)) = (address.host.known(), address.port()) else { return Hit::Unknown };
    match cx.places.resolve_from(client.service, host) {
        Resolved::Node(n) => match cx.model.nodes.get(n) {
            Some(node) => on_port(node, port),
            None => Hit::Unknown,
        },
        Resolved::Outside(host) => {
            let claimed = cx.places.claimed(&host).iter();
            let claimed: Vec<(usize, &Node)> =
                claimed.filter_map(|n| cx.model.nodes.get(*n).map(|node| (*n, node))).collect();
            if claimed.is_empty() {
                return if may_judge(cx, cluster, client) { Hit::Nobody } else { Hit::Unknown };
            }
            let mut hits: Vec<Hit<'m>> = claimed.iter().map(|at| outside(cx, *at, port)).collect();
            if client.service.is_none() {
                // A file may be read inside the network too, where the container's own ports count.
                hits.extend(claimed.iter().map(|(_, node)| on_port(node, port)));
                if claimed.iter().any(|(_, n)| n.service.is_some()) {
                    return match best(hits) {
                        Hit::NoListener(_) | Hit::Nobody => Hit::Unknown,
                        hit => hit,
                    };
                }
            }
            best(hits)
        }
        Resolved::Own if client.service.is_none() => {
            // A file on some host: any node that may be there.
            let nodes = cx.nodes(cluster).filter(|(_, n)| n.stack != Stack::Unknown);
            match best(nodes.map(|at| outside(cx, at, port)).collect()) {
                Hit::NoListener(_) | Hit::Nobody => Hit::Unknown,
                hit => hit,
            }
        }
        // Inside a container of its own localhost is the client itself.
        Resolved::Own if client.service.is_some_and(|at| cx.places.has_own_container(at)) => Hit::Nobody,
        // A proxy, another product, or the client's own stack.
        Resolved::Own | Resolved::OtherService | Resolved::Unknown => Hit::Unknown,
    }
}

/// Can an address that nobody claims be called nobody's? Not where a client's file lies beside containers: it may be
/// meant for anything.
fn may_judge(cx: &Context<'_>, cluster: &Cluster, client: &Client) -> bool {
    let containers = cx.nodes(cluster).any(|(_, n)| n.service.is_some());
    all_known(cx, cluster) && !(client.service.is_none() && containers)
}

/// Are the addresses of all brokers known, so that an address nobody claims is surely nobody's?
fn all_known(cx: &Context<'_>, cluster: &Cluster) -> bool {
    let mut brokers = cx.nodes(cluster).filter(|(_, n)| n.is_broker()).peekable();
    brokers.peek().is_some()
        && brokers.all(|(_, n)| {
            n.advertised().is_some_and(|(s, l)| {
                !s.value.slice().has_hole()
                    && l.iter().any(|l| {
                        l.host().is_some_and(|h| {
                            !crate::kafka::address::is_loopback(h) && !crate::kafka::address::is_wildcard(h)
                        })
                    })
            })
        })
}

fn best(hits: Vec<Hit<'_>>) -> Hit<'_> {
    let rank = |h: &Hit<'_>| match h {
        Hit::Broker => 0,
        Hit::Unknown => 1,
        Hit::Controller(_) => 2,
        Hit::NoListener(_) => 3,
        Hit::Nobody => 4,
    };
    hits.into_iter().min_by_key(rank).unwrap_or(Hit::Nobody)
}

/// A port inside the node's network stack.
fn on_port(node: &Node, port: u16) -> Hit<'_> {
    let Some((_, listeners)) = node.listeners() else { return Hit::Unknown };
    if listeners.open || listeners.iter().any(|l| l.port().is_none() || l.port() == Some(0)) {
        return Hit::Unknown;
    }
    let names = node.controller_names().map(|(_, names)| names).unwrap_or_default();
    if names.iter().any(Slice::has_hole) {
        return Hit::Unknown;
    }
    let is_quorum = |l: &Listener<'_>| names.iter().any(|n| n.as_str().eq_ignore_ascii_case(l.name));
    let mut hit = Hit::NoListener(node);
    for listener in listeners.iter().filter(|l| l.port() == Some(port)) {
        if !is_quorum(&listener) {
            return Hit::Broker;
        }
        hit = Hit::Controller(node);
    }
    hit
}

/// A port of the node's host, seen from outside.
fn outside<'m>(cx: &Context<'m>, (index, node): (usize, &'m Node), port: u16) -> Hit<'m> {
    match cx.places.through(index, port) {
        Through::Direct => on_port(node, port),
        Through::To(_, target) => on_port(node, target),
        // Not published by this service; something before it may be.
        Through::No => Hit::NoListener(node),
        Through::Unknown => Hit::Unknown,
    }
}
