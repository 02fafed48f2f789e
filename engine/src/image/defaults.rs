//! What an image's entrypoint sets by itself.

use super::Family;
use crate::kafka::version::VersionSet;

/// The cluster id that apache/kafka's `configureDefaults` gives every container without one.
pub const APACHE_CLUSTER_ID: &str = "5L6g3nShT-eMCtK--X86sw";

/// The same of confluent-local.
pub const CONFLUENT_LOCAL_CLUSTER_ID: &str = "4L6g3nShT-eMCtK--X86sw";

/// Variables that the entrypoint sets where they are unset or empty.
#[must_use]
pub fn variables(family: Family) -> &'static [(&'static str, &'static str)] {
    const DATA: (&str, &str) = ("KAFKA_LOG_DIRS", "/var/lib/kafka/data");
    match family {
        Family::Confluent => &[DATA],
        Family::ConfluentServer => &[DATA, ("KAFKA_CONFLUENT_BALANCER_ENABLE", "true")],
        // `configureDefaults`; those of the REST proxy are left out.
        Family::ConfluentLocal => &[
            ("KAFKA_NODE_ID", "1"),
            (
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT",
            ),
            (
                "KAFKA_LISTENERS",
                "PLAINTEXT://localhost:29092,CONTROLLER://localhost:29093,PLAINTEXT_HOST://0.0.0.0:9092",
            ),
            ("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://localhost:29092,PLAINTEXT_HOST://localhost:9092"),
            ("KAFKA_PROCESS_ROLES", "broker,controller"),
            ("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:29093"),
            ("KAFKA_INTER_BROKER_LISTENER_NAME", "PLAINTEXT"),
            ("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
            ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
            ("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0"),
            ("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
            ("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
            ("KAFKA_LOG_DIRS", "/tmp/kraft-combined-logs"),
        ],
        Family::Bitnami => &[("KAFKA_CFG_SASL_ENABLED_MECHANISMS", BITNAMI_MECHANISMS)],
        _ => &[],
    }
}

/// What Bitnami's `kafka-env.sh` enables.
pub const BITNAMI_MECHANISMS: &str = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512";

/// The file that apache/kafka uses when neither a variable nor a mounted file says anything: `config/kraft/server.properties` of
/// 3.7 to 3.9, `docker/server.properties` from 4.0 on.
#[must_use]
pub fn apache_file(versions: VersionSet) -> Vec<(&'static str, &'static str)> {
    let four = versions.within(VersionSet::since((4, 0, 0)));
    let nine = versions.within(VersionSet::minor(3, 9));
    let mut file = vec![
        ("process.roles", "broker,controller"),
        ("node.id", "1"),
        ("controller.quorum.voters", "1@localhost:9093"),
        ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"),
        ("inter.broker.listener.name", "PLAINTEXT"),
        (
            "advertised.listeners",
            if nine {
                "PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093"
            } else {
                "PLAINTEXT://localhost:9092"
            },
        ),
        ("controller.listener.names", "CONTROLLER"),
        (
            "listener.security.protocol.map",
            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
        ),
        ("log.dirs", "/tmp/kraft-combined-logs"),
    ];
    file.extend(STOCK);
    file.push(("num.recovery.threads.per.data.dir", if four { "2" } else { "1" }));
    if four {
        file.push(("share.coordinator.state.topic.replication.factor", "1"));
        file.push(("share.coordinator.state.topic.min.isr", "1"));
    }
    file
}

/// What Kafka's sample files of all releases set alike.
const STOCK: [(&str, &str); 12] = [
    ("num.network.threads", "3"),
    ("num.io.threads", "8"),
    ("socket.send.buffer.bytes", "102400"),
    ("socket.receive.buffer.bytes", "102400"),
    ("socket.request.max.bytes", "104857600"),
    ("num.partitions", "1"),
    ("offsets.topic.replication.factor", "1"),
    ("transaction.state.log.replication.factor", "1"),
    ("transaction.state.log.min.isr", "1"),
    ("log.retention.hours", "168"),
    ("log.segment.bytes", "1073741824"),
    ("log.retention.check.interval.ms", "300000"),
];

/// What Bitnami's scripts leave of Kafka's sample file (`kafka_server_unify_conf` takes out what tells a node from another), and
/// write before the environment's properties, which win.
#[must_use]
pub fn bitnami_file(versions: VersionSet) -> Vec<(&'static str, &'static str)> {
    let mut file = vec![("log.dirs", "/bitnami/kafka/data")];
    // The samples of ZooKeeper days have the segment's size in a comment.
    file.extend(STOCK.iter().filter(|(key, _)| *key != "log.segment.bytes"));
    if versions.within(VersionSet::before((4, 0, 0))) {
        file.push(("num.recovery.threads.per.data.dir", "1"));
    }
    if versions.within(VersionSet::since((4, 0, 0))) {
        file.push(("log.segment.bytes", "1073741824"));
        file.push(("share.coordinator.state.topic.replication.factor", "1"));
        file.push(("share.coordinator.state.topic.min.isr", "1"));
    }
    file
}
