//! `ports`: what a service publishes on its host.
//!
//! The short form is read as docker/go-connections does (`nat.ParsePortSpec`), the long one as compose-go
//! (`transform/ports.go`, `types/types.go`). Whether something listens there is the business of the rules.

use std::collections::BTreeMap;

use crate::hash::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};

use super::load::{Run, Stage};
use super::model::{Field, RawService};
use super::mounts::{has_own, made_long, stays_short, unify, was_apart};
use super::service::shape;
use super::values::Values;
use super::{LongPort, Port, PortRange, canonical, scalar};
use crate::interpolate::Mode;
use crate::source::Span;
use crate::text::{HOLE, Text};
use crate::yaml::{self, NodeId, Plain};

/// A range longer than this stays one entry; Compose makes an entry of each of its ports.
const EXPANDED: u16 = 64;

/// What one entry of `ports` comes to.
pub(super) enum Parsed {
    /// These ports. The second part tells that the port on the host is written as a number in the long form: such an
    /// entry is never the same as one that has it as a text.
    Ports(Vec<Port>, bool),
    /// It cannot be told for a part that is not known.
    Open,
    /// Compose refuses it: why.
    Refused(String),
}

/// An entry while lists are put together.
struct Entry {
    /// What makes it one with another: as it is written, and in its long form.
    keys: (String, String),
    /// What it is written as, for as long as the short form is not read as the long one.
    deep: Option<String>,
    /// Its long form, for what is written so: keys, values, and whether the value is a number.
    long: Option<BTreeMap<String, (String, bool)>>,
    /// What is written short is read as the long form.
    in_full: bool,
    span: Span,
    port: Port,
    /// An include brought it.
    is_included: bool,
}

impl Entry {
    /// At the end of an include what its entries leave out is put in (`transform/defaults.go`).
    fn complete(&mut self) {
        let has = |key: &str| self.long.as_ref().map_or(self.in_full, |long| long.contains_key(key));
        if self.is_included && !(has("mode") && has("protocol")) {
            self.deep =
                self.deep.take().map(|deep| if deep.starts_with('=') { deep } else { format!("= {deep}") });
        }
    }
}

