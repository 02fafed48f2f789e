//! KL201, KL203–KL207, KL210–KL216, KL220, KL222–KL224, KL230, KL231, KL234: the listeners of one node, as each release reads them.
//!
//! Kafka's checks of listeners changed often. So they are asked era by era: releases that read listeners alike, from one boundary to
//! the next. What several eras say alike is one finding. How findings read is in `listeners`.
//!
//! Sources: `EndPoint`, `CoreUtils.listenerListToEndPoints`, `SocketServerConfigs`, `KafkaConfig.validateValues`, `AbstractKafkaConfig`,
//! with the real class run on 3.0 … 4.4.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::listeners as say;
use crate::cluster::{InterBroker, Node};
use crate::diagnostic::{Diagnostic, RefusedBy};
use crate::hash::{HashMap, HashSet};
use crate::kafka::list;
use crate::kafka::listener::{Listener, Listeners, PROTOCOLS, ProtocolMap};
use crate::kafka::role::Roles;
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, refusal};
use crate::text::{HOLE, Slice};

/// The releases from which on listeners are read in another way.
const BOUNDARIES: [(u32, u32, u32); 12] = [
    (3, 0, 0),
    (3, 1, 0),
    (3, 3, 0),
    (3, 3, 2),
    (3, 4, 0),
    (3, 6, 0),
    (3, 9, 0),
    (3, 9, 1),
    (4, 0, 0),
    (4, 1, 0),
    (4, 2, 0),
    (u32::MAX, 0, 0),
];

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            let mut found: Found = Vec::new();
            if let Some(written) = Written::of(node) {
                for pair in BOUNDARIES.windows(2) {
                    let [since, before] = pair else { continue };
                    let releases =
                        VersionSet::since(*since).and(VersionSet::before(*before)).and(node.versions);
                    if !releases.is_empty() {
                        ask(&written, *since, releases, &mut found);
                    }
                }
            }
            written_wrong(node, &mut found);
            for (refusing, finding) in found {
                let by = finding.refused_by.unwrap_or(RefusedBy::Config);
                out.extend(refusal(node, refusing, by, finding.cluster(c)));
            }
        }
    }
}

pub(super) type Found = Vec<(VersionSet, Diagnostic)>;

/// Adds a finding of some releases to those of others.
fn add(found: &mut Found, releases: VersionSet, finding: Diagnostic) {
    let same = |(_, d): &&mut (VersionSet, Diagnostic)| {
        d.code == finding.code
            && d.primary.span == finding.primary.span
            && d.keys.first() == finding.keys.first()
    };
    match found.iter_mut().find(same) {
        Some((refusing, _)) => *refusing = refusing.or(releases),
        None => found.push((releases, finding)),
    }
}

/// What stands in the files, read once for all releases. `Some(None)` is not set, `None` is not known.
struct Written<'n> {
    node: &'n Node,
    roles: Roles,
    listeners: Option<Listeners<'n>>,
    advertised: Option<Option<Listeners<'n>>>,
    names: Option<Slice<'n>>,
    map: Option<Option<ProtocolMap<'n>>>,
}

