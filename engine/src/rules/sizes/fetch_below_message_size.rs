//! KL402: fetch sizes below the largest message. Progress goes on, one batch per fetch (KIP-74).

use super::{brokers, clients, limit, smallest, topic_limits, written};
use crate::cluster::ClientKind;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    const HELP: &str = "Nothing fails: the first batch of a fetch is always returned, whatever its size. But each fetch then \
                        carries one batch only. Set the fetch size to at least the largest message.";
    for (c, cluster) in cx.clusters() {
        let brokers = brokers(cx, cluster);
        for node in &brokers {
            let Some(message) = limit(node, "message.max.bytes") else { continue };
            let mut by_default = false;
            for key in ["replica.fetch.max.bytes", "replica.fetch.response.max.bytes", "fetch.max.bytes"] {
                let Some(fetch) = limit(node, key) else { continue };
                // Kafka's own defaults differ by twelve bytes; only what somebody wrote is worth a word.
                let (Some(setting), true) = (fetch.setting.or(message.setting), fetch.bytes < message.bytes)
                else {
                    continue;
                };
                // A broker alone fetches from nobody; what somebody wrote for it is told all the same.
                let alone = key.starts_with("replica.") && brokers.len() < 2 && cluster.complete;
                if alone && fetch.setting.is_none() {
                    continue;
                }
                // One raised limit is told once, however many defaults it passes.
                if fetch.setting.is_none() && std::mem::replace(&mut by_default, true) {
                    continue;
                }
                let mut finding = Diagnostic::at(
                    Code::KL402,
                    setting.value.slice().trim(),
                    format!(
                        "{key} is {} bytes on {}, less than its largest message of {}",
                        fetch.bytes, node.name, message.bytes
                    ),
                )
                .label(if fetch.setting.is_some() { "less than one message" } else { "more than one fetch" })
                .help(HELP)
                .node(&node.name)
                .cluster(c)
                .key(setting.key());
                if let (Some(_), Some(other)) = (fetch.setting, message.setting) {
                    finding = finding.related_value(other.value.slice().trim(), "the largest message");
                }
                out.push(finding);
            }
        }
        let broker =
            smallest(&brokers, "message.max.bytes").map(|(_, l)| (l.bytes, l.setting.map(|s| &s.value)));
        let topic = topic_limits(cx, cluster)
            .into_iter()
            .map(|(_, bytes, value)| (bytes, Some(value)))
            .max_by_key(|t| t.0);
        let Some((largest, value)) = topic.into_iter().chain(broker).max_by_key(|t| t.0) else { continue };
        for consumer in clients(cx, cluster, ClientKind::Consumer) {
            for key in ["max.partition.fetch.bytes", "fetch.max.bytes"] {
                let Some((bytes, setting)) = written(&consumer, key) else { continue };
                if bytes >= largest {
                    continue;
                }
                let mut finding = Diagnostic::at(
                    Code::KL402,
                    setting.value.slice().trim(),
                    format!(
                        "{key} is {bytes} bytes in {}, less than the largest message of {largest}",
                        consumer.name
                    ),
                )
                .label("less than one message")
                .help(HELP)
                .cluster(c)
                .key(key);
                if let Some(value) = value {
                    finding = finding.related_text(value, "the largest message");
                }
                out.push(finding);
            }
        }
    }
}
