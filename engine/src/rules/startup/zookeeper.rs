//! KL850, KL852, and KL505 and KL404 of `inter.broker.protocol.version`: what Kafka up to 3.9 asks of nodes that know ZooKeeper, in a
//! migration or for good, and of the old protocol version.
//!
//! Source: `KafkaConfig.validateValues` of 3.0 … 3.9, with the real class run.

use crate::cluster::{Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::catalog::{self, Scope};
use crate::kafka::list;
use crate::kafka::role::Roles;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};

const FLAG: &str = "zookeeper.metadata.migration.enable";
const PROTOCOL: &str = "inter.broker.protocol.version";
const NAMES: &str = "controller.listener.names";

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    let old = VersionSet::before((4, 0, 0));
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster).filter(|(_, n)| n.is_whole() && n.versions.meets(old)) {
            let mut found = Vec::new();
            match node.roles() {
                Some(Roles { broker: false, controller: false }) => zookeeper_mode(node, &mut found),
                Some(_) => kraft_mode(node, &mut found),
                None => {}
            }
            protocol(node, &mut found);
            found.retain(|(refusing, _)| !refusing.is_empty());
            let found = found.into_iter().map(|(refusing, f)| (refusing.and(old), f.cluster(c)));
            out.extend(found.filter_map(|(refusing, f)| refusal(node, refusing, RefusedBy::Config, f)));
        }
    }
}

type Found = Vec<(VersionSet, Diagnostic)>;

/// The releases that know a migration.
fn migrating() -> VersionSet {
    VersionSet::since((3, 4, 0)).and(VersionSet::before((4, 0, 0)))
}

/// Between two releases, the second not among them.
fn between(since: (u32, u32, u32), before: (u32, u32, u32)) -> VersionSet {
    VersionSet::since(since).and(VersionSet::before(before))
}

fn flag(node: &Node) -> Option<&Setting> {
    let setting = node.settings.get(FLAG)?;
    setting.value.known()?.trim().eq_ignore_ascii_case("true").then_some(setting)
}

fn kraft_mode(node: &Node, out: &mut Found) {
    if let Some(flag) = flag(node).filter(|_| node.settings.get("zookeeper.connect").is_none()) {
        let message = format!("{} shall migrate from ZooKeeper, but does not know where that is", node.name);
        let finding = Diagnostic::at(Code::KL850, flag.place(), message)
            .label("zookeeper.connect is not set")
            .help(
                "Set zookeeper.connect as on the brokers that are migrated, or take the flag away when there is \
                 nothing to migrate, or no more.",
            )
            .key(FLAG)
            .key("zookeeper.connect");
        out.push((migrating(), finding));
    }
    for key in ["create.topic.policy.class.name", "alter.config.policy.class.name"] {
        let Some(setting) = node.settings.get(key) else { continue };
        let finding =
            Diagnostic::at(Code::KL505, setting.place(), format!("{key} of {} is not for KRaft", node.name))
                .label("not before 3.1")
                .help("Kafka 3.0 has no policies in KRaft mode. Take a later release.")
                .key(key);
        out.push((VersionSet::before((3, 1, 0)), finding));
    }
    if let Some(setting) = node.settings.get(PROTOCOL) {
        let refusing = below(node, setting, "3.0-IV1").and(between((3, 3, 0), (4, 0, 0)));
        let text = setting.value.as_str().trim();
        let message = format!("{PROTOCOL} of {} is {text}, of ZooKeeper days", node.name);
        let finding = Diagnostic::at(Code::KL505, setting.place(), message)
            .label("older than KRaft")
            .help("In KRaft mode it must be at least 3.0-IV1, and from 3.3 on the cluster has its own level. Take it away.")
            .key(PROTOCOL)
            .key("process.roles");
        out.push((refusing, finding));
    }
}

