//! KL206, KL211, KL212, KL213, KL216, KL230: listeners, their protocols, and which of them is for whom.
//!
//! Sources: `KafkaConfig.validateValues`, `AbstractKafkaConfig` (3.9 and later), with the real class run on 3.0 … 4.4.

use crate::cluster::{InterBroker, Lookup, Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::listener::{Listener, Listeners, PROTOCOLS, ProtocolMap};
use crate::kafka::role::Roles;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, join_names, refusal};
use crate::text::{HOLE, Slice};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            if let Some(setting) = node.settings.get("listener.security.protocol.map") {
                protocol_map(c, node, setting, out);
            }
            let Some(roles) = node.roles().filter(|r| r.broker || r.controller) else { continue };
            controller_listeners(c, node, roles, out);
            if !shared_listener(c, node, roles, out) && roles.broker {
                inter_broker(c, node, out);
            }
        }
    }
}

fn push(out: &mut Sink, c: usize, node: &Node, refusing: VersionSet, finding: Diagnostic) {
    out.extend(refusal(node, refusing, RefusedBy::Config, finding.cluster(c)));
}

fn protocol_map(c: usize, node: &Node, setting: &Setting, out: &mut Sink) {
    const KEY: &str = "listener.security.protocol.map";
    let map = ProtocolMap::parse(setting.value.slice());
    for fault in &map.faults {
        let value = if fault.is_empty() { setting.value.slice().trim() } else { *fault };
        let message = if fault.is_empty() {
            "the protocol map has an empty entry".to_owned()
        } else {
            format!("`{}` is no entry of the protocol map: it has no colon", fault.as_str())
        };
        let finding = Diagnostic::at(Code::KL206, value, message)
            .label("not NAME:PROTOCOL")
            .help("listener.security.protocol.map is a list of NAME:PROTOCOL.")
            .key(KEY);
        push(out, c, node, VersionSet::all(), finding);
    }
    for (i, mapping) in map.mappings.iter().enumerate() {
        let Some(protocol) = mapping.protocol.known() else { continue };
        if !PROTOCOLS.iter().any(|p| p.eq_ignore_ascii_case(protocol)) {
            let value = if mapping.protocol.is_empty() { mapping.entry } else { mapping.protocol };
            let finding = Diagnostic::at(Code::KL206, value, format!("`{protocol}` is no security protocol"))
                .label(format!("for listener {}", mapping.name))
                .help("A listener speaks PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL; Kafka refuses to start with anything else.")
                .key(KEY);
            push(out, c, node, VersionSet::all(), finding);
        }
        // Names that differ only by letter case: 4.1 and later stop, earlier ones take either.
        let raw =
            |e: Slice<'_>| e.rsplit_once(b':').map_or(String::new(), |(n, _)| n.trim().as_str().to_owned());
        let twin = map
            .mappings
            .iter()
            .take(i)
            .find(|m| m.name == mapping.name && raw(m.entry) != raw(mapping.entry));
        if let Some(twin) = twin {
            let finding = Diagnostic::at(
                Code::KL206,
                mapping.entry,
                format!("listener {} is mapped twice, in different letter case", mapping.name),
            )
            .label("the same name")
            .related_value(twin.entry, "the first entry")
            .help("Keep one entry for each listener.")
            .key(KEY);
            push(out, c, node, VersionSet::since((4, 1, 0)), finding);
        }
    }
}

/// The listeners a node opens: those it names, or Kafka's default. `None` when that is not known.
fn opened(node: &Node) -> Option<Listeners<'_>> {
    match node.lookup("listeners") {
        Lookup::Set(setting) => Some(Listeners::parse(setting.value.slice())).filter(Listeners::names_known),
        Lookup::Default(_) | Lookup::Unset => Some(Listeners::default()),
        Lookup::Unknown(_) => None,
    }
}

/// Names of the listeners a node opens, upper case, the default among them.
fn opened_names<'l>(node: &Node, listeners: &'l Listeners<'_>) -> Vec<&'l str> {
    if node.settings.get("listeners").is_none() { vec!["PLAINTEXT"] } else { listeners.names() }
}

