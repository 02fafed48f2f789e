//! The founding checks do not depend on how a cluster is written down.
//!
//! A base cluster of three hosts is written in many ways: each slip must be found in all of them, at the same hosts and
//! as bad, and the correct cluster must stay without errors in all of them.

use std::collections::BTreeSet;

use kraftlint::kafka::version::VersionSet;
use kraftlint::report::Report;
use kraftlint::settings::Settings;
use kraftlint::source::{Files, MemoryFiles};
use libtest_mimic::Trial;

use super::order::Shuffled;
use super::{Complaints, trial};

/// What is run, and so how settings are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Apache,
    Confluent,
    Bitnami,
    /// `server.properties` and a script that formats.
    Properties,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quotes {
    None,
    Single,
    Double,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Via {
    Literal,
    /// `${V}` and a line of `.env`.
    Dotenv,
    /// `${V:-value}`
    Default,
}

/// How a cluster is written.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    hosts: [&'static str; 3],
    service: &'static str,
    list: bool,
    quotes: Quotes,
    via: Via,
    crlf: bool,
    bom: bool,
    comments: bool,
    /// Behind the key of a property.
    separator: &'static str,
    /// Properties are broken into several lines.
    folded: bool,
}

const NAMES: [&str; 3] = ["host1", "host2", "host3"];
const OTHER_NAMES: [&str; 3] = ["m-99.example.org", "rack-a.example.net", "rack-b.example.net"];
const TURNED_NAMES: [&str; 3] = ["zebra", "node2", "10.0.7.1"];

impl Shape {
    pub(super) fn plain(kind: Kind) -> Shape {
        Shape {
            kind,
            hosts: NAMES,
            service: "brokerbox",
            list: false,
            quotes: Quotes::None,
            via: Via::Literal,
            crlf: false,
            bom: false,
            comments: false,
            separator: "=",
            folded: false,
        }
    }
}

/// One host's node.
struct Node {
    host: String,
    id: u32,
    voters: Vec<(u32, String, u16)>,
    cluster_id: &'static str,
    ports: Vec<u16>,
    inter_broker: &'static str,
    message_max: u32,
}

const CLUSTER_ID: &str = "LelM2dIFQkiUFVXCECqRWA";

fn nodes(shape: &Shape) -> Vec<Node> {
    let voters: Vec<_> = (1..).zip(shape.hosts).map(|(id, host)| (id, host.to_owned(), 9093)).collect();
    let node = |(id, host): (u32, &str)| Node {
        host: host.to_owned(),
        id,
        voters: voters.clone(),
        cluster_id: CLUSTER_ID,
        ports: vec![9092, 9093],
        inter_broker: "PLAINTEXT",
        message_max: 10_485_760,
    };
    (1..).zip(shape.hosts).map(node).collect()
}

type Slip = fn(&mut [Node]);

/// The founding checks, each with the slip that it is there for.
const SLIPS: [(&str, Slip); 7] = [
    ("correct", |_| {}),
    ("KL101", |nodes| nodes[1].id = 1),
    ("KL116", |nodes| nodes[2].voters[1].2 = 9094),
    ("KL130", |nodes| nodes[2].cluster_id = "pT0sZb8qQ5GfWk3nJd6yHQ"),
    ("KL240", |nodes| nodes[1].ports.retain(|p| *p != 9093)),
    ("KL401", |nodes| nodes[1].message_max = 1_048_576),
    ("KL216", |nodes| nodes[1].inter_broker = "CONTROLLER"),
];

