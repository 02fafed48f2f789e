//! KL701: the mechanism with which brokers log in to each other.
//!
//! Source: `KafkaConfig.validateValues`, with the real class run on 3.0 … 4.4: every role is asked, controllers too.

use crate::cluster::{Lookup, Node};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::list;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster).filter(|(_, n)| n.is_whole()) {
            out.extend(mechanism(node).map(|f| f.cluster(c)));
        }
    }
}

fn mechanism(node: &Node) -> Option<Diagnostic> {
    const KEY: &str = "sasl.mechanism.inter.broker.protocol";
    const ENABLED: &str = "sasl.enabled.mechanisms";
    let protocol_setting = node.settings.get("security.inter.broker.protocol");
    let name_setting = node.settings.get("inter.broker.listener.name");
    // The inter-broker listener by name, or by its protocol; PLAINTEXT where neither is said.
    let (listener, evidence) = match (name_setting, protocol_setting) {
        (Some(name), None) => (name.value.known()?.trim().to_uppercase(), name),
        (None, Some(protocol)) => (protocol.value.known()?.trim().to_uppercase(), protocol),
        _ => return None,
    };
    let protocol = match (name_setting, node.protocols()) {
        (Some(_), Some((_, map))) => map.get(&listener)?.protocol.known()?.to_uppercase(),
        _ => listener.clone(),
    };
    if !protocol.starts_with("SASL_") {
        return None;
    }
    let wanted = match node.lookup(KEY) {
        Lookup::Set(setting) => setting.value.known()?.trim(),
        Lookup::Default(value) => value,
        _ => return None,
    };
    let own = format!("listener.name.{}.{ENABLED}", listener.to_lowercase());
    let enabled = node.settings.get(&own).or_else(|| node.settings.get(ENABLED));
    let list: Vec<&str> = match enabled {
        Some(setting) if setting.value.slice().has_hole() => return None,
        Some(setting) => list::filled(setting.value.slice()).map(|e| e.as_str()).collect(),
        None => vec!["GSSAPI"],
    };
    if list.contains(&wanted) {
        return None;
    }
    let message = format!(
        "brokers log in to each other with {wanted}, but {} takes only {}",
        node.name,
        if list.is_empty() { "nothing".to_owned() } else { list.join(", ") }
    );
    let mut finding = match node.settings.get(KEY) {
        Some(setting) => {
            Diagnostic::at(Code::KL701, setting.value.slice().trim(), message).label("not enabled")
        }
        None => Diagnostic::at(Code::KL701, evidence.value.slice().trim(), message)
            .label(format!("{KEY} is not set: {wanted}")),
    };
    if let Some(setting) = enabled {
        finding = finding.related_value(setting.value.slice().trim(), "what it takes");
    }
    let finding = finding
        .help(format!("Set {KEY} to a mechanism that {ENABLED} has, or add it there. Letter case counts."))
        .key(KEY)
        .key(ENABLED);
    refusal(node, VersionSet::all(), RefusedBy::Config, finding)
}