impl<'n> Written<'n> {
    /// `None` where the listeners, or which of them are the controllers', are not known or cannot be read.
    fn of(node: &'n Node) -> Option<Written<'n>> {
        let roles = node.roles()?;
        let whole = node.is_whole();
        // Of what is only partly seen nothing is missing, and nothing is the default.
        let listeners = node.listeners();
        let names = node.settings.get("controller.listener.names").map(|s| s.value.slice());
        if !whole && (listeners.is_none() || names.is_none()) || names.is_some_and(Slice::has_hole) {
            return None;
        }
        let readable = |l: &Listeners<'n>| l.names_known() && l.faults.is_empty();
        let listeners = match listeners {
            Some((_, listeners)) => Some(Some(listeners).filter(readable)?),
            None => None,
        };
        let advertised = match node.advertised() {
            Some((_, advertised)) => Some(advertised).filter(readable).map(Some),
            None => whole.then_some(None),
        };
        let map = match node.protocols() {
            Some((_, map)) => Some(Some(map)),
            None => whole.then_some(None),
        };
        Some(Written { node, roles, listeners, advertised, names, map })
    }

    /// Does Kafka run without ZooKeeper?
    fn is_kraft(&self) -> bool {
        self.roles.broker || self.roles.controller
    }
}

/// What the releases of one era make of it.
struct Era<'w, 'n> {
    written: &'w Written<'n>,
    since: (u32, u32, u32),
    /// `controller.listener.names`, as they are compared.
    controllers: Vec<Slice<'n>>,
    /// The names of the listeners that the node opens, in order and for a look-up.
    opened: Vec<&'n str>,
    known: HashSet<&'n str>,
    /// Does Kafka give the controllers' listeners a protocol where no map is written?
    adds: bool,
}

impl<'w, 'n> Era<'w, 'n> {
    fn of(written: &'w Written<'n>, since: (u32, u32, u32)) -> Era<'w, 'n> {
        let mut controllers: Vec<Slice<'n>> = match written.names {
            None => Vec::new(),
            Some(names) if since >= (4, 1, 0) => list::filled(names).collect(),
            // Java's split: no blanks are taken away, nothing empty stays at the end.
            Some(names) => {
                let mut all: Vec<Slice<'n>> = names.trim().split(b',').collect();
                while all.last().is_some_and(|n| n.is_empty()) {
                    all.pop();
                }
                all
            }
        };
        if since >= (4, 2, 0) {
            controllers = once(controllers, |name| name.as_str());
        }
        let opened = match &written.listeners {
            Some(listeners) => kept(since, listeners).iter().map(|l| l.name).collect(),
            None => vec!["PLAINTEXT"],
        };
        // Not beside a listener that is called like a secure protocol (`effectiveListenerSecurityProtocolMap`).
        let secure = |name: &str| matches!(name, "SSL" | "SASL_SSL" | "SASL_PLAINTEXT");
        let adds = since >= (3, 1, 0)
            && (written.is_kraft() || since >= (4, 0, 0))
            && !controllers.iter().any(|n| secure(n.as_str()))
            && !opened.iter().any(|name| secure(name));
        let known = opened.iter().copied().collect();
        Era { written, since, controllers, opened, known, adds }
    }

    fn is_controller(&self, name: &str) -> bool {
        self.controllers.iter().any(|n| n.as_str() == name)
    }

    fn is_opened(&self, name: &str) -> bool {
        self.known.contains(name)
    }

    /// Is this the very endpoint that the node opens for controllers? In 3.0 only that is refused.
    fn repeated(&self, told: &Listener<'_>) -> bool {
        let twin = |l: &Listener<'_>| {
            l.name == told.name && l.host.as_str() == told.host.as_str() && l.number() == told.number()
        };
        let opened = self.written.listeners.as_ref();
        self.since < (3, 1, 0)
            && self.is_controller(told.name)
            && opened.is_some_and(|l| l.iter().any(|l| twin(&l)))
    }

    /// Is there no protocol for the listener `name`?
    fn lacks_protocol(&self, name: &str) -> bool {
        let written = self.written;
        let Some(map) = &written.map else { return false };
        if let Some(map) = map {
            return !map.open && map.faults.is_empty() && map.get(name).is_none();
        }
        !(PROTOCOLS.contains(&name) || self.adds && self.is_controller(name))
    }
}

/// The listeners of a list. From 4.2 on the very same entry twice is one.
fn kept<'n>(since: (u32, u32, u32), listeners: &Listeners<'n>) -> Vec<Listener<'n>> {
    let all = listeners.iter().collect();
    if since >= (4, 2, 0) { once(all, |l| l.entry.as_str()) } else { all }
}

/// The first of each with the same text.
fn once<'n, T>(all: Vec<T>, text: impl Fn(&T) -> &'n str) -> Vec<T> {
    let mut seen: HashSet<&str> = HashSet::default();
    all.into_iter().filter(|each| seen.insert(text(each))).collect()
}

