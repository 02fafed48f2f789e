//! KL102, KL103, KL104, KL105, KL110, KL123, KL125: who a node is, what it does, and which quorum it knows.
//!
//! Sources: `KafkaConfig`, `KRaftConfigs`, `AbstractKafkaConfig.populateSynonyms`, `QuorumConfig`, with the real class run on
//! 3.0 … 4.4.

use crate::cluster::{Lookup, Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::version::VersionSet;
use crate::kafka::{address, list};
use crate::rules::{Context, Sink, refusal};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        // Of a node that is only partly seen nothing can be missing.
        for (_, node) in cx.nodes(cluster) {
            let found =
                [roles(node), missing_roles(node), id(node), two_ids(node), quorum(node), auto_join(node)];
            let found = found.into_iter().chain(bootstrap(node).into_iter().map(Some));
            out.extend(found.flatten().map(|f| f.cluster(c)));
        }
    }
}

fn refused(node: &Node, refusing: VersionSet, finding: Diagnostic) -> Option<Diagnostic> {
    refusal(node, refusing, RefusedBy::Config, finding)
}

/// KL105.
fn roles(node: &Node) -> Option<Diagnostic> {
    const KEY: &str = "process.roles";
    let setting = node.settings.get(KEY)?;
    let elements: Vec<_> = list::elements(setting.value.slice()).collect();
    if elements.iter().any(|e| e.has_hole()) {
        return None;
    }
    let finding = |value, message: String| {
        Diagnostic::at(Code::KL105, value, message)
            .help("process.roles is `broker`, `controller`, or both, in lower case and separated by a comma.")
            .key(KEY)
    };
    if elements.is_empty() {
        // 4.0 and 4.1 take it and start neither; up to 3.9 it is a node of ZooKeeper days.
        let refusing = match node.settings.get("zookeeper.connect") {
            Some(_) => VersionSet::since((4, 2, 0)),
            None => VersionSet::before((4, 0, 0)).or(VersionSet::since((4, 2, 0))),
        };
        let empty = finding(setting.place(), format!("process.roles of {} is empty", node.name));
        return refused(node, refusing, empty.label("no role").key("zookeeper.connect"));
    }
    if elements.iter().any(|e| e.is_empty()) {
        let all = finding(setting.place(), "process.roles has an empty element".to_owned());
        return refused(node, VersionSet::all(), all.label("a comma too many"));
    }
    if let Some(wrong) = elements.iter().find(|e| !matches!(e.as_str(), "broker" | "controller")) {
        let text = wrong.as_str();
        let lower = text.to_ascii_lowercase();
        let hint = if matches!(lower.as_str(), "broker" | "controller") {
            format!("did you mean {lower}?")
        } else {
            "no role".to_owned()
        };
        return refused(node, VersionSet::all(), finding(*wrong, format!("`{text}` is no role")).label(hint));
    }
    for (i, element) in elements.iter().enumerate() {
        if let Some(first) = elements.iter().take(i).find(|e| e.as_str() == element.as_str()) {
            let twice = finding(*element, format!("process.roles names {} twice", element.as_str()))
                .label("again")
                .related_value(*first, "the first one");
            return refused(node, VersionSet::before((4, 2, 0)), twice);
        }
    }
    None
}

/// KL104.
fn missing_roles(node: &Node) -> Option<Diagnostic> {
    if node.settings.get("process.roles").is_some() || !node.is_whole() {
        return None;
    }
    let zookeeper = node.settings.get("zookeeper.connect");
    let refusing = if zookeeper.is_some() { VersionSet::since((4, 0, 0)) } else { VersionSet::all() };
    let mut finding = Diagnostic::new(Code::KL104, node.anchor, format!("{} has no process.roles", node.name))
        .label("process.roles is not set")
        .help(
            "A node in KRaft mode is a broker, a controller, or both: process.roles=broker,controller. Without it Kafka up to 3.9 \
             looks for ZooKeeper, and from 4.0 on it refuses to start.",
        )
        .key("process.roles")
        .key("zookeeper.connect");
    if let Some(setting) = zookeeper {
        finding = finding.related_value(
            setting.value.slice().trim(),
            "of ZooKeeper days; Kafka 4.0 has no ZooKeeper mode",
        );
    }
    refused(node, refusing, finding)
}