fn zookeeper_mode(node: &Node, out: &mut Found) {
    if node.settings.get("zookeeper.connect").is_none() {
        return;
    }
    let names = node.settings.get(NAMES);
    let filled = |s: &Setting| list::filled(s.value.slice()).next().is_some();
    broker_id(node, out);
    if let Some(setting) = node.settings.get("group.coordinator.rebalance.protocols")
        && let Some(protocol) = list::filled(setting.value.slice()).find(|p| p.as_str() == "consumer")
    {
        let message =
            format!("{} lives with ZooKeeper, where there is no rebalance protocol `consumer`", node.name);
        let finding = Diagnostic::at(Code::KL505, protocol, message)
            .label("for KRaft only")
            .help("Take it away until the cluster is migrated.")
            .key("group.coordinator.rebalance.protocols")
            .key("process.roles");
        out.push((between((3, 8, 0), (4, 0, 0)), finding));
    }
    let flag = flag(node);
    if let Some(names) = names.filter(|s| filled(s)) {
        let message = format!("{} has no process.roles, but names controller listeners", node.name);
        let finding = Diagnostic::at(Code::KL850, names.place(), message)
                .label("of KRaft")
                .help(
                    "A broker of ZooKeeper days names them only while it migrates. Set process.roles if this node runs in \
                     KRaft mode, or zookeeper.metadata.migration.enable=true on every broker if it migrates.",
                )
                .key(NAMES)
                .key("process.roles");
        // Earlier releases do not know the flag.
        out.push((between((3, 1, 0), if flag.is_some() { (3, 4, 0) } else { (4, 0, 0) }), finding));
    }
    let Some(flag) = flag else { return };
    let incomplete = |what: &str, key: &str| {
        let message = format!("{} shall migrate from ZooKeeper, but {what}", node.name);
        Diagnostic::at(Code::KL850, flag.place(), message)
            .label(format!("{key} is missing"))
            .help("A broker that migrates must know the new controllers: their voter list and the names of their listeners.")
            .key(FLAG)
            .key(key)
    };
    let set = |key: &str| node.settings.get(key).is_some_and(filled);
    if !set("controller.quorum.voters") {
        let all = migrating();
        let refusing = if set("controller.quorum.bootstrap.servers") {
            all.and(VersionSet::before((3, 9, 0)))
        } else {
            all
        };
        out.push((refusing, incomplete("does not know the controllers", "controller.quorum.voters")));
    }
    if !names.is_some_and(filled) {
        out.push((migrating(), incomplete("does not know their listener", NAMES)));
    }
    unsupported(node, flag, out);
}

/// KL852.
fn unsupported(node: &Node, flag: &Setting, out: &mut Found) {
    if let Some(setting) = node.settings.get(PROTOCOL) {
        let finding = Diagnostic::at(
            Code::KL852,
            setting.place(),
            format!("{PROTOCOL} of {} is too old to migrate", node.name),
        )
        .label("at least 3.4 is needed")
        .related_value(flag.place(), "the migration")
        .help("Raise it to 3.4 or later on every broker, restart them one by one, and migrate then.")
        .key(PROTOCOL)
        .key(FLAG);
        out.push((below(node, setting, "3.4-IV0").and(migrating()), finding));
    }
    if let Some(setting) = node.settings.get("authorizer.class.name") {
        let message = format!("{} has an authorizer, which this release does not migrate", node.name);
        let finding = Diagnostic::at(Code::KL852, setting.place(), message)
            .label("not before 3.5.1")
            .related_value(flag.place(), "the migration")
            .help("Go to 3.5.1 or later before you migrate: from there on ACLs are migrated too.")
            .key("authorizer.class.name")
            .key(FLAG);
        out.push((between((3, 4, 0), (3, 5, 1)), finding));
    }
    let directories = node.settings.get("log.dirs").or_else(|| node.settings.get("log.dir"));
    if let Some(setting) = directories.filter(|s| list::filled(s.value.slice()).count() > 1) {
        // Without the setting, the release's own level counts, which is high enough.
        let level = node.settings.get(PROTOCOL);
        let old =
            level.map_or(VersionSet::NONE, |s| below(node, s, "3.7-IV2").and(between((3, 7, 0), (4, 0, 0))));
        let refusing = between((3, 5, 2), (3, 7, 0)).or(old);
        let finding = Diagnostic::at(Code::KL852, setting.place(), format!("{} migrates with several log directories", node.name))
            .label("one of them only")
            .related_value(flag.place(), "the migration")
            .help("Several directories can be migrated from 3.7 on, with inter.broker.protocol.version 3.7 or later.")
            .key(setting.key())
            .key(FLAG)
            .key(PROTOCOL);
        out.push((refusing, finding));
    }
}

