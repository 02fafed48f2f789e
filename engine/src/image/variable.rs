//! Environment variable → property name, family by family, and back.

use super::Family;
use crate::kafka::version::VersionSet;

/// How the variables of an image become properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// `KAFKA_X` with `_`, `__`, `___` (apache/kafka's `KafkaDockerWrapper`).
    Apache,
    /// The same by Confluent's tools: Python's `dub` up to 8.0, Go's `ub` from then on.
    Confluent,
    /// The same in cp-server, which has more prefixes.
    ConfluentServer,
    /// The same in confluent-local, by `ub` and a list of prefixes.
    ConfluentLocal,
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
        Family::Confluent => Dialect::Confluent,
        Family::ConfluentServer => Dialect::ConfluentServer,
        Family::ConfluentLocal => Dialect::ConfluentLocal,
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

/// Variables that start with `start` are mapped: `skip` characters of the name give way to `key`.
struct Prefix {
    start: &'static str,
    skip: usize,
    key: &'static str,
}

/// Which variables a dialect looks at (`kafka.properties.template` and `kafka-propertiesSpec.json` of confluentinc/kafka-images).
fn prefixes(dialect: Dialect) -> &'static [Prefix] {
    const KAFKA: Prefix = Prefix { start: "KAFKA_", skip: 6, key: "" };
    const SUPPORT: Prefix = Prefix { start: "CONFLUENT_SUPPORT_", skip: 18, key: "confluent.support." };
    const METRICS: Prefix = Prefix { start: "CONFLUENT_METRICS_", skip: 18, key: "confluent.metrics." };
    match dialect {
        Dialect::Confluent => &[KAFKA, SUPPORT],
        Dialect::ConfluentServer => &[KAFKA, SUPPORT, METRICS],
        // Its list names the prefixes without an underscore and skips one character more.
        Dialect::ConfluentLocal => {
            &[Prefix { start: "KAFKA", skip: 6, key: "" }, Prefix { start: "CONFLUENT", skip: 0, key: "" }]
        }
        Dialect::Apache | Dialect::Plain | Dialect::Bitnami => &[KAFKA],
        Dialect::None => &[],
    }
}

/// `KAFKA_…` variables for the start scripts, which every list of exceptions names.
const FOR_SCRIPTS: [&str; 8] = [
    "VERSION",
    "OPTS",
    "JMX_OPTS",
    "JVM_PERFORMANCE_OPTS",
    "GC_LOG_OPTS",
    "LOG4J_ROOT_LOGLEVEL",
    "LOG4J_LOGGERS",
    "TOOLS_LOG4J_LOGLEVEL",
];

/// True for a `KAFKA_…` variable that is no setting in any image: the start scripts read it.
#[must_use]
pub fn is_for_scripts(name: &str) -> bool {
    const MORE: [&str; 4] = ["HEAP_OPTS", "LOG4J_OPTS", "JMX_PORT", "JMX_HOSTNAME"];
    name.strip_prefix("KAFKA_").is_some_and(|rest| FOR_SCRIPTS.contains(&rest) || MORE.contains(&rest))
}

/// What wurstmeister's `start-kafka.sh` leaves out.
const PLAIN_EXCEPTIONS: [&str; 10] = [
    "VERSION",
    "HOME",
    "DEBUG",
    "GC_LOG_OPTS",
    "HEAP_OPTS",
    "JMX_OPTS",
    "JVM_PERFORMANCE_OPTS",
    "LOG",
    "OPTS",
    "CREATE_TOPICS",
];

/// True for a variable `KAFKA_` + `rest` that does not become a property.
fn is_left_out(dialect: Dialect, rest: &str, versions: VersionSet) -> bool {
    match dialect {
        Dialect::Plain => PLAIN_EXCEPTIONS.contains(&rest),
        _ if FOR_SCRIPTS.contains(&rest) => true,
        Dialect::Apache => match rest {
            "LOG4J_OPTS" | "JMX_HOSTNAME" => true,
            // 3.7.0 lists KAFKA_HEAP_OPT, without the S.
            "HEAP_OPTS" => !versions.within(VersionSet::before((3, 7, 1))),
            "HEAP_OPT" => versions.within(VersionSet::before((3, 7, 1))),
            _ => false,
        },
        // Up to 8.0 a comma is missing between the two, so neither is in the list.
        Dialect::Confluent | Dialect::ConfluentServer => {
            matches!(rest, "HEAP_OPTS" | "LOG4J_OPTS") && versions.within(VersionSet::since((4, 1, 0)))
        }
        Dialect::ConfluentLocal => matches!(rest, "HEAP_OPT" | "LOG4J_OPTS") || rest.starts_with("REST_"),
        Dialect::Bitnami | Dialect::None => false,
    }
}

