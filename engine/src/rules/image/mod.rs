//! What images make of their variables, and images themselves.

pub(super) mod advertised_on_controller;
pub(super) mod discarded_defaults;
pub(super) mod ignored_variable;
pub(super) mod image_without_kraft;
pub(super) mod missing_variable;
pub(super) mod reference;
pub(super) mod refused_variable;
pub(super) mod wrong_variable_prefix;

use crate::cluster::{Entry, Node, Setting};
use crate::compose::Service;
use crate::image::Family;
use crate::rules::Context;
use crate::text::{HOLE, Text};

/// The nodes that are looked at whose image's own entrypoint runs undisturbed, each with its cluster.
pub(super) fn entries<'m>(cx: &Context<'m>) -> impl Iterator<Item = (usize, &'m Node, &'m Entry)> {
    let nodes: Vec<_> = cx
        .clusters()
        .flat_map(|(c, cluster)| cx.nodes(cluster).map(move |(_, node)| (c, node)))
        .filter_map(|(c, node)| Some((c, node, node.entry.as_deref()?)))
        .collect();
    nodes.into_iter()
}

/// The service of a node.
pub(super) fn service<'m>(cx: &Context<'m>, node: &Node) -> Option<&'m Service> {
    let at = node.service?;
    cx.model.projects.get(at.project)?.services.get(at.service)
}

/// The image that a node names.
pub(super) fn image<'m>(cx: &Context<'m>, node: &Node) -> Option<&'m Text> {
    service(cx, node)?.image.as_ref()
}

/// How the image is called in a sentence.
pub(super) fn family_name(family: Family) -> &'static str {
    match family {
        Family::Apache => "apache/kafka",
        Family::ApacheNative => "apache/kafka-native",
        Family::Confluent => "cp-kafka",
        Family::ConfluentServer => "cp-server",
        Family::ConfluentLocal => "confluent-local",
        Family::Bitnami => "the Bitnami image",
        Family::Wurstmeister => "wurstmeister/kafka",
        Family::Debezium => "debezium/kafka",
        _ => "this image",
    }
}

/// True for a text that is blank whatever its unknown parts are.
pub(super) fn is_blank(text: &Text) -> bool {
    text.as_str().trim().is_empty()
}

/// True when a key is set to something, or may be.
pub(super) fn has(node: &Node, key: &str) -> bool {
    node.settings.get(key).is_some_and(|s| !is_blank(&s.value))
}

/// Settings that variables of the container became.
pub(super) fn from_variables(node: &Node) -> impl Iterator<Item = &Setting> {
    node.settings.iter().filter(|s| s.mapped.is_some())
}

/// What a KRaft node cannot do without and none of its variables or files gives: a word for each, the keys that would do.
pub(super) fn lacking(node: &Node) -> Vec<&'static str> {
    const NEEDED: [(&str, &[&str]); 4] = [
        ("process.roles", &[]),
        ("node.id", &["broker.id"]),
        ("controller.listener.names", &[]),
        ("controller.quorum.voters", &["controller.quorum.bootstrap.servers"]),
    ];
    let lacks = |(key, others): &(&'static str, &[&str])| {
        (!has(node, key) && !others.iter().any(|k| has(node, k))).then_some(*key)
    };
    NEEDED.iter().filter_map(lacks).collect()
}

/// True when a part of a text is not known.
pub(super) fn is_partly_known(text: &Text) -> bool {
    text.as_str().contains(HOLE)
}