fn ask(written: &Written<'_>, since: (u32, u32, u32), releases: VersionSet, found: &mut Found) {
    let era = Era::of(written, since);
    let (node, roles) = (written.node, written.roles);
    let mut say = |finding: Diagnostic| add(found, releases, finding);
    let advertised = written.advertised.as_ref().and_then(Option::as_ref);
    for (key, listeners) in [("listeners", written.listeners.as_ref()), ("advertised.listeners", advertised)]
    {
        let Some(listeners) = listeners else { continue };
        names(&era, key, listeners, &mut say);
        if key == "listeners" {
            ports(&era, listeners, &mut say);
        }
        let lacking = listeners.iter().find(|l| era.lacks_protocol(l.name));
        if let Some(listener) = lacking {
            say(say::unmapped(node, key, &listener));
        }
    }
    if written.listeners.is_none() && era.lacks_protocol("PLAINTEXT") {
        say(say::unmapped_default(node));
    }
    if let Some(InterBroker::Named(setting, name)) = node.inter_broker()
        && !name.contains(HOLE)
        && (name.is_empty() || era.lacks_protocol(&name))
    {
        say(say::unmapped_inter_broker(node, setting, &name));
    }
    // 4.1 alone stumbles over a name that it adds to the map twice.
    if since == (4, 1, 0) && written.map.as_ref().is_some_and(Option::is_none) {
        let twice = |(i, name): &(usize, &Slice<'_>)| {
            era.controllers.iter().take(*i).any(|n| n.as_str() == name.as_str())
        };
        let added = |(_, name): &(usize, &Slice<'_>)| name.as_str() != "PLAINTEXT" && era.adds;
        if let Some((_, name)) = era.controllers.iter().enumerate().filter(twice).find(added) {
            say(say::name_twice(node, *name));
        }
    }
    if era.written.is_kraft() {
        if era.controllers.is_empty() && (roles.controller || since >= (3, 1, 0)) {
            say(say::no_controller_names(node));
        }
        if roles.controller {
            controllers_listeners(&era, &mut say);
        } else {
            brokers_controllers(&era, &mut say);
        }
        if roles.controller && !roles.broker {
            controller_only(&era, &mut say);
        }
    }
    // 3.9 and 4.0 look for each name among the controllers' listeners that are opened, where there is one.
    if !era.written.is_kraft()
        && ((3, 9, 0)..(4, 1, 0)).contains(&since)
        && era.opened.iter().any(|name| era.is_controller(name))
        && let Some(name) = era.controllers.iter().find(|name| name.is_empty())
    {
        say(say::not_opened(node, *name));
    }
    if roles.broker || !era.written.is_kraft() && since < (4, 0, 0) {
        broker(&era, &mut say);
    }
    unroutable(&era, &mut say);
    legacy(&era, &mut say);
}

/// KL203.
fn names(era: &Era<'_, '_>, key: &'static str, listeners: &Listeners<'_>, say: &mut impl FnMut(Diagnostic)) {
    let mut firsts: HashMap<&str, Listener<'_>> = HashMap::default();
    for listener in kept(era.since, listeners) {
        if let Some(first) = firsts.insert(listener.name, listener) {
            say(say::same_name(key, &listener, &first));
            return;
        }
    }
}

/// KL204.
fn ports(era: &Era<'_, '_>, listeners: &Listeners<'_>, say: &mut impl FnMut(Diagnostic)) {
    let all = kept(era.since, listeners);
    let mut of: HashMap<i32, Vec<&Listener<'_>>> = HashMap::default();
    for listener in &all {
        if let Some(port) = listener.number().filter(|p| *p != 0) {
            of.entry(port).or_default().push(listener);
        }
    }
    for listener in &all {
        let Some(port) = listener.number() else { continue };
        let Some((first, same)) = of.get(&port).and_then(|same| Some((*same.first()?, same))) else {
            continue;
        };
        // The very same entry twice has the same name twice too.
        if first.entry.as_str() == listener.entry.as_str() {
            continue;
        }
        if same.iter().any(|l| l.host.has_hole()) {
            continue;
        }
        let family = |l: &Listener<'_>| {
            let host = l.host().unwrap_or("");
            let address = host.split('%').next().unwrap_or("");
            (host.parse::<Ipv4Addr>().is_ok(), address.parse::<Ipv6Addr>().is_ok())
        };
        let both = match same.as_slice() {
            [a, b] => matches!((family(a), family(b)), ((true, _), (_, true)) | ((_, true), (true, _))),
            _ => false,
        };
        if !both || era.since < (3, 6, 0) {
            say(say::same_port(port, listener, first));
            return;
        }
    }
}

/// KL211, KL214: what a node with the role controller must open.
fn controllers_listeners(era: &Era<'_, '_>, say: &mut impl FnMut(Diagnostic)) {
    let absent: Vec<&Slice<'_>> = era.controllers.iter().filter(|n| !era.is_opened(n.as_str())).collect();
    // 3.0 is content with one.
    if era.since < (3, 1, 0) && absent.len() < era.controllers.len() {
        return;
    }
    let node = era.written.node;
    for name in absent {
        let text = name.trim().as_str();
        let listeners = era.written.listeners.as_ref();
        let meant = listeners.and_then(|l| l.iter().find(|l| l.name.eq_ignore_ascii_case(text)));
        say(match meant {
            Some(listener) => say::not_as_compared(*name, &listener),
            None => say::not_opened(node, *name),
        });
    }
}

