//! KL403: messages larger than a request may be, or than a segment of the log.

use super::{Limit, brokers, clients, limit, number, smallest, topic_limits, written};
use crate::cluster::{ClientKind, Node};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::rules::{Context, Sink};
use crate::text::Slice;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let start = out.len();
        let brokers = brokers(cx, cluster);
        for node in &brokers {
            let message = limit(node, "message.max.bytes");
            let (socket, segment) =
                (limit(node, "socket.request.max.bytes"), limit(node, "log.segment.bytes"));
            for (cap, what) in [(socket, SOCKET), (segment, SEGMENT)] {
                let (Some(message), Some(cap)) = (message, cap) else { continue };
                if message.bytes <= cap.bytes {
                    continue;
                }
                // One of the two is written, for the defaults fit.
                let Some(setting) = message.setting.or(cap.setting) else { continue };
                let f = finding(
                    node,
                    setting.value.slice().trim(),
                    setting.key(),
                    "message.max.bytes",
                    message.bytes,
                    cap,
                    what,
                );
                // A default that nobody chose only says that larger messages would fail.
                out.push(if message.setting.is_some() { f } else { f.severity(Severity::Warning) });
            }
        }
        // Topics and producers meet every broker: the smallest limit decides.
        let (socket, segment) =
            (smallest(&brokers, "socket.request.max.bytes"), smallest(&brokers, "log.segment.bytes"));
        for (topic, bytes, value) in topic_limits(cx, cluster) {
            let own = topic.configs.iter().rev().find(|(k, _)| k.as_str() == "segment.bytes").map(|(_, v)| v);
            let segment = match (own, segment) {
                (Some(v), Some((node, _))) => {
                    v.known().and_then(number).map(|bytes| (node, Limit { bytes, setting: None }))
                }
                (_, segment) => segment,
            };
            for (cap, what) in [(socket, SOCKET), (segment, SEGMENT)] {
                let Some((node, cap)) = cap.filter(|(_, cap)| bytes > cap.bytes) else { continue };
                let name = format!("max.message.bytes of topic {}", topic.name.as_str());
                out.push(finding(node, value.slice(), "max.message.bytes", &name, bytes, cap, what));
            }
        }
        for producer in clients(cx, cluster, ClientKind::Producer) {
            let Some((bytes, setting)) = written(&producer, "max.request.size") else { continue };
            if let Some((node, cap)) = socket.filter(|(_, cap)| bytes > cap.bytes) {
                let name = format!("max.request.size of {}", producer.name);
                out.push(finding(
                    node,
                    setting.value.slice().trim(),
                    "max.request.size",
                    &name,
                    bytes,
                    cap,
                    SOCKET,
                ));
            }
        }
        for finding in out.iter_mut().skip(start) {
            finding.cluster = Some(c);
        }
    }
}

struct Cap {
    key: &'static str,
    help: &'static str,
}

const SOCKET: &Cap = &Cap {
    key: "socket.request.max.bytes",
    help: "The broker closes the connection on a larger request (InvalidReceiveException); the producer sees only a time-out. \
           Keep message sizes below socket.request.max.bytes, or raise it on every broker.",
};
const SEGMENT: &Cap = &Cap {
    key: "log.segment.bytes",
    help: "A batch larger than a log segment is refused (RecordBatchTooLargeException). Keep message sizes below \
           log.segment.bytes, or raise it.",
};

fn finding(
    node: &Node,
    at: Slice<'_>,
    key: &str,
    name: &str,
    bytes: i64,
    cap: Limit<'_>,
    what: &Cap,
) -> Diagnostic {
    let finding = Diagnostic::at(
        Code::KL403,
        at,
        format!("{name} is {bytes} bytes, more than {} of {}, {}", what.key, node.name, cap.bytes),
    )
    .label(format!("{} allows {}", what.key, cap.bytes))
    .help(what.help)
    .node(&node.name)
    .key(key)
    .key(what.key);
    match cap.setting {
        Some(s) => finding.related_value(s.value.slice().trim(), "the lower limit"),
        None => finding,
    }
}
