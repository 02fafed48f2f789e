//! Environment variable → property name, family by family, and back.

use super::Family;
use crate::kafka::version::VersionSet;

/// How the variables of an image become properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `KAFKA_X` with `_`, `__`, `___` (apache/kafka's wrapper).
    Apache,
    /// The same by Confluent's `dub` and `ub`.
    Confluent,
    /// `KAFKA_CFG_X`, without escapes, and a fixed list of plain aliases.
    Bitnami,
    /// `KAFKA_X` without escapes (wurstmeister, Debezium).
    Plain,
    /// No mapping.
    None,
}

/// The dialect of a family; for an unknown one, that of the variables themselves.
#[must_use]
pub fn dialect<'a>(family: Family, mut names: impl Iterator<Item = &'a str>) -> Dialect {
    match family {
        Family::Apache | Family::ApacheNative => Dialect::Apache,
        Family::Confluent | Family::ConfluentServer | Family::ConfluentLocal => Dialect::Confluent,
        Family::Bitnami => Dialect::Bitnami,
        Family::Wurstmeister | Family::Debezium => Dialect::Plain,
        Family::FileOnly | Family::NotKafka | Family::Tool => Dialect::None,
        Family::Unknown => {
            let mut plain = false;
            loop {
                match names.next() {
                    Some(name) if name.starts_with("KAFKA_CFG_") => return Dialect::Bitnami,
                    Some(name) => plain |= MARKS.contains(&name),
                    None => return if plain { Dialect::Apache } else { Dialect::None },
                }
            }
        }
    }
}

/// Variables that only a Kafka server has.
const MARKS: [&str; 6] = [
    "KAFKA_PROCESS_ROLES",
    "KAFKA_NODE_ID",
    "KAFKA_CONTROLLER_QUORUM_VOTERS",
    "KAFKA_CONTROLLER_LISTENER_NAMES",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
    "KAFKA_ADVERTISED_LISTENERS",
];

/// `KAFKA_…` variables that are for the start scripts, not for the broker (apache `Constants`, Confluent's templates).
const NOT_MAPPED: [&str; 11] = [
    "VERSION",
    "HEAP_OPTS",
    "LOG4J_OPTS",
    "OPTS",
    "JMX_OPTS",
    "JVM_PERFORMANCE_OPTS",
    "GC_LOG_OPTS",
    "LOG4J_ROOT_LOGLEVEL",
    "LOG4J_LOGGERS",
    "TOOLS_LOG4J_LOGLEVEL",
    "JMX_HOSTNAME",
];

/// `KAFKA_…` variables that Bitnami's scripts copy to `KAFKA_CFG_…`, overriding it.
const BITNAMI_ALIASES: [&str; 32] = [
    "ADVERTISED_LISTENERS",
    "BROKER_ID",
    "DEFAULT_REPLICATION_FACTOR",
    "DELETE_TOPIC_ENABLE",
    "INTER_BROKER_LISTENER_NAME",
    "LISTENERS",
    "LISTENER_SECURITY_PROTOCOL_MAP",
    "LOG_DIRS",
    "LOG_FLUSH_INTERVAL_MESSAGES",
    "LOG_FLUSH_INTERVAL_MS",
    "LOG_MESSAGE_FORMAT_VERSION",
    "LOG_RETENTION_BYTES",
    "LOG_RETENTION_CHECK_INTERVALS_MS",
    "LOG_RETENTION_HOURS",
    "LOG_SEGMENT_BYTES",
    "MESSAGE_MAX_BYTES",
    "NUM_IO_THREADS",
    "NUM_NETWORK_THREADS",
    "NUM_PARTITIONS",
    "NUM_RECOVERY_THREADS_PER_DATA_DIR",
    "OFFSETS_TOPIC_REPLICATION_FACTOR",
    "SOCKET_RECEIVE_BUFFER_BYTES",
    "SOCKET_REQUEST_MAX_BYTES",
    "SOCKET_SEND_BUFFER_BYTES",
    "SSL_ENDPOINT_IDENTIFICATION_ALGORITHM",
    "TRANSACTION_STATE_LOG_MIN_ISR",
    "TRANSACTION_STATE_LOG_REPLICATION_FACTOR",
    "ZOOKEEPER_CONNECT",
    "ZOOKEEPER_CONNECTION_TIMEOUT_MS",
    "NODE_ID",
    "PROCESS_ROLES",
    "CONTROLLER_QUORUM_VOTERS",
];

