//! What an entrypoint changes in its environment before it maps the variables.
//!
//! From `docker/resources/common-scripts/configure` and `configureDefaults` of apache/kafka (the same from 3.7 on) and from
//! `configure` of confluentinc/kafka-images; Debezium's is of debezium/container-images `kafka/3.0`. Not for the mapping itself (`variable.rs`), and not for what the scripts refuse.

use super::Family;
use super::defaults;
use crate::kafka::version::VersionSet;
use crate::source::Span;
use crate::text::Text;

/// A variable that the entrypoint sets, or unsets with `None`.
#[derive(Debug)]
pub struct Change {
    /// The variable.
    pub name: &'static str,
    /// Its new value.
    pub value: Option<Text>,
}

/// The changes, in order; `get` asks for what is set in the container, `anchor` is shown for what stands nowhere.
#[must_use]
pub fn changes<'t>(
    family: Family,
    versions: VersionSet,
    anchor: Span,
    get: impl Fn(&str) -> Option<&'t Text>,
) -> Vec<Change> {
    let filled = |name: &str| get(name).filter(|v| !v.as_str().is_empty());
    let mut changes: Vec<Change> = defaults::variables(family)
        .iter()
        .filter(|(name, _)| filled(name).is_none())
        .map(|(name, value)| Change { name, value: Some(Text::decoded(*value, anchor)) })
        .collect();
    match family {
        Family::Bitnami => {
            changes.extend(commands(filled));
            changes.extend(bootstrap(anchor, versions, filled));
        }
        Family::Debezium => changes.extend(debezium(anchor, filled)),
        _ => {}
    }
    let is_apache = matches!(family, Family::Apache | Family::ApacheNative);
    if !is_apache && !is_confluent(family) {
        return changes;
    }
    let advertised = filled("KAFKA_ADVERTISED_LISTENERS");
    // Confluent's images know no roles before 7.4.
    let is_controller = filled("KAFKA_PROCESS_ROLES").is_some_and(|r| r.as_str() == "controller")
        && !(is_confluent(family) && versions.within(VersionSet::before((3, 4, 0))));
    // cp-kafka keeps the empty variable from 8.0 on, cp-server does not.
    let keeps = family == Family::Confluent && versions.within(VersionSet::since((4, 0, 0)));
    if is_controller && advertised.is_none() && !keeps {
        changes.push(Change { name: "KAFKA_ADVERTISED_LISTENERS", value: None });
    }
    // confluent-local has set them above.
    let derives = family != Family::ConfluentLocal && !is_controller && filled("KAFKA_LISTENERS").is_none();
    if let Some(advertised) = advertised.filter(|_| derives) {
        // `ub listeners`, of 8.1 and later, makes something else of it, which is not known for certain.
        let by_tool = is_confluent(family) && versions.meets(VersionSet::since((4, 1, 0)));
        let unknown = by_tool || advertised.slice().has_hole();
        let value = if unknown { Text::hole(advertised.span()) } else { everywhere(advertised) };
        changes.push(Change { name: "KAFKA_LISTENERS", value: Some(value) });
    }
    let by_map = family == Family::ConfluentServer
        && versions.within(VersionSet::since((4, 0, 0)))
        && filled("KAFKA_PROCESS_ROLES").is_some()
        && filled("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP").is_some_and(|m| {
            ["CONTROLLER:SSL", "CONTROLLER:SASL_SSL"].iter().any(|s| m.as_str().contains(s))
        });
    if by_map || advertised.is_some_and(|a| a.as_str().contains("SSL://")) {
        changes.extend(stores(filled));
    }
    changes
}

fn is_confluent(family: Family) -> bool {
    matches!(family, Family::Confluent | Family::ConfluentServer | Family::ConfluentLocal)
}

/// Bitnami's variables whose value is a command or a file; what comes of it nobody knows (`kafka_dynamic_environment_variables`,
/// `kafka-env.sh`).
fn commands<'t>(filled: impl Fn(&str) -> Option<&'t Text>) -> Vec<Change> {
    const COMMANDS: [(&str, &str); 5] = [
        // The content of a file; the other variables that have such a twin become no property by themselves.
        ("KAFKA_CFG_SASL_ENABLED_MECHANISMS", "KAFKA_CFG_SASL_ENABLED_MECHANISMS_FILE"),
        ("KAFKA_CFG_NODE_ID", "KAFKA_NODE_ID_COMMAND"),
        ("KAFKA_CFG_CONTROLLER_QUORUM_VOTERS", "KAFKA_CONTROLLER_QUORUM_VOTERS_COMMAND"),
        ("KAFKA_CFG_BROKER_ID", "BROKER_ID_COMMAND"),
        ("KAFKA_CFG_BROKER_ID", "KAFKA_BROKER_ID_COMMAND"),
    ];
    let unknown = COMMANDS.iter().filter_map(|(name, command)| {
        Some(Change { name, value: Some(Text::hole(filled(command)?.span())) })
    });
    let used = Change { name: "KAFKA_CFG_SASL_ENABLED_MECHANISMS_FILE", value: None };
    unknown.chain([used]).collect()
}

/// Bitnami's images of 4.1 and later point every node at itself (`kafka-env.sh`); those of 4.1 do so from some revision on.
fn bootstrap<'t>(
    anchor: Span,
    versions: VersionSet,
    filled: impl Fn(&str) -> Option<&'t Text>,
) -> Option<Change> {
    const NAME: &str = "KAFKA_CFG_CONTROLLER_QUORUM_BOOTSTRAP_SERVERS";
    if filled(NAME).is_some() || !versions.within(VersionSet::since((4, 1, 0))) {
        return None;
    }
    let since = versions.within(VersionSet::since((4, 2, 0)));
    let value = if since { Text::decoded("localhost:9093", anchor) } else { Text::hole(anchor) };
    Some(Change { name: NAME, value: Some(value) })
}

