//! Image families: which image a service runs, which Kafka is in it, and what its entrypoint makes of the environment.
//!
//! Facts are from the images' own entrypoint scripts (apache/kafka `docker/`, confluentinc/kafka-images,
//! bitnami/containers `bitnami/kafka`). Not for Compose and not for Kafka: a family turns variables into settings, no more.

pub mod bitnami;
pub mod client;
pub mod defaults;
pub mod demand;
pub mod environment;
pub mod reference;
pub mod variable;

use crate::kafka::version::VersionSet;
use crate::text::{HOLE, Text};

/// Whose entrypoint a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// `apache/kafka`.
    Apache,
    /// `apache/kafka-native`.
    ApacheNative,
    /// `confluentinc/cp-kafka` and the older `cp-enterprise-kafka`.
    Confluent,
    /// `confluentinc/cp-server`.
    ConfluentServer,
    /// `confluentinc/confluent-local`.
    ConfluentLocal,
    /// `bitnami/kafka` and its forks.
    Bitnami,
    /// `wurstmeister/kafka`: ZooKeeper only.
    Wurstmeister,
    /// `debezium/kafka`.
    Debezium,
    /// A Kafka image that takes no settings from the environment: Ubuntu's, Strimzi's, Docker's hardened one.
    FileOnly,
    /// Kafka of another maker: not a Kafka node for us.
    NotKafka,
    /// A program that is a client or a tool by its name.
    Tool,
    /// Nothing is known; the style of the variables may tell.
    Unknown,
}

impl Family {
    /// The name shown and given in JSON; `None` for what is not known.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Family::Apache => "apache",
            Family::ApacheNative => "apache-native",
            Family::Confluent => "confluent",
            Family::ConfluentServer => "confluent-server",
            Family::ConfluentLocal => "confluent-local",
            Family::Bitnami => "bitnami",
            Family::Wurstmeister => "wurstmeister",
            Family::Debezium => "debezium",
            Family::FileOnly => "file-only",
            Family::NotKafka | Family::Tool | Family::Unknown => return None,
        })
    }

    /// The family of that [`name`](Family::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Family> {
        Family::NAMED.into_iter().find(|f| f.name() == Some(name))
    }

    /// Every family that has a name.
    pub const NAMED: [Family; 9] = [
        Family::Apache,
        Family::ApacheNative,
        Family::Confluent,
        Family::ConfluentServer,
        Family::ConfluentLocal,
        Family::Bitnami,
        Family::Wurstmeister,
        Family::Debezium,
        Family::FileOnly,
    ];

    /// True for an image whose standard entrypoint starts a Kafka server.
    #[must_use]
    pub fn is_kafka(self) -> bool {
        !matches!(self, Family::NotKafka | Family::Tool | Family::Unknown)
    }
}

/// What an image reference says.
#[derive(Debug, Clone, Copy)]
pub struct Image {
    /// The family.
    pub family: Family,
    /// The Kafka releases that may be in it.
    pub versions: VersionSet,
    /// True when the tag says the version.
    pub tagged: bool,
}

impl Image {
    /// Nothing is known.
    #[must_use]
    pub fn unknown() -> Image {
        Image { family: Family::Unknown, versions: VersionSet::all(), tagged: false }
    }
}

/// Reads an image reference. Registry hosts and name spaces of private mirrors do not count; the last segments do. `aliases` are
/// repositories of which the user knows the family; the registry host may be left out.
#[must_use]
pub fn recognise(reference: &Text, aliases: &[(String, Family)]) -> Image {
    let whole = reference.as_str().trim();
    let whole = whole.split_once('@').map_or(whole, |(name, _)| name);
    let slash = whole.rfind('/').map_or(0, |i| i + 1);
    let (repository, tag) = match whole.get(slash..).and_then(|last| last.rfind(':')) {
        Some(colon) => (whole.get(..slash + colon).unwrap_or(""), whole.get(slash + colon + 1..)),
        None => (whole, None),
    };
    let mut segments = repository.rsplit('/');
    let name = segments.next().unwrap_or("");
    let space = segments.next().unwrap_or("");
    let is_alias = |alias: &str| {
        repository.strip_suffix(alias).is_some_and(|before| before.is_empty() || before.ends_with('/'))
    };
    let alias = aliases.iter().find(|(alias, _)| is_alias(alias));
    let family = alias.map_or_else(|| family(space, name), |(_, family)| *family);
    // A digest alone says nothing of the release, least of all that it is the newest.
    let tag = tag.or(reference.as_str().contains('@').then_some(""));
    let (versions, tagged) = versions(family, name, tag);
    Image { family, versions, tagged }
}

fn family(space: &str, name: &str) -> Family {
    match (space, name) {
        ("apache", "kafka") => Family::Apache,
        (_, "kafka-native") => Family::ApacheNative,
        (_, "cp-kafka" | "cp-enterprise-kafka") => Family::Confluent,
        (_, "cp-server") => Family::ConfluentServer,
        (_, "confluent-local") => Family::ConfluentLocal,
        ("bitnami" | "bitnamilegacy" | "bitnamisecure" | "soldevelo", "kafka") => Family::Bitnami,
        ("wurstmeister", "kafka") => Family::Wurstmeister,
        ("debezium", "kafka") => Family::Debezium,
        ("ubuntu" | "strimzi" | "dhi.io", "kafka") => Family::FileOnly,
        (_, "automq") => Family::Apache,
        (_, "redpanda" | "redpanda-nightly" | "pulsar" | "pulsar-all" | "tansu" | "kafka-lite") => {
            Family::NotKafka
        }
        (_, name) if is_tool(name) => Family::Tool,
        _ => Family::Unknown,
    }
}

