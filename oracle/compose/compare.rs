//! Reads answers of `go run . project`, one a line, and writes a JSON list of what kraftlint says otherwise for each. For `fuzz`.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

#[path = "../../testcases/harness/projects.rs"]
mod projects;

use std::io::{BufRead, Write};

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = serde_json::from_str(&line.expect("text")).expect("JSON");
        let found = std::panic::catch_unwind(|| projects::differences(&answer));
        let found = found.unwrap_or_else(|_| vec!["kraftlint panics".to_owned()]);
        serde_json::to_writer(&mut out, &found).expect("standard output");
        out.write_all(b"\n").and_then(|()| out.flush()).expect("standard output");
    }
}
