//! KL704: an authorizer of ZooKeeper days.
//!
//! Source: `AclAuthorizer.configure` (3.0 … 3.9), the class path of later releases, with real nodes of each minor release started.

use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};

const KEY: &str = "authorizer.class.name";

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster).filter(|(_, n)| n.is_broker() || n.is_controller()) {
            let Some(setting) = node.settings.get(KEY) else { continue };
            let (refusing, by, label) = match setting.value.known().map(str::trim) {
                Some("kafka.security.authorizer.AclAuthorizer") => {
                    // With a ZooKeeper in sight it works, after a fashion: so it is in a migration.
                    let perhaps = !node.is_whole() || node.settings.get("zookeeper.connect").is_some();
                    let refusing = if perhaps { VersionSet::since((4, 0, 0)) } else { VersionSet::all() };
                    (refusing, RefusedBy::Broker, "keeps its rules in ZooKeeper; gone in 4.0")
                }
                Some("kafka.security.auth.SimpleAclAuthorizer") => {
                    // Up to 3.2 the configuration makes the authorizer, later the node.
                    let early = node.versions.within(VersionSet::before((3, 3, 0)));
                    let by = if early { RefusedBy::Config } else { RefusedBy::Broker };
                    (VersionSet::all(), by, "gone since 3.0")
                }
                _ => continue,
            };
            let finding = Diagnostic::at(
                Code::KL704,
                setting.place(),
                format!("the authorizer of {} is of ZooKeeper days", node.name),
            )
            .label(label)
            .help(
                "In KRaft mode the authorizer is org.apache.kafka.metadata.authorizer.StandardAuthorizer, from Kafka 3.2 on. Set \
                 it on brokers and controllers alike, with super.users that name the nodes themselves.",
            )
            .key(KEY);
            out.extend(refusal(node, refusing, by, finding.cluster(c)));
        }
    }
}
