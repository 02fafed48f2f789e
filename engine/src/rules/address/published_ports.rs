//! KL243, KL244: what a Kafka container publishes: ports at which nothing listens, and the controllers'.

use super::in_one_project;
use crate::cluster::{Cluster, Node, Resolved, Stack, is_local};
use crate::compose::{Port, Service};
use crate::diagnostic::{Code, Diagnostic};
use crate::image::Family;
use crate::kafka::listener::Listener;
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let meet = meet_inside(cx, cluster);
        for (i, node) in cx.nodes(cluster) {
            let Some(at) = node.service.filter(|_| node.stack == Stack::Container) else { continue };
            let Some(service) = cx.places.service(at) else { continue };
            if cx.places.maps_ports(at) == Some(false) {
                continue;
            }
            // A written range has become an entry for each of its ports.
            for entry in service.ports.chunk_by(|a, b| a.text.span() == b.text.span()) {
                let idle = idle(cx, (i, node), service, entry);
                let found = idle.or_else(|| if meet { overexposed(node, entry) } else { None });
                out.extend(found.map(|f| f.node(&node.name).key("ports").cluster(c)));
            }
        }
    }
}

/// Does the entry lead to the listener?
fn covers(entry: &[Port], listener: &Listener<'_>) -> bool {
    listener.port().is_some_and(|number| entry.iter().any(|p| p.target.covers(number)))
}

/// KL243. Only for a port that looks like Kafka's, in a container that surely runs nothing else.
fn idle(
    cx: &Context<'_>,
    (i, node): (usize, &Node),
    service: &Service,
    entry: &[Port],
) -> Option<Diagnostic> {
    let port = entry.first().filter(|p| p.protocol == "tcp")?;
    let target = port.target.start;
    let plain = matches!(
        node.image.family,
        Family::Apache | Family::ApacheNative | Family::Confluent | Family::ConfluentServer | Family::Bitnami
    );
    if !plain || service.build.is_some() || node.open.is_some() || !cx.places.alone_in_stack(i) {
        return None;
    }
    let (setting, all) = node.listeners()?;
    let unknown = |l: &Listener<'_>| l.port().is_none_or(|p| p == 0);
    if all.open || all.is_empty() || all.iter().any(|l| unknown(&l) || covers(entry, &l)) {
        return None;
    }
    let advertised = node.told().into_iter().find(|t| t.listener.port() == Some(target)).map(|t| t.listener);
    let kafkas = matches!(target % 10_000, 9090..=9099) || advertised.is_some();
    // A port of something else: JMX, an exporter, a debugger.
    const OURS: [&str; 2] = ["listeners", "advertised.listeners"];
    let digits = target.to_string();
    let mentioned = |s: &crate::cluster::Setting| {
        !OURS.contains(&s.key())
            && !s.key().starts_with("controller.quorum.")
            && s.value.as_str().contains(&digits)
    };
    if !kafkas || node.settings.iter().any(mentioned) {
        return None;
    }
    let message =
        format!("{} publishes port {target} of its container, but no listener is there", node.title());
    let mut finding = Diagnostic::at(Code::KL243, port.text.slice(), message)
        .label(format!("leads to port {target}"))
        .related_value(setting.value.slice().trim(), "what it opens")
        .help(
            "What connects to this port is refused. The number behind the colon is the listener's port in the container: make \
             it one of those in listeners, or remove the entry.",
        );
    if let Some(listener) = advertised {
        finding = finding.related_value(listener.entry, "advertised with this port");
    }
    Some(finding)
}

/// Do all nodes of the cluster meet on networks of one project, under names that only these know?
fn meet_inside(cx: &Context<'_>, cluster: &Cluster) -> bool {
    in_one_project(cx, cluster)
        && cx.nodes(cluster).all(|(_, n)| n.stack == Stack::Container && n.service.is_some())
        && !cx.listed().is_empty()
        && cx.listed().iter().all(|list| {
            list.voters().all(|v| {
                v.host().is_some_and(|h| {
                    matches!(cx.places.resolve(list.index(), h), Resolved::Own | Resolved::Node(_))
                })
            })
        })
}

/// KL244.
fn overexposed(node: &Node, entry: &[Port]) -> Option<Diagnostic> {
    let port = entry.first().filter(|p| p.protocol == "tcp")?;
    if !node.is_controller() || is_local(port) || port.host_ip_unknown {
        return None;
    }
    let quorum = node.controller_listeners()?;
    let listener = quorum.iter().find(|l| covers(entry, l))?;
    let number = listener.port_text.as_str();
    Some(
        Diagnostic::at(
            Code::KL244,
            port.text.slice(),
            format!("{} publishes its controller port {number}, but all nodes meet on their own network", node.title()),
        )
        .label("open to other machines")
        .related_value(listener.entry, "the controller listener")
        .help(
            "Controllers and brokers of one project reach each other without it, and whoever reaches the controllers can \
             change the whole cluster. Remove the entry, or publish it on loopback: \"127.0.0.1:…\".",
        ),
    )
}
