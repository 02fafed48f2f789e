//! What another release of Kafka makes of the same files: two runs of [`crate::lint`] side by side, one as the files are, one
//! with the other release, and the defaults that changed in between. The plain data of `kraftlint upgrade`.
//!
//! Not for judging a key or a value: the rules did. What a new default means stands in `rules/catalog/fates.tsv`.

use crate::hash::{HashMap, HashSet};

use crate::cluster::{self, Lookup};
use crate::diagnostic::{Code, Diagnostic, Effect, Severity};
use crate::kafka::catalog::{self, DefaultValue, Fate, FateKind, Scope};
use crate::kafka::version::VersionSet;
use crate::lint;
use crate::order;
use crate::report::{Report, Suppressed};
use crate::settings::Settings;
use crate::source::Files;

/// What changes.
#[derive(Debug)]
pub struct Upgrade {
    /// The release to go to, with all that may be meant by it.
    pub to: VersionSet,
    /// The nodes, in the order of the report.
    pub nodes: Vec<Node>,
    /// What is found with that release and not now, in the order of every output. The spans are those of `after`.
    pub findings: Vec<(Kind, Diagnostic)>,
    /// What is found now and not with that release. The spans are those of `before`.
    pub mended: Vec<Diagnostic>,
    /// Defaults that are others, by key.
    pub defaults: Vec<NewDefault>,
    /// What else is to be known, a sentence each.
    pub notes: Vec<String>,
    /// The run with the releases that run now, without its findings.
    pub before: Report,
    /// The run with the release to go to, without its findings.
    pub after: Report,
}

impl Upgrade {
    /// How many findings are of this kind.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.findings.iter().filter(|(k, _)| *k == kind).count()
    }

    /// True when a node would be refused, or a setting would be lost.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.count(Kind::Refused) + self.count(Kind::Lost) > 0
    }

    /// True when it is surely no upgrade: every node runs something newer.
    #[must_use]
    pub fn is_downgrade(&self) -> bool {
        !self.nodes.is_empty() && self.nodes.iter().all(|node| node.is_newer)
    }
}

/// What becomes of a node.
#[derive(Debug)]
pub struct Node {
    /// Its name in the report.
    pub name: String,
    /// The releases it may run now.
    pub from: VersionSet,
    /// Something tells which.
    pub is_told: bool,
    /// It runs a newer release than the one to go to.
    pub is_newer: bool,
    /// Would it start?
    pub starts: Option<bool>,
}

/// What a finding means to an upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A node would not start, or would stay out.
    Refused,
    /// A setting would no longer be read.
    Lost,
    /// Anything else.
    Found,
    /// A setting would be deprecated.
    Deprecated,
}

/// A default that is another one, for nodes that do not set the key.
#[derive(Debug, PartialEq, Eq)]
pub struct NewDefault {
    /// The key.
    pub key: &'static str,
    /// The default now; `None`: none.
    pub was: Option<&'static str>,
    /// The default of the release to go to.
    pub is: Option<&'static str>,
    /// What changes by it, where that is known.
    pub why: Vec<&'static str>,
    /// The nodes that it reaches.
    pub nodes: Vec<String>,
}

/// Compares what `settings` make of the files with what the release `to` makes of them.
#[must_use]
pub fn compare(files: &dyn Files, roots: &[String], settings: &Settings, to: VersionSet) -> Upgrade {
    let mut before = lint(files, roots, settings);
    let mut after = lint(files, roots, &Settings { kafka_version: Some(to), ..settings.clone() });
    let nodes = nodes(&before, &after, settings, to);
    let defaults = defaults(&before, &after, &nodes);
    let findings = findings(&before, &after, &nodes);
    let mended = mended(&before, &after, &findings, &nodes);
    before.diagnostics.clear();
    after.diagnostics.clear();
    // Their counts belong to the findings.
    (before.suppressed, after.suppressed) = (Suppressed::default(), Suppressed::default());
    let notes = notes(&nodes, to);
    Upgrade { to, nodes, findings, mended, defaults, notes, before, after }
}

