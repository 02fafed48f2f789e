//! Who is in the quorum, and do all nodes agree on it?

pub(super) mod duplicate_node_id;
pub(super) mod duplicate_voter_id;
pub(super) mod format_command;
pub(super) mod loopback_voter;
pub(super) mod separate_quorums;
pub(super) mod split_cluster;
pub(super) mod unresolvable_voter_host;
pub(super) mod voter_address_mismatch;
pub(super) mod voter_without_node;
pub(super) mod voters_differ;

use crate::cluster::{Cluster, Model, Node, Places, Resolved, Setting};
use crate::kafka::voter::{Voter, Voters};

/// A node with its voter list.
pub(crate) struct Listed<'m> {
    index: usize,
    node: &'m Node,
    setting: &'m Setting,
    voters: Voters<'m>,
}

impl<'m> Listed<'m> {
    /// The index of the node.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// The entries of its list.
    pub(crate) fn voters(&self) -> impl Iterator<Item = Voter<'m>> {
        self.voters.iter()
    }
}

/// The nodes of a cluster that have a static voter list.
pub(super) fn listed<'m>(model: &'m Model, cluster: &Cluster) -> Vec<Listed<'m>> {
    let listed = cluster.nodes.iter().filter_map(|index| {
        let node = model.nodes.get(*index).filter(|node| node.is_kraft())?;
        let (setting, voters) = node.voters()?;
        (!voters.is_empty()).then_some(Listed { index: *index, node, setting, voters })
    });
    listed.collect()
}

/// Does the node name static voters? `None` when that cannot be told.
fn has_static_voters(node: &Node) -> Option<bool> {
    match node.settings.get("controller.quorum.voters") {
        Some(setting) if setting.value.slice().is_all_hole() => None,
        Some(setting) => Some(!setting.value.as_str().trim().is_empty()),
        None => node.is_whole().then_some(false),
    }
}

/// Where a voter entry leads, seen from the node that has it.
pub(super) fn leads_to(places: &Places<'_>, from: usize, voter: &Voter<'_>) -> Resolved {
    match voter.host() {
        Some(host) => places.resolve(from, host),
        None => Resolved::Unknown,
    }
}
