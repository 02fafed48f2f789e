//! KL602: variables that this image never reads.

use super::{entries, family_name, is_blank};
use crate::cluster::{Entry, IdSource, Node};
use crate::compose::Variable;
use crate::diagnostic::{Code, Diagnostic};
use crate::image::Family;
use crate::image::variable::{self, Dialect};
use crate::kafka::catalog::{self, Scope};
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, node, entry) in entries(cx) {
        let found = match node.image.family {
            Family::Bitnami => beside_file(node, entry),
            Family::FileOnly => beside_file(node, entry),
            Family::Apache | Family::ApacheNative | Family::ConfluentLocal => wrong_id(node, entry),
            _ => None,
        };
        out.extend(found.map(|f| f.cluster(c).node(&node.name)));
    }
}

/// Variables beside a mounted file, which is all that the node reads.
fn beside_file(node: &Node, entry: &Entry) -> Option<Diagnostic> {
    let bitnami = node.image.family == Family::Bitnami;
    let file = entry.file?;
    let dialects: &[Dialect] =
        if bitnami { &[Dialect::Bitnami] } else { &[Dialect::Bitnami, Dialect::Apache] };
    let key = |v: &Variable| {
        let keys = dialects.iter().filter_map(|d| variable::property(*d, v.name.as_str(), node.versions));
        keys.into_iter().find(|k| !catalog::defs(Scope::Server, k).is_empty())
    };
    // What agrees with the file does no harm.
    let differs = |key: &str, v: &Variable| {
        let value = v.value.as_ref();
        value.is_some_and(|v| {
            !v.slice().is_all_hole() && node.settings.get(key).is_none_or(|s| s.value.as_str() != v.as_str())
        })
    };
    let lost: Vec<(&Variable, String)> =
        entry.rest.iter().filter_map(|v| key(v).map(|k| (v, k))).filter(|(v, k)| differs(k, v)).collect();
    let ((first, key), more) = lost.split_first()?;
    let name = first.name.as_str();
    let what = match more.len() {
        0 => format!("{name} has no effect"),
        n => format!("{name} and {n} more have no effect"),
    };
    let message = if bitnami {
        format!("{what}: with a mounted server.properties the Bitnami image reads no variable")
    } else {
        format!("{what}: this image makes no settings of variables")
    };
    let mut finding = Diagnostic::at(Code::KL602, first.name.slice(), message)
        .label("ignored")
        .related(file, "the file that counts")
        .help("Put the settings into the file, or leave the file out. Two places for one setting mislead whoever changes one.")
        .key(key.as_str());
    for (variable, _) in more.iter().take(4) {
        finding = finding.related(variable.name.span(), "ignored too");
    }
    for (variable, key) in std::iter::once((first, key)).chain(more.iter().map(|(v, k)| (v, k))).take(5) {
        if let Some(set) = node.settings.get(key).filter(|_| variable.value.is_some()) {
            finding = finding.related_text(&set.value, "what counts");
        }
    }
    Some(finding)
}

/// The cluster id under the name of another image; this one takes its own fixed id.
fn wrong_id(node: &Node, entry: &Entry) -> Option<Diagnostic> {
    let default = node.cluster_ids.iter().any(|id| id.source == IdSource::Image);
    if !default || !entry.whole {
        return None;
    }
    let (name, value) = ["KAFKA_CLUSTER_ID", "KAFKA_KRAFT_CLUSTER_ID", "KAFKA_CFG_CLUSTER_ID"]
        .iter()
        .find_map(|n| node.variable(n))?;
    if is_blank(value) {
        return None;
    }
    let image = family_name(node.image.family);
    Some(
        Diagnostic::at(
            Code::KL602,
            name.slice(),
            format!("{} has no effect: {image} takes the cluster id from CLUSTER_ID", name.as_str()),
        )
        .label("not read as the cluster id")
        .help(format!(
            "Without CLUSTER_ID {image} formats every node with one and the same built-in id, and no other cluster that does so is \
             told from this one. Rename the variable to CLUSTER_ID; storage that is already formatted keeps the old id."
        ))
        .key("cluster.id"),
    )
}