/// KL212, KL215: what a broker knows of the controllers' listeners.
fn brokers_controllers(era: &Era<'_, '_>, say: &mut impl FnMut(Diagnostic)) {
    if era.since < (3, 1, 0) {
        return;
    }
    let node = era.written.node;
    let listeners = era.written.listeners.iter().flat_map(Listeners::iter);
    if let Some(listener) = listeners.into_iter().find(|l| era.is_controller(l.name)) {
        say(say::opens_controllers(node, &listener));
    }
    let lacking = |name: &&Slice<'_>| {
        let upper = name.as_str().to_uppercase();
        upper.is_empty() || era.lacks_protocol(&upper)
    };
    if let Some(name) = era.controllers.iter().find(lacking) {
        say(say::unmapped_controller(node, *name));
    }
}

/// KL213, KL216: what a node that is only a controller must not have.
fn controller_only(era: &Era<'_, '_>, say: &mut impl FnMut(Diagnostic)) {
    let node = era.written.node;
    if era.since < (3, 1, 0) {
        let mut told = era.written.advertised.iter().flatten().flat_map(Listeners::iter);
        if let Some(listener) = told.find(|l| era.repeated(l)) {
            say(say::advertises_controllers(node, &listener));
        }
        return;
    }
    let opened = &era.opened;
    let own = |name: &&str| era.controllers.iter().any(|c| c.as_str().trim().eq_ignore_ascii_case(name));
    let listeners = era.written.listeners.iter().flat_map(Listeners::iter);
    let foreign = listeners.into_iter().find(|l| !own(&l.name));
    match foreign.filter(|_| opened.iter().any(|name| era.is_controller(name))) {
        // Up to 3.8 it is no listener of the controller's if it is advertised, and advertising is refused.
        Some(listener) if era.since >= (3, 9, 0) || matches!(era.written.advertised, Some(None)) => {
            say(say::foreign_listener(node, &listener));
        }
        Some(_) => {}
        // As many names as listeners: a name that stands twice counts twice up to 4.1.
        None if era.since >= (3, 9, 0) && era.controllers.len() > opened.len() => {
            if let Some(name) = era.controllers.first() {
                say(say::name_twice(node, *name));
            }
        }
        None => {}
    }
    if era.since >= (4, 0, 0)
        && let Some(inter @ InterBroker::Named(..)) = node.inter_broker()
        && let Some(controller) = era.controllers.iter().find(|c| c.as_str() == inter.name())
    {
        say(say::shared_listener(node, &inter, *controller, false));
    }
}

/// KL216, KL223, KL224, KL230: what a broker advertises.
fn broker(era: &Era<'_, '_>, say: &mut impl FnMut(Diagnostic)) {
    let (node, written) = (era.written.node, era.written);
    let Some(advertised) = &written.advertised else { return };
    let opened = &era.opened;
    let apart = era.since >= (3, 9, 0);
    // From 3.9 on a broker may advertise the controllers' listeners, and they do not count.
    let mut told: Vec<&str> = match advertised {
        Some(list) => list.names().collect(),
        None => opened.iter().copied().filter(|n| !era.is_controller(n)).collect(),
    };
    if apart {
        told.retain(|n| !era.is_controller(n));
    }
    let mut shared = false;
    for listener in advertised.iter().flat_map(Listeners::iter) {
        let controller = era.is_controller(listener.name);
        if controller && apart {
            continue;
        }
        if controller && (written.is_kraft() && era.since >= (3, 1, 0) || era.repeated(&listener)) {
            shared = true;
            say(say::advertises_controllers(node, &listener));
        } else if !era.is_opened(listener.name) {
            say(say::advertises_unopened(node, &listener));
        }
    }
    let Some(inter) = node.inter_broker() else { return };
    if inter.name().contains(HOLE) {
        return;
    }
    let demands = era.since >= (3, 4, 0) || written.is_kraft() && era.since >= (3, 1, 0);
    let none = told.is_empty() && demands;
    let missing = !told.contains(&inter.name());
    // Opened by a node that is only a broker.
    let opens = !written.roles.controller && era.since >= (3, 1, 0) && era.is_opened(inter.name());
    let controller = era.controllers.iter().find(|n| n.as_str() == inter.name());
    if let Some(name) = controller.filter(|_| written.is_kraft())
        && (none || missing || shared || opens)
    {
        say(say::shared_listener(node, &inter, *name, true));
    } else if none || told.is_empty() {
        say(say::no_broker_listener(node));
    } else if missing {
        say(say::no_inter_broker(node, &inter, &told));
    }
}

