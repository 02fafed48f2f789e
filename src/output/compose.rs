//! One project as Compose has it: `kraftlint show --compose`. As YAML with the origin of each value behind it, or as JSON.
//!
//! Secrets are masked, as everywhere: the output is for reading, not for running.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use serde_json::{Map, Value, json};

use super::{Views, mask};
use crate::compose::{MountKind, MountSource, Open, Port, PortRange, Problem, Resolved, Service};
use crate::order;
use crate::settings::Home;
use crate::source::{Sources, Span, path};
use crate::text::Text;

/// Writes `{"refused": …, "services": {…}}`, and `not_seen` when something could not be seen.
///
/// # Errors
/// When `out` cannot be written.
pub fn json(resolved: &Resolved, sources: &Sources, home: &Home, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(sources);
    let refused = resolved.refused.as_ref().map(|(message, span)| {
        json!({
            "message": message,
            "file": span.map(|s| views.name(s)),
            "line": span.map(|s| views.position(s).0),
        })
    });
    let services: Map<String, Value> = resolved
        .project
        .services
        .iter()
        .map(|s| {
            (
                s.name.as_str().to_owned(),
                Value::Object(service(s, home).into_iter().map(|f| (f.key, f.value)).collect()),
            )
        })
        .collect();
    let mut all = Map::new();
    all.insert("refused".to_owned(), refused.into());
    all.insert("services".to_owned(), services.into());
    let not_seen: Vec<Value> = not_seen(resolved)
        .map(|o| json!({ "message": o.why, "file": views.name(o.span), "line": views.position(o.span).0 }))
        .collect();
    if !not_seen.is_empty() {
        all.insert("not_seen".to_owned(), not_seen.into());
    }
    serde_json::to_writer(&mut *out, &all)?;
    writeln!(out)
}

/// What the project names and nobody here looked at.
fn not_seen(resolved: &Resolved) -> impl Iterator<Item = &Open> {
    resolved.project.problems.iter().filter_map(|p| match p {
        Problem::NotSeen(open) => Some(open),
        _ => None,
    })
}

/// Writes YAML, the place of each value as a comment.
///
/// # Errors
/// When `out` cannot be written.
pub fn text(resolved: &Resolved, sources: &Sources, home: &Home, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(sources);
    if let Some((message, span)) = &resolved.refused {
        let place = span.map_or_else(String::new, |s| format!("{}: ", views.place(s)));
        return writeln!(out, "# {place}Compose refuses this: {}", super::plain(message));
    }
    for open in not_seen(resolved) {
        writeln!(out, "# {}: not seen: {}", views.place(open.span), super::plain(&open.why))?;
    }
    if resolved.project.services.is_empty() {
        return writeln!(out, "services: {{}}");
    }
    writeln!(out, "services:")?;
    let origin = |span: Option<Span>| span.map_or_else(String::new, |s| format!(" # {}", views.place(s)));
    for one in &resolved.project.services {
        writeln!(out, "  {}:{}", scalar(one.name.as_str()), origin(Some(one.name.span())))?;
        for field in service(one, home) {
            let named = |i: usize| origin(field.origins.get(i).copied().flatten());
            match &field.value {
                Value::Object(map) => {
                    writeln!(out, "    {}:", field.key)?;
                    for (i, (key, value)) in map.iter().enumerate() {
                        writeln!(out, "      {}: {}{}", scalar(key), flow(value), named(i))?;
                    }
                }
                Value::Array(items) if !items.is_empty() => {
                    writeln!(out, "    {}:", field.key)?;
                    for (i, item) in items.iter().enumerate() {
                        writeln!(out, "      - {}{}", flow(item), named(i))?;
                    }
                }
                value => writeln!(out, "    {}: {}{}", field.key, flow(value), named(0))?,
            }
        }
    }
    Ok(())
}

/// A field of a service, and the place of each of its values.
struct Field {
    key: String,
    value: Value,
    origins: Vec<Option<Span>>,
}

