//! KL222: advertised listeners on a node that is only a controller.

use super::{family_name, is_blank};
use crate::cluster::{Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::image::demand;
use crate::kafka::list;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            let only = node.roles().is_some_and(|r| r.controller && !r.broker);
            let Some(setting) = node.settings.get("advertised.listeners").filter(|_| only) else { continue };
            // What is empty only because a variable is not known is no finding.
            if setting.value.slice().is_all_hole() && !setting.value.as_str().is_empty() {
                continue;
            }
            let by_image = by_image(node, setting).filter(|_| !is_blank(&setting.value));
            out.extend(by_image.or_else(|| by_kafka(node, setting)).map(|f| f.cluster(c)));
        }
    }
}

fn by_image(node: &Node, setting: &Setting) -> Option<Diagnostic> {
    let pristine = node.entry.as_ref().is_some_and(|e| e.pristine);
    // The script compares the text.
    let exact = node.settings.get("process.roles").is_some_and(|s| s.value.known() == Some("controller"));
    let refusing = demand::refuses_advertised_on_controller(node.image.family);
    if !pristine || !exact || setting.name.as_str() != "KAFKA_ADVERTISED_LISTENERS" {
        return None;
    }
    let image = family_name(node.image.family);
    let finding = finding(node, setting, format!("{image} does not start a pure controller with KAFKA_ADVERTISED_LISTENERS"))
        .label("refused by the image's script")
        .help(
            "The script stops with \"KAFKA_ADVERTISED_LISTENERS is not supported on a KRaft controller.\", on every release. \
             Remove the variable: brokers find the controllers by controller.quorum.voters.",
        );
    refusal(node, refusing, RefusedBy::Image, finding)
}

fn by_kafka(node: &Node, setting: &Setting) -> Option<Diagnostic> {
    // Up to 3.3.1 an empty one is none.
    let none = list::filled(setting.value.slice()).next().is_none();
    let since = if none { (3, 3, 2) } else { (3, 1, 0) };
    let refusing = VersionSet::since(since).and(VersionSet::before((3, 9, 0)));
    let finding = finding(node, setting, format!("{} is only a controller, and advertises listeners", node.name))
        .label("must not be set here")
        .help(
            "Kafka up to 3.8 stops with \"The advertised.listeners config must be empty when process.roles=controller\". \
             Remove it: brokers find the controllers by controller.quorum.voters.",
        );
    let mut finding = refusal(node, refusing, RefusedBy::Config, finding)?;
    // A file alone does not say its release, and from 3.9 on it is allowed: no reason to warn.
    finding.quiet = !node.versions.within(refusing);
    Some(finding)
}

fn finding(node: &Node, setting: &Setting, message: String) -> Diagnostic {
    let mut finding = Diagnostic::at(Code::KL222, setting.place(), message)
        .key("advertised.listeners")
        .key("process.roles");
    if let Some(roles) = node.settings.get("process.roles") {
        finding = finding.related_text(&roles.value, "no broker");
    }
    finding
}
