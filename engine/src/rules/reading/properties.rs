//! KL004, KL005, KL006, KL012, KL014: property files that do not say what they seem to say.
//!
//! Source: `java.util.Properties.load`, which Kafka reads every file with.

use crate::hash::HashMap;

use crate::cluster::{Document, DocumentKind};
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::kafka::catalog::{self, Scope, Type, Verdict};
use crate::kafka::version::VersionSet;
use crate::properties::{Problem, Property};
use crate::rules::{Context, Sink};
use crate::text::Slice;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for document in &cx.model.documents {
        let start = out.len();
        file(cx, document, out);
        let node = document.node.and_then(|n| cx.model.nodes.get(n));
        let cluster = document.node.and_then(|n| cx.cluster_of(n));
        for finding in out.iter_mut().skip(start) {
            finding.nodes.extend(node.map(|n| n.name.clone()));
            finding.cluster = cluster;
            finding.client = document.client;
        }
    }
}

/// Keys without which a KRaft node does not start.
const NEEDED: [&str; 6] = [
    "process.roles",
    "node.id",
    "broker.id",
    "controller.quorum.voters",
    "controller.listener.names",
    "listeners",
];

fn file(cx: &Context<'_>, document: &Document, out: &mut Sink) {
    for problem in &document.properties.problems {
        match problem {
            Problem::BadEscape { span, key } => {
                let by =
                    if document.kind == DocumentKind::Server { RefusedBy::Config } else { RefusedBy::Client };
                let mut finding =
                    Diagnostic::new(Code::KL004, *span, "a \\u must be followed by four hexadecimal digits")
                        .label("malformed escape")
                        .help("Java throws and the whole file is lost. Write \\\\ for a backslash.")
                        .effect(Effect::RefusesStart, Some(by));
                if let Some(key) = key {
                    finding = finding.key(key.clone());
                }
                out.push(finding);
            }
            Problem::ByteOrderMark { span, key } => {
                // Before a comment the mark only makes a key that nobody asks for.
                if key.starts_with(['#', '!']) {
                    continue;
                }
                let again =
                    document.properties.properties.iter().skip(1).any(|p| p.key.as_str() == key.as_str());
                let controller = document.node.and_then(|n| cx.model.nodes.get(n)).is_none_or(|n| {
                    n.settings.get("process.roles").is_none_or(|s| s.value.as_str().contains("controller"))
                });
                let needed = !again && NEEDED.contains(&key.as_str()) && (key != "listeners" || controller);
                let mut finding = Diagnostic::new(
                    Code::KL004,
                    *span,
                    format!(
                        "the file starts with a byte order mark, which becomes part of the first key, `{key}`"
                    ),
                )
                .label("an invisible mark")
                .help("Kafka does not see that first setting. Save the file without a byte order mark.")
                .key(key.clone());
                if !needed {
                    finding = finding.severity(Severity::Warning).effect(Effect::Misbehaves, None);
                }
                out.push(finding);
            }
            Problem::OpenEnd { .. } => {}
        }
    }
    let mut first: HashMap<&str, &Property> = HashMap::default();
    for property in &document.properties.properties {
        let key = property.key.as_str();
        if let Some(before) = first.insert(key, property) {
            duplicate(before, property, out);
        }
        stray(document, property, out);
        note(cx, document, property, out);
        quoted(document, property, out);
    }
}

fn duplicate(before: &Property, after: &Property, out: &mut Sink) {
    let key = after.key.as_str();
    let same = before.value.as_str().trim() == after.value.as_str().trim();
    let mut finding =
        Diagnostic::at(Code::KL005, after.key.slice(), format!("{key} stands twice; the last one wins"))
            .label(if same { "again, with the same value" } else { "this one counts" })
            .related_value(before.key.slice(), if same { "the same" } else { "this one is lost" })
            .help("Kafka takes the last value without a word. Keep the one that is meant.")
            .key(key);
    if same {
        finding = finding.severity(Severity::Info).effect(Effect::Hygiene, None);
    }
    out.push(finding);
}

/// The scopes whose keys mean something in a document.
fn scopes(kind: DocumentKind) -> &'static [Scope] {
    use crate::cluster::ClientKind;
    match kind {
        DocumentKind::Server => &[Scope::Server],
        DocumentKind::Client(ClientKind::Producer) => &[Scope::Producer],
        DocumentKind::Client(ClientKind::Consumer) => &[Scope::Consumer],
        DocumentKind::Client(_) => &[Scope::Admin, Scope::Producer, Scope::Consumer],
        DocumentKind::Meta => &[],
    }
}

