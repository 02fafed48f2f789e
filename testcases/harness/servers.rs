//! What the real `KafkaConfig` said of a server (`oracle/kafka/servers.py`) is its verdict, release by release, and where Kafka's first
//! error names keys, an error of ours is about one of them. `docs/src/parity.md` tells how many cases that were.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Mutex;

use kraftlint::diagnostic::Severity;
use kraftlint::kafka::version::{Release, VersionSet};
use kraftlint::report::{Config, Report};
use kraftlint::settings::Settings;
use kraftlint::source::MemoryFiles;
use libtest_mimic::Trial;
use serde_json::Value;

use super::clients::releases;
use super::view::text;
use super::{Complaints, case, trial};

/// Values of which no file tells whether Kafka takes them: a plugin's class, what a provider fills in.
const OPEN: [&str; 3] = ["com.foo.Bar", "=x.Y\n", "${env:"];

/// The recording is replayed in so many parts, side by side.
const PARTS: usize = 4;

pub(super) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = (0..PARTS)
        .map(|part| {
            trial(format!("servers::config {}", part + 1), move |complaints| replay(part, complaints))
        })
        .collect();
    trials.push(trial("servers::parity page".to_owned(), page));
    trials
}

fn cases() -> Vec<Value> {
    let table = fs::read_to_string(case::root().join("testcases/oracle/kafka/servers.jsonl")).unwrap();
    table.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn refused(case: &Value) -> VersionSet {
    case.get("refused").map_or(VersionSet::NONE, |ranges| releases(text(ranges)))
}

fn lint(case: &Value, versions: VersionSet) -> Report {
    let mut files = MemoryFiles::default();
    files.insert("server.properties", text(&case["text"]).as_bytes().to_vec());
    let mut settings = Settings::new();
    settings.kafka_version = Some(versions);
    kraftlint::lint(&files, &[".".to_owned()], &settings)
}

fn replay(part: usize, complaints: &mut Complaints) {
    let cases = cases();
    assert!(cases.len() > 2000, "the recording is there");
    for case in cases.iter().skip(part).step_by(PARTS) {
        let refused = refused(case);
        let report = lint(case, VersionSet::all());
        let mut nodes = report.clusters.iter().flat_map(|c| &c.nodes);
        let (Some(node), None) = (nodes.next(), nodes.next()) else {
            complaints.add(format!("{case}\n  is not one node"));
            continue;
        };
        let wrong: Vec<String> = node
            .verdicts
            .iter()
            .filter(|v| {
                let stops = Release::named(v.version)
                    .is_some_and(|r| VersionSet::from_bits(1 << r.index()).within(refused));
                // What hangs on a class that no Kafka has is left open.
                v.config != Config::Unknown && (v.config == Config::Refused) != stops
            })
            .map(|v| format!("{} {:?}", v.version, v.config))
            .collect();
        complaints.check(wrong.is_empty(), || format!("{case}\n  {wrong:?}"));
        for (ranges, keys) in case["named"].as_object().into_iter().flatten() {
            about_named(case, releases(ranges), keys, complaints);
        }
    }
}

/// Is an error of ours about one of the keys that Kafka names, in the newest of these releases?
fn about_named(case: &Value, versions: VersionSet, keys: &Value, complaints: &mut Complaints) {
    let Some(newest) = versions.newest() else { return };
    let report = lint(case, VersionSet::from_bits(1 << newest.index()));
    let undecided = OPEN.iter().any(|value| text(&case["text"]).contains(value));
    let keys: Vec<&str> = text(keys).split(' ').collect();
    let mut errors = report.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let about = errors.any(|d| d.keys.iter().any(|key| keys.contains(&key.as_str())));
    complaints
        .check(about || undecided, || format!("{case}\n  {}: no error about any of {keys:?}", newest.name()));
}

/// One line of the page: a minor release, and what was asked of its patches.
#[derive(Default, Clone, Copy)]
struct Count {
    taken: usize,
    refused: usize,
    open: usize,
    different: usize,
}

fn page(complaints: &mut Complaints) {
    let cases = cases();
    let counts: Mutex<BTreeMap<usize, Count>> = Mutex::new(BTreeMap::new());
    let size = cases.len().div_ceil(PARTS);
    std::thread::scope(|scope| {
        for part in cases.chunks(size) {
            let counts = &counts;
            scope.spawn(move || part.iter().for_each(|case| count(case, counts)));
        }
    });
    let counts = counts.into_inner().unwrap();
    let mut table = String::new();
    for (index, count) in &counts {
        let release = VersionSet::from_bits(1 << index).describe();
        let Count { taken, refused, open, different } = count;
        writeln!(table, "| {release} | {taken} | {refused} | {open} | {different} |").unwrap();
    }
    let path = case::root().join("docs/src/parity.md");
    let written = fs::read_to_string(&path).unwrap();
    let (head, rest) = written.split_once("<!-- table -->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- end -->\n").unwrap();
    let header = "| release | taken | refused | left open | told otherwise |\n|---|---|---|---|---|\n";
    let current = format!("{head}<!-- table -->\n{header}{table}<!-- end -->\n{tail}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &current).unwrap();
    } else {
        complaints
            .check(current == written, || "docs/src/parity.md is not current: UPDATE_DOCS=1".to_owned());
    }
}

fn count(case: &Value, counts: &Mutex<BTreeMap<usize, Count>>) {
    let refused = refused(case);
    let report = lint(case, VersionSet::all());
    let mut counts = counts.lock().unwrap();
    for verdict in report.clusters.iter().flat_map(|c| &c.nodes).flat_map(|n| &n.verdicts) {
        let Some(release) = Release::named(verdict.version) else { continue };
        let count = counts.entry(release.index()).or_default();
        let stops = VersionSet::from_bits(1 << release.index()).within(refused);
        match (verdict.config, stops) {
            (Config::Unknown, _) => count.open += 1,
            (Config::Accepted, false) => count.taken += 1,
            (Config::Refused, true) => count.refused += 1,
            _ => count.different += 1,
        }
    }
}
