//! KL126, KL127, KL128: the first voters that several format commands, or the images, give to one cluster.
//!
//! Source: booted clusters of 3.9.0, 3.9.2, 4.1.0 and 4.3.1; the entrypoints of the images.

use super::has_static_voters;
use crate::cluster::{Cluster, Node};
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::image::Family;
use crate::kafka::storage_tool;
use crate::kafka::version::VersionSet;
use crate::order;
use crate::rules::{Context, Sink, join_names, refusal};
use crate::script::Format;
use crate::source::Span;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let controllers: Vec<&Node> =
            cx.nodes(cluster).map(|(_, n)| n).filter(|n| n.is_controller()).collect();
        for node in &controllers {
            out.extend(never_formatted(node).map(|f| f.cluster(c)));
            out.extend(static_voters(node, controllers.len()).map(|f| f.cluster(c)));
        }
        let dynamic: Vec<&Node> =
            controllers.into_iter().filter(|n| has_static_voters(n) == Some(false)).collect();
        out.extend(separate(&dynamic).map(|f| f.cluster(c)));
        out.extend(no_voter(cluster, &dynamic).map(|f| f.cluster(c)));
    }
}

/// The releases that have dynamic quorums.
fn dynamic_releases() -> VersionSet {
    VersionSet::since((3, 9, 0))
}

/// The releases that take static voters together with first voters (KAFKA-19719).
fn careless_releases() -> VersionSet {
    let releases = ["3.9.0", "3.9.1", "4.0.0", "4.0.1", "4.1.0"];
    releases.iter().fold(VersionSet::NONE, |all, r| all.or(VersionSet::parse(r)))
}

/// KL126: the entrypoint formats without a word about the first voters.
fn never_formatted(node: &Node) -> Option<Diagnostic> {
    let formats = matches!(
        node.image.family,
        Family::Apache
            | Family::ApacheNative
            | Family::Confluent
            | Family::ConfluentServer
            | Family::ConfluentLocal
    );
    if !formats || node.entry.is_none() || !node.formats.is_empty() || has_static_voters(node) != Some(false)
    {
        return None;
    }
    let servers = node.settings.get("controller.quorum.bootstrap.servers")?;
    let message =
        format!("{} is a controller of a dynamic quorum, which its image does not format", node.name);
    let finding = Diagnostic::at(Code::KL126, servers.place(), message)
        .label("a dynamic quorum")
        .help(
            "The entrypoint calls kafka-storage format without --standalone, --initial-controllers or --no-initial-controllers, and \
             the tool refuses a controller without voters. Set controller.quorum.voters, or format with a command of your own.",
        )
        .key(servers.key());
    refusal(node, dynamic_releases(), RefusedBy::Format, finding)
}

/// KL127: taken by some releases, which then follow the first voters and pass over the static ones.
fn static_voters(node: &Node, controllers: usize) -> Option<Diagnostic> {
    if has_static_voters(node) != Some(true) || !node.versions.within(careless_releases()) {
        return None;
    }
    let (setting, voters) = node.voters()?;
    let several = controllers > 1 || voters.len() > 1;
    let standalone = node.formats.iter().find_map(|f| f.standalone);
    let initial = node.formats.iter().find_map(|f| f.initial_controllers.as_ref());
    let (span, message) = match (standalone, initial) {
        (Some(span), _) if several => (
            span,
            format!("{} becomes a cluster of its own: --standalone makes it the only voter", node.name),
        ),
        (Some(span), _) => {
            (span, format!("{} has static voters, and is formatted for a dynamic quorum", node.name))
        }
        (None, initial) => (
            initial?.place(),
            format!("{} has static voters, and is formatted for a dynamic quorum", node.name),
        ),
    };
    let finding = Diagnostic::new(Code::KL127, span, message)
        .label("this release takes it silently")
        .related_value(setting.place(), "the static voters, which are then passed over")
        .help(
            "Each node so formatted leads itself; all look healthy, share one cluster id, and their data diverge. Later releases \
             refuse the command. Format without --standalone and --initial-controllers, or take controller.quorum.voters away.",
        )
        .node(&node.name)
        .key("controller.quorum.voters");
    Some(if standalone.is_some() && several {
        finding.effect(Effect::DataAtRisk, None)
    } else {
        finding.severity(Severity::Info).effect(Effect::Misbehaves, None)
    })
}

