//! KL703: key and trust stores of a listener with TLS, as far as the settings tell.
//!
//! Source: `DefaultSslEngineFactory.createKeystore`, `createTruststore`, `SslFactory.configure`, with real nodes started on 3.0.2, 3.3.2,
//! 3.6.2, 3.9.2, 4.0.0 and 4.3.1. Not for what is in the files.

use super::channels::{Channel, known};
use crate::cluster::Setting;
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster).filter(|(_, n)| n.is_kraft()) {
            let mut found: Sink = Vec::new();
            for channel in Channel::of(node) {
                // Another engine reads what it likes.
                let is_own = channel.setting("ssl.engine.factory.class").is_some();
                if matches!(channel.protocol.as_str(), "SSL" | "SASL_SSL") && !is_own {
                    look(&channel, &mut found);
                }
            }
            out.extend(found.into_iter().map(|f| f.cluster(c)));
        }
    }
}

fn look(channel: &Channel<'_>, found: &mut Sink) {
    let faults = [key_store(channel), trust_store(channel)];
    let refused = faults.iter().flatten().map(|(setting, fault)| {
        Diagnostic::at(Code::KL703, setting.place(), format!("{} {fault}", setting.key()))
            .label("refused")
            .related_value(channel.place, format!("{} needs it", channel.name))
            .help(
                "Kafka loads the stores when it opens the listener. A store in a file has a location and a password; keys and \
                 certificates in the settings themselves need the type PEM, and neither. A listener's own settings \
                 (listener.name.<name>.ssl.…) win, one by one.",
            )
            .key(setting.key())
    });
    for finding in refused {
        // What stands there for all listeners is told once.
        let known = |f: &Diagnostic| f.primary.span == finding.primary.span && f.message == finding.message;
        if !found.iter().any(known) {
            found.extend(refusal(channel.node, VersionSet::all(), RefusedBy::Broker, finding));
        }
    }
    let sources = [
        "ssl.keystore.location",
        "ssl.keystore.key",
        "ssl.keystore.certificate.chain",
        "ssl.keystore.password",
    ];
    if channel.opened && sources.iter().all(|key| channel.setting(key).is_none()) {
        found.extend(no_key_store(channel));
    }
}

/// Kafka tries the listener of the brokers with itself before it opens it; of others it waits for somebody to call.
fn no_key_store(channel: &Channel<'_>) -> Option<Diagnostic> {
    let message =
        format!("the listener {} of {} speaks TLS, but has no key store", channel.name, channel.node.name);
    let finding = Diagnostic::at(Code::KL703, channel.place, message)
        .label(format!("{}, without a certificate to show", channel.protocol))
        .help("Set ssl.keystore.location and ssl.keystore.password, or ssl.keystore.type=PEM with a key and its certificates.")
        .key("ssl.keystore.location")
        .key("listeners")
        .key("listener.security.protocol.map");
    if channel.is_between_brokers() {
        return refusal(channel.node, VersionSet::all(), RefusedBy::Broker, finding);
    }
    let finding = finding.node(&channel.node.name).severity(Severity::Warning);
    Some(finding.effect(Effect::Misbehaves, None))
}

/// What is wrong with a setting, to stand behind its key.
type Fault<'n> = Option<(&'n Setting, &'static str)>;

fn is_pem(channel: &Channel<'_>, key: &str) -> Option<bool> {
    match channel.setting(key) {
        Some(setting) => Some(known(channel.node, setting)? == "PEM"),
        None => Some(false),
    }
}

fn is_blank(setting: &Setting) -> bool {
    setting.value.as_str().trim().is_empty()
}

fn key_store<'n>(channel: &Channel<'n>) -> Fault<'n> {
    let pem = is_pem(channel, "ssl.keystore.type")?;
    let key = channel.setting("ssl.keystore.key");
    let chain = channel.setting("ssl.keystore.certificate.chain");
    let location = channel.setting("ssl.keystore.location");
    let password = channel.setting("ssl.keystore.password");
    match (key, chain, location, password) {
        (Some(key), ..) if !pem => Some((key, "needs ssl.keystore.type=PEM")),
        (Some(key), None, ..) => Some((key, "needs ssl.keystore.certificate.chain")),
        (Some(key), _, Some(_), _) => Some((key, "and ssl.keystore.location cannot both be set")),
        (Some(_), _, None, Some(password)) => {
            Some((password, "is not for a key that stands in the settings"))
        }
        (Some(_), Some(_), None, None) => None,
        (None, Some(chain), ..) => Some((chain, "needs ssl.keystore.key")),
        (None, None, Some(location), _) if is_blank(location) => Some((location, "is empty")),
        (None, None, Some(_), Some(password)) if pem => {
            Some((password, "is not for the type PEM, which has ssl.key.password only"))
        }
        (None, None, Some(location), None) if !pem => Some((location, "needs ssl.keystore.password")),
        (None, None, None, Some(password)) => Some((password, "is set, but ssl.keystore.location is not")),
        _ => None,
    }
}

fn trust_store<'n>(channel: &Channel<'n>) -> Fault<'n> {
    let pem = is_pem(channel, "ssl.truststore.type")?;
    let certificates = channel.setting("ssl.truststore.certificates");
    let location = channel.setting("ssl.truststore.location");
    let password = channel.setting("ssl.truststore.password");
    match (certificates, location, password) {
        (Some(certificates), ..) if !pem => Some((certificates, "needs ssl.truststore.type=PEM")),
        (Some(certificates), Some(_), _) => {
            Some((certificates, "and ssl.truststore.location cannot both be set"))
        }
        (Some(_), None, Some(password)) => {
            Some((password, "is not for certificates that stand in the settings"))
        }
        (None, Some(location), _) if is_blank(location) => Some((location, "is empty")),
        (None, Some(_), Some(password)) if pem => Some((password, "is not for the type PEM")),
        (None, None, Some(password)) => Some((password, "is set, but ssl.truststore.location is not")),
        _ => None,
    }
}
