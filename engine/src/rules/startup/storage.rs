//! KL301: directories that Kafka refuses before it opens them.
//!
//! Source: `KafkaConfig.validateValues`, with the real class run on 3.0 … 4.4.

use crate::cluster::Node;
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::list;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};
use crate::text::Slice;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            let found = [no_directory(node), several(node), cordoned(node)];
            out.extend(found.into_iter().flatten().map(|f| f.cluster(c)));
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

/// Tiered storage up to 3.7 takes one directory (`KafkaConfig`, `RemoteLogManagerConfig`).
fn several(node: &Node) -> Option<Diagnostic> {
    const KEY: &str = "remote.log.storage.system.enable";
    let flag = node.settings.get(KEY)?;
    let setting = node.settings.get("log.dirs").or_else(|| node.settings.get("log.dir"))?;
    let on = flag.value.known()?.trim().eq_ignore_ascii_case("true");
    if !on || list::filled(setting.value.slice()).count() < 2 {
        return None;
    }
    let message = format!("{} keeps logs remotely and has several log directories", node.name);
    let finding = Diagnostic::at(Code::KL301, setting.place(), message)
        .label("one only")
        .related_value(flag.place(), "tiered storage")
        .help("Up to Kafka 3.7 tiered storage works with one log directory only. Keep one, or go to 3.8.")
        .key(setting.key())
        .key(KEY);
    refusal(node, VersionSet::since((3, 6, 0)).and(VersionSet::before((3, 8, 0))), RefusedBy::Config, finding)
}

/// `cordoned.log.dirs` names directories of a broker, or all with `*` (`KafkaConfig.validateCordonedLogDirs`, KIP-1066).
fn cordoned(node: &Node) -> Option<Diagnostic> {
    const KEY: &str = "cordoned.log.dirs";
    let setting = node.settings.get(KEY).filter(|_| node.is_broker())?;
    let directories = node.settings.get("log.dirs").or_else(|| node.settings.get("log.dir"));
    if directories.is_none() && !node.is_whole() || directories.is_some_and(|d| d.value.slice().has_hole()) {
        return None;
    }
    let known: Vec<&str> = match directories {
        Some(setting) => list::filled(setting.value.slice()).map(Slice::as_str).collect(),
        None => vec!["/tmp/kafka-logs"],
    };
    let names: Vec<Slice<'_>> = list::filled(setting.value.slice()).collect();
    let all = names.iter().find(|n| n.as_str() == "*");
    let (place, message) = match all {
        Some(all) if names.iter().any(|n| n.as_str() != "*") => {
            (*all, "* stands for all directories, and others are named".to_owned())
        }
        Some(_) => return None,
        None => {
            let foreign = names.iter().find(|n| !n.has_hole() && !known.contains(&n.as_str()))?;
            (*foreign, format!("`{}` is no log directory of {}", foreign.as_str(), node.name))
        }
    };
    let finding = Diagnostic::at(Code::KL301, place, message)
        .label("not in log.dirs")
        .help("cordoned.log.dirs names directories of log.dirs, as they are written there, or is * alone.")
        .key(KEY)
        .key("log.dirs");
    refusal(node, VersionSet::since((4, 3, 0)), RefusedBy::Config, finding)
}
