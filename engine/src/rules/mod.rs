//! The rules and their engine.
//!
//! A rule reads the [`Model`] and says what is wrong; it knows nothing of output. The match in [`pass`] binds every code
//! to the code that finds it, so a page without a rule does not compile. Consequences are silenced by one table, after
//! the verdicts on the nodes are computed.

pub mod code;

mod address;
mod clients;
mod containers;
mod identity;
mod image;
mod keys;
mod quorum;
mod reading;
mod report;
mod sizes;
mod startup;
mod storage;
mod suppression;

use crate::hash::HashSet;
use std::ops::Range;

use code::Code;
use quorum::Listed;

use crate::cluster::{Client, Cluster, Model, Node, Places};
use crate::diagnostic::{self, Diagnostic, Effect, RefusedBy, Severity, Suppressions};
use crate::kafka::version::VersionSet;
use crate::report::{Report, Suppressed};
use crate::settings::Settings;
use crate::source::Sources;

/// What a rule may look at.
pub(crate) struct Context<'m> {
    pub(crate) model: &'m Model,
    /// The clusters that are looked at now: one for a rule about clusters, else all.
    visited: Range<usize>,
    /// Of the one cluster, the nodes that have a static voter list, with the list.
    listed: Vec<Listed<'m>>,
    cluster_of: Vec<Option<usize>>,
    pub(crate) places: Places<'m>,
    pub(crate) settings: &'m Settings,
}

impl<'m> Context<'m> {
    fn new(model: &'m Model, settings: &'m Settings) -> Context<'m> {
        let places = Places::again(&model.index, &model.projects, &model.nodes);
        let visited = 0..model.clusters.len();
        Context { model, visited, listed: Vec::new(), cluster_of: model.cluster_of(), places, settings }
    }

    /// From now on, cluster `c` alone is looked at.
    fn visit(&mut self, c: usize) {
        self.visited = c..c + 1;
        self.listed = self.model.clusters.get(c).map_or_else(Vec::new, |c| quorum::listed(self.model, c));
    }

    /// The nodes of the cluster that have a static voter list.
    pub(crate) fn listed(&self) -> &[Listed<'m>] {
        &self.listed
    }

    /// The cluster of a node.
    pub(crate) fn cluster_of(&self, node: usize) -> Option<usize> {
        self.cluster_of.get(node).copied().flatten()
    }

    /// The nodes of a cluster with their index in the model.
    pub(crate) fn nodes(&self, cluster: &'m Cluster) -> impl Iterator<Item = (usize, &'m Node)> + use<'m> {
        let model = self.model;
        cluster.nodes.iter().filter_map(move |n| model.nodes.get(*n).map(|node| (*n, node)))
    }

    /// The clusters that are looked at, with their index; the last of all may have clients only.
    pub(crate) fn all_clusters(&self) -> impl Iterator<Item = (usize, &'m Cluster)> + use<'m> {
        let clusters = self.model.clusters.get(self.visited.clone()).unwrap_or_default();
        clusters.iter().enumerate().map({
            let first = self.visited.start;
            move |(i, c)| (first + i, c)
        })
    }

    /// Those of them that have nodes.
    pub(crate) fn clusters(&self) -> impl Iterator<Item = (usize, &'m Cluster)> + use<'m> {
        self.all_clusters().filter(|(_, c)| !c.nodes.is_empty())
    }
}

/// Where rules put their findings.
pub(crate) type Sink = Vec<Diagnostic>;

/// A piece of the work; several codes may share one, for they share a parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Pass {
    Reading,
    MissingReference,
    Properties,
    Values,
    WrittenValues,
    Relations,
    Identity,
    Endpoints,
    Storage,
    ZooKeeper,
    Security,
    Logins,
    Stores,
    Authorizer,
    Voters,
    DuplicateNodeId,
    DuplicateVoterId,
    VotersDiffer,
    VoterAddress,
    VoterWithoutNode,
    LoopbackVoter,
    SplitCluster,
    FormatCommand,
    SeparateQuorums,
    ClusterId,
    MissingClusterId,
    InvalidClusterId,
    RandomClusterId,
    MetaProperties,
    Advertised,
    ControllerPort,
    HostPort,
    BoundToLoopback,
    PublishedPorts,
    VoterHost,
    Replicated,
    Deadlock,
    HealthCheck,
    AdvertisedOnController,
    VolumeMisses,
    AnonymousVolume,
    MessageSize,
    FetchSize,
    RequestSize,
    BatchSize,
    Keys,
    VariablePrefix,
    IgnoredVariable,
    MissingVariable,
    DiscardedDefaults,
    ImageWithoutKraft,
    RefusedVariable,
    ImageReference,
    Bootstrap,
    ClientConstructor,
    PartlySeen,
    Suppression,
}