/// Programs around Kafka that people run beside it, told by the last part of the image's name.
fn is_tool(name: &str) -> bool {
    const EXACT: [&str; 14] = [
        "console",
        "akhq",
        "kafdrop",
        "kcat",
        "kafkacat",
        "cmak",
        "kafka-manager",
        "zookeeper",
        "cp-zookeeper",
        "kpow",
        "kpow-ce",
        "conduktor-platform",
        "kowl",
        "burrow",
    ];
    const PARTS: [&str; 12] = [
        "kafka-ui",
        "kafka-connect",
        "schema-registry",
        "cp-kafka-rest",
        "ksqldb",
        "control-center",
        "exporter",
        "cruise-control",
        "kafka-bridge",
        "kafka-topics-ui",
        "cp-kafka-mqtt",
        "mirror",
    ];
    EXACT.contains(&name) || PARTS.iter().any(|part| name.contains(part))
}

/// The leading `1.2.3` of a tag.
fn leading_number(tag: &str) -> &str {
    let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
    tag.get(..end).unwrap_or("").trim_end_matches('.')
}

fn versions(family: Family, name: &str, tag: Option<&str>) -> (VersionSet, bool) {
    let fallback = match family {
        // The first image is 3.7.0; without a tag it is the newest, and 4.0 was the newest since March 2025.
        Family::Apache | Family::ApacheNative if tag.is_none_or(|t| t == "latest") => {
            VersionSet::since((4, 0, 0))
        }
        Family::Apache | Family::ApacheNative => VersionSet::since((3, 7, 0)),
        Family::Confluent | Family::ConfluentServer | Family::ConfluentLocal
            if tag.is_none_or(|t| t.starts_with("latest")) =>
        {
            VersionSet::since((4, 0, 0))
        }
        _ => VersionSet::all(),
    };
    let Some(tag) = tag.filter(|t| !t.contains(HOLE)) else { return (fallback, false) };
    let tag = tag.rsplit_once("-kafka-").map_or(tag, |(_, rest)| rest);
    let number = leading_number(tag);
    let set = match family {
        Family::Apache | Family::ApacheNative | Family::Bitnami => VersionSet::parse(number),
        Family::Confluent | Family::ConfluentServer | Family::ConfluentLocal => confluent(number),
        Family::FileOnly => VersionSet::parse(number),
        // A private name for a Kafka image nearly always keeps Kafka's version; Confluent's start at 5.
        Family::Unknown if name.contains("kafka") => {
            let set = VersionSet::parse(number);
            if set.is_empty() && number.starts_with(['7', '8']) { confluent(number) } else { set }
        }
        _ => VersionSet::NONE,
    };
    if set.is_empty() || !number.contains('.') { (fallback, false) } else { (set, true) }
}

/// Confluent Platform 7.x carries Kafka 3.x, 8.x carries 4.x; its patch number is its own.
fn confluent(number: &str) -> VersionSet {
    let mut parts = number.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(7)), Some(Ok(minor))) => VersionSet::minor(3, minor),
        (Some(Ok(8)), Some(Ok(minor))) => VersionSet::minor(4, minor),
        _ => VersionSet::NONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    fn image(s: &str) -> (Family, String) {
        let aliases = [("corp/broker".to_owned(), Family::Bitnami)];
        let i = recognise(&Text::decoded(s, Span { file: FileId(0), start: 0, end: 1 }), &aliases);
        (i.family, i.versions.describe())
    }

    #[test]
    fn recognises_images() {
        for (reference, family, versions) in [
            ("apache/kafka:3.9.1", Family::Apache, "3.9.1"),
            ("docker.io/apache/kafka", Family::Apache, "4.0 and later"),
            ("confluentinc/cp-kafka@sha256:620734d9", Family::Confluent, "3.0 and later"),
            ("reg.corp:5000/hub/bitnami/kafka:3.4", Family::Bitnami, "3.4"),
            ("bitnamilegacy/kafka:3.6.2-debian-12-r3", Family::Bitnami, "3.6.2"),
            ("confluentinc/cp-kafka:7.6.1-1-ubi8", Family::Confluent, "3.6"),
            ("confluentinc/cp-server:8.0.x-latest", Family::ConfluentServer, "4.0"),
            ("confluentinc/cp-kafka-connect:7.6.1", Family::Tool, "3.0 and later"),
            ("\u{fdd0}/kafka:3.2.0", Family::Unknown, "3.2.0"),
            ("quay.io/strimzi/kafka:0.45.0-kafka-3.9.0", Family::FileOnly, "3.9.0"),
            ("apache/kafka:\u{fdd0}", Family::Apache, "3.7 and later"),
            ("hub.corp:5000/corp/broker:3.9.1", Family::Bitnami, "3.9.1"),
            ("\u{fdd0}/corp/broker", Family::Bitnami, "3.0 and later"),
            ("othercorp/broker", Family::Unknown, "3.0 and later"),
            ("docker.redpanda.com/redpandadata/redpanda:v23", Family::NotKafka, "3.0 and later"),
        ] {
            assert_eq!(image(reference), (family, versions.to_owned()), "{reference}");
        }
    }
}
