//! KL117: the address of voter N is not a controller listener of node N.
//!
//! Only where all nodes agree on the entry; where they do not, KL116 speaks.

use super::{Listed, leads_to};
use crate::cluster::{Node, Resolved, Stack, Through};
use crate::diagnostic::{Code, Diagnostic};
use crate::kafka::address;
use crate::kafka::listener::Listener;
use crate::kafka::version::VersionSet;
use crate::kafka::voter::Voter;
use crate::rules::{Context, Sink};
use crate::text::{Same, Slice};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            out.extend(advertised(cx, node).map(|f| f.cluster(c)));
        }
        let lists = cx.listed();
        let mut done: Vec<i32> = Vec::new();
        for list in lists {
            for voter in list.voters.iter() {
                let Some(id) = voter.id else { continue };
                if done.contains(&id) || !agreed(lists, &voter) {
                    continue;
                }
                done.push(id);
                let mut owners = cx.nodes(cluster).filter(|(_, n)| n.id() == Some(id));
                let (Some(owner), None) = (owners.next(), owners.next()) else { continue };
                if !owner.1.is_controller() {
                    continue;
                }
                if let Some(finding) = judge(cx, c, lists, owner, id) {
                    out.push(finding);
                }
            }
        }
    }
}

/// A dynamic quorum hands out the address that the controller advertises (3.9 and later), whatever the bootstrap servers
/// say.
fn advertised(cx: &Context<'_>, node: &Node) -> Option<Diagnostic> {
    let dynamic =
        node.voters().is_none() && node.settings.get("controller.quorum.bootstrap.servers").is_some();
    if !dynamic || !node.is_controller() || !node.versions.meets(VersionSet::since((3, 9, 0))) {
        return None;
    }
    let (_, names) = node.controller_names()?;
    let (_, advertised) = node.advertised()?;
    let first = names.iter().next()?;
    let entry = advertised.iter().find(|l| l.name == first.as_str())?;
    let port = entry.port()?;
    let listeners = node.controller_listeners()?;
    let own = listeners.iter().find(|l| l.name == entry.name)?;
    let published = node.service.and_then(|at| cx.places.service(at));
    let reached = own.port()? == port
        || published.is_some_and(|s| {
            s.ports_open || s.ports.iter().any(|p| p.published_unknown || p.publishes(port))
        });
    if reached {
        return None;
    }
    Some(
        Diagnostic::at(
            Code::KL117,
            entry.entry,
            format!("{} advertises its controller listener at port {port}, but listens at {}", node.title(), own.port_text.as_str()),
        )
        .label("this address is handed to the brokers")
        .related_value(own.entry, "the controller listener")
        .help(
            "In a dynamic quorum the others learn a controller's address from the quorum itself: what it advertises. The \
             controller leads itself, and no broker ever registers. Advertise the port that the listener opens.",
        )
        .node(&node.name)
        .key("advertised.listeners")
        .key("listeners"),
    )
}

/// Do all lists that have this voter name the same address?
fn agreed(lists: &[Listed<'_>], voter: &Voter<'_>) -> bool {
    lists.iter().filter_map(|l| l.voters.get(voter.id?)).all(|v| {
        v.address.port.same(voter.address.port, false) != Same::No
            && v.address.host.same(voter.address.host, true) != Same::No
    })
}

/// The node that an entry is about, with what is asked of it for every list.
struct Owner<'m> {
    index: usize,
    node: &'m Node,
    /// Its controller listeners, at least one.
    listeners: Vec<Listener<'m>>,
    /// A controller listener names a host.
    is_bound: bool,
    /// The hosts that the node says are its own. What the controller listener binds says most; where it names no host,
    /// what the broker advertises.
    claims: Vec<&'m str>,
}

