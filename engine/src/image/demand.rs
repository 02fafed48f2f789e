//! What an image's entrypoint demands, and at what it stops.
//!
//! Sources: apache/kafka `docker/resources/common-scripts/configure`; confluentinc/kafka-images
//! `kafka/include/etc/confluent/docker/configure` of the branches 7.4.x to 8.1.x; Bitnami's `libkafka.sh` of 3.8 and 4.0.

use super::Family;
use crate::kafka::version::VersionSet;

/// When a variable is demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Always.
    Always,
    /// `process.roles` is not exactly `controller`.
    NotController,
    /// `process.roles` is set.
    Roles,
    /// `process.roles` contains `controller`.
    Controller,
    /// KAFKA_ADVERTISED_LISTENERS contains the text `SSL://`.
    Ssl,
    /// That, and KAFKA_SSL_CLIENT_AUTH asks the clients for a certificate.
    SslClients,
    /// KAFKA_ADVERTISED_LISTENERS contains the text `SASL_…://`.
    Sasl,
}

/// A variable without which the entrypoint stops.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// The images.
    pub families: &'static [Family],
    /// The first release.
    pub from: (u32, u32, u32),
    /// The first release that no longer demands it.
    pub until: (u32, u32, u32),
    /// When.
    pub when: When,
    /// The variable.
    pub variable: &'static str,
    /// Others that do as well.
    pub others: &'static [&'static str],
    /// The Kafka key that comes of it.
    pub key: &'static str,
}

impl Demand {
    /// The releases whose image demands it.
    #[must_use]
    pub fn versions(&self) -> VersionSet {
        VersionSet::since(self.from).and(VersionSet::before(self.until))
    }
}

const CONFLUENT: &[Family] = &[Family::Confluent, Family::ConfluentServer];
const WITH_SECRETS: &[Family] =
    &[Family::Apache, Family::ApacheNative, Family::Confluent, Family::ConfluentServer];
const BITNAMI: &[Family] = &[Family::Bitnami];
const FIRST: (u32, u32, u32) = (0, 0, 0);
const EVER: (u32, u32, u32) = (99, 0, 0);

const fn secret(when: When, variable: &'static str, key: &'static str) -> Demand {
    Demand { families: WITH_SECRETS, from: FIRST, until: EVER, when, variable, others: &[], key }
}

/// The cluster id is left out: KL131 knows of it.
pub const DEMANDS: [Demand; 14] = [
    Demand {
        families: CONFLUENT,
        from: (4, 0, 0),
        until: EVER,
        when: When::Always,
        variable: "KAFKA_PROCESS_ROLES",
        others: &[],
        key: "process.roles",
    },
    Demand {
        families: CONFLUENT,
        from: (3, 4, 0),
        until: (4, 0, 0),
        when: When::Always,
        variable: "KAFKA_PROCESS_ROLES",
        others: &["KAFKA_ZOOKEEPER_CONNECT"],
        key: "process.roles",
    },
    Demand {
        families: CONFLUENT,
        from: (3, 4, 0),
        // From 8.1 the image sets it to nothing, and their new tool only asks whether it is there.
        until: (4, 1, 0),
        when: When::NotController,
        variable: "KAFKA_ADVERTISED_LISTENERS",
        others: &[],
        key: "advertised.listeners",
    },
    secret(When::Ssl, "KAFKA_SSL_KEYSTORE_FILENAME", "ssl.keystore.location"),
    secret(When::Ssl, "KAFKA_SSL_KEY_CREDENTIALS", "ssl.key.password"),
    secret(When::Ssl, "KAFKA_SSL_KEYSTORE_CREDENTIALS", "ssl.keystore.password"),
    secret(When::SslClients, "KAFKA_SSL_TRUSTSTORE_FILENAME", "ssl.truststore.location"),
    secret(When::SslClients, "KAFKA_SSL_TRUSTSTORE_CREDENTIALS", "ssl.truststore.password"),
    secret(When::Sasl, "KAFKA_OPTS", "sasl.jaas.config"),
    Demand {
        families: BITNAMI,
        from: (3, 6, 0),
        until: (4, 0, 0),
        when: When::Always,
        variable: "KAFKA_CFG_PROCESS_ROLES",
        others: &["KAFKA_PROCESS_ROLES", "KAFKA_CFG_ZOOKEEPER_CONNECT", "KAFKA_ZOOKEEPER_CONNECT"],
        key: "process.roles",
    },
    Demand {
        families: BITNAMI,
        from: (4, 0, 0),
        until: EVER,
        when: When::Always,
        variable: "KAFKA_CFG_PROCESS_ROLES",
        others: &["KAFKA_PROCESS_ROLES"],
        key: "process.roles",
    },
    Demand {
        families: BITNAMI,
        from: (3, 6, 0),
        until: EVER,
        when: When::Roles,
        variable: "KAFKA_CFG_NODE_ID",
        others: &["KAFKA_NODE_ID", "KAFKA_NODE_ID_COMMAND"],
        key: "node.id",
    },
    Demand {
        families: BITNAMI,
        from: (3, 6, 0),
        until: EVER,
        when: When::Controller,
        variable: "KAFKA_CFG_CONTROLLER_LISTENER_NAMES",
        others: &[],
        key: "controller.listener.names",
    },
    Demand {
        families: BITNAMI,
        from: (3, 6, 0),
        until: (4, 0, 0),
        when: When::Roles,
        variable: "KAFKA_CFG_CONTROLLER_QUORUM_VOTERS",
        others: &["KAFKA_CONTROLLER_QUORUM_VOTERS", "KAFKA_CONTROLLER_QUORUM_VOTERS_COMMAND"],
        key: "controller.quorum.voters",
    },
];

/// Variables at which Confluent's entrypoint stops when they are not empty, on every release, and what it calls them.
pub const REFUSED_BY_CONFLUENT: [(&str, &str); 4] = [
    ("KAFKA_ADVERTISED_PORT", "advertised.port"),
    ("KAFKA_ADVERTISED_HOST", "advertised.host"),
    ("KAFKA_HOST", "host"),
    ("KAFKA_PORT", "port"),
];

/// The releases whose entrypoint refuses KAFKA_ADVERTISED_LISTENERS where KAFKA_PROCESS_ROLES is `controller`.
#[must_use]
pub fn refuses_advertised_on_controller(family: Family) -> VersionSet {
    match family {
        Family::Apache | Family::ApacheNative => VersionSet::all(),
        Family::Confluent | Family::ConfluentServer => VersionSet::since((3, 4, 0)),
        _ => VersionSet::NONE,
    }
}