impl Pass {
    /// It looks at files, or compares clusters; the others look at one cluster at a time.
    fn sees_all(self) -> bool {
        matches!(
            self,
            Pass::Reading
                | Pass::MissingReference
                | Pass::Properties
                | Pass::WrittenValues
                | Pass::ImageReference
                | Pass::PartlySeen
                | Pass::SplitCluster
                | Pass::HostPort
        )
    }
}

/// The pass that finds `code`.
fn pass(code: Code) -> Pass {
    match code {
        Code::KL001 | Code::KL002 | Code::KL003 | Code::KL007 | Code::KL008 | Code::KL010 => Pass::Reading,
        Code::KL004 | Code::KL005 | Code::KL006 | Code::KL012 | Code::KL014 => Pass::Properties,
        Code::KL202 | Code::KL505 => Pass::Values,
        Code::KL301 => Pass::Storage,
        Code::KL701 => Pass::Security,
        Code::KL702 => Pass::Logins,
        Code::KL703 => Pass::Stores,
        Code::KL704 => Pass::Authorizer,
        Code::KL214 => Pass::Endpoints,
        Code::KL404 => Pass::Relations,
        Code::KL102 | Code::KL103 | Code::KL104 | Code::KL105 | Code::KL110 | Code::KL123 | Code::KL125 => {
            Pass::Identity
        }
        Code::KL201
        | Code::KL203
        | Code::KL204
        | Code::KL205
        | Code::KL210
        | Code::KL215
        | Code::KL220
        | Code::KL223
        | Code::KL224
        | Code::KL231
        | Code::KL234 => Pass::Endpoints,
        Code::KL009 => Pass::MissingReference,
        Code::KL011 | Code::KL013 | Code::KL015 => Pass::WrittenValues,
        Code::KL101 => Pass::DuplicateNodeId,
        Code::KL111 | Code::KL113 | Code::KL114 | Code::KL115 => Pass::Voters,
        Code::KL112 => Pass::DuplicateVoterId,
        Code::KL116 => Pass::VotersDiffer,
        Code::KL117 => Pass::VoterAddress,
        Code::KL118 => Pass::VoterWithoutNode,
        Code::KL119 => Pass::VoterHost,
        Code::KL120 => Pass::LoopbackVoter,
        Code::KL126 | Code::KL127 => Pass::FormatCommand,
        Code::KL128 => Pass::SeparateQuorums,
        Code::KL130 => Pass::ClusterId,
        Code::KL131 => Pass::MissingClusterId,
        Code::KL132 => Pass::InvalidClusterId,
        Code::KL133 => Pass::RandomClusterId,
        Code::KL134 => Pass::MetaProperties,
        Code::KL140 => Pass::SplitCluster,
        Code::KL206 | Code::KL211 | Code::KL212 | Code::KL213 | Code::KL216 | Code::KL230 => Pass::Endpoints,
        Code::KL221 | Code::KL226 | Code::KL227 | Code::KL228 | Code::KL241 => Pass::Advertised,
        Code::KL240 => Pass::ControllerPort,
        Code::KL242 => Pass::HostPort,
        Code::KL243 | Code::KL244 => Pass::PublishedPorts,
        Code::KL245 => Pass::BoundToLoopback,
        Code::KL608 => Pass::Replicated,
        Code::KL609 => Pass::HealthCheck,
        Code::KL610 => Pass::Deadlock,
        Code::KL222 => Pass::AdvertisedOnController,
        Code::KL304 => Pass::VolumeMisses,
        Code::KL401 => Pass::MessageSize,
        Code::KL402 => Pass::FetchSize,
        Code::KL403 => Pass::RequestSize,
        Code::KL406 => Pass::BatchSize,
        Code::KL501
        | Code::KL502
        | Code::KL503
        | Code::KL504
        | Code::KL506
        | Code::KL507
        | Code::KL509
        | Code::KL510 => Pass::Keys,
        Code::KL601 => Pass::VariablePrefix,
        Code::KL602 => Pass::IgnoredVariable,
        Code::KL603 => Pass::MissingVariable,
        Code::KL604 => Pass::DiscardedDefaults,
        Code::KL605 => Pass::ImageWithoutKraft,
        Code::KL606 | Code::KL607 | Code::KL613 => Pass::ImageReference,
        Code::KL611 => Pass::AnonymousVolume,
        Code::KL612 => Pass::RefusedVariable,
        Code::KL801 | Code::KL802 => Pass::Bootstrap,
        Code::KL804 => Pass::ClientConstructor,
        Code::KL207 => Pass::Endpoints,
        Code::KL850 | Code::KL852 => Pass::ZooKeeper,
        Code::KL901 | Code::KL902 => Pass::Suppression,
        Code::KL903 => Pass::PartlySeen,
    }
}

