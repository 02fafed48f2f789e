//! Reads cases of `fuzz-format`, one a line, and writes for each a JSON list: per release the rules that refuse it.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

#[path = "../../testcases/harness/storage_tool.rs"]
mod storage_tool;

use std::io::{BufRead, Write};

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: serde_json::Value = serde_json::from_str(&line.expect("text")).expect("JSON");
        let found: Vec<Vec<&str>> = case["releases"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|release| {
                let release = release.as_str().unwrap_or_default();
                let found =
                    std::panic::catch_unwind(|| storage_tool::refusals(&storage_tool::files(&case), release));
                found.unwrap_or_else(|_| vec!["kraftlint panics"])
            })
            .collect();
        serde_json::to_writer(&mut out, &found).expect("standard output");
        out.write_all(b"\n").expect("standard output");
    }
}
