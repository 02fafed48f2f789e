//! `listeners`, `advertised.listeners` and `listener.security.protocol.map`.
//!
//! Sources: `EndPoint` (up to 4.0), `SocketServerConfigs.listenerListToEndPoints` (4.1 and later): an entry matches
//! `^(.*)://\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)` as a whole; the name is upper-cased.

use std::borrow::Cow;

use super::address::is_host_char;
use super::list;
use crate::text::{Extent, HOLE, Slice, Slices, Text};

/// One entry that Kafka can read.
#[derive(Debug, Clone, Copy)]
pub struct Listener<'t> {
    /// The whole entry.
    pub entry: Slice<'t>,
    /// The name as Kafka knows it, upper-cased; holds a [`HOLE`] when it is not known.
    pub name: &'t str,
    /// The host, without brackets; empty for every interface.
    pub host: Slice<'t>,
    /// The port's digits, or a hole.
    pub port_text: Slice<'t>,
    port: Option<u16>,
}

impl<'t> Listener<'t> {
    /// The port, when it is known and one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The number that Kafka reads, which may be no port; `None` when it is unknown, or too large for Kafka.
    #[must_use]
    pub fn number(&self) -> Option<i32> {
        self.port_text.known()?.parse().ok()
    }

    /// The host, when it is known.
    #[must_use]
    pub fn host(&self) -> Option<&'t str> {
        self.host.known()
    }
}

/// What a list of listeners holds, kept beside its text: many rules ask for it.
#[derive(Debug)]
pub struct ReadListeners {
    listeners: Vec<ReadListener>,
    faults: Vec<Extent>,
    open: bool,
}

#[derive(Debug)]
struct ReadListener {
    entry: Extent,
    name: ReadName,
    host: Extent,
    port_text: Extent,
    port: Option<u16>,
}

/// A name in upper case; most are written so.
#[derive(Debug)]
enum ReadName {
    Written(Extent),
    Raised(Box<str>),
}

impl ReadName {
    fn of(name: Slice<'_>) -> ReadName {
        match upper(name.as_str()) {
            Cow::Borrowed(_) => ReadName::Written(name.extent()),
            Cow::Owned(upper) => ReadName::Raised(upper.into()),
        }
    }

    fn over<'t>(&'t self, text: &'t Text) -> &'t str {
        match self {
            ReadName::Written(extent) => text.part(*extent).as_str(),
            ReadName::Raised(name) => name,
        }
    }
}

impl ReadListeners {
    /// Reads a list of listeners.
    #[must_use]
    pub fn of(value: &Text) -> ReadListeners {
        let mut out = ReadListeners { listeners: Vec::new(), faults: Vec::new(), open: false };
        for entry in list::filled(value.slice()) {
            match listener(entry) {
                Some(listener) => out.listeners.push(listener),
                None if entry.has_hole() => out.open = true,
                None => out.faults.push(entry.extent()),
            }
        }
        out
    }

    /// The list; `text` is what it was read from.
    #[must_use]
    pub fn over<'t>(&'t self, text: &'t Text) -> Listeners<'t> {
        let faults = Slices::new(text, &self.faults);
        Listeners { text: Some(text), listeners: &self.listeners, faults, open: self.open }
    }
}

/// A list of listeners.
#[derive(Debug, Clone, Copy, Default)]
pub struct Listeners<'t> {
    text: Option<&'t Text>,
    listeners: &'t [ReadListener],
    /// Entries that no release can read.
    pub faults: Slices<'t>,
    /// True when an unknown part may hold further entries.
    pub open: bool,
}

impl<'t> Listeners<'t> {
    /// The entries that can be read, in order.
    pub fn iter(&self) -> impl Iterator<Item = Listener<'t>> + use<'t> {
        let all = self.listeners;
        self.text.into_iter().flat_map(move |text| {
            all.iter().map(move |l| Listener {
                entry: text.part(l.entry),
                name: l.name.over(text),
                host: text.part(l.host),
                port_text: text.part(l.port_text),
                port: l.port,
            })
        })
    }

    /// True when no entry can be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    /// The names, upper case, in order.
    pub fn names(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.iter().map(|l| l.name)
    }

    /// The listener called `name` (upper case).
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Listener<'t>> {
        self.iter().find(|l| l.name == name)
    }

    /// True when nothing about the names is unknown.
    #[must_use]
    pub fn names_known(&self) -> bool {
        !self.open && self.names().all(|name| !name.contains(HOLE))
    }
}