/// Does the node surely run in KRaft mode?
fn is_kraft(node: &Node) -> bool {
    node.roles().is_some_and(|r| r.broker || r.controller)
}

/// KL102.
fn id(node: &Node) -> Option<Diagnostic> {
    let finding = |d: Diagnostic| {
        d.help("Every node of a cluster needs a whole number of its own, from 0 on: node.id=1.")
    };
    // A broken `broker.id` beside a `node.id` stops Kafka too: all values are parsed before any is used.
    let broken = |s: &&Setting| s.value.known().is_some_and(|v| v.trim().parse::<i32>().is_err());
    let both = [node.settings.get("node.id"), node.settings.get("broker.id")];
    let Some(setting) = both.into_iter().flatten().find(broken).or_else(|| node.id_setting()) else {
        if !node.is_whole() || !is_kraft(node) && node.settings.get("process.roles").is_none() {
            return None;
        }
        // From 4.0 on it is asked for whatever the roles are, an empty `process.roles` too.
        let refusing = if is_kraft(node) { VersionSet::all() } else { VersionSet::since((4, 0, 0)) };
        let missing = Diagnostic::new(Code::KL102, node.anchor, format!("{} has no node.id", node.name));
        return refused(node, refusing, finding(missing.label("node.id is not set")).key("node.id"));
    };
    let text = setting.value.known()?.trim();
    let number: Option<i32> = text.parse().ok();
    let wrong = match number {
        Some(n) if n >= 0 => return None,
        Some(n) => format!("the node id {n} of {} is negative", node.name),
        None if text.is_empty() => format!("{} of {} is empty", setting.key(), node.name),
        None => format!("the node id `{text}` of {} is no whole number", node.name),
    };
    // Up to 3.9 a node without a role may have a negative id: ZooKeeper gives it another.
    let refusing =
        if number.is_some() && !is_kraft(node) { VersionSet::since((4, 0, 0)) } else { VersionSet::all() };
    // 3.0 takes `broker.id` then (`KafkaConfig.brokerId`).
    let broker_id = node.settings.get("broker.id").and_then(|s| s.value.known()?.trim().parse::<i32>().ok());
    // Then that id must be a voter, or none.
    let fits = |id: i32| {
        let Some((_, voters)) = node.voters() else { return true };
        node.roles().is_none_or(|r| r.controller == voters.get(id).is_some())
    };
    let other = broker_id.filter(|id| *id >= 0 && number.is_some() && setting.key() == "node.id");
    let is_taken = other.is_some_and(|id| !is_kraft(node) || fits(id));
    let refusing = if is_taken { refusing.and(VersionSet::since((3, 1, 0))) } else { refusing };
    let mut found = finding(Diagnostic::at(Code::KL102, setting.place(), wrong).label("no id"))
        .key(setting.key())
        .key(if setting.key() == "node.id" { "broker.id" } else { "node.id" });
    if other.is_some() && !is_taken {
        found = found.key("controller.quorum.voters");
    }
    refused(node, refusing, found)
}

/// KL103.
fn two_ids(node: &Node) -> Option<Diagnostic> {
    let (node_id, broker_id) = (node.settings.get("node.id")?, node.settings.get("broker.id")?);
    let number = |s: &Setting| s.value.known().and_then(|v| v.trim().parse::<i32>().ok());
    let (a, b) = (number(node_id)?, number(broker_id)?);
    if a == b {
        return None;
    }
    let finding = Diagnostic::at(
        Code::KL103,
        broker_id.value.slice().trim(),
        format!("{} has node.id {a} and broker.id {b}", node.name),
    )
    .label("another id")
    .related_value(node_id.value.slice().trim(), "the node's id")
    .help("The two are one setting under two names. Keep node.id and take broker.id away.")
    .key("broker.id")
    .key("node.id");
    refused(node, VersionSet::since((3, 1, 0)), finding)
}