/// The releases of which dynamic quorums are asked about.
fn runs_dynamic(node: &Node) -> bool {
    node.versions.meets(dynamic_releases())
}

/// KL128.
fn separate(nodes: &[&Node]) -> Option<Diagnostic> {
    let alone: Vec<(&Node, Span)> = nodes
        .iter()
        .filter(|n| runs_dynamic(n))
        .filter_map(|n| Some((*n, n.formats.iter().find_map(|f| f.standalone)?)))
        .collect();
    if let [(_, span), _, ..] = alone.as_slice() {
        let names: Vec<&str> = alone.iter().map(|(n, _)| n.name.as_str()).collect();
        let finding = Diagnostic::new(
            Code::KL128,
            *span,
            format!("{} are each formatted as the only voter of a quorum", join_names(&names)),
        )
        .label("--standalone makes a quorum of one");
        return Some(told(finding, alone.iter().map(|(n, s)| (*n, *s, "another quorum of one"))));
    }
    let lists: Vec<(&Node, &crate::text::Text)> = nodes
        .iter()
        .filter(|n| runs_dynamic(n))
        .filter_map(|n| Some((*n, n.formats.iter().find_map(|f| f.initial_controllers.as_ref())?)))
        .collect();
    let (first, own) = lists.first()?;
    let key = |text: &crate::text::Text| voters_of(text);
    let own = (key(own)?, *own);
    let other = lists.iter().find(|(_, l)| key(l).is_some_and(|k| k != own.0))?;
    let finding = Diagnostic::at(
        Code::KL128,
        other.1.slice(),
        format!("{} and {} are formatted with different initial controllers", first.name, other.0.name),
    )
    .label("another list than that of the other controllers");
    Some(told(
        finding,
        [(*first, own.1.place(), "the list there"), (other.0, other.1.place(), "")].into_iter(),
    ))
}

fn told<'n>(finding: Diagnostic, places: impl Iterator<Item = (&'n Node, Span, &'static str)>) -> Diagnostic {
    let finding = finding.key("controller.quorum.bootstrap.servers").help(
        "Each quorum elects its own leader: the nodes look healthy, share one cluster id, and their topics and data diverge. Format one \
         controller with --standalone and the others with --no-initial-controllers, then add them (kafka-metadata-quorum \
         add-controller); or format all with one list of --initial-controllers.",
    );
    places.fold(finding, |finding, (node, span, message)| finding.node(&node.name).related(span, message))
}

/// What the list says, in any order. `None` where a part is unknown, or the tool refuses it.
fn voters_of(list: &crate::text::Text) -> Option<Vec<String>> {
    list.known()?;
    let controllers = storage_tool::initial_controllers(list.slice()).ok()?;
    let mut entries: Vec<String> =
        controllers.iter().map(|c| c.entry.as_str().trim_end_matches('=').to_owned()).collect();
    order::sort(&mut entries);
    Some(entries)
}

/// KL126: every controller waits for voters that nobody is.
fn no_voter(cluster: &Cluster, nodes: &[&Node]) -> Option<Diagnostic> {
    let first = nodes.first()?;
    let waits = |f: &Format| f.no_initial_controllers.is_some();
    let all = nodes.iter().all(|n| {
        !n.formats.is_empty() && n.formats.iter().all(waits) && n.versions.within(dynamic_releases())
    });
    if !all || !(cluster.complete || cluster.declared) {
        return None;
    }
    let span = first.formats.first()?.no_initial_controllers?;
    let names: Vec<&str> = nodes.iter().map(|n| n.name.as_str()).collect();
    let finding = Diagnostic::new(
        Code::KL126,
        span,
        format!("no controller of this quorum is a voter: {} wait to be added", join_names(&names)),
    )
    .label("formatted without a voter")
    .help(
        "Every controller starts and waits for a leader that nobody can become. Format the first one with --standalone, or all with \
         one list of --initial-controllers.",
    )
    .key("controller.quorum.bootstrap.servers")
    .effect(Effect::CannotJoin, None);
    Some(nodes.iter().fold(finding, |f, n| f.node(&n.name)))
}