fn nodes(before: &Report, after: &Report, settings: &Settings, to: VersionSet) -> Vec<Node> {
    let starts: HashMap<&str, Option<bool>> =
        after.clusters.iter().flat_map(|c| &c.nodes).map(|n| (n.name.as_str(), n.starts)).collect();
    let tagged: HashMap<&str, bool> = models(before).map(|n| (n.name.as_str(), n.image.tagged)).collect();
    let all = before.clusters.iter().flat_map(|c| &c.nodes);
    all.map(|node| {
        let is_told = settings.kafka_version.is_some() || tagged.get(node.name.as_str()) == Some(&true);
        Node {
            name: node.name.clone(),
            from: node.versions,
            is_told,
            is_newer: is_told && node.versions.oldest() > to.newest(),
            starts: starts.get(node.name.as_str()).copied().flatten(),
        }
    })
    .collect()
}

fn models(report: &Report) -> impl Iterator<Item = &cluster::Node> {
    report.model.iter().flat_map(|model| &model.nodes)
}

/// What makes findings of two runs the same one: their place in the files and what they are about. How sure they are, and
/// what they say of releases, may differ.
type Identity = (Code, String, u32, Vec<String>, Vec<String>);

fn identity(d: &Diagnostic, report: &Report) -> Identity {
    let file = report.sources.name(d.primary.span.file).to_owned();
    (d.code, file, d.primary.span.start, d.nodes.clone(), d.keys.clone())
}

fn is_refusal(d: &Diagnostic) -> bool {
    d.severity == Severity::Error && matches!(d.effect, Effect::RefusesStart | Effect::CannotJoin)
}

/// True for a finding about nodes that run something newer alone.
fn is_of_newer(d: &Diagnostic, nodes: &[Node]) -> bool {
    let newer = |name: &String| nodes.iter().any(|n| n.is_newer && n.name == *name);
    !d.nodes.is_empty() && d.nodes.iter().all(newer)
}

/// The findings of `after` that are not in `before`, or that refuse where they only might.
fn findings(before: &Report, after: &Report, nodes: &[Node]) -> Vec<(Kind, Diagnostic)> {
    let known: HashMap<Identity, bool> =
        before.diagnostics.iter().map(|d| (identity(d, before), is_refusal(d))).collect();
    let is_new =
        |d: &&Diagnostic| known.get(&identity(d, after)).is_none_or(|refused| is_refusal(d) && !refused);
    let found = after.diagnostics.iter().filter(|d| !is_of_newer(d, nodes));
    found.filter(is_new).map(|d| (kind(d), d.clone())).collect()
}

fn kind(d: &Diagnostic) -> Kind {
    match d.code {
        _ if is_refusal(d) => Kind::Refused,
        Code::KL503 => Kind::Deprecated,
        // What these find has no effect.
        Code::KL501
        | Code::KL502
        | Code::KL506
        | Code::KL507
        | Code::KL510
        | Code::KL601
        | Code::KL602
        | Code::KL604
            if d.severity >= Severity::Warning =>
        {
            Kind::Lost
        }
        _ => Kind::Found,
    }
}

/// The findings of `before` that are not in `after`, but for those whose key or node is lost altogether.
fn mended(
    before: &Report,
    after: &Report,
    findings: &[(Kind, Diagnostic)],
    nodes: &[Node],
) -> Vec<Diagnostic> {
    let still: HashSet<Identity> = after.diagnostics.iter().map(|d| identity(d, after)).collect();
    let is_lost = |d: &Diagnostic| {
        findings.iter().any(|(kind, f)| {
            let touches = |node: &String| f.nodes.contains(node);
            match kind {
                Kind::Refused => d.nodes.iter().any(touches),
                Kind::Lost => d.nodes.iter().any(touches) && d.keys.iter().any(|key| f.keys.contains(key)),
                _ => false,
            }
        })
    };
    // What was only possible is not mended by knowing the release.
    let was_sure = |d: &Diagnostic| d.severity == Severity::Error || d.refused_in.is_empty();
    let gone = |d: &&Diagnostic| {
        d.code != Code::KL503
            && was_sure(d)
            && !still.contains(&identity(d, before))
            && !is_lost(d)
            && !is_of_newer(d, nodes)
    };
    before.diagnostics.iter().filter(gone).cloned().collect()
}

/// Keys of tiered storage do nothing where it is off.
const TIERED: &str = "remote.";
const TIERED_SWITCH: &str = "remote.log.storage.system.enable";

/// Keys that only a broker reads.
const OF_BROKERS: [&str; 6] =
    ["group.", "log.message.", "num.recovery.", "offsets.", "share.", "transaction."];

