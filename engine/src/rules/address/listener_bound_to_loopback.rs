//! KL245: a listener bound to loopback, though others look for it from elsewhere.
//!
//! Where the voter list looks for it under another address, KL117 speaks; where it names loopback too, KL120.

use super::{Callers, Peers};
use crate::cluster::{Node, ServiceRef, Stack};
use crate::compose::Port;
use crate::diagnostic::{Code, Diagnostic, Effect, Severity};
use crate::kafka::address;
use crate::kafka::listener::Listener;
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let members = Peers::new(cx, cluster, |n| n.is_controller() || n.is_broker());
        let brokers = Peers::new(cx, cluster, Node::is_broker);
        let callers = Callers::new(cx, cluster);
        for (i, node) in cx.nodes(cluster) {
            let bound = |l: &Listener<'_>| l.host().is_some_and(address::is_loopback);
            let quorum = if node.is_controller() { node.controller_listeners() } else { None };
            for listener in quorum.unwrap_or_default().iter().filter(|l| bound(l)) {
                let Some((_, peer)) = members.elsewhere(cx, (i, node)) else { continue };
                let finding = finding(node, listener, format!("but {} is elsewhere", peer.title()))
                    .related(peer.anchor, "looks for it from elsewhere")
                    .severity(Severity::Error)
                    .effect(Effect::CannotJoin, None)
                    .help(
                        "Nobody but this machine or container itself reaches a listener that is bound to loopback. The \
                         controller starts, and may even lead, but no other node finds it. Bind it to every interface \
                         (CONTROLLER://:9093) or to an address that the others reach.",
                    );
                out.push(finding.cluster(c));
            }
            if !node.is_broker() {
                continue;
            }
            let inter = node.inter_broker();
            for listener in node.broker_listeners().unwrap_or_default().iter().filter(|l| bound(l)) {
                let between = inter.as_ref().is_some_and(|inter| inter.name() == listener.name);
                let peer = brokers.elsewhere(cx, (i, node)).filter(|_| between).map(|(_, p)| p);
                let help = "Nobody but this machine or container itself reaches a listener that is bound to loopback. Bind it to \
                            every interface (NAME://:9092) or to an address that the others reach, and say in \
                            advertised.listeners what they shall call it.";
                let found = if let Some(peer) = peer {
                    finding(node, listener, format!("but {} fetches from it", peer.title()))
                        .related(peer.anchor, "a broker elsewhere")
                        .severity(Severity::Error)
                        .effect(Effect::DataAtRisk, None)
                        .help(help)
                } else if let Some((name, asked)) = listener.port().and_then(|port| callers.of(i, port)) {
                    finding(node, listener, format!("but {name} looks for it from another container"))
                        .related_value(*asked, format!("{name} asks here"))
                        .help(help)
                } else if let Some(port) = published(cx, node, listener) {
                    finding(node, listener, "but its port is published".to_owned())
                        .related_text(&port.text, "leads to the container, where nothing listens on this way")
                        .help(help)
                } else {
                    continue;
                };
                out.push(found.cluster(c));
            }
        }
    }
}

fn finding(node: &Node, listener: &Listener<'_>, but: String) -> Diagnostic {
    let message =
        format!("{} opens {} on {} only, {but}", node.title(), listener.name, listener.host.as_str());
    Diagnostic::at(Code::KL245, listener.entry, message)
        .label("bound to loopback")
        .node(&node.name)
        .key("listeners")
}

/// The entry that publishes the port of a listener of a container.
fn published<'m>(cx: &Context<'m>, node: &Node, listener: &Listener<'_>) -> Option<&'m Port> {
    let at: ServiceRef = node.service.filter(|_| node.stack == Stack::Container)?;
    let port = listener.port()?;
    cx.places.service(at)?.ports.iter().find(|p| p.protocol == "tcp" && p.target.covers(port))
}