impl Node {
    /// Its settings by Kafka's names.
    fn settings(&self) -> Vec<(&'static str, String)> {
        let voters: Vec<_> =
            self.voters.iter().map(|(id, host, port)| format!("{id}@{host}:{port}")).collect();
        vec![
            ("node.id", self.id.to_string()),
            ("process.roles", "broker,controller".into()),
            ("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093".into()),
            ("advertised.listeners", format!("PLAINTEXT://{}:9092", self.host)),
            ("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT".into()),
            ("controller.listener.names", "CONTROLLER".into()),
            ("inter.broker.listener.name", self.inter_broker.into()),
            ("controller.quorum.voters", voters.join(",")),
            ("log.dirs", "/data/kafka".into()),
            ("offsets.topic.replication.factor", "3".into()),
            ("transaction.state.log.replication.factor", "3".into()),
            ("transaction.state.log.min.isr", "2".into()),
            ("message.max.bytes", self.message_max.to_string()),
            ("replica.fetch.max.bytes", "10485760".into()),
        ]
    }
}

/// The cluster with a slip, in files.
pub(super) fn files(shape: &Shape, slip: &str) -> MemoryFiles {
    let mut nodes = nodes(shape);
    let (_, apply) = SLIPS.iter().find(|(name, _)| *name == slip).expect("a known slip");
    apply(&mut nodes);
    let mut files = MemoryFiles::default();
    let mut put = |path: String, text: String, bom: bool| {
        // A script with CRLF does not run.
        let text = if shape.crlf && !path.ends_with(".sh") { text.replace('\n', "\r\n") } else { text };
        files.insert(&path, if bom { format!("\u{feff}{text}") } else { text });
    };
    for node in &nodes {
        if shape.kind == Kind::Properties {
            put(format!("{}/config/server.properties", node.host), properties(shape, node), false);
            let script = format!(
                "#!/bin/sh\nbin/kafka-storage.sh format -t {} -c config/server.properties\n",
                node.cluster_id
            );
            put(format!("{}/format.sh", node.host), script, false);
        } else {
            let (compose, dotenv) = compose(shape, node);
            put(format!("{}/docker-compose.yml", node.host), compose, shape.bom);
            if !dotenv.is_empty() {
                put(format!("{}/.env", node.host), dotenv, false);
            }
        }
    }
    files
}

fn properties(shape: &Shape, node: &Node) -> String {
    let mut out = String::new();
    for (key, value) in node.settings() {
        if shape.comments {
            out.push_str(&format!("# about {key}\n\n! another remark\n"));
        }
        let value = if shape.folded { value.replace(',', ",\\\n    ") } else { value };
        out.push_str(&format!("{key}{}{value}\n", shape.separator));
    }
    out
}

/// The compose file of a host, and its `.env`.
fn compose(shape: &Shape, node: &Node) -> (String, String) {
    let (image, prefix, cluster_id) = match shape.kind {
        Kind::Apache => ("apache/kafka:3.9.1", "KAFKA_", "CLUSTER_ID"),
        Kind::Confluent => ("confluentinc/cp-kafka:7.9.1", "KAFKA_", "CLUSTER_ID"),
        _ => ("bitnami/kafka:3.9.0", "KAFKA_CFG_", "KAFKA_KRAFT_CLUSTER_ID"),
    };
    let variable = |key: &str| format!("{prefix}{}", key.replace('.', "_").to_uppercase());
    let mut environment = vec![(cluster_id.to_owned(), node.cluster_id.to_owned())];
    environment.extend(node.settings().into_iter().map(|(key, value)| (variable(key), value)));
    let mut dotenv = String::new();
    let mut out = String::new();
    let remark = |out: &mut String, text: &str| {
        if shape.comments {
            out.push_str(&format!("      # {text}: über alles\n\n"));
        }
    };
    let quote = |text: String| match shape.quotes {
        Quotes::None => text,
        Quotes::Single => format!("'{text}'"),
        Quotes::Double => format!("\"{text}\""),
    };
    out.push_str(&format!(
        "services:\n  {}:\n    image: {}\n    ports:\n",
        shape.service,
        quote(image.into())
    ));
    for port in &node.ports {
        remark(&mut out, "a port");
        out.push_str(&format!("      - \"{port}:{port}\"\n"));
    }
    out.push_str("    environment:\n");
    for (name, value) in environment {
        remark(&mut out, &name);
        let value = match shape.via {
            Via::Literal => value,
            Via::Default => format!("${{MY_{name}:-{value}}}"),
            Via::Dotenv => {
                if shape.comments {
                    dotenv.push_str("# a remark\n");
                }
                dotenv.push_str(&format!("MY_{name}={value}\n"));
                format!("${{MY_{name}}}")
            }
        };
        let line = if shape.list {
            format!("- {}", quote(format!("{name}={value}")))
        } else {
            format!("{name}: {}", quote(value))
        };
        out.push_str(&format!("      {line}\n"));
    }
    out.push_str("    volumes:\n      - data:/data/kafka\nvolumes:\n  data:\n");
    (out, dotenv)
}