fn controller_listeners(c: usize, node: &Node, roles: Roles, out: &mut Sink) {
    let Some((setting, names)) = node.controller_names() else { return };
    let Some(listeners) = opened(node) else { return };
    if names.is_empty() || names.iter().any(|n| n.has_hole()) || !listeners.faults.is_empty() {
        return;
    }
    let open = opened_names(node, &listeners);
    let later = VersionSet::since((3, 1, 0));
    if roles.controller {
        let absent: Vec<&Slice<'_>> =
            names.iter().filter(|n| !open.iter().any(|o| o.eq_ignore_ascii_case(n.as_str()))).collect();
        if let Some(first) = absent.first() {
            let refusing = if absent.len() == names.len() { VersionSet::all() } else { later };
            let mut finding = Diagnostic::at(
                Code::KL211,
                **first,
                format!("the controller listener {} is named, but {} does not open it", first.as_str(), node.name),
            )
            .label("not among the listeners")
            .help("A controller must open every listener that controller.listener.names names. Add it to listeners, as in CONTROLLER://:9093.")
            .key("controller.listener.names")
            .key("listeners");
            finding = match node.settings.get("listeners") {
                Some(l) => finding.related_value(l.value.slice().trim(), "what it opens"),
                None => {
                    finding.related(node.anchor, "listeners is not set: Kafka opens PLAINTEXT://:9092 only")
                }
            };
            push(out, c, node, refusing, finding);
        }
    }
    let named = |l: &&Listener<'_>| names.iter().any(|n| n.as_str() == l.name);
    if roles.broker
        && !roles.controller
        && let Some(listener) = listeners.listeners.iter().find(named)
    {
        let finding = Diagnostic::at(
                Code::KL212,
                listener.entry,
                format!("{} is only a broker, but opens the controller listener {}", node.name, listener.name),
            )
            .label("only controllers open this")
            .related_value(setting.value.slice().trim(), "named as the controllers' listener")
            .help("A broker needs controller.listener.names to know how to reach the controllers, but must not open that listener itself. Remove it from listeners.")
            .key("listeners")
            .key("controller.listener.names");
        push(out, c, node, later, finding);
    }
    if roles.controller && !roles.broker && node.settings.get("listeners").is_some() {
        let opens_own = listeners.listeners.iter().any(|l| named(&l));
        let foreign = listeners
            .listeners
            .iter()
            .find(|l| !names.iter().any(|n| n.as_str().eq_ignore_ascii_case(&l.name)));
        if let Some(listener) = foreign.filter(|_| opens_own) {
            let finding = Diagnostic::at(
                Code::KL213,
                listener.entry,
                format!("{} is only a controller, but opens the broker listener {}", node.name, listener.name),
            )
            .label("not in controller.listener.names")
            .related_value(setting.value.slice().trim(), "the controllers' listeners")
            .help("A controller-only node opens controller listeners only. Remove the listener, or make the node a broker too.")
            .key("listeners")
            .key("controller.listener.names");
            push(out, c, node, later, finding);
        }
    }
}

/// KL216. True when it was found.
fn shared_listener(c: usize, node: &Node, roles: Roles, out: &mut Sink) -> bool {
    let Some((_, names)) = node.controller_names() else { return false };
    let Some(inter) = node.inter_broker() else { return false };
    let Some(name) = names.iter().find(|n| !n.has_hole() && n.as_str() == inter.name()) else { return false };
    // 3.0 takes it from a node that is only a broker, and from one that advertises the listener in so many words.
    let advertised = node.advertised().is_some_and(|(_, l)| l.named(inter.name()).is_some() || l.open);
    let refusing = if roles.broker && roles.controller && !advertised {
        VersionSet::all()
    } else if roles.broker && (advertised || opened(node).is_none_or(|l| l.named(inter.name()).is_some())) {
        VersionSet::since((3, 1, 0))
    } else if roles.broker {
        VersionSet::all()
    } else if matches!(inter, InterBroker::Named(..)) {
        VersionSet::since((4, 0, 0))
    } else {
        return false;
    };
    let help = if roles.broker {
        "Brokers must not talk to each other on the controllers' listener; Kafka refuses to start. Give the controllers a \
         listener of their own (controller.listener.names=CONTROLLER, with CONTROLLER://:9093 in listeners) and name a \
         broker listener in inter.broker.listener.name."
    } else {
        "A controller has no inter-broker listener; from Kafka 4.0 it refuses to start with one. Remove the setting."
    };
    let message = if roles.broker {
        format!("{} is both the controllers' listener and the one between brokers", inter.name())
    } else {
        format!(
            "{} is only a controller, but sets inter.broker.listener.name to its controller listener",
            node.name
        )
    };
    let finding = match &inter {
        InterBroker::Named(s, _) => Diagnostic::at(Code::KL216, s.value.slice().trim(), message)
            .label(if roles.broker { "brokers talk to each other here" } else { "of no use here" })
            .related_value(
                *name,
                if roles.broker { "and so do controllers" } else { "the controllers' listener" },
            )
            .key("inter.broker.listener.name")
            .key("controller.listener.names"),
        InterBroker::ByProtocol(s, _) => Diagnostic::at(Code::KL216, s.value.slice().trim(), message)
            .label(format!("the inter-broker listener is the one called {}", inter.name()))
            .related_value(*name, "which is the controllers'")
            .key("security.inter.broker.protocol")
            .key("controller.listener.names"),
        InterBroker::Default => Diagnostic::at(Code::KL216, *name, message)
            .label("brokers talk to each other on PLAINTEXT unless told otherwise")
            .key("controller.listener.names")
            .key("inter.broker.listener.name"),
    };
    let before = out.len();
    push(out, c, node, refusing, finding.help(help));
    out.len() > before
}

