//! KL101: one id on two nodes of a cluster. Brokers and controllers share one name space.

use std::collections::BTreeMap;

use crate::cluster::{Node, Resolved};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::{Context, Sink, join_names};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let mut by_id: BTreeMap<i32, Vec<(usize, &Node)>> = BTreeMap::new();
        for (i, node) in cx.nodes(cluster) {
            let Some(id) = node.id() else { continue };
            by_id.entry(id).or_default().push((i, node));
        }
        for (id, nodes) in by_id {
            let rivals = rivals(cx, &nodes);
            if rivals.len() > 1 {
                out.push(finding(cx, c, id, &rivals));
            }
        }
    }
}

/// Those of the nodes that run at the same time: services of different profiles are alternatives.
fn rivals<'m>(cx: &Context<'m>, nodes: &[(usize, &'m Node)]) -> Vec<(usize, &'m Node)> {
    nodes
        .iter()
        .copied()
        .filter(|a| nodes.iter().any(|b| a.0 != b.0 && cx.places.together(a.0, b.0)))
        .collect()
}

fn finding(cx: &Context<'_>, cluster: usize, id: i32, nodes: &[(usize, &Node)]) -> Diagnostic {
    // The one that the voter list means by this id is right; the first of the others is shown.
    let meant = nodes.iter().position(|(i, node)| {
        let Some((_, voters)) = node.voters() else { return false };
        let Some(voter) = voters.get(id) else { return false };
        match voter.host().map(|h| cx.places.resolve(*i, h)) {
            Some(Resolved::Own) => !voter.host().is_some_and(crate::kafka::address::is_loopback),
            Some(Resolved::Outside(host)) => cx.places.claimed(&host).contains(i),
            _ => false,
        }
    });
    let wrong = (0..nodes.len()).find(|i| Some(*i) != meant && (meant.is_some() || *i > 0)).unwrap_or(0);
    let names: Vec<&str> = nodes.iter().map(|(_, n)| n.name.as_str()).collect();
    let message =
        format!("node id {id} is used by {} nodes of one cluster: {}", nodes.len(), join_names(&names));
    let Some((_, node)) = nodes.get(wrong) else {
        return Diagnostic::new(Code::KL101, nodes_anchor(nodes), message);
    };
    let mut finding = match node.id_setting() {
        Some(setting) => {
            Diagnostic::at(Code::KL101, setting.value.slice().trim(), message).key(setting.key())
        }
        None => Diagnostic::new(Code::KL101, node.anchor, message).key("node.id"),
    };
    finding = finding
        .label(format!("id {id} of {}", node.name))
        .help(
            "Every node of a cluster needs an id of its own, brokers and controllers alike. With one id twice one of the \
             two is thrown out, and from Kafka 3.9 two controllers with one id keep the whole cluster from forming. Give \
             each node its own node.id, and list the controllers under these ids in controller.quorum.voters.",
        )
        .node(&node.name)
        .cluster(cluster);
    for (i, (_, other)) in nodes.iter().enumerate() {
        if i == wrong {
            continue;
        }
        finding = finding.node(&other.name);
        finding = match other.id_setting() {
            Some(s) => {
                finding.related_value(s.value.slice().trim(), format!("the same id {id} on {}", other.name))
            }
            None => finding.related(other.anchor, format!("{} has id {id} by default", other.name)),
        };
    }
    finding
}

fn nodes_anchor(nodes: &[(usize, &Node)]) -> crate::source::Span {
    nodes
        .first()
        .map_or(crate::source::Span { file: crate::source::FileId(0), start: 0, end: 0 }, |(_, n)| n.anchor)
}
