//! KL608: a service with one node id that runs more than once.

use crate::cluster::Node;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            out.extend(scaled(cx, node).map(|f| f.cluster(c)));
        }
    }
}

/// A service that runs more than once gives each of its containers the same environment.
fn scaled(cx: &Context<'_>, node: &Node) -> Option<Diagnostic> {
    let replicas = cx.places.service(node.service?)?.replicas.as_ref()?;
    let count: u32 = replicas.known()?.trim().parse().ok().filter(|n| *n > 1)?;
    let id = node.id()?;
    let setting = node.id_setting()?;
    let message = format!("node id {id} is used by all {count} containers of {}", node.name);
    let finding = Diagnostic::at(Code::KL608, setting.value.slice().trim(), message)
        .label("each container gets this id")
        .related_value(replicas.slice().trim(), format!("{count} containers of one service"))
        .help(
            "Every node of a cluster needs an id, listeners and a data directory of its own, and Compose gives all containers \
             of a service the same. Write one service for each node.",
        )
        .node(&node.name)
        .key(setting.key());
    Some(finding)
}