fn run(pass: Pass, cx: &Context<'_>, out: &mut Sink) {
    match pass {
        Pass::Reading => reading::problems::check(cx, out),
        Pass::MissingReference => reading::missing_reference::check(cx, out),
        Pass::Properties => reading::properties::check(cx, out),
        Pass::Values => startup::values::check(cx, out),
        Pass::Relations => startup::relations::check(cx, out),
        Pass::Identity => startup::identity::check(cx, out),
        Pass::Endpoints => startup::endpoints::check(cx, out),
        Pass::Storage => startup::storage::check(cx, out),
        Pass::ZooKeeper => startup::zookeeper::check(cx, out),
        Pass::Security => startup::security::check(cx, out),
        Pass::Logins => startup::logins::check(cx, out),
        Pass::Stores => startup::stores::check(cx, out),
        Pass::Authorizer => startup::authorizer::check(cx, out),
        Pass::WrittenValues => reading::values::check(cx, out),
        Pass::Voters => startup::voters::check(cx, out),
        Pass::DuplicateNodeId => quorum::duplicate_node_id::check(cx, out),
        Pass::DuplicateVoterId => quorum::duplicate_voter_id::check(cx, out),
        Pass::VotersDiffer => quorum::voters_differ::check(cx, out),
        Pass::VoterAddress => quorum::voter_address_mismatch::check(cx, out),
        Pass::VoterWithoutNode => quorum::voter_without_node::check(cx, out),
        Pass::LoopbackVoter => quorum::loopback_voter::check(cx, out),
        Pass::SplitCluster => quorum::split_cluster::check(cx, out),
        Pass::FormatCommand => quorum::format_command::check(cx, out),
        Pass::SeparateQuorums => quorum::separate_quorums::check(cx, out),
        Pass::ClusterId => identity::cluster_id_mismatch::check(cx, out),
        Pass::MissingClusterId => identity::missing_cluster_id::check(cx, out),
        Pass::InvalidClusterId => identity::invalid_cluster_id::check(cx, out),
        Pass::RandomClusterId => identity::random_cluster_id::check(cx, out),
        Pass::MetaProperties => identity::stale_meta_properties::check(cx, out),
        Pass::Advertised => address::advertised::check(cx, out),
        Pass::ControllerPort => address::controller_port_not_exposed::check(cx, out),
        Pass::HostPort => address::host_port_clash::check(cx, out),
        Pass::PublishedPorts => address::published_ports::check(cx, out),
        Pass::BoundToLoopback => address::listener_bound_to_loopback::check(cx, out),
        Pass::VoterHost => quorum::unresolvable_voter_host::check(cx, out),
        Pass::HealthCheck => containers::broken_healthcheck::check(cx, out),
        Pass::Deadlock => containers::dependency_deadlock::check(cx, out),
        Pass::Replicated => containers::replicated_identity::check(cx, out),
        Pass::AdvertisedOnController => image::advertised_on_controller::check(cx, out),
        Pass::VolumeMisses => storage::volume_misses_log_dirs::check(cx, out),
        Pass::AnonymousVolume => storage::anonymous_data_volume::check(cx, out),
        Pass::MessageSize => sizes::message_size_mismatch::check(cx, out),
        Pass::FetchSize => sizes::fetch_below_message_size::check(cx, out),
        Pass::RequestSize => sizes::message_exceeds_socket_request::check(cx, out),
        Pass::BatchSize => sizes::batch_exceeds_request::check(cx, out),
        Pass::Keys => keys::check(cx, out),
        Pass::VariablePrefix => image::wrong_variable_prefix::check(cx, out),
        Pass::IgnoredVariable => image::ignored_variable::check(cx, out),
        Pass::MissingVariable => image::missing_variable::check(cx, out),
        Pass::DiscardedDefaults => image::discarded_defaults::check(cx, out),
        Pass::ImageWithoutKraft => image::image_without_kraft::check(cx, out),
        Pass::RefusedVariable => image::refused_variable::check(cx, out),
        Pass::ImageReference => image::reference::check(cx, out),
        Pass::Bootstrap => clients::bootstrap::check(cx, out),
        Pass::ClientConstructor => clients::constructor::check(cx, out),
        Pass::PartlySeen => reading::partly_seen::check(cx, out),
        // What is ignored is known when all others are done: see `check`.
        Pass::Suppression => {}
    }
}

