//! `kraftlint init`: a commented `kraftlint.toml` that fits the folder. Everything in it is as without it.
//!
//! Prose starts with `# `, a setting that can be switched on with `#` alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::args::{Init, Reading, RuleArgs};
use super::config::NAME;
use super::{Failure, Outcome, note, read, write};
use crate::diagnostic::Code;
use crate::order;
use crate::output;
use crate::report::{Cluster, Report};
use crate::source::path;

/// Where the JSON schema of the settings is published, for editors.
const SCHEMA: &str = concat!(
    "https://raw.githubusercontent.com/kraftlint/kraftlint/v",
    env!("CARGO_PKG_VERSION"),
    "/dist/kraftlint.schema.json"
);

pub(super) fn run(args: &Init) -> Result<Outcome, Failure> {
    let target = path::join(&args.folder, NAME);
    if Path::new(&target).exists() {
        return Err(Failure(format!("{target} exists already")));
    }
    let reading = Reading { paths: vec![args.folder.clone()], isolated: true, ..Reading::default() };
    let report = read::input(&reading, &RuleArgs::default())?.lint();
    write::files(&[(&target, text(&report, &path::normalise(&args.folder)).as_bytes())])?;
    note(&format!("Wrote {target}: {}", output::summary(&report)));
    Ok(Outcome::Clean)
}

/// The file. Keys come before tables, so that every line can be switched on by itself.
fn text(report: &Report, folder: &str) -> String {
    let mut out = format!(
        "#:schema {SCHEMA}\n# Settings of kraftlint. Nothing is set yet: take away a `#` to set it.\n"
    );
    let mut part = |comment: &str, lines: &[String]| {
        out.push('\n');
        for line in comment.lines() {
            out.push_str(&format!("# {}\n", output::plain(line)));
        }
        for line in lines {
            out.push_str(&format!("#{line}\n"));
        }
    };
    let releases = releases(report);
    let example = releases.first().and_then(|r| r.split(' ').next()).unwrap_or("4.1");
    let found =
        if releases.is_empty() { String::new() } else { format!("\nFound here: {}.", releases.join("; ")) };
    part(
        &format!("The Kafka releases that run, instead of what image tags say: 3.9, 4.0.1, 3.7..4.1.{found}"),
        &[format!("kafka-version = {}", quoted(example))],
    );
    part("What the cluster is for: dev or prod.", &["deployment = \"prod\"".to_owned()]);
    part(
        "The exit code is 1 from this severity on: error, warning, info, never.",
        &["fail-on = \"warning\"".to_owned()],
    );
    part("What could not be seen (KL903) is an error.", &["strict = true".to_owned()]);
    part("A comment that ignores a finding must say why.", &["require-reason = true".to_owned()]);
    part(
        "The findings of today, so that only new ones are told: made by `kraftlint baseline create`.",
        &["baseline = \"kraftlint-baseline.json\"".to_owned()],
    );
    let rules = rules(report);
    let example = rules.first().map_or("KL402", |code| code.id());
    let names: Vec<String> = rules.iter().map(|c| format!("{} {}", c.id(), c.name())).collect();
    let found = if names.is_empty() { String::new() } else { format!("\nFound here: {}.", names.join(", ")) };
    part(
        &format!("Rules that are not asked: codes, names, or prefixes of codes.{found}"),
        &[format!("ignore = [{}]", quoted(example))],
    );
    part("The severity of a rule.", &["[severity]".to_owned(), format!("{example} = \"info\"")]);
    part(
        "Rules that are not told about some files: patterns as in .gitignore.",
        &["[per-path-ignores]".to_owned(), format!("\"legacy/\" = [{}]", quoted(example))],
    );
    let node = report.clusters.iter().flat_map(|c| &c.nodes).next().map_or("kafka-1", |n| last_two(&n.name));
    part(
        "The same for nodes, by the names that `kraftlint show` gives.",
        &[
            "[per-node-ignores]".to_owned(),
            format!("{} = [{}]", quoted(&format!("**/{node}")), quoted(example)),
        ],
    );
    let images = unknown_images(report);
    let found = if images.is_empty() { "" } else { " Those here are not known." };
    let mut lines = vec!["[images]".to_owned()];
    lines.extend(images.iter().map(|image| format!("{} = \"apache\"", quoted(image))));
    if images.is_empty() {
        lines.push("\"registry.example.com/kafka\" = \"apache\"".to_owned());
    }
    part(
        &format!(
            "Images of your own, and what they are made from: apache, confluent, bitnami, ….{found}\nWithout a tag; the \
             registry host may be left out."
        ),
        &lines,
    );
    part(
        "What one `docker compose` call reads, where the names of the files do not tell.",
        &[
            "[[project]]".to_owned(),
            "files = []".to_owned(),
            "env_files = []".to_owned(),
            "profiles = []".to_owned(),
        ],
    );
    let mut lines = Vec::new();
    let clusters: Vec<&Cluster> = report.clusters.iter().filter(|c| !c.nodes.is_empty()).collect();
    for cluster in clusters.iter().take(20) {
        let paths: Vec<String> = paths(cluster, folder).iter().map(|p| quoted(p)).collect();
        lines.push("[[cluster]]".to_owned());
        lines.push(format!("name = {}", quoted(&cluster.name)));
        lines.push(format!("paths = [{}]", paths.join(", ")));
    }
    if lines.is_empty() {
        lines = vec!["[[cluster]]".to_owned(), "name = \"orders\"".to_owned(), "paths = [\".\"]".to_owned()];
    }
    part("Which nodes are one cluster, where the files do not tell. Found here:", &lines);
    out
}

