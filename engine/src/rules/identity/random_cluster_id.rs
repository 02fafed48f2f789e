//! KL133: a new cluster id at each format command.

use crate::cluster::{ClusterId, IdValue, Node};
use crate::compose::MountSource;
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy};
use crate::kafka::version::VersionSet;
use crate::order;
use crate::rules::{Context, Sink, refusal};
use crate::source::Span;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let is_random = |id: &&ClusterId| matches!(id.value, IdValue::Random);
        let mut random: Vec<(Option<&Node>, Span)> = Vec::new();
        for (_, node) in cx.nodes(cluster) {
            random.extend(node.cluster_ids.iter().filter(is_random).map(|id| (Some(node), id.span)));
        }
        random.extend(cluster.ids.iter().filter(is_random).map(|id| (None, id.span)));
        let Some((node, span)) = random.first().copied() else { continue };
        // One variable that holds a random id and is used for all is one id.
        let mut places: Vec<Span> = random.iter().map(|r| r.1).collect();
        order::sort(&mut places);
        places.dedup();
        let own_each = random.iter().filter(|(n, _)| n.is_some_and(|n| n.service.is_some())).count();
        if places.len() > 1 || own_each > 1 {
            let mut finding = Diagnostic::new(
                Code::KL133,
                span,
                "each of several nodes is formatted with a random cluster id of its own",
            )
            .label("a new id each time")
            .help(
                "Nodes with different ids refuse each other (INCONSISTENT_CLUSTER_ID). Make one id with kafka-storage \
                 random-uuid, once, and give that id to every node.",
            )
            .cluster(c)
            .key("cluster.id");
            for (node, span) in &random {
                finding = finding.related(*span, "another one here");
                if let Some(node) = node {
                    finding = finding.node(&node.name);
                }
            }
            out.push(finding);
            continue;
        }
        let Some(node) = node.filter(|n| keeps_data(cx, n)) else { continue };
        let finding = Diagnostic::new(
            Code::KL133,
            span,
            format!("{} is formatted with a new random id at each start, but its disk is kept", node.name),
        )
        .label("a new id at each start")
        .help(
            "At the second start the id no longer fits the one on the disk, and format stops. Write a fixed id, made once \
             with kafka-storage random-uuid.",
        )
        .cluster(c)
        .key("cluster.id")
        .effect(Effect::RefusesStart, Some(RefusedBy::Format));
        out.extend(refusal(node, VersionSet::since((3, 7, 0)), RefusedBy::Format, finding));
    }
}

/// Is something that outlives the container mounted where the node keeps its data?
fn keeps_data(cx: &Context<'_>, node: &Node) -> bool {
    let Some(service) = node.service.and_then(|at| cx.places.service(at)) else { return false };
    let Some(dirs) = node.lookup("log.dirs").known().or_else(|| node.lookup("log.dir").known()) else {
        return false;
    };
    dirs.split(',').map(str::trim).any(|dir| {
        service.mounts.iter().any(|m| {
            let target = m.target.as_str().trim_end_matches('/');
            let kept = matches!(m.source, MountSource::Volume(_) | MountSource::Bind(..));
            kept && !target.is_empty() && crate::source::path::is_below(dir, target)
        })
    })
}