/// Runs every rule over `model` and makes the report.
#[must_use]
pub fn check(mut model: Model, settings: &Settings) -> Report {
    let mut found = Sink::new();
    {
        let mut cx = Context::new(&model, settings);
        let mut passes: Vec<Pass> = Vec::new();
        for meta in code::META {
            let pass = pass(meta.code);
            if !passes.contains(&pass) {
                passes.push(pass);
            }
        }
        let (whole, each): (Vec<Pass>, Vec<Pass>) = passes.into_iter().partition(|p| p.sees_all());
        whole.into_iter().for_each(|pass| run(pass, &cx, &mut found));
        // All rules on one cluster, then the next: its nodes stay in the processor's cache.
        for c in 0..model.clusters.len() {
            cx.visit(c);
            each.iter().for_each(|pass| run(*pass, &cx, &mut found));
        }
    }
    let clusters = report::clusters(&model, &found, settings.node_settings);
    found.retain(|d| !d.quiet);
    silence(&mut found);
    found.retain(|d| settings.wants(d.code));
    found.retain(|d| !ignored_here(d, &model.sources, settings));
    let mut suppressions = Suppressions::read(&model.comments, &model.sources, settings.require_reason);
    let (mut suppressed, mut found): (Sink, Sink) =
        found.into_iter().partition(|d| suppressions.cover(d, &model.sources));
    suppression::check(&suppressions, &model.sources, settings, &mut found);
    if let Some(file) = settings.file.as_ref().filter(|f| !f.unknown_rules.is_empty()) {
        let id = model.sources.add(&file.name, file.text.as_str());
        suppression::unknown_in_settings(id, file, &mut found);
    }
    found.retain(|d| !ignored_here(d, &model.sources, settings));
    for d in &mut found {
        d.severity = severity(d, settings);
    }
    for all in [&mut suppressed, &mut found] {
        diagnostic::finish(all, &model.sources, &settings.home);
    }
    let (sources, files) = (std::mem::take(&mut model.sources), std::mem::take(&mut model.notes));
    Report {
        sources,
        clusters,
        diagnostics: found,
        suppressed: Suppressed { by_comments: suppressed.len(), ..Suppressed::default() },
        files,
        model: Some(Box::new(model)),
    }
}

/// Do the settings leave out this finding in one of its files, or for one of its nodes?
fn ignored_here(d: &Diagnostic, sources: &Sources, settings: &Settings) -> bool {
    settings.node_ignores.iter().any(|i| d.nodes.iter().any(|node| i.covers(d.code, node)))
        || settings.path_ignores.iter().any(|i| {
            d.labels().any(|(l, _)| i.covers(d.code, &settings.home.path(sources.name(l.span.file))))
        })
}

/// The severity that the settings give to a finding, else its own.
fn severity(d: &Diagnostic, settings: &Settings) -> Severity {
    if settings.strict && d.code == Code::KL903 {
        return Severity::Error;
    }
    let set = settings.severity.iter().find(|(rules, _)| rules.codes().contains(&d.code));
    set.map_or(d.severity, |(_, severity)| *severity)
}

/// How near a consequence must be to its cause.
#[derive(Clone, Copy)]
enum Near {
    /// The same node.
    Node,
    /// The same key of the same node.
    Key,
    /// The same cluster.
    Cluster,
}

