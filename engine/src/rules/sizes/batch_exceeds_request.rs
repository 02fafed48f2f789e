//! KL406: a producer's batch that fits into no request, no buffer, or no broker.

use super::{brokers, clients, smallest, topic_limits, written};
use crate::cluster::{ClientKind, Setting};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::{Context, Sink};

/// Kafka's own defaults (`ProducerConfig`), the same in every release.
const BATCH: i64 = 16_384;
const REQUEST: i64 = 1_048_576;
const BUFFER: i64 = 33_554_432;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.all_clusters() {
        let brokers = brokers(cx, cluster);
        for producer in clients(cx, cluster, ClientKind::Producer) {
            let batch = written(&producer, "batch.size");
            let bytes = batch.map_or(BATCH, |b| b.0);
            for (key, default) in [("max.request.size", REQUEST), ("buffer.memory", BUFFER)] {
                let cap = written(&producer, key);
                let limit = cap.map_or(default, |c| c.0);
                let Some(setting) = batch.map(|b| b.1).or(cap.map(|c| c.1)).filter(|_| bytes > limit) else {
                    continue;
                };
                let mut f = finding(setting, producer.name, bytes, limit, key).cluster(c);
                if let (Some(_), Some((_, other))) = (batch, cap) {
                    f = f.related_value(other.value.slice().trim(), "the lower limit");
                }
                out.push(f);
            }
            let topics = topic_limits(cx, cluster);
            let (Some((_, setting)), Some((node, l))) = (batch, smallest(&brokers, "message.max.bytes"))
            else {
                continue;
            };
            let limit = topics.iter().map(|t| t.1).chain([l.bytes]).max().unwrap_or(l.bytes);
            if bytes > limit {
                let mut f = finding(setting, producer.name, bytes, limit, "message.max.bytes")
                    .cluster(c)
                    .node(&node.name);
                if let Some(s) = l.setting {
                    f = f.related_value(s.value.slice().trim(), format!("the limit of {}", node.name));
                }
                out.push(f);
            }
        }
    }
}

fn finding(setting: &Setting, producer: &str, bytes: i64, limit: i64, key: &str) -> Diagnostic {
    Diagnostic::at(
        Code::KL406,
        setting.value.slice().trim(),
        format!("a batch of {producer} may have {bytes} bytes, more than {key} with {limit}"),
    )
    .label("larger than what can be sent")
    .help(
        "A full batch cannot be sent as it is: newer producers split it, older ones let it expire (Expiring … record(s)). \
         Keep batch.size below max.request.size, buffer.memory and the brokers' message.max.bytes.",
    )
    .key("batch.size")
    .key(key)
}