/// The property that variable `name` becomes, if it becomes one.
#[must_use]
pub fn property(dialect: Dialect, name: &str, versions: VersionSet) -> Option<String> {
    let rest = name.strip_prefix("KAFKA_")?;
    match dialect {
        Dialect::None => None,
        Dialect::Bitnami => {
            let rest = match rest.strip_prefix("CFG_") {
                Some(rest) => rest,
                None if BITNAMI_ALIASES.contains(&rest) => rest,
                None => return None,
            };
            let mut key = dotted(rest);
            // Two listener names with an underscore are excepted by fixed text (libkafka.sh).
            for (dots, name) in [("sasl.ssl.", "sasl_ssl"), ("sasl.plaintext.", "sasl_plaintext")] {
                let tail = key.strip_prefix("listener.name.").and_then(|rest| rest.strip_prefix(dots));
                if let Some(tail) = tail {
                    key = format!("listener.name.{name}.{tail}");
                }
            }
            Some(key)
        }
        Dialect::Plain => (!NOT_MAPPED.contains(&rest)).then(|| dotted(rest)),
        Dialect::Apache => {
            if NOT_MAPPED.contains(&rest) {
                return None;
            }
            // Up to 3.9.0 every `KAFKA_` in the name was removed (KAFKA-17911).
            let rest = if versions.within(VersionSet::before((3, 9, 1))) && rest.contains("KAFKA_") {
                &rest.replace("KAFKA_", "")
            } else {
                rest
            };
            let key = dotted(rest);
            Some(if key.contains("..") { key.replace("...", "-").replace("..", "_") } else { key })
        }
        Dialect::Confluent => {
            if NOT_MAPPED.contains(&rest) {
                return None;
            }
            let late = versions.within(VersionSet::since((4, 1, 0)));
            let plain = !late && !rest.contains("__") && !rest.starts_with('_') && !rest.ends_with('_');
            Some(if plain { dotted(rest) } else { confluent(&rest.to_lowercase(), late) })
        }
    }
}

/// In lower case, with dots for underscores.
fn dotted(name: &str) -> String {
    if !name.is_ascii() {
        return name.to_lowercase().replace('_', ".");
    }
    let mut key = String::with_capacity(name.len());
    key.extend(name.chars().map(|c| if c == '_' { '.' } else { c.to_ascii_lowercase() }));
    key
}

/// Confluent's rule: a single underscore between other characters is a dot, `___` a dash, `__` an underscore. Their Go
/// tool (8.1 and later) looks at three characters at a time and so keeps the underscore after a one-letter word.
fn confluent(rest: &str, late: bool) -> String {
    let chars: Vec<char> = rest.chars().collect();
    let at = |i: usize| chars.get(i).copied();
    let mut dotted = String::with_capacity(rest.len());
    let mut consumed = 0usize;
    for (i, c) in chars.iter().enumerate() {
        let single = *c == '_'
            && i.checked_sub(1).and_then(at).is_some_and(|p| p != '_')
            && at(i + 1).is_some_and(|n| n != '_');
        if single && !(late && consumed > i.saturating_sub(1) && consumed != 0) {
            dotted.push('.');
            consumed = i + 2;
        } else {
            dotted.push(*c);
        }
    }
    dotted.replace("___", "-").replace("__", "_")
}

/// The variable that becomes `key`, if the dialect can express it.
#[must_use]
pub fn variable(dialect: Dialect, key: &str, versions: VersionSet) -> Option<String> {
    let name = match dialect {
        Dialect::Apache | Dialect::Confluent => {
            format!("KAFKA_{}", key.replace('_', "__").replace('-', "___").replace('.', "_").to_uppercase())
        }
        Dialect::Bitnami => format!("KAFKA_CFG_{}", key.replace('.', "_").to_uppercase()),
        Dialect::Plain => format!("KAFKA_{}", key.replace('.', "_").to_uppercase()),
        Dialect::None => return None,
    };
    (property(dialect, &name, versions).as_deref() == Some(key)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_as_the_entrypoints_do() {
        let old = VersionSet::parse("3.8.0");
        let new = VersionSet::parse("4.1");
        for (dialect, versions, name, key) in [
            (Dialect::Apache, new, "KAFKA_NODE_ID", Some("node.id")),
            (
                Dialect::Apache,
                new,
                "KAFKA_LISTENER_NAME_SASL__SSL_SCRAM___SHA___512_SASL_JAAS_CONFIG",
                Some("listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config"),
            ),
            (Dialect::Apache, old, "KAFKA_KAFKA_METRICS_REPORTERS", Some("metrics.reporters")),
            (Dialect::Apache, new, "KAFKA_KAFKA_METRICS_REPORTERS", Some("kafka.metrics.reporters")),
            (Dialect::Apache, new, "KAFKA_HEAP_OPTS", None),
            (Dialect::Apache, new, "KAFKA_FOO____BAR", Some("foo-.bar")),
            (Dialect::Confluent, old, "KAFKA_FOO____BAR", Some("foo-_bar")),
            (Dialect::Confluent, old, "KAFKA_A_B_C_D", Some("a.b.c.d")),
            (Dialect::Confluent, new, "KAFKA_A_B_C_D", Some("a.b_c.d")),
            (Dialect::Confluent, new, "KAFKA_NODE_ID", Some("node.id")),
            (Dialect::Confluent, new, "KAFKA_CONTROLLER_QUORUM_VOTERS", Some("controller.quorum.voters")),
            (Dialect::Bitnami, old, "KAFKA_CFG_NODE_ID", Some("node.id")),
            (Dialect::Bitnami, old, "KAFKA_BROKER_ID", Some("broker.id")),
            (Dialect::Bitnami, old, "KAFKA_CONTROLLER_LISTENER_NAMES", None),
        ] {
            assert_eq!(property(dialect, name, versions).as_deref(), key, "{dialect:?} {name}");
        }
    }
}
