//! KL221, KL226, KL227, KL228, KL241: addresses that a broker tells others, and where they lead.
//!
//! Each advertised broker listener is looked at once, and what is told of it is one of these.

use super::{Callers, Peers, Projects, in_one_project, is_plain};
use crate::cluster::{Node, Origin, Resolved, Stack, Through, Told, is_local};
use crate::diagnostic::{Code, Diagnostic, Effect, Severity};
use crate::kafka::address;
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        let look = Look {
            cx,
            peers: Peers::new(cx, cluster, Node::is_broker),
            callers: Callers::new(cx, cluster),
            projects: Projects::new(cx, cluster, Node::is_broker),
            in_one_project: in_one_project(cx, cluster),
        };
        for (i, node) in cx.nodes(cluster).filter(|(_, n)| n.is_broker()) {
            let inter = node.inter_broker();
            for told in node.told() {
                let between = inter.as_ref().is_some_and(|inter| inter.name() == told.listener.name);
                let Some(finding) = look.listener((i, node), &told, between) else { continue };
                out.push(finding.node(&node.name).cluster(c).key(told.setting.key()));
            }
        }
    }
}

struct Look<'c, 'm> {
    cx: &'c Context<'m>,
    peers: Peers,
    callers: Callers<'m>,
    projects: Projects,
    in_one_project: bool,
}

