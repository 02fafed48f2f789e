//! KL240: a controller in a container whose peers are on other hosts, and whose controller port is not published under
//! the number that the voters name.

use crate::hash::HashSet;

use super::{Projects, project};
use crate::cluster::{Node, Resolved, Stack, is_local};
use crate::compose::Service;
use crate::diagnostic::{Code, Diagnostic};
use crate::kafka::address;
use crate::kafka::listener::Listener;
use crate::kafka::voter::{self, Voter};
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let projects = Projects::new(cx, cluster, |_| true);
        // Who has an id, and where.
        let homes = cx.nodes(cluster).filter_map(|(_, n)| Some((n.id()?, project(n)))).collect();
        for (i, node) in cx.nodes(cluster) {
            if node.stack != Stack::Container || !node.is_controller() {
                continue;
            }
            let Some(service) = node.service.and_then(|at| cx.places.service(at)) else { continue };
            if let Some(finding) = judge(cx, &projects, &homes, (i, node), service) {
                out.push(finding.cluster(c));
            }
        }
    }
}

/// The ids of nodes, each with the project of its node.
type Homes = HashSet<(i32, Option<usize>)>;

fn judge(
    cx: &Context<'_>,
    projects: &Projects,
    homes: &Homes,
    owner: (usize, &Node),
    service: &Service,
) -> Option<Diagnostic> {
    let (_, node) = owner;
    let listeners = node.controller_listeners()?;
    let first: &Listener<'_> = listeners.first()?;
    let target = first.port()?;
    let mapped = node.service.and_then(|at| cx.places.maps_ports(at)) != Some(false);
    if service.ports_open || !mapped || !peers_elsewhere(cx, projects, homes, owner) {
        return None;
    }
    // The address under which others look for this node, as its own list has it.
    let voters = node.voters().map(|(_, v)| v);
    let entry: Option<Voter<'_>> = node.id().and_then(|id| voters?.get(id));
    // A loopback entry says nothing about the way from outside.
    let entry = entry.filter(|v| !v.host().is_some_and(address::is_loopback));
    if voters.is_none() && node.settings.get("controller.quorum.bootstrap.servers").is_none() {
        return None;
    }
    if cx.places.on_shared_network(owner.0)
        && entry.is_some_and(|v| v.host().is_some_and(|h| !address::is_ip(h)))
    {
        return None;
    }
    let wanted = entry.and_then(|v| v.port()).unwrap_or(target);
    let tcp = || service.ports.iter().filter(|p| p.protocol == "tcp");
    // Where the voters' port leads somewhere else, that is KL117's.
    if tcp().any(|p| p.publishes(wanted)) {
        let right = tcp().find(|p| p.publishes(wanted))?;
        let local = is_local(right);
        if !local {
            return None;
        }
    }
    let other = tcp().find(|p| p.target.start <= target && target <= p.target.end);
    if other.is_some_and(|p| p.published_unknown) {
        return None;
    }
    let message = match other {
        Some(p) if is_local(p) => {
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
fn peers_elsewhere(cx: &Context<'_>, projects: &Projects, homes: &Homes, owner: (usize, &Node)) -> bool {
    let (index, node) = owner;
    let home = project(node);
    let other_project = projects.other(cx, node).is_some();
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
        || voters.iter().any(|v| {
            v.id != node.id()
                // A node of this project meets this one on their network, whatever it is called.
                && !v.id.is_some_and(|id| homes.contains(&(id, home)))
                && v.host().is_some_and(|h| {
                    // A plain name that nobody has may be a service that is missing; a dotted one is another machine.
                    matches!(cx.places.resolve(index, h), Resolved::Outside(host) if host.contains('.') || host.contains(':') || !cx.places.claimed(&host).is_empty() && !same_project(cx, &host, home))
                })
        })
}

fn same_project(cx: &Context<'_>, host: &str, home: Option<usize>) -> bool {
    let claimed = cx.places.claimed(host).iter().filter_map(|n| cx.model.nodes.get(*n));
    claimed.into_iter().all(|n| project(n) == home)
}
