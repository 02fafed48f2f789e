//! Commands of `kafka-storage format` in a folder of their own.
//!
//! Used by the harness, which replays what the released tools said, and by `oracle/kafka/format.rs`, which looks at fresh cases.

use std::fmt::Write as _;

use kraftlint::diagnostic::{RefusedBy, Severity};
use kraftlint::kafka::version::VersionSet;
use kraftlint::settings::Settings;
use kraftlint::source::MemoryFiles;
use serde_json::Value;

/// The folder of a case.
pub(crate) fn files(case: &Value) -> MemoryFiles {
    let here = |s: &str| s.replace("@DIR@/", "");
    let mut files = MemoryFiles::default();
    files.insert("server.properties", here(case["config"].as_str().unwrap_or_default()).into_bytes());
    let mut command = "kafka-storage.sh format".to_owned();
    for argument in case["args"].as_array().into_iter().flatten() {
        let _ = write!(command, " {}", quoted(&here(argument.as_str().unwrap_or_default())));
    }
    files.insert("format.sh", format!("#!/bin/sh\n{command}\n").into_bytes());
    for (path, content) in case["files"].as_object().into_iter().flatten() {
        files.insert(path, content.as_str().unwrap_or_default().as_bytes().to_vec());
    }
    files
}

fn quoted(argument: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./:=,@+%".contains(&b);
    if !argument.is_empty() && argument.bytes().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', "'\\''"))
}

/// The rules that say that the release refuses the command.
pub(crate) fn refusals(files: &MemoryFiles, release: &str) -> Vec<&'static str> {
    let mut settings = Settings::new();
    settings.kafka_version = Some(VersionSet::parse(release));
    let report = kraftlint::lint(files, &[".".to_owned()], &settings);
    let by_tool = |by| matches!(by, Some(RefusedBy::Format | RefusedBy::Config));
    let found = report.diagnostics.iter().filter(|d| d.severity == Severity::Error && by_tool(d.refused_by));
    found.map(|d| d.code.meta().name).collect()
}
