//! KL132: an id that is no 16-byte UUID in URL-safe base64. `kafka-storage format` checks that up to 3.6.

use crate::cluster::{ClusterId, IdSource, IdValue, Node};
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::kafka::cluster_id;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            for id in &node.cluster_ids {
                judge(c, Some(node), node.versions, id, out);
            }
        }
        let versions = cx.nodes(cluster).fold(VersionSet::NONE, |all, (_, n)| all.or(n.versions));
        for id in &cluster.ids {
            judge(
                c,
                cx.nodes(cluster).next().map(|(_, n)| n).filter(|_| cluster.nodes.len() == 1),
                versions,
                id,
                out,
            );
        }
    }
}

fn judge(cluster: usize, node: Option<&Node>, versions: VersionSet, id: &ClusterId, out: &mut Sink) {
    if !matches!(id.source, IdSource::Variable | IdSource::Format) {
        return;
    }
    let IdValue::Known(text) = &id.value else { return };
    // What becomes of blanks around a variable, the image's scripts decide.
    let value = if id.source == IdSource::Variable { text.slice().trim() } else { text.slice() };
    let Some(known) = value.known() else { return };
    let Err(why) = cluster_id::canonical(known) else { return };
    let message = format!("the cluster id `{known}` is no base64 UUID: it {why}");
    let finding = Diagnostic::at(Code::KL132, value, message)
        .label("not a 16-byte UUID in URL-safe base64")
        .help(
            "kafka-storage format refuses such an id up to Kafka 3.6; later releases take any text as it is. Make one with \
             kafka-storage random-uuid and use it on every node.",
        )
        .cluster(cluster)
        .key("cluster.id");
    if !versions.meets(cluster_id::checking_releases()) {
        let finding = node.map_or(finding.clone(), |n| finding.node(&n.name));
        out.push(finding.severity(Severity::Info).effect(Effect::Hygiene, None));
        return;
    }
    match node {
        Some(node) => out.extend(refusal(node, cluster_id::checking_releases(), RefusedBy::Format, finding)),
        None if versions.within(cluster_id::checking_releases()) => out.push(finding),
        None => out.push(finding.severity(Severity::Warning)),
    }
}
