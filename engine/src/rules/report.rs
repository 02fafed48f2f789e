//! The model and the verdicts → the plain data of the report.
//!
//! Verdicts are computed from all findings, before any is silenced or ignored: an ignored finding starts no node.

use crate::hash::HashMap;
use crate::order;

use super::clients::constructor;
use crate::cluster::{Client, IdValue, Lookup, Model, Node, Setting};
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::kafka::catalog::{self, Scope};
use crate::kafka::list;
use crate::kafka::listener::PROTOCOLS;
use crate::kafka::version::{Release, VersionSet};
use crate::report::{self, Config, Verdict};
use crate::rules::startup::values::undecided;
use crate::settings::NodeSettings;
use crate::source::FileId;
use crate::text::{HOLE, Slice};

/// What refuses a node.
#[derive(Default, Clone, Copy)]
struct Refused {
    /// Releases on which it surely does not start.
    starts: Option<VersionSet>,
    /// Releases whose configuration class refuses.
    config: Option<VersionSet>,
    /// A finding that is not sure.
    doubt: bool,
}

pub(super) fn clusters(model: &Model, found: &[Diagnostic], wanted: NodeSettings) -> Vec<report::Cluster> {
    let mut refused: HashMap<&str, Refused> = HashMap::default();
    for d in found.iter().filter(|d| d.effect == Effect::RefusesStart) {
        for name in &d.nodes {
            let entry = refused.entry(name).or_default();
            // It strikes one of several, and nobody knows which.
            if d.code == Code::KL242 {
                entry.doubt = true;
                continue;
            }
            let all = if d.refused_in.is_empty() { VersionSet::all() } else { d.refused_in };
            if d.severity == Severity::Error || !d.refused_in.is_empty() {
                entry.starts = Some(entry.starts.map_or(all, |s| s.or(all)));
                if d.refused_by == Some(RefusedBy::Config) {
                    entry.config = Some(entry.config.map_or(all, |s| s.or(all)));
                }
            } else {
                entry.doubt = true;
            }
        }
    }
    let mut stopped: HashMap<usize, VersionSet> = HashMap::default();
    for d in found.iter().filter(|d| d.effect == Effect::RefusesStart) {
        if let Some(client) = d.client {
            let releases = if d.refused_in.is_empty() { VersionSet::all() } else { d.refused_in };
            let entry = stopped.entry(client).or_insert(VersionSet::NONE);
            *entry = entry.or(releases);
        }
    }
    let clients = |cluster: &crate::cluster::Cluster| {
        let clients = cluster.clients.iter().filter_map(|i| Some((*i, model.clients.get(*i)?)));
        clients.map(|(i, c)| client(model, c, stopped.get(&i).copied().unwrap_or(VersionSet::NONE))).collect()
    };
    model
        .clusters
        .iter()
        .map(|cluster| report::Cluster {
            name: cluster.name.clone(),
            complete: cluster.complete,
            evidence: cluster.evidence.clone(),
            nodes: cluster
                .nodes
                .iter()
                .filter_map(|n| model.nodes.get(*n))
                .map(|n| node(model, n, refused.get(n.name.as_str()).copied().unwrap_or_default(), wanted))
                .collect(),
            clients: clients(cluster),
        })
        .collect()
}

/// `stopped`: the releases whose constructor refuses.
fn client(model: &Model, client: &Client, stopped: VersionSet) -> report::Client {
    let unknown = constructor::judge(client).unknown;
    let starts = |releases: VersionSet| {
        if releases.within(stopped) {
            Some(false)
        } else {
            (!releases.meets(stopped.or(unknown))).then_some(true)
        }
    };
    let one = |release: Release| starts(VersionSet::from_bits(1 << release.index()));
    report::Client {
        name: client.name.clone(),
        kind: client.kind.name(),
        files: files(model, &client.files),
        versions: client.versions,
        starts: starts(client.versions).filter(|_| !client.versions.is_empty()),
        verdicts: client.versions.iter().map(|release| (release.name(), one(release))).collect(),
    }
}

fn files(model: &Model, files: &[FileId]) -> Vec<String> {
    files.iter().map(|f| model.sources.name(*f).to_owned()).collect()
}

