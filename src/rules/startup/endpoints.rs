//! KL201, KL203, KL204, KL205, KL210, KL214, KL215, KL220, KL223, KL224, KL230, KL231, KL234: the lists of listeners by themselves, their
//! protocols, and what is advertised.
//!
//! Sources: `EndPoint`, `SocketServerConfigs.listenerListToEndPoints`, `CoreUtils.validate`, `KafkaConfig.validateValues`,
//! `AbstractKafkaConfig`, with the real class run on 3.0 … 4.4.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::cluster::{Lookup, Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::list;
use crate::kafka::listener::{Listener, Listeners, PROTOCOLS, ProtocolMap};
use crate::kafka::role::Roles;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};
use crate::text::{HOLE, Slice};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            let mut all = Vec::new();
            judge(node, &mut all);
            out.extend(
                all.into_iter()
                    .filter_map(|(refusing, f)| refusal(node, refusing, RefusedBy::Config, f.cluster(c))),
            );
        }
    }
}

type Found = Vec<(VersionSet, Diagnostic)>;

fn judge(node: &Node, out: &mut Found) {
    for key in ["listeners", "advertised.listeners"] {
        let Some(setting) = node.settings.get(key) else { continue };
        let listeners = Listeners::parse(setting.value.slice());
        let before = out.len();
        faults(key, &listeners, out);
        if out.len() == before {
            names(key, &listeners, out);
        }
        if key == "listeners" && out.len() == before {
            ports(&listeners, out);
        }
    }
    both_inter_broker(node, out);
    let Some(roles) = node.roles().filter(|r| r.broker || r.controller) else { return };
    no_broker_listener(node, roles, out);
    unmapped_inter_broker(node, roles, out);
    letter_case(node, roles, out);
    unmapped(node, roles, out);
    early_start(node, out);
    controller_names(node, roles, out);
    advertised(node, roles, out);
    legacy(node, out);
}

/// KL201.
fn faults(key: &str, listeners: &Listeners<'_>, out: &mut Found) {
    for fault in &listeners.faults {
        let text = fault.as_str();
        let label = if text.contains(';') {
            "separate listeners by commas, not semicolons"
        } else if !text.contains("://") {
            "no NAME:// in front"
        } else {
            "not NAME://host:port"
        };
        let finding = Diagnostic::at(Code::KL201, *fault, format!("`{text}` is no listener"))
            .label(label)
            .help(
                "A listener is NAME://host:port, with an empty host for every interface: PLAINTEXT://:9092. Nothing may stand \
                 behind the port.",
            )
            .key(key);
        out.push((VersionSet::all(), finding));
    }
}

/// KL203.
fn names(key: &str, listeners: &Listeners<'_>, out: &mut Found) {
    for (i, listener) in listeners.listeners.iter().enumerate() {
        if listener.name.contains(HOLE) {
            continue;
        }
        let Some(first) = listeners.listeners.iter().take(i).find(|l| l.name == listener.name) else {
            continue;
        };
        // From 4.2 on the very same entry twice is one.
        let same = first.entry.as_str() == listener.entry.as_str();
        let refusing = if same { VersionSet::before((4, 2, 0)) } else { VersionSet::all() };
        let finding = Diagnostic::at(
            Code::KL203,
            listener.entry,
            format!("{key} has two listeners called {}", listener.name),
        )
        .label("the same name")
        .related_value(first.entry, "the first one")
        .help(
            "Each listener needs a name of its own, in whatever letter case it is written. The protocol of a \
                       name of your own stands in listener.security.protocol.map.",
        )
        .key(key);
        out.push((refusing, finding));
        return;
    }
}

