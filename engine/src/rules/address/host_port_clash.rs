//! KL242: one port of a machine, wanted twice.
//!
//! Services of one project that run together publish it; nodes with the machine's own network listen on it; or both.

use std::collections::BTreeMap;

use crate::cluster::{Node, ServiceRef};
use crate::compose::{Port, Project, Service};
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::kafka::address;
use crate::rules::{Context, Sink};
use crate::text::Slice;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (p, project) in cx.model.projects.iter().enumerate() {
        of_project(cx, p, project, out);
    }
    for (c, cluster) in cx.clusters() {
        let mut hosts: BTreeMap<String, Ports<'_>> = BTreeMap::new();
        for (i, node) in cx.nodes(cluster) {
            let Some(host) = cx.places.machine(i) else { continue };
            let ports = hosts.entry(host).or_default();
            listens(ports, node, Who { node: Some(i), service: None, name: &node.name });
        }
        for ports in hosts.into_values() {
            tell(cx, &ports, out, Some(c));
        }
    }
}

/// The addresses that a socket takes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bind {
    /// All of both families.
    All,
    /// All of IPv4.
    AllV4,
    /// All of IPv6.
    AllV6,
    /// This address, or name.
    One(String),
}

impl Bind {
    fn new(host: &str) -> Bind {
        match host {
            "" => Bind::All,
            "0.0.0.0" => Bind::AllV4,
            "::" => Bind::AllV6,
            host if host.eq_ignore_ascii_case("localhost") => Bind::One("127.0.0.1".to_owned()),
            host => Bind::One(host.to_lowercase()),
        }
    }

    /// Is there surely an address that both take?
    fn meets(&self, other: &Bind) -> bool {
        let within = |all: &Bind, one: &Bind| match (all, one) {
            (Bind::All, _) => true,
            (Bind::AllV4, Bind::One(host)) => !host.contains(':'),
            (Bind::AllV6, Bind::One(host)) => host.contains(':'),
            _ => false,
        };
        self == other || within(self, other) || within(other, self)
    }
}

#[derive(Debug, Clone, Copy)]
struct Who<'m> {
    node: Option<usize>,
    service: Option<&'m Service>,
    name: &'m str,
}

/// Somebody who wants a port.
#[derive(Debug, Clone)]
struct Claim<'m> {
    who: Who<'m>,
    bind: Bind,
    value: Slice<'m>,
    /// It is published; else somebody listens on the machine itself.
    published: bool,
    /// Its network may not map ports, or a swarm may place it on another machine.
    in_doubt: bool,
}

/// Who wants which port, by protocol.
type Ports<'m> = BTreeMap<(u16, &'m str), Vec<Claim<'m>>>;

fn of_project(cx: &Context<'_>, p: usize, project: &Project, out: &mut Sink) {
    let mut ports: Ports<'_> = BTreeMap::new();
    for (s, service) in project.services.iter().enumerate() {
        let node = cx.places.node_of(ServiceRef { project: p, service: s });
        let replicas = service.replicas.as_ref().map(|r| r.known().map(str::trim));
        if replicas.is_some_and(|r| r.is_none_or(|r| r == "0")) {
            continue;
        }
        let who = Who { node, service: Some(service), name: service.name.as_str() };
        match service.network_mode.as_ref().map(|m| m.known().map(str::trim)) {
            None | Some(Some("bridge")) => {
                let leads = cx.places.maps_ports(ServiceRef { project: p, service: s });
                if leads == Some(false) {
                    continue;
                }
                for port in &service.ports {
                    publishes(&mut ports, port, who, leads.is_none());
                }
            }
            Some(Some("host")) => {
                if let Some(node) = node.and_then(|n| cx.model.nodes.get(n)) {
                    listens(&mut ports, node, who);
                }
            }
            _ => {}
        }
    }
    tell(cx, &ports, out, None);
}