/// `KAFKA_…` variables that Bitnami's scripts copy to a `KAFKA_CFG_…`, overriding it; a later one wins
/// (`kafka_create_alias_environment_variables`).
const BITNAMI_ALIASES: [(&str, &str); 37] = [
    ("LOGS_DIRS", "CFG_LOG_DIRS"),
    ("SEGMENT_BYTES", "CFG_LOG_SEGMENT_BYTES"),
    ("MAX_MESSAGE_BYTES", "CFG_MESSAGE_MAX_BYTES"),
    ("ZOOKEEPER_CONNECT_TIMEOUT_MS", "CFG_ZOOKEEPER_CONNECTION_TIMEOUT_MS"),
    ("AUTO_CREATE_TOPICS_ENABLE", "CFG_AUTO_CREATE_TOPICS_ENABLE"),
    ("ADVERTISED_LISTENERS", "CFG_ADVERTISED_LISTENERS"),
    ("BROKER_ID", "CFG_BROKER_ID"),
    ("DEFAULT_REPLICATION_FACTOR", "CFG_DEFAULT_REPLICATION_FACTOR"),
    ("DELETE_TOPIC_ENABLE", "CFG_DELETE_TOPIC_ENABLE"),
    ("INTER_BROKER_LISTENER_NAME", "CFG_INTER_BROKER_LISTENER_NAME"),
    ("LISTENERS", "CFG_LISTENERS"),
    ("LISTENER_SECURITY_PROTOCOL_MAP", "CFG_LISTENER_SECURITY_PROTOCOL_MAP"),
    ("LOG_DIRS", "CFG_LOG_DIRS"),
    ("LOG_FLUSH_INTERVAL_MESSAGES", "CFG_LOG_FLUSH_INTERVAL_MESSAGES"),
    ("LOG_FLUSH_INTERVAL_MS", "CFG_LOG_FLUSH_INTERVAL_MS"),
    ("LOG_MESSAGE_FORMAT_VERSION", "CFG_LOG_MESSAGE_FORMAT_VERSION"),
    ("LOG_RETENTION_BYTES", "CFG_LOG_RETENTION_BYTES"),
    ("LOG_RETENTION_CHECK_INTERVALS_MS", "CFG_LOG_RETENTION_CHECK_INTERVALS_MS"),
    ("LOG_RETENTION_HOURS", "CFG_LOG_RETENTION_HOURS"),
    ("LOG_SEGMENT_BYTES", "CFG_LOG_SEGMENT_BYTES"),
    ("MESSAGE_MAX_BYTES", "CFG_MESSAGE_MAX_BYTES"),
    ("NUM_IO_THREADS", "CFG_NUM_IO_THREADS"),
    ("NUM_NETWORK_THREADS", "CFG_NUM_NETWORK_THREADS"),
    ("NUM_PARTITIONS", "CFG_NUM_PARTITIONS"),
    ("NUM_RECOVERY_THREADS_PER_DATA_DIR", "CFG_NUM_RECOVERY_THREADS_PER_DATA_DIR"),
    ("OFFSETS_TOPIC_REPLICATION_FACTOR", "CFG_OFFSETS_TOPIC_REPLICATION_FACTOR"),
    ("SOCKET_RECEIVE_BUFFER_BYTES", "CFG_SOCKET_RECEIVE_BUFFER_BYTES"),
    ("SOCKET_REQUEST_MAX_BYTES", "CFG_SOCKET_REQUEST_MAX_BYTES"),
    ("SOCKET_SEND_BUFFER_BYTES", "CFG_SOCKET_SEND_BUFFER_BYTES"),
    ("SSL_ENDPOINT_IDENTIFICATION_ALGORITHM", "CFG_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM"),
    ("TRANSACTION_STATE_LOG_MIN_ISR", "CFG_TRANSACTION_STATE_LOG_MIN_ISR"),
    ("TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "CFG_TRANSACTION_STATE_LOG_REPLICATION_FACTOR"),
    ("ZOOKEEPER_CONNECT", "CFG_ZOOKEEPER_CONNECT"),
    ("ZOOKEEPER_CONNECTION_TIMEOUT_MS", "CFG_ZOOKEEPER_CONNECTION_TIMEOUT_MS"),
    ("NODE_ID", "CFG_NODE_ID"),
    ("PROCESS_ROLES", "CFG_PROCESS_ROLES"),
    ("CONTROLLER_QUORUM_VOTERS", "CFG_CONTROLLER_QUORUM_VOTERS"),
];

/// The property that variable `name` becomes, if it becomes one.
#[must_use]
pub fn property(dialect: Dialect, name: &str, versions: VersionSet) -> Option<String> {
    let prefix = prefixes(dialect).iter().find(|p| name.starts_with(p.start))?;
    let rest = name.get(prefix.skip..)?;
    if prefix.key.is_empty() && is_left_out(dialect, rest, versions) {
        return None;
    }
    match dialect {
        Dialect::None => None,
        Dialect::Bitnami => bitnami(rest, versions),
        Dialect::Plain => Some(dotted(rest)),
        Dialect::Apache => {
            // Before 4.0 every `KAFKA_` in the name was removed (KAFKA-17911).
            let rest = if versions.within(VersionSet::before((4, 0, 0))) && rest.contains("KAFKA_") {
                &rest.replace("KAFKA_", "")
            } else {
                rest
            };
            let key = dotted(rest);
            Some(if key.contains("..") { key.replace("...", "-").replace("..", "_") } else { key })
        }
        Dialect::Confluent | Dialect::ConfluentServer | Dialect::ConfluentLocal => {
            let go = dialect == Dialect::ConfluentLocal || versions.within(VersionSet::since((4, 1, 0)));
            // Their one exception, of the 7.x images.
            if rest == "ZOOKEEPER_CLIENT_CNXN_SOCKET" && versions.within(VersionSet::before((4, 0, 0))) {
                return Some("zookeeper.clientCnxnSocket".to_owned());
            }
            let plain = !go && !rest.contains("__") && !rest.starts_with('_') && !rest.ends_with('_');
            let key = if plain { dotted(rest) } else { confluent(&rest.to_lowercase(), go) };
            Some(if prefix.key.is_empty() { key } else { format!("{}{key}", prefix.key) })
        }
    }
}

/// `kafka_configure_from_environment_variables` of Bitnami's `libkafka.sh`; `rest` is the name without `KAFKA_`.
fn bitnami(rest: &str, versions: VersionSet) -> Option<String> {
    let rest = rest.strip_prefix("CFG_").or_else(|| bitnami_twin(rest, versions)?.strip_prefix("CFG_"))?;
    // The shell lists the names of its own variables only.
    if !rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return None;
    }
    if rest == "ZOOKEEPER_CLIENTCNXNSOCKET" {
        return Some("zookeeper.clientCnxnSocket".to_owned());
    }
    // Two protocols with an underscore are excepted by fixed text.
    let key = dotted(rest);
    let excepted = key.contains("sasl.ssl") || key.contains("sasl.plaintext");
    Some(if excepted {
        key.replace("sasl.ssl", "sasl_ssl").replace("sasl.plaintext", "sasl_plaintext")
    } else {
        key
    })
}

