//! KL126, KL127 and others: commands that `kafka-storage format` refuses, each under the rule that fits its fault.
//!
//! What the tool of a release takes is told by `kafka::storage_tool`; here it is joined with the node and the files.

use crate::cluster::{Meta, Node};
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::kafka::list;
use crate::kafka::storage_tool::{self, Directory, Fault, Kind, Server, Setting, Stored};
use crate::kafka::version::VersionSet;
use crate::order;
use crate::rules::{Context, Sink, refusal};
use crate::script::Format;
use crate::source::{Span, path};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            for format in &node.formats {
                of_node(c, node, format, out);
            }
        }
        let versions = cx.nodes(cluster).fold(VersionSet::NONE, |all, (_, n)| all.or(n.versions));
        for format in &cluster.formats {
            of_nobody(c, versions, format, out);
        }
    }
}

/// The releases whose tool says what is stale in the directories of `node`, before the server would.
pub(in crate::rules) fn notices(node: &Node) -> VersionSet {
    let (mut on, formats) = (VersionSet::NONE, node.formats.iter().filter(|f| !f.looks_for_meta));
    for (fault, releases) in formats.flat_map(|f| faults(node, f).0) {
        if matches!(fault.kind, Kind::Directory(_)) && fault.at.is_some() {
            on = on.or(releases);
        }
    }
    on
}

fn faults<'n>(node: &'n Node, format: &Format) -> (Vec<(Fault, VersionSet)>, Vec<&'n Meta>) {
    let (dirs, metas) = directories(node);
    let setting = |key: &str| match node.settings.get(key) {
        Some(setting) => setting.value.known().map_or(Setting::Unknown, Setting::Known),
        None if node.open.is_some() => Setting::Unknown,
        None => Setting::Unset,
    };
    let server = Server {
        roles: node.roles(),
        id: node.id(),
        has_voters: super::has_static_voters(node),
        setting: &setting,
        controller_listener: controller_listener(node),
        log_dirs: log_dirs(node).len(),
        directories: dirs,
    };
    (storage_tool::faults(&format.words, &server, node.versions), metas)
}

fn of_node(c: usize, node: &Node, format: &Format, out: &mut Sink) {
    let (faults, metas) = faults(node, format);
    let faults = meant(faults, node.versions);
    for (fault, on) in faults {
        let on = match fault.kind {
            Kind::NoRole => on.and(takes_no_role(node)),
            Kind::Directory(_) if format.looks_for_meta => continue,
            _ => on,
        };
        let finding = diagnostic(node, format, &fault, &metas).cluster(c);
        out.extend(refusal(node, on, RefusedBy::Format, finding));
    }
}

/// Where nothing is known of the release, what is written tells it: an option or a value that some release takes was meant for
/// that one.
fn meant(mut faults: Vec<(Fault, VersionSet)>, versions: VersionSet) -> Vec<(Fault, VersionSet)> {
    let lacking = faults.iter().filter(|(f, _)| f.kind == Kind::NotYet);
    let lacking = lacking.fold(VersionSet::NONE, |all, (_, on)| all.or(*on));
    let refusing = faults.iter().fold(VersionSet::NONE, |all, (_, on)| all.or(*on));
    let open = versions == VersionSet::all();
    for (fault, on) in &mut faults {
        if fault.kind == Kind::Value && versions.within(on.or(lacking)) {
            *on = on.or(lacking);
        }
    }
    let others = faults.iter().any(|(f, on)| f.kind != Kind::NotYet && versions.within(*on));
    faults.retain(|(fault, on)| match fault.kind {
        Kind::NotYet if others => false,
        Kind::NotYet | Kind::Value => !open || versions.within(refusing) || versions.within(*on),
        _ => true,
    });
    faults
}

/// A command of which is not known what it formats: only what no configuration would mend.
fn of_nobody(c: usize, versions: VersionSet, format: &Format, out: &mut Sink) {
    let server = Server {
        roles: None,
        id: None,
        has_voters: None,
        setting: &|_| Setting::Unknown,
        controller_listener: None,
        log_dirs: 0,
        directories: Vec::new(),
    };
    for (fault, on) in meant(storage_tool::faults(&format.words, &server, versions), versions) {
        let all = versions.within(on);
        let mut finding =
            place(format, &fault).cluster(c).effect(Effect::RefusesStart, Some(RefusedBy::Format));
        if !all {
            finding.message = format!("{} (refused by Kafka {})", finding.message, on.describe());
        }
        out.push(finding.severity(if all { Severity::Error } else { Severity::Warning }));
    }
}

/// The releases whose configuration class takes this node though it has no role.
fn takes_no_role(node: &Node) -> VersionSet {
    let zookeeper = node.settings.get("zookeeper.connect").is_some();
    match (node.settings.get("process.roles").is_some(), zookeeper) {
        (false, true) => VersionSet::before((4, 0, 0)),
        (false, false) => VersionSet::NONE,
        (true, true) => VersionSet::before((4, 2, 0)),
        (true, false) => VersionSet::since((4, 0, 0)).and(VersionSet::before((4, 2, 0))),
    }
}

