//! The parts of an image reference, and which of them are the makers' own.

use crate::text::HOLE;

/// `host/space/name:tag@digest`, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'r> {
    /// The segment before the name; empty when there is none.
    pub space: &'r str,
    /// The last segment.
    pub name: &'r str,
    /// What stands behind the colon.
    pub tag: Option<&'r str>,
    /// True when a digest fixes the bytes.
    pub digest: bool,
    /// The registry's host, when one is named.
    pub host: Option<&'r str>,
}

impl<'r> Reference<'r> {
    /// Takes `reference` apart. Unknown parts stay in as [`HOLE`].
    #[must_use]
    pub fn parse(reference: &'r str) -> Reference<'r> {
        let whole = reference.trim();
        let (whole, digest) = whole.split_once('@').map_or((whole, false), |(name, _)| (name, true));
        let slash = whole.rfind('/').map_or(0, |i| i + 1);
        let colon = whole.get(slash..).and_then(|last| last.rfind(':')).map(|i| slash + i);
        let repository = whole.get(..colon.unwrap_or(whole.len())).unwrap_or("");
        let tag = colon.and_then(|i| whole.get(i + 1..));
        let mut segments = repository.rsplit('/');
        let name = segments.next().unwrap_or("");
        let space = segments.next().unwrap_or("");
        let first = repository.split_once('/').map(|(first, _)| first);
        let host = first.filter(|f| f.contains(['.', ':']) || *f == "localhost");
        Reference { space, name, tag, digest, host }
    }

    /// True for a repository of the image's maker, or a mirror of it under the same name: what is known of the
    /// entrypoint holds. Who builds upon an image gives it a name of his own.
    #[must_use]
    pub fn is_official(&self) -> bool {
        matches!(
            (self.space, self.name),
            ("apache", "kafka" | "kafka-native")
                | ("confluentinc", "cp-kafka" | "cp-server" | "confluent-local" | "cp-enterprise-kafka")
                | ("bitnami" | "bitnamilegacy" | "bitnamisecure" | "soldevelo", "kafka")
                | ("wurstmeister" | "debezium" | "ubuntu" | "strimzi", "kafka")
        )
    }

    /// True when it is fetched from Docker Hub.
    #[must_use]
    pub fn is_of_docker_hub(&self) -> bool {
        self.host.is_none_or(|h| matches!(h, "docker.io" | "index.docker.io" | "registry-1.docker.io"))
    }

    /// The leading numbers of the tag: `[3, 6]` of `3.6-debian-12`. Empty when they are not known.
    #[must_use]
    pub fn numbers(&self) -> Vec<u32> {
        let tag = self.tag.unwrap_or("");
        let tag = tag.strip_prefix('v').unwrap_or(tag);
        let end = tag.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tag.len());
        let rest = tag.get(end..).unwrap_or("");
        if rest.starts_with(HOLE) {
            return Vec::new();
        }
        tag.get(..end).unwrap_or("").split('.').map_while(|n| n.parse().ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_references_apart() {
        for (reference, space, name, tag, digest) in [
            ("apache/kafka", "apache", "kafka", None, false),
            ("docker.io/bitnami/kafka:3.6-debian-12", "bitnami", "kafka", Some("3.6-debian-12"), false),
            ("reg.corp:5000/kafka:1", "reg.corp:5000", "kafka", Some("1"), false),
            ("confluentinc/cp-kafka@sha256:00", "confluentinc", "cp-kafka", None, true),
            ("kafka", "", "kafka", None, false),
        ] {
            let r = Reference::parse(reference);
            assert_eq!((r.space, r.name, r.tag, r.digest), (space, name, tag, digest), "{reference}");
        }
        assert_eq!(Reference::parse("a/b:3.6-x").numbers(), [3, 6]);
        assert!(Reference::parse("a/b:3.6\u{fdd0}").numbers().is_empty());
    }
}
