//! KL605: an image that knows no KRaft mode, or has it switched off.

use super::{entries, has, image};
use crate::cluster::{Node, Setting};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::image::Family;
use crate::image::reference::Reference;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, node, entry) in entries(cx) {
        let Some(roles) = node.settings.get("process.roles").filter(|_| has(node, "process.roles")) else {
            continue;
        };
        let Some(image) = image(cx, node).filter(|_| entry.pristine && entry.whole) else { continue };
        if has(node, "zookeeper.connect") {
            continue;
        }
        let reference = Reference::parse(image.as_str());
        let Some((what, help, severity)) = judge(node, &reference) else { continue };
        out.push(finding(node, roles, what, help, severity, image).cluster(c));
    }
}

type Judgement = (&'static str, &'static str, Severity);

fn judge(node: &Node, reference: &Reference<'_>) -> Option<Judgement> {
    let numbers = reference.numbers();
    match node.image.family {
        Family::Wurstmeister => Some((
            "wurstmeister/kafka knows no KRaft mode",
            "Its script stops with \"missing mandatory config: KAFKA_ZOOKEEPER_CONNECT\". The newest of these images has Kafka 2.8.1 \
             and is no longer maintained: use apache/kafka.",
            Severity::Error,
        )),
        Family::Confluent | Family::ConfluentServer => {
            let old =
                matches!(numbers.first(), Some(5 | 6)) || node.versions.within(VersionSet::before((3, 4, 0)));
            old.then_some((
                "the Confluent images before 7.4 start in ZooKeeper mode only",
                "The script stops with \"KAFKA_ZOOKEEPER_CONNECT is required.\" Use 7.4 or later, whose script knows \
                 KAFKA_PROCESS_ROLES (and demands CLUSTER_ID).",
                Severity::Error,
            ))
        }
        Family::Bitnami => {
            let switched = node.variable("KAFKA_ENABLE_KRAFT");
            let opt_in =
                matches!(numbers.as_slice(), [2, ..] | [3, 0 | 1, ..] | [3, 2, 0..=2] | [3, 3, 0 | 1]);
            let revision = matches!(numbers.as_slice(), [_, _, _]);
            (opt_in && revision && switched.is_none()).then_some((
                "this Bitnami image starts in ZooKeeper mode, for KAFKA_ENABLE_KRAFT is not set",
                "The images before 3.2.3, 3.3.2 and 3.4.0 set zookeeper.connect themselves and do not format the storage. Set \
                 KAFKA_ENABLE_KRAFT=yes, or use a newer image.",
                Severity::Warning,
            ))
        }
        _ => None,
    }
}

fn finding(
    node: &Node,
    roles: &Setting,
    what: &str,
    help: &'static str,
    severity: Severity,
    image: &crate::text::Text,
) -> Diagnostic {
    Diagnostic::at(Code::KL605, image.slice(), format!("{what}, so {} does not start", node.name))
        .label("no KRaft mode in this image")
        .related_text(&roles.value, "KRaft mode is asked for here")
        .help(help)
        .severity(severity)
        .key("process.roles")
        .node(&node.name)
}
