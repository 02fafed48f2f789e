//! KL134: a formatted directory that does not fit the node it belongs to.
//!
//! Sources: `BrokerMetadataCheckpoint` (up to 3.6), `MetaPropertiesEnsemble` (3.7 and later), and booted clusters.

use crate::cluster::{IdSource, IdValue, Meta, Node};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::list;
use crate::kafka::version::VersionSet;
use crate::rules::quorum::format_command;
use crate::rules::{Context, Sink, refusal};
use crate::source::Span;
use crate::text::Text;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            for (i, meta) in node.metas.iter().enumerate() {
                one(c, node, meta, out);
                for other in node.metas.iter().take(i) {
                    two(c, node, other, meta, out);
                }
            }
            // What is not formatted yet, such a command formats.
            let mends = node.formats.iter().any(|f| f.ignore_formatted.is_some());
            for dir in node.unformatted.iter().filter(|_| !mends) {
                missing(c, node, dir, out);
            }
        }
    }
}

fn is_v0(meta: &Meta) -> bool {
    meta.version.as_ref().is_none_or(|v| v.as_str().trim() == "0")
}

fn push(out: &mut Sink, cluster: usize, node: &Node, refusing: VersionSet, finding: Diagnostic) {
    // Where a format command in sight refuses the directory, it is told there.
    let refusing = refusing.without(format_command::notices(node));
    out.extend(refusal(node, refusing, RefusedBy::Broker, finding.cluster(cluster)));
}

fn one(c: usize, node: &Node, meta: &Meta, out: &mut Sink) {
    if !node.is_kraft() {
        return;
    }
    let start = Span { file: meta.file, start: 0, end: 0 };
    let help = "The directory was formatted for another node or cluster. Point the node at its own directory, or correct the setting. \
                Format a directory anew only if it holds no data.";
    // A file without any of its keys may be anything.
    let says = [&meta.version, &meta.node_id, &meta.broker_id].into_iter().any(Option::is_some);
    if meta.cluster_id.is_none() && says {
        push(
            out,
            c,
            node,
            VersionSet::all(),
            Diagnostic::new(Code::KL134, start, "meta.properties has no cluster.id")
                .label("cluster.id is missing")
                .help("Kafka refuses a directory without it. Add the cluster's id, or format the directory if it holds no data.")
                .key("cluster.id"),
        );
    }
    let v0 = is_v0(meta);
    let stored = if v0 { meta.broker_id.as_ref().or(meta.node_id.as_ref()) } else { meta.node_id.as_ref() };
    if let (Some(stored), Some(setting)) = (stored, node.id_setting())
        && let (Some(a), Some(b)) = (stored.known(), setting.value.known())
        && a.trim() != b.trim()
    {
        push(
            out,
            c,
            node,
            VersionSet::all(),
            Diagnostic::at(
                Code::KL134,
                stored.slice().trim(),
                format!(
                    "this directory belongs to node {}, but {} is node {}",
                    a.trim(),
                    node.name,
                    b.trim()
                ),
            )
            .label("stored when the directory was formatted")
            .related_value(setting.value.slice().trim(), "configured")
            .help(help)
            .key("node.id"),
        );
        return;
    }
    // A broker migrated from ZooKeeper keeps its version 0 file; 3.4 and later take it.
    if v0 && meta.broker_id.is_some() {
        let span = meta.version.as_ref().map_or(start, Text::span);
        push(
            out,
            c,
            node,
            VersionSet::before((3, 4, 0)),
            Diagnostic::new(Code::KL134, span, "meta.properties is of version 0, from ZooKeeper days")
                .label("KRaft nodes up to 3.3 want version 1")
                .help("Format the directory for KRaft, or run Kafka 3.4 or later.")
                .key("version"),
        );
    }
    let configured = node.cluster_ids.iter().find(|id| id.source == IdSource::Variable);
    // Bitnami's scripts take the id from the disk and pass over the variable.
    let configured = configured.filter(|_| node.image.family != crate::image::Family::Bitnami);
    if let (Some(stored), Some(id)) = (&meta.cluster_id, configured)
        && let (Some(a), IdValue::Known(value)) = (stored.known(), &id.value)
    {
        let wanted = value.known().map(str::trim);
        let canonical = wanted.and_then(|w| crate::kafka::cluster_id::canonical(w).ok());
        if wanted.is_some_and(|w| w != a.trim()) && canonical.as_deref() != Some(a.trim()) {
            // The format command that the image calls compares, not the starting node. What commands in sight say of a
            // directory, `format_command` tells.
            let finding = Diagnostic::at(
                Code::KL134,
                stored.slice().trim(),
                format!(
                    "this directory belongs to cluster {}, but {} is formatted for {}",
                    a.trim(),
                    node.name,
                    wanted.unwrap_or("")
                ),
            )
            .label("stored when the directory was formatted")
            .related_value(value.slice().trim(), super::source(id))
            .help(help)
            .cluster(c)
            .key("cluster.id");
            out.extend(refusal(node, VersionSet::since((3, 7, 0)), RefusedBy::Format, finding));
        }
    }
}

fn missing(c: usize, node: &Node, dir: &str, out: &mut Sink) {
    let keys = ["log.dirs", "log.dir", "metadata.log.dir"];
    let found = keys.iter().filter_map(|k| node.settings.get(k)).find_map(|s| {
        let element = list::filled(s.value.slice()).find(|e| e.as_str().trim_end_matches('/') == dir)?;
        Some((s.key(), element))
    });
    let Some((key, element)) = found else { return };
    let mut finding = Diagnostic::at(
        Code::KL134,
        element,
        format!("the log directory {dir} of {} is not formatted, though another one is", node.name),
    )
    .label("no meta.properties in it")
    .help("Kafka refuses to start while one of its log directories has no meta.properties. Format again with --ignore-formatted, or remove the directory from the list.")
    .key(key);
    if let Some(id) = node.metas.first().and_then(|m| m.cluster_id.as_ref()) {
        finding = finding.related_value(id.slice().trim(), "a formatted directory of the same node");
    }
    push(out, c, node, VersionSet::all(), finding);
}

fn two(c: usize, node: &Node, a: &Meta, b: &Meta, out: &mut Sink) {
    if let (Some(x), Some(y)) = (&a.cluster_id, &b.cluster_id)
        && let (Some(s), Some(t)) = (x.known(), y.known())
        && s.trim() != t.trim()
    {
        push(
            out,
            c,
            node,
            VersionSet::all(),
            Diagnostic::at(
                Code::KL134,
                y.slice().trim(),
                format!(
                    "two log directories of {} belong to different clusters, {} and {}",
                    node.name,
                    s.trim(),
                    t.trim()
                ),
            )
            .label("differs")
            .related_value(x.slice().trim(), "the other directory")
            .help("All directories of a node must be formatted with one cluster id.")
            .key("cluster.id"),
        );
    }
    if let (Some(x), Some(y)) = (&a.directory_id, &b.directory_id)
        && x.known().is_some_and(|s| Some(s.trim()) == y.known().map(str::trim))
    {
        push(
                out,
                c,
                node,
                VersionSet::since((3, 7, 0)),
                Diagnostic::at(
                    Code::KL134,
                    y.slice().trim(),
                    format!("two log directories of {} have the same directory.id", node.name),
                )
                .label("the same id")
                .related_value(x.slice().trim(), "the other directory")
                .help("One directory is a copy of the other. Remove directory.id from the copy; Kafka makes a new one at the next start.")
                .key("directory.id"),
            );
    }
}
