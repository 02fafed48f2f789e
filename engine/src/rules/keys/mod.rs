//! KL501–KL504, KL506, KL507, KL509, KL510: keys that this Kafka does not know, no longer or not yet, keys that stand where
//! they have no effect, and values that nothing fills in.
//!
//! One walk over all settings, for they share the look-up. Nothing is said about keys of plugins, nor of what an image sets.

mod config_provider;
mod listener_prefix;
mod misplaced_key;
mod releases;
mod unknown_key;
mod zookeeper_key;

use crate::cluster::{ClientKind, Lookup, Node, Origin, Settings};
use crate::diagnostic::Diagnostic;
use crate::image::variable::{self, Dialect};
use crate::kafka::catalog::{self, Scope};
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink};
use crate::text::{Edit, HOLE};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.all_clusters() {
        for (_, node) in cx.nodes(cluster) {
            let owner = Owner {
                what: "server",
                scopes: &[Scope::Server],
                versions: node.versions,
                node: Some(node),
                settings: &node.settings,
                is_open: node.open.is_some() || !node.image_known,
                is_told: node.image.tagged || cx.settings.kafka_version.is_some(),
            };
            let start = out.len();
            walk(&owner, out);
            out.extend(zookeeper_key::judge(&owner));
            for finding in out.iter_mut().skip(start) {
                finding.nodes.push(node.name.clone());
                finding.cluster = Some(c);
            }
        }
        for client in cluster.clients.iter().filter_map(|i| cx.model.clients.get(*i)) {
            let (what, scopes): (_, &[Scope]) = match client.kind {
                ClientKind::Producer => ("producer", &[Scope::Producer]),
                ClientKind::Consumer => ("consumer", &[Scope::Consumer]),
                // A file for tools serves all of them.
                ClientKind::Admin => ("client", &[Scope::Admin, Scope::Producer, Scope::Consumer]),
                ClientKind::Service => continue,
            };
            let (settings, versions) = (&client.settings, VersionSet::all());
            let is_open = client.open.is_some();
            walk(&Owner { what, scopes, versions, node: None, settings, is_open, is_told: false }, out);
        }
    }
}

/// Whose settings are looked at.
struct Owner<'m> {
    what: &'static str,
    scopes: &'static [Scope],
    versions: VersionSet,
    node: Option<&'m Node>,
    settings: &'m Settings,
    /// There may be more settings than are seen.
    is_open: bool,
    /// Something says which releases may run.
    is_told: bool,
}

/// True for a node that surely runs in KRaft mode.
fn runs_kraft(node: &Node) -> bool {
    match node.lookup("process.roles") {
        Lookup::Set(setting) => setting.value.known().is_some_and(|roles| !roles.trim().is_empty()),
        _ => false,
    }
}

fn walk(owner: &Owner<'_>, out: &mut Sink) {
    for setting in owner.settings.iter() {
        out.extend(config_provider::judge(owner, setting));
        let key = setting.key();
        if key.is_empty() || key.contains(HOLE) || setting.origin == Origin::Image {
            continue;
        }
        let is_server = owner.node.is_some();
        if is_server && zookeeper_key::is_one(key) {
            continue;
        }
        if owner.scopes.iter().any(|s| !catalog::defs(*s, key).is_empty()) {
            out.extend(releases::judge(owner, setting));
            continue;
        }
        if is_server {
            let finding = listener_prefix::judge(owner, setting);
            if finding.is_some() || releases::is_ancient(key) {
                out.extend(finding.or_else(|| releases::judge_ancient(owner, setting)));
                continue;
            }
        }
        let special = catalog::is_extra(key) || catalog::strip_listener_prefix(key).is_some();
        if special && !key.chars().any(|c| c.is_ascii_uppercase()) {
            continue;
        }
        let finding = misplaced_key::judge(owner, setting).or_else(|| unknown_key::judge(owner, setting));
        out.extend(finding);
    }
}

/// The change that gives a setting another key, where it can be written: a property's key, or a variable's name.
fn rename(owner: &Owner<'_>, setting: &crate::cluster::Setting, key: &str) -> Option<Edit> {
    if owner.settings.get(key).is_some() {
        return None;
    }
    let name = &setting.name;
    match owner.node.filter(|_| setting.mapped.is_some()) {
        Some(node) => {
            let names = std::iter::once(name.as_str());
            let dialect = variable::dialect(node.image.family, names);
            let dialect = if dialect == Dialect::None { Dialect::Apache } else { dialect };
            let new = variable::variable(dialect, key, node.versions)?;
            name.edit(0..name.as_str().len(), &new)
        }
        None => name.edit(0..name.as_str().len(), key),
    }
}

/// A finding about a setting's key.
fn at(code: crate::diagnostic::Code, setting: &crate::cluster::Setting, message: String) -> Diagnostic {
    Diagnostic::at(code, setting.name.slice(), message).key(setting.key())
}

/// The key as its file has it: the variable's name where it came from one.
fn shown(setting: &crate::cluster::Setting) -> String {
    match &setting.mapped {
        Some(key) => format!("{} ({key})", setting.name.as_str()),
        None => setting.key().to_owned(),
    }
}