fn defaults(before: &Report, after: &Report, nodes: &[Node]) -> Vec<NewDefault> {
    let then: HashMap<&str, &cluster::Node> = models(after).map(|n| (n.name.as_str(), n)).collect();
    let mut changed: Vec<NewDefault> = Vec::new();
    for node in models(before) {
        let wanted = nodes.iter().any(|n| n.name == node.name && !n.is_newer);
        let Some(then) = then.get(node.name.as_str()).filter(|_| wanted) else { continue };
        let tiered = node.lookup(TIERED_SWITCH).known().is_some_and(|on| on.eq_ignore_ascii_case("true"));
        let only_controls = node.roles().is_some_and(|r| r.controller && !r.broker);
        for key in catalog::keys(Scope::Server) {
            let left_out = key.starts_with(TIERED) && !tiered
                || only_controls && OF_BROKERS.iter().any(|prefix| key.starts_with(prefix));
            if left_out || !is_public(key, node.versions) || !is_public(key, then.versions) {
                continue;
            }
            let (Some(was), Some(is)) = (default(node, key), default(then, key)) else { continue };
            let why: Vec<&Fate> = why(key, node.versions, then.versions).collect();
            if was == is || why.last().is_some_and(|fate| fate.is_same()) {
                continue;
            }
            let why = why.iter().map(|fate| fate.why).collect();
            let new = NewDefault { key, was, is, why, nodes: Vec::new() };
            let same = |d: &&mut NewDefault| d.key == new.key && d.was == new.was && d.is == new.is;
            match changed.iter_mut().find(same) {
                Some(known) => known.nodes.push(node.name.clone()),
                None => changed.push(NewDefault { nodes: vec![node.name.clone()], ..new }),
            }
        }
    }
    order::by_text(&mut changed, |c| c.key);
    changed
}

/// Every one of these releases documents the key, has a default for it or none, and does not call it deprecated.
fn is_public(key: &str, versions: VersionSet) -> bool {
    let defs = catalog::defs(Scope::Server, key).iter();
    let public = defs.filter(|def| !def.internal && def.default != DefaultValue::Required);
    let public = VersionSet::from_bits(public.fold(0, |all, def| all | def.releases));
    let deprecated = VersionSet::from_bits(catalog::deprecated_in(Scope::Server, key, true));
    // The new default of a key of which it is known what changes is told in any case.
    let told = catalog::fates(Scope::Server, key).any(|fate| fate.kind == FateKind::Default);
    versions.within(public) && (told || !versions.within(deprecated))
}

/// The default that the node has; `None` where it sets the key, or may.
fn default(node: &cluster::Node, key: &str) -> Option<Option<&'static str>> {
    match node.lookup(key) {
        Lookup::Default(value) => Some(Some(value)),
        Lookup::Unset => Some(None),
        Lookup::Set(_) | Lookup::Unknown(_) => None,
    }
}

/// What is told of the changes of a default between two sets of releases.
fn why(key: &str, from: VersionSet, to: VersionSet) -> impl Iterator<Item = &'static Fate> {
    catalog::fates(Scope::Server, key).filter(move |fate| {
        let at = VersionSet::from_bits(fate.releases).oldest();
        fate.kind == FateKind::Default && at > from.newest() && at <= to.oldest()
    })
}

/// KRaft's first level that Kafka 4 can read (upgrade notes of 4.0).
const OLDEST_FOR_4: (u32, u32, u32) = (3, 3, 0);

fn notes(nodes: &[Node], to: VersionSet) -> Vec<String> {
    let mut notes = Vec::new();
    let untold: Vec<&str> = nodes.iter().filter(|n| !n.is_told).map(|n| n.name.as_str()).collect();
    if !untold.is_empty() {
        notes.push(format!(
            "Nothing tells which release {} runs; with --kafka-version, new defaults are told too.",
            crate::rules::join_names(&untold)
        ));
    }
    let newer: Vec<&str> = nodes.iter().filter(|n| n.is_newer).map(|n| n.name.as_str()).collect();
    if !newer.is_empty() {
        notes.push(format!("Already newer, and left out: {}.", crate::rules::join_names(&newer)));
    }
    let old = VersionSet::before(OLDEST_FOR_4);
    let too_old = nodes.iter().any(|n| n.is_told && !n.from.is_empty() && n.from.within(old));
    if too_old && to.within(VersionSet::since((4, 0, 0))) {
        notes.push(
            "Kafka 4 takes over only clusters whose software and metadata.version are 3.3 or later: go to 3.9 first, and raise \
             metadata.version there."
                .to_owned(),
        );
    }
    notes
}