/// `ports` of all places, each port once: the later at the place of the earlier. Then whether a port may be missing, and
/// where the last key stands.
pub(super) fn read(run: &mut Run<'_, '_>, name: &str, raw: &RawService) -> (Vec<Port>, bool, Option<Span>) {
    if let Some(found) = alone(run, raw) {
        return found;
    }
    let (mut open, mut key): (bool, Option<Span>) = (false, None);
    let mut list: Vec<Entry> = Vec::new();
    let mut layers = 0;
    let is_merged = raw.of(Field::Ports).nth(1).is_some();
    let (mut known, mut is_half): (HashSet<String>, bool) = (HashSet::default(), false);
    for layer in raw.of(Field::Ports).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        if shape(run, &values, raw, layer, name, layers) {
            continue;
        }
        layers += 1;
        let is_included = layer.at.scope != 0 && !layer.is_base;
        // An include is looked at once more together with what who includes it says, with what was left out put in.
        let is_over_include = !is_included && list.iter().all(|e| e.is_included);
        let is_apart = was_apart(run, raw, layer);
        if !is_included || is_apart {
            list.iter_mut().for_each(Entry::complete);
        }
        // What stood there before the service and what it extends came on top.
        if !is_half {
            known = list.iter().filter_map(|e| e.deep.clone()).collect();
        }
        key = Some(values.tree().span(layer.key));
        open |= !values.tree().is_sequence(layer.at.node);
        let mut own: Vec<Entry> = Vec::new();
        // Worked out when it is needed.
        let mut gone = None;
        for item in values.tree().items(layer.at.node) {
            let found = match entry(&values, *item) {
                Parsed::Open => {
                    open = true;
                    continue;
                }
                Parsed::Refused(message) => {
                    open = true;
                    let gone: &HashSet<NodeId> =
                        gone.get_or_insert_with(|| canonical::replaced(run, raw, layer));
                    if !values.file.has_template && !gone.contains(item) {
                        run.problems.refuse(values.span(*item), Some(name), message);
                    }
                    continue;
                }
                Parsed::Ports(ports, is_number) => ports.into_iter().map(move |port| (port, is_number)),
            };
            let number =
                |key: &str, text: &str| scalar::atoi(text).filter(|_| key == "target").map(|n| n.to_string());
            let deep = is_merged.then(|| values.deep_after(*item, number));
            // A short form is at first only a text, or a number, and becomes several ports later.
            let written = values.text(*item).map(|t| t.as_str().to_owned());
            let long = || {
                let entries = values.tree().entries(*item);
                let pair = |e: &yaml::Entry| {
                    let value =
                        values.text(e.value).map_or_else(|| values.deep(e.value), |t| t.as_str().to_owned());
                    let is_number = values.plain(e.value) != Some(Plain::String);
                    (values.tree().str(e.key).unwrap_or("").to_owned(), (value, is_number))
                };
                let mut all = BTreeMap::new();
                all.extend(entries.iter().map(pair));
                all
            };
            for (i, (port, is_number)) in found.enumerate() {
                let later = self::key(&port, is_number);
                let first = written.as_ref().map_or_else(|| later.clone(), |text| format!("{text} {i}"));
                let long = written.is_none().then(long);
                let deep = deep.as_ref().map(|deep| format!("{deep} {i}"));
                let span = values.span(*item);
                own.push(Entry { keys: (first, later), deep, long, in_full: false, span, port, is_included });
            }
        }
        if is_apart || layer.is_base && !stays_short(raw, layer) {
            own = in_full(own);
        }
        if is_apart && is_included {
            own.iter_mut().for_each(Entry::complete);
        }
        // What is put together with others loses what stands there already (`override/merge.go`).
        own.retain(|e| e.deep.as_ref().is_none_or(|deep| known.insert(deep.clone())) || layers == 1);
        list.append(&mut own);
        is_half = has_own(raw, layer);
        if is_half {
            continue;
        }
        list = unify(list, |e| &e.keys.0);
        twins(run, name, &list, is_over_include);
        list = in_full(list);
    }
    // Long forms are looked at when all documents are put together (`validation/validation.go`, `checkIPAddress`).
    for entry in list.iter().filter(|e| e.port.long.is_some() && run.stage != Stage::Document) {
        if let Some(host) = entry.port.host_ip.as_ref().filter(|h| h.parse::<IpAddr>().is_err()) {
            run.problems.refuse(entry.span, Some(name), format!("no IP address: `{host}`"));
        }
    }
    // By itself an include is not looked at that way.
    if run.stage != Stage::Included && list.iter().all(|e| e.is_included) {
        twins(run, name, &list, true);
    }
    (list.into_iter().map(|e| e.port).collect(), open, key)
}

/// What [`read`] comes to where nothing is put together: one place with few entries, all short, known and different. Nearly
/// every service is like that.
fn alone(run: &mut Run<'_, '_>, raw: &RawService) -> Option<(Vec<Port>, bool, Option<Span>)> {
    const FEW: usize = 16;
    let mut places = raw.of(Field::Ports);
    let layer = places.next().filter(|l| l.drops.is_none() && places.next().is_none())?;
    let values = run.values(layer.at.file, layer.at.scope);
    let items = values.tree().items(layer.at.node);
    if items.is_empty() || items.len() > FEW {
        return None;
    }
    let mut ports: Vec<Port> = Vec::with_capacity(items.len());
    for item in items {
        let Parsed::Ports(found, _) = entry(&values, *item) else { return None };
        for port in found {
            if port.long.is_some() || ports.len() > FEW || ports.iter().any(|p| may_be_one(p, &port)) {
                return None;
            }
            ports.push(port);
        }
    }
    if !run.spend(&values, layer.at.node) {
        return Some((Vec::new(), false, None));
    }
    Some((ports, false, Some(values.tree().span(layer.key))))
}

/// False when the [`key`]s of two ports in the short form differ for sure.
fn may_be_one(a: &Port, b: &Port) -> bool {
    a.target == b.target && a.published == b.published && a.protocol == b.protocol
}

/// Each port once, in its long form.
fn in_full(list: Vec<Entry>) -> Vec<Entry> {
    let mut list = unify(list, |e| &e.keys.0);
    for entry in &mut list {
        entry.keys.0.clone_from(&entry.keys.1);
        entry.deep = entry.deep.take().map(made_long);
        entry.in_full = true;
    }
    unify(list, |e| &e.keys.0)
}

