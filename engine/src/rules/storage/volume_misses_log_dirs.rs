//! KL304: a volume for data at a place where Kafka writes none.

use super::{Keeper, dirs, has_unknown_mount, image_volume, is_at_or_below, keeper};
use crate::compose::{Mount, MountKind, MountSource};
use crate::diagnostic::{Code, Diagnostic};
use crate::image::Family;
use crate::rules::image::service;
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            // Their scripts choose the directory themselves.
            if matches!(node.image.family, Family::Wurstmeister | Family::Debezium) {
                continue;
            }
            let Some(service) = service(cx, node).filter(|s| !has_unknown_mount(s)) else { continue };
            let Some(dirs) = dirs(node) else { continue };
            let lost = |k| matches!(k, Keeper::Container | Keeper::Image | Keeper::Anonymous);
            let Some(dir) = dirs.iter().find(|d| lost(keeper(node, service, &d.path))) else { continue };
            // Of what the image lays its own volume over, that is the reason.
            let hidden = image_volume(node).filter(|own| is_at_or_below(&dir.path, own));
            let over = hidden.and_then(|own| {
                service.mounts.iter().find(|m| is_named(m) && is_at_or_below(own, m.target.as_str()))
            });
            let unused = |m: &&Mount| {
                is_named(m)
                    && holds_data(m.target.as_str())
                    && !dirs.iter().any(|d| is_at_or_below(&d.path, m.target.as_str()))
            };
            let Some(mount) = over.or_else(|| service.mounts.iter().find(unused)) else { continue };
            let target = mount.target.as_str();
            let (message, label) = match (over, hidden) {
                (Some(_), Some(own)) => (
                    format!(
                        "{} does not keep its data in the volume at {target}: the image lays its own volume over {own}",
                        node.name
                    ),
                    "Kafka's data do not come here",
                ),
                _ => (
                    format!("{} writes its data to {}, not to the volume at {target}", node.name, dir.path),
                    "Kafka writes nothing here",
                ),
            };
            let mut finding = Diagnostic::at(Code::KL304, mount.target.slice(), message)
                .label(label)
                .help(help(&dir.path, target, over.and(hidden)))
                .node(&node.name)
                .cluster(c)
                .key("log.dirs");
            finding = match dir.set {
                Some(span) => finding.related(span, "the data go here"),
                None => finding.related(node.anchor, format!("log.dirs is not set: {}", dir.path)),
            };
            out.push(finding);
        }
    }
}

fn help(dir: &str, target: &str, own: Option<&str>) -> String {
    match own {
        Some(own) => format!(
            "Docker makes a volume without a name for {own}, which the image declares, and the data go there; after `docker \
             compose down` it is no longer found. Mount the volume at {own} itself."
        ),
        None => format!(
            "The data stay in the container, or in a volume without a name, and are gone after `docker compose down`; the volume stays empty. \
             Mount it at {dir}, or set log.dirs to a folder of {target}."
        ),
    }
}

/// A volume with a name or a folder of the host, to write to.
fn is_named(mount: &Mount) -> bool {
    matches!(mount.source, MountSource::Bind(..) | MountSource::Volume(_))
        && !matches!(mount.kind, MountKind::Config | MountKind::Tmpfs)
        && !mount.read_only
}

/// A path of a container that people mount for Kafka's data.
fn holds_data(target: &str) -> bool {
    const NOT: [&str; 16] = [
        "etc", "config", "conf", "certs", "secrets", "ssl", "tls", "scripts", "plugins", "libs", "jmx",
        "log", "bin", "init", "security", "connect",
    ];
    let lower = target.to_ascii_lowercase();
    let mut segments = lower.split('/').filter(|s| !s.is_empty()).peekable();
    // The programs' own logs.
    if lower.ends_with("/logs") && !lower.ends_with("kafka-logs/logs") || lower == "/tmp" {
        return false;
    }
    if segments.clone().any(|s| NOT.contains(&s) || s.contains("config") || s.contains("initdb")) {
        return false;
    }
    let last = segments.clone().last().unwrap_or("");
    !last.contains('.')
        && segments.any(|s| {
            s.contains("data")
                || s.contains("kraft")
                || s.contains("kafka-logs")
                || s.contains("kafka_logs")
                || s == "kafka"
                || s == "bitnami"
        })
}