fn node(model: &Model, node: &Node, refused: Refused, wanted: NodeSettings) -> report::Node {
    let (open, outside) = (undecided(node), hangs_on_more(node));
    let verdict = |release: VersionSet| {
        let stops = refused.starts.is_some_and(|r| release.within(r));
        let config = match refused.config {
            Some(refusing) if release.within(refusing) => Config::Refused,
            Some(refusing) if release.meets(refusing) => Config::Unknown,
            _ if release.meets(open) => Config::Unknown,
            _ => Config::Accepted,
        };
        let starts = if stops {
            Some(false)
        } else {
            (config == Config::Accepted
                && !refused.doubt
                && !outside
                && !refused.starts.is_some_and(|r| release.meets(r)))
            .then_some(true)
        };
        (starts, config)
    };
    let verdicts = node
        .versions
        .iter()
        .map(|release| {
            let (starts, config) = verdict(VersionSet::from_bits(1 << release.index()));
            Verdict { version: release.name(), starts, config }
        })
        .collect();
    let (starts, config) = verdict(node.versions);
    let texts = |key: &str| {
        let setting = node.settings.get(key)?;
        if setting.value.slice().has_hole() {
            return None;
        }
        Some(list::filled(setting.value.slice()).map(Slice::as_str).map(str::to_owned).collect::<Vec<_>>())
    };
    let unset = |key: &str| node.lookup(key).is_unset().then(Vec::new);
    report::Node {
        name: node.name.clone(),
        id: node.id().map(i64::from),
        roles: node.roles().map(crate::kafka::role::Roles::names),
        versions: node.versions,
        image: node.image.family.name().map(str::to_owned),
        files: files(model, &node.files),
        cluster_id: node.cluster_ids.iter().find_map(|id| match &id.value {
            IdValue::Known(text) => text.known().map(str::to_owned),
            _ => None,
        }),
        listeners: texts("listeners").or_else(|| match node.lookup("listeners") {
            Lookup::Default(value) => Some(vec![value.to_owned()]),
            _ => None,
        }),
        voters: texts("controller.quorum.voters").or_else(|| unset("controller.quorum.voters")),
        starts,
        config,
        verdicts,
        settings: settings(node, wanted),
    }
}

/// Does the start hang on what no file of a linter's tells: the content of key stores, a plugin, the login of SASL?
fn hangs_on_more(node: &Node) -> bool {
    let secure = |text: &str| PROTOCOLS.iter().any(|p| *p != "PLAINTEXT" && text.eq_ignore_ascii_case(p));
    let listeners = [node.listeners(), node.advertised()];
    let named = listeners.iter().flatten().any(|(_, l)| l.names().any(secure));
    let mapped = node.protocols().is_some_and(|(_, map)| {
        map.iter().any(|m| secure(m.protocol.as_str()) && !PROTOCOLS.contains(&m.name))
    });
    let plugin = |s: &Setting| {
        let key = s.key();
        let is_class = key.ends_with(".class") || key.ends_with(".class.name") || key.ends_with(".reporters");
        let known = |name: Slice<'_>| catalog::class(name.as_str()).is_some();
        is_class && !list::filled(s.value.slice()).all(known)
    };
    named || mapped || node.settings.iter().any(plugin)
}

fn settings(node: &Node, wanted: NodeSettings) -> Vec<report::Setting> {
    if wanted == NodeSettings::None {
        return Vec::new();
    }
    let mut out: Vec<report::Setting> = node
        .settings
        .iter()
        // A line without separator is no setting, and may be anything: a password that lost its key, say.
        .filter(|s| !s.value.as_str().is_empty() || s.key().contains('.'))
        .map(|s| report::Setting {
            key: s.key().replace(HOLE, "${…}"),
            value: s.value.as_str().replace(HOLE, "${…}"),
            origin: s.origin.name(),
            span: (s.origin != crate::cluster::Origin::Image).then(|| s.value.span()),
            overrides: s.overrides.iter().rev().copied().collect(),
        })
        .collect();
    if wanted == NodeSettings::All {
        for key in catalog::keys(Scope::Server) {
            if let Lookup::Default(value) = node.lookup(key) {
                let (key, value) = (key.to_owned(), value.to_owned());
                out.push(report::Setting {
                    key,
                    value,
                    origin: "default",
                    span: None,
                    overrides: Vec::new(),
                });
            }
        }
    }
    order::by_text(&mut out, |setting| &setting.key);
    out
}
