//! KL130: different cluster ids within a cluster.

use std::collections::BTreeMap;

use crate::cluster::{ClusterId, IdValue, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, join_names};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let versions = cx.nodes(cluster).fold(VersionSet::NONE, |all, (_, n)| all.or(n.versions));
        let mut given: Vec<(Option<&Node>, &ClusterId)> =
            cx.nodes(cluster).filter_map(|(_, n)| Some((Some(n), super::effective(n)?))).collect();
        given.extend(cluster.ids.iter().map(|id| (None, id)));
        let mut by_id: BTreeMap<String, Vec<(Option<&Node>, &ClusterId)>> = BTreeMap::new();
        for (node, id) in given {
            if let Some(text) = super::comparable(id, versions) {
                by_id.entry(text).or_default().push((node, id));
            }
        }
        if by_id.len() < 2 {
            continue;
        }
        // The id that most have is taken as meant.
        let Some(meant) = by_id.iter().max_by_key(|(_, v)| v.len()).map(|(id, _)| id.clone()) else {
            continue;
        };
        let odd: Vec<&(Option<&Node>, &ClusterId)> =
            by_id.iter().filter(|(id, _)| **id != meant).flat_map(|(_, v)| v).collect();
        let Some((node, id)) = odd.first() else { continue };
        let ids: Vec<&str> = by_id.keys().map(String::as_str).collect();
        let who = |node: &Option<&Node>, id: &ClusterId| {
            node.map_or_else(
                || super::source(id).to_owned(),
                |n| format!("{} ({})", n.name, super::source(id)),
            )
        };
        let message = format!(
            "the nodes of one cluster have {} different cluster ids: {}",
            ids.len(),
            join_names(&ids)
        );
        let mut finding = at(id, message)
            .label(format!("the id of {}", who(node, id)))
            .help(
                "A node with another id than the others is refused by them for ever (INCONSISTENT_CLUSTER_ID). Format every \
                 node with the same id; a directory that already holds another one must be formatted anew, or the id set \
                 to what it holds.",
            )
            .cluster(c)
            .key("cluster.id");
        for (node, id) in odd.iter().skip(1).copied().chain(by_id.get(&meant).into_iter().flatten()) {
            let text = format!("the id of {}", who(node, id));
            finding = match &id.value {
                IdValue::Known(value) => finding.related_value(value.slice().trim(), text),
                _ => finding.related(id.span, text),
            };
        }
        for (node, _) in by_id.values().flatten() {
            if let Some(node) = node {
                finding = finding.node(&node.name);
            }
        }
        out.push(finding);
    }
}

fn at(id: &ClusterId, message: String) -> Diagnostic {
    match &id.value {
        IdValue::Known(value) => Diagnostic::at(Code::KL130, value.slice().trim(), message),
        _ => Diagnostic::new(Code::KL130, id.span, message),
    }
}
