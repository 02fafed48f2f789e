//! KL116: voter lists that are not the same set on all nodes. Order, blanks and letter case of hosts do not count.

use crate::hash::HashMap;

use super::{Listed, leads_to};
use crate::cluster::Resolved;
use crate::diagnostic::{Code, Diagnostic, Effect, Severity};
use crate::kafka::listener::Listener;
use crate::kafka::voter::Voter;
use crate::rules::{Context, Sink, join_names};
use crate::text::Same;

/// How many other lists a finding shows, and how many lists of their own are held against each other: a cluster has not so many
/// that differ, and what is quadratic must end.
const SHOWN: usize = 16;
const COMPARED: usize = 64;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, _) in cx.clusters() {
        let lists: Vec<&Listed<'_>> = cx.listed().iter().filter(|l| !l.voters.open).collect();
        // Nearly always all nodes have one and the same text.
        let mut distinct: Vec<(&Listed<'_>, usize)> = Vec::new();
        let mut texts: HashMap<&str, usize> = HashMap::default();
        for list in &lists {
            let at = *texts.entry(list.setting.value.as_str()).or_insert(distinct.len());
            match distinct.get_mut(at) {
                Some((_, count)) => *count += 1,
                None => distinct.push((list, 1)),
            }
        }
        if distinct.iter().all(|(a, _)| distinct.iter().all(|(b, _)| differences(a, b).is_empty())) {
            continue;
        }
        let Some(reference) = reference(cx, &lists, &distinct) else { continue };
        let is_alike = |l: &&&Listed<'_>| differences(l, reference).is_empty();
        let alike: Vec<String> = lists.iter().filter(is_alike).map(|l| l.node.name.clone()).collect();
        for list in &lists {
            let differences = differences(list, reference);
            if let Some(finding) = finding(cx, c, list, (reference, &alike), &lists, &differences) {
                out.push(finding);
            }
        }
    }
}

/// The list that the nodes themselves bear out best; of equals, the one that most have.
/// `distinct`: one list of each text, and how many have it.
fn reference<'l, 'm>(
    cx: &Context<'_>,
    lists: &[&'l Listed<'m>],
    distinct: &[(&Listed<'_>, usize)],
) -> Option<&'l Listed<'m>> {
    let mut owners: HashMap<Option<i32>, Owner<'_>> = HashMap::default();
    for list in lists {
        owners.entry(list.node.id()).or_insert_with(|| Owner::new(list));
    }
    let score = |list: &Listed<'_>| {
        let text = list.setting.value.as_str();
        let is_alike = |other: &Listed<'_>| match distinct.len() > COMPARED {
            true => other.setting.value.as_str() == text,
            false => differences(other, list).is_empty(),
        };
        let alike: usize = distinct.iter().filter(|d| is_alike(d.0)).map(|d| d.1).sum();
        let borne_out: usize = list.voters.iter().map(|v| borne_out(cx, list, &v, &owners)).sum();
        (borne_out, alike, list.node.is_controller())
    };
    let mut best: Option<(&Listed<'m>, (usize, usize, bool))> = None;
    for list in lists {
        let score = score(list);
        if best.as_ref().is_none_or(|(_, b)| score > *b) {
            best = Some((list, score));
        }
    }
    best.map(|(list, _)| list)
}

/// A node that may bear entries out.
struct Owner<'m> {
    index: usize,
    /// Its controller listeners, as far as they are known.
    listeners: Vec<Listener<'m>>,
}