impl<'m> Look<'_, 'm> {
    fn listener(&self, at: (usize, &'m Node), told: &Told<'m>, between: bool) -> Option<Diagnostic> {
        let (host, port, own) = (told.listener.host()?, told.listener.port()?, told.opened.port()?);
        if host.is_empty() {
            return self.no_host(at, told, own);
        }
        if address::is_wildcard(host) || own == 0 {
            return None;
        }
        if address::is_loopback(host) {
            return self.loopback(at, told, between).or_else(|| self.machine(at, told, false, (port, own)));
        }
        match self.cx.places.resolve(at.0, host) {
            Resolved::Own => self.own_name(at, told, between, (port, own)),
            Resolved::Outside(host) => {
                if self.cx.places.on_shared_network(at.0) && !address::is_ip(&host) {
                    return None;
                }
                self.machine(at, told, between, (port, own))
                    .or_else(|| self.unknown_name(at, told, between, &host, (port, own)))
            }
            Resolved::Node(_) | Resolved::OtherService | Resolved::Unknown => None,
        }
    }

    /// KL228: the name that a container gives itself, told to whoever comes through a published port.
    fn no_host(&self, (_, node): (usize, &'m Node), told: &Told<'m>, own: u16) -> Option<Diagnostic> {
        let service = self.cx.places.service(node.service?)?;
        // A name that somebody chose may be known outside; the id of the container never is.
        if node.stack != Stack::Container || service.hostname.is_some() {
            return None;
        }
        let port = service.ports.iter().find(|p| p.protocol == "tcp" && p.target.covers(own))?;
        let message = format!(
            "{} tells those who come through its published port the id of its container",
            node.title()
        );
        Some(
            Diagnostic::at(Code::KL228, told.listener.entry, message)
                .label("no host: Kafka takes the name of the machine, here of the container")
                .related_text(&port.text, "the port is for programs outside, which cannot resolve that")
                .help(
                    "A client connects to its bootstrap server, is told the advertised address, and goes on there. Advertise the \
                     name under which it reaches the host: PLAINTEXT://localhost:9092. For other containers open a second listener \
                     that advertises the service name.",
                ),
        )
    }

    /// KL221: loopback, told to somebody elsewhere.
    fn loopback(&self, at: (usize, &'m Node), told: &Told<'m>, between: bool) -> Option<Diagnostic> {
        let (node, entry) = (at.1, told.listener.entry);
        let host = told.listener.host.as_str();
        if let Some((_, peer)) = self.peers.elsewhere(self.cx, at).filter(|_| between) {
            let within = node.stack == Stack::Container
                && node.service.is_some()
                && node.service.map(|at| at.project) == peer.service.map(|at| at.project);
            let message = format!(
                "{} advertises {host} to the other brokers, but {} {}",
                node.title(),
                peer.title(),
                if within { "runs in another container" } else { "is not on the same host" }
            );
            let mut finding = Diagnostic::at(Code::KL221, entry, message)
                .label("each broker reads this as itself")
                .severity(Severity::Error)
                .effect(Effect::DataAtRisk, None)
                .help(
                    "The brokers register, but each follower fetches from itself: nothing is replicated, and clients reach \
                     only a part of the partitions. Advertise an address that the other brokers reach: the service name \
                     within one Compose network, a host name or IP address between machines. Clients on this host can have a \
                     listener of their own.",
                );
            let seen = peer.told().into_iter().find(|t| t.listener.name == told.listener.name);
            finding = match seen {
                Some(t) => {
                    finding.related_value(t.listener.entry, format!("what {} advertises", peer.title()))
                }
                None => finding.related(peer.anchor, "a broker elsewhere"),
            };
            return Some(finding);
        }
        let (name, asked) = self.callers.of(at.0, told.opened.port()?)?;
        let message = format!(
            "{name} meets a listener of {} that advertises {host}, which is {name} itself",
            node.title()
        );
        Some(
            Diagnostic::at(Code::KL221, entry, message)
                .label("a client in another container reads this as itself")
                .related_value(*asked, format!("{name} asks here first"))
                .related_value(told.opened.entry, "the listener that answers")
                .help(
                    "A client connects to its bootstrap server, is told the advertised address, and goes on there: the first \
                     connection works, all others fail. Open two listeners, one that advertises the service name for \
                     containers and one that advertises localhost for programs on the host.",
                ),
        )
    }

    /// KL226, KL241: the address of the machine, with a port that does not lead to the listener.
    fn machine(
        &self,
        (i, node): (usize, &'m Node),
        told: &Told<'m>,
        between: bool,
        (port, own): (u16, u16),
    ) -> Option<Diagnostic> {
        let host = told.listener.host()?;
        let to_machine = address::is_loopback(host);
        let service = self.cx.places.service(node.service?)?;
        if node.stack != Stack::Container {
            return None;
        }
        let published = service.ports.iter().find(|p| p.protocol == "tcp" && p.target.covers(own));
        let (what, entry) = match self.cx.places.through(i, port) {
            Through::To(p, target) if target == own => {
                // Loopback of the machine is all that such an address is about.
                if to_machine || !is_local(p) {
                    return None;
                }
                (format!("port {port} is published on loopback only"), Some(p))
            }
            Through::To(p, target) => (self.led_astray(node, port, target), Some(p)),
            Through::No => {
                let elsewhere = published.filter(|p| p.published.is_some());
                match elsewhere {
                    Some(p) => (
                        format!("port {own} is published as {}", p.published.map_or(0, |r| r.start)),
                        Some(p),
                    ),
                    // Somebody before it may lead there; a plain name may be anything; inside the container the port itself counts.
                    None if self.cx.places.may_publish(node.service?.project, port) => return None,
                    None if to_machine && port == own => return None,
                    None if to_machine || address::is_ip(host) || host.contains('.') => {
                        (format!("no port {port} is published"), None)
                    }
                    None => return None,
                }
            }
            Through::Direct | Through::Unknown => return None,
        };
        let peer = self.projects.other(self.cx, node).filter(|p| between && p.id() != node.id());
        let code = if peer.is_some() { Code::KL241 } else { Code::KL226 };
        let message = match peer {
            Some(peer) => format!(
                "{} on another host looks for {} at port {port}, but {what}",
                peer.title(),
                node.title()
            ),
            None => format!("{} advertises {}, but {what}", node.title(), told.listener.entry.as_str()),
        };
        let mut finding = match (peer, entry, service.ports_key) {
            (Some(_), Some(p), _) => {
                Diagnostic::at(code, p.text.slice(), message).label("not the advertised port")
            }
            (Some(_), None, Some(key)) => {
                Diagnostic::new(code, key, message).label(format!("no entry publishes {port}"))
            }
            (Some(_), None, None) => {
                Diagnostic::new(code, service.name.span(), message).label("publishes no port")
            }
            (None, _, _) => {
                let mut finding =
                    Diagnostic::at(code, told.listener.entry, message).label("clients are sent here");
                if let Some(p) = entry {
                    finding = finding.related_text(&p.text, "what is published");
                } else if let Some(key) = service.ports_key {
                    finding = finding.related(key, format!("no entry publishes {port}"));
                }
                finding
            }
        };
        if peer.is_some() {
            finding = finding
                .related_value(told.listener.entry, "what it advertises to the other brokers")
                .key("ports");
        }
        let publish = format!("Publish the port that is advertised: \"{port}:{own}\".");
        finding = finding.related_value(told.opened.entry, "the listener");
        Some(if peer.is_some() {
            finding.help(format!(
                "The brokers register, but no other broker can fetch from this one: nothing that it leads is replicated. {publish}"
            ))
        } else {
            finding.help(format!(
                "A client that comes to this listener is told this address and goes on there, where nothing answers. {publish}"
            ))
        })
    }

    /// What stands at a port that is not the listener's.
    fn led_astray(&self, node: &Node, port: u16, target: u16) -> String {
        let all = node.listeners().map(|(_, l)| l).unwrap_or_default();
        match all.iter().find(|l| l.port() == Some(target)) {
            Some(l) => format!("port {port} leads to the listener {}", l.name),
            None => format!("port {port} leads to port {target} of the container, where nothing listens"),
        }
    }

    /// KL226: its own name with a port that nobody opens there.
    fn own_name(
        &self,
        at: (usize, &'m Node),
        told: &Told<'m>,
        between: bool,
        (port, own): (u16, u16),
    ) -> Option<Diagnostic> {
        let (i, node) = at;
        let host = told.listener.host()?;
        if node.stack != Stack::Container || port == own || !self.cx.places.alone_in_stack(i) {
            return None;
        }
        let (_, all) = node.listeners()?;
        if all.open || all.iter().any(|l| l.port().is_none_or(|p| p == 0 || p == port)) {
            return None;
        }
        // Under this name others of the project look for it; programs on the host may know it too.
        let peer = self
            .peers
            .elsewhere(self.cx, at)
            .filter(|(p, _)| between && self.cx.places.resolve(*p, host) == Resolved::Node(i));
        let from_host = match self.cx.places.through(i, port) {
            Through::To(p, target) if target == own => Some(p),
            Through::Unknown => return None,
            _ => None,
        };
        if peer.is_none() && from_host.is_some() {
            return None;
        }
        let message = format!(
            "{} advertises {}, but in its container the listener is at port {own}",
            node.title(),
            told.listener.entry.as_str()
        );
        let mut finding = Diagnostic::at(Code::KL226, told.listener.entry, message)
            .related_value(told.opened.entry, "the listener");
        if let Some(p) = from_host {
            finding = finding.related_text(&p.text, format!("{port} is its number on the host only"));
        }
        Some(match peer {
            Some((_, peer)) => finding
                .label("other containers look here, where nothing listens")
                .severity(Severity::Error)
                .effect(Effect::DataAtRisk, None)
                .related(peer.anchor, "a broker that looks for it")
                .help(format!(
                    "Between containers the port of the listener counts, not the published one. The brokers register, but no \
                     other broker can fetch from this one: nothing that it leads is replicated. Advertise {host}:{own}."
                )),
            None => finding.label("nothing listens there").help(format!(
                "A client that comes to this listener is told this address and goes on there, where nothing answers. Between \
                 containers the port of the listener counts: advertise {host}:{own}."
            )),
        })
    }

    /// KL227: a plain name that no network of the project knows.
    fn unknown_name(
        &self,
        at: (usize, &'m Node),
        told: &Told<'m>,
        between: bool,
        host: &str,
        (port, own): (u16, u16),
    ) -> Option<Diagnostic> {
        let (i, node) = at;
        let project = node.service?.project;
        if node.stack != Stack::Container
            || !is_plain(host)
            || !self.in_one_project
            || !self.cx.places.is_nobodys(project, host)
            || told.setting.origin == Origin::Image
            || !matches!(self.cx.places.through(i, port), Through::No)
            || self.cx.places.may_publish(project, port)
            || port != own
        {
            return None;
        }
        let peer = self.peers.elsewhere(self.cx, at).filter(|(p, n)| {
            between
                && n.service.is_some_and(|at| at.project == project)
                && self.cx.places.resolve(*p, host) == Resolved::Outside(host.to_owned())
        });
        let message =
            format!("{} advertises the host {host}, a name that nothing in its project has", node.title());
        let mut finding = Diagnostic::at(Code::KL227, told.listener.host, message)
            .related(self.cx.places.service(node.service?)?.name.span(), "its own name");
        if let Some(name) = &self.cx.places.service(node.service?)?.container_name {
            finding = finding.related_text(name, "and this");
        }
        Some(match peer {
            Some((_, peer)) => finding
                .label("no container finds this host")
                .severity(Severity::Error)
                .effect(Effect::DataAtRisk, None)
                .related(peer.anchor, "a broker that looks for it")
                .help(
                    "The brokers register, but no other broker can fetch from this one (UnknownHostException): nothing that \
                     it leads is replicated. Advertise the service name.",
                ),
            None => finding.label("no container finds this host").help(
                "Clients in other containers are sent to a name that they cannot look up (UnknownHostException). Advertise \
                 the service name, or give the service this name with `hostname` or a network alias.",
            ),
        })
    }
}
