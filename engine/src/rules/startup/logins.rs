//! KL702: what the node logs in with, and what it asks of others, at a listener with SASL.
//!
//! Source: `JaasContext.loadServerContext`, `JaasConfig`, `ChannelBuilders`, with real nodes started on 3.0.2, 3.3.2, 3.6.2, 3.9.2, 4.0.0
//! and 4.3.1. Kafka looks for a login of each mechanism that a listener has: in a setting of that listener and mechanism, or else
//! in a JAAS file of the JVM. Whether there is such a file is known only of a container whose whole environment is seen.

use super::channels::{Channel, known};
use crate::cluster::{Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy, Severity};
use crate::image::Family;
use crate::kafka::class::{self, Found};
use crate::kafka::jaas;
use crate::kafka::list;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, join_names, refusal};
use crate::text::Text;

const LOGIN: &str = "sasl.jaas.config";
const ENABLED: &str = "sasl.enabled.mechanisms";
const TO_CONTROLLERS: &str = "sasl.mechanism.controller.protocol";

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster).filter(|(_, n)| n.is_broker() || n.is_controller()) {
            let channels = Channel::of(node);
            for channel in channels.iter().filter(|c| c.protocol.starts_with("SASL_")) {
                out.extend(look(channel).into_iter().map(|f| f.cluster(c)));
            }
        }
    }
}

/// A mechanism for which a login is needed, and the setting that says so.
struct Wanted<'n> {
    mechanism: &'n str,
    by: Option<&'n Setting>,
    key: &'static str,
}

fn wanted<'n>(channel: &Channel<'n>) -> Option<Vec<Wanted<'n>>> {
    let mut out: Vec<Wanted<'n>> = Vec::new();
    if channel.opened {
        match channel.setting(ENABLED) {
            Some(by) => {
                known(channel.node, by)?;
                let listed = list::filled(by.value.slice()).map(|m| m.as_str());
                out.extend(listed.map(|mechanism| Wanted { mechanism, by: Some(by), key: ENABLED }));
            }
            None => out.push(Wanted { mechanism: "GSSAPI", by: None, key: ENABLED }),
        }
    }
    if channel.to_controllers {
        let by = channel.node.settings.get(TO_CONTROLLERS);
        let mechanism = by.map_or(Some("GSSAPI"), |by| known(channel.node, by))?;
        out.push(Wanted { mechanism, by, key: TO_CONTROLLERS });
    }
    let mut seen: Vec<&str> = Vec::new();
    out.retain(|w| {
        let new = !seen.contains(&w.mechanism);
        seen.push(w.mechanism);
        new
    });
    Some(out)
}

fn look(channel: &Channel<'_>) -> Vec<Diagnostic> {
    let mut missing: Vec<Wanted<'_>> = Vec::new();
    let mut out: Vec<Diagnostic> = Vec::new();
    for wanted in wanted(channel).unwrap_or_default() {
        let key = channel.own_key(&format!("{}.{LOGIN}", wanted.mechanism.to_lowercase()));
        match channel.node.settings.get(&key) {
            Some(setting) => out.extend(malformed(channel, setting)),
            None => missing.push(wanted),
        }
    }
    if let Some(first) = missing.first() {
        let given = given(channel.node);
        let finding = absent(channel, &missing, first, given);
        match given {
            Given::No => out.extend(refusal(channel.node, VersionSet::all(), RefusedBy::Broker, finding)),
            // Whoever writes logins into settings at all hardly has a file besides.
            Given::Perhaps if has_logins(channel.node) => {
                let found = refusal(channel.node, VersionSet::all(), RefusedBy::Broker, finding);
                out.extend(found.map(|f| f.severity(Severity::Warning)));
            }
            Given::Perhaps | Given::Likely => {}
        }
    }
    out
}

fn has_logins(node: &Node) -> bool {
    node.settings.iter().any(|s| s.key().ends_with(LOGIN))
}

