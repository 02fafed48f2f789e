//! What Bitnami's scripts make of listeners with TLS and SASL: properties that no variable names.
//!
//! From `kafka_initialize`, `kafka_configure_ssl` and `kafka_configure_server_jaas` of `libkafka.sh` (3.6 to 4.0). Not for the
//! variables that become properties by their names; those win.

use crate::source::Span;
use crate::text::Text;

/// The properties; `get` asks for a variable without its `KAFKA_`, `anchor` is shown for what stands nowhere.
#[must_use]
pub fn properties<'t>(anchor: Span, get: impl Fn(&str) -> Option<&'t Text>) -> Vec<(String, Text)> {
    let filled = |name: &str| get(name).filter(|v| !v.as_str().is_empty());
    let or =
        |name: &str, default: &str| filled(name).cloned().unwrap_or_else(|| Text::decoded(default, anchor));
    let Some(map) = filled("CFG_LISTENER_SECURITY_PROTOCOL_MAP") else { return Vec::new() };
    let listeners = filled("CFG_LISTENERS").map_or("", |l| l.as_str());
    let mut out = Vec::new();
    let mut tls = false;
    let entries = map.as_str().split([',', ' ', '\t', '\n']).filter_map(|entry| {
        let mut parts = entry.split(':');
        Some((parts.next().filter(|l| !l.is_empty())?, parts.next()?))
    });
    for (listener, protocol) in entries {
        let prefix = format!("listener.name.{}", listener.to_ascii_lowercase());
        if matches!(protocol, "SSL" | "SASL_SSL") {
            tls |= listeners.contains(listener);
            let auth = format!("TLS_{}_CLIENT_AUTH", listener.to_ascii_uppercase());
            out.extend(filled(&auth).map(|a| (format!("{prefix}.ssl.client.auth"), a.clone())));
        }
        if !matches!(protocol, "SASL_PLAINTEXT" | "SASL_SSL") {
            continue;
        }
        // The line holds passwords.
        let jaas = |mechanism: &str| {
            let key = format!("{prefix}.{}.sasl.jaas.config", mechanism.to_ascii_lowercase());
            (key, Text::hole(anchor))
        };
        let inter_broker = or("CFG_INTER_BROKER_LISTENER_NAME", "INTERNAL").as_str() == listener;
        if !inter_broker && or("CFG_CONTROLLER_LISTENER_NAMES", "CONTROLLER").as_str().contains(listener) {
            if let Some(mechanism) = filled("CFG_SASL_MECHANISM_CONTROLLER_PROTOCOL") {
                out.push((format!("{prefix}.sasl.enabled.mechanisms"), mechanism.clone()));
                out.push(jaas(mechanism.as_str()));
            }
        } else {
            let mechanisms = or("CFG_SASL_ENABLED_MECHANISMS", super::defaults::BITNAMI_MECHANISMS);
            let words = mechanisms.as_str().split([',', ' ']).filter(|m| !m.is_empty());
            out.extend(words.map(jaas));
        }
    }
    if tls {
        stores(&mut out, anchor, filled, or);
    }
    out
}

/// `kafka_configure_ssl`.
fn stores<'t>(
    out: &mut Vec<(String, Text)>,
    anchor: Span,
    filled: impl Fn(&str) -> Option<&'t Text>,
    or: impl Fn(&str, &str) -> Text,
) {
    let kind = or("TLS_TYPE", "JKS");
    let mut set = |key: &str, value: Text| out.push((key.to_owned(), value));
    let password = filled("CERTIFICATE_PASSWORD").cloned();
    let is_jks = kind.as_str() == "JKS";
    set("ssl.client.auth", or("TLS_CLIENT_AUTH", "required"));
    set("ssl.keystore.type", kind.clone());
    set("ssl.truststore.type", kind);
    if let Some(password) = &password {
        set("ssl.key.password", password.clone());
    }
    if !is_jks {
        for key in ["ssl.keystore.key", "ssl.keystore.certificate.chain", "ssl.truststore.certificates"] {
            set(key, Text::hole(anchor));
        }
        return;
    }
    let certificate = |name: &str| Text::decoded(format!("/opt/bitnami/kafka/config/certs/{name}"), anchor);
    set("ssl.keystore.location", certificate("kafka.keystore.jks"));
    let trust = or("TLS_TRUSTSTORE_FILE", "kafka.truststore.jks");
    set("ssl.truststore.location", certificate(crate::source::path::file_name(trust.as_str())));
    if let Some(password) = password {
        set("ssl.keystore.password", password.clone());
        set("ssl.truststore.password", password);
    }
}
