//! Which variables of the usual companions of Kafka say where the brokers are, and which are settings of the clients inside them.
//!
//! The rows are data: a name, or a part of it, and who reads it so. Not for what a Kafka server reads: see [`super::variable`].

/// A client inside a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It writes.
    Producer,
    /// It reads.
    Consumer,
    /// It administers.
    Admin,
}

/// Names that end so hold bootstrap servers. `_`, `-` and `.` are one, and letter case does not count, for so do the programs
/// that read them (Spring's relaxed binding, kafka-ui, Conduktor).
const SERVERS: [&str; 8] = [
    // Kafka's own name: cp-kafka-connect, Schema Registry (`KAFKASTORE_`), REST proxy, ksqlDB, Control Center, Debezium, Spring.
    "BOOTSTRAP_SERVERS",
    // kafka-ui (`KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS`), Conduktor (`CDK_CLUSTERS_0_BOOTSTRAPSERVERS`).
    "BOOTSTRAPSERVERS",
    // Kafdrop.
    "KAFKA_BROKERCONNECT",
    // Redpanda Console, Benthos.
    "KAFKA_BROKERS",
    // Jaeger.
    "KAFKA_PRODUCER_BROKERS",
    "KAFKA_CONSUMER_BROKERS",
    // Spring Cloud Stream.
    "KAFKA_BINDER_BROKERS",
    // librdkafka's old name.
    "KAFKA_BROKER_LIST",
];

/// Names that start so are settings of a client, in the way of [`key`].
const SETTINGS: [(&str, &[Part]); 11] = [
    // cp-kafka-connect and debezium/connect: `CONNECT_X` is `x` of the worker, `producer.` and `consumer.` those of its clients.
    ("CONNECT_PRODUCER_", &[Part::Producer]),
    ("CONNECT_CONSUMER_", &[Part::Consumer]),
    ("CONNECT_ADMIN_", &[Part::Admin]),
    // cp-kafka-rest.
    ("KAFKA_REST_PRODUCER_", &[Part::Producer]),
    ("KAFKA_REST_CONSUMER_", &[Part::Consumer]),
    // cp-ksqldb-server.
    ("KSQL_KSQL_STREAMS_PRODUCER_", &[Part::Producer]),
    ("KSQL_KSQL_STREAMS_CONSUMER_", &[Part::Consumer]),
    // Spring Boot, `KafkaProperties`.
    ("SPRING_KAFKA_PROPERTIES_", &[Part::Producer, Part::Consumer, Part::Admin]),
    ("SPRING_KAFKA_PRODUCER_PROPERTIES_", &[Part::Producer]),
    ("SPRING_KAFKA_CONSUMER_PROPERTIES_", &[Part::Consumer]),
    ("SPRING_KAFKA_ADMIN_PROPERTIES_", &[Part::Admin]),
];

/// True when the variable `name` may hold bootstrap servers.
#[must_use]
pub fn names_servers(name: &str) -> bool {
    // Nearly every variable is something else.
    if !name.ends_with(['S', 's', 'T', 't']) {
        return false;
    }
    let upper = same(name);
    // `KAFKA_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS` is a server's.
    !upper.contains("QUORUM") && SERVERS.iter().any(|end| upper.ends_with(end))
}

/// The Kafka key that the variable `name` sets, and of which clients.
#[must_use]
pub fn key(name: &str) -> Option<(&'static [Part], String)> {
    let upper = same(name);
    let (prefix, parts) = SETTINGS.iter().find(|(prefix, _)| upper.starts_with(prefix))?;
    let rest = upper.get(prefix.len()..).filter(|rest| !rest.is_empty())?;
    Some((*parts, rest.to_ascii_lowercase().replace('_', ".")))
}

fn same(name: &str) -> String {
    name.chars().map(|c| if matches!(c, '-' | '.') { '_' } else { c.to_ascii_uppercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_where_the_brokers_are_named() {
        for name in [
            "KAFKA_BOOTSTRAP_SERVERS",
            "KAFKA_BOOTSTRAP-SERVERS",
            "SPRING_KAFKA_BOOTSTRAPSERVERS",
            "spring.kafka.bootstrap-servers",
            "kafka.clusters.0.bootstrapServers",
            "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS",
            "KAFKA_BROKERCONNECT",
            "SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS",
        ] {
            assert!(names_servers(name), "{name}");
        }
        for name in ["KAFKA_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS", "BROKERS", "KAFKA_HEAP_OPTS", "SERVERS"] {
            assert!(!names_servers(name), "{name}");
        }
    }

    #[test]
    fn knows_settings_of_clients() {
        let all = |name: &str| key(name).map(|(parts, key)| format!("{parts:?} {key}"));
        assert_eq!(all("CONNECT_PRODUCER_MAX_REQUEST_SIZE").as_deref(), Some("[Producer] max.request.size"));
        assert_eq!(
            all("spring.kafka.consumer.properties.fetch.max.bytes").as_deref(),
            Some("[Consumer] fetch.max.bytes")
        );
        assert_eq!(all("CONNECT_BOOTSTRAP_SERVERS"), None);
        assert_eq!(all("CONNECT_PRODUCER_"), None);
    }
}
