//! KL507: settings for ZooKeeper on a node that does not use it.
//!
//! One finding for all of a node: they came together and go together. On a node without roles, which Kafka 4 cannot be,
//! they are keys that are gone: KL502.

use super::{Owner, at, releases, shown};
use crate::cluster::{Lookup, Node, Origin, Setting};
use crate::diagnostic::{Code, Diagnostic};
use crate::kafka::catalog::{self, FateKind, Scope};
use crate::kafka::version::VersionSet;
use crate::rules::count;

/// True for a key that this pass judges.
pub(super) fn is_one(key: &str) -> bool {
    catalog::fates(Scope::Server, key).any(|fate| fate.kind == FateKind::ZooKeeper)
}

pub(super) fn judge(owner: &Owner<'_>) -> Option<Diagnostic> {
    let node = owner.node?;
    let code = code(node)?;
    // KL234 speaks of it where Kafka refuses it.
    let refused = |key: &str| {
        key == "control.plane.listener.name" && node.versions.meets(VersionSet::parse_range("3.1..3.9"))
    };
    let mut found = node.settings.iter().filter(|s| {
        s.origin != Origin::Image
            && !s.value.as_str().trim().is_empty()
            && is_one(s.key())
            && !refused(s.key())
    });
    let first = found.next()?;
    let others: Vec<&Setting> = found.collect();
    let what = match others.len() {
        0 => format!("{} has no effect", shown(first)),
        n => format!("{} and {} for ZooKeeper have no effect", shown(first), count(n, "more setting")),
    };
    let message = match code {
        Code::KL507 => format!("{what}: a node in KRaft mode does not use ZooKeeper"),
        _ => format!("{what}: Kafka {} has no ZooKeeper mode", node.versions.describe()),
    };
    let why = catalog::fates(Scope::Server, first.key()).find(|fate| fate.kind == FateKind::ZooKeeper);
    let why = why.map_or(String::new(), |fate| format!("{}. ", releases::capital(fate.why)));
    let on_4 = node.versions.within(VersionSet::since((4, 0, 0)));
    let help = if code == Code::KL502 || on_4 && migrates(node) {
        "Kafka 4.0 and later read nothing out of ZooKeeper: a cluster that has its metadata there is migrated with Kafka 3.9 \
         or earlier, to the end."
            .to_owned()
    } else {
        format!("{why}Take {} out.", if others.is_empty() { "it" } else { "them" })
    };
    let mut finding = at(code, first, message).label("not read").help(help);
    for other in others {
        finding = finding.related(other.name.span(), "not read either").key(other.key());
    }
    Some(finding)
}

/// The rule that speaks of these keys on this node, if they surely have no effect.
fn code(node: &Node) -> Option<Code> {
    let no_zookeeper = VersionSet::since((4, 0, 0));
    if super::runs_kraft(node) {
        let may = node.versions.meets(VersionSet::parse_range("3.4..3.9"));
        let none = node.versions.is_empty() || may && migrates(node);
        return (!none).then_some(Code::KL507);
    }
    let no_role = node.roles().is_some_and(|r| !r.broker && !r.controller);
    (no_role && !node.versions.is_empty() && node.versions.within(no_zookeeper)).then_some(Code::KL502)
}

/// True for a node that says it migrates, or may say so.
fn migrates(node: &Node) -> bool {
    match node.lookup("zookeeper.metadata.migration.enable") {
        Lookup::Set(setting) => setting.value.known().is_none_or(|v| !v.trim().eq_ignore_ascii_case("false")),
        Lookup::Unknown(open) => open.is_some(),
        _ => false,
    }
}
