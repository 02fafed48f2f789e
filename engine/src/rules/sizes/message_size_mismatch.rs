//! KL401: producer, broker and topic limits that do not fit each other.

use super::{Side, brokers, clients, limit, smallest, topic_limits, written};
use crate::cluster::{ClientKind, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::{Context, Sink};

const KEY: &str = "message.max.bytes";

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let brokers = brokers(cx, cluster);
        let start = out.len();
        out.extend(disagreement(&brokers));
        let topics = topic_limits(cx, cluster);
        // A topic with a limit of its own that nothing in sight tells may take anything.
        let unknown = cluster.topics.iter().filter_map(|t| cx.model.topics.get(*t)).any(|t| {
            t.configs.iter().any(|(k, v)| {
                k.slice().has_hole() || k.as_str() == "max.message.bytes" && v.slice().has_hole()
            })
        });
        if unknown {
            tell(c, start, out);
            continue;
        }
        for producer in clients(cx, cluster, ClientKind::Producer) {
            let Some((wanted, setting)) = written(&producer, "max.request.size") else { continue };
            // A topic's own value takes the place of the broker's; a topic without one has the broker's.
            let all_own = !topics.is_empty() && topics.len() == cluster.topics.len();
            let topic = topics.iter().max_by_key(|t| t.1);
            let broker = smallest(&brokers, KEY);
            let finding = match (topic, broker) {
                (Some((topic, bytes, value)), broker)
                    if wanted > *bytes && (all_own || broker.is_none_or(|(_, l)| wanted > l.bytes)) =>
                {
                    let mut f = finding(&producer, setting, wanted, *bytes)
                        .related_text(value, format!("topic {} takes {bytes} bytes", topic.name.as_str()));
                    if let Some((node, l)) = broker.filter(|_| !all_own) {
                        f = at_broker(f, node, l);
                    }
                    f
                }
                (None, Some((node, l))) if wanted > l.bytes => {
                    at_broker(finding(&producer, setting, wanted, l.bytes), node, l)
                }
                _ => continue,
            };
            out.push(finding);
        }
        tell(c, start, out);
    }
}

fn tell(cluster: usize, start: usize, out: &mut Sink) {
    for finding in out.iter_mut().skip(start) {
        finding.cluster = Some(cluster);
    }
}

fn finding(producer: &Side<'_>, setting: &crate::cluster::Setting, wanted: i64, limit: i64) -> Diagnostic {
    Diagnostic::at(
        Code::KL401,
        setting.value.slice().trim(),
        format!("{} may send requests of {wanted} bytes, but no more than {limit} bytes are accepted", producer.name),
    )
    .label("larger than what is taken")
    .help(
        "A message between the two limits passes the producer's own check and is refused by the broker \
         (RecordTooLargeException). Raise message.max.bytes on every broker or max.message.bytes of the topic, or lower \
         max.request.size.",
    )
    .key("max.request.size")
    .key(KEY)
}

fn at_broker(finding: Diagnostic, node: &Node, limit: super::Limit<'_>) -> Diagnostic {
    let finding = finding.node(&node.name);
    match limit.setting {
        Some(s) => finding.related_value(s.value.slice().trim(), format!("the limit of {}", node.name)),
        None => {
            finding.related(node.anchor, format!("{} has Kafka's default, {} bytes", node.name, limit.bytes))
        }
    }
}

fn disagreement(brokers: &[&Node]) -> Option<Diagnostic> {
    let limits: Vec<_> = brokers.iter().filter_map(|n| Some((*n, limit(n, KEY)?))).collect();
    let (low, high) = (limits.iter().min_by_key(|l| l.1.bytes)?, limits.iter().max_by_key(|l| l.1.bytes)?);
    if low.1.bytes == high.1.bytes {
        return None;
    }
    let message = format!(
        "brokers of one cluster take messages of different sizes: {} bytes on {}, {} on {}",
        low.1.bytes, low.0.name, high.1.bytes, high.0.name
    );
    let mut finding = match low.1.setting {
        Some(s) => Diagnostic::at(Code::KL401, s.value.slice().trim(), message)
            .label(format!("the smallest, on {}", low.0.name)),
        None => Diagnostic::new(Code::KL401, low.0.anchor, message)
            .label(format!("{} does not set message.max.bytes: {} by default", low.0.name, low.1.bytes)),
    };
    finding = finding
        .help(
            "The same message is taken or refused depending on which broker leads its partition, and that changes. Set the \
             same message.max.bytes on every broker.",
        )
        .key(KEY)
        .node(&low.0.name);
    for (node, l) in limits.iter().filter(|(n, _)| !std::ptr::eq(*n, low.0)) {
        finding = match l.setting {
            Some(s) => finding
                .node(&node.name)
                .related_value(s.value.slice().trim(), format!("{} bytes on {}", l.bytes, node.name)),
            None => finding
                .node(&node.name)
                .related(node.anchor, format!("{} bytes on {}, by default", l.bytes, node.name)),
        };
    }
    Some(finding)
}
