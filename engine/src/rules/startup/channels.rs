//! The listeners of one node with what they speak, and the settings that hold for each: what KL702 and KL703 look at.
//!
//! Source: `ListenerName.configPrefix`, `AbstractConfig.valuesWithPrefixOverride`, `SocketServer`, `KafkaRaftManager` (3.0 … 4.4).
//! Not for what is wrong with listeners themselves: that is `endpoints`.

use crate::cluster::{Node, Setting};
use crate::kafka::listener::PROTOCOLS;
use crate::text::Slice;

/// One listener that the node opens or, a broker, meets its controllers at.
pub(super) struct Channel<'n> {
    pub(super) node: &'n Node,
    /// The name, upper case.
    pub(super) name: &'n str,
    /// Upper case: `SASL_SSL`.
    pub(super) protocol: String,
    /// Where it is named.
    pub(super) place: Slice<'n>,
    /// The node opens it.
    pub(super) opened: bool,
    /// The node itself logs in there, to the controllers.
    pub(super) to_controllers: bool,
}

impl<'n> Channel<'n> {
    /// Of a node of which all is known. Listeners whose protocol is not known are left out.
    pub(super) fn of(node: &'n Node) -> Vec<Channel<'n>> {
        let Some((_, listeners)) = node.listeners() else { return Vec::new() };
        let names = node.controller_names().map(|(_, names)| names).unwrap_or_default();
        if !node.is_whole() || !listeners.names_known() || names.iter().any(Slice::has_hole) {
            return Vec::new();
        }
        let first = names.iter().next();
        let mut out: Vec<Channel<'n>> = Vec::new();
        for listener in listeners.iter() {
            let to_controllers = first.is_some_and(|n| n.as_str().eq_ignore_ascii_case(listener.name));
            out.extend(protocol(node, listener.name).map(|protocol| Channel {
                node,
                name: listener.name,
                protocol,
                place: listener.entry,
                opened: true,
                to_controllers,
            }));
        }
        // A broker does not open the controllers' listener; its name in the map says what is spoken there.
        if let Some(first) = first.filter(|_| !out.iter().any(|c| c.to_controllers))
            && let Some((_, map)) = node.protocols()
            && let Some(entry) = map.get(&first.as_str().to_uppercase())
            && let Some(protocol) = entry.protocol.known()
        {
            out.push(Channel {
                node,
                name: entry.name,
                protocol: protocol.to_uppercase(),
                place: entry.entry,
                opened: false,
                to_controllers: true,
            });
        }
        out
    }

    /// `listener.name.internal.` with the rest of the key.
    pub(super) fn own_key(&self, key: &str) -> String {
        format!("listener.name.{}.{key}", self.name.to_lowercase())
    }

    /// The setting that holds for this listener: its own, else that of all.
    pub(super) fn setting(&self, key: &str) -> Option<&'n Setting> {
        self.node.settings.get(&self.own_key(key)).or_else(|| self.node.settings.get(key))
    }

    /// True for the listener on which the brokers talk to each other.
    pub(super) fn is_between_brokers(&self) -> bool {
        self.node.is_broker() && self.node.inter_broker().is_some_and(|inter| inter.name() == self.name)
    }
}

fn protocol(node: &Node, name: &str) -> Option<String> {
    match node.protocols() {
        Some((_, map)) => Some(map.get(name)?.protocol.known()?.to_uppercase()),
        None => PROTOCOLS.contains(&name).then(|| name.to_owned()),
    }
}

/// The value, unless a part of it is not known, or a configuration provider makes something of it.
pub(super) fn known<'n>(node: &Node, setting: &'n Setting) -> Option<&'n str> {
    let value = setting.value.known()?.trim();
    let provided = value.contains("${") && node.settings.get("config.providers").is_some();
    (!provided).then_some(value)
}