/// What a report says, whatever the way in which the cluster is written: the file of a label may be a `.env`, its
/// folder is the host.
fn signature(report: &Report, only_errors: bool) -> BTreeSet<(String, &'static str, usize)> {
    let one = |d: &kraftlint::diagnostic::Diagnostic| {
        let host = |path: &str| path.split('/').next().unwrap_or("").to_owned();
        let hosts: BTreeSet<_> = d.labels().map(|(l, _)| host(report.sources.name(l.span.file))).collect();
        (d.code.id().to_owned(), d.severity.name(), hosts.len())
    };
    let wanted = report
        .diagnostics
        .iter()
        .filter(|d| !only_errors || d.severity == kraftlint::diagnostic::Severity::Error);
    wanted.map(one).collect()
}

fn settings(kind: Kind) -> Settings {
    let mut settings = Settings::new();
    if kind == Kind::Properties {
        settings.kafka_version = Some(VersionSet::parse_range("3.9.1"));
    }
    settings
}

fn lint(files: &dyn Files, kind: Kind) -> Report {
    kraftlint::lint(files, &[".".to_owned()], &settings(kind))
}

type Change = fn(&mut Shape);

const COMMON: [(&str, Change); 5] = [
    ("hosts renamed", |s| s.hosts = OTHER_NAMES),
    ("hosts renamed, in another order", |s| s.hosts = TURNED_NAMES),
    ("CRLF", |s| s.crlf = true),
    ("remarks", |s| s.comments = true),
    ("CRLF and remarks", |s| (s.crlf, s.comments) = (true, true)),
];

const OF_COMPOSE: [(&str, Change); 14] = [
    ("service renamed", |s| s.service = "queuebox"),
    ("byte order mark", |s| s.bom = true),
    ("byte order mark and CRLF", |s| (s.bom, s.crlf) = (true, true)),
    ("list", |s| s.list = true),
    ("list in single quotes", |s| (s.list, s.quotes) = (true, Quotes::Single)),
    ("list in double quotes", |s| (s.list, s.quotes) = (true, Quotes::Double)),
    ("single quotes", |s| s.quotes = Quotes::Single),
    ("double quotes", |s| s.quotes = Quotes::Double),
    ("values in .env", |s| s.via = Via::Dotenv),
    ("values in .env, CRLF", |s| (s.via, s.crlf) = (Via::Dotenv, true)),
    ("values in .env, list, remarks", |s| (s.via, s.list, s.comments) = (Via::Dotenv, true, true)),
    ("values as defaults", |s| s.via = Via::Default),
    ("values as defaults in double quotes", |s| (s.via, s.quotes) = (Via::Default, Quotes::Double)),
    ("values as defaults, list", |s| (s.via, s.list) = (Via::Default, true)),
];