/// Host and port of the first controller listener, as the tool finds it: advertised, else opened.
fn controller_listener(node: &Node) -> Option<(&str, &str)> {
    let (_, names) = node.controller_names()?;
    let name = names.iter().next()?.known()?.to_uppercase();
    let (_, opened) = node.listeners()?;
    let advertised = node.advertised().and_then(|(_, a)| a.named(&name));
    let listener = advertised.or_else(|| opened.named(&name))?;
    Some((listener.host.known()?, listener.port_text.known()?))
}

/// The elements of `log.dirs` that are known.
fn log_dirs(node: &Node) -> Vec<&str> {
    let setting = node.settings.get("log.dirs").or_else(|| node.settings.get("log.dir"));
    setting.into_iter().flat_map(|s| list::filled(s.value.slice())).filter_map(|e| e.known()).collect()
}

/// The log directories, and the formatted ones that some of them were found to be.
fn directories(node: &Node) -> (Vec<Directory<'_>>, Vec<&Meta>) {
    let mut paths = log_dirs(node);
    let metadata = node.settings.get("metadata.log.dir").and_then(|s| s.value.known());
    paths.extend(metadata.map(str::trim));
    order::sort(&mut paths);
    paths.dedup();
    let mut metas = Vec::new();
    let only = paths.len() == 1 && node.metas.len() == 1;
    let directories = paths
        .iter()
        .map(|dir| {
            let named = |m: &&Meta| path::file_name(&m.folder) == path::file_name(dir.trim_end_matches('/'));
            let alone = paths.iter().filter(|p| path::file_name(p) == path::file_name(dir)).count() == 1;
            let meta = node.metas.iter().find(|m| only || lies_at(&m.folder, dir));
            let meta = meta.or_else(|| node.metas.iter().find(named).filter(|_| alone));
            metas.extend(meta);
            Directory {
                path: dir,
                meta: meta.map(|m| Stored {
                    version: m.version.as_ref(),
                    cluster_id: m.cluster_id.as_ref(),
                    node_id: m.node_id.as_ref(),
                    broker_id: m.broker_id.as_ref(),
                    directory_id: m.directory_id.as_ref(),
                }),
            }
        })
        .collect();
    (directories, metas)
}

/// May `folder`, as we see it, be the directory that the node calls `dir`? One of them ends like the other.
fn lies_at(folder: &str, dir: &str) -> bool {
    let dir = path::join("", dir);
    let ends = |long: &str, short: &str| {
        let rest = long.strip_suffix(short.trim_start_matches('/'));
        !short.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    ends(folder, &dir) || ends(&dir, folder)
}

fn code(kind: Kind) -> Code {
    match kind {
        Kind::NoClusterId => Code::KL131,
        Kind::Value | Kind::Protocol => Code::KL505,
        Kind::StaticVoters => Code::KL127,
        Kind::NoRole => Code::KL104,
        Kind::Directory(_) => Code::KL134,
        Kind::NotYet | Kind::CommandLine | Kind::Quorum => Code::KL126,
    }
}

fn key(kind: Kind) -> &'static str {
    match kind {
        Kind::NoClusterId => "cluster.id",
        Kind::Protocol => "inter.broker.protocol.version",
        Kind::StaticVoters | Kind::Quorum => "controller.quorum.voters",
        Kind::NoRole => "process.roles",
        Kind::Directory(_) => "log.dirs",
        Kind::Value | Kind::NotYet | Kind::CommandLine => "",
    }
}

/// The finding at the argument, else at the tool.
fn place(format: &Format, fault: &Fault) -> Diagnostic {
    let code = code(fault.kind);
    let finding = match &fault.at {
        Some(text) if text.slice().is_empty() => Diagnostic::new(code, text.place(), fault.message.clone()),
        Some(text) => Diagnostic::at(code, text.slice(), fault.message.clone()),
        None => Diagnostic::new(code, format.tool, fault.message.clone()),
    };
    let finding = finding.label("kafka-storage format stops here").help(fault.help);
    let key = key(fault.kind);
    if key.is_empty() { finding } else { finding.key(key) }
}

fn diagnostic(node: &Node, format: &Format, fault: &Fault, metas: &[&Meta]) -> Diagnostic {
    let mut finding = place(format, fault);
    let related = |finding: Diagnostic, key: &str, message: &'static str| match node.settings.get(key) {
        Some(setting) => finding.related_value(setting.place(), message),
        None => finding,
    };
    match fault.kind {
        Kind::Directory(_) => {
            finding = finding.related(format.tool, "this command formats it");
            for meta in metas {
                let start = Span { file: meta.file, start: 0, end: 0 };
                let at = meta.cluster_id.as_ref().map_or(start, |id| id.span());
                if fault.at.is_none() {
                    finding = finding.related(at, "formatted already");
                }
            }
            finding
        }
        Kind::Protocol => {
            let Some(setting) = node.settings.get("inter.broker.protocol.version") else { return finding };
            let help = finding.help.clone();
            Diagnostic::at(Code::KL505, setting.place(), fault.message.clone())
                .label("taken for --release-version")
                .help(help)
                .key("inter.broker.protocol.version")
                .related(format.tool, "this command formats with it")
        }
        Kind::StaticVoters => related(finding, "controller.quorum.voters", "the static voters"),
        Kind::Quorum => {
            let finding = related(finding, "controller.quorum.bootstrap.servers", "a dynamic quorum");
            related(finding, "controller.quorum.voters", "the static voters")
        }
        Kind::NoRole => related(finding, "zookeeper.connect", "of ZooKeeper days"),
        _ => finding,
    }
}
