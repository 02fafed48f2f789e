//! Cluster ids and formatted directories.

pub(super) mod cluster_id_mismatch;
pub(super) mod invalid_cluster_id;
pub(super) mod missing_cluster_id;
pub(super) mod random_cluster_id;
pub(super) mod stale_meta_properties;

use crate::cluster::{ClusterId, IdSource, IdValue, Node};
use crate::kafka::cluster_id;
use crate::kafka::version::VersionSet;

/// Who says it, for a reader.
pub(super) fn source(id: &ClusterId) -> &'static str {
    match id.source {
        IdSource::Variable => "the environment",
        IdSource::Image => "the image's default",
        IdSource::Format => "the format command",
        IdSource::Meta => "meta.properties",
    }
}

/// The id as it is compared: releases up to 3.6 store the canonical form.
pub(super) fn comparable(id: &ClusterId, versions: VersionSet) -> Option<String> {
    let IdValue::Known(text) = &id.value else { return None };
    let text = text.known()?.trim();
    if id.source != IdSource::Meta && versions.meets(cluster_id::checking_releases()) {
        return Some(cluster_id::canonical(text).unwrap_or_else(|_| text.to_owned()));
    }
    Some(text.to_owned())
}

/// The id that a node ends up with: what its disk says, else what it is formatted with.
pub(super) fn effective(node: &Node) -> Option<&ClusterId> {
    let of = |source: IdSource| node.cluster_ids.iter().find(|id| id.source == source);
    of(IdSource::Meta)
        .or_else(|| of(IdSource::Format))
        .or_else(|| of(IdSource::Variable))
        .or_else(|| of(IdSource::Image))
}