/// A range for one port means any one of it; a long one is not looked into.
fn publishes<'m>(ports: &mut Ports<'m>, port: &'m Port, who: Who<'m>, unsure: bool) {
    let Some(published) = port.published.filter(|r| r.start == r.end && !port.host_ip_unknown) else {
        return;
    };
    let bind = port.host_ip.as_deref().map_or(Bind::All, Bind::new);
    let mode = port.long.as_ref().and_then(|l| l.mode.as_ref());
    let in_doubt = unsure || mode.is_some_and(|m| m.as_str().eq_ignore_ascii_case("host"));
    let claim = Claim { who, bind, value: port.text.slice(), published: true, in_doubt };
    ports.entry((published.start, port.protocol.as_str())).or_default().push(claim);
}

fn listens<'m>(ports: &mut Ports<'m>, node: &'m Node, who: Who<'m>) {
    let Some((_, all)) = node.listeners() else { return };
    for listener in all.iter() {
        let (Some(host), Some(port)) = (listener.host.known(), listener.port().filter(|p| *p != 0)) else {
            continue;
        };
        let bind = if address::is_wildcard(host) { Bind::All } else { Bind::new(host) };
        let claim = Claim { who, bind, value: listener.entry, published: false, in_doubt: false };
        ports.entry((port, "tcp")).or_default().push(claim);
    }
}

/// Do they run at the same time? `None` when that depends on a profile that only one of them needs.
fn together(a: Who<'_>, b: Who<'_>) -> Option<bool> {
    let (Some(x), Some(y)) = (a.service, b.service) else { return Some(true) };
    let names = |s: &Service| -> Vec<String> { s.profiles.iter().map(|p| p.as_str().to_owned()).collect() };
    let (x, y) = (names(x), names(y));
    match (x.is_empty(), y.is_empty()) {
        (true, true) => Some(true),
        (false, false) => Some(x.iter().any(|p| y.contains(p))),
        _ => None,
    }
}

fn tell(cx: &Context<'_>, ports: &Ports<'_>, out: &mut Sink, cluster: Option<usize>) {
    for ((port, _), claims) in ports {
        // Those after the first that meet an earlier one. Who meets nobody of the first few is let go.
        const FEW: usize = 16;
        let mut hits: Vec<(&Claim<'_>, &Claim<'_>)> = Vec::new();
        for (i, claim) in claims.iter().enumerate() {
            let earlier = claims.iter().take(i.min(FEW));
            let met =
                earlier.clone().find(|e| rivals(cx, e, claim) && together(e.who, claim.who) == Some(true));
            let met = met.or_else(|| {
                earlier.clone().find(|e| rivals(cx, e, claim) && together(e.who, claim.who).is_none())
            });
            hits.extend(met.map(|e| (e, claim)));
        }
        let is_node = |c: &Claim<'_>| c.who.node.is_some();
        if hits.iter().any(|(a, b)| is_node(a) || is_node(b)) {
            out.extend(clash(cx, *port, &hits, cluster));
        }
        for claim in claims.iter().filter(|c| c.published && is_node(c)) {
            out.extend(scaled(cx, *port, claim));
        }
    }
}

/// Do they want the same of the machine? A node's own two listeners on one port are another rule's.
fn rivals(cx: &Context<'_>, a: &Claim<'_>, b: &Claim<'_>) -> bool {
    let same = a.who.node.is_some() && a.who.node == b.who.node;
    if same && !(a.published && b.published) {
        return false;
    }
    let id = |c: &Claim<'_>| c.who.node.and_then(|n| cx.model.nodes.get(n)).and_then(Node::id);
    // Two stand-alone files with one id may be two versions of one node.
    let versions = a.who.service.is_none() && id(a).is_some() && id(a) == id(b);
    !versions && a.bind.meets(&b.bind)
}

