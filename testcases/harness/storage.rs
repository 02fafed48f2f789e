//! What the released kafka-storage tools said to format commands (`oracle/kafka`) is what kraftlint says of them.

use std::fs;

use kraftlint::kafka::catalog::RELEASES;
use libtest_mimic::Trial;
use serde_json::Value;

use super::storage_tool::{files, refusals};
use super::{Complaints, case, trial};

pub(super) fn trials() -> Vec<Trial> {
    vec![trial("oracle::format", replay)]
}

fn replay(complaints: &mut Complaints) {
    let table = fs::read_to_string(case::root().join("testcases/oracle/kafka/format.jsonl")).unwrap();
    for line in table.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let refusing = case["refused"].as_str().unwrap();
        let files = files(&case);
        let real: Vec<bool> = (0..RELEASES.len()).map(|i| within(i, refusing)).collect();
        for (i, release) in RELEASES.iter().enumerate() {
            // Between two releases of one mind lies no other.
            let alike = |j: Option<usize>| j.and_then(|j| real.get(j)).is_some_and(|r| *r == real[i]);
            if alike(i.checked_sub(1)) && alike(Some(i + 1)) {
                continue;
            }
            let found = refusals(&files, release);
            complaints.check(found.is_empty() != real[i], || {
                format!("{line}\n  {release}: Kafka refuses: {}, kraftlint: {found:?}", real[i])
            });
        }
    }
}

/// Is the release in `3.0.0-3.2.3,3.9.2,4.0.0-`?
fn within(index: usize, ranges: &str) -> bool {
    let place = |name: &str| RELEASES.iter().position(|r| *r == name).unwrap();
    ranges.split(',').filter(|r| !r.is_empty()).any(|range| match range.split_once('-') {
        None => place(range) == index,
        Some((from, "")) => place(from) <= index,
        Some((from, to)) => (place(from)..=place(to)).contains(&index),
    })
}