/// `3.9.1 (host1/kafka, host2/kafka)`, the most frequent first.
fn releases(report: &Report) -> Vec<String> {
    let mut nodes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for node in report.clusters.iter().flat_map(|c| &c.nodes) {
        nodes.entry(node.versions.describe()).or_default().push(&node.name);
    }
    let mut all: Vec<_> = nodes.into_iter().collect();
    order::by_key(&mut all, |(_, names)| usize::MAX - names.len());
    let shown = |(version, names): (String, Vec<&str>)| {
        let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
        let names: Vec<&str> = names.into_iter().take(3).collect();
        format!("{version} ({}{more})", names.join(", "))
    };
    all.into_iter().take(5).map(shown).collect()
}

/// `host1/kafka` of `deploy/host1/kafka`.
fn last_two(name: &str) -> &str {
    let slash = name.rmatch_indices('/').nth(1);
    slash.and_then(|(at, _)| name.get(at + 1..)).unwrap_or(name)
}

/// The rules that find something here.
fn rules(report: &Report) -> BTreeSet<Code> {
    report.diagnostics.iter().map(|d| d.code).collect()
}

/// Repositories of images that kraftlint does not know.
fn unknown_images(report: &Report) -> BTreeSet<String> {
    let model = report.model.as_ref();
    let spans = model.iter().flat_map(|m| &m.nodes).filter_map(|n| n.unknown_image);
    let repository = |image: String| {
        let image = image.trim_matches(['"', '\'']).to_owned();
        let name = image.split('@').next().unwrap_or("").to_owned();
        match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name.to_owned(),
            _ => name,
        }
    };
    let known = |name: &String| !name.is_empty() && !name.contains('$');
    spans.map(|span| repository(report.sources.text(span).into_owned())).filter(known).take(20).collect()
}

/// The folders of a cluster's nodes, seen from `folder`; a file where it stands in that folder itself.
fn paths(cluster: &Cluster, folder: &str) -> BTreeSet<String> {
    let seen = |file: &String| {
        let inside = if folder.is_empty() { Some(file.as_str()) } else { file.strip_prefix(folder) };
        let file = inside.map_or(file.as_str(), |f| f.trim_start_matches('/'));
        if path::parent(file).is_empty() { file.to_owned() } else { path::parent(file).to_owned() }
    };
    cluster.nodes.iter().filter_map(|n| n.files.first()).map(seen).collect()
}

/// A TOML string. What JSON writes is one (TOML 1.0, "String": the escapes of JSON are those of basic strings).
fn quoted(text: &str) -> String {
    serde_json::to_string(&output::plain(text)).unwrap_or_default()
}
