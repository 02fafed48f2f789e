//! KL604: apache/kafka takes its own configuration only when no variable becomes a setting.

use super::{entries, family_name, from_variables, has, lacking};
use crate::cluster::Node;
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy};
use crate::image::Family;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, join_names};
use crate::text::Text;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, node, entry) in entries(cx) {
        let ours = matches!(node.image.family, Family::Apache | Family::ApacheNative);
        if !ours || !entry.pristine || !entry.whole || entry.file.is_some() || node.open.is_some() {
            continue;
        }
        // It would be a broker of ZooKeeper days.
        if has(node, "zookeeper.connect") {
            continue;
        }
        let variables: Vec<&Text> = from_variables(node).map(|s| &s.name).collect();
        let (first, lacking) = match variables.first() {
            Some(first) => (*first, lacking(node)),
            // In 3.7.0 alone a slip in the wrapper's list makes this variable a setting (apache/kafka#15345).
            None if node.versions.within(VersionSet::parse("3.7.0")) => {
                let Some((name, _)) = node.variable("KAFKA_HEAP_OPTS") else { continue };
                (name, NEEDED.to_vec())
            }
            None => continue,
        };
        if !lacking.is_empty() {
            out.push(finding(node, first, variables.len(), &lacking).cluster(c));
        }
    }
}

const NEEDED: [&str; 4] =
    ["process.roles", "node.id", "controller.listener.names", "controller.quorum.voters"];

fn finding(node: &Node, first: &Text, count: usize, lacking: &[&'static str]) -> Diagnostic {
    let image = family_name(node.image.family);
    let what = match count {
        0 | 1 => format!("{} drops", first.as_str()),
        n => format!("{} and {} more KAFKA_ variables drop", first.as_str(), n - 1),
    };
    let is = if lacking.len() == 1 { "is" } else { "are" };
    let mut finding = Diagnostic::new(
        Code::KL604,
        first.span(),
        format!("{what} the whole configuration that {image} brings; {} {is} then missing", join_names(lacking)),
    )
    .label(if count > 1 { "the first of them" } else { "with this, nothing of the image's own configuration counts" })
    .related(node.anchor, format!("{} needs a full configuration", node.name))
    .help(format!(
        "{image} uses its own server.properties only when no variable becomes a setting; else the variables are all there is, \
         and the node stops. Set the rest too (KAFKA_NODE_ID, KAFKA_PROCESS_ROLES, KAFKA_LISTENERS, \
         KAFKA_CONTROLLER_LISTENER_NAMES, KAFKA_CONTROLLER_QUORUM_VOTERS), or mount a folder with a server.properties at \
         /mnt/shared/config."
    ))
    .effect(Effect::RefusesStart, Some(RefusedBy::Config))
    .node(&node.name);
    for key in lacking {
        finding = finding.key(*key);
    }
    finding
}