fn service(s: &Service, home: &Home) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut add = |key: &str, value: Value, origins: Vec<Option<Span>>| {
        fields.push(Field { key: key.to_owned(), value, origins });
    };
    let one = |text: &Text| (shown(text), vec![Some(text.span())]);
    for (key, text) in [
        ("image", &s.image),
        ("container_name", &s.container_name),
        ("hostname", &s.hostname),
        ("network_mode", &s.network_mode),
    ] {
        if let Some(text) = text.as_ref().filter(|t| !t.as_str().is_empty()) {
            let (value, origins) = one(text);
            add(key, value, origins);
        }
    }
    for (key, words) in [("entrypoint", &s.entrypoint), ("command", &s.command)] {
        if let Some(words) = words {
            let values: Vec<Value> = words.words.iter().map(shown).collect();
            add(key, values.into(), words.words.iter().map(|w| Some(w.span())).collect());
        }
    }
    if !s.environment.is_empty() {
        // As a mapping has no order, the names are sorted.
        let mut all: Vec<_> = s.environment.iter().collect();
        order::by_text(&mut all, |v| v.name.as_str());
        let value = |v: &crate::compose::Variable| match &v.value {
            Some(text) => mask::value(v.name.as_str(), text.as_str()).into(),
            None => Value::Null,
        };
        let map: Map<String, Value> = all.iter().map(|v| (v.name.as_str().to_owned(), value(v))).collect();
        let span = |v: &&crate::compose::Variable| Some(v.value.as_ref().unwrap_or(&v.name).span());
        add("environment", map.into(), all.iter().map(span).collect());
    }
    if !s.ports.is_empty() {
        let ports: Vec<(Value, Option<Span>)> =
            s.ports.iter().flat_map(|p| port(p).into_iter().map(|v| (v, Some(p.text.span())))).collect();
        let (values, origins): (Vec<Value>, Vec<_>) = ports.into_iter().unzip();
        add("ports", values.into(), origins);
    }
    let volumes: Vec<_> = s.mounts.iter().filter(|m| matches!(m.kind, MountKind::Volume(_))).collect();
    if !volumes.is_empty() {
        let values: Vec<Value> = volumes.iter().map(|m| volume(m, home)).collect();
        add("volumes", values.into(), volumes.iter().map(|m| Some(m.target.span())).collect());
    }
    if !s.networks.is_empty() && s.network_mode.as_ref().is_none_or(|m| m.as_str().is_empty()) {
        let mut all: Vec<_> = s.networks.iter().collect();
        order::by_text(&mut all, |n| n.name.as_str());
        let map: Map<String, Value> = all.iter().map(|a| (a.name.clone(), network(a))).collect();
        add("networks", map.into(), Vec::new());
    }
    let waits = dependencies(s);
    if !waits.is_empty() {
        let origins = waits.values().map(|(_, span)| Some(*span)).collect();
        let map: Map<String, Value> = waits.into_iter().map(|(name, (value, _))| (name, value)).collect();
        add("depends_on", map.into(), origins);
    }
    if !s.extra_hosts.is_empty() {
        let host =
            |(name, address): &(Text, Text)| Value::from(format!("{}={}", name.as_str(), address.as_str()));
        let values: Vec<Value> = s.extra_hosts.iter().map(host).collect();
        add("extra_hosts", values.into(), s.extra_hosts.iter().map(|h| Some(h.1.span())).collect());
    }
    if !s.profiles.is_empty() {
        let values: Vec<Value> = s.profiles.iter().map(shown).collect();
        add("profiles", values.into(), s.profiles.iter().map(|p| Some(p.span())).collect());
    }
    fields
}

/// The services that a service waits for: those it names, and those it cannot be without (compose-go `loader/normalize.go`).
fn dependencies(s: &Service) -> BTreeMap<String, (Value, Span)> {
    let mut all = BTreeMap::new();
    for d in &s.depends_on {
        let condition = d.condition.as_ref().map_or("service_started", Text::as_str);
        let value = json!({ "condition": condition, "required": d.required });
        all.insert(d.service.as_str().to_owned(), (value, d.service.span()));
    }
    let mode = s.network_mode.as_ref().and_then(|m| Some((m.as_str().strip_prefix("service:")?, m.span())));
    let needs = s.needs.iter().map(|n| (n.as_str(), n.span()));
    for (name, span) in s.links.iter().map(|l| (l.0.as_str(), l.0.span())).chain(mode).chain(needs) {
        let value = json!({ "condition": "service_started", "required": true, "restart": true });
        all.entry(name.to_owned()).or_insert((value, span));
    }
    all
}

