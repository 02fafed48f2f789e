//! How findings about listeners read: one function each, for `endpoints`, which knows when they are due.

use super::endpoints::Found;
use crate::cluster::{InterBroker, Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::listener::{Listener, PROTOCOLS, ProtocolMap};
use crate::kafka::version::VersionSet;
use crate::rules::join_names;
use crate::text::Slice;

const LISTENERS: &str = "listeners";
const ADVERTISED: &str = "advertised.listeners";
const CONTROLLERS: &str = "controller.listener.names";
const ROLES: &str = "process.roles";
const MAP: &str = "listener.security.protocol.map";

/// KL201.
pub(super) fn no_listener(key: &str, fault: Slice<'_>) -> Diagnostic {
    let text = fault.as_str();
    let label = if text.contains(';') {
        "separate listeners by commas, not semicolons"
    } else if !text.contains("://") {
        "no NAME:// in front"
    } else {
        "not NAME://host:port"
    };
    Diagnostic::at(Code::KL201, fault, format!("`{text}` is no listener"))
        .label(label)
        .help(
            "A listener is NAME://host:port, with an empty host for every interface: PLAINTEXT://:9092. Nothing may stand \
             behind the port.",
        )
        .key(key)
}

/// KL207.
pub(super) fn no_port(key: &str, listener: &Listener<'_>, by: RefusedBy) -> Diagnostic {
    let port = listener.port_text.as_str();
    let mut finding = Diagnostic::at(Code::KL207, listener.port_text, format!("{port} is no port"))
        .label(if port.starts_with('-') { "less than 0" } else { "above 65535" })
        .help("A port is a number from 1 to 65535; with 0 the system chooses one.")
        .key(key);
    finding.refused_by = Some(by);
    finding
}

/// KL203.
pub(super) fn same_name(key: &str, listener: &Listener<'_>, first: &Listener<'_>) -> Diagnostic {
    Diagnostic::at(Code::KL203, listener.entry, format!("{key} has two listeners called {}", listener.name))
        .label("the same name")
        .related_value(first.entry, "the first one")
        .help(
            "Each listener needs a name of its own, in whatever letter case it is written. The protocol of a \
             name of your own stands in listener.security.protocol.map.",
        )
        .key(key)
}

/// KL204.
pub(super) fn same_port(port: i32, listener: &Listener<'_>, first: &Listener<'_>) -> Diagnostic {
    Diagnostic::at(Code::KL204, listener.entry, format!("two listeners open port {port}"))
        .label("the same port")
        .related_value(first.entry, "the first one")
        .help("Each listener needs a port of its own. Only one IPv4 and one IPv6 address may share one, from Kafka 3.6 on.")
        .key(LISTENERS)
}

/// Adds the written protocol map as evidence.
fn with_map(finding: Diagnostic, node: &Node) -> Diagnostic {
    match node.settings.get(MAP) {
        Some(setting) => finding.related_value(setting.place(), "the map names others only"),
        None => finding,
    }
}

/// KL205.
pub(super) fn unmapped(node: &Node, key: &str, listener: &Listener<'_>) -> Diagnostic {
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
        .key(MAP);
    with_map(finding, node)
}

/// KL205: the listener that Kafka opens where none is named.
pub(super) fn unmapped_default(node: &Node) -> Diagnostic {
    let message = format!(
        "{} opens the listener PLAINTEXT by default, and the protocol map does not have it",
        node.name
    );
    let place = node.settings.get(MAP).map_or(node.anchor, |s| s.place().span());
    Diagnostic::new(Code::KL205, place, message)
        .label("PLAINTEXT is missing")
        .related(node.anchor, "listeners is not set: Kafka opens PLAINTEXT://:9092")
        .help("Set listeners, or add PLAINTEXT:PLAINTEXT to listener.security.protocol.map.")
        .key(MAP)
        .key(LISTENERS)
}

/// KL215.
pub(super) fn unmapped_controller(node: &Node, name: Slice<'_>) -> Diagnostic {
    let (place, message) = match node.settings.get(CONTROLLERS) {
        Some(setting) if name.is_empty() => {
            (setting.place(), format!("controller.listener.names of {} has an empty element", node.name))
        }
        _ => (
            name,
            format!("the controllers' listener {} has no security protocol on {}", name.as_str(), node.name),
        ),
    };
    let finding = Diagnostic::at(Code::KL215, place, message)
        .label("not in listener.security.protocol.map")
        .help(
            "A broker does not open the controllers' listener, but must know what to speak there. Add it to \
             listener.security.protocol.map.",
        )
        .key(CONTROLLERS)
        .key(MAP)
        .key(ROLES);
    with_map(finding, node)
}

/// KL230: a name that is in no map.
pub(super) fn unmapped_inter_broker(node: &Node, setting: &Setting, name: &str) -> Diagnostic {
    let message = if name.is_empty() {
        format!("inter.broker.listener.name of {} is empty", node.name)
    } else {
        format!("the inter-broker listener {name} of {} has no security protocol", node.name)
    };
    let help = if node.is_broker() {
        "Name the listener on which the brokers talk to each other, and give it a protocol in listener.security.protocol.map."
    } else {
        "Kafka looks it up on controllers too, where it has no use. Take the setting away there."
    };
    Diagnostic::at(Code::KL230, setting.place(), message)
        .label(if name.is_empty() { "no name" } else { "not in listener.security.protocol.map" })
        .help(help)
        .key("inter.broker.listener.name")
        .key(MAP)
}

/// KL210.
pub(super) fn no_controller_names(node: &Node) -> Diagnostic {
    let finding = match node.settings.get(CONTROLLERS) {
        Some(setting) => {
            let message = format!("controller.listener.names of {} is empty", node.name);
            Diagnostic::at(Code::KL210, setting.place(), message).label("names no listener")
        }
        None => {
            let message = format!("{} does not say which listener is the controllers'", node.name);
            Diagnostic::new(Code::KL210, node.anchor, message).label("controller.listener.names is not set")
        }
    };
    finding
        .help(
            "Brokers and controllers must know the name of the listener on which controllers are reached: \
             controller.listener.names=CONTROLLER.",
        )
        .key(CONTROLLERS)
        .key(ROLES)
}

/// Adds what the node opens as evidence.
fn with_opened(finding: Diagnostic, node: &Node) -> Diagnostic {
    match node.settings.get(LISTENERS) {
        Some(setting) => finding.related_value(setting.place(), "what it opens"),
        None => finding.related(node.anchor, "listeners is not set: Kafka opens PLAINTEXT://:9092 only"),
    }
}

/// KL211.
pub(super) fn not_opened(node: &Node, name: Slice<'_>) -> Diagnostic {
    let message = if name.is_empty() {
        format!("controller.listener.names of {} has an empty element", node.name)
    } else {
        format!(
            "the controller listener {} is named, but {} does not open it",
            name.trim().as_str(),
            node.name
        )
    };
    let place = match node.settings.get(CONTROLLERS) {
        Some(setting) if name.trim().is_empty() => setting.place(),
        _ => name.trim(),
    };
    let finding = Diagnostic::at(Code::KL211, place, message)
        .label("not among the listeners")
        .help(
            "A controller must open every listener that controller.listener.names names. Add it to listeners, as in \
             CONTROLLER://:9093.",
        )
        .key(CONTROLLERS)
        .key(LISTENERS).key(ROLES);
    with_opened(finding, node)
}

/// KL214.
pub(super) fn not_as_compared(name: Slice<'_>, listener: &Listener<'_>) -> Diagnostic {
    let text = name.as_str();
    let blank = text.trim() == listener.name;
    let message = format!("controller.listener.names has `{text}`, but the listener is {}", listener.name);
    let (label, help) = if blank {
        (
            "a blank in front, or behind".to_owned(),
            "Up to Kafka 4.0 blanks around the names of controller.listener.names count. Take them away.",
        )
    } else {
        (
            format!("write {}", listener.name),
            "Names of listeners become upper case, those of controller.listener.names stay as they are written: only upper case \
             fits.",
        )
    };
    Diagnostic::at(Code::KL214, name, message)
        .label(label)
        .related_value(
            listener.entry,
            if blank { "without blanks" } else { "Kafka makes its name upper case" },
        )
        .help(help)
        .key(CONTROLLERS)
        .key(LISTENERS)
        .key(ROLES)
}

/// KL212.
pub(super) fn opens_controllers(node: &Node, listener: &Listener<'_>) -> Diagnostic {
    let message =
        format!("{} is only a broker, but opens the controller listener {}", node.name, listener.name);
    let mut finding =
        Diagnostic::at(Code::KL212, listener.entry, message).label("only controllers open this");
    if let Some(setting) = node.settings.get(CONTROLLERS) {
        finding = finding.related_value(setting.place(), "named as the controllers' listener");
    }
    finding
        .help(
            "A broker needs controller.listener.names to know how to reach the controllers, but must not open that listener \
             itself. Remove it from listeners.",
        )
        .key(LISTENERS)
        .key(CONTROLLERS).key(ROLES)
}

/// KL213.
pub(super) fn foreign_listener(node: &Node, listener: &Listener<'_>) -> Diagnostic {
    let message =
        format!("{} is only a controller, but opens the broker listener {}", node.name, listener.name);
    let mut finding =
        Diagnostic::at(Code::KL213, listener.entry, message).label("not in controller.listener.names");
    if let Some(setting) = node.settings.get(CONTROLLERS) {
        finding = finding.related_value(setting.place(), "the controllers' listeners");
    }
    finding
        .help("A controller-only node opens controller listeners only. Remove the listener, or make the node a broker too.")
        .key(LISTENERS)
        .key(CONTROLLERS).key(ROLES)
}

/// KL211: one name twice on a node that is only a controller.
pub(super) fn name_twice(node: &Node, name: Slice<'_>) -> Diagnostic {
    let message =
        format!("controller.listener.names of {} has more names than there are listeners", node.name);
    let finding = Diagnostic::at(Code::KL211, name.trim(), message)
        .label("a name twice")
        .help("From 3.9 to 4.1 Kafka counts a name each time it stands there, and finds too few listeners. Name each once.")
        .key(CONTROLLERS)
        .key(LISTENERS).key(ROLES);
    with_opened(finding, node)
}

/// KL223.
pub(super) fn advertises_controllers(node: &Node, listener: &Listener<'_>) -> Diagnostic {
    let message = format!("{} advertises the controllers' listener {}", node.name, listener.name);
    Diagnostic::at(Code::KL223, listener.entry, message)
        .label("not for clients")
        .help("Up to Kafka 3.8 a broker must not advertise it: clients have no business there. Take the entry away.")
        .key(ADVERTISED)
        .key(CONTROLLERS).key(ROLES)
}

/// KL224.
pub(super) fn advertises_unopened(node: &Node, listener: &Listener<'_>) -> Diagnostic {
    let message = format!("{} advertises the listener {}, which it does not open", node.name, listener.name);
    let finding = Diagnostic::at(Code::KL224, listener.entry, message)
        .label("not among the listeners")
        .help("Each advertised listener must have the name of one in listeners. Add it there, or advertise one that is.")
        .key(ADVERTISED)
        .key(LISTENERS);
    with_opened(finding, node)
}

/// KL220: it says so.
pub(super) fn advertises_wildcard(node: &Node, listener: &Listener<'_>) -> Diagnostic {
    unroutable(listener, format!("{} advertises 0.0.0.0", node.name), ADVERTISED)
}

/// KL220: it opens it.
pub(super) fn inherits_wildcard(node: &Node, listener: &Listener<'_>) -> Diagnostic {
    let message = format!("{} advertises 0.0.0.0, for it opens it and advertises nothing else", node.name);
    unroutable(listener, message, LISTENERS).key(ADVERTISED)
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
pub(super) fn no_broker_listener(node: &Node) -> Diagnostic {
    let setting = node.settings.get(ADVERTISED).or_else(|| node.settings.get(LISTENERS));
    let opens = setting.is_none_or(|s| s.key() == LISTENERS);
    let what = if opens { "opens" } else { "advertises" };
    let message = format!("{} is a broker, but {what} no listener for brokers and clients", node.name);
    let finding = match setting {
        Some(setting) => {
            let empty = setting.value.as_str().trim().is_empty();
            Diagnostic::at(Code::KL230, setting.place(), message)
                .label(if empty { "no listener" } else { "only the controllers'" })
                .key(setting.key())
        }
        None => Diagnostic::new(Code::KL230, node.anchor, message)
            .label("listeners is not set, and PLAINTEXT is the controllers'")
            .key(LISTENERS),
    };
    finding.help(
        "A broker needs a listener of its own, for clients and the other brokers: PLAINTEXT://:9092, advertised with the \
         address at which it is reached.",
    )
    .key(CONTROLLERS)
    .key("inter.broker.listener.name")
    .key(ROLES)
}

/// KL230: the inter-broker listener is none of those in `told`.
pub(super) fn no_inter_broker(node: &Node, inter: &InterBroker<'_>, told: &[&str]) -> Diagnostic {
    let advertised = node.settings.get(ADVERTISED);
    let verb = if advertised.is_some() { "advertises" } else { "opens" };
    let message = match inter {
        InterBroker::Default => format!(
            "brokers talk to each other on listener PLAINTEXT by default, but {} {verb} only {}",
            node.name,
            join_names(told)
        ),
        _ => format!(
            "the inter-broker listener {} is not {} by {}, which has {}",
            inter.name(),
            if advertised.is_some() { "advertised" } else { "opened" },
            node.name,
            told.join(", ")
        ),
    };
    let (finding, key) = match (inter, advertised.or_else(|| node.settings.get(LISTENERS))) {
        (InterBroker::Named(s, _), _) => (
            Diagnostic::at(Code::KL230, s.place(), message).label("no broker listener has this name"),
            "inter.broker.listener.name",
        ),
        (InterBroker::ByProtocol(s, _), _) => (
            Diagnostic::at(Code::KL230, s.place(), message)
                .label("no broker listener is called like this protocol"),
            "security.inter.broker.protocol",
        ),
        (InterBroker::Default, Some(s)) => (
            Diagnostic::at(Code::KL230, s.place(), message).label("none of these is called PLAINTEXT"),
            s.key(),
        ),
        (InterBroker::Default, None) => (Diagnostic::new(Code::KL230, node.anchor, message), LISTENERS),
    };
    let finding = finding
        .help(
            "Kafka refuses to start without an inter-broker listener among those it advertises. Set inter.broker.listener.name to the \
             broker listener that the other brokers can reach.",
        )
        .key(key);
    let other = if advertised.is_some() { ADVERTISED } else { LISTENERS };
    let finding = ["inter.broker.listener.name", other]
        .into_iter()
        .filter(|k| *k != key)
        .fold(finding, Diagnostic::key);
    match advertised.filter(|_| !matches!(inter, InterBroker::Default)) {
        Some(setting) => finding.related_value(setting.place(), "the advertised listeners"),
        None => finding,
    }
}

/// KL216.
pub(super) fn shared_listener(
    node: &Node,
    inter: &InterBroker<'_>,
    name: Slice<'_>,
    broker: bool,
) -> Diagnostic {
    let help = if broker {
        "Brokers must not talk to each other on the controllers' listener; Kafka refuses to start. Give the controllers a \
         listener of their own (controller.listener.names=CONTROLLER, with CONTROLLER://:9093 in listeners) and name a \
         broker listener in inter.broker.listener.name."
    } else {
        "A controller has no inter-broker listener; from Kafka 4.0 it refuses to start with one. Remove the setting."
    };
    let message = if broker {
        format!("{} is both the controllers' listener and the one between brokers", inter.name())
    } else {
        format!(
            "{} is only a controller, but sets inter.broker.listener.name to its controller listener",
            node.name
        )
    };
    let finding = match inter {
        InterBroker::Named(s, _) => Diagnostic::at(Code::KL216, s.place(), message)
            .label(if broker { "brokers talk to each other here" } else { "of no use here" })
            .related_value(name, if broker { "and so do controllers" } else { "the controllers' listener" })
            .key("inter.broker.listener.name")
            .key("controller.listener.names"),
        InterBroker::ByProtocol(s, _) => Diagnostic::at(Code::KL216, s.place(), message)
            .label(format!("the inter-broker listener is the one called {}", inter.name()))
            .related_value(name, "which is the controllers'")
            .key("security.inter.broker.protocol")
            .key("controller.listener.names"),
        InterBroker::Default => Diagnostic::at(Code::KL216, name, message)
            .label("brokers talk to each other on PLAINTEXT unless told otherwise")
            .key("controller.listener.names")
            .key("inter.broker.listener.name"),
    };
    finding.help(help).key(ROLES)
}

/// KL234.
pub(super) fn early_start(node: &Node, name: Slice<'_>) -> Diagnostic {
    let message =
        format!("{} shall start the listener {} early, but does not have it", node.name, name.as_str());
    Diagnostic::at(Code::KL234, name, message)
        .label("not among the listeners, letter case counts")
        .help("early.start.listeners names listeners of this node, in the letter case of Kafka: upper case.")
        .key("early.start.listeners")
        .key(LISTENERS)
}

/// KL234.
pub(super) fn control_plane(node: &Node, setting: &Setting) -> Diagnostic {
    let kraft = node.is_kraft();
    let message = if kraft {
        format!("{} sets control.plane.listener.name, which KRaft does not have", node.name)
    } else {
        format!(
            "the control plane listener of {} is not one that it advertises beside the inter-broker listener",
            node.name
        )
    };
    Diagnostic::at(Code::KL234, setting.place(), message)
        .label("of ZooKeeper days")
        .help(if kraft {
            "In KRaft mode the controllers have their own listener (controller.listener.names). Take the setting away."
        } else {
            "It must be an advertised listener, and another one than brokers use among themselves."
        })
        .key("control.plane.listener.name")
}

/// KL231.
pub(super) fn both_inter_broker(name: &Setting, protocol: &Setting) -> Diagnostic {
    let message = "inter.broker.listener.name and security.inter.broker.protocol are both set";
    Diagnostic::at(Code::KL231, protocol.place(), message)
        .label("one of the two")
        .related_value(name.place(), "and the other")
        .help("Kafka takes only one of them. Keep inter.broker.listener.name; the protocol follows from the protocol map.")
        .key("security.inter.broker.protocol")
        .key("inter.broker.listener.name")
}

/// KL206.
pub(super) fn protocol_map(setting: &Setting, map: &ProtocolMap<'_>, out: &mut Found) {
    for fault in map.faults.iter() {
        let value = if fault.is_empty() { setting.value.slice().trim() } else { fault };
        let message = if fault.is_empty() {
            "the protocol map has an empty entry".to_owned()
        } else {
            format!("`{}` is no entry of the protocol map: it has no colon", fault.as_str())
        };
        let finding = Diagnostic::at(Code::KL206, value, message)
            .label("not NAME:PROTOCOL")
            .help("listener.security.protocol.map is a list of NAME:PROTOCOL.")
            .key(MAP);
        out.push((VersionSet::all(), finding));
    }
    for (i, mapping) in map.iter().enumerate() {
        let Some(protocol) = mapping.protocol.known() else { continue };
        let raw =
            |e: Slice<'_>| e.rsplit_once(b':').map_or(String::new(), |(n, _)| n.trim().as_str().to_owned());
        // Of two entries of one name the last counts.
        let mut later = map.iter().skip(i + 1);
        if later.any(|m| m.name == mapping.name && raw(m.entry) == raw(mapping.entry)) {
            continue;
        }
        if !PROTOCOLS.iter().any(|p| p.eq_ignore_ascii_case(protocol)) {
            let value = if mapping.protocol.is_empty() { mapping.entry } else { mapping.protocol };
            let finding = Diagnostic::at(Code::KL206, value, format!("`{protocol}` is no security protocol"))
                .label(format!("for listener {}", mapping.name))
                .help("A listener speaks PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; Kafka refuses to start with anything else.")
                .key(MAP);
            out.push((VersionSet::all(), finding));
        }
        // `ListenerName.normalised` refuses it from 3.6 on.
        if mapping.name.is_empty() {
            let finding =
                Diagnostic::at(Code::KL206, mapping.entry, "an entry of the protocol map has no name")
                    .label("not NAME:PROTOCOL")
                    .help("listener.security.protocol.map is a list of NAME:PROTOCOL.")
                    .key(MAP);
            out.push((VersionSet::since((3, 6, 0)), finding));
        }
        // Names that differ only by letter case: 4.1 and later stop, earlier ones take either.
        let twin = map.iter().take(i).find(|m| m.name == mapping.name && raw(m.entry) != raw(mapping.entry));
        if let Some(twin) = twin {
            let finding = Diagnostic::at(
                Code::KL206,
                mapping.entry,
                format!("listener {} is mapped twice, in different letter case", mapping.name),
            )
            .label("the same name")
            .related_value(twin.entry, "the first entry")
            .help("Keep one entry for each listener.")
            .key(MAP);
            out.push((VersionSet::since((4, 1, 0)), finding));
        }
    }
}
