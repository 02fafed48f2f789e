//! KL606, KL607, KL613: the image that a node names.

use crate::hash::HashMap;

use super::image;
use crate::diagnostic::{Code, Diagnostic};
use crate::image::Family;
use crate::image::reference::Reference;
use crate::rules::{Context, Sink};
use crate::text::{HOLE, Text};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    // One image of a project is told of once.
    let mut told: HashMap<(Code, Option<usize>, &str), usize> = HashMap::default();
    for (n, node) in cx.model.nodes.iter().enumerate() {
        let Some(text) = image(cx, node) else { continue };
        let built = super::service(cx, node).is_some_and(|s| s.build.is_some());
        let reference = Reference::parse(text.as_str());
        if built || !node.image.family.is_kafka() {
            continue;
        }
        for finding in [
            unpinned(text, &reference),
            unavailable(node.image.family, text, &reference),
            broken(text, &reference),
        ] {
            let Some(finding) = finding else { continue };
            let mut finding = finding.node(&node.name);
            finding.cluster = cx.cluster_of(n);
            let place = (finding.code, node.service.map(|s| s.project), text.as_str());
            match told.get(&place).and_then(|i| out.get_mut(*i)) {
                Some(known) => *known = known.clone().related(text.span(), "and here").node(&node.name),
                None => {
                    told.insert(place, out.len());
                    out.push(finding);
                }
            }
        }
    }
}

fn unpinned(text: &Text, reference: &Reference<'_>) -> Option<Diagnostic> {
    if reference.digest || text.as_str().contains(HOLE) {
        return None;
    }
    let what = match reference.tag {
        None => format!("{} names no version: whatever is the newest is run", text.as_str()),
        Some("latest") => format!("{} is another version with every pull", text.as_str()),
        _ => return None,
    };
    Some(
        Diagnostic::at(Code::KL607, text.slice(), what)
            .label("no version")
            .help(
                "Nodes that pull at different times run different releases, and a new major release drops settings. Name a version.",
            ),
    )
}

fn unavailable(family: Family, text: &Text, reference: &Reference<'_>) -> Option<Diagnostic> {
    let tag = reference.tag.filter(|t| !t.is_empty() && !t.contains(HOLE));
    if !reference.is_of_docker_hub() || reference.digest || text.as_str().starts_with(HOLE) {
        return None;
    }
    let numbers = reference.numbers();
    let before = |first: [u32; 2]| numbers.len() >= 2 && numbers.get(..2).is_some_and(|n| n < &first[..]);
    let (message, help) = match (family, reference.space, reference.name) {
        (Family::Apache, "apache", "kafka") if before([3, 7]) => (
            format!("{} does not exist: the first apache/kafka image is 3.7.0", text.as_str()),
            "Use 3.7.0 or later. For an older Kafka there are confluentinc/cp-kafka (7.6 has Kafka 3.6) and bitnamilegacy/kafka.".to_owned(),
        ),
        (Family::ApacheNative, "apache", "kafka-native") if before([3, 8]) => (
            format!("{} does not exist: the first apache/kafka-native image is 3.8.0", text.as_str()),
            "Use 3.8.0 or later, or apache/kafka.".to_owned(),
        ),
        (Family::Bitnami, "bitnami", "kafka") if !numbers.is_empty() => {
            let tag = tag?;
            (
                format!("{} can no longer be pulled: Bitnami took its versioned images away in 2025", text.as_str()),
                format!(
                    "The last ones stand, frozen, as bitnamilegacy/kafka:{tag}. They get no more fixes: move on to apache/kafka or \
                     confluentinc/cp-kafka, whose variables have another prefix."
                ),
            )
        }
        _ => return None,
    };
    Some(Diagnostic::at(Code::KL606, text.slice(), message).label("not to be had").help(help))
}

fn broken(text: &Text, reference: &Reference<'_>) -> Option<Diagnostic> {
    // 3.7.0 without and with a suffix; in 3.7.1 it is mended.
    let hit = reference.space == "apache" && reference.name == "kafka" && reference.numbers() == [3, 7, 0];
    hit.then(|| {
        Diagnostic::at(
            Code::KL613,
            text.slice(),
            "apache/kafka:3.7.0 formats its storage with a wrong cluster id (KAFKA-16473)",
        )
        .label("use 3.7.1 or later")
        .help(
            "It writes Some(ID) where ID is meant. Nodes of this very image understand each other; any other release refuses the \
             storage with \"Invalid cluster.id\", so an upgrade does not start. Begin with 3.7.1 or later.",
        )
    })
}
