//! Stand-alone property files: server, client, formatted directory, or nothing of Kafka's. Told by content; the name
//! only decides what content leaves open.

use super::client::{Client, ClientKind};
use super::node::{Known, Meta, MissingId, Node, Origin, Setting, Settings};
use super::place::Stack;
use crate::image::Image;
use crate::kafka::catalog::{self, Scope};
use crate::kafka::version::VersionSet;
use crate::properties::Properties;
use crate::source::{FileId, Span, path};
use crate::text::Text;

/// What a property file configures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Server,
    Client(ClientKind),
    Meta,
}

/// Keys that only a server's file has.
const SERVER_MARKS: [&str; 8] = [
    "process.roles",
    "node.id",
    "broker.id",
    "controller.quorum.voters",
    "controller.quorum.bootstrap.servers",
    "controller.listener.names",
    "advertised.listeners",
    "inter.broker.listener.name",
];

/// What `properties`, read from `name`, configure.
pub(super) fn classify(name: &str, properties: &Properties) -> Option<Kind> {
    let name = path::file_name(name).to_lowercase();
    let keys = || properties.properties.iter().map(|p| p.key.as_str());
    // Even an empty one makes its directory count as formatted.
    if name == "meta.properties" {
        return Some(Kind::Meta);
    }
    if keys().any(|k| SERVER_MARKS.contains(&k)) {
        return Some(Kind::Server);
    }
    // Kafka's own names, for what only such a file is for.
    let called = match name.as_str() {
        "producer.properties" => Some((ClientKind::Producer, Scope::Producer)),
        "consumer.properties" => Some((ClientKind::Consumer, Scope::Consumer)),
        "admin.properties" => Some((ClientKind::Admin, Scope::Admin)),
        _ => None,
    };
    if let Some((kind, scope)) = called
        && (properties.properties.is_empty() || keys().any(|key| !catalog::defs(scope, key).is_empty()))
    {
        return Some(Kind::Client(kind));
    }
    let (mut server, mut producer, mut consumer, mut admin, mut worker) = (0, 0, 0, 0, false);
    for key in keys() {
        let known = |scope| !catalog::defs(scope, key).is_empty();
        let (s, p, c, a) =
            (known(Scope::Server), known(Scope::Producer), known(Scope::Consumer), known(Scope::Admin));
        // Only what tells them apart counts.
        server += usize::from(s && !p && !c);
        producer += usize::from(p && !c && !s);
        consumer += usize::from(c && !p && !s);
        admin += usize::from(a);
        worker |= matches!(key, "key.converter" | "offset.storage.topic" | "offset.storage.file.filename");
    }
    let has_servers = keys().any(|k| k == "bootstrap.servers");
    if server >= 3 && !has_servers && server > producer + consumer {
        return Some(Kind::Server);
    }
    if worker {
        return has_servers.then_some(Kind::Client(ClientKind::Service));
    }
    let named = |part: &str| name.contains(part);
    let is_named_so = named("producer") && producer > 0 || named("consumer") && consumer > 0;
    if !has_servers && !is_named_so {
        return None;
    }
    Some(Kind::Client(if producer > 0 && consumer > 0 && !named("producer") && !named("consumer") {
        // One file for all programs.
        ClientKind::Admin
    } else if producer > consumer {
        ClientKind::Producer
    } else if consumer > producer {
        ClientKind::Consumer
    } else if named("producer") {
        ClientKind::Producer
    } else if named("consumer") {
        ClientKind::Consumer
    } else if admin > 0 || has_servers {
        ClientKind::Admin
    } else {
        return None;
    }))
}

fn settings(properties: &Properties) -> Settings {
    let mut settings = Settings::default();
    for property in &properties.properties {
        settings.set(Setting {
            name: property.key.clone(),
            mapped: None,
            value: property.value.clone(),
            origin: Origin::File,
            overrides: Vec::new(),
        });
    }
    settings
}

/// The place of the first setting, for what is not set at all.
fn anchor(file: FileId, properties: &Properties) -> Span {
    let first = |key: &str| properties.properties.iter().find(|p| p.key.as_str() == key);
    let at = first("process.roles").or_else(|| first("node.id")).or_else(|| properties.properties.first());
    at.map_or(Span { file, start: 0, end: 0 }, |p| p.key.span())
}

/// The node that a server file configures.
pub(super) fn node(
    file: FileId,
    name: &str,
    folder: &str,
    properties: &Properties,
    versions: VersionSet,
) -> Node {
    Node {
        name: name.to_owned(),
        anchor: anchor(file, properties),
        files: vec![file],
        folder: folder.to_owned(),
        image: Image::unknown(),
        unknown_image: None,
        image_known: true,
        versions,
        service: None,
        settings: settings(properties),
        open: None,
        cluster_ids: Vec::new(),
        formats: Vec::new(),
        missing_id: MissingId::Unknown,
        metas: Vec::new(),
        unformatted: Vec::new(),
        entry: None,
        stack: Stack::SomeHost,
        known: Known::default(),
    }
}

/// The client that a file configures.
pub(super) fn client(
    file: FileId,
    name: &str,
    folder: &str,
    kind: ClientKind,
    properties: &Properties,
) -> Client {
    let settings = settings(properties);
    let servers = settings.get("bootstrap.servers");
    let bootstrap = servers.map(|s| vec![(s.name.clone(), s.value.clone())]).unwrap_or_default();
    Client {
        name: name.to_owned(),
        kind,
        files: vec![file],
        folder: folder.to_owned(),
        anchor: anchor(file, properties),
        bootstrap,
        settings,
        parts: Vec::new(),
        open: None,
        service: None,
        versions: VersionSet::all(),
    }
}

/// The formatted directory that a `meta.properties` tells of.
pub(super) fn meta(file: FileId, folder: &str, properties: &Properties) -> Meta {
    let get = |key: &str| -> Option<Text> {
        properties.properties.iter().rev().find(|p| p.key.as_str() == key).map(|p| p.value.clone())
    };
    Meta {
        file,
        cluster_id: get("cluster.id"),
        node_id: get("node.id"),
        broker_id: get("broker.id"),
        version: get("version"),
        directory_id: get("directory.id"),
        folder: folder.to_owned(),
    }
}