impl<'m> Owner<'m> {
    fn new((index, node): (usize, &'m Node)) -> Option<Owner<'m>> {
        let listeners = node.controller_listeners().filter(|all| !all.is_empty())?;
        let bound = named_hosts(&listeners);
        let is_bound = !bound.is_empty();
        let claims = if is_bound { bound } else { named_hosts(&all_listeners(node)) };
        Some(Owner { index, node, listeners, is_bound, claims })
    }
}

/// What is wrong with an address, and the value that shows it.
struct Fault<'m> {
    message: String,
    evidence: Vec<(Slice<'m>, String)>,
    key: &'static str,
}

fn judge(
    cx: &Context<'_>,
    cluster: usize,
    lists: &[Listed<'_>],
    owner: (usize, &Node),
    id: i32,
) -> Option<Diagnostic> {
    // The owner's own list is the place to change, if it has one.
    let shown = lists
        .iter()
        .find(|l| l.index == owner.0)
        .or_else(|| lists.iter().find(|l| l.voters.get(id).is_some()))?;
    let entry = shown.voters.get(id)?;
    let owner = Owner::new(owner)?;
    let fault = lists.iter().find_map(|list| fault(cx, lists, list, &list.voters.get(id)?, &owner))?;
    let mut finding = Diagnostic::at(Code::KL117, entry.entry, fault.message)
        .label(format!("where the others look for node {id}"))
        .help(
            "A controller is reached only under its address in the list. With one controller no broker ever registers; with \
             several it is a lottery at each election, and when this node wins, perhaps none registers. Make id, host and port of \
             the entry those of the node's controller listener.",
        )
        .node(&owner.node.name)
        .cluster(cluster)
        .key("controller.quorum.voters")
        .key(fault.key)
        .key("controller.listener.names");
    for (value, message) in fault.evidence {
        finding = finding.related_value(value, message);
    }
    for list in lists.iter().filter(|l| l.index != shown.index) {
        if let Some(voter) = list.voters.get(id) {
            finding = finding
                .related_value(voter.entry, format!("so says {}", list.node.name))
                .node(&list.node.name);
        }
    }
    Some(finding)
}

fn fault<'m>(
    cx: &Context<'m>,
    lists: &[Listed<'m>],
    list: &Listed<'m>,
    voter: &Voter<'m>,
    owner: &Owner<'m>,
) -> Option<Fault<'m>> {
    let id = voter.id?;
    match leads_to(&cx.places, list.index, voter) {
        Resolved::Node(n) if n != owner.index => {
            let other = cx.model.nodes.get(n)?;
            let id_setting = owner.node.id_setting()?;
            Some(Fault {
                message: format!(
                    "the voter list looks for node {id} at {}, but that is {}; node {id} is {}",
                    voter.host()?,
                    other.title(),
                    owner.node.name
                ),
                evidence: vec![(id_setting.value.slice().trim(), format!("node {id} is here"))],
                key: "node.id",
            })
        }
        Resolved::Node(_) => port(voter, owner, list.index != owner.index),
        // By its own name a node reaches its own address, not its loopback.
        Resolved::Own if list.index == owner.index => {
            port(voter, owner, !voter.host().is_some_and(address::is_loopback))
        }
        // Loopback of another stack is KL120's.
        Resolved::Own => {
            cx.places.may_share_host(list.index, owner.index).then(|| port(voter, owner, false)).flatten()
        }
        Resolved::Outside(host) => {
            let claims = &owner.claims;
            let is_mine = claims.iter().any(|c| c.eq_ignore_ascii_case(&host));
            let claimed_by_me = !owner.is_bound && cx.places.claimed(&host).contains(&owner.index);
            // Proof that the host is another voter's: the node says it is at that one's address.
            let elsewhere = || {
                lists.iter().flat_map(|l| l.voters.iter()).find(|v| {
                    v.id != voter.id
                        && v.host().is_some_and(|h| claims.iter().any(|c| c.eq_ignore_ascii_case(h)))
                })
            };
            if let Some(theirs) = if is_mine || claimed_by_me { None } else { elsewhere() } {
                let shown = theirs.host()?;
                let advertised = host_of(owner.node, shown)?;
                return Some(Fault {
                    message: format!(
                        "the voter list looks for node {id} at {host}, but {} with that id is at {shown}, the address of voter {}",
                        owner.node.name,
                        theirs.id_text.as_str()
                    ),
                    evidence: vec![
                        (advertised, format!("node {id} is at {shown}")),
                        (owner.node.id_setting()?.value.slice().trim(), format!("this is node {id}")),
                    ],
                    key: "node.id",
                });
            }
            match &owner.node.stack {
                Stack::Container => published(cx, voter, owner),
                Stack::Unknown | Stack::Of(_) => None,
                _ => port(voter, owner, true),
            }
        }
        Resolved::OtherService | Resolved::Unknown => None,
    }
}

/// What the node advertises, then what it opens.
fn all_listeners(node: &Node) -> Vec<Listener<'_>> {
    node.advertised().into_iter().chain(node.listeners()).flat_map(|(_, l)| l.iter()).collect()
}

/// The hosts that listeners name, but for those that mean every interface or the machine itself.
fn named_hosts<'m>(listeners: &[Listener<'m>]) -> Vec<&'m str> {
    listeners
        .iter()
        .filter_map(|l| l.host.known())
        .filter(|h| !address::is_wildcard(h) && !address::is_loopback(h))
        .collect()
}