/// The `CFG_…` variable that Bitnami's scripts set to the value of `KAFKA_` + `rest`.
fn bitnami_twin(rest: &str, versions: VersionSet) -> Option<&'static str> {
    // From 4.1 on the one stands in the list in place of the other.
    let dynamic = versions.within(VersionSet::since((4, 1, 0)));
    match rest {
        "CONTROLLER_QUORUM_VOTERS" if dynamic => None,
        "CONTROLLER_QUORUM_BOOTSTRAP_SERVERS" if dynamic => Some("CFG_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS"),
        _ => BITNAMI_ALIASES.iter().rfind(|(alias, _)| *alias == rest).map(|(_, twin)| *twin),
    }
}

/// True when the entrypoint writes a blank line behind each property (the Go templates of 8.1 and later).
#[must_use]
pub fn parts_lines(dialect: Dialect, versions: VersionSet) -> bool {
    matches!(dialect, Dialect::Confluent | Dialect::ConfluentServer)
        && versions.within(VersionSet::since((4, 1, 0)))
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
fn confluent(rest: &str, go: bool) -> String {
    let chars: Vec<char> = rest.chars().collect();
    let at = |i: usize| chars.get(i).copied();
    let mut dotted = String::with_capacity(rest.len());
    let mut consumed = 0usize;
    for (i, c) in chars.iter().enumerate() {
        let single = *c == '_'
            && i.checked_sub(1).and_then(at).is_some_and(|p| p != '_')
            && at(i + 1).is_some_and(|n| n != '_');
        if single && !(go && consumed > i.saturating_sub(1) && consumed != 0) {
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
        Dialect::Apache | Dialect::Confluent | Dialect::ConfluentServer | Dialect::ConfluentLocal => {
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
            (Dialect::Bitnami, old, "KAFKA_LOGS_DIRS", Some("log.dirs")),
            (Dialect::Bitnami, old, "KAFKA_CONTROLLER_QUORUM_VOTERS", Some("controller.quorum.voters")),
            (Dialect::Bitnami, new, "KAFKA_CONTROLLER_QUORUM_VOTERS", None),
            (Dialect::Apache, VersionSet::parse("3.9.1"), "KAFKA_KAFKA_X", Some("x")),
            (Dialect::Apache, VersionSet::parse("3.7.0"), "KAFKA_HEAP_OPTS", Some("heap.opts")),
            (Dialect::Confluent, old, "KAFKA_HEAP_OPTS", Some("heap.opts")),
            (Dialect::Confluent, new, "KAFKA_HEAP_OPTS", None),
            (
                Dialect::Confluent,
                old,
                "CONFLUENT_SUPPORT_METRICS_ENABLE",
                Some("confluent.support.metrics.enable"),
            ),
            (Dialect::Confluent, old, "CONFLUENT_METRICS_ENABLE", None),
            (Dialect::ConfluentServer, old, "CONFLUENT_METRICS_ENABLE", Some("confluent.metrics.enable")),
            (Dialect::ConfluentLocal, old, "CONFLUENT_METRICS_ENABLE", Some("confluent.metrics.enable")),
            (Dialect::ConfluentLocal, old, "KAFKA_REST_LISTENERS", None),
        ] {
            assert_eq!(property(dialect, name, versions).as_deref(), key, "{dialect:?} {name}");
        }
    }
}
