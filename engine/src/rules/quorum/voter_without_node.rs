//! KL118: a voter that no node in sight answers for.

use std::collections::BTreeMap;

use super::leads_to;
use crate::cluster::{Cluster, Resolved};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::hash::HashSet;
use crate::kafka::voter::Voter;
use crate::rules::{Context, Sink, join_names};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let lists = cx.listed();
        let mut missing: BTreeMap<i32, Vec<(usize, Voter<'_>)>> = BTreeMap::new();
        let mut all = std::collections::BTreeSet::new();
        for list in lists {
            for voter in list.voters.iter() {
                let Some(id) = voter.id else { continue };
                all.insert(id);
                if !answered(cx, cluster, list.index, &voter) {
                    missing.entry(id).or_default().push((list.index, voter));
                }
            }
        }
        // A voter that answers to one list's spelling is there.
        missing.retain(|_, entries| {
            distinct(entries)
                == lists
                    .iter()
                    .filter(|l| {
                        entries.first().is_some_and(|(_, v)| l.voters.get(v.id.unwrap_or(-1)).is_some())
                    })
                    .count()
        });
        let Some(first) = missing.values().next().and_then(|e| e.first()) else { continue };
        // With half of the voters gone nobody has a majority.
        let majority = missing.len() * 2 >= all.len();
        // A name without dots inside one project should be a service of it; other addresses are other machines.
        let inside = missing.values().flatten().any(|(from, v)| {
            let in_project = cx.model.nodes.get(*from).is_some_and(|n| {
                n.service.is_some_and(|at| cx.places.service(at).is_some_and(|s| s.network_mode.is_none()))
            });
            let plain = v.host().is_some_and(|h| !h.contains('.') && !h.contains(':'));
            in_project && plain && !spans_hosts(cx, cluster)
        });
        let severity = if cluster.declared && majority {
            Severity::Error
        } else if inside || spans_hosts(cx, cluster) || cluster.declared {
            Severity::Warning
        } else {
            Severity::Info
        };
        let names: Vec<String> =
            missing.values().filter_map(|e| Some(e.first()?.1.entry.as_str().to_owned())).collect();
        let message = if names.len() == 1 {
            format!("no node in these files is voter {}", names.join(""))
        } else {
            format!("no nodes in these files are the voters {}", join_names(&names))
        };
        let mut finding = Diagnostic::at(Code::KL118, first.1.entry, message)
            .label("no file in sight configures this controller")
            .severity(severity)
            .help(if majority {
                "Without a majority of the voters no leader is elected and no broker registers. If the other controllers \
                 are configured elsewhere, check their files together with these."
            } else {
                "The quorum works without it, with less to spare. If this controller is configured elsewhere, check its \
                 files together with these; if it is gone, remove the entry on every node."
            })
            .cluster(c)
            .key("controller.quorum.voters");
        for (from, voter) in missing.values().flatten() {
            if let Some(node) = cx.model.nodes.get(*from) {
                finding =
                    finding.node(&node.name).related_value(voter.entry, format!("listed by {}", node.name));
            }
        }
        out.push(finding);
    }
}

/// In how many nodes' lists the entries stand.
fn distinct(entries: &[(usize, Voter<'_>)]) -> usize {
    entries.iter().map(|(from, _)| *from).collect::<HashSet<_>>().len()
}

/// Are files of several hosts (projects, folders) in sight?
fn spans_hosts(cx: &Context<'_>, cluster: &Cluster) -> bool {
    let mut units = cx.nodes(cluster).map(|(_, n)| (n.service.map(|s| s.project), n.folder.as_str()));
    let first = units.next();
    units.any(|u| Some(u) != first)
}

fn answered(cx: &Context<'_>, cluster: &Cluster, from: usize, voter: &Voter<'_>) -> bool {
    let by_id = cx.nodes(cluster).any(|(_, n)| n.id() == voter.id && n.roles().is_none_or(|r| r.controller));
    let unknown_id =
        cx.nodes(cluster).any(|(_, n)| n.id().is_none() && n.roles().is_none_or(|r| r.controller));
    by_id
        || match leads_to(&cx.places, from, voter) {
            Resolved::Node(n) => cluster.nodes.contains(&n),
            Resolved::Outside(host) => {
                let claimed = cx.places.claimed(&host);
                claimed.iter().any(|n| {
                    cluster.nodes.contains(n) && cx.model.nodes.get(*n).is_some_and(|n| n.id().is_none())
                })
            }
            Resolved::Unknown => unknown_id,
            Resolved::Own | Resolved::OtherService => false,
        }
}