fn clash(
    cx: &Context<'_>,
    port: u16,
    hits: &[(&Claim<'_>, &Claim<'_>)],
    cluster: Option<usize>,
) -> Option<Diagnostic> {
    let (first, second) = hits.iter().find(|(a, b)| a.who.node.is_some() || b.who.node.is_some())?;
    let title = |c: &Claim<'_>| match c.who.node.and_then(|n| cx.model.nodes.get(n)) {
        Some(node) => node.title(),
        None => c.who.name.to_owned(),
    };
    let does = |c: &Claim<'_>| if c.published { "publishes" } else { "listens on" };
    let own = first.who.node.is_some() && first.who.node == second.who.node;
    let message = match (own, first.published == second.published) {
        (true, _) => format!("{} publishes port {port} of the host twice", title(first)),
        (false, true) if first.published => {
            format!("{} and {} both publish port {port} of the host", title(first), title(second))
        }
        (false, true) => {
            format!("{} and {} both listen on port {port} of one host", title(first), title(second))
        }
        (false, false) => format!(
            "{} {} port {port} of the host, which {} {}",
            title(first),
            does(first),
            title(second),
            if second.published { "publishes too" } else { "listens on too" }
        ),
    };
    let by = if second.published { RefusedBy::Compose } else { RefusedBy::Broker };
    let sure = first.published == second.published
        && !(first.in_doubt || second.in_doubt)
        && together(first.who, second.who) == Some(true);
    let help = if first.published {
        "A port of a machine can be given to one container only. Compose stops at the second one: `Bind for 0.0.0.0 failed: \
         port is already allocated`. Publish another number there, or publish it on another address."
    } else {
        "The node that starts second stops: `Socket server failed to bind`, `Address already in use`. Give each node of a \
         machine ports of its own, and change the voter lists and advertised listeners that name them."
    };
    let mut finding = Diagnostic::at(Code::KL242, second.value, message)
        .label(format!("port {port} again"))
        .related_value(first.value, format!("port {port} of {}", title(first)))
        .severity(if sure { Severity::Error } else { Severity::Warning })
        .effect(Effect::RefusesStart, Some(by))
        .help(help)
        .key(if second.published { "ports" } else { "listeners" });
    for claim in [first, second] {
        if let Some(node) = claim.who.node.and_then(|n| cx.model.nodes.get(n)) {
            finding = finding.node(&node.name);
        }
    }
    for (_, claim) in hits.iter().filter(|(_, c)| c.value.span() != second.value.span()) {
        finding = finding.related_value(claim.value, format!("and of {}", title(claim)));
        if let Some(node) = claim.who.node.and_then(|n| cx.model.nodes.get(n)) {
            finding = finding.node(&node.name);
        }
    }
    let cluster = cluster.or_else(|| second.who.node.or(first.who.node).and_then(|n| cx.cluster_of(n)));
    Some(match cluster {
        Some(c) => finding.cluster(c),
        None => finding,
    })
}

/// All containers of a service want its fixed port. A swarm deals with that.
fn scaled(cx: &Context<'_>, port: u16, claim: &Claim<'_>) -> Option<Diagnostic> {
    let replicas = claim.who.service?.replicas.as_ref()?;
    let count: u32 = replicas.known()?.trim().parse().ok().filter(|n| *n > 1)?;
    let n = claim.who.node?;
    let node = cx.model.nodes.get(n)?;
    let finding = Diagnostic::at(
        Code::KL242,
        claim.value,
        format!("all {count} containers of {} publish port {port} of the host", node.name),
    )
    .label("one number for all of them")
    .related_value(replicas.slice().trim(), format!("{count} containers of one service"))
    .severity(Severity::Warning)
    .effect(Effect::RefusesStart, Some(RefusedBy::Compose))
    .help(
        "A port of a machine can be given to one container only: Compose starts the first one and stops at the second. Write \
         one service for each node, each with a port of its own.",
    )
    .node(&node.name)
    .key("ports");
    Some(match cx.cluster_of(n) {
        Some(c) => finding.cluster(c),
        None => finding,
    })
}