/// The long form that Compose makes of a short one.
fn long_form(port: &Port) -> BTreeMap<String, (String, bool)> {
    let mut all = BTreeMap::new();
    let mut set = |key: &str, value: String, is_number| all.insert(key.to_owned(), (value, is_number));
    set("mode", "ingress".to_owned(), false);
    set("protocol", port.protocol.clone(), false);
    set("target", port.target.start.to_string(), true);
    if let Some(published) = port.published {
        set("published", range_text(published), false);
    }
    if let Some(host) = &port.host_ip {
        set("host_ip", host.clone(), false);
    }
    all
}

/// Refuses two entries that are the same in all they say, which the schema does. A number that comes later is the
/// same as a text of its digits, for that is how its library compares them; but not in a long list, where it asks their
/// hashes first (jsonschema v6 `util.go`, `duplicates`). `included`: only the entries of includes are looked at, with
/// what they left out put in (`transform/defaults.go`).
fn twins(run: &mut Run<'_, '_>, name: &str, list: &[Entry], included: bool) {
    if run.mode == Mode::Open || list.iter().all(|e| e.port.long.is_none()) {
        return;
    }
    const LONG: usize = 20;
    // What is written in short is one item until it is made long.
    let is_short = |item: &[Entry]| item.iter().all(|e| !e.in_full && !e.is_included);
    let count = |item: &[Entry]| item.iter().map(|e| e.port.target.count()).sum();
    let items = list.chunk_by(|a, b| a.span == b.span);
    let length: usize = items.map(|item| if is_short(item) { 1 } else { count(item) }).sum();
    let mut seen: HashMap<Vec<(String, String)>, Vec<Vec<bool>>> = HashMap::default();
    for entry in list {
        let made = || entry.in_full.then(|| long_form(&entry.port));
        let Some(mut long) = entry.long.clone().or_else(made) else { continue };
        if included && entry.is_included {
            long.entry("mode".to_owned()).or_insert_with(|| ("ingress".to_owned(), false));
            long.entry("protocol".to_owned()).or_insert_with(|| ("tcp".to_owned(), false));
        }
        // Texts are cast to that at once.
        if let Some(target) = long.get_mut("target") {
            target.1 = true;
        }
        let numbers: Vec<bool> = long.values().map(|v| v.1).collect();
        let values = long.into_iter().map(|(key, value)| (key, value.0)).collect();
        let before = seen.entry(values).or_default();
        let is_like = |(old, new): (&bool, &bool)| old == new || *new && length <= LONG;
        let is_same = |old: &Vec<bool>| old.iter().zip(&numbers).all(is_like);
        if before.iter().any(is_same) {
            run.problems.refuse(entry.span, Some(name), "this port stands twice in `ports`");
        }
        before.push(numbers);
    }
}

/// The entry at `item`, in either form.
pub(super) fn entry(values: &Values, item: NodeId) -> Parsed {
    if values.tree().is_mapping(item) {
        if values.is_template(item) {
            return Parsed::Open;
        }
        return long(values, item);
    }
    let Some(text) = values.text(item) else { return Parsed::Refused("a port cannot be a list".to_owned()) };
    match values.plain(item) {
        Some(Plain::String | Plain::Integer) => short(&text),
        Some(Plain::Null) => Parsed::Refused("a port cannot be empty".to_owned()),
        _ => Parsed::Refused(format!("`{}` is no port", text.as_str())),
    }
}