pub(super) fn is_known(kind: DocumentKind, key: &str) -> bool {
    scopes(kind).iter().any(|s| !catalog::defs(*s, key).is_empty())
}

fn stray(document: &Document, property: &Property, out: &mut Sink) {
    let key = property.key.as_str();
    let alone = property.separator.is_empty() && property.value.as_str().is_empty();
    if !alone || is_known(document.kind, key) || key.is_empty() && property.line.is_empty() {
        return;
    }
    out.push(
        Diagnostic::new(
            Code::KL012,
            property.line,
            "this line is no setting: it has no separator and is no known key",
        )
        .label("read as a key without a value")
        .help("Kafka ignores it. Remove the line, or put a # before it."),
    );
}

/// `value # note` and `value // note`: where the note begins.
fn note_at(value: &str) -> Option<usize> {
    let mut previous_blank = false;
    for (i, c) in value.char_indices() {
        let begins = |mark| value.get(i..).is_some_and(|rest| rest.starts_with(mark));
        if previous_blank && (c == '#' || begins("//") || begins("--")) {
            return Some(i);
        }
        previous_blank = c == ' ' || c == '\t';
    }
    None
}

/// Keys whose values hold free text.
fn is_free_text(key: &str) -> bool {
    key.contains("jaas") || key.contains("password") || key.contains("secret") || key.ends_with(".rules")
}

fn note(cx: &Context<'_>, document: &Document, property: &Property, out: &mut Sink) {
    let (key, value) = (property.key.as_str(), property.value.as_str());
    let Some(at) = note_at(value) else { return };
    if document.kind == DocumentKind::Meta || is_free_text(key) || !is_known(document.kind, key) {
        return;
    }
    let note = property.value.slice().range(at..value.trim_end().len());
    let node = document.node.and_then(|n| cx.model.nodes.get(n)).map(|n| n.versions);
    let client = document.client.and_then(|c| cx.model.clients.get(c)).map(|c| c.versions);
    let versions = node.or(client).unwrap_or_else(VersionSet::all);
    // Lists whose every entry has a form: a note behind the last one breaks it.
    const FORMED: [&str; 5] = [
        "controller.quorum.voters",
        "listeners",
        "process.roles",
        "listener.security.protocol.map",
        "inter.broker.listener.name",
    ];
    let formed = document.kind == DocumentKind::Server && FORMED.contains(&key);
    let refusing = refuses(document.kind, key, value, versions);
    let refused = formed || refusing.is_some();
    let by = if document.kind == DocumentKind::Server { RefusedBy::Config } else { RefusedBy::Client };
    let mut finding = Diagnostic::at(Code::KL006, note, format!("this note is part of the value of {key}"))
        .label("read as part of the value")
        .related_value(property.key.slice(), "the setting")
        .help("A property file has no comments behind values. Put the note on a line of its own that starts with #.")
        .key(key);
    if refused {
        finding = finding.severity(Severity::Error).effect(Effect::RefusesStart, Some(by));
        finding.refused_in = refusing.filter(|_| !formed).unwrap_or(VersionSet::NONE);
        finding.message = format!("this note is part of the value of {key}, which Kafka therefore refuses");
    }
    out.push(finding);
}

/// The releases that know the key, if every one refuses the value by its type or range.
fn refuses(kind: DocumentKind, key: &str, value: &str, versions: VersionSet) -> Option<VersionSet> {
    let mut judged = VersionSet::NONE;
    for scope in scopes(kind).iter().take(1) {
        for def in catalog::defs(*scope, key) {
            let releases = VersionSet::from_bits(def.releases).and(versions);
            if releases.is_empty() {
                continue;
            }
            judged = judged.or(releases);
            if !matches!(catalog::accepts(def, value), Verdict::No(_)) {
                return None;
            }
        }
    }
    (!judged.is_empty()).then_some(judged)
}

fn quoted(document: &Document, property: &Property, out: &mut Sink) {
    let key = property.key.as_str();
    if document.kind == DocumentKind::Meta || is_free_text(key) || !is_known(document.kind, key) {
        return;
    }
    let value: Slice<'_> = property.value.slice().trim();
    let text = value.as_str();
    let closed = |q: char| text.len() >= 2 && text.starts_with(q) && text.ends_with(q);
    if !closed('"') && !closed('\'') {
        return;
    }
    let defs = scopes(document.kind).iter().flat_map(|s| catalog::defs(*s, key));
    if defs.into_iter().any(|d| d.ty == Type::Password) {
        return;
    }
    out.push(
        Diagnostic::at(Code::KL014, value, format!("the quotes are part of the value of {key}"))
            .label("Kafka sees the quotes too")
            .help("Property files do not know quotes. Write the value without them.")
            .key(key),
    );
}