/// KL204.
fn ports(listeners: &Listeners<'_>, out: &mut Found) {
    for (i, listener) in listeners.listeners.iter().enumerate() {
        let Some(port) = listener.port().filter(|p| *p != 0) else { continue };
        let Some(first) = listeners.listeners.iter().take(i).find(|l| l.port() == Some(port)) else {
            continue;
        };
        let same: Vec<&Listener<'_>> =
            listeners.listeners.iter().filter(|l| l.port() == Some(port)).collect();
        let family = |l: &Listener<'_>| {
            let host = l.host().unwrap_or("");
            (host.parse::<Ipv4Addr>().is_ok(), host.parse::<Ipv6Addr>().is_ok())
        };
        // The very same entry twice is KL203's.
        if first.entry.as_str() == listener.entry.as_str() || same.iter().any(|l| l.host.has_hole()) {
            continue;
        }
        let mixed = match same.as_slice() {
            [a, b] => matches!((family(a), family(b)), ((true, _), (_, true)) | ((_, true), (true, _))),
            _ => false,
        };
        let refusing = if mixed { VersionSet::before((3, 6, 0)) } else { VersionSet::all() };
        let finding = Diagnostic::at(Code::KL204, listener.entry, format!("two listeners open port {port}"))
            .label("the same port")
            .related_value(first.entry, "the first one")
            .help("Each listener needs a port of its own. Only one IPv4 and one IPv6 address may share one, from Kafka 3.6 on.")
            .key("listeners");
        out.push((refusing, finding));
        return;
    }
}

/// KL231.
fn both_inter_broker(node: &Node, out: &mut Found) {
    let (name, protocol) = (
        node.settings.get("inter.broker.listener.name"),
        node.settings.get("security.inter.broker.protocol"),
    );
    if let (Some(name), Some(protocol)) = (name, protocol) {
        let message = "inter.broker.listener.name and security.inter.broker.protocol are both set".to_owned();
        let finding = Diagnostic::at(Code::KL231, protocol.place(), message)
            .label("one of the two")
            .related_value(name.place(), "and the other")
            .help("Kafka takes only one of them. Keep inter.broker.listener.name; the protocol follows from the protocol map.")
            .key("security.inter.broker.protocol")
            .key("inter.broker.listener.name");
        out.push((VersionSet::all(), finding));
    }
}

/// The names of `controller.listener.names` as they are compared: as written. `None` when they are not known.
fn controllers(node: &Node) -> Option<Vec<Slice<'_>>> {
    match node.lookup("controller.listener.names") {
        Lookup::Set(_) => {
            let names = node.controller_names().map(|(_, names)| names).unwrap_or_default();
            if names.iter().any(|n| n.has_hole()) { None } else { Some(names) }
        }
        _ if !node.is_whole() => None,
        _ => Some(Vec::new()),
    }
}

/// Which listener names have a protocol, release by release: Kafka adds those of the controllers where no map is written, but not
/// beside a listener that is called like a secure protocol (`KafkaConfig.effectiveListenerSecurityProtocolMap`).
struct Protocols<'n> {
    written: Option<(&'n Setting, ProtocolMap<'n>)>,
    controllers: Vec<Slice<'n>>,
    /// Names of controllers are added.
    adds: bool,
}

