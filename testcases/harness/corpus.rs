//! Real clusters of strangers, where `KRAFTLINT_CORPUS` says they are; else these tests do not exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kraftlint::diagnostic::Severity;
use kraftlint::output::Format;
use kraftlint::report::{Node, Report};
use kraftlint::settings::Settings;
use kraftlint::source::MemoryFiles;
use libtest_mimic::Trial;

use super::view::{self, View};
use super::{Complaints, case, run, trial};

/// One folder of the corpus.
struct Entry {
    name: String,
    files: MemoryFiles,
    /// The first word of `SOURCE`: the repository.
    repository: String,
    /// Nobody suspects a mistake in it.
    unsuspected: bool,
    /// How many nodes it has by the index.
    nodes: usize,
}

pub(super) fn trials() -> Vec<Trial> {
    let named = std::env::var_os("KRAFTLINT_CORPUS").filter(|v| !v.is_empty());
    let Some(folder) = named.map(PathBuf::from) else { return Vec::new() };
    let folder = if folder.is_absolute() { folder } else { case::root().join(folder) };
    let entries = Arc::new(read(&folder));
    let mut trials = Vec::new();
    for i in 0..entries.len() {
        let all = Arc::clone(&entries);
        trials.push(trial(format!("corpus::{}", entries[i].name), move |c| sound(&all[i], c)));
    }
    let (a, b, d) = (Arc::clone(&entries), Arc::clone(&entries), Arc::clone(&entries));
    trials.push(trial("corpus::nodes are known", move |c| known(&a, c)));
    trials.push(trial("corpus::unsuspected clusters have no errors", move |c| unsuspected(&b, c)));
    trials.push(trial("corpus::repositories put together", move |c| together(&d, c)));
    trials
}

fn read(folder: &Path) -> Vec<Entry> {
    let index = fs::read_to_string(folder.join("index.csv"))
        .unwrap_or_else(|e| panic!("KRAFTLINT_CORPUS: {}: {e}", folder.join("index.csv").display()));
    let entries: Vec<Entry> = index.lines().skip(1).map(|line| entry(folder, &fields(line))).collect();
    assert!(!entries.is_empty(), "the corpus is empty");
    entries
}

fn entry(folder: &Path, fields: &[String]) -> Entry {
    let field = |i: usize| fields.get(i).map_or("", String::as_str);
    let below = folder.join(field(0));
    let mut files = MemoryFiles::default();
    for path in case::files_below(&below) {
        let name = path.strip_prefix(&below).unwrap().to_string_lossy().replace('\\', "/");
        if name != "SOURCE" {
            files.insert(&name, fs::read(&path).unwrap());
        }
    }
    let source = fs::read_to_string(below.join("SOURCE")).unwrap_or_default();
    let repository = source.split_whitespace().next().filter(|w| w.contains('/')).unwrap_or("").to_owned();
    Entry {
        name: field(0).to_owned(),
        files,
        repository,
        unsuspected: field(7).trim().is_empty(),
        nodes: field(3).parse().unwrap_or(0),
    }
}

/// The fields of a CSV line.
fn fields(line: &str) -> Vec<String> {
    let (mut out, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(String::new()),
            c => out.last_mut().unwrap().push(c),
        }
    }
    out
}

fn lint(files: &MemoryFiles) -> Report {
    kraftlint::lint(files, &[".".to_owned()], &Settings::new())
}

/// It is read without panic, and everything that is said of it can be printed and points at what is there.
fn sound(entry: &Entry, complaints: &mut Complaints) {
    let Ok(report) = panic::catch_unwind(|| lint(&entry.files)) else {
        complaints.add("lint() panics");
        return;
    };
    let again = run::render_all(&lint(&entry.files));
    for ((format, text), (_, second)) in run::render_all(&report).iter().zip(&again) {
        complaints.check(text == second, || format!("{format} differs the second time"));
    }
    let json = View::parse(&run::render(&report, Format::Json)).expect("JSON");
    view::spans(&report, &json, complaints);
}

/// In percent, rounded down.
fn share(part: usize, whole: usize) -> usize {
    part * 100 / whole.max(1)
}

type Known = fn(&Node) -> bool;