/// KL220.
fn unroutable(era: &Era<'_, '_>, say: &mut impl FnMut(Diagnostic)) {
    let (node, written) = (era.written.node, era.written);
    let Some(advertised) = &written.advertised else { return };
    let wild = |l: &Listener<'_>| l.host() == Some("0.0.0.0");
    let only_controller = written.roles.controller && !written.roles.broker;
    // From 3.1 to 3.8 a controller must not advertise at all.
    if !(only_controller && era.since >= (3, 1, 0) && era.since < (3, 9, 0)) {
        let listeners = advertised.iter().flat_map(Listeners::iter);
        listeners.filter(wild).for_each(|listener| say(say::advertises_wildcard(node, &listener)));
    }
    // What is opened is advertised; of controllers' listeners, only 3.9.0 takes the host too.
    let inherits = |l: &Listener<'_>| {
        if era.is_controller(l.name) {
            let told = advertised.as_ref().is_some_and(|a| a.named(l.name).is_some());
            era.since == (3, 9, 0) && !told
        } else {
            advertised.is_none() && (!only_controller || era.since < (3, 1, 0))
        }
    };
    let listeners = written.listeners.iter().flat_map(Listeners::iter);
    if let Some(listener) = listeners.filter(wild).find(inherits) {
        say(say::inherits_wildcard(node, &listener));
    }
}

/// KL234.
fn legacy(era: &Era<'_, '_>, say: &mut impl FnMut(Diagnostic)) {
    let (node, written) = (era.written.node, era.written);
    if era.since < (4, 0, 0)
        && let Some(setting) = node.settings.get("control.plane.listener.name")
        && let Some(name) = setting.value.known().map(|n| n.trim().to_uppercase())
        && let Some(advertised) = &written.advertised
    {
        let told = match advertised {
            Some(list) => list.names().collect(),
            None => era.opened.clone(),
        };
        let fits = told.contains(&&*name)
            && !(advertised.is_none() && era.is_controller(&name))
            && !era.lacks_protocol(&name)
            && node.inter_broker().is_some_and(|i| i.name() != name);
        if written.is_kraft() && era.since >= (3, 1, 0) || !fits {
            say(say::control_plane(node, setting));
        }
    }
    if era.since >= (3, 3, 0)
        && let Some(setting) = node.settings.get("early.start.listeners")
    {
        for name in list::filled(setting.value.slice()).filter(|n| !n.has_hole()) {
            if !era.is_opened(name.as_str()) {
                say(say::early_start(node, name));
            }
        }
    }
}

/// What is wrong as it is written, whatever the release makes of it: KL201, KL206, KL207, KL231.
fn written_wrong(node: &Node, out: &mut Found) {
    for (setting, listeners) in [node.listeners(), node.advertised()].into_iter().flatten() {
        let key = setting.key();
        for fault in listeners.faults.iter() {
            out.push((VersionSet::all(), say::no_listener(key, fault)));
        }
        for listener in listeners.iter() {
            if listener.port_text.has_hole() {
                continue;
            }
            let advertises = key == "listeners" || node.is_broker();
            match listener.number() {
                None => out.push((VersionSet::all(), say::no_port(key, &listener, RefusedBy::Config))),
                Some(port) if !(0..=65535).contains(&port) && advertises => {
                    out.push((VersionSet::all(), say::no_port(key, &listener, RefusedBy::Broker)));
                }
                Some(_) => {}
            }
            // `ListenerName.normalised` refuses it from 3.6 on.
            if listener.name.is_empty() {
                out.push((VersionSet::since((3, 6, 0)), say::no_listener(key, listener.entry)));
            }
        }
    }
    if let Some((setting, map)) = node.protocols() {
        say::protocol_map(setting, &map, out);
    }
    if let (Some(name), Some(protocol)) =
        (node.settings.get("inter.broker.listener.name"), node.settings.get("security.inter.broker.protocol"))
    {
        out.push((VersionSet::all(), say::both_inter_broker(name, protocol)));
    }
}
