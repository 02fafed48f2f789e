//! KL131: an image without a cluster id: it makes a random one for each node, or stops.

use crate::cluster::{MissingId, Node};
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy};
use crate::image::Family;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, join_names};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let lacking = |wanted: MissingId| -> Vec<&Node> {
            let nodes = cx.nodes(cluster).map(|(_, n)| n);
            nodes
                .filter(|n| {
                    n.missing_id == wanted && n.cluster_ids.is_empty() && n.is_kraft() && n.roles().is_some()
                })
                .collect()
        };
        for node in lacking(MissingId::Refused) {
            out.push(
                Diagnostic::new(Code::KL131, node.anchor, format!("{} has no CLUSTER_ID, without which its image does not start", node.name))
                    .label("CLUSTER_ID is not set")
                    .help("Set CLUSTER_ID to the same id on every node of the cluster (kafka-storage random-uuid makes one).")
                    .effect(Effect::RefusesStart, Some(RefusedBy::Image))
                    .node(&node.name)
                    .cluster(c)
                    .key("cluster.id"),
            );
        }
        let random = lacking(MissingId::Random);
        let several = cluster.nodes.len() > 1
            || random.iter().any(|n| n.voters().is_some_and(|(_, v)| v.len() > 1 || v.open));
        let Some(first) = random.first().filter(|_| several && cluster.ids.is_empty()) else { continue };
        let variable = variable(first);
        let names: Vec<&str> = random.iter().map(|n| n.name.as_str()).collect();
        let mut finding = Diagnostic::new(
            Code::KL131,
            first.anchor,
            format!(
                "no cluster id for {}: the image makes a random one on each node, and the nodes refuse each other",
                join_names(&names)
            ),
        )
        .label(format!("{variable} is not set"))
        .help(format!(
            "Nodes with different ids answer each other with INCONSISTENT_CLUSTER_ID and never form a cluster. Set \
             {variable} to the same id on every node (kafka-storage.sh random-uuid makes one), and start with empty volumes."
        ))
        .cluster(c)
        .key("cluster.id");
        for node in &random {
            finding = finding.node(&node.name);
            if !std::ptr::eq(*node, *first) {
                finding = finding.related(node.anchor, format!("nor on {}", node.name));
            }
        }
        out.push(finding);
    }
}

fn variable(node: &Node) -> &'static str {
    let late = node.versions.within(VersionSet::since((4, 0, 0)));
    match node.image.family {
        Family::Bitnami if late => "KAFKA_CLUSTER_ID",
        Family::Bitnami => "KAFKA_KRAFT_CLUSTER_ID",
        _ => "CLUSTER_ID",
    }
}