const OF_PROPERTIES: [(&str, Change); 4] = [
    ("blanks around the separator", |s| s.separator = " = "),
    ("colon", |s| s.separator = ": "),
    ("blank as separator", |s| s.separator = "  "),
    ("several lines", |s| s.folded = true),
];

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for kind in [Kind::Apache, Kind::Confluent, Kind::Bitnami, Kind::Properties] {
        let own: &[(&str, Change)] = if kind == Kind::Properties { &OF_PROPERTIES } else { &OF_COMPOSE };
        for (slip, _) in SLIPS {
            if kind == Kind::Properties && slip == "KL240" {
                // Nothing is published without containers.
                continue;
            }
            let name = |what: &str| format!("transformations::{slip}::{kind:?}::{what}");
            trials.push(trial(name("as it is"), move |c| base(kind, slip, c)));
            trials.push(trial(name("files in another order"), move |c| reordered(kind, slip, c)));
            trials.push(trial(name("three PATHs"), move |c| roots(kind, slip, c)));
            for (what, change) in COMMON.iter().chain(own) {
                trials.push(trial(name(what), move |c| changed(kind, slip, *change, c)));
            }
        }
    }
    for (slip, _) in SLIPS.into_iter().filter(|(slip, _)| *slip != "KL240") {
        trials.push(trial(format!("transformations::{slip}::compose or properties"), move |c| {
            let of = |kind| signature(&lint(&files(&Shape::plain(kind), slip), kind), true);
            c.equal("errors in properties and in compose files", &of(Kind::Apache), &of(Kind::Properties));
        }));
    }
    trials
}

/// The slip is found and no other error, or no error at all.
fn expect(report: &Report, slip: &str, complaints: &mut Complaints) {
    let errors: BTreeSet<String> = signature(report, true).into_iter().map(|(code, ..)| code).collect();
    let expected: BTreeSet<String> = (slip != "correct").then(|| slip.to_owned()).into_iter().collect();
    complaints.equal("errors", &expected, &errors);
    complaints.equal("clusters and nodes", &(1, 3), &(report.cluster_count(), report.node_count()));
}

fn base(kind: Kind, slip: &str, complaints: &mut Complaints) {
    expect(&lint(&files(&Shape::plain(kind), slip), kind), slip, complaints);
}

fn compare(base: &Report, other: &Report, complaints: &mut Complaints) {
    complaints.equal("(code, severity, hosts)", &signature(base, false), &signature(other, false));
}

fn reordered(kind: Kind, slip: &str, complaints: &mut Complaints) {
    let files = files(&Shape::plain(kind), slip);
    let base = lint(&files, kind);
    for seed in 0..3 {
        compare(&base, &lint(&Shuffled { files: &files, seed }, kind), complaints);
    }
}

fn roots(kind: Kind, slip: &str, complaints: &mut Complaints) {
    let files = files(&Shape::plain(kind), slip);
    let roots = ["host3", "host1", "host2"].map(str::to_owned);
    let report = kraftlint::lint(&files, &roots, &settings(kind));
    expect(&report, slip, complaints);
    compare(&lint(&files, kind), &report, complaints);
}

fn changed(kind: Kind, slip: &str, change: Change, complaints: &mut Complaints) {
    let plain = Shape::plain(kind);
    let mut shape = plain;
    change(&mut shape);
    let (before, after) = (lint(&files(&plain, slip), kind), lint(&files(&shape, slip), kind));
    expect(&after, slip, complaints);
    compare(&before, &after, complaints);
    if shape.hosts == TURNED_NAMES {
        // A message names the first of several nodes, which is another now.
        return;
    }
    // The messages are the same, with the new names.
    let rename = |text: &str| {
        let mut text = text.replace(plain.service, shape.service);
        for (old, new) in plain.hosts.iter().zip(shape.hosts) {
            text = text.replace(old, new);
        }
        text
    };
    let messages =
        |report: &Report| report.diagnostics.iter().map(|d| d.message.clone()).collect::<BTreeSet<_>>();
    let expected: BTreeSet<String> = messages(&before).iter().map(|m| rename(m)).collect();
    complaints.equal("messages", &expected, &messages(&after));
}
