//! KL301: directories that Kafka refuses before it opens them.
//!
//! Source: `KafkaConfig.validateValues`, with the real class run on 3.0 … 4.4.

use crate::cluster::Node;
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::list;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            out.extend(no_directory(node).map(|f| f.cluster(c)));
        }
    }
}

fn no_directory(node: &Node) -> Option<Diagnostic> {
    let setting = match (node.settings.get("log.dirs"), node.settings.get("log.dir")) {
        (Some(setting), _) => setting,
        // Only where `log.dirs` is not set at all.
        (None, setting) if node.is_whole() => setting?,
        (None, _) => return None,
    };
    let value = setting.value.slice();
    if value.has_hole() || list::filled(value).next().is_some() {
        return None;
    }
    let finding = Diagnostic::at(Code::KL301, setting.place(), format!("{} of {} names no directory", setting.key(), node.name))
        .label("no directory")
        .help("Kafka needs at least one directory for its data: log.dirs=/var/lib/kafka/data. An empty log.dirs does not fall back \
               to log.dir.")
        .key(setting.key());
    refusal(node, VersionSet::all(), RefusedBy::Config, finding)
}
