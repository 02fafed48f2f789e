//! `listeners`, `advertised.listeners` and `listener.security.protocol.map`.
//!
//! Sources: `EndPoint` (up to 4.0), `SocketServerConfigs.listenerListToEndPoints` (4.1 and later): an entry matches
//! `^(.*)://\[?([0-9a-zA-Z\-%._:]*)\]?:(-?[0-9]+)` as a whole; the name is upper-cased.

use std::borrow::Cow;

use super::address::is_host_char;
use super::list;
use crate::text::{HOLE, Slice};

/// One entry that Kafka can read.
#[derive(Debug, Clone)]
pub struct Listener<'t> {
    /// The whole entry.
    pub entry: Slice<'t>,
    /// The name as written.
    pub name_text: Slice<'t>,
    /// The name as Kafka knows it, upper-cased; holds a [`HOLE`] when it is not known.
    pub name: Cow<'t, str>,
    /// The host, without brackets; empty for every interface.
    pub host: Slice<'t>,
    /// The port's digits, or a hole.
    pub port_text: Slice<'t>,
}

impl Listener<'_> {
    /// The port, when it is known and one.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port_text.known()?.parse().ok()
    }

    /// The number that Kafka reads, which may be no port; `None` when it is unknown, or too large for Kafka.
    #[must_use]
    pub fn number(&self) -> Option<i32> {
        self.port_text.known()?.parse().ok()
    }

    /// The host, when it is known.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.host.known()
    }
}

/// A list of listeners.
#[derive(Debug, Default)]
pub struct Listeners<'t> {
    /// The entries that can be read, in order.
    pub listeners: Vec<Listener<'t>>,
    /// Those that no release can read.
    pub faults: Vec<Slice<'t>>,
    /// True when an unknown part may hold further entries.
    pub open: bool,
}

impl<'t> Listeners<'t> {
    /// Reads a list of listeners.
    #[must_use]
    pub fn parse(value: Slice<'t>) -> Listeners<'t> {
        let mut out = Listeners::default();
        for entry in list::filled(value) {
            match listener(entry) {
                Some(listener) => out.listeners.push(listener),
                None if entry.has_hole() => out.open = true,
                None => out.faults.push(entry),
            }
        }
        out
    }

    /// The names, upper case, in order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.listeners.iter().map(|l| &*l.name).collect()
    }

    /// The listener called `name` (upper case).
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Listener<'t>> {
        self.listeners.iter().find(|l| l.name == name)
    }

    /// True when nothing about the names is unknown.
    #[must_use]
    pub fn names_known(&self) -> bool {
        !self.open && self.listeners.iter().all(|l| !l.name.contains(HOLE))
    }
}

fn listener(entry: Slice<'_>) -> Option<Listener<'_>> {
    let s = entry.as_str();
    let at = s.as_bytes().windows(3).rposition(|w| w == b"://")?;
    let name_text = entry.range(0..at);
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
    let name = upper(name_text.as_str());
    Some(Listener { entry, name_text, name, host: host.range(skip..skip + inner.len()), port_text })
}

/// `name` in upper case; most are written so.
fn upper(name: &str) -> Cow<'_, str> {
    let is_upper = |b: u8| b.is_ascii() && !b.is_ascii_lowercase();
    if name.bytes().all(is_upper) { name.into() } else { name.to_uppercase().into() }
}

/// The protocols Kafka knows.
pub const PROTOCOLS: [&str; 4] = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];

/// One entry of the protocol map.
#[derive(Debug, Clone)]
pub struct Mapping<'t> {
    /// The whole entry.
    pub entry: Slice<'t>,
    /// The listener name, upper-cased.
    pub name: Cow<'t, str>,
    /// The protocol as written, trimmed.
    pub protocol: Slice<'t>,
}

/// A written protocol map.
#[derive(Debug, Default)]
pub struct ProtocolMap<'t> {
    /// The entries with a separator, in order.
    pub mappings: Vec<Mapping<'t>>,
    /// Entries without a `:`.
    pub faults: Vec<Slice<'t>>,
    /// True when an unknown part may hold further entries.
    pub open: bool,
}

impl<'t> ProtocolMap<'t> {
    /// Reads `NAME:PROTOCOL,…`: split at the last `:`; a trailing comma is fine, a leading one is not
    /// (`CoreUtils.parseCsvMap`).
    #[must_use]
    pub fn parse(value: Slice<'t>) -> ProtocolMap<'t> {
        let mut out = ProtocolMap::default();
        let all: Vec<_> = list::elements(value).collect();
        let last = all.iter().rposition(|e| !e.is_empty());
        for (i, entry) in all.iter().enumerate() {
            if entry.is_empty() {
                if last.is_some_and(|l| i < l) {
                    out.faults.push(*entry);
                }
                continue;
            }
            match entry.rsplit_once(b':') {
                Some((name, protocol)) => {
                    let name = upper(name.trim().as_str());
                    out.mappings.push(Mapping { entry: *entry, name, protocol: protocol.trim() });
                }
                None if entry.has_hole() => out.open = true,
                None => out.faults.push(*entry),
            }
        }
        out
    }

    /// The protocol of `name` (upper case); the last entry wins.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Mapping<'t>> {
        self.mappings.iter().rev().find(|m| m.name == name)
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
        let l = Listeners::parse(t.slice());
        let got: Vec<_> = l.listeners.iter().map(|l| (&*l.name, l.host(), l.port())).collect();
        assert_eq!(got, [("PLAIN", Some(""), Some(9092)), ("CONTROLLER", Some("::1"), Some(9093))]);
        assert_eq!(l.faults.len(), 3);
    }

    #[test]
    fn reads_the_protocol_map() {
        let t = text("A:PLAINTEXT, b : ssl ,C,");
        let m = ProtocolMap::parse(t.slice());
        assert_eq!(m.get("B").map(|m| m.protocol.as_str()), Some("ssl"));
        assert_eq!(m.faults.len(), 1);
        assert_eq!(ProtocolMap::parse(text(",A:SSL").slice()).faults.len(), 1);
    }
}