fn listener(entry: Slice<'_>) -> Option<ReadListener> {
    let s = entry.as_str();
    let at = s.as_bytes().windows(3).rposition(|w| w == b"://")?;
    let (host, port_text) = entry.range(at + 3..s.len()).rsplit_once(b':')?;
    let digits = port_text.as_str();
    let number = digits.strip_prefix('-').unwrap_or(digits);
    if number.is_empty() || !number.chars().all(|c| c.is_ascii_digit() || c == HOLE) {
        return None;
    }
    let inner = host.as_str().strip_prefix('[').unwrap_or(host.as_str());
    let skip = host.as_str().len() - inner.len();
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    if !inner.chars().all(is_host_char) {
        return None;
    }
    Some(ReadListener {
        entry: entry.extent(),
        name: ReadName::of(entry.range(0..at)),
        host: host.range(skip..skip + inner.len()).extent(),
        port_text: port_text.extent(),
        port: port_text.known().and_then(|port| port.parse().ok()),
    })
}

/// `name` in upper case.
fn upper(name: &str) -> Cow<'_, str> {
    let is_upper = |b: u8| b.is_ascii() && !b.is_ascii_lowercase();
    if name.bytes().all(is_upper) { name.into() } else { name.to_uppercase().into() }
}

/// The protocols Kafka knows.
pub const PROTOCOLS: [&str; 4] = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];

/// One entry of the protocol map.
#[derive(Debug, Clone, Copy)]
pub struct Mapping<'t> {
    /// The whole entry.
    pub entry: Slice<'t>,
    /// The listener name, upper-cased.
    pub name: &'t str,
    /// The protocol as written, trimmed.
    pub protocol: Slice<'t>,
}

/// What a protocol map holds, kept beside its text.
#[derive(Debug)]
pub struct ReadProtocolMap {
    mappings: Vec<ReadMapping>,
    faults: Vec<Extent>,
    open: bool,
}

#[derive(Debug)]
struct ReadMapping {
    entry: Extent,
    name: ReadName,
    protocol: Extent,
}

impl ReadProtocolMap {
    /// Reads `NAME:PROTOCOL,…`: split at the last `:`; a trailing comma is fine, a leading one is not
    /// (`CoreUtils.parseCsvMap`).
    #[must_use]
    pub fn of(value: &Text) -> ReadProtocolMap {
        let mut out = ReadProtocolMap { mappings: Vec::new(), faults: Vec::new(), open: false };
        let all: Vec<_> = list::elements(value.slice()).collect();
        let last = all.iter().rposition(|e| !e.is_empty());
        for (i, entry) in all.iter().enumerate() {
            if entry.is_empty() {
                if last.is_some_and(|l| i < l) {
                    out.faults.push(entry.extent());
                }
                continue;
            }
            match entry.rsplit_once(b':') {
                Some((name, protocol)) => out.mappings.push(ReadMapping {
                    entry: entry.extent(),
                    name: ReadName::of(name.trim()),
                    protocol: protocol.trim().extent(),
                }),
                None if entry.has_hole() => out.open = true,
                None => out.faults.push(entry.extent()),
            }
        }
        out
    }

    /// The map; `text` is what it was read from.
    #[must_use]
    pub fn over<'t>(&'t self, text: &'t Text) -> ProtocolMap<'t> {
        ProtocolMap {
            text,
            mappings: &self.mappings,
            faults: Slices::new(text, &self.faults),
            open: self.open,
        }
    }
}

/// A written protocol map.
#[derive(Debug, Clone, Copy)]
pub struct ProtocolMap<'t> {
    text: &'t Text,
    mappings: &'t [ReadMapping],
    /// Entries without a `:`.
    pub faults: Slices<'t>,
    /// True when an unknown part may hold further entries.
    pub open: bool,
}

impl<'t> ProtocolMap<'t> {
    /// The entries with a separator, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Mapping<'t>> + use<'t> {
        let text = self.text;
        self.mappings.iter().map(move |m| Mapping {
            entry: text.part(m.entry),
            name: m.name.over(text),
            protocol: text.part(m.protocol),
        })
    }

    /// The protocol of `name` (upper case); the last entry wins.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Mapping<'t>> {
        self.iter().rev().find(|m| m.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};
    use crate::text::{Encoding, Text};

    fn text(s: &str) -> Text {
        Text::literal(s, Span { file: FileId(0), start: 0, end: s.len() as u32 }, Encoding::default())
    }

    #[test]
    fn reads_listeners() {
        let t = text("plain://:9092, CONTROLLER://[::1]:9093,,X://a b:1,Y://h:1/,Z:9");
        let read = ReadListeners::of(&t);
        let l = read.over(&t);
        let got: Vec<_> = l.iter().map(|l| (l.name, l.host(), l.port())).collect();
        assert_eq!(got, [("PLAIN", Some(""), Some(9092)), ("CONTROLLER", Some("::1"), Some(9093))]);
        assert_eq!(l.faults.len(), 3);
    }

    #[test]
    fn reads_the_protocol_map() {
        let t = text("A:PLAINTEXT, b : ssl ,C,");
        let read = ReadProtocolMap::of(&t);
        let m = read.over(&t);
        assert_eq!(m.get("B").map(|m| m.protocol.as_str()), Some("ssl"));
        assert_eq!(m.faults.len(), 1);
        assert_eq!(ReadProtocolMap::of(&text(",A:SSL")).faults.len(), 1);
    }
}