fn known(entries: &[Entry], complaints: &mut Complaints) {
    let what: [(&str, Known); 4] = [
        ("id", |n| n.id.is_some()),
        ("roles", |n| n.roles.is_some()),
        ("voters", |n| n.voters.is_some()),
        ("listeners", |n| n.listeners.is_some()),
    ];
    let (mut nodes, mut listed) = (0, 0);
    let mut counts = [0; 4];
    let mut lacking = Vec::new();
    for entry in entries {
        listed += entry.nodes;
        let report = lint(&entry.files);
        let kraft = |c: &&kraftlint::report::Cluster| {
            c.nodes.iter().any(|n| n.roles.as_ref().is_none_or(|roles| !roles.is_empty()))
        };
        for node in report.clusters.iter().filter(kraft).flat_map(|c| &c.nodes) {
            nodes += 1;
            for (count, (name, known)) in counts.iter_mut().zip(what) {
                if known(node) {
                    *count += 1;
                } else {
                    lacking.push(format!("{} {} {name}", entry.name, node.name));
                }
            }
        }
    }
    println!("corpus: {nodes} nodes of KRaft clusters in {} folders, {listed} by the index", entries.len());
    for (count, (name, _)) in counts.into_iter().zip(what) {
        let percent = share(count, nodes);
        println!("corpus: {name} is known of {count} ({percent} %)");
        complaints.check(percent >= 95, || {
            let list: Vec<_> = lacking.iter().filter(|l| l.ends_with(name)).take(30).cloned().collect();
            format!("{name}: known of {percent} % of the nodes. Not of:\n{}", list.join("\n"))
        });
    }
    let percent = share(nodes, listed);
    complaints.check(percent >= 95, || format!("{nodes} nodes were found of {listed}"));
}

fn unsuspected(entries: &[Entry], complaints: &mut Complaints) {
    let (mut all, mut calm) = (0, 0);
    let mut loud = Vec::new();
    for entry in entries.iter().filter(|e| e.unsuspected) {
        let report = lint(&entry.files);
        all += 1;
        let errors = report.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        let codes: BTreeSet<&str> = errors.map(|d| d.code.id()).collect();
        if codes.is_empty() && !report.nothing_found() {
            calm += 1;
        } else {
            loud.push(format!(
                "{}: {codes:?}{}",
                entry.name,
                if report.nothing_found() { " nothing found" } else { "" }
            ));
        }
    }
    let percent = share(calm, all);
    println!("corpus: {calm} of {all} unsuspected clusters have no error ({percent} %)");
    complaints.check(percent >= 80, || format!("{percent} %. These have errors:\n{}", loud.join("\n")));
}

/// A node that two runs see: its files and its id.
type Seen = (Vec<String>, Option<i64>, Option<Vec<String>>);

/// The node sets of the clusters. A client's cluster has none.
fn clusters(report: &Report) -> BTreeMap<Vec<Seen>, usize> {
    let mut out = BTreeMap::new();
    for cluster in report.clusters.iter().filter(|c| !c.nodes.is_empty()) {
        let mut nodes: Vec<Seen> =
            cluster.nodes.iter().map(|n| (n.files.clone(), n.id, n.listeners.clone())).collect();
        nodes.sort();
        *out.entry(nodes).or_default() += 1;
    }
    out
}

/// Folders of one repository are linted at its root as one by one: many examples stay many clusters.
fn together(entries: &[Entry], complaints: &mut Complaints) {
    let mut repositories: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|e| !e.repository.is_empty()) {
        repositories.entry(&entry.repository).or_default().push(entry);
    }
    let mut compared = 0;
    for (repository, members) in repositories {
        let mut files = MemoryFiles::default();
        let mut alone: BTreeMap<Vec<Seen>, usize> = BTreeMap::new();
        let mut taken: Vec<&str> = Vec::new();
        for entry in members {
            // Another commit of the same files cannot stand beside them, nor what another folder reads too.
            let there: BTreeMap<&str, &[u8]> = files.iter().collect();
            if entry.files.iter().any(|(name, _)| there.contains_key(name)) {
                continue;
            }
            let added: Vec<(String, Vec<u8>)> =
                entry.files.iter().map(|(n, b)| (n.to_owned(), b.to_owned())).collect();
            for (name, bytes) in added {
                files.insert(&name, bytes);
            }
            for (nodes, n) in clusters(&lint(&entry.files)) {
                *alone.entry(nodes).or_default() += n;
            }
            taken.push(&entry.name);
        }
        if taken.len() < 2 {
            continue;
        }
        compared += taken.len();
        let whole = clusters(&lint(&files));
        let name = |nodes: &Vec<Seen>| -> String {
            nodes.iter().map(|(files, id, _)| format!(" {}#{}", files.join("+"), id.unwrap_or(-1))).collect()
        };
        for (nodes, _) in alone.iter().filter(|(nodes, n)| whole.get(*nodes) != Some(n)) {
            complaints.add(format!("{repository}: only one by one:{}", name(nodes)));
        }
        for (nodes, _) in whole.iter().filter(|(nodes, n)| alone.get(*nodes) != Some(n)) {
            complaints.add(format!("{repository}: only together:{}", name(nodes)));
        }
    }
    println!("corpus: {compared} folders put together with others of their repository");
    complaints.check(compared > 0, || "no two folders are of one repository".to_owned());
}