/// `[[host_ip:][published]:]target[/protocol]`
pub(super) fn short(text: &Text) -> Parsed {
    let whole = text.slice();
    let refused = |what: &str, part: &str| Parsed::Refused(format!("{what}: `{part}`"));
    if whole.is_all_hole() {
        return Parsed::Open;
    }
    let (front, target) = whole.rsplit_once(b':').unwrap_or((whole.range(0..0), whole));
    let (host, published) = match front.rsplit_once(b':') {
        Some((host, published)) => (Some(host), published),
        None => (None, front),
    };
    let (target, protocol) = match target.split_once(b'/') {
        Some((target, rest)) => (target, rest.split(b'/').next().unwrap_or(rest)),
        None => (target, target.range(0..0)),
    };
    if target.has_hole() || protocol.has_hole() {
        return Parsed::Open;
    }
    let protocol = match protocol.as_str() {
        "" => "tcp".to_owned(),
        name => name.to_ascii_lowercase(),
    };
    if target.is_empty() {
        return refused("no port in the container", whole.as_str());
    }
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return refused("unknown protocol", &protocol);
    }
    let Some(target_range) = range(target.as_str()) else {
        return refused("no port of a container", target.as_str());
    };
    if target_range.start == 0 {
        return refused("no port of a container", target.as_str());
    }
    let (host_ip, host_ip_unknown) = match host {
        None => (None, false),
        Some(host) if host.has_hole() => (None, true),
        Some(host) if host.is_empty() => (None, false),
        Some(host) => match address(host.as_str()) {
            Some(ip) => (Some(ip.to_owned()), false),
            None => return refused("no IP address", host.as_str()),
        },
    };
    let (published_range, published_unknown) = match published {
        p if p.has_hole() => (None, true),
        p if p.is_empty() => (None, false),
        p => match range(p.as_str()) {
            Some(range) => (Some(range), false),
            None => return refused("no port of a host", p.as_str()),
        },
    };
    let (targets, hosts) = (width(target_range), published_range.map(width));
    if targets > 0 && hosts.is_some_and(|h| h != targets) {
        let message =
            format!("ranges of different length: `{}` and `{}`", published.as_str(), target.as_str());
        return Parsed::Refused(message);
    }
    let port = Port {
        text: text.clone(),
        host_ip,
        host_ip_unknown,
        published: published_range,
        published_unknown,
        target: target_range,
        protocol,
        long: None,
    };
    Parsed::Ports(expand(port), false)
}

/// A port for each of a range of ports in the container.
fn expand(port: Port) -> Vec<Port> {
    let width = width(port.target);
    if width == 0 || width > EXPANDED {
        return vec![port];
    }
    let one = |n: u16| PortRange { start: n, end: n };
    (0..=width)
        .map(|i| Port {
            target: one(port.target.start.saturating_add(i)),
            published: port.published.map(|p| one(p.start.saturating_add(i))),
            ..port.clone()
        })
        .collect()
}

/// How many ports lie behind the first.
fn width(range: PortRange) -> u16 {
    range.end.saturating_sub(range.start)
}

/// `range` as Compose writes it.
fn range_text(range: PortRange) -> String {
    if range.start == range.end { range.start.to_string() } else { format!("{}-{}", range.start, range.end) }
}

/// A port or `first-last`: decimal digits only, leading zeros allowed (`nat.ParsePortRange`).
fn range(s: &str) -> Option<PortRange> {
    let port = |s: &str| s.bytes().all(|b| b.is_ascii_digit()).then(|| s.parse::<u16>().ok()).flatten();
    let mut parts = s.split('-');
    let start = port(parts.next()?)?;
    let end = parts.next().map_or(Some(start), port)?;
    (start <= end).then_some(PortRange { start, end })
}

/// An IP address; an IPv6 one stands in brackets (`net.SplitHostPort`).
fn address(s: &str) -> Option<&str> {
    match s.strip_prefix('[').and_then(|s| s.strip_suffix(']')) {
        Some(bare) => bare.parse::<IpAddr>().is_ok().then_some(bare),
        None => s.parse::<Ipv4Addr>().is_ok().then_some(s),
    }
}

/// `{target, published, host_ip, protocol, mode}`. Compose checks little of it.
fn long(values: &Values, item: NodeId) -> Parsed {
    let tree = values.tree();
    let text = |key: &str| {
        tree.get(item, key).filter(|e| !values.is_null(e.value)).and_then(|e| values.text(e.value))
    };
    let Some(target) = text("target") else {
        return Parsed::Refused("a port without `target`".to_owned());
    };
    let number = |text: &Text, plain: Option<Plain>| match plain {
        Some(Plain::Integer) => text.as_str().parse::<i64>().ok(),
        _ => scalar::atoi(text.as_str()),
    };
    let plain = tree.get(item, "target").and_then(|e| values.plain(e.value));
    let whole = values.whole(item);
    if target.slice().has_hole() {
        return Parsed::Open;
    }
    let Some(target) = number(&target, plain) else {
        return Parsed::Refused(format!("no port of a container: `{}`", target.as_str()));
    };
    // A number that is no port passes here and fails later, in the engine.
    let port = u16::try_from(target).unwrap_or(0);
    let host = text("host_ip");
    let is_number = tree.get(item, "published").and_then(|e| values.plain(e.value)) == Some(Plain::Integer);
    let (mut published, mut published_unknown) = (None, false);
    if let Some(p) = text("published").filter(|p| !p.as_str().is_empty()) {
        published = range(p.as_str());
        published_unknown = published.is_none();
    }
    let protocol = text("protocol");
    if protocol.as_ref().is_some_and(|p| p.slice().has_hole()) {
        return Parsed::Open;
    }
    let host_ip_unknown = host.as_ref().is_some_and(|h| h.as_str().contains(HOLE));
    let port = Port {
        text: whole,
        host_ip: host.filter(|_| !host_ip_unknown).map(|h| h.as_str().to_owned()),
        host_ip_unknown,
        published,
        published_unknown,
        target: PortRange { start: port, end: port },
        long: Some(Box::new(LongPort { target, published: text("published"), mode: text("mode") })),
        protocol: protocol.map_or_else(|| "tcp".to_owned(), |p| p.as_str().to_owned()),
    };
    Parsed::Ports(vec![port], is_number)
}