impl<'n> Protocols<'n> {
    fn of(node: &'n Node) -> Option<Protocols<'n>> {
        let controllers = controllers(node)?;
        let written = match node.lookup("listener.security.protocol.map") {
            Lookup::Set(setting) => Some((setting, ProtocolMap::parse(setting.value.slice()))),
            _ if !node.is_whole() => return None,
            _ => None,
        };
        let secure = |name: &str| matches!(name, "SSL" | "SASL_SSL" | "SASL_PLAINTEXT");
        let listeners = node.listeners().map(|(_, l)| l).unwrap_or_default();
        let adds = written.is_none()
            && !controllers.iter().any(|n| secure(n.as_str()))
            && !listeners.names().iter().any(|n| secure(n));
        Some(Protocols { written, controllers, adds })
    }

    /// The releases in which the listener `name` (upper case) has no protocol.
    fn lacking(&self, name: &str) -> VersionSet {
        match &self.written {
            Some((_, map)) if map.open || !map.faults.is_empty() => VersionSet::NONE,
            Some((_, map)) if map.get(name).is_some() => VersionSet::NONE,
            Some(_) => VersionSet::all(),
            None if PROTOCOLS.contains(&name) => VersionSet::NONE,
            None if self.adds && self.controllers.iter().any(|n| n.as_str() == name) => {
                VersionSet::before((3, 1, 0))
            }
            None => VersionSet::all(),
        }
    }
}

/// KL205, KL215.
fn unmapped(node: &Node, roles: Roles, out: &mut Found) {
    let Some(protocols) = Protocols::of(node) else { return };
    let evidence = |finding: Diagnostic| match &protocols.written {
        Some((setting, _)) => finding.related_value(setting.place(), "the map names others only"),
        None => finding,
    };
    for key in ["listeners", "advertised.listeners"] {
        let Some(setting) = node.settings.get(key) else { continue };
        for listener in &Listeners::parse(setting.value.slice()).listeners {
            let refusing = protocols.lacking(&listener.name);
            if listener.name.contains(HOLE) || refusing.is_empty() {
                continue;
            }
            let message = format!("the listener {} has no security protocol", listener.name);
            let finding = Diagnostic::at(Code::KL205, listener.entry, message)
                .label("not in listener.security.protocol.map")
                .help(format!(
                    "Only listeners called PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL have a protocol by their name. Add \
                     {}:PLAINTEXT, or what it shall speak, to listener.security.protocol.map; where that is written, every \
                     listener must be in it.",
                    listener.name
                ))
                .key(key)
                .key("listener.security.protocol.map");
            out.push((refusing, evidence(finding)));
            return;
        }
    }
    if !roles.broker || roles.controller {
        return;
    }
    for name in &protocols.controllers {
        let refusing = protocols.lacking(&name.as_str().to_uppercase()).and(VersionSet::since((3, 1, 0)));
        if refusing.is_empty() {
            continue;
        }
        let message =
            format!("the controllers' listener {} has no security protocol on {}", name.as_str(), node.name);
        let finding = Diagnostic::at(Code::KL215, *name, message)
            .label("not in listener.security.protocol.map")
            .help("A broker does not open the controllers' listener, but must know what to speak there. Add it to \
                   listener.security.protocol.map.")
            .key("controller.listener.names")
            .key("listener.security.protocol.map");
        out.push((refusing, evidence(finding)));
        return;
    }
}

/// KL210.
fn controller_names(node: &Node, roles: Roles, out: &mut Found) {
    let Some(names) = controllers(node) else { return };
    if !names.is_empty() {
        return;
    }
    // 3.0 asks controllers only.
    let refusing = if roles.controller { VersionSet::all() } else { VersionSet::since((3, 1, 0)) };
    let finding = match node.settings.get("controller.listener.names") {
        Some(setting) => {
            let message = format!("controller.listener.names of {} is empty", node.name);
            Diagnostic::at(Code::KL210, setting.place(), message).label("names no listener")
        }
        None => {
            let message = format!("{} does not say which listener is the controllers'", node.name);
            Diagnostic::new(Code::KL210, node.anchor, message).label("controller.listener.names is not set")
        }
    };
    let finding = finding
        .help(
            "Brokers and controllers must know the name of the listener on which controllers are reached: \
             controller.listener.names=CONTROLLER.",
        )
        .key("controller.listener.names");
    out.push((refusing, finding));
}

/// KL220, KL223, KL224.
fn advertised(node: &Node, roles: Roles, out: &mut Found) {
    if !roles.broker {
        // A controller may advertise from 3.9 on; before, that is refused as a whole.
        let listeners = node.advertised().map(|(_, l)| l.listeners).unwrap_or_default();
        let names = controllers(node).unwrap_or_default();
        let own = |l: &&Listener<'_>| names.iter().any(|n| n.as_str() == l.name);
        if let Some(wild) = listeners.iter().filter(own).find(|l| l.host() == Some("0.0.0.0")) {
            let message = format!("{} advertises 0.0.0.0", node.name);
            out.push((VersionSet::since((3, 9, 0)), unroutable(wild, message, "advertised.listeners")));
        }
        return;
    }
    let Some(controllers) = controllers(node) else { return };
    let is_controller = |l: &Listener<'_>| controllers.iter().any(|n| n.as_str() == l.name);
    let opened = match node.lookup("listeners") {
        Lookup::Set(setting) => Some(Listeners::parse(setting.value.slice())).filter(Listeners::names_known),
        _ if !node.is_whole() => None,
        _ => Some(Listeners::default()),
    };
    let Some(opened) = opened else { return };
    let setting = match node.lookup("advertised.listeners") {
        Lookup::Set(setting) => setting,
        _ if !node.is_whole() => return,
        _ => {
            // What is opened is advertised.
            if let Some(wild) =
                opened.listeners.iter().find(|l| l.host() == Some("0.0.0.0") && !is_controller(l))
            {
                let message =
                    format!("{} advertises 0.0.0.0, for it opens it and advertises nothing else", node.name);
                out.push((VersionSet::all(), unroutable(wild, message, "listeners")));
            }
            return;
        }
    };
    let listeners = Listeners::parse(setting.value.slice());
    if !listeners.faults.is_empty() || !opened.faults.is_empty() {
        return;
    }
    for listener in &listeners.listeners {
        let controller = is_controller(listener);
        if controller {
            let message = format!("{} advertises the controllers' listener {}", node.name, listener.name);
            let finding = Diagnostic::at(Code::KL223, listener.entry, message)
                .label("not for clients")
                .help("Up to Kafka 3.8 a broker must not advertise it: clients have no business there. Take the entry away.")
                .key("advertised.listeners")
                .key("controller.listener.names");
            out.push((VersionSet::since((3, 1, 0)).and(VersionSet::before((3, 9, 0))), finding));
        }
        if listener.host() == Some("0.0.0.0") {
            let message = format!("{} advertises 0.0.0.0", node.name);
            let refusing = if controller { VersionSet::since((3, 9, 0)) } else { VersionSet::all() };
            out.push((refusing, unroutable(listener, message, "advertised.listeners")));
        }
        let name = &*listener.name;
        let is_opened = match node.settings.get("listeners") {
            Some(_) => opened.named(name).is_some(),
            None => name == "PLAINTEXT",
        };
        if !controller && !name.contains(HOLE) && !is_opened && !listeners.open {
            let message = format!("{} advertises the listener {name}, which it does not open", node.name);
            let mut finding = Diagnostic::at(Code::KL224, listener.entry, message)
                .label("not among the listeners")
                .help("Each advertised listener must have the name of one in listeners. Add it there, or advertise one that is.")
                .key("advertised.listeners")
                .key("listeners");
            finding = match node.settings.get("listeners") {
                Some(setting) => finding.related_value(setting.place(), "what it opens"),
                None => {
                    finding.related(node.anchor, "listeners is not set: Kafka opens PLAINTEXT://:9092 only")
                }
            };
            out.push((VersionSet::all(), finding));
        }
    }
}

fn unroutable(listener: &Listener<'_>, message: String, key: &str) -> Diagnostic {
    Diagnostic::at(Code::KL220, listener.entry, message)
        .label("no address that anybody could go to")
        .help(
            "0.0.0.0 means every interface and is for listeners only. Set advertised.listeners to the address at which clients and \
             the other brokers reach this one.",
        )
        .key(key)
}

/// KL230: everything that is advertised is the controllers'.
fn no_broker_listener(node: &Node, roles: Roles, out: &mut Found) {
    if !roles.broker {
        return;
    }
    let Some(controllers) = controllers(node) else { return };
    let setting = match (node.lookup("advertised.listeners"), node.lookup("listeners")) {
        (Lookup::Set(setting), _) => setting,
        (_, Lookup::Set(setting)) if node.is_whole() => setting,
        _ => return,
    };
    let listeners = Listeners::parse(setting.value.slice());
    let is_controller = |l: &Listener<'_>| controllers.iter().any(|n| n.as_str() == l.name);
    if !listeners.names_known()
        || !listeners.faults.is_empty()
        || !listeners.listeners.iter().all(is_controller)
    {
        return;
    }
    let what = if setting.key() == "listeners" { "opens" } else { "advertises" };
    let message = format!("{} is a broker, but {what} no listener for brokers and clients", node.name);
    let finding = Diagnostic::at(Code::KL230, setting.place(), message)
        .label(if listeners.listeners.is_empty() { "no listener" } else { "only the controllers'" })
        .help("A broker needs a listener of its own, for clients and the other brokers: PLAINTEXT://:9092, advertised with the \
               address at which it is reached.")
        .key(setting.key());
    out.push((VersionSet::since((3, 1, 0)), finding));
}

/// KL230: a name that is in no map, on a node that has no broker listener to compare it with.
fn unmapped_inter_broker(node: &Node, roles: Roles, out: &mut Found) {
    let Some(setting) = node.settings.get("inter.broker.listener.name").filter(|_| !roles.broker) else {
        return;
    };
    let (Some(name), Some(protocols)) = (setting.value.known(), Protocols::of(node)) else { return };
    let refusing = protocols.lacking(&name.trim().to_uppercase());
    if refusing.is_empty() {
        return;
    }
    let message =
        format!("the inter-broker listener {} of {} has no security protocol", name.trim(), node.name);
    let finding = Diagnostic::at(Code::KL230, setting.place(), message)
        .label("not in listener.security.protocol.map")
        .help("Kafka looks it up on controllers too, where it has no use. Take the setting away there.")
        .key("inter.broker.listener.name")
        .key("listener.security.protocol.map");
    out.push((refusing, finding));
}

/// KL214.
fn letter_case(node: &Node, roles: Roles, out: &mut Found) {
    if !roles.controller {
        return;
    }
    let (Some((_, names)), Some((_, opened))) = (node.controller_names(), node.listeners()) else { return };
    if !opened.names_known() || names.iter().any(|n| n.has_hole()) {
        return;
    }
    let exact = |n: &Slice<'_>| opened.named(n.as_str()).is_some();
    let any_exact = names.iter().any(exact);
    for name in names.iter().filter(|n| !exact(n)) {
        let Some(listener) = opened.listeners.iter().find(|l| l.name.eq_ignore_ascii_case(name.as_str()))
        else {
            continue;
        };
        let message = format!(
            "controller.listener.names has `{}`, but the listener is {}",
            name.as_str(),
            listener.name
        );
        let finding = Diagnostic::at(Code::KL214, *name, message)
            .label(format!("write {}", listener.name))
            .related_value(listener.entry, "Kafka makes its name upper case")
            .help("Names of listeners become upper case, those of controller.listener.names stay as they are written: only upper \
                   case fits.")
            .key("controller.listener.names")
            .key("listeners");
        out.push((if any_exact { VersionSet::since((3, 1, 0)) } else { VersionSet::all() }, finding));
        return;
    }
}

/// KL234: `early.start.listeners`, which are compared as they are written.
fn early_start(node: &Node, out: &mut Found) {
    let Some(setting) = node.settings.get("early.start.listeners") else { return };
    let Some(controllers) = controllers(node) else { return };
    let opened = match node.lookup("listeners") {
        Lookup::Set(setting) => Listeners::parse(setting.value.slice()),
        _ => return,
    };
    if !opened.names_known() {
        return;
    }
    for name in list::filled(setting.value.slice()).filter(|n| !n.has_hole()) {
        let known =
            opened.named(name.as_str()).is_some() || controllers.iter().any(|c| c.as_str() == name.as_str());
        if !known {
            let message = format!(
                "{} shall start the listener {} early, but does not have it",
                node.name,
                name.as_str()
            );
            let finding = Diagnostic::at(Code::KL234, name, message)
                .label("not among the listeners, letter case counts")
                .help("early.start.listeners names listeners of this node, in the letter case of Kafka: upper case.")
                .key("early.start.listeners")
                .key("listeners");
            out.push((VersionSet::since((3, 3, 0)), finding));
        }
    }
}

/// KL234.
fn legacy(node: &Node, out: &mut Found) {
    let Some(setting) = node.settings.get("control.plane.listener.name") else { return };
    if setting.value.slice().trim().is_empty() {
        return;
    }
    let finding = Diagnostic::at(
        Code::KL234,
        setting.place(),
        format!("{} sets control.plane.listener.name, which KRaft does not have", node.name),
    )
    .label("of ZooKeeper days")
    .help("In KRaft mode the controllers have their own listener (controller.listener.names). Take the setting away.")
    .key("control.plane.listener.name");
    out.push((VersionSet::since((3, 1, 0)).and(VersionSet::before((4, 0, 0))), finding));
}