/// Cause and consequence: what follows from another finding is not told beside it.
const CONSEQUENCES: &[(Code, Code, Near)] = &[
    (Code::KL612, Code::KL502, Near::Key),
    (Code::KL601, Code::KL102, Near::Node),
    (Code::KL601, Code::KL104, Near::Node),
    (Code::KL601, Code::KL110, Near::Node),
    (Code::KL601, Code::KL210, Near::Node),
    (Code::KL603, Code::KL102, Near::Node),
    (Code::KL603, Code::KL104, Near::Node),
    (Code::KL603, Code::KL110, Near::Node),
    (Code::KL603, Code::KL210, Near::Node),
    (Code::KL604, Code::KL102, Near::Node),
    (Code::KL604, Code::KL104, Near::Node),
    (Code::KL604, Code::KL110, Near::Node),
    (Code::KL604, Code::KL210, Near::Node),
    (Code::KL605, Code::KL102, Near::Node),
    (Code::KL605, Code::KL104, Near::Node),
    (Code::KL605, Code::KL110, Near::Node),
    (Code::KL605, Code::KL210, Near::Node),
    (Code::KL214, Code::KL205, Near::Node),
    (Code::KL204, Code::KL117, Near::Cluster),
    (Code::KL210, Code::KL205, Near::Node),
    (Code::KL002, Code::KL102, Near::Node),
    (Code::KL002, Code::KL104, Near::Node),
    (Code::KL002, Code::KL105, Near::Node),
    (Code::KL002, Code::KL110, Near::Node),
    (Code::KL002, Code::KL210, Near::Node),
    (Code::KL002, Code::KL505, Near::Node),
    (Code::KL006, Code::KL102, Near::Key),
    (Code::KL006, Code::KL105, Near::Key),
    (Code::KL006, Code::KL505, Near::Key),
    (Code::KL006, Code::KL201, Near::Key),
    (Code::KL006, Code::KL202, Near::Key),
    (Code::KL006, Code::KL404, Near::Key),
    (Code::KL505, Code::KL014, Near::Key),
    (Code::KL102, Code::KL114, Near::Node),
    (Code::KL105, Code::KL104, Near::Node),
    (Code::KL105, Code::KL205, Near::Node),
    (Code::KL104, Code::KL205, Near::Node),
    (Code::KL111, Code::KL110, Near::Node),
    (Code::KL201, Code::KL224, Near::Node),
    (Code::KL201, Code::KL205, Near::Node),
    (Code::KL201, Code::KL230, Near::Node),
    (Code::KL206, Code::KL205, Near::Node),
    (Code::KL206, Code::KL215, Near::Node),
    (Code::KL205, Code::KL230, Near::Node),
    (Code::KL210, Code::KL211, Near::Node),
    (Code::KL224, Code::KL230, Near::Node),
    (Code::KL004, Code::KL104, Near::Node),
    (Code::KL004, Code::KL102, Near::Node),
    (Code::KL004, Code::KL118, Near::Node),
    (Code::KL006, Code::KL111, Near::Key),
    (Code::KL006, Code::KL206, Near::Key),
    (Code::KL006, Code::KL211, Near::Key),
    (Code::KL006, Code::KL230, Near::Key),
    (Code::KL403, Code::KL402, Near::Node),
    (Code::KL003, Code::KL010, Near::Node),
    (Code::KL111, Code::KL116, Near::Cluster),
    (Code::KL111, Code::KL117, Near::Cluster),
    (Code::KL111, Code::KL118, Near::Cluster),
    (Code::KL111, Code::KL114, Near::Node),
    (Code::KL101, Code::KL117, Near::Cluster),
    (Code::KL101, Code::KL118, Near::Cluster),
    (Code::KL101, Code::KL114, Near::Node),
    (Code::KL115, Code::KL101, Near::Node),
    (Code::KL114, Code::KL117, Near::Cluster),
    (Code::KL114, Code::KL118, Near::Cluster),
    (Code::KL112, Code::KL116, Near::Node),
    (Code::KL112, Code::KL117, Near::Cluster),
    (Code::KL116, Code::KL118, Near::Cluster),
    (Code::KL120, Code::KL116, Near::Cluster),
    (Code::KL120, Code::KL117, Near::Cluster),
    (Code::KL120, Code::KL118, Near::Cluster),
    (Code::KL216, Code::KL230, Near::Node),
    (Code::KL216, Code::KL212, Near::Node),
    (Code::KL216, Code::KL223, Near::Node),
    (Code::KL207, Code::KL201, Near::Node),
    (Code::KL206, Code::KL230, Near::Node),
    (Code::KL206, Code::KL216, Near::Node),
    (Code::KL131, Code::KL130, Near::Cluster),
    (Code::KL134, Code::KL130, Near::Node),
    (Code::KL101, Code::KL242, Near::Node),
    (Code::KL117, Code::KL242, Near::Node),
    (Code::KL608, Code::KL242, Near::Node),
    (Code::KL226, Code::KL243, Near::Node),
    (Code::KL241, Code::KL243, Near::Node),
    (Code::KL117, Code::KL243, Near::Node),
    (Code::KL117, Code::KL245, Near::Node),
    (Code::KL120, Code::KL245, Near::Cluster),
    (Code::KL221, Code::KL245, Near::Node),
    (Code::KL119, Code::KL118, Near::Cluster),
    (Code::KL101, Code::KL119, Near::Cluster),
    (Code::KL601, Code::KL603, Near::Key),
    (Code::KL601, Code::KL604, Near::Key),
    (Code::KL604, Code::KL602, Near::Node),
    (Code::KL605, Code::KL603, Near::Node),
    (Code::KL304, Code::KL611, Near::Cluster),
    (Code::KL603, Code::KL702, Near::Node),
    (Code::KL603, Code::KL703, Near::Node),
    (Code::KL704, Code::KL505, Near::Key),
];