fn host_of<'m>(node: &'m Node, host: &str) -> Option<Slice<'m>> {
    all_listeners(node).into_iter().find(|l| l.host.as_str().eq_ignore_ascii_case(host)).map(|l| l.entry)
}

/// The port, and where peers come from outside the bind address too.
fn port<'m>(voter: &Voter<'m>, owner: &Owner<'m>, from_outside: bool) -> Option<Fault<'m>> {
    let (id, wanted) = (voter.id?, voter.port()?);
    let listeners = &owner.listeners;
    if listeners.iter().any(|l| l.port().is_none() || l.port() == Some(0)) {
        return None;
    }
    let evidence = || {
        listeners
            .iter()
            .map(|l| (l.entry, format!("the controller listener of node {id}")))
            .collect::<Vec<_>>()
    };
    match listeners.iter().find(|l| l.port() == Some(wanted)) {
        None => {
            let broker = owner.node.broker_listeners().unwrap_or_default();
            let hit = broker.iter().find(|l| l.port() == Some(wanted));
            let what = match hit {
                Some(l) => format!("that is its broker listener {}", l.name),
                None => "it does not listen there".to_owned(),
            };
            let ports: Vec<String> =
                listeners.iter().filter_map(|l| l.port().map(|p| p.to_string())).collect();
            let message = format!(
                "the voter list looks for node {id} at port {wanted}, but {what}: the controller listener of {} is at {}",
                owner.node.name,
                ports.join(", ")
            );
            let mut evidence = evidence();
            evidence.extend(hit.map(|l| (l.entry, "this serves clients, not the quorum".to_owned())));
            Some(Fault { message, evidence, key: "listeners" })
        }
        Some(l) if from_outside && l.host().is_some_and(address::is_loopback) => Some(Fault {
            message: format!(
                "the voter list looks for node {id} at {}:{wanted}, but {} listens there on {} only, where nobody else reaches it",
                voter.address.host.as_str(),
                owner.node.name,
                l.host.as_str()
            ),
            evidence: vec![(l.entry, "bound to loopback".to_owned())],
            key: "listeners",
        }),
        Some(_) => None,
    }
}

/// A container that peers reach through a published port: where that leads. No published port at all is KL240's.
fn published<'m>(cx: &Context<'m>, voter: &Voter<'m>, owner: &Owner<'m>) -> Option<Fault<'m>> {
    let (id, wanted) = (voter.id?, voter.port()?);
    let listeners = &owner.listeners;
    let Through::To(port, target) = cx.places.through(owner.index, wanted) else { return None };
    if listeners.iter().any(|l| l.port().is_none()) {
        return None;
    }
    if listeners.iter().any(|l| l.port() == Some(target)) {
        return None;
    }
    let broker = owner.node.broker_listeners()?;
    let what = match broker.iter().find(|l| l.port() == Some(target)) {
        Some(l) => format!("that is its broker listener {}", l.name),
        None => "nothing listens there".to_owned(),
    };
    let mut evidence = vec![(port.text.slice(), format!("leads to port {target} of the container"))];
    evidence.extend(listeners.iter().map(|l| (l.entry, format!("the controller listener of node {id}"))));
    Some(Fault {
        message: format!(
            "the voter list looks for node {id} at port {wanted}, which leads to port {target} of {}: {what}",
            owner.node.name
        ),
        evidence,
        key: "listeners",
    })
}
