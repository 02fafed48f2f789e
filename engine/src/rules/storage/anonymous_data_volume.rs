//! KL611: data of a cluster that no volume with a name keeps.

use super::{Dir, Keeper, dirs, has_unknown_mount, keeper};
use crate::cluster::Node;
use crate::diagnostic::{Code, Diagnostic};
use crate::image::Family;
use crate::rules::image::service;
use crate::rules::{Context, Sink, join_names};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        // A single node without a volume is nearly always meant to be thrown away.
        if cluster.nodes.len() < 2 {
            continue;
        }
        let mut lost: Vec<(&Node, Dir, &'static str)> = Vec::new();
        let mut kept: Option<&Node> = None;
        for (_, node) in cx.nodes(cluster) {
            if matches!(node.image.family, Family::Wurstmeister | Family::Debezium) || !node.is_kraft() {
                continue;
            }
            let Some(service) = service(cx, node).filter(|s| !has_unknown_mount(s)) else { continue };
            let Some(dirs) = dirs(node) else { continue };
            let keepers: Vec<Keeper> = dirs.iter().map(|d| keeper(node, service, &d.path)).collect();
            if keepers.iter().all(|k| matches!(k, Keeper::Named)) {
                kept.get_or_insert(node);
            }
            let found = dirs.into_iter().zip(keepers).find_map(|(dir, k)| match k {
                Keeper::Anonymous | Keeper::Image => Some((dir, "in a volume without a name")),
                Keeper::Container => Some((dir, "in the container itself")),
                Keeper::Named | Keeper::Other => None,
            });
            lost.extend(found.map(|(dir, place)| (node, dir, place)));
        }
        // Where no node has a volume, the cluster is a trial.
        if kept.is_none() && !cx.settings.production {
            continue;
        }
        out.extend(finding(&lost, kept, cluster.nodes.len()).map(|f| f.cluster(c)));
    }
}

fn finding(lost: &[(&Node, Dir, &'static str)], kept: Option<&Node>, all: usize) -> Option<Diagnostic> {
    let ((first, dir, place), more) = lost.split_first()?;
    let names: Vec<&str> = lost.iter().map(|(n, _, _)| n.name.as_str()).collect();
    let keep = if more.is_empty() { "keeps its" } else { "keep their" };
    let mut finding = Diagnostic::new(
        Code::KL611,
        first.anchor,
        format!("{} {keep} data {place}: `docker compose down` loses them", join_names(&names)),
    )
    .label(format!("data in {}", dir.path))
    .help(format!(
        "After `docker compose down` and `up` the data are gone, and with them the node's vote and what its replicas held{}. Mount a volume \
         with a name, or a folder of the host, at the directory.",
        if lost.len() == all { "; here, those of all nodes" } else { "" }
    ))
    .key("log.dirs");
    if let Some(span) = dir.set {
        finding = finding.related(span, "the data go here");
    }
    for (node, _, _) in lost {
        finding = finding.node(&node.name);
        finding = finding.related(node.anchor, format!("data {place} too"));
    }
    if let Some(node) = kept {
        finding = finding.related(node.anchor, "here a volume keeps them");
    }
    Some(finding)
}