/// Debezium's `docker-entrypoint.sh`: ids and directories come from variables of its own, whatever the `KAFKA_` ones say.
fn debezium<'t>(anchor: Span, filled: impl Fn(&str) -> Option<&'t Text>) -> Vec<Change> {
    let id = filled("NODE_ID").or_else(|| filled("BROKER_ID"));
    let id = id.cloned().unwrap_or_else(|| Text::decoded("1", anchor));
    let mut data = Text::at(id.span());
    data.push_decoded("/kafka/data/", id.span());
    data.push_slice(id.slice(), |e| e);
    let mut changes = vec![
        Change { name: "KAFKA_NODE_ID", value: Some(id.clone()) },
        Change { name: "KAFKA_BROKER_ID", value: Some(id) },
        Change { name: "KAFKA_LOG_DIRS", value: Some(data) },
    ];
    // The container's own address stands in these.
    let addresses = ["KAFKA_LISTENERS", "KAFKA_ADVERTISED_LISTENERS"];
    let missing = addresses.into_iter().filter(|name| filled(name).is_none());
    changes.extend(missing.map(|name| Change { name, value: Some(Text::hole(anchor)) }));
    let used = ["KAFKA_PORT", "KAFKA_HOST_NAME", "KAFKA_ADVERTISED_PORT", "KAFKA_ADVERTISED_HOST_NAME"];
    changes.extend(used.into_iter().map(|name| Change { name, value: None }));
    changes
}

/// Where the key store is and what its passwords are, of which only files know.
fn stores<'t>(filled: impl Fn(&str) -> Option<&'t Text>) -> Vec<Change> {
    /// (variable, the variable it is made from, true for the content of the file of that name)
    type Row = (&'static str, &'static str, bool);
    const KEYS: [Row; 3] = [
        ("KAFKA_SSL_KEYSTORE_LOCATION", "KAFKA_SSL_KEYSTORE_FILENAME", false),
        ("KAFKA_SSL_KEY_PASSWORD", "KAFKA_SSL_KEY_CREDENTIALS", true),
        ("KAFKA_SSL_KEYSTORE_PASSWORD", "KAFKA_SSL_KEYSTORE_CREDENTIALS", true),
    ];
    const TRUST: [Row; 2] = [
        ("KAFKA_SSL_TRUSTSTORE_LOCATION", "KAFKA_SSL_TRUSTSTORE_FILENAME", false),
        ("KAFKA_SSL_TRUSTSTORE_PASSWORD", "KAFKA_SSL_TRUSTSTORE_CREDENTIALS", true),
    ];
    let asks = filled("KAFKA_SSL_CLIENT_AUTH")
        .is_some_and(|a| a.as_str().contains("required") || a.as_str().contains("requested"));
    let rows = KEYS.iter().chain(TRUST.iter().filter(|_| asks));
    rows.filter_map(|(name, from, content)| {
        let from = filled(from)?;
        let value = if *content {
            Text::hole(from.span())
        } else {
            let mut value = Text::at(from.span());
            value.push_decoded("/etc/kafka/secrets/", from.span());
            value.push_slice(from.slice(), |e| e);
            value
        };
        Some(Change { name, value: Some(value) })
    })
    .collect()
}

/// The listeners with every host as 0.0.0.0: `sed -e 's|://[^:]*:|://0.0.0.0:|g'`, line by line.
fn everywhere(advertised: &Text) -> Text {
    let slice = advertised.slice();
    let string = advertised.as_str();
    // The shell drops line ends at the end of what a command prints.
    let end = string.trim_end_matches('\n').len();
    let mut out = Text::at(advertised.span());
    let mut at = 0;
    let find = |from: usize, what: &str| {
        let found = string.get(from..end)?.find(what)?;
        Some(from + found)
    };
    while let Some(host) = find(at, "://").map(|i| i + 3) {
        let Some(colon) = find(host, ":") else { break };
        if string.get(host..colon).is_some_and(|h| h.contains('\n')) {
            // Nothing in this line ends the host.
            let next = find(host, "\n").map_or(end, |i| i + 1);
            out.push_slice(slice.range(at..next), |e| e);
            at = next;
            continue;
        }
        out.push_slice(slice.range(at..host), |e| e);
        out.push_decoded("0.0.0.0", slice.range(host..colon).span());
        out.push_slice(slice.range(colon..colon + 1), |e| e);
        at = colon + 1;
    }
    out.push_slice(slice.range(at..end), |e| e);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn every_host_becomes_everywhere() {
        let text = |s: &str| Text::decoded(s, Span { file: FileId(0), start: 0, end: 1 });
        for (advertised, listeners) in [
            ("A://a:1,B://b.c:2", "A://0.0.0.0:1,B://0.0.0.0:2"),
            ("A://:1", "A://0.0.0.0:1"),
            ("B://[::1]:9", "B://0.0.0.0::1]:9"),
            ("A://a", "A://a"),
            ("A://a\nb:1,C://c:2\n\n", "A://a\nb:1,C://0.0.0.0:2"),
            ("A://aB://x:1", "A://0.0.0.0://x:1"),
        ] {
            assert_eq!(everywhere(&text(advertised)).as_str(), listeners, "{advertised}");
        }
    }
}