fn shown(text: &Text) -> Value {
    mask::mask_message(text.as_str()).into()
}

/// The entries that Compose makes of one port: a range of ports becomes one for each.
fn port(port: &Port) -> Vec<Value> {
    let entry = |target: i64, published: Option<String>| {
        let mode = port.long.as_ref().and_then(|l| l.mode.as_ref()).map_or("ingress", Text::as_str);
        let mut map = Map::new();
        map.insert("mode".into(), mode.into());
        if let Some(ip) = &port.host_ip {
            map.insert("host_ip".into(), ip.as_str().into());
        }
        map.insert("target".into(), target.into());
        if let Some(published) = published.filter(|p| !p.is_empty()) {
            map.insert("published".into(), published.into());
        }
        map.insert("protocol".into(), port.protocol.as_str().into());
        Value::Object(map)
    };
    let range =
        |r: PortRange| if r.start == r.end { r.start.to_string() } else { format!("{}-{}", r.start, r.end) };
    if let Some(long) = &port.long {
        return vec![entry(long.target, long.published.as_ref().map(|p| p.as_str().to_owned()))];
    }
    let targets = port.target.start..=port.target.end;
    if targets.len() == 1 {
        return vec![entry(port.target.start.into(), port.published.map(range))];
    }
    let first = port.target.start;
    let published = |t: u16| port.published.map(|p| (u32::from(p.start) + u32::from(t - first)).to_string());
    targets.map(|t| entry(t.into(), published(t))).collect()
}

fn volume(mount: &crate::compose::Mount, home: &Home) -> Value {
    let kind = match mount.kind {
        MountKind::Volume(Some(kind)) => kind,
        _ => "volume",
    };
    let mut map = Map::new();
    map.insert("type".into(), kind.into());
    let source: Option<Cow<'_, str>> = match &mount.source {
        // compose-go leaves an absolute path as it is written (`paths/resolve.go`, `absPath`).
        MountSource::Bind(text, Some(_)) if text.as_str().starts_with('/') => Some(text.as_str().into()),
        MountSource::Bind(_, Some(path)) => Some(path::join(&home.working_directory, path).into()),
        MountSource::Bind(text, None) | MountSource::Volume(text) | MountSource::Named(text) => {
            Some(text.as_str().into())
        }
        MountSource::Anonymous | MountSource::Content(_) | MountSource::Other => None,
    };
    if let Some(source) = source {
        map.insert("source".into(), source.into());
    }
    // `path.Clean` of Go, in the long form too.
    let target = path::normalise(mount.target.as_str());
    map.insert("target".into(), if target.is_empty() { ".".into() } else { target.into() });
    if mount.read_only {
        map.insert("read_only".into(), true.into());
    }
    Value::Object(map)
}

fn network(attachment: &crate::compose::Attachment) -> Value {
    let mut map = Map::new();
    if !attachment.aliases.is_empty() {
        let aliases: Vec<&str> = attachment.aliases.iter().map(Text::as_str).collect();
        map.insert("aliases".into(), aliases.into());
    }
    if let Some(address) = &attachment.address {
        map.insert("ipv4_address".into(), address.as_str().into());
    }
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

/// A value in YAML's flow style, which is JSON's but for strings that need no quotes.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

/// A string that YAML reads as that string: plain where that is sure.
fn scalar(text: &str) -> String {
    let text = super::plain(text);
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '@' | ',' | '=');
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_'));
    // `yes`, `null` and their like are longer or shorter than what is left plain by their letters alone.
    let word = matches!(
        text.to_ascii_lowercase().as_str(),
        "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null"
    );
    if starts && !word && text.chars().all(safe) {
        return text.into_owned();
    }
    serde_json::to_string(&text).unwrap_or_default()
}