/// What makes two entries one when files are merged (compose-go `override/uncity.go`, `portIndexer`). No host address
/// counts as 0.0.0.0.
pub(super) fn key(port: &Port, is_number: bool) -> String {
    let unknown = port.host_ip_unknown || port.published_unknown;
    let text = if unknown { port.text.as_str() } else { "" };
    let host = port.host_ip.as_deref().unwrap_or("0.0.0.0");
    let published = match &port.long {
        Some(long) => long.published.as_ref().map(|p| p.as_str().to_owned()),
        None => port.published.map(range_text),
    };
    // Long ones are not checked, so a number may be too large for a port.
    let target = port.long.as_ref().map_or(i64::from(port.target.start), |long| long.target);
    let (published, last) = (published.as_deref().unwrap_or("-"), port.target.end);
    format!("{host}:{published}:{target}-{last}/{} {is_number} {text}", port.protocol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};
    use crate::text::Encoding;

    fn shown(text: &Text) -> String {
        match short(text) {
            Parsed::Open => "open".to_owned(),
            Parsed::Refused(_) => "refused".to_owned(),
            Parsed::Ports(ports, _) => {
                let one = |p: &Port| {
                    let range = |r: PortRange| {
                        if r.start == r.end { r.start.to_string() } else { format!("{}-{}", r.start, r.end) }
                    };
                    let host = if p.host_ip_unknown { "?" } else { p.host_ip.as_deref().unwrap_or("*") };
                    let published =
                        if p.published_unknown { "?".into() } else { p.published.map_or("*".into(), range) };
                    format!("{host} {published} {} {}", range(p.target), p.protocol)
                };
                ports.iter().map(one).collect::<Vec<_>>().join(", ")
            }
        }
    }

    fn text(s: &str) -> Text {
        Text::literal(s, Span::new(FileId(0), 0..s.len()), Encoding::default())
    }

    #[test]
    fn reads_the_short_form() {
        for (input, want) in [
            ("9092", "* * 9092 tcp"),
            ("19092:9092/UDP", "* 19092 9092 udp"),
            ("127.0.0.1::9092", "127.0.0.1 * 9092 tcp"),
            ("[::1]:9092:9092", "::1 9092 9092 tcp"),
            ("9092-9093:9192-9193", "* 9092 9192 tcp, * 9093 9193 tcp"),
            ("9092-9094:9092", "* 9092-9094 9092 tcp"),
            ("1000-3000:1000-3000", "* 1000-3000 1000-3000 tcp"),
            (":9092", "* * 9092 tcp"),
            ("0:9092", "* 0 9092 tcp"),
            ("09:09", "* 9 9 tcp"),
            ("1/", "* * 1 tcp"),
            ("1:1/tcp/udp", "* 1 1 tcp"),
            ("\u{fdd0}:9092", "* ? 9092 tcp"),
            ("\u{fdd0}:19092:9092", "? 19092 9092 tcp"),
            ("19092:\u{fdd0}", "open"),
            ("\u{fdd0}", "open"),
        ] {
            assert_eq!(shown(&text(input)), want, "{input}");
        }
    }

    #[test]
    fn refuses_what_compose_refuses() {
        for input in [
            "::1:9092:9092",
            "9092-9094:9092-9093",
            "9092-:9092",
            "host:9092:9092",
            "99999:9092",
            "9092:0",
            "9092:abc",
            "9092:9092/foo",
            "",
            "9094-9092:9094-9092",
            "65536",
            " 9092:9092",
            "9092:9092 ",
            "9092:",
            "1.2.3.4:9092",
            "+1:1",
        ] {
            assert_eq!(shown(&text(input)), "refused", "{input:?}");
        }
    }
}