/// KL230: the inter-broker listener is not one that the broker advertises.
fn inter_broker(c: usize, node: &Node, out: &mut Sink) {
    let Some(inter) = node.inter_broker() else { return };
    let advertised = match node.lookup("advertised.listeners") {
        Lookup::Set(s) if !s.value.as_str().trim().is_empty() => Some(s),
        Lookup::Set(_) | Lookup::Unknown(_) => return,
        _ => None,
    };
    let listeners = match advertised {
        Some(s) => Listeners::parse(s.value.slice()),
        None => match opened(node) {
            Some(l) => l,
            None => return,
        },
    };
    if !listeners.names_known() || !listeners.faults.is_empty() || inter.name().contains(HOLE) {
        return;
    }
    let names = match advertised {
        Some(_) => listeners.names(),
        None => opened_names(node, &listeners),
    };
    let controllers = node.controller_names().map(|(_, n)| n).unwrap_or_default();
    if controllers.iter().any(|n| n.has_hole()) {
        return;
    }
    let brokers: Vec<&str> =
        names.into_iter().filter(|n| !controllers.iter().any(|c| c.as_str() == *n)).collect();
    // No broker listener at all is another fault.
    if brokers.is_empty() || brokers.contains(&inter.name()) {
        return;
    }
    let what = if advertised.is_some() { "advertised" } else { "opened" };
    let (value, label, key) = match (&inter, advertised.or_else(|| node.settings.get("listeners"))) {
        (InterBroker::Named(s, _), _) => (
            s.value.slice().trim(),
            "no broker listener has this name".to_owned(),
            "inter.broker.listener.name",
        ),
        (InterBroker::ByProtocol(s, _), _) => (
            s.value.slice().trim(),
            "no broker listener is called like this protocol".to_owned(),
            "security.inter.broker.protocol",
        ),
        (InterBroker::Default, Some(s)) => {
            (s.value.slice().trim(), "none of these is called PLAINTEXT".to_owned(), s.key())
        }
        (InterBroker::Default, None) => return,
    };
    let message = match inter {
        InterBroker::Default => format!(
            "brokers talk to each other on listener PLAINTEXT by default, but {} {} only {}",
            node.name,
            if advertised.is_some() { "advertises" } else { "opens" },
            join_names(&brokers)
        ),
        _ => format!(
            "the inter-broker listener {} is not {what} by {}, which has {}",
            inter.name(),
            node.name,
            brokers.join(", ")
        ),
    };
    let mut finding = Diagnostic::at(Code::KL230, value, message)
        .label(label)
        .help("Kafka refuses to start without an inter-broker listener among those it advertises. Set inter.broker.listener.name to the broker listener that the other brokers can reach.")
        .key(key);
    if let Some(s) = advertised.filter(|_| !matches!(inter, InterBroker::Default)) {
        finding = finding.related_value(s.value.slice().trim(), "the advertised listeners");
    }
    push(out, c, node, VersionSet::all(), finding);
}
