//! What an image's entrypoint sets by itself.

use super::Family;
use crate::kafka::version::VersionSet;

/// The cluster id that apache/kafka's `configureDefaults` gives every container without one.
pub const APACHE_CLUSTER_ID: &str = "5L6g3nShT-eMCtK--X86sw";

/// The same of confluent-local.
pub const CONFLUENT_LOCAL_CLUSTER_ID: &str = "4L6g3nShT-eMCtK--X86sw";

/// Settings that the entrypoint writes before the environment's, which win.
#[must_use]
pub fn written(family: Family) -> &'static [(&'static str, &'static str)] {
    match family {
        Family::Confluent | Family::ConfluentServer => &[("log.dirs", "/var/lib/kafka/data")],
        Family::Bitnami => &[("log.dirs", "/bitnami/kafka/data")],
        Family::ConfluentLocal => &[
            ("node.id", "1"),
            (
                "listener.security.protocol.map",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT",
            ),
            (
                "listeners",
                "PLAINTEXT://localhost:29092,CONTROLLER://localhost:29093,PLAINTEXT_HOST://0.0.0.0:9092",
            ),
            ("advertised.listeners", "PLAINTEXT://localhost:29092,PLAINTEXT_HOST://localhost:9092"),
            ("process.roles", "broker,controller"),
            ("controller.quorum.voters", "1@localhost:29093"),
            ("inter.broker.listener.name", "PLAINTEXT"),
            ("controller.listener.names", "CONTROLLER"),
            ("offsets.topic.replication.factor", "1"),
            ("transaction.state.log.replication.factor", "1"),
            ("transaction.state.log.min.isr", "1"),
            ("log.dirs", "/tmp/kraft-combined-logs"),
        ],
        _ => &[],
    }
}

/// The file that apache/kafka uses when neither a variable nor a mounted file says anything
/// (3.7–3.9 `config/kraft/server.properties`, 4.x `docker/server.properties`).
#[must_use]
pub fn apache_file(versions: VersionSet) -> Vec<(&'static str, &'static str)> {
    let mut file = vec![
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.voters", "1@localhost:9093"),
        ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
        ("inter.broker.listener.name", "PLAINTEXT"),
        ("advertised.listeners", "PLAINTEXT://localhost:9092"),
        ("controller.listener.names", "CONTROLLER"),
        (
            "listener.security.protocol.map",
            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
        ),
        ("log.dirs", "/tmp/kraft-combined-logs"),
        ("offsets.topic.replication.factor", "1"),
        ("transaction.state.log.replication.factor", "1"),
        ("transaction.state.log.min.isr", "1"),
    ];
    if versions.within(VersionSet::since((4, 0, 0))) {
        file.push(("share.coordinator.state.topic.replication.factor", "1"));
        file.push(("share.coordinator.state.topic.min.isr", "1"));
    }
    file
}
