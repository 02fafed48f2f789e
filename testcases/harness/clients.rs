//! What the real constructors said of a client (`oracle/kafka/clients.py`) is its verdict, release by release.

use std::fs;

use kraftlint::kafka::version::{Release, VersionSet};
use kraftlint::settings::Settings;
use kraftlint::source::MemoryFiles;
use libtest_mimic::Trial;
use serde_json::Value;

use super::view::text;
use super::{Complaints, case, trial};

pub(super) fn trials() -> Vec<Trial> {
    vec![trial("clients::constructors".to_owned(), replay)]
}

fn replay(complaints: &mut Complaints) {
    let table = fs::read_to_string(case::root().join("testcases/oracle/kafka/clients.jsonl")).unwrap();
    for line in table.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let kind = text(&case["kind"]);
        let refused = case.get("refused").map_or(VersionSet::NONE, |ranges| releases(text(ranges)));
        let mut files = MemoryFiles::default();
        files.insert(&format!("{kind}.properties"), text(&case["file"]).as_bytes().to_vec());
        let mut settings = Settings::new();
        settings.kafka_version = Some(VersionSet::all());
        let report = kraftlint::lint(&files, &[".".to_owned()], &settings);
        let mut clients = report.clusters.iter().flat_map(|c| &c.clients);
        let (Some(client), None) = (clients.next(), clients.next()) else {
            complaints.add(format!("{line}\n  is not one client"));
            continue;
        };
        complaints.check(client.kind == kind, || format!("{line}\n  is a {}", client.kind));
        let wrong = client.verdicts.iter().filter(|(version, starts)| {
            let stops = Release::named(version)
                .is_some_and(|r| VersionSet::from_bits(1 << r.index()).within(refused));
            *starts != Some(!stops)
        });
        let wrong: Vec<_> = wrong.collect();
        complaints.check(wrong.is_empty(), || format!("{line}\n  {wrong:?}"));
        let starts =
            if VersionSet::all().within(refused) { Some(false) } else { refused.is_empty().then_some(true) };
        complaints.check(client.starts == starts, || format!("{line}\n  over all: {:?}", client.starts));
    }
}

/// `3.0.0-3.2.3,3.9.2,4.0.0-`
pub(super) fn releases(ranges: &str) -> VersionSet {
    let mut found = VersionSet::NONE;
    for range in ranges.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let from = Release::named(first).unwrap();
        let to = Release::named(last).or_else(|| VersionSet::all().newest()).unwrap();
        for index in from.index()..=to.index() {
            found = found.or(VersionSet::from_bits(1 << index));
        }
    }
    found
}
