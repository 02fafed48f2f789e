//! KL701, and KL505 of a listener's own settings: how brokers log in to each other.
//!
//! Source: `KafkaConfig.validateValues`, with the real class run on 3.0 … 4.4: every role is asked, controllers too.

use super::values;
use crate::cluster::{Lookup, Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::list;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster).filter(|(_, n)| n.is_whole()) {
            let Some((listener, evidence)) = inter_broker_login(node) else { continue };
            let found = own_values(node, &listener).into_iter().chain(mechanism(node, &listener, evidence));
            out.extend(found.map(|f| f.cluster(c)));
        }
    }
}

/// The listener on which the brokers log in to each other with SASL, and the setting that says so.
fn inter_broker_login(node: &Node) -> Option<(String, &Setting)> {
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
    protocol.starts_with("SASL_").then_some((listener, evidence))
}

/// KL505: what stands behind that listener's own prefix. To find its mechanisms Kafka parses all of it
/// (`AbstractConfig.valuesWithPrefixOverride`).
fn own_values(node: &Node, listener: &str) -> Vec<Diagnostic> {
    let prefix = format!("listener.name.{}.", listener.to_lowercase());
    let mut out = Vec::new();
    for setting in node.settings.iter() {
        let Some(key) = setting.key().strip_prefix(&prefix) else { continue };
        let Some(value) = setting.value.known() else { continue };
        let Some((refusing, why)) = values::refusing(key, value, node.versions) else { continue };
        let message = format!("the value `{}` of {} {why}", value.trim(), setting.key());
        let finding = Diagnostic::at(Code::KL505, setting.place(), message)
            .label("not taken")
            .help(
                "Kafka reads the settings of the brokers' own listener at start, as it reads those for all.",
            )
            .key(setting.key())
            .key(key);
        out.extend(refusal(node, refusing, RefusedBy::Config, finding));
    }
    out
}

fn mechanism(node: &Node, listener: &str, evidence: &Setting) -> Option<Diagnostic> {
    const KEY: &str = "sasl.mechanism.inter.broker.protocol";
    const ENABLED: &str = "sasl.enabled.mechanisms";
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
