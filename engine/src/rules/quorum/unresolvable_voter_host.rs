//! KL119: a voter host that no network of the project knows, though the voter is a node of the project.

use std::collections::BTreeMap;

use super::{Listed, leads_to};
use crate::cluster::{Cluster, Node, Resolved, Stack, Through};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::kafka::voter::Voter;
use crate::rules::address::in_one_project;
use crate::rules::{Context, Sink, join_names};

/// The entries of one spelling, with the lists they stand in.
type Hits<'c, 'm> = BTreeMap<String, Vec<(&'c Listed<'m>, Voter<'m>)>>;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters().filter(|(_, cluster)| in_one_project(cx, cluster)) {
        let mut hits: Hits<'_, '_> = BTreeMap::new();
        // Without these voters some list has no majority.
        let mut stopped = false;
        let owners = Owners::new(cx, cluster);
        for list in cx.listed() {
            let mut missing = 0;
            for voter in list.voters.iter() {
                let Some(host) = unresolvable(cx, list, &voter, &owners) else { continue };
                missing += 1;
                hits.entry(host).or_default().push((list, voter));
            }
            stopped |= missing * 2 >= list.voters.len() && missing > 0;
        }
        for (host, entries) in &hits {
            out.extend(finding(cx, host, entries, stopped, &owners).map(|f| f.cluster(c)));
        }
    }
}

/// The controllers of a cluster by their id; an id of several is nobody's.
struct Owners<'m> {
    by_id: BTreeMap<i32, Option<(usize, &'m Node)>>,
}

impl<'m> Owners<'m> {
    fn new(cx: &Context<'m>, cluster: &'m Cluster) -> Owners<'m> {
        let mut by_id: BTreeMap<i32, Option<(usize, &'m Node)>> = BTreeMap::new();
        for (i, node) in cx.nodes(cluster).filter(|(_, n)| n.is_controller()) {
            let Some(id) = node.id() else { continue };
            by_id.entry(id).and_modify(|o| *o = None).or_insert(Some((i, node)));
        }
        Owners { by_id }
    }

    fn of(&self, voter: &Voter<'_>) -> Option<(usize, &'m Node)> {
        *self.by_id.get(&voter.id?)?
    }
}

/// The host, if nothing in the project has this name. A voter without a node in the project may be another machine.
fn unresolvable(
    cx: &Context<'_>,
    list: &Listed<'_>,
    voter: &Voter<'_>,
    owners: &Owners<'_>,
) -> Option<String> {
    let project = list.node.service?.project;
    let (index, owner) = owners.of(voter)?;
    let inside = owner.service.is_some_and(|at| at.project == project);
    if !inside
        || list.node.stack != Stack::Container
        || owner.stack != Stack::Container
        || cx.places.on_shared_network(list.index)
    {
        return None;
    }
    let Resolved::Outside(host) = leads_to(&cx.places, list.index, voter) else { return None };
    // The name of the machine, perhaps: its port leads to the controller.
    let published = !matches!(cx.places.through(index, voter.port()?), Through::No);
    let plain = !host.contains('.') && !host.contains(':');
    (plain && !published && cx.places.is_nobodys(project, &host)).then_some(host)
}

fn finding(
    cx: &Context<'_>,
    host: &str,
    entries: &[(&Listed<'_>, Voter<'_>)],
    stopped: bool,
    owners: &Owners<'_>,
) -> Option<Diagnostic> {
    let (list, voter) = entries.first()?;
    let (_, owner) = owners.of(voter)?;
    let service = cx.places.service(owner.service?)?;
    let names: Vec<&str> = entries.iter().map(|(l, _)| l.node.name.as_str()).collect();
    let message = format!(
        "{} {} for voter {} at {host}, a name that nothing in the project has: node {} is the service {}",
        join_names(&names),
        if names.len() == 1 { "looks" } else { "look" },
        voter.id_text.as_str(),
        voter.id_text.as_str(),
        service.name.as_str()
    );
    let mut finding = Diagnostic::at(Code::KL119, voter.address.host, message)
        .label("no container finds this host")
        .related(service.name.span(), format!("node {} is here", voter.id_text.as_str()))
        .severity(if stopped { Severity::Error } else { Severity::Warning })
        .help(if stopped {
            "The name cannot be looked up (UnknownHostException), so these voters are never reached: there is no majority of \
             the others, or the brokers do not find their controller, and exit. Name the service."
        } else {
            "The name cannot be looked up (UnknownHostException), so this voter is never reached. The others are a majority, \
             with less to spare. Name the service."
        })
        .key("controller.quorum.voters");
    for name in service.container_name.iter().chain(&service.hostname) {
        finding = finding.related_text(name, "another name of it");
    }
    for (l, v) in entries {
        finding = finding.node(&l.node.name);
        if l.index != list.index {
            finding = finding.related_value(v.address.host, format!("and on {}", l.node.name));
        }
    }
    Some(finding)
}