fn absent(channel: &Channel<'_>, missing: &[Wanted<'_>], first: &Wanted<'_>, given: Given) -> Diagnostic {
    let mechanisms: Vec<&str> = missing.iter().map(|w| w.mechanism).collect();
    let node = &channel.node.name;
    let message =
        format!("{node} has no {LOGIN} for {} at the listener {}", join_names(&mechanisms), channel.name);
    let key = channel.own_key(&format!("{}.{LOGIN}", first.mechanism.to_lowercase()));
    let unless = match given {
        Given::No => "",
        _ => " Only a JVM that is started with -Djava.security.auth.login.config=FILE needs none.",
    };
    let mut finding = Diagnostic::at(Code::KL702, channel.place, message)
        .label(format!("{} is not set", key))
        .help(format!(
            "For each mechanism of a listener Kafka looks for a login under the listener's and the mechanism's name in lower \
             case, and stops where it finds none.{unless}"
        ))
        .key(key);
    for wanted in missing {
        finding = match wanted.by {
            Some(by) => {
                finding.related_value(by.place(), format!("asks for {}", wanted.mechanism)).key(by.key())
            }
            None => finding
                .related(channel.node.anchor, format!("{} is not set: GSSAPI", wanted.key))
                .key(wanted.key),
        };
    }
    let bare = [LOGIN.to_owned(), format!("{}.{LOGIN}", first.mechanism.to_lowercase())];
    for setting in bare.iter().filter_map(|key| channel.node.settings.get(key)) {
        finding = finding.related_value(setting.name.slice(), "not read: it names no listener and mechanism");
    }
    finding
}

/// A login that cannot be read, or names no module.
fn malformed(channel: &Channel<'_>, setting: &Setting) -> Option<Diagnostic> {
    let node = channel.node;
    let text = known(node, setting)?;
    let (refusing, fault) = match jaas::parse(text) {
        Err(fault) => (VersionSet::all(), fault),
        Ok(entry) => {
            let no_module = |release| {
                let found = class::find(&entry.module, "login-module", release);
                !matches!(found, Found::Fits | Found::Unknown)
            };
            let refusing = node
                .versions
                .iter()
                .filter(|r| no_module(*r))
                .fold(VersionSet::NONE, |all, r| all.or(VersionSet::from_bits(1 << r.index())));
            (refusing, "names a login module that does not exist")
        }
    };
    let finding = Diagnostic::at(Code::KL702, setting.place(), format!("{} {fault}", setting.key()))
        .label("refused")
        .related_value(channel.place, "the listener that needs it")
        .help(
            "Write one login module, required, its options with their values in double quotes, and a semicolon at the end. A \
             section with a name and braces belongs into a JAAS file, not into a setting.",
        )
        .key(setting.key());
    refusal(node, refusing, RefusedBy::Broker, finding)
}

/// Is there a JAAS file?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// Surely not.
    No,
    /// Nothing speaks of the JVM that runs with this file.
    Perhaps,
    /// There may well be one.
    Likely,
}

fn given(node: &Node) -> Given {
    let Some(entry) = node.entry.as_deref() else {
        return if node.service.is_none() { Given::Perhaps } else { Given::Likely };
    };
    // The scripts of these images write no such file. Bitnami's do, in some releases.
    let plain = matches!(node.image.family, Family::Apache | Family::ApacheNative | Family::Confluent);
    let unmapped = entry.rest.iter().filter_map(|v| Some((v.name.as_str(), v.value.as_ref()?)));
    let mapped = node.settings.iter().filter(|s| s.mapped.is_some()).map(|s| (s.name.as_str(), &s.value));
    let by_option = unmapped.chain(mapped).any(|(name, value)| is_option(name) && may_name_file(value));
    if plain && !by_option { Given::No } else { Given::Likely }
}

/// A variable whose words reach the JVM.
fn is_option(name: &str) -> bool {
    name.ends_with("_OPTS") || name.ends_with("_OPTIONS") || name.ends_with("_ARGS")
}

/// A word that begins with `@` names a file of options.
fn may_name_file(options: &Text) -> bool {
    let text = options.as_str();
    options.slice().has_hole()
        || ["login.config", "java.security", "@"].iter().any(|part| text.contains(part))
}