impl<'m> Owner<'m> {
    fn new(list: &Listed<'m>) -> Owner<'m> {
        let listeners = list.node.controller_listeners().unwrap_or_default();
        Owner { index: list.index, listeners }
    }
}

/// How far the node of that id bears an entry out: one for its port, one more for its host.
fn borne_out(
    cx: &Context<'_>,
    list: &Listed<'_>,
    voter: &Voter<'_>,
    owners: &HashMap<Option<i32>, Owner<'_>>,
) -> usize {
    let Some(owner) = owners.get(&voter.id) else { return 0 };
    let port = owner.listeners.iter().any(|l| l.port() == voter.port());
    let host = match leads_to(&cx.places, list.index, voter) {
        Resolved::Own => list.index == owner.index,
        Resolved::Node(n) => n == owner.index,
        Resolved::Outside(host) => cx.places.claimed(&host).contains(&owner.index),
        Resolved::OtherService | Resolved::Unknown => false,
    };
    usize::from(port) + usize::from(port && host)
}

/// How one list differs from another.
enum Difference<'m> {
    /// An entry that the reference lacks.
    Extra(Voter<'m>),
    /// An entry of the reference that is missing.
    Missing(Voter<'m>),
    /// The same id at another port.
    Port(Voter<'m>, Voter<'m>),
    /// The same id and port at another host.
    Host(Voter<'m>, Voter<'m>),
}

fn differences<'m>(list: &Listed<'m>, reference: &Listed<'m>) -> Vec<Difference<'m>> {
    let mut out = Vec::new();
    let (mine, theirs) = (list.voters, reference.voters);
    // An unknown id may be any id.
    if mine.iter().chain(theirs.iter()).any(|v| v.id.is_none()) {
        return out;
    }
    for voter in mine.iter() {
        // Of one id several times the last entry counts; the others are KL112's.
        if !mine.get(voter.id.unwrap_or(-1)).is_some_and(|v| v.entry.bounds() == voter.entry.bounds()) {
            continue;
        }
        match theirs.iter().rev().find(|v| v.id == voter.id) {
            None => out.push(Difference::Extra(voter)),
            Some(other) => {
                if voter.address.port.same(other.address.port, false) == Same::No {
                    out.push(Difference::Port(voter, other));
                } else if voter.address.host.same(other.address.host, true) == Same::No {
                    out.push(Difference::Host(voter, other));
                }
            }
        }
    }
    for voter in theirs.iter() {
        if !mine.iter().any(|v| v.id == voter.id) {
            out.push(Difference::Missing(voter));
        }
    }
    out
}

fn finding(
    cx: &Context<'_>,
    cluster: usize,
    list: &Listed<'_>,
    (reference, alike): (&Listed<'_>, &[String]),
    lists: &[&Listed<'_>],
    differences: &[Difference<'_>],
) -> Option<Diagnostic> {
    if differences.is_empty() {
        return None;
    }
    let node = list.node;
    let broker_only = node.roles().is_some_and(|r| r.broker && !r.controller);
    // A broker that lists a controller more finds the leader all the same.
    let superset = broker_only && differences.iter().all(|d| matches!(d, Difference::Extra(_)));
    let mut severity = Severity::Warning;
    for difference in differences {
        let worse = match difference {
            Difference::Extra(_) => !superset,
            Difference::Missing(_) | Difference::Port(..) => true,
            Difference::Host(mine, _) => is_another_node(cx, list, mine),
        };
        if worse {
            severity = Severity::Error;
        }
    }
    let alone = list.voters.len() == 1
        && list.voters.iter().all(|v| v.id.is_some() && v.id == node.id())
        && reference.voters.len() > 1;
    // Point at the first entry that must change; where one is missing, at the whole list.
    let first = differences.iter().find_map(|d| match d {
        Difference::Extra(v) | Difference::Port(v, _) | Difference::Host(v, _) => Some(v.entry),
        Difference::Missing(_) => None,
    });
    let value = first.unwrap_or_else(|| list.setting.value.slice().trim());
    let message = format!(
        "the voter list of {} differs from that of {}: {}",
        node.title(),
        join_names(alike),
        describe_all(differences)
    );
    let mut finding = Diagnostic::at(Code::KL116, value, message)
        .label(match differences.first() {
            Some(Difference::Missing(v)) if first.is_none() => format!("lacks {}", v.entry.as_str()),
            Some(Difference::Extra(_)) => "no other node lists this voter".to_owned(),
            _ => "differs".to_owned(),
        })
        .severity(severity)
        .node(&node.name)
        .cluster(cluster)
        .key("controller.quorum.voters");
    for other in lists.iter().filter(|other| !std::ptr::eq::<Listed<'_>>(**other, list)).take(SHOWN) {
        finding = finding.node(&other.node.name);
        for difference in differences {
            let theirs = match difference {
                Difference::Missing(v) | Difference::Port(_, v) | Difference::Host(_, v) => {
                    other.voters.get(v.id?)
                }
                Difference::Extra(_) => None,
            };
            finding = match theirs {
                Some(v) => finding.related_value(v.entry, format!("on {}", other.node.title())),
                None => finding.related_value(
                    other.setting.value.slice().trim(),
                    format!("the list of {}", other.node.title()),
                ),
            };
        }
    }
    for difference in differences.iter().skip(1) {
        if let Difference::Extra(v) | Difference::Port(v, _) | Difference::Host(v, _) = difference {
            finding = finding.related_value(v.entry, "differs too");
        }
    }
    let help = if alone {
        finding = finding.effect(Effect::DataAtRisk, None);
        "This node is a majority of its own list: it leads alone, and the others can elect a second leader without it. \
         Nothing looks broken until data is lost. Write the same set of voters on every node."
    } else if superset {
        finding = finding.effect(Effect::Misbehaves, None);
        "A broker that lists more controllers than there are still finds the leader, but the lists should be the same on \
         every node. Remove the entry, or add the controller to the other lists."
    } else if severity == Severity::Warning {
        finding = finding.effect(Effect::Misbehaves, None);
        "It works if both names lead to the same node, which cannot be told from the files. Write every voter the same \
         way on every node, so that a wrong address cannot hide."
    } else {
        "Which nodes can work together then depends on who wins an election: a node that meets a leader outside its own \
         list, or at another address, dies or never registers. controller.quorum.voters must be the same set of \
         id@host:port on every node, brokers included."
    };
    Some(finding.help(help))
}

/// What differs, in one breath: "it lacks A and B; voter 2 is at port 1 here and at 2 there".
fn describe_all(differences: &[Difference<'_>]) -> String {
    let entries = |wanted: fn(&Difference<'_>) -> Option<String>| -> Vec<String> {
        differences.iter().filter_map(wanted).collect()
    };
    let extra = entries(|d| match d {
        Difference::Extra(v) => Some(v.entry.as_str().replace(crate::text::HOLE, "${…}")),
        _ => None,
    });
    let missing = entries(|d| match d {
        Difference::Missing(v) => Some(v.entry.as_str().replace(crate::text::HOLE, "${…}")),
        _ => None,
    });
    let mut parts = Vec::new();
    if !extra.is_empty() {
        parts.push(format!("it has {} more", join_names(&extra)));
    }
    if !missing.is_empty() {
        parts.push(format!("it lacks {}", join_names(&missing)));
    }
    parts.extend(differences.iter().filter_map(describe));
    parts.join("; ")
}

fn describe(difference: &Difference<'_>) -> Option<String> {
    match difference {
        Difference::Extra(_) | Difference::Missing(_) => None,
        Difference::Port(a, b) => Some(format!(
            "voter {} is at port {} here and at {} there",
            a.id_text.as_str(),
            a.address.port.as_str(),
            b.address.port.as_str()
        )),
        Difference::Host(a, b) => Some(format!(
            "voter {} is {} here and {} there",
            a.id_text.as_str(),
            a.address.host.as_str(),
            b.address.host.as_str()
        )),
    }
}

/// Is the host of `voter`, seen from its own file, proved to be a node of another id?
fn is_another_node(cx: &Context<'_>, list: &Listed<'_>, voter: &Voter<'_>) -> bool {
    let id_of = |n: usize| cx.model.nodes.get(n).and_then(|n| n.id());
    let differs = |n: usize| id_of(n).is_some() && id_of(n) != voter.id;
    match leads_to(&cx.places, list.index, voter) {
        Resolved::Node(n) => differs(n),
        Resolved::Outside(host) => {
            let claimed = cx.places.claimed(&host);
            !claimed.is_empty() && claimed.iter().all(|n| differs(*n))
        }
        Resolved::Own => {
            list.node.id().is_some()
                && list.node.id() != voter.id
                && !voter.host().is_some_and(crate::kafka::address::is_loopback)
        }
        Resolved::OtherService | Resolved::Unknown => false,
    }
}
