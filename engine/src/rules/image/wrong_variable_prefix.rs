//! KL601: a variable with the prefix of another image.

use super::{entries, family_name, has, is_blank, lacking};
use crate::cluster::{Entry, Node};
use crate::diagnostic::{Code, Diagnostic, Effect, Fix, RefusedBy, Safety, Severity};
use crate::image::Family;
use crate::image::variable::{self, Dialect};
use crate::kafka::catalog::{self, Scope};
use crate::kafka::version::VersionSet;
use crate::order;
use crate::rules::{Context, Sink, join_names};
use crate::text::Text;

/// A variable that does not become the setting it is called after.
struct Lost<'m> {
    name: &'m Text,
    value: &'m Text,
    key: String,
    /// How it is called for this image.
    right: String,
}

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, node, entry) in entries(cx) {
        let lost = match node.image.family {
            Family::Bitnami if entry.file.is_none() => plain(node, entry),
            Family::Apache
            | Family::ApacheNative
            | Family::Confluent
            | Family::ConfluentServer
            | Family::ConfluentLocal
            | Family::Wurstmeister
            | Family::Debezium => configured(node),
            _ => continue,
        };
        let fatal = fatal(node, entry);
        let rank = |l: &Lost<'_>| fatal.iter().position(|k| *k == l.key).unwrap_or(fatal.len());
        let mut lost = lost;
        // What the node needs comes first.
        order::by_key(&mut lost, rank);
        let needed: Vec<&str> = lost.iter().map(|l| l.key.as_str()).filter(|k| fatal.contains(k)).collect();
        out.extend(finding(node, &lost, &needed).map(|f| f.cluster(c)));
    }
}

/// `KAFKA_CFG_…` where another image's mapping makes `cfg.…` of it.
fn configured(node: &Node) -> Vec<Lost<'_>> {
    let cfg =
        node.settings.iter().filter(|s| s.mapped.is_some() && s.name.as_str().starts_with("KAFKA_CFG_"));
    cfg.filter_map(|setting| {
        let right = format!("KAFKA_{}", setting.name.as_str().strip_prefix("KAFKA_CFG_")?);
        lost(node, &setting.name, &setting.value, right)
    })
    .collect()
}

/// `KAFKA_…` that Bitnami's scripts do not look at. Image variables of theirs are no keys of Kafka.
fn plain<'m>(node: &'m Node, entry: &'m Entry) -> Vec<Lost<'m>> {
    // They copy these to their KAFKA_CFG_ twin too; the last one from 4.1.
    const COPIED: [&str; 2] = ["AUTO_CREATE_TOPICS_ENABLE", "CONTROLLER_QUORUM_BOOTSTRAP_SERVERS"];
    let plain = entry.rest.iter().filter_map(|v| {
        let name = v.name.as_str().strip_prefix("KAFKA_").filter(|n| !n.starts_with("CFG_"))?;
        let value = v.value.as_ref().filter(|_| !COPIED.contains(&name))?;
        lost(node, &v.name, value, format!("KAFKA_CFG_{name}"))
    });
    plain.collect()
}

/// A variable of a name that would be a key of Kafka's, unless the same is set under the right name.
fn lost<'m>(node: &Node, name: &'m Text, value: &'m Text, right: String) -> Option<Lost<'m>> {
    let dialect = if right.starts_with("KAFKA_CFG_") { Dialect::Bitnami } else { Dialect::Apache };
    let key = variable::property(dialect, &right, node.versions)?;
    let known =
        !catalog::defs(Scope::Server, &key).is_empty() || catalog::strip_listener_prefix(&key).is_some();
    let twin = node.settings.get(&key).is_some_and(|s| s.value.as_str() == value.as_str());
    (known && !twin && !is_blank(value)).then_some(Lost { name, value, key, right })
}

/// The keys without which this node surely does not start.
fn fatal(node: &Node, entry: &Entry) -> Vec<&'static str> {
    let sure = entry.pristine && entry.whole && !has(node, "zookeeper.connect");
    match node.image.family {
        Family::Apache | Family::ApacheNative | Family::Confluent | Family::ConfluentServer
            if sure && node.open.is_none() =>
        {
            lacking(node)
        }
        // The other needed ones are among those that its scripts copy.
        Family::Bitnami
            if sure && node.versions.within(VersionSet::since((3, 6, 0))) && node.is_controller() =>
        {
            lacking(node).into_iter().filter(|k| *k == "controller.listener.names").collect()
        }
        _ => Vec::new(),
    }
}

fn finding(node: &Node, lost: &[Lost<'_>], needed: &[&str]) -> Option<Diagnostic> {
    let (first, more) = lost.split_first()?;
    let image = family_name(node.image.family);
    let name = first.name.as_str();
    let what = match more.len() {
        0 => format!("{name} means nothing to {image}"),
        n => format!("{name} and {n} more mean nothing to {image}"),
    };
    let message = if needed.is_empty() {
        format!("{what}, which would read {}", first.right)
    } else {
        format!("{what}, and without {} the node does not start", join_names(needed))
    };
    let mut finding = Diagnostic::at(Code::KL601, first.name.slice(), message)
        .label(format!("{} is its name here", first.right))
        .help(help(node.image.family))
        .node(&node.name);
    if let Some(key) = needed.first() {
        let confluent = matches!(node.image.family, Family::Confluent | Family::ConfluentServer);
        let image = node.image.family == Family::Bitnami || confluent && *key == "process.roles";
        let by = if image { RefusedBy::Image } else { RefusedBy::Config };
        finding = finding.severity(Severity::Error).effect(Effect::RefusesStart, Some(by));
    }
    for lost in lost {
        finding = finding.key(lost.key.as_str());
    }
    for lost in more.iter().take(6) {
        finding = finding.related(lost.name.span(), "nor does this");
    }
    for lost in lost.iter().take(6) {
        if let Some(set) = node.settings.get(&lost.key).filter(|s| s.value.span() != lost.value.span()) {
            finding = finding.related_text(&set.value, "what counts");
        }
    }
    Some(with_fix(finding, lost))
}

/// Renames them, where nothing of the right name is there.
fn with_fix(finding: Diagnostic, lost: &[Lost<'_>]) -> Diagnostic {
    let edits: Option<Vec<_>> =
        lost.iter().map(|l| l.name.known().and_then(|name| l.name.edit(0..name.len(), &l.right))).collect();
    match edits {
        Some(edits) => {
            let message = match lost {
                [one] => format!("rename it to {}", one.right),
                all => format!("rename all {}", all.len()),
            };
            finding.fix(Fix { safety: Safety::Unsafe, message, edits })
        }
        None => finding,
    }
}

fn help(family: Family) -> &'static str {
    match family {
        Family::Bitnami => {
            "The Bitnami image turns KAFKA_CFG_… into settings; of the plain KAFKA_… it knows a fixed list, and leaves the others \
             aside without a word. Write KAFKA_CFG_ before the name."
        }
        _ => {
            "KAFKA_CFG_ is the prefix of the Bitnami image. Any other turns it into a setting cfg.…, which Kafka ignores \
             without a word. Leave CFG_ out."
        }
    }
}
