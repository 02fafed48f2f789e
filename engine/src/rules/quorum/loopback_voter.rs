//! KL120: localhost among the voters of nodes that do not share a network stack.

use super::Listed;
use crate::cluster::Node;
use crate::diagnostic::{Code, Diagnostic};
use crate::kafka::address;
use crate::kafka::voter::Voter;
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let lists = cx.listed();
        let all: Vec<(usize, &Node)> = cx.nodes(cluster).collect();
        let mut hits: Vec<(&Listed<'_>, Voter<'_>)> = Vec::new();
        for list in lists {
            for voter in list.voters.iter().filter(|v| v.host().is_some_and(address::is_loopback)) {
                if is_elsewhere(cx, list, &voter, lists, &all) {
                    hits.push((list, voter));
                }
            }
        }
        let Some((list, voter)) = hits.first() else { continue };
        let host = voter.address.host.as_str();
        let mut finding = Diagnostic::at(
            Code::KL120,
            voter.entry,
            format!(
                "{} looks for voter {} on {host}, that is on itself, but the nodes of this cluster do not share a network stack",
                list.node.title(),
                voter.id_text.as_str()
            ),
        )
        .label("each node reads this as itself")
        .help(
            "Each node talks to itself, no common leader is elected and every node gives up; Kafka 4.3 \
             floods its log meanwhile. Name the controllers by addresses that every node can reach: service names within one \
             Compose network, host names or IP addresses between machines.",
        )
        .cluster(c)
        .key("controller.quorum.voters");
        let mut told: Vec<usize> = Vec::new();
        for (list, voter) in &hits {
            if told.contains(&list.index) {
                continue;
            }
            told.push(list.index);
            finding =
                finding.node(&list.node.name).related_value(voter.entry, format!("on {}", list.node.title()));
        }
        out.push(finding);
    }
}

fn is_elsewhere(
    cx: &Context<'_>,
    list: &Listed<'_>,
    voter: &Voter<'_>,
    lists: &[Listed<'_>],
    all: &[(usize, &Node)],
) -> bool {
    let me = (list.index, list.node);
    let apart = |other: (usize, &Node)| other.0 != me.0 && !cx.places.may_share_host(me.0, other.0);
    // Voters that all have one port cannot be on one host; one odd port of several is a slip, and KL117's or KL116's.
    let ports: Vec<Option<u16>> = list.voters.iter().map(|v| v.port()).collect();
    let one_port = ports.len() > 1 && ports.iter().all(|p| p.is_some() && *p == voter.port());
    if one_port && list.voters.iter().all(|v| v.host().is_some_and(address::is_loopback)) {
        return true;
    }
    let mine = voter.id.is_some() && voter.id == list.node.id();
    if !mine {
        return all.iter().any(|other| other.1.id().is_some() && other.1.id() == voter.id && apart(*other));
    }
    // Its own entry: right for a node alone. Wrong where the whole list is loopback and so is that of a node elsewhere.
    let only_loopback = |l: &Listed<'_>| l.voters.iter().all(|v| v.host().is_some_and(address::is_loopback));
    only_loopback(list) && lists.iter().any(|other| only_loopback(other) && apart((other.index, other.node)))
}
