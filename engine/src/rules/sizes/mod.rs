//! Message sizes along the way: producer, broker, topic, fetches.

pub(super) mod batch_exceeds_request;
pub(super) mod fetch_below_message_size;
pub(super) mod message_exceeds_socket_request;
pub(super) mod message_size_mismatch;

use crate::cluster::{Client, ClientKind, Cluster, Node, Setting, Settings, Topic};
use crate::rules::Context;
use crate::text::Text;

/// A limit in bytes, and what set it.
#[derive(Clone, Copy)]
pub(super) struct Limit<'m> {
    pub(super) bytes: i64,
    /// The setting, when it is written.
    pub(super) setting: Option<&'m Setting>,
}

/// What a broker says of a key, set or by default.
pub(super) fn limit<'m>(node: &'m Node, key: &str) -> Option<Limit<'m>> {
    let lookup = node.lookup(key);
    Some(Limit { bytes: number(lookup.known()?)?, setting: lookup.set() })
}

/// What a client has written for a key.
pub(super) fn written<'m>(client: &Side<'m>, key: &str) -> Option<(i64, &'m Setting)> {
    let setting = client.settings.get(key)?;
    Some((number(setting.value.known()?)?, setting))
}

pub(super) fn number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

/// The brokers of a cluster; those of ZooKeeper days too.
pub(super) fn brokers<'m>(cx: &Context<'m>, cluster: &'m Cluster) -> Vec<&'m Node> {
    cx.nodes(cluster)
        .map(|(_, n)| n)
        .filter(|n| n.roles().is_some_and(|r| r.broker || !r.controller))
        .collect()
}

/// What writes, or reads, in a client.
pub(super) struct Side<'m> {
    pub(super) name: &'m str,
    settings: &'m Settings,
}

pub(super) fn clients<'m>(
    cx: &Context<'m>,
    cluster: &'m Cluster,
    kind: ClientKind,
) -> impl Iterator<Item = Side<'m>> + use<'m> {
    let model = cx.model;
    let side = |client: &'m Client, settings| Side { name: client.name.as_str(), settings };
    cluster
        .clients
        .iter()
        .filter_map(|c| model.clients.get(*c))
        .flat_map(move |c| c.settings_as(kind).map(move |settings| side(c, settings)))
}

/// `max.message.bytes` of the topics that commands create.
pub(super) fn topic_limits<'m>(cx: &Context<'m>, cluster: &'m Cluster) -> Vec<(&'m Topic, i64, &'m Text)> {
    let topics = cluster.topics.iter().filter_map(|t| cx.model.topics.get(*t));
    topics
        .filter_map(|t| {
            let (_, value) = t.configs.iter().rev().find(|(k, _)| k.as_str() == "max.message.bytes")?;
            Some((t, number(value.known()?)?, value))
        })
        .collect()
}

/// The smallest limit among brokers.
pub(super) fn smallest<'m>(brokers: &[&'m Node], key: &str) -> Option<(&'m Node, Limit<'m>)> {
    let limits = brokers.iter().filter_map(|n| Some((*n, limit(n, key)?)));
    limits.min_by_key(|(_, l)| l.bytes)
}
