//! KL140: look-alike nodes that each form a healthy cluster of their own: unedited copies on several hosts.

use std::collections::BTreeMap;

use crate::cluster::{IdValue, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::{Context, Sink, count};
use crate::source::path;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    let mut alike: BTreeMap<String, Vec<(usize, &Node)>> = BTreeMap::new();
    for (c, cluster) in cx.clusters() {
        if cluster.declared {
            continue;
        }
        let mut nodes = cx.nodes(cluster);
        let (Some((_, node)), None) = (nodes.next(), nodes.next()) else { continue };
        if let Some(key) = likeness(cx, node) {
            alike.entry(key).or_default().push((c, node));
        }
    }
    for group in alike.into_values().filter(|g| g.len() > 1) {
        let Some((_, first)) = group.first() else { continue };
        let Some((setting, _)) = first.voters() else { continue };
        let ids: Vec<String> =
            group.iter().map(|(_, n)| n.id().map_or("unknown".to_owned(), |i| i.to_string())).collect();
        let cluster_ids: Vec<String> = group
            .iter()
            .map(|(_, n)| {
                let known = n.cluster_ids.iter().find_map(|id| match &id.value {
                    IdValue::Known(text) => text.known().map(str::to_owned),
                    _ => None,
                });
                known.unwrap_or_else(|| "none".to_owned())
            })
            .collect();
        let message = format!(
            "{} look like copies for several hosts, but each forms a cluster of its own: node id {}, voters {}, {}",
            count(group.len(), "node"),
            same_or_all(&ids),
            setting.value.as_str(),
            if cluster_ids.iter().all(|id| id == "none") {
                "no cluster id in sight".to_owned()
            } else {
                format!("cluster id {}", same_or_all(&cluster_ids))
            }
        );
        let mut finding = Diagnostic::at(Code::KL140, setting.value.slice().trim(), message)
            .label(format!("{} is the only voter it knows", first.name))
            .help(
                "Each node starts, leads itself and looks healthy; clients see whichever one they reach, and nothing fails \
                 visibly. If these are meant to be one cluster, give each its own node id, list all of them in \
                 controller.quorum.voters on every host, and format all with one cluster id (kraftlint --one-cluster \
                 checks them as one). If they are independent, ignore this.",
            )
            .key("controller.quorum.voters");
        for (i, (_, node)) in group.iter().enumerate() {
            finding = finding.node(&node.name);
            if let Some((setting, _)) = node.voters().filter(|_| i > 0) {
                finding =
                    finding.related_value(setting.value.slice().trim(), format!("the same on {}", node.name));
            }
            if let Some(id) = node.id_setting() {
                finding = finding.related_value(id.value.slice().trim(), format!("node id of {}", node.name));
            }
        }
        out.push(finding);
    }
}

fn same_or_all(values: &[String]) -> String {
    match values.split_first() {
        Some((first, rest)) if rest.iter().all(|v| v == first) => format!("{first} each time"),
        _ => values.join(", "),
    }
}

/// What two copies for two hosts have in common: the path below a folder that is called like a host, the service, and
/// the voter list. `None` for a node whose folders are not called like hosts.
fn likeness(cx: &Context<'_>, node: &Node) -> Option<String> {
    let (setting, _) = node.voters()?;
    let file = node.files.first().map(|f| cx.model.sources.name(*f))?;
    let parts: Vec<&str> = file.split('/').collect();
    let at = parts.iter().take(parts.len().saturating_sub(1)).rposition(|p| is_host_folder(p))?;
    let mut pattern: Vec<&str> = parts;
    if let Some(slot) = pattern.get_mut(at) {
        *slot = "*";
    }
    let service = node.service.and_then(|s| cx.places.service(s)).map_or("", |s| s.name.as_str());
    // The half-edited copy has its own id in its only voter.
    let voters = setting.value.known()?.trim();
    let voters = match (node.id(), voters.split_once('@')) {
        (Some(id), Some((first, rest))) if first == id.to_string() => rest,
        _ => voters,
    };
    Some(format!("{} {service} {voters}", pattern.join("/")))
}

/// A folder named by an IP address, or by a word for a machine and a number.
fn is_host_folder(name: &str) -> bool {
    if name.parse::<std::net::IpAddr>().is_ok() {
        return true;
    }
    let lower = name.to_ascii_lowercase();
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    // `node1`, `kafka-01`, `host_b`.
    let (stem, marked) = match stem.len() < lower.len() {
        true => (stem, true),
        false => match lower.rsplit_once(['-', '_', '.']) {
            Some((head, tail)) => (head, tail.len() == 1),
            None => (stem, false),
        },
    };
    let word = stem.trim_end_matches(['-', '_', '.']);
    marked
        && matches!(
            path::file_name(word).rsplit(['-', '_', '.']).next().unwrap_or(""),
            "host" | "node" | "server" | "broker" | "kafka" | "controller" | "vm" | "machine" | "ip"
        )
}