fn silence(found: &mut Sink) {
    let mut clusters: HashSet<(Code, usize)> = HashSet::default();
    let mut nodes: HashSet<(Code, String)> = HashSet::default();
    let mut keys: HashSet<(Code, String, String)> = HashSet::default();
    for d in found.iter() {
        if CONSEQUENCES.iter().any(|(cause, _, _)| *cause == d.code) {
            clusters.extend(d.cluster.map(|c| (d.code, c)));
            nodes.extend(d.nodes.iter().map(|n| (d.code, n.clone())));
            if let Some(key) = d.keys.first() {
                keys.extend(owners(d).map(|owner| (d.code, owner, key.clone())));
            }
        }
    }
    found.retain(|d| {
        !CONSEQUENCES.iter().any(|(cause, consequence, near)| {
            *consequence == d.code
                && match near {
                    Near::Cluster => d.cluster.is_some_and(|c| clusters.contains(&(*cause, c))),
                    Near::Key => d.keys.first().is_some_and(|key| {
                        owners(d).any(|owner| keys.contains(&(*cause, owner, key.clone())))
                    }),
                    Near::Node => d.nodes.iter().any(|n| nodes.contains(&(*cause, n.clone()))),
                }
        })
    });
}

/// The nodes of a finding; of a client's, its file.
fn owners(d: &Diagnostic) -> impl Iterator<Item = String> {
    let file = d.nodes.is_empty().then(|| format!("{:?}", d.primary.span.file));
    d.nodes.iter().cloned().chain(file)
}

/// A finding that the releases `refusing` stop at: an error if the node can run no other, else a warning that says
/// which; `None` when the node can run none of them.
pub fn refusal(node: &Node, refusing: VersionSet, by: RefusedBy, finding: Diagnostic) -> Option<Diagnostic> {
    let hit = node.versions.and(refusing);
    if hit.is_empty() {
        return None;
    }
    let mut finding = finding.node(&node.name).effect(Effect::RefusesStart, Some(by));
    finding.refused_in = hit;
    if node.versions.within(refusing) {
        return Some(finding.severity(Severity::Error));
    }
    let text = format!(
        "{} (refused by Kafka {}; which release this node runs is not known)",
        finding.message,
        hit.describe()
    );
    finding.message = text;
    // Who may run anything wants no word of what only the previews of KRaft, or one odd release, say.
    let odd = hit.is_single() && node.versions == VersionSet::all();
    finding.quiet = odd || hit.within(VersionSet::before((3, 1, 0)));
    Some(finding.severity(Severity::Warning))
}

/// As [`refusal`], of a client: `index` is its place in the model.
pub(crate) fn refusal_of_client(
    index: usize,
    client: &Client,
    refusing: VersionSet,
    mut finding: Diagnostic,
) -> Option<Diagnostic> {
    let hit = client.versions.and(refusing);
    if hit.is_empty() {
        return None;
    }
    let sure = client.versions.within(refusing);
    if !sure {
        finding.message = format!("{} (refused by Kafka {})", finding.message, hit.describe());
    }
    finding.client = Some(index);
    finding.refused_in = hit;
    // As of a node.
    finding.quiet = !sure && hit.within(VersionSet::before((3, 1, 0)));
    let severity = if sure { Severity::Error } else { Severity::Warning };
    // What is only worth knowing stays so.
    let severity = severity.min(finding.severity);
    Some(finding.effect(Effect::RefusesStart, Some(RefusedBy::Client)).severity(severity))
}

/// `1 node`, `3 nodes`.
pub(crate) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// `a`, `a and b`, `a, b and c`; long lists are cut.
pub fn join_names<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<&str> = names.iter().take(5).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(shown.len());
    if more > 0 {
        return format!("{} and {more} more", shown.join(", "));
    }
    match shown.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