/// KL102, KL404: `broker.id` of a broker that may get one from ZooKeeper.
fn broker_id(node: &Node, out: &mut Found) {
    let number = |key: &str, default: i32| match node.settings.get(key) {
        Some(setting) => setting.value.known()?.trim().parse().ok(),
        None => Some(default),
    };
    let known = |s: &Setting| s.value.known().and_then(|v| v.trim().parse::<i32>().ok());
    // 3.0 takes node.id where it is an id; later releases want the two to be equal.
    let named = node.settings.get("node.id").filter(|s| known(s).is_none_or(|id| id >= 0));
    let id = named.or_else(|| node.settings.get("broker.id")).or_else(|| node.id_setting());
    let (Some(value), Some(most)) = (id.map_or(Some(-1), known), number("reserved.broker.max.id", 1000))
    else {
        return;
    };
    let generates = node
        .settings
        .get("broker.id.generation.enable")
        .is_none_or(|s| s.value.as_str().trim().eq_ignore_ascii_case("true"));
    let missing = |message: String| {
        let finding = match id {
            Some(setting) => Diagnostic::at(Code::KL102, setting.place(), message).label("no id"),
            None => Diagnostic::new(Code::KL102, node.anchor, message).label("broker.id is not set"),
        };
        finding.help("Give every broker a number of its own, from 0 on.").key("broker.id")
    };
    let all = VersionSet::before((4, 0, 0));
    if value < 0 && flag(node).is_some() {
        let message = format!("{} shall migrate from ZooKeeper, but has no broker.id of its own", node.name);
        out.push((between((3, 9, 0), (4, 0, 0)), missing(message)));
    }
    if value < -1 || value < 0 && !generates {
        out.push((all, missing(format!("{} has no broker.id", node.name))));
    }
    if let Some(setting) = id.filter(|_| generates && value > most) {
        let message = format!(
            "the broker.id {value} of {} is above reserved.broker.max.id, which is {most}",
            node.name
        );
        let finding = Diagnostic::at(Code::KL404, setting.place(), message)
            .label(format!("no more than {most}"))
            .help(
                "Higher ids are those that ZooKeeper gives to brokers without one. Take a lower id, raise reserved.broker.max.id, or \
                 set broker.id.generation.enable=false.",
            )
            .key(setting.key())
            .key("reserved.broker.max.id");
        out.push((all, finding));
    }
}

/// What an old `inter.broker.protocol.version` does not allow, in either mode: it decides which records the brokers know.
fn protocol(node: &Node, out: &mut Found) {
    let Some(setting) = node.settings.get(PROTOCOL) else { return };
    // RecordVersion: 2 from 0.11.0-IV0 on, 1 from 0.10.0-IV0 on.
    let record = |setting: &Setting, version: u8| {
        let (v2, v1) = (below(node, setting, "0.11.0-IV0"), below(node, setting, "0.10.0-IV0"));
        match version {
            2 => VersionSet::all().without(v2),
            1 => v2.without(v1),
            _ => v1,
        }
    };
    let old = VersionSet::before((4, 0, 0));
    let mut clash = |refusing: VersionSet, other: &Setting| {
        let text = setting.value.as_str().trim();
        let message = match other.key() {
            PROTOCOL => format!("{PROTOCOL} {text} is too old for the messages that {} writes", node.name),
            key => format!("{key} {} does not go with {PROTOCOL} {text}", other.value.as_str().trim()),
        };
        let finding = Diagnostic::at(Code::KL404, other.place(), message)
            .label("needs a later protocol")
            .related_value(setting.place(), "the protocol of this broker")
            .help("Kafka refuses what brokers of that protocol could not read. Raise inter.broker.protocol.version, or take it away.")
            .key(other.key())
            .key(PROTOCOL);
        out.push((refusing.and(old), finding));
    };
    match node.settings.get("log.message.format.version") {
        Some(format) => {
            // From 3.0 on the message format follows the protocol.
            let asked = below(node, setting, "3.0-IV1");
            let newer =
                record(format, 2).without(record(setting, 2)).or(record(format, 1).and(record(setting, 0)));
            clash(asked.and(newer), format);
        }
        // By default it is that of 3.0.
        None => clash(below(node, setting, "0.11.0-IV0"), setting),
    }
    if let Some(codec) = node.settings.get("offsets.topic.compression.codec")
        && codec.value.as_str().trim() == "4"
    {
        clash(below(node, setting, "0.11.0-IV0"), codec);
    }
}

/// The releases in which the version that `setting` names is known, and older than `least`.
fn below(node: &Node, setting: &Setting, least: &str) -> VersionSet {
    let Some(value) = setting.value.known() else { return VersionSet::NONE };
    catalog::defs(Scope::Server, setting.key())
        .iter()
        .filter(|def| VersionSet::from_bits(def.releases).meets(node.versions))
        .filter(|def| match (catalog::version_rank(def, value), catalog::version_rank(def, least)) {
            (Some(is), Some(least)) => is < least,
            (Some(_), None) => true,
            _ => false,
        })
        .fold(VersionSet::NONE, |all, def| all.or(VersionSet::from_bits(def.releases)))
}
