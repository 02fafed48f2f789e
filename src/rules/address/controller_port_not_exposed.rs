//! KL240: a controller in a container whose peers are on other hosts, and whose controller port is not published under
//! the number that the voters name.

use crate::cluster::{Cluster, Node, Resolved, Stack};
use crate::compose::Service;
use crate::diagnostic::{Code, Diagnostic};
use crate::kafka::address;
use crate::kafka::listener::Listener;
use crate::kafka::voter::{self, Voter};
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (i, node) in cx.nodes(cluster) {
            if node.stack != Stack::Container || !node.is_controller() {
                continue;
            }
            let Some(service) = node.service.and_then(|at| cx.places.service(at)) else { continue };
            if let Some(finding) = judge(cx, cluster, (i, node), service) {
                out.push(finding.cluster(c));
            }
        }
    }
}

fn judge(
    cx: &Context<'_>,
    cluster: &Cluster,
    owner: (usize, &Node),
    service: &Service,
) -> Option<Diagnostic> {
    let (_, node) = owner;
    let listeners = node.controller_listeners()?;
    let first: &Listener<'_> = listeners.first()?;
    let target = first.port()?;
    if service.ports_open || !peers_elsewhere(cx, cluster, owner) {
        return None;
    }
    // The address under which others look for this node, as its own list has it.
    let voters = node.voters().map(|(_, v)| v);
    let entry: Option<Voter<'_>> = node.id().and_then(|id| voters.as_ref()?.get(id).copied());
    // A loopback entry says nothing about the way from outside.
    let entry = entry.filter(|v| !v.host().is_some_and(address::is_loopback));
    if voters.is_none() && node.settings.get("controller.quorum.bootstrap.servers").is_none() {
        return None;
    }
    if entry.is_some_and(|v| v.host().is_some_and(|h| is_overlay(cx, node, h))) {
        return None;
    }
    let wanted = entry.and_then(|v| v.port()).unwrap_or(target);
    let tcp = || service.ports.iter().filter(|p| p.protocol == "tcp");
    // Where the voters' port leads somewhere else, that is KL117's.
    if tcp().any(|p| p.publishes(wanted)) {
        let right = tcp().find(|p| p.publishes(wanted))?;
        let local = right.host_ip.as_deref().is_some_and(address::is_loopback);
        if !local {
            return None;
        }
    }
    let other = tcp().find(|p| p.target.start <= target && target <= p.target.end);
    if other.is_some_and(|p| p.published_unknown) {
        return None;
    }
    let message = match other {
        Some(p) if p.host_ip.as_deref().is_some_and(address::is_loopback) => {
            format!(
                "{} publishes its controller port {target} on loopback only, but its peers are on other hosts",
                node.title()
            )
        }
        Some(p) => match p.published.filter(|r| r.end != 0) {
            Some(range) => format!(
                "{} publishes its controller port {target} as {}, but its peers look for it at {wanted}",
                node.title(),
                range.start
            ),
            None => format!(
                "{} publishes its controller port {target} under a random number, but its peers look for it at {wanted}",
                node.title()
            ),
        },
        None => format!(
            "{} does not publish its controller port {target}, but its peers are on other hosts",
            node.title()
        ),
    };
    let mut finding = match (other, service.ports_key) {
        (Some(p), _) => Diagnostic::at(Code::KL240, p.text.slice(), message).label(
            match p.published.filter(|r| r.end != 0) {
                Some(range) => format!("reached from outside as {}", range.start),
                None => "the engine chooses the number".to_owned(),
            },
        ),
        (None, Some(key)) => {
            Diagnostic::new(Code::KL240, key, message).label(format!("no entry publishes {wanted}"))
        }
        (None, None) => Diagnostic::new(Code::KL240, service.name.span(), message).label("publishes no port"),
    };
    finding = finding
        .related_value(first.entry, "the controller listener")
        .help(format!(
            "The other controllers cannot reach this one: it stays out, and without a majority no cluster forms. Publish \
             the port under the number that the voters name: \"{wanted}:{target}\"."
        ))
        .node(&node.name)
        .key("ports")
        .key("controller.quorum.voters");
    if let Some(voter) = entry {
        finding = finding.related_value(voter.entry, "where its peers look for it");
    }
    Some(finding)
}

/// Is some other member of the cluster on another host: another project, or a voter at an address outside?
fn peers_elsewhere(cx: &Context<'_>, cluster: &Cluster, owner: (usize, &Node)) -> bool {
    let (index, node) = owner;
    let project = node.service.map(|s| s.project);
    let other_project = cx.nodes(cluster).any(|(i, n)| i != index && n.service.map(|s| s.project) != project);
    let Some((_, voters)) = node.voters() else {
        let servers = node.settings.get("controller.quorum.bootstrap.servers");
        let servers = servers.map(|s| voter::bootstrap_servers(s.value.slice())).unwrap_or_default();
        let outside = |host: &str| match cx.places.resolve(index, host) {
            Resolved::Outside(host) => !cx.places.claimed(&host).contains(&index) && host.contains('.'),
            _ => false,
        };
        return other_project
            || servers.iter().filter_map(|s| s.address?.host.known()).filter(|h| outside(h)).count() > 0;
    };
    other_project
        || voters.voters.iter().any(|v| {
            v.id != node.id()
                && v.host().is_some_and(|h| {
                    // A plain name that nobody has may be a service that is missing; a dotted one is another machine.
                    matches!(cx.places.resolve(index, h), Resolved::Outside(host) if host.contains('.') || host.contains(':') || !cx.places.claimed(&host).is_empty() && !same_project(cx, &host, project))
                })
        })
}

fn same_project(cx: &Context<'_>, host: &str, project: Option<usize>) -> bool {
    let claimed = cx.places.claimed(host).iter().filter_map(|n| cx.model.nodes.get(*n));
    claimed.into_iter().all(|n| n.service.map(|s| s.project) == project)
}

/// Nodes on an external network may reach each other by name without published ports.
fn is_overlay(cx: &Context<'_>, node: &Node, host: &str) -> bool {
    let Some(at) = node.service else { return false };
    let (Some(project), Some(service)) = (cx.model.projects.get(at.project), cx.places.service(at)) else {
        return false;
    };
    let shared = service
        .networks
        .iter()
        .any(|n| project.networks.iter().any(|m| m.shared && m.name.as_str() == n.name));
    shared && !address::is_ip(host)
}