/// KL110.
fn quorum(node: &Node) -> Option<Diagnostic> {
    if !is_kraft(node) {
        return None;
    }
    let set = |key: &str| match node.lookup(key) {
        Lookup::Set(s) => Some(list::filled(s.value.slice()).next().is_some() || s.value.slice().has_hole()),
        _ if !node.is_whole() => None,
        _ => Some(false),
    };
    if set("controller.quorum.voters")? {
        return None;
    }
    let servers = set("controller.quorum.bootstrap.servers")?;
    let refusing = if servers { VersionSet::before((3, 9, 0)) } else { VersionSet::all() };
    let mut finding = match node.settings.get("controller.quorum.voters") {
        Some(setting) => {
            let message = format!("controller.quorum.voters of {} is empty", node.name);
            Diagnostic::at(Code::KL110, setting.place(), message).label("names no voter")
        }
        None => {
            let message = format!("{} does not know its quorum", node.name);
            Diagnostic::new(Code::KL110, node.anchor, message).label("controller.quorum.voters is not set")
        }
    };
    if let Some(servers) = node.settings.get("controller.quorum.bootstrap.servers").filter(|_| servers) {
        finding = finding.related_value(servers.value.slice().trim(), "only Kafka 3.9 and later read this");
    }
    let help = "Brokers and controllers must know the controllers: controller.quorum.voters=1@host1:9093,2@host2:9093,3@host3:9093, \
                or from Kafka 3.9 on controller.quorum.bootstrap.servers.";
    refused(node, refusing, finding.help(help).key("controller.quorum.voters"))
}

/// KL123.
fn bootstrap(node: &Node) -> Vec<Diagnostic> {
    const KEY: &str = "controller.quorum.bootstrap.servers";
    let mut out: Vec<Diagnostic> = Vec::new();
    let Some(setting) = node.settings.get(KEY) else { return out };
    for entry in list::elements(setting.value.slice()) {
        if entry.has_hole() {
            continue;
        }
        let text = entry.as_str();
        let address = address::host_port(entry);
        let mut refusing = VersionSet::since((3, 8, 0));
        let (message, label) = match &address {
            _ if text.is_empty() => {
                (format!("{KEY} has an empty entry"), "an entry is missing beside this comma")
            }
            None => (format!("`{text}` is no address: it is not host:port"), "needs host:port"),
            Some(found) if found.port().is_none() => {
                (format!("`{text}` is no address: its port is above 65535"), "no such port")
            }
            // Some releases pass over what stands before the host.
            Some(found) if found.skipped.is_some() => {
                refusing = refusing.without(address::lax_releases());
                let label =
                    if text.contains('@') { "an id belongs into the voter list" } else { "needs host:port" };
                (format!("`{text}` is no address: it is not host:port"), label)
            }
            Some(_) => continue,
        };
        let all = setting.value.slice();
        let at = entry.bounds().start;
        let comma = all.as_str().get(..at).and_then(|s| s.rfind(',')).or_else(|| all.as_str().find(','));
        let value = if text.is_empty() { comma.map_or(all.trim(), |c| all.range(c..c + 1)) } else { entry };
        let finding = Diagnostic::at(Code::KL123, value, message)
            .label(label)
            .help("controller.quorum.bootstrap.servers is a list of host:port, separated by commas: some of the controllers.")
            .key(KEY);
        out.extend(refused(node, refusing, finding));
        // One is enough, unless some releases take it.
        if node.versions.within(refusing) {
            break;
        }
    }
    out
}

/// KL125.
fn auto_join(node: &Node) -> Option<Diagnostic> {
    let setting = node.settings.get("controller.quorum.auto.join.enable")?;
    let roles = node.roles().filter(|r| r.broker && !r.controller);
    if roles.is_none() || !setting.value.known()?.trim().eq_ignore_ascii_case("true") {
        return None;
    }
    let finding = Diagnostic::at(
        Code::KL125,
        setting.value.slice().trim(),
        format!("{} is only a broker, but shall join the quorum by itself", node.name),
    )
    .label("for controllers only")
    .help("Only a controller can join the quorum. Take the setting away from brokers.")
    .key("controller.quorum.auto.join.enable")
    .key("process.roles");
    refused(node, VersionSet::since((4, 2, 0)), finding)
}
